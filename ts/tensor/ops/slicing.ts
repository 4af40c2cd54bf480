// Functions that cut parts out of tensors.
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { run, runAll, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';
import { axisOf, counted } from './operands.js';
import { squeeze } from './shape.js';

/**
 * `size` elements from `begin` on, in each dimension. Dimensions that are left out are taken whole.
 * @param begin a number for dimension 0, or one for each dimension; below 0 it counts from the end
 * @param size by default, and where -1, all elements that follow
 * @throws if the part does not lie inside of x.
 */
export function slice(x: TensorLike, begin: number | readonly number[], size?: number | readonly number[]): Tensor {
  return sliced('slice', x, begin, size);
}

function sliced(
  place: string,
  x: TensorLike,
  begin: number | readonly number[],
  size: number | readonly number[] = [],
): Tensor {
  return inScope(place, () => {
    const tensor = toTensor(place, x);
    const [begins, sizes] = [begin, size].map((list) => (typeof list === 'number' ? [list] : list));
    const { shape, rank } = tensor;
    if (begins!.length > rank || sizes!.length > rank) {
      throw new WasmgradError(`${place}: ${begins!.length} places and ${sizes!.length} sizes for shape [${shape}]`);
    }
    const from = shape.map((dim, i) => counted(begins![i] ?? 0, dim));
    const count = shape.map((dim, i) => ((sizes![i] ?? -1) === -1 ? dim - from[i]! : sizes![i]!));
    const wrong = shape.findIndex((dim, i) => !(from[i]! >= 0 && count[i]! >= 0 && from[i]! + count[i]! <= dim));
    if (wrong >= 0) {
      throw new WasmgradError(
        `${place}: ${count[wrong]} elements from ${from[wrong]} on do not lie inside of dimension ${wrong} of shape [${shape}]`,
      );
    }
    return run(ops.slice, [tensor], from, count);
  });
}

/** A part of a vector. */
export function slice1d(x: TensorLike, begin: number, size?: number): Tensor1D {
  return sliced('slice1d', x, begin, size) as Tensor1D;
}

/** A part of a matrix. */
export function slice2d(x: TensorLike, begin: [number, number], size: [number, number]): Tensor2D {
  return sliced('slice2d', x, begin, size) as Tensor2D;
}

/** A part of a tensor of rank 3. */
export function slice3d(x: TensorLike, begin: [number, number, number], size: [number, number, number]): Tensor3D {
  return sliced('slice3d', x, begin, size) as Tensor3D;
}

/** A part of a tensor of rank 4. */
export function slice4d(
  x: TensorLike,
  begin: [number, number, number, number],
  size: [number, number, number, number],
): Tensor4D {
  return sliced('slice4d', x, begin, size) as Tensor4D;
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
      throw new WasmgradError(
        `split: an axis of ${length} elements cannot be split into ${describe(parts)} equal parts`,
      );
    }
    return Array.from({ length: parts }, () => length / parts);
  }
  if (!Array.isArray(parts)) {
    throw new WasmgradError(`split: expected a number of parts, or a list of their sizes, got ${describe(parts)}`);
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
    if (tensor.shape[at] === 0) return [];
    const sizes = new Array<number>(tensor.shape[at]!).fill(1);
    return runAll(ops.split, [tensor], sizes, at).map((slice) => squeeze(slice, [at]));
  });
}
