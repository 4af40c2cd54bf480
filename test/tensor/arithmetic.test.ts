// Arithmetic, comparison and logic: dtypes, integers, what is not a number.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { bool, int, testErrors, testValues } from './table.js';

const { tensor } = wg;
const MAX = 2 ** 31 - 1;
const MIN = -(2 ** 31);

describe('dtypes of results', () => {
  testValues([
    ['int32 + bool', () => int([1, 2]).add(bool([1, 0])), [2, 2], 'int32'],
    ['bool + bool counts', () => bool([1, 1]).add(bool([1, 0])), [2, 1], 'int32'],
    ['int32 + float32', () => int([1, 2]).add(tensor([0.5, 0.5])), [1.5, 2.5]],
    ['int32 + a number', () => int([1, 2]).add(1), [2, 3]],
    ['bool + float32', () => bool([1, 0]).add(tensor([0.5])), [1.5, 0.5]],
    ['numbers alone', () => wg.mul(2, 3), 6],
    ['lists alone', () => wg.add([1, 2], [3, 4]), [4, 6]],
    ['sum of bools', () => bool([1, 1, 0]).sum(), 2, 'int32'],
    ['mean of ints', () => int([1, 2]).mean(), 1.5],
    ['max of bools', () => bool([1, 0]).max(), 1, 'bool'],
    ['prod of bools', () => bool([1, 0]).prod(), 0, 'int32'],
    ['exp of ints', () => int([0]).exp(), [1]],
    ['square of ints', () => int([-3]).square(), [9], 'int32'],
    ['relu of ints', () => int([-3, 3]).relu(), [0, 3], 'int32'],
    ['relu6 of ints', () => int([-3, 9]).relu6(), [0, 6], 'int32'],
    ['clip of ints', () => int([-3, 9]).clipByValue(0, 5), [0, 5], 'int32'],
    ['floor of ints', () => int([MAX]).floor(), [MAX], 'int32'],
    ['matMul of ints', () => int([[1, 2]]).matMul(int([[3], [4]])), [[11]], 'int32'],
    ['matMul of both', () => int([[1, 2]]).matMul(tensor([[0.5], [1]])), [[2.5]]],
    ['where upcasts', () => wg.where([true, false], int([1, 2]), tensor([0.5, 0.5])), [1, 0.5]],
    ['concat upcasts', () => wg.concat([bool([1]), int([2])]), [1, 2], 'int32'],
    ['stack upcasts', () => wg.stack([int([1]), tensor([2.5])]), [[1], [2.5]]],
    ['comparison', () => int([1, 2]).equal(tensor([1, 2.5])), [1, 0], 'bool'],
    ['comparison of bools', () => bool([1, 0]).less(bool([1, 1])), [0, 1], 'bool'],
  ]);

  const order = ['bool', 'int32', 'float32'] as const;
  test.each(order.flatMap((a) => order.map((b) => [a, b] as const)))('upcastType(%s, %s)', (a, b) => {
    expect(wg.upcastType(a, b)).toBe(order[Math.max(order.indexOf(a), order.indexOf(b))]);
  });
});

