// Models in functions of one's own: in gradients, in compiled functions, and in steps that are written by hand.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, regression, stateOf, x, y } from './twins.js';

const { layers } = wg;
/** Without dropout, so that training and prediction are one function. */
const plain = (inputShape: number[] | undefined = [4]) => {
  wg.setSeed(4);
  return wg.sequential([
    layers.dense({ units: 5, activation: 'tanh', ...(inputShape && { inputShape }) }),
    layers.dense({ units: 1 }),
  ]);
};
const values = (model: wg.LayersModel) => Object.values(stateOf(model));

describe('a step by hand equals trainOnBatch', () => {
  const predictions: Record<string, (model: wg.Sequential, inputs: wg.Tensor) => wg.Tensor> = {
    predict: (model, inputs) => model.predict(inputs),
    predictOnBatch: (model, inputs) => model.predictOnBatch(inputs),
    'predict in smaller batches': (model, inputs) => model.predict(inputs, { batchSize: 2 }),
    apply: (model, inputs) => model.apply(inputs, { training: true }),
    call: (model, inputs) => model.call(inputs, { training: true }),
  };
  test.each(Object.keys(predictions))('with %s', async (name) => {
    const [byHand, twin] = [plain(), plain()];
    twin.compile({ optimizer: wg.train.adam(0.1), loss: 'mse' });
    const [inputs, targets, optimizer] = [wg.tensor(x), wg.tensor(y), wg.train.adam(0.1)];
    for (let i = 0; i < 3; i++) {
      const loss = optimizer.minimize(() => predictions[name]!(byHand, inputs).sub(targets).square().mean(), true)!;
      expect(loss.dataSync()[0]).toBeCloseTo(Number(await twin.trainOnBatch(x, y)), 5);
      loss.dispose();
    }
    values(byHand).forEach((weights, i) => weights.forEach((w, j) => expect(w).toBeCloseTo(values(twin)[i]![j]!, 5)));
    wg.dispose([inputs, targets]);
    optimizer.dispose();
    for (const model of [byHand, twin]) model.dispose();
  });
});

test('variableGrads finds the weights through predict', () => {
  const model = plain();
  const { value, grads } = wg.variableGrads(() => model.predict(x).mean());
  expect(Object.keys(grads)).toEqual(model.weights.map(({ name }) => name));
  wg.dispose([value, grads]);
  model.dispose();
});

test('grad with respect to the inputs goes through predict', () => {
  const model = plain();
  const slope = wg.grad((inputs) => model.predict(inputs).sum())(x);
  const epsilon = 1e-2;
  const at = (delta: number) =>
    wg.tidy(
      () =>
        model
          .predict(x.map((row, i) => row.map((v, j) => v + (i === 2 && j === 1 ? delta : 0))))
          .sum()
          .dataSync()[0]!,
    );
  expect((slope.arraySync() as number[][])[2]![1]).toBeCloseTo((at(epsilon) - at(-epsilon)) / (2 * epsilon), 3);
  slope.dispose();
  model.dispose();
});

test.each<[string, () => wg.Sequential]>([
  ['built', () => plain()],
  ['not built', () => plain(undefined)],
])('a model that is %s, in a compiled function', (_, make) => {
  const [model, twin] = [make(), make()];
  const f = wg.compile((inputs: wg.Tensor) => model.predict(inputs).mul(2));
  const results = wg.tidy(() => [f(x), twin.predict(x).mul(2)].map((result) => result.arraySync()));
  expect(results[0]).toEqual(results[1]);
  f.dispose();
  model.dispose();
  twin.dispose();
});

test('a model of nothing gives its inputs', () => {
  const model = wg.sequential([layers.inputLayer({ inputShape: [4] })]);
  wg.tidy(() => {
    const inputs = wg.tensor(x);
    expect(model.predict(inputs).arraySync()).toEqual(inputs.arraySync());
    expect(
      wg
        .grad((v) => model.predict(v).sum())(inputs)
        .arraySync(),
    ).toEqual(x.map((row) => row.map(() => 1)));
    expect(inputs.isDisposed).toBe(false);
  });
  model.dispose();
});

test('one sample, and targets without an axis of their own', async () => {
  const [model, twin] = [regression(), regression()];
  const histories = [
    await model.fit(x.slice(0, 1), [3], { verbose: 0 }),
    await twin.fit(x.slice(0, 1), [[3]], { verbose: 0 }),
  ];
  expect(histories[0]!.history).toEqual(histories[1]!.history);
  expect(stateOf(model)).toEqual(stateOf(twin));
  model.dispose();
  twin.dispose();
});

test('dropout draws in steps by hand too', () => {
  const model = makeModel();
  const [first, second, predicted] = wg.tidy(() =>
    [model.apply(x, { training: true }), model.apply(x, { training: true }), model.apply(x)].map((result) =>
      result.arraySync(),
    ),
  );
  expect(first).not.toEqual(second);
  const predictions = model.predict(x);
  expect(predictions.arraySync()).toEqual(predicted);
  predictions.dispose();
  model.dispose();
});
