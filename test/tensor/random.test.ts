// Random tensors: reproducible, of the right distribution, in the right bounds. Streams equal Keras's: see initializers.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { testErrors } from './table.js';

const N = 20000;

/** Mean and variance of what `f` draws. */
function momentsOf(f: () => wg.Tensor): [mean: number, variance: number] {
  return wg.tidy(() => {
    const { mean, variance } = wg.moments(f());
    return [mean.dataSync()[0]!, variance.dataSync()[0]!];
  });
}

/** A mean of N draws lies within five of its standard deviations. */
const within = (deviation: number) => (5 * deviation) / Math.sqrt(N);

describe('distributions', () => {
  test.each<[string, () => wg.Tensor, mean: number, variance: number, low: number, high: number]>([
    ['randomUniform', () => wg.randomUniform([N], -1, 3, 'float32', 1), 1, 16 / 12, -1, 3],
    ['randomUniformInt', () => wg.randomUniformInt([N], 0, 6, 2), 2.5, 35 / 12, 0, 5],
    ['randomUniform of ints', () => wg.randomUniform([N], 0, 4, 'int32', 3), 1.5, 15 / 12, 0, 3],
    ['randomNormal', () => wg.randomNormal([N], 2, 3, 'float32', 4), 2, 9, -Infinity, Infinity],
    ['randomStandardNormal', () => wg.randomStandardNormal([N], 'float32', 5), 0, 1, -Infinity, Infinity],
    ['truncatedNormal', () => wg.truncatedNormal([N], 1, 2, 'float32', 6), 1, 4 * 0.77374, -3, 5],
    ['multinomial', () => wg.multinomial(wg.log([0.5, 0.25, 0.25]), N, 7), 0.75, 0.6875, 0, 2],
    ['multinomial of probabilities', () => wg.multinomial([0, 0.5, 0.5], N, 8, true), 1.5, 0.25, 1, 2],
    ['dropout', () => wg.dropout(wg.ones([N]), 0.25, undefined, 9), 1, 1 / 3, 0, Math.fround(4 / 3)],
  ])('%s', (_, f, mean, variance, low, high) => {
    const [m, v] = momentsOf(f);
    expect(Math.abs(m - mean)).toBeLessThan(within(Math.sqrt(variance)));
    expect(Math.abs(v - variance)).toBeLessThan(within(3 * variance));
    const [least, most] = wg.tidy(() => [f().min().dataSync()[0]!, f().max().dataSync()[0]!]);
    expect(least).toBeGreaterThanOrEqual(low);
    expect(most).toBeLessThanOrEqual(high);
  });

  test('multinomial draws rows by their own probabilities', () => {
    wg.tidy(() => {
      const draws = wg.multinomial([[0, -Infinity], [-Infinity, 0]], 5); // prettier-ignore
      expect(draws.arraySync()).toEqual([[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]); // prettier-ignore
      expect([draws.dtype, wg.multinomial([0, 0], 3).shape]).toEqual(['int32', [3]]);
    });
  });

  test('dropout of a noise shape drops whole rows', () => {
    wg.tidy(() => {
      const rows = wg.dropout(wg.ones([50, 3]), 0.5, [50, 1], 1).arraySync() as number[][];
      expect(new Set(rows.map(String))).toEqual(new Set(['0,0,0', '2,2,2']));
      expect(wg.dropout([1, 2], 0).arraySync()).toEqual([1, 2]);
    });
  });
});

describe('seeds', () => {
  const DRAWS: [string, (seed?: number) => wg.Tensor][] = [
    ['randomUniform', (seed) => wg.randomUniform([8], 0, 1, 'float32', seed)],
    ['randomNormal', (seed) => wg.randomNormal([8], 0, 1, 'float32', seed)],
    ['truncatedNormal', (seed) => wg.truncatedNormal([8], 0, 1, 'float32', seed)],
    ['randomUniformInt', (seed) => wg.randomUniformInt([8], 0, 1000, seed)],
    ['multinomial', (seed) => wg.multinomial(wg.zeros([100]), 8, seed)],
    ['dropout', (seed) => wg.dropout(wg.ones([64]), 0.5, undefined, seed)],
  ];
  const values = (f: () => wg.Tensor) => wg.tidy(() => Array.from(f().dataSync()));

  test.each(DRAWS)('%s draws the same with one, another with another, and goes on without', (_, f) => {
    expect(values(() => f(5))).toEqual(values(() => f(5)));
    expect(values(() => f(5))).not.toEqual(values(() => f(6)));
    wg.setSeed(1);
    const first = [values(f), values(f)];
    expect(first[0]).not.toEqual(first[1]);
    wg.setSeed(1);
    expect([values(f), values(f)]).toEqual(first);
    wg.setSeed(2);
    expect(values(f)).not.toEqual(first[0]);
  });

  test('shuffles follow the seed, and hold every number once', () => {
    const order = () => Array.from(wg.util.createShuffledIndices(100));
    wg.setSeed(3);
    const first = order();
    expect(order()).not.toEqual(first);
    expect(first.toSorted((a, b) => a - b)).toEqual([...Array(100).keys()]);
    wg.setSeed(3);
    expect(order()).toEqual(first);
  });

  testErrors([
    ['half a seed', () => wg.setSeed(1.5), 'setSeed: the seed must be a whole number from 0 to 4294967295, got 1.5'],
    ['a rate of 1', () => wg.dropout([1], 1), 'dropout: expected a rate from 0 to below 1, got 1'],
    ['no classes', () => wg.multinomial([], 2), /multinomial: expected at least one class/],
    ['logits of rank 3', () => wg.multinomial([[[1]]], 2), /multinomial: expected \(rows, classes\) or \(classes\)/],
  ]);
});
