// Metrics that are sums and means of values.
import type { Stated } from '../core/options.js';
import type { LossClass } from '../losses/loss.js';
import { maskedWeights, weightsLike } from '../losses/weights.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { constant, div, mul, toFloat, sumAll } from '../tensor/words.js';
import { count, OwnMetric, ratio, type MetricClass, type MetricFunction } from './metric.js';

/** A weighted sum of values. */
export class Sum extends OwnMetric {
  static override className = 'Sum';
  private readonly total = this.addVariable('total');

  /** Counts values, each as much as its weight says. */
  update(given: Tensor, sampleWeight?: Tensor): void {
    const values = toFloat(given);
    count(this.total, sumAll(sampleWeight ? mul(values, weightsLike(values, sampleWeight)) : values));
  }

  result(): number {
    return this.total.dataSync()[0]!;
  }
}

/** A weighted mean of values, in which every sample of a batch counts as much as its weight says, however many values it has. */
export class Mean<Options extends object = object> extends OwnMetric<Options> {
  static override className = 'Mean';
  private readonly total = this.addVariable('total');
  private readonly count = this.addVariable('count');

  /** Counts values (samples, …), each as much as its weight says. */
  update(given: Tensor, sampleWeight?: Tensor): void {
    const values = toFloat(given);
    const samples = values.shape[0] ?? 1;
    const each = constant(values.size / samples);
    if (sampleWeight === undefined) {
      count(this.total, div(sumAll(values), each));
      return count(this.count, constant(samples));
    }
    let weights = weightsLike(values, sampleWeight);
    if (weights.size !== values.size) weights = run(ops.broadcastTo, [weights], values.shape);
    count(this.total, div(sumAll(mul(values, weights)), each));
    count(this.count, div(sumAll(weights), each));
  }

  /** The mean so far; 0 of nothing. */
  result(): number {
    return ratio(this.total.dataSync()[0]!, this.count.dataSync()[0]!);
  }
}

/** The mean of a function of targets and predictions. */
export class MeanMetric extends Mean {
  static override className = '';

  constructor(
    private readonly f: MetricFunction,
    name = f.name || 'metric',
  ) {
    super({ name });
  }

  override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    super.update(values, sampleWeight);
  }
}

/** The class of the metrics that are means of `f` of targets, predictions and options: the higher, the better. */
export function meanOf<Options extends object>(
  className: string,
  stated: Stated<Options>,
  f: (yTrue: Tensor, yPred: Tensor, options: Options) => Tensor,
): MetricClass<Options> {
  return class extends Mean<Options> {
    static override readonly className = className;
    static override readonly stated = stated;
    override readonly direction = 'up';

    override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
      super.update(f(yTrue, yPred, this.options), sampleWeight);
    }
  };
}

/** The class of the metrics that are means of a loss's values. */
export function meanOfLoss<Options extends object>(
  lossClass: LossClass<Options>,
  className = lossClass.className,
  defaultName?: string,
): MetricClass<Options> {
  return class extends Mean<Options> {
    static override readonly className = className;
    static override readonly stated = lossClass.stated;
    override readonly direction = 'down';
    private readonly loss = new lossClass(this.options);

    protected static override defaultName(): string {
      return defaultName ?? super.defaultName();
    }

    override update(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
      const values = this.loss.values(yTrue, yPred);
      // As in Keras, values that do not count are left out where there are weights; else they are zeros among the others.
      const weights = sampleWeight && maskedWeights(sampleWeight, this.loss.counts(yTrue, values), false);
      super.update(values, weights);
    }
  };
}
