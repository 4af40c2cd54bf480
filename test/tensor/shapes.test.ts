// What moves, repeats, joins and cuts elements, at all ranks, against naive arrays.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { axedShapes, check, expectSame, fromStart, naive, places, shapeAndAxis, shapes, tensorOf } from './naive.js';
import { bool, int, testErrors, testValues } from './table.js';

/** A shape that broadcasts to another one: dimensions in front are left out, others are 1. */
const narrowed = (shape: readonly number[]) =>
  fc.record({ from: fc.nat(shape.length), ones: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }) }).map(
    ({ from, ones }) => shape.slice(from).map((dim, i) => (ones[i] ? 1 : dim)),
  ); // prettier-ignore

/** Where a place of the wide shape lies in the narrow one. */
const within = (narrow: readonly number[], place: readonly number[]) =>
  narrow.map((dim, i) => (dim === 1 ? 0 : place[place.length - narrow.length + i]!));

const pairs = shapes.chain((wide) => fc.record({ wide: fc.constant(wide), narrow: narrowed(wide) }));

describe('broadcasting', () => {
  test.each<[string, (a: wg.Tensor, b: wg.Tensor) => wg.Tensor, (a: number, b: number) => number]>([
    ['add', wg.add, (a, b) => a + b],
    ['sub', wg.sub, (a, b) => a - b],
    ['mul', wg.mul, (a, b) => a * b],
    ['maximum', wg.maximum, Math.max],
    ['less', wg.less, (a, b) => Number(a < b)],
    ['where', (a, b) => wg.where(a.greater(b), a, b), Math.max],
  ])('%s', (_, f, g) => {
    check(pairs, ({ wide, narrow }) => {
      const [a, b] = [naive(wide), naive(narrow, 1)];
      const other = (place: readonly number[]) => b.at(within(narrow, place));
      expectSame(f(tensorOf(a), tensorOf(b)), { shape: wide, at: (place) => g(a.at(place), other(place)) });
      expectSame(f(tensorOf(b), tensorOf(a)), { shape: wide, at: (place) => g(other(place), a.at(place)) });
    });
  });

  test('of two that are narrow in different dimensions', () => {
    check(
      fc.tuple(shapes, fc.array(fc.constantFrom('a', 'b', '='), { minLength: 6, maxLength: 6 })),
      ([shape, who]) => {
        const [a, b] = ['a', 'b'].map((one, salt) => naive(shape.map((dim, i) => (who[i] === one ? 1 : dim)), salt)); // prettier-ignore
        const sum = (place: readonly number[]) => a!.at(within(a!.shape, place)) + b!.at(within(b!.shape, place));
        expectSame(tensorOf(a!).add(tensorOf(b!)), { shape, at: sum });
      },
    );
  });

  test('broadcastTo', () => {
    check(pairs, ({ wide, narrow }) => {
      const x = naive(narrow);
      expectSame(tensorOf(x).broadcastTo(wide), { shape: wide, at: (place) => x.at(within(narrow, place)) });
    });
  });
});

