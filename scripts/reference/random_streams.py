"""The random streams behind a seed: threefry, JAX's draws, Python's and NumPy's MT19937."""

import random

import jax
import keras
import numpy as np
from jax.extend.random import threefry_2x32

import seed_use
from reference import bits, tensor

KEYS = [(0, 0), (1, 0), (42, 0), (1337, 7), (0xFFFFFFFF, 0xFFFFFFFF), (0x13198A2E, 0x03707344), (981_234_567, 3)]
SEEDS = [0, 1, 42, 1337, 2024, 2**31, 2**32 - 1]


def key(k0, k1=0):
    return np.array([k0, k1], np.uint32)


def threefry():
    """One block is (x0, x1) -> (y0, y1) under the key (k0, k1)."""
    x0 = np.array([0, 1, 2, 3, 0, 1, 0xFFFFFFFF, 0x243F6A88, 123456789], np.uint32)
    x1 = np.array([0, 0, 0, 0, 1, 1, 0xFFFFFFFF, 0x85A308D3, 987654321], np.uint32)
    cases = []
    for k in KEYS:
        y = np.asarray(threefry_2x32(key(*k), np.concatenate([x0, x1]))).reshape(2, -1)
        cases.append({"key": list(k), "y0": y[0].tolist(), "y1": y[1].tolist()})
    return {"x0": x0.tolist(), "x1": x1.tolist(), "cases": cases}


def jax_bits():
    """The 32-bit word of each element: y0 ^ y1 of the block whose counter is the flat index."""
    return [
        {"key": list(k), "bits": np.asarray(jax.random.bits(key(*k), (13,), "uint32")).tolist()}
        for k in KEYS
    ]


def jax_uniform():
    cases = []
    for k, shape, lo, hi in [
        ((0, 0), (17,), 0.0, 1.0),
        ((42, 0), (3, 5), -1.0, 1.0),
        ((42, 1), (2, 3, 4), -0.05, 0.05),
        ((1337, 7), (16,), -0.612372398, 0.612372398),
        ((981_234_567, 3), (16,), 3.0, 1000.0),
        ((7, 0), (16,), 1e-38, 1.0),
        ((7, 1), (16,), -1e10, 1e-3),
        ((9, 0), (1,), 0.0, 1.0),
        ((9, 0), (), 0.0, 1.0),
        ((9, 0), (0, 3), 0.0, 1.0),
    ]:
        x = np.asarray(jax.random.uniform(key(*k), shape, "float32", lo, hi))
        cases.append({"key": list(k), "lo": lo, "hi": hi, **tensor(x), "bits": bits(x)})
    return cases


def keras_draws():
    r, cases = keras.random, []

    def add(fn, seed, shape, **args):
        x = np.asarray(getattr(r, fn)(shape, seed=seed, **args))
        case = {"fn": fn, "seed": seed, "args": args, **tensor(x)}
        cases.append({**case, "bits": bits(x)} if fn == "uniform" else case)

    add("uniform", 0, (4, 3))
    add("uniform", 42, (9,), minval=-2.5, maxval=0.75)
    add("uniform", 2**31 + 5, (5,))
    add("normal", 0, (4, 3))
    add("normal", 42, (64,), mean=1.5, stddev=0.25)
    add("normal", 7, (2, 2, 3), stddev=3.0)
    add("truncated_normal", 0, (4, 3))
    add("truncated_normal", 42, (64,), mean=-1.0, stddev=0.5)
    add("randint", 5, (12,), minval=0, maxval=10)
    add("randint", 5, (12,), minval=-1000, maxval=100_000)
    return cases


def categorical():
    cases = []
    for seed, logits, n in [
        (0, [[0.0, 0.0, 0.0, 0.0]], 12),
        (42, [[1.0, -1.0, 0.5], [0.0, 3.0, -2.0]], 8),
        (9, [[-50.0, 0.0], [0.0, -50.0], [0.1, 0.2]], 5),
    ]:
        logits = np.array(logits, np.float32)
        sample = keras.random.categorical(logits, n, seed=seed)
        cases.append({"seed": seed, "logits": tensor(logits), "numSamples": n, "sample": tensor(sample)})
    return cases


def dropout_function():
    cases = []
    for seed, shape, rate, noise_shape in [
        (0, (4, 5), 0.5, None),
        (42, (30,), 0.3, None),
        (1337, (2, 3, 4), 0.9, None),
        (7, (3, 4), 0.25, (3, 1)),
        (7, (2, 3, 4), 0.5, (2, 1, 4)),
    ]:
        y = np.asarray(keras.random.dropout(np.ones(shape, np.float32), rate, noise_shape, seed))
        cases.append({"seed": seed, "rate": rate, "noiseShape": noise_shape, "onesDropped": tensor(y)})
    return cases


def dropout_layer():
    """Successive calls of one layer on ones: the state is [seed, counter], and only training calls move it."""
    cases = []
    for seed, rate, shape in [(0, 0.5, (3, 4)), (123_456_789, 0.3, (2, 7))]:
        layer, x = keras.layers.Dropout(rate, seed=seed), np.ones(shape, np.float32)
        calls = []
        for training in [True, True, False, True]:
            before = np.asarray(layer.seed_generator.state.value)
            y = np.asarray(layer(x, training=training))
            after = np.asarray(layer.seed_generator.state.value)
            calls.append({"training": training, "before": before.tolist(), "after": after.tolist(), "output": tensor(y)})
        cases.append({"seed": seed, "rate": rate, "calls": calls})
    return cases


def global_generator():
    """Unseeded keras.random draws after set_random_seed: one global SeedGenerator, moved by next(ordered=False)."""
    cases = []
    for seed in [0, 42]:
        keras.utils.set_random_seed(seed)
        calls = []
        for _ in range(4):
            x = np.asarray(keras.random.uniform((3,)))
            state = keras.src.backend.common.global_state.get_global_attribute("global_seed_generator").state
            calls.append({"bits": bits(x), "stateAfter": np.asarray(state.value).tolist()})
        cases.append({"seed": seed, "calls": calls})
    return cases


def python_stream():
    cases = []
    for seed in SEEDS:
        words = random.Random(seed)
        draws = random.Random(seed)
        cases.append(
            {
                "seed": seed,
                "words": [words.getrandbits(32) for _ in range(6)],
                "randint": [draws.randint(1, 10**9) for _ in range(16)],
            }
        )
    return cases


def numpy_stream():
    cases = []
    for seed in SEEDS:
        np.random.seed(seed)
        words = np.random.get_state(legacy=False)
        bit_generator = np.random.MT19937()
        bit_generator.state = words
        permutations = [np.random.permutation(n).tolist() for n in (1, 2, 3, 10, 10, 10, 33)]
        cases.append({"seed": seed, "words": bit_generator.random_raw(6).tolist(), "permutations": permutations})
    np.random.seed(7)
    long = [np.random.permutation(n).tolist() for n in (150, 150, 700)]
    return {"cases": cases, "long": {"seed": 7, "permutations": long}}


def build():
    return {
        "threefry2x32": threefry(),
        "jaxBits": jax_bits(),
        "jaxUniform": jax_uniform(),
        "kerasDraws": keras_draws(),
        "categorical": categorical(),
        "dropoutFunction": dropout_function(),
        "dropoutLayer": dropout_layer(),
        "globalGenerator": global_generator(),
        "pythonRandom": python_stream(),
        "numpyRandom": numpy_stream(),
        "seedOrder": seed_use.seed_order(),
        "fitShuffles": seed_use.fit_shuffles(),
    }
