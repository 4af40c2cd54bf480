// Adam and its kin: AdamW, Adamax, Nadam, Lion.
import { FLAG, FRACTION, FROM_ZERO, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { run, runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { constant, mul, oneMinus, toFloat } from '../tensor/words.js';
import { Optimizer, scalar, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

/** Options of all of them. */
interface Moments {
  /** How much of the mean gradient is kept. Default: 0.9. */
  beta1: number;
  /** How much of the mean squared gradient (with Adamax of the largest gradient) is kept. Default: 0.999. */
  beta2: number;
  /** Added to the root of the mean squared gradient. Default: 1e-7. */
  epsilon: number;
}

export const MOMENTS: Stated<Moments> = {
  beta1: [FRACTION, 0.9],
  beta2: [FRACTION, 0.999],
  epsilon: [FROM_ZERO, 1e-7],
};

/** Options of an optimizer with means of gradients. */
export interface MomentsArgs extends OptimizerArgs, Partial<Moments> {}

interface AdamOptions extends Moments {
  /** Whether to divide by the largest mean squared gradient so far. Default: false. */
  amsgrad: boolean;
}

export interface AdamArgs extends OptimizerArgs, Partial<AdamOptions> {}

/** w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). Default learning rate: 0.001. */
export class Adam extends Optimizer<AdamOptions> {
  static override className: string = 'Adam';

  constructor(args: AdamArgs = {}) {
    super(0.001, args, { ...MOMENTS, amsgrad: [FLAG, false] });
  }

  protected makeSlots(w: Variable): Variable[] {
    return ['momentum', 'velocity', ...(this.options.amsgrad ? ['velocity_hat'] : [])].map((name) => slot(w, name));
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { beta1, beta2, epsilon, amsgrad } = this.options;
    const op = amsgrad ? ops.adamAmsgrad : ops.adam;
    runWriting(op, [...operands, this.updates], beta1, beta2, epsilon, ...common);
  }

  /** amsgrad's slots come after those of all variables. */
  protected override slotVariables(slots: Variable[][]): Variable[] {
    return [...slots.flatMap(([m, v]) => [m!, v!]), ...slots.flatMap(([, , max]) => max ?? [])];
  }
}

/** Adam with weight decay. Default: 0.004. */
export class AdamW extends Adam {
  static override className = 'AdamW';

  constructor(args: AdamArgs = {}) {
    super({ weightDecay: 0.004, ...args });
  }
}

/** w -= lr / (1 - beta1^t) * m / (u + epsilon), where u is the largest of |dw| and beta2 * u. Default learning rate: 0.001. */
export class Adamax extends Optimizer<Moments> {
  static override className = 'Adamax';

  constructor(args: MomentsArgs = {}) {
    super(0.001, args, MOMENTS);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'momentum'), slot(w, 'norm')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { beta1, beta2, epsilon } = this.options;
    runWriting(ops.adamax, [...operands, this.updates], beta1, beta2, epsilon, ...common);
  }
}

/** Adam with Nesterov's momentum, whose part grows with the steps. Default learning rate: 0.001. */
export class Nadam extends Optimizer<Moments> {
  static override className = 'Nadam';
  /** The product of the momentums of all steps. */
  private readonly product = scalar('float32', 1, 'u_product');

  constructor(args: MomentsArgs = {}) {
    super(0.001, args, MOMENTS);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'momentum'), slot(w, 'velocity')];
  }

  protected override get shared(): Variable[] {
    return [this.product];
  }

  protected override beforeUpdates(): void {
    const power = run(ops.pow, [
      constant(0.96),
      toFloat(run(ops.add, [this.updates, run(ops.fill, [], [], 1, 'int32')])),
    ]);
    run(ops.assign, [this.product, mul(mul(this.product, this.options.beta1), oneMinus(mul(power, 0.5)))]);
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { beta1, beta2, epsilon } = this.options;
    runWriting(ops.nadam, [...operands, this.updates, this.product], beta1, beta2, epsilon, ...common);
  }
}

export interface LionArgs extends OptimizerArgs, Partial<Omit<Moments, 'epsilon'>> {}

/** w -= lr * sign(beta1 * m + (1 - beta1) * dw). Defaults: learning rate 0.001, beta2 0.99. */
export class Lion extends Optimizer<Omit<Moments, 'epsilon'>> {
  static override className = 'Lion';

  constructor(args: LionArgs = {}) {
    super(0.001, args, { beta1: [FRACTION, 0.9], beta2: [FRACTION, 0.99] });
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'momentum')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    runWriting(ops.lion, operands, this.options.beta1, this.options.beta2, ...common);
  }
}
