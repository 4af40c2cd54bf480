// RMSprop.
import { FLAG, FRACTION, FROM_ZERO } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

export interface RMSPropArgs extends OptimizerArgs {
  /** How much of the mean squared gradient is kept. Default: 0.9. */
  rho?: number;
  /** How much of the last step is kept. Default: 0. */
  momentum?: number;
  /** Added to the mean squared gradient. Default: 1e-7. */
  epsilon?: number;
  /** Whether to subtract the square of the mean gradient. Default: false. */
  centered?: boolean;
}

/** w -= lr * dw / sqrt(v + epsilon), where v is the mean of dw^2. Default learning rate: 0.001. */
export class RMSprop extends Optimizer {
  static override className = 'RMSprop';
  private readonly rho: number;
  private readonly momentum: number;
  private readonly epsilon: number;
  private readonly centered: boolean;

  constructor(args: RMSPropArgs = {}) {
    super(0.001, args, { rho: FRACTION, momentum: FRACTION, epsilon: FROM_ZERO, centered: FLAG });
    this.rho = args.rho ?? 0.9;
    this.momentum = args.momentum ?? 0;
    this.epsilon = args.epsilon ?? 1e-7;
    this.centered = args.centered ?? false;
  }

  protected makeSlots(w: Variable): Variable[] {
    const names = [
      'velocity',
      ...(this.momentum > 0 ? ['momentum'] : []),
      ...(this.centered ? ['average_gradient'] : []),
    ];
    return names.map((name) => slot(w, name));
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { rho, epsilon, momentum } = this;
    if (momentum > 0) {
      const op = this.centered ? ops.rmspropCenteredMomentum : ops.rmspropMomentum;
      runWriting(op, operands, rho, epsilon, momentum, ...common);
    } else {
      runWriting(this.centered ? ops.rmspropCentered : ops.rmsprop, operands, rho, epsilon, ...common);
    }
  }

  /** All velocities, then all momentums, then all average gradients. */
  protected override slotVariables(slots: Variable[][]): Variable[] {
    return [0, 1, 2].flatMap((i) => slots.flatMap((ofOne) => ofOne[i] ?? []));
  }

  override getConfig(): ConfigDict {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }
}
