// Callbacks that set the learning rate.
import { WasmgradError, describe } from '../core/errors.js';
import { checkOptions, checkValue, FRACTION, FROM_ZERO, FUNCTION, required, wholeFrom } from '../core/options.js';
import { Callback, type CallbackState, type Logs } from './callback.js';
import { MONITOR_RULES, MonitorCallback, type MonitorArgs } from './monitor.js';

export interface ReduceLROnPlateauArgs extends MonitorArgs {
  /** What the rate is multiplied by, below 1. Default: 0.1. */
  factor?: number;
  /** How many epochs may pass that are not better. Default: 10. */
  patience?: number;
  /** How many epochs after a change do not count. Default: 0. */
  cooldown?: number;
  /** The rate does not fall below it. Default: 0. */
  minLr?: number;
}

/** Lowers the learning rate when the value has not become better for `patience` epochs. `minDelta` is 1e-4 by default. */
export class ReduceLROnPlateau extends MonitorCallback {
  private readonly factor: number;
  private readonly patience: number;
  private readonly cooldown: number;
  private readonly minLr: number;
  private wait = 0;
  private cooling = 0;

  constructor(args: ReduceLROnPlateauArgs = {}) {
    const rules = { factor: FRACTION, patience: wholeFrom(0), cooldown: wholeFrom(0), minLr: FROM_ZERO };
    super('ReduceLROnPlateau', args, rules, 1e-4);
    this.factor = args.factor ?? 0.1;
    this.patience = args.patience ?? 10;
    this.cooldown = args.cooldown ?? 0;
    this.minLr = args.minLr ?? 0;
  }

  override onTrainBegin(): void {
    super.onTrainBegin();
    this.wait = this.cooling = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const value = this.valueIn(logs);
    logs['learning_rate'] = this.model.optimizer.learningRate;
    if (value === undefined) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.wait = 0;
    }
    if (this.isBetter(value, this.best)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooling === 0 && ++this.wait >= this.patience) this.reduce(epoch);
  }

  private reduce(epoch: number): void {
    const { optimizer } = this.model;
    const rate = optimizer.learningRate;
    if (rate <= Math.fround(this.minLr)) return;
    optimizer.learningRate = Math.max(rate * this.factor, this.minLr);
    this.print(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${optimizer.learningRate}.`);
    this.cooling = this.cooldown;
    this.wait = 0;
  }

  override getState(): CallbackState {
    return { ...super.getState(), wait: this.wait, cooling: this.cooling };
  }

  override setState(state: CallbackState): void {
    super.setState(state);
    this.wait = state['wait'] as number;
    this.cooling = state['cooling'] as number;
  }
}

/** Sets the learning rate at the beginning of each epoch, counted from 0, to what a function of it and of the rate gives. */
export class LearningRateScheduler extends Callback {
  private readonly verbose: boolean;

  constructor(
    private readonly schedule: (epoch: number, learningRate: number) => number,
    args: Pick<MonitorArgs, 'verbose'> = {},
  ) {
    super();
    checkValue('LearningRateScheduler', 'the schedule', schedule, required(FUNCTION));
    checkOptions('LearningRateScheduler', args, { verbose: MONITOR_RULES.verbose });
    this.verbose = Boolean(args.verbose);
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model;
    const rate: unknown = this.schedule(epoch, optimizer.learningRate);
    if (typeof rate !== 'number') {
      throw new WasmgradError(`LearningRateScheduler: the schedule must give a number, it gave ${describe(rate)}`);
    }
    optimizer.learningRate = rate;
    if (this.verbose) console.log(`\nEpoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`);
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void {
    logs['learning_rate'] = this.model.optimizer.learningRate;
  }
}
