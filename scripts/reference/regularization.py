"""Regularizers with their gradients, constraints, and what layers add to the loss."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from reference import camel_keys, normal, tensor

REGULARIZERS = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.2}),
    ("L1L2", {"l1": 0.02, "l2": 0.7}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 2.0, "mode": "columns"}),
]

CONSTRAINTS = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5}),
    ("MaxNorm", {"max_value": 1.0, "axis": 1}),
    ("MaxNorm", {"max_value": 1.5, "axis": [0, 1]}),
    ("MaxNorm", {"max_value": 1.5, "axis": None}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "rate": 0.3}),
    ("MinMaxNorm", {"min_value": 2.5, "max_value": 3.0, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
    ("UnitNorm", {"axis": [0, 1]}),
]

TENSORS = {
    "matrix": normal(1, (4, 3)),
    "wide": normal(2, (2, 5), 3.0),
    "small": normal(3, (5, 4), 0.01),
    "vector": normal(4, (6,)),
    "kernel": normal(5, (2, 2, 3, 2)),
    "zeros in a column": normal(6, (3, 3)) * np.array([1, 0, 1], np.float32),
}

# Layers: (inputs of a batch, what the layers are made with)
MODELS = [
    ("weights and outputs", 5, [{"units": 3, "kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l1"}]),
    (
        "two layers",
        4,
        [
            {"units": 3, "activation": "tanh", "activity_regularizer": "l2"},
            {"units": 2, "kernel_regularizer": "l1", "activity_regularizer": "l1"},
        ],
    ),
    (
        "a frozen layer",
        4,
        [
            {"units": 3, "kernel_regularizer": "l1", "activity_regularizer": "l2", "trainable": False},
            {"units": 2, "kernel_regularizer": "orthogonal_regularizer"},
        ],
    ),
]


def ranks(x, config):
    """Whether the rule can be asked about a tensor of this rank."""
    axes = np.atleast_1d(config.get("axis", 0))
    return config.get("axis", 0) is None or max(axes) < x.ndim


def regularized(name, config, x):
    regularizer = getattr(keras.regularizers, name)(**config)
    value, slope = jax.value_and_grad(regularizer)(jnp.asarray(x))
    return {"name": name, "config": camel_keys(config), "x": tensor(x), "y": float(value), "dx": tensor(slope)}


def constrained(name, config, w):
    constraint = getattr(keras.constraints, name)(**config)
    return {"name": name, "config": camel_keys(config), "w": tensor(w), "y": tensor(constraint(w))}


def losses(name, batch, layers):
    model = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(**config) for config in layers)])
    model.set_weights([normal(30 + i, w.shape, 0.5) for i, w in enumerate(model.get_weights())])
    x = normal(20, (batch, 4))
    model(x)
    y = normal(21, (batch, layers[-1]["units"]))
    model.compile(optimizer="sgd", loss="mse")
    return {
        "name": name,
        "layers": [camel_keys(config) for config in layers],
        "weights": [tensor(w) for w in model.get_weights()],
        "x": tensor(x),
        "y": tensor(y),
        "losses": [float(loss) for loss in model.losses],
        "ofLayers": [[float(loss) for loss in layer.losses] for layer in model.layers],
        "evaluate": float(model.evaluate(x, y, verbose=0, batch_size=batch)),
    }


def build():
    orthogonal = [x for key, x in TENSORS.items() if x.ndim == 2 and not key.startswith("zeros")]
    return {
        "regularizers": [
            regularized(name, config, x)
            for name, config in REGULARIZERS
            for x in (orthogonal if name.startswith("Orthogonal") else TENSORS.values())
        ],
        "constraints": [
            constrained(name, config, w) for name, config in CONSTRAINTS for w in TENSORS.values() if ranks(w, config)
        ],
        "losses": [losses(*model) for model in MODELS],
    }
