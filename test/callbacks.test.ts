// Keras's callbacks; what they do to a run's numbers stands in fit.test.ts.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import * as wg from '../ts/index.js';

const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-callbacks-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = (name = '') => join(folder, `${files++}${name}`);

const x = Array.from({ length: 11 }, (_, i) => [Math.sin(3 * i), Math.cos(i)]);
const y = x.map(([a, b]) => [a! - b!]);
const quiet = { verbose: 0, batchSize: 4 } as const;

interface Made {
  seed?: number;
  rate?: number;
  optimizer?: wg.Optimizer | undefined;
}

function make({ seed = 7, rate = 0.03, optimizer = wg.train.adam(rate) }: Made = {}): wg.Sequential {
  wg.setSeed(seed);
  const model = wg.sequential([
    wg.layers.dense({ units: 6, activation: 'relu', inputShape: [2] }),
    wg.layers.dropout({ rate: 0.3 }),
    wg.layers.dense({ units: 1 }),
  ]);
  model.compile({ optimizer, loss: 'mse', metrics: ['mae'] });
  return model;
}

const weightsOf = (model: wg.Sequential) => model.getWeights().map((weight) => [...weight.dataSync()]);

describe('BackupAndRestore: a run that is cut off and begun again is the run that was not', () => {
  const epochs = 5;
  const perEpoch = 3;

  interface Kind {
    saveFreq: 'epoch' | number;
    args?: wg.FitArgs;
    /** Default: Adam, whose rate falls. */
    optimizer?: () => wg.Optimizer;
  }

  const stopping = () => new wg.callbacks.EarlyStopping({ monitor: 'loss', patience: 9, restoreBestWeights: true });
  const falling = () => new wg.callbacks.ReduceLROnPlateau({ monitor: 'mae', patience: 0 + 1, factor: 0.5 });

  /** The whole history and weights of a run, made in as many attempts as there are cuts and one. */
  async function run({ saveFreq, args, optimizer }: Kind, cuts: readonly number[]) {
    const path = newPath();
    for (let attempt = 0; ; attempt++) {
      // Where there is a file, weights and draws come from it, whatever the seed.
      const model = make({ seed: existsSync(path) ? 1000 + attempt : 7, optimizer: optimizer?.() });
      let batches = 0;
      const cutting = {
        onBatchEnd() {
          if (++batches === cuts[attempt]) throw new Error('cut off');
        },
      };
      const own = optimizer ? [] : [stopping(), falling()];
      const all = [...own, new wg.callbacks.BackupAndRestore(path, { saveFreq }), cutting];
      try {
        const { history, epoch } = await model.fit(x, y, { ...quiet, epochs, ...args, callbacks: all });
        expect(existsSync(path)).toBe(false);
        return { history, epoch, weights: weightsOf(model), rate: model.optimizer.learningRate };
      } catch (error) {
        if ((error as Error).message !== 'cut off') throw error;
      } finally {
        model.dispose();
      }
    }
  }

  const accumulating = () =>
    new wg.optimizers.Nadam({
      learningRate: new wg.optimizers.schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 12 }),
      useEma: true,
      emaMomentum: 0.8,
      emaOverwriteFrequency: 2,
      gradientAccumulationSteps: 2,
    });

  const kinds: [string, Kind][] = [
    ['saved after epochs', { saveFreq: 'epoch' }],
    ['saved after each batch', { saveFreq: 1 }],
    ['saved after some batches', { saveFreq: 4 }],
    ['with validation and weights', { saveFreq: 2, args: { validationSplit: 0.2, sampleWeight: x.map((_, i) => i) } }],
    ['with epochs that go on in the next', { saveFreq: 1, args: { stepsPerEpoch: 2 } }],
    ['with such epochs, saved after each', { saveFreq: 'epoch', args: { stepsPerEpoch: 2 } }],
    ...([1, 2, 'epoch'] as const).map((saveFreq): [string, Kind] => [
      `with a schedule, averages and accumulated gradients, saved by ${saveFreq}`,
      { saveFreq, optimizer: accumulating },
    ]),
    ['without shuffle', { saveFreq: 3, args: { shuffle: false } }],
  ];

  test.each(kinds)('%s', async (_, kind) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const whole = await run(kind, []);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: epochs * perEpoch }), { maxLength: 3 }), async (cuts) => {
        expect(await run(kind, cuts)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
    warn.mockRestore();
  });

  test.each([undefined, 2])('of a stream that is shuffled, with %s steps an epoch', async (stepsPerEpoch) => {
    /** As `run`: a stream has its draws from the global seed. */
    const runStream = async (saveFreq: 'epoch' | number, cuts: readonly number[]) => {
      const path = newPath();
      for (let attempt = 0; ; attempt++) {
        const model = make({ seed: existsSync(path) ? 1000 + attempt : 7 });
        const samples = wg.data.zip({ xs: wg.data.array(x), ys: wg.data.array(y) }).shuffle(5);
        let batches = 0;
        const onBatchEnd = () => {
          if (++batches === cuts[attempt]) throw new Error('cut off');
        };
        const callbacks = [new wg.callbacks.BackupAndRestore(path, { saveFreq }), { onBatchEnd }];
        const args = { verbose: 0, epochs: 4, callbacks, ...(stepsPerEpoch && { stepsPerEpoch }) } as const;
        try {
          const { history } = await model.fit((stepsPerEpoch ? samples.repeat() : samples).batch(4), args);
          return { history, weights: weightsOf(model) };
        } catch (error) {
          if ((error as Error).message !== 'cut off') throw error;
        } finally {
          model.dispose();
        }
      }
    };
    for (const saveFreq of ['epoch', 1] as const) {
      const whole = await runStream(saveFreq, []);
      for (const cuts of [[2], [4, 3], [7]]) expect(await runStream(saveFreq, cuts)).toEqual(whole);
    }
  });

  test('the file is a model too', async () => {
    const path = newPath();
    const model = make();
    const backup = new wg.callbacks.BackupAndRestore(path, { deleteCheckpoint: false });
    await model.fit(x, y, { ...quiet, epochs: 2, callbacks: backup });
    const loaded = await wg.loadModel(path);
    expect(weightsOf(loaded as wg.Sequential)).toEqual(weightsOf(model));
    // A run that has ended is not trained again.
    const again = make({ seed: 8 });
    const { history } = await again.fit(x, y, { ...quiet, epochs: 2, callbacks: backup });
    expect(history['loss']).toHaveLength(2);
    expect(weightsOf(again)).toEqual(weightsOf(model));
    model.dispose();
    loaded.dispose();
    again.dispose();
  });

  test.each([
    ['a damaged file', () => new Uint8Array([1, 2, 3]), 'BackupAndRestore'],
    [
      'a model without a run',
      () => {
        const model = make({ seed: 8 });
        const bytes = model.toBytes();
        model.dispose();
        return bytes;
      },
      'the file holds no run, only a model; remove it, or give another path',
    ],
    [
      'the run of another model',
      async () => {
        const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [2] })]);
        model.compile({ loss: 'mse' });
        const path = newPath();
        const callbacks = new wg.callbacks.BackupAndRestore(path, { deleteCheckpoint: false });
        await model.fit(x, y, { ...quiet, callbacks });
        model.dispose();
        return readFileSync(path);
      },
      /the model has not|does not hold|but the model needs/,
    ],
  ])('%s: an error, and nothing is trained', async (_, bytes, message) => {
    const path = newPath();
    writeFileSync(path, await bytes());
    const model = make();
    const before = weightsOf(model);
    const callbacks = new wg.callbacks.BackupAndRestore(path);
    await expect(model.fit(x, y, { ...quiet, callbacks })).rejects.toThrow(message);
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  });

  test('other callbacks than those that were saved: an error', async () => {
    const path = newPath();
    const backup = () => new wg.callbacks.BackupAndRestore(path, { deleteCheckpoint: false });
    const model = make();
    await model.fit(x, y, { ...quiet, callbacks: backup() });
    const other = make({ seed: 8 });
    const before = weightsOf(other);
    await expect(other.fit(x, y, { ...quiet, callbacks: [backup(), {}] })).rejects.toThrow(
      'the run that was saved had 2 callbacks, this one has 3; give the same ones, or remove the file to begin anew',
    );
    expect(weightsOf(other)).toEqual(before);
    other.dispose();
    model.dispose();
  });
});

