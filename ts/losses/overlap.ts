// Losses of overlap and of likeness: Keras 3's formulas.
import { AXES, FINITE, FLAG, FROM_ZERO, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  add,
  type Axes,
  constant,
  div,
  dropLast,
  greater,
  maximum,
  mul,
  oneMinus,
  sub,
  sumOver,
  toFloat,
  toInt,
  where,
} from '../tensor/words.js';
import { EPSILON, lossOf, pairwise } from './loss.js';
import { CLASS_OF_EACH } from './targets.js';

export interface OverlapOptions {
  /** Over which axes overlap is summed up; what is left are the values. Default: null, over all: one value. */
  axis: Axes;
}

const STATED: Stated<OverlapOptions> = { axis: [AXES, null] };

/** 1 - 2 sum(yTrue yPred) / (sum yTrue + sum yPred) */
export const Dice = pairwise('Dice', STATED, (y, p, { axis }) => {
  const both = mul(sumOver(mul(y, p), axis), 2);
  return oneMinus(div(both, add(add(sumOver(y, axis), sumOver(p, axis)), EPSILON)));
});

export interface TverskyOptions extends OverlapOptions {
  /** The weight of what is in the targets alone. Default: 0.5. */
  alpha: number;
  /** The weight of what is in the predictions alone. Default: 0.5. */
  beta: number;
}

/** 1 - both / (both + alpha of the targets alone + beta of the predictions alone), each summed up. */
export const Tversky = pairwise<TverskyOptions>(
  'Tversky',
  { ...STATED, alpha: [FROM_ZERO, 0.5], beta: [FROM_ZERO, 0.5] },
  (y, p, { axis, alpha, beta }) => {
    const both = sumOver(mul(y, p), axis);
    const targetsAlone = mul(sumOver(mul(oneMinus(p), y), axis), alpha);
    const predictionsAlone = mul(sumOver(mul(p, oneMinus(y)), axis), beta);
    return oneMinus(div(both, add(add(add(both, targetsAlone), predictionsAlone), EPSILON)));
  },
);

export interface CircleOptions {
  /** How steeply pairs count that are not as they should be. Default: 80. */
  gamma: number;
  /** How far pairs may be from their ideal. Default: 0.4. */
  margin: number;
  /** Whether a sample is no pair with itself. Default: true. */
  removeDiagonal: boolean;
}

/**
 * Brings samples (n, features) of length 1 together that are of one class, and the others apart: labels are class
 * numbers (n) or (n, 1).
 */
export const Circle = lossOf<CircleOptions>(
  'Circle',
  { gamma: [FROM_ZERO, 80], margin: [FINITE, 0.4], removeDiagonal: [FLAG, true] },
  (y, p, { gamma, margin, removeDiagonal }) => {
    const n = p.shape[0]!;
    const distances = maximum(oneMinus(run(ops.matMul, [p, p], false, true)), 0);
    const labels = toInt(dropLast(y, p));
    const isAlike = run(ops.equal, [run(ops.reshape, [labels], [n, 1]), labels]);
    const isOther = run(ops.logicalNot, [isAlike]);
    const isItself = run(ops.eye, [], n, n, 'bool');
    const isPair = removeDiagonal ? run(ops.logicalAnd, [isAlike, run(ops.logicalNot, [isItself])]) : isAlike;
    const total = (pairs: Tensor, weights: Tensor, reach: Tensor) => {
      const terms = mul(mul(maximum(mul(weights, toFloat(pairs)), 0), gamma), reach);
      return run(ops.logSumExp, [where(pairs, terms, -Infinity)], [1], false);
    };
    const alike = total(isPair, add(distances, margin), sub(distances, margin));
    const others = total(isOther, sub(constant(1 + margin), distances), sub(constant(1 - margin), distances));
    return run(ops.softplus, [add(alike, others)]);
  },
  { targets: CLASS_OF_EACH, counts: (_, values) => greater(values, 0) },
);
