// Dense: every output depends on every input.
import { getActivation, serializeActivation, type Activation, type ActivationIdentifier } from '../activations.js';
import { WasmgradError } from '../core/errors.js';
import { ANY, FLAG, required, wholeFrom, type Rules } from '../core/options.js';
import type { Initializer } from '../initializers/initializer.js';
import { getInitializers, serializeInitializer, type InitializerIdentifier } from '../initializers/registry.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { type BatchShape, Layer, type LayerArgs } from './layer.js';

export interface DenseArgs extends LayerArgs {
  /** Number of outputs. */
  units: number;
  /** Number of inputs: short for `inputShape: [inputDim]`. */
  inputDim?: number;
  /** Default: linear. */
  activation?: ActivationIdentifier;
  /** Default: true. */
  useBias?: boolean;
  /** Default: glorotUniform. */
  kernelInitializer?: InitializerIdentifier;
  /** Default: zeros. */
  biasInitializer?: InitializerIdentifier;
}

const RULES: Rules<Omit<DenseArgs, keyof LayerArgs>> = {
  units: required(wholeFrom(1)),
  inputDim: wholeFrom(1),
  activation: ANY,
  useBias: FLAG,
  kernelInitializer: ANY,
  biasInitializer: ANY,
};

/** y = activation(x kernel + bias), for x (…, inputs) and y (…, units). */
export class Dense extends Layer {
  static override className = 'Dense';
  private readonly units: number;
  private readonly useBias: boolean;
  private readonly activation: Activation;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: Variable; // (inputs, units)
  private bias?: Variable; // (units)

  constructor(args: DenseArgs) {
    super(args?.inputDim === undefined ? args : { inputShape: [args.inputDim], ...args }, RULES);
    this.units = args.units;
    this.useBias = args.useBias ?? true;
    const place = `layer "${this.name}"`;
    this.activation = getActivation(place, args.activation);
    const [kernel, bias] = [args.kernelInitializer ?? 'glorotUniform', args.biasInitializer ?? 'zeros'];
    [this.kernelInitializer, this.biasInitializer] = getInitializers(place, kernel, bias);
    this.supportsMasking = true;
  }

  override build(inputShape: BatchShape): void {
    const inputs = inputShape.at(-1);
    if (inputShape.length < 2 || inputs == null) {
      throw new WasmgradError(
        `expected inputs of shape [batch, ..., features] with a known number of features, got ${formatShape(inputShape)}`,
      );
    }
    this.kernel = this.addWeight('kernel', [inputs, this.units], 'float32', this.kernelInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [this.units], 'float32', this.biasInitializer);
  }

  override call(x: Tensor): Tensor {
    const [inputs] = this.kernel.shape;
    if (x.shape.at(-1) !== inputs) {
      throw new WasmgradError(`expected inputs of shape [*, ${inputs}], got ${formatShape(x.shape)}`);
    }
    const product = run(ops.matMul, [x, this.kernel], false, false);
    return this.activation(this.bias ? run(ops.add, [product, this.bias]) : product);
  }

  override getConfig(): ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: serializeActivation(`layer "${this.name}"`, this.activation),
      useBias: this.useBias,
      kernelInitializer: serializeInitializer(this.kernelInitializer),
      biasInitializer: serializeInitializer(this.biasInitializer),
    };
  }
}
