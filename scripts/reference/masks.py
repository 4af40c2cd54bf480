"""Losses, metrics and training of models whose outputs carry a mask: steps of zeros do not count.

Of the history only the losses are recorded: on JAX, Keras loses the predictions' mask between the gradient and the metrics of
a training step, so those count all steps there; in `evaluate`, and on its other backends, they do not.
"""

import keras
import numpy as np

from reference import normal, tensor

# (loss, metrics, activation of the output, units of the output)
CASES = [
    ("mean_squared_error", ["mean_absolute_error"], None, 1),
    ("huber", ["mean_squared_error", "mean_absolute_error"], None, 2),
    ("binary_crossentropy", ["accuracy"], "sigmoid", 1),
    ("sparse_categorical_crossentropy", ["accuracy"], "softmax", 3),
]
ROWS, STEPS = 7, 4


def data(loss, units, seed):
    x = normal(seed, (ROWS, STEPS, 2))
    # From no step to all of them are masked.
    x[0] = 0
    for row in range(1, ROWS):
        x[row, STEPS - row % STEPS :] = 0
    if loss == "sparse_categorical_crossentropy":
        return x, (np.arange(ROWS * STEPS, dtype=np.int32) % units).reshape(ROWS, STEPS)
    y = normal(seed + 1, (ROWS, STEPS, units))
    return x, (y > 0).astype(np.float32) if loss == "binary_crossentropy" else y


def run(loss, metrics, activation, units, seed):
    model = keras.Sequential(
        [
            keras.layers.Input((STEPS, 2)),
            keras.layers.Masking(),
            keras.layers.Dense(3, activation="tanh"),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    weights = [normal(seed + 2 + i, w.shape, 0.5) for i, w in enumerate(model.trainable_variables)]
    model.set_weights(weights)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=metrics)
    x, y = data(loss, units, seed)
    evaluated = model.evaluate(x, y, batch_size=3, verbose=0, return_dict=True)
    history = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0).history["loss"]
    return {
        "loss": loss,
        "metrics": metrics,
        "activation": activation,
        "units": units,
        "x": tensor(x),
        "y": tensor(y),
        "initialWeights": [tensor(w) for w in weights],
        "evaluate": evaluated,
        "losses": history,
        "finalWeights": [tensor(w) for w in model.get_weights()],
    }


def build():
    return {"cases": [run(*case, 500 + 20 * i) for i, case in enumerate(CASES)]}
