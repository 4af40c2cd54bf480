// Gradient descent.
import { FLAG, FROM_ZERO_TO_ONE, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { runWriting } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';
import { Optimizer, slot, type CommonOptions, type OptimizerArgs } from './optimizer.js';

interface SGDOptions {
  /** How much of the last step is kept. Default: 0. */
  momentum: number;
  /** Nesterov's form of momentum. Default: false. */
  nesterov: boolean;
}

export interface SGDArgs extends OptimizerArgs, Partial<SGDOptions> {}

const OPTIONS: Stated<SGDOptions> = { momentum: [FROM_ZERO_TO_ONE, 0], nesterov: [FLAG, false] };

/** w -= lr * dw; with momentum m = momentum * m - lr * dw, w += m. Default learning rate: 0.01. */
export class SGD extends Optimizer<SGDOptions> {
  static override className = 'SGD';

  constructor(args: SGDArgs = {}) {
    super(0.01, args, OPTIONS);
  }

  /** Sets `learningRate`. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  protected makeSlots(w: Variable): Variable[] {
    return this.options.momentum === 0 ? [] : [slot(w, 'momentum')];
  }

  protected update(operands: readonly Tensor[], common: CommonOptions): void {
    const { momentum, nesterov } = this.options;
    if (momentum === 0) runWriting(ops.sgd, operands, ...common);
    else runWriting(ops.sgdMomentum, operands, momentum, nesterov, ...common);
  }
}
