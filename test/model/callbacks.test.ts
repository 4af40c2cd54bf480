// Callbacks: when they are called, with what, and what they may do meanwhile.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, stateOf, x, y } from './twins.js';

const quiet = { verbose: 0, shuffle: false } as const;

const compiled = () => {
  const model = makeModel();
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
  return model;
};

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('hooks', () => {
  test('are called in order, one waits for the other, and training waits for all', async () => {
    const model = compiled();
    const told: string[] = [];
    let busy = false;
    const tell = async (text: string) => {
      expect(busy, 'a hook was called while another one ran').toBe(false);
      busy = true;
      const before = stateOf(model);
      await pause();
      expect(stateOf(model)).toEqual(before);
      busy = false;
      told.push(text);
    };
    await model.fit(x, y, {
      ...quiet,
      epochs: 2,
      batchSize: 4,
      callbacks: {
        onTrainBegin: () => tell('train begins'),
        onTrainEnd: () => tell('train ends'),
        onEpochBegin: (epoch) => tell(`epoch ${epoch} begins`),
        onEpochEnd: (epoch) => tell(`epoch ${epoch} ends`),
        onBatchBegin: (batch, logs) => tell(`batch ${batch} of ${logs!['size']} begins`),
        onBatchEnd: (batch, logs) => tell(`batch ${batch} of ${logs!['size']} ends`),
      },
    });
    const epoch = (i: number) => [
      `epoch ${i} begins`,
      'batch 0 of 4 begins',
      'batch 0 of 4 ends',
      'batch 1 of 2 begins',
      'batch 1 of 2 ends',
      `epoch ${i} ends`,
    ];
    expect(told).toEqual(['train begins', ...epoch(0), ...epoch(1), 'train ends']);
    model.dispose();
  });

  test('hear the metrics: of the batches so far, then of the epoch, then of the validation data', async () => {
    const model = compiled();
    const batches: wg.Logs[] = [];
    const epochs: wg.Logs[] = [];
    let last: wg.Logs | undefined;
    const record = await model.fit(x, y, {
      ...quiet,
      epochs: 2,
      batchSize: 4,
      validationData: [x, y],
      callbacks: {
        onBatchEnd: (_, logs) => void batches.push(logs!),
        onEpochEnd: (_, logs) => void epochs.push({ ...logs! }),
        onTrainEnd: (logs) => void (last = logs),
      },
    });
    const { history, epoch } = record;
    expect(model.history).toBe(record);
    expect(Object.keys(epochs[0]!)).toEqual(['loss', 'mae', 'val_loss', 'val_mae']);
    expect(Object.keys(batches[0]!)).toEqual(['batch', 'size', 'loss', 'mae']);
    for (const i of [0, 1]) {
      expect(batches[2 * i + 1]!['loss']).toBe(epochs[i]!['loss']);
      for (const [name, values] of Object.entries(history)) expect(values[i]).toBe(epochs[i]![name]);
    }
    expect(last).toEqual(epochs[1]);
    expect(epoch).toEqual([0, 1]);
    model.dispose();
  });

  test('of an object with state, which knows the model and the run', async () => {
    class Halving extends wg.Callback {
      readonly seen: unknown[] = [];
      override onEpochEnd(epoch: number): void {
        this.seen.push([epoch, this.params.epochs, this.params.steps]);
        this.model.optimizer.learningRate /= 2;
      }
    }
    const [model, callback] = [compiled(), new Halving()];
    await model.fit(x, y, { ...quiet, epochs: 2, batchSize: 4, callbacks: [callback] });
    expect(callback.seen).toEqual([
      [0, 2, 2],
      [1, 2, 2],
    ]);
    expect(model.optimizer.learningRate).toBeCloseTo(0.001 / 4, 9);
    model.dispose();
  });

  test('one that throws ends the run; the model goes on', async () => {
    const [model, twin] = [compiled(), compiled()];
    const onEpochEnd = () => {
      throw new Error('enough');
    };
    await expect(model.fit(x, y, { ...quiet, epochs: 5, callbacks: { onEpochEnd } })).rejects.toThrow('enough');
    await model.fit(x, y, quiet);
    await twin.fit(x, y, { ...quiet, epochs: 2 });
    expect(stateOf(model)).toEqual(stateOf(twin));
    model.dispose();
    twin.dispose();
  });
});

