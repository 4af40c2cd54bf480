// What a layer is: weights, and mathematics on tensors.
import { eagerly, probe } from '../compile.js';
import { WasmgradError, checkOptions } from '../core/errors.js';
import { getInitializer, type InitializerIdentifier } from '../initializers.js';
import type { ConfigDict } from '../serialization.js';
import type { DataType } from '../tensor/dtypes.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import { Variable } from '../tensor/variable.js';
import { uniqueName } from './names.js';

/** Dimensions of which the first, the batch, is not known. */
export type BatchShape = (number | null)[];

/** Options that every layer takes. */
export interface LayerArgs {
  /** By default the class's name in snake case, numbered. */
  name?: string;
  /** Whether training changes its weights. Default: true. */
  trainable?: boolean;
  /** Shape of one input, without the batch. For the first layer of a model. */
  inputShape?: number[];
  /** As `inputShape`, with the batch. */
  batchInputShape?: BatchShape;
}

/** The names in `LayerArgs`. */
const LAYER_OPTIONS: readonly (keyof LayerArgs)[] = ['name', 'trainable', 'inputShape', 'batchInputShape'];

export interface CallOptions {
  /** Whether the model is being trained. */
  training: boolean;
  /** Which steps of the input count, if the layers before say so: bool (batch, steps). */
  mask?: Tensor;
}

/** Batch sizes with which shapes are probed: the dimensions that differ depend on the batch. */
const PROBES = [83, 89] as const;

export abstract class Layer {
  /** The name in files and of `registerClass`. */
  static className = 'Layer';

  readonly name: string;
  /** Whether its weights exist. */
  built = false;
  /** Whether a mask may come in; it goes out again unless `computeMask` says otherwise. */
  supportsMasking = false;
  /** The first layer's input, with the batch. */
  readonly batchInputShape: BatchShape | undefined;
  private isTrainable: boolean;
  private readonly ownWeights: Variable[] = [];

  /** @throws if an option is in neither `LayerArgs` nor `known`. */
  constructor(args: LayerArgs = {}, known?: readonly string[]) {
    const className = this.getClassName();
    if (known !== undefined) checkOptions(`layer ${className}`, args, [...LAYER_OPTIONS, ...known]);
    this.name = args.name ?? uniqueName(className);
    this.isTrainable = args.trainable ?? true;
    this.batchInputShape = args.batchInputShape ?? (args.inputShape && [null, ...args.inputShape]);
  }

  getClassName(): string {
    return (this.constructor as typeof Layer).className;
  }

  /** Makes the weights, by `addWeight`, for inputs of this shape. */
  build(_inputShape: BatchShape): void {}

  /** The layer's mathematics: from its inputs (batch, …) to its outputs. Runs on symbolic tensors: shapes without values. */
  abstract call(inputs: Tensor, options: CallOptions): Tensor;

  /** The mask of the outputs. By default that of the inputs, if the layer supports masking. */
  computeMask(_inputs: Tensor, mask?: Tensor): Tensor | undefined {
    if (mask !== undefined && !this.supportsMasking) {
      throw new WasmgradError(`layer "${this.name}" does not support masking, but its input carries a mask`);
    }
    return mask;
  }

  /** What is needed to make the layer again, as JSON. Subclasses add their options to it. */
  getConfig(): ConfigDict {
    const config: ConfigDict = { name: this.name, trainable: this.trainable };
    if (this.batchInputShape !== undefined) config['batchInputShape'] = this.batchInputShape;
    return config;
  }

  /**
   * A weight of the layer; call it in `build`.
   * @param initializer default: glorotUniform
   * @param trainable whether gradients change it. Default: true.
   */
  protected addWeight(
    name: string,
    shape: number[],
    dtype: DataType = 'float32',
    initializer: InitializerIdentifier = 'glorotUniform',
    trainable = true,
  ): Variable {
    const values = getInitializer(initializer).apply(shape, dtype);
    const weight = new Variable(values, trainable && this.trainable, `${this.name}/${name}`);
    this.ownWeights.push(weight);
    this.frozen.set(weight, !trainable);
    return weight;
  }

