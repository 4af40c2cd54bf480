// Saving and loading: the same predictions, and a training that goes on as if it had not been interrupted.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, messageOf, stateOf, x, y } from './twins.js';

const quiet = { verbose: 0, shuffle: false, batchSize: 4 } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wasmgrad-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { SGD, Adam, AdamW, RMSprop, Adagrad } = wg.optimizers;

describe('a run that is interrupted by saving and loading', () => {
  test.each<[string, () => wg.CompileArgs['optimizer']]>([
    ['sgd', () => 'sgd'],
    ['sgd with momentum', () => new SGD({ learningRate: 0.02, momentum: 0.9 })],
    ['sgd with momentum of Nesterov', () => new SGD({ momentum: 0.8, nesterov: true, weightDecay: 0.01 })],
    ['adam', () => 'adam'],
    [
      'adam with options',
      () => new Adam({ learningRate: 0.1, beta1: 0.7, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.1 }),
    ],
    ['adam with amsgrad', () => new Adam({ amsgrad: true })],
    ['adamw', () => new AdamW({ name: 'mine' })],
    ['rmsprop', () => 'rmsprop'],
    ['rmsprop with momentum', () => new RMSprop({ momentum: 0.5, rho: 0.8 })],
    ['rmsprop, centered', () => new RMSprop({ centered: true, epsilon: 1e-3 })],
    ['rmsprop, centered, with momentum', () => new RMSprop({ centered: true, momentum: 0.5 })],
    ['adagrad', () => new Adagrad({ initialAccumulatorValue: 0.3, epsilon: 1e-5 })],
  ])('%s', async (_, optimizer) => {
    const make = () => {
      const model = makeModel();
      model.compile({ optimizer: optimizer()!, loss: 'mse', metrics: ['mae'] });
      return model;
    };
    const whole = make();
    const expected = await whole.fit(x, y, { ...quiet, epochs: 3 });

    const begun = make();
    await begun.fit(x, y, { ...quiet, epochs: 1 });
    const loaded = await wg.loadModel(begun.toBytes());
    expect(stateOf(loaded)).toEqual(stateOf(begun));
    const { history, epoch } = await loaded.fit(x, y, { ...quiet, epochs: 3, initialEpoch: 1 });
    expect(epoch).toEqual([1, 2]);
    for (const [name, values] of Object.entries(history)) expect(values).toEqual(expected.history[name]!.slice(1));
    expect(stateOf(loaded)).toEqual(stateOf(whole));
    expect(loaded.toBytes()).toEqual(whole.toBytes());
    for (const model of [whole, begun, loaded]) model.dispose();
  });

  test.each<[string, wg.CompileArgs, number]>([
    ['huber', { loss: new wg.losses.Huber({ delta: 0.1 }) }, 1],
    ['mae, with metrics', { loss: 'mae', metrics: ['mse', 'huber'] }, 1],
    [
      'crossentropy from logits',
      { loss: new wg.losses.CategoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }), metrics: 'accuracy' },
      2,
    ],
    ['binary crossentropy', { loss: new wg.losses.BinaryCrossentropy({ fromLogits: true }), metrics: ['accuracy'] }, 2],
  ])('%s', async (_, args, units) => {
    const targets = x.map((row) => (units === 1 ? [row[0]!] : row[0]! > 0 ? [1, 0] : [0, 1]));
    const model = makeModel(1);
    model.pop().dispose();
    model.add(wg.layers.dense({ units, name: 'output' }));
    model.compile({ ...args, optimizer: 'adam' });
    await model.fit(x, targets, quiet);
    const loaded = await wg.loadModel(model.toBytes());
    expect(loaded.metricsNames).toEqual(model.metricsNames);
    const runs = [await model.fit(x, targets, quiet), await loaded.fit(x, targets, quiet)];
    expect(runs[1]!.history).toEqual(runs[0]!.history);
    model.dispose();
    loaded.dispose();
  });
});

