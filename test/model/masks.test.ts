// Models whose output carries a mask, against Keras 3.15 on JAX: test/reference/masks.json.
import { test } from 'vitest';
import * as wg from '../../ts/index.js';
import { expectClose, fixture, list, tensorOf, type Values } from '../reference.js';

interface MaskRecord {
  loss: string;
  metrics: string[];
  activation: string | null;
  units: number;
  x: Values;
  y: Values;
  initialWeights: Values[];
  evaluate: Record<string, number>;
  losses: number[];
  finalWeights: Values[];
}

const { cases } = fixture<{ cases: MaskRecord[] }>('masks');

/** Steps of zeros do not count. */
class Masking extends wg.layers.Layer {
  static override className = 'MaskingOfTheTest';

  override call(inputs: wg.Tensor, { mask = this.computeMask(inputs) }: { mask?: wg.Tensor }): wg.Tensor {
    return inputs.mul(mask.expandDims(-1).cast('float32'));
  }

  override computeMask(inputs: wg.Tensor): wg.Tensor {
    return inputs.notEqual(0).any(-1);
  }
}

test.each(cases)('$loss: what is masked counts in neither loss nor metrics nor gradients', async (record) => {
  const [first, ...others] = record.x.shape.slice(1) as [number, number];
  const model = wg.sequential([
    new Masking({ inputShape: [first, ...others] }),
    wg.layers.dense({ units: 3, activation: 'tanh' }),
    wg.layers.dense({ units: record.units, ...(record.activation && { activation: record.activation }) }),
  ]);
  model.compile({ optimizer: wg.train.sgd(0.1), loss: record.loss, metrics: record.metrics });
  const [x, y] = [tensorOf(record.x), tensorOf(record.y)];
  const weights = record.initialWeights.map(tensorOf);
  model.setWeights(weights);

  const measured = model.evaluate(x, y, { batchSize: 3, verbose: 0 }).map(Number);
  expectClose(measured, list(model.metricsNames.map((name) => record.evaluate[name]!)), 1e-6, 'evaluate');
  const { history } = await model.fit(x, y, { batchSize: 3, epochs: 2, shuffle: false, verbose: 0 });
  expectClose(history['loss']!, list(record.losses), 1e-5, 'loss');
  record.finalWeights.forEach((expected, i) => expectClose(model.getWeights()[i]!, expected, 1e-5));

  // In training the metrics are those of evaluate.
  model.optimizer.learningRate = 0;
  const still = (await model.fit(x, y, { batchSize: 3, shuffle: false, verbose: 0 })).history;
  const again = model.evaluate(x, y, { batchSize: 3, verbose: 0 }).map(Number);
  expectClose(again, list(model.metricsNames.map((name) => still[name]![0]!)), 1e-6, 'in training');

  wg.dispose([x, y, weights]);
  model.dispose();
});

test('what is masked counts in no metric, whatever it counts', () => {
  const names = [
    'precision',
    'falsePositives',
    'auc',
    'recall',
    'binaryAccuracy',
    'binaryIoU',
    'rootMeanSquaredError',
    'hinge',
  ];
  const steps = [[0.9, 0, 0.2], [0.4, 0.7, 0], [0, 0, 0.6]]; // prettier-ignore
  const labels = [[1, 1, 0], [1, 0, 1], [0, 1, 0]]; // prettier-ignore
  const measure = (layer: wg.layers.Layer, x: wg.Tensor, y: wg.Tensor) => {
    const model = wg.sequential([layer]);
    model.compile({ loss: 'mse', metrics: names });
    const measured = model.evaluate(x, y, { batchSize: 2, verbose: 0 }).map(Number);
    model.dispose();
    return measured.slice(1);
  };
  wg.tidy(() => {
    const masked = measure(
      new Masking({ inputShape: [3, 1] }),
      wg.tensor(steps.flat(), [3, 3, 1]),
      wg.tensor(labels.flat(), [3, 3, 1]),
    );
    const counted = steps.flatMap((row, i) => row.flatMap((x, j) => (x === 0 ? [] : [[x, labels[i]![j]!]])));
    const column = (i: number) => wg.tensor2d(counted.map((pair) => [pair[i]!]));
    const identity = wg.layers.activation({ activation: 'linear', inputShape: [1] });
    expectClose(masked, list(measure(identity, column(0), column(1))), 1e-6);
  });
});
