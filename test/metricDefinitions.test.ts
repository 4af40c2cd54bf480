// Each metric equals its definition in double precision, however the samples are split into batches, weighted or not.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';

/** Samples: a row of targets and one of outputs each, and how much it counts. */
interface Samples {
  y: number[][];
  p: number[][];
  w: number[];
}

type Definition = (samples: Samples) => number | number[];

const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);
const ratio = (x: number, y: number) => (y === 0 ? 0 : x / y);
const argMax = (row: number[]) => row.indexOf(Math.max(...row));

/** The weighted mean of a value of each sample. */
const mean =
  (f: (y: number[], p: number[]) => number): Definition =>
  ({ y, p, w }) =>
    ratio(sum(y.map((row, i) => w[i]! * f(row, p[i]!))), sum(w));
const meanOf = (f: (y: number, p: number) => number) => mean((y, p) => sum(y.map((x, i) => f(x, p[i]!))) / y.length);

/** Weights of true and false positives, false and true negatives at a threshold, of all outputs. */
function cells({ y, p, w }: Samples, threshold: number) {
  const total = (label: boolean, above: boolean) =>
    sum(y.flatMap((row, i) => row.map((x, j) => ((x !== 0) === label && p[i]![j]! > threshold === above ? w[i]! : 0))));
  return { tp: total(true, true), fp: total(false, true), fn: total(true, false), tn: total(false, false) };
}
type Cells = ReturnType<typeof cells>;

const recall = ({ tp, fn }: Cells) => ratio(tp, tp + fn);
const precision = ({ tp, fp }: Cells) => ratio(tp, tp + fp);
const specificity = ({ tn, fp }: Cells) => ratio(tn, tn + fp);
const evenly = (n: number) => Array.from({ length: n }, (_, i) => i / (n - 1));
/** The best of one ratio at nine thresholds while another is at least one half. */
const best =
  (of: (at: Cells) => number, kept: (at: Cells) => number): Definition =>
  (samples) =>
    Math.max(
      0,
      ...evenly(9)
        .map((t) => cells(samples, t))
        .filter((at) => kept(at) >= 0.5)
        .map(of),
    );

/** Under the points of nine thresholds, those at the ends beyond all outputs. */
const area =
  (point: (at: Cells) => [number, number]): Definition =>
  (samples) => {
    const points = [-1, ...evenly(9).slice(1, -1), 2].map((t) => point(cells(samples, t)));
    return sum(points.slice(1).map(([x, y], i) => (points[i]![0] - x) * ((points[i]![1] + y) / 2)));
  };

const fScore =
  (beta: number): Definition =>
  (samples) => {
    const scores = samples.y[0]!.map((_, j) => {
      const column = (rows: number[][]) => rows.map((row) => [row[j]!]);
      const at = cells({ ...samples, y: column(samples.y), p: column(samples.p) }, 0.5);
      return ratio((1 + beta ** 2) * precision(at) * recall(at), beta ** 2 * precision(at) + recall(at));
    });
    return sum(scores) / scores.length;
  };

/** The mean of the classes' intersections over unions, of classes that are met; `of` says which class a row means. */
const iou =
  (classes: number[], of: (row: number[]) => number, ofTarget = ([label]: number[]) => label!): Definition =>
  ({ y, p, w }) => {
    const shares = classes.flatMap((c) => {
      const total = (f: (y: boolean, p: boolean) => boolean) =>
        sum(y.map((row, i) => (f(ofTarget(row) === c, of(p[i]!) === c) ? w[i]! : 0)));
      const union = total((a, b) => a || b);
      return union > 0 ? [total((a, b) => a && b) / union] : [];
    });
    return ratio(sum(shares), shares.length);
  };

const r2: Definition = ({ y, p, w }) => {
  const scores = y[0]!.map((_, j) => {
    const center = sum(y.map((row, i) => w[i]! * row[j]!)) / sum(w);
    const spread = sum(y.map((row, i) => w[i]! * (row[j]! - center) ** 2));
    return 1 - sum(y.map((row, i) => w[i]! * (row[j]! - p[i]![j]!) ** 2)) / spread;
  });
  return sum(scores) / scores.length;
};

