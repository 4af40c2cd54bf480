// Losses of margins: Keras 3's formulas. Labels are -1 and 1; where all are 0 or 1, 0 stands for -1.
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  add,
  equal,
  maximum,
  meanLast,
  mul,
  oneMinus,
  square,
  sub,
  sumLast,
  toFloat,
  where,
  sumAll,
} from '../tensor/words.js';
import { pairwise } from './loss.js';

/** How far each prediction lies within the margin. */
function within(y: Tensor, p: Tensor): Tensor {
  const isBit = run(ops.logicalOr, [equal(y, 0), equal(y, 1)]);
  const areBits = equal(sumAll(toFloat(isBit)), y.size);
  const labels = where(areBits, sub(mul(y, 2), 1), y);
  return maximum(oneMinus(mul(labels, p)), 0);
}

/** mean(max(1 - yTrue yPred, 0)) */
export const Hinge = pairwise('Hinge', {}, (y, p) => meanLast(within(y, p)));

/** mean(max(1 - yTrue yPred, 0)^2) */
export const SquaredHinge = pairwise('SquaredHinge', {}, (y, p) => meanLast(square(within(y, p))));

/** max(1 + the largest output of another class - that of the class, 0), for one-hot targets. */
export const CategoricalHinge = pairwise('CategoricalHinge', {}, (y, p) => {
  const others = run(ops.max, [mul(oneMinus(y), p)], [-1], false);
  return maximum(add(sub(others, sumLast(mul(y, p))), 1), 0);
});
