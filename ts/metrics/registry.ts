// Metrics by name.
import { checkMethods } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import type { BatchShape } from '../layers/layer.js';
import type { LossClass } from '../losses/loss.js';
import { LOSSES } from '../losses/registry.js';
import { deserialize, serialize, type ConfigDict } from '../serialization.js';
import * as accuracies from './accuracies.js';
import * as confusion from './confusion.js';
import * as curves from './curves.js';
import { functionNames } from './functions.js';
import { MeanMetric, meanOfLoss } from './means.js';
import { Metric, type MetricFunction } from './metric.js';
import * as ofLosses from './ofLosses.js';
import * as overlaps from './overlaps.js';
import * as regression from './regression.js';
import * as scores from './scores.js';

/** A name, a function, a metric, or one as a file holds it. */
export type MetricIdentifier = string | MetricFunction | Metric | MetricRecord;

/** A metric as a file holds it. */
export interface MetricRecord {
  className: string;
  config: ConfigDict;
}

/** What "accuracy" is decided by. */
export interface MetricContext {
  y: BatchShape;
  output: BatchShape;
}

type AnyClass = new (config?: never) => Metric;

const ownMetrics: Record<string, AnyClass> = { ...ofLosses };
/** The metric that a loss is. */
const ofLoss = (loss: LossClass): AnyClass => ownMetrics[loss.className] ?? meanOfLoss(loss);

const metrics = new Registry<AnyClass>('metric', {
  accuracy: accuracies.Accuracy,
  acc: accuracies.Accuracy,
  ...Object.fromEntries(Object.entries(LOSSES).map(([name, loss]) => [name, ofLoss(loss)])),
  binaryAccuracy: accuracies.BinaryAccuracy,
  categoricalAccuracy: accuracies.CategoricalAccuracy,
  sparseCategoricalAccuracy: accuracies.SparseCategoricalAccuracy,
  topKCategoricalAccuracy: accuracies.TopKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy: accuracies.SparseTopKCategoricalAccuracy,
  truePositives: confusion.TruePositives,
  falsePositives: confusion.FalsePositives,
  falseNegatives: confusion.FalseNegatives,
  trueNegatives: confusion.TrueNegatives,
  precision: confusion.Precision,
  recall: confusion.Recall,
  sensitivityAtSpecificity: curves.SensitivityAtSpecificity,
  specificityAtSensitivity: curves.SpecificityAtSensitivity,
  precisionAtRecall: curves.PrecisionAtRecall,
  recallAtPrecision: curves.RecallAtPrecision,
  auc: curves.AUC,
  f1Score: scores.F1Score,
  fBetaScore: scores.FBetaScore,
  r2Score: scores.R2Score,
  rootMeanSquaredError: regression.RootMeanSquaredError,
  cosineSimilarity: regression.CosineSimilarity,
  pearsonCorrelation: regression.PearsonCorrelation,
  concordanceCorrelation: regression.ConcordanceCorrelation,
  logCoshError: ofLosses.LogCoshError,
  iou: overlaps.IoU,
  meanIoU: overlaps.MeanIoU,
  binaryIoU: overlaps.BinaryIoU,
  oneHotIoU: overlaps.OneHotIoU,
  oneHotMeanIoU: overlaps.OneHotMeanIoU,
});

/** Keras's rule: by the shapes of the targets and the outputs. */
function accuracyFor({ y, output }: MetricContext): AnyClass {
  if (output.at(-1) === 1) return accuracies.BinaryAccuracy;
  const isSparse = y.length < output.length || (y.at(-1) === 1 && output.at(-1)! > 1);
  return isSparse ? accuracies.SparseCategoricalAccuracy : accuracies.CategoricalAccuracy;
}

const isAccuracy = (name: string) => /^acc(uracy)?$/i.test(name);

const isRecord = (identifier: MetricIdentifier): identifier is MetricRecord =>
  typeof identifier === 'object' && !(identifier instanceof Metric) && typeof identifier?.className === 'string';

function ofRecord(place: string, record: MetricRecord): Metric {
  // A class of the user's own, as a file names it.
  if (!metrics.has(record.className)) return deserialize(place, record);
  return new (metrics.get(place, record.className))(record.config as never);
}

/** @throws on an unknown name, with the nearest one. */
export function checkMetric(place: string, identifier: MetricIdentifier): void {
  if (typeof identifier === 'function') return;
  if (isRecord(identifier)) return ofRecord(place, identifier).dispose();
  if (!(identifier instanceof Metric)) return void metrics.get(place, identifier);
  checkMethods(`${place}: metric "${identifier.name}"`, identifier, {
    update: 'update(yTrue, yPred), which counts a batch',
    result: 'result(), which gives the number',
  });
}

/** The name by which `getMetric` finds the same metric again, if it has one: functions of a user have none. */
function registeredName(identifier: string | MetricFunction): string | undefined {
  return typeof identifier === 'string' ? identifier : functionNames.get(identifier);
}

/** What a file holds of a metric: undefined if it can hold nothing that finds it again. */
export function serializeMetric(identifier: MetricIdentifier): string | MetricRecord | undefined {
  if (!(identifier instanceof Metric)) return isRecord(identifier) ? identifier : registeredName(identifier);
  // What a class of the user inherits is not its name.
  const { className } = identifier.constructor as typeof Metric;
  return Object.hasOwn(identifier.constructor, 'className') && className !== '' ? serialize(identifier) : undefined;
}

/** The name that an identifier has in logs. */
export function metricName(identifier: MetricIdentifier): string {
  if (isRecord(identifier)) return identifier.config['name'] as string;
  if (identifier instanceof Metric) return identifier.name || 'metric';
  return registeredName(identifier) ?? ((identifier as MetricFunction).name || 'metric');
}

/** The metric of an identifier, for targets and outputs of these shapes. */
export function getMetric(identifier: MetricIdentifier, context: MetricContext): Metric {
  if (identifier instanceof Metric) return identifier;
  if (isRecord(identifier)) return ofRecord('metrics', identifier);
  const [asked, name] = [registeredName(identifier), metricName(identifier)];
  if (asked === undefined) return new MeanMetric(identifier as MetricFunction, name);
  const metric = isAccuracy(asked) ? accuracyFor(context) : metrics.get('metrics', asked);
  return new metric({ name } as never);
}
