// Layers without weights.
import {
  getActivation,
  serializeActivation,
  type Activation as ActivationOf,
  type ActivationIdentifier,
} from '../activations.js';
import { check, seam } from '../core/core.js';
import { WasmgradError } from '../core/errors.js';
import { ANY, FROM_ZERO_TO_ONE, oneOf, required, SEED, wholesFrom, type Rules } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { sizeOf, type DataType } from '../tensor/dtypes.js';
import { create, run, runAll } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { Variable } from '../tensor/variable.js';
import { constant } from '../tensor/words.js';
import { type BatchShape, type CallOptions, Layer, type LayerArgs } from './layer.js';

export interface InputLayerArgs extends LayerArgs {
  /** Another name of `inputShape`. */
  shape?: number[];
  /** Another name of `inputDType`. */
  dtype?: DataType;
}

/** States the shape and dtype of the inputs; passes them on. */
export class InputLayer extends Layer {
  static override className = 'InputLayer';

  constructor(args: InputLayerArgs = {}) {
    const { shape, dtype, ...rest } = args;
    super(
      { ...rest, ...(shape !== undefined && { inputShape: shape }), ...(dtype !== undefined && { inputDType: dtype }) },
      {},
    );
    if (this.batchInputShape === undefined) {
      throw new WasmgradError(
        `layer "${this.name}": an input layer needs { inputShape: [...] }, the shape of one sample`,
      );
    }
    this.supportsMasking = true;
  }

  override call(x: Tensor): Tensor {
    return x;
  }
}

export interface ActivationArgs extends LayerArgs {
  activation: ActivationIdentifier;
}

/** y = activation(x). */
export class Activation extends Layer {
  static override className = 'Activation';
  private readonly activation: ActivationOf;

  constructor(args: ActivationArgs) {
    super(args, { activation: ANY });
    this.activation = getActivation(`layer "${this.name}"`, args.activation);
    this.supportsMasking = true;
  }

  override call(x: Tensor): Tensor {
    return this.activation(x);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), activation: serializeActivation(`layer "${this.name}"`, this.activation) };
  }
}

export interface DropoutArgs extends LayerArgs {
  /** The fraction of the inputs to drop, from 0 to 1. */
  rate: number;
  /** Which dimensions get their own decision: 1 where one decision is for all. Default: all. */
  noiseShape?: (number | null)[];
  /** Default: drawn from the global seed. */
  seed?: number;
}

const DROPOUT_RULES: Rules<Omit<DropoutArgs, keyof LayerArgs>> = {
  rate: required(FROM_ZERO_TO_ONE),
  noiseShape: wholesFrom(1, '[null, 1]'),
  seed: SEED,
};

/** In training each input is dropped with probability `rate`, and the others are divided by 1 - rate. */
export class Dropout extends Layer {
  static override className = 'Dropout';
  private readonly rate: number;
  private readonly noiseShape: (number | null)[] | undefined;
  private readonly seed: number;
  private draws: Variable | undefined; // (seed, number of calls)

  constructor(args: DropoutArgs) {
    super(args, DROPOUT_RULES);
    this.rate = args.rate;
    this.noiseShape = args.noiseShape;
    // As in Keras, without anything to drop no seed is drawn.
    this.seed = args.seed ?? (args.rate > 0 ? check(seam.random_next_seed()) : 0);
    this.supportsMasking = true;
  }

  override build(): void {
    const values = create([2], 'int32', (view) => view.set([this.seed, 0]));
    this.draws = new Variable(values, false, `${this.name}/seed_generator_state`);
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training || this.rate === 0) return x;
    const keep = 1 - this.rate;
    const shape = this.noiseShape?.map((dim, i) => dim ?? x.shape[i]!) ?? x.shape;
    const mask = runAll(ops.dropoutMask, [this.draws!], shape, keep)[0]!;
    const zero = constant(0);
    const scaled = run(ops.div, [x, constant(keep)]);
    return run(ops.select, [mask, this.rate === 1 ? run(ops.mul, [x, zero]) : scaled, zero]);
  }

  override get randomState(): Variable | undefined {
    return this.draws;
  }

  override unbuild(): void {
    this.draws?.dispose();
    super.unbuild();
  }

  override getConfig(): ConfigDict {
    return {
      ...super.getConfig(),
      rate: this.rate,
      seed: this.seed,
      ...(this.noiseShape && { noiseShape: this.noiseShape }),
    };
  }
}

export interface FlattenArgs extends LayerArgs {
  /** Where the channels are in the inputs; in the outputs they run fastest in any case. Default: channelsLast. */
  dataFormat?: 'channelsFirst' | 'channelsLast';
}

const FLATTEN_RULES: Rules<Omit<FlattenArgs, keyof LayerArgs>> = {
  dataFormat: oneOf('channelsFirst', 'channelsLast'),
};

/** (batch, …) -> (batch, all the rest). */
export class Flatten extends Layer {
  static override className = 'Flatten';
  private readonly dataFormat: 'channelsFirst' | 'channelsLast';

  constructor(args: FlattenArgs = {}) {
    super(args, FLATTEN_RULES);
    this.dataFormat = args.dataFormat ?? 'channelsLast';
  }

  override call(x: Tensor): Tensor {
    const moves = this.dataFormat === 'channelsFirst' && x.rank > 2;
    const [batch, channels, ...rest] = x.shape.map((_, axis) => axis);
    const last = moves ? run(ops.transpose, [x], [batch!, ...rest, channels!]) : x;
    return run(ops.reshape, [last], [x.shape[0]!, sizeOf(x.shape.slice(1))]);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

export interface ReshapeArgs extends LayerArgs {
  /** Shape of one output, without the batch; one dimension may be -1 (or null): what is left. */
  targetShape: (number | null)[];
}

const TARGET_SHAPE = wholesFrom(-1, '[2, 3]');

/** (batch, …) -> (batch, ...targetShape). */
export class Reshape extends Layer {
  static override className = 'Reshape';
  private readonly targetShape: (number | null)[];

  constructor(args: ReshapeArgs) {
    super(args, { targetShape: required(TARGET_SHAPE) });
    this.targetShape = args.targetShape;
  }

  override build(inputShape: BatchShape): void {
    this.resolve(inputShape.slice(1) as number[]);
  }

  override call(x: Tensor): Tensor {
    return run(ops.reshape, [x], [x.shape[0]!, ...this.resolve(x.shape.slice(1))]);
  }

  /** The target's shape with the dimension that is left open. */
  private resolve(shape: readonly number[]): number[] {
    const open = this.targetShape.filter((dim) => dim === null || dim === -1).length;
    const known = sizeOf(this.targetShape.filter((dim): dim is number => dim !== null && dim !== -1));
    const size = sizeOf(shape);
    if (open > 1 || (open === 1 ? size % known !== 0 : size !== known)) {
      throw new WasmgradError(
        `the ${size} elements of an input of shape [${shape}] do not fill targetShape [${this.targetShape.map((dim) => dim ?? -1)}]`,
      );
    }
    return this.targetShape.map((dim) => (dim === null || dim === -1 ? size / known : dim));
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }
}
