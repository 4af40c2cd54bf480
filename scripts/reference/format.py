"""How NumPy prints float32, int32 and bool arrays. Needs NumPy alone: python scripts/reference/format.py"""

import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[2] / "test" / "reference" / "format.json"
F, I = np.float32, np.int32


def random(seed, shape, scale=1.0):
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(F)


def arrays():
    inf, nan = np.inf, np.nan
    yield from ((f"scalar {x}", F(x)) for x in [0, -0.0, 1, -2.5, 0.1, 1 / 3, 1e-4, 1.1e-4, 999999.9, 1e6, 1.5e-20, 3.4e38, 1e-45])
    yield from ((f"scalar {x}", F(x)) for x in [inf, -inf, nan])
    yield from ((f"scalar 2^{e}", F(2.0**e)) for e in range(-149, 128))
    yield "scalar int", I(-7)
    yield "scalar true", np.bool_(True)
    yield "scalar false", np.bool_(False)

    yield "whole floats", np.array([1, 2, 3], F)
    yield "negative floats", np.array([1, -2, 3], F)
    yield "zeros of both signs", np.array([0, -0.0], F)
    yield "one zero", np.zeros([1], F)
    yield "different decimals", np.array([1, 0.5, 0.25, 10.125], F)
    yield "thirds", np.array([1 / 3, 2 / 3, 4 / 3], F)
    yield "cut after eight decimals", np.array([0.00012345678, 0.1, 0.00195312, 0.05], F)
    yield "halves go to the even digit", np.array([2.0**-9, 3 * 2.0**-9, 5 * 2.0**-9, 7 * 2.0**-9], F)
    yield "large, not yet scientific", np.array([999999.94, 123456.78], F)
    yield "scientific, large", np.array([1e6, 2e6], F)
    yield "scientific, small", np.array([9.9e-5, 0.5], F)
    yield "the smallest that is not scientific", np.array([1e-4, 1e-2], F)
    yield "a thousand is not wide", np.array([1, 1000], F)
    yield "more than a thousand is wide", np.array([1, 1001], F)
    yield "wide with signs and zero", np.array([-1.5, 0, 2e6, -0.0], F)
    yield "wide with long digits", np.array([0.1234567, 123456.79], F)
    yield "exponents of one width", np.array([1e-30, 1e30], F)
    yield "denormals", np.array([1e-45, 1e-40], F)
    yield "the largest", np.array([3.4028235e38, -3.4028235e38], F)
    yield "not finite alone", np.array([inf, -inf, nan], F)
    yield "NaN alone", np.array([nan, nan], F)
    yield "not finite among others", np.array([1, inf, nan], F)
    yield "minus infinity among others", np.array([1.25, -inf], F)
    yield "not finite among wide ones", np.array([1e-9, inf, nan], F)
    yield "infinity and digits", np.array([inf, 1], F)
    for k in range(-8, 9, 2):
        yield f"random times 1e{k}", random(100 + k, [7], 10.0**k)
    yield "random of many magnitudes", np.exp(random(1, [12], 6)).astype(F)
    yield "float bits", np.random.default_rng(3).integers(0, 2**32, 40, np.uint32).view(F)

    yield "ints", np.array([1, 2, 3], I)
    yield "ints of both signs", np.array([1, -20, 300], I)
    yield "the ends of int32", np.array([-(2**31), 2**31 - 1], I)
    yield "bools", np.array([True, False])
    yield "true alone", np.array([True, True])
    yield "matrix of bools", np.eye(3, dtype=bool)

    yield "empty", np.zeros([0], F)
    yield "empty matrix", np.zeros([3, 0], I)
    yield "matrix", np.arange(6, dtype=F).reshape(2, 3)
    yield "matrix of one column", np.arange(3, dtype=F).reshape(3, 1)
    yield "rank 3", np.arange(24, dtype=I).reshape(2, 3, 4)
    yield "rank 4", random(4, [2, 1, 2, 3])
    yield "rank 5", np.arange(8, dtype=F).reshape(2, 1, 2, 1, 2)
    yield "a line that just fits", np.arange(10, 34, dtype=I)
    for n in range(22, 28):
        yield f"{n} ints in a line", np.arange(10, 10 + n, dtype=I)
        yield f"{n} ints in a row", np.arange(10, 10 + 2 * n, dtype=I).reshape(2, n)
    yield "lines of floats", random(5, [30])
    yield "lines of matrix rows", random(6, [2, 20])
    yield "lines of rank 3", random(7, [1, 2, 12])
    yield "a thousand elements", np.arange(1000, dtype=F)
    yield "more than a thousand", np.arange(1001, dtype=F)
    yield "hidden elements do not count", np.where(np.arange(2000) == 1000, 1e20, 1).astype(F)
    yield "summarised matrix", np.arange(2000, dtype=I).reshape(100, 20)
    yield "summarised, one dimension short", np.arange(1200, dtype=F).reshape(2, 600)
    yield "summarised columns stay whole at six", np.arange(1200, dtype=F).reshape(200, 6)
    yield "summarised rank 3", np.arange(1400, dtype=F).reshape(7, 20, 10)
    yield "summarised rank 4", np.arange(2400, dtype=F).reshape(10, 2, 12, 10)


def value(x):
    return float(x) if np.isfinite(x) and not (x == 0 and np.signbit(x)) else str(float(x))


def case(name, array):
    dtype = {F: "float32", I: "int32", np.bool_: "bool"}[array.dtype.type]
    flat = np.ravel(array)
    data = [int(x) for x in flat] if dtype != "float32" else [value(x) for x in flat]
    return {"name": name, "dtype": dtype, "shape": list(array.shape), "data": data, "text": str(array)}


if __name__ == "__main__":
    lines = ",\n".join("  " + json.dumps(case(*pair)) for pair in arrays())
    OUT.write_text(f'{{"numpy": "{np.__version__}", "cases": [\n{lines}\n]}}\n', encoding="utf-8")