describe('moves', () => {
  test('transpose', () => {
    const permuted = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
      }),
    );
    check(permuted, ({ shape, perm }) => {
      const x = naive(shape);
      expectSame(tensorOf(x).transpose(perm), {
        shape: perm.map((axis) => shape[axis]!),
        at: (place) => x.at(shape.map((_, axis) => place[perm.indexOf(axis)]!)),
      });
    });
  });

  test('reverse', () => {
    check(shapeAndAxis, ({ shape, axis }) => {
      const x = naive(shape);
      const along = fromStart(axis, shape);
      const at = (place: readonly number[]) => x.at(place.with(along, shape[along]! - 1 - place[along]!));
      expectSame(tensorOf(x).reverse(axis), { shape, at });
    });
  });

  test('tile', () => {
    check(fc.tuple(shapes, fc.array(fc.nat(2), { minLength: 6, maxLength: 6 })), ([shape, counts]) => {
      const [x, reps] = [naive(shape), counts.slice(0, shape.length)];
      expectSame(tensorOf(x).tile(reps), {
        shape: shape.map((dim, i) => dim * reps[i]!),
        at: (place) => x.at(place.map((p, i) => p % shape[i]!)),
      });
    });
  });

  test('pad', () => {
    check(
      fc.tuple(shapes, fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 6, maxLength: 6 })),
      ([shape, all]) => {
        const [x, paddings] = [naive(shape), all.slice(0, shape.length)];
        expectSame(tensorOf(x).pad(paddings, 9), {
          shape: shape.map((dim, i) => dim + paddings[i]![0] + paddings[i]![1]),
          at: (place) => {
            const inner = place.map((p, i) => p - paddings[i]![0]);
            return inner.every((p, i) => p >= 0 && p < shape[i]!) ? x.at(inner) : 9;
          },
        });
      },
    );
  });

  testValues([
    ['reshape with one dimension left open', () => wg.range(0, 4).reshape([2, -1]), [[0, 1], [2, 3]]],
    ['reshape of nothing', () => wg.zeros([0, 3]).reshape([-1, 3]), []],
    ['reshape to a scalar', () => wg.ones([1, 1]).reshape([]), 1],
    ['squeeze', () => wg.ones([1, 2, 1]).squeeze(), [1, 1]],
    ['squeeze of an axis', () => wg.ones([1, 2, 1]).squeeze([-1]), [[1, 1]]],
    ['squeeze of one axis', () => wg.ones([1, 2, 1]).squeeze(0), [[1], [1]]],
    ['expandDims', () => wg.tensor([1, 2]).expandDims(-1), [[1], [2]]],
    ['transpose turns all dimensions round', () => wg.tensor([[1, 2]]).transpose(), [[1], [2]]],
    ['as2D', () => wg.tensor([1, 2]).as2D(2, 1), [[1], [2]]],
    ['reshapeAs', () => wg.tensor([1, 2]).reshapeAs(wg.ones([2, 1])), [[1], [2]]],
    ['pad of ints', () => int([1]).pad([[1, 1]], 7), [7, 1, 7], 'int32'],
    ['pad of bools', () => bool([0]).pad([[1, 0]], 1), [1, 0], 'bool'],
    ['reflect', () => wg.mirrorPad([1, 2, 3], [[2, 2]], 'reflect'), [3, 2, 1, 2, 3, 2, 1]],
    ['symmetric', () => wg.mirrorPad([1, 2, 3], [[3, 1]], 'symmetric'), [3, 2, 1, 1, 2, 3, 3]],
    ['mirrors of matrices', () => wg.mirrorPad([[1, 2], [3, 4]], [[1, 0], [0, 1]], 'reflect'), [[3, 4, 3], [1, 2, 1], [3, 4, 3]]],
    ['ensureShape', () => wg.ensureShape([[1, 2]], [null, 2]), [[1, 2]]],
    ['six dimensions', () => wg.range(0, 64).reshape([2, 2, 2, 2, 2, 2]).transpose().flatten().slice(0, 3), [0, 32, 16]],
  ]); // prettier-ignore
});

