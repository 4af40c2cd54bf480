// Metrics by name.
import { checkMethods } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import type { BatchShape } from '../layers/layer.js';
import { getLoss } from '../losses/registry.js';
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './functions.js';
import { MeanMetric, Metric, type MetricFunction } from './metric.js';

/** A name, a function, or a metric. */
export type MetricIdentifier = string | MetricFunction | Metric;

/** What "accuracy" is decided by. */
export interface MetricContext {
  y: BatchShape;
  output: BatchShape;
}

/** The function whose mean a metric is. */
type Choose = (context: MetricContext) => MetricFunction;

const always =
  (f: MetricFunction): Choose =>
  () =>
    f;

/** A loss's values as a metric. */
const ofLoss =
  (name: string): Choose =>
  () => {
    const loss = getLoss('metric', name);
    return (yTrue, yPred) => loss.values(yTrue, yPred);
  };

/** Keras's rule: by the shapes of the targets and the outputs. */
const accuracy: Choose = ({ y, output }) => {
  if (output.at(-1) === 1) return binaryAccuracy;
  const sparse = y.length < output.length || (y.at(-1) === 1 && output.at(-1)! > 1);
  return sparse ? sparseCategoricalAccuracy : categoricalAccuracy;
};

/** The functions of `wg.metrics`, by their names. */
const functions = { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy };

const metrics = new Registry<Choose>('metric', {
  accuracy,
  acc: accuracy,
  ...Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, always(f)])),
  meanSquaredError: ofLoss('mse'),
  mse: ofLoss('mse'),
  meanAbsoluteError: ofLoss('mae'),
  mae: ofLoss('mae'),
  binaryCrossentropy: ofLoss('binaryCrossentropy'),
  categoricalCrossentropy: ofLoss('categoricalCrossentropy'),
  sparseCategoricalCrossentropy: ofLoss('sparseCategoricalCrossentropy'),
  huber: ofLoss('huber'),
});

/** @throws on an unknown name, with the nearest one. */
export function checkMetric(place: string, identifier: MetricIdentifier): void {
  if (typeof identifier === 'function') return;
  if (!(identifier instanceof Metric)) return void metrics.get(place, identifier);
  checkMethods(`${place}: metric "${identifier.name}"`, identifier, {
    update: 'update(yTrue, yPred), which counts a batch',
    result: 'result(), which gives the number',
  });
}

/** The name by which `getMetric` finds the same metric again, if it has one: functions of a user have none. */
export function registeredName(identifier: MetricIdentifier): string | undefined {
  if (typeof identifier === 'string') return identifier;
  return Object.entries(functions).find(([, f]) => f === identifier)?.[0];
}

/** The name that an identifier has in logs. */
export function metricName(identifier: MetricIdentifier): string {
  return registeredName(identifier) ?? ((identifier as MetricFunction | Metric).name || 'metric');
}

/** The metric of an identifier, for targets and outputs of these shapes. */
export function getMetric(identifier: MetricIdentifier, context: MetricContext): Metric {
  if (identifier instanceof Metric) return identifier;
  const f = typeof identifier === 'function' ? identifier : metrics.get('metrics', identifier)(context);
  return new MeanMetric(f, metricName(identifier));
}
