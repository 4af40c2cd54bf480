// Comparisons for tests: tfjs's `test_util`.
import { WasmgradError } from './core/errors.js';
import { inferShape, type NestedArray } from './tensor/dtypes.js';
import { isTensor, type Tensor } from './tensor/tensor.js';
import { arraysEqual, flatten } from './util.js';

/** What is compared. Flat values are compared with nested ones by their numbers alone. */
export type Comparable = Tensor | NestedArray;

interface Values {
  shape: readonly number[];
  flat: readonly number[];
}

function valuesOf(x: Comparable): Values {
  if (isTensor(x)) return { shape: x.shape, flat: Array.from(x.dataSync()) };
  return { shape: inferShape('expectArrays', x), flat: flatten(x) };
}

function compare(
  place: string,
  actual: Comparable,
  expected: Comparable,
  same: (a: number, b: number) => boolean,
): void {
  const [a, b] = [valuesOf(actual), valuesOf(expected)];
  const bothNested = a.shape.length > 1 && b.shape.length > 1;
  if (a.flat.length !== b.flat.length || (bothNested && !arraysEqual(a.shape, b.shape))) {
    throw new WasmgradError(`${place}: shape [${a.shape}] differs from the expected [${b.shape}]`);
  }
  const wrong = a.flat.findIndex((value, i) => !same(value, b.flat[i]!));
  if (wrong >= 0) {
    throw new WasmgradError(
      `${place}: element ${wrong} is ${a.flat[wrong]}, expected ${b.flat[wrong]}\n  actual:   ${a.flat.slice(0, 20).join(', ')}\n` +
        `  expected: ${b.flat.slice(0, 20).join(', ')}`,
    );
  }
}

/** @throws if a number differs by more than `epsilon` (default: 0.001), or the shapes differ. NaN equals NaN. */
export function expectArraysClose(actual: Comparable, expected: Comparable, epsilon = 1e-3): void {
  compare('expectArraysClose', actual, expected, (a, b) => Object.is(a, b) || a === b || Math.abs(a - b) <= epsilon);
}

/** @throws if a number or the shapes differ. NaN equals NaN. */
export function expectArraysEqual(actual: Comparable, expected: Comparable): void {
  compare('expectArraysEqual', actual, expected, (a, b) => Object.is(a, b) || a === b);
}

/** @throws if the numbers differ by more than `epsilon` (default: 0.001). */
export function expectNumbersClose(actual: number, expected: number, epsilon?: number): void {
  expectArraysClose(actual, expected, epsilon);
}

/** @throws if a number is outside of `low` to `high`. */
export function expectValuesInRange(actual: Comparable, low: number, high: number): void {
  const { flat } = valuesOf(actual);
  const wrong = flat.findIndex((value) => !(value >= low && value <= high));
  if (wrong >= 0)
    throw new WasmgradError(`expectValuesInRange: element ${wrong} is ${flat[wrong]}, expected ${low} to ${high}`);
}
