// Losses, with Keras 3's formulas (its JAX backend): values for each sample, of which training takes the mean.
import { WasmgradError, checkOptions } from './core/errors.js';
import { Registry } from './core/registry.js';
import type { BatchShape } from './layers/layer.js';
import * as ops from './ops.gen.js';
import { registerClass, type ConfigDict } from './serialization.js';
import { formatShape } from './tensor/dtypes.js';
import { run } from './tensor/run.js';
import { checkReturned, type Tensor } from './tensor/tensor.js';

export * from './tensor/ops/weightedLosses.js';

/** (yTrue, yPred) => a value for each sample. Runs on symbolic tensors. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
/** A name, a loss, or a function. */
export type LossIdentifier = string | Loss | LossFunction;

/** Keras's `epsilon()`: probabilities are kept this far from 0 and 1. */
const EPSILON = 1e-7;

const constant = (x: number) => run(ops.fill, [], [], x, 'float32');
const add = (x: Tensor, y: Tensor | number) => run(ops.add, [x, typeof y === 'number' ? constant(y) : y]);
const sub = (x: Tensor, y: Tensor) => run(ops.sub, [x, y]);
const mul = (x: Tensor, y: Tensor | number) => run(ops.mul, [x, typeof y === 'number' ? constant(y) : y]);
const div = (x: Tensor, y: Tensor | number) => run(ops.div, [x, typeof y === 'number' ? constant(y) : y]);
const neg = (x: Tensor) => run(ops.neg, [x]);
const log = (x: Tensor) => run(ops.log, [x]);
const toFloat = (x: Tensor) => (x.dtype === 'float32' ? x : run(ops.cast, [x], 'float32'));
const toInt = (x: Tensor) => (x.dtype === 'int32' ? x : run(ops.cast, [x], 'int32'));
/** The mean over the last axis; a scalar is its own. */
const meanLast = (x: Tensor) => (x.rank === 0 ? x : run(ops.mean, [x], [-1], false));
const sumLast = (x: Tensor, keepDims = false) => run(ops.sum, [x], [-1], keepDims);

/** Targets, as float32, and predictions in one rank, where they differ by a last dimension of 1; a list becomes (n, 1). */
export function matchRanks(yTrue: Tensor, yPred: Tensor): [yTrue: Tensor, yPred: Tensor] {
  const y = toFloat(yTrue);
  const [low, high] = y.rank < yPred.rank ? [y, yPred] : [yPred, y];
  if (high.rank !== low.rank + 1 || high.shape.at(-1) !== 1) return [y, yPred];
  const matched =
    low.rank === 1
      ? [run(ops.reshape, [low], [...low.shape, 1]), high]
      : [low, run(ops.reshape, [high], high.shape.slice(0, -1))];
  return (low === y ? matched : matched.toReversed()) as [Tensor, Tensor];
}

export abstract class Loss {
  static className = 'Loss';
  abstract readonly name: string;

  getClassName(): string {
    return (this.constructor as typeof Loss).className;
  }

  /** Its options, for files. */
  getConfig(): ConfigDict {
    return {};
  }

  /** A value for each sample. */
  abstract values(yTrue: Tensor, yPred: Tensor): Tensor;

  /** The mean of the values: what training lowers. */
  mean(yTrue: Tensor, yPred: Tensor): Tensor {
    const values = this.values(yTrue, yPred);
    return run(
      ops.mean,
      [values],
      values.shape.map((_, axis) => axis),
      false,
    );
  }

  /**
   * @throws if targets do not fit outputs of this shape, before anything is trained.
   */
  check(place: string, y: Tensor, output: BatchShape): void {
    const squeezed = (shape: BatchShape, rank: number) =>
      shape.length === rank + 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
    const [targets, outputs] = [squeezed(y.shape, output.length), squeezed(output, y.rank)];
    if (!matches(targets, outputs)) {
      throw new WasmgradError(
        `${place}: loss "${this.name}" compares targets of shape ${formatShape(y.shape)} with outputs of shape ` +
          `${formatShape(output)}; give targets of the outputs' shape, or a last layer of as many units as a target has numbers`,
      );
    }
  }
}

/** Whether targets have the shape of the outputs, whatever their number. */
function matches(targets: BatchShape, outputs: BatchShape): boolean {
  return targets.length === outputs.length && outputs.every((dim, i) => i === 0 || dim === null || dim === targets[i]);
}

/** An elementwise loss whose last axis is averaged. */
function elementwise(className: string, name: string, f: LossFunction) {
  return class extends Loss {
    static override className = className;
    readonly name = name;
    values(yTrue: Tensor, yPred: Tensor): Tensor {
      return meanLast(f(...matchRanks(yTrue, yPred)));
    }
  };
}

/** mean((yTrue - yPred)^2) */
export const MeanSquaredError = elementwise('MeanSquaredError', 'mean_squared_error', (yTrue, yPred) =>
  run(ops.square, [sub(yTrue, yPred)]),
);

