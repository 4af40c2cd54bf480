// Arithmetic of two tensors, with NumPy's broadcasting. Of different dtypes the result has the one that holds both
// (bool < int32 < float32); a plain number counts as float32, and bools compute as int32.
import type { Op } from '../../core/op.js';
import * as ops from '../../ops.gen.js';
import { run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import { isTensor, type Tensor } from '../tensor.js';
import { asDtype, number, operands, runBinary } from './operands.js';

/** A function of two tensors, element by element. */
export type BinaryFunction = (a: TensorLike, b: TensorLike) => Tensor;

function arithmetic(place: string, op: Op<[]>): BinaryFunction {
  return (a, b) => runBinary(place, op, 'number', a, b);
}

/** a + b */
export const add = arithmetic('add', ops.add);
/** a - b */
export const sub = arithmetic('sub', ops.sub);
/** a * b */
export const mul = arithmetic('mul', ops.mul);
/** The larger of both; NaN where one of them is. */
export const maximum = arithmetic('maximum', ops.maximum);
/** The smaller of both; NaN where one of them is. */
export const minimum = arithmetic('minimum', ops.minimum);
/** (a - b)² */
export const squaredDifference = arithmetic('squaredDifference', ops.squaredDifference);
/** The remainder of a / b with the sign of b, as Python's `%`. */
export const mod = arithmetic('mod', ops.mod);

/** a / b. Of two integers it is `floorDiv`, as in tfjs. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  if (isInteger(a) && isInteger(b)) return floorDiv(a, b);
  return runBinary('div', ops.div, 'float', a, b);
}

/** a / b, and 0 where b is 0. */
export function divNoNan(a: TensorLike, b: TensorLike): Tensor {
  return inScope('divNoNan', () => {
    const [x, y] = operands('divNoNan', a, b, 'number');
    const isZero = run(ops.equal, [y, asDtype(number(0), y.dtype)]);
    // The division itself must not see the zeros: its gradient there would be NaN.
    const divisor = run(ops.select, [isZero, asDtype(number(1), y.dtype), y]);
    return run(ops.select, [isZero, asDtype(number(0), y.dtype), div(x, divisor)]);
  });
}

/** The largest integer that is not above a / b, as int32. */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor {
  return inScope('floorDiv', () => asDtype(run(ops.floorDiv, operands('floorDiv', a, b, 'number')), 'int32'));
}

/** a to the power of b. Integers stay integers; exact below 2²⁴. */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  if (!isInteger(a) || !isInteger(b)) return runBinary('pow', ops.pow, 'float', a, b);
  return inScope('pow', () => asDtype(run(ops.round, [run(ops.pow, operands('pow', a, b, 'float'))]), 'int32'));
}

/** The angle of the point (b, a): atan(a / b) in the right quadrant. */
export function atan2(a: TensorLike, b: TensorLike): Tensor {
  return runBinary('atan2', ops.atan2, 'float', a, b);
}

function isInteger(x: TensorLike): x is Tensor {
  return isTensor(x) && x.dtype !== 'float32';
}
