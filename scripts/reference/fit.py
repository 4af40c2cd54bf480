"""Whole runs: set_random_seed, build, compile, fit, evaluate, predict, on real data."""

import keras
import numpy as np

import datasets
from reference import camel_keys, tensor

TENSORS = datasets.load()
DIABETES = {"x": "diabetesX", "y": "diabetesY"}
IRIS = {"x": "irisX", "y": "irisClass"}

RUNS = [
    {
        "name": "the seed's program",
        "seed": 42,
        "layers": [("Dense", {"units": 10, "activation": "relu"}), ("Dense", {"units": 1})],
        "optimizer": ("Adam", {}),
        "loss": ("mse", None),
        "metrics": ["mae"],
        "train": {**DIABETES, "rows": [0, 354]},
        "test": {**DIABETES, "rows": [354, 442]},
        "fit": {"epochs": 10},
    },
    {
        "name": "linear regression",
        "seed": 0,
        "layers": [("Dense", {"units": 1})],
        "optimizer": ("SGD", {"learning_rate": 0.1}),
        "loss": ("mse", None),
        "metrics": [],
        "train": {**DIABETES, "rows": [0, 354]},
        "test": {**DIABETES, "rows": [354, 442]},
        "fit": {"epochs": 40, "batch_size": 354},
    },
    {
        "name": "logistic regression",
        "seed": 1,
        "layers": [("Dense", {"units": 1, "activation": "sigmoid"})],
        "optimizer": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
        "loss": ("binary_crossentropy", None),
        "metrics": ["accuracy"],
        "train": {"x": "irisX", "y": "irisVirginica", "rows": [0, 120]},
        "test": {"x": "irisX", "y": "irisVirginica", "rows": [120, 150]},
        "fit": {"epochs": 15},
    },
    {
        "name": "three-layer MLP with dropout",
        "seed": 1337,
        "layers": [
            ("Dense", {"units": 16, "activation": "relu"}),
            ("Dropout", {"rate": 0.3}),
            ("Dense", {"units": 12, "activation": "relu"}),
            ("Dropout", {"rate": 0.3}),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        "optimizer": ("Adam", {"learning_rate": 0.01}),
        "loss": ("sparse_categorical_crossentropy", None),
        "metrics": ["accuracy"],
        "train": {**IRIS, "rows": [0, 150]},
        "test": {**IRIS, "rows": [0, 150]},
        "fit": {"epochs": 20, "batch_size": 16, "validation_split": 0.2},
    },
    {
        "name": "adamw, validation data, no shuffle, a partial last batch",
        "seed": 7,
        "layers": [
            ("Dense", {"units": 12, "activation": "tanh", "kernel_initializer": "he_normal"}),
            ("Dense", {"units": 6, "activation": "gelu", "bias_initializer": "random_uniform"}),
            ("Dense", {"units": 1, "use_bias": False}),
        ],
        "optimizer": ("AdamW", {"learning_rate": 0.005, "weight_decay": 0.05}),
        "loss": ("Huber", {"delta": 0.8}),
        "metrics": ["mae", "mse"],
        "train": {**DIABETES, "rows": [0, 354]},
        "validation": {**DIABETES, "rows": [354, 420]},
        "test": {**DIABETES, "rows": [420, 442]},
        "fit": {"epochs": 8, "batch_size": 50, "shuffle": False},
    },
    {
        "name": "rmsprop, one-hot labels, label smoothing",
        "seed": 2024,
        "layers": [
            ("Dense", {"units": 8, "activation": "selu", "kernel_initializer": "lecun_normal"}),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        "optimizer": ("RMSprop", {"learning_rate": 0.005, "momentum": 0.5, "centered": True}),
        "loss": ("CategoricalCrossentropy", {"label_smoothing": 0.1}),
        "metrics": ["accuracy", "categorical_crossentropy"],
        "train": {"x": "irisX", "y": "irisOneHot", "rows": [0, 105]},
        "validation": {"x": "irisX", "y": "irisOneHot", "rows": [105, 150]},
        "test": {"x": "irisX", "y": "irisOneHot", "rows": [105, 150]},
        "fit": {"epochs": 10, "batch_size": 10},
    },
    {
        "name": "adagrad, logits, sample weights",
        "seed": 3,
        "layers": [("Dense", {"units": 9, "activation": "elu"}), ("Dense", {"units": 3})],
        "optimizer": ("Adagrad", {"learning_rate": 0.1}),
        "loss": ("SparseCategoricalCrossentropy", {"from_logits": True}),
        "metrics": ["accuracy"],
        "train": {**IRIS, "sampleWeight": "irisWeight", "rows": [0, 110]},
        "test": {**IRIS, "rows": [110, 150]},
        "fit": {"epochs": 10},
    },
    {
        "name": "steps of an epoch that goes on in the next, some validations of some steps",
        "seed": 11,
        "layers": [("Dense", {"units": 7, "activation": "relu"}), ("Dense", {"units": 1})],
        "optimizer": ("SGD", {"learning_rate": 0.02, "momentum": 0.8}),
        "loss": ("mae", None),
        "metrics": ["mse"],
        "train": {**DIABETES, "rows": [0, 300]},
        "validation": {**DIABETES, "rows": [300, 442]},
        "test": {**DIABETES, "rows": [300, 442]},
        "fit": {"epochs": 7, "batch_size": 32, "steps_per_epoch": 4, "validation_freq": 3, "validation_steps": 2},
    },
    {
        "name": "batches as large as the steps ask for",
        "seed": 12,
        "layers": [("Dense", {"units": 7, "activation": "relu"}), ("Dense", {"units": 1})],
        "optimizer": ("SGD", {"learning_rate": 0.02}),
        "loss": ("mse", None),
        "metrics": [],
        "train": {**DIABETES, "rows": [0, 301]},
        "validation": {**DIABETES, "rows": [301, 442]},
        "test": {**DIABETES, "rows": [301, 442]},
        "fit": {"epochs": 3, "steps_per_epoch": 4, "validation_steps": 2},
    },
    {
        "name": "class weights, weighted metrics, dropout, validation at epochs of a list",
        "seed": 21,
        "layers": [
            ("Dense", {"units": 12, "activation": "relu"}),
            ("Dropout", {"rate": 0.2}),
            ("Dense", {"units": 3, "activation": "softmax"}),
        ],
        "optimizer": ("Adam", {"learning_rate": 0.01}),
        "loss": ("sparse_categorical_crossentropy", None),
        "metrics": ["accuracy"],
        "weighted_metrics": ["accuracy", "sparse_categorical_crossentropy"],
        "train": {**IRIS, "rows": [0, 120]},
        "validation": {**IRIS, "sampleWeight": "irisWeight", "rows": [120, 150]},
        "test": {**IRIS, "rows": [120, 150]},
        "fit": {"epochs": 6, "class_weight": {0: 0.5, 1: 3.0, 2: 1.5}, "validation_freq": [1, 2, 6]},
    },
    {
        "name": "early stopping with the best weights, a rate that falls on a plateau",
        "seed": 31,
        "layers": [("Dense", {"units": 24, "activation": "relu"}), ("Dense", {"units": 1})],
        "optimizer": ("Adam", {"learning_rate": 0.1}),
        "loss": ("mse", None),
        "metrics": ["mae"],
        "train": {**DIABETES, "rows": [0, 120]},
        "validation": {**DIABETES, "rows": [120, 442]},
        "test": {**DIABETES, "rows": [120, 442]},
        "callbacks": [
            ("ReduceLROnPlateau", {"patience": 1, "factor": 0.5, "cooldown": 1, "min_lr": 0.02, "monitor": "val_mae"}),
            ("EarlyStopping", {"patience": 3, "restore_best_weights": True, "min_delta": 0.001, "start_from_epoch": 1}),
        ],
        "fit": {"epochs": 30},
    },
    {
        "name": "a scheduler of the rate, early stopping by accuracy with a baseline",
        "seed": 32,
        "layers": [("Dense", {"units": 8, "activation": "tanh"}), ("Dense", {"units": 3, "activation": "softmax"})],
        "optimizer": ("SGD", {"learning_rate": 0.2, "momentum": 0.9}),
        "loss": ("sparse_categorical_crossentropy", None),
        "metrics": ["accuracy"],
        "train": {**IRIS, "rows": [0, 150]},
        "test": {**IRIS, "rows": [0, 150]},
        "callbacks": [
            ("LearningRateScheduler", {"schedule": "halve"}),
            ("EarlyStopping", {"monitor": "accuracy", "patience": 4, "baseline": 0.9}),
        ],
        "fit": {"epochs": 25, "batch_size": 25},
    },
    {
        "name": "l1 and l2, an activity regularizer, a largest norm, dropout",
        "seed": 41,
        "layers": [
            (
                "Dense",
                {
                    "units": 12,
                    "activation": "relu",
                    "kernel_regularizer": ("L1L2", {"l1": 0.001, "l2": 0.01}),
                    "activity_regularizer": ("L2", {"l2": 0.02}),
                    "kernel_constraint": ("MaxNorm", {"max_value": 0.8}),
                    "bias_constraint": ("NonNeg", {}),
                },
            ),
            ("Dropout", {"rate": 0.2, "activity_regularizer": ("L1", {"l1": 0.003})}),
            ("Dense", {"units": 1, "bias_regularizer": ("L1", {"l1": 0.1})}),
        ],
        "optimizer": ("Adam", {"learning_rate": 0.01}),
        "loss": ("mse", None),
        "metrics": ["mae"],
        "train": {**DIABETES, "rows": [0, 354]},
        "validation": {**DIABETES, "rows": [354, 442]},
        "test": {**DIABETES, "rows": [354, 442]},
        "fit": {"epochs": 8, "batch_size": 50},
    },
    {
        "name": "orthogonal rows and columns, unit norms, norms between bounds",
        "seed": 42,
        "layers": [
            (
                "Dense",
                {
                    "units": 6,
                    "activation": "tanh",
                    "kernel_regularizer": ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
                    "kernel_constraint": ("UnitNorm", {}),
                },
            ),
            (
                "Dense",
                {
                    "units": 3,
                    "activation": "softmax",
                    "kernel_regularizer": ("OrthogonalRegularizer", {"factor": 0.1}),
                    "kernel_constraint": ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.7, "axis": 1}),
                },
            ),
        ],
        "optimizer": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
        "loss": ("sparse_categorical_crossentropy", None),
        "metrics": ["accuracy"],
        "train": {**IRIS, "rows": [0, 150]},
        "test": {**IRIS, "rows": [0, 150]},
        "fit": {"epochs": 6, "batch_size": 16, "validation_split": 0.2},
    },
    {
        "name": "a constraint after averages that overwrite the weights",
        "seed": 43,
        "layers": [("Dense", {"units": 5, "kernel_constraint": ("UnitNorm", {})}), ("Dense", {"units": 1})],
        "optimizer": ("SGD", {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3}),
        "loss": ("mse", None),
        "metrics": [],
        "train": {**DIABETES, "rows": [0, 200]},
        "test": {**DIABETES, "rows": [200, 300]},
        "fit": {"epochs": 5, "batch_size": 40},
    },
]