describe('ModelCheckpoint', () => {
  test('paths tell the epoch and values of logs', async () => {
    const [model, path] = [make(), newPath('-{epoch:02d}-{val_mae:.2f}-{batchless}.safetensors')];
    const run = model.fit(x, y, { ...quiet, callbacks: new wg.callbacks.ModelCheckpoint(path) });
    await expect(run).rejects.toThrow('asks for {val_mae}, which the logs do not have; they have loss, mae, epoch');
    const good = join(newPath(), '{epoch:02d}-{loss:.3f}.safetensors');
    const { history } = await model.fit(x, y, {
      ...quiet,
      epochs: 2,
      callbacks: new wg.callbacks.ModelCheckpoint(good),
    });
    const names = history['loss']!.map((loss, i) => `0${i + 1}-${loss.toFixed(3)}.safetensors`);
    expect(readdirSync(join(good, '..')).sort()).toEqual(names);
    const last = await wg.loadModel(join(good, '..', names[1]!));
    expect(weightsOf(last as wg.Sequential)).toEqual(weightsOf(model));
    model.dispose();
    last.dispose();
  });

  test('saveBestOnly, saveWeightsOnly: the weights of the best epoch', async () => {
    const [model, path] = [make({ rate: 0.4 }), newPath()];
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const after: number[][][] = [];
    const args = { saveBestOnly: true, saveWeightsOnly: true, monitor: 'loss', verbose: 1 } as const;
    const { history } = await model.fit(x, y, {
      ...quiet,
      epochs: 6,
      callbacks: [
        new wg.callbacks.ModelCheckpoint(path, args),
        { onEpochEnd: () => void after.push(weightsOf(model)) },
      ],
    });
    const losses = history['loss']!;
    const best = losses.indexOf(Math.min(...losses));
    await model.loadWeights(path);
    expect(weightsOf(model)).toEqual(after[best]);
    const said = log.mock.calls.map(([text]) => String(text));
    expect(said[0]).toBe(`\nEpoch 1: loss improved from None to ${losses[0]!.toFixed(5)}, saving model to ${path}`);
    expect(said).toHaveLength(6);
    log.mockRestore();
    model.dispose();
  });

  test('after batches', async () => {
    const [model, path] = [make(), newPath('-{epoch}-{batch}')];
    const callbacks = new wg.callbacks.ModelCheckpoint(path, { saveFreq: 2 });
    await model.fit(x, y, { ...quiet, epochs: 2, callbacks });
    const saved = readdirSync(folder).filter((name) => path.includes(name.split('-')[0]!) && name.includes('-'));
    expect(saved.filter((name) => join(folder, name).startsWith(path.split('-{')[0]!)).sort()).toEqual(
      ['1-2', '2-1', '2-3'].map((end) => `${path.split('/').at(-1)!.split('-{')[0]}-${end}`),
    );
    model.dispose();
  });
});

