// What models are compiled, trained, evaluated and asked with.
import type { Callback, CallbackFunctions } from '../callbacks.js';
import { checkHooks } from '../callbacks.js';
import {
  ANY,
  checkOptions,
  FLAG,
  FRACTION,
  FROM_ZERO,
  oneOf,
  wholeFrom,
  type Rule,
  type Rules,
} from '../core/options.js';
import type { LossIdentifier } from '../losses/registry.js';
import type { MetricIdentifier } from '../metrics/registry.js';
import type { OptimizerIdentifier } from '../optimizers/registry.js';
import type { ClassWeight, Samples, Weighting } from './data.js';
import { defaultVerbosity } from './progress.js';

export interface CompileArgs {
  /** A name or an optimizer. Default: 'rmsprop'. */
  optimizer?: OptimizerIdentifier;
  /** A name, a loss, or a function (yTrue, yPred) => values for each sample. */
  loss: LossIdentifier;
  metrics?: MetricIdentifier | readonly MetricIdentifier[];
  /** Metrics that sample and class weights weigh. */
  weightedMetrics?: MetricIdentifier | readonly MetricIdentifier[];
}

/** How much is printed. false is 0, true is 1. */
export type Verbosity = 0 | 1 | 2 | boolean;

export interface FitArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  /** The number of the epoch to stop before. Default: 1. */
  epochs?: number;
  /** The number of the epoch to begin with. Default: 0. */
  initialEpoch?: number;
  /** 0 silent, 1 a progress bar, 2 a line an epoch. Default: 1 in terminal programs, 0 in pages. */
  verbose?: Verbosity;
  callbacks?: Callback | CallbackFunctions | readonly (Callback | CallbackFunctions)[];
  /** The fraction of the samples, the last ones, to validate with instead of training. */
  validationSplit?: number;
  /** [x, y], or [x, y, sampleWeight]. */
  validationData?: readonly [Samples, Samples] | readonly [Samples, Samples, Samples];
  /** Default: as `batchSize`. */
  validationBatchSize?: number;
  /** How much each sample counts, or each step of it: (samples) or (samples, steps). Default: all alike. */
  sampleWeight?: Samples;
  /** How much each class counts, by its number: `{ 0: 1, 1: 5 }`; classes that are left out count 1. */
  classWeight?: ClassWeight;
  /** Whether to draw a new order of the samples for each epoch. Default: true. */
  shuffle?: boolean;
  /**
   * When `fit` lets the page or process handle other events (and calls `onYield`): after so many milliseconds, after
   * each batch or epoch, or never. Default: 'auto', every 10 ms.
   */
  yieldEvery?: 'auto' | 'batch' | 'epoch' | 'never' | number;
}

export interface EvaluateArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: Verbosity;
  /** How much each sample counts, or each step of it. Default: all alike. */
  sampleWeight?: Samples;
}

/** Of single batches. */
export type TrainOnBatchArgs = Pick<FitArgs, 'sampleWeight' | 'classWeight'>;
export type TestOnBatchArgs = Pick<EvaluateArgs, 'sampleWeight'>;

export interface PredictArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: Verbosity;
}

export interface PlanArgs {
  /** Of a training step, or of a prediction. Default: 'train'. */
  program?: 'train' | 'predict';
  /** Samples a step. Default: 32. */
  batchSize?: number;
}

const BATCH = 32;

const VERBOSITY: Rule = {
  ok: (x) => x === 0 || x === 1 || x === 2 || FLAG.ok(x),
  expected: '0 (silent), 1 (a progress bar) or 2 (a line an epoch)',
};

/** Milliseconds of training between two pauses for other events, by the names for them. */
const SLICES = { auto: 10, batch: 0, epoch: Infinity, never: Infinity };
const NAMED_SLICES = oneOf(...Object.keys(SLICES));

