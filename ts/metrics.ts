// Metrics: means over the samples so far, kept in the core and updated by the programs' own nodes. Keras 3's formulas.
import type { BatchShape } from './layers/layer.js';
import { Registry } from './core/registry.js';
import { getLoss, matchRanks } from './losses.js';
import * as ops from './ops.gen.js';
import { create, run } from './tensor/run.js';
import { checkReturned, type Tensor } from './tensor/tensor.js';
import { Variable } from './tensor/variable.js';

/** (yTrue, yPred) => a value for each sample. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
/** A name, or a function. */
export type MetricIdentifier = string | MetricFunction;

/** A weighted mean: sum of values / count of values. */
export class Mean {
  private readonly total: Variable;
  private readonly count: Variable;

  constructor(readonly name: string) {
    [this.total, this.count] = ['total', 'count'].map(
      (part) =>
        new Variable(
          create([], 'float32', (view) => view.fill(0)),
          false,
          `${name}/${part}`,
        ),
    ) as [Variable, Variable];
  }

  /** Counts a mean `value` of `weight` samples. */
  add(value: Tensor, weight: number): void {
    this.addSum(run(ops.mul, [value, constant(weight)]), weight);
  }

  /** Counts `count` values by their sum. */
  protected addSum(sum: Tensor, count: number): void {
    run(ops.assign, [this.total, run(ops.add, [this.total, sum])]);
    run(ops.assign, [this.count, run(ops.add, [this.count, constant(count)])]);
  }

  /** The mean so far; 0 of nothing. */
  result(): number {
    const [total, count] = [this.total.dataSync()[0]!, this.count.dataSync()[0]!];
    return count === 0 ? 0 : Math.fround(total / count);
  }

  /** What it holds, as a function that brings it back. */
  save(): () => void {
    const [total, count] = [this.total.dataSync()[0]!, this.count.dataSync()[0]!];
    return () => {
      this.total.assign(total);
      this.count.assign(count);
    };
  }

  reset(): void {
    this.total.assign(0);
    this.count.assign(0);
  }

  dispose(): void {
    this.total.dispose();
    this.count.dispose();
  }
}

const constant = (x: number) => run(ops.fill, [], [], x, 'float32');

/** The mean of a function of targets and predictions. */
export class Metric extends Mean {
  constructor(
    name: string,
    private readonly f: MetricFunction,
  ) {
    super(name);
  }

  /** Counts a batch. */
  update(yTrue: Tensor, yPred: Tensor): void {
    const values: unknown = this.f(yTrue, yPred);
    checkReturned('the function', values);
    const sum = run(
      ops.sum,
      [values],
      values.shape.map((_, axis) => axis),
      false,
    );
    this.addSum(sum, values.size);
  }
}

const toFloat = (x: Tensor) => (x.dtype === 'float32' ? x : run(ops.cast, [x], 'float32'));
const equal = (x: Tensor, y: Tensor) => run(ops.cast, [run(ops.equal, [x, y])], 'float32');
const argMax = (x: Tensor) => run(ops.argMax, [x], [-1], false);

/** The fraction of outputs on the right side of 0.5. */
const binaryAccuracy: MetricFunction = (yTrue, yPred) => {
  const [y, p] = matchRanks(yTrue, yPred);
  const decided = run(ops.cast, [run(ops.greater, [p, constant(0.5)])], 'float32');
  const right = equal(y, decided);
  return right.rank === 0 ? right : run(ops.mean, [right], [-1], false);
};

/** Whether the largest output is that of the one-hot target's class. */
const categoricalAccuracy: MetricFunction = (yTrue, yPred) => equal(argMax(yTrue), argMax(yPred));

/** Whether the largest output is that of the class that the label names. */
const sparseCategoricalAccuracy: MetricFunction = (yTrue, yPred) => {
  const labels = yTrue.rank === yPred.rank ? run(ops.reshape, [yTrue], yTrue.shape.slice(0, -1)) : yTrue;
  return equal(toFloat(labels), toFloat(argMax(yPred)));
};

/** A loss's values as a metric. */
const ofLoss = (name: string): MetricFunction => {
  const loss = getLoss('metric', name);
  return (yTrue, yPred) => loss.values(yTrue, yPred);
};

const metrics = new Registry<MetricFunction | string>('metric', {
  accuracy: 'accuracy',
  acc: 'accuracy',
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  meanSquaredError: ofLoss('mse'),
  mse: ofLoss('mse'),
  meanAbsoluteError: ofLoss('mae'),
  mae: ofLoss('mae'),
  binaryCrossentropy: ofLoss('binaryCrossentropy'),
  categoricalCrossentropy: ofLoss('categoricalCrossentropy'),
  sparseCategoricalCrossentropy: ofLoss('sparseCategoricalCrossentropy'),
  huber: ofLoss('huber'),
});

/** What "accuracy" is decided by. */
export interface MetricContext {
  y: BatchShape;
  output: BatchShape;
}

/** @throws on an unknown name, with the nearest one. */
export function checkMetric(place: string, identifier: MetricIdentifier): void {
  if (typeof identifier !== 'function') metrics.get(place, identifier);
}

/** The name that an identifier asks for. */
export function metricName(identifier: MetricIdentifier): string {
  return typeof identifier === 'function' ? identifier.name || 'metric' : identifier;
}

/** The metric of a name or function, called `name`, for targets and outputs of these shapes. */
export function getMetric(identifier: MetricIdentifier, name: string, context: MetricContext): Metric {
  if (typeof identifier === 'function') return new Metric(name, identifier);
  const found = metrics.get('metrics', identifier);
  return new Metric(name, typeof found === 'function' ? found : accuracyFor(context));
}

/** Keras's rule: by the shapes of the targets and the outputs. */
function accuracyFor({ y, output }: MetricContext): MetricFunction {
  if (output.at(-1) === 1) return binaryAccuracy;
  const sparse = y.length < output.length || (y.at(-1) === 1 && output.at(-1)! > 1);
  return sparse ? sparseCategoricalAccuracy : categoricalAccuracy;
}
