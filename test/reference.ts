// Reading test/reference/*.json, and comparing with what stands there.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Tensor } from '../ts/index.js';

/** A tensor as the JSON files hold it. */
export interface Values {
  shape: number[];
  data: number[];
}

/** The content of a reference file. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`reference/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** Fails where a value differs from the expected one by more than `tolerance`, relative or (below 1) absolute. */
export function expectClose(
  actual: Tensor | ArrayLike<number>,
  expected: Values,
  tolerance: number,
  what = 'values',
): void {
  const isTensor = 'dataSync' in actual;
  if (isTensor) expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  const values = isTensor ? actual.dataSync() : actual;
  expect(values.length, `${what}: length`).toBe(expected.data.length);
  expected.data.forEach((x, i) => {
    const error = Math.abs(values[i]! - x) / Math.max(1, Math.abs(x));
    expect(error, `${what}[${i}]: ${values[i]}, expected ${x}`).toBeLessThanOrEqual(tolerance);
  });
}