def ready(config):
    """The options of a layer, in which (class, options) stands for a regularizer or a constraint."""
    spaces = {"regularizer": keras.regularizers, "constraint": keras.constraints}
    made = lambda key, value: getattr(spaces[key.split("_")[-1]], value[0])(**value[1])
    return {key: made(key, value) if isinstance(value, tuple) else value for key, value in config.items()}


def written(config):
    """The same as JSON."""
    record = lambda name, options: {"className": name, "config": camel_keys(options)}
    return camel_keys({key: record(*value) if isinstance(value, tuple) else value for key, value in config.items()})


def halve(epoch, rate):
    return rate * 0.5 if epoch % 3 == 2 else rate


def callbacks_of(run):
    schedules = {"halve": halve}
    for name, config in run.get("callbacks", []):
        config = {key: schedules.get(value, value) if key == "schedule" else value for key, value in config.items()}
        yield getattr(keras.callbacks, name)(**config)


def make_model(run, eagerly=False):
    keras.utils.set_random_seed(run["seed"])
    stack = [getattr(keras.layers, name)(**ready(config)) for name, config in run["layers"]]
    model = keras.Sequential([keras.Input((4,)), *stack])
    optimizer, config = run["optimizer"]
    loss, args = run["loss"]
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer)(**config),
        loss=loss if args is None else getattr(keras.losses, loss)(**args),
        metrics=run["metrics"],
        weighted_metrics=run.get("weighted_metrics"),
        run_eagerly=eagerly,
    )
    return model


