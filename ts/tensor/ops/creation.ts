// New tensors: from values, and of a pattern.
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { checkDtype, inferShape, type DataType, type NestedArray, type Shape, type TypedArray } from '../dtypes.js';
import type { AnyRank, Rank } from '../rank.js';
import { fromValues, run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D, Tensor6D } from '../tensor.js';
import { filled } from './filled.js';
import { broadcastTo, expandDims, flatten } from './shape.js';

/**
 * A tensor of nested arrays, a typed array or a number.
 * @param shape by default that of the nested arrays; with it the values may be flat
 * @param dtype by default float32 for numbers, bool for booleans, int32 for arrays of integer types
 * @throws if the values are ragged, or do not fill the shape.
 */
export function tensor<R extends Rank = AnyRank>(values: NestedArray, shape?: Shape, dtype?: DataType): Tensor<R> {
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
  checkSingle('scalar', value, '; call tensor(values) for arrays');
  return make('scalar', value, undefined, dtype) as Scalar;
}

/** @throws if the value is not a single number or boolean; `hint` says what to do then. */
function checkSingle(place: string, value: unknown, hint = ''): void {
  if (typeof value === 'number' || typeof value === 'boolean') return;
  throw new WasmgradError(`${place}: expected a number or a boolean, got ${describe(value)}${hint}`);
}

/** Flat or nested values of a tensor whose rank is known. */
function ranked(rank: number, values: NestedArray, shape: Shape | undefined, dtype: DataType | undefined): Tensor {
  const place = `tensor${rank}d`;
  if (shape !== undefined && shape.length !== rank) {
    throw new WasmgradError(`${place}: expected a shape of ${rank} dimensions, got ${describe(shape)}`);
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
  checkSingle('fill', value);
  return filled('fill', shape, Number(value), dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'));
}

/** All elements 0. */
export function zeros(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype);
}

/** All elements 1. */
export function ones(shape: Shape, dtype: DataType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype);
}

/** The identity matrix, (numRows, numColumns), repeated along the dimensions of `batchShape` before it. */
export function eye(
  numRows: number,
  numColumns = numRows,
  batchShape: Shape | null = null,
  dtype: DataType = 'float32',
): Tensor2D {
  checkDtype('eye', dtype);
  if (batchShape === null) return run(ops.eye, [], numRows, numColumns, dtype) as Tensor2D;
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

/** Prints the values of x. */
export function print(x: Tensor, verbose = false): void {
  x.print(verbose);
}

/**
 * The grids of the coordinates x (n) and y (m): two tensors (m, n), or (n, m) with `indexing: 'ij'`. Without y it is x
 * alone, as a vector.
 */
export function meshgrid(
  x: TensorLike,
  y?: TensorLike,
  { indexing = 'xy' }: { indexing?: 'xy' | 'ij' } = {},
): Tensor[] {
  if (indexing !== 'xy' && indexing !== 'ij') {
    throw new WasmgradError(`meshgrid: unknown indexing ${describe(indexing)}; expected "xy" or "ij"`);
  }
  return inScope('meshgrid', () => {
    if (y === undefined) return [flatten(x)];
    const [a, b] = [flatten(x), flatten(y)];
    const [column, row] = indexing === 'xy' ? [b, a] : [a, b];
    const columns = broadcastTo(expandDims(column, 1), [column.size, row.size]);
    const rows = broadcastTo(row, [column.size, row.size]);
    return indexing === 'xy' ? [rows, columns] : [columns, rows];
  });
}
