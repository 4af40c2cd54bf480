// Curves of a run for TensorBoard: `tensorboard --logdir logs`.
import { checkOptions, TEXT, wholeFrom, type Rule } from '../core/options.js';
import { header, histogram, scalar } from '../io/eventFiles.js';
import { makeFolderOf, writeContent } from '../io/files.js';
import type { Variable } from '../tensor/variable.js';
import { Callback, type CallbackState, type Logs } from './callback.js';

export interface TensorBoardArgs {
  /** The folder; `train` and `validation` stand in it. Default: 'logs'. */
  logDir?: string;
  /** Whether to write after epochs alone, after each batch too, or after so many batches. Default: 'epoch'. */
  updateFreq?: 'epoch' | 'batch' | number;
  /** After how many epochs the weights are written as histograms; 0 for never. Default: 0. */
  histogramFreq?: number;
}

const FREQUENCY: Rule = {
  ok: (x) => x === 'epoch' || x === 'batch' || wholeFrom(1).ok(x),
  expected: "'epoch' or 'batch', or a whole number of batches from 1 on",
};

/** So many events wait at most before they are written. */
const MOST_WAITING = 100;

/** The event file of one kind of data. */
class EventFile {
  private readonly path: string;
  private waiting: number[][] = [];

  constructor(folder: string) {
    // The time in the name is what TensorBoard sorts files by.
    this.path = `${folder}/events.out.tfevents.${Math.floor(now())}.${crypto.randomUUID()}.v2`;
    this.waiting.push(header(now()));
  }

  scalars(step: number, logs: Logs, tag: (name: string) => string): void {
    for (const [name, value] of Object.entries(logs)) {
      // A metric of several thresholds or classes gives a list.
      if (typeof value === 'number') this.waiting.push(scalar(now(), step, tag(name), value));
    }
  }

  /** Of weights that are not finite there is no histogram. */
  histogram(step: number, tag: string, values: ArrayLike<number>): void {
    if (Array.prototype.every.call(values, Number.isFinite)) this.waiting.push(histogram(now(), step, tag, values));
  }

  async flush(least = 1): Promise<void> {
    const events = this.waiting;
    if (events.length < least) return;
    this.waiting = [];
    await makeFolderOf('TensorBoard', this.path);
    await writeContent('TensorBoard', this.path, Uint8Array.from(events.flat()), 'a');
  }
}

const now = () => Date.now() / 1000;

/**
 * Writes event files as Keras does: `epoch_loss` and so on of each epoch, by `updateFreq` also `batch_loss` and so on, for
 * training into `train`, for validation into `validation`. In Node, Deno and Bun.
 */
export class TensorBoard extends Callback {
  private readonly logDir: string;
  private readonly histogramFreq: number;
  private train: EventFile | undefined;
  private validation: EventFile | undefined;
  /** Batches of this run. */
  private batches = 0;

  constructor(args: TensorBoardArgs = {}) {
    super();
    checkOptions('TensorBoard', args, { logDir: TEXT, updateFreq: FREQUENCY, histogramFreq: wholeFrom(0) });
    const { logDir = 'logs', updateFreq = 'epoch', histogramFreq = 0 } = args;
    this.logDir = logDir;
    this.histogramFreq = histogramFreq;
    // A hook for batches costs each batch a call.
    if (updateFreq === 'epoch') return;
    const every = updateFreq === 'batch' ? 1 : updateFreq;
    this.onBatchEnd = async (_batch, logs = {}) => {
      if (++this.batches % every !== 0) return;
      const metrics = Object.fromEntries(Object.entries(logs).filter(([name]) => name !== 'batch' && name !== 'size'));
      this.train!.scalars(this.batches, metrics, (name) => `batch_${name}`);
      await this.train!.flush(MOST_WAITING);
    };
  }

  override onTrainBegin(): void {
    this.batches = 0;
    this.train = new EventFile(`${this.logDir}/train`);
    this.validation = undefined;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const { iterations, learningRate } = this.model.optimizer;
    const measured = Object.entries(logs);
    const ofTraining = measured.filter(([name]) => !name.startsWith('val_'));
    const ofValidation = measured.filter(([name]) => name.startsWith('val_'));
    const train = this.train!;
    train.scalars(epoch, { ...Object.fromEntries(ofTraining), learning_rate: learningRate }, (name) => `epoch_${name}`);
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) {
      for (const weight of this.model.getWeights() as Variable[])
        train.histogram(epoch, `${weight.name}/histogram`, weight.dataSync());
    }
    await train.flush();
    if (ofValidation.length === 0) return;
    this.validation ??= new EventFile(`${this.logDir}/validation`);
    const logged = Object.fromEntries(ofValidation.map(([name, value]) => [name.slice('val_'.length), value]));
    this.validation.scalars(iterations, logged, (name) => `evaluation_${name}_vs_iterations`);
    this.validation.scalars(epoch, logged, (name) => `epoch_${name}`);
    await this.validation.flush();
  }

  override async onTrainEnd(): Promise<void> {
    await this.train!.flush();
  }

  override getState(): CallbackState {
    return { batches: this.batches };
  }

  override setState({ batches }: CallbackState): void {
    this.batches = batches as number;
  }
}
