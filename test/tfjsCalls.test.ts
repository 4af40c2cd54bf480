// Call shapes of @tensorflow/tfjs 4.22, as programs written for it have them.
import { describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';
import { registerLayers } from '../ts/layers/registry.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { makeModel, messageOf, stateOf, x, y } from './model/twins.js';

registerLayers();

const { layers } = wg;

test.each<[string, (model: wg.Sequential) => wg.layers.Layer, number]>([
  ['a name', (model) => model.getLayer('dropout'), 1],
  ['a number', (model) => model.getLayer(2), 2],
  ['undefined and a number', (model) => model.getLayer(undefined, 0), 0],
  ['null and a number', (model) => model.getLayer(null, 2), 2],
  ['a name and a number, which counts', (model) => model.getLayer('x', 1), 1],
])('getLayer by %s', (_, get, index) => {
  const model = makeModel();
  expect(get(model)).toBe(model.layers[index]);
  model.dispose();
});

describe('shapes of layers', () => {
  test('are batches, in models and alone', () => {
    const inner = wg.sequential([layers.flatten(), layers.dense({ units: 5 })]);
    const model = wg.sequential([layers.dense({ units: 3, inputShape: [2, 4] }), inner]);
    const shapes = (layer: wg.layers.Layer) => [layer.inputShape, layer.outputShape];
    expect([model, ...model.layers, ...inner.layers].map(shapes)).toEqual([
      [[null, 2, 4], [null, 5]],
      [[null, 2, 4], [null, 2, 3]],
      [[null, 2, 3], [null, 5]],
      [[null, 2, 3], [null, 6]],
      [[null, 6], [null, 5]],
    ]); // prettier-ignore
    const alone = layers.reshape({ targetShape: [-1, 2] });
    wg.tidy(() => void alone.apply(wg.zeros([7, 6], 'int32')));
    expect(shapes(alone)).toEqual([[null, 6], [null, 3, 2]]); // prettier-ignore
    model.dispose();
  });

  test.each(['inputShape', 'outputShape'] as const)('%s is not known before', async (shape) => {
    const layer = layers.dense({ units: 1, name: 'late' });
    expect(await messageOf(() => layer[shape])).toContain('layer "late" is not built');
    const model = wg.sequential({ name: 'empty', layers: [layer] });
    expect(await messageOf(() => model[shape])).toContain('model "empty" is not built');
    layer.apply([[1, 2]]).dispose();
    layer.dispose();
    expect(await messageOf(() => layer[shape])).toContain('layer "late" is not built');
  });
});

test('weights are read and written', () => {
  const model = makeModel();
  const [weight] = model.weights as [wg.Variable];
  expect(weight.read().arraySync()).toEqual(weight.arraySync());
  wg.tidy(() => expect(weight.write(wg.ones(weight.shape)).sum().arraySync()).toBe(weight.size));
  expect(() => weight.write([1])).toThrow(/assign: expected float32 of shape \[4,5\]/);
  model.dispose();
});

describe('verbose', () => {
  test.each([
    [true, 1],
    [false, 0],
  ])('%s is %i', async (verbose, number) => {
    const model = makeModel();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      const seen = await model.fit(x, y, { verbose });
      expect((seen as unknown as { params: { verbose: number } }).params.verbose).toBe(number);
      expect(write.mock.calls.length > 0).toBe(verbose);
    } finally {
      write.mockRestore();
    }
    model.predict(x, { verbose }).dispose();
    model.evaluate(x, y, { verbose });
    model.dispose();
  });
});

describe('yieldEvery', () => {
  /** Batches, and epochs' ends, in the order in which they happen between pauses. */
  async function pauses(yieldEvery: wg.FitArgs['yieldEvery']): Promise<[epoch: number, batch: number][]> {
    const model = makeModel();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const heard: [number, number][] = [];
    const onYield = (epoch: number, batch: number) => void heard.push([epoch, batch]);
    try {
      await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0, yieldEvery: yieldEvery!, callbacks: { onYield } });
    } finally {
      model.dispose();
    }
    return heard;
  }
  const batches = [0, 1].flatMap((epoch) => [1, 2, 3].map((batch): [number, number] => [epoch, batch]));

  test.each<[wg.FitArgs['yieldEvery'], [number, number][]]>([
    ['batch', batches],
    [0, batches],
    ['epoch', [[0, 3], [1, 3]]],
    ['never', []],
    [1e9, []],
  ])('%s', async (yieldEvery, expected) => {
    expect(await pauses(yieldEvery)).toEqual(expected);
  }); // prettier-ignore

  test.each(['batches', -1, NaN, {}])('%s is refused', async (yieldEvery) => {
    expect(await messageOf(() => pauses(yieldEvery as never))).toContain("fit: yieldEvery must be 'auto' or 'batch'");
  });
});

