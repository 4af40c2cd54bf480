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

MULTI = (normal(46, (ROWS, 3)) > 0).astype(np.float32), sigmoid(normal(47, (ROWS, 3)))
# At thresholds, and at the ends.
EDGES = np.resize(np.float32([[0], [1], [0.5], [0.25], [0.75], [0.2]]), (ROWS, 1))
AMOUNTS = abs(normal(48, (ROWS, 2))), abs(normal(49, (ROWS, 2))) + np.float32(0.1)
REGRESSION = normal(41, (ROWS, 2)), normal(42, (ROWS, 2))
BINARY = BITS, sigmoid(SCORES)
PREDICTED = np.random.default_rng(50).integers(0, 3, ROWS).astype(np.int32)


def loss_cases():
    for metric in ["MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError"]:
        yield metric, {}, "(n, 2)", *REGRESSION
        yield metric, {}, "y (n,)", normal(43, (ROWS,)), normal(44, (ROWS, 1))
    for metric in ["MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson"]:
        yield metric, {}, "(n, 2)", *AMOUNTS
    yield "LogCoshError", {}, "(n, 2)", *REGRESSION
    yield "BinaryCrossentropy", {}, "(n, 1)", *BINARY
    yield "BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "(n, 1)", BITS, SCORES
    yield "CategoricalCrossentropy", {}, "(n, 3)", one_hot(LABELS, 3), softmax(LOGITS)
    smoothed = {"from_logits": True, "label_smoothing": 0.1}
    yield "CategoricalCrossentropy", smoothed, "(n, 3)", one_hot(LABELS, 3), LOGITS
    yield "SparseCategoricalCrossentropy", {}, "y (n,)", LABELS, softmax(LOGITS)
    yield "SparseCategoricalCrossentropy", {"from_logits": True}, "y (n, 1)", LABELS[:, None], LOGITS
    yield "SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, "y (n,)", LABELS, LOGITS
    yield "KLDivergence", {}, "(n, 3)", softmax(normal(51, (ROWS, 3))), softmax(LOGITS)
    for metric in ["Hinge", "SquaredHinge"]:
        yield metric, {}, "(n, 1)", 2 * BITS - 1, SCORES
    yield "CategoricalHinge", {}, "(n, 3)", one_hot(LABELS, 3), LOGITS


def accuracy_cases():
    yield "Accuracy", {}, "y (n,)", LABELS, PREDICTED
    yield "Accuracy", {}, "(n, 2)", one_hot(BITS[:, 0], 2), one_hot(PREDICTED % 2, 2)
    yield "BinaryAccuracy", {}, "(n, 1)", *BINARY
    two = sigmoid(normal(45, (ROWS, 2)))
    yield "BinaryAccuracy", {"threshold": 0.3}, "(n, 2)", one_hot(BITS[:, 0], 2), two
    yield "CategoricalAccuracy", {}, "(n, 3)", one_hot(LABELS, 3), softmax(LOGITS)
    yield "SparseCategoricalAccuracy", {}, "y (n,)", LABELS, softmax(LOGITS)
    for config in [{"k": 1}, {"k": 2}, {}]:
        yield "TopKCategoricalAccuracy", config, "(n, 3)", one_hot(LABELS, 3), LOGITS
        yield "SparseTopKCategoricalAccuracy", config, "y (n,)", LABELS, LOGITS
    yield "TopKCategoricalAccuracy", {"k": 2}, "ties", one_hot(LABELS, 3), TIES
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, "y (n, 1)", LABELS[:, None], LOGITS
    steps = normal(35, (ROWS, 2)).argsort(1).astype(np.int32), normal(36, (ROWS, 2, 4))
    yield "SparseTopKCategoricalAccuracy", {"k": 2}, "rank 3", *steps
    ids = np.argsort(-LOGITS, axis=-1).astype(np.float32)
    yield "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "y (n,)", LABELS, ids


