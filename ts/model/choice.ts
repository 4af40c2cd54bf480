// What `compile` chose, and what follows from it when data are seen.
import { WasmgradError } from '../core/errors.js';
import type { BatchShape } from '../layers/layer.js';
import { getLoss } from '../losses/registry.js';
import { Mean } from '../metrics/means.js';
import { checkMetric, getMetric, metricName, type MetricContext } from '../metrics/registry.js';
import { Optimizer } from '../optimizers/optimizer.js';
import { getOptimizer } from '../optimizers/registry.js';
import type { Variable } from '../tensor/variable.js';
import { allMetrics, metricList, weightedMetricList, type CompileArgs } from './args.js';
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
    for (const metric of allMetrics(args)) checkMetric('compile', metric);
    this.optimizer = getOptimizer('compile', args.optimizer ?? 'rmsprop');
  }

  /** The loss and the metrics for targets and outputs of these shapes. */
  prepare(y: BatchShape, output: BatchShape, trainable: Variable[]): Compiled {
    this.weights ??= trainable;
    this.compiled ??= {
      optimizer: this.optimizer,
      loss: getLoss('compile', this.args.loss),
      lossTracker: new Mean({ name: 'loss' }),
      ...this.namedMetrics({ y, output }),
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

  private namedMetrics(context: MetricContext): Pick<Compiled, 'metrics' | 'weightedMetrics'> {
    const named = allMetrics(this.args).map((metric, i) => {
      return [this.metricNames[i]!, getMetric(metric, context)] as const;
    });
    const unweighted = metricList(this.args).length;
    return { metrics: new Map(named.slice(0, unweighted)), weightedMetrics: new Map(named.slice(unweighted)) };
  }

  /** Names of the metrics, then of the weighted ones; those of one name numbered as in Keras. */
  get metricNames(): string[] {
    const names: string[] = [];
    const counts = new Map<string, number>();
    const name = (base: string) => {
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      names.push(count === 0 ? base : `${base}_${count}`);
    };
    metricList(this.args).map(metricName).forEach(name);
    for (const base of weightedMetricList(this.args).map(metricName))
      name(counts.has(base) ? `weighted_${base}` : base);
    return names;
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
    const given = allMetrics(this.args);
    const { metrics, weightedMetrics } = this.compiled ?? {};
    for (const metric of [...(metrics?.values() ?? []), ...(weightedMetrics?.values() ?? [])])
      if (!given.includes(metric)) metric.dispose();
    this.compiled = undefined;
  }

  /** Ends it. If another choice follows, an optimizer that the user made goes on. */
  dispose(next?: Choice): void {
    this.forget();
    const isOurs = !(this.args.optimizer instanceof Optimizer);
    if (next === undefined || (isOurs && next.optimizer !== this.optimizer)) this.optimizer.dispose();
  }
}