def take(part):
    lo, hi = part["rows"]
    return [TENSORS[part[key]][lo:hi] for key in ("x", "y", "sampleWeight") if key in part]


def train(run, eagerly=False):
    model = make_model(run, eagerly)
    initial = [np.asarray(w) for w in model.get_weights()]
    x, y, *weight = take(run["train"])
    extra = {"sample_weight": weight[0]} if weight else {}
    if "validation" in run:
        extra["validation_data"] = tuple(take(run["validation"]))
    history = model.fit(x, y, verbose=0, callbacks=list(callbacks_of(run)), **run["fit"], **extra)
    return model, initial, history.history


def rounding_gap(run, history, weights):
    """How far the same run drifts when it is not jitted, which changes nothing but rounding.

    History: the largest relative difference of one value. Weights: the same, relative to the largest |w| of the tensor.
    """
    model, _, other = train(run, eagerly=True)
    gap = lambda a, b: float(np.max(np.abs(np.subtract(a, b)) / np.maximum(np.abs(a), 1e-30)))
    return {
        "history": max(gap(values, other[key]) for key, values in history.items()),
        "weights": max(float(np.max(np.abs(a - b)) / np.max(np.abs(a))) for a, b in zip(weights, model.get_weights())),
    }


def spec(run):
    """The run in the words of the TypeScript API; `loss` is a name or a class with its options."""
    first, *rest = [{"layer": name.lower(), "config": written(config)} for name, config in run["layers"]]
    first["config"]["inputShape"] = [4]
    optimizer, config = run["optimizer"]
    loss, args = run["loss"]
    return {
        "name": run["name"],
        "seed": run["seed"],
        "layers": [first, *rest],
        "optimizer": {"name": optimizer.lower(), "config": camel_keys(config)},
        "loss": {"name": loss, "config": camel_keys(args or {})},
        "metrics": run["metrics"],
        "weightedMetrics": run.get("weighted_metrics", []),
        "callbacks": [{"name": name, "config": camel_keys(config)} for name, config in run.get("callbacks", [])],
        "fit": camel_keys(run["fit"]),
        **{part: run[part] for part in ("train", "validation", "test") if part in run},
    }


