// RMSprop.
import { FLAG, FRACTION, FROM_ZERO, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

interface RMSPropOptions {
  /** How much of the mean squared gradient is kept. Default: 0.9. */
  rho: number;
  /** How much of the last step is kept. Default: 0. */
  momentum: number;
  /** Added to the mean squared gradient. Default: 1e-7. */
  epsilon: number;
  /** Whether to subtract the square of the mean gradient. Default: false. */
  centered: boolean;
}

export interface RMSPropArgs extends OptimizerArgs, Partial<RMSPropOptions> {}

const OPTIONS: Stated<RMSPropOptions> = {
  rho: [FRACTION, 0.9],
  momentum: [FRACTION, 0],
  epsilon: [FROM_ZERO, 1e-7],
  centered: [FLAG, false],
};

/** w -= lr * dw / sqrt(v + epsilon), where v is the mean of dw^2. Default learning rate: 0.001. */
export class RMSprop extends Optimizer<RMSPropOptions> {
  static override className = 'RMSprop';

  constructor(args: RMSPropArgs = {}) {
    super(0.001, args, OPTIONS);
  }

  protected makeSlots(w: Variable): Variable[] {
    const { momentum, centered } = this.options;
    const names = ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average_gradient'] : [])];
    return names.map((name) => slot(w, name));
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { rho, epsilon, momentum, centered } = this.options;
    if (momentum > 0) {
      const op = centered ? ops.rmspropCenteredMomentum : ops.rmspropMomentum;
      runWriting(op, operands, rho, epsilon, momentum, ...common);
    } else {
      runWriting(centered ? ops.rmspropCentered : ops.rmsprop, operands, rho, epsilon, ...common);
    }
  }

  /** All velocities, then all momentums, then all average gradients. */
  protected override slotVariables(slots: Variable[][]): Variable[] {
    return [0, 1, 2].flatMap((i) => slots.flatMap((ofOne) => ofOne[i] ?? []));
  }
}
