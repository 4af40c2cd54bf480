// Accuracies: Keras 3's formulas, a value for each sample.
import { matchRanks } from '../losses.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';

const toFloat = (x: Tensor) => (x.dtype === 'float32' ? x : run(ops.cast, [x], 'float32'));
const equal = (x: Tensor, y: Tensor) => run(ops.cast, [run(ops.equal, [x, y])], 'float32');
const argMax = (x: Tensor) => run(ops.argMax, [x], [-1], false);

/** The fraction of outputs on the right side of 0.5. */
export function binaryAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const [y, p] = matchRanks(yTrue, yPred);
  const half = run(ops.fill, [], [], 0.5, 'float32');
  const right = equal(y, run(ops.cast, [run(ops.greater, [p, half])], 'float32'));
  return right.rank === 0 ? right : run(ops.mean, [right], [-1], false);
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