describe('parts', () => {
  test('slice', () => {
    const part = axedShapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        parts: fc.tuple(...shape.map((dim) => fc.nat(dim).chain((begin) => fc.tuple(fc.constant(begin), fc.integer({ min: -1, max: dim - begin }))))),
        given: fc.nat(shape.length),
        fromEnd: fc.boolean(),
      }),
    ); // prettier-ignore
    check(part, ({ shape, parts, given, fromEnd }) => {
      const x = naive(shape);
      const begins = parts.map(([begin]) => begin).slice(0, given);
      const sizes = parts.map(([, size]) => size).slice(0, given);
      const counted = begins.map((begin, i) => (fromEnd && begin < shape[i]! ? begin - shape[i]! : begin));
      expectSame(tensorOf(x).slice(counted, sizes), {
        shape: shape.map((dim, i) => (i < given ? (sizes[i] === -1 ? dim - begins[i]! : sizes[i]!) : dim)),
        at: (place) => x.at(place.map((p, i) => p + (begins[i] ?? 0))),
      });
    });
  });

  test('stridedSlice is what JavaScript loops pick', () => {
    const bound = fc.integer({ min: -7, max: 7 });
    const entry = fc.record({
      begin: bound,
      end: bound,
      stride: fc.constantFrom(-3, -2, -1, 1, 2, 3),
      open: fc.nat(3),
    });
    check(fc.tuple(fc.nat(5), fc.nat(3), entry, entry), ([rows, columns, ...entries]) => {
      const [shape, x] = [[rows, columns], naive([rows, columns])];
      const picked = entries.map(({ begin, end, stride, open }, axis) => {
        const dim = shape[axis]!;
        const all = [...Array(dim).keys()];
        const bound = (at: number) => (at < 0 ? at + dim : at);
        const [first, last] = [open & 1 ? -Infinity : bound(begin), open & 2 ? Infinity : bound(end)];
        if (stride > 0) {
          const from = Math.max(0, first);
          return all.filter((i) => i >= from && i < last && (i - from) % stride === 0);
        }
        const from = Math.min(dim - 1, open & 1 ? Infinity : bound(begin));
        const to = open & 2 ? -Infinity : Math.max(-1, bound(end));
        return all.toReversed().filter((i) => i <= from && i > to && (from - i) % stride === 0);
      });
      const list = (key: 'begin' | 'end' | 'stride') => entries.map((one) => one[key]);
      const mask = (bit: number) => entries.reduce((sum, { open }, i) => sum + (open & bit ? 1 << i : 0), 0);
      expectSame(wg.stridedSlice(tensorOf(x), list('begin'), list('end'), list('stride'), mask(1), mask(2)), {
        shape: picked.map(({ length }) => length),
        at: (place) => x.at(place.map((p, axis) => picked[axis]![p]!)),
      });
    });
  });

  testValues([
    ['stridedSlice with an ellipsis', () => wg.stridedSlice([[[1, 2], [3, 4]]], [0, 1], [0, 2], [1, 1], 0, 0, 1), [[[2], [4]]]],
    ['stridedSlice with a new axis', () => wg.stridedSlice([1, 2], [0, 0], [0, 2], [1, 1], 0, 0, 0, 1), [[1, 2]]],
    ['stridedSlice with one element', () => wg.stridedSlice([[1, 2], [3, 4]], [-1], [0], [1], 0, 0, 0, 0, 1), [3, 4]],
    ['slice by one number', () => wg.slice([[1, 2], [3, 4], [5, 6]], 1, 1), [[3, 4]]],
    ['slice1d', () => wg.slice1d([1, 2, 3], 1), [2, 3]],
    ['slice2d', () => wg.slice2d([[1, 2], [3, 4]], [0, 1], [2, 1]), [[2], [4]]],
    ['unstack of nothing', () => wg.scalar(wg.zeros([0, 2]).unstack().length), 0],
  ]); // prettier-ignore

  test('split and concat, unstack and stack are each other undone', () => {
    const cut = shapeAndAxis.chain(({ shape, axis }) =>
      fc.record({ shape: fc.constant(shape), axis: fc.constant(axis), cuts: fc.array(fc.nat(shape.at(axis)!), { maxLength: 3 }) }),
    );
    check(cut, ({ shape, axis, cuts }) => {
      const [x, dim] = [tensorOf(naive(shape)), shape.at(axis)!];
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), dim];
      const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i]!);
      const parts = x.split(sizes, axis);
      expect(parts.map((part) => part.shape.at(axis))).toEqual(sizes);
      expectSame(wg.concat(parts, axis), naive(shape));
      if (dim === 0) return;
      const slices = x.unstack(axis);
      expect(slices.map((slice) => slice.shape)).toEqual(Array.from({ length: dim }, () => shape.toSpliced(fromStart(axis, shape), 1)));
      expectSame(wg.stack(slices, axis), naive(shape));
      expectSame(wg.concat(x.split(dim, axis), axis), naive(shape));
    });
  }); // prettier-ignore

  testValues([
    ['split with one size left open', () => wg.split([1, 2, 3], [1, -1])[1]!, [2, 3]],
    ['concat of scalars by stack', () => wg.stack([wg.scalar(1), wg.scalar(2)]), [1, 2]],
    ['concat with nothing', () => wg.concat([wg.zeros([0]), wg.ones([1])]), [1]],
    ['addN', () => wg.addN([[1, 2], [3, 4], [5, 6]]), [9, 12]],
  ]); // prettier-ignore
});