describe('a model whose loss or metrics a file cannot hold', () => {
  const absolute = (yTrue: wg.Tensor, yPred: wg.Tensor) => yPred.sub(yTrue).abs();
  class Largest extends wg.metrics.Metric {
    private readonly largest = this.addVariable('largest');
    update(yTrue: wg.Tensor, yPred: wg.Tensor): void {
      this.largest.assign(this.largest.maximum(absolute(yTrue, yPred).max()));
    }
    result(): number {
      return this.largest.dataSync()[0]!;
    }
  }

  test.each<[string, () => Omit<wg.CompileArgs, 'optimizer'>]>([
    ['a function as loss', () => ({ loss: absolute })],
    ['a function as loss, metrics by name', () => ({ loss: absolute, metrics: ['mae'] })],
    ['a function as metric', () => ({ loss: 'mse', metrics: ['mae', absolute] })],
    ['a metric of a class without a name', () => ({ loss: 'mse', metrics: new Largest('largest') })],
  ])('%s: training goes on with the optimizer of the file', async (_, objective) => {
    const given = [objective(), objective()];
    const [whole, begun] = given.map((args) => {
      const model = makeModel();
      model.compile({ ...args, optimizer: new Adam({ learningRate: 0.1 }) });
      return model;
    }) as [wg.Sequential, wg.Sequential];
    const expected = await whole.fit(x, y, { ...quiet, epochs: 3 });
    await begun.fit(x, y, { ...quiet, epochs: 1 });
    const loaded = await wg.loadModel(begun.toBytes());
    expect(loaded.compileArgs).toBeUndefined();
    expect(stateOf(loaded)).toEqual(stateOf(begun));
    expect(loaded.toBytes()).toEqual(begun.toBytes());
    expect(await messageOf(() => loaded.fit(x, y))).toContain('compile({ optimizer: model.optimizer, loss: ... })');

    loaded.compile({ ...given[1]!, optimizer: loaded.optimizer });
    const { history } = await loaded.fit(x, y, { ...quiet, epochs: 3, initialEpoch: 1 });
    for (const [name, values] of Object.entries(history)) expect(values).toEqual(expected.history[name]!.slice(1));
    expect(stateOf(loaded)).toEqual(stateOf(whole));
    for (const model of [whole, begun, loaded]) model.dispose();
    for (const { metrics } of given) if (metrics instanceof wg.metrics.Metric) metrics.dispose();
  });

  test.each<[string, (model: wg.LayersModel) => void]>([
    ['compiled with another optimizer', (model) => model.compile({ optimizer: 'sgd', loss: 'mse' })],
    ['compiled with it twice, then without', (model) => {
      for (const loss of ['mse', 'mae']) model.compile({ optimizer: model.optimizer, loss });
      model.compile({ loss: 'mse' });
    }],
    ['disposed', () => {}],
  ])('%s: the optimizer of the file leaves nothing', async (_, act) => {
    for (const loss of ['mse', absolute]) {
      const model = makeModel();
      model.compile({ optimizer: 'adam', loss });
      await model.fit(x, y, quiet);
      const loaded = await wg.loadModel(model.toBytes());
      const { optimizer } = loaded;
      act(loaded);
      if (loaded.optimizer === optimizer) loaded.dispose();
      expect(optimizer.variables.every(({ isDisposed }) => isDisposed)).toBe(true);
      loaded.dispose();
      model.dispose();
    }
  }); // prettier-ignore

  test('metrics that are functions of the library are saved by their names', async () => {
    const { binaryAccuracy, precision, mse } = wg.metrics;
    const model = makeModel();
    model.compile({ loss: 'mse', metrics: [binaryAccuracy, precision, mse] });
    const loaded = await wg.loadModel(model.toBytes());
    expect(loaded.compileArgs!.metrics).toEqual(['binaryAccuracy', 'precision', 'meanSquaredError']);
    expect(loaded.metricsNames).toEqual(model.metricsNames);
    model.dispose();
    loaded.dispose();
  });
});

