// tfjs's loss functions against their formulas in float64.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { expectClose } from './reference.js';

const { Reduction, losses } = wg;
type Formula = (y: number, p: number) => number;

const smooth = (y: number) => y * 0.9 + 0.05;
const log = (x: number) => Math.log(x + 1e-7);

/** Losses of single elements: with their own arguments between weights and reduction. */
const ELEMENTWISE: [name: keyof typeof losses, args: number[], formula: Formula][] = [
  ['meanSquaredError', [], (y, p) => (y - p) ** 2],
  ['absoluteDifference', [], (y, p) => Math.abs(y - p)],
  ['huberLoss', [0.3], (y, p) => (Math.abs(y - p) <= 0.3 ? (y - p) ** 2 / 2 : 0.3 * (Math.abs(y - p) - 0.15))],
  ['hingeLoss', [], (y, p) => Math.max(0, 1 - (2 * y - 1) * p)],
  ['logLoss', [1e-7], (y, p) => -y * log(p) - (1 - y) * log(1 - p)],
  ['sigmoidCrossEntropy', [0], (y, p) => y * Math.log1p(Math.exp(-p)) + (1 - y) * Math.log1p(Math.exp(p))],
  ['sigmoidCrossEntropy', [0.1], (y, p) => smooth(y) * Math.log1p(Math.exp(-p)) + (1 - smooth(y)) * Math.log1p(Math.exp(p))],
]; // prettier-ignore

const label = fc.constantFrom(0, 1);
const probability = fc.float({ min: Math.fround(0.01), max: Math.fround(0.99), noNaN: true });
const weight = fc.constantFrom(0, 0.5, 1, 3);
const list = <T>(of: fc.Arbitrary<T>, length: number) => fc.array(of, { minLength: length, maxLength: length });

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const REDUCTIONS: [string, wg.Reduction, (values: number[], weights: number[]) => number[]][] = [
  ['NONE', Reduction.NONE, (values) => values],
  ['SUM', Reduction.SUM, (values) => [sum(values)]],
  ['MEAN', Reduction.MEAN, (values, weights) => [sum(values) / sum(weights)]],
  [
    'SUM_BY_NONZERO_WEIGHTS',
    Reduction.SUM_BY_NONZERO_WEIGHTS,
    (values, weights) => [sum(values) / weights.filter((w) => w !== 0).length],
  ],
];

type LossFunction = (y: wg.Tensor, p: wg.Tensor, w?: wg.TensorLike, ...rest: number[]) => wg.Tensor;

describe.each(ELEMENTWISE)('%s(%j)', (name, args, formula) => {
  const f = losses[name] as LossFunction;

  test.each(REDUCTIONS)('%s', (_, reduction, reduce) => {
    fc.assert(
      fc.property(list(label, 6), list(probability, 6), list(weight, 3), (y, p, w) => {
        fc.pre(w.some((one) => one !== 0));
        wg.tidy(() => {
          const [labels, predictions] = [wg.tensor2d(y, [2, 3]), wg.tensor2d(p, [2, 3])];
          const values = y.map((one, i) => formula(one, p[i]!));
          const all = reduce(values, values.map(() => 1)); // prettier-ignore
          const spread = values.map((_, i) => w[i % 3]!);
          const weighted = reduce(values.map((value, i) => value * spread[i]!), spread); // prettier-ignore
          expectClose(f(labels, predictions, undefined, ...args, reduction).flatten(), of(all), 1e-5);
          expectClose(f(labels, predictions, w, ...args, reduction).flatten(), of(weighted), 1e-5);
        });
      }),
      { numRuns: 20 },
    );
  });
});

const of = (data: number[]) => ({ shape: [data.length], data });

test('softmaxCrossEntropy weighs rows, and smooths toward all classes', () => {
  wg.tidy(() => {
    const [labels, logits] = [[[0, 1, 0], [1, 0, 0]], [[0.2, 0.5, 0.3], [0.9, 0.3, -2]]]; // prettier-ignore
    const rows = labels!.map((row, i) => {
      const total = Math.log(sum(logits![i]!.map(Math.exp)));
      return sum(row.map((y, j) => (y * 0.7 + 0.1) * (total - logits![i]![j]!)));
    });
    expectClose(losses.softmaxCrossEntropy(labels!, logits!, null, 0.3, Reduction.NONE), of(rows), 1e-6);
    expectClose(losses.softmaxCrossEntropy(labels!, logits!, [1, 3], 0.3, Reduction.SUM).flatten(), of([rows[0]! + 3 * rows[1]!]), 1e-6); // prettier-ignore
  });
});

test('cosineDistance keeps its axis with one element', () => {
  wg.tidy(() => {
    const distance = losses.cosineDistance([[1, 0], [0, 1]], [[0.6, 0.8], [0, -1]], 1, null, Reduction.NONE); // prettier-ignore
    expectClose(distance, { shape: [2, 1], data: [0.4, 2] }, 1e-6);
  });
});

test('by default the sum is divided by the number of weights that are not 0', () => {
  wg.tidy(() => {
    expect(losses.computeWeightedLoss([1, 2, 3], [0, 2, 2]).arraySync()).toBe(5);
    expect(losses.meanSquaredError([1, 2], [3, 2]).arraySync()).toBe(2);
  });
});

test('a model trains with a loss function as its loss', () => {
  const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [2] })]);
  model.compile({ optimizer: wg.train.sgd(0.1), loss: losses.meanSquaredError });
  const [x, y] = [wg.tensor2d([[1, 2], [3, 4], [0, 1]]), wg.tensor2d([[1], [2], [0.5]])]; // prettier-ignore
  const loss = Number(model.evaluate(x, y, { verbose: 0 }));
  const expected = wg.tidy(() => losses.meanSquaredError(y, model.predict(x) as wg.Tensor).dataSync()[0]!);
  expect(loss).toBeCloseTo(expected, 6);
  wg.dispose([x, y]);
  model.dispose();
});

test.each([
  ['other shapes', () => losses.meanSquaredError([1, 2], [1, 2, 3]), /labels of shape \[2\].*predictions of shape \[3\]/],
  ['weights that do not fit', () => losses.meanSquaredError([1, 2], [1, 2], [1, 2, 3]), /\[3\].*\[2\]/],
  ['no reduction', () => losses.meanSquaredError([1], [1], null, 7 as wg.Reduction), /unknown reduction 7/],
])('refuses %s', (_, f, message) => {
  expect(f).toThrow(message);
}); // prettier-ignore