describe('integers', () => {
  testValues([
    ['div rounds down', () => int([7, -7, 7, -7]).div(int([2, 2, -2, -2])), [3, -4, -4, 3], 'int32'],
    ['div by a number is true division', () => int([7]).div(2), [3.5]],
    ['div by 0', () => int([1, 0, -1]).div(int([0, 0, 0])), [0, 0, 0], 'int32'],
    ['floorDiv of floats', () => tensor([7, -7, 7.5]).floorDiv(2), [3, -4, 3], 'int32'],
    ['mod has the sign of the divisor', () => int([7, -7, 7, -7]).mod(int([3, 3, -3, -3])), [1, 2, -2, -1], 'int32'],
    ['mod by 0', () => int([1]).mod(int([0])), [0], 'int32'],
    ['pow', () => int([2, 3, -2, 0]).pow(int([10, 2, 3, 0])), [1024, 9, -8, 1], 'int32'],
    ['sums wrap around', () => int([MAX]).add(int([1])), [MIN], 'int32'],
    ['differences wrap around', () => int([MIN]).sub(int([1])), [MAX], 'int32'],
    ['products keep the low 32 bits', () => int([65536, 123456789]).mul(int([65537, 1000])), [65536, -1097262584], 'int32'],
    ['the smallest has no opposite', () => int([MIN]).neg(), [MIN], 'int32'],
    ['the smallest divided by -1', () => int([MIN]).div(int([-1])), [MIN], 'int32'],
    ['beyond 2^24 they are exact', () => int([16777217]).mul(int([3])), [50331651], 'int32'],
    ['sums are exact', () => int([16777217, 2]).sum(), 16777219, 'int32'],
    ['maxima are exact', () => int([16777217, 16777216]).max(), 16777217, 'int32'],
    ['comparisons are exact', () => int([16777217]).greater(int([16777216])), [1], 'bool'],
    ['squaredDifference', () => wg.squaredDifference(int([1]), int([4])), [9], 'int32'],
    ['sign', () => int([-2, 0, 3]).sign(), [-1, 0, 1], 'int32'],
  ]); // prettier-ignore
});

describe('floats', () => {
  testValues([
    ['mod has the sign of the divisor', () => tensor([7, -7, 7, -7]).mod(tensor([3, 3, -3, -3])), [1, 2, -2, -1]],
    ['mod by infinity', () => tensor([5, -5]).mod(Infinity), [5, Infinity]],
    ['mod by 0', () => tensor([1]).mod(0), [NaN]],
    ['div by 0', () => tensor([1, 0, -1]).div(0), [Infinity, NaN, -Infinity]],
    ['divNoNan', () => wg.divNoNan(tensor([1, 4]), tensor([0, 2])), [0, 2]],
    ['divNoNan of ints', () => wg.divNoNan(int([1, 4]), int([0, 2])), [0, 2], 'int32'],
    ['pow', () => tensor([2, -8, 0, -2]).pow(tensor([-1, 1 / 3, 0, 3])), [0.5, NaN, 1, -8]],
    ['halves are rounded to the even one', () => tensor([0.5, 1.5, 2.5, -0.5, -1.5]).round(), [0, 2, 2, -0, -2]],
    ['floor', () => tensor([-0.5, 0.5, Infinity]).floor(), [-1, 0, Infinity]],
    ['ceil', () => tensor([-0.5, 0.5, NaN]).ceil(), [-0, 1, NaN]],
    ['sign', () => tensor([-2, 0, 3, NaN]).sign(), [-1, 0, 1, NaN]],
    ['maximum', () => wg.maximum([1, NaN, 2], [NaN, 1, 3]), [NaN, NaN, 3]],
    ['max', () => tensor([1, NaN, 3]).max(), NaN],
    ['min', () => tensor([1, NaN, 3]).min(), NaN],
    ['relu', () => tensor([NaN, -1, 2]).relu(), [NaN, 0, 2]],
    ['clip', () => tensor([-2, 0.5, 9, NaN]).clipByValue(0, 1), [0, 0.5, 1, NaN]],
    ['step', () => tensor([-1, 0, 2, NaN]).step(0.25), [0.25, 0.25, 1, NaN]],
    ['leakyRelu', () => tensor([-1, 2]).leakyRelu(0.25), [-0.25, 2]],
    ['prelu', () => tensor([[-1, 2], [-3, 4]]).prelu([0.5, 0.25]), [[-0.5, 2], [-1.5, 4]]],
    ['softplus does not overflow', () => tensor([100, -200]).softplus(), [100, 0]],
    ['logSumExp does not overflow', () => tensor([1000, -Infinity]).logSumExp(), 1000],
    ['logSumExp of nothing', () => tensor([-Infinity, -Infinity]).logSumExp(), -Infinity],
    ['softmax does not overflow', () => tensor([1000, 1000]).softmax(), [0.5, 0.5]],
    ['isNaN', () => tensor([NaN, 1, Infinity]).isNaN(), [1, 0, 0], 'bool'],
    ['isInf', () => tensor([NaN, 1, -Infinity]).isInf(), [0, 0, 1], 'bool'],
    ['isFinite', () => tensor([NaN, 1, -Infinity]).isFinite(), [0, 1, 0], 'bool'],
    ['NaN equals nothing', () => tensor([1, NaN]).equal([1, NaN]), [1, 0], 'bool'],
    ['NaN differs from itself', () => tensor([1, NaN]).notEqual([1, NaN]), [0, 1], 'bool'],
    ['NaN is not less', () => tensor([1, NaN]).lessEqual([2, NaN]), [1, 0], 'bool'],
  ]); // prettier-ignore
});

