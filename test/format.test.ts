// Tensors print as NumPy arrays do: test/reference/format.json holds what NumPy printed.
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';
import { format } from '../ts/tensor/format.js';
import { fixture } from './reference.js';

interface Case {
  name: string;
  dtype: wg.DataType;
  shape: number[];
  /** Numbers, or Python's words for those that JSON has none for. */
  data: (number | 'nan' | 'inf' | '-inf' | '-0.0')[];
  text: string;
}

const WORDS = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0.0': -0 };
const { cases } = fixture<{ cases: Case[] }>('format');

describe("the text is NumPy's", () => {
  test.each(cases)('$name', ({ dtype, shape, data, text }) => {
    using x = wg.tensor(
      data.map((value) => (typeof value === 'string' ? WORDS[value] : value)),
      shape,
      dtype,
    );
    expect(x.toString()).toBe(text);
  });
});

test('the numbers of a text are those of the tensor, to eight decimals or all digits', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(float, { minLength: 1, maxLength: 20 }), (values) => {
      const text = format(values, [values.length], 'float32');
      const read = text.slice(1, -1).trim().split(/\s+/).map(Number);
      expect(read).toHaveLength(values.length);
      read.forEach((x, i) => {
        if (text.includes('e')) expect(Math.fround(x)).toBe(values[i]);
        else expect(Math.abs(x - values[i]!)).toBeLessThanOrEqual(Math.max(5.1e-9, Math.abs(values[i]!) * 2 ** -24));
      });
    }),
  );
});

test('a verbose text says what the tensor is before its values', () => {
  using x = wg.tensor([1, 2, 3, 4], [2, 2], 'int32');
  expect(x.toString(true)).toBe(
    'Tensor\n  dtype: int32\n  rank: 2\n  shape: [2,2]\n  values:\n    [[1 2]\n     [3 4]]',
  );
});

test('print writes the text to the console', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  using x = wg.tensor1d([1, 2]);
  x.print();
  wg.print(x, true);
  expect(log.mock.calls).toEqual([['[1. 2.]'], [x.toString(true)]]);
  log.mockRestore();
});

describe('the console shows a tensor with its type and values', () => {
  test.each<[name: string, make: () => wg.Tensor, shown: string]>([
    ['a matrix', () => wg.tensor([1, 2, 3, 4], [2, 2]), 'Tensor float32 [2, 2]\n[[1. 2.]\n [3. 4.]]'],
    ['a vector of bools', () => wg.tensor([true, false]), 'Tensor bool [2]\n[ True False]'],
    ['a scalar', () => wg.scalar(2, 'int32'), 'Tensor int32 [] 2'],
    ['a variable', () => wg.tidy(() => wg.variable(wg.tensor([1]))), 'Tensor float32 [1]\n[1.]'],
    ['nothing', () => wg.zeros([0, 2]), 'Tensor float32 [0, 2]\n[]'],
  ])('%s', (_, make, shown) => {
    const x = make();
    expect(inspect(x)).toBe(shown);
    expect(inspect([x])).toContain(shown.replaceAll('\n', '\n  '));
    x.dispose();
    expect(inspect(x)).toBe(String(x));
  });

  test('what evaluate gives', () => {
    const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })]);
    model.compile({ loss: 'mse' });
    expect(inspect(model.evaluate([[1]], [[0.5]]))).toBe('Tensor float32 [] 0.25');
    model.dispose();
  });

  test('a tensor of a program', () => {
    let shown = '';
    using f = wg.compile((y) => ((shown = inspect(y)), y.square()));
    wg.tidy(() => void f([1, 2]));
    expect(shown).toBe('<symbolic float32 of shape [2]>');
  });
});

test('what has no values says so', () => {
  const x = wg.zeros([2, 3]);
  x.dispose();
  expect(String(x)).toBe('<disposed tensor of shape [2,3]>');
  let text = '';
  using f = wg.compile((y) => {
    text = String(y);
    return y.square();
  });
  wg.tidy(() => void f([1, 2]));
  expect(text).toBe('<symbolic float32 of shape [2]>');
});

test('a tensor of one element reads as a number', () => {
  using x = wg.scalar(2.5);
  expect(`${x}`).toBe('2.5');
  expect((x as unknown as number) < 3).toBe(true);
  expect(Number(x)).toBe(2.5);
});
