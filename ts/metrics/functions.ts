// tfjs's functions of targets and predictions: a value for each sample, or, of the counts, one.
import * as losses from '../losses/crossentropy.js';
import type { LossClass } from '../losses/loss.js';
import * as regression from '../losses/regression.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import type { Tensor } from '../tensor/tensor.js';
import { divNoNan } from '../tensor/ops/arithmetic.js';
import { constant, div, equal, meanLast, mul, oneMinus, square, sub, toFloat, sumAll } from '../tensor/words.js';
import { isClass, isLabel, onRightSide } from './accuracies.js';

type Of = (yTrue: TensorLike, yPred: TensorLike) => Tensor;

/** Names of these functions: each is that of a metric too. */
export const functionNames = new Map<unknown, string>();

/** A function of tensors or numbers that leaves nothing but its result. */
function of(name: string, f: (yTrue: Tensor, yPred: Tensor) => Tensor): Of {
  const made: Of = (yTrue, yPred) => inScope(name, () => f(toTensor(name, yTrue), toTensor(name, yPred)));
  functionNames.set(made, name);
  return made;
}

const ofLoss = (name: string, lossClass: LossClass) => of(name, (yTrue, yPred) => new lossClass().values(yTrue, yPred));

/** The fraction of a sample's outputs on the right side of 0.5. */
export const binaryAccuracy = of('binaryAccuracy', (yTrue, yPred) => meanLast(onRightSide(yTrue, yPred, 0.5)));
/** Whether the largest output is that of the one-hot target's class. */
export const categoricalAccuracy = of('categoricalAccuracy', isClass);
/** Whether the largest output is that of the class that the label names. */
export const sparseCategoricalAccuracy = of('sparseCategoricalAccuracy', isLabel);

/** Of the predictions that are 1, the fraction whose target is 1; both are 0 or 1. */
export const precision = of('precision', (yTrue, yPred) => found(yTrue, yPred));
/** Of the targets that are 1, the fraction whose prediction is 1; both are 0 or 1. */
export const recall = of('recall', (yTrue, yPred) => found(yPred, yTrue));

/** Of the ones of `all`, the fraction that are ones of x too. */
function found(x: Tensor, all: Tensor): Tensor {
  const [a, b] = [toFloat(equal(toFloat(x), 1)), toFloat(equal(toFloat(all), 1))];
  return divNoNan(sumAll(mul(a, b)), sumAll(b));
}

/** 1 - the sum of (yTrue - yPred)² over that of the targets' squared distances from their mean. */
export const r2Score = of('r2Score', (yTrue, yPred) => {
  const distances = (from: Tensor) => sumAll(square(sub(toFloat(yTrue), from)));
  return oneMinus(div(distances(toFloat(yPred)), distances(div(sumAll(toFloat(yTrue)), constant(yTrue.size)))));
});

export const meanSquaredError = ofLoss('meanSquaredError', regression.MeanSquaredError);
export const meanAbsoluteError = ofLoss('meanAbsoluteError', regression.MeanAbsoluteError);
export const meanAbsolutePercentageError = ofLoss(
  'meanAbsolutePercentageError',
  regression.MeanAbsolutePercentageError,
);
/** -cos of the angle between targets and predictions. */
export const cosineProximity = ofLoss('cosineProximity', regression.CosineSimilarity);
export const binaryCrossentropy = ofLoss('binaryCrossentropy', losses.BinaryCrossentropy);
export const categoricalCrossentropy = ofLoss('categoricalCrossentropy', losses.CategoricalCrossentropy);
export const sparseCategoricalCrossentropy = ofLoss(
  'sparseCategoricalCrossentropy',
  losses.SparseCategoricalCrossentropy,
);

export { meanSquaredError as mse, meanSquaredError as MSE };
export { meanAbsoluteError as mae, meanAbsoluteError as MAE };
export { meanAbsolutePercentageError as mape, meanAbsolutePercentageError as MAPE };
export { cosineProximity as cosine };
