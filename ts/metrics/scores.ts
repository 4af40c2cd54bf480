// F scores and R²: Keras 3's formulas.
import { POSITIVE, oneOf, orNull, wholeFrom, type Rule, type Stated } from '../core/options.js';
import { WasmgradError } from '../core/errors.js';
import { EPSILON, matchRanks } from '../losses/loss.js';
import { weightsLike } from '../losses/weights.js';
import * as ops from '../ops.gen.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { abs, constant, greater, mul, oneMinus, square, sub, toFloat } from '../tensor/words.js';
import { checkAlike, count, OwnMetric } from './metric.js';

/** A metric of sums for each output of targets and predictions (samples, outputs). */
abstract class Columns<Options extends object> extends OwnMetric<Options> {
  override readonly direction = 'up';
  /** The sums, in the order in which `terms` gives them. */
  private sums: Variable[] | undefined;
  protected samples = this.addVariable('samples');

  /** What is summed up over the samples, each (samples, outputs). */
  protected abstract terms(y: Tensor, p: Tensor): Tensor[];

  update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const [y, p] = matchRanks(yTrue, toFloat(yPred));
    checkAlike(y, p, 'for targets that are class numbers give wg.oneHot(y, classes)');
    if (p.rank !== 2) {
      throw new WasmgradError(
        `expected outputs (samples, outputs), got ${formatShape(p.shape)}; flatten them, and the targets`,
      );
    }
    const terms = this.terms(y, p);
    this.sums ??= terms.map((_, i) => this.addVariable(`sum_${i}`, [p.shape[1]!]));
    terms.forEach((term, i) => {
      const weighted = sampleWeight ? mul(term, weightsLike(term, sampleWeight)) : term;
      count(this.sums![i]!, run(ops.sum, [weighted], [0], false));
    });
    count(this.samples, constant(p.size));
  }

  /** The sums of each output. */
  protected columns(): number[][] {
    const sums = (this.sums ?? []).map((variable) => [...variable.dataSync()]);
    return (sums[0] ?? []).map((_, column) => sums.map((sum) => sum[column]!));
  }
}

const total = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0);
const mean = (xs: readonly number[]) => total(xs) / xs.length;

export interface F1Options {
  /** The mean of the outputs' scores ('macro'), the same by the numbers of targets ('weighted'), or the score of all outputs
   * together ('micro'). Default: null, a score for each output. */
  average: 'micro' | 'macro' | 'weighted' | null;
  /** Above which outputs are positive. Default: null, the largest output of each sample is. */
  threshold: number | null;
}

export interface FBetaOptions extends F1Options {
  /** How much more recall counts than precision. Default: 1. */
  beta: number;
}

const THRESHOLD: Rule = {
  ok: (x) => typeof x === 'number' && x > 0 && x <= 1,
  expected: 'a number above 0 and up to 1',
};
const F1: Stated<F1Options> = {
  average: [orNull(oneOf('micro', 'macro', 'weighted')), null],
  threshold: [orNull(THRESHOLD), null],
};

/** A score of precision and recall, in which recall counts `beta` times as much. */
abstract class FScore<Options extends F1Options & Partial<FBetaOptions>> extends Columns<Options> {
  /** True and false positives, false negatives, and targets. */
  protected terms(y: Tensor, p: Tensor): Tensor[] {
    const { threshold } = this.options;
    const largest = () => run(ops.greaterEqual, [p, run(ops.max, [p], [-1], true)]);
    const isPositive =
      threshold === null ? run(ops.logicalAnd, [largest(), greater(abs(p), 1e-9)]) : greater(p, threshold);
    const positive = toFloat(isPositive);
    return [mul(positive, y), mul(positive, oneMinus(y)), mul(oneMinus(positive), y), y];
  }

  result(): number | number[] {
    const { average, beta = 1 } = this.options;
    const columns = this.columns();
    const squared = beta ** 2;
    const score = ([tp, fp, fn]: number[]) => {
      const [precision, recall] = [tp! / (tp! + fp! + EPSILON), tp! / (tp! + fn! + EPSILON)];
      return Math.fround(((1 + squared) * precision * recall) / (squared * precision + recall + EPSILON));
    };
    if (average === 'micro') return score([0, 1, 2].map((i) => total(columns.map((column) => column[i]!))));
    const scores = columns.map(score);
    if (average === null) return scores;
    if (average === 'macro') return mean(scores);
    const targets = columns.map((column) => column[3]!);
    return total(scores.map((score, i) => (score * targets[i]!) / (total(targets) + EPSILON)));
  }
}

/** (1 + beta²) precision recall / (beta² precision + recall) */
export class FBetaScore extends FScore<FBetaOptions> {
  static override className = 'FBetaScore';
  static override readonly stated: Stated<FBetaOptions> = { ...F1, beta: [POSITIVE, 1] };

  protected static override defaultName(): string {
    return 'fbeta_score';
  }
}

/** 2 precision recall / (precision + recall) */
export class F1Score extends FScore<F1Options> {
  static override className = 'F1Score';
  static override readonly stated = F1;
}

export interface R2Options {
  /** The mean of the outputs' scores, the same by their variances, or null for a score for each. Default: 'uniformAverage'. */
  classAggregation: 'uniformAverage' | 'varianceWeightedAverage' | null;
  /** How many inputs the score is adjusted for. Default: 0, it is not. */
  numRegressors: number;
}

/** 1 - the squared errors / the squared distances of the targets from their mean. */
export class R2Score extends Columns<R2Options> {
  static override className = 'R2Score';
  static override readonly stated: Stated<R2Options> = {
    classAggregation: [orNull(oneOf('uniformAverage', 'varianceWeightedAverage')), 'uniformAverage'],
    numRegressors: [wholeFrom(0), 0],
  };

  protected terms(y: Tensor, p: Tensor): Tensor[] {
    return [y, square(y), square(sub(y, p)), run(ops.fill, [], y.shape, 1, 'float32')];
  }

  result(): number | number[] {
    const { classAggregation, numRegressors } = this.options;
    const columns = this.columns();
    const spreads = columns.map(([sum, squares, , count]) => squares! - sum! * (sum! / count!));
    const scores = columns.map(([, , residual], i) => {
      const score = 1 - residual! / spreads[i]!;
      return Math.abs(score) === Infinity ? 0 : score;
    });
    // As Keras counts them: each output of each sample.
    const samples = this.samples.dataSync()[0]!;
    const adjusted = (score: number) =>
      Math.fround(
        numRegressors === 0 || numRegressors >= samples - 1
          ? score
          : 1 - ((1 - score) * (samples - 1)) / (samples - numRegressors - 1),
      );
    if (classAggregation === null) return scores.map(adjusted);
    if (classAggregation === 'uniformAverage') return adjusted(mean(scores));
    return adjusted(total(scores.map((score, i) => score * spreads[i]!)) / total(spreads));
  }
}
