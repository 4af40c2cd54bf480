// Losses of probabilities: Keras 3's formulas, those of its JAX backend.
import { BETWEEN_ZERO_AND_ONE, FLAG, FROM_ZERO, FROM_ZERO_TO_ONE, WHOLE, type Stated } from '../core/options.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  add,
  clip,
  constant,
  div,
  dropLast,
  equal,
  log,
  mul,
  neg,
  oneMinus,
  pow,
  sumLast,
  toFloat,
  toInt,
  where,
} from '../tensor/words.js';
import { EPSILON, Loss, lossOf, pairwise } from './loss.js';
import { CLASS_NUMBERS, ONE_HOT, PROBABILITIES } from './targets.js';

export interface LogitsOptions {
  /** Whether predictions are logits instead of probabilities. Default: false. */
  fromLogits: boolean;
}

export interface CrossentropyOptions extends LogitsOptions {
  /** How far targets are moved toward all being equal, from 0 to 1. Default: 0. */
  labelSmoothing: number;
  /** Along which axis the outputs, or the classes, of a sample lie. Default: -1. */
  axis: number;
}

export interface FocalOptions extends CrossentropyOptions {
  /** The weight of the targets 1, in a categorical loss of all. Default: 0.25. */
  alpha: number;
  /** The larger, the less samples count that are predicted well. Default: 2. */
  gamma: number;
}

export interface BinaryFocalOptions extends FocalOptions {
  /** Whether targets 1 are weighed by `alpha` and targets 0 by 1 - `alpha`. Default: false. */
  applyClassBalancing: boolean;
}

export interface SparseOptions extends LogitsOptions {
  /** The label of steps that do not count. Default: none. */
  ignoreClass: number | undefined;
}

/** A label of which there is no class. */
const NO_CLASS = -1;

const STATED: Stated<CrossentropyOptions> = {
  fromLogits: [FLAG, false],
  labelSmoothing: [FROM_ZERO_TO_ONE, 0],
  axis: [WHOLE, -1],
};
const FOCAL: Stated<FocalOptions> = { ...STATED, alpha: [FROM_ZERO, 0.25], gamma: [FROM_ZERO, 2] };
const BINARY_FOCAL: Stated<BinaryFocalOptions> = { ...FOCAL, applyClassBalancing: [FLAG, false] };

/** Targets moved toward all `classes` being equal. */
const smoothed = (y: Tensor, smoothing: number, classes: number) =>
  smoothing === 0 ? y : add(mul(y, 1 - smoothing), smoothing / classes);

const meanOver = (x: Tensor, axis: number) => run(ops.mean, [x], [axis], false);
const probability = (p: Tensor) => clip(p, EPSILON, 1 - EPSILON);

/** -(y log p + (1 - y) log(1 - p)) */
function bits(y: Tensor, p: Tensor, fromLogits: boolean): Tensor {
  const kept = probability(p);
  const [logP, logQ] = fromLogits
    ? [run(ops.logSigmoid, [p]), run(ops.logSigmoid, [neg(p)])]
    : [log(kept), log(oneMinus(kept))];
  return neg(add(mul(y, logP), mul(oneMinus(y), logQ)));
}

/** mean(-(yTrue log p + (1 - yTrue) log(1 - p))) */
export const BinaryCrossentropy = pairwise(
  'BinaryCrossentropy',
  STATED,
  (y, p, { fromLogits, labelSmoothing, axis }) => meanOver(bits(smoothed(y, labelSmoothing, 2), p, fromLogits), axis),
  { targets: PROBABILITIES },
);

/** mean((1 - the probability of the target)^gamma times the cross-entropy) */
export const BinaryFocalCrossentropy = pairwise(
  'BinaryFocalCrossentropy',
  BINARY_FOCAL,
  (given, outputs, { fromLogits, labelSmoothing, axis, alpha, gamma, applyClassBalancing }) => {
    const y = smoothed(given, labelSmoothing, 2);
    const p = fromLogits ? run(ops.sigmoid, [outputs]) : outputs;
    const ofTarget = add(mul(y, p), mul(oneMinus(y), oneMinus(p)));
    const values = mul(pow(oneMinus(ofTarget), gamma), bits(y, p, false));
    const weights = () => add(mul(y, alpha), mul(oneMinus(y), 1 - alpha));
    return meanOver(applyClassBalancing ? mul(weights(), values) : values, axis);
  },
  { targets: PROBABILITIES },
);