describe('layers', () => {
  test('inputDim is a short inputShape', () => {
    const model = wg.sequential([layers.dense({ units: 2, inputDim: 3 })]);
    expect(model.inputs[0]!.shape).toEqual([null, 3]);
    model.dispose();
    expect(() => layers.dense({ units: 2, inputDim: 0 })).toThrow(/inputDim must be a whole number from 1 on/);
  });

  const kernel = [[1, 2], [3, 4]]; // prettier-ignore
  test.each<[string, (layer: wg.layers.Layer) => void]>([
    ['in a model', (layer) => wg.sequential([layers.inputLayer({ inputShape: [2] }), layer])],
    ['alone', (layer) => layer.apply([[0, 0]]).dispose()],
    ['in a program', (layer) => {
      using program = wg.compile((rows: wg.Tensor) => layer.apply(rows));
      program([[0, 0]]).dispose();
    }],
  ])('weights are what a layer begins with, %s', (_, build) => {
    const layer = layers.dense({ units: 2, weights: [kernel, [5, 6]] });
    build(layer);
    expect(layer.getWeights().map((weight) => weight.arraySync())).toEqual([kernel, [5, 6]]);
    layer.dispose();
  }); // prettier-ignore

  test('weights that do not fit are refused, and nothing is built', async () => {
    const layer = layers.dense({ units: 2, name: 'odd', weights: [kernel, [5]] });
    const model = wg.sequential([layers.inputLayer({ inputShape: [2] })]);
    for (const build of [() => model.add(layer), () => layer.apply([[0, 0]])]) {
      expect(await messageOf(build)).toContain('layer "odd": weights: "odd/bias" is float32 of shape [2], got');
      expect([layer.built, layer.weights, model.layers.length]).toEqual([false, [], 1]);
    }
  });

  test('flatten of channelsFirst moves the channels to the end', () => {
    wg.tidy(() => {
      const images = wg.randomNormal([2, 3, 4, 5]); // (batch, channels, height, width)
      const layer = layers.flatten({ dataFormat: 'channelsFirst' });
      const again = deserialize<wg.layers.Layer>('test', serialize(layer));
      const expected = images.transpose([0, 2, 3, 1]).reshape([2, 60]).arraySync();
      expect([layer, again].map((one) => one.apply(images).arraySync())).toEqual([expected, expected]);
      const rows = wg.randomNormal([2, 3]);
      expect(layer.apply(rows).arraySync()).toEqual(rows.arraySync());
    });
    expect(() => layers.flatten({ dataFormat: 'nchw' as never })).toThrow(/dataFormat must be 'channelsFirst' or/);
  });

  test('a layer without call gives its inputs', () => {
    class Same extends wg.layers.Layer {
      static override className = 'Same';
    }
    const model = wg.sequential([new Same({ inputShape: [2] })]);
    wg.tidy(() => expect(model.predict([[1, 2]]).arraySync()).toEqual([[1, 2]]));
    model.dispose();
  });
});

describe('optimizers', () => {
  test('getWeights names the state', async () => {
    const model = makeModel();
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x, y, { verbose: 0 });
    const state = stateOf(model);
    const weights = await model.optimizer.getWeights();
    expect(weights.slice(0, 2).map(({ name }) => name)).toEqual(['iteration', 'learning_rate']);
    expect(weights.slice(0, 2).map(({ tensor }) => tensor.arraySync())).toEqual([1, Math.fround(0.001)]);
    expect(weights.length).toBe(Object.keys(state).filter((path) => path.startsWith('optimizer/')).length);
    model.dispose();
  });

  test('the rate of sgd is set by setLearningRate', () => {
    const optimizer = wg.train.sgd(0.1);
    expect(optimizer).toBeInstanceOf(wg.Optimizer);
    optimizer.setLearningRate(0.5);
    expect(optimizer.learningRate).toBe(0.5);
    expect(() => optimizer.setLearningRate(-1)).toThrow(/learningRate must be/);
    optimizer.dispose();
  });
});
