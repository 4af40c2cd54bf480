// Training, evaluation and prediction, for whatever maps inputs to outputs.
import type { History, Logs } from '../callbacks/callback.js';
import { ProgbarLogger } from '../callbacks/progbarLogger.js';
import { WasmgradError, didYouMean, describe } from '../core/errors.js';
import { checkValue, wholeFrom } from '../core/options.js';
import { isTracing, type Argument } from '../compile.js';
import { isRecording } from '../graph.js';
import type { BatchShape, Layer } from '../layers/layer.js';
import { assignAll } from '../layers/together.js';
import { writeFile } from '../io/files.js';
import { getLoss } from '../losses/registry.js';
import { serialize, type ConfigDict } from '../serialization.js';
import { hostTensor } from '../tensor/host.js';
import { clone } from '../tensor/ops/copying.js';
import type { TensorLike } from '../tensor/run.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { nextFrame } from '../tensor/yield.js';
import {
  readEvaluateArgs,
  readFitArgs,
  readPlanArgs,
  readPredictArgs,
  readTestOnBatchArgs,
  readStreamFitArgs,
  readTrainOnBatchArgs,
  ofDataset,
  SLICES,
  type EvaluateArgs,
  type FitArgs,
  type FitDatasetArgs,
  type PlanArgs,
  type PredictArgs,
  type TestOnBatchArgs,
  type TrainOnBatchArgs,
} from './args.js';
import { CompiledModel } from './compiled.js';
import { fits, rowNumbers, toData, toInputs, type Data, type Samples } from './data.js';
import { besides, evaluateData, evaluateFeed, predictData, readMetrics, resetMetrics, typesOf } from './evaluate.js';
import { isBatchSource, openFeeds, StreamFeed, type BatchSource } from './feeds.js';
import { Run } from './fit.js';
import { parts, type Compiled } from './programs.js';
import { loadWeights, modelToBytes, weightsToBytes } from './save.js';
import { summarize } from './summary.js';
import type { Weighting } from './weighting.js';

export abstract class Model extends CompiledModel {
  /** Set it to true, in a callback, to end `fit` after the batch. */
  stopTraining = false;
  /** The record of the last run of `fit`, or of the one that goes on. */
  history: History | undefined;

  /**
   * Trains on all samples, `epochs` times. The page or process stays alive meanwhile: about every 10 ms other events
   * are handled.
   *
   * @param x one row a sample; or a source of batches (a `Dataset`, a generator, a function that makes one), without y
   * @param y one row a sample
   * @throws before anything changes, if the model is not compiled, an option is unknown, or the data do not fit
   */
  fit(x: Samples, y: Samples, args?: FitArgs): Promise<History>;
  fit(source: BatchSource, args?: FitArgs): Promise<History>;
  async fit(x: Samples | BatchSource, y?: Samples | FitArgs, args?: FitArgs): Promise<History> {
    const run = this.epochs(x as Samples, y as Samples, args);
    while (!(await run.next()).done);
    return this.history!;
  }

  /** `fit` on batches, with tfjs's names of the options. */
  async fitDataset(dataset: BatchSource, args: FitDatasetArgs = {}): Promise<History> {
    return this.fit(dataset, ofDataset(args));
  }

  /**
   * `fit`, epoch by epoch: `for await (const logs of model.epochs(x, y, { epochs: 10 }))`. Leaving the loop ends the run.
   * Takes what `fit` takes; the data are read when the loop begins.
   */
  epochs(x: Samples, y: Samples, args?: FitArgs): AsyncGenerator<Logs, void>;
  epochs(source: BatchSource, args?: FitArgs): AsyncGenerator<Logs, void>;
  async *epochs(x: Samples | BatchSource, y?: Samples | FitArgs, args?: FitArgs): AsyncGenerator<Logs, void> {
    const choice = this.needChoice('fit');
    this.refuseDuring('fit');
    const options = isBatchSource(x) ? readStreamFitArgs(y as FitArgs | undefined) : readFitArgs(args);
    const owned: { dispose(): void | Promise<void> }[] = [];
    this.training = true;
    try {
      const own = (made: { dispose(): void | Promise<void> }) => void owned.push(made);
      const feeds = openFeeds(x, y as Samples, options, this.taker, own);
      const first = choice.compiled === undefined;
      const [train, validation] = [await feeds.feed.preview(), await feeds.validation?.preview()];
      const compiled = this.preparing(() => {
        const compiled = this.prepare('fit', train.data);
        for (const rows of train.sizes) this.programs.train(this, compiled, train.data, rows);
        if (validation !== undefined) {
          this.prepare('fit: validationData', validation.data);
          for (const rows of validation.sizes) this.programs.test(this, compiled, typesOf(validation.data, rows));
        }
        return compiled;
      });
      this.warnIfStale('fit');
      const { verbose, callbacks } = options;
      const all = verbose === 0 ? callbacks : [...callbacks, new ProgbarLogger(verbose)];
      yield* new Run(this, this.programs, compiled, { ...options, ...feeds, first, callbacks: all }).epochs();
    } finally {
      this.training = false;
      for (const made of owned) await made.dispose();
    }
  }

