// Categories by number as vectors.
import { WasmgradError } from '../../core/errors.js';
import { Registry } from '../../core/registry.js';
import * as ops from '../../ops.gen.js';
import { formatShape } from '../../tensor/dtypes.js';
import { run } from '../../tensor/run.js';
import type { Tensor } from '../../tensor/tensor.js';
import { constant, toFloat } from '../../tensor/words.js';

/** `int` the numbers themselves, `oneHot` a vector for each, `multiHot` one for each sample, `count` how often each came. */
export type Encoding = 'int' | 'oneHot' | 'multiHot' | 'count';

/** As `Encoding`; `tfIdf` weighs the counts by how rare a token is. */
export type OutputMode = Encoding | 'tfIdf';

const named = <Mode extends OutputMode>(...modes: Mode[]) =>
  new Registry('outputMode', Object.fromEntries(modes.map((mode) => [mode, mode])) as Record<string, Mode>);

export const ENCODINGS = named('int', 'oneHot', 'multiHot', 'count');
export const VECTORS = named('oneHot', 'multiHot', 'count');
export const OUTPUT_MODES = named('int', 'oneHot', 'multiHot', 'count', 'tfIdf');

/** An int32 scalar. */
export const whole = (x: number): Tensor => run(ops.fill, [], [], x, 'int32');

/**
 * Encodes indices: `oneHot` (…) -> (…, depth), where a last dimension of 1 gives way; `multiHot` and `count`
 * (samples, length) -> (samples, depth), or (length) -> (depth). Indices outside of 0 … depth - 1 leave no trace.
 * @param weights what each index counts, in its shape. Default: 1.
 * @throws if there are more than two dimensions to count over
 */
export function encode(indices: Tensor, mode: Encoding, depth: number, weights?: Tensor): Tensor {
  if (mode === 'int') return indices;
  const { shape, rank } = indices;
  if (mode === 'oneHot') {
    const elements = rank > 1 && shape.at(-1) === 1 ? run(ops.reshape, [indices], shape.slice(0, -1)) : indices;
    return run(ops.oneHot, [elements], depth, 1, 0, 'float32');
  }
  if (rank > 2) {
    throw new WasmgradError(
      `outputMode ${mode} counts over samples of one dimension, got ${formatShape(shape)}; reshape to [samples, length]`,
    );
  }
  const samples = rank < 2 ? 1 : shape[0]!;
  const table = [samples, indices.size / Math.max(samples, 1)];
  const [rows, values] = [indices, weights ?? run(ops.fill, [], table, 1, 'float32')].map((x) =>
    run(ops.reshape, [x], table),
  ) as [Tensor, Tensor];
  const counts = run(ops.reshape, [count(rows, values, depth)], rank < 2 ? [depth] : [samples, depth]);
  return mode === 'count' ? counts : toFloat(run(ops.greater, [counts, constant(0)]));
}

/** From here on float32, in which options are told, leaves whole numbers out. */
const EXACT = 2 ** 24;

/** The sum of the weights of each index in each row: (samples, length) -> (samples, depth). */
function count(rows: Tensor, weights: Tensor, depth: number): Tensor {
  const [samples, length] = rows.shape as [number, number];
  const size = samples * depth;
  if (size >= EXACT && samples > 1) {
    const half = samples >> 1;
    const part = (x: Tensor, begin: number, end: number) => run(ops.slice, [x], [begin, 0], [end - begin, length]);
    const counted = (begin: number, end: number) => count(part(rows, begin, end), part(weights, begin, end), depth);
    return run(ops.concat, [counted(0, half), counted(half, samples)], 0);
  }
  const first = run(ops.reshape, [run(ops.range, [], 0, depth, samples, 'int32')], [samples, 1]);
  const exists = run(ops.logicalAnd, [run(ops.greaterEqual, [rows, whole(0)]), run(ops.less, [rows, whole(depth)])]);
  const places = run(ops.select, [exists, run(ops.add, [rows, first]), whole(size)]);
  const [flat, at] = [weights, places].map((x) => run(ops.reshape, [x], [samples * length])) as [Tensor, Tensor];
  return run(ops.reshape, [run(ops.scatterAdd, [flat, at], 0, size)], [samples, depth]);
}
