// What a layer is: weights, and mathematics on tensors.
import { eagerly, probe, traceScope, type Spec } from '../compile.js';
import { describe, WasmgradError } from '../core/errors.js';
import {
  ANY,
  DTYPE,
  checkOptions,
  checkValue,
  checkValues,
  FLAG,
  TEXT,
  wholesFrom,
  type Rules,
} from '../core/options.js';
import { checkConstraint, CONSTRAINTS, type ConstraintIdentifier } from '../constraints/registry.js';
import { INITIALIZERS, type InitializerIdentifier } from '../initializers/registry.js';
import type { Regularizer } from '../regularizers/regularizers.js';
import { penaltyOf, REGULARIZERS, type RegularizerIdentifier } from '../regularizers/registry.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape, type DataType } from '../tensor/dtypes.js';
import { checkReturned, isTensor, type Tensor } from '../tensor/tensor.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import { Variable } from '../tensor/variable.js';
import { div, sumOver } from '../tensor/words.js';
import { newPass, Part } from './passes.js';
import { uniqueName } from './names.js';
import { allIn, assignAll, noteBuilt } from './together.js';

/** Dimensions of which the first, the batch, is not known. */
export type BatchShape = (number | null)[];

/** The type of a batch. */
export interface BatchSpec {
  readonly shape: BatchShape;
  readonly dtype: DataType;
}

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
  /** What the model's inputs are cast to. For the first layer of a model. Default: float32. */
  inputDType?: DataType;
  /** What the layer's outputs cost, divided by the number of samples. Default: nothing. */
  activityRegularizer?: RegularizerIdentifier | null;
  /** What the weights begin with, in the order of `getWeights`, instead of their initializers' values. */
  weights?: readonly TensorLike[];
}

/** What the options that models take too must be. */
export const MODEL_RULES: Rules<Omit<LayerArgs, 'weights' | 'activityRegularizer'>> = {
  name: TEXT,
  trainable: FLAG,
  inputShape: wholesFrom(1, '[4]'),
  batchInputShape: wholesFrom(1, '[null, 4]'),
  inputDType: DTYPE,
};

/** What the options that every layer takes must be. */
const LAYER_RULES: Rules<LayerArgs> = {
  ...MODEL_RULES,
  activityRegularizer: ANY,
  weights: { ok: Array.isArray, expected: 'a list of tensors or arrays' },
};

export interface CallOptions {
  /** Whether the model is being trained. */
  training: boolean;
  /** Which steps of the input count, if the layers before say so: bool (batch, steps). */
  mask?: Tensor;
}

/** What goes from layer to layer: values, and which steps of them count. */
export interface Flow {
  x: Tensor;
  mask?: Tensor | undefined;
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
  readonly inputDType: DataType;
  readonly activityRegularizer: Regularizer | undefined;
  private readonly part = new Part();
  private isTrainable: boolean;
  private readonly ownWeights: Variable[] = [];
  /** Weights that never train, whatever `trainable` says. */
  private readonly frozen = new Set<Variable>();
  private warnedOfMask = false;
  private readonly initialWeights: readonly TensorLike[] | undefined;
  /** What it was built for. */
  private builtFor: BatchSpec | undefined;

  /**
   * @param rules what the options of the subclass itself must be; without them other options than those of every layer
   *   are not looked at
   * @throws if an option is unknown, or breaks its rule; nothing is drawn or named then
   */
  constructor(given?: LayerArgs, rules?: Rules) {
    const className = this.getClassName();
    const args = given ?? {};
    const place = typeof args.name === 'string' ? `layer "${args.name}"` : `layer ${className}`;
    if (rules === undefined) checkValues(place, args, LAYER_RULES);
    else checkOptions<object>(place, given, { ...rules, ...LAYER_RULES });
    this.activityRegularizer = REGULARIZERS.get(place, args.activityRegularizer);
    this.inputDType = args.inputDType ?? 'float32';
    this.name = args.name ?? uniqueName(className);
    this.isTrainable = args.trainable ?? true;
    this.batchInputShape = args.batchInputShape ?? (args.inputShape && [null, ...args.inputShape]);
    this.initialWeights = args.weights;
  }

