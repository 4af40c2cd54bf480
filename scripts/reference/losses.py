"""Every loss: per-sample values, each reduction with and without weights, and gradients with respect to predictions."""

import jax
import keras
import numpy as np

from reference import camel, camel_keys, normal, tensor

REDUCTIONS = ["sum_over_batch_size", "sum", "mean_with_sample_weight"]


def f32(*rows):
    return np.array(rows, np.float32)


def i32(*rows):
    return np.array(rows, np.int32)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype(np.float32)


def sigmoid(x):
    return (1 / (1 + np.exp(-x))).astype(np.float32)


REGRESSION = [
    ("(n, 3)", normal(1, (5, 3)), normal(2, (5, 3)), f32(1, 3, 0, 0.5, 2)),
    ("y (n,), prediction (n, 1)", normal(3, (6,)), normal(4, (6, 1)), f32(1, 3, 0, 0.5, 2, 1)),
    ("y (n, 1), prediction (n,)", normal(3, (6, 1)), normal(4, (6,)), f32(1, 3, 0, 0.5, 2, 1)),
    ("(n, 1), weights (n, 1)", normal(5, (4, 1), 30), normal(6, (4, 1), 30), f32([1], [3], [0], [0.5])),
    ("rank 3, weights (n, t)", normal(7, (2, 3, 4)), normal(8, (2, 3, 4)), f32([1, 3, 0], [0.5, 2, 1])),
    ("equal values, kinks", f32([0, 1, -2], [1, 2, 3]), f32([0, 2, -3], [1, 0.5, 3]), f32(1, 2)),
    ("labels int32", i32([0, 1], [2, -3]), normal(9, (2, 2)), f32(1, 2)),
]

BINARY = [
    ("(n, 1)", i32([0], [1], [1], [0], [1]), normal(11, (5, 1), 2), f32(1, 3, 0, 0.5, 2)),
    ("y (n,), prediction (n, 1)", i32(0, 1, 1, 0), normal(12, (4, 1), 2), f32(1, 3, 0, 0.5)),
    ("multi-label (n, 3)", i32([0, 1, 1], [1, 0, 0]), normal(13, (2, 3), 2), f32(1, 3)),
    ("soft labels", f32([0.1, 0.9], [0.5, 0.25]), normal(14, (2, 2), 2), f32(2, 0.5)),
]

CLASSES = [
    ("(n, 4)", i32(0, 3, 1, 1, 2), normal(21, (5, 4), 2), f32(1, 3, 0, 0.5, 2)),
    ("rank 3, weights (n, t)", i32([0, 2, 1], [1, 1, 0]), normal(22, (2, 3, 3), 2), f32([1, 3, 0], [0.5, 2, 1])),
    ("two classes", i32(0, 1, 1), normal(23, (3, 2), 2), f32(1, 3, 0.5)),
]

# Probabilities at and beyond the clip, rows that do not add up to one, logits that saturate.
BINARY_EDGES = i32([0], [1], [0], [1], [0], [1], [0], [1]), f32([0], [0], [1], [1], [1e-8], [1 - 1e-7], [1e-7], [0.5])
CLASS_EDGES = i32(0, 1, 0, 1, 2), f32([1, 0, 0], [1, 0, 0], [0.2, 0.2, 0.1], [3, 1, 0.5], [0.5, 0.5, 1e-9])
LOGIT_EDGES = f32([0], [-0.0], [100], [100], [-100], [-100], [20], [-20]), f32(
    [100, 0, -100], [100, 0, -100], [0, 0, 0], [1e4, 1e4, 0], [-50, -51, 50]
)


def one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels]


def regression_cases():
    for loss, configs in [
        ("mean_squared_error", [{}]),
        ("mean_absolute_error", [{}]),
        ("huber", [{}, {"delta": 0.5}]),
    ]:
        for config in configs:
            for name, y, p, w in REGRESSION:
                yield loss, config, name, y, p, w


def binary_cases():
    y, p = BINARY_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    for config in [{}, {"label_smoothing": 0.2}]:
        logits = {**config, "from_logits": True}
        for name, labels, z, w in BINARY:
            yield "binary_crossentropy", config, name, labels, sigmoid(z), w
            yield "binary_crossentropy", logits, name, labels, z, w
        yield "binary_crossentropy", config, "probabilities 0 and 1", y, p, weights
        yield "binary_crossentropy", logits, "large logits", y, LOGIT_EDGES[0], weights


def categorical_cases():
    y, p = CLASS_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    for config in [{}, {"label_smoothing": 0.1}]:
        logits = {**config, "from_logits": True}
        for name, labels, z, w in CLASSES:
            labels = one_hot(labels, z.shape[-1])
            yield "categorical_crossentropy", config, name, labels, softmax(z), w
            yield "categorical_crossentropy", logits, name, labels, z, w
        yield "categorical_crossentropy", config, "probabilities 0, 1, not adding up", one_hot(y, 3), p, weights
        yield "categorical_crossentropy", logits, "large logits", one_hot(y, 3), LOGIT_EDGES[1], weights
    soft = f32([0.7, 0.2, 0.1], [0.1, 0.1, 0.8])
    yield "categorical_crossentropy", {}, "soft labels", soft, softmax(normal(24, (2, 3))), f32(1, 2)


def sparse_cases():
    y, p = CLASS_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    loss, logits = "sparse_categorical_crossentropy", {"from_logits": True}
    for name, labels, z, w in CLASSES:
        yield loss, {}, name, labels, softmax(z), w
        yield loss, logits, name, labels, z, w
    name, labels, z, w = CLASSES[0]
    yield loss, {}, "labels (n, 1)", labels[:, None], softmax(z), w
    yield loss, logits, "labels float32", labels.astype(np.float32), z, w
    yield loss, {}, "probabilities 0, 1, not adding up", y, p, weights
    yield loss, logits, "large logits", y, LOGIT_EDGES[1], weights
    for ignored in [1, -1]:
        labels = i32(0, ignored, 1, 2, ignored)
        yield loss, {"ignore_class": ignored}, "(n, 4)", labels, softmax(z), w
        yield loss, {"ignore_class": ignored, **logits}, "(n, 4)", labels, z, w
    name, labels, z, w = CLASSES[1]
    yield loss, {"ignore_class": 0, **logits}, name, labels, z, w
    yield loss, {"ignore_class": 1, **logits}, "every label ignored", i32(1, 1), normal(25, (2, 3)), f32(1, 2)


def evaluate(name, config, y, p, weights):
    cls = getattr(keras.losses, "".join(part.capitalize() for part in name.split("_")))

    def reduced(reduction, w):
        loss = cls(**config, reduction=reduction)
        value, gradient = jax.value_and_grad(lambda q: loss(y, q, sample_weight=w))(p)
        return {"value": float(value), "gradient": tensor(gradient)["data"]}

    every = lambda w: {camel(r): reduced(r, w) for r in REDUCTIONS}
    return {
        "perSample": tensor(cls(**config, reduction="none")(y, p)),
        "unweighted": every(None),
        "weighted": every(weights),
    }


def build():
    cases = []
    for make in [regression_cases, binary_cases, categorical_cases, sparse_cases]:
        for loss, config, name, y, p, w in make():
            cases.append(
                {
                    "loss": loss,
                    "camel": camel(loss),
                    "config": camel_keys(config),
                    "name": name,
                    "yTrue": tensor(y),
                    "yPred": tensor(p),
                    "sampleWeight": tensor(w),
                    **evaluate(loss, config, y, p, w),
                }
            )
    return {"cases": cases}
