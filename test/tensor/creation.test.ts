// New tensors: values, shapes, dtypes, and what is refused.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { int, testErrors, testValues } from './table.js';

describe('tensors of values', () => {
  testValues([
    ['a number', () => wg.scalar(2.5), 2.5],
    ['a boolean', () => wg.scalar(true), 1, 'bool'],
    ['nested arrays', () => wg.tensor([[1, 2], [3, 4]]), [[1, 2], [3, 4]]],
    ['flat values with a shape', () => wg.tensor([1, 2, 3, 4], [2, 2]), [[1, 2], [3, 4]]],
    ['one number with a shape', () => wg.tensor(5, [1, 1]), [[5]]],
    ['booleans', () => wg.tensor([[true], [false]]), [[1], [0]], 'bool'],
    ['ints are cut off', () => wg.tensor([1.9, -1.9], [2], 'int32'), [1, -1], 'int32'],
    ['bools of numbers', () => wg.tensor([2, 0, 0.5, NaN], [4], 'bool'), [1, 0, 1, 1], 'bool'],
    ['nothing', () => wg.tensor([]), []],
    ['rows of nothing', () => wg.tensor([[], []]), [[], []]],
    ['typed rows', () => wg.tensor2d([Float32Array.of(1, 2), Float32Array.of(3, 4)]), [[1, 2], [3, 4]]],
    ['tensor1d', () => wg.tensor1d([1, 2]), [1, 2]],
    ['tensor3d', () => wg.tensor3d([1, 2], [1, 2, 1]), [[[1], [2]]]],
    ['tensor4d', () => wg.tensor4d([[[[1]]]]), [[[[1]]]]],
    ['tensor5d', () => wg.tensor5d([1], [1, 1, 1, 1, 1]), [[[[[1]]]]]],
    ['tensor6d', () => wg.tensor6d([1], [1, 1, 1, 1, 1, 1]), [[[[[[1]]]]]]],
  ]); // prettier-ignore

  test.each([
    [Float32Array, 'float32'],
    [Float64Array, 'float32'],
    [Int8Array, 'int32'],
    [Uint8Array, 'int32'],
    [Uint8ClampedArray, 'int32'],
    [Int16Array, 'int32'],
    [Uint16Array, 'int32'],
    [Int32Array, 'int32'],
    [Uint32Array, 'int32'],
  ] as const)('%o', (cls, dtype) => {
    using x = wg.tensor(cls.of(1, 2));
    using y = wg.tensor([cls.of(1, 2)]);
    expect([x.dtype, y.dtype]).toEqual([dtype, dtype]);
    expect(y.arraySync()).toEqual([[1, 2]]);
  });

  test('values go round through data, dataSync, array and arraySync', async () => {
    using x = wg.tensor([[1, 2.5], [-3, 4]]); // prettier-ignore
    expect(x.dataSync()).toEqual(Float32Array.of(1, 2.5, -3, 4));
    expect(await x.data()).toEqual(x.dataSync());
    expect(x.arraySync()).toEqual([[1, 2.5], [-3, 4]]); // prettier-ignore
    expect(await x.array()).toEqual(x.arraySync());
    using b = x.toBool();
    expect(b.dataSync()).toEqual(Uint8Array.of(1, 1, 1, 1));
    using i = x.toInt();
    expect(i.dataSync()).toEqual(Int32Array.of(1, 2, -3, 4));
    expect(await i.bytes()).toEqual(new Uint8Array(Int32Array.of(1, 2, -3, 4).buffer));
  });

  test('what dataSync gives is a copy', () => {
    using x = wg.tensor([1, 2]);
    x.dataSync()[0] = 9;
    expect(x.arraySync()).toEqual([1, 2]);
  });
});

describe('patterns', () => {
  testValues([
    ['zeros', () => wg.zeros([2, 1]), [[0], [0]]],
    ['ones', () => wg.ones([2], 'bool'), [1, 1], 'bool'],
    ['fill', () => wg.fill([2], -0.5), [-0.5, -0.5]],
    ['fill with a boolean', () => wg.fill([1], true), [1], 'bool'],
    ['fill with a large int', () => wg.fill([2], 2 ** 31 - 1, 'int32'), [2147483647, 2147483647], 'int32'],
    ['zerosLike', () => wg.zerosLike(int([[5]])), [[0]], 'int32'],
    ['onesLike', () => wg.onesLike([true, false]), [1, 1], 'bool'],
    ['eye', () => wg.eye(2, 3), [[1, 0, 0], [0, 1, 0]]],
    ['eye in batches', () => wg.eye(1, 2, [2, 1]), [[[[1, 0]]], [[[1, 0]]]]],
    ['eye of ints', () => wg.eye(2, 2, null, 'int32'), [[1, 0], [0, 1]], 'int32'],
    ['diag', () => wg.diag([1, 2]), [[1, 0], [0, 2]]],
    ['linspace', () => wg.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]],
    ['linspace downwards', () => wg.linspace(5, 1, 3), [5, 3, 1]],
    ['linspace of one', () => wg.linspace(3, 9, 1), [3]],
    ['linspace of none', () => wg.linspace(3, 9, 0), []],
    ['range', () => wg.range(0, 5, 2), [0, 2, 4]],
    ['range downwards', () => wg.range(3, 0), [3, 2, 1]],
    ['range in the wrong direction', () => wg.range(0, 3, -1), []],
    ['range of ints', () => wg.range(1, 3, 1, 'int32'), [1, 2], 'int32'],
    ['meshgrid', () => wg.stack(wg.meshgrid([1, 2], [3, 4, 5])), [[[1, 2], [1, 2], [1, 2]], [[3, 3], [4, 4], [5, 5]]]],
    ['meshgrid of matrices', () => wg.stack(wg.meshgrid([1, 2], [3], { indexing: 'ij' })), [[[1], [2]], [[3], [3]]]],
    ['meshgrid of one', () => wg.meshgrid([1, 2])[0]!, [1, 2]],
    ['clone', () => wg.clone([1, 2]), [1, 2]],
    ['rand', () => wg.rand([2], () => 0.5), [0.5, 0.5]],
  ]); // prettier-ignore

  test('linspace ends at its stop', () => {
    using x = wg.linspace(-1, 0.1, 12);
    expect(x.dataSync()[11]).toBe(Math.fround(0.1));
  });
});