  getClassName(): string {
    return (this.constructor as typeof Layer).className;
  }

  /** Makes the weights, by `addWeight`, for inputs of this shape. */
  build(_inputShape: BatchShape): void {}

  /**
   * The layer's mathematics: from its inputs (batch, …) to its outputs. Runs on symbolic tensors: shapes without values.
   * By default the inputs go on as they are.
   */
  call(inputs: Tensor, _options: CallOptions): Tensor {
    return inputs;
  }

  /** The mask of the outputs. By default that of the inputs, or none (with a warning) if the layer does not support masking. */
  computeMask(_inputs: Tensor, mask?: Tensor): Tensor | undefined {
    if (mask === undefined || this.supportsMasking) return mask;
    if (!this.warnedOfMask) {
      console.warn(
        `layer "${this.name}" (${this.getClassName()}) does not support masking: the layers after it do not see the mask ` +
          'that its input carries. Set supportsMasking to true, or write computeMask, if the mask fits its outputs',
      );
    }
    this.warnedOfMask = true;
    return undefined;
  }

  /** `call`, and the mask that goes with its outputs. */
  flow({ x, mask }: Flow, training: boolean): Flow {
    const y = this.checkedCall(x, { training, ...(mask && { mask }) });
    return { x: y, mask: this.computeMask(x, mask) };
  }

  private checkedCall(x: Tensor, options: CallOptions): Tensor {
    return this.inPass(() => {
      const y: unknown = this.call(x, options);
      checkReturned(`layer "${this.name}" (${this.getClassName()}): call`, y);
      if (this.activityRegularizer !== undefined) {
        const penalty = this.penalty('activityRegularizer', this.activityRegularizer, y);
        this.part.add(div(penalty, y.shape[0] ?? 1));
      }
      return y;
    });
  }

  /** Calls `f` as a part of the forward pass that runs, or of a new one, to which `losses` belong. */
  protected inPass<T>(f: () => T): T {
    return this.part.run(f);
  }

  private penalty(what: string, regularizer: Regularizer, x: Tensor): Tensor {
    return traceScope(this.name, () => penaltyOf(`layer "${this.name}": ${what}`, regularizer, x));
  }

  /**
   * Adds to the loss that training lowers and that is measured: a scalar, or the sum of what it is given. Call it in `call`.
   * @throws outside of `call`
   */
  protected addLoss(loss: Tensor): void {
    const place = `layer "${this.name}".addLoss`;
    if (!this.part.isOpen) throw new WasmgradError(`${place}: call it in \`call\`, on what is computed there`);
    if (!isTensor(loss)) throw new WasmgradError(`${place}: expected a tensor, got ${describe(loss)}`);
    this.part.add(sumOver(loss, null));
  }

  /**
   * What is added to the loss, for training loops of one's own too: what activity regularizers and `addLoss` gave in the
   * last call, which ends with the next call or with the `tidy` around it; then the penalties of the trainable weights, new
   * ones at each time. The layers in it are included.
   */
  get losses(): Tensor[] {
    return inScope('losses', () => [
      ...[...new Set(allIn(this))].flatMap((layer) => layer.part.lossesWith(this.part)),
      ...this.trainableWeights.flatMap((weight) => weight.regularizer?.(weight) ?? []),
    ]);
  }

  /** What is needed to make the layer again, as JSON. Subclasses add their options to it. */
  getConfig(): ConfigDict {
    const config: ConfigDict = { name: this.name, trainable: this.trainable };
    if (this.batchInputShape !== undefined) config['batchInputShape'] = this.batchInputShape;
    if (this.inputDType !== 'float32') config['inputDType'] = this.inputDType;
    if (this.activityRegularizer !== undefined) {
      config['activityRegularizer'] = REGULARIZERS.serialize(`layer "${this.name}"`, this.activityRegularizer);
    }
    return config;
  }

