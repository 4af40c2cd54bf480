// What a training run tells to whoever listens.
import { WasmgradError, describe } from './core/errors.js';
import { checkOptions, checkValues, FUNCTION, type Rules } from './core/options.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { chartsToSVG, printCharts, type PlotArgs, type SVGArgs } from './plots/history.js';
import type { TensorLike } from './tensor/run.js';
import type { Tensor } from './tensor/tensor.js';

/** Metrics by name; `acc` is another name of `accuracy`, as tfjs programs read it. */
export type Logs = Record<string, number>;

/** What a run is about, known when it begins. */
export interface RunParams {
  epochs: number;
  /** Batches of an epoch; of a stream that is known after the first one. */
  steps: number | undefined;
  verbose: number;
}

/** Functions that are called along a run; each may be async, and the run waits for it. */
export interface CallbackFunctions {
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  /** `logs` hold the epoch's metrics, those of the validation data with `val_` in front. */
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  /** `logs` hold the metrics so far in this epoch. */
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
  /** Called whenever the run lets other events of the page or process be handled. */
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;
}

/** Every hook. */
const HOOKS: Rules<CallbackFunctions> = {
  onTrainBegin: FUNCTION,
  onTrainEnd: FUNCTION,
  onEpochBegin: FUNCTION,
  onEpochEnd: FUNCTION,
  onBatchBegin: FUNCTION,
  onBatchEnd: FUNCTION,
  onYield: FUNCTION,
};

/** @throws if it is no callback: not an object, a hook that is no function, or (in a plain object) an unknown hook. */
export function checkHooks(callback: Callback | CallbackFunctions): void {
  if (typeof callback !== 'object' || callback === null) {
    throw new WasmgradError(
      `fit: expected a callback, such as { onEpochEnd(epoch, logs) { ... } }, got ${describe(callback)}`,
    );
  }
  const isPlain = Object.getPrototypeOf(callback) === Object.prototype;
  (isPlain ? checkOptions : checkValues)<CallbackFunctions>('fit: callbacks', callback, HOOKS);
}

/** The model as callbacks see it. */
export interface TrainedModel {
  /** Set it to true to end the run after the batch. */
  stopTraining: boolean;
  /** The record of the run. */
  history: History | undefined;
  /** Its `learningRate` may be set at any time. */
  readonly optimizer: Optimizer;
  predict(x: TensorLike): Tensor;
  getWeights(): Tensor[];
  setWeights(values: readonly TensorLike[]): void;
  save(path: string): Promise<void>;
}

/** A callback as an object with state: `class extends Callback`. */
export class Callback implements CallbackFunctions {
  protected model!: TrainedModel;
  protected params!: RunParams;

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  setParams(params: RunParams): void {
    this.params = params;
  }

  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;
}

/** The record of a run: what `fit` gives. */
export class History extends Callback {
  /** Numbers of the epochs that were trained. */
  epoch: number[] = [];
  /** For each metric its value after each epoch. */
  history: Record<string, number[]> = {};

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
    if ('accuracy' in this.history && !('acc' in this.history)) aliasAcc(this.history);
    if ('val_accuracy' in this.history && !('val_acc' in this.history)) aliasAcc(this.history, 'val_');
  }

  /** Prints curves of the loss and of each metric: training as a line, validation as points. */
  plot(args?: PlotArgs): void {
    printCharts(this, args);
  }

  /** The text of an SVG file with the same curves: training as a line, validation dashed. */
  toSVG(args?: SVGArgs): string {
    return chartsToSVG(this, args);
  }

  override setParams(params: RunParams): void {
    super.setParams(params);
    Object.defineProperty(this, 'params', { value: params, enumerable: true, writable: true });
  }
}

/** Makes `acc` another, hidden name of `accuracy`. */
export function aliasAcc<T>(record: Record<string, T>, prefix = ''): void {
  Object.defineProperty(record, `${prefix}acc`, {
    get: () => record[`${prefix}accuracy`],
    enumerable: false,
    configurable: true,
  });
}
