// Metrics of Keras 3.15 on JAX, streamed over batches: test/reference/metrics.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { expectClose, fixture, list, tensorOf, type Values } from './reference.js';

/** A number, or one for each threshold or class. */
type Result = number | number[];

interface MetricRecord {
  metric: string;
  /** In Keras. */
  name?: string;
  config?: Record<string, unknown>;
  title: string;
  yTrue: Values;
  yPred: Values;
  /** The result after each of the batches. */
  running: Result[];
  /** The same, with the file's sample weights. */
  runningWeighted: Result[];
  /** Of "accuracy": what it means here. */
  resolved?: string;
}

const { batches, sampleWeight, accuracy, streamed } = fixture<{
  sampleWeight: Values;
  batches: [begin: number, end: number][];
  accuracy: MetricRecord[];
  streamed: MetricRecord[];
}>('metrics');

const named = <T extends MetricRecord>(records: T[]) =>
  records.map((record) => ({
    ...record,
    title: `${record.metric} ${JSON.stringify(record.config ?? {})}: ${record.title}`,
  }));
const classes = named(streamed);
const all = [...named(accuracy), ...classes];

type Ours = Exclude<keyof typeof wg.metrics, 'Metric' | 'MeanMetric' | Uncapitalize<string>>;

function make({ metric, config }: MetricRecord, more: wg.metrics.MetricArgs = {}): wg.metrics.Metric {
  const metricClass = wg.metrics[metric as Ours] as unknown as wg.metrics.MetricClass;
  return new metricClass({ ...config, ...more });
}

/** Every way to ask for the metric of a record. */
function identifiers(record: MetricRecord): wg.metrics.MetricIdentifier[] {
  const { metric, config, name, resolved } = record;
  if (resolved !== undefined) return [metric, 'acc', resolved];
  // What "accuracy" is depends on the targets.
  const names = metric === 'Accuracy' || Object.keys(config!).length > 0 ? [] : [metric, name!];
  return [...names, { className: metric, config: { ...config, name: 'asked' } }];
}

/** A model whose outputs are its inputs. */
function identityModel(shape: number[], metric: wg.metrics.MetricIdentifier) {
  const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: shape.slice(1) })]);
  const isOwned = metric instanceof wg.metrics.Metric;
  model.compile({
    optimizer: 'sgd',
    loss: (_, output) => output,
    metrics: [metric],
    ...(!isOwned && { weightedMetrics: [metric] }),
  });
  return model;
}

const size = batches[0]![1];
const flat = (results: readonly Result[]) => results.flat();

/** The tensors of a record. */
const tensors = (record: MetricRecord) =>
  [record.yTrue, record.yPred, sampleWeight].map(tensorOf) as [wg.Tensor, wg.Tensor, wg.Tensor];

describe('counts batches, is reset, and has the name that it has in Keras', () => {
  test.each(classes)('$title', (record) => {
    const metric = make(record);
    expect(metric.name).toMatch(new RegExp(`^${record.name}(_\\d+)?$`));
    wg.tidy(() => {
      const [y, p, weights] = tensors(record);
      for (const kind of ['running', 'runningWeighted'] as const) {
        metric.reset();
        const results = batches.map(([begin, end]) => {
          const part = (x: wg.Tensor) => x.slice(begin, end - begin);
          metric.update(part(y), part(p), kind === 'running' ? undefined : part(weights));
          return metric.result();
        });
        expectClose(flat(results), list(flat(record[kind])), 1e-6, kind);
      }
    });
    metric.dispose();
  });
});

describe('evaluate', () => {
  test.each(all)('$title', (record) => {
    const { shape } = record.yPred;
    // A model has outputs of at least one number.
    const asColumn = ({ shape, ...values }: Values) => ({
      ...values,
      shape: shape.length === 1 ? [...shape, 1] : shape,
    });
    for (const metric of identifiers(record)) {
      const model = identityModel(asColumn(record.yPred).shape, metric);
      wg.tidy(() => {
        const [y, given, weights] = tensors(record);
        const p = given.reshape(asColumn(record.yPred).shape).cast('float32');
        const measured = (end: number, batchSize: number) => {
          const args = { sampleWeight: weights.slice(0, end), batchSize, verbose: 0 } as const;
          return model.evaluate(p.slice(0, end), y.slice(0, end), args).map((value) => [...value.dataSync()]);
        };
        const running = batches.map(([, end]) => measured(end, size));
        const what = JSON.stringify(metric);
        const [unweighted, weighted] = [1, 2].map((i) => running.flatMap((values) => values[i]!)) as [
          number[],
          number[],
        ];
        expectClose(unweighted, list(flat(record.running)), 1e-6, `${what} after each batch`);
        expectClose(weighted, list(flat(record.runningWeighted)), 1e-6, `weighted ${what} after each batch`);
        // However the samples are split, the result is the same.
        const rows = shape[0]!;
        for (const batchSize of [1, 3, rows, rows + 1]) {
          const last = [record.running.at(-1)!].flat();
          expectClose(measured(rows, batchSize)[1]!, list(last), 1e-6, `${what} in batches of ${batchSize}`);
        }
      });
      model.dispose();
    }
  });
});

