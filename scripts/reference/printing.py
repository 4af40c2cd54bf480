"""What Keras prints: model.summary() with several line lengths, and the progress of fit."""

import contextlib
import io
import os
from unittest import mock

os.environ["COLUMNS"] = "120"  # the widest table that is asked for fits

import keras
import numpy as np

from reference import camel_keys

SEED_NET = [("Dense", {"units": 10, "activation": "relu"}), ("Dense", {"units": 1})]
CLASSIFIER = [
    ("Flatten", {}),
    ("Dense", {"units": 512, "activation": "relu"}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]
NAMED = [
    ("Dense", {"units": 8, "name": "first", "trainable": False}),
    ("Activation", {"activation": "tanh", "name": "an_activation_whose_name_needs_two_lines"}),
    ("Reshape", {"target_shape": [2, 2, 2], "name": "short_name"}),
    ("Flatten", {"name": "a_name_that_is_longer_than_the_whole_column_so_that_it_breaks_in_its_middle"}),
]

# (name, layers, input shape, whether to train a step, line lengths)
SUMMARIES = [
    ("the seed's program", SEED_NET, [4], False, [76, 40, 60, 88, 101]),
    ("the seed's program, trained", SEED_NET, [4], True, [76]),
    ("without an input shape", SEED_NET, None, False, [76]),
    ("without an input shape, trained", SEED_NET, None, True, [76]),
    ("a classifier with dropout", CLASSIFIER, [28, 28], False, [76]),
    ("a classifier with dropout, trained", CLASSIFIER, [28, 28], True, [76]),
    ("long names, a frozen layer", NAMED, [3], False, [76, 58]),
]


def make(layers, shape):
    keras.utils.clear_session()
    stack = [getattr(keras.layers, name)(**config) for name, config in layers]
    return keras.Sequential([keras.Input(shape), *stack] if shape else stack)


def train(model, shape):
    x = np.ones((2, *(shape or [4])), np.float32)
    model.compile("adam", "mse")
    model.fit(x, np.zeros((2, model(x).shape[-1]), np.float32), verbose=0)


def summary(name, layers, shape, trained, lengths):
    model = make(layers, shape)
    if trained:
        train(model, shape)
    stack = [{"layer": layer.lower(), "config": camel_keys(config)} for layer, config in layers]
    tables = []
    for length in lengths:
        printed = []
        model.summary(line_length=length, print_fn=printed.append)
        tables.append({"lineLength": length, "lines": printed[0].rstrip("\n").split("\n")})
    return {"name": name, "layers": stack, "inputShape": shape, "trained": trained, "tables": tables}


# (steps of the epoch, seconds that it took, values at its end): what the last line says.
EPOCHS = [
    (1, 0, {"loss": 0.5}),
    (3, 0.012, {"accuracy": 0.525, "loss": 1.14861, "val_accuracy": 0.2, "val_loss": 1.4846}),
    (12, 0.0006, {"loss": 0.00101, "mae": 0.00099949}),
    (250, 3.4, {"loss": 0, "mae": 1e-3}),
    (250, 300.2, {"loss": 12345.678}),
    (1000, 4200, {"loss": 1e-12, "mse": 9.87654e9}),
    (4, 5.2, {"loss": float("inf"), "mae": float("nan")}),
]

# (steps, the step that was finished, seconds until then, values): a line in between.
MOMENTS = [
    (10, 1, 0.05, {"loss": 0.5}),
    (10, 9, 4, {"loss": 0.5, "mae": 0.25}),
    (250, 12, 0.8, {"loss": 0.001}),
    (250, 12, 18, {"loss": 1.5}),
    (250, 13, 300, {"loss": 1.5}),
    (1875, 93, 0.06, {"loss": 2.3}),
]


def progress_line(steps, current, seconds, values, verbose):
    """The line of Keras's bar that begins at second 0, without the control characters that move it to its place."""
    text = io.StringIO()
    with mock.patch("keras.src.utils.progbar.time.time", return_value=1000.0) as clock, contextlib.redirect_stdout(text):
        bar = keras.utils.Progbar(steps, verbose=verbose, stateful_metrics=list(values))
        clock.return_value = 1000.0 + seconds
        bar.update(current, list(values.items()))
    return text.getvalue().strip("\b\r\n")


def progress(steps, current, seconds, values):
    lines = {str(verbose): progress_line(steps, current, seconds, values, verbose) for verbose in (1, 2)}
    return {"steps": steps, "batch": current, "seconds": seconds, "values": values, "lines": lines}


def build():
    return {
        "summaries": [summary(*case) for case in SUMMARIES],
        "epochs": [progress(steps, steps, seconds, values) for steps, seconds, values in EPOCHS],
        "moments": [progress(*moment) for moment in MOMENTS],
    }
