"""Metrics streamed over batches, the last one smaller; and which class "accuracy" becomes."""

import keras
import numpy as np
from keras.src.trainers.compile_utils import get_metric

from losses import one_hot, sigmoid, softmax
from reference import camel, camel_keys, normal, tensor

ROWS, BATCHES = 11, [(0, 4), (4, 8), (8, 11)]
WEIGHTS = np.linspace(0, 2, ROWS, dtype=np.float32)
LABELS = np.random.default_rng(31).integers(0, 3, ROWS).astype(np.int32)
BITS = np.random.default_rng(32).integers(0, 2, (ROWS, 1)).astype(np.int32)
LOGITS = normal(33, (ROWS, 3), 2)
SCORES = normal(34, (ROWS, 1), 2)

# Exactly one half is not above the threshold; of equal scores the first wins.
HALVES = np.where(np.arange(ROWS)[:, None] % 3 == 0, np.float32(0.5), sigmoid(SCORES))
TIES = np.resize(np.float32([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.3, 0.3, 0.3]]), (ROWS, 3))

ACCURACY = [
    ("binary (n, 1)", BITS, sigmoid(SCORES)),
    ("binary, y (n,)", BITS[:, 0], sigmoid(SCORES)),
    ("binary, float labels, halves", BITS.astype(np.float32), HALVES),
    ("sparse, y (n,)", LABELS, softmax(LOGITS)),
    ("sparse, y (n, 1)", LABELS[:, None], LOGITS),
    ("sparse, ties", LABELS, TIES),
    ("sparse, rank 3", normal(35, (ROWS, 2)).argsort(1).astype(np.int32), normal(36, (ROWS, 2, 4))),
    ("categorical", one_hot(LABELS, 3), softmax(LOGITS)),
    ("categorical, ties", one_hot(LABELS, 3), TIES),
    ("categorical, two columns", one_hot(BITS[:, 0], 2), softmax(normal(37, (ROWS, 2)))),
]

STREAMED = [
    ("mean_squared_error", {}, "(n, 2)", normal(41, (ROWS, 2)), normal(42, (ROWS, 2))),
    ("mean_squared_error", {}, "y (n,)", normal(43, (ROWS,)), normal(44, (ROWS, 1))),
    ("mean_absolute_error", {}, "(n, 2)", normal(41, (ROWS, 2)), normal(42, (ROWS, 2))),
    ("mean_absolute_error", {}, "y (n,)", normal(43, (ROWS,)), normal(44, (ROWS, 1))),
    ("binary_crossentropy", {}, "(n, 1)", BITS, sigmoid(SCORES)),
    ("binary_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, "(n, 1)", BITS, SCORES),
    ("categorical_crossentropy", {}, "(n, 3)", one_hot(LABELS, 3), softmax(LOGITS)),
    ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, "(n, 3)", one_hot(LABELS, 3), LOGITS),
    ("sparse_categorical_crossentropy", {}, "y (n,)", LABELS, softmax(LOGITS)),
    ("sparse_categorical_crossentropy", {"from_logits": True}, "y (n, 1)", LABELS[:, None], LOGITS),
    ("binary_accuracy", {}, "(n, 1)", BITS, sigmoid(SCORES)),
    ("binary_accuracy", {"threshold": 0.3}, "(n, 2)", one_hot(BITS[:, 0], 2), sigmoid(normal(45, (ROWS, 2)))),
    ("categorical_accuracy", {}, "(n, 3)", one_hot(LABELS, 3), softmax(LOGITS)),
    ("sparse_categorical_accuracy", {}, "y (n,)", LABELS, softmax(LOGITS)),
]


def stream(metric, y, p, weighted):
    """The running result after each batch."""
    metric.reset_state()
    results = []
    for lo, hi in BATCHES:
        metric.update_state(y[lo:hi], p[lo:hi], WEIGHTS[lo:hi] if weighted else None)
        results.append(float(metric.result()))
    return results


def case(metric, name, y, p):
    return {
        "name": name,
        "yTrue": tensor(y),
        "yPred": tensor(p),
        "running": stream(metric, y, p, weighted=False),
        "runningWeighted": stream(metric, y, p, weighted=True),
    }


def accuracy(name, y, p):
    metric = get_metric("accuracy", y, p)
    resolved = keras.src.utils.naming.to_snake_case(type(metric).__name__)
    return {"metric": "accuracy", "resolved": resolved, **case(metric, name, y, p)}


def streamed(metric, config, name, y, p):
    cls = getattr(keras.metrics, "".join(part.capitalize() for part in metric.split("_")))
    return {"metric": metric, "camel": camel(metric), "config": camel_keys(config), **case(cls(**config), name, y, p)}


def build():
    return {
        "batches": BATCHES,
        "sampleWeight": tensor(WEIGHTS),
        "accuracy": [accuracy(*args) for args in ACCURACY],
        "streamed": [streamed(*args) for args in STREAMED],
    }