  /**
   * A weight of the layer; call it in `build`. The arguments stand as in tfjs.
   * @param dtype default: float32
   * @param initializer default: glorotUniform
   * @param regularizer default: none
   * @param trainable whether gradients change it. Default: true.
   * @param constraint what optimizers bring it back to after each step; default: nothing
   * @throws if the layer has a weight of that name, or the regularizer or the constraint does not fit its shape
   */
  protected addWeight(
    name: string,
    shape: number[],
    dtype?: DataType | null,
    initializer?: InitializerIdentifier | null,
    regularizer?: RegularizerIdentifier | null,
    trainable = true,
    constraint?: ConstraintIdentifier | null,
  ): Variable {
    const place = `layer "${this.name}": weight "${name}"`;
    const fullName = `${this.name}/${name}`;
    if (this.ownWeights.some((weight) => weight.name === fullName)) {
      throw new WasmgradError(`${place}: there is one of that name already; give this one another name`);
    }
    const spec = { shape, dtype: dtype ?? 'float32' };
    const costs = REGULARIZERS.get(place, regularizer);
    const bounds = CONSTRAINTS.get(place, constraint);
    const penalty = costs && ((w: Tensor) => this.penalty(`weight "${name}": regularizer`, costs, w));
    if (penalty !== undefined) probe([spec], (w) => [penalty(w!)]);
    if (bounds !== undefined) checkConstraint(place, bounds, spec);
    const values = INITIALIZERS.maker(place, initializer ?? 'glorotUniform')().apply(shape, spec.dtype);
    if (String(values.shape) !== String(shape)) {
      values.dispose();
      throw new WasmgradError(
        `${place}: the initializer gives shape ${formatShape(values.shape)} for ${formatShape(shape)}`,
      );
    }
    const weight = new Variable(values, trainable && this.trainable, fullName);
    weight.regularizer = penalty;
    weight.constraint = bounds && ((w) => bounds.apply(w));
    this.ownWeights.push(weight);
    if (!trainable) this.frozen.add(weight);
    return weight;
  }

  /** The layers that this one is made of, each with its part of a weight's path: those that its properties hold. */
  get sublayers(): [path: string, layer: Layer][] {
    // Asked for at every call of a model: most properties are no layers, and no list is made for them.
    const found: [string, Layer][] = [];
    for (const key of Object.keys(this)) {
      const value = this[key as keyof this] as unknown;
      if (value instanceof Layer) found.push([key, value]);
      else if (Array.isArray(value)) {
        value.forEach((item, i) => item instanceof Layer && found.push([`${key}_${i}`, item]));
      }
    }
    return found;
  }

  get trainable(): boolean {
    return this.isTrainable;
  }

  /** A model that was compiled before trains the same weights as before until it is compiled again. */
  set trainable(trainable: boolean) {
    checkValue(`layer "${this.name}"`, 'trainable', trainable, FLAG);
    this.isTrainable = trainable;
    for (const weight of this.ownWeights) weight.trainable = trainable && !this.frozen.has(weight);
    for (const [, layer] of this.sublayers) layer.trainable = trainable;
  }

  /** Its own, trainable ones first, then those of the layers in it. */
  get weights(): Variable[] {
    const never = (weight: Variable) => this.frozen.has(weight);
    const own = [...this.ownWeights.filter((weight) => !never(weight)), ...this.ownWeights.filter(never)];
    return [...new Set([...own, ...this.sublayers.flatMap(([, layer]) => layer.weights)])];
  }

  get trainableWeights(): Variable[] {
    if (!this.isTrainable) return [];
    const own = this.ownWeights.filter((weight) => weight.trainable);
    return [...new Set([...own, ...this.sublayers.flatMap(([, layer]) => layer.trainableWeights)])];
  }

  get nonTrainableWeights(): Variable[] {
    const trainable = new Set(this.trainableWeights);
    return this.weights.filter((weight) => !trainable.has(weight));
  }

