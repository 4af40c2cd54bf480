// Functions of lists of tensors.
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { upcastType } from '../dtypes.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';
import { add } from './arithmetic.js';
import { asDtype, axisOf, sameShape } from './operands.js';
import { expandDims } from './shape.js';

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
 * The sum of tensors of one shape and dtype.
 * @throws if there is none, or if a shape or a dtype differs.
 */
export function addN(tensors: readonly TensorLike[]): Tensor {
  return inScope('addN', () => {
    const [first, ...others] = tensors.map((x) => toTensor('addN', x));
    if (first === undefined) throw new WasmgradError('addN: expected at least one tensor, got an empty list');
    for (const [i, { dtype, shape }] of others.entries()) {
      if (dtype !== first.dtype || !sameShape(shape, first.shape)) {
        throw new WasmgradError(
          `addN: tensor ${i + 1} is ${dtype} of shape [${shape}], expected ${first.dtype} of shape [${first.shape}]`,
        );
      }
    }
    return others.length === 0 ? run(ops.identity, [first]) : others.reduce(add, first);
  });
}
