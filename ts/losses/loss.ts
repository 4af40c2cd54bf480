// What a loss is: values for each sample, of which training takes the mean.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, oneOf, TEXT, type Rules } from '../core/options.js';
import { snakeCase } from '../core/registry.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { formatShape } from '../tensor/dtypes.js';
import { divNoNan } from '../tensor/ops/arithmetic.js';
import { run } from '../tensor/run.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { constant, mul, toFloat } from '../tensor/words.js';
import { maskedWeights, sumAll, weightsLike } from './weights.js';

/** (yTrue, yPred) => a value for each sample. Runs on symbolic tensors. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/**
 * What becomes of the values of all samples, each times its weight: `sumOverBatchSize` (or `mean`) divides their sum by
 * their number, `meanWithSampleWeight` by the sum of the weights, `sum` does not divide, and `none` leaves them.
 */
export type LossReduction = 'sumOverBatchSize' | 'mean' | 'meanWithSampleWeight' | 'sum' | 'none';

/** Options that every loss takes. */
export interface LossArgs {
  /** Default: 'sumOverBatchSize'. */
  reduction?: LossReduction;
  /** By default the class's name in snake case. */
  name?: string;
}

const COMMON: Rules<LossArgs> = {
  reduction: oneOf('sumOverBatchSize', 'mean', 'meanWithSampleWeight', 'sum', 'none'),
  name: TEXT,
};

export abstract class Loss {
  static className = 'Loss';
  readonly name: string;
  readonly reduction: LossReduction;

  /**
   * @param rules what the options of the subclass itself must be
   * @throws if an option is unknown, or breaks its rule
   */
  constructor(args: LossArgs = {}, rules: Rules = {}) {
    const className = this.getClassName();
    checkOptions<object>(`loss ${className}`, args, { ...rules, ...COMMON });
    this.name = args.name ?? snakeCase(className);
    this.reduction = args.reduction ?? 'sumOverBatchSize';
  }

  getClassName(): string {
    return (this.constructor as typeof Loss).className;
  }

  /** Its options, for files. */
  getConfig(): ConfigDict {
    return { name: this.name, reduction: this.reduction };
  }

  /** A value for each sample. */
  abstract values(yTrue: Tensor, yPred: Tensor): Tensor;

  /**
   * The reduced values: what training lowers.
   * @param sampleWeight how much each sample counts, or each step of it: of the values' first dimensions
   * @param mask which steps of the predictions count
   */
  apply(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, mask?: Tensor): Tensor {
    const { reduction } = this;
    const values = this.values(yTrue, yPred);
    const isMean = reduction === 'sumOverBatchSize' || reduction === 'mean';
    const weights = maskedWeights(sampleWeight, mask, isMean);
    const weighted = weights === undefined ? values : mul(values, weightsLike(values, weights));
    if (reduction === 'none') return weighted;
    if (isMean)
      return run(
        ops.mean,
        [weighted],
        weighted.shape.map((_, axis) => axis),
        false,
      );
    const sum = sumAll(weighted);
    if (reduction === 'sum') return sum;
    return divNoNan(sum, weights === undefined ? constant(values.size) : sumAll(weights));
  }

  /** The shape that targets for outputs of this shape have as a rule. */
  targetShape(output: BatchShape): BatchShape {
    return output;
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

/** A user's function as a loss. It has no class name: it is not saved. */
export class CustomLoss extends Loss {
  static override className = '';

  constructor(private readonly f: LossFunction) {
    super({ name: f.name || 'loss' });
  }

  values(yTrue: Tensor, yPred: Tensor): Tensor {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    return values;
  }

  /** Only the function knows which targets it takes. */
  override check(): void {}
}

/** Whether targets have the shape of the outputs, whatever their number. */
export function matches(targets: BatchShape, outputs: BatchShape): boolean {
  return targets.length === outputs.length && outputs.every((dim, i) => i === 0 || dim === null || dim === targets[i]);
}

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
