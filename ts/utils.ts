// Keras's `utils` for arrays.
import { describe, WasmgradError } from './core/errors.js';
import { checkValue, wholeFrom } from './core/options.js';
import * as ops from './ops.gen.js';
import { norm, type NormOrder } from './tensor/ops/linalg.js';
import { run, toTensor, type TensorLike } from './tensor/run.js';
import { inScope } from './tensor/scopes.js';
import type { Tensor } from './tensor/tensor.js';
import { constant, div, toFloat } from './tensor/words.js';

/**
 * Class numbers as rows of one 1 and zeros, float32: (…) or (…, 1) -> (…, numClasses).
 * @param x whole numbers from 0 on
 * @param numClasses default: the largest number and 1
 * @throws if a number is no class
 */
function toCategorical(x: TensorLike, numClasses?: number): Tensor {
  const place = 'utils.toCategorical';
  checkValue(place, 'numClasses', numClasses, wholeFrom(1));
  return inScope(place, () => {
    const given = toTensor(place, x);
    const { shape, rank } = given;
    const elements = rank > 1 && shape.at(-1) === 1 ? run(ops.reshape, [given], shape.slice(0, -1)) : given;
    const [classes, depth] = classNumbers(place, 'x', elements, numClasses);
    return run(ops.oneHot, [classes], depth, 1, 0, 'float32');
  });
}

/**
 * x divided by its norm along the axis; what is zero stays zero.
 * @param axis default: the last
 * @param order 1, 2 or Infinity. Default: 2.
 */
function normalize(x: TensorLike, axis = -1, order: NormOrder = 2): Tensor {
  return inScope('utils.normalize', () => {
    const values = toFloat(toTensor('utils.normalize', x));
    const size = norm(values, order, axis, true);
    return div(values, run(ops.select, [run(ops.equal, [size, constant(0)]), constant(1), size]));
  });
}

/**
 * Class numbers as int32, and how many classes there are.
 * @throws if a number is none of the classes 0 … numClasses - 1, which a symbolic tensor cannot tell
 */
export function classNumbers(place: string, name: string, x: Tensor, numClasses?: number): [Tensor, number] {
  const classes = x.dtype === 'int32' ? x : run(ops.cast, [x], 'int32');
  if (x.isSymbolic && numClasses !== undefined) return [classes, numClasses];
  const values = x.dataSync();
  const wrong = values.find((value) => !Number.isInteger(value) || value < 0 || value >= (numClasses ?? Infinity));
  if (wrong !== undefined) {
    const most = numClasses === undefined ? 'from 0 on' : `from 0 to ${numClasses - 1}`;
    throw new WasmgradError(`${place}: ${name} must hold whole numbers ${most}, got ${describe(wrong)}`);
  }
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  return [classes, numClasses ?? largest + 1];
}

export const utils = { toCategorical, normalize };
