// The training loop: many batches a call into the core, pauses for other events, callbacks, metrics.
import type { Argument } from '../compile.js';
import { check, seam } from '../core/core.js';
import { WasmgradError } from '../core/errors.js';
import { History, type CallbackFunctions, type Callback, type Logs, type TrainedModel } from '../callbacks.js';
import { ops } from '../ops.gen.js';
import { create, viewOf } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { nextFrame } from '../tensor/yield.js';
import type { Data } from './data.js';
import { evaluateData, forEachRun, readMetrics, resetMetrics } from './evaluate.js';
import type { Compiled, Programs, Trainable } from './programs.js';

/** Milliseconds of training between two pauses for other events. */
const SLICE = 10;

export interface FitPlan {
  data: Data;
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
}

/** A model as the loop sees it. */
export interface FitModel extends Trainable, TrainedModel {
  /** The name of the layer that a program's node belongs to. */
  scopeName(scope: number): string;
}

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
  private readonly rows: Tensor;
  private readonly steps: number;
  /** Callbacks that want to hear of every batch. */
  private readonly perBatch: boolean;
  private warned = false;
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
    this.rows = rowNumbers(data.size);
  }

  async run(): Promise<History> {
    const { epochs, initialEpoch, validation, validationBatchSize } = this.plan;
    this.model.stopTraining = false;
    this.sliceEnd = performance.now() + SLICE;
    try {
      await this.tell('onTrainBegin', {});
      // Keras looks at a first batch to build what is not built, and so draws one order that no epoch uses.
      if (this.plan.shuffle && this.plan.first) check(seam.random_permutation(this.rows.handle));
      let logs: Logs = {};
      for (let epoch = initialEpoch; epoch < epochs && !this.model.stopTraining; epoch++) {
        await this.tell('onEpochBegin', epoch, {});
        await this.trainEpoch(epoch);
        logs = readMetrics(this.compiled);
        if (validation !== undefined) {
          const measured = evaluateData(this.model, this.programs, this.compiled, validation, validationBatchSize);
          for (const [name, value] of Object.entries(measured)) logs[`val_${name}`] = value;
        }
        await this.tell('onEpochEnd', epoch, logs);
      }
      await this.tell('onTrainEnd', logs);
      return this.history;
    } finally {
      this.rows.dispose();
    }
  }

  private async trainEpoch(epoch: number): Promise<void> {
    const { data, batchSize, shuffle } = this.plan;
    resetMetrics(this.compiled);
    if (shuffle) check(seam.random_permutation(this.rows.handle));
    const runs: [rows: number, first: number, times: number][] = [];
    forEachRun(data.size, batchSize, (...run) => runs.push(run));
    let batch = 0;
    for (const [rows, first, times] of runs) {
      for (let done = 0; done < times;) {
        if (this.model.stopTraining) return;
        if (this.perBatch) await this.tell('onBatchBegin', batch, { batch, size: rows });
        const finished = this.trainSlice(epoch, rows, first, done, times);
        done += finished;
        batch += finished;
        if (this.perBatch)
          await this.tell('onBatchEnd', batch - 1, { batch: batch - 1, size: rows, ...readMetrics(this.compiled) });
        if (performance.now() >= this.sliceEnd) await this.pause(epoch, batch);
      }
    }
  }

  /** Trains batches until the slice of time is over; gives their number. */
  private trainSlice(epoch: number, rows: number, first: number, from: number, times: number): number {
    const { data } = this.plan;
    const program = this.programs.train(this.model, this.compiled, data.x, data.y, rows);
    const args: Argument[] = [
      { tensor: data.x },
      { tensor: data.y },
      { tensor: this.rows, offset: first, stride: rows },
    ];
    // One batch at first, then twice as many at a time while the slice lasts.
    let [done, count] = [0, 1];
    while (from + done < times) {
      count = Math.min(count, times - from - done);
      const finished = program.run(args, from + done, count, !this.warned);
      done += finished;
      if (finished < count) {
        this.warn(epoch, Math.floor(first / rows) + from + done, program.locate(args, from + done));
        program.resume(args, from + done);
        done++;
      }
      if (this.perBatch || performance.now() >= this.sliceEnd) break;
      count *= 2;
    }
    return done;
  }

  private warn(epoch: number, batch: number, origin: { scope: number; op: number } | undefined): void {
    this.warned = true;
    const where = origin
      ? `; the first value that is not finite came from op "${Object.keys(ops)[origin.op]}" of ${this.model.scopeName(origin.scope)}`
      : '';
    console.warn(
      `fit: the loss is not finite at batch ${batch} of epoch ${epoch + 1}${where}. ` +
        'Training goes on; a smaller learning rate, or inputs scaled to about [-1, 1], is the usual mend.',
    );
  }

  private async pause(epoch: number, batch: number): Promise<void> {
    await this.tell('onYield', epoch, batch, readMetrics(this.compiled));
    await nextFrame();
    this.sliceEnd = performance.now() + SLICE;
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

/** 0, 1, 2, … as int32: the samples in their order. */
export function rowNumbers(size: number): Tensor {
  return create([size], 'int32', (view) => {
    for (let i = 0; i < size; i++) view[i] = i;
  });
}

/** The part of `fit`'s data that is held back: the last samples, before any shuffle. */
export function splitPoint(place: string, size: number, validationSplit: number): number {
  if (!(validationSplit > 0 && validationSplit < 1)) {
    throw new WasmgradError(`${place}: validationSplit must lie between 0 and 1, got ${validationSplit}`);
  }
  const split = Math.floor(size * (1 - validationSplit));
  if (split === 0 || split === size) {
    throw new WasmgradError(
      `${place}: validationSplit ${validationSplit} of ${size} samples leaves none to train or to validate with`,
    );
  }
  return split;
}

/** The rows of a tensor from `begin` to before `end`, copied. */
export function sliceRows(x: Tensor, begin: number, end: number): Tensor {
  const words = x.size / x.shape[0]!;
  const source = viewOf(x.handle, x.size, x.dtype).slice(begin * words, end * words);
  return create([end - begin, ...x.shape.slice(1)], x.dtype, (view) => view.set(source));
}
