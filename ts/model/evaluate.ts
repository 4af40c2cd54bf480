// Metrics and predictions of a model over data, batch by batch.
import type { Argument, Program, Spec } from '../compile.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Logs } from '../callbacks/callback.js';
import { aliasAccuracies } from '../callbacks/callback.js';
import type { Metric } from '../metrics/metric.js';
import { batchesOf, batchSizeFor, type Data, type Rows } from './data.js';
import type { Feed } from './feeds.js';
import { parts, type Compiled, type Labelled, type Programs, type Trainable } from './programs.js';
import { create } from '../tensor/run.js';

/** The same tensor's rows as a program's argument. */
function rowsOf(tensor: Tensor, rows: number, first: number): Argument {
  const words = tensor.size / tensor.shape[0]!;
  return { tensor, offset: first * words, stride: rows * words };
}

const withRows = ({ shape, dtype }: Tensor, rows: number) => ({ shape: [rows, ...shape.slice(1)], dtype });

/** The types of so many rows of the data. */
export function typesOf({ x, y, weights }: Data, rows: number): Labelled<Spec> {
  return { x: withRows(x, rows), y: withRows(y, rows), weights: weights && withRows(weights, rows) };
}

/**
 * Runs something `times` times, counted from `from`: once at first, then twice as many at a time until the slice of time is
 * over. Gives how often it ran.
 * @param run runs it `count` times and gives the number of times that were finished
 */
export function runSlice(
  from: number,
  times: number,
  isOver: () => boolean,
  run: (from: number, count: number) => number,
): number {
  let [at, count] = [from, 1];
  while (at < times) {
    at += run(at, Math.min(count, times - at));
    if (isOver()) break;
    count *= 2;
  }
  return at - from;
}

/** Counts batches in the metrics. Whenever a slice of time is over, it stops until it is asked to go on. */
export function* measuring(
  model: Trainable,
  programs: Programs,
  compiled: Compiled,
  data: Data,
  { rows, first, times }: Rows,
  isOver: () => boolean,
): Generator<void, void> {
  const program = programs.test(model, compiled, typesOf(data, rows));
  const args = parts(data).map((part) => rowsOf(part, rows, first));
  const run = (from: number, count: number) => (program.run(args, from, count), count);
  for (let done = 0; done < times;) {
    done += runSlice(done, times, isOver, run);
    if (isOver()) yield;
  }
}

/** The loss and the metrics over all samples, or those of so many batches. */
export function evaluateData(
  model: Trainable,
  programs: Programs,
  compiled: Compiled,
  data: Data,
  batchSize: number | undefined,
  steps?: number,
): Logs {
  resetMetrics(compiled);
  const rowsOfBatch = batchSize ?? batchSizeFor(data.size, steps);
  for (const rows of batchesOf(data.size, rowsOfBatch, 0, steps)) {
    measuring(model, programs, compiled, data, rows, () => false).next();
  }
  return readMetrics(compiled);
}

/** As `evaluateData`, for any feed; `pause` is called whenever a slice of time is over. */
export async function evaluateFeed(
  model: Trainable,
  programs: Programs,
  compiled: Compiled,
  feed: Feed,
  isOver: () => boolean,
  pause: () => Promise<void>,
): Promise<Logs> {
  resetMetrics(compiled);
  for await (const batches of feed.epoch(true)) {
    const measure = measuring(model, programs, compiled, batches.data, batches, isOver);
    while (!measure.next().done) await pause();
    if (isOver()) await pause();
  }
  return readMetrics(compiled);
}

/** The predictions for all samples, one row each. */
export function predictData(model: Trainable, programs: Programs, x: Tensor, batch: number): Tensor {
  let result: Tensor | undefined;
  try {
    for (const { rows, first, times } of batchesOf(x.shape[0]!, batch)) {
      const program: Program = programs.predict(model, withRows(x, rows));
      const { shape, dtype } = program.outputs[0]!;
      result ??= create([x.shape[0]!, ...shape.slice(1)], dtype, () => {});
      program.run([rowsOf(x, rows, first), rowsOf(result, rows, first)], 0, times);
    }
  } catch (error) {
    result?.dispose();
    throw error;
  }
  return result!;
}

/** The loss first, then the metrics as `compile` was given them. */
export const namedMetrics = ({ lossTracker, metrics, weightedMetrics }: Compiled): [name: string, metric: Metric][] => [
  ['loss', lossTracker],
  ...metrics,
  ...weightedMetrics,
];

/** Calls `f`, and brings the metrics back to what they were. */
export function besides<T>(compiled: Compiled, f: () => T): T {
  const restore = namedMetrics(compiled).map(([, metric]) => metric.save());
  try {
    return f();
  } finally {
    for (const bringBack of restore) bringBack();
  }
}

export function resetMetrics(compiled: Compiled): void {
  for (const [, metric] of namedMetrics(compiled)) metric.reset();
}

export function readMetrics(compiled: Compiled): Logs {
  // A metric of several thresholds or classes gives a list, which goes on as it is.
  return sortLogs(
    Object.fromEntries(namedMetrics(compiled).map(([name, metric]) => [name, metric.result() as number])),
  );
}

/** The same values in Keras's order: by the alphabet. */
export function sortLogs(logs: Logs): Logs {
  const sorted: Logs = Object.fromEntries(Object.entries(logs).sort(([a], [b]) => (a < b ? -1 : 1)));
  aliasAccuracies(sorted);
  return sorted;
}
