// Metrics of many thresholds: the area under a curve, and the best of one ratio while another one is kept.
import {
  FLAG,
  FROM_ZERO,
  FROM_ZERO_TO_ONE,
  oneOf,
  required,
  wholeFrom,
  type Rule,
  type Stated,
} from '../core/options.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { areEven, Confusion, type Cells, type Counting } from './confusion.js';
import { ratio, type MetricClass } from './metric.js';

/** So many thresholds at equal distances from 0 to 1. */
const evenly = (n: number) => Array.from({ length: n }, (_, i) => i / (n - 1));

const sensitivity = ({ tp, fn }: Cells) => ratio(tp, tp + fn);
const specificity = ({ tn, fp }: Cells) => ratio(tn, tn + fp);
const precision = ({ tp, fp }: Cells) => ratio(tp, tp + fp);

export interface PointOptions {
  /** Among how many thresholds the best is looked for. Default: 200. */
  numThresholds: number;
  /** Only the outputs and targets of this class count. Default: all. */
  classId: number | undefined;
}

const POINT: Stated<PointOptions> = { numThresholds: [wholeFrom(1), 200], classId: [wholeFrom(0), undefined] };

/** The class of the metrics that are the largest `best` of the thresholds at which `kept` is no less than the option says. */
function bestAt<Name extends string>(
  className: string,
  option: Name,
  best: (cells: Cells) => number,
  kept: (cells: Cells) => number,
) {
  type Options = PointOptions & Record<Name, number>;
  const stated = { ...POINT, [option]: [required(FROM_ZERO_TO_ONE), undefined] } as unknown as Stated<Options>;
  const made: MetricClass<Options> = class extends Confusion<Options> {
    static override readonly className = className;
    static override readonly stated = stated;
    override readonly direction = 'up';

    protected override get counting(): Counting {
      const { numThresholds, classId } = this.options;
      const isOne = numThresholds === 1;
      return { thresholds: isOne ? [0.5] : evenly(numThresholds), isEven: !isOne, classId };
    }

    result(): number {
      const least = Math.fround(this.options[option]);
      return Math.max(
        0,
        ...this.cells()[0]!
          .filter((cells) => kept(cells) >= least)
          .map(best),
      );
    }
  };
  return made;
}

/** The best sensitivity (recall) while the specificity is at least `specificity`. */
export const SensitivityAtSpecificity = bestAt('SensitivityAtSpecificity', 'specificity', sensitivity, specificity);
/** The best specificity while the sensitivity (recall) is at least `sensitivity`. */
export const SpecificityAtSensitivity = bestAt('SpecificityAtSensitivity', 'sensitivity', specificity, sensitivity);
/** The best precision while the recall is at least `recall`. */
export const PrecisionAtRecall = bestAt('PrecisionAtRecall', 'recall', precision, sensitivity);
/** The best recall while the precision is at least `precision`. */
export const RecallAtPrecision = bestAt('RecallAtPrecision', 'precision', sensitivity, precision);

export interface AUCOptions {
  /** Of how many points the curve is made. Default: 200. */
  numThresholds: number;
  /** 'ROC': recall over the rate of false positives; 'PR': precision over recall; 'PRGAIN': their gains. Default: 'ROC'. */
  curve: 'ROC' | 'PR' | 'PRGAIN';
  /** What lies between two points: a straight line ('PR': Davis and Goadrich's), the higher, or the lower one of both. */
  summationMethod: 'interpolation' | 'majoring' | 'minoring';
  /** Thresholds between 0 and 1, in place of `numThresholds`. */
  thresholds: readonly number[] | undefined;
  /** Whether the area is the mean of one for each output, not that of all outputs together. Default: false. */
  multiLabel: boolean;
  /** Of how many outputs, with `multiLabel`; by default the first batch tells. */
  numLabels: number | undefined;
  /** How much each output counts. Default: all alike. */
  labelWeights: readonly number[] | undefined;
  /** Whether outputs are logits instead of probabilities. Default: false. */
  fromLogits: boolean;
}