describe('metrics of classes', () => {
  /** How many outputs are above a limit. */
  class Above extends wg.metrics.Metric {
    static override className = 'Above';
    private readonly total = this.addVariable('total');
    private readonly limit: number;
    constructor({ name = 'above', limit = 0 }: { name?: string; limit?: number } = {}) {
      super(name);
      this.limit = limit;
    }
    override getConfig() {
      return { ...super.getConfig(), limit: this.limit };
    }
    update(_: wg.Tensor, yPred: wg.Tensor): void {
      this.total.assign(this.total.add(yPred.greater(this.limit).sum()));
    }
    result(): number {
      return this.total.dataSync()[0]!;
    }
  }

  test('are saved with their options, and go on after loading', async () => {
    wg.serialization.registerClass(Above);
    const { AUC, F1Score, MeanIoU, MeanSquaredError, Precision } = wg.metrics;
    const metrics = [
      new Above({ limit: 0.1 }),
      new AUC({ curve: 'PR', thresholds: [0.2, 0.4] }),
      new F1Score({ average: 'macro', threshold: 0.3, name: 'mine' }),
      'auc',
    ];
    const weightedMetrics = [
      new Precision({ thresholds: [0.2, 0.8] }),
      new MeanIoU({ numClasses: 2 }),
      new MeanSquaredError(),
    ];
    const model = makeModel();
    model.compile({ loss: 'mse', metrics, weightedMetrics });
    const bits = x.map((row) => [Number(row[0]! > 0)]);
    const before = await model.fit(x, bits, quiet);
    const loaded = await wg.loadModel(model.toBytes());
    expect(loaded.toBytes()).toEqual(model.toBytes());
    expect(loaded.metricsNames).toEqual(model.metricsNames);
    const runs = [await model.fit(x, bits, quiet), await loaded.fit(x, bits, quiet)];
    expect(runs[1]!.history).toEqual(runs[0]!.history);
    expect(Object.keys(before.history)).toEqual(Object.keys(runs[1]!.history));
    expect(loaded.toBytes()).toEqual(model.toBytes());
    for (const metric of [...metrics, ...weightedMetrics]) if (typeof metric !== 'string') metric.dispose();
    model.dispose();
    loaded.dispose();
  });

  test('that is not registered any more is named when the model is loaded', async () => {
    class Lost extends Above {
      static override className = 'Lost';
    }
    const lost = new Lost();
    const model = makeModel();
    model.compile({ loss: 'mse', metrics: lost });
    await expect(wg.loadModel(model.toBytes())).rejects.toThrow(/unknown class "Lost".*registerClass/);
    model.dispose();
    lost.dispose();
  });
});

describe('models', () => {
  const { layers } = wg;
  test.each<[string, () => wg.Sequential]>([
    ['not compiled', () => makeModel()],
    ['not built', () => wg.sequential([layers.dense({ units: 3 })])],
    ['without layers', () => wg.sequential({ name: 'empty' })],
    [
      'that takes whole numbers',
      () => wg.sequential([layers.inputLayer({ shape: [3], dtype: 'int32' }), layers.flatten()]),
    ],
    [
      'of every layer',
      () =>
        wg.sequential([
          layers.inputLayer({ inputShape: [2, 3] }),
          layers.flatten(),
          layers.dense({
            units: 6,
            activation: 'elu',
            useBias: false,
            kernelInitializer: wg.initializers.heNormal({ seed: 3 }),
          }),
          layers.dropout({ rate: 0.5, noiseShape: [null, 1] }),
          layers.activation({ activation: 'softplus' }),
          layers.reshape({ targetShape: [3, -1] }),
        ]),
    ],
    [
      'in models',
      () =>
        wg.sequential([
          layers.dense({ units: 4, inputShape: [4], name: 'same' }),
          wg.sequential({
            name: 'a',
            layers: [layers.dense({ units: 4, name: 'same' }), layers.dropout({ rate: 0.2, name: 'drop' })],
          }),
          wg.sequential({
            name: 'b',
            trainable: false,
            layers: [layers.dense({ units: 4, name: 'same' }), layers.dropout({ rate: 0.2, name: 'drop' })],
          }),
        ]),
    ],
  ])('%s', async (_, make) => {
    const model = make();
    const loaded = await wg.loadModel(model.toBytes());
    expect(loaded.toJSON()).toBe(model.toJSON());
    expect(stateOf(loaded)).toEqual(stateOf(model));
    expect(loaded.trainableWeights.length).toBe(model.trainableWeights.length);
    expect(loaded.built).toBe(model.built);
    if (model.built) {
      const inputs = wg.tidy(() =>
        wg.randomNormal([2, ...(model.inputs[0]!.shape.slice(1) as number[])]).arraySync(),
      ) as number[][];
      const [a, b] = [model.predict(inputs), loaded.predict(inputs)];
      expect(b.arraySync()).toEqual(a.arraySync());
      wg.dispose([a, b]);
    }
    model.dispose();
    loaded.dispose();
  });

  test('with an initializer of one’s own', async () => {
    class Sevens extends wg.initializers.Initializer {
      static override className = 'Sevens';
      apply(shape: number[]): wg.Tensor {
        return wg.fill(shape, 7);
      }
    }
    const model = wg.sequential([wg.layers.dense({ units: 1, kernelInitializer: new Sevens() })]);
    const bytes = model.toBytes();
    expect(await messageOf(() => wg.loadModel(bytes))).toContain(
      'unknown class "Sevens"; call serialization.registerClass',
    );
    wg.serialization.registerClass(Sevens);
    const loaded = await wg.loadModel(bytes);
    expect(wg.tidy(() => loaded.predict([[1, 1]]).arraySync())).toEqual([[14]]);
    model.dispose();
    loaded.dispose();
  });

  test('with an activation that is a function are not saved; how to is told', async () => {
    const model = wg.sequential([wg.layers.dense({ units: 1, activation: (x) => x.square(), name: 'odd' })]);
    const message = await messageOf(() => model.toBytes());
    for (const word of ['layer "odd"', 'function', 'class extends Layer']) expect(message).toContain(word);
    model.dispose();
  });
});