def confusion_cases():
    for metric in ["TruePositives", "FalsePositives", "FalseNegatives", "TrueNegatives"]:
        yield metric, {}, "(n, 1)", *BINARY
        yield metric, {"thresholds": [0.3, 0.7]}, "(n, 3)", *MULTI
    for metric in ["Precision", "Recall"]:
        yield metric, {}, "(n, 1)", *BINARY
        yield metric, {}, "y (n,)", BITS[:, 0], BINARY[1]
        yield metric, {"thresholds": 0.75}, "at thresholds", BITS, EDGES
        yield metric, {"thresholds": [0.7, 0.3]}, "(n, 3)", *MULTI
        yield metric, {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "at thresholds", BITS, EDGES
        yield metric, {"top_k": 2}, "(n, 3)", one_hot(LABELS, 3), LOGITS
        yield metric, {"top_k": 1}, "ties", one_hot(LABELS, 3), TIES
        yield metric, {"class_id": 1}, "(n, 3)", *MULTI
        yield metric, {"top_k": 2, "class_id": 2, "thresholds": 0.4}, "(n, 3)", *MULTI


def curve_cases():
    for metric, option in [
        ("SensitivityAtSpecificity", "specificity"),
        ("SpecificityAtSensitivity", "sensitivity"),
        ("PrecisionAtRecall", "recall"),
        ("RecallAtPrecision", "precision"),
    ]:
        yield metric, {option: 0.5}, "(n, 1)", *BINARY
        yield metric, {option: 0.8, "num_thresholds": 5}, "at thresholds", BITS, EDGES
        yield metric, {option: 0.25, "num_thresholds": 1, "class_id": 2}, "(n, 3)", *MULTI
    for curve in ["ROC", "PR", "PRGAIN"]:
        for method in ["interpolation", "majoring", "minoring"]:
            yield "AUC", {"curve": curve, "summation_method": method, "num_thresholds": 20}, "(n, 1)", *BINARY
    yield "AUC", {}, "(n, 3)", *MULTI
    for curve in ["ROC", "PR"]:
        yield "AUC", {"curve": curve, "num_thresholds": 5}, "at thresholds", BITS, EDGES
        yield "AUC", {"curve": curve, "thresholds": [0.7, 0.2, 0.4]}, "(n, 1)", *BINARY
        yield "AUC", {"curve": curve, "multi_label": True, "num_thresholds": 15}, "(n, 3)", *MULTI
    weights = {"label_weights": [0.5, 2.0, 0.0], "num_thresholds": 15}
    yield "AUC", weights, "(n, 3)", *MULTI
    yield "AUC", {**weights, "multi_label": True, "num_labels": 3}, "(n, 3)", *MULTI
    yield "AUC", {"multi_label": True, "thresholds": [0.3, 0.6]}, "(n, 3)", *MULTI
    yield "AUC", {"from_logits": True, "num_thresholds": 20}, "y (n,)", BITS[:, 0], SCORES


def score_cases():
    for average in [None, "micro", "macro", "weighted"]:
        yield "F1Score", {"average": average}, "(n, 3)", one_hot(LABELS, 3), softmax(LOGITS)
        yield "FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.4}, "(n, 3)", *MULTI
    yield "FBetaScore", {}, "ties", one_hot(LABELS, 3), TIES
    for aggregation in [None, "uniform_average", "variance_weighted_average"]:
        yield "R2Score", {"class_aggregation": aggregation}, "(n, 2)", *REGRESSION
    yield "R2Score", {"num_regressors": 3}, "(n, 2)", *REGRESSION
    yield "R2Score", {}, "y (n,)", normal(43, (ROWS,)), normal(44, (ROWS, 1))
    three = normal(52, (ROWS, 3)), normal(53, (ROWS, 3))
    for metric in ["CosineSimilarity", "PearsonCorrelation", "ConcordanceCorrelation"]:
        yield metric, {}, "(n, 3)", *three
    for metric in ["CosineSimilarity", "PearsonCorrelation"]:
        yield metric, {"axis": 1}, "rank 3", normal(54, (ROWS, 4, 2)), normal(55, (ROWS, 4, 2))


def overlap_cases():
    yield "IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "y (n,)", LABELS, PREDICTED
    outside = np.where(np.arange(ROWS) % 4 == 0, 3, PREDICTED).astype(np.int32)
    yield "IoU", {"num_classes": 3, "target_class_ids": [1]}, "a class that there is not", LABELS, outside
    yield "IoU", {"num_classes": 3, "target_class_ids": [1], "ignore_class": 0}, "y (n,)", LABELS, PREDICTED
    yield "IoU", {"num_classes": 3, "target_class_ids": [0], "sparse_y_pred": False}, "(n, 3)", LABELS, LOGITS
    yield "MeanIoU", {"num_classes": 3}, "y (n,)", LABELS, PREDICTED
    yield "MeanIoU", {"num_classes": 5}, "classes that are not met", LABELS, PREDICTED
    yield "MeanIoU", {"num_classes": 3, "ignore_class": 2, "sparse_y_true": False}, "(n, 3)", one_hot(LABELS, 3), PREDICTED
    yield "BinaryIoU", {}, "y (n,)", BITS[:, 0], sigmoid(SCORES)[:, 0]
    yield "BinaryIoU", {"target_class_ids": [1], "threshold": 0.75}, "at thresholds", BITS[:, 0], EDGES[:, 0]
    yield "OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 1]}, "(n, 3)", one_hot(LABELS, 3), LOGITS
    yield "OneHotMeanIoU", {"num_classes": 3, "ignore_class": 0}, "(n, 3)", one_hot(LABELS, 3), LOGITS
    sparse = {"num_classes": 3, "sparse_y_pred": True}
    yield "OneHotMeanIoU", sparse, "(n, 3), outputs (n,)", one_hot(LABELS, 3), PREDICTED


def stream(metric, y, p, weighted):
    """The running result after each batch."""
    metric.reset_state()
    results = []
    for lo, hi in BATCHES:
        metric.update_state(y[lo:hi], p[lo:hi], WEIGHTS[lo:hi] if weighted else None)
        results.append(np.asarray(metric.result(), np.float64).tolist())
    return results


def case(metric, name, y, p):
    return {
        "title": name,
        "yTrue": tensor(y),
        "yPred": tensor(p),
        "running": stream(metric, y, p, weighted=False),
        "runningWeighted": stream(metric, y, p, weighted=True),
    }


def accuracy(name, y, p):
    metric = get_metric("accuracy", y, p)
    resolved = keras.src.utils.naming.to_snake_case(type(metric).__name__)
    return {"metric": "accuracy", "resolved": resolved, **case(metric, name, y, p)}


def streamed(name, config, title, y, p):
    keras.utils.clear_session()
    metric = getattr(keras.metrics, name)(**config)
    return {
        "metric": name,
        "name": metric.name,
        "config": {key: camel(value) if isinstance(value, str) else value for key, value in camel_keys(config).items()},
        **case(metric, title, y, p),
    }


def build():
    groups = [loss_cases, accuracy_cases, confusion_cases, curve_cases, score_cases, overlap_cases]
    return {
        "batches": BATCHES,
        "sampleWeight": tensor(WEIGHTS),
        "accuracy": [accuracy(*args) for args in ACCURACY],
        "streamed": [streamed(*args) for cases in groups for args in cases()],
    }
