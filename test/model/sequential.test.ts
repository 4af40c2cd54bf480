// Sequential: how it is made and called, what it says of itself, and the ways of training.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { registerLayers } from '../../ts/layers/registry.js';
import { deserialize } from '../../ts/serialization.js';
import { makeModel, stateOf, x, y } from './twins.js';

registerLayers();

const quiet = { verbose: 0 } as const;
const dense = (units: number, args: Partial<Parameters<typeof wg.layers.dense>[0]> = {}) =>
  wg.layers.dense({ units, ...args });

/** The seed's program, as users write it. */
function seedProgram(make: () => wg.Sequential): wg.Sequential {
  wg.setSeed(5);
  const model = make();
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
  return model;
}

const hidden = () => dense(10, { activation: 'relu', inputShape: [4], name: 'hidden' });
const output = () => dense(1, { name: 'output' });

describe('the ways to make it', () => {
  const ways: Record<string, () => wg.Sequential> = {
    add() {
      const model = wg.sequential();
      model.add(hidden());
      model.add(output());
      return model;
    },
    list: () => wg.sequential([hidden(), output()]),
    'list in options': () => wg.sequential({ layers: [hidden(), output()], name: 'named' }),
    'an input layer': () =>
      wg.sequential([
        wg.layers.inputLayer({ inputShape: [4] }),
        dense(10, { activation: 'relu', name: 'hidden' }),
        output(),
      ]),
    'without inputShape': () => wg.sequential([dense(10, { activation: 'relu', name: 'hidden' }), output()]),
    'built by hand'() {
      const model = wg.sequential([dense(10, { activation: 'relu', name: 'hidden' }), output()]);
      model.build([null, 4]);
      return model;
    },
    'a model first': () => wg.sequential([wg.sequential([hidden()]), output()]),
    class: () => new wg.Sequential({ layers: [hidden(), output()] }),
  };

  const data: Record<string, () => { x: wg.Samples; y: wg.Samples }> = {
    'nested arrays': () => ({ x, y }),
    tensors: () => ({ x: wg.tensor2d(x), y: wg.tensor2d(y) }),
    'lists of one tensor': () => ({ x: [wg.tensor2d(x)], y: [wg.tensor2d(y)] }),
    'typed arrays with a shape': () => ({
      x: wg.tensor2d(Float32Array.from(x.flat()), [6, 4]),
      y: wg.tensor2d(Float64Array.from(y.flat()), [6, 1]),
    }),
    'flat values with a shape': () => ({
      x: { values: Float32Array.from(x.flat()), shape: [6, 4] },
      y: { values: y.flat(), shape: [6, 1], dtype: 'float32' },
    }),
    'rows that are typed arrays': () => ({ x: x.map((row) => Float32Array.from(row)), y: Float32Array.from(y.flat()) }),
  };

  const cases = Object.keys(ways).flatMap((way) => Object.keys(data).map((kind) => [way, kind] as const));
  test.each(cases)('%s, %s: one program', async (way, kind) => {
    const run = async (way: string, kind: string) => {
      const model = seedProgram(ways[way]!);
      const given = data[kind]!();
      const { history } = await model.fit(given.x, given.y, { ...quiet, epochs: 2, batchSize: 4 });
      const [loss, mae] = model.evaluate(given.x, given.y, quiet);
      const predictions = model.predict(given.x);
      const result = [history, Number(loss), Number(mae), predictions.arraySync(), Object.values(stateOf(model))];
      wg.dispose([given.x, given.y, predictions] as wg.TensorContainer);
      model.dispose();
      return result;
    };
    expect(await run(way, kind)).toEqual(await run('add', 'nested arrays'));
  });
});