export const COMPILE_RULES: Rules<CompileArgs> = { optimizer: ANY, loss: ANY, metrics: ANY, weightedMetrics: ANY };
const BATCH_RULES: Rules<PredictArgs> = { batchSize: wholeFrom(1), verbose: VERBOSITY };
const EVALUATE_RULES: Rules<EvaluateArgs> = { ...BATCH_RULES, sampleWeight: ANY };
const CLASS_WEIGHT: Rule = {
  ok: (x) =>
    typeof x === 'object' &&
    x !== null &&
    Object.entries(x).every(([label, weight]) => Number.isInteger(Number(label)) && FROM_ZERO.ok(weight)),
  expected: 'numbers from 0 on by class numbers, such as { 0: 1, 1: 5 }',
};
const TRAIN_ON_BATCH_RULES: Rules<TrainOnBatchArgs> = { sampleWeight: ANY, classWeight: CLASS_WEIGHT };
const FIT_RULES: Rules<FitArgs> = {
  ...BATCH_RULES,
  epochs: wholeFrom(0),
  initialEpoch: wholeFrom(0),
  callbacks: ANY,
  validationSplit: FRACTION,
  validationData: {
    ok: (x) => Array.isArray(x) && (x.length === 2 || x.length === 3),
    expected: '[xValidation, yValidation] or [xValidation, yValidation, sampleWeight], tensors or arrays',
  },
  validationBatchSize: wholeFrom(1),
  ...TRAIN_ON_BATCH_RULES,
  shuffle: FLAG,
  yieldEvery: {
    ok: (x) => NAMED_SLICES.ok(x) || FROM_ZERO.ok(x),
    expected: `${NAMED_SLICES.expected}, or a number of milliseconds`,
  },
};

/** `fit`'s options with their defaults. @throws on one that is unknown or makes no sense. */
export function readFitArgs(args: FitArgs) {
  checkOptions('fit', args, FIT_RULES);
  const callbacks = [args.callbacks ?? []].flat() as (Callback | CallbackFunctions)[];
  for (const callback of callbacks) checkHooks(callback);
  const { batchSize = BATCH, verbose = defaultVerbosity(), yieldEvery = 'auto' } = args;
  return {
    batchSize,
    epochs: args.epochs ?? 1,
    initialEpoch: args.initialEpoch ?? 0,
    validationBatchSize: args.validationBatchSize ?? batchSize,
    validationData: args.validationData,
    validationSplit: args.validationSplit ?? 0,
    weighting: { sampleWeight: args.sampleWeight, classWeight: args.classWeight },
    shuffle: args.shuffle ?? true,
    verbose: Number(verbose),
    callbacks,
    slice: typeof yieldEvery === 'number' ? yieldEvery : SLICES[yieldEvery],
    yieldAfterEpoch: yieldEvery === 'epoch',
  };
}

/** The batch size of `evaluate`. @throws on an option that is unknown or makes no sense. */
export function readEvaluateArgs(args: EvaluateArgs): { batchSize: number; weighting: Weighting } {
  checkOptions('evaluate', args, EVALUATE_RULES);
  return { batchSize: args.batchSize ?? BATCH, weighting: { sampleWeight: args.sampleWeight } };
}

/** The batch size of `predict`. @throws on an option that is unknown or makes no sense. */
export function readPredictArgs(args: PredictArgs): { batchSize: number } {
  checkOptions('predict', args, BATCH_RULES);
  return { batchSize: args.batchSize ?? BATCH };
}

/** The weights of `trainOnBatch`. @throws on an option that is unknown or makes no sense. */
export function readTrainOnBatchArgs(args: TrainOnBatchArgs): Weighting {
  checkOptions('trainOnBatch', args, TRAIN_ON_BATCH_RULES);
  return args;
}

/** The weights of `testOnBatch`. @throws on an option that is unknown or makes no sense. */
export function readTestOnBatchArgs(args: TestOnBatchArgs): Weighting {
  checkOptions('testOnBatch', args, { sampleWeight: ANY });
  return args;
}

/** `plan`'s options with their defaults. @throws on one that is unknown or makes no sense. */
export function readPlanArgs(args: PlanArgs): Required<PlanArgs> {
  checkOptions('plan', args, { program: oneOf('train', 'predict'), batchSize: wholeFrom(1) });
  return { program: args.program ?? 'train', batchSize: args.batchSize ?? BATCH };
}

/** The metrics as a list. */
export function metricList({ metrics = [] }: CompileArgs): MetricIdentifier[] {
  return [metrics].flat() as MetricIdentifier[];
}

/** The weighted metrics as a list. */
export function weightedMetricList({ weightedMetrics = [] }: CompileArgs): MetricIdentifier[] {
  return [weightedMetrics].flat() as MetricIdentifier[];
}

/** The metrics, then the weighted ones. */
export function allMetrics(args: CompileArgs): MetricIdentifier[] {
  return [...metricList(args), ...weightedMetricList(args)];
}
