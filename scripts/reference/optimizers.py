"""Ten steps of each optimizer on fixed gradients, op by op (not jitted), with every slot after every step."""

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


def run(name, config, start, steps):
    variables = [keras.Variable(value, name=key) for key, value in zip(SHAPES, start)]
    optimizer = getattr(keras.optimizers, name)(**config)
    optimizer.build(variables)
    trace = []
    for grads in steps:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], variables)
        trace.append(
            {
                "weights": [tensor(v.value)["data"] for v in variables],
                "variables": [tensor(v.value)["data"] for v in optimizer.variables],
            }
        )
    return {
        "name": name.lower(),
        "config": camel_keys(config),
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
