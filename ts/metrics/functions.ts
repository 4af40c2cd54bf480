// Accuracies: Keras 3's formulas, a value for each sample.
import { matchRanks } from '../losses/loss.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { constant, meanLast, toFloat } from '../tensor/words.js';

const equal = (x: Tensor, y: Tensor) => toFloat(run(ops.equal, [x, y]));
const argMax = (x: Tensor) => run(ops.argMax, [x], [-1], false);

/** The fraction of outputs on the right side of 0.5. */
export function binaryAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = matchRanks(yTrue, yPred);
  return meanLast(equal(y, toFloat(run(ops.greater, [p, constant(0.5)]))));
}

/** Whether the largest output is that of the one-hot target's class. */
export function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return equal(argMax(yTrue), argMax(yPred));
}

/** Whether the largest output is that of the class that the label names. */
export function sparseCategoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = yTrue.rank === yPred.rank ? run(ops.reshape, [yTrue], yTrue.shape.slice(0, -1)) : yTrue;
  return equal(toFloat(labels), toFloat(argMax(yPred)));
}
