// Who owns which tensor, and when its memory is free again.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, Script } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { testErrors } from './tensor/table.js';

/** Tensors and blocks of memory that `f` leaves. */
function left(f: () => void): { tensors: number; buffers: number } {
  const before = wg.memory();
  f();
  const after = wg.memory();
  return {
    tensors: after.numTensors - before.numTensors,
    buffers: after.numDataBuffers - before.numDataBuffers,
  };
}

const NOTHING = { tensors: 0, buffers: 0 };

describe('tidy', () => {
  test('keeps what is returned, in arrays and objects too', () => {
    let kept!: { a: wg.Tensor; b: readonly [wg.Tensor, { c: wg.Tensor }]; n: number };
    const made = left(() => {
      kept = wg.tidy(() => {
        const [x, y] = [wg.ones([2]), wg.ones([3])];
        x.add(y.slice(0, 2)).square();
        return { a: x, b: [y, { c: x.mul(2) }] as const, n: 1 };
      });
    });
    expect(made).toEqual({ tensors: 3, buffers: 3 });
    expect([kept.a, kept.b[0], kept.b[1].c].map((x) => x.isDisposed)).toEqual([false, false, false]);
    wg.dispose(kept);
  });

  test('hands its results to the one around it', () => {
    let inner!: wg.Tensor;
    const made = left(() => {
      wg.tidy(() => {
        inner = wg.tidy('with a name', () => wg.ones([2]).add(1));
        expect(inner.isDisposed).toBe(false);
      });
    });
    expect([made, inner.isDisposed]).toEqual([NOTHING, true]);
  });

  test('keeps what keep was called on, at any depth, and variables', () => {
    let kept!: wg.Tensor;
    let v!: wg.Variable;
    wg.tidy(() => {
      wg.tidy(() => {
        kept = wg.keep(wg.ones([1]));
        v = wg.variable(wg.ones([1]));
      });
      wg.ones([1]);
    });
    expect([kept.isDisposed, v.isDisposed]).toEqual([false, false]);
    wg.dispose([kept, v]);
  });

  test('leaves what was there before, and what it returns of it', () => {
    using x = wg.ones([2]);
    expect(wg.tidy(() => x)).toBe(x);
    expect(wg.tidy(() => ({ x, n: 2 })).n).toBe(2);
    expect(x.isDisposed).toBe(false);
  });

  test('disposes when the function throws, and the one around it goes on', () => {
    const made = left(() => {
      wg.tidy(() => {
        expect(() =>
          wg.tidy(() => {
            wg.ones([2]).add(1);
            throw new Error('mine');
          }),
        ).toThrow('mine');
        expect(wg.ones([2]).add(1).arraySync()).toEqual([2, 2]);
      });
    });
    expect(made).toEqual(NOTHING);
  });

  test('gives back what is no tensor', () => {
    expect(wg.tidy(() => 3)).toBe(3);
    expect(wg.tidy(() => [1, 'a', null, undefined, { b: true }])).toEqual([1, 'a', null, undefined, { b: true }]);
    expect(wg.tidy(() => {})).toBeUndefined();
  });

  test('nested at random, exactly the results stay', () => {
    // A tree: a leaf makes a tensor, a branch is a tidy that returns the tensors of some of its children.
    type Tree = { keeps: boolean; children: readonly Tree[] };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.record({
        keeps: fc.boolean(),
        children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
      }),
    }));
    const grow = ({ children }: Tree): wg.Tensor[] =>
      children.length === 0
        ? [wg.ones([1]).add(1)]
        : wg.tidy(() => children.flatMap((child) => (child.keeps ? grow(child) : (grow(child), []))));
    const leaves = ({ children }: Tree): number =>
      children.length === 0 ? 1 : children.reduce((sum, child) => sum + (child.keeps ? leaves(child) : 0), 0);
    fc.assert(
      fc.property(tree, (root) => {
        let results!: wg.Tensor[];
        const made = left(() => (results = wg.tidy(() => grow(root))));
        expect([results.length, made.tensors, made.buffers]).toEqual(Array(3).fill(leaves(root)));
        wg.dispose(results);
      }),
    );
  });

  testErrors([
    ['an async function', () => wg.tidy(async () => wg.ones([1])), /tidy: the function is async.*`using`.*keep\(x\)/],
    ['no function', () => wg.tidy(3 as never), 'tidy: expected a function, got 3'],
    ['a promise', () => wg.tidy(() => Promise.resolve(wg.ones([1]))), /tidy: the function is async/],
  ]);
});

