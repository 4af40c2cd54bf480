// New tensors after the pattern of another one.
import * as ops from '../../ops.gen.js';
import { checkDtype, type DataType } from '../dtypes.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { filled } from './filled.js';

/** A copy that shares memory with x until one of the two is written. */
export function clone<T extends Tensor = Tensor>(x: T | TensorLike): T {
  return inScope('clone', () => {
    const source = toTensor('clone', x as TensorLike);
    return run(ops.reshape, [source], source.shape);
  }) as T;
}

/** x with values of another dtype: float32 to int32 cuts decimals off, to bool asks whether a value is not 0. */
export function cast(x: TensorLike, dtype: DataType): Tensor {
  checkDtype('cast', dtype);
  return inScope('cast', () => {
    const source = toTensor('cast', x);
    return source.dtype === dtype ? clone(source) : run(ops.cast, [source], dtype);
  });
}

/** Zeros of the shape and dtype of x. */
export function zerosLike(x: TensorLike): Tensor {
  return like('zerosLike', x, 0);
}

/** Ones of the shape and dtype of x. */
export function onesLike(x: TensorLike): Tensor {
  return like('onesLike', x, 1);
}

function like(place: string, x: TensorLike, value: number): Tensor {
  return inScope(place, () => {
    const { shape, dtype } = toTensor(place, x);
    return filled(place, shape, value, dtype);
  });
}

/**
 * The matrix, or the tensor of rank 2 n, whose diagonal is x and whose other elements are 0.
 */
export function diag(x: TensorLike): Tensor {
  return inScope('diag', () => {
    const source = toTensor('diag', x);
    const { shape, size, dtype } = source;
    const row = run(ops.reshape, [source], [1, size]);
    const zero = filled('diag', [], 0, dtype);
    const matrix = run(ops.select, [run(ops.eye, [], size, size, 'bool'), row, zero]);
    return run(ops.reshape, [matrix], [...shape, ...shape]);
  });
}
