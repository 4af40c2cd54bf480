"""Every Keras activation, forward and gradient, on a finite grid, at extremes, and on rows."""

import jax
import keras
import numpy as np

from reference import camel, camel_keys, normal, tensor

GRID = np.array(
    [-1e4, -100, -88.5, -30, -10, -6.5, -6, -5, -4, -3.5, -3, -2.5, -2, -1.5, -1, -0.75, -0.5, -0.25, -0.1, -1e-3]
    + [-1e-7, 0, 1e-7, 1e-3, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 6.5, 10, 30, 88.5, 100, 1e4],
    np.float32,
)
EXTREMES = np.array([-np.inf, -3e38, -1e30, -2e-38, -0.0, 2e-38, 1e30, 3e38, np.inf, np.nan], np.float32)

ELEMENTWISE = [
    ("celu", [{}, {"alpha": 0.5}]),
    ("elu", [{}, {"alpha": 0.5}]),
    ("exponential", [{}]),
    ("gelu", [{}, {"approximate": True}]),
    ("hard_shrink", [{}, {"threshold": 1.0}]),
    ("hard_sigmoid", [{}]),
    ("hard_silu", [{}]),
    ("hard_tanh", [{}]),
    ("leaky_relu", [{}, {"negative_slope": 0.3}]),
    ("linear", [{}]),
    ("log_sigmoid", [{}]),
    ("mish", [{}]),
    ("relu", [{}, {"negative_slope": 0.1}, {"max_value": 6.0}, {"negative_slope": 0.2, "max_value": 3.0, "threshold": 1.0}]),
    ("relu6", [{}]),
    ("selu", [{}]),
    ("sigmoid", [{}]),
    ("silu", [{}]),
    ("soft_shrink", [{}, {"threshold": 1.0}]),
    ("softplus", [{}]),
    ("softsign", [{}]),
    ("sparse_plus", [{}]),
    ("sparse_sigmoid", [{}]),
    ("squareplus", [{}, {"b": 1.0}]),
    ("tanh", [{}]),
    ("tanh_shrink", [{}]),
    ("threshold", [{"threshold": 1.0, "default_value": -0.5}]),
]

ROWWISE = [("softmax", [{}, {"axis": 1}]), ("log_softmax", [{}, {"axis": 1}]), ("sparsemax", [{}]), ("glu", [{}])]

ROWS = [
    normal(1, (3, 4), 2),
    normal(2, (2, 3, 4)),
    np.array([[1e4, 0, -1e4, 0], [-200, -201, -202, -203], [0, 0, 0, 0], [88, 89, 90, 91]], np.float32),
]

ALIASES = {"silu": ["swish"], "hard_silu": ["hard_swish"]}


def elementwise(fn, x):
    """y and dy/dx, element by element."""
    y, pullback = jax.vjp(fn, x)
    return {"y": tensor(y)["data"], "dydx": tensor(pullback(np.ones_like(y))[0])["data"]}


def rowwise(fn, x, seed):
    y, pullback = jax.vjp(fn, x)
    dy = normal(seed, y.shape)
    return {"x": tensor(x), "y": tensor(y), "dy": tensor(dy), "dx": tensor(pullback(dy)[0])}


def head(name, config):
    return {"name": name, "camel": camel(name), "aliases": ALIASES.get(name, []), "config": camel_keys(config)}


def bound(name, config):
    return lambda x: getattr(keras.activations, name)(x, **config)


def check_complete():
    every = {fn.__name__ for fn in keras.src.activations.ALL_OBJECTS}
    missing = every - {name for name, _ in ELEMENTWISE + ROWWISE}
    assert not missing, f"activations without a case: {missing}"


def build():
    check_complete()
    on_elements, on_rows = [], []
    for name, configs in ELEMENTWISE:
        for config in configs:
            fn = bound(name, config)
            on_elements.append({**head(name, config), "grid": elementwise(fn, GRID), "extremes": elementwise(fn, EXTREMES)})
    for name, configs in ROWWISE:
        for config in configs:
            rows = ROWS[1:2] if "axis" in config else ROWS
            cases = [rowwise(bound(name, config), x, 10 + i) for i, x in enumerate(rows)]
            on_rows.append({**head(name, config), "cases": cases})
    return {"grid": GRID.tolist(), "extremes": EXTREMES.tolist(), "elementwise": on_elements, "rowwise": on_rows}