describe('matrix products', () => {
  test('of batches that broadcast, transposed or not', () => {
    const sizes = fc.record({
      m: fc.nat(4), k: fc.nat(4), n: fc.nat(4), transposeA: fc.boolean(), transposeB: fc.boolean(),
      batch: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    }).chain((one) => fc.record({ ...Object.fromEntries(Object.entries(one).map(([key, value]) => [key, fc.constant(value)])) as { [K in keyof typeof one]: fc.Arbitrary<(typeof one)[K]> }, a: narrowed(one.batch), b: narrowed(one.batch) })); // prettier-ignore
    check(sizes, ({ m, k, n, transposeA, transposeB, a, b }) => {
      const rank = Math.max(a.length, b.length);
      const dims = (shape: number[]) => [...Array<number>(rank - shape.length).fill(1), ...shape];
      const batch = dims(a).map((dim, i) => (dim === 1 ? dims(b)[i]! : dim));
      const [x, y] = [naive([...a, ...(transposeA ? [k, m] : [m, k])]), naive([...b, ...(transposeB ? [n, k] : [k, n])], 1)];
      expectSame(wg.matMul(tensorOf(x), tensorOf(y), transposeA, transposeB), {
        shape: [...batch, m, n],
        at: (place) => {
          const [i, j] = place.slice(-2) as [number, number];
          const [p, q] = [within(a, place.slice(0, -2)), within(b, place.slice(0, -2))];
          return places([k]).reduce((sum, [l]) => sum + x.at([...p, ...(transposeA ? [l!, i] : [i, l!])]) * y.at([...q, ...(transposeB ? [j, l!] : [l!, j])]), 0);
        },
      });
    });
  }); // prettier-ignore

  testValues([
    ['dot of vectors', () => wg.dot([1, 2], [3, 4]), 11],
    ['dot of a matrix and a vector', () => wg.dot([[1, 2], [3, 4]], [1, 1]), [3, 7]],
    ['dot of a vector and a matrix', () => wg.dot([1, 1], [[1, 2], [3, 4]]), [4, 6]],
    ['outerProduct', () => wg.outerProduct([1, 2], [3, 4]), [[3, 4], [6, 8]]],
  ]); // prettier-ignore
});

describe('errors', () => {
  const x = () => wg.ones([2, 3]);
  testErrors([
    ['a shape that is not filled', () => x().reshape([4, -1]), 'reshape: 6 elements do not fill shape [4,-1]'],
    ['two open dimensions', () => x().reshape([-1, -1]), 'reshape: 6 elements do not fill shape [-1,-1]'],
    ['numbers for a shape', () => x().reshape(...([3, 2] as unknown as [number[]])), 'reshape: a shape is a list'],
    ['a dimension that is not 1', () => x().squeeze([1]), /squeeze: axis 1 of shape \[2, ?3\] has 3 elements, expected 1/],
    ['an axis', () => x().sum(2), 'sum: axis 2 does not exist in a tensor of rank 2; expected a whole number from -2 to 1'],
    ['half an axis', () => x().sum(0.5), 'sum: axis 0.5 does not exist'],
    ['an axis twice', () => x().sum([0, -2]), 'sum: axis 0 is given twice'],
    ['an axis of a scalar', () => wg.argMax(3), 'argMax: axis 0 does not exist in a tensor of rank 0; a scalar has none'],
    ['a dimension twice', () => x().transpose([0, 0]), 'names dimension 0 twice'],
    ['beyond the end', () => x().slice([1], [2]), 'slice: 2 elements from 1 on do not lie inside of dimension 0'],
    ['a negative size', () => x().slice([0], [-2]), 'slice: -2 elements'],
    ['parts that do not fill', () => x().split([1, 1], 1), 'split: parts of sizes [1,1] do not make up an axis of 3 elements'],
    ['parts by text', () => x().split('2' as never, 1), 'split: expected a number of parts, or a list of their sizes, got "2"'],
    ['unequal parts', () => x().split(2, 1), 'split: an axis of 3 elements cannot be split into 2 equal parts'],
    ['nothing to join', () => wg.concat([]), 'concat: expected a list of at least one tensor'],
    ['one tensor to join', () => wg.concat(x() as never), 'concat: expected a list of at least one tensor'],
    ['shapes that do not join', () => wg.concat([x(), wg.ones([2])]), /concat: .*only dimension 0 may differ/],
    ['shapes that do not stack', () => wg.stack([x(), wg.ones([2])]), 'stack: tensor 1 has shape [2], expected that of the first'],
    ['a stride of 0', () => wg.stridedSlice(x(), [0], [1], [0]), 'stridedSlice: a stride of 0 leads nowhere'],
    ['a negative padding', () => x().pad([[-1, 0], [0, 0]]), 'pad: expected [before, after] for each dimension'],
    ['too much to mirror', () => wg.mirrorPad([1, 2], [[2, 0]], 'reflect'), 'mirrorPad: 2 elements in dimension 0'],
    ['nine dimensions', () => wg.ones(Array(9).fill(1)), 'at most 8 dimensions'],
    ['a shape that is another', () => wg.ensureShape(x(), [null, 2]), /ensureShape: expected shape \[\*, 2\], got \[2, ?3\]/],
    ['vectors for matrices', () => wg.matMul([1, 2], [[1], [2]]), 'matMul: expected matrices, got shapes [2] and [2, 1]'],
  ]); // prettier-ignore
});