describe('CSVLogger', () => {
  test('a line an epoch; columns for validation that comes later', async () => {
    const [model, path] = [make(), newPath()];
    const fit = (args: wg.callbacks.CSVLoggerArgs, epochs: number, initialEpoch = 0) =>
      model.fit(x, y, { ...quiet, epochs, initialEpoch, callbacks: new wg.callbacks.CSVLogger(path, args) });
    const { history } = await fit({}, 2);
    const row = (epoch: number) => `${epoch},${history['loss']![epoch]},${history['mae']![epoch]},NA,NA`;
    expect(readFileSync(path, 'utf8')).toBe(`epoch,loss,mae,val_loss,val_mae\r\n${row(0)}\r\n${row(1)}\r\n`);
    await fit({ append: true }, 3, 2);
    expect(readFileSync(path, 'utf8').split('\r\n')).toHaveLength(5);
    await fit({ separator: ';' }, 1);
    expect(readFileSync(path, 'utf8')).toMatch(/^epoch;loss;mae;val_loss;val_mae\r\n0;[^;]+;[^;]+;NA;NA\r\n$/);
    model.dispose();
  });

  test('of a run that is resumed goes on', async () => {
    const [path, backup] = [newPath(), newPath()];
    for (const stop of [2, undefined]) {
      const model = make();
      const onEpochEnd = (epoch: number) => {
        if (epoch === stop) throw new Error('cut off');
      };
      const callbacks = [new wg.callbacks.CSVLogger(path), new wg.callbacks.BackupAndRestore(backup), { onEpochEnd }];
      await model.fit(x, y, { ...quiet, epochs: 4, callbacks }).catch(() => {});
      model.dispose();
    }
    // The epoch that was cut off was written, and is trained again.
    const epochs = readFileSync(path, 'utf8')
      .trim()
      .split('\r\n')
      .map((line) => line.split(',')[0]);
    expect(epochs).toEqual(['epoch', '0', '1', '2', '2', '3']);
  });
});

