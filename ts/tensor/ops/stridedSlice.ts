// Slices with steps: NumPy's `x[begin:end:stride]`.
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import type { Shape } from '../dtypes.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { counted } from './operands.js';

/** Which dimensions of a slice are special: bit i stands for entry i of `begin`. */
interface Masks {
  begin: number;
  end: number;
  ellipsis: number;
  newAxis: number;
  shrinkAxis: number;
}

/** In one dimension: `size` elements from `begin` on, `stride` apart. */
interface Part {
  begin: number;
  size: number;
  stride: number;
}

/**
 * The elements from `begin` up to `end` (not included), `strides` apart, in each dimension. Places below 0 count from the end. Bit i of a mask speaks of entry i:
 * @param strides default: 1 everywhere
 * @param beginMask `begin[i]` is ignored: from the first element on
 * @param endMask `end[i]` is ignored: up to the last element
 * @param ellipsisMask entry i stands for all dimensions that the other entries leave
 * @param newAxisMask entry i makes a new dimension of size 1
 * @param shrinkAxisMask entry i takes the one element at `begin[i]`, and the dimension disappears
 * @throws if a stride is 0, or there are more entries than dimensions.
 */
export function stridedSlice(
  x: TensorLike,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[] = begin.map(() => 1),
  beginMask = 0,
  endMask = 0,
  ellipsisMask = 0,
  newAxisMask = 0,
  shrinkAxisMask = 0,
): Tensor {
  return inScope('stridedSlice', () => {
    const tensor = toTensor('stridedSlice', x);
    const masks = {
      begin: beginMask,
      end: endMask,
      ellipsis: ellipsisMask,
      newAxis: newAxisMask,
      shrinkAxis: shrinkAxisMask,
    };
    const { parts, shape } = resolve(tensor.shape, begin, end, strides, masks);
    // What is contiguous is one slice; the rest is picked out of it, dimension by dimension.
    const isPlain = ({ stride }: Part) => stride === 1;
    let part = run(
      ops.slice,
      [tensor],
      parts.map((one) => (isPlain(one) ? one.begin : 0)),
      parts.map((one, i) => (isPlain(one) ? one.size : tensor.shape[i]!)),
    );
    for (const [axis, one] of parts.entries()) {
      if (isPlain(one)) continue;
      const places = run(ops.range, [], one.begin, one.stride, one.size, 'int32');
      part = run(ops.gather, [part, places], axis, 0);
    }
    return run(ops.reshape, [part], shape);
  });
}

/** What a strided slice takes of each dimension, and the shape of the result. */
function resolve(
  dims: Shape,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  masks: Masks,
): { parts: Part[]; shape: Shape } {
  const has = (mask: number, i: number) => ((mask >> i) & 1) === 1;
  const entries = begin.map((_, i) => i);
  const isEllipsis = (i: number) => has(masks.ellipsis, i);
  const taken = entries.filter((i) => !isEllipsis(i) && !has(masks.newAxis, i)).length;
  if (end.length !== begin.length || strides.length !== begin.length) {
    throw new WasmgradError(
      `stridedSlice: begin, end and strides have ${begin.length}, ${end.length} and ${strides.length} entries; expected the same number`,
    );
  }
  if (taken > dims.length || entries.filter(isEllipsis).length > 1) {
    throw new WasmgradError(
      `stridedSlice: ${begin.length} entries for shape [${dims}], expected one for each dimension at most`,
    );
  }
  const parts: Part[] = [];
  const shape: Shape = [];
  const takeWhole = (count: number) => {
    for (const size of dims.slice(parts.length, parts.length + count)) {
      parts.push({ begin: 0, size, stride: 1 });
      shape.push(size);
    }
  };
  for (const i of entries) {
    if (isEllipsis(i)) takeWhole(dims.length - taken);
    else if (has(masks.newAxis, i)) shape.push(1);
    else {
      const dim = dims[parts.length]!;
      const bounds = { begin: has(masks.begin, i) ? undefined : begin[i], end: has(masks.end, i) ? undefined : end[i] };
      const part = has(masks.shrinkAxis, i) ? single(begin[i]!, dim) : partOf(bounds, strides[i]!, dim);
      parts.push(part);
      if (!has(masks.shrinkAxis, i)) shape.push(part.size);
    }
  }
  // Dimensions without an entry are taken whole.
  takeWhole(dims.length - parts.length);
  return { parts, shape };
}

function partOf({ begin, end }: { begin?: number; end?: number }, stride: number, dim: number): Part {
  if (!Number.isInteger(stride) || stride === 0)
    throw new WasmgradError(`stridedSlice: a stride of ${stride} leads nowhere`);
  const [least, most] = stride > 0 ? [0, dim] : [-1, dim - 1];
  const within = (at: number | undefined, otherwise: number) =>
    at === undefined ? otherwise : Math.min(Math.max(counted(at, dim), least), most);
  const first = within(begin, stride > 0 ? least : most);
  const last = within(end, stride > 0 ? most : least);
  return { begin: first, size: Math.max(0, Math.ceil((last - first) / stride)), stride };
}

function single(at: number, dim: number): Part {
  const begin = counted(at, dim);
  if (!(begin >= 0 && begin < dim))
    throw new WasmgradError(`stridedSlice: place ${at} does not exist in ${dim} elements`);
  return { begin, size: 1, stride: 1 };
}
