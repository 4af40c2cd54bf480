// Counts of true and false, positive and negative predictions at thresholds, and ratios of them.
import { FROM_ZERO_TO_ONE, wholeFrom, type Rule, type Stated } from '../core/options.js';
import { uniqueName } from '../layers/names.js';
import { matchRanks } from '../losses/loss.js';
import { weightsLike } from '../losses/weights.js';
import * as ops from '../ops.gen.js';
import { run, runAll } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { add, clip, mul, toFloat, toInt } from '../tensor/words.js';
import { checkAlike, count, oneOrAll, OwnMetric, ratio, type MetricClass } from './metric.js';

/** What the outputs at one threshold are: weights of true and false positives, false and true negatives. */
export interface Cells {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

/** How a batch is counted. */
export interface Counting {
  /** From the smallest on. */
  thresholds: readonly number[];
  /** Whether the thresholds lie at equal distances from 0 to 1, or as little below 0 and above 1 as rounding needs. */
  isEven: boolean;
  topK?: number | undefined;
  classId?: number | undefined;
  /** Whether each output of a sample is counted for itself. */
  byLabel?: boolean;
  /** How much each output of a sample counts. */
  labelWeights?: readonly number[] | undefined;
}

/** Keras's "minus infinity": outputs beside the top k. */
const NEVER = -1e10;

/** As Keras tells them. */
export function areEven(thresholds: readonly number[]): boolean {
  const last = thresholds.length - 1;
  return last >= 2 && thresholds.every((threshold, i) => Math.abs(threshold - i / last) <= 1e-7 + (1e-5 * i) / last);
}

/** A metric of the counts at thresholds. */
export abstract class Confusion<Options extends object = object> extends OwnMetric<Options> {
  /** Weights of the samples above each threshold: (labels, thresholds, 2), those of targets 0 first. */
  private above: Variable | undefined;
  /** Weights of all samples: (labels, 2). */
  private all: Variable | undefined;

  protected static override defaultName(): string {
    return uniqueName(this.className);
  }

  protected abstract readonly counting: Counting;

  update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const { topK, classId, byLabel = false, labelWeights } = this.counting;
    let [y, p] = matchRanks(yTrue, toFloat(yPred));
    checkAlike(y, p, 'for targets that are class numbers give wg.oneHot(y, classes)');
    let weights = sampleWeight && weightsLike(p, sampleWeight);
    if (topK !== undefined) p = onlyTopK(p, topK);
    if (classId !== undefined) [y, p] = [columnOf(y, classId), columnOf(p, classId)];
    if (labelWeights !== undefined) {
      const given = run(ops.concat, labelWeights.map(single), 0);
      weights = weights === undefined ? given : mul(weights, given);
    }
    const labels = byLabel ? p.shape.at(-1)! : 1;
    // For each output: 1 and 0 if the target is 0, 0 and 1 if it is not.
    let cells = run(ops.oneHot, [toInt(run(ops.cast, [y], 'bool'))], 2, 1, 0, 'float32');
    if (weights !== undefined) cells = mul(cells, run(ops.reshape, [weights], [...weights.shape, 1]));
    if (labels > 1) [cells, p] = [run(ops.transpose, [cells], [1, 0, 2]), run(ops.transpose, [p], [1, 0])];
    else [cells, p] = [run(ops.reshape, [cells], [1, p.size, 2]), run(ops.reshape, [p], [1, p.size])];
    this.above ??= this.addVariable('above', [labels, this.counting.thresholds.length, 2]);
    this.all ??= this.addVariable('all', [labels, 2]);
    count(this.above, this.counting.isEven ? this.inBuckets(p, cells) : this.compared(p, cells));
    count(this.all, run(ops.sum, [cells], [1], false));
  }

  /** Weights above each threshold: outputs p (labels, n) and cells (labels, n, 2) -> (labels, thresholds, 2). */
  private compared(p: Tensor, cells: Tensor): Tensor {
    const { thresholds } = this.counting;
    const [labels, n] = p.shape as [number, number];
    const limits = run(ops.reshape, [run(ops.concat, thresholds.map(single), 0)], [thresholds.length, 1]);
    const isAbove = toFloat(run(ops.greater, [run(ops.reshape, [p], [labels, 1, n]), limits]));
    return run(ops.matMul, [isAbove, cells], false, false);
  }

