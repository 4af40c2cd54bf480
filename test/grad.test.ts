// Gradients of functions.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { instructions, matrix, runOnNumbers, runOnTensors, SHAPE } from './programs.js';
import { int, testErrors } from './tensor/table.js';

/** In a scope of its own: the values of a tensor that `f` makes. */
const values = (f: () => wg.Tensor) => wg.tidy(() => f().arraySync() as unknown);

describe('random programs', () => {
  test('gradients are those of finite differences', () => {
    fc.assert(
      fc.property(instructions, matrix, matrix, (program, x, y) => {
        const loss = (inputs: number[][]) => runOnNumbers(program, inputs).reduce((sum, z) => sum + z ** 2, 0);
        fc.pre(loss([x, y]) < 1e3);
        const step = 1e-5;
        const slope = (which: number, i: number) => {
          const moved = (by: number) => loss([x, y].map((m, j) => (j === which ? m.with(i, m[i]! + by) : m)));
          return (moved(step) - moved(-step)) / (2 * step);
        };
        wg.tidy(() => {
          const inputs = [wg.tensor(x, SHAPE), wg.tensor(y, SHAPE)];
          const { value, grads } = wg.valueAndGrads((...xs) => runOnTensors(program, xs).square().sum())(inputs);
          expect(Math.abs(value.dataSync()[0]! - loss([x, y]))).toBeLessThanOrEqual(1e-4 * Math.max(1, loss([x, y])));
          grads.forEach((grad, which) => {
            expect(grad.shape).toEqual(SHAPE);
            grad.dataSync().forEach((slopeHere, i) => {
              const expected = slope(which, i);
              expect(Math.abs(slopeHere - expected)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(expected)));
            });
          });
        });
      }),
      { numRuns: 200 },
    );
  });

  test('second derivatives are the differences of first ones', () => {
    fc.assert(
      fc.property(instructions, matrix, (program, x) => {
        const loss = (z: number[]) => runOnNumbers(program, [z]).reduce((sum, one) => sum + one ** 2, 0);
        fc.pre(loss(x) < 1e2);
        const step = 1e-3;
        // d/dx_i of d(loss)/d(1, 1, …), the derivative along all ones.
        const moved = (i: number, by: number, along: number) => loss(x.map((z, j) => z + along + (i === j ? by : 0)));
        const expected = x.map(
          (_, i) =>
            (moved(i, step, step) - moved(i, -step, step) - moved(i, step, -step) + moved(i, -step, -step)) /
            (4 * step * step),
        );
        wg.tidy(() => {
          const f = (z: wg.Tensor) => runOnTensors(program, [z]).square().sum();
          const second = wg.grad((z) => wg.grad(f)(z).sum())(wg.tensor(x, SHAPE));
          second.dataSync().forEach((z, i) => {
            expect(Math.abs(z - expected[i]!)).toBeLessThanOrEqual(2e-2 * Math.max(1, ...expected.map(Math.abs)));
          });
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('grad', () => {
  test.each<[string, () => wg.Tensor, unknown]>([
    ['of a cube', () => wg.grad((x) => x.pow(3).sum())(wg.tensor([1, 2])), [3, 12]],
    ['of a value that is no scalar: the sum of its slopes', () => wg.grad((x) => x.square())(wg.tensor([1, 2])), [2, 4]],
    ['times dy', () => wg.grad((x) => x.square())(wg.tensor([1, 2]), [10, 100]), [20, 400]],
    ['of plain numbers', () => wg.grad((x) => x.square())(3), 6],
    ['nested three times', () => wg.grad(wg.grad(wg.grad((x) => x.pow(4))))(wg.scalar(2)), 48],
    ['of a function that uses x and a gradient', () => wg.grad((x) => x.mul(wg.grad((y) => y.pow(2))(x)))(wg.scalar(3)), 12],
    ['through a captured outer x', () => wg.grad((x) => wg.grad((y) => y.mul(x).mul(x))(wg.scalar(1)))(wg.scalar(5)), 10],
    ['of an identity', () => wg.grad((x) => x)(wg.tensor([1, 2])), [1, 1]],
    ['through a cast and back', () => wg.grad((x) => x.add(x.toInt().toFloat()))(wg.tensor([1.5])), [1]],
    ['of what is used twice', () => wg.grad((x) => x.add(x).mul(x))(wg.scalar(3)), 12],
    ['through where', () => wg.grad((x) => wg.where(x.greater(0), x.mul(2), x.mul(0)))(wg.tensor([-1, 1])), [0, 2]],
    ['through split and concat', () => wg.grad((x) => wg.concat(x.split(2).toReversed()).mul([1, 2]))(wg.tensor([5, 5])), [2, 1]],
    ['through topk', () => wg.grad((x) => x.topk(1).values)(wg.tensor([1, 3, 2])), [0, 1, 0]],
    ['through gather of the same row', () => wg.grad((x) => x.gather(int([0, 0])))(wg.tensor([1, 2])), [2, 0]],
    ['through broadcasting', () => wg.grad((x) => x.add(wg.zeros([3, 2])))(wg.tensor([1, 2])), [3, 3]],
    ['past a constant', () => wg.grad((x) => x.stopGradient().mul(x))(wg.tensor([3, 4])), [3, 4]],
    ['past a constant of int32', () => wg.grad((x) => x.mul(wg.stopGradient(x.toInt()).toFloat()))(wg.tensor([3, 4])), [3, 4]],
    ['of nothing', () => wg.grad((x) => x.square())(wg.zeros([0])), []],
  ])('%s', (_, f, expected) => {
    expect(values(f)).toEqual(expected);
  }); // prettier-ignore

  test('stopGradient gives the same values; what depends on x through it alone has no gradient', () => {
    using x = wg.stopGradient([true, false]);
    expect([x.dtype, x.arraySync()]).toEqual(['bool', [1, 0]]);
    expect(() => wg.grad((x) => x.square().stopGradient())(1)).toThrow(/does not depend on argument 0/);
  });

  test('of a function that reads values and branches by them', () => {
    const f = (x: wg.Tensor) => {
      let y = x;
      while (y.dataSync()[0]! < 100) y = y.mul(x);
      return y;
    };
    // 3^5 is the first power beyond 100: its slope is 5 * 3^4.
    expect(values(() => wg.grad(f)(wg.scalar(3)))).toBe(405);
    expect(values(() => wg.grad(f)(wg.scalar(11)))).toBe(22);
  });

  test('of a function that tidies and disposes what it used', () => {
    const f = (x: wg.Tensor) => {
      const y = wg.tidy(() => x.square().add(x.mul(0)));
      const z = y.mul(x);
      y.dispose();
      return z;
    };
    expect(values(() => wg.grad(f)(wg.tensor([2, 3])))).toEqual([12, 27]);
  });

  test('leaves what was captured, and keeps what the function kept', () => {
    using c = wg.tensor([2, 3]);
    let kept!: wg.Tensor;
    const slope = wg.grad((x) => {
      kept = wg.keep(x.mul(c));
      return kept.square();
    });
    using x = wg.tensor([1, 1]);
    using dx = slope(x);
    expect(dx.arraySync()).toEqual([8, 18]);
    expect([c.isDisposed, kept.arraySync()]).toEqual([false, [2, 3]]);
    kept.dispose();
  });

  test('grads and valueAndGrads give one for each argument', () => {
    wg.tidy(() => {
      const f = (a: wg.Tensor, b: wg.Tensor) => a.mul(b).sum();
      const xs = [wg.tensor([1, 2]), wg.tensor([3, 4])];
      expect(wg.grads(f)(xs).map((x) => x.arraySync())).toEqual([[3, 4], [1, 2]]); // prettier-ignore
      const { value, grads } = wg.valueAndGrads(f)(xs, 2);
      expect([value.arraySync(), ...grads.map((x) => x.arraySync())]).toEqual([11, [6, 8], [2, 4]]);
      const one = wg.valueAndGrad((x) => x.square())(3);
      expect([one.value.arraySync(), one.grad.arraySync()]).toEqual([9, 6]);
    });
  });

  test('the same argument twice has two gradients', () => {
    wg.tidy(() => {
      const x = wg.scalar(3);
      const [a, b] = wg.grads((p, q) => p.mul(q.square()))([x, x]);
      // Both are the same tensor, so each gradient is the whole one.
      expect([a!.arraySync(), b!.arraySync()]).toEqual([27, 27]);
    });
  });

  test('after an error the next gradient is right', () => {
    expect(() => wg.grad(() => { throw new Error('mine'); })(1)).toThrow('mine'); // prettier-ignore
    expect(values(() => wg.grad((x) => x.square())(3))).toBe(6);
  });
});

describe('errors', () => {
  testErrors([
    ['an async function', () => wg.grad((async (x: wg.Tensor) => x) as never)(1), /grad: the function is async.*using/],
    ['a promise', () => wg.grad(() => Promise.resolve() as never)(1), /grad: the function is async/],
    ['no function', () => wg.grad(3 as never)(1), 'grad: expected a function, got 3'],
    ['an int32 argument', () => wg.grad((x) => x)(int([1])), /a gradient of int32\[1\] does not exist; only float32 has one/],
    ['no tensor', () => wg.grad(() => 3 as never)(1), 'grad: f must return a tensor, got 3'],
    ['another x', () => wg.grad(() => wg.scalar(1))(2), /grad: f's result does not depend on argument 0/],
    ['one of several', () => wg.grads((a, _b) => a.square())([1, 2]), /grads: f's result does not depend on argument 1/],
    ['values only', () => wg.grad((x) => wg.scalar(x.dataSync()[0]!))(2), /does not depend on argument 0/],
    ['what has no slope', () => wg.grad((x) => x.greater(0).toFloat())(2), /does not depend on argument 0/],
    ['dy of another shape', () => wg.grad((x) => x.square())([1, 2], [1]), /grad: dy has shape \[1\], expected .*\[2\]/],
    ['no list', () => wg.grads((x) => x)(3 as never), /grads: expected a list of arguments/],
    ['no scalar to minimize', () => wg.variableGrads(() => wg.ones([2])), /must return a scalar, got shape \[2\]/],
    ['no variable', () => wg.variableGrads(() => wg.scalar(1)), /variableGrads: .*depends on no trainable variable/],
  ]); // prettier-ignore
});
