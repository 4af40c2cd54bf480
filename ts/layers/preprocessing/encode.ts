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
  const size = samples * depth;
  const rows = run(ops.reshape, [indices], [samples, indices.size / Math.max(samples, 1)]);
  const first = run(ops.reshape, [run(ops.range, [], 0, depth, samples, 'int32')], [samples, 1]);
  const exists = run(ops.logicalAnd, [run(ops.greaterEqual, [rows, whole(0)]), run(ops.less, [rows, whole(depth)])]);
  const places = run(ops.select, [exists, run(ops.add, [rows, first]), whole(size)]);
  const values = weights ?? run(ops.fill, [], [indices.size], 1, 'float32');
  const sums = run(
    ops.scatterAdd,
    [run(ops.reshape, [values], [indices.size]), run(ops.reshape, [places], [indices.size])],
    0,
    size,
  );
  const counts = run(ops.reshape, [sums], rank < 2 ? [depth] : [samples, depth]);
  return mode === 'count' ? counts : toFloat(run(ops.greater, [counts, constant(0)]));
}
