// Comparisons and logic: element by element, with NumPy's broadcasting. The results are bool.
import type { Op } from '../../core/op.js';
import * as ops from '../../ops.gen.js';
import { run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import type { BinaryFunction } from './arithmetic.js';
import { runBinary, typed } from './operands.js';

function comparison(place: string, op: Op<[]>): BinaryFunction {
  return (a, b) => runBinary(place, op, 'number', a, b);
}

/** a = b */
export const equal = comparison('equal', ops.equal);
/** a ≠ b */
export const notEqual = comparison('notEqual', ops.notEqual);
/** a < b */
export const less = comparison('less', ops.less);
/** a ≤ b */
export const lessEqual = comparison('lessEqual', ops.lessEqual);
/** a > b */
export const greater = comparison('greater', ops.greater);
/** a ≥ b */
export const greaterEqual = comparison('greaterEqual', ops.greaterEqual);

function logic(place: string, op: Op<[]>): BinaryFunction {
  return (a, b) => inScope(place, () => run(op, [typed(place, 'a', a, 'bool'), typed(place, 'b', b, 'bool')]));
}

/** Whether both are true. @throws if one is not bool. */
export const logicalAnd = logic('logicalAnd', ops.logicalAnd);
/** Whether one of both is true. @throws if one is not bool. */
export const logicalOr = logic('logicalOr', ops.logicalOr);
/** Whether exactly one of both is true. @throws if one is not bool. */
export const logicalXor = logic('logicalXor', ops.logicalXor);

/** Whether x is false. @throws if x is not bool. */
export function logicalNot(x: TensorLike): Tensor {
  return inScope('logicalNot', () => run(ops.logicalNot, [typed('logicalNot', 'x', x, 'bool')]));
}
