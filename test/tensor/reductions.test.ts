// What combines elements along axes, against naive arrays.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { check, expectSame, fromStart, naive, places, shapeAndAxis, shapes, tensorOf } from './naive.js';
import { bool, int, testErrors, testValues } from './table.js';

const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);
const product = (xs: readonly number[]) => xs.reduce((total, x) => total * x, 1);

/** A shape, some of its axes from either end, and whether they stay. */
const reductions = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray([...shape.keys()]).chain((axes) => fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length)))),
    keepDims: fc.boolean(),
  }),
); // prettier-ignore

describe('reductions', () => {
  test.each<[string, wg.DataType, (xs: readonly number[]) => number]>([
    ['sum', 'float32', sum],
    ['sum', 'int32', sum],
    ['prod', 'int32', (xs) => product(xs) | 0],
    ['max', 'float32', (xs) => Math.max(...xs)],
    ['min', 'int32', (xs) => Math.min(...xs)],
    ['mean', 'float32', (xs) => Math.fround(sum(xs) / xs.length)],
    ['all', 'bool', (xs) => Number(xs.every((x) => x !== 0))],
    ['any', 'bool', (xs) => Number(xs.some((x) => x !== 0))],
  ])('%s of %s', (name, dtype, f) => {
    check(reductions, ({ shape, axes, keepDims }) => {
      const gone = axes.map((axis) => fromStart(axis, shape));
      const isEmpty = gone.some((axis) => shape[axis] === 0);
      // There is no largest of none; integers beyond 2^31 are another test's.
      if (isEmpty && (name === 'max' || name === 'min')) return;
      const x = naive(shape);
      const actual = tensorOf(x, dtype)[name as 'sum'](axes, keepDims);
      const kept = shape.map((dim, i) => (gone.includes(i) ? 1 : dim));
      const inner = places(shape.map((dim, i) => (gone.includes(i) ? dim : 1)));
      const at = (place: readonly number[]) => {
        const left = keepDims ? [...place] : shape.map(() => 0);
        if (!keepDims) shape.map((_, i) => i).filter((i) => !gone.includes(i)).forEach((i, j) => (left[i] = place[j]!));
        const values = inner.map((one) => x.at(one.map((p, i) => p + left[i]!)));
        return f(dtype === 'bool' ? values.map((value) => Number(value !== 0)) : values);
      };
      if (name === 'prod') expect(actual.dtype).toBe('int32');
      expectSame(actual, { shape: keepDims ? kept : shape.filter((_, i) => !gone.includes(i)), at });
    });
  }); // prettier-ignore

  test.each<['argMax' | 'argMin', (...xs: number[]) => number]>([
    ['argMax', Math.max],
    ['argMin', Math.min],
  ])('%s gives the first of equal ones', (name, best) => {
    check(shapeAndAxis, ({ shape, axis }) => {
      const along = fromStart(axis, shape);
      if (shape[along] === 0) return;
      const x = naive(shape);
      const row = (place: readonly number[]) => Array.from({ length: shape[along]! }, (_, i) => x.at(place.toSpliced(along, 0, i)));
      expectSame(tensorOf(x)[name](axis), {
        shape: shape.toSpliced(along, 1),
        at: (place) => row(place).indexOf(best(...row(place))),
      });
    });
  }); // prettier-ignore

  testValues([
    ['argMax by default goes along the first axis', () => wg.argMax([[1, 5], [7, 2]]), [1, 0], 'int32'],
    ['argMax finds NaN', () => wg.argMax([1, NaN, 3]), 1, 'int32'],
    ['argMin finds NaN', () => wg.argMin([1, NaN, 3]), 1, 'int32'],
    ['argMax of bools', () => bool([0, 1, 1]).argMax(), 1, 'int32'],
    ['sum of nothing', () => wg.zeros([0]).sum(), 0],
    ['prod of nothing', () => wg.zeros([0]).prod(), 1],
    ['mean of nothing', () => wg.zeros([0]).mean(), NaN],
    ['null stands for all axes', () => wg.sum([[1, 2]], null, true), [[3]]],
    ['no axes', () => wg.sum([1, 2], []), [1, 2]],
    ['variance', () => wg.variance([[1, 2], [3, 6]], 0), [1, 4]],
    ['var', () => wg.var([[1, 2], [3, 6]], 0), [1, 4]],
    ['std', () => wg.std([1, 3]), 1],
    ['moments: mean', () => wg.moments([[1, 2], [3, 6]], [0, 1], true).mean, [[3]]],
    ['moments: variance', () => wg.moments(int([1, 3])).variance, 1],
    ['norm', () => wg.norm([[3, 4]]), 5],
    ['norm of rows', () => wg.norm([[3, 4], [6, 8]], 'euclidean', 1, true), [[5], [10]]],
    ['1-norm of a vector', () => wg.norm([3, -4], 1), 7],
    ['1-norm of a matrix', () => wg.norm([[3, -4], [1, 1]], 1, [0, 1]), 5],
    ['∞-norm of a matrix', () => wg.norm([[3, -4], [1, 1]], Infinity, [0, 1]), 7],
    ['-∞-norm of a vector', () => wg.norm([3, -4], -Infinity), 3],
    ['euclideanNorm', () => wg.euclideanNorm([3, 4]), 5],
    ['softmax along another axis', () => wg.softmax([[1, 2], [1, 2]], 0), [[0.5, 0.5], [0.5, 0.5]]],
  ]); // prettier-ignore

  testErrors([
    ['the largest of none', () => wg.max(wg.zeros([2, 0]), 1), 'max: there are no elements along the axes of shape [2, 0]'],
    ['the place of none', () => wg.argMax(wg.zeros([0])), 'argMax: there are no elements along the axes'],
    ['all of floats', () => wg.all(wg.ones([2])), /all: expected x of dtype bool, got float32/],
    ['an unknown norm', () => wg.norm([1], 3), 'norm: there is no norm of order 3 of vectors here'],
    ['a norm by name', () => wg.norm([1], 'x' as never), 'norm: there is no norm of order "x" of vectors here'],
    ['an axis that is no number', () => wg.sum([1], 'x' as never), 'sum: axis "x" does not exist'],
    ['a number by text', () => wg.sum([1], '0' as never), 'sum: axis "0" does not exist'],
    ['a flag by text', () => wg.sum([1], 0, 'no' as never), 'sum: expected true or false, got "no"'],
  ]); // prettier-ignore
});

