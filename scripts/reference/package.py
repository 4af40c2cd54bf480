"""The program of test/package/fixtures, which every runtime runs from the installed package."""

import keras
import numpy as np

SEED = 7


def build():
    x_train, x_test, x_new = inputs(256), inputs(60), inputs(3)
    y_train, y_test = targets(x_train), targets(x_test)

    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    untrained, _ = model.evaluate(x_test, y_test, verbose=0)
    model.fit(x_train, y_train, epochs=10, verbose=0)
    loss, mae = model.evaluate(x_test, y_test, verbose=0)
    predictions = model.predict(x_new, verbose=0)
    return {"untrained": untrained, "loss": loss, "mae": mae, "predictions": predictions.tolist()}


def inputs(n):
    columns = [np.arange(n) % period / 4 - 0.5 for period in (5, 3, 7, 2)]
    return np.stack(columns, axis=1).astype(np.float32)


def targets(x):
    return x[:, 0:1] - 2 * x[:, 1:2] + x[:, 2:3] / 2 + 1
