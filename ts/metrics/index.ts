// Metrics: `wg.metrics.Metric` to extend, and functions (yTrue, yPred) => a value for each sample.
export { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './functions.js';
export { Mean, MeanMetric, Metric, type MetricFunction } from './metric.js';