describe('what it says of itself', () => {
  const model = () =>
    wg.sequential({
      name: 'net',
      layers: [
        dense(6, { inputShape: [4], name: 'hidden' }),
        wg.layers.reshape({ targetShape: [2, 3], name: 'pairs' }),
        wg.sequential({ name: 'inner', layers: [dense(5, { name: 'hidden', useBias: false })] }),
        wg.layers.flatten({ name: 'flat' }),
      ],
    });

  test('inputs and outputs', () => {
    const net = model();
    expect(net.inputs).toEqual([{ name: 'hidden_input', shape: [null, 4], dtype: 'float32' }]);
    expect(net.outputs).toEqual([{ name: 'flat', shape: [null, 10], dtype: 'float32' }]);
    expect(net.outputShapes).toEqual([
      [null, 6],
      [null, 2, 3],
      [null, 2, 5],
      [null, 10],
    ]);
    net.dispose();
    const counted = wg.sequential([wg.layers.inputLayer({ shape: [3], dtype: 'int32', name: 'words' })]);
    expect(counted.inputs).toEqual([{ name: 'words', shape: [null, 3], dtype: 'int32' }]);
    expect(counted.outputs).toEqual([{ name: 'words', shape: [null, 3], dtype: 'int32' }]);
    counted.dispose();
  });

  test('layers and weights', () => {
    const net = model();
    expect(net.layers.map(({ name }) => name)).toEqual(['hidden', 'pairs', 'inner', 'flat']);
    expect(net.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['hidden/kernel', [4, 6]],
      ['hidden/bias', [6]],
      ['hidden/kernel', [3, 5]],
    ]);
    expect(net.state.map(([path]) => path)).toEqual(['hidden/kernel', 'hidden/bias', 'inner/hidden/kernel']);
    expect(net.trainableWeights).toEqual(net.weights);
    expect(net.nonTrainableWeights).toEqual([]);
    expect(net.countParams()).toBe(24 + 6 + 15);
    expect(net.getLayer('pairs')).toBe(net.layers[1]);
    expect(net.getLayer(-1)).toBe(net.layers[3]);
    expect((net.getLayer('inner') as wg.Sequential).getLayer('hidden').weights).toEqual([net.weights[2]]);
    net.dispose();
  });

  test('toJSON makes the same model again', () => {
    const net = model();
    const json = JSON.parse(net.toJSON() as string) as { className: string; config: never };
    const again = deserialize<wg.Sequential>('test', json);
    expect(again.toJSON()).toBe(net.toJSON());
    expect(net.toJSON(undefined, false)).toEqual(json);
    expect(again.outputs).toEqual(net.outputs);
    net.dispose();
    again.dispose();
  });

  test('metricsNames, as soon as it is compiled', () => {
    const net = makeModel();
    expect(net.metricsNames).toEqual(['loss']);
    const custom = (yTrue: wg.Tensor, yPred: wg.Tensor) => yPred.sub(yTrue).abs();
    net.compile({ loss: 'mse', metrics: ['mae', 'mse', 'mae', custom] });
    expect(net.metricsNames).toEqual(['loss', 'mae', 'mse', 'mae_1', 'custom']);
    const measured = net.evaluate(x, y);
    expect(measured.map(Number)[1]).toBe(Number(measured[3]));
    expect(Number(measured[4])).toBeCloseTo(Number(measured[1]), 6);
    net.dispose();
  });

  test('weights are set and got', () => {
    const [net, other] = [model(), model()];
    other.setWeights(net.getWeights());
    expect(stateOf(other)).toEqual(stateOf(net));
    other.setWeights(
      net
        .getWeights()
        .map((weight) => Array.from(weight.shape[0] === 6 ? [1, 2, 3, 4, 5, 6] : []))
        .map((values, i) => (values.length > 0 ? values : (net.getWeights()[i]!.arraySync() as number[][]))),
    );
    expect(Array.from(other.getWeights()[1]!.dataSync())).toEqual([1, 2, 3, 4, 5, 6]);
    other.layers[0]!.setWeights([net.weights[0]!, [6, 5, 4, 3, 2, 1]]);
    expect(Array.from(other.weights[1]!.dataSync())).toEqual([6, 5, 4, 3, 2, 1]);
    net.dispose();
    other.dispose();
  });

  test('a layer that is taken away, and another one put there', () => {
    const net = seedProgram(() => wg.sequential([hidden(), output()]));
    const taken = net.pop();
    expect(net.outputs[0]!.shape).toEqual([null, 10]);
    net.add(dense(3, { name: 'three' }));
    const predictions = net.predict(x);
    expect(predictions.shape).toEqual([6, 3]);
    wg.dispose([predictions]);
    taken.dispose();
    net.dispose();
  });
});

describe('inputs of other dtypes are cast to what the model takes', () => {
  const pixels = [
    [0, 1, 1, 0],
    [1, 1, 0, 0],
    [0, 0, 1, 1],
  ];
  const targets = [1, 0, 1];
  test.each<[string, () => wg.Tensor]>([
    ['int32', () => wg.tensor(pixels, [3, 4], 'int32')],
    ['bool', () => wg.tensor(pixels, [3, 4], 'bool')],
    ['bytes', () => wg.tensor(Uint8Array.from(pixels.flat()), [3, 4])],
  ])('%s', async (_, make) => {
    const run = async (given: wg.TensorLike) => {
      const model = seedProgram(() => wg.sequential([hidden(), output()]));
      const { history } = await model.fit(given, targets, { ...quiet, epochs: 2 });
      const predictions = model.predict(given);
      const result = [history, predictions.arraySync()];
      predictions.dispose();
      model.dispose();
      return result;
    };
    const given = make();
    expect(await run(given)).toEqual(await run(pixels));
    given.dispose();
  });
});