describe('what callbacks may do', () => {
  test('stop the run: after the batch, with an end of its epoch', async () => {
    const model = compiled();
    const told: string[] = [];
    const { epoch } = await model.fit(x, y, {
      ...quiet,
      epochs: 9,
      batchSize: 2,
      callbacks: {
        onBatchEnd(batch) {
          if (told.filter((text) => text === 'epoch').length === 1 && batch === 1) model.stopTraining = true;
        },
        onEpochEnd: () => void told.push('epoch'),
        onTrainEnd: () => void told.push('train'),
      },
    });
    expect(epoch).toEqual([0, 1]);
    expect(told).toEqual(['epoch', 'epoch', 'train']);
    expect(model.optimizer.iterations).toBe(3 + 2);
    // The next run does not remember.
    const next = await model.fit(x, y, { ...quiet, epochs: 2 });
    expect(next.epoch).toEqual([0, 1]);
    model.dispose();
  });

  test('change the learning rate, from the next step on', async () => {
    const [model, twin] = [compiled(), compiled()];
    await model.fit(x, y, {
      ...quiet,
      epochs: 3,
      callbacks: { onEpochBegin: (epoch) => void (model.optimizer.learningRate = 0.1 / (epoch + 1)) },
    });
    for (const rate of [0.1, 0.1 / 2, 0.1 / 3]) {
      twin.optimizer.learningRate = rate;
      await twin.fit(x, y, quiet);
    }
    expect(stateOf(model)).toEqual(stateOf(twin));
    model.dispose();
    twin.dispose();
  });

  test.each<[string, (model: wg.Sequential) => unknown]>([
    ['predict', (model) => model.predict(x).dispose()],
    ['predict for other batches', (model) => model.predict(x.slice(1), { batchSize: 2 }).dispose()],
    ['evaluate', (model) => model.evaluate(x.slice(2), y.slice(2))],
    ['test other batches', (model) => model.testOnBatch(x.slice(1), y.slice(1))],
    ['read the weights', (model) => model.getWeights().map((weight) => weight.dataSync())],
    ['save', (model) => model.toBytes()],
    ['compute with tensors', () => wg.tidy(() => void wg.ones([3]).sum().dataSync())],
  ])('%s, without a trace', async (_, act) => {
    const run = async (hook: (model: wg.Sequential) => unknown) => {
      const model = compiled();
      const onBatchEnd = () => void hook(model);
      const onEpochEnd = () => void hook(model);
      const { history } = await model.fit(x, y, {
        ...quiet,
        epochs: 2,
        batchSize: 4,
        callbacks: { onBatchEnd, onEpochEnd },
      });
      const result = [history, stateOf(model)];
      model.dispose();
      return result;
    };
    expect(await run(act)).toEqual(await run(() => {}));
  });

  test('evaluate at the end of an epoch', async () => {
    const model = compiled();
    const measured: number[][] = [];
    const { history } = await model.fit(x, y, {
      ...quiet,
      epochs: 2,
      validationData: [x, y],
      callbacks: { onEpochEnd: () => void measured.push(model.evaluate(x, y).map(Number)) },
    });
    expect(measured.map(([loss]) => loss)).toEqual(history['val_loss']);
    model.dispose();
  });
});

test('a long validation lets other events be handled, and measures the same', async () => {
  const model = compiled();
  const rows = wg.tidy(() => wg.tile(wg.tensor(x), [2000, 1]).arraySync()) as number[][];
  const targets = rows.map(([v]) => [v!]);
  let yields = 0;
  const { history } = await model.fit([rows[0]!], [targets[0]!], {
    ...quiet,
    validationData: [rows, targets],
    validationBatchSize: 1,
    callbacks: { onYield: () => void yields++ },
  });
  const expected = [model.evaluate<wg.Tensor | wg.Tensor[]>(rows, targets, { batchSize: 1 })].flat().map(Number);
  expect(history['val_loss']!.at(-1)).toBe(expected[0]);
  expect(yields).toBeGreaterThan(0);
  model.dispose();
});

test('a run of many batches lets other events be handled, and tells of it', async () => {
  const model = compiled();
  let [ticks, yields] = [0, 0];
  const timer = setInterval(() => ticks++, 1);
  const rows = wg.tidy(() => wg.tile(wg.tensor(x), [2000, 1]).arraySync()) as number[][];
  await model.fit(
    rows,
    rows.map(([v]) => [v!]),
    {
      ...quiet,
      batchSize: 1,
      callbacks: {
        onYield: (epoch, batch, logs) => void (yields += Number(epoch === 0 && batch > 0 && logs['loss']! > 0)),
      },
    },
  );
  clearInterval(timer);
  expect(yields).toBeGreaterThan(0);
  expect(ticks).toBeGreaterThan(0);
  model.dispose();
});
