// Tables of expressions and the values that they give.
import { expect, test } from 'vitest';
import * as wg from '../../ts/index.js';

/** `dtype` is float32 where it is left out. */
export type Row = [what: string, f: () => wg.Tensor, values: unknown, dtype?: wg.DataType];

/** A test for each row: values, their nesting and the dtype are equal, zeros by their sign too. */
export function testValues(rows: readonly Row[]): void {
  test.each(rows as Row[])('%s', (_, f, values, dtype = 'float32') => {
    wg.tidy(() => {
      const y = f();
      expect(y.dtype).toBe(dtype);
      expect(y.arraySync()).toEqual(values);
    });
  });
}

/** A test for each row: the error's text. */
export function testErrors(rows: readonly [what: string, f: () => unknown, message: string | RegExp][]): void {
  test.each(rows)('%s', (_, f, message) => {
    let error: unknown;
    try {
      wg.tidy(() => void f());
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(wg.WasmgradError);
    expect((error as Error).message).toMatch(message);
  });
}

/** Numbers as an int32 tensor. */
export const int = (values: wg.NestedArray, shape?: number[]) => wg.tensor(values, shape, 'int32');
/** Numbers as a bool tensor. */
export const bool = (values: wg.NestedArray, shape?: number[]) => wg.tensor(values, shape, 'bool');
