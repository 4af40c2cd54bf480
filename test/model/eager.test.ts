// fit's planned steps equal the same steps taken one op at a time: weights, random states and slots, to the bit.
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as wg from '../../ts/index.js';
import { stateOf } from './twins.js';

// What overflows is compared too; the warning about it is not the matter here.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'leakyRelu',
  'elu',
  'selu',
  'celu',
  'gelu',
  'silu',
  'mish',
  'softplus',
  'softsign',
  'sigmoid',
  'hardSigmoid',
  'hardSilu',
  'logSigmoid',
  'tanh',
  'hardTanh',
  'tanhShrink',
  'softShrink',
  'hardShrink',
  'squareplus',
  'sparsePlus',
  'sparseSigmoid',
  'exponential',
  'softmax',
  'logSoftmax',
];

const { SGD, Adam, AdamW, RMSprop, Adagrad } = wg.optimizers;
const L = wg.losses;

const rate = fc.double({ min: 1e-3, max: 0.5, noNaN: true });
const fraction = fc.double({ min: 0.1, max: 0.95, noNaN: true });
const decay = fc.constantFrom(undefined, 0.01);

/** Makers of optimizers: each run needs one of its own. */
const optimizers: fc.Arbitrary<() => wg.optimizers.Optimizer> = fc.oneof(
  fc.tuple(rate, fc.constantFrom(0, 0.9), fc.boolean()).map(
    ([learningRate, momentum, nesterov]) =>
      () =>
        new SGD({ learningRate, momentum, nesterov }),
  ),
  fc.tuple(rate, fraction, fc.boolean()).map(
    ([learningRate, beta1, amsgrad]) =>
      () =>
        new Adam({ learningRate, beta1, amsgrad }),
  ),
  rate.map((learningRate) => () => new AdamW({ learningRate })),
  fc.tuple(rate, fraction, fc.constantFrom(0, 0.5), fc.boolean(), decay).map(
    ([learningRate, rho, momentum, centered, weightDecay]) =>
      () =>
        new RMSprop({ learningRate, rho, momentum, centered, ...(weightDecay && { weightDecay }) }),
  ),
  rate.map((learningRate) => () => new Adagrad({ learningRate })),
);

/** A layer for inputs of any width. */
const layer: fc.Arbitrary<() => wg.layers.Layer> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        units: fc.integer({ min: 1, max: 9 }),
        activation: fc.constantFrom(...ACTIVATIONS),
        useBias: fc.boolean(),
      })
      .map((args) => () => wg.layers.dense(args)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...ACTIVATIONS).map((activation) => () => wg.layers.activation({ activation })),
  },
  { weight: 1, arbitrary: fraction.map((rate) => () => wg.layers.dropout({ rate })) },
  {
    weight: 1,
    arbitrary: fc
      .constant(() => wg.layers.reshape({ targetShape: [-1, 1] }))
      .map((make) => () => wg.sequential([make(), wg.layers.flatten()])),
  },
);

/** A loss with the targets that it takes for `units` outputs. */
type Task = [make: () => wg.losses.Loss, target: (row: number, units: number) => number | number[]];
const oneHot = (row: number, units: number) => Array.from({ length: units }, (_, i) => Number(i === row % units));
const tasks = fc.constantFrom<Task>(
  [() => new L.MeanSquaredError(), (row, units) => oneHot(row, units).map((v) => v - row / 9)],
  [() => new L.MeanAbsoluteError(), (row, units) => oneHot(row, units)],
  [() => new L.Huber({ delta: 0.4 }), (row, units) => oneHot(row, units)],
  [() => new L.BinaryCrossentropy(), oneHot],
  [() => new L.BinaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }), oneHot],
  [() => new L.CategoricalCrossentropy(), oneHot],
  [() => new L.CategoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.2 }), oneHot],
  [() => new L.SparseCategoricalCrossentropy(), (row, units) => row % units],
  [() => new L.SparseCategoricalCrossentropy({ fromLogits: true }), (row, units) => row % units],
);

const program = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  inputs: fc.integer({ min: 1, max: 7 }),
  layers: fc.array(layer, { maxLength: 4 }),
  units: fc.integer({ min: 1, max: 5 }),
  lastActivation: fc.constantFrom('linear', 'sigmoid', 'softmax'),
  optimizer: optimizers,
  task: tasks,
  samples: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 13 }),
  epochs: fc.integer({ min: 1, max: 3 }),
});

test('any small model', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      program,
      async ({ seed, inputs, layers, units, lastActivation, optimizer, task, samples, batchSize, epochs }) => {
        const [makeLoss, target] = task;
        const make = () => {
          wg.setSeed(seed);
          const last = wg.layers.dense({ units, activation: lastActivation, name: 'last' });
          const model = wg.sequential([
            wg.layers.inputLayer({ inputShape: [inputs] }),
            ...layers.map((make, i) => wg.sequential({ name: `part_${i}`, layers: [make()] })),
            last,
          ]);
          model.compile({ optimizer: optimizer(), loss: makeLoss() });
          return model;
        };
        const x = Array.from({ length: samples }, (_, i) =>
          Array.from({ length: inputs }, (_, j) => 2 * Math.sin(7 * i + 3 * j + seed)),
        );
        const y = x.map((_, row) => target(row, units));

        const planned = make();
        await planned.fit(x, y, { shuffle: false, verbose: 0, batchSize, epochs });

        const eager = make();
        const loss = makeLoss();
        for (let epoch = 0; epoch < epochs; epoch++) {
          for (let at = 0; at < samples; at += batchSize) {
            const [xBatch, yBatch] = [wg.tensor(x.slice(at, at + batchSize)), wg.tensor(y.slice(at, at + batchSize))];
            eager.optimizer.minimize(
              () => loss.apply(yBatch, eager.apply(xBatch, { training: true })),
              false,
              eager.trainableWeights,
            );
            wg.dispose([xBatch, yBatch]);
          }
        }
        const states = [planned, eager].map(byPlace);
        planned.dispose();
        eager.dispose();
        expect(states[0]).toEqual(states[1]);
      },
    ),
    { numRuns: 200 },
  );
});

/** State without names, which are numbered through the whole program. */
function byPlace(model: wg.Sequential): number[][] {
  return Object.values(stateOf(model));
}
