// Training, evaluation and prediction, for whatever maps inputs to outputs.
import { traceScope } from '../compile.js';
import type { Callback, CallbackFunctions, History } from '../callbacks.js';
import { WasmgradError, checkOptions } from '../core/errors.js';
import { assignAll, type BatchShape, Layer, type LayerArgs } from '../layers/layer.js';
import { getLoss, type LossIdentifier } from '../losses.js';
import { checkMetric, getMetric, Mean, type Metric, type MetricIdentifier } from '../metrics.js';
import { getOptimizer, type Optimizer, type OptimizerIdentifier } from '../optimizers/index.js';
import { serialize, type ConfigDict } from '../serialization.js';
import { hostScalar } from '../tensor/host.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { checkRows, toData, type Data } from './data.js';
import { evaluateData, predictData, readMetrics, resetMetrics } from './evaluate.js';
import { fitLoop, rowNumbers, sliceRows, splitPoint } from './fit.js';
import { Programs, type Compiled } from './programs.js';
import { progressBar, defaultVerbosity } from './progress.js';
import { modelToBytes, writeFile } from './save.js';
import { summarize } from './summary.js';

export interface CompileArgs {
  /** A name or an optimizer. Default: 'rmsprop'. */
  optimizer?: OptimizerIdentifier;
  /** A name, a loss, or a function (yTrue, yPred) => values for each sample. */
  loss: LossIdentifier;
  metrics?: MetricIdentifier | readonly MetricIdentifier[];
}

export interface FitArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  /** The number of the epoch to stop before. Default: 1. */
  epochs?: number;
  /** The number of the epoch to begin with. Default: 0. */
  initialEpoch?: number;
  /** 0 silent, 1 a progress bar, 2 a line an epoch. Default: 1 in terminal programs, 0 in pages. */
  verbose?: 0 | 1 | 2;
  callbacks?: Callback | CallbackFunctions | readonly (Callback | CallbackFunctions)[];
  /** The fraction of the samples, the last ones, to validate with instead of training. */
  validationSplit?: number;
  validationData?: readonly [TensorLike, TensorLike];
  validationBatchSize?: number;
  /** Whether to draw a new order of the samples for each epoch. Default: true. */
  shuffle?: boolean;
}

export interface EvaluateArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: 0 | 1 | 2;
}

export interface PredictArgs {
  /** Samples a step. Default: 32. */
  batchSize?: number;
  verbose?: 0 | 1 | 2;
}

const BATCH = 32;
const FIT_OPTIONS: readonly (keyof FitArgs)[] = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'verbose',
  'callbacks',
  'validationSplit',
  'validationData',
  'validationBatchSize',
  'shuffle',
];

export abstract class Model extends Layer {
  /** The layers, in the order in which they run. */
  abstract readonly layers: Layer[];

  /** Set it to true, in a callback, to end `fit` after the batch. */
  stopTraining = false;
  private readonly programs = new Programs();
  private chosen: { optimizer: Optimizer; args: CompileArgs; compiled?: Compiled } | undefined;
  private training = false;

  constructor(args: LayerArgs = {}, known: readonly string[] = []) {
    super(args, known);
  }

  /** Runs the layers on a batch. */
  forward(x: Tensor, training: boolean): Tensor {
    const result = this.call(x, { training });
    traceScope(0);
    return result;
  }

  /** The shape of a batch of inputs, if it is known. */
  abstract get inputBatchShape(): BatchShape | undefined;

  /** Makes the weights for inputs like `x`, unless they are there. */
  abstract ensureBuiltFor(x: Tensor): void;

  /** What a node's scope number means. */
  scopeName(scope: number): string {
    const layer = this.layers[scope - 1];
    return layer === undefined ? 'the loss' : `layer "${layer.name}"`;
  }

