// Functions that change the shape or the order of elements.
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { checkShape, sizeOf, type Shape } from '../dtypes.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '../tensor.js';
import { axesOf, axisOf } from './operands.js';

/**
 * The same elements in the same order under another shape; one dimension may be -1, and gets what is left.
 * @throws if the elements do not fill it.
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  return reshaped('reshape', x, () => shape);
}

function reshaped(place: string, x: TensorLike, to: (tensor: Tensor) => Shape): Tensor {
  return inScope(place, () => {
    const tensor = toTensor(place, x);
    return run(ops.reshape, [tensor], implied(place, to(tensor), tensor.size));
  });
}

/** The shape with a number for the dimension that is -1. */
function implied(place: string, shape: Shape, size: number): Shape {
  if (!Array.isArray(shape)) checkShape(place, shape);
  const unknown = shape.indexOf(-1);
  const known = shape.filter((dim) => dim !== -1);
  const left = unknown < 0 ? 1 : size / Math.max(1, sizeOf(known));
  const isShape = known.length >= shape.length - 1 && shape.every((dim) => Number.isInteger(dim) && dim >= -1);
  if (!isShape || !Number.isInteger(left) || sizeOf(known) * left !== size) {
    throw new WasmgradError(`${place}: ${size} elements do not fill shape [${shape}]`);
  }
  return shape.map((dim) => (dim === -1 ? left : dim));
}

/** The elements of x under the shape of another tensor. */
export function reshapeAs(x: TensorLike, like: Tensor): Tensor {
  return reshaped('reshapeAs', x, () => like.shape);
}

/** All elements as a vector. */
export function flatten(x: TensorLike): Tensor1D {
  return reshaped('flatten', x, ({ size }) => [size]) as Tensor1D;
}

/** The only element as a scalar. @throws if there are more. */
export function asScalar(x: TensorLike): Scalar {
  return reshaped('asScalar', x, () => []) as Scalar;
}

/** As `flatten`. */
export function as1D(x: TensorLike): Tensor1D {
  return reshaped('as1D', x, ({ size }) => [size]) as Tensor1D;
}

export function as2D(x: TensorLike, rows: number, columns: number): Tensor2D {
  return reshaped('as2D', x, () => [rows, columns]) as Tensor2D;
}

export function as3D(x: TensorLike, rows: number, columns: number, depth: number): Tensor3D {
  return reshaped('as3D', x, () => [rows, columns, depth]) as Tensor3D;
}

export function as4D(x: TensorLike, rows: number, columns: number, depth: number, depth2: number): Tensor4D {
  return reshaped('as4D', x, () => [rows, columns, depth, depth2]) as Tensor4D;
}

export function as5D(
  x: TensorLike,
  rows: number,
  columns: number,
  depth: number,
  depth2: number,
  depth3: number,
): Tensor5D {
  return reshaped('as5D', x, () => [rows, columns, depth, depth2, depth3]) as Tensor5D;
}

/** x without its dimensions of size 1, or without those in `axis`. @throws if one of these has another size. */
export function squeeze(x: TensorLike, axis?: number | readonly number[] | null): Tensor {
  return reshaped('squeeze', x, ({ shape, rank }) => {
    const gone = axis == null ? undefined : axesOf('squeeze', axis, rank);
    const wrong = gone?.find((one) => shape[one] !== 1);
    if (wrong !== undefined) {
      throw new WasmgradError(`squeeze: axis ${wrong} of shape [${shape}] has ${shape[wrong]} elements, expected 1`);
    }
    return shape.filter((dim, i) => (gone === undefined ? dim !== 1 : !gone.includes(i)));
  });
}

/** x with a new dimension of size 1 before dimension `axis`. */
export function expandDims(x: TensorLike, axis = 0): Tensor {
  return reshaped('expandDims', x, ({ shape, rank }) => shape.toSpliced(axisOf('expandDims', axis, rank + 1), 0, 1));
}

/**
 * x, if its dimensions are those of `shape`, of which `null` stands for any.
 * @throws if they are not.
 */
export function ensureShape(x: TensorLike, shape: readonly (number | null)[]): Tensor {
  return reshaped('ensureShape', x, (tensor) => {
    const fits = tensor.rank === shape.length && shape.every((dim, i) => dim === null || dim === tensor.shape[i]);
    if (!fits) {
      const expected = shape.map((dim) => dim ?? '*').join(', ');
      throw new WasmgradError(`ensureShape: expected shape [${expected}], got [${tensor.shape}]`);
    }
    return tensor.shape;
  });
}

/** Dimension i of the result is dimension `perm[i]` of x. By default the dimensions are reversed. */
export function transpose(x: TensorLike, perm?: readonly number[]): Tensor {
  return inScope('transpose', () => {
    const tensor = toTensor('transpose', x);
    const order = perm?.map((axis) => axisOf('transpose', axis, tensor.rank));
    return run(ops.transpose, [tensor], order ?? tensor.shape.map((_, i) => tensor.rank - 1 - i));
  });
}

/** x repeated along new dimensions in front and along those of size 1. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  return inScope('broadcastTo', () => run(ops.broadcastTo, [toTensor('broadcastTo', x)], shape));
}

/** x repeated `reps[i]` times along dimension i. */
export function tile(x: TensorLike, reps: readonly number[]): Tensor {
  return inScope('tile', () => run(ops.tile, [toTensor('tile', x)], reps));
}

/** x with the order of the elements turned round along each of the axes, by default along all. */
export function reverse(x: TensorLike, axis?: number | readonly number[]): Tensor {
  return inScope('reverse', () => {
    const tensor = toTensor('reverse', x);
    return run(ops.reverse, [tensor], axesOf('reverse', axis, tensor.rank));
  });
}

function reversed(place: string, rank: number, x: TensorLike, axis?: number | readonly number[]): Tensor {
  return inScope(place, () => {
    const tensor = toTensor(place, x);
    if (tensor.rank !== rank)
      throw new WasmgradError(`${place}: expected a tensor of rank ${rank}, got shape [${tensor.shape}]`);
    return reverse(tensor, axis);
  });
}

/** A vector from its end to its beginning. */
export function reverse1d(x: TensorLike): Tensor1D {
  return reversed('reverse1d', 1, x) as Tensor1D;
}

/** A matrix with the order of the elements turned round along the axes, by default along all. */
export function reverse2d(x: TensorLike, axis?: number | readonly number[]): Tensor2D {
  return reversed('reverse2d', 2, x, axis) as Tensor2D;
}

/** A tensor of rank 3 with the order of the elements turned round along the axes, by default along all. */
export function reverse3d(x: TensorLike, axis?: number | readonly number[]): Tensor3D {
  return reversed('reverse3d', 3, x, axis) as Tensor3D;
}

/** A tensor of rank 4 with the order of the elements turned round along the axes, by default along all. */
export function reverse4d(x: TensorLike, axis?: number | readonly number[]): Tensor4D {
  return reversed('reverse4d', 4, x, axis) as Tensor4D;
}
