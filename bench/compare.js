// One piece of work, done by several sides in turn.
import b from 'benny';

const ROUNDS = 7;
/** Seconds that one side runs in one round. */
const SECONDS = 0.25;

/**
 * benny runs its cases one after another, and a machine's clock drifts meanwhile: so the sides take turns in short
 * rounds, in alternating order, and what counts is the median of the rounds' ratios.
 *
 * @param {string} work what the sides do
 * @param {Record<string, () => unknown>} sides by name; `wasmgrad` is the one that the others are compared with. A side
 *   may be async
 * @param {number} [units] pieces of work in one call, such as the steps of an epoch
 * @returns seconds a unit (median), and how many times as long as wasmgrad each side takes (median of the ratios)
 */
export async function compare(work, sides, units = 1) {
  const names = Object.keys(sides);
  const orders = Array.from({ length: ROUNDS }, (_, i) => (i % 2 ? names.toReversed() : names));
  const options = { maxTime: SECONDS, minSamples: 3, delay: 0 };
  const { results } = await b.suite(work, ...orders.flat().map((name) => b.add(name, sides[name], options)));
  const secondsOf = (name) =>
    results.filter((result) => result.name === name).map(({ details }) => details.median / units);
  const ours = secondsOf('wasmgrad');
  return {
    work,
    sides: Object.fromEntries(
      names.map((name) => {
        const seconds = secondsOf(name);
        return [name, { seconds: median(seconds), ratio: median(seconds.map((s, i) => s / ours[i])) }];
      }),
    ),
  };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