  /**
   * Chooses how to train.
   * @throws on an unknown option, loss, optimizer or metric, with the nearest name; the model is as it was then.
   */
  compile(args: CompileArgs): void {
    checkOptions('compile', args, ['optimizer', 'loss', 'metrics']);
    if (args.loss === undefined) {
      throw new WasmgradError(`compile: a loss is needed, such as { loss: 'meanSquaredError' }`);
    }
    getLoss(args.loss);
    for (const metric of metricList(args)) checkMetric(metric);
    const optimizer = getOptimizer(args.optimizer ?? 'rmsprop');
    this.programs.clear();
    this.chosen = { optimizer, args };
  }

  /** @throws if `compile` was not called. */
  get optimizer(): Optimizer {
    return this.needChosen('optimizer').optimizer;
  }

  /** The programs of before are of no use any more. */
  protected structureChanged(): void {
    this.programs.clear();
    if (this.chosen) delete this.chosen.compiled;
  }

  /** What `compile` was given. */
  get compileArgs(): CompileArgs | undefined {
    return this.chosen?.args;
  }

  /** The optimizer's state, if it has any yet. */
  get optimizerVariables(): Variable[] {
    return this.chosen?.optimizer.built ? this.chosen.optimizer.variables : [];
  }

  /** States of the layers' random draws, by layer name. */
  get randomStates(): [name: string, state: Variable][] {
    return this.layers.flatMap((layer): [string, Variable][] =>
      layer.randomState ? [[layer.name, layer.randomState]] : [],
    );
  }

  private needChosen(place: string) {
    if (this.chosen === undefined) {
      throw new WasmgradError(
        `${place}: the model has no loss and optimizer yet; call model.compile({ optimizer: 'adam', loss: ... }) first`,
      );
    }
    return this.chosen;
  }

  /** The loss and the metrics for these data, whose shapes decide what "accuracy" means. */
  private prepare(place: string, data: Data): Compiled {
    const chosen = this.needChosen(place);
    const output = this.checkData(place, data.x);
    const loss = getLoss(chosen.args.loss);
    loss.check(place, data.y, output);
    chosen.compiled ??= {
      optimizer: chosen.optimizer,
      loss,
      lossTracker: new Mean('loss'),
      metrics: metricList(chosen.args).map((id) => getMetric(id, { y: [null, ...data.y.shape.slice(1)], output })),
    };
    nameApart(chosen.compiled.metrics);
    return chosen.compiled;
  }

  /**
   * The shape of the outputs for inputs like `x`.
   * @throws if x does not fit the model.
   */
  private checkData(place: string, x: Tensor): BatchShape {
    checkRows(place, x);
    this.ensureBuiltFor(x);
    const expected = this.inputBatchShape!;
    const fits =
      expected.length === x.rank && expected.every((dim, i) => i === 0 || dim === null || dim === x.shape[i]);
    if (!fits) {
      const shape = `[${expected.map((dim) => dim ?? '*').join(', ')}]`;
      throw new WasmgradError(
        `${place}: model "${this.name}" expects inputs of shape ${shape}, got [${x.shape.join(', ')}]`,
      );
    }
    return this.computeOutputShape([null, ...x.shape.slice(1)], x.dtype);
  }

