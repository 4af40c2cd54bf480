// The training loop: many batches a call into the core, pauses for other events, callbacks, metrics.
import type { Argument } from '../compile.js';
import {
  History,
  type CallbackFunctions,
  type Callback,
  type CallbackState,
  type Logs,
  type RunParams,
  type TrainedModel,
} from '../callbacks/callback.js';
import type { Variable } from '../tensor/variable.js';
import { nextFrame } from '../tensor/yield.js';
import { Checkpoint, type Progress, type RunParts } from './checkpoint.js';
import { evaluateFeed, namedMetrics, readMetrics, resetMetrics, runSlice, sortLogs } from './evaluate.js';
import type { Batches, Feed } from './feeds.js';
import type { Model } from './model.js';
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

/** The state of the metrics, by name. */
function metricState(compiled: Compiled): Map<string, Variable> {
  return new Map(
    namedMetrics(compiled).flatMap(([name, metric]) => {
      return metric.variables.map((variable, i): [string, Variable] => [`${name}/${i}`, variable]);
    }),
  );
}

/** A run of `fit`. */
export class Run {
  readonly history = new History();
  private readonly callbacks: CallbackFunctions[];
  private readonly params: RunParams;
  /** Whether a callback wants to hear of every batch. */
  private readonly perBatch: boolean;
  private readonly watch = new Watch('fit');
  private sliceEnd = 0;
  private progress: Progress;
  /** Batches of the epoch that are done. */
  private done = 0;
  /** What callbacks go on with, if this goes on with another run. */
  private states: CallbackState[] = [];

  constructor(
    private readonly model: Model & FitModel,
    private readonly programs: Programs,
    private readonly compiled: Compiled,
    private readonly plan: FitPlan,
  ) {
    const { feed, epochs, verbose } = plan;
    this.params = { epochs, steps: feed.steps, verbose };
    // The user's callbacks run before the record is written, as in Keras.
    this.callbacks = [...plan.callbacks, this.history];
    this.perBatch = plan.callbacks.some((callback) => callback.onBatchBegin ?? callback.onBatchEnd);
    this.progress = { epoch: plan.initialEpoch, batch: 0 };
    const checkpoint = new Checkpoint(() => this.parts());
    for (const callback of this.callbacks as Partial<Callback>[]) {
      callback.setModel?.(model);
      callback.setParams?.(this.params);
      callback.setRun?.(checkpoint);
    }
  }

  private parts(): RunParts {
    const { model, callbacks, progress, done } = this;
    const { feed } = this.plan;
    const metrics = metricState(this.compiled);
    const resume = (progress: Progress, states: CallbackState[]) => {
      this.progress = progress;
      this.states = states;
    };
    return { model, feed, callbacks, metrics, progress, done, resume };
  }

  /** Trains, and gives the logs of each epoch. Who stops asking ends the run. */
  async *epochs(): AsyncGenerator<Logs, void> {
    const { epochs, validation, feed, first } = this.plan;
    let [logs, failed]: [Logs, boolean] = [{}, false];
    this.model.stopTraining = false;
    this.model.history = this.history;
    this.startSlice();
    try {
      // Keras looks at a first batch to build what is not built, and so draws one order that no epoch uses.
      if (first) feed.discardOrder();
      await this.tell('onTrainBegin', {});
      this.states.forEach((state, i) => (this.callbacks[i] as Partial<Callback>).setState?.(state));
      for (let { epoch } = this.progress; epoch < epochs && !this.model.stopTraining; epoch++) {
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
        this.progress = { epoch: epoch + 1, batch: 0 };
        await this.settle();
        if (this.plan.yieldAfterEpoch) await this.pause(epoch, batches, logs);
        yield logs;
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      const { optimizer, weights } = this.compiled;
      optimizer.finalizeVariableValues(weights);
      if (!failed) await this.tell('onTrainEnd', logs);
    }
  }

  /** Gives the number of batches. */
  private async trainEpoch(epoch: number): Promise<number> {
    // A run that goes on in the middle of an epoch goes on with its metrics.
    let { batch } = this.progress;
    if (batch === 0) resetMetrics(this.compiled);
    for await (const batches of this.plan.feed.epoch(undefined, batch)) {
      const { rows: size, times } = batches;
      for (let done = 0; done < times;) {
        if (this.model.stopTraining) return batch;
        if (this.perBatch) await this.tell('onBatchBegin', batch, { batch, size });
        this.plan.signal?.throwIfAborted();
        const finished = this.trainSlice(epoch, batch - done, batches, done);
        done += finished;
        batch += finished;
        this.done = batch;
        if (this.watch.found) {
          this.watch.found = false;
          await this.tell('onNonFiniteLoss', batch - 1, readMetrics(this.compiled));
        }
        if (this.perBatch) {
          const logs = { batch: batch - 1, size, ...readMetrics(this.compiled) };
          await this.tell('onBatchEnd', batch - 1, logs);
          this.progress = { epoch, batch };
          await this.settle();
        }
        if (this.isOver()) await this.pause(epoch, batch, readMetrics(this.compiled));
      }
    }
    return batch;
  }

  private async settle(): Promise<void> {
    for (const callback of this.callbacks as Partial<Callback>[]) await callback.settled?.();
  }

  /** Trains batches until the slice of time is over; gives their number. `before` are the epoch's batches before these. */
  private trainSlice(
    epoch: number,
    before: number,
    { data, order, rows, first, times }: Batches,
    from: number,
  ): number {
    const all = parts(data).map((tensor): Argument => ({ tensor }));
    const { optimizer } = this.compiled;
    return runSlice(
      from,
      times,
      () => this.perBatch || this.watch.found || this.isOver(),
      (from, count) => {
        const program = this.programs.train(this.model, this.compiled, data, rows);
        const alike = optimizer.alike(count);
        const batch: Argument = { tensor: order, offset: first + from * rows, stride: rows };
        const when = (step: number) => ` at batch ${before + from + step + 1} of epoch ${epoch + 1}`;
        return this.watch.run(program, [batch, ...all, ...optimizer.rates(alike)], data, alike, when);
      },
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
