// Reading test/reference/*.json, and comparing with what stands there.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { tensor, type DataType, type Tensor } from '../ts/index.js';

/** A tensor as the JSON files hold it. */
export interface Values {
  shape: number[];
  /** Default: float32. */
  dtype?: string;
  data: number[];
}

/** JSON has no words for these. */
const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];

/** The content of a reference file. */
export function fixture<T>(name: string): T {
  const text = readFileSync(new URL(`reference/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text, (_key, value: unknown) =>
    NON_FINITE.includes(value as string) ? Number(value) : value,
  ) as T;
}

/** A new tensor of recorded values. */
export function tensorOf({ shape, dtype, data }: Values): Tensor {
  return tensor(data, shape, (dtype ?? 'float32') as DataType);
}

/** Recorded values that are a list. */
export function list(data: number[]): Values {
  return { shape: [data.length], data };
}

/**
 * Fails where a value differs from the expected one by more than `tolerance`, relative to its size, or to `floor` where
 * that is larger. What is not finite must be the same.
 */
export function expectClose(
  actual: Tensor | ArrayLike<number>,
  expected: Values,
  tolerance: number,
  what = 'values',
  floor = 1,
): void {
  const isTensor = 'dataSync' in actual;
  if (isTensor) expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  const values = isTensor ? actual.dataSync() : actual;
  expect(values.length, `${what}: length`).toBe(expected.data.length);
  const wrong = expected.data.flatMap((written, i) => {
    // Nine digits name a float32, which is the nearest one.
    const [value, x] = [values[i]!, isTensor ? Math.fround(written) : written];
    const isClose = Math.abs(value - x) <= tolerance * Math.max(floor, Math.abs(x));
    return isClose || Object.is(value, x) ? [] : `[${i}] is ${value}, expected ${x}`;
  });
  expect(wrong, what).toEqual([]);
}

/** Fails where a value is another f32. */
export function expectBits(actual: Tensor, bits: readonly number[], what = 'bits'): void {
  expect([...new Uint32Array(Float32Array.from(actual.dataSync()).buffer)], what).toEqual(bits);
}