describe('testOnBatch begins anew with each batch', () => {
  test.each(named(accuracy))('$title', (record) => {
    const model = identityModel(record.yPred.shape, record.metric);
    wg.tidy(() => {
      const [y, p] = [tensorOf(record.yTrue), tensorOf(record.yPred)];
      const measured = batches.map(([begin, end]) => {
        const part = (x: wg.Tensor) => x.slice(begin, end - begin);
        return Number((model.testOnBatch(part(p), part(y)) as wg.Tensor[])[1]);
      });
      // The mean over all samples so far is that of the batches, by their sizes.
      const rows = batches.map(([begin, end]) => end - begin);
      const mean = (count: number) => {
        const sum = (xs: number[]) => xs.slice(0, count).reduce((a, b) => a + b, 0);
        return sum(measured.map((value, i) => value * rows[i]!)) / sum(rows);
      };
      expectClose(
        batches.map((_, i) => mean(i + 1)),
        list(flat(record.running)),
        1e-6,
      );
    });
    model.dispose();
  });
});

test('a metric of several thresholds or classes gives lists: to logs, history, evaluate and the progress', async () => {
  const [x, y] = [[[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]], [[1, 0], [0, 1], [0, 1]]]; // prettier-ignore
  const f1 = new wg.metrics.F1Score();
  const precision = new wg.metrics.Precision({ thresholds: [0.2, 0.8], name: 'precision' });
  const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: [2] })]);
  model.compile({ loss: 'mse', metrics: [f1, precision] });
  const [, scores, precisions] = model.evaluate(x, y);
  expect(scores!.shape).toEqual([2]);
  expectClose(scores!, list([2 / 3, 2 / 3]), 1e-6);
  expectClose(precisions!, list([3 / 5, 1]), 1e-6);
  expect(await model.trainOnBatch(x, y)).toEqual([expect.any(Number), f1.result(), precision.result()]);
  const { history } = await model.fit(x, y, { epochs: 2, verbose: 0 });
  expect(history['f1_score']).toEqual([f1.result(), f1.result()]);
  model.dispose();
  for (const metric of [f1, precision]) metric.dispose();
});

test.each<[string, wg.metrics.MetricIdentifier, RegExp]>([
  [
    'precision',
    'precision',
    /metric "precision": targets of shape \[2\] do not fit outputs of shape \[2, 3\]; .*wg\.oneHot/,
  ],
  ['F1Score', 'f1Score', /metric "f1Score": targets of shape \[2\] do not fit outputs of shape \[2, 3\]/],
  [
    'MeanIoU',
    { className: 'MeanIoU', config: { numClasses: 3, name: 'iou' } },
    /metric "iou": targets of shape \[2\] do not fit outputs of shape \[6\]; .*sparseYPred: false/,
  ],
])('%s of class numbers and a number for each class: what to give instead', (_, metric, message) => {
  const model = identityModel([2, 3], metric);
  expect(() => model.evaluate([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], [2, 0])).toThrow(message); // prettier-ignore
  model.dispose();
});

test('metrics keep the names that they were asked for by', () => {
  const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1] })]);
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae', 'acc', 'accuracy', 'mean_squared_error', 'mae'] });
  model.testOnBatch([[1]], [[1]]);
  expect(model.metricsNames).toEqual(['loss', 'mae', 'acc', 'accuracy', 'mean_squared_error', 'mae_1']);
  model.dispose();
});

/** Of the samples that are positive, the fraction that is found. */
class Recall extends wg.metrics.Metric {
  private readonly found = this.addVariable('found');
  private readonly positive = this.addVariable('positive');

  update(yTrue: wg.Tensor, yPred: wg.Tensor): void {
    this.found.assign(this.found.add(yTrue.mul(yPred.greater(0.5).cast('float32')).sum()));
    this.positive.assign(this.positive.add(yTrue.sum()));
  }

  result(): number {
    return this.found.dataSync()[0]! / this.positive.dataSync()[0]!;
  }
}

describe('a metric of the user', () => {
  test.each(['update', 'result'])('without %s is refused, with what to write', (name) => {
    const recall = new Recall('recall');
    Object.defineProperty(recall, name, { value: undefined });
    expect(() => identityModel([1, 1], recall)).toThrow(
      new RegExp(`compile: metric "recall": class Recall has no ${name}; write ${name}\\(`),
    );
    recall.dispose();
  });

  const x = [[0.9], [0.2], [0.8], [0.7], [0.1]];
  const y = [[1], [1], [0], [1], [0]];

  test.each([1, 2, 5])("counts batches of %i samples, is named, reset, and stays the user's", async (batchSize) => {
    const recall = new Recall('recall');
    const model = identityModel([1, 1], recall);
    expect(model.metricsNames).toEqual(['loss', 'recall']);
    for (let times = 0; times < 2; times++) {
      expect(Number(model.evaluate(x, y, { batchSize, verbose: 0 })[1])).toBeCloseTo(2 / 3, 6);
    }
    const { history } = await model.fit(x, y, { batchSize, epochs: 2, verbose: 0 });
    expect(history['recall']).toEqual([2 / 3, 2 / 3]);
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [recall, 'mae'] });
    expect(Number(model.evaluate(x, y, { batchSize, verbose: 0 })[1])).toBeCloseTo(2 / 3, 6);
    model.dispose();
    expect(recall.variables.every((variable) => !variable.isDisposed)).toBe(true);
    recall.dispose();
  });
});
