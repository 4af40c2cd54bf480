// tfjs's loss functions: one number, or a weighted value for each element.
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { constant } from '../words.js';
import { add, div, minimum, mul, squaredDifference, sub } from './arithmetic.js';
import { broadcastTo } from './shape.js';
import { notEqual } from './logical.js';
import { asDtype, operand, sameShape } from './operands.js';
import { sum } from './reduction.js';
import { abs, exp, log, log1p, neg, relu, square } from './unary.js';

/** What becomes of a loss's weighted values. */
export enum Reduction {
  /** They stay as they are. */
  NONE,
  /** Their sum, divided by the sum of the weights. */
  MEAN,
  SUM,
  /** Their sum, divided by the number of weights that are not 0. */
  SUM_BY_NONZERO_WEIGHTS,
}

/**
 * Weighted values, combined.
 * @param weights broadcast to the values. Default: 1 for each
 * @throws if the weights do not fit, or there is no such reduction.
 */
export function computeWeightedLoss(
  losses: TensorLike,
  weights?: TensorLike | null,
  reduction = Reduction.SUM_BY_NONZERO_WEIGHTS,
): Tensor {
  return inScope('computeWeightedLoss', () => {
    const values = operand('computeWeightedLoss', losses, 'float');
    const given = weights == null ? constant(1) : operand('computeWeightedLoss', weights, 'float');
    const spread = broadcastTo(given, values.shape);
    const weighted = mul(values, spread);
    switch (reduction) {
      case Reduction.NONE:
        return weighted;
      case Reduction.SUM:
        return sum(weighted);
      case Reduction.MEAN:
        return div(sum(weighted), sum(spread));
      case Reduction.SUM_BY_NONZERO_WEIGHTS:
        return div(sum(weighted), sum(notEqual(spread, 0)));
      default:
        throw new WasmgradError(`computeWeightedLoss: unknown reduction ${describe(reduction)}; see wg.Reduction`);
    }
  });
}

/** A loss whose value for each element, or for each row, `f` gives. */
function loss(
  place: string,
  labels: TensorLike,
  predictions: TensorLike,
  weights: TensorLike | null | undefined,
  reduction: Reduction | undefined,
  f: (y: Tensor, p: Tensor) => Tensor,
): Tensor {
  return inScope(place, () => {
    const [y, p] = [toTensor(place, labels), toTensor(place, predictions)];
    if (!sameShape(y.shape, p.shape)) {
      throw new WasmgradError(`${place}: labels of shape [${y.shape}] and predictions of shape [${p.shape}] differ`);
    }
    return computeWeightedLoss(f(asDtype(y, 'float32'), asDtype(p, 'float32')), weights, reduction);
  });
}

/** (labels - predictions)² */
export function meanSquaredError(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return loss('meanSquaredError', labels, predictions, weights, reduction, squaredDifference);
}

/** |labels - predictions| */
export function absoluteDifference(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return loss('absoluteDifference', labels, predictions, weights, reduction, (y, p) => abs(sub(y, p)));
}

/** error² / 2 for errors up to `delta`, delta (|error| - delta / 2) beyond. */
export function huberLoss(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  delta = 1,
  reduction?: Reduction,
): Tensor {
  return loss('huberLoss', labels, predictions, weights, reduction, (y, p) => {
    const error = abs(sub(p, y));
    const near = minimum(error, delta);
    return add(mul(square(near), 0.5), mul(sub(error, near), delta));
  });
}

/** max(0, 1 - (2 labels - 1) predictions), for labels 0 and 1. */
export function hingeLoss(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return loss('hingeLoss', labels, predictions, weights, reduction, (y, p) => relu(sub(1, mul(sub(mul(y, 2), 1), p))));
}

/** -(labels log(predictions + epsilon) + (1 - labels) log(1 - predictions + epsilon)) */
export function logLoss(
  labels: TensorLike,
  predictions: TensorLike,
  weights?: TensorLike | null,
  epsilon = 1e-7,
  reduction?: Reduction,
): Tensor {
  return loss('logLoss', labels, predictions, weights, reduction, (y, p) => {
    const likelihood = add(mul(y, log(add(p, epsilon))), mul(sub(1, y), log(add(sub(1, p), epsilon))));
    return neg(likelihood);
  });
}

/** 1 - sum(labels * predictions) along the axis, which stays with 1 element. Both are taken to have length 1. */
export function cosineDistance(
  labels: TensorLike,
  predictions: TensorLike,
  axis: number,
  weights?: TensorLike | null,
  reduction?: Reduction,
): Tensor {
  return loss('cosineDistance', labels, predictions, weights, reduction, (y, p) => sub(1, sum(mul(y, p), axis, true)));
}

/**
 * Cross-entropy of each label, from 0 to 1, with the sigmoid of its logit.
 * @param labelSmoothing how far labels are moved toward 1/2, from 0 to 1
 */
export function sigmoidCrossEntropy(
  multiClassLabels: TensorLike,
  logits: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing = 0,
  reduction?: Reduction,
): Tensor {
  return loss('sigmoidCrossEntropy', multiClassLabels, logits, weights, reduction, (y, x) => {
    const smooth = smoothed(y, labelSmoothing, 2);
    return add(sub(relu(x), mul(x, smooth)), log1p(exp(neg(abs(x)))));
  });
}

/**
 * Cross-entropy of each row of labels (…, classes), that sum to 1, with the softmax of its logits.
 * @param weights for each row
 * @param labelSmoothing how far labels are moved toward all being equal, from 0 to 1
 */
export function softmaxCrossEntropy(
  onehotLabels: TensorLike,
  logits: TensorLike,
  weights?: TensorLike | null,
  labelSmoothing = 0,
  reduction?: Reduction,
): Tensor {
  return loss('softmaxCrossEntropy', onehotLabels, logits, weights, reduction, (y, x) =>
    run(ops.softmaxCrossEntropy, [x, smoothed(y, labelSmoothing, x.shape.at(-1)!)]),
  );
}

function smoothed(labels: Tensor, smoothing: number, classes: number): Tensor {
  return smoothing === 0 ? labels : add(mul(labels, 1 - smoothing), smoothing / classes);
}