  /** Weights, and states of random draws, by their paths from this layer: `kernel`, or `encoder/kernel` of a layer in it. */
  get state(): [path: string, variable: Variable][] {
    const own = [...this.ownWeights, ...(this.randomState ? [this.randomState] : [])];
    return [
      ...own.map((variable): [string, Variable] => [variable.name.slice(this.name.length + 1), variable]),
      ...this.sublayers.flatMap(([part, layer]) =>
        layer.state.map(([path, variable]): [string, Variable] => [`${part}/${path}`, variable]),
      ),
    ];
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

  /** Builds the layer if it is not built, from the shape and dtype that come in. */
  ensureBuilt(inputShape: BatchShape, dtype: DataType = 'float32'): void {
    if (this.built) return;
    try {
      eagerly(() => {
        this.build(inputShape);
        if (this.initialWeights !== undefined)
          assignAll(`layer "${this.name}": weights`, this.weights, this.initialWeights);
      });
    } catch (error) {
      this.unbuild();
      throw error;
    }
    this.builtFor = { shape: inputShape, dtype };
    this.built = true;
    noteBuilt(this);
  }

  /** The shape of what comes in, with the batch (null). @throws if the layer is not built. */
  get inputShape(): BatchShape {
    return this.needBuiltFor('inputShape').shape;
  }

  /** The shape of what comes out, with the batch (null). @throws if the layer is not built. */
  get outputShape(): BatchShape {
    return this.outputSpec(this.needBuiltFor('outputShape')).shape;
  }

  private needBuiltFor(place: string): BatchSpec {
    if (this.builtFor === undefined) {
      throw new WasmgradError(
        `${place}: layer "${this.name}" is not built: it does not know the shape of its inputs yet; put it into a model that is`,
      );
    }
    return this.builtFor;
  }

  /** The type of what comes out for a type that goes in; dimensions are `null` where they depend on the batch. */
  outputSpec({ shape: inputShape, dtype }: BatchSpec): BatchSpec {
    this.ensureBuilt(inputShape, dtype);
    const [a, b] = PROBES.map((batch): Spec => {
      const shape = inputShape.map((dim) => dim ?? batch);
      try {
        return eagerly(() =>
          probe([{ shape, dtype }], (x) => newPass(() => [this.checkedCall(x!, { training: false })])),
        )[0]!;
      } catch (error) {
        // Nobody has such a batch.
        if (error instanceof WasmgradError) error.reword((message) => message.replaceAll(`[${batch}`, '[*'));
        throw error;
      }
    }) as [Spec, Spec];
    return { shape: a.shape.map((dim, i) => (dim === b.shape[i] ? dim : null)), dtype: a.dtype };
  }

  /** The shape that comes out for a shape that goes in. */
  computeOutputShape(inputShape: BatchShape): BatchShape {
    return this.outputSpec({ shape: inputShape, dtype: 'float32' }).shape;
  }

  /** The state (seed, number of calls) of the layer's random draws, if it makes any. */
  get randomState(): Variable | undefined {
    return undefined;
  }

  /** Runs the layer on a tensor, outside of a model or inside of another layer. */
  apply(inputs: TensorLike, options: Partial<CallOptions> = {}): Tensor {
    const place = `layer "${this.name}"`;
    return inScope(place, () => {
      const x = isTensor(inputs) ? inputs : toTensor(place, inputs);
      this.ensureBuilt([null, ...x.shape.slice(1)], x.dtype);
      // What is added to the loss shall outlive the scope.
      return [this.checkedCall(x, { training: false, ...options }), ...this.part.together] as const;
    })[0];
  }

  /** Frees the layer's own weights; the next use makes new ones. */
  unbuild(): void {
    for (const weight of this.ownWeights.splice(0)) weight.dispose();
    this.part.clear();
    this.frozen.clear();
    this.builtFor = undefined;
    this.built = false;
  }

  /** Frees the weights of the layer and of those in it. */
  dispose(): void {
    for (const layer of allIn(this)) layer.unbuild();
  }
}
