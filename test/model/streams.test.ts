// fit and evaluate on batches that come one after another; runs that are watched and ended from outside.
import { describe, expect, test, vi } from 'vitest';
import * as wg from '../../ts/index.js';

const x = Array.from({ length: 10 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const y = x.map(([a, b]) => [a! * b!]);
const weights = x.map((_, i) => 1 + (i % 3));
const quiet = { verbose: 0, epochs: 3 } as const;

function make(metrics: wg.CompileArgs['metrics'] = ['mae']): wg.Sequential {
  wg.setSeed(5);
  const model = wg.sequential([
    wg.layers.dense({ units: 4, activation: 'tanh', inputShape: [2] }),
    wg.layers.dense({ units: 1 }),
  ]);
  model.compile({ optimizer: wg.train.adam(0.05), loss: 'mse', metrics: metrics! });
  return model;
}

const weightsOf = (model: wg.Sequential) => model.getWeights().map((weight) => [...weight.dataSync()]);

/** The history and the weights of a run; the model ends. */
async function train(run: (model: wg.Sequential) => Promise<wg.History>) {
  const model = make();
  const { history, epoch } = await run(model);
  const result = { history, epoch, weights: weightsOf(model) };
  model.dispose();
  return result;
}

const batches = (size: number) =>
  Array.from({ length: Math.ceil(x.length / size) }, (_, i) => {
    const part = <T>(rows: T[]) => rows.slice(i * size, (i + 1) * size);
    return [part(x), part(y), part(weights)] as const;
  });

function* generated() {
  for (const [x, y] of batches(4)) yield { xs: wg.tensor(x), ys: wg.tensor(y) };
}

const dataset = wg.data
  .zip({ xs: wg.data.array(x), ys: wg.data.array(y), sampleWeight: wg.data.array(weights) })
  .batch(4);

describe('a stream trains as the tensors that it is made of', () => {
  const inMemory = (args: wg.FitArgs = {}) =>
    train((model) => model.fit(x, y, { ...quiet, batchSize: 4, shuffle: false, ...args }));

  test.each<[string, () => wg.BatchSource]>([
    ['a generator function', () => generated],
    [
      'an async generator function',
      () =>
        async function* () {
          yield* generated();
        },
    ],
    ['a Dataset', () => wg.data.generator(generated)],
    ['lists', () => () => batches(4).map(([x, y]) => [x, y])],
  ])('%s', async (_, source) => {
    expect(await train((model) => model.fit(source(), quiet))).toEqual(await inMemory());
  });

  test('with sample weights, and validation', async () => {
    const validationData = wg.data.generator(generated);
    const streamed = await train((model) => model.fit(dataset, { ...quiet, validationData }));
    const expected = await inMemory({ sampleWeight: weights, validationData: [x, y], validationBatchSize: 4 });
    expect(streamed).toEqual(expected);
  });

  test('with class weights', async () => {
    const labels = x.map((_, i) => i % 2);
    const run = async (fit: (model: wg.Sequential) => Promise<wg.History>) => {
      const model = make();
      model.compile({ optimizer: model.optimizer, loss: 'binaryCrossentropy' });
      const { history } = await fit(model);
      model.dispose();
      return history;
    };
    const args = { ...quiet, classWeight: { 1: 4 } };
    const source = () => [
      [x.slice(0, 6), labels.slice(0, 6)],
      [x.slice(6), labels.slice(6)],
    ];
    expect(await run((model) => model.fit(source, args))).toEqual(
      await run((model) => model.fit(x, labels, { ...args, batchSize: 6, shuffle: false })),
    );
  });

  test('in steps, an epoch going on where the one before ended', async () => {
    const streamed = await train((model) =>
      model.fitDataset(dataset.repeat(), {
        ...quiet,
        batchesPerEpoch: 2,
        validationBatches: 1,
        validationData: dataset,
      }),
    );
    // Six batches are twice all samples.
    const [twiceX, twiceY, twiceWeights] = [x, y, weights].map((rows) => [...rows, ...rows]) as [
      number[][],
      number[],
      number[],
    ];
    const model = make();
    const losses: unknown[] = [];
    for (const epoch of [0, 1, 2]) {
      for (const step of [2 * epoch, 2 * epoch + 1]) {
        const first = [0, 4, 8, 10, 14, 18][step]!;
        const part = <T>(rows: T[]) => rows.slice(first, first + (first % 10 === 8 ? 2 : 4));
        await model.trainOnBatch(part(twiceX), part(twiceY), { sampleWeight: part(twiceWeights) });
      }
      const validation = model.evaluate(x.slice(0, 4), y.slice(0, 4), {
        sampleWeight: weights.slice(0, 4),
        verbose: 0,
      });
      losses.push(Number(validation[0]));
    }
    expect(streamed.history['val_loss']).toEqual(losses);
    expect(streamed.weights).toEqual(weightsOf(model));
    model.dispose();
  });
});

test('evaluateDataset gives what evaluate gives', async () => {
  const model = make();
  const measured = ((await model.evaluateDataset(dataset)) as wg.Tensor[]).map(Number);
  expect(measured).toEqual(model.evaluate(x, y, { sampleWeight: weights, batchSize: 4, verbose: 0 }).map(Number));
  const some = ((await model.evaluateDataset(generated, { batches: 2 })) as wg.Tensor[]).map(Number);
  expect(some).toEqual(model.evaluate(x, y, { batchSize: 4, steps: 2, verbose: 0 }).map(Number));
  expect(some).toEqual(model.evaluate(x.slice(0, 8), y.slice(0, 8), { batchSize: 4, verbose: 0 }).map(Number));
  model.dispose();
});

describe('data that end too early', () => {
  test('in the middle of an epoch: a warning, and the epoch ends', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const streamed = await train((model) => model.fit(generated, { ...quiet, stepsPerEpoch: 5 }));
    expect(streamed.epoch).toEqual([0, 1, 2]);
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('the data ended after 3 of 5 batches of the epoch')),
    );
    warn.mockRestore();
  });

  test('a generator that is used up: an error with what to give', async () => {
    const model = make();
    await expect(model.fit(generated(), quiet)).rejects.toThrow(
      'fit: there is no batch for epoch 2: the generator is at its end; give the function that makes it',
    );
    model.dispose();
  });
});

