// Metrics of Keras 3.15 on JAX, streamed over batches: test/reference/metrics.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { expectClose, fixture, list, tensorOf, type Values } from './reference.js';

interface MetricRecord {
  metric: string;
  camel?: string;
  config?: { threshold?: number } & Partial<wg.losses.CrossentropyOptions>;
  name: string;
  yTrue: Values;
  yPred: Values;
  /** The result after each of the batches. */
  running: number[];
  /** The same, with the file's sample weights. */
  runningWeighted: number[];
  /** Of "accuracy": what it means here. */
  resolved?: string;
}

const { batches, sampleWeight, accuracy, streamed } = fixture<{
  sampleWeight: Values;
  batches: [begin: number, end: number][];
  accuracy: MetricRecord[];
  streamed: MetricRecord[];
}>('metrics');

const titled = [...accuracy, ...streamed]
  // A threshold is an option of a metric's class, and metrics are names here.
  .filter(({ config }) => config?.threshold === undefined)
  .map((record) => ({ ...record, title: `${record.metric} ${JSON.stringify(record.config ?? {})}: ${record.name}` }));

/** Every way to ask for the metric of a record. */
function identifiers({ metric, camel, config, resolved }: MetricRecord): (string | wg.losses.LossFunction)[] {
  if (resolved !== undefined) return [metric, 'acc', resolved];
  if (Object.keys(config!).length === 0) return [metric, camel!];
  const loss = new wg.losses[camel!.replace(/^./, (letter) => letter.toUpperCase()) as 'BinaryCrossentropy'](config);
  return [(y, p) => loss.values(y, p)];
}

/** A model whose outputs are its inputs. */
function identityModel(shape: number[], metric: string | wg.losses.LossFunction | wg.metrics.Metric) {
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

describe('evaluate', () => {
  test.each(titled)('$title', (record) => {
    for (const metric of identifiers(record)) {
      const model = identityModel(record.yPred.shape, metric);
      wg.tidy(() => {
        const [y, p, weights] = [record.yTrue, record.yPred, sampleWeight].map(tensorOf) as [
          wg.Tensor,
          wg.Tensor,
          wg.Tensor,
        ];
        const measured = (end: number, batchSize: number) => {
          const args = { sampleWeight: weights.slice(0, end), batchSize, verbose: 0 } as const;
          return model.evaluate(p.slice(0, end), y.slice(0, end), args).map(Number);
        };
        const measure = (end: number, batchSize: number) => measured(end, batchSize)[1]!;
        const running = batches.map(([, end]) => measured(end, size));
        const [unweighted, weighted] = [1, 2].map((i) => running.map((values) => values[i]!)) as [number[], number[]];
        expectClose(unweighted, list(record.running), 1e-6, `${String(metric)} after each batch`);
        expectClose(weighted, list(record.runningWeighted), 1e-6, `weighted ${String(metric)} after each batch`);
        // However the samples are split, the result is the same.
        const rows = record.yPred.shape[0]!;
        const split = [1, 3, rows, rows + 1].map((batchSize) => measure(rows, batchSize));
        expectClose(split, list(split.map(() => record.running.at(-1)!)), 1e-6, `${String(metric)} in other batches`);
      });
      model.dispose();
    }
  });
});

describe('testOnBatch begins anew with each batch', () => {
  test.each(titled)('$title', (record) => {
    const model = identityModel(record.yPred.shape, identifiers(record)[0]!);
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
        list(record.running),
        1e-6,
      );
    });
    model.dispose();
  });
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