  /** The same for even thresholds: each output is counted at the last one that it is above, and they are summed up. */
  private inBuckets(p: Tensor, cells: Tensor): Tensor {
    const { thresholds } = this.counting;
    const [labels, n] = p.shape as [number, number];
    const size = thresholds.length;
    // The number of thresholds that it is above; one of 0 is above the first only if that is below 0.
    let place = run(ops.ceil, [mul(clip(p, 0, 1), size - 1)]);
    if (thresholds[0]! < 0) place = clip(place, 1, size);
    const rows = run(ops.range, [], 0, size + 1, labels, 'float32');
    const index = toInt(add(place, run(ops.reshape, [rows], [labels, 1])));
    const flat = [run(ops.reshape, [cells], [labels * n, 2]), run(ops.reshape, [index], [labels * n])];
    const sums = run(ops.scatterAdd, flat, 0, labels * (size + 1));
    const buckets = run(ops.slice, [run(ops.reshape, [sums], [labels, size + 1, 2])], [0, 1, 0], [labels, size, 2]);
    return run(ops.cumSum, [buckets], 1, false, true);
  }

  /** For each label the counts at each threshold. */
  protected cells(): Cells[][] {
    if (this.above === undefined) return [this.counting.thresholds.map(() => ({ tp: 0, fp: 0, fn: 0, tn: 0 }))];
    const [above, all] = [this.above.dataSync(), this.all!.dataSync()];
    const [labels, thresholds] = this.above.shape as [number, number];
    return Array.from({ length: labels }, (_, label) =>
      Array.from({ length: thresholds }, (_, i) => {
        const at = 2 * (label * thresholds + i);
        const [fp, tp] = [above[at]!, above[at + 1]!];
        return { tp, fp, fn: all[2 * label + 1]! - tp, tn: all[2 * label]! - fp };
      }),
    );
  }
}

/** A list of one number. */
const single = (x: number) => run(ops.fill, [], [1], x, 'float32');

/** The outputs of one class, (…, 1). */
function columnOf(x: Tensor, classId: number): Tensor {
  const last = x.rank - 1;
  const begin = x.shape.map((_, i) => (i === last ? classId : 0));
  return run(
    ops.slice,
    [x],
    begin,
    x.shape.map((dim, i) => (i === last ? 1 : dim)),
  );
}

/** x, and less than any threshold beside its k largest elements in each row. */
function onlyTopK(x: Tensor, k: number): Tensor {
  const [, indices] = runAll(ops.topK, [x], k);
  const chosen = run(ops.sum, [run(ops.oneHot, [indices!], x.shape.at(-1)!, 1, 0, 'float32')], [-2], false);
  return run(ops.select, [run(ops.cast, [chosen], 'bool'), x, run(ops.fill, [], [], NEVER, 'float32')]);
}

export interface ThresholdsOptions {
  /** Above which outputs are positive: one number, or several, each of which has its result. Default: 0.5. */
  thresholds: number | readonly number[] | undefined;
}

const THRESHOLDS: Rule = {
  ok: (x) => (Array.isArray(x) ? x.length > 0 && x.every(FROM_ZERO_TO_ONE.ok) : FROM_ZERO_TO_ONE.ok(x)),
  expected: 'a number from 0 to 1, or a list of them',
};
const STATED: Stated<ThresholdsOptions> = { thresholds: [THRESHOLDS, undefined] };

export interface ClassOptions extends ThresholdsOptions {
  /** Only the largest `topK` outputs of a sample are positive. Default: all above the thresholds. */
  topK: number | undefined;
  /** Only the outputs and targets of this class count. Default: all. */
  classId: number | undefined;
}

const OF_CLASS: Stated<ClassOptions> = {
  ...STATED,
  topK: [wholeFrom(1), undefined],
  classId: [wholeFrom(0), undefined],
};

/** The class of the metrics that are `f` of the counts at each threshold. */
function ofCells<Options extends ThresholdsOptions & Partial<ClassOptions>>(
  className: string,
  stated: Stated<Options>,
  f: (cells: Cells) => number,
  direction?: 'up',
): MetricClass<Options> {
  return class extends Confusion<Options> {
    static override readonly className = className;
    static override readonly stated = stated;
    override readonly direction = direction;

    protected override get counting(): Counting {
      const { thresholds: given, topK, classId } = this.options;
      const thresholds = [given ?? (topK === undefined ? 0.5 : NEVER)].flat() as number[];
      return { thresholds, isEven: areEven(thresholds), topK, classId };
    }

    result(): number | number[] {
      return oneOrAll(this.cells()[0]!.map(f));
    }
  };
}

export const TruePositives = ofCells('TruePositives', STATED, ({ tp }) => tp);
export const FalsePositives = ofCells('FalsePositives', STATED, ({ fp }) => fp);
export const FalseNegatives = ofCells('FalseNegatives', STATED, ({ fn }) => fn);
export const TrueNegatives = ofCells('TrueNegatives', STATED, ({ tn }) => tn);

/** Of the positive outputs, the fraction whose target is 1. */
export const Precision = ofCells('Precision', OF_CLASS, ({ tp, fp }) => ratio(tp, tp + fp), 'up');

/** Of the outputs whose target is 1, the fraction that is positive. */
export const Recall = ofCells('Recall', OF_CLASS, ({ tp, fn }) => ratio(tp, tp + fn), 'up');
