// Losses of probabilities: Keras 3's formulas, those of its JAX backend.
import { WasmgradError } from '../core/errors.js';
import { FLAG, FROM_ZERO_TO_ONE, type Rules } from '../core/options.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, constant, log, meanLast, mul, neg, sub, toFloat, toInt } from '../tensor/words.js';
import { Loss, matches, matchRanks, type LossArgs } from './loss.js';

/** Keras's `epsilon()`: probabilities are kept this far from 0 and 1. */
const EPSILON = 1e-7;

export interface CrossentropyArgs extends LossArgs {
  /** Whether predictions are logits instead of probabilities. Default: false. */
  fromLogits?: boolean;
  /** How far targets are moved toward all being equal, from 0 to 1. Default: 0. */
  labelSmoothing?: number;
}

abstract class Crossentropy extends Loss {
  protected readonly fromLogits: boolean;

  constructor(args: CrossentropyArgs, rules: Rules) {
    super(args, { fromLogits: FLAG, ...rules });
    this.fromLogits = args.fromLogits ?? false;
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), fromLogits: this.fromLogits };
  }
}

abstract class SmoothedCrossentropy extends Crossentropy {
  protected readonly labelSmoothing: number;

  constructor(args: CrossentropyArgs = {}) {
    super(args, { labelSmoothing: FROM_ZERO_TO_ONE });
    this.labelSmoothing = args.labelSmoothing ?? 0;
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), labelSmoothing: this.labelSmoothing };
  }

  /** Targets moved toward all `classes` being equal. */
  protected smoothed(y: Tensor, classes: number): Tensor {
    if (this.labelSmoothing === 0) return y;
    return add(mul(y, 1 - this.labelSmoothing), this.labelSmoothing / classes);
  }
}

/** -(y log p + (1 - y) log(1 - p)), averaged over the last axis. */
export class BinaryCrossentropy extends SmoothedCrossentropy {
  static override className = 'BinaryCrossentropy';

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [given, outputs] = matchRanks(yTrue, yPred);
    const y = this.smoothed(given, 2);
    const one = constant(1);
    const p = run(ops.clip, [outputs], EPSILON, 1 - EPSILON);
    const [logP, logQ] = this.fromLogits
      ? [run(ops.logSigmoid, [outputs]), run(ops.logSigmoid, [neg(outputs)])]
      : [log(p), log(sub(one, p))];
    return meanLast(neg(add(mul(y, logP), mul(sub(one, y), logQ))));
  }

  override check(place: string, y: Tensor, output: BatchShape): void {
    super.check(place, y, output);
    const numbers = y.dataSync();
    const wrong = numbers.findIndex((label) => !(label >= 0 && label <= 1));
    if (wrong >= 0) {
      throw new WasmgradError(
        `${place}: label ${numbers[wrong]} at position ${wrong} is not a probability: loss "${this.name}" compares targets ` +
          'from 0 to 1; for more than two classes use a unit for each and a categorical loss',
      );
    }
  }
}

/** -sum(y log p) over the classes, for targets (…, classes). */
export class CategoricalCrossentropy extends SmoothedCrossentropy {
  static override className = 'CategoricalCrossentropy';

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const y = this.smoothed(toFloat(yTrue), yPred.shape.at(-1)!);
    if (this.fromLogits) return run(ops.softmaxCrossEntropy, [yPred, y]);
    return run(ops.crossEntropy, [yPred, y], EPSILON);
  }

  override check(place: string, y: Tensor, output: BatchShape): void {
    if (matches(y.shape, output)) return;
    throw new WasmgradError(
      `${place}: loss "${this.name}" expects one-hot targets of shape ${formatShape(output)}, got ` +
        `${formatShape(y.shape)}; for labels that are class numbers use 'sparseCategoricalCrossentropy'`,
    );
  }
}

/** -log p of the class that the label names, for labels (…) or (…, 1). */
export class SparseCategoricalCrossentropy extends Crossentropy {
  static override className = 'SparseCategoricalCrossentropy';

  constructor(args: Omit<CrossentropyArgs, 'labelSmoothing'> = {}) {
    super(args, {});
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const labels = toInt(yTrue.rank === yPred.rank ? run(ops.reshape, [yTrue], yTrue.shape.slice(0, -1)) : yTrue);
    if (this.fromLogits) return run(ops.sparseSoftmaxCrossEntropy, [yPred, labels]);
    return run(ops.sparseCrossEntropy, [yPred, labels], EPSILON);
  }

  override targetShape(output: BatchShape): BatchShape {
    return output.slice(0, -1);
  }

  override check(place: string, y: Tensor, output: BatchShape): void {
    const classes = output.at(-1)!;
    const labels = y.rank === output.length && y.shape.at(-1) === 1 ? y.shape.slice(0, -1) : y.shape;
    const fits = matches(labels, output.slice(0, -1));
    if (!fits) {
      throw new WasmgradError(
        `${place}: loss "${this.name}" expects one class number for each sample, targets of shape ` +
          `${formatShape(output.slice(0, -1))}, got ${formatShape(y.shape)}` +
          (y.shape.at(-1) === classes ? "; for one-hot targets use 'categoricalCrossentropy'" : ''),
      );
    }
    const numbers = y.dataSync();
    const wrong = numbers.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
    if (wrong >= 0) {
      throw new WasmgradError(
        `${place}: label ${numbers[wrong]} at position ${wrong} is not a class: the model has ${classes} outputs, ` +
          `so labels are whole numbers from 0 to ${classes - 1}; give the last layer more units, or number the classes from 0`,
      );
    }
  }
}
