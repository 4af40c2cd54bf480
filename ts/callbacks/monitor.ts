// Callbacks that watch one value.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, FROM_ZERO, oneOf, TEXT, type Rules } from '../core/options.js';
import { Callback, type CallbackState, type Logs } from './callback.js';

export interface MonitorArgs {
  /** The name that logs have for the value. Default: 'val_loss'. */
  monitor?: string;
  /** Whether less is better, or more. Default: 'auto', by the metric. */
  mode?: 'auto' | 'min' | 'max';
  /** By how much a value must be better to count as better. */
  minDelta?: number;
  /** Whether to print what is done. Default: 0. */
  verbose?: 0 | 1 | boolean;
}

export const MONITOR_RULES: Rules<MonitorArgs> = {
  monitor: TEXT,
  mode: oneOf('auto', 'min', 'max'),
  minDelta: FROM_ZERO,
  verbose: { ok: (x) => x === 0 || x === 1 || typeof x === 'boolean', expected: '0 or 1' },
};

export abstract class MonitorCallback extends Callback {
  readonly monitor: string;
  protected best: number | undefined;
  private readonly mode: 'auto' | 'min' | 'max';
  private readonly minDelta: number;
  private readonly verbose: boolean;

  /**
   * @param rules what the options of the subclass itself must be
   * @throws if an option is unknown, or breaks its rule
   */
  constructor(
    private readonly name: string,
    args: MonitorArgs,
    rules: Rules,
    minDelta = 0,
  ) {
    super();
    checkOptions<object>(name, args, { ...rules, ...MONITOR_RULES });
    this.monitor = args.monitor ?? 'val_loss';
    this.mode = args.mode ?? 'auto';
    this.minDelta = args.minDelta ?? minDelta;
    this.verbose = Boolean(args.verbose);
  }

  override onTrainBegin(): void {
    this.best = undefined;
  }

  /** The value that is watched; a warning, and undefined, if the logs do not have it. */
  protected valueIn(logs: Logs): number | undefined {
    const value = logs[this.monitor];
    if (value === undefined) {
      console.warn(
        `${this.name}: there is no "${this.monitor}" to watch; the logs have ${Object.keys(logs).join(', ')}`,
      );
    }
    return value;
  }

  /** Whether a value is better than another one, by more than `minDelta`. Anything is better than nothing. */
  protected isBetter(value: number, than: number | undefined): boolean {
    if (than === undefined) return true;
    return this.isMore() ? value - this.minDelta > than : value + this.minDelta < than;
  }

  private isMore(): boolean {
    if (this.mode !== 'auto') return this.mode === 'max';
    const metric = this.monitor.replace(/^val_/, '');
    const direction = metric === 'loss' ? 'down' : this.model.directionOf(metric);
    if (direction === undefined) {
      throw new WasmgradError(
        `${this.name}: it is not known whether "${this.monitor}" is better the lower or the higher it is; give mode: 'min' or 'max'`,
      );
    }
    return direction === 'up';
  }

  protected print(text: string): void {
    if (this.verbose) console.log(text);
  }

  override getState(): CallbackState {
    return { best: this.best };
  }

  override setState({ best }: CallbackState): void {
    this.best = best as number | undefined;
  }
}
