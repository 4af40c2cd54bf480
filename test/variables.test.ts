// Variables, and optimizers that move them.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { testErrors } from './tensor/table.js';

/** Calls `f` with variables of these values, and disposes of them. */
function withVariables<T>(values: readonly wg.NestedArray[], f: (...variables: wg.Variable[]) => T): T {
  const variables = values.map((value) => wg.variable(value));
  try {
    return wg.tidy(() => f(...variables));
  } finally {
    wg.dispose(variables);
  }
}

describe('a variable', () => {
  test('begins with a copy, outlives its scope, and takes other values', () => {
    using initial = wg.tensor([1, 2]);
    const v = wg.tidy(() => wg.variable(initial, true, 'weights'));
    v.assign([3, 4]);
    expect([v.name, v.trainable, v.dtype, v.shape]).toEqual(['weights', true, 'float32', [2]]);
    expect([v.arraySync(), initial.arraySync()]).toEqual([[3, 4], [1, 2]]); // prettier-ignore
    v.dispose();
    v.dispose();
    expect(v.isDisposed).toBe(true);
  });

  test.each<[string, (v: wg.Variable) => wg.Tensor]>([
    ['reshape', (v) => v.reshape([2, 1])],
    ['clone', (v) => v.clone()],
    ['a sum with itself', (v) => v.add(0)],
    ['tidy', (v) => wg.tidy(() => v.clone())],
  ])('what was made of it by %s keeps its value', (_, make) => {
    withVariables([[1, 2]], (v) => {
      const y = make(v);
      v.assign([8, 9]);
      expect(y.flatten().arraySync()).toEqual([1, 2]);
      expect(v.arraySync()).toEqual([8, 9]);
    });
  });

  test('may be assigned from itself', () => {
    withVariables([[1, 2]], (v) => {
      for (let i = 0; i < 3; i++) v.assign(wg.tidy(() => v.add(v)));
      v.assign(wg.reverse(v));
      v.assign(v);
      expect(v.arraySync()).toEqual([16, 8]);
    });
  });

  test('is made by a method too', () => {
    using x = wg.tensor([1.5]);
    using v = x.variable(false, 'v', 'int32');
    expect([v.trainable, v.name, v.dtype, v.arraySync()]).toEqual([false, 'v', 'int32', [1]]);
  });
});

describe('variableGrads', () => {
  test('gives a gradient to each trainable variable that was read', () => {
    withVariables([2, 3, 5], (a, b, c) => {
      b.trainable = false;
      const { value, grads } = wg.variableGrads(() => a.square().mul(b));
      expect(value.arraySync()).toBe(12);
      expect(Object.keys(grads)).toEqual([a.name]);
      expect(grads[a.name]!.arraySync()).toBe(12);
      expect(c.isDisposed).toBe(false);
    });
  });

  test('of a list', () => {
    withVariables([2, 3], (a, b) => {
      const { grads } = wg.variableGrads(() => a.mul(b), [b]);
      expect(Object.entries(grads).map(([name, grad]) => [name, grad.arraySync()])).toEqual([[b.name, 2]]);
    });
  });

  test.each<[string, (model: wg.LayersModel, x: wg.Tensor) => wg.Tensor]>([
    ['predict', (model, x) => model.predict(x)],
    ['predictOnBatch', (model, x) => model.predictOnBatch(x)],
    ['apply', (model, x) => model.apply(x)],
  ])("sees a model's weights through %s, eagerly and in a program", (_, run) => {
    const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })]);
    const slopes = (x: wg.Tensor) => Object.values(wg.variableGrads(() => run(model, x).square().sum()).grads);
    using compiled = wg.compile(slopes);
    wg.tidy(() => {
      const x = wg.tensor([[1, 2]]);
      // d(x w + b)² is 2 * 3 x for the weights, 2 * 3 for the bias.
      for (const f of [slopes, compiled]) expect(f(x).map((dw) => dw.arraySync())).toEqual([[[6], [12]], [6]]); // prettier-ignore
      expect(
        wg
          .grad((z) => run(model, z))(x)
          .arraySync(),
      ).toEqual([[1, 1]]);
    });
    model.dispose();
  });

  test('is taken at the values that were read before an assignment', () => {
    withVariables([3], (v) => {
      const { value, grads } = wg.variableGrads(() => {
        const y = v.square();
        v.assign(100);
        return y;
      });
      expect([value.arraySync(), grads[v.name]!.arraySync()]).toEqual([9, 6]);
    });
  });

  test('refuses two variables of one name, which minimize tells apart', () => {
    using a = wg.variable(1, true, 'same');
    using b = wg.variable(2, true, 'same');
    expect(() => wg.variableGrads(() => a.mul(b))).toThrow('several variables are named "same"');
    const optimizer = wg.train.sgd(1);
    optimizer.minimize(() => a.mul(b));
    expect([a.arraySync(), b.arraySync()]).toEqual([-1, 1]);
    optimizer.dispose();
  });
});

