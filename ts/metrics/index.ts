// Metrics: classes with options for `compile`, `Metric` to extend, and tfjs's functions of targets and predictions.
export {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from './accuracies.js';
export {
  FalseNegatives,
  FalsePositives,
  Precision,
  Recall,
  TrueNegatives,
  TruePositives,
  type ClassOptions,
  type ThresholdsOptions,
} from './confusion.js';
export {
  AUC,
  PrecisionAtRecall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  type AUCOptions,
  type PointOptions,
} from './curves.js';
export {
  binaryAccuracy,
  binaryCrossentropy,
  categoricalAccuracy,
  categoricalCrossentropy,
  cosine,
  cosineProximity,
  MAE,
  mae,
  MAPE,
  mape,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  MSE,
  mse,
  precision,
  r2Score,
  recall,
  sparseCategoricalAccuracy,
  sparseCategoricalCrossentropy,
} from './functions.js';
export { Mean, MeanMetric, Sum } from './means.js';
export { Metric, type MetricArgs, type MetricClass, type MetricFunction } from './metric.js';
export * from './ofLosses.js';
export { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU, type BinaryIoUOptions } from './overlaps.js';
export { ConcordanceCorrelation, CosineSimilarity, PearsonCorrelation, RootMeanSquaredError } from './regression.js';
export type { MetricIdentifier, MetricRecord } from './registry.js';
export { F1Score, FBetaScore, R2Score, type F1Options, type FBetaOptions, type R2Options } from './scores.js';