describe('errors come before anything changes', () => {
  test.each<[string, wg.BatchSource, wg.FitArgs, string]>([
    ['no batch', () => [], {}, 'fit: the data are empty: there is no batch'],
    ['no pair', () => [3], {}, 'fit: expected batches such as { xs, ys } or [x, y], with one row a sample, got 3'],
    ['another shape', () => [[[[1, 2, 3]], [[1]]]], {}, 'expects inputs of shape [*, 2], got [1, 3]'],
    [
      'a sample that is no batch',
      () => wg.data.array([{ xs: [1, 2], ys: 4 }]),
      {},
      'fit: expected batches, got a sample, { xs: [1, 2], ys: 4 }; give dataset.batch(32)',
    ],
    [
      'rows by column',
      wg.data.csv('a,b,c\n1,2,3\n', { columnConfigs: { c: { isLabel: true } } }).batch(1),
      {},
      'fit: expected a tensor or numbers, got values by name, { a: a tensor of shape [1], b: a tensor of shape [1] }',
    ],
    ['a batch size', generated, { batchSize: 3 }, 'fit: batchSize is an option of data that lie in memory'],
    ['a split', generated, { validationSplit: 0.2 }, 'fit: validationSplit is an option of data that lie in memory'],
    ['bad validation', generated, { validationData: () => [[[[1]], [[1]]]] }, 'fit: validationData: layer'],
  ])('%s', async (_, source, args, message) => {
    const model = make();
    const before = weightsOf(model);
    const onTrainBegin = vi.fn();
    await expect(model.fit(source, { ...quiet, ...args, callbacks: { onTrainBegin } })).rejects.toThrow(message);
    expect(onTrainBegin).not.toHaveBeenCalled();
    expect(weightsOf(model)).toEqual(before);
    await model.fit(x, y, quiet);
    model.dispose();
  });

  test('a label of a later batch that is no class: an error, after the batches before it', async () => {
    const model = make();
    model.compile({ optimizer: model.optimizer, loss: 'sparseCategoricalCrossentropy' });
    const source = () => [
      [x.slice(0, 2), [0, 0]],
      [x.slice(2, 4), [0, 1]],
    ];
    await expect(model.fit(source, quiet)).rejects.toThrow('fit: label 1 at position 1 is not a class');
    const onBatchEnd = vi.fn();
    await expect(model.fit(source, { ...quiet, callbacks: { onBatchEnd } })).rejects.toThrow('label 1 at position 1');
    expect(onBatchEnd).toHaveBeenCalledOnce();
    model.dispose();
  });

  test('a generator that throws: its error, and nothing is left', async () => {
    const model = make();
    const source = function* () {
      yield* generated();
      throw new Error('the disk is gone');
    };
    await expect(model.fit(source, quiet)).rejects.toThrow('the disk is gone');
    model.dispose();
  });
});

