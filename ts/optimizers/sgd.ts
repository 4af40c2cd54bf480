// Gradient descent.
import { FLAG, FROM_ZERO_TO_ONE } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

export interface SGDArgs extends OptimizerArgs {
  /** How much of the last step is kept. Default: 0. */
  momentum?: number;
  /** Nesterov's form of momentum. Default: false. */
  nesterov?: boolean;
}

/** w -= lr * dw; with momentum m = momentum * m - lr * dw, w += m. Default learning rate: 0.01. */
export class SGD extends Optimizer {
  static override className = 'SGD';
  private readonly momentum: number;
  private readonly nesterov: boolean;

  constructor(args: SGDArgs = {}) {
    super(0.01, args, { momentum: FROM_ZERO_TO_ONE, nesterov: FLAG });
    this.momentum = args.momentum ?? 0;
    this.nesterov = args.nesterov ?? false;
  }

  /** Sets `learningRate`. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  protected makeSlots(w: Variable): Variable[] {
    return this.momentum === 0 ? [] : [slot(w, 'momentum')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    if (this.momentum === 0) runWriting(ops.sgd, operands, ...common);
    else runWriting(ops.sgdMomentum, operands, this.momentum, this.nesterov, ...common);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
