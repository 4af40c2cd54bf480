// Metrics and predictions of a model over data, batch by batch.
import type { Argument, Program, Spec } from '../compile.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Logs } from '../callbacks.js';
import { aliasAcc } from '../callbacks.js';
import type { Metric } from '../metrics/metric.js';
import type { Data } from './data.js';
import { parts, type Compiled, type Labelled, type Programs, type Trainable } from './programs.js';
import { create } from '../tensor/run.js';

/** Batches of so many rows each, from a row on. */
interface Batches {
  rows: number;
  first: number;
  times: number;
}

/** The whole batches of `size` samples, then what is left. */
export function batchesOf(size: number, batch: number): Batches[] {
  const whole = Math.floor(size / batch);
  return [
    { rows: batch, first: 0, times: whole },
    { rows: size % batch, first: whole * batch, times: 1 },
  ].filter(({ rows, times }) => rows * times > 0);
}

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

/** The loss and the metrics over all samples. Whenever a slice of time is over, it stops until it is asked to go on. */
export function* evaluating(
  model: Trainable,
  programs: Programs,
  compiled: Compiled,
  data: Data,
  batch: number,
  isOver: () => boolean,
): Generator<void, Logs> {
  resetMetrics(compiled);
  for (const { rows, first, times } of batchesOf(data.size, batch)) {
    const program = programs.test(model, compiled, typesOf(data, rows));
    const args = parts(data).map((part) => rowsOf(part, rows, first));
    // One batch at first, then twice as many at a time while the slice lasts.
    let [done, count] = [0, 1];
    while (done < times) {
      count = Math.min(count, times - done);
      program.run(args, done, count);
      done += count;
      count *= 2;
      if (isOver()) {
        yield;
        count = 1;
      }
    }
  }
  return readMetrics(compiled);
}

/** The loss and the metrics over all samples. */
export function evaluateData(
  model: Trainable,
  programs: Programs,
  compiled: Compiled,
  data: Data,
  batch: number,
): Logs {
  return evaluating(model, programs, compiled, data, batch, () => false).next().value as Logs;
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
const measured = ({ lossTracker, metrics, weightedMetrics }: Compiled): [name: string, metric: Metric][] => [
  ['loss', lossTracker],
  ...metrics,
  ...weightedMetrics,
];

/** Calls `f`, and brings the metrics back to what they were. */
export function besides<T>(compiled: Compiled, f: () => T): T {
  const restore = measured(compiled).map(([, metric]) => metric.save());
  try {
    return f();
  } finally {
    for (const bringBack of restore) bringBack();
  }
}

export function resetMetrics(compiled: Compiled): void {
  for (const [, metric] of measured(compiled)) metric.reset();
}

/** Values by name in Keras's order: by the alphabet. */
export function readMetrics(compiled: Compiled): Logs {
  const named = measured(compiled).map(([name, metric]) => [name, metric.result()] as const);
  const logs: Logs = Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  if ('accuracy' in logs) aliasAcc(logs);
  return logs;
}
