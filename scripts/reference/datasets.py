"""The real data of the fit runs: standardised to mean 0 and deviation 1, rounded to f32."""

import csv

import numpy as np

from reference import DATA

SPECIES = ["setosa", "versicolor", "virginica"]


def _rows(name):
    with open(DATA / f"{name}.csv", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def _standardised(x):
    x = np.array(x, np.float64)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)


def load():
    """Diabetes in its own order; Iris, which comes sorted by species, with its rows shuffled once."""
    diabetes = _standardised(_rows("diabetes"))
    iris = [_rows("iris")[i] for i in np.random.RandomState(0).permutation(150)]
    labels = np.array([SPECIES.index(row[4]) for row in iris], np.int32)
    return {
        "diabetesX": diabetes[:, :4],  # bmi, bp, s1, s5
        "diabetesY": diabetes[:, 4:],
        "irisX": _standardised([row[:4] for row in iris]),
        "irisClass": labels,
        "irisOneHot": np.eye(3, dtype=np.float32)[labels],
        "irisVirginica": (labels == 2).astype(np.float32)[:, None],
        "irisWeight": np.float32([1, 0.5, 2])[labels],
    }
