// Saves the model along a run.
import { WasmgradError } from '../core/errors.js';
import { checkValue, FINITE, FLAG, required, TEXT } from '../core/options.js';
import { makeFolderOf } from '../io/files.js';
import { SAVE_FREQ, type CallbackState, type Logs } from './callback.js';
import { MonitorCallback, type MonitorArgs } from './monitor.js';

export interface ModelCheckpointArgs extends Omit<MonitorArgs, 'minDelta'> {
  /** Whether to save only when the value is better than it ever was. Default: false. */
  saveBestOnly?: boolean;
  /** Whether to save weights without the rest, by `saveWeights`. Default: false. */
  saveWeightsOnly?: boolean;
  /** When to save: after each 'epoch', or after so many batches. Default: 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** What the value must be better than at first. */
  initialValueThreshold?: number;
}

/** Saves the model after epochs or batches, to a path in which `{epoch}` and the names of logs stand for their values. */
export class ModelCheckpoint extends MonitorCallback {
  private readonly args: ModelCheckpointArgs;
  private epoch = 0;
  private unsaved = 0;

  /** @param path such as `models/{epoch:02d}-{val_loss:.2f}.safetensors`; epochs and batches are counted from 1 */
  constructor(
    private readonly path: string,
    args: ModelCheckpointArgs = {},
  ) {
    super('ModelCheckpoint', args, {
      saveBestOnly: FLAG,
      saveWeightsOnly: FLAG,
      saveFreq: SAVE_FREQ,
      initialValueThreshold: FINITE,
    });
    checkValue('ModelCheckpoint', 'the path', path, required(TEXT));
    this.args = args;
    const { saveFreq = 'epoch' } = args;
    // A hook for batches costs each batch a call.
    if (saveFreq !== 'epoch') {
      this.onBatchEnd = async (batch, logs = {}) => {
        if (++this.unsaved < saveFreq) return;
        this.unsaved = 0;
        await this.save({ ...logs, batch: batch + 1 });
      };
    }
  }

  override onTrainBegin(): void {
    this.best = this.args.initialValueThreshold;
    this.unsaved = 0;
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onEpochEnd(_epoch: number, logs: Logs = {}): Promise<void> {
    if ((this.args.saveFreq ?? 'epoch') === 'epoch') await this.save(logs);
  }

  private async save(logs: Logs): Promise<void> {
    const path = formatPath(this.path, { ...logs, epoch: this.epoch + 1 });
    const place = `\nEpoch ${this.epoch + 1}:`;
    if (this.args.saveBestOnly) {
      const value = this.valueIn(logs);
      if (value !== undefined) {
        if (!this.isBetter(value, this.best)) {
          return this.print(`${place} ${this.monitor} did not improve from ${this.best!.toFixed(5)}`);
        }
        const before = this.best?.toFixed(5) ?? 'None';
        this.print(`${place} ${this.monitor} improved from ${before} to ${value.toFixed(5)}, saving model to ${path}`);
        this.best = value;
      }
    } else this.print(`${place} saving model to ${path}`);
    await makeFolderOf('ModelCheckpoint', path);
    if (this.args.saveWeightsOnly) await this.model.saveWeights(path);
    else await this.model.save(path);
  }

  override getState(): CallbackState {
    return { ...super.getState(), unsaved: this.unsaved };
  }

  override setState(state: CallbackState): void {
    super.setState(state);
    this.unsaved = state['unsaved'] as number;
  }
}

/** `{name}` by its value, as Python writes it: `{epoch:02d}` with leading zeros, `{val_loss:.2f}` with so many digits. */
function formatPath(path: string, values: Record<string, number>): string {
  return path.replace(/\{(\w+)(?::(?:0?(\d+)d|\.(\d+)f))?\}/g, (_, name: string, width?: string, digits?: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new WasmgradError(
        `ModelCheckpoint: "${path}" asks for {${name}}, which the logs do not have; they have ${Object.keys(values).join(', ')}`,
      );
    }
    if (digits !== undefined) return value.toFixed(Number(digits));
    return String(value).padStart(Number(width ?? 0), '0');
  });
}
