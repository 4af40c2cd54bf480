// Adagrad.
import { FROM_ZERO } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

export interface AdagradArgs extends OptimizerArgs {
  /** What the sum of squared gradients begins with. Default: 0.1. */
  initialAccumulatorValue?: number;
  /** Added to the sum of squared gradients. Default: 1e-7. */
  epsilon?: number;
}

/** w -= lr * dw / sqrt(a + epsilon), where a is the sum of dw^2. Default learning rate: 0.001. */
export class Adagrad extends Optimizer {
  static override className = 'Adagrad';
  private readonly initialAccumulatorValue: number;
  private readonly epsilon: number;

  constructor(args: AdagradArgs = {}) {
    super(0.001, args, { initialAccumulatorValue: FROM_ZERO, epsilon: FROM_ZERO });
    this.initialAccumulatorValue = args.initialAccumulatorValue ?? 0.1;
    this.epsilon = args.epsilon ?? 1e-7;
  }

  protected makeSlots(w: Variable): Variable[] {
    return [slot(w, 'accumulator', this.initialAccumulatorValue)];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    runWriting(ops.adagrad, operands, this.epsilon, ...common);
  }

  override getConfig(): ConfigDict {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }
}