const dot = (u: number[], v: number[]) => sum(u.map((x, i) => x * v[i]!));
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const average = (row: number[]) => sum(row) / row.length;
const centered = (row: number[]) => row.map((x) => x - average(row));
const correlation = (y: number[], p: number[]) => cosine(centered(y), centered(p));

/** As Keras has it: the targets too are counted from the predictions' mean. */
const concordance = (y: number[], p: number[]) => {
  const fromMean = (row: number[]) => row.map((x) => x - average(p));
  const [a, b] = [centered(y), centered(p)];
  const apart = (average(y) - average(p)) ** 2;
  return (2 * dot(fromMean(y), fromMean(p))) / (dot(a, a) + dot(b, b) + y.length * apart);
};

/** Probabilities are kept so far from 0 and 1, in single precision. */
const kept = (p: number) => Math.min(Math.max(p, 1e-7), Math.fround(1 - 1e-7));
const log = (p: number) => Math.log(kept(p));
const clipped = (x: number) => Math.max(x, 1e-7);
const largestOther = (y: number[], p: number[]) => Math.max(...p.map((x, i) => (1 - y[i]!) * x));

const fraction = fc.integer({ min: 0, max: 64 }).map((x) => x / 64);
const bit = fc.integer({ min: 0, max: 1 });
const amount = fc.integer({ min: -40, max: 40 }).map((x) => x / 8);
const row = (x: fc.Arbitrary<number>, length: number) => fc.array(x, { minLength: length, maxLength: length });
const distinct = (x: fc.Arbitrary<number>, length: number) =>
  fc.uniqueArray(x, { minLength: length, maxLength: length });

const kinds = {
  bits: [row(bit, 2), row(fraction, 2)],
  classes: [row(fc.integer({ min: 0, max: 2 }), 1), distinct(fraction, 3)],
  oneHot: [
    fc.constantFrom([1, 0, 0], [0, 1, 0], [0, 0, 1]),
    distinct(fraction, 3).map((p) => p.map((x) => x + 1 / 128)),
  ],
  // Where a batch has 0 and 1 alone, 0 stands for -1: its metric would depend on the split.
  signs: [fc.constantFrom([-1, 1], [1, -1], [-1, -1]), row(amount, 2)],
  bit: [row(bit, 1), row(fraction, 1)],
  amounts: [row(amount, 2), row(amount, 2)],
  counts: [
    row(fc.integer({ min: 1, max: 9 }), 2),
    row(
      amount.map((x) => Math.abs(x) + 0.5),
      2,
    ),
  ],
  series: [distinct(amount, 4), distinct(amount, 4)],
} as const;

const { metrics } = wg;

