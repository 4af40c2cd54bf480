"""What every topic shares: versions, tensors as JSON, one number format.

A topic module exposes `build() -> dict`; `make.py` writes it to test/reference/<topic>.json.
"""

import json
import math
import os
import platform
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import keras
import numpy as np

OUT = Path(__file__).resolve().parents[2] / "test" / "reference"
DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
LINE = 132  # a value that fits is written on one line


def versions():
    return {
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "jax": jax.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def tensor(x):
    """Row-major values with their shape; dtype is float32 unless the field says otherwise."""
    x = np.asarray(x)
    if x.dtype == np.float64:
        x = x.astype(np.float32)
    out = {"shape": list(x.shape)}
    if x.dtype != np.float32:
        out["dtype"] = str(x.dtype)
        x = x.astype(np.int64)
    return {**out, "data": x.ravel().tolist()}


def bits(x):
    """The f32 bit patterns of x, flat, as unsigned integers."""
    return np.asarray(x, np.float32).ravel().view(np.uint32).tolist()


def camel(name):
    """weight_decay -> weightDecay, beta_1 -> beta1."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def camel_keys(config):
    return {camel(key): value for key, value in config.items()}


def normal(seed, shape, scale=1.0):
    """Inputs for the cases: an own NumPy stream, so that no global generator moves."""
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32)


def write(topic, value):
    OUT.mkdir(parents=True, exist_ok=True)
    text = _dump({"versions": versions(), **value}) + "\n"
    (OUT / f"{topic}.json").write_text(text, encoding="utf-8")
    return len(text)


def _dump(value, depth=0):
    line = _one_line(value)
    inner = isinstance(value, dict) or (isinstance(value, list) and any(map(_nested, value)))
    if not inner or len(line) + depth <= LINE:
        return line
    pad, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        parts = [f"{json.dumps(k)}: {_dump(v, depth + 1)}" for k, v in value.items()]
        return "{" + pad + ("," + pad).join(parts) + end + "}"
    return "[" + pad + ("," + pad).join(_dump(v, depth + 1) for v in value) + end + "]"


def _nested(value):
    return isinstance(value, (dict, list))


def _one_line(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {_one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_one_line, value)) + "]"
    if isinstance(value, (float, np.floating)):
        return _number(float(value))
    if isinstance(value, np.integer):
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def _number(x):
    """Nine significant digits hold any f32 exactly; JSON has no word for the non-finite."""
    if math.isnan(x):
        return '"NaN"'
    if math.isinf(x):
        return '"Infinity"' if x > 0 else '"-Infinity"'
    return f"{x:.9g}"
