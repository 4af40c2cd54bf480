// New tensors: from values, and of a pattern.
import { WasmgradError } from '../../core/errors.js';
import { ops } from '../../ops.gen.js';
import {
  checkDtype,
  inferShape,
  type DataType,
  type NestedArray,
  type Shape,
  type TypedArray,
} from '../dtypes.js';
import type { Rank } from '../rank.js';
import { create, fromValues, run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D, Tensor6D } from '../tensor.js';

/** The largest integer up to which every one is a float32. */
const EXACT = 2 ** 24;

/**
 * A tensor of nested arrays, a typed array or a number.
 * @param shape by default that of the nested arrays; with it the values may be flat
 * @param dtype by default float32 for numbers, bool for booleans, int32 for arrays of integer types
 * @throws if the values are ragged, or do not fill the shape.
 */
export function tensor<R extends Rank = Rank>(values: NestedArray, shape?: Shape, dtype?: DataType): Tensor<R> {
  return make('tensor', values, shape, dtype) as Tensor<R>;
}

function make(place: string, values: NestedArray, shape?: Shape, dtype?: DataType): Tensor {
  if (dtype !== undefined) checkDtype(place, dtype);
  return fromValues(place, values, shape === undefined ? undefined : [...shape], dtype);
}

/**
 * A tensor of rank 0.
 * @throws if the value is not a single number or boolean.
 */
export function scalar(value: number | boolean, dtype?: DataType): Scalar {
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new WasmgradError(`scalar: expected a number or a boolean, got ${typeof value}; call tensor(values) for arrays`);
  }
  return make('scalar', value, undefined, dtype) as Scalar;
}

/** Flat or nested values of a tensor whose rank is known. */
function ranked(rank: number, values: NestedArray, shape: Shape | undefined, dtype: DataType | undefined): Tensor {
  const place = `tensor${rank}d`;
  if (shape !== undefined && shape.length !== rank) {
    throw new WasmgradError(`${place}: expected a shape of ${rank} dimensions, got [${shape}]`);
  }
  const given = inferShape(place, values);
  if (given.length !== rank && (given.length !== 1 || shape === undefined)) {
    const flat = rank > 1 ? ', or flat values with a shape' : '';
    throw new WasmgradError(`${place}: expected values nested ${rank} deep${flat}; got shape [${given}]`);
  }
  return make(place, values, shape, dtype);
}

/** A vector. @throws if the values are not flat. */
export function tensor1d(values: TypedArray | readonly number[] | readonly boolean[], dtype?: DataType): Tensor1D {
  return ranked(1, values, undefined, dtype) as Tensor1D;
}

/** A matrix, of rows or of flat values with a shape. @throws if the rank is another one. */
export function tensor2d(values: NestedArray, shape?: [number, number], dtype?: DataType): Tensor2D {
  return ranked(2, values, shape, dtype) as Tensor2D;
}

/** A tensor of rank 3, of nested or of flat values with a shape. @throws if the rank is another one. */
export function tensor3d(values: NestedArray, shape?: [number, number, number], dtype?: DataType): Tensor3D {
  return ranked(3, values, shape, dtype) as Tensor3D;
}

/** A tensor of rank 4, of nested or of flat values with a shape. @throws if the rank is another one. */
export function tensor4d(values: NestedArray, shape?: [number, number, number, number], dtype?: DataType): Tensor4D {
  return ranked(4, values, shape, dtype) as Tensor4D;
}

/** A tensor of rank 5, of nested or of flat values with a shape. @throws if the rank is another one. */
export function tensor5d(
  values: NestedArray,
  shape?: [number, number, number, number, number],
  dtype?: DataType,
): Tensor5D {
  return ranked(5, values, shape, dtype) as Tensor5D;
}

/** A tensor of rank 6, of nested or of flat values with a shape. @throws if the rank is another one. */
export function tensor6d(
  values: NestedArray,
  shape?: [number, number, number, number, number, number],
  dtype?: DataType,
): Tensor6D {
  return ranked(6, values, shape, dtype) as Tensor6D;
}

/** All elements equal to `value`. By default float32 for a number, bool for a boolean. */
export function fill(shape: Shape, value: number | boolean, dtype?: DataType): Tensor {
  return filled('fill', shape, Number(value), dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'));
}

function filled(place: string, shape: Shape, value: number, dtype: DataType): Tensor {
  checkDtype(place, dtype);
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0) {
      throw new WasmgradError(`${place}: a shape holds whole numbers from 0 on, got [${shape}]`);
    }
  }
  // The op's value is a float32.
  if (dtype === 'int32' && Math.abs(value) > EXACT) return create([...shape], dtype, (values) => values.fill(value));
  return run(ops.fill, [], shape, value, dtype);
}

/** All elements 0. */
export function zeros(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype);
}

/** All elements 1. */
export function ones(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype);
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

/** The identity matrix, (numRows, numColumns), repeated along the dimensions of `batchShape` before it. */
export function eye(
  numRows: number,
  numColumns = numRows,
  batchShape: Shape = [],
  dtype: DataType = 'float32',
): Tensor2D {
  checkDtype('eye', dtype);
  if (batchShape.length === 0) return run(ops.eye, [], numRows, numColumns, dtype) as Tensor2D;
  return inScope('eye', () => {
    const matrix = run(ops.eye, [], numRows, numColumns, dtype);
    return run(ops.broadcastTo, [matrix], [...batchShape, numRows, numColumns]);
  }) as Tensor2D;
}

/** `num` numbers at equal distances from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, num: number): Tensor1D {
  return run(ops.linspace, [], start, stop, num) as Tensor1D;
}

/**
 * start, start + step, start + 2 step, … up to `stop`, which is not included.
 * @param step default: 1, or -1 where `stop` lies below `start`
 * @throws if the step is 0.
 */
export function range(
  start: number,
  stop: number,
  step = start <= stop ? 1 : -1,
  dtype: 'float32' | 'int32' = 'float32',
): Tensor1D {
  if (step === 0) throw new WasmgradError('range: the step cannot be 0');
  // A direction away from `stop` gives nothing, as in tfjs.
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return run(ops.range, [], start, step, size, dtype) as Tensor1D;
}

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

/** Prints the values of x. */
export function print(x: Tensor, verbose = false): void {
  x.print(verbose);
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
