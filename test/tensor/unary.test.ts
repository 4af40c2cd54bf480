// Each function of one tensor is the one that its name says: against Math, at all ranks and in every dtype it takes.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { int } from './table.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const SELU = [1.0507009873554805, 1.6732632423543772] as const;

/** The error function by its series: enough terms for |x| < 3. */
const erf = (x: number) => {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};

const REALS = [-2.5, -1, -0.75, -0.1, 0, 0.1, 0.5, 1, 1.5, 2.75];
const POSITIVE = REALS.filter((x) => x > 0);
const UNIT = [-0.9, -0.5, -0.1, 0, 0.1, 0.5, 0.9];

const FUNCTIONS: [name: string, f: (x: number) => number, points?: number[]][] = [
  ['abs', Math.abs],
  ['acos', Math.acos, UNIT],
  ['acosh', Math.acosh, [1, 1.5, 20]],
  ['asin', Math.asin, UNIT],
  ['asinh', Math.asinh],
  ['atan', Math.atan],
  ['atanh', Math.atanh, UNIT],
  ['ceil', Math.ceil],
  ['cos', Math.cos],
  ['cosh', Math.cosh],
  ['elu', (x) => (x > 0 ? x : Math.expm1(x))],
  ['erf', erf],
  ['exp', Math.exp],
  ['expm1', Math.expm1],
  ['floor', Math.floor],
  ['leakyRelu', (x) => (x > 0 ? x : 0.2 * x)],
  ['log', Math.log, POSITIVE],
  ['log1p', Math.log1p, POSITIVE],
  ['logSigmoid', (x) => Math.log(sigmoid(x))],
  ['neg', (x) => -x],
  ['reciprocal', (x) => 1 / x, POSITIVE],
  ['relu', (x) => Math.max(x, 0)],
  ['relu6', (x) => Math.min(Math.max(x, 0), 6), [...REALS, 7]],
  ['round', (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))],
  ['rsqrt', (x) => 1 / Math.sqrt(x), POSITIVE],
  ['selu', (x) => SELU[0] * (x > 0 ? x : SELU[1] * Math.expm1(x))],
  ['sigmoid', sigmoid],
  ['sign', Math.sign],
  ['sin', Math.sin],
  ['sinh', Math.sinh],
  ['softplus', (x) => Math.log1p(Math.exp(x))],
  ['sqrt', Math.sqrt, POSITIVE],
  ['square', (x) => x * x],
  ['step', (x) => (x > 0 ? 1 : 0)],
  ['tan', Math.tan],
  ['tanh', Math.tanh],
];

const functions = wg as unknown as Record<string, (x: wg.TensorLike) => wg.Tensor>;

describe('functions of one tensor', () => {
  test.each(FUNCTIONS)('%s', (name, f, points = REALS) => {
    wg.tidy(() => {
      const g = functions[name]!;
      const y = g(wg.tensor(points, [1, points.length, 1]));
      expect(y.shape).toEqual([1, points.length, 1]);
      const method = wg.tensor(points)[name as 'exp']();
      y.dataSync().forEach((value, i) => {
        const expected = f(Math.fround(points[i]!));
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(4e-7 * Math.max(1, Math.abs(expected)));
        expect(method.dataSync()[i]).toBe(value);
      });
      expect(g(1).arraySync()).toBeCloseTo(f(1), 5);
      expect(g(wg.zeros([0])).shape).toEqual([0]);
      // Of integers it is an integer where that is exact, else the float that it is of the same floats.
      const ofInts = g(int([1, 2, 3]));
      const ofFloats = g(wg.tensor([1, 2, 3]));
      expect(Array.from(ofInts.dataSync())).toEqual(Array.from(ofFloats.dataSync()));
    });
  });
});
