// The programs of a model as text.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { messageOf, quiet, stateOf, x, y } from './twins.js';

function makeModel(loss: wg.CompileArgs['loss'] = 'mse', units = 1): wg.Sequential {
  wg.setSeed(7);
  const model = wg.sequential([
    wg.layers.dense({ units: 5, activation: 'relu', inputShape: [4], name: 'hidden' }),
    wg.layers.dense({ units, name: 'output' }),
  ]);
  model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy'] });
  return model;
}

test('a prediction is as many products as there are layers', () => {
  const model = makeModel();
  const [hidden, output, total, ...rest] = model.plan({ program: 'predict', batchSize: 3 }).split('\n');
  // Multiplied and added, then the bias.
  expect(hidden).toMatch(/^135 \| float32\[3, 5\] @0 <- dense\(float32\[3, 4\] slot 0, .* # hidden$/);
  expect(output).toMatch(/^ 33 \| float32\[3, 1\] output 0 <- dense\(float32\[3, 5\] @0, .* # output$/);
  expect(total).toMatch(/^168 flops in 2 steps; bytes: arena 64, .*, constants 0, variables and other tensors 124$/);
  expect(rest).toEqual([]);
  model.dispose();
});

describe('a training step', () => {
  test.each([
    ['mse', 1, 'float32[8, 1]'],
    ['categoricalCrossentropy', 3, 'float32[8, 3]'],
    ['sparseCategoricalCrossentropy', 3, 'float32[8]'],
  ])('with %s gathers targets of %i units as %s', (loss, units, type) => {
    const model = makeModel(loss, units);
    const steps = model.plan({ batchSize: 8 }).split('\n');
    const [inputs, targets] = steps.filter((step) => step.endsWith('# the data'));
    expect(inputs).toContain('float32[8, 4] @');
    expect(targets).toContain(`${type} @`);
    expect(steps.filter((step) => step.includes(' <- sgd('))).toHaveLength(1);
    model.dispose();
  });

  test('that is shown changes nothing', async () => {
    const [model, twin] = [makeModel(), makeModel()];
    model.plan();
    for (const each of [model, twin]) await each.fit(x, y, { ...quiet, shuffle: false });
    expect(model.plan({ batchSize: 6 })).toBe(twin.plan({ batchSize: 6 }));
    for (const each of [model, twin]) await each.fit(x, y, { ...quiet, shuffle: false });
    expect(stateOf(model)).toEqual(stateOf(twin));
    for (const each of [model, twin]) each.dispose();
  });
});

test('a compiled function has a plan for the types of its arguments', () => {
  using f = wg.compile((x: wg.Tensor) => x.exp().sum());
  expect(f.plan([1, 2, 3]).split('\n').at(-1)).toMatch(/^6 flops in 2 steps; bytes: arena 64,/);
  expect(f.plan([1, 2])).toContain('exp(float32[2] slot 0)');
});

test.each<[string, () => wg.Sequential, wg.PlanArgs, string[]]>([
  [
    'an unknown option',
    makeModel,
    { batchsize: 3 } as never,
    ['plan: unknown option "batchsize"', 'did you mean "batchSize"'],
  ],
  ['an unknown program', makeModel, { program: 'test' as never }, ["'train' or 'predict'"]],
  [
    'a model that is not compiled',
    () => wg.sequential([wg.layers.dense({ units: 1, inputShape: [4] })]),
    {},
    ['plan: model "', 'model.compile('],
  ],
  [
    'a model that is not built',
    () => wg.sequential([wg.layers.dense({ units: 1 })]),
    {},
    ['is not built', 'inputShape'],
  ],
])('%s is refused', async (_, make, args, words) => {
  const model = make();
  const message = await messageOf(() => model.plan(args));
  for (const word of words) expect(message).toContain(word);
  model.dispose();
});