/** mean(|yTrue - yPred|) */
export const MeanAbsoluteError = elementwise('MeanAbsoluteError', 'mean_absolute_error', (yTrue, yPred) =>
  run(ops.abs, [sub(yTrue, yPred)]),
);

/** Quadratic for errors up to `delta` (default 1), linear beyond. */
export class Huber extends Loss {
  static override className = 'Huber';
  readonly name = 'huber';
  private readonly delta: number;

  constructor(args: { delta?: number } = {}) {
    super();
    checkOptions('huber loss', args, ['delta']);
    this.delta = args.delta ?? 1;
  }

  override getConfig(): ConfigDict {
    return { delta: this.delta };
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

export interface CrossentropyArgs {
  /** Whether predictions are logits instead of probabilities. Default: false. */
  fromLogits?: boolean;
  /** How far targets are moved toward all being equal, from 0 to 1. Default: 0. */
  labelSmoothing?: number;
}

abstract class Crossentropy extends Loss {
  protected readonly fromLogits: boolean;
  protected readonly labelSmoothing: number;

  constructor(place: string, args: CrossentropyArgs, known: readonly string[]) {
    super();
    checkOptions(place, args, known);
    this.fromLogits = args.fromLogits ?? false;
    this.labelSmoothing = args.labelSmoothing ?? 0;
  }

  override getConfig(): ConfigDict {
    return { fromLogits: this.fromLogits, labelSmoothing: this.labelSmoothing };
  }

  /** Probabilities that sum to 1, away from 0 and 1. */
  protected probabilities(yPred: Tensor): Tensor {
    return run(ops.clip, [div(yPred, sumLast(yPred, true))], EPSILON, 1 - EPSILON);
  }
}

/** -(y log p + (1 - y) log(1 - p)), averaged over the last axis. */
export class BinaryCrossentropy extends Crossentropy {
  static override className = 'BinaryCrossentropy';
  readonly name = 'binary_crossentropy';

  constructor(args: CrossentropyArgs = {}) {
    super('binaryCrossentropy loss', args, ['fromLogits', 'labelSmoothing']);
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [given, outputs] = matchRanks(yTrue, yPred);
    const y = this.labelSmoothing === 0 ? given : add(mul(given, 1 - this.labelSmoothing), this.labelSmoothing / 2);
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
export class CategoricalCrossentropy extends Crossentropy {
  static override className = 'CategoricalCrossentropy';
  readonly name = 'categorical_crossentropy';

  constructor(args: CrossentropyArgs = {}) {
    super('categoricalCrossentropy loss', args, ['fromLogits', 'labelSmoothing']);
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    let y = toFloat(yTrue);
    if (this.labelSmoothing !== 0) {
      y = add(mul(y, 1 - this.labelSmoothing), this.labelSmoothing / yPred.shape.at(-1)!);
    }
    if (this.fromLogits) return run(ops.softmaxCrossEntropy, [yPred, y]);
    return neg(sumLast(mul(y, log(this.probabilities(yPred)))));
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
  readonly name = 'sparse_categorical_crossentropy';

  constructor(args: { fromLogits?: boolean } = {}) {
    super('sparseCategoricalCrossentropy loss', args, ['fromLogits']);
  }

  override getConfig(): ConfigDict {
    return { fromLogits: this.fromLogits };
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const labels = toInt(yTrue.rank === yPred.rank ? run(ops.reshape, [yTrue], yTrue.shape.slice(0, -1)) : yTrue);
    if (this.fromLogits) return run(ops.sparseSoftmaxCrossEntropy, [yPred, labels]);
    const y = run(ops.oneHot, [labels], yPred.shape.at(-1)!, 1, 0, 'float32');
    return neg(sumLast(mul(y, log(this.probabilities(yPred)))));
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

const losses = new Registry<new () => Loss>('loss', {
  meanSquaredError: MeanSquaredError,
  mse: MeanSquaredError,
  meanAbsoluteError: MeanAbsoluteError,
  mae: MeanAbsoluteError,
  binaryCrossentropy: BinaryCrossentropy,
  categoricalCrossentropy: CategoricalCrossentropy,
  sparseCategoricalCrossentropy: SparseCategoricalCrossentropy,
  huber: Huber,
});

for (const loss of [
  MeanSquaredError,
  MeanAbsoluteError,
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
  Huber,
]) {
  registerClass(loss);
}

/** A user's function as a loss. It has no class name: it is not saved. */
class Custom extends Loss {
  static override className = '';
  readonly name: string;

  constructor(private readonly f: LossFunction) {
    super();
    this.name = f.name || 'loss';
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    return values;
  }

  /** Only the function knows which targets it takes. */
  override check(): void {}
}

/**
 * The loss of a name or function.
 * @throws on an unknown name, with the nearest one.
 */
export function getLoss(place: string, identifier: LossIdentifier): Loss {
  if (identifier instanceof Loss) return identifier;
  return typeof identifier === 'function' ? new Custom(identifier) : new (losses.get(place, identifier))();
}
