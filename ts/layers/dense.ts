// Dense: every output depends on every input.
import { getActivation, serializeActivation, type Activation, type ActivationIdentifier } from '../activations.js';
import { WasmgradError } from '../core/errors.js';
import { ANY, FLAG, required, wholeFrom, type Rules } from '../core/options.js';
import type { Constraint } from '../constraints/constraints.js';
import { CONSTRAINTS, type ConstraintIdentifier } from '../constraints/registry.js';
import type { Initializer } from '../initializers/initializer.js';
import { getInitializers, INITIALIZERS, type InitializerIdentifier } from '../initializers/registry.js';
import type { Regularizer } from '../regularizers/regularizers.js';
import { REGULARIZERS, type RegularizerIdentifier } from '../regularizers/registry.js';
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
  /** What the kernel costs, beside the loss. Default: nothing. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /** What the bias costs. Default: nothing. */
  biasRegularizer?: RegularizerIdentifier | null;
  /** What the kernel is brought back to after each step. Default: nothing. */
  kernelConstraint?: ConstraintIdentifier | null;
  /** What the bias is brought back to. Default: nothing. */
  biasConstraint?: ConstraintIdentifier | null;
}

const RULES: Rules<Omit<DenseArgs, keyof LayerArgs>> = {
  units: required(wholeFrom(1)),
  inputDim: wholeFrom(1),
  activation: ANY,
  useBias: FLAG,
  kernelInitializer: ANY,
  biasInitializer: ANY,
  kernelRegularizer: ANY,
  biasRegularizer: ANY,
  kernelConstraint: ANY,
  biasConstraint: ANY,
};

/** y = activation(x kernel + bias), for x (…, inputs) and y (…, units). */
export class Dense extends Layer {
  static override className = 'Dense';
  private readonly units: number;
  private readonly useBias: boolean;
  private readonly activation: Activation;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | undefined;
  private readonly biasRegularizer: Regularizer | undefined;
  private readonly kernelConstraint: Constraint | undefined;
  private readonly biasConstraint: Constraint | undefined;
  private kernel!: Variable; // (inputs, units)
  private bias?: Variable; // (units)

  constructor(args: DenseArgs) {
    super(args?.inputDim === undefined ? args : { inputShape: [args.inputDim], ...args }, RULES);
    this.units = args.units;
    this.useBias = args.useBias ?? true;
    const place = `layer "${this.name}"`;
    this.activation = getActivation(place, args.activation);
    this.kernelRegularizer = REGULARIZERS.get(place, args.kernelRegularizer);
    this.biasRegularizer = REGULARIZERS.get(place, args.biasRegularizer);
    this.kernelConstraint = CONSTRAINTS.get(place, args.kernelConstraint);
    this.biasConstraint = CONSTRAINTS.get(place, args.biasConstraint);
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
    const { units, kernelInitializer, kernelRegularizer, kernelConstraint } = this;
    const shape = [inputs, units];
    this.kernel = this.addWeight(
      'kernel',
      shape,
      'float32',
      kernelInitializer,
      kernelRegularizer,
      true,
      kernelConstraint,
    );
    if (!this.useBias) return;
    const { biasInitializer, biasRegularizer, biasConstraint } = this;
    this.bias = this.addWeight('bias', [units], 'float32', biasInitializer, biasRegularizer, true, biasConstraint);
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
    const place = `layer "${this.name}"`;
    return {
      ...super.getConfig(),
      units: this.units,
      activation: serializeActivation(place, this.activation),
      useBias: this.useBias,
      kernelInitializer: INITIALIZERS.serialize(place, this.kernelInitializer),
      biasInitializer: INITIALIZERS.serialize(place, this.biasInitializer),
      kernelRegularizer: REGULARIZERS.serialize(place, this.kernelRegularizer),
      biasRegularizer: REGULARIZERS.serialize(place, this.biasRegularizer),
      kernelConstraint: CONSTRAINTS.serialize(place, this.kernelConstraint),
      biasConstraint: CONSTRAINTS.serialize(place, this.biasConstraint),
    };
  }
}