  /**
   * Trains on all samples, `epochs` times. The page or process stays alive meanwhile: about every 10 ms other events
   * are handled.
   *
   * @param x one row a sample
   * @param y one row a sample
   * @throws before anything changes, if the model is not compiled, an option is unknown, or the data do not fit
   */
  async fit(x: TensorLike, y: TensorLike, args: FitArgs = {}): Promise<History> {
    this.needChosen('fit');
    checkOptions('fit', args, FIT_OPTIONS);
    const batchSize = wholeNumber('fit', 'batchSize', args.batchSize ?? BATCH, 1);
    const epochs = wholeNumber('fit', 'epochs', args.epochs ?? 1, 0);
    const initialEpoch = wholeNumber('fit', 'initialEpoch', args.initialEpoch ?? 0, 0);
    if (this.training) {
      throw new WasmgradError(`fit: model "${this.name}" is being trained already; await the first fit`);
    }
    const owned: { dispose(): void }[] = [];
    const own = <T extends { dispose(): void }>(data: T): T => (owned.push(data), data);
    try {
      this.training = true;
      let data = own(toData('fit', x, y));
      let validation: Data | undefined;
      if (args.validationData !== undefined) {
        validation = own(toData('fit: validationData', ...args.validationData));
      } else if (args.validationSplit) {
        const at = splitPoint('fit', data.size, args.validationSplit);
        const part = (begin: number, end: number) =>
          own(dataOf(sliceRows(data.x, begin, end), sliceRows(data.y, begin, end)));
        [data, validation] = [part(0, at), part(at, data.size)];
      }
      const first = this.chosen?.compiled === undefined;
      const compiled = this.prepare('fit', data);
      if (validation !== undefined) this.prepare('fit: validationData', validation);
      const verbose = args.verbose ?? defaultVerbosity();
      const callbacks = [args.callbacks ?? []].flat() as (Callback | CallbackFunctions)[];
      return await fitLoop(this, this.programs, compiled, {
        data,
        validation,
        batchSize,
        validationBatchSize: wholeNumber('fit', 'validationBatchSize', args.validationBatchSize ?? batchSize, 1),
        epochs,
        initialEpoch,
        shuffle: args.shuffle ?? true,
        first,
        verbose,
        callbacks: verbose === 0 ? callbacks : [...callbacks, progressBar(verbose)],
      });
    } finally {
      this.training = false;
      for (const data of owned) data.dispose();
    }
  }

  /**
   * The loss and the metrics over all samples: one number, or a list in the order of `metricsNames`. They are scalar
   * tensors that need no disposal and convert to numbers. With metrics, or to destructure it, take it as a list (the
   * default type); without metrics it is one scalar.
   */
  evaluate<T extends Tensor | Tensor[] = Tensor[]>(x: TensorLike, y: TensorLike, args: EvaluateArgs = {}): T {
    checkOptions('evaluate', args, ['batchSize', 'verbose']);
    const batchSize = wholeNumber('evaluate', 'batchSize', args.batchSize ?? BATCH, 1);
    return this.withData('evaluate', x, y, (data, compiled) => {
      const logs = evaluateData(this, this.programs, compiled, data, batchSize);
      return this.inOrder(compiled, logs) as T;
    });
  }

  /** Loss first, then the metrics as `compile` was given them. */
  private inOrder(compiled: Compiled, logs: Record<string, number>): Tensor | Tensor[] {
    const values = [compiled.lossTracker, ...compiled.metrics].map(({ name }) => hostScalar(logs[name]!));
    return values.length === 1 ? values[0]! : values;
  }

  private withData<T>(place: string, x: TensorLike, y: TensorLike, f: (data: Data, compiled: Compiled) => T): T {
    this.needChosen(place);
    const data = toData(place, x, y);
    try {
      return f(data, this.prepare(place, data));
    } finally {
      data.dispose();
    }
  }

  /** Names of what `evaluate` and `trainOnBatch` give. */
  get metricsNames(): string[] {
    const compiled = this.chosen?.compiled;
    return ['loss', ...(compiled?.metrics ?? []).map((metric) => metric.name)];
  }

  /** The outputs for all samples, one row each. */
  predict(x: TensorLike, args: PredictArgs = {}): Tensor {
    checkOptions('predict', args, ['batchSize', 'verbose']);
    const batchSize = wholeNumber('predict', 'batchSize', args.batchSize ?? BATCH, 1);
    const tensor = toTensor('predict', x);
    try {
      this.checkData('predict', tensor);
      return predictData(this, this.programs, tensor, batchSize);
    } finally {
      if (tensor !== x) tensor.dispose();
    }
  }

  /** The outputs for one batch. */
  predictOnBatch(x: TensorLike): Tensor {
    const tensor = toTensor('predictOnBatch', x);
    try {
      return this.predict(tensor, { batchSize: Math.max(1, tensor.shape[0] ?? 1) });
    } finally {
      if (tensor !== x) tensor.dispose();
    }
  }

