// What a loss is: values for each sample, of which training takes the mean.
import { checkOptions, oneOf, rulesOf, TEXT, withDefaults, type Rules, type Stated } from '../core/options.js';
import { snakeCase } from '../core/registry.js';
import type { BatchShape } from '../layers/layer.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { divNoNan } from '../tensor/ops/arithmetic.js';
import { run } from '../tensor/run.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { constant, mul, toFloat, sumAll } from '../tensor/words.js';
import { LIKE_OUTPUTS, type Targets } from './targets.js';
import { maskedWeights, weightsLike } from './weights.js';

export { EPSILON } from '../tensor/words.js';

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

  /** Which of the values count, as a mask; by default all do. */
  counts(_yTrue: Tensor, _values: Tensor): Tensor | undefined {
    return undefined;
  }

  /**
   * The reduced values: what training lowers.
   * @param sampleWeight how much each sample counts, or each step of it: of the values' first dimensions
   * @param mask which steps of the predictions count
   */
  apply(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, mask?: Tensor): Tensor {
    const { reduction } = this;
    const values = this.values(yTrue, yPred);
    const own = this.counts(yTrue, values);
    const isMean = reduction === 'sumOverBatchSize' || reduction === 'mean';
    const weights = maskedWeights(sampleWeight, mask && own ? run(ops.logicalAnd, [mask, own]) : (mask ?? own), isMean);
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
    LIKE_OUTPUTS.check({ place, loss: this.name }, y, output);
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

/** A loss of the library, made with its options. */
export interface LossClass<Options extends object = object> {
  readonly className: string;
  /** The options that are its own. */
  readonly stated: Stated<Options>;
  new (args?: LossArgs & Partial<Options>): Loss;
}

/** How a loss differs from those that compare each output with a target and count all values. */
interface Traits<Options> {
  targets?: Targets;
  counts?: (yTrue: Tensor, values: Tensor, options: Options) => Tensor | undefined;
}

/** The class of the losses whose values are `f` of targets, predictions and options. */
export function lossOf<Options extends object>(
  className: string,
  stated: Stated<Options>,
  f: (yTrue: Tensor, yPred: Tensor, options: Options) => Tensor,
  { targets = LIKE_OUTPUTS, counts }: Traits<Options> = {},
): LossClass<Options> {
  return class extends Loss {
    static override readonly className = className;
    static readonly stated = stated;
    private readonly options: Options;

    constructor(args: LossArgs & Partial<Options> = {}) {
      super(args, rulesOf(stated));
      this.options = withDefaults(stated, args);
    }

    override getConfig(): ConfigDict {
      return { ...super.getConfig(), ...this.options };
    }

    values(yTrue: Tensor, yPred: Tensor): Tensor {
      return f(yTrue, yPred, this.options);
    }

    override counts(yTrue: Tensor, values: Tensor): Tensor | undefined {
      return counts?.(yTrue, values, this.options);
    }

    override targetShape(output: BatchShape): BatchShape {
      return targets.shape(output);
    }

    override check(place: string, y: Tensor, output: BatchShape): void {
      const { ignoreClass } = this.options as { ignoreClass?: number };
      targets.check({ place, loss: this.name }, y, output, ignoreClass);
    }
  };
}

/** As `lossOf`, for formulas of targets, as float32, and predictions of one rank. */
export function pairwise<Options extends object>(
  className: string,
  stated: Stated<Options>,
  f: (yTrue: Tensor, yPred: Tensor, options: Options) => Tensor,
  traits?: Traits<Options>,
): LossClass<Options> {
  return lossOf(className, stated, (yTrue, yPred, options) => f(...matchRanks(yTrue, yPred), options), traits);
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
