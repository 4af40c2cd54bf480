// What finds elements by index or by a condition.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { check, expectSame, fromStart, naive, shapeAndAxis, tensorOf } from './naive.js';
import { bool, int, testErrors, testValues } from './table.js';

const matrix = () => wg.tensor([[1, 2], [3, 4], [5, 6]]); // prettier-ignore

describe('gather', () => {
  test('takes slices by indices of any shape, from either end', () => {
    const gathers = shapeAndAxis.chain(({ shape, axis }) => {
      const dim = shape.at(axis)!;
      const index = dim === 0 ? fc.constant([] as number[]) : fc.array(fc.integer({ min: -dim, max: dim - 1 }), { maxLength: 4 });
      return fc.record({ shape: fc.constant(shape), axis: fc.constant(axis), indices: index });
    });
    check(gathers, ({ shape, axis, indices }) => {
      const [x, along] = [naive(shape), fromStart(axis, shape)];
      const dim = shape[along]!;
      const column = [indices.length, 1];
      expectSame(tensorOf(x).gather(int(indices, column), axis), {
        shape: shape.toSpliced(along, 1, ...column),
        at: (place) => x.at(place.toSpliced(along, 2, (indices[place[along]!]! + dim) % dim)),
      });
    });
  }); // prettier-ignore

  testValues([
    ['by plain numbers', () => matrix().gather([2, 0]), [[5, 6], [1, 2]]],
    ['by a scalar', () => matrix().gather(wg.scalar(1, 'int32')), [3, 4]],
    ['in batches', () => wg.gather([[1, 2], [3, 4]], int([[1], [0]]), 1, 1), [[2], [3]]],
    ['gatherND of elements', () => wg.gatherND(matrix(), int([[0, 1], [2, 0]])), [2, 5]],
    ['gatherND of rows', () => wg.gatherND(matrix(), int([[-1]])), [[5, 6]]],
    ['of ints', () => wg.gather(int([5, 6]), [1]), [6], 'int32'],
    ['of bools', () => wg.gather(bool([1, 0]), [1]), [0], 'bool'],
  ]); // prettier-ignore

  testErrors([
    ['beyond the end', () => matrix().gather([3]), 'gather: index 3 does not exist in an axis of 3 elements'],
    ['before the beginning', () => matrix().gather([-4]), 'gather: index -4 does not exist in an axis of 3 elements'],
    ['floats', () => matrix().gather(wg.tensor([1])), /gather: expected indices of dtype int32, got float32; call .toInt\(\)/],
    ['an axis', () => matrix().gather([0], 2), 'gather: axis 2 does not exist'],
    ['batches that differ', () => wg.gather(matrix(), int([[0]]), 1, 1), /do not share 1 dimensions before axis 1/],
    ['places that are too deep', () => wg.gatherND([1], int([[0, 0]])), /depth of at most 1/],
  ]); // prettier-ignore
});

describe('scatter', () => {
  testValues([
    ['adds what comes to one place', () => wg.scatterND(int([[1], [1], [3]]), [1, 2, 3], [4]), [0, 3, 0, 3]],
    ['rows', () => wg.scatterND(int([[1]]), [[5, 6]], [2, 2]), [[0, 0], [5, 6]]],
    ['of ints', () => wg.scatterND(int([[0]]), int([7]), [2]), [7, 0], 'int32'],
    ['tensorScatterUpdate', () => wg.tensorScatterUpdate([1, 2, 3], int([[1]]), [9]), [1, 9, 3]],
    ['unsortedSegmentSum', () => wg.unsortedSegmentSum([1, 2, 3], int([0, 1, 0]), 3), [4, 2, 0]],
    ['ids below 0 are left out', () => wg.unsortedSegmentSum([1, 2, 3], int([0, -1, 0]), 2), [4, 0]],
  ]); // prettier-ignore

  test('of what was gathered is its gradient', () => {
    wg.tidy(() => {
      const [ids, dy] = [int([2, 0, 2]), wg.tensor([1, 10, 100])];
      const dx = wg.grad((x) => x.gather(ids))(wg.zeros([3]), dy);
      expect(dx.arraySync()).toEqual(wg.unsortedSegmentSum(dy, ids, 3).arraySync());
      const back = wg.grad((x) => wg.unsortedSegmentSum(x, int([1, -1, 0]), 2))(wg.zeros([3]), [5, 7]);
      expect(back.arraySync()).toEqual([7, 0, 5]);
    });
  });

  testErrors([
    ['a place outside', () => wg.scatterND(int([[2]]), [1], [2]), 'scatterND: index 2 does not exist in an axis of 2'],
    ['updates that do not fit', () => wg.scatterND(int([[0]]), [1, 2], [2]), /expected updates of shape \[1\], got \[2\]/],
    ['a segment too many', () => wg.unsortedSegmentSum([1], int([2]), 2), 'index 2 does not exist in an axis of 2'],
  ]); // prettier-ignore
});