def record(run):
    model, initial, history = train(run)
    final = model.get_weights()
    test = take(run["test"])
    generators = [layer.seed_generator for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    return {
        **spec(run),
        "initialWeights": [tensor(w) for w in initial],
        "history": history,
        "finalWeights": [tensor(w) for w in final],
        "iterations": int(model.optimizer.iterations),
        "dropoutStates": [np.asarray(g.state.value).tolist() for g in generators],
        "evaluate": model.evaluate(*test, return_dict=True, verbose=0),
        "predict": tensor(model.predict(test[0][:5], verbose=0)),
        "roundingGap": rounding_gap(run, history, final),
    }


def on_batch():
    """trainOnBatch and testOnBatch: what each call returns (metrics of that batch alone), and the weights after it."""
    run = RUNS[2]
    model = make_model(run)
    x, y = take(run["train"])
    calls = []
    for method, lo, hi in [
        ("train_on_batch", 0, 16),
        ("train_on_batch", 16, 32),
        ("test_on_batch", 32, 48),
        ("train_on_batch", 32, 40),
        ("predict_on_batch", 40, 43),
    ]:
        args = (x[lo:hi],) if method.startswith("predict") else (x[lo:hi], y[lo:hi])
        result = getattr(model, method)(*args)
        calls.append(
            {
                "method": camel_keys({method: 0}).popitem()[0],
                "rows": [lo, hi],
                "result": tensor(result) if method.startswith("predict") else [float(v) for v in result],
                "weights": [tensor(w) for w in model.get_weights()],
            }
        )
    return {**spec(run), "calls": calls}


def build():
    return {
        "data": {name: tensor(value) for name, value in TENSORS.items()},
        "runs": [record(run) for run in RUNS],
        "onBatch": on_batch(),
    }
