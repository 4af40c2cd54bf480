"""Every initializer on vectors, matrices and convolution kernels; uniform draws also as f32 bit patterns."""

import keras
import numpy as np

from reference import bits, camel, camel_keys, tensor

SHAPES = [(4, 3), (7,), (1, 16), (3, 2, 2, 4)]
SEEDS = [0, 42, 987_654_321]

FAMILIES = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]

RANDOM = [(name, {}) for name in FAMILIES] + [
    ("random_uniform", {}),
    ("random_uniform", {"minval": -2.0, "maxval": 5.0}),
    ("random_normal", {}),
    ("random_normal", {"mean": 1.0, "stddev": 2.0}),
    ("truncated_normal", {}),
    ("truncated_normal", {"mean": -1.0, "stddev": 0.5}),
    ("variance_scaling", {}),
    ("variance_scaling", {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}),
    ("variance_scaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "untruncated_normal"}),
    ("variance_scaling", {"scale": 3.0, "mode": "fan_out", "distribution": "uniform"}),
]

ORTHOGONAL = [
    ({}, (4, 4)),
    ({}, (6, 3)),
    ({"gain": 2.0}, (3, 6)),
    ({}, (2, 2, 3, 5)),
    ({}, (5, 1)),
    ({}, (8, 32)),
]

CONSTANT = [
    ("zeros", {}, (2, 3)),
    ("ones", {}, (2, 3)),
    ("constant", {"value": 0.25}, (2, 3)),
    ("identity", {}, (3, 3)),
    ("identity", {"gain": 2.5}, (2, 4)),
    ("identity", {}, (4, 2)),
]


def run(name, config, shape):
    x = np.asarray(getattr(keras.initializers, name)(**config)(shape))
    case = {"name": name, "camel": camel(name), "config": camel_keys(config), **tensor(x)}
    uniform = name.endswith("uniform") or config.get("distribution") == "uniform"
    return {**case, "bits": bits(x)} if uniform else case


def build():
    cases = [run(name, {**config, "seed": seed}, shape) for name, config in RANDOM for seed in SEEDS for shape in SHAPES]
    cases += [run("glorot_uniform", {"seed": seed}, (2, 3)) for seed in (1, 10**9, 2**31 + 1)]
    cases += [run("orthogonal", {**config, "seed": seed}, shape) for config, shape in ORTHOGONAL for seed in (0, 42)]
    cases += [run(*case) for case in CONSTANT]
    return {"cases": cases}
