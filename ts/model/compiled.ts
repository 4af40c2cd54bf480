// What a model is before it does anything: compiled, built, with programs.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, type Rules } from '../core/options.js';
import { type BatchShape, Layer, type LayerArgs } from '../layers/layer.js';
import { buildingOrNot } from '../layers/together.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { formatShape } from '../tensor/dtypes.js';
import type { Tensor } from '../tensor/tensor.js';
import { COMPILE_RULES, type CompileArgs } from './args.js';
import { Choice } from './choice.js';
import { checkRows, fits, type Data } from './data.js';
import type { Taker } from './feeds.js';
import { Programs, type Compiled } from './programs.js';
import type { SymbolicTensor } from './symbolic.js';

/** A model as something that is compiled: the choice of how to train, and the programs that follow from it. */
export abstract class CompiledModel extends Layer {
  /** The layers, in the order in which they run. */
  abstract readonly layers: Layer[];

  /** Name, shape and dtype of each input. @throws if the model is not built. */
  abstract get inputs(): SymbolicTensor[];

  /** Name, shape and dtype of each output. @throws if the model is not built. */
  abstract get outputs(): SymbolicTensor[];

  /** The shape of the inputs, with the batch (null). @throws if the model is not built. */
  override get inputShape(): BatchShape {
    return this.inputs[0]!.shape;
  }

  /** The shape of the outputs, with the batch (null). @throws if the model is not built. */
  override get outputShape(): BatchShape {
    return this.outputs[0]!.shape;
  }

  /** The shape of what comes out of each layer; empty if the model is not built. */
  abstract get outputShapes(): BatchShape[];

  protected readonly programs = new Programs();
  protected choice: Choice | undefined;
  /** The optimizer that a file gave: the model's own until `compile` chooses another one. */
  private restored: Optimizer | undefined;
  protected training = false;
  private disposed = false;
  private warnedOfStale = false;

  constructor(args: LayerArgs = {}, rules: Rules = {}) {
    super(args, rules);
  }

  /**
   * Chooses how to train, and fixes which weights are trained: those that are trainable now, until the next `compile`.
   * @throws on an unknown option, loss, optimizer or metric, with the nearest name; the model is as it was then.
   */
  compile(args: CompileArgs): void {
    this.refuseDisposed('compile');
    this.refuseDuring('compile');
    checkOptions('compile', args, COMPILE_RULES);
    const choice = new Choice(args, this.built ? this.trainableWeights : undefined);
    this.programs.clear();
    this.choice?.dispose(choice);
    this.choice = choice;
    if (this.restored !== choice.optimizer) this.dropRestored();
    this.warnedOfStale = false;
  }

  /** @throws if `compile` was not called, and no file gave one. */
  get optimizer(): Optimizer {
    return this.restored ?? this.needChoice('optimizer').optimizer;
  }

  /** `optimizer`, or undefined if there is none yet. */
  get knownOptimizer(): Optimizer | undefined {
    return this.restored ?? this.choice?.optimizer;
  }

  /** Gives the model the optimizer of a file. It ends with the model, or when `compile` chooses another one. */
  restoreOptimizer(optimizer: Optimizer): void {
    this.restored = optimizer;
  }

  private dropRestored(): void {
    this.restored?.dispose();
    this.restored = undefined;
  }

  /** The programs of before are of no use any more. */
  protected structureChanged(): void {
    this.programs.clear();
    this.choice?.structureChanged();
  }

  /** What `compile` was given. */
  get compileArgs(): CompileArgs | undefined {
    return this.choice?.args;
  }

  protected refuseDisposed(place: string): void {
    if (this.disposed) throw new WasmgradError(`${place}: model "${this.name}" was disposed; make a new one`);
  }