  /**
   * The loss and the metrics over all samples: one number, or a list in the order of `metricsNames`. They are scalar
   * tensors that need no disposal and convert to numbers. With metrics, or to destructure it, take it as a list (the
   * default type); without metrics it is one scalar.
   */
  evaluate<T extends Tensor | Tensor[] = Tensor[]>(x: Samples, y: Samples, args: EvaluateArgs = {}): T {
    const { batchSize, weighting, steps } = readEvaluateArgs(args);
    return this.withData('evaluate', x, y, weighting, (data, compiled) => {
      return this.inOrder(evaluateData(this, this.programs, compiled, data, batchSize, steps)) as T;
    });
  }

  /** `evaluate` on batches: a `Dataset`, a generator, or a function that makes one. `batches`: how many; default: all. */
  async evaluateDataset(source: BatchSource, { batches }: { batches?: number } = {}): Promise<Tensor | Tensor[]> {
    this.needChoice('evaluateDataset');
    checkValue('evaluateDataset', 'batches', batches, wholeFrom(1));
    const feed = new StreamFeed('evaluateDataset', source, this.taker, undefined, batches);
    try {
      const { data } = await feed.preview();
      const compiled = this.preparing(() => this.prepare('evaluateDataset', data));
      let sliceEnd = performance.now() + SLICES.auto;
      const isOver = () => performance.now() >= sliceEnd;
      const pause = async () => {
        await nextFrame();
        sliceEnd = performance.now() + SLICES.auto;
      };
      return this.inOrder(await evaluateFeed(this, this.programs, compiled, feed, isOver, pause));
    } finally {
      await feed.dispose();
    }
  }

  /** Loss first, then the metrics as `compile` was given them. */
  private inOrder(logs: Record<string, number>): Tensor | Tensor[] {
    const values = this.metricsNames.map((name) => hostTensor(logs[name]!));
    return values.length === 1 ? values[0]! : values;
  }

  private withData<T>(
    place: string,
    x: Samples,
    y: Samples,
    weighting: Weighting,
    f: (data: Data, compiled: Compiled) => T,
  ): T {
    this.needChoice(place);
    const data = toData(place, x, y, this.knownInputShape, weighting);
    try {
      return this.preparing(() => {
        const compiled = this.prepare(place, data);
        // A callback of fit does not disturb what fit measures.
        return this.training ? besides(compiled, () => f(data, compiled)) : f(data, compiled);
      });
    } finally {
      data.dispose();
    }
  }

  /** Names of what `evaluate` and `trainOnBatch` give. */
  get metricsNames(): string[] {
    return ['loss', ...(this.choice?.metricNames ?? [])];
  }

  /**
   * The outputs for all samples, one row each. In a function that a gradient is taken of, or that is compiled, it is one
   * batch whose ops are a part of the function.
   */
  predict(x: Samples, args: PredictArgs = {}): Tensor {
    const { batchSize } = readPredictArgs(args);
    return this.predictBatches('predict', x, () => batchSize);
  }

  /** The outputs for one batch. */
  predictOnBatch(x: Samples): Tensor {
    return this.predictBatches('predictOnBatch', x, (rows) => rows);
  }

  private predictBatches(place: string, x: Samples, batchSize: (rows: number) => number): Tensor {
    const expected = this.knownInputShape;
    const isReady = expected !== undefined && isTensor(x) && !x.isDisposed && fits(x.shape, expected);
    const own = isReady ? x : toInputs(`${place}: x`, x, expected);
    try {
      return this.preparing(() => {
        this.checkInputs(place, own);
        if (!isTracing() && !isRecording()) return predictData(this, this.programs, own, batchSize(own.shape[0]!));
        const outputs = this.apply(own);
        return outputs === own ? clone(own) : outputs;
      });
    } finally {
      if (own !== x) own.dispose();
    }
  }

  /** One training step on one batch: the loss, or a list of loss and metrics, before the step. */
  async trainOnBatch(x: Samples, y: Samples, args: TrainOnBatchArgs = {}): Promise<number | number[]> {
    return this.withData('trainOnBatch', x, y, readTrainOnBatchArgs(args), (data, compiled) => {
      this.warnIfStale('trainOnBatch');
      const program = this.programs.train(this, compiled, data, data.size);
      const rows = rowNumbers(data.size);
      try {
        resetMetrics(compiled);
        const args: Argument[] = [rows, ...parts(data)].map((tensor) => ({ tensor }));
        compiled.watch.run(program, [...args, ...compiled.optimizer.rates(1)], data, 1, () => '');
      } finally {
        rows.dispose();
      }
      const logs = readMetrics(compiled);
      const values = this.metricsNames.map((name) => logs[name]!);
      return values.length === 1 ? values[0]! : values;
    });
  }