describe('inputs that lack a last dimension of 1, or have one more, are taken as in Keras', () => {
  const list = [1, -2, 0.5, 3, 0.25, -1];
  const line = { inputShape: [1], name: 'line' };
  const layers: Record<string, () => wg.layers.Layer[]> = {
    'a model of one feature': () => [dense(1, line)],
    'a model that is not built': () => [dense(1, { name: 'line' })],
  };
  const lists: Record<string, () => wg.TensorLike | [wg.Tensor]> = {
    'a list': () => list,
    'a typed array': () => Float32Array.from(list),
    'a tensor': () => wg.tensor1d(list),
    'a list of one tensor': () => [wg.tensor1d(list)],
  };
  const cases = Object.keys(layers).flatMap((kind) => Object.keys(lists).map((form) => [kind, form] as const));

  test.each(cases)('%s, %s', async (kind, form) => {
    const run = async (samples: wg.TensorLike | [wg.Tensor], targets: wg.TensorLike) => {
      const model = seedProgram(() => wg.sequential(layers[kind]!()));
      const { history } = await model.fit(samples, targets, { ...quiet, epochs: 3, batchSize: 4 });
      const validated = await model.fit(samples, targets, { ...quiet, validationData: [samples, targets] });
      const batch = await model.trainOnBatch(samples, targets);
      const tested = (model.testOnBatch(samples, targets) as wg.Tensor[]).map(Number);
      const measured = model.evaluate(samples, targets, quiet).map(Number);
      const outputs = [model.predict(samples), model.predictOnBatch(samples)];
      expect(outputs.map(({ shape }) => shape)).toEqual([
        [6, 1],
        [6, 1],
      ]);
      const values = outputs.map((tensor) => tensor.arraySync());
      const result = [history, validated.history, batch, tested, measured, values, stateOf(model)];
      wg.dispose([outputs, samples as wg.TensorContainer]);
      model.dispose();
      return result;
    };
    const column = (values: number[]) => values.map((value) => [value]);
    const doubled = list.map((value) => 2 * value);
    expect(await run(lists[form]!(), doubled)).toEqual(await run(column(list), column(doubled)));
  });

  test.each<[string, number[], number[], number[]]>([
    ['images without channels', [2, 3, 1], [4, 2, 3], [4, 2, 3, 1]],
    ['rows of single numbers', [3], [4, 3, 1], [4, 3]],
  ])('%s', (_, inputShape, given, taken) => {
    const model = wg.sequential([wg.layers.flatten({ inputShape }), dense(2)]);
    wg.tidy(() => {
      const samples = wg.randomNormal(given);
      expect(model.predict(samples).arraySync()).toEqual(model.predict(samples.reshape(taken)).arraySync());
    });
    model.dispose();
  });

  test('so does the gradient of a prediction', () => {
    const model = wg.sequential([dense(1, line)]);
    wg.tidy(() => {
      const slope = model.getWeights()[0]!.dataSync()[0]!;
      const gradient = wg.grad((samples) => model.predict(samples).sum())(wg.tensor1d(list));
      expect(gradient.arraySync()).toEqual(list.map(() => slope));
    });
    model.dispose();
  });
});

