"""Every loss: per-sample values, each reduction with and without weights, and gradients with respect to predictions."""

import jax
import keras
import numpy as np

from keras.src.utils.naming import to_snake_case as snake

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
        ("MeanSquaredError", [{}]),
        ("MeanAbsoluteError", [{}]),
        ("Huber", [{}, {"delta": 0.5}]),
    ]:
        for config in configs:
            for name, y, p, w in REGRESSION:
                yield loss, config, name, y, p, w
    few = REGRESSION[:2] + REGRESSION[4:]
    for loss in ["MeanAbsolutePercentageError", "LogCosh", "Poisson", "MeanSquaredLogarithmicError"]:
        # The last two are of amounts above 0.
        is_amount = loss in ["Poisson", "MeanSquaredLogarithmicError"]
        for name, y, p, w in few:
            yield loss, {}, name, abs(y) if is_amount else y, abs(p) + np.float32(0.1) if is_amount else p, w
    yield "MeanSquaredLogarithmicError", {}, "below 0", f32([-1, 2]), f32([0.5, -3]), f32(2)
    for name, y, p, w in [REGRESSION[0], REGRESSION[4]]:
        yield "CosineSimilarity", {}, name, y, p, w
    name, y, p, w = REGRESSION[4]
    yield "CosineSimilarity", {"axis": 1}, "rank 3, weights (n, c)", y, p, f32([1, 3, 0, 2], [0.5, 2, 1, 1])


def hinge_cases():
    bits, signs = i32([0, 1, 1], [1, 0, 0]), f32([-1, 1, 1], [1, -1, -1])
    outputs, kinks = normal(15, (2, 3), 2), f32([1, 1, -1], [2, -1, 0])
    for loss in ["Hinge", "SquaredHinge"]:
        yield loss, {}, "labels 0, 1", bits, outputs, f32(1, 3)
        yield loss, {}, "labels -1, 1", signs, outputs, f32(1, 3)
        yield loss, {}, "labels -1, 0, 1, kinks", f32([-1, 0, 1], [1, 0, 1]), kinks, f32(1, 3)
        yield loss, {}, "y (n,), prediction (n, 1)", i32(0, 1, 1, 0), normal(12, (4, 1), 2), f32(1, 3, 0, 0.5)
    for name, labels, z, w in CLASSES:
        yield "CategoricalHinge", {}, name, one_hot(labels, z.shape[-1]), z, w


def binary_cases():
    y, p = BINARY_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    for config in [{}, {"label_smoothing": 0.2}]:
        logits = {**config, "from_logits": True}
        for name, labels, z, w in BINARY:
            yield "BinaryCrossentropy", config, name, labels, sigmoid(z), w
            yield "BinaryCrossentropy", logits, name, labels, z, w
        yield "BinaryCrossentropy", config, "probabilities 0 and 1", y, p, weights
        yield "BinaryCrossentropy", logits, "large logits", y, LOGIT_EDGES[0], weights


def categorical_cases():
    y, p = CLASS_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    for config in [{}, {"label_smoothing": 0.1}]:
        logits = {**config, "from_logits": True}
        for name, labels, z, w in CLASSES:
            labels = one_hot(labels, z.shape[-1])
            yield "CategoricalCrossentropy", config, name, labels, softmax(z), w
            yield "CategoricalCrossentropy", logits, name, labels, z, w
        yield "CategoricalCrossentropy", config, "probabilities 0, 1, not adding up", one_hot(y, 3), p, weights
        yield "CategoricalCrossentropy", logits, "large logits", one_hot(y, 3), LOGIT_EDGES[1], weights
    soft = f32([0.7, 0.2, 0.1], [0.1, 0.1, 0.8])
    yield "CategoricalCrossentropy", {}, "soft labels", soft, softmax(normal(24, (2, 3))), f32(1, 2)


def sparse_cases():
    y, p = CLASS_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    loss, logits = "SparseCategoricalCrossentropy", {"from_logits": True}
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


