// Gradients, clipped by ops: for updates that do not clip where they read.
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { add, clip, div, maximum, mul, square } from '../tensor/words.js';

/** A variable and its gradient. */
export type Entry = readonly [Variable, Tensor];

/** How gradients are clipped: by their norm, of each or of all together, or each element; 0 for not at all. */
export type Clipping = [clipNorm: number, clipGlobally: boolean, clipValue: number];

export const UNCLIPPED: Clipping = [0, false, 0];

/** The sum of all elements. */
export const sumAll = (x: Tensor): Tensor =>
  x.rank === 0
    ? x
    : run(
        ops.sum,
        [x],
        x.shape.map((_, i) => i),
        false,
      );
export const sqrt = (x: Tensor): Tensor => run(ops.sqrt, [x]);

/** The entries with their gradients clipped. */
export function clipped(entries: readonly Entry[], [most, globally, limit]: Clipping): readonly Entry[] {
  if (limit > 0) return entries.map(([w, dw]) => [w, clip(dw, -limit, limit)]);
  if (most === 0) return entries;
  const squares = entries.map(([, dw]) => sumAll(square(dw)));
  const all = globally ? squares.reduce(add) : undefined;
  return entries.map(([w, dw], i) => {
    const norm = sqrt(all ?? squares[i]!);
    const scale = div(run(ops.fill, [], [], most, 'float32'), maximum(norm, most));
    // An infinite norm of all leaves no number.
    return [w, mul(dw, globally ? add(scale, mul(norm, 0)) : scale)];
  });
}
