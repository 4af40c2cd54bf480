// Functions that put tensors together and take them apart.
import { WasmgradError } from '../../core/errors.js';
import { ops } from '../../ops.gen.js';
import { upcastType, type Shape } from '../dtypes.js';
import { run, runAll, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';
import { asDtype, axisOf, sameShape } from './operands.js';
import { expandDims, squeeze } from './shape.js';

/** Operands in the dtype that holds the values of all. */
function alike(place: string, tensors: readonly TensorLike[]): Tensor[] {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new WasmgradError(`${place}: expected a list of at least one tensor`);
  }
  const all = tensors.map((x) => toTensor(place, x as TensorLike));
  const dtype = all.map((x) => x.dtype).reduce(upcastType);
  return all.map((x) => asDtype(x, dtype));
}

/** Tensors one behind the other along the axis; the other dimensions must agree. */
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  return joined('concat', tensors, axis);
}

function joined(place: string, tensors: readonly TensorLike[], axis: number): Tensor {
  return inScope(place, () => {
    const all = alike(place, tensors);
    return run(ops.concat, all, axisOf(place, axis, all[0]!.rank));
  });
}

/** Vectors one behind the other. */
export function concat1d(tensors: readonly TensorLike[]): Tensor1D {
  return joined('concat1d', tensors, 0) as Tensor1D;
}

/** Matrices one behind the other along the axis. */
export function concat2d(tensors: readonly TensorLike[], axis: number): Tensor2D {
  return joined('concat2d', tensors, axis) as Tensor2D;
}

/** Tensors of rank 3 one behind the other along the axis. */
export function concat3d(tensors: readonly TensorLike[], axis: number): Tensor3D {
  return joined('concat3d', tensors, axis) as Tensor3D;
}

/** Tensors of rank 4 one behind the other along the axis. */
export function concat4d(tensors: readonly TensorLike[], axis: number): Tensor4D {
  return joined('concat4d', tensors, axis) as Tensor4D;
}

/** Tensors of one shape beside one another along a new dimension, `axis`. */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  return inScope('stack', () => {
    const all = alike('stack', tensors);
    const { shape } = all[0]!;
    for (const [i, x] of all.entries()) {
      if (!sameShape(x.shape, shape)) {
        throw new WasmgradError(`stack: tensor ${i} has shape [${x.shape}], expected that of the first, [${shape}]`);
      }
    }
    const at = axisOf('stack', axis, shape.length + 1);
    return run(
      ops.concat,
      all.map((x) => expandDims(x, at)),
      at,
    );
  });
}

/**
 * Parts of x along the axis.
 * @param numOrSizeSplits the number of equal parts, or the size of each, of which one may be -1: it gets what is left
 * @throws if the parts do not make up the axis.
 */
export function split(x: TensorLike, numOrSizeSplits: number | readonly number[], axis = 0): Tensor[] {
  return inScope('split', () => {
    const tensor = toTensor('split', x);
    const at = axisOf('split', axis, tensor.rank);
    return runAll(ops.split, [tensor], sizesOf(tensor.shape[at]!, numOrSizeSplits), at);
  });
}

function sizesOf(length: number, parts: number | readonly number[]): number[] {
  if (typeof parts === 'number') {
    if (!Number.isInteger(parts) || parts < 1 || length % parts !== 0) {
      throw new WasmgradError(`split: an axis of ${length} elements cannot be split into ${parts} equal parts`);
    }
    return Array.from({ length: parts }, () => length / parts);
  }
  const known = parts.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  const unknown = parts.filter((size) => size === -1).length;
  if (unknown > 1 || (unknown === 0 ? known !== length : known > length)) {
    throw new WasmgradError(`split: parts of sizes [${parts}] do not make up an axis of ${length} elements`);
  }
  return parts.map((size) => (size === -1 ? length - known : size));
}

/** The slices of x along the axis, which disappears. */
export function unstack(x: TensorLike, axis = 0): Tensor[] {
  return inScope('unstack', () => {
    const tensor = toTensor('unstack', x);
    const at = axisOf('unstack', axis, tensor.rank);
    const sizes = new Array<number>(tensor.shape[at]!).fill(1);
    return runAll(ops.split, [tensor], sizes, at).map((slice) => squeeze(slice, [at]));
  });
}