describe('a buffer', () => {
  test('is written by place, and becomes a tensor', () => {
    const buffer = wg.buffer([2, 3], 'int32');
    buffer.set(5, 1, 2);
    expect([buffer.get(1, 2), buffer.get(0, 0), buffer.size, buffer.rank]).toEqual([5, 0, 6, 2]);
    expect([buffer.locToIndex([1, 1]), buffer.indexToLoc(4)]).toEqual([4, [1, 1]]);
    using x = buffer.toTensor();
    buffer.set(7, 0, 0);
    expect(x.arraySync()).toEqual([[0, 0, 0], [0, 0, 5]]); // prettier-ignore
    expect(x.bufferSync().get(1, 2)).toBe(5);
  });

  testErrors([
    ['a place outside', () => wg.buffer([2]).get(2), 'buffer: place [2] does not exist in shape [2]'],
    ['too few numbers', () => wg.buffer([2, 2]).set(1, 0), 'buffer: place [0] does not exist in shape [2,2]'],
    ['other values', () => wg.buffer([2], 'float32', Float32Array.of(1)), '1 values do not fill shape [2]'],
  ]);
});

describe('errors', () => {
  testErrors([
    ['ragged rows', () => wg.tensor([[1, 2], [3]]), 'tensor: ragged array: element [1] has 1 elements, expected 2'],
    ['rows and numbers', () => wg.tensor([[1], 2]), 'tensor: ragged array: element [1] is a number, expected 1 element'],
    ['too few values', () => wg.tensor([1, 2, 3], [2, 2]), 'tensor: 3 values do not fill shape [2,2]'],
    ['nested values of another shape', () => wg.tensor([[1], [2]], [2]), 'leave the shape out, or give flat values'],
    ['another rank', () => wg.tensor2d([1, 2]), 'tensor2d: expected values nested 2 deep, or flat values with a shape'],
    ['a shape of another rank', () => wg.tensor2d([1], [1] as never), 'tensor2d: expected a shape of 2 dimensions'],
    ['a list for a scalar', () => wg.scalar([1] as never), /scalar: expected a number.*call tensor\(values\)/],
    ['nothing', () => wg.tensor(undefined as never), 'tensor: undefined, expected numbers; tensors hold numbers and booleans only'],
    ['a hole', () => wg.tensor([1, null as never]), 'tensor: element [1] is null, expected a number'],
    ['a text', () => wg.tensor([['a' as never]]), 'tensor: element [0][0] is "a", expected a number'],
    ['a big integer', () => wg.tensor([1n as never]), 'tensor: element [0] is 1n, expected a number'],
    ['an object', () => wg.tensor({} as never), 'tensor: {}, expected numbers'],
    ['a list of tensors', () => wg.tensor([wg.ones([1])] as never), /element \[0\] is a tensor of shape \[1\], expected a number; join tensors with stack/],
    ['an unknown dtype', () => wg.tensor([1], [1], 'string' as never), 'tensor: unknown dtype "string"'],
    ['a negative dimension', () => wg.zeros([-1]), 'zeros: a shape is a list of whole numbers from 0 on such as [2, 3], got [-1]'],
    ['half a dimension', () => wg.ones([1.5]), 'ones: a shape is a list of whole numbers'],
    ['a dimension by text', () => wg.zeros(['2' as never]), 'from 0 on such as [2, 3], got ["2"]'],
    ['a value by text', () => wg.fill([1], '2' as never), 'fill: expected a number or a boolean, got "2"'],
    ['a shape of a buffer by text', () => wg.buffer('2' as never), 'buffer: a shape is a list of whole numbers'],
    ['a buffer of an unknown dtype', () => wg.buffer([2], 'float' as never), 'buffer: unknown dtype "float"'],
    ['a seed by text', () => wg.randomNormal([1], 0, 1, 'float32', 'q' as never), 'randomNormal: seed must be a finite number, got "q"'],
    ['no function', () => wg.rand([1], 3 as never), 'rand: randFunction must be a function, got 3'],
    ['a bound by text', () => wg.randomUniform([1], '0' as never), 'uniform: expected a number, got "0"'],
    ['a number as shape', () => wg.zeros(3 as never), /zeros: a shape is a list .*, got 3/],
    ['a number as shape of draws', () => wg.randomUniform(3 as never), /expected a list of whole numbers .*, got 3/],
    ['an endless range', () => wg.range(0, Infinity), 'range: expected a whole number below 2^31, got Infinity'],
    ['a range without steps', () => wg.range(0, 1, 0), 'range: the step cannot be 0'],
    ['half a number of steps', () => wg.linspace(0, 1, 2.5), 'linspace: expected a whole number'],
    ['more than memory holds', () => wg.zeros([70000, 70000]), 'more elements than 4 GB hold'],
  ]); // prettier-ignore
});
