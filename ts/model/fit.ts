// The training loop: many batches a call into the core, pauses for other events, callbacks, metrics.
import type { Argument } from '../compile.js';
import { check, seam } from '../core/core.js';
import { History, type CallbackFunctions, type Callback, type Logs, type TrainedModel } from '../callbacks.js';
import type { Tensor } from '../tensor/tensor.js';
import { nextFrame } from '../tensor/yield.js';
import type { Data } from './data.js';
import { batchesOf, evaluating, readMetrics, resetMetrics } from './evaluate.js';
import { parts, type Compiled, type Programs, type Trainable } from './programs.js';
import { Watch } from './watch.js';

export interface FitPlan {
  data: Data;
  /** The numbers of the samples, int32, which each epoch shuffles. */
  rows: Tensor;
  validation: Data | undefined;
  batchSize: number;
  validationBatchSize: number;
  epochs: number;
  initialEpoch: number;
  shuffle: boolean;
  /** Whether no data were seen since `compile`. */
  first: boolean;
  verbose: number;
  callbacks: readonly (CallbackFunctions | Callback)[];
  /** Milliseconds of training between two pauses for other events. */
  slice: number;
  /** Whether to pause after each epoch. */
  yieldAfterEpoch: boolean;
}

/** A model as the loop sees it. */
export interface FitModel extends Trainable, TrainedModel {}

export async function fitLoop(
  model: FitModel,
  programs: Programs,
  compiled: Compiled,
  plan: FitPlan,
): Promise<History> {
  return new Run(model, programs, compiled, plan).run();
}

class Run {
  private readonly history = new History();
  private readonly callbacks: CallbackFunctions[];
  private readonly steps: number;
  /** Callbacks that want to hear of every batch. */
  private readonly perBatch: boolean;
  private readonly watch = new Watch('fit');
  private sliceEnd = 0;

  constructor(
    private readonly model: FitModel,
    private readonly programs: Programs,
    private readonly compiled: Compiled,
    private readonly plan: FitPlan,
  ) {
    const { data, batchSize, epochs, verbose } = plan;
    this.steps = Math.ceil(data.size / batchSize);
    // The user's callbacks run before the record is written, as in Keras.
    this.callbacks = [...plan.callbacks, this.history];
    this.perBatch = plan.callbacks.some((callback) => callback.onBatchBegin ?? callback.onBatchEnd);
    for (const callback of this.callbacks as Partial<Callback>[]) {
      callback.setModel?.(model);
      callback.setParams?.({ epochs, steps: this.steps, verbose });
    }
  }

  async run(): Promise<History> {
    const { epochs, initialEpoch, validation } = this.plan;
    this.model.stopTraining = false;
    this.model.history = this.history;
    this.sliceEnd = performance.now() + this.plan.slice;
    await this.tell('onTrainBegin', {});
    // Keras looks at a first batch to build what is not built, and so draws one order that no epoch uses.
    if (this.plan.shuffle && this.plan.first) check(seam.random_permutation(this.plan.rows.handle));
    let logs: Logs = {};
    for (let epoch = initialEpoch; epoch < epochs && !this.model.stopTraining; epoch++) {
      await this.tell('onEpochBegin', epoch, {});
      await this.trainEpoch(epoch);
      logs = readMetrics(this.compiled);
      if (validation !== undefined) {
        const measured = await this.validate(epoch, logs, validation);
        for (const [name, value] of Object.entries(measured)) logs[`val_${name}`] = value;
      }
      await this.tell('onEpochEnd', epoch, logs);
      if (this.plan.yieldAfterEpoch) await this.pause(epoch, this.steps, logs);
    }
    await this.tell('onTrainEnd', logs);
    return this.history;
  }

  private async validate(epoch: number, logs: Logs, data: Data): Promise<Logs> {
    const { model, programs, compiled, plan } = this;
    const isOver = () => performance.now() >= this.sliceEnd;
    const slices = evaluating(model, programs, compiled, data, plan.validationBatchSize, isOver);
    for (;;) {
      const { done, value } = slices.next();
      if (done) return value;
      await this.pause(epoch, this.steps, logs);
    }
  }

  private async trainEpoch(epoch: number): Promise<void> {
    const { data, batchSize, shuffle } = this.plan;
    resetMetrics(this.compiled);
    if (shuffle) check(seam.random_permutation(this.plan.rows.handle));
    let batch = 0;
    for (const { rows, first, times } of batchesOf(data.size, batchSize)) {
      for (let done = 0; done < times;) {
        if (this.model.stopTraining) return;
        if (this.perBatch) await this.tell('onBatchBegin', batch, { batch, size: rows });
        const finished = this.trainSlice(epoch, rows, first, done, times);
        done += finished;
        batch += finished;
        if (this.perBatch)
          await this.tell('onBatchEnd', batch - 1, { batch: batch - 1, size: rows, ...readMetrics(this.compiled) });
        if (performance.now() >= this.sliceEnd) await this.pause(epoch, batch, readMetrics(this.compiled));
      }
    }
  }

  /** Trains batches until the slice of time is over; gives their number. */
  private trainSlice(epoch: number, rows: number, first: number, from: number, times: number): number {
    const { data } = this.plan;
    const program = this.programs.train(this.model, this.compiled, data, rows);
    const all = parts(data).map((tensor): Argument => ({ tensor }));
    const args: Argument[] = [{ tensor: this.plan.rows, offset: first, stride: rows }, ...all];
    // One batch at first, then twice as many at a time while the slice lasts.
    let [done, count] = [0, 1];
    while (from + done < times) {
      count = Math.min(count, times - from - done);
      done += this.watch.run(program, args, data, from + done, count, (step) => {
        return ` at batch ${Math.floor(first / rows) + step + 1} of epoch ${epoch + 1}`;
      });
      if (this.perBatch || performance.now() >= this.sliceEnd) break;
      count *= 2;
    }
    return done;
  }

  private async pause(epoch: number, batch: number, logs: Logs): Promise<void> {
    await this.tell('onYield', epoch, batch, logs);
    await nextFrame();
    this.sliceEnd = performance.now() + this.plan.slice;
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