describe('batches', () => {
  /** A run, and the same steps by trainOnBatch. */
  const train = async (fit: wg.FitArgs, steps: [from: number, to: number][]) => {
    const [fitted, stepped] = [0, 1].map(() => seedProgram(() => makeModel())) as [wg.Sequential, wg.Sequential];
    await fitted.fit(x, y, { ...quiet, shuffle: false, ...fit });
    for (const [from, to] of steps) await stepped.trainOnBatch(x.slice(from, to), y.slice(from, to));
    const states = [fitted, stepped].map(stateOf);
    fitted.dispose();
    stepped.dispose();
    return states;
  };

  test.each<[string, wg.FitArgs, [number, number][]]>([
    [
      'whole ones',
      { batchSize: 3 },
      [
        [0, 3],
        [3, 6],
      ],
    ],
    [
      'a last one that is smaller',
      { batchSize: 4 },
      [
        [0, 4],
        [4, 6],
      ],
    ],
    ['more than there are samples', { batchSize: 100 }, [[0, 6]]],
    ['the default', {}, [[0, 6]]],
    [
      'of one sample',
      { batchSize: 1 },
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
      ],
    ],
    [
      'two epochs',
      { batchSize: 5, epochs: 2 },
      [
        [0, 5],
        [5, 6],
        [0, 5],
        [5, 6],
      ],
    ],
    ['from an epoch on', { batchSize: 6, epochs: 3, initialEpoch: 2 }, [[0, 6]]],
    [
      'without the last third',
      { batchSize: 3, validationSplit: 1 / 3 },
      [
        [0, 3],
        [3, 4],
      ],
    ],
  ])('%s', async (_, fit, steps) => {
    const [fitted, stepped] = await train(fit, steps);
    expect(fitted).toEqual(stepped);
  });

  test('no epoch leaves the weights', async () => {
    const model = seedProgram(() => makeModel());
    const before = model.getWeights().map((weight) => weight.arraySync());
    const { history, epoch } = await model.fit(x, y, { ...quiet, epochs: 0 });
    expect([history, epoch]).toEqual([{}, []]);
    expect(model.getWeights().map((weight) => weight.arraySync())).toEqual(before);
    model.dispose();
  });

  test('a shuffled epoch sees each sample once', async () => {
    const model = wg.sequential([dense(1, { inputShape: [1], useBias: false, kernelInitializer: 'zeros' })]);
    // The gradient of (w x - 0)^2 at w = 0 is 0: only the metric tells which samples were seen.
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [(yTrue) => yTrue] });
    const numbers = Array.from({ length: 50 }, (_, i) => [2 ** (i % 20)]);
    const zeros = numbers.map(() => [0]);
    const { history } = await model.fit(zeros, numbers, { ...quiet, batchSize: 7, epochs: 2 });
    const mean = numbers.reduce((sum, [v]) => sum + v!, 0) / 50;
    for (const value of history['metric']!) expect(value).toBeCloseTo(mean, 0);
    model.dispose();
  });

  test('validation data do not change what is trained, and equal evaluate', async () => {
    const [validated, plain] = [0, 1].map(() => seedProgram(() => makeModel())) as [wg.Sequential, wg.Sequential];
    const { history } = await validated.fit(x, y, {
      ...quiet,
      shuffle: false,
      validationData: [x, y],
      validationBatchSize: 4,
    });
    await plain.fit(x, y, { ...quiet, shuffle: false });
    expect(stateOf(validated)).toEqual(stateOf(plain));
    const [loss, mae] = plain.evaluate(x, y, { batchSize: 4 });
    expect([history['val_loss'], history['val_mae']]).toEqual([[Number(loss)], [Number(mae)]]);
    validated.dispose();
    plain.dispose();
  });
});

describe('single batches', () => {
  test('testOnBatch and predictOnBatch equal evaluate and predict', () => {
    const model = seedProgram(() => makeModel());
    const tested = model.testOnBatch(x, y) as wg.Tensor[];
    expect(tested.map(Number)).toEqual(model.evaluate(x, y).map(Number));
    const [some, all] = [model.predictOnBatch(x), model.predict(x, { batchSize: 4 })];
    expect(some.arraySync()).toEqual(all.arraySync());
    wg.dispose([some, all]);
    model.dispose();
  });

  test('trainOnBatch gives the loss before the step', async () => {
    const model = wg.sequential([hidden(), output()]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const before = Number(model.evaluate<wg.Tensor>(x, y));
    expect(await model.trainOnBatch(x, y)).toBe(before);
    expect(await model.trainOnBatch(x, y)).toBeLessThan(before);
    model.dispose();
  });
});

test('two models train at the same time as one after the other', async () => {
  const fit = { ...quiet, shuffle: false, batchSize: 1, epochs: 200 };
  const train = async (together: boolean) => {
    const models = [0, 1].map(() => seedProgram(() => makeModel()));
    const runs = models.map(
      (model) => () => model.fit(x, y, { ...fit, callbacks: { onEpochEnd: () => wg.nextFrame() } }),
    );
    if (together) await Promise.all(runs.map((run) => run()));
    else for (const run of runs) await run();
    const states = models.map(stateOf);
    for (const model of models) model.dispose();
    return states;
  };
  expect(await train(true)).toEqual(await train(false));
});

describe('a run keeps its data', () => {
  test('though the tensors are disposed of, or assigned to, meanwhile', async () => {
    const run = async (act: (given: wg.Tensor, variable: wg.Variable) => void) => {
      const model = seedProgram(() => makeModel());
      const [given, targets] = [wg.tensor(x), wg.variable(wg.tidy(() => wg.tensor(y).arraySync()) as number[][])];
      const callbacks = { onEpochBegin: (epoch: number) => (epoch === 1 ? act(given, targets) : undefined) };
      const { history } = await model.fit(given, targets, { ...quiet, epochs: 3, callbacks });
      const result = [history, stateOf(model)];
      wg.dispose([given, targets]);
      model.dispose();
      return result;
    };
    const disturbed = await run((given, variable) => {
      given.dispose();
      variable.assign(wg.tidy(() => wg.zeros([6, 1]).arraySync()) as number[][]);
    });
    expect(disturbed).toEqual(await run(() => {}));
  });

  test('though fit was called in a tidy, which refuses it', async () => {
    const model = seedProgram(() => makeModel());
    let running: Promise<unknown> | undefined;
    expect(() => wg.tidy(() => (running = model.fit(x, y, { ...quiet, epochs: 3 })) as never)).toThrow(/async/);
    await running;
    expect(model.optimizer.iterations).toBe(3);
    model.dispose();
  });
});
