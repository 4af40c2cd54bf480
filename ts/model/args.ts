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
import type { Samples } from './data.js';
import { defaultVerbosity } from './progress.js';

export interface CompileArgs {
  /** A name or an optimizer. Default: 'rmsprop'. */
  optimizer?: OptimizerIdentifier;
  /** A name, a loss, or a function (yTrue, yPred) => values for each sample. */
  loss: LossIdentifier;
  metrics?: MetricIdentifier | readonly MetricIdentifier[];
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
  validationData?: readonly [Samples, Samples];
  /** Default: as `batchSize`. */
  validationBatchSize?: number;
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
}

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

export const COMPILE_RULES: Rules<CompileArgs> = { optimizer: ANY, loss: ANY, metrics: ANY };
const BATCH_RULES: Rules<EvaluateArgs | PredictArgs> = { batchSize: wholeFrom(1), verbose: VERBOSITY };
const FIT_RULES: Rules<FitArgs> = {
  ...BATCH_RULES,
  epochs: wholeFrom(0),
  initialEpoch: wholeFrom(0),
  callbacks: ANY,
  validationSplit: FRACTION,
  validationData: {
    ok: (x) => Array.isArray(x) && x.length === 2,
    expected: '[xValidation, yValidation], two tensors or arrays',
  },
  validationBatchSize: wholeFrom(1),
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
    shuffle: args.shuffle ?? true,
    verbose: Number(verbose),
    callbacks,
    slice: typeof yieldEvery === 'number' ? yieldEvery : SLICES[yieldEvery],
    yieldAfterEpoch: yieldEvery === 'epoch',
  };
}

/** The batch size of `evaluate` or `predict`. @throws on an option that is unknown or makes no sense. */
export function readBatchSize(place: string, args: EvaluateArgs | PredictArgs): number {
  checkOptions(place, args, BATCH_RULES);
  return args.batchSize ?? BATCH;
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
