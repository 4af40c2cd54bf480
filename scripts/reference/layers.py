"""Layers: weights, inputs, outputs, and gradients of sum(output * cotangent) with respect to inputs and weights."""

import jax
import keras
import numpy as np

from reference import camel_keys, normal, tensor

# (layer, keyword arguments, input shape with its batch)
CASES = [
    ("Dense", {"units": 3}, (4, 5)),
    ("Dense", {"units": 3, "use_bias": False}, (4, 5)),
    ("Dense", {"units": 1}, (7, 2)),
    ("Dense", {"units": 4, "activation": "relu"}, (5, 3)),
    ("Dense", {"units": 4, "activation": "sigmoid"}, (5, 3)),
    ("Dense", {"units": 4, "activation": "tanh", "use_bias": False}, (5, 3)),
    ("Dense", {"units": 4, "activation": "softmax"}, (5, 3)),
    ("Dense", {"units": 4, "activation": "gelu"}, (5, 3)),
    ("Dense", {"units": 33, "activation": "elu"}, (2, 17)),
    ("Dense", {"units": 3}, (2, 4, 5)),
    ("Dense", {"units": 4, "activation": "silu", "use_bias": False}, (2, 3, 2)),
    ("Dense", {"units": 2, "activation": "log_softmax"}, (2, 2, 2, 3)),
    ("Activation", {"activation": "relu"}, (3, 4)),
    ("Activation", {"activation": "softmax"}, (2, 3, 4)),
    ("Flatten", {}, (3, 4)),
    ("Flatten", {}, (2, 3, 2)),
    ("Flatten", {}, (2, 2, 3, 2)),
    ("Flatten", {}, (3,)),
    ("Reshape", {"target_shape": [3, 2]}, (2, 6)),
    ("Reshape", {"target_shape": [-1, 2]}, (2, 3, 4)),
    ("Reshape", {"target_shape": [6]}, (2, 2, 3)),
    ("Dropout", {"rate": 0.5, "seed": 1}, (4, 5)),
    ("Dropout", {"rate": 0.2, "seed": 42}, (2, 3, 4)),
    ("Dropout", {"rate": 0.5, "seed": 3, "noise_shape": [None, 1, 4]}, (2, 3, 4)),
    ("Dropout", {"rate": 0.0, "seed": 1}, (2, 3)),
    ("Dropout", {"rate": 1.0, "seed": 1}, (2, 3)),
]


def run(name, config, shape, seed):
    layer = getattr(keras.layers, name)(**config)
    layer.build(shape)
    weights = [normal(seed + 1 + i, w.shape, 0.5) for i, w in enumerate(layer.trainable_variables)]
    layer.set_weights(weights)
    x = normal(seed, shape)
    training = {"training": True} if name == "Dropout" else {}

    def call(weights, x):
        state = [v.value for v in layer.non_trainable_variables]
        return layer.stateless_call(weights, state, x, **training)[0]

    y, pullback = jax.vjp(call, weights, x)
    dy = normal(seed + 9, y.shape)
    dweights, dx = pullback(dy)
    case = {
        "layer": name.lower(),
        "config": camel_keys(config),
        "weights": [tensor(w) for w in weights],
        "x": tensor(x),
        "y": tensor(y),
        "dy": tensor(dy),
        "dx": tensor(dx),
        "dweights": [tensor(w) for w in dweights],
    }
    if name == "Dropout":
        case["yInference"] = tensor(layer(x, training=False))
    return case


def build():
    return {"cases": [run(*case, 50 * i) for i, case in enumerate(CASES)]}
