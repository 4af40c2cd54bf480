// The training loop: many batches a call into the core, pauses for other events, callbacks, metrics.
import type { Argument } from '../compile.js';
import {
  History,
  type CallbackFunctions,
  type Callback,
  type Logs,
  type RunParams,
  type TrainedModel,
} from '../callbacks.js';
import { nextFrame } from '../tensor/yield.js';
import { evaluateFeed, readMetrics, resetMetrics, runSlice, sortLogs } from './evaluate.js';
import type { Batches, Feed } from './feeds.js';
import { parts, type Compiled, type Programs, type Trainable } from './programs.js';
import { Watch } from './watch.js';

export interface FitPlan {
  feed: Feed;
  validation: Feed | undefined;
  /** Whether an epoch, numbered from 0, is followed by a validation. */
  validates: (epoch: number) => boolean;
  epochs: number;
  initialEpoch: number;
  /** Whether no data were seen since `compile`. */
  first: boolean;
  verbose: number;
  callbacks: readonly (CallbackFunctions | Callback)[];
  /** Milliseconds of training between two pauses for other events. */
  slice: number;
  /** Whether to pause after each epoch. */
  yieldAfterEpoch: boolean;
  /** Ends the run when it is aborted. */
  signal: AbortSignal | undefined;
}

/** A model as the loop sees it. */
export interface FitModel extends Trainable, TrainedModel {}

/** A run of `fit`. */
export class Run {
  readonly history = new History();
  private readonly callbacks: CallbackFunctions[];
  private readonly params: RunParams;
  /** Whether a callback wants to hear of every batch. */
  private readonly perBatch: boolean;
  private readonly watch = new Watch('fit');
  private sliceEnd = 0;

  constructor(
    private readonly model: FitModel,
    private readonly programs: Programs,
    private readonly compiled: Compiled,
    private readonly plan: FitPlan,
  ) {
    const { feed, epochs, verbose } = plan;
    this.params = { epochs, steps: feed.steps, verbose };
    // The user's callbacks run before the record is written, as in Keras.
    this.callbacks = [...plan.callbacks, this.history];
    this.perBatch = plan.callbacks.some((callback) => callback.onBatchBegin ?? callback.onBatchEnd);
    for (const callback of this.callbacks as Partial<Callback>[]) {
      callback.setModel?.(model);
      callback.setParams?.(this.params);
    }
  }

  /** Trains, and gives the logs of each epoch. Who stops asking ends the run. */
  async *epochs(): AsyncGenerator<Logs, void> {
    const { epochs, initialEpoch, validation, feed, first, signal } = this.plan;
    let [logs, failed]: [Logs, boolean] = [{}, false];
    this.model.stopTraining = false;
    this.model.history = this.history;
    this.startSlice();
    try {
      await this.tell('onTrainBegin', {});
      // Keras looks at a first batch to build what is not built, and so draws one order that no epoch uses.
      if (first) feed.discardOrder();
      for (let epoch = initialEpoch; epoch < epochs && !this.model.stopTraining; epoch++) {
        await this.tell('onEpochBegin', epoch, {});
        const batches = await this.trainEpoch(epoch);
        this.params.steps ??= batches;
        logs = readMetrics(this.compiled);
        if (validation !== undefined && this.plan.validates(epoch)) {
          const pause = () => this.pause(epoch, batches, logs);
          const measured = await evaluateFeed(this.model, this.programs, this.compiled, validation, this.isOver, pause);
          for (const [name, value] of Object.entries(measured)) logs[`val_${name}`] = value;
          logs = sortLogs(logs);
        }
        await this.tell('onEpochEnd', epoch, logs);
        if (this.plan.yieldAfterEpoch) await this.pause(epoch, batches, logs);
        yield logs;
      }
    } catch (error) {
      // A run that is aborted ends as one that is stopped.
      failed = !signal?.aborted;
      throw error;
    } finally {
      if (!failed) await this.tell('onTrainEnd', logs);
    }
  }

  /** Gives the number of batches. */
  private async trainEpoch(epoch: number): Promise<number> {
    resetMetrics(this.compiled);
    let batch = 0;
    for await (const batches of this.plan.feed.epoch()) {
      const { rows: size, times } = batches;
      for (let done = 0; done < times;) {
        if (this.model.stopTraining) return batch;
        if (this.perBatch) await this.tell('onBatchBegin', batch, { batch, size });
        this.plan.signal?.throwIfAborted();
        const finished = this.trainSlice(epoch, batch - done, batches, done);
        done += finished;
        batch += finished;
        if (this.perBatch) {
          const logs = { batch: batch - 1, size, ...readMetrics(this.compiled) };
          await this.tell('onBatchEnd', batch - 1, logs);
        }
        if (this.isOver()) await this.pause(epoch, batch, readMetrics(this.compiled));
      }
    }
    return batch;
  }

  /** Trains batches until the slice of time is over; gives their number. `before` are the epoch's batches before these. */
  private trainSlice(
    epoch: number,
    before: number,
    { data, order, rows, first, times }: Batches,
    from: number,
  ): number {
    const program = this.programs.train(this.model, this.compiled, data, rows);
    const all = parts(data).map((tensor): Argument => ({ tensor }));
    const args: Argument[] = [{ tensor: order, offset: first, stride: rows }, ...all];
    const when = (step: number) => ` at batch ${before + step + 1} of epoch ${epoch + 1}`;
    return runSlice(
      from,
      times,
      () => this.perBatch || this.isOver(),
      (from, count) => this.watch.run(program, args, data, from, count, when),
    );
  }

  private startSlice(): void {
    this.sliceEnd = performance.now() + this.plan.slice;
  }

  private readonly isOver = () => performance.now() >= this.sliceEnd;

  private async pause(epoch: number, batch: number, logs: Logs): Promise<void> {
    await this.tell('onYield', epoch, batch, logs);
    await nextFrame();
    this.plan.signal?.throwIfAborted();
    this.startSlice();
  }

  /** Calls a hook of all callbacks, one after another. */
  private async tell<Hook extends keyof CallbackFunctions>(
    hook: Hook,
    ...args: Parameters<NonNullable<CallbackFunctions[Hook]>>
  ): Promise<void> {
    for (const callback of this.callbacks) {
      await (callback[hook] as ((...args: unknown[]) => void | Promise<void>) | undefined)?.(...args);
    }
  }
}