def axis_cases():
    """Outputs, or classes, along another axis than the last."""
    z, w = normal(26, (2, 3, 4), 2), f32([1, 3, 0, 2], [0.5, 2, 1, 1])
    targets = np.moveaxis(one_hot(i32([0, 2, 1, 1], [1, 1, 0, 2]), 3), -1, 1)
    yield "BinaryCrossentropy", {"axis": 1, "from_logits": True, "label_smoothing": 0.1}, "rank 3", targets, z, w
    yield "BinaryFocalCrossentropy", {"axis": 1}, "rank 3", targets, sigmoid(z), w
    for loss in ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"]:
        yield loss, {"axis": 1, "from_logits": True}, "rank 3", targets, z, w
        yield loss, {"axis": -2, "label_smoothing": 0.1}, "rank 3", targets, sigmoid(z), w


def focal_cases():
    y, p = BINARY_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    loss = "BinaryFocalCrossentropy"
    for config in [{}, {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.2}]:
        for name, labels, z, w in BINARY:
            yield loss, config, name, labels, sigmoid(z), w
            yield loss, {**config, "from_logits": True}, name, labels, z, w
    yield loss, {}, "probabilities 0 and 1", y, p, weights
    loss = "CategoricalFocalCrossentropy"
    for config in [{}, {"alpha": 0.5, "gamma": 1.5, "label_smoothing": 0.1}]:
        for name, labels, z, w in CLASSES:
            labels = one_hot(labels, z.shape[-1])
            yield loss, config, name, labels, softmax(z), w
            yield loss, {**config, "from_logits": True}, name, labels, z, w


def distribution_cases():
    y, p = CLASS_EDGES
    weights = np.linspace(0.5, 2, len(y), dtype=np.float32)
    for name, labels, z, w in CLASSES:
        yield "KLDivergence", {}, name, softmax(normal(27, z.shape)), softmax(z), w
        for config in [{}, {"q": 0.8}]:
            yield "CategoricalGeneralizedCrossEntropy", config, name, labels, softmax(z), w
    yield "KLDivergence", {}, "probabilities 0, 1, not adding up", one_hot(y, 3), p, weights


def overlap_cases():
    y, p = (normal(28, (2, 3, 4)) > 0).astype(np.float32), sigmoid(normal(29, (2, 3, 4)))
    for loss, configs in [("Dice", [{}]), ("Tversky", [{}, {"alpha": 0.7, "beta": 0.2}])]:
        for config in configs:
            yield loss, config, "one value for all", y, p, f32(1, 3)
            yield loss, {**config, "axis": [1, 2]}, "a value for each sample", y, p, f32(1, 3)
            yield loss, {**config, "axis": -1}, "a value for each row", y, p, f32([1, 3, 0], [0.5, 2, 1])
    yield "Dice", {}, "nothing", np.zeros_like(y), np.zeros_like(p), f32(1, 3)


def circle_cases():
    points = normal(30, (5, 3))
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    labels, w = i32(0, 1, 1, 0, 1), f32(1, 3, 0, 0.5, 2)
    for config in [{}, {"gamma": 4.0, "margin": 0.25, "remove_diagonal": False}]:
        yield "Circle", config, "labels (n,)", labels, points, w
    yield "Circle", {"gamma": 4.0}, "labels (n, 1)", labels[:, None], points, w
    yield "Circle", {"gamma": 4.0}, "a class of one sample", i32(0, 1, 1, 2, 1), points, w


def sequence_cases():
    labels = i32([1, 2, 2, 0], [3, 1, 0, 0], [0, 0, 0, 0])
    yield "CTC", {}, "repeats, padding, nothing", labels, normal(31, (3, 6, 4), 2), f32(1, 3, 0.5)
    yield "CTC", {}, "as many steps as labels", i32([1, 2, 3]), normal(32, (1, 3, 4)), f32([2])
    yield "CTC", {}, "labels float32, large logits", f32([2, 1, 2]), normal(34, (1, 5, 3), 30), f32([2])


def evaluate(cls, config, y, p, weights):

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
    for make in [
        regression_cases,
        hinge_cases,
        binary_cases,
        categorical_cases,
        sparse_cases,
        axis_cases,
        focal_cases,
        distribution_cases,
        overlap_cases,
        circle_cases,
        sequence_cases,
    ]:
        for loss, config, name, y, p, w in make():
            cases.append(
                {
                    "loss": loss,
                    "snake": snake(loss),
                    "config": camel_keys(config),
                    "name": name,
                    "yTrue": tensor(y),
                    "yPred": tensor(p),
                    "sampleWeight": tensor(w),
                    **evaluate(getattr(keras.losses, loss), config, y, p, w),
                }
            )
    return {"cases": cases}
