// Compiled functions do what their functions do.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { instructions, matrix, runOnTensors, SHAPE } from './programs.js';
import { bool, int, testErrors } from './tensor/table.js';

/** The numbers of tensors, bit by bit. */
const bits = (...xs: wg.Tensor[]) => xs.map((x) => new Int32Array(x.dataSync().slice().buffer));

describe('random programs', () => {
  test('give the same bits as run eagerly', () => {
    fc.assert(
      fc.property(instructions, matrix, matrix, (program, x, y) => {
        using compiled = wg.compile((...xs) => runOnTensors(program, xs));
        wg.tidy(() => {
          const inputs = [wg.tensor(x, SHAPE), wg.tensor(y, SHAPE)] as const;
          const expected = bits(runOnTensors(program, inputs));
          expect(bits(compiled(...inputs))).toEqual(expected);
          expect(bits(compiled(...inputs))).toEqual(expected);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('give the same bits with their gradients', () => {
    fc.assert(
      fc.property(instructions, matrix, matrix, (program, x, y) => {
        const f = (...xs: wg.Tensor[]) => {
          const { value, grads } = wg.valueAndGrads((...zs) => runOnTensors(program, zs).square().mean())(xs);
          return [value, ...grads];
        };
        using compiled = wg.compile(f);
        wg.tidy(() => {
          const inputs = [wg.tensor(x, SHAPE), wg.tensor(y, SHAPE)];
          expect(bits(...compiled(...inputs))).toEqual(bits(...f(...inputs)));
        });
      }),
      { numRuns: 100 },
    );
  });

  test('train variables as eager code does', () => {
    fc.assert(
      fc.property(instructions, matrix, matrix, (program, w, x) => {
        const trained = (compile: boolean) =>
          wg.tidy(() => {
            const v = wg.variable(wg.tensor(w, SHAPE));
            const optimizer = wg.train.sgd(0.1);
            const step = (z: wg.Tensor) =>
              optimizer.minimize(() => runOnTensors(program, [v, z]).square().mean(), true)!;
            const compiled = wg.compile(step);
            const input = wg.tensor(x, SHAPE);
            const losses = [1, 2, 3].map(() => (compile ? compiled(input) : step(input)));
            const result = bits(...losses, v);
            compiled.dispose();
            optimizer.dispose();
            v.dispose();
            return result;
          });
        expect(trained(true)).toEqual(trained(false));
      }),
      { numRuns: 50 },
    );
  });
});

/** Functions and their inputs: what a program may do beside the operations of the random ones. */
const FUNCTIONS: [string, (...xs: wg.Tensor[]) => wg.TensorContainer, () => wg.Tensor[]][] = [
  ['integers', (a, b) => a.mul(b).add(a.mod(b)), () => [int([7, -7]), int([2, 3])]],
  ['bools', (a) => a.logicalNot().toFloat().sum(), () => [bool([1, 0])]],
  ['indices', (x, i) => x.gather(i).argMax(1), () => [wg.tensor([[1, 2], [4, 3]]), int([1, 0, -1])]],
  ['sorting', (x) => x.topk(2), () => [wg.tensor([3, 1, 2])]],
  ['lists of results', (x) => x.split(2).toReversed(), () => [wg.tensor([1, 2])]],
  ['objects', (x) => ({ a: [x.neg()], b: { c: x.mean() }, n: 3, s: 'text', no: null }), () => [wg.tensor([1, 2])]],
  ['an input as result', (x) => x, () => [wg.tensor([1, 2])]],
  ['an input seen otherwise', (x) => [x, x.reshape([2, 1])], () => [wg.tensor([1, 2])]],
  ['the same result twice', (x) => { const y = x.add(1); return [y, y]; }, () => [wg.tensor([1, 2])]],
  ['constants', () => [wg.linspace(0, 1, 3), wg.tensor([1, 2])], () => []],
  ['numbers in the function', (x) => x.mul(2).add([1, 2]), () => [wg.tensor([1, 2])]],
  ['moments', (x) => x.sub(wg.moments(x).mean), () => [wg.tensor([1, 2])]],
  ['no elements', (x) => x.add(1).sum(), () => [wg.zeros([0, 3])]],
  ['scalars', (x) => x.exp(), () => [wg.scalar(1)]],
  ['six dimensions', (x) => x.transpose().sum([1, 3]), () => [wg.range(0, 64).reshape([2, 2, 2, 2, 2, 2])]],
  ['tidy and dispose', (x) => { const y = wg.tidy(() => x.square().add(1)); const z = y.neg(); y.dispose(); return z; }, () => [wg.tensor([1, 2])]],
]; // prettier-ignore

/** Tensors in containers as their values. */
function valuesOf(x: unknown): unknown {
  if (x instanceof wg.Tensor) return { dtype: x.dtype, values: x.arraySync() };
  if (Array.isArray(x)) return x.map(valuesOf);
  if (typeof x !== 'object' || x === null) return x;
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, valuesOf(value)]));
}

describe('a function of', () => {
  test.each(FUNCTIONS)('%s', (_, f, inputs) => {
    using compiled = wg.compile(f);
    wg.tidy(() => {
      const xs = inputs();
      const expected = valuesOf(f(...xs));
      expect(valuesOf(compiled(...xs))).toEqual(expected);
      expect(valuesOf(compiled(...xs))).toEqual(expected);
    });
  });
});

describe('a program', () => {
  test('is recorded once for each combination of shapes and dtypes, and the oldest of nine goes', () => {
    let recorded = 0;
    using f = wg.compile((x) => {
      recorded++;
      return x.add(x);
    });
    const call = (n: number) => wg.tidy(() => f(wg.ones([n])).size);
    for (const n of [1, 2, 1, 2]) expect(call(n)).toBe(n);
    expect(recorded).toBe(2);
    expect(wg.tidy(() => f(int([1])).dtype)).toBe('int32');
    expect(recorded).toBe(3);
    // 1 and 2 are older than the others, and 1 is used again.
    for (const n of [3, 4, 5, 6, 7, 1, 8]) call(n);
    recorded = 0;
    call(1);
    expect(recorded).toBe(0);
    call(2);
    expect(recorded).toBe(1);
  });

  test('reads variables as they are at the time, and may assign them', () => {
    using v = wg.variable([1, 2]);
    using f = wg.compile((x) => {
      const before = v.mul(x);
      v.assign(v.add(x));
      return [before, v.mul(1)];
    });
    const call = () => wg.tidy(() => f([10, 20]).map((y) => y.arraySync() as number[]));
    expect(call()).toEqual([[10, 40], [11, 22]]); // prettier-ignore
    expect(call()).toEqual([[110, 440], [21, 42]]); // prettier-ignore
    v.assign([0, 0]);
    expect(call()).toEqual([[0, 0], [10, 20]]); // prettier-ignore
    expect(v.arraySync()).toEqual([10, 20]);
  });

  test('keeps tensors that it captured, with the values that they had', () => {
    const c = wg.tensor([1, 2]);
    using f = wg.compile((x) => x.mul(c));
    const call = () => wg.tidy(() => f([10, 10]).arraySync() as unknown);
    expect(call()).toEqual([10, 20]);
    c.dispose();
    expect(call()).toEqual([10, 20]);
  });

  test('gives results that are its own', () => {
    using f = wg.compile((x) => x.add(1));
    using a = f([1]);
    using b = f([2]);
    expect([a.arraySync(), b.arraySync()]).toEqual([[2], [3]]);
  });

  test('draws new numbers at each call, as eager code would', () => {
    const draw = () => wg.stack([wg.randomUniform([4]), wg.randomNormal([4])]);
    using f = wg.compile(draw);
    const draws = (g: () => wg.Tensor) => {
      wg.setSeed(7);
      return [1, 2, 3].map(() => wg.tidy(() => g().arraySync() as unknown));
    };
    const compiled = draws(f);
    expect(compiled).toEqual(draws(draw));
    expect(compiled[0]).not.toEqual(compiled[1]);
  });

  test('draws the same numbers at each call where they have a seed', () => {
    using f = wg.compile(() => wg.randomUniform([4], 0, 1, 'float32', 3));
    wg.tidy(() => {
      const expected = wg.randomUniform([4], 0, 1, 'float32', 3).arraySync();
      expect([f().arraySync(), f().arraySync()]).toEqual([expected, expected]);
    });
  });

  test('may be a part of another program, and of a gradient', () => {
    using inner = wg.compile((x) => x.square());
    using outer = wg.compile((x) => inner(x).add(wg.grad(inner)(x)));
    wg.tidy(() => {
      expect(outer([3, 4]).arraySync()).toEqual([15, 24]);
      expect(wg.grad(inner)([3]).arraySync()).toEqual([6]);
      expect(
        wg
          .grad((x) => outer(x))([3])
          .arraySync(),
      ).toEqual([8]);
    });
  });

  test('holds memory until it is disposed, and can be called again', () => {
    const before = wg.memory();
    const f = wg.compile((x) => x.add(wg.linspace(0, 1, 3)).mul(wg.tensor([1, 2, 3])));
    const call = () => {
      using y = f([1, 2, 3]);
      return y.arraySync() as unknown;
    };
    const expected = call();
    f.dispose();
    f.dispose();
    expect(wg.memory()).toEqual(before);
    expect(call()).toEqual(expected);
    f.dispose();
    expect(wg.memory()).toEqual(before);
  });

  test('leaves nothing when recording fails, and records anew', () => {
    const before = wg.memory();
    let fails = true;
    using f = wg.compile((x) => {
      const y = x.add(wg.tensor([1]));
      if (fails) throw new Error('mine');
      return y;
    });
    expect(() => f([1])).toThrow('mine');
    expect(wg.memory()).toEqual(before);
    fails = false;
    expect(wg.tidy(() => f([1]).arraySync() as unknown)).toEqual([2]);
  });
});

describe('errors', () => {
  let leaked!: wg.Tensor;
  const compiled = (f: (x: wg.Tensor) => wg.TensorContainer) => {
    using program = wg.compile(f);
    return wg.tidy(() => program([1, 2]));
  };
  const teaches = /a symbolic tensor has no values.*return it from the function and read the result/;
  testErrors([
    ['dataSync', () => compiled((x) => wg.scalar(x.dataSync()[0]!)), teaches],
    ['arraySync', () => compiled((x) => wg.scalar(x.sum().arraySync())), teaches],
    ['a condition', () => compiled((x) => ((x.sum() as unknown as number) < 1 ? x : x.neg())), teaches],
    ['an async function', () => compiled((async (x: wg.Tensor) => x) as never), /compile: the function is async/],
    ['a promise', () => compiled((x) => Promise.resolve(x) as never), /compile: the function is async/],
    ['a variable of its own', () => compiled((x) => wg.variable([1, 2]).add(x)), /variable: .*make it before, outside of compile/],
    ['no function', () => wg.compile(3 as never), 'compile: expected a function, got 3'],
    ['shapes that do not fit', () => compiled((x) => x.add([1, 2, 3])), /shapes \[2\] and \[3\] cannot be broadcast/],
    ['a symbolic tensor that got out', () => { compiled((x) => (leaked = x.neg())); leaked.add(1); }, /symbolic tensor/],
    ['a symbolic tensor of another program', () => compiled((x) => x.add(leaked)), /symbolic tensor/],
  ]); // prettier-ignore
});
