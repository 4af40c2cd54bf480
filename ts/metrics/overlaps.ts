// Intersections over unions: Keras 3's formulas.
import { WasmgradError } from '../core/errors.js';
import { FINITE, FLAG, required, WHOLE, wholeFrom, withDefaults, type Rule, type Stated } from '../core/options.js';
import { uniqueName } from '../layers/names.js';
import { EPSILON } from '../losses/loss.js';
import { weightsLike } from '../losses/weights.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { add, clip, constant, mul, toFloat, toInt, where } from '../tensor/words.js';
import { checkAlike, count, OwnMetric, type MetricArgs, type MetricClass } from './metric.js';

interface Settings {
  /** Classes are numbered from 0 on. */
  numClasses: number;
  /** The classes whose mean it is. */
  targetClassIds: readonly number[] | undefined;
  /** The label of what does not count. Default: none. */
  ignoreClass: number | undefined;
  /** Whether targets are class numbers, not one-hot. */
  sparseYTrue: boolean;
  /** Whether outputs are class numbers, not a number for each class of which the largest is meant. */
  sparseYPred: boolean;
  /** Along which axis the classes lie, where they are not numbers. Default: -1. */
  axis: number;
}

const IDS: Rule = {
  ok: (x) => Array.isArray(x) && x.length > 0 && x.every((id) => Number.isInteger(id) && id >= 0),
  expected: 'a list of class numbers, such as [0, 1]',
};
/** The default of an option that must be given. */
const NONE = undefined as never;
const STATED: Stated<Settings> = {
  numClasses: [required(wholeFrom(1)), NONE],
  targetClassIds: [required(IDS), NONE],
  ignoreClass: [WHOLE, undefined],
  sparseYTrue: [FLAG, true],
  sparseYPred: [FLAG, true],
  axis: [WHOLE, -1],
};

/** The class of the metrics that are mean intersections over unions, with some of the settings as options. */
function iou<Options extends object>(
  className: string,
  stated: Stated<Options>,
  fixed: Partial<Settings> = {},
  classesOf = (p: Tensor, _options: Options) => p,
): MetricClass<Options> {
  return class extends OwnMetric<Options> {
    override readonly direction = 'up';
    static override readonly className = className;
    static override readonly stated = stated;
    /** By targets (rows) and outputs (columns) of which class, row-major. */
    private readonly matrix: Variable;
    private readonly settings: Settings;

    protected static override defaultName(): string {
      return uniqueName(className);
    }

    constructor(args?: MetricArgs & Partial<Options>) {
      super(args);
      const defaults = withDefaults<Omit<Settings, 'numClasses'>>(STATED, {});
      this.settings = { ...defaults, ...fixed, ...this.options } as Settings;
      const { numClasses, targetClassIds = [] } = this.settings;
      const wrong = targetClassIds.find((id) => id >= numClasses);
      if (wrong !== undefined) {
        throw new WasmgradError(
          `metric ${className}: targetClassIds holds ${wrong}, but the ${numClasses} classes are numbered from 0 to ${numClasses - 1}`,
        );
      }
      this.matrix = this.addVariable('matrix', [numClasses ** 2]);
    }

    update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
      const { numClasses, ignoreClass, sparseYTrue, sparseYPred, axis } = this.settings;
      const outputs = classesOf(yPred, this.options);
      const targets = sparseYTrue ? yTrue : run(ops.argMax, [yTrue], [axis], false);
      const whole = (x: Tensor) => run(ops.reshape, [toFloat(toInt(x))], [x.size]);
      const [y, p] = [whole(targets), whole(sparseYPred ? outputs : run(ops.argMax, [outputs], [axis], false))];
      checkAlike(y, p, 'for outputs with a number for each class give sparseYPred: false');
      const isClass = (x: Tensor) => run(ops.equal, [clip(x, 0, numClasses - 1), x]);
      let counts = run(ops.logicalAnd, [isClass(y), isClass(p)]);
      if (ignoreClass !== undefined)
        counts = run(ops.logicalAnd, [counts, run(ops.notEqual, [y, constant(ignoreClass)])]);
      // What does not count has a place outside.
      const place = toInt(where(counts, add(mul(y, numClasses), p), numClasses ** 2));
      const weights = sampleWeight && run(ops.broadcastTo, [weightsLike(targets, sampleWeight)], targets.shape);
      // As in Keras, which counts in whole numbers.
      const each = weights ? whole(weights) : run(ops.fill, [], [y.size], 1, 'float32');
      count(this.matrix, run(ops.scatterAdd, [each, place], 0, numClasses ** 2));
    }

    result(): number {
      const { numClasses, targetClassIds } = this.settings;
      const matrix = this.matrix.dataSync();
      const classes = Array.from({ length: numClasses }, (_, i) => i);
      const sumOf = (cell: (other: number) => number) => classes.reduce((sum, other) => sum + matrix[cell(other)]!, 0);
      let [sum, valid] = [0, 0];
      for (const id of targetClassIds ?? classes) {
        const both = matrix[id * numClasses + id]!;
        const union = sumOf((i) => id * numClasses + i) + sumOf((i) => i * numClasses + id) - both;
        if (union <= 1e-9) continue;
        sum += both / (union + EPSILON);
        valid++;
      }
      return Math.fround(sum / (valid + EPSILON));
    }
  };
}

const { numClasses, targetClassIds, sparseYTrue, ...others } = STATED;

/** The intersection of targets and outputs over their union, as a mean of the classes `targetClassIds`. */
export const IoU = iou('IoU', STATED);

/** `IoU` as a mean of all classes. */
export const MeanIoU = iou('MeanIoU', { numClasses, sparseYTrue, ...others });

export interface BinaryIoUOptions {
  /** Of which classes it is the mean. Default: [0, 1]. */
  targetClassIds: readonly number[];
  /** From which on outputs are class 1. Default: 0.5. */
  threshold: number;
}

/** `IoU` of two classes, for outputs from 0 to 1. */
export const BinaryIoU = iou<BinaryIoUOptions>(
  'BinaryIoU',
  { targetClassIds: [IDS, [0, 1]], threshold: [FINITE, 0.5] },
  { numClasses: 2 },
  (p, { threshold }) => run(ops.greaterEqual, [p, constant(threshold)]),
);

const oneHot = { ...others, sparseYPred: [FLAG, false] } as const;

/** `IoU` for one-hot targets, and a number for each class as outputs. */
export const OneHotIoU = iou('OneHotIoU', { numClasses, targetClassIds, ...oneHot }, { sparseYTrue: false });

/** `MeanIoU` for one-hot targets, and a number for each class as outputs. */
export const OneHotMeanIoU = iou('OneHotMeanIoU', { numClasses, ...oneHot }, { sparseYTrue: false });
