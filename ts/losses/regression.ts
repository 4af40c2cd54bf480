// Losses of amounts: Keras 3's formulas.
import { POSITIVE } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, constant, meanLast, mul, sub } from '../tensor/words.js';
import { Loss, matchRanks, type LossArgs, type LossFunction } from './loss.js';

/** An elementwise loss whose last axis is averaged. */
function elementwise(className: string, f: LossFunction) {
  return class extends Loss {
    static override className = className;
    values(yTrue: Tensor, yPred: Tensor): Tensor {
      return meanLast(f(...matchRanks(yTrue, yPred)));
    }
  };
}

/** mean((yTrue - yPred)^2) */
export const MeanSquaredError = elementwise('MeanSquaredError', (yTrue, yPred) => run(ops.square, [sub(yTrue, yPred)]));

/** mean(|yTrue - yPred|) */
export const MeanAbsoluteError = elementwise('MeanAbsoluteError', (yTrue, yPred) => run(ops.abs, [sub(yTrue, yPred)]));

/** Quadratic for errors up to `delta` (default 1), linear beyond. */
export class Huber extends Loss {
  static override className = 'Huber';
  private readonly delta: number;

  constructor(args: LossArgs & { delta?: number } = {}) {
    super(args, { delta: POSITIVE });
    this.delta = args.delta ?? 1;
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), delta: this.delta };
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [y, p] = matchRanks(yTrue, yPred);
    const error = sub(p, y);
    const size = run(ops.abs, [error]);
    const small = mul(run(ops.square, [error]), 0.5);
    const large = add(mul(size, this.delta), -0.5 * this.delta ** 2);
    return meanLast(run(ops.select, [run(ops.lessEqual, [size, constant(this.delta)]), small, large]));
  }
}