describe('oneHot', () => {
  testValues([
    ['has no one where there is no class', () => wg.oneHot(int([0, 2, -1, 3]), 3), [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]], 'int32'],
    ['with other values', () => wg.oneHot([0, 1], 2, 5, -5), [[5, -5], [-5, 5]], 'int32'],
    ['as floats', () => wg.oneHot([1], 2, 0.5, 0.25, 'float32'), [[0.25, 0.5]]],
    ['as bools', () => wg.oneHot([1], 2, 1, 0, 'bool'), [[0, 1]], 'bool'],
    ['of a scalar', () => wg.oneHot(wg.scalar(1, 'int32'), 3), [0, 1, 0], 'int32'],
    ['of a matrix', () => wg.oneHot(int([[0], [1]]), 2), [[[1, 0]], [[0, 1]]], 'int32'],
  ]); // prettier-ignore

  testErrors([
    ['floats', () => wg.oneHot(wg.tensor([1]), 2), /oneHot: expected indices of dtype int32, got float32/],
    ['half a class', () => wg.oneHot([1], 1.5), 'oneHot: expected a whole number below 2^31, got 1.5'],
  ]);
});

describe('conditions', () => {
  testValues([
    ['broadcast', () => wg.where([[true], [false]], [1, 2], 0), [[1, 2], [0, 0]]],
    ['of a scalar', () => wg.where(true, [1, 2], [3, 4]), [1, 2]],
    ['as a method', () => wg.tensor([1, 2]).where([true, false], [3, 4]), [1, 4]],
  ]); // prettier-ignore

  test('whereAsync gives the places', async () => {
    using x = bool([[1, 0], [0, 1]]); // prettier-ignore
    using places = await wg.whereAsync(x);
    expect([places.dtype, places.arraySync()]).toEqual(['int32', [[0, 0], [1, 1]]]); // prettier-ignore
    using none = await wg.whereAsync([false]);
    expect(none.shape).toEqual([0, 1]);
  });

  test('booleanMaskAsync gives the slices', async () => {
    using x = matrix();
    using rows = await wg.booleanMaskAsync(x, [true, false, true]);
    expect(rows.arraySync()).toEqual([[1, 2], [5, 6]]); // prettier-ignore
    using columns = await wg.booleanMaskAsync(x, [false, true], 1);
    expect(columns.arraySync()).toEqual([[2], [4], [6]]);
    using isSmall = x.lessEqual(4);
    using elements = await wg.booleanMaskAsync(x, isSmall);
    expect(elements.arraySync()).toEqual([1, 2, 3, 4]);
  });

  test('inTopKAsync', async () => {
    using hits = await wg.inTopKAsync([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], [2, 1], 2); // prettier-ignore
    expect([hits.dtype, hits.arraySync()]).toEqual(['bool', [1, 0]]);
  });

  testErrors([['floats', () => wg.where(wg.ones([1]), 1, 2), /where: expected condition of dtype bool.*toBool/]]);

  test('a mask that does not fit is refused', async () => {
    await expect(wg.booleanMaskAsync([1, 2], [true])).rejects.toThrow(/a mask of shape \[1\] does not fit shape \[2\]/);
  });
});