  protected needChoice(place: string): Choice {
    this.refuseDisposed(place);
    if (this.choice === undefined) {
      throw new WasmgradError(
        this.restored === undefined
          ? `${place}: model "${this.name}" has no loss and optimizer yet; call model.compile({ optimizer: 'adam', loss: ... }) first`
          : `${place}: model "${this.name}" has no loss: it was saved with a loss or metrics that a file cannot hold; call ` +
              'model.compile({ optimizer: model.optimizer, loss: ... }) to go on with the optimizer of the file',
      );
    }
    return this.choice;
  }

  /** @throws while `fit` runs. */
  protected refuseDuring(place: string): void {
    if (this.training) {
      throw new WasmgradError(
        `${place}: model "${this.name}" is being trained; await the fit that runs, or end it by model.stopTraining = true`,
      );
    }
  }

  /** Calls `f`, which makes what a run needs; if it throws, the model is as it was before. */
  protected preparing<T>(f: () => T): T {
    const before = this.choice?.compiled;
    try {
      return buildingOrNot(f);
    } catch (error) {
      if (!this.built) this.choice?.structureChanged();
      else if (this.choice?.compiled !== before) this.choice?.forget();
      throw error;
    }
  }

  /** The loss and the metrics for these data, whose shapes decide what "accuracy" means. */
  protected prepare(place: string, data: Data): Compiled {
    const choice = this.needChoice(place);
    const output = this.checkInputs(place, data.x);
    const compiled = choice.prepare([null, ...data.y.shape.slice(1)], output, this.trainableWeights);
    compiled.loss.check(place, data.y, output);
    return compiled;
  }

  protected warnIfStale(place: string): void {
    if (this.warnedOfStale || !this.choice?.isStale(this.trainableWeights)) return;
    this.warnedOfStale = true;
    console.warn(
      `${place}: trainable was set since model "${this.name}" was compiled, and the same weights as before are trained; ` +
        'call model.compile(...) again for the change to take effect',
    );
  }

  /** The shape of a batch of inputs, if the model is built. */
  protected get knownInputShape(): BatchShape | undefined {
    return this.built ? this.inputs[0]!.shape : undefined;
  }

  /** What streams of data ask: each of their batches is looked at as data in memory are. */
  protected readonly taker: Taker = {
    inputShape: () => this.knownInputShape,
    check: (place, data) => void (this.choice?.compiled && this.prepare(place, data)),
  };

  /**
   * Builds the model for inputs like x if it is not built, and gives the shape of its outputs.
   * @throws if x does not fit the model.
   */
  protected checkInputs(place: string, x: Tensor): BatchShape {
    this.refuseDisposed(place);
    checkRows(place, x);
    this.ensureBuilt([null, ...x.shape.slice(1)]);
    const { shape: expected } = this.inputs[0]!;
    if (!fits(x.shape, expected)) {
      const isSample = expected.length === x.rank + 1 && x.shape.every((dim, i) => dim === (expected[i + 1] ?? dim));
      throw new WasmgradError(
        `${place}: layer "${this.layers[0]!.name}" (layer 1 of "${this.name}") expects inputs of shape ` +
          `${formatShape(expected)}, got ${formatShape(x.shape)}; ` +
          (isSample
            ? 'for one sample give [sample], or x.expandDims(0)'
            : `give one row of shape ${formatShape(expected.slice(1))} for each sample`),
      );
    }
    // As a rule the shape is the one that the model was built for.
    const isUsual = expected.every((dim, i) => i === 0 || dim === x.shape[i]);
    return isUsual ? this.outputs[0]!.shape : this.computeOutputShape([null, ...x.shape.slice(1)]);
  }

  override unbuild(): void {
    super.unbuild();
    this.programs.clear();
  }

  /**
   * Frees the weights, the optimizer's state and the programs.
   * @throws while `fit` runs
   */
  override dispose(): void {
    this.refuseDuring('dispose');
    this.choice?.dispose();
    this.dropRestored();
    super.dispose();
    this.disposed = true;
  }
}