describe('dispose', () => {
  test('twice is once', () => {
    const x = wg.ones([2]);
    const view = x.reshape([2, 1]);
    x.dispose();
    x.dispose();
    expect([x.isDisposed, view.isDisposed, view.arraySync()]).toEqual([true, false, [[1], [1]]]);
    view.dispose();
  });

  test('frees what `using` declared', () => {
    let x!: wg.Tensor;
    const made = left(() => {
      using y = wg.ones([2]);
      x = y;
      expect(x.isDisposed).toBe(false);
    });
    expect([made, x.isDisposed]).toEqual([NOTHING, true]);
  });

  test('takes nested containers', () => {
    expect(left(() => wg.dispose({ a: wg.ones([1]), b: [wg.ones([1]), [wg.ones([1])]], n: 3 }))).toEqual(NOTHING);
  });

  const gone = () => wg.tidy(() => wg.ones([2, 3]));
  const disposed = () => {
    const x = gone();
    x.dispose();
    return x;
  };
  testErrors([
    [
      'a function',
      () => wg.add(disposed(), 1),
      /add: the tensor of shape \[2, 3\] was disposed; keep it with keep\(x\)/,
    ],
    ['a method', () => disposed().sum(), /sum: the tensor of shape \[2, 3\] was disposed/],
    ['an argument', () => wg.ones([3]).add(disposed()), /add: the tensor of shape \[2, 3\] was disposed/],
    ['dataSync', () => disposed().dataSync(), /the tensor of shape \[2, 3\] was disposed/],
    ['clone', () => disposed().clone(), /the tensor of shape \[2, 3\] was disposed/],
    ['keep', () => wg.keep(disposed()).throwIfDisposed(), /the tensor of shape \[2, 3\] was disposed/],
  ]);
});

describe('memory', () => {
  test.each<[string, (x: wg.Tensor) => wg.Tensor]>([
    ['reshape', (x) => x.reshape([3, 2])],
    ['clone', (x) => x.clone()],
    ['flatten', (x) => x.flatten()],
    ['expandDims', (x) => x.expandDims(1)],
    ['a cast to its own dtype', (x) => x.cast('float32')],
  ])('is shared by a tensor and its %s', (_, view) => {
    using x = wg.ones([2, 3]);
    const before = wg.memory();
    using y = view(x);
    const after = wg.memory();
    expect(after.numTensors - before.numTensors).toBe(1);
    expect([after.numDataBuffers, after.numBytes]).toEqual([before.numDataBuffers, before.numBytes]);
    expect(y.size).toBe(x.size);
  });

  test('counts bytes', () => {
    const before = wg.memory().numBytes;
    using x = wg.zeros([10, 10]);
    expect(wg.memory().numBytes - before).toBe(4 * x.size);
  });

  test('that grows leaves tensors as they are', () => {
    using x = wg.range(0, 1000);
    const views = [x.dataSync()];
    // Up to 128 MB in growing steps, each more than what is free.
    for (let n = 2 ** 20; n <= 2 ** 25; n *= 2) {
      using big = wg.ones([n]);
      expect(big.dataSync()[n - 1]).toBe(1);
      views.push(x.dataSync());
    }
    for (const view of views) expect(view).toEqual(Float32Array.from({ length: 1000 }, (_, i) => i));
  });

  test('is freed at last by the garbage collector, which is counted', async ({ task }) => {
    task.meta.lost = 100;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = wg.memory();
    const lose = () => void Array.from({ length: 100 }, () => wg.ones([1000]));
    lose();
    for (let i = 0; i < 50 && wg.memory().numTensors > before.numTensors; i++) {
      collect();
      await wg.nextFrame();
    }
    const after = wg.memory();
    expect(after).toEqual({ ...before, numCollected: before.numCollected + 100 });
  });
});

describe('sites', () => {
  test('name the lines that hold most', () => {
    wg.trackSites(true);
    const small = wg.ones([10]);
    const large = [1, 2].map(() => wg.ones([1000]));
    const holders = wg.holders();
    expect(holders.map(([, tensors, bytes]) => [tensors, bytes])).toEqual([[2, 8000], [1, 40]]); // prettier-ignore
    for (const [site] of holders) expect(site).toContain('memory.test.ts');
    wg.dispose([small, large]);
    expect(wg.holders()).toEqual([]);
    wg.trackSites(false);
  });

  test('are lines of the program, in whatever folder, and not of this library', () => {
    const make = (filename: string) => new Script('(wg) => wg.losses.huberLoss([1], [2])', { filename });
    wg.trackSites(true);
    for (const filename of ['/home/user/app/dist/main.js', '/home/user/ts/app.ts']) {
      using loss = (make(filename).runInThisContext() as (library: typeof wg) => wg.Tensor)(wg);
      expect(wg.holders()).toEqual([[expect.stringContaining(filename), 1, 4]]);
      expect(loss.rank).toBe(0);
    }
    wg.trackSites(false);
  });

  test('stand in the error when memory is out', () => {
    wg.trackSites(true);
    using x = wg.ones([1000]);
    let error!: Error;
    try {
      wg.zeros([1023, 2 ** 20]);
    } catch (thrown) {
      error = thrown as Error;
    }
    wg.trackSites(false);
    expect(error).toBeInstanceOf(wg.OutOfMemoryError);
    expect(error.message).toMatch(/4000 bytes in 1 tensor made at .*memory\.test\.ts/);
    expect(wg.tidy(() => x.add(1).sum().arraySync())).toBe(2000);
  });
});