describe('scans', () => {
  test.each<['cumsum' | 'cumprod', (xs: readonly number[]) => number]>([
    ['cumsum', sum],
    ['cumprod', product],
  ])('%s, exclusive and reverse', (name, combine) => {
    check(fc.tuple(shapeAndAxis, fc.boolean(), fc.boolean()), ([{ shape, axis }, exclusive, reverse]) => {
      const [x, along] = [naive(shape), fromStart(axis, shape)];
      const at = (place: readonly number[]) => {
        const here = place[along]!;
        const counts = (i: number) => (reverse ? i > here : i < here) || (!exclusive && i === here);
        const row = Array.from({ length: shape[along]! }, (_, i) => i).filter(counts);
        return combine(row.map((i) => x.at(place.with(along, i)))) + 0;
      };
      const actual = tensorOf(x, 'int32')[name](axis, exclusive, reverse);
      expect(actual.dtype).toBe('int32');
      expectSame(actual, { shape, at });
      const floats = tensorOf(x)[name](axis, exclusive, reverse).abs();
      expectSame(floats, { shape, at: (place) => Math.abs(at(place)) });
    });
  });

  testValues([['of bools it counts', () => bool([1, 0, 1]).cumsum(), [1, 1, 2], 'int32']]);
});

describe('the largest', () => {
  test('topk sorts downwards and takes the first of equal ones first', () => {
    check(
      fc.tuple(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 }), fc.nat(12)),
      ([row, n]) => {
        const k = Math.min(n, row.length);
        const order = [...row.keys()].sort((i, j) => row[j]! - row[i]! || i - j).slice(0, k);
        for (const x of [wg.tensor([row, row]), int([row, row])]) {
          const { values, indices } = wg.topk(x, k);
          expect([values.dtype, indices.dtype]).toEqual([x.dtype, 'int32']);
          expect(values.arraySync()).toEqual([1, 2].map(() => order.map((i) => row[i]!)));
          expect(indices.arraySync()).toEqual([order, order]);
        }
      },
    );
  });

  testErrors([
    ['more than there are', () => wg.topk([1, 2], 3), 'topK: k = 3 elements cannot be taken from rows of 2'],
    ['of a scalar', () => wg.topk(1), 'topK: k = 1 elements cannot be taken from a scalar'],
  ]);
});
