// What `compile` chose, and what follows from it when data are seen.
import { WasmgradError } from '../core/errors.js';
import type { BatchShape } from '../layers/layer.js';
import { getLoss } from '../losses/registry.js';
import { Mean } from '../metrics/metric.js';
import { checkMetric, getMetric, metricName } from '../metrics/registry.js';
import { Optimizer } from '../optimizers/optimizer.js';
import { getOptimizer } from '../optimizers/registry.js';
import type { Variable } from '../tensor/variable.js';
import { metricList, type CompileArgs } from './args.js';
import type { Compiled } from './programs.js';
import { Watch } from './watch.js';

export class Choice {
  readonly optimizer: Optimizer;
  /** There is none before data decide what "accuracy" means. */
  compiled: Compiled | undefined;

  /**
   * @param weights those that are to be trained, unless the model is not built yet
   * @throws on an unknown loss, metric or optimizer, with the nearest name
   */
  constructor(
    readonly args: CompileArgs,
    private weights: Variable[] | undefined,
  ) {
    if (args.loss === undefined) {
      throw new WasmgradError(`compile: a loss is needed, such as { loss: 'meanSquaredError' }`);
    }
    getLoss('compile', args.loss);
    for (const metric of metricList(args)) checkMetric('compile', metric);
    this.optimizer = getOptimizer('compile', args.optimizer ?? 'rmsprop');
  }

  /** The loss and the metrics for targets and outputs of these shapes. */
  prepare(y: BatchShape, output: BatchShape, trainable: Variable[]): Compiled {
    this.weights ??= trainable;
    this.compiled ??= {
      optimizer: this.optimizer,
      loss: getLoss('compile', this.args.loss),
      lossTracker: new Mean('loss'),
      metrics: new Map(
        metricList(this.args).map((metric, i) => [this.metricNames[i]!, getMetric(metric, { y, output })]),
      ),
      weights: this.weights,
      watch: new Watch('trainOnBatch'),
    };
    return this.compiled;
  }

  /** Whether other weights are trainable by now than those that it trains. */
  isStale(trainable: Variable[]): boolean {
    const { weights = trainable } = this;
    return weights.length !== trainable.length || weights.some((weight) => !trainable.includes(weight));
  }

  /** Names of the metrics, those of one name numbered as in Keras. */
  get metricNames(): string[] {
    return numbered(metricList(this.args).map(metricName));
  }

  /** The model has other layers now. */
  structureChanged(): void {
    this.forget();
    this.weights = undefined;
  }

  /** Forgets what was made for data. */
  forget(): void {
    this.compiled?.lossTracker.dispose();
    // A metric that the user made stays his.
    const given = metricList(this.args);
    for (const metric of this.compiled?.metrics.values() ?? []) if (!given.includes(metric)) metric.dispose();
    this.compiled = undefined;
  }

  /** Ends it. If another choice follows, an optimizer that the user made goes on. */
  dispose(next?: Choice): void {
    this.forget();
    const isOurs = !(this.args.optimizer instanceof Optimizer);
    if (next === undefined || (isOurs && next.optimizer !== this.optimizer)) this.optimizer.dispose();
  }
}

/** `mae`, `mae_1`, `mae_2` for three times `mae`. */
function numbered(names: string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}_${before}`;
  });
}