describe('casts', () => {
  testValues([
    ['decimals are cut off', () => tensor([1.9, -1.9]).toInt(), [1, -1], 'int32'],
    ['beyond int32 they end at its bounds', () => tensor([NaN, 3e9, -Infinity]).toInt(), [0, MAX, MIN], 'int32'],
    ['what is not 0 is true', () => tensor([0.5, 0, -0, NaN]).toBool(), [1, 0, 0, 1], 'bool'],
    ['ints to bool', () => int([5, 0, -1]).toBool(), [1, 0, 1], 'bool'],
    ['bools to float', () => bool([1, 0]).toFloat(), [1, 0]],
    ['asType is cast', () => tensor([1.5]).asType('int32'), [1], 'int32'],
    ['to its own dtype', () => int([MAX]).cast('int32'), [MAX], 'int32'],
  ]);
});

describe('logic', () => {
  testValues([
    ['and', () => wg.logicalAnd(bool([1, 1, 0, 0]), bool([1, 0, 1, 0])), [1, 0, 0, 0], 'bool'],
    ['or', () => wg.logicalOr(bool([1, 1, 0, 0]), bool([1, 0, 1, 0])), [1, 1, 1, 0], 'bool'],
    ['xor', () => wg.logicalXor(bool([1, 1, 0, 0]), bool([1, 0, 1, 0])), [0, 1, 1, 0], 'bool'],
    ['not', () => bool([1, 0]).logicalNot(), [0, 1], 'bool'],
    ['lists of booleans', () => wg.logicalAnd([true, true], [true, false]), [1, 0], 'bool'],
    ['all of nothing', () => bool([], [0]).all(), 1, 'bool'],
    ['any of nothing', () => bool([], [0]).any(), 0, 'bool'],
    ['all along an axis', () => bool([[1, 1], [1, 0]]).all(1), [1, 0], 'bool'],
    ['any keeps dimensions', () => bool([[0, 0], [1, 0]]).any(0, true), [[1, 0]], 'bool'],
  ]); // prettier-ignore
});

describe('errors', () => {
  testErrors([
    ['shapes', () => tensor([1, 2]).add([1, 2, 3]), 'add: shapes [2] and [3] cannot be broadcast together'],
    ['no tensor', () => tensor([1]).add('x' as never), 'add: expected a tensor or numbers, got "x"'],
    ['nothing', () => tensor([1]).add(undefined as never), 'add: expected a tensor or numbers, got undefined'],
    ['logic of floats', () => wg.logicalAnd(tensor([1]), [true]), /expected a of dtype bool, got float32.*toBool/],
    ['bounds', () => wg.clipByValue([1], 2, 1), 'clipByValue: the minimum 2 is above the maximum 1'],
    ['dtype', () => wg.cast([1], 'float16' as never), /unknown dtype "float16" \(did you mean "float32"\?\)/],
    ['no dtype', () => wg.cast([1], undefined as never), 'cast: unknown dtype undefined'],
    ['inner dimensions', () => wg.matMul([[1, 2]], [[1, 2]]), /inner dimensions differ: \[1, 2\] times \[1, 2\]/],
  ]);
});
