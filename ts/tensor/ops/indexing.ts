// Functions that find elements by index. An index below 0 counts from the end.
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { sizeOf, type DataType } from '../dtypes.js';
import { run, runAll, viewOf, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { asDtype, axisOf, operand, sameShape, typed } from './operands.js';

/** What is read at indices outside of x where that cannot be refused: in a program that is being traced. */
const OUTSIDE: Record<DataType, number> = { float32: NaN, int32: -(2 ** 31), bool: 0 };

/** @throws if an index is not below `size`. A symbolic tensor has no values to look at. */
function checkIndices(place: string, indices: Tensor, size: number): void {
  if (indices.isSymbolic) return;
  const values = viewOf(indices.handle, indices.size, 'int32');
  const wrong = values.findIndex((index) => index >= size || index < -size);
  if (wrong >= 0) {
    throw new WasmgradError(`${place}: index ${values[wrong]} does not exist in an axis of ${size} elements`);
  }
}

/**
 * The slices of x along the axis at the indices, whose dimensions stand in the place of the axis.
 * @param indices int32, of any shape
 * @param batchDims how many dimensions at the front x and the indices share: each index is then one of its own batch
 * @throws if an index does not exist.
 */
export function gather(x: TensorLike, indices: TensorLike, axis = 0, batchDims = 0): Tensor {
  return inScope('gather', () => {
    const [source, at] = [operand('gather', x, 'any'), typed('gather', 'indices', indices, 'int32')];
    const along = axisOf('gather', axis, source.rank);
    checkIndices('gather', at, source.shape[along]!);
    if (batchDims === 0) return run(ops.gather, [source, at], along, OUTSIDE[source.dtype]);
    return gatherBatches(source, at, along, batchDims < 0 ? batchDims + at.rank : batchDims);
  });
}

/** x (batches…, before…, n, after…), indices (batches…, at…) -> (batches…, before…, at…, after…). */
function gatherBatches(x: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor {
  const batches = x.shape.slice(0, batchDims);
  if (batchDims > axis || batchDims > indices.rank || !sameShape(batches, indices.shape.slice(0, batchDims))) {
    throw new WasmgradError(
      `gather: x of shape [${x.shape}] and indices of shape [${indices.shape}] do not share ${batchDims} dimensions before axis ${axis}`,
    );
  }
  const [before, after] = [x.shape.slice(batchDims, axis), x.shape.slice(axis + 1)];
  const [n, count] = [x.shape[axis]!, sizeOf(batches)];
  const inner = indices.shape.slice(batchDims);
  // All batches become one axis, in which the indices of batch b begin at b n.
  const rows = run(
    ops.reshape,
    [run(ops.transpose, [run(ops.reshape, [x], [count, sizeOf(before), n, sizeOf(after)])], [0, 2, 1, 3])],
    [count * n, sizeOf(before), sizeOf(after)],
  );
  const first = run(ops.reshape, [run(ops.range, [], 0, n, count, 'int32')], [count, 1]);
  const flat = run(ops.reshape, [indices], [count, sizeOf(inner)]);
  const found = run(ops.gather, [rows, run(ops.add, [fromStart(flat, n), first])], 0, OUTSIDE[x.dtype]);
  return run(ops.reshape, [run(ops.transpose, [found], [0, 2, 1, 3])], [...batches, ...before, ...inner, ...after]);
}

/** Indices with those below 0 counted from the start. */
function fromStart(indices: Tensor, size: number): Tensor {
  const zero = run(ops.fill, [], [], 0, 'int32');
  const shift = run(ops.fill, [], [], size, 'int32');
  return run(ops.select, [run(ops.less, [indices, zero]), run(ops.add, [indices, shift]), indices]);
}

/** Places (…, depth) in the first `depth` dimensions of a shape as places in all of them flattened: (…). */
function flatPlaces(
  place: string,
  indices: Tensor,
  shape: readonly number[],
): { places: Tensor; size: number; rest: number[] } {
  const depth = indices.shape.at(-1);
  if (depth === undefined || depth > shape.length) {
    throw new WasmgradError(
      `${place}: expected indices (…, depth) with a depth of at most ${shape.length} for shape [${shape}], got shape [${indices.shape}]`,
    );
  }
  const dims = shape.slice(0, depth);
  const columns =
    depth === 0
      ? []
      : runAll(
          ops.split,
          [indices],
          dims.map(() => 1),
          indices.rank - 1,
        );
  const lead = indices.shape.slice(0, -1);
  let places = run(ops.fill, [], lead, 0, 'int32');
  for (const [i, column] of columns.entries()) {
    const one = run(ops.reshape, [column], lead);
    checkIndices(place, one, dims[i]!);
    const step = run(ops.fill, [], [], dims[i]!, 'int32');
    places = run(ops.add, [run(ops.mul, [places, step]), fromStart(one, dims[i]!)]);
  }
  return { places, size: sizeOf(dims), rest: shape.slice(depth) };
}

/**
 * The slices of x at places (…, depth), each of which names the first `depth` dimensions.
 * @throws if a place does not exist.
 */
export function gatherND(x: TensorLike, indices: TensorLike): Tensor {
  return inScope('gatherND', () => {
    const [source, at] = [operand('gatherND', x, 'any'), typed('gatherND', 'indices', indices, 'int32')];
    const { places, size, rest } = flatPlaces('gatherND', at, source.shape);
    const rows = run(ops.reshape, [source], [size, ...rest]);
    return run(ops.gather, [rows, places], 0, OUTSIDE[source.dtype]);
  });
}

/**
 * Zeros of the given shape with the updates (…, rest of the shape) added at places (…, depth).
 * @throws if a place does not exist, or the updates do not fit.
 */
export function scatterND(indices: TensorLike, updates: TensorLike, shape: readonly number[]): Tensor {
  return inScope('scatterND', () => {
    const [at, values] = [typed('scatterND', 'indices', indices, 'int32'), operand('scatterND', updates, 'number')];
    return scatter('scatterND', at, values, shape);
  });
}

function scatter(place: string, indices: Tensor, updates: Tensor, shape: readonly number[]): Tensor {
  const { places, size, rest } = flatPlaces(place, indices, shape);
  const expected = [...places.shape, ...rest];
  if (!sameShape(updates.shape, expected)) {
    throw new WasmgradError(`${place}: expected updates of shape [${expected}], got [${updates.shape}]`);
  }
  const flat = run(ops.reshape, [places], [places.size]);
  const rows = run(ops.reshape, [updates], [places.size, ...rest]);
  return run(ops.reshape, [run(ops.scatterAdd, [rows, flat], 0, size)], [...shape]);
}

/**
 * x with other values at places (…, depth); where a place comes more than once, the sum of its values.
 * @throws if a place does not exist, or the updates do not fit.
 */
export function tensorScatterUpdate(x: TensorLike, indices: TensorLike, updates: TensorLike): Tensor {
  return inScope('tensorScatterUpdate', () => {
    const source = operand('tensorScatterUpdate', x, 'number');
    const at = typed('tensorScatterUpdate', 'indices', indices, 'int32');
    const values = typed('tensorScatterUpdate', 'updates', updates, source.dtype);
    const count = scatter('tensorScatterUpdate', at, run(ops.fill, [], values.shape, 1, 'int32'), source.shape);
    const isNew = asDtype(count, 'bool');
    return run(ops.select, [isNew, scatter('tensorScatterUpdate', at, values, source.shape), source]);
  });
}

/**
 * Sums of the slices of x along dimension 0: slice i goes to sum `segmentIds[i]`, of `numSegments`.
 * @param segmentIds int32; its shape is that of the first dimensions of x. A slice with an id below 0 is left out
 * @throws if an id is not below `numSegments`.
 */
export function unsortedSegmentSum(x: TensorLike, segmentIds: TensorLike, numSegments: number): Tensor {
  return inScope('unsortedSegmentSum', () => {
    const source = operand('unsortedSegmentSum', x, 'number');
    const ids = typed('unsortedSegmentSum', 'segmentIds', segmentIds, 'int32');
    const none = run(ops.fill, [], [], 0, 'int32');
    checkIndices('unsortedSegmentSum', run(ops.maximum, [ids, none]), numSegments);
    // The op counts indices below 0 from the end, and leaves out those beyond it.
    const outside = run(ops.fill, [], [], numSegments, 'int32');
    const places = run(ops.select, [run(ops.less, [ids, none]), outside, ids]);
    return run(ops.scatterAdd, [source, places], 0, numSegments);
  });
}

/** For each index a new last dimension of `depth` elements: `onValue` where it points to, `offValue` elsewhere. */
export function oneHot(
  indices: TensorLike,
  depth: number,
  onValue = 1,
  offValue = 0,
  dtype: DataType = 'int32',
): Tensor {
  return inScope('oneHot', () => {
    return run(ops.oneHot, [typed('oneHot', 'indices', indices, 'int32')], depth, onValue, offValue, dtype);
  });
}

/** The k largest elements along the last dimension, the largest first, and their places there (int32). */
export function topk(x: TensorLike, k = 1, _sorted = true): { values: Tensor; indices: Tensor } {
  return inScope('topk', () => {
    const [values, indices] = runAll(ops.topK, [operand('topk', x, 'number')], k);
    return { values: values!, indices: indices! };
  });
}

/** Whether each target (…) is among the k most probable classes of its predictions (…, classes). */
export async function inTopKAsync(predictions: TensorLike, targets: TensorLike, k = 1): Promise<Tensor> {
  return inScope('inTopKAsync', () => {
    const { indices } = topk(predictions, k);
    const expected = typed('inTopKAsync', 'targets', targets, 'int32');
    const column = run(ops.reshape, [expected], [...expected.shape, 1]);
    return run(ops.any, [run(ops.equal, [indices, column])], [expected.rank], false);
  });
}