  /** One training step on one batch: the loss, or a list of loss and metrics, before the step. */
  async trainOnBatch(x: TensorLike, y: TensorLike): Promise<number | number[]> {
    return this.withData('trainOnBatch', x, y, (data, compiled) => {
      resetMetrics(compiled);
      const rows = rowNumbers(data.size);
      try {
        const program = this.programs.train(this, compiled, data.x, data.y, data.size);
        program.run([{ tensor: data.x }, { tensor: data.y }, { tensor: rows }]);
      } finally {
        rows.dispose();
      }
      return toNumbers(this.inOrder(compiled, readMetrics(compiled)));
    });
  }

  /** The loss and the metrics of one batch. */
  testOnBatch(x: TensorLike, y: TensorLike): Tensor | Tensor[] {
    const size = (toRows: TensorLike) => (Array.isArray(toRows) ? toRows.length : (toRows as Tensor).shape?.[0]);
    return this.evaluate<Tensor | Tensor[]>(x, y, { batchSize: Math.max(1, size(x) ?? 1) });
  }

  override get weights(): Variable[] {
    return [...new Set(this.layers.flatMap((layer) => layer.weights))];
  }

  override get trainable(): boolean {
    return super.trainable;
  }

  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    for (const layer of this.layers) layer.trainable = trainable;
  }

  /** The layer of that name or at that place. */
  getLayer(nameOrIndex: string | number): Layer {
    const layer =
      typeof nameOrIndex === 'number'
        ? this.layers.at(nameOrIndex)
        : this.layers.find(({ name }) => name === nameOrIndex);
    if (layer === undefined) {
      const names = this.layers.map(({ name }) => `"${name}"`).join(', ');
      throw new WasmgradError(
        `getLayer: model "${this.name}" has no layer ${JSON.stringify(nameOrIndex)}; it has ${names}`,
      );
    }
    return layer;
  }

  override setWeights(values: readonly TensorLike[]): void {
    assignAll(`model "${this.name}".setWeights`, this.weights, values);
  }

  /** Prints a table of the layers, their output shapes and numbers of weights, as Keras does. */
  summary(lineLength?: number, _positions?: number[], printFn: (line: string) => void = console.log): void {
    for (const line of summarize(this, lineLength)) printFn(line);
  }

  /** The model, its weights and what training goes on with, as the bytes of one safetensors file. */
  toBytes(): Uint8Array {
    return modelToBytes(this);
  }

  /**
   * Writes `toBytes()` to a file; a crash in the middle leaves the previous file whole.
   * @throws in pages, which have no files: store `toBytes()` there
   */
  async save(path: string): Promise<void> {
    await writeFile(path, this.toBytes());
  }

  /** The model's configuration as JSON. */
  toJSON(_unused?: unknown, returnString = true): string | ConfigDict {
    const json = serialize(this);
    return returnString ? JSON.stringify(json) : { ...json };
  }

  override dispose(): void {
    this.programs.clear();
    this.chosen?.optimizer.dispose();
    for (const metric of [this.chosen?.compiled?.lossTracker, ...(this.chosen?.compiled?.metrics ?? [])])
      metric?.dispose();
    for (const layer of this.layers) layer.dispose();
    super.dispose();
  }
}

function metricList({ metrics }: CompileArgs): MetricIdentifier[] {
  return metrics === undefined ? [] : ([metrics].flat() as MetricIdentifier[]);
}

/** Metrics of one name are numbered, as in Keras. */
function nameApart(metrics: Metric[]): void {
  const seen = new Map<string, number>();
  for (const metric of metrics) {
    const count = seen.get(metric.baseName) ?? 0;
    seen.set(metric.baseName, count + 1);
    metric.name = count === 0 ? metric.baseName : `${metric.baseName}_${count}`;
  }
}

function dataOf(x: Tensor, y: Tensor): Data {
  const dispose = () => [x, y].forEach((tensor) => tensor.dispose());
  return { x, y, size: x.shape[0]!, dispose };
}

function wholeNumber(place: string, option: string, x: number, least: number): number {
  if (!Number.isInteger(x) || x < least) {
    throw new WasmgradError(`${place}: ${option} must be a whole number from ${least} on, got ${String(x)}`);
  }
  return x;
}

function toNumbers(values: Tensor | Tensor[]): number | number[] {
  return Array.isArray(values) ? values.map(Number) : Number(values);
}