test.each<[name: string, kind: keyof typeof kinds, make: () => wg.metrics.Metric, define: Definition]>([
  ['BinaryAccuracy', 'bits', () => new metrics.BinaryAccuracy(), meanOf((y, p) => Number(p > 0.5 === (y === 1)))],
  ['TruePositives', 'bits', () => new metrics.TruePositives({ thresholds: 0.25 }), (all) => cells(all, 0.25).tp],
  ['FalsePositives', 'bits', () => new metrics.FalsePositives(), (all) => cells(all, 0.5).fp],
  ['FalseNegatives', 'bits', () => new metrics.FalseNegatives(), (all) => cells(all, 0.5).fn],
  [
    'TrueNegatives',
    'bits',
    () => new metrics.TrueNegatives({ thresholds: [0, 0.25, 0.5, 0.75, 1] }),
    (all) => evenly(5).map((t) => cells(all, t).tn),
  ],
  [
    'Precision',
    'bits',
    () => new metrics.Precision({ thresholds: [0.75, 0.25] }),
    (all) => [0.75, 0.25].map((t) => precision(cells(all, t))),
  ],
  ['Recall', 'bits', () => new metrics.Recall(), (all) => recall(cells(all, 0.5))],
  [
    'SensitivityAtSpecificity',
    'bits',
    () => new metrics.SensitivityAtSpecificity({ specificity: 0.5, numThresholds: 9 }),
    best(recall, specificity),
  ],
  [
    'SpecificityAtSensitivity',
    'bits',
    () => new metrics.SpecificityAtSensitivity({ sensitivity: 0.5, numThresholds: 9 }),
    best(specificity, recall),
  ],
  [
    'PrecisionAtRecall',
    'bits',
    () => new metrics.PrecisionAtRecall({ recall: 0.5, numThresholds: 9 }),
    best(precision, recall),
  ],
  [
    'RecallAtPrecision',
    'bits',
    () => new metrics.RecallAtPrecision({ precision: 0.5, numThresholds: 9 }),
    best(recall, precision),
  ],
  ['AUC', 'bits', () => new metrics.AUC({ numThresholds: 9 }), area((at) => [1 - specificity(at), recall(at)])],
  [
    'AUC of an uneven curve',
    'bits',
    () => new metrics.AUC({ thresholds: evenly(9).slice(1, -1), curve: 'PR', summationMethod: 'minoring' }),
    (all) => {
      const points = [-1, ...evenly(9).slice(1, -1), 2].map((t) => cells(all, t));
      const step = (at: Cells, i: number) =>
        (recall(points[i]!) - recall(at)) * Math.min(precision(points[i]!), precision(at));
      return sum(points.slice(1).map(step));
    },
  ],
  ['FBetaScore', 'bits', () => new metrics.FBetaScore({ beta: 2, threshold: 0.5, average: 'macro' }), fScore(2)],
  ['F1Score', 'bits', () => new metrics.F1Score({ threshold: 0.5, average: 'macro' }), fScore(1)],
  [
    'SparseCategoricalAccuracy',
    'classes',
    () => new metrics.SparseCategoricalAccuracy(),
    mean(([label], p) => Number(argMax(p) === label)),
  ],
  [
    'SparseTopKCategoricalAccuracy',
    'classes',
    () => new metrics.SparseTopKCategoricalAccuracy({ k: 2 }),
    mean(([label], p) => Number(p.filter((x) => x > p[label!]!).length < 2)),
  ],
  [
    'SparseCategoricalCrossentropy',
    'classes',
    () => new metrics.SparseCategoricalCrossentropy({ fromLogits: true }),
    mean(([label], p) => Math.log(sum(p.map(Math.exp))) - p[label!]!),
  ],
  ['MeanIoU', 'classes', () => new metrics.MeanIoU({ numClasses: 3, sparseYPred: false }), iou([0, 1, 2], argMax)],
  [
    'IoU',
    'classes',
    () => new metrics.IoU({ numClasses: 3, targetClassIds: [2], sparseYPred: false }),
    iou([2], argMax),
  ],
  ['BinaryIoU', 'bit', () => new metrics.BinaryIoU(), iou([0, 1], ([p]) => Number(p! >= 0.5))],
  [
    'OneHotIoU',
    'oneHot',
    () => new metrics.OneHotIoU({ numClasses: 3, targetClassIds: [0, 1] }),
    iou([0, 1], argMax, argMax),
  ],
  ['OneHotMeanIoU', 'oneHot', () => new metrics.OneHotMeanIoU({ numClasses: 3 }), iou([0, 1, 2], argMax, argMax)],
  ['Accuracy', 'bits', () => new metrics.Accuracy(), meanOf((y, p) => Number(y === p))],
  ['CategoricalAccuracy', 'oneHot', () => new metrics.CategoricalAccuracy(), mean((y, p) => y[argMax(p)]!)],
  [
    'TopKCategoricalAccuracy',
    'oneHot',
    () => new metrics.TopKCategoricalAccuracy({ k: 2 }),
    mean((y, p) => Number(p.filter((x) => x > p[argMax(y)]!).length < 2)),
  ],
  [
    'CategoricalCrossentropy',
    'oneHot',
    () => new metrics.CategoricalCrossentropy({ labelSmoothing: 0.3 }),
    mean((y, p) => -sum(p.map((x, i) => (y[i]! * 0.7 + 0.1) * log(x / sum(p))))),
  ],
  [
    'KLDivergence',
    'oneHot',
    () => new metrics.KLDivergence(),
    mean((y, p) => sum(y.map((x, i) => clipped(x) * Math.log(clipped(x) / Math.min(p[i]!, 1))))),
  ],
  [
    'CategoricalHinge',
    'oneHot',
    () => new metrics.CategoricalHinge(),
    mean((y, p) => Math.max(1 + largestOther(y, p) - dot(y, p), 0)),
  ],
  [
    'BinaryCrossentropy',
    'bits',
    () => new metrics.BinaryCrossentropy(),
    meanOf((y, p) => -Math.log(y === 1 ? kept(p) : 1 - kept(p))),
  ],
  ['Poisson', 'counts', () => new metrics.Poisson(), meanOf((y, p) => p - y * Math.log(p + 1e-7))],
  [
    'MeanAbsolutePercentageError',
    'counts',
    () => new metrics.MeanAbsolutePercentageError(),
    meanOf((y, p) => (100 * Math.abs(y - p)) / y),
  ],
  [
    'MeanSquaredLogarithmicError',
    'counts',
    () => new metrics.MeanSquaredLogarithmicError(),
    meanOf((y, p) => (Math.log(1 + y) - Math.log(1 + p)) ** 2),
  ],
  ['Hinge', 'signs', () => new metrics.Hinge(), meanOf((y, p) => Math.max(1 - y * p, 0))],
  ['SquaredHinge', 'signs', () => new metrics.SquaredHinge(), meanOf((y, p) => Math.max(1 - y * p, 0) ** 2)],
  ['MeanSquaredError', 'amounts', () => new metrics.MeanSquaredError(), meanOf((y, p) => (y - p) ** 2)],
  ['MeanAbsoluteError', 'amounts', () => new metrics.MeanAbsoluteError(), meanOf((y, p) => Math.abs(y - p))],
  [
    'RootMeanSquaredError',
    'amounts',
    () => new metrics.RootMeanSquaredError(),
    (all) => Math.sqrt(meanOf((y, p) => (y - p) ** 2)(all) as number),
  ],
  ['LogCoshError', 'amounts', () => new metrics.LogCoshError(), meanOf((y, p) => Math.log(Math.cosh(p - y)))],
  ['R2Score', 'amounts', () => new metrics.R2Score(), r2],
  ['CosineSimilarity', 'counts', () => new metrics.CosineSimilarity(), mean(cosine)],
  ['ConcordanceCorrelation', 'series', () => new metrics.ConcordanceCorrelation(), mean(concordance)],
  ['PearsonCorrelation', 'series', () => new metrics.PearsonCorrelation(), mean(correlation)],
])('%s', (_, kind, make, define) => {
  const [target, output] = kinds[kind];
  // Weights of IoU are whole numbers, as in Keras.
  const weight = fc.integer({ min: 1, max: 3 });
  const sample = fc.record({ y: target as fc.Arbitrary<number[]>, p: output as fc.Arbitrary<number[]>, w: weight });
  const samples = fc.array(sample, { minLength: 2, maxLength: 16 });
  fc.assert(
    fc.property(samples, fc.boolean(), fc.array(fc.integer({ min: 1, max: 5 })), (rows, weighted, sizes) => {
      // The spread of equal targets is 0.
      fc.pre(kind !== 'amounts' || [0, 1].every((j) => rows.some(({ y }) => y[j] !== rows[0]!.y[j])));
      const metric = make();
      const [y, p, w] = [rows.map((s) => s.y), rows.map((s) => s.p), rows.map((s) => (weighted ? s.w : 1))];
      for (let from = 0; from < rows.length;) {
        const to = from + (sizes.pop() ?? rows.length);
        const batch = (values: unknown[]) => wg.tensor(values.slice(from, to) as number[], undefined, 'float32');
        wg.tidy(() => metric.update(batch(y), batch(p), weighted ? batch(w) : undefined));
        from = to;
      }
      const [actual, expected] = [metric.result(), define({ y, p, w })].map((result) => [result].flat());
      metric.dispose();
      expect(actual).toHaveLength(expected!.length);
      actual!.forEach((value, i) => {
        // Of a difference that nearly cancels (R2, a small spread) fewer digits are left.
        const scale = Math.max(1, Math.abs(expected![i]!));
        expect(Math.abs(value - expected![i]!), `${value} is not ${expected![i]}`).toBeLessThan(1e-5 * scale);
      });
    }),
    { numRuns: 60 },
  );
});