describe('the file', () => {
  /** What any reader of safetensors sees. */
  function readSafeTensors(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    const { __metadata__, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      never
    >;
    const tensors = Object.entries(
      entries as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>,
    );
    const values = tensors.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const part = bytes.slice(8 + length + begin, 8 + length + end).buffer;
        return [
          name,
          { dtype, shape, values: Array.from(dtype === 'F32' ? new Float32Array(part) : new Int32Array(part)) },
        ];
      },
    );
    return {
      length,
      metadata: __metadata__ as Record<string, string>,
      tensors: Object.fromEntries(values) as Record<string, unknown>,
    };
  }

  test('is a safetensors file whose metadata hold the model', async () => {
    const model = makeModel();
    model.compile({ optimizer: new Adam({ learningRate: 0.5 }), loss: 'mse', metrics: ['mae'] });
    await model.fit(x, y, quiet);
    const { length, metadata, tensors } = readSafeTensors(model.toBytes());
    expect(length % 8).toBe(0);
    const slots = model.weights.flatMap(({ name, shape }) =>
      ['momentum', 'velocity'].map((slot) => [`optimizer/${name}/${slot}`, 'F32', shape]),
    );
    expect(
      Object.entries(tensors)
        .map(([name, tensor]) => [name, (tensor as { dtype: string }).dtype, (tensor as { shape: number[] }).shape])
        .sort(),
    ).toEqual(
      [
        ['dropout/seed_generator_state', 'I32', [2]],
        ['optimizer/iteration', 'I32', []],
        ['optimizer/learning_rate', 'F32', []],
        ...model.weights.map(({ name, shape }) => [name, 'F32', shape]),
        ...slots,
      ].sort(),
    );
    for (const [path, variable] of model.state)
      expect(tensors[path]).toMatchObject({ values: Array.from(variable.dataSync()) });
    expect(metadata['format']).toBe('wasmgrad');
    const saved = JSON.parse(metadata['wasmgrad']!) as Record<string, never>;
    expect(saved).toMatchObject({
      version: 1,
      inputShape: [null, 4],
      model: JSON.parse(model.toJSON() as string) as object,
      compile: { optimizer: { className: 'Adam' }, loss: { className: 'MeanSquaredError' }, metrics: ['mae'] },
    });
    model.dispose();
  });

  test.each(['model', 'model.safetensors', 'with space and ünïcode ✓', '.hidden'])(
    'is written by the name %s, and written again',
    async (name) => {
      const path = join(folder, name);
      const model = makeModel();
      await writeFile(path, 'what was there before');
      await model.save(path);
      expect(new Uint8Array(await readFile(path))).toEqual(model.toBytes());
      for (const source of [path, await readFile(path), model.toBytes().buffer as ArrayBuffer]) {
        const loaded = await wg.loadModel(source);
        expect(stateOf(loaded)).toEqual(stateOf(model));
        loaded.dispose();
      }
      await rm(path);
      expect(await readdir(folder)).toEqual([]);
      model.dispose();
    },
  );

  test('may be written several times at once', async () => {
    const path = join(folder, 'often');
    const model = makeModel();
    await Promise.all(Array.from({ length: 8 }, () => model.save(path)));
    expect(new Uint8Array(await readFile(path))).toEqual(model.toBytes());
    expect(await readdir(folder)).toEqual(['often']);
    await rm(path);
    model.dispose();
  });

  test('that cannot be written or read is told', async () => {
    const model = makeModel();
    const nowhere = join(folder, 'nowhere', 'model');
    for (const [f, words] of [
      [() => model.save(nowhere), ['save', nowhere, 'cannot be written', 'ENOENT']],
      [() => model.save(folder), ['save', folder, 'cannot be written']],
      [() => wg.loadModel(nowhere), ['loadModel', nowhere, 'cannot be read', 'ENOENT']],
      [() => wg.loadModel(folder), ['loadModel', folder, 'cannot be read']],
      [() => wg.loadModel(5 as never), ['loadModel', 'a path', 'got 5']],
    ] as [() => unknown, string[]][]) {
      const message = await messageOf(f);
      for (const word of words) expect(message).toContain(word);
    }
    expect(await readdir(folder)).toEqual([]);
    model.dispose();
  });
});
