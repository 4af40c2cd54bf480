// Metrics of amounts: Keras 3's formulas.
import { WHOLE } from '../core/options.js';
import { EPSILON, matchRanks } from '../losses/loss.js';
import { cosine } from '../losses/regression.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, div, mul, square, sub } from '../tensor/words.js';
import { Mean, meanOf } from './means.js';

/** The square root of the mean of (yTrue - yPred)^2. */
export class RootMeanSquaredError extends Mean {
  static override className = 'RootMeanSquaredError';
  override readonly direction = 'down';

  override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    super.update(square(sub(...matchRanks(yTrue, yPred))), sampleWeight);
  }

  override result(): number {
    return Math.fround(Math.sqrt(super.result()));
  }
}

/** Along which axis the numbers lie that are compared. Default: -1. */
const AXIS = { axis: [WHOLE, -1] } as const;

const centered = (x: Tensor, axis: number) => sub(x, run(ops.mean, [x], [axis], true));
/** Of numbers whose mean is 0. */
const variance = (x: Tensor, axis: number) => run(ops.mean, [square(x)], [axis], true);

/** The cosine of the angle between targets and predictions along `axis`: 1 for vectors of one direction. */
export const CosineSimilarity = meanOf<{ axis: number }>('CosineSimilarity', AXIS, (yTrue, yPred, { axis }) =>
  cosine(...matchRanks(yTrue, yPred), axis),
);

/** Pearson's correlation of targets and predictions along `axis`. */
export const PearsonCorrelation = meanOf<{ axis: number }>('PearsonCorrelation', AXIS, (yTrue, yPred, { axis }) => {
  const [y, p] = matchRanks(yTrue, yPred).map((x) => {
    const from = centered(x, axis);
    return div(from, run(ops.sqrt, [variance(from, axis)]));
  }) as [Tensor, Tensor];
  return run(ops.mean, [mul(y, p)], [axis], false);
});

/** Lin's concordance correlation of targets and predictions along `axis`. */
export const ConcordanceCorrelation = meanOf<{ axis: number }>(
  'ConcordanceCorrelation',
  AXIS,
  (yTrue, yPred, { axis }) => {
    const [y, p] = matchRanks(yTrue, yPred);
    const [meanY, meanP] = [y, p].map((x) => run(ops.mean, [x], [axis], true)) as [Tensor, Tensor];
    // As Keras has it: the targets too are counted from the predictions' mean.
    const both = mul(mul(sub(y, meanP), sub(p, meanP)), 2);
    const spread = add(variance(centered(y, axis), axis), variance(centered(p, axis), axis));
    return run(ops.mean, [div(both, add(add(spread, square(sub(meanY, meanP))), EPSILON))], [axis], false);
  },
);
