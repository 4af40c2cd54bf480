// Sides that do the same work, timed in turn.
import { median } from '../compare.js';

const ROUNDS = 7;
/** Seconds that one side runs in one round. */
const SECONDS = 0.15;

/**
 * A side does `count` units of its work by `run(count)`, which may be async; a side in another process gives the seconds
 * that it took, for the way there must not count.
 *
 * @typedef {{ run(count: number): unknown, begin?(): unknown }} Side
 */

/**
 * @param {string} work
 * @param {Record<string, Side>} sides by name; ratios are to `wasmgrad`
 * @returns median seconds a unit of each side, and the median of the rounds' ratios
 */
export async function race(work, sides) {
  const names = Object.keys(sides);
  const counts = {};
  for (const name of names) counts[name] = await calibrate(sides[name]);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    const seconds = {};
    for (const name of i % 2 ? names.toReversed() : names) {
      seconds[name] = (await time(sides[name], counts[name])) / counts[name];
    }
    rounds.push(seconds);
  }
  const of = (name) => ({
    seconds: median(rounds.map((seconds) => seconds[name])),
    ratio: median(rounds.map((seconds) => seconds[name] / seconds.wasmgrad)),
  });
  return { work, sides: Object.fromEntries(names.map((name) => [name, of(name)])) };
}

/** So many units that they take the seconds of a round. It warms up on the way. */
async function calibrate(side) {
  for (let count = 1; ; count *= 2) {
    const seconds = await time(side, count);
    if (seconds > SECONDS / 2) return Math.max(1, Math.round((count * SECONDS) / seconds));
  }
}

async function time(side, count) {
  await side.begin?.();
  const start = performance.now();
  const own = await side.run(count);
  return typeof own === 'number' ? own : (performance.now() - start) / 1000;
}
