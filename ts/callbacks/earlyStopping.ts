// Ends a run that does not get better.
import { FINITE, FLAG, wholeFrom } from '../core/options.js';
import type { TypedArray } from '../tensor/dtypes.js';
import { fromValues } from '../tensor/run.js';
import type { CallbackState, Logs } from './callback.js';
import { MonitorCallback, type MonitorArgs } from './monitor.js';

export interface EarlyStoppingArgs extends MonitorArgs {
  /** How many epochs may pass that are not better. Default: 0. */
  patience?: number;
  /** A value to be better than, besides the best one. */
  baseline?: number;
  /** Whether the model ends with the weights of its best epoch. Default: false. */
  restoreBestWeights?: boolean;
  /** The first epoch, counted from 0, that is watched. Default: 0. */
  startFromEpoch?: number;
}

/** Ends the run when the value has not become better for `patience` epochs. */
export class EarlyStopping extends MonitorCallback {
  private readonly patience: number;
  private readonly baseline: number | undefined;
  private readonly restoreBestWeights: boolean;
  private readonly startFromEpoch: number;
  private wait = 0;
  private bestEpoch = 0;
  private bestWeights: readonly TypedArray[] | undefined;
  /** The epoch that ended the run, counted from 0; 0 if none did. */
  stoppedEpoch = 0;

  constructor(args: EarlyStoppingArgs = {}) {
    super('EarlyStopping', args, {
      patience: wholeFrom(0),
      baseline: FINITE,
      restoreBestWeights: FLAG,
      startFromEpoch: wholeFrom(0),
    });
    this.patience = args.patience ?? 0;
    this.baseline = args.baseline;
    this.restoreBestWeights = args.restoreBestWeights ?? false;
    this.startFromEpoch = args.startFromEpoch ?? 0;
  }

  override onTrainBegin(): void {
    super.onTrainBegin();
    this.wait = this.stoppedEpoch = this.bestEpoch = 0;
    this.bestWeights = undefined;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const value = this.valueIn(logs);
    if (value === undefined || epoch < this.startFromEpoch) return;
    if (this.restoreBestWeights && this.bestWeights === undefined) this.remember(epoch);
    this.wait++;
    if (this.isBetter(value, this.best)) {
      this.best = value;
      this.remember(epoch);
      if (this.isBetter(value, this.baseline)) this.wait = 0;
    } else if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  private remember(epoch: number): void {
    this.bestEpoch = epoch;
    if (this.restoreBestWeights) this.bestWeights = this.model.getWeights().map((weight) => weight.dataSync());
  }

  override onTrainEnd(): void {
    if (this.stoppedEpoch > 0) this.print(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.bestWeights === undefined) return;
    this.print(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    const weights = this.model.getWeights();
    const values = this.bestWeights.map((values, i) => {
      const { shape, dtype } = weights[i]!;
      return fromValues('EarlyStopping', values, shape, dtype);
    });
    try {
      this.model.setWeights(values);
    } finally {
      values.forEach((tensor) => tensor.dispose());
      this.bestWeights = undefined;
    }
  }

  override getState(): CallbackState {
    const { wait, bestEpoch, bestWeights } = this;
    return { ...super.getState(), wait, bestEpoch, bestWeights };
  }

  override setState(state: CallbackState): void {
    super.setState(state);
    this.wait = state['wait'] as number;
    this.bestEpoch = state['bestEpoch'] as number;
    this.bestWeights = state['bestWeights'] as readonly TypedArray[] | undefined;
  }
}