/** x with the axis as its last one. */
function withLast(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.rank : axis;
  const others = x.shape.map((_, i) => i).filter((i) => i !== at);
  return at === x.rank - 1 ? x : run(ops.transpose, [x], [...others, at]);
}

/** A loss of one-hot targets (…, classes), whose values are `f` of them and the outputs. */
function categorical<Options extends CrossentropyOptions>(
  className: string,
  stated: Stated<Options>,
  f: (y: Tensor, p: Tensor, options: Options) => Tensor,
) {
  return pairwise(
    className,
    stated,
    (y, p, options) => {
      const targets = smoothed(y, options.labelSmoothing, y.shape.at(-1)!);
      return f(withLast(targets, options.axis), withLast(p, options.axis), options);
    },
    { targets: ONE_HOT },
  );
}

/** -sum(yTrue log p) over the classes, for one-hot targets. */
export const CategoricalCrossentropy = categorical('CategoricalCrossentropy', STATED, (y, p, { fromLogits }) =>
  fromLogits ? run(ops.softmaxCrossEntropy, [p, y]) : run(ops.crossEntropy, [p, y], EPSILON),
);

/** -sum(alpha (1 - p)^gamma yTrue log p) over the classes, for one-hot targets. */
export const CategoricalFocalCrossentropy = categorical(
  'CategoricalFocalCrossentropy',
  FOCAL,
  (y, outputs, { fromLogits, alpha, gamma }) => {
    const given = fromLogits ? run(ops.softmax, [outputs]) : outputs;
    const p = probability(div(given, sumLast(given, true)));
    return sumLast(mul(mul(pow(oneMinus(p), gamma), alpha), neg(mul(y, log(p)))));
  },
);

/** -log p of the class that the label names, for labels (…) or (…, 1); 0 for labels of no class. */
export const SparseCategoricalCrossentropy = lossOf<SparseOptions>(
  'SparseCategoricalCrossentropy',
  { fromLogits: [FLAG, false], ignoreClass: [WHOLE, undefined] },
  (y, p, { fromLogits, ignoreClass }) => {
    const given = dropLast(y, p);
    const labels =
      ignoreClass === undefined ? given : where(equal(toFloat(given), ignoreClass), NO_CLASS, toFloat(given));
    if (fromLogits) return run(ops.sparseSoftmaxCrossEntropy, [p, toInt(labels)]);
    return run(ops.sparseCrossEntropy, [p, toInt(labels)], EPSILON);
  },
  {
    targets: CLASS_NUMBERS,
    counts: (y, { shape }, { ignoreClass }) =>
      ignoreClass === undefined
        ? undefined
        : run(ops.notEqual, [toFloat(run(ops.reshape, [y], shape)), constant(ignoreClass)]),
  },
);

/** sum(yTrue log(yTrue / yPred)) over the classes, for two distributions. */
export const KLDivergence = pairwise('KLDivergence', {}, (given, outputs) => {
  const [y, p] = [clip(given, EPSILON, 1), clip(outputs, EPSILON, 1)];
  return sumLast(mul(y, log(div(y, p))));
});

/** (1 - p^q) / q of the class that the label names, for labels (…) or (…, 1): from cross-entropy (q near 0) to 1 - p (q near 1). */
export const CategoricalGeneralizedCrossEntropy = lossOf(
  'CategoricalGeneralizedCrossEntropy',
  { q: [BETWEEN_ZERO_AND_ONE, 0.5] },
  (y, p, { q }) => {
    const chosen = run(ops.oneHot, [toInt(dropLast(y, p))], p.shape.at(-1)!, 1, 0, 'float32');
    return mul(oneMinus(pow(sumLast(mul(p, chosen)), q)), 1 / q);
  },
  { targets: CLASS_NUMBERS },
);

/** The loss that "crossentropy" means for such targets and outputs: Keras's rule. */
const byShapes = (y: BatchShape, output: BatchShape) =>
  new (output.at(-1) === 1
    ? BinaryCrossentropy
    : y.length < output.length || y.at(-1) === 1
      ? SparseCategoricalCrossentropy
      : CategoricalCrossentropy)();

/** Cross-entropy of whichever targets come: by their shape and that of the outputs. */
export class AnyCrossentropy extends Loss {
  static override className = 'AnyCrossentropy';
  static readonly stated = {};

  constructor() {
    super({ name: 'crossentropy' });
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    return byShapes(yTrue.shape, yPred.shape).values(yTrue, yPred);
  }

  override check(place: string, y: Tensor, output: BatchShape): void {
    byShapes(y.shape, output).check(place, y, output);
  }
}
