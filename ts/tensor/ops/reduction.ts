// Functions that combine the elements along axes. Negative axes count from the end; by default all axes disappear.
import type { Op } from '../../core/op.js';
import * as ops from '../../ops.gen.js';
import { run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import { isTensor, type Tensor } from '../tensor.js';
import { accepted, asDtype, axesOf, axisOf, operand, typed, type Accepts } from './operands.js';

/** An axis, a list of them, or all. */
export type Axis = number | readonly number[] | null;

/** A function that combines the elements along `axis`; with `keepDims` the axes stay, with 1 element. */
export type Reduction = (x: TensorLike, axis?: Axis, keepDims?: boolean) => Tensor;

type ReductionOp = Op<[axes: readonly number[], keepDims: boolean]>;

function reduction(place: string, op: ReductionOp, accepts: Accepts): Reduction {
  return (x, axis, keepDims = false) => {
    if (isTensor(x) && accepted(accepts, x.dtype) === x.dtype) return reduce(place, op, x, axis, keepDims);
    return inScope(place, () => reduce(place, op, operand(place, x, accepts), axis, keepDims));
  };
}

function reduce(place: string, op: ReductionOp, x: Tensor, axis: Axis | undefined, keepDims: boolean): Tensor {
  const axes = axesOf(place, axis, x.rank);
  const isOfOne = axes.every((axis) => x.shape[axis] === 1) && typeof keepDims === 'boolean';
  if (!isOfOne) return run(op, [x], axes, keepDims);
  // A model with one output has such a mean in its loss.
  return run(ops.reshape, [x], keepDims ? x.shape : x.shape.filter((_, axis) => !axes.includes(axis)));
}

/** The sum; of bools their number, as int32. */
export const sum = reduction('sum', ops.sum, 'number');
/** The product. */
export const prod = reduction('prod', ops.prod, 'number');
/** The mean, as float32. */
export const mean = reduction('mean', ops.mean, 'float');
/** log(sum(eˣ)), without overflow. */
export const logSumExp = reduction('logSumExp', ops.logSumExp, 'float');

const maxOf = reduction('max', ops.max, 'number');
const minOf = reduction('min', ops.min, 'number');

/** The largest element; NaN where one is. */
export function max(x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  return extreme('max', maxOf, x, axis, keepDims);
}

/** The smallest element; NaN where one is. */
export function min(x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  return extreme('min', minOf, x, axis, keepDims);
}

/** Of bools a bool. */
function extreme(place: string, of: Reduction, x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  if (!isTensor(x) || x.dtype !== 'bool') return of(x, axis, keepDims);
  return inScope(place, () => asDtype(of(x, axis, keepDims), 'bool'));
}

/** Whether all elements are true. @throws if x is not bool. */
export function all(x: TensorLike, axis?: Axis, keepDims = false): Tensor {
  return inScope('all', () => {
    const values = typed('all', 'x', x, 'bool');
    return run(ops.all, [values], axesOf('all', axis, values.rank), keepDims);
  });
}

/** Whether an element is true. @throws if x is not bool. */
export function any(x: TensorLike, axis?: Axis, keepDims = false): Tensor {
  return inScope('any', () => {
    const values = typed('any', 'x', x, 'bool');
    return run(ops.any, [values], axesOf('any', axis, values.rank), keepDims);
  });
}

/** The place of the largest element along the axis, as int32: the first of equal ones. */
export function argMax(x: TensorLike, axis = 0): Tensor {
  return place('argMax', ops.argMax, x, axis);
}

/** The place of the smallest element along the axis, as int32: the first of equal ones. */
export function argMin(x: TensorLike, axis = 0): Tensor {
  return place('argMin', ops.argMin, x, axis);
}

function place(name: string, op: ReductionOp, x: TensorLike, axis: number): Tensor {
  return inScope(name, () => {
    const values = operand(name, x, 'number');
    return run(op, [values], [axisOf(name, axis, values.rank)], false);
  });
}

/** The mean of the squared distances from the mean (the sum of them divided by the number of elements). */
export const variance = reduction('variance', ops.variance, 'float');
/** As `variance`; it is exported under the name that is a reserved word. */
export { variance as var };

/** The square root of the variance. */
export function std(x: TensorLike, axis?: Axis, keepDims?: boolean): Tensor {
  return inScope('std', () => run(ops.sqrt, [variance(x, axis, keepDims)]));
}

/** Mean and variance (the mean of the squared distances from it). */
export function moments(x: TensorLike, axis?: Axis, keepDims?: boolean): { mean: Tensor; variance: Tensor } {
  return inScope('moments', () => {
    const values = operand('moments', x, 'float');
    return { mean: mean(values, axis, keepDims), variance: variance(values, axis, keepDims) };
  });
}

/** The sums of all elements up to each one along the axis: without it if `exclusive`, from the end if `reverse`. */
export function cumsum(x: TensorLike, axis = 0, exclusive = false, reverse = false): Tensor {
  return inScope('cumsum', () => {
    const values = operand('cumsum', x, 'number');
    return run(ops.cumSum, [values], axisOf('cumsum', axis, values.rank), exclusive, reverse);
  });
}

/** The products of all elements up to each one along the axis: without it if `exclusive`, from the end if `reverse`. */
export function cumprod(x: TensorLike, axis = 0, exclusive = false, reverse = false): Tensor {
  return inScope('cumprod', () => {
    const values = operand('cumprod', x, 'number');
    return run(ops.cumProd, [values], axisOf('cumprod', axis, values.rank), exclusive, reverse);
  });
}
