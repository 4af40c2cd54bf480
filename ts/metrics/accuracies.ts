// Accuracies: Keras 3's formulas.
import { FINITE, FLAG, wholeFrom } from '../core/options.js';
import { matchRanks } from '../losses/loss.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { dropLast, equal, greater, sumLast, toFloat, toInt, where } from '../tensor/words.js';
import { meanOf } from './means.js';

const same = (x: Tensor, y: Tensor) => toFloat(equal(toFloat(x), toFloat(y)));
const argMax = (x: Tensor) => run(ops.argMax, [x], [-1], false);

/** Whether each output is that of its target on the side of the threshold. */
export function onRightSide(yTrue: Tensor, yPred: Tensor, threshold: number): Tensor {
  const [y, p] = matchRanks(yTrue, yPred);
  return same(y, greater(p, threshold));
}

/** Whether the largest output is that of the one-hot target's class. */
export function isClass(yTrue: Tensor, yPred: Tensor): Tensor {
  return same(argMax(yTrue), argMax(yPred));
}

/** Whether the largest output is that of the class that the label names. */
export function isLabel(yTrue: Tensor, yPred: Tensor): Tensor {
  return same(dropLast(yTrue, yPred), argMax(yPred));
}

/** Whether fewer than k outputs are larger than that of the label. */
function inTopK(labels: Tensor, p: Tensor, k: number): Tensor {
  const chosen = run(ops.oneHot, [labels], p.shape.at(-1)!, 1, 0, 'bool');
  const larger = greater(p, sumLast(where(chosen, p, 0), true));
  return toFloat(run(ops.less, [sumLast(toFloat(larger)), run(ops.fill, [], [], k, 'float32')]));
}

/** How often outputs equal their targets. */
export const Accuracy = meanOf('Accuracy', {}, (y, p) => same(...matchRanks(y, p)));

/** How often outputs are on the right side of `threshold` (default 0.5): above it for targets 1. */
export const BinaryAccuracy = meanOf('BinaryAccuracy', { threshold: [FINITE, 0.5] }, (y, p, { threshold }) =>
  onRightSide(y, p, threshold),
);

/** How often the largest output is that of the class, for one-hot targets. */
export const CategoricalAccuracy = meanOf('CategoricalAccuracy', {}, isClass);

/** How often the largest output is that of the class, for targets that are class numbers. */
export const SparseCategoricalAccuracy = meanOf('SparseCategoricalAccuracy', {}, isLabel);

/** How often the class is one of the `k` (default 5) with the largest outputs, for one-hot targets. */
export const TopKCategoricalAccuracy = meanOf('TopKCategoricalAccuracy', { k: [wholeFrom(1), 5] }, (y, p, { k }) =>
  inTopK(argMax(y), p, k),
);

/**
 * How often the class is one of the `k` (default 5) with the largest outputs, for targets that are class numbers. With
 * `fromSortedIds`, outputs are class numbers themselves, the most likely ones first.
 */
export const SparseTopKCategoricalAccuracy = meanOf(
  'SparseTopKCategoricalAccuracy',
  { k: [wholeFrom(1), 5], fromSortedIds: [FLAG, false] },
  (y, p, { k, fromSortedIds }) => {
    const labels = dropLast(y, p);
    if (!fromSortedIds) return inTopK(toInt(labels), p, k);
    const first = p.shape.map((dim, i) => (i === p.rank - 1 ? Math.min(k, dim) : dim));
    const ids = run(
      ops.slice,
      [p],
      first.map(() => 0),
      first,
    );
    const isId = equal(run(ops.reshape, [toFloat(labels)], [...labels.shape, 1]), ids);
    return toFloat(greater(sumLast(toFloat(isId)), 0));
  },
);
