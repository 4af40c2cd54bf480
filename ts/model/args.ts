// What models are compiled, trained, evaluated and asked with.
import type { Callback, CallbackFunctions } from '../callbacks/callback.js';
import { checkHooks } from '../callbacks/callback.js';
import { defaultVerbosity } from '../callbacks/progbarLogger.js';
import { WasmgradError } from '../core/errors.js';
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
import type { Samples } from './data.js';
import type { ClassWeight, Weighting } from './weighting.js';
import { isBatchSource, type BatchSource } from './feeds.js';

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
  /** Samples a step. Default: 32, or as many as `stepsPerEpoch` need. */
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
  /** [x, y], or [x, y, sampleWeight], or a source of batches. */
  validationData?: readonly [Samples, Samples] | readonly [Samples, Samples, Samples] | BatchSource;
  /** Batches of a validation. Default: all. */
  validationSteps?: number;
  /** After every how many epochs to validate, or after which ones, counted from 1. Default: 1. */
  validationFreq?: number | readonly number[];
  /** Default: as `batchSize`. */
  validationBatchSize?: number;
  /** Batches of an epoch, which goes on where the one before ended. Default: all. */
  stepsPerEpoch?: number;
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
  /** Ends the run, after the batch, when it is aborted: `fit` throws its reason, and the model is as that batch left it. */
  signal?: AbortSignal;
}

/** tfjs's names for what a stream of batches has beside `fit`'s options. */
export interface FitDatasetArgs extends Omit<FitArgs, 'batchSize' | 'sampleWeight' | 'shuffle' | 'validationSplit'> {
  /** As `stepsPerEpoch`. */
  batchesPerEpoch?: number;
  /** As `validationSteps`. */
  validationBatches?: number;
}

export interface EvaluateArgs {
  /** Samples a step. Default: 32, or as many as `steps` need. */
  batchSize?: number;
  verbose?: Verbosity;
  /** How much each sample counts, or each step of it. Default: all alike. */
  sampleWeight?: Samples;
  /** Batches to measure. Default: all. */
  steps?: number;
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
export const SLICES = { auto: 10, batch: 0, epoch: Infinity, never: Infinity };
const NAMED_SLICES = oneOf(...Object.keys(SLICES));

export const COMPILE_RULES: Rules<CompileArgs> = { optimizer: ANY, loss: ANY, metrics: ANY, weightedMetrics: ANY };
const BATCH_RULES: Rules<PredictArgs> = { batchSize: wholeFrom(1), verbose: VERBOSITY };
const EVALUATE_RULES: Rules<EvaluateArgs> = { ...BATCH_RULES, sampleWeight: ANY, steps: wholeFrom(1) };
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
    ok: (x) => (Array.isArray(x) && (x.length === 2 || x.length === 3)) || isBatchSource(x),
    expected: '[xValidation, yValidation] or [xValidation, yValidation, sampleWeight], tensors or arrays, or a Dataset',
  },
  validationBatchSize: wholeFrom(1),
  validationSteps: wholeFrom(1),
  validationFreq: {
    ok: (x) => wholeFrom(1).ok(x) || (Array.isArray(x) && x.every((epoch) => wholeFrom(1).ok(epoch))),
    expected: 'a whole number from 1 on, or a list of epochs counted from 1',
  },
  stepsPerEpoch: wholeFrom(1),
  signal: { ok: (x) => x instanceof AbortSignal, expected: 'an AbortSignal, such as controller.signal' },
  ...TRAIN_ON_BATCH_RULES,
  shuffle: FLAG,
  yieldEvery: {
    ok: (x) => NAMED_SLICES.ok(x) || FROM_ZERO.ok(x),
    expected: `${NAMED_SLICES.expected}, or a number of milliseconds`,
  },
};

/** `fit`'s options with their defaults. @throws on one that is unknown or makes no sense. */
export function readFitArgs(args: FitArgs = {}) {
  checkOptions('fit', args, FIT_RULES);
  const callbacks = [args.callbacks ?? []].flat() as (Callback | CallbackFunctions)[];
  for (const callback of callbacks) checkHooks(callback);
  const { batchSize, verbose = defaultVerbosity(), yieldEvery = 'auto' } = args;
  return {
    batchSize,
    epochs: args.epochs ?? 1,
    initialEpoch: args.initialEpoch ?? 0,
    validationBatchSize: args.validationBatchSize ?? batchSize,
    validationData: args.validationData,
    validationSplit: args.validationSplit ?? 0,
    validationSteps: args.validationSteps,
    validates: validationEpochs(args.validationFreq ?? 1),
    stepsPerEpoch: args.stepsPerEpoch,
    signal: args.signal,
    weighting: { sampleWeight: args.sampleWeight, classWeight: args.classWeight },
    shuffle: args.shuffle ?? true,
    verbose: Number(verbose) as 0 | 1 | 2,
    callbacks,
    slice: typeof yieldEvery === 'number' ? yieldEvery : SLICES[yieldEvery],
    yieldAfterEpoch: yieldEvery === 'epoch',
  };
}

/** As `readFitArgs`, for a source of batches. @throws on options that only data in memory have */
export function readStreamFitArgs(args: FitArgs = {}) {
  for (const name of ['batchSize', 'sampleWeight', 'shuffle', 'validationSplit'] as const) {
    if (args[name] === undefined) continue;
    throw new WasmgradError(
      `fit: ${name} is an option of data that lie in memory; a source of batches decides by itself: dataset.batch(32), ` +
        '.shuffle(1000), or a weight for each sample as third part of a batch',
    );
  }
  return readFitArgs(args);
}

/** Whether an epoch, numbered from 0, is followed by a validation. */
function validationEpochs(every: number | readonly number[]): (epoch: number) => boolean {
  return (epoch) => (typeof every === 'number' ? (epoch + 1) % every === 0 : every.includes(epoch + 1));
}

/** tfjs's options of `fitDataset` as those of `fit`. */
export function ofDataset({ batchesPerEpoch, validationBatches, ...args }: FitDatasetArgs): FitArgs {
  return {
    ...args,
    ...(batchesPerEpoch !== undefined && { stepsPerEpoch: batchesPerEpoch }),
    ...(validationBatches !== undefined && { validationSteps: validationBatches }),
  };
}

/** The batch size of `evaluate`. @throws on an option that is unknown or makes no sense. */
export function readEvaluateArgs(args: EvaluateArgs) {
  checkOptions('evaluate', args, EVALUATE_RULES);
  const weighting: Weighting = { sampleWeight: args.sampleWeight };
  return { batchSize: args.batchSize, steps: args.steps, weighting };
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
