// Ftrl.
import { FROM_ZERO, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

interface FtrlOptions {
  /** The power of the accumulated gradients that the step shrinks with, at most 0. Default: -0.5. */
  learningRatePower: number;
  /** What the sum of squared gradients begins with. Default: 0.1. */
  initialAccumulatorValue: number;
  /** Default: 0. */
  l1RegularizationStrength: number;
  /** Default: 0. */
  l2RegularizationStrength: number;
  /** A pull to 0 that is a part of the gradient, but not of its square. Default: 0. */
  l2ShrinkageRegularizationStrength: number;
  /** Default: 0. */
  beta: number;
}

export interface FtrlArgs extends OptimizerArgs, Partial<FtrlOptions> {}

const OPTIONS: Stated<FtrlOptions> = {
  learningRatePower: [{ ok: (x) => typeof x === 'number' && x <= 0, expected: 'a number up to 0' }, -0.5],
  initialAccumulatorValue: [FROM_ZERO, 0.1],
  l1RegularizationStrength: [FROM_ZERO, 0],
  l2RegularizationStrength: [FROM_ZERO, 0],
  l2ShrinkageRegularizationStrength: [FROM_ZERO, 0],
  beta: [FROM_ZERO, 0],
};

/**
 * Follow the regularized leader: w = (clip(z, -l1, l1) - z) / (a^-power / lr + 2 * l2 + beta / lr), where a is the sum of
 * dw^2, and z sums dw - (what a^-power has grown) / lr * w. Default learning rate: 0.001.
 */
export class Ftrl extends Optimizer<FtrlOptions> {
  static override className = 'Ftrl';

  constructor(args: FtrlArgs = {}) {
    super(0.001, args, OPTIONS);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'accumulator', this.options.initialAccumulatorValue), slot(w, 'linear')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { learningRatePower, l1RegularizationStrength, l2RegularizationStrength, beta } = this.options;
    const shrinkage = this.options.l2ShrinkageRegularizationStrength;
    const strengths = [l1RegularizationStrength, l2RegularizationStrength, shrinkage] as const;
    runWriting(ops.ftrl, operands, learningRatePower, ...strengths, beta, ...common);
  }
}
