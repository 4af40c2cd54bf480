// Sample and class weights, and the metrics that they weigh.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as wg from '../../ts/index.js';

const x = [
  [0.1, 0.9],
  [0.8, -0.2],
  [-0.4, 0.3],
  [0.5, 0.5],
  [-0.7, -0.6],
];
const labels = [0, 2, 1, 2, 0];
const oneHot = labels.map((label) => [0, 1, 2].map((i) => Number(i === label)));
const quiet = { shuffle: false, verbose: 0, batchSize: 2, epochs: 3 } as const;

function make(loss: wg.losses.LossIdentifier, more: Partial<wg.CompileArgs> = {}): wg.Sequential {
  wg.setSeed(4);
  const model = wg.sequential([wg.layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })]);
  model.compile({ optimizer: wg.train.adam(0.1), loss, ...more });
  return model;
}

/** The losses of a run and the weights after it. */
async function train(loss: string, y: number[] | number[][], args: wg.FitArgs) {
  const model = make(loss);
  const { history } = await model.fit(x, y, { ...quiet, ...args });
  const weights = model.getWeights().map((weight) => [...weight.dataSync()]);
  model.dispose();
  return { loss: history['loss'], valLoss: history['val_loss'], weights };
}

test.each([
  ['class numbers', 'sparseCategoricalCrossentropy', labels],
  ['class numbers (n, 1)', 'sparseCategoricalCrossentropy', labels.map((label) => [label])],
  ['one-hot targets', 'categoricalCrossentropy', oneHot],
])('classWeight of %s is the weight of each sample by its class', async (_, loss, y) => {
  const byClass = await train(loss, y, { classWeight: { 0: 3, 2: 0.5 } });
  const bySample = await train(loss, y, { sampleWeight: labels.map((label) => [3, 1, 0.5][label]!) });
  expect(byClass).toEqual(bySample);
  expect(byClass).not.toEqual(await train(loss, y, {}));
});

test('weights of one change nothing', async () => {
  const plain = await train('sparseCategoricalCrossentropy', labels, {});
  expect(await train('sparseCategoricalCrossentropy', labels, { classWeight: {} })).toEqual(plain);
  expect(await train('sparseCategoricalCrossentropy', labels, { sampleWeight: labels.map(() => [1]) })).toEqual(plain);
});

test('validation has weights of its own, or a part of those of the samples', async () => {
  const loss = 'sparseCategoricalCrossentropy';
  const weights = [1, 0.5, 2, 3, 0.25];
  const split = await train(loss, labels, { sampleWeight: weights, validationSplit: 0.4 });
  const [xs, ys, ws] = [x, labels, weights].map((part) => part.slice(0, 3)) as [number[][], number[], number[]];
  const model = make(loss);
  const { history } = await model.fit(xs, ys, {
    ...quiet,
    sampleWeight: ws,
    validationData: [x.slice(3), labels.slice(3), weights.slice(3)],
  });
  expect(history['loss']).toEqual(split.loss);
  expect(history['val_loss']).toEqual(split.valLoss);
  model.dispose();
});

test('weighted metrics are named and weighed as in Keras', () => {
  const model = make('sparseCategoricalCrossentropy', {
    metrics: ['accuracy', 'accuracy'],
    weightedMetrics: ['accuracy', 'accuracy', 'sparseCategoricalCrossentropy'],
  });
  expect(model.metricsNames).toEqual([
    'loss',
    'accuracy',
    'accuracy_1',
    'weighted_accuracy',
    'weighted_accuracy_1',
    'sparseCategoricalCrossentropy',
  ]);
  const [loss, plain, same, , weighted, crossentropy] = model
    .evaluate(x, labels, { sampleWeight: [0, 0, 1, 0, 0], verbose: 0 })
    .map(Number);
  const [third] = [model.testOnBatch(x.slice(2, 3), labels.slice(2, 3))].flat().map(Number);
  expect(plain).toBe(same);
  expect([0, 1]).toContain(weighted);
  // The loss divides by the number of samples, the metric by the sum of the weights.
  expect(crossentropy).toBeCloseTo(third!, 6);
  expect(loss).toBeCloseTo(third! / 5, 6);
  model.dispose();
});

test('single batches take weights', async () => {
  const [a, b] = [make('sparseCategoricalCrossentropy'), make('sparseCategoricalCrossentropy')];
  const sampleWeight = labels.map((label) => [2, 1, 4][label]!);
  expect(await a.trainOnBatch(x, labels, { sampleWeight })).toBe(
    await b.trainOnBatch(x, labels, { classWeight: { 0: 2, 2: 4 } }),
  );
  expect(Number(a.testOnBatch(x, labels, { sampleWeight }))).toBe(Number(b.testOnBatch(x, labels, { sampleWeight })));
  a.dispose();
  b.dispose();
});

test('a step of each sample may have a weight of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: 0, max: 4, noNaN: true }), { minLength: 6, maxLength: 6 }), (flat) => {
      wg.tidy(() => {
        const [y, p] = [wg.randomNormal([2, 3, 4], 0, 1, 'float32', 1), wg.randomNormal([2, 3, 4], 0, 1, 'float32', 2)];
        const weights = wg.tensor(flat, [2, 3]);
        const loss = new wg.losses.MeanSquaredError();
        const expected = Number(y.sub(p).square().mean(-1).mul(weights).mean());
        expect(Number(loss.apply(y, p, weights))).toBeCloseTo(expected, 5);
        const mask = wg.tensor([1, 0, 1, 1, 1, 0], [2, 3]).cast('bool');
        const counted = Number(loss.apply(y, p, weights, mask));
        expect(counted).toBeCloseTo(
          Number(y.sub(p).square().mean(-1).mul(weights).mul(mask.cast('float32')).sum()) / 4,
          4,
        );
      });
    }),
    { numRuns: 20 },
  );
});

const fit = (args: wg.FitArgs) => (model: wg.Sequential) => model.fit(x, labels, { ...quiet, ...args });
test.each([
  ['both weights', fit({ classWeight: { 0: 1 }, sampleWeight: labels }), 'give sampleWeight or classWeight, not both'],
  [
    'weights of another length',
    fit({ sampleWeight: [1, 2] }),
    'x has 5 samples (shape [5, 2]), but sampleWeight has 2',
  ],
  [
    'weights of steps that there are not',
    fit({ sampleWeight: oneHot }),
    'weights of shape [2, 3] do not fit values of shape [2]; give one weight for each sample',
  ],
  [
    'a loss that is not reduced',
    fit({}),
    "training needs one number, and its reduction 'none' gives values of shape [2]",
    new wg.losses.SparseCategoricalCrossentropy({ reduction: 'none' }),
  ],
] as const)(
  '%s: an error, and nothing is trained',
  async (_, act, message, loss = new wg.losses.SparseCategoricalCrossentropy()) => {
    const model = make(loss);
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    await expect(act(model)).rejects.toThrow(message);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
    model.dispose();
  },
);
