// Adam and AdamW.
import { FLAG, FRACTION, FROM_ZERO } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

export interface AdamArgs extends OptimizerArgs {
  /** How much of the mean gradient is kept. Default: 0.9. */
  beta1?: number;
  /** How much of the mean squared gradient is kept. Default: 0.999. */
  beta2?: number;
  /** Added to the root of the mean squared gradient. Default: 1e-7. */
  epsilon?: number;
  /** Whether to divide by the largest mean squared gradient so far. Default: false. */
  amsgrad?: boolean;
}

/** w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). Default learning rate: 0.001. */
export class Adam extends Optimizer {
  static override className: string = 'Adam';
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly amsgrad: boolean;

  constructor(args: AdamArgs = {}) {
    super(0.001, args, { beta1: FRACTION, beta2: FRACTION, epsilon: FROM_ZERO, amsgrad: FLAG });
    this.beta1 = args.beta1 ?? 0.9;
    this.beta2 = args.beta2 ?? 0.999;
    this.epsilon = args.epsilon ?? 1e-7;
    this.amsgrad = args.amsgrad ?? false;
  }

  protected makeSlots(w: Variable): Variable[] {
    return ['momentum', 'velocity', ...(this.amsgrad ? ['velocity_hat'] : [])].map((name) => slot(w, name));
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const op = this.amsgrad ? ops.adamAmsgrad : ops.adam;
    runWriting(op, [...operands, this.iterations], this.beta1, this.beta2, this.epsilon, ...common);
  }

  /** amsgrad's slots come after those of all variables. */
  protected override slotVariables(slots: Variable[][]): Variable[] {
    return [...slots.flatMap(([m, v]) => [m!, v!]), ...slots.flatMap(([, , max]) => max ?? [])];
  }

  override getConfig(): ConfigDict {
    const { beta1, beta2, epsilon, amsgrad } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon, amsgrad };
  }
}

/** Adam with weight decay. Default: 0.004. */
export class AdamW extends Adam {
  static override className = 'AdamW';

  constructor(args: AdamArgs = {}) {
    super({ weightDecay: 0.004, ...args });
  }
}