  /** Weights that never train, whatever `trainable` says. */
  private readonly frozen = new Map<Variable, boolean>();

  get trainable(): boolean {
    return this.isTrainable;
  }

  set trainable(trainable: boolean) {
    this.isTrainable = trainable;
    for (const weight of this.ownWeights) weight.trainable = trainable && this.frozen.get(weight) === false;
  }

  /** Trainable ones first, then the others. */
  get weights(): Variable[] {
    const never = (weight: Variable) => this.frozen.get(weight) === true;
    return [...this.ownWeights.filter((weight) => !never(weight)), ...this.ownWeights.filter(never)];
  }

  get trainableWeights(): Variable[] {
    return this.weights.filter((weight) => weight.trainable);
  }

  get nonTrainableWeights(): Variable[] {
    return this.weights.filter((weight) => !weight.trainable);
  }

  /** Number of numbers in its weights. */
  countParams(): number {
    return this.weights.reduce((count, weight) => count + weight.size, 0);
  }

  /** The layer's weights; they stay the layer's. */
  getWeights(): Tensor[] {
    return this.weights;
  }

  /**
   * Copies values into the weights, in the order of `weights`.
   * @throws if their number or a shape differs; nothing is changed then.
   */
  setWeights(values: readonly TensorLike[]): void {
    assignAll(`layer "${this.name}".setWeights`, this.weights, values);
  }

  /** Builds the layer if it is not built, from the shape that comes in. */
  ensureBuilt(inputShape: BatchShape): void {
    if (this.built) return;
    eagerly(() => this.build(inputShape));
    this.built = true;
  }

  /** The shape that comes out for a shape that goes in; `null` where it depends on the batch. */
  computeOutputShape(inputShape: BatchShape, dtype: DataType = 'float32'): BatchShape {
    this.ensureBuilt(inputShape);
    const [a, b] = PROBES.map((batch) => {
      const shape = inputShape.map((dim) => dim ?? batch);
      return probe([{ shape, dtype }], (x) => [this.call(x, { training: false })])[0]!.shape;
    });
    return a!.map((dim, i) => (dim === b![i] ? dim : null));
  }

  /** The state (seed, number of calls) of the layer's random draws, if it makes any. */
  get randomState(): Variable | undefined {
    return undefined;
  }

  /** Runs the layer on a tensor, outside of a model or inside of another layer. */
  apply(inputs: TensorLike, options: Partial<CallOptions> = {}): Tensor {
    const x = isTensor(inputs) ? inputs : toTensor(`layer "${this.name}"`, inputs);
    this.ensureBuilt([null, ...x.shape.slice(1)]);
    const result = this.call(x, { training: false, ...options });
    if (x !== inputs && result !== x) x.dispose();
    return result;
  }

  /** Frees the weights. */
  dispose(): void {
    for (const weight of this.ownWeights.splice(0)) weight.dispose();
    this.built = false;
  }
}

/** @throws if the number of values or a shape differs; nothing is changed then. */
export function assignAll(place: string, weights: readonly Variable[], values: readonly TensorLike[]): void {
  if (values.length !== weights.length) {
    throw new WasmgradError(`${place}: expected ${weights.length} tensors, got ${values.length}`);
  }
  const tensors = values.map((value) => toTensor(place, value));
  try {
    tensors.forEach(({ shape }, i) => {
      const { name, shape: expected } = weights[i]!;
      if (String(shape) !== String(expected)) {
        throw new WasmgradError(`${place}: "${name}" has shape [${expected}], got [${shape}]`);
      }
    });
    tensors.forEach((tensor, i) => weights[i]!.assign(tensor));
  } finally {
    tensors.forEach((tensor, i) => tensor !== values[i] && tensor.dispose());
  }
}