  /** The loss and the metrics of one batch. */
  testOnBatch(x: Samples, y: Samples, args: TestOnBatchArgs = {}): Tensor | Tensor[] {
    return this.withData('testOnBatch', x, y, readTestOnBatchArgs(args), (data, compiled) =>
      this.inOrder(evaluateData(this, this.programs, compiled, data, data.size)),
    );
  }

  /** The layer of that name, or at that place: `getLayer('hidden')`, `getLayer(0)`, or tfjs's `getLayer(null, 0)`. */
  getLayer(nameOrIndex?: string | number | null, index?: number): Layer {
    const asked = index ?? nameOrIndex;
    const layer = typeof asked === 'number' ? this.layers.at(asked) : this.layers.find(({ name }) => name === asked);
    if (layer === undefined) {
      const names = this.layers.map(({ name }) => `"${name}"`).join(', ');
      const near = didYouMean(
        String(asked),
        this.layers.map(({ name }) => name),
      );
      throw new WasmgradError(
        `getLayer: model "${this.name}" has no layer ${describe(nameOrIndex)}${near}; it has ${names}`,
      );
    }
    return layer;
  }

  override setWeights(values: readonly TensorLike[]): void {
    assignAll(`model "${this.name}".setWeights`, this.weights, values);
  }

  /** Prints a table of the layers, their output shapes and numbers of weights, as Keras does. */
  summary(lineLength?: number, _positions?: number[], printFn: (line: string) => void = console.log): void {
    for (const line of summarize(this, this.knownOptimizer, lineLength)) printFn(line);
  }

  /**
   * The program of a training step, or of a prediction, as text: each step with its flops, its results and operands (types,
   * and where they lie), and the layer it belongs to; then how much memory there is altogether.
   * @throws if the model is not built, or, for a training step, not compiled
   */
  plan(args: PlanArgs = {}): string {
    const { program, batchSize } = readPlanArgs(args);
    this.refuseDisposed('plan');
    const ofBatch = (shape: BatchShape) => [batchSize, ...(shape.slice(1) as number[])];
    const x = { shape: ofBatch(this.inputShape), dtype: this.inputs[0]!.dtype };
    if (program === 'predict') return String(this.programs.predict(this, x));
    const choice = this.needChoice('plan');
    const unseen = choice.compiled === undefined;
    const targets = getLoss('plan', choice.args.loss).targetShape(this.outputShape);
    try {
      const compiled = choice.prepare(targets, this.outputShape, this.trainableWeights);
      const y = { shape: ofBatch(targets), dtype: 'float32' as const };
      return String(this.programs.train(this, compiled, { x, y }, batchSize));
    } finally {
      // Data decide what "accuracy" means, and there were none.
      if (unseen) {
        this.programs.clear();
        choice.forget();
      }
    }
  }

  /** The model, its weights and what training goes on with, as the bytes of one safetensors file. */
  toBytes(): Uint8Array {
    this.refuseDisposed('save');
    return modelToBytes(this);
  }

  /**
   * Writes `toBytes()` to a file; a crash in the middle leaves the previous file whole.
   * @throws in pages, which have no files: store `toBytes()` there
   */
  async save(path: string): Promise<void> {
    await writeFile(path, this.toBytes());
  }

  /**
   * Writes the weights, and the states of random draws, to a file.
   * @throws in pages, which have no files
   */
  async saveWeights(path: string): Promise<void> {
    this.refuseDisposed('saveWeights');
    await writeFile(path, weightsToBytes(this));
  }

  /**
   * Takes the weights of a file: one that `saveWeights` wrote, or a model of the same layers.
   * @param source a path (in Node, Deno and Bun), or the bytes
   * @throws if the model is not built, or names, shapes or dtypes differ; nothing is changed then
   */
  async loadWeights(source: string | Uint8Array | ArrayBuffer): Promise<void> {
    this.refuseDisposed('loadWeights');
    await loadWeights(this, source);
  }

  /** Whether a metric of that name, as logs have it, is better the higher or the lower it is, if that is known. */
  directionOf(name: string): 'up' | 'down' | undefined {
    const { metrics, weightedMetrics } = this.choice?.compiled ?? {};
    const metric = metrics?.get(name) ?? weightedMetrics?.get(name);
    return metric?.direction ?? (name === 'acc' ? this.directionOf('accuracy') : undefined);
  }

  /** The model's configuration as JSON. */
  toJSON(_unused?: unknown, returnString = true): string | ConfigDict {
    const json = serialize(this);
    return returnString ? JSON.stringify(json) : { ...json };
  }
}
