// What models are compiled, trained, evaluated and asked with.
import type { Callback, CallbackFunctions } from '../callbacks.js';
import { checkHooks } from '../callbacks.js';
import { checkOptions, WasmgradError, describe } from '../core/errors.js';
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

export interface FitArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  /** The number of the epoch to stop before. Default: 1. */
  epochs?: number;
  /** The number of the epoch to begin with. Default: 0. */
  initialEpoch?: number;
  /** 0 silent, 1 a progress bar, 2 a line an epoch. Default: 1 in terminal programs, 0 in pages. */
  verbose?: 0 | 1 | 2;
  callbacks?: Callback | CallbackFunctions | readonly (Callback | CallbackFunctions)[];
  /** The fraction of the samples, the last ones, to validate with instead of training. */
  validationSplit?: number;
  validationData?: readonly [Samples, Samples];
  /** Default: as `batchSize`. */
  validationBatchSize?: number;
  /** Whether to draw a new order of the samples for each epoch. Default: true. */
  shuffle?: boolean;
}

export interface EvaluateArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: 0 | 1 | 2;
}

export interface PredictArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: 0 | 1 | 2;
}

const BATCH = 32;
const FIT_OPTIONS: readonly (keyof FitArgs)[] = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'verbose',
  'callbacks',
  'validationSplit',
  'validationData',
  'validationBatchSize',
  'shuffle',
];

/** `fit`'s options with their defaults. @throws on one that is unknown or makes no sense. */
export function readFitArgs(args: FitArgs) {
  checkOptions('fit', args, FIT_OPTIONS);
  const batchSize = wholeNumber('fit', 'batchSize', args.batchSize ?? BATCH, 1);
  const callbacks = [args.callbacks ?? []].flat() as (Callback | CallbackFunctions)[];
  for (const callback of callbacks) checkHooks(callback);
  const { validationData, validationSplit = 0 } = args;
  if (validationData !== undefined && !(Array.isArray(validationData) && validationData.length === 2)) {
    throw new WasmgradError('fit: validationData must be [xValidation, yValidation], two tensors or arrays');
  }
  return {
    batchSize,
    epochs: wholeNumber('fit', 'epochs', args.epochs ?? 1, 0),
    initialEpoch: wholeNumber('fit', 'initialEpoch', args.initialEpoch ?? 0, 0),
    validationBatchSize: wholeNumber('fit', 'validationBatchSize', args.validationBatchSize ?? batchSize, 1),
    validationData,
    validationSplit,
    shuffle: args.shuffle ?? true,
    verbose: verbosity('fit', args.verbose),
    callbacks,
  };
}

/** The batch size of `evaluate` or `predict`. @throws on an option that is unknown or makes no sense. */
export function readBatchSize(place: string, args: EvaluateArgs | PredictArgs): number {
  checkOptions(place, args, ['batchSize', 'verbose']);
  verbosity(place, args.verbose);
  return wholeNumber(place, 'batchSize', args.batchSize ?? BATCH, 1);
}

/** The metrics as a list. */
export function metricList({ metrics = [] }: CompileArgs): MetricIdentifier[] {
  return [metrics].flat() as MetricIdentifier[];
}

function wholeNumber(place: string, option: string, x: number, least: number): number {
  if (!Number.isInteger(x) || x < least) {
    throw new WasmgradError(`${place}: ${option} must be a whole number from ${least} on, got ${describe(x)}`);
  }
  return x;
}

function verbosity(place: string, verbose: number = defaultVerbosity()): number {
  if (![0, 1, 2].includes(verbose)) {
    throw new WasmgradError(
      `${place}: verbose must be 0 (silent), 1 (a progress bar) or 2 (a line an epoch), got ${describe(verbose)}`,
    );
  }
  return verbose;
}
