// Adagrad and Adadelta.
import { FRACTION, FROM_ZERO, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

interface AdagradOptions {
  /** What the sum of squared gradients begins with. Default: 0.1. */
  initialAccumulatorValue: number;
  /** Added to the sum of squared gradients. Default: 1e-7. */
  epsilon: number;
}

export interface AdagradArgs extends OptimizerArgs, Partial<AdagradOptions> {}

const ADAGRAD: Stated<AdagradOptions> = { initialAccumulatorValue: [FROM_ZERO, 0.1], epsilon: [FROM_ZERO, 1e-7] };

/** w -= lr * dw / sqrt(a + epsilon), where a is the sum of dw^2. Default learning rate: 0.001. */
export class Adagrad extends Optimizer<AdagradOptions> {
  static override className = 'Adagrad';

  constructor(args: AdagradArgs = {}) {
    super(0.001, args, ADAGRAD);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'accumulator', this.options.initialAccumulatorValue)];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    runWriting(ops.adagrad, operands, this.options.epsilon, ...common);
  }
}

interface AdadeltaOptions {
  /** How much of the mean squares is kept. Default: 0.95. */
  rho: number;
  /** Added to the mean squares. Default: 1e-7. */
  epsilon: number;
}

export interface AdadeltaArgs extends OptimizerArgs, Partial<AdadeltaOptions> {}

const ADADELTA: Stated<AdadeltaOptions> = { rho: [FRACTION, 0.95], epsilon: [FROM_ZERO, 1e-7] };

/**
 * w -= lr * s with s = dw * sqrt(d + epsilon) / sqrt(a + epsilon), where a is the mean of dw^2 and d that of s^2. Default
 * learning rate: 0.001.
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  static override className = 'Adadelta';

  constructor(args: AdadeltaArgs = {}) {
    super(0.001, args, ADADELTA);
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'accumulated_grad'), slot(w, 'accumulated_delta_var')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    runWriting(ops.adadelta, operands, this.options.rho, this.options.epsilon, ...common);
  }
}
