// A loss that is not finite: one warning, which names the first step, layer and op; training goes on as in Keras.
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest';
import * as wg from '../../ts/index.js';
import { stateOf, x, y } from './twins.js';

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

/** The logarithm, which is not finite where its input is not positive. */
class Log extends wg.layers.Layer {
  static override className = 'Log';
  override call(inputs: wg.Tensor): wg.Tensor {
    return inputs.log();
  }
}

const dense = (units: number, name: string) =>
  wg.layers.dense({ units, name, kernelInitializer: 'ones', biasInitializer: 'zeros' });

const makers: Record<string, () => wg.layers.Layer[]> = {
  flat: () => [dense(2, 'first'), new Log({ name: 'log' }), dense(1, 'last')],
  nested: () => [
    dense(2, 'first'),
    wg.sequential({ name: 'inner', layers: [new Log({ name: 'log' })] }),
    dense(1, 'last'),
  ],
};

const make = (layers: wg.layers.Layer[]) => {
  const model = wg.sequential([wg.layers.inputLayer({ inputShape: [1], name: 'in' }), ...layers]);
  model.compile({ optimizer: wg.train.sgd(1e-3), loss: 'mse' });
  return model;
};

const options = { verbose: 0, shuffle: false, batchSize: 2 } as const;
const targets = Array.from({ length: 8 }, () => [1]);
/** Positive but for the sixth: the third batch is the first that is not finite. */
const samples = [1, 2, 3, 4, 5, -6, 7, 8].map((value) => [value]);

describe('the warning, which counts batches and epochs from 1', () => {
  test.each([
    ['flat', 'layer "log"'],
    ['nested', 'layer "inner/log"'],
  ])('names step, layer and op: %s', async (kind, layer) => {
    const model = make(makers[kind]!());
    const { history } = await model.fit(samples, targets, { ...options, epochs: 3 });
    expect(warn).toHaveBeenCalledTimes(1);
    const message = String(warn.mock.calls[0]![0]);
    for (const word of ['fit:', 'not finite', 'batch 3 of epoch 1', 'op "log"', layer, 'the usual mend']) {
      expect(message).toContain(word);
    }
    expect(history['loss']).toEqual([NaN, NaN, NaN]);
    // As in Keras, the NaN has reached the weights.
    expect(model.weights.every((weight) => Array.from(weight.dataSync()).some(Number.isNaN))).toBe(true);
    model.dispose();
  });

  test.each([
    ['x', samples.map(([v], i) => [i === 5 ? NaN : Math.abs(v!)]), targets, 'x[5][0] is NaN'],
    [
      'y',
      samples.map(([v]) => [Math.abs(v!)]),
      targets.map(([v], i) => [i === 4 ? Infinity : v!]),
      'y[4][0] is Infinity',
    ],
  ])('names the sample, if the data are not finite: %s', async (_, data, wanted, words) => {
    const model = make(makers['flat']!());
    await model.fit(data, wanted, options);
    expect(warn).toHaveBeenCalledTimes(1);
    const message = String(warn.mock.calls[0]![0]);
    for (const word of ['batch 3 of epoch 1', words]) expect(message).toContain(word);
    model.dispose();
  });

  test('names the loss, if only that is not finite', async () => {
    const model = wg.sequential([wg.layers.inputLayer({ inputShape: [1] }), dense(1, 'only')]);
    model.compile({ optimizer: 'sgd', loss: (yTrue, yPred) => yPred.sub(yTrue).log() });
    await model.fit([[-1]], [[2]], options);
    expect(String(warn.mock.calls[0]![0])).toContain('op "log" of the loss');
    model.dispose();
  });
});

test('trainOnBatch warns once as well, until the model is compiled again', async () => {
  const model = make(makers['flat']!());
  for (let i = 0; i < 3; i++) await model.trainOnBatch([[-1]], [[1]]);
  expect(warn).toHaveBeenCalledTimes(1);
  for (const word of ['trainOnBatch:', 'not finite', 'op "log"', 'layer "log"'])
    expect(warn.mock.calls[0]![0]).toContain(word);
  const { optimizer } = model;
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  optimizer.dispose();
  await model.trainOnBatch([[-1]], [[1]]);
  expect(warn).toHaveBeenCalledTimes(2);
  model.dispose();
});

test('the step that was warned of is trained like any other', async () => {
  const [watched, twin] = [make(makers['flat']!()), make(makers['flat']!())];
  // The third batch gives an infinite loss, whose gradients are finite no more.
  await watched.fit(samples, targets, { ...options, epochs: 1 });
  for (let i = 0; i < 8; i += 2) await twin.trainOnBatch(samples.slice(i, i + 2), targets.slice(i, i + 2));
  expect(stateOf(watched)).toEqual(stateOf(twin));
  expect(watched.optimizer.iterations).toBe(4);
  watched.dispose();
  twin.dispose();
});

test('a run with finite losses warns of nothing', async () => {
  const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [4] })]);
  model.compile({ loss: 'mse' });
  await model.fit(x, y, { verbose: 0 });
  expect(warn).not.toHaveBeenCalled();
  model.dispose();
});