describe('epochs', () => {
  test('gives the logs of each epoch, as fit records them', async () => {
    const model = make();
    const seen: wg.Logs[] = [];
    for await (const logs of model.epochs(x, y, { ...quiet, validationSplit: 0.3 })) seen.push({ ...logs });
    expect(seen.map(({ loss }) => loss)).toEqual(model.history!.history['loss']);
    expect(seen.map((logs) => logs['val_mae'])).toEqual(model.history!.history['val_mae']);
    model.dispose();
  });

  test('leaving the loop ends the run; the model goes on', async () => {
    const [model, twin] = [make(), make()];
    const onTrainEnd = vi.fn();
    for await (const _ of model.epochs(x, y, { ...quiet, shuffle: false, callbacks: { onTrainEnd } })) {
      void _;
      await expect(model.fit(x, y)).rejects.toThrow('is being trained');
      break;
    }
    expect(onTrainEnd).toHaveBeenCalledOnce();
    await twin.fit(x, y, { ...quiet, epochs: 1, shuffle: false });
    expect(weightsOf(model)).toEqual(weightsOf(twin));
    model.dispose();
    twin.dispose();
  });
});

describe('an AbortSignal', () => {
  test('ends fit after the batch, with its reason', async () => {
    const controller = new AbortController();
    const [model, twin] = [make(), make()];
    const onTrainEnd = vi.fn();
    const onBatchEnd = (batch: number) => void (batch === 1 && controller.abort(new Error('the user left')));
    const run = model.fit(x, y, {
      ...quiet,
      batchSize: 2,
      shuffle: false,
      signal: controller.signal,
      callbacks: { onBatchEnd, onTrainEnd },
    });
    await expect(run).rejects.toThrow('the user left');
    // As where a callback throws: the run did not come to its end.
    expect(onTrainEnd).not.toHaveBeenCalled();
    await twin.fit(x.slice(0, 4), y.slice(0, 4), { verbose: 0, batchSize: 2, shuffle: false });
    expect(weightsOf(model)).toEqual(weightsOf(twin));
    model.dispose();
    twin.dispose();
  });

  test('from outside, while batches run', async () => {
    const model = make();
    const run = model.fit(x, y, { verbose: 0, epochs: 1e9, signal: AbortSignal.timeout(30) });
    await expect(run).rejects.toThrow(/timeout/i);
    model.dispose();
  });

  test('that is aborted already: nothing is trained', async () => {
    const model = make();
    const before = weightsOf(model);
    await expect(model.fit(x, y, { ...quiet, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  });
});
