// Metrics by name.
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

const metrics = new Registry<Choose>('metric', {
  accuracy,
  acc: accuracy,
  binaryAccuracy: always(binaryAccuracy),
  categoricalAccuracy: always(categoricalAccuracy),
  sparseCategoricalAccuracy: always(sparseCategoricalAccuracy),
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
  if (typeof identifier === 'function' || identifier instanceof Metric) return;
  metrics.get(place, identifier);
}

/** The name that an identifier asks for. */
export function metricName(identifier: MetricIdentifier): string {
  if (typeof identifier === 'string') return identifier;
  return identifier.name || 'metric';
}

/** The metric of an identifier, for targets and outputs of these shapes. */
export function getMetric(identifier: MetricIdentifier, context: MetricContext): Metric {
  if (identifier instanceof Metric) return identifier;
  const f = typeof identifier === 'function' ? identifier : metrics.get('metrics', identifier)(context);
  return new MeanMetric(f, metricName(identifier));
}