const numbers = (ok: (x: unknown) => boolean, expected: string): Rule => ({
  ok: (x) => Array.isArray(x) && x.length > 0 && x.every(ok),
  expected,
});
const EPSILON = 1e-7;

/** The area under a curve of thresholds. */
export class AUC extends Confusion<AUCOptions> {
  static override className = 'AUC';
  override readonly direction = 'up';
  static override readonly stated: Stated<AUCOptions> = {
    numThresholds: [wholeFrom(2), 200],
    curve: [oneOf('ROC', 'PR', 'PRGAIN'), 'ROC'],
    summationMethod: [oneOf('interpolation', 'majoring', 'minoring'), 'interpolation'],
    thresholds: [numbers(FROM_ZERO_TO_ONE.ok, 'a list of numbers from 0 to 1'), undefined],
    multiLabel: [FLAG, false],
    numLabels: [wholeFrom(1), undefined],
    labelWeights: [numbers(FROM_ZERO.ok, 'a list of numbers from 0 on'), undefined],
    fromLogits: [FLAG, false],
  };

  protected override get counting(): Counting {
    const { numThresholds, thresholds: given, multiLabel, labelWeights } = this.options;
    const even = evenly(numThresholds);
    const inner = given === undefined ? even.slice(1, -1) : given.toSorted((a, b) => a - b);
    return {
      thresholds: [-EPSILON, ...inner, 1 + EPSILON],
      isEven: given === undefined || areEven([0, ...inner, 1]),
      byLabel: multiLabel,
      labelWeights: multiLabel ? undefined : labelWeights,
    };
  }

  override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    super.update(yTrue, this.options.fromLogits ? run(ops.sigmoid, [yPred]) : yPred, sampleWeight);
  }

  result(): number {
    const areas = this.cells().map((cells) => this.area(cells));
    const weights = (this.options.multiLabel && this.options.labelWeights) || areas.map(() => 1);
    return ratio(sum(areas.map((area, i) => area * weights[i]!)), sum(weights));
  }

  /** Under the curve of one output. */
  private area(cells: Cells[]): number {
    const { curve, summationMethod } = this.options;
    const pairs = cells.slice(1).map((cell, i) => [cells[i]!, cell] as const);
    if (curve === 'PR' && summationMethod === 'interpolation') return sum(pairs.map(interpolated));
    const height = {
      interpolation: (a: number, b: number) => (a + b) / 2,
      majoring: Math.max,
      minoring: Math.min,
    }[summationMethod];
    const point = POINTS[curve];
    return sum(
      pairs.map(([from, to]) => {
        const [[x0, y0], [x1, y1]] = [point(from), point(to)];
        return (x0 - x1) * height(y0, y1);
      }),
    );
  }
}

const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);

/** Where a threshold lies on a curve. */
const POINTS: Record<AUCOptions['curve'], (cells: Cells) => [x: number, y: number]> = {
  ROC: (cells) => [ratio(cells.fp, cells.fp + cells.tn), sensitivity(cells)],
  PR: (cells) => [sensitivity(cells), precision(cells)],
  PRGAIN: ({ tp, fp, fn, tn }) => {
    const scale = ratio(tp + fn, tn + fp);
    return tp === 0 ? [0, 1] : [Math.max(0, 1 - scale * ratio(fn, tp)), 1 - scale * ratio(fp, tp)];
  },
};

/** The area between two points of a precision-recall curve, whose true positives are linear in the positives. */
function interpolated([from, to]: readonly [Cells, Cells]): number {
  const [tp, positives, before] = [from.tp - to.tp, to.tp + to.fp, from.tp + from.fp];
  const slope = ratio(tp, Math.max(before - positives, 0));
  const intercept = to.tp - slope * positives;
  const growth = before > 0 && positives > 0 ? before / positives : 1;
  return ratio(slope * (tp + intercept * Math.log(growth)), Math.max(to.tp + to.fn, 0));
}
