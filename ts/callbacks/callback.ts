// What a training run tells to whoever listens.
import { WasmgradError, describe } from '../core/errors.js';
import { checkOptions, checkValues, FUNCTION, wholeFrom, type Rule, type Rules } from '../core/options.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { chartsToSVG, printCharts, type PlotArgs, type SVGArgs } from '../plots/history.js';
import type { TypedArray } from '../tensor/dtypes.js';
import type { TensorLike } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';

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
  /** The loss of a batch is not finite, for the first time in this run; the batch is finished. */
  onNonFiniteLoss?(batch: number, logs?: Logs): void | Promise<void>;
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
  onNonFiniteLoss: FUNCTION,
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

/** When callbacks save: after each epoch, or after so many batches. */
export const SAVE_FREQ: Rule = {
  ok: (x) => x === 'epoch' || wholeFrom(1).ok(x),
  expected: "'epoch', or a whole number of batches",
};

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
  saveWeights(path: string): Promise<void>;
  /** Whether a metric of that name is better the higher or the lower it is, if that is known. */
  directionOf(metric: string): 'up' | 'down' | undefined;
}

/** A run as a checkpoint of it sees it. */
export interface RunControl {
  /** All that it goes on with, as the bytes of a file: weights, optimizer, random draws, epoch, callbacks. */
  toBytes(): Uint8Array;
  /**
   * Goes on where `toBytes` found another run. For `onTrainBegin`.
   * @throws if the bytes are of another model or data, or other callbacks; nothing is changed then
   */
  restore(place: string, bytes: Uint8Array): void;
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

  /** Gives a callback the run itself, to save it and to go on with one that was saved. */
  setRun?(run: RunControl): void;

  /** Called when all callbacks have heard of the end of an epoch, and of a batch if one wants to hear of batches. */
  settled?(): Promise<void>;

  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
  onNonFiniteLoss?(batch: number, logs?: Logs): void | Promise<void>;
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;

  /** What it goes on with in a run that is resumed: a checkpoint keeps it. */
  getState(): CallbackState {
    return {};
  }

  /** Goes on with what `getState` gave; called after `onTrainBegin`. */
  setState(_state: CallbackState): void {}
}

/** State as files hold it: JSON, and lists of typed arrays. */
export type CallbackState = Record<
  string,
  number | string | boolean | null | undefined | readonly number[] | readonly TypedArray[]
>;

/** The lists by metric of a record. */
const LISTS = ['history', 'measuredAt'] as const;

/** The record of a run: what `fit` gives. */
export class History extends Callback {
  /** Numbers of the epochs that were trained. */
  epoch: number[] = [];
  /** For each metric its value after each epoch. */
  history: Record<string, number[]> = {};
  /** For each metric the epochs after which it was measured: `validationFreq` leaves some out. */
  measuredAt: Record<string, number[]> = {};

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      (this.history[name] ??= []).push(value);
      (this.measuredAt[name] ??= []).push(epoch);
    }
    aliasAccuracies(this.history);
  }

  override getState(): CallbackState {
    const lists = LISTS.flatMap((of) => Object.entries(this[of]).map(([name, list]) => [`${of}.${name}`, list]));
    return { epoch: this.epoch, ...Object.fromEntries(lists) };
  }

  override setState({ epoch, ...lists }: CallbackState): void {
    this.epoch = [...(epoch as number[])];
    for (const [path, list] of Object.entries(lists)) {
      const of = LISTS.find((one) => path.startsWith(`${one}.`))!;
      this[of][path.slice(of.length + 1)] = [...(list as number[])];
    }
    aliasAccuracies(this.history);
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

/** Makes `acc` another, hidden name of `accuracy`, and `val_acc` of `val_accuracy`. */
export function aliasAccuracies<T>(record: Record<string, T>): void {
  for (const prefix of ['', 'val_']) {
    if (!(`${prefix}accuracy` in record) || `${prefix}acc` in record) continue;
    Object.defineProperty(record, `${prefix}acc`, {
      get: () => record[`${prefix}accuracy`],
      enumerable: false,
      configurable: true,
    });
  }
}