describe('TerminateOnNaN', () => {
  const broken = x.map((row, i) => (i === 5 ? [NaN, 0] : row));

  test.each([false, true])('ends the run after the batch (an error: %s)', async (raiseError) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = make();
    const callbacks = new wg.callbacks.TerminateOnNaN({ raiseError });
    const run = model.fit(broken, y, { ...quiet, epochs: 9, shuffle: false, callbacks });
    if (raiseError) await expect(run).rejects.toThrow('TerminateOnNaN: the loss of batch 2 is not finite');
    else expect((await run).history['loss']).toEqual([NaN]);
    expect(model.optimizer.iterations).toBe(2);
    warn.mockRestore();
    model.dispose();
  });
});

test('LambdaCallback is its functions', async () => {
  const model = make();
  const onEpochEnd = vi.fn();
  await model.fit(x, y, { ...quiet, callbacks: new wg.callbacks.LambdaCallback({ onEpochEnd }) });
  expect(onEpochEnd).toHaveBeenCalledOnce();
  expect(() => new wg.callbacks.LambdaCallback({ onEpoch: () => {} } as never)).toThrow('unknown option "onEpoch"');
  model.dispose();
});

describe('callbacks that watch a value', () => {
  test('a metric of the user needs a mode', async () => {
    const model = make();
    model.compile({
      optimizer: model.optimizer,
      loss: 'mse',
      metrics: [
        function own(yTrue, yPred) {
          return yTrue.sub(yPred);
        },
      ],
    });
    const fit = (mode?: 'min') =>
      model.fit(x, y, {
        ...quiet,
        epochs: 2,
        callbacks: wg.callbacks.earlyStopping({ monitor: 'own', ...(mode && { mode }) }),
      });
    await expect(fit()).rejects.toThrow(
      `EarlyStopping: it is not known whether "own" is better the lower or the higher it is; give mode: 'min' or 'max'`,
    );
    await fit('min');
    model.dispose();
  });

  test('a value that there is not: a warning that names those that there are', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = make();
    await model.fit(x, y, { ...quiet, callbacks: new wg.callbacks.EarlyStopping() });
    expect(warn).toHaveBeenCalledWith('EarlyStopping: there is no "val_loss" to watch; the logs have loss, mae');
    warn.mockRestore();
    model.dispose();
  });

  test.each([
    [
      () => new wg.callbacks.EarlyStopping({ patience: -1 }),
      'EarlyStopping: patience must be a whole number from 0 on',
    ],
    [
      () => new wg.callbacks.EarlyStopping({ patiens: 1 } as never),
      'unknown option "patiens" (did you mean "patience"?)',
    ],
    [
      () => new wg.callbacks.ReduceLROnPlateau({ factor: 1 }),
      'ReduceLROnPlateau: factor must be a number from 0 to below 1',
    ],
    [
      () => new wg.callbacks.LearningRateScheduler(0.1 as never),
      'LearningRateScheduler: the schedule must be a function',
    ],
    [
      () => new wg.callbacks.ModelCheckpoint('m', { saveFreq: 0 }),
      "saveFreq must be 'epoch', or a whole number of batches",
    ],
    [() => new wg.callbacks.ProgbarLogger(3 as never), 'ProgbarLogger: verbose must be 1 or 2, got 3'],
    [() => new wg.callbacks.CSVLogger(3 as never), 'CSVLogger: the path must be a text, got 3'],
    [
      () => new wg.callbacks.BackupAndRestore('b', { saveFreq: 'batch' as never }),
      "saveFreq must be 'epoch', or a whole number",
    ],
  ])('options that make no sense: %s', (act, message) => {
    expect(act).toThrow(message);
  });
});

test('weights alone: saved and loaded; another model is refused, and is as it was', async () => {
  const [model, other, path] = [make(), make({ seed: 8 }), newPath()];
  await model.saveWeights(path);
  await other.loadWeights(path);
  expect(weightsOf(other)).toEqual(weightsOf(model));
  await other.loadWeights(model.toBytes());
  const narrow = wg.sequential([wg.layers.dense({ units: 3, inputShape: [2] })]);
  const before = weightsOf(narrow);
  await expect(narrow.loadWeights(path)).rejects.toThrow('loadWeights(');
  expect(weightsOf(narrow)).toEqual(before);
  model.dispose();
  other.dispose();
  narrow.dispose();
});
