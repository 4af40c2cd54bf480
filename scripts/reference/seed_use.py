"""Who draws when: the seeds that a model's parts take, and the row orders that real fits train on."""

import contextlib
import random

import keras
import numpy as np

from reference import camel_keys


@contextlib.contextmanager
def recorded_draws(log):
    """Logs every draw of make_default_seed: keras calls random.randint from Python's random module."""
    draw = random.randint

    def randint(lo, hi):
        log.append(draw(lo, hi))
        return log[-1]

    random.randint = randint
    try:
        yield
    finally:
        random.randint = draw


def seed_order():
    """What each step of building a model draws, in order, after set_random_seed(seed)."""
    layers, programs = keras.layers, []
    steps = [
        ("Input((4,))", lambda: keras.Input((4,))),
        ("Dense(8, 'relu')", lambda: layers.Dense(8, "relu")),
        ("Dropout(0.3)", lambda: layers.Dropout(0.3)),
        ("Dropout(0.0)", lambda: layers.Dropout(0.0)),
        ("Dropout(0.5, seed=5)", lambda: layers.Dropout(0.5, seed=5)),
        ("Dense(6, use_bias=False)", lambda: layers.Dense(6, use_bias=False)),
        ("Activation('tanh')", lambda: layers.Activation("tanh")),
        ("Dense(5, kernel_initializer='he_normal', bias_initializer='random_normal')",
         lambda: layers.Dense(5, kernel_initializer="he_normal", bias_initializer="random_normal")),
        ("Dense(5, kernel_initializer='zeros')", lambda: layers.Dense(5, kernel_initializer="zeros")),
        ("Dense(5, kernel_initializer=GlorotUniform(seed=3))",
         lambda: layers.Dense(5, kernel_initializer=keras.initializers.GlorotUniform(seed=3))),
        ("Flatten()", lambda: layers.Flatten()),
        ("Dense(3, 'softmax')", lambda: layers.Dense(3, "softmax")),
    ]  # fmt: skip
    for seed in [0, 42]:
        keras.utils.set_random_seed(seed)
        log, trace, model = [], [], keras.Sequential()

        def step(name, fn):
            del log[:]
            value = fn()
            trace.append({"step": name, "draws": list(log)})
            return value

        with recorded_draws(log):
            for name, make in steps:
                layer = step(name, make)
                step("model.add", lambda: model.add(layer))
            step("model.compile", lambda: model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"]))
            x, y = np.ones((5, 4), np.float32), np.zeros(5, np.int32)
            step("model.fit", lambda: model.fit(x, y, epochs=2, batch_size=2, verbose=0))
            step("model.evaluate", lambda: model.evaluate(x, y, verbose=0))
            step("model.predict", lambda: model.predict(x, verbose=0))
        dropout = [np.asarray(l.seed_generator.state.value).tolist() for l in model.layers if hasattr(l, "seed_generator")]
        programs.append({"seed": seed, "trace": trace, "dropoutStatesAfter": dropout})
    return programs


class Recorder(keras.Sequential):
    """A model whose inputs are row numbers and which notes the rows of each training batch."""

    def train_step(self, state, data):
        self.batches.append(np.asarray(data[0]).ravel().astype(int).tolist())
        return super().train_step(state, data)


def fit_shuffles():
    """Rows that real fits trained on, and where they stand in the stream np.random.permutation(n) of that seed.

    `stream[i]` is the i-th permutation of n = rows drawn after np.random.seed(seed); each epoch names the one it used.
    """
    cases = []

    def case(name, seed, rows, fits, build=True, before=lambda m, x: None, metrics=("mae",)):
        keras.utils.set_random_seed(seed)
        model = Recorder([keras.Input((1,)), keras.layers.Dense(1)] if build else [keras.layers.Dense(1)])
        compile_ = lambda: model.compile("sgd", "mse", metrics=list(metrics), run_eagerly=True)
        compile_()
        x = np.arange(rows, dtype=np.float32).reshape(-1, 1)
        model.batches = []
        before(model, x)
        epochs = []
        for args in fits:
            args = dict(args)
            if args.pop("recompile", False):
                compile_()
            model.batches = []
            model.fit(x, x, verbose=0, **args)
            per_epoch = len(model.batches) // args["epochs"]
            epochs += [model.batches[i : i + per_epoch] for i in range(0, len(model.batches), per_epoch)]
        n = len(sum(epochs[0], []))
        np.random.seed(seed)
        stream = [np.random.permutation(n).tolist() for _ in range(len(epochs) + 4)]
        flat = [sum(batches, []) for batches in epochs]
        used = [stream.index(rows_) if rows_ in stream else None for rows_ in flat]
        cases.append(
            {
                "name": name,
                "seed": seed,
                "rows": rows,
                "trainRows": n,
                "fits": [camel_keys({k: v for k, v in f.items() if k != "validation_data"}) for f in fits],
                "streamIndexPerEpoch": used,
                "batchSizes": [len(b) for b in epochs[0]],
                "rowsPerEpoch": flat,
            }
        )

    fit = {"epochs": 3, "batch_size": 4}
    val = np.ones((2, 1), np.float32)
    case("fresh model", 0, 10, [fit])
    case("another seed", 42, 10, [fit])
    case("model without an input shape, built by fit", 42, 10, [fit], build=False)
    case("validation_split", 42, 12, [{**fit, "validation_split": 0.25}])
    case("validation_data", 42, 10, [{**fit, "validation_data": (val, val)}])
    case("two fits in a row", 42, 10, [{**fit, "epochs": 2}, {**fit, "epochs": 2}])
    case("compiled again between two fits", 42, 10, [{**fit, "epochs": 2}, {**fit, "epochs": 2, "recompile": True}])
    case("evaluate first", 42, 10, [fit], before=lambda m, x: m.evaluate(x, x, verbose=0))
    case("predict first", 42, 10, [fit], before=lambda m, x: m.predict(x, verbose=0))
    case("train_on_batch first", 42, 10, [fit], before=lambda m, x: (m.train_on_batch(x[:2], x[:2]), m.batches.clear()))
    case("no metrics", 42, 10, [fit], metrics=())
    case("no shuffle", 42, 10, [{**fit, "shuffle": False}])
    case("no shuffle, then shuffle", 42, 10, [{**fit, "epochs": 1, "shuffle": False}, {**fit, "epochs": 2}])
    case("whole set in one batch", 42, 6, [{"epochs": 2, "batch_size": 32}])
    return cases
