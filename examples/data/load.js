// Reading the tables of this folder.
import { readFileSync } from 'node:fs';
import * as wg from 'wasmgrad';

/** The rows of a csv file below its header, in a random order that `wg.setSeed` fixes. */
export function loadRows(name) {
  const text = readFileSync(new URL(`${name}.csv`, import.meta.url), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  wg.util.shuffle(rows);
  return rows;
}

/** Columns of mean 0 and deviation 1, measured on the first `count` rows: those that the model learns from. */
export function standardise(x, count = x.shape[0]) {
  return wg.tidy(() => {
    const { mean, variance } = wg.moments(x.slice(0, count), 0);
    return x.sub(mean).div(variance.sqrt());
  });
}