test('sums and means of values, weighted or not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(amount, fraction), { minLength: 1 }), fc.boolean(), (pairs, weighted) => {
      const [total, average] = [new metrics.Sum(), new metrics.Mean()];
      const [values, weights] = [pairs.map(([x]) => x), pairs.map(([, w]) => (weighted ? w : 1))];
      const at = Math.floor(pairs.length / 2);
      for (const [from, to] of [
        [0, at],
        [at, pairs.length],
      ].filter(([from, to]) => from! < to!)) {
        wg.tidy(() => {
          const [x, w] = [values, weights].map((xs) => wg.tensor1d(xs.slice(from, to))) as [wg.Tensor, wg.Tensor];
          for (const metric of [total, average]) metric.update(x, weighted ? w : undefined);
        });
      }
      const expected = sum(values.map((x, i) => x * weights[i]!));
      expect(total.result()).toBeCloseTo(expected, 3);
      expect(average.result()).toBeCloseTo(ratio(expected, sum(weights)), 3);
      total.dispose();
      average.dispose();
    }),
  );
});

describe("tfjs's functions of targets and predictions", () => {
  const m = wg.metrics;
  test.each<[name: string, f: (y: wg.TensorLike, p: wg.TensorLike) => wg.Tensor, y: number[][], p: number[][], expected: number | number[]]>([
    // The examples of tfjs's pages.
    ['binaryAccuracy', m.binaryAccuracy, [[1, 1, 1, 1], [0, 0, 0, 0]], [[1, 0, 1, 0], [0, 0, 0, 1]], [0.5, 0.75]],
    ['binaryCrossentropy', m.binaryCrossentropy, [[0], [1], [1], [1]], [[0], [0], [0.5], [1]], [0, 16.118, Math.LN2, 0]],
    ['categoricalAccuracy', m.categoricalAccuracy, [[0, 0, 0, 1], [0, 0, 0, 1]], [[0.1, 0.8, 0.05, 0.05], [0.1, 0.05, 0.05, 0.8]], [0, 1]],
    ['categoricalCrossentropy', m.categoricalCrossentropy, [[0, 1]], [[0.5, 0.5]], [Math.LN2]],
    ['sparseCategoricalAccuracy', m.sparseCategoricalAccuracy, [[1], [1], [2], [2], [0]], [[0, 1, 0], [1, 0, 0], [0, 0.4, 0.6], [0, 0.6, 0.4], [0.7, 0.3, 0]], [1, 0, 1, 0, 1]],
    ['sparseCategoricalCrossentropy', m.sparseCategoricalCrossentropy, [[1]], [[0.5, 0.5]], [Math.LN2]],
    ['precision', m.precision, [[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]], [[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0]], 0.4],
    ['recall', m.recall, [[1, 1, 0, 0, 1]], [[1, 0, 1, 0, 0]], 1 / 3],
    ['precision of nothing', m.precision, [[1, 0]], [[0, 0]], 0],
    ['cosineProximity', m.cosineProximity, [[1, 0], [1, 0]], [[Math.SQRT1_2, Math.SQRT1_2], [0, 1]], [-Math.SQRT1_2, 0]],
    ['meanAbsoluteError', m.meanAbsoluteError, [[0, 1], [0, 0], [2, 3]], [[0, 1], [0, 1], [-2, -3]], [0, 0.5, 5]],
    ['meanAbsolutePercentageError', m.MAPE, [[0, 1], [10, 20]], [[0, 1], [11, 24]], [0, 15]],
    ['meanSquaredError', m.MSE, [[0, 1], [3, 4]], [[0, 1], [-3, -4]], [0, 50]],
    ['r2Score', m.r2Score, [[1, 2], [3, 4]], [[1, 2], [3, 3]], 0.8],
  ])('%s', (_, f, y, p, expected) => {
    const result = f(y, p);
    expect(result.shape).toEqual(typeof expected === 'number' ? [] : [expected.length]);
    const expectedValues = [expected].flat();
    [...result.dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expectedValues[i]!, 3));
    result.dispose();
  }); // prettier-ignore
});