describe('an optimizer', () => {
  test('minimizes: w - rate * gradient', () => {
    const optimizer = wg.train.sgd(0.25);
    withVariables([[4, -8]], (w) => {
      const cost = optimizer.minimize(() => w.square().sum(), true)!;
      expect([cost.arraySync(), w.arraySync()]).toEqual([80, [2, -4]]);
      expect(optimizer.minimize(() => w.square().sum())).toBeNull();
      expect(w.arraySync()).toEqual([1, -2]);
    });
    optimizer.dispose();
  });

  test('moves only what it is told to', () => {
    const optimizer = wg.train.sgd(1);
    withVariables([1, 1], (a, b) => {
      optimizer.minimize(() => a.add(b), false, [b]);
      expect([a.arraySync(), b.arraySync()]).toEqual([1, 0]);
    });
    optimizer.dispose();
  });

  test.each<[string, (grads: Record<string, wg.Tensor>) => Parameters<wg.optimizers.Optimizer['applyGradients']>[0]]>([
    ['by name', (grads) => grads],
    ['in a list', (grads) => Object.entries(grads).map(([name, tensor]) => ({ name, tensor }))],
  ])('applies gradients %s', (_, form) => {
    const optimizer = wg.train.sgd(1);
    withVariables([5, 7], (a, b) => {
      const { grads } = wg.variableGrads(() => a.mul(2).add(b));
      optimizer.applyGradients(form(grads));
      expect([a.arraySync(), b.arraySync()]).toEqual([3, 6]);
    });
    optimizer.dispose();
  });

  test('fits a line as in every first tutorial', () => {
    const optimizer = wg.train.adam(0.1);
    withVariables([0, 0], (slope, offset) => {
      const [x, y] = [wg.tensor([0, 1, 2, 3]), wg.tensor([1, 3, 5, 7])];
      for (let i = 0; i < 300; i++) {
        optimizer.minimize(() => wg.losses.meanSquaredError(y, x.mul(slope).add(offset)));
      }
      expect(slope.dataSync()[0]).toBeCloseTo(2, 2);
      expect(offset.dataSync()[0]).toBeCloseTo(1, 2);
    });
    optimizer.dispose();
  });

  test('leaves everything as it was when its function throws', () => {
    const optimizer = wg.train.sgd(1);
    withVariables([1], (v) => {
      expect(() => optimizer.minimize(() => { v.square(); throw new Error('mine'); })).toThrow('mine'); // prettier-ignore
      optimizer.minimize(() => v.mul(3));
      expect(v.arraySync()).toBe(-2);
    });
    optimizer.dispose();
  });
});

describe('errors', () => {
  const fresh = () => wg.variable([1, 2], true, 'v');
  testErrors([
    ['another shape', () => using(fresh(), (v) => v.assign([1])), /variable "v".assign: expected float32 of shape \[2\], got float32 of shape \[1\]/],
    ['another dtype', () => using(fresh(), (v) => v.assign([true, false])), /variable "v".assign: expected float32 .* got bool/],
    ['use after dispose', () => using(fresh(), (v) => (v.dispose(), v.assign([1, 2]))), /was disposed/],
    ['an unknown name', () => using(wg.train.sgd(1), (o) => o.applyGradients({ nobody: wg.scalar(1) })), /no variable named "nobody"/],
    ['an async function', () => using(wg.train.sgd(1), (o) => o.minimize((async () => 1) as never)), /minimize: the function is async/],
  ]); // prettier-ignore

  function using<T extends { dispose(): void }>(x: T, f: (x: T) => unknown): unknown {
    try {
      return f(x);
    } finally {
      x.dispose();
    }
  }
});
