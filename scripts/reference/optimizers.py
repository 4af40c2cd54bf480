"""Ten steps of each optimizer on fixed gradients, op by op (not jitted), with every slot after the first and the last one."""

import keras
import numpy as np

from reference import camel_keys, normal, tensor

STEPS = 10
SHAPES = {"kernel": (3, 2), "bias": (4,), "scale": (), "cube": (2, 1, 3)}

# (class, keyword arguments as Keras spells them); the first of each class is its defaults.
CASES = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.02}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.05, "clipvalue": 0.3, "weight_decay": 0.02}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "clipnorm": 1.5}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.02, "rho": 0.8, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.7}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True}),
    ("RMSprop", {"learning_rate": 0.01, "rho": 0.95, "momentum": 0.5, "centered": True, "weight_decay": 0.01}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True, "global_clipnorm": 3.0}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("Adam", {"learning_rate": 0.01, "weight_decay": 0.05}),
    ("Adam", {"learning_rate": 0.01, "amsgrad": True}),
    ("Adam", {"learning_rate": 0.03, "beta_1": 0.5, "beta_2": 0.7, "amsgrad": True, "weight_decay": 0.01}),
    ("Adam", {"learning_rate": 0.01, "clipnorm": 0.8}),
    ("Adam", {"learning_rate": 0.01, "global_clipnorm": 500.0}),
    ("Adam", {"learning_rate": 0.01, "amsgrad": True, "clipvalue": 0.5}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.1, "beta_2": 0.99}),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.1, "amsgrad": True}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-5}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.02}),
    ("Adagrad", {"learning_rate": 0.1, "global_clipnorm": 0.7, "weight_decay": 0.02}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-4, "weight_decay": 0.02, "clipnorm": 1.5}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "initial_accumulator_value": 0.5}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "l1_regularization_strength": 0.02,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.3,
            "weight_decay": 0.02,
        },
    ),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.1, "global_clipnorm": 3.0}),
    ("Lamb", {}),
    ("Lamb", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1}),
    ("Lamb", {"learning_rate": 0.02, "clipnorm": 0.8}),
    ("Adafactor", {}),
    ("Adafactor", {"learning_rate": 0.5, "relative_step": False, "clip_threshold": 0.7, "weight_decay": 0.02}),
    ("Adafactor", {"learning_rate": 0.1, "beta_2_decay": -0.6, "epsilon_1": 1e-4, "epsilon_2": 0.9}),
    ("Adafactor", {"learning_rate": 0.1, "clipnorm": 0.8}),
    ("Muon", {}),
    ("Muon", {"learning_rate": 0.02, "nesterov": False, "momentum": 0.8, "ns_steps": 3, "rms_rate": None}),
    ("Muon", {"learning_rate": 0.02, "weight_decay": 0.1, "adam_weight_decay": None, "adam_lr_ratio": 0.5}),
    ("Muon", {"learning_rate": 0.02, "adam_beta_1": 0.8, "adam_beta_2": 0.95, "epsilon": 1e-4, "rms_rate": 0.1}),
    ("Muon", {"learning_rate": 0.02, "muon_a": 3.0, "muon_b": -3.2, "muon_c": 1.2, "weight_decay": None}),
    ("Muon", {"learning_rate": 0.02, "exclude_layers": ["kern", "bia"], "clipnorm": 0.8}),
    ("Muon", {"learning_rate": 0.02, "exclude_embeddings": False, "global_clipnorm": 3.0}),
    ("SGD", {"learning_rate": 0.05, "use_ema": True}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "gradient_accumulation_steps": 3, "clipnorm": 1.5}),
    ("Adam", {"learning_rate": 0.02, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 4}),
    (
        "Nadam",
        {
            "learning_rate": 0.02,
            "use_ema": True,
            "ema_momentum": 0.7,
            "ema_overwrite_frequency": 2,
            "gradient_accumulation_steps": 3,
            "weight_decay": 0.1,
        },
    ),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.1, "exclude": {"var_names": ["^bi", "ub"]}}),
    ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.1, "global_clipnorm": 3.0, "exclude": {"var_names": ["a"]}}),
    ("Muon", {"learning_rate": 0.02, "weight_decay": 0.1, "exclude": {"var_names": ["kernel"]}}),
]


def gradients():
    """STEPS x one gradient a variable. An element that never moves, and tiny and huge ones, are among them."""
    steps = []
    for step in range(STEPS):
        grads = [normal(100 * step + i, shape) for i, shape in enumerate(SHAPES.values())]
        grads[0][0, 0] = 0
        grads[1] *= np.float32([1e-6, 1e-3, 1, 1e3])
        steps.append(grads)
    return steps


def state(optimizer):
    return [tensor(v.value)["data"] for v in optimizer.variables]


def run(name, config, start, steps):
    variables = [keras.Variable(value, name=key) for key, value in zip(SHAPES, start)]
    options = {key: value for key, value in config.items() if key != "exclude"}
    optimizer = getattr(keras.optimizers, name)(**options)
    if "exclude" in config:
        optimizer.exclude_from_weight_decay(**config["exclude"])
    optimizer.build(variables)
    trace = []
    for step, grads in enumerate(steps):
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], variables)
        trace.append(
            {
                "weights": [tensor(v.value)["data"] for v in variables],
                **({"variables": state(optimizer)} if step in (0, STEPS - 1) else {}),
            }
        )
    return {
        "name": name.lower(),
        "config": camel_keys(options),
        **({"exclude": config["exclude"]["var_names"]} if "exclude" in config else {}),
        "fullConfig": camel_keys({k: v for k, v in optimizer.get_config().items() if k != "name"}),
        "variables": [
            {"name": v.name, "dtype": v.dtype, "shape": list(v.shape)} for v in optimizer.variables
        ],
        "steps": trace,
    }


def build():
    start = [normal(7 + i, shape) for i, shape in enumerate(SHAPES.values())]
    steps = gradients()
    return {
        "names": list(SHAPES),
        "initial": [tensor(w) for w in start],
        "gradients": [[tensor(g)["data"] for g in grads] for grads in steps],
        "cases": [run(name, config, start, steps) for name, config in CASES],
    }
