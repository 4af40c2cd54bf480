// A model that is built at its first use is not built by a call that fails; what only a program shows is met before it runs.
import { describe, expect, test, vi } from 'vitest';
import * as wg from '../../ts/index.js';
import { labels, makeModel, messageOf, stateOf, x, y } from './twins.js';

const quiet = { verbose: 0 } as const;

/** Without the shape of its inputs. */
function unbuilt(args: wg.CompileArgs, units = 1): wg.Sequential {
  wg.setSeed(7);
  const model = wg.sequential([
    wg.layers.dense({ units: 5, name: 'hidden' }),
    wg.sequential({ name: 'inner', layers: [wg.layers.dropout({ rate: 0.5, name: 'dropout' })] }),
    wg.layers.dense({ units, name: 'output' }),
  ]);
  model.compile(args);
  return model;
}

describe('a model that is not built', () => {
  const three = x.map((row) => row.slice(0, 3));

  test.each<
    [name: string, units: number, loss: wg.CompileArgs['loss'], act: (m: wg.Sequential) => unknown, words: string[]]
  >([
    ['y of another width', 1, 'mse', (m) => m.fit(three, x, quiet), ['mean_squared_error', '[6, 4]', '[*, 1]']],
    [
      'labels beyond the classes',
      3,
      'sparseCategoricalCrossentropy',
      (m) => m.fit(three, [0, 1, 2, 3, 4, 5], quiet),
      ['label 3'],
    ],
    ['y of another length', 1, 'mse', (m) => m.trainOnBatch(three, [1]), ['6 samples', '1']],
    [
      'validation data of another width',
      1,
      'mse',
      (m) => m.fit(three, y, { ...quiet, validationData: [x, y] }),
      ['validationData', '[*, 3]', '[6, 4]'],
    ],
    ['inputs without features', 1, 'mse', (m) => m.build([null]), ['layer "hidden" (layer 1 of', 'features']],
  ])('%s', async (_, units, loss, act, words) => {
    const run = async (meet: (m: wg.Sequential) => unknown) => {
      const model = unbuilt({ loss, optimizer: 'rmsprop' }, units);
      await meet(model);
      expect(model.built).toBe(false);
      expect(model.weights).toEqual([]);
      const { history } = await model.fit(x, units === 1 ? y : labels, { ...quiet, epochs: 3 });
      const state = stateOf(model);
      model.dispose();
      return [history, state];
    };
    const met = await run(async (model) => {
      const message = await messageOf(() => act(model));
      for (const word of words) expect(message).toContain(word);
    });
    expect(met).toEqual(await run(() => {}));
  });

  test('says so when asked for inputs or outputs', async () => {
    const model = unbuilt({ loss: 'mse' });
    for (const ask of [() => model.inputs, () => model.outputs]) {
      const message = await messageOf(ask);
      for (const word of ['not built', 'inputShape', 'model.build']) expect(message).toContain(word);
    }
    model.dispose();
  });
});

describe('a layer that does not fit', () => {
  test('is as it was, and takes its place in another model', () => {
    wg.setSeed(3);
    const layer = wg.layers.dense({ units: 2, name: 'pointwise' });
    const flat = wg.sequential([
      wg.layers.dense({ units: 6, inputShape: [4] }),
      wg.layers.reshape({ targetShape: [2, 3] }),
    ]);
    const inner = wg.sequential({ name: 'inner', layers: [layer, wg.layers.reshape({ targetShape: [5] })] });
    const before = stateOf(flat);
    expect(() => flat.add(inner)).toThrow(/layer "reshape[_\d]*" \(layer 2 of "inner"\).*targetShape \[5\]/);
    expect([layer.built, inner.built, flat.layers.length]).toEqual([false, false, 2]);
    expect(stateOf(flat)).toEqual(before);
    inner.pop();
    const wide = wg.sequential([wg.layers.inputLayer({ inputShape: [7] }), inner]);
    expect(wide.outputs[0]!.shape).toEqual([null, 2]);
    wg.dispose(wg.tidy(() => wide.predict([[1, 2, 3, 4, 5, 6, 7]])));
    flat.dispose();
    wide.dispose();
  });
});

describe('a program that cannot be made leaves a model that is not built', () => {
  /** Takes no batch of one. */
  class Pairs extends wg.layers.Layer {
    static override className = 'Pairs';
    override call(inputs: wg.Tensor): wg.Tensor {
      return inputs.shape[0] === 1 ? inputs.reshape([7]) : inputs;
    }
  }
  const make = () => {
    wg.setSeed(7);
    const model = wg.sequential([wg.layers.dense({ units: 1 }), new Pairs({ name: 'pairs' })]);
    model.compile({ loss: 'mse', optimizer: 'sgd' });
    return model;
  };

  test.each<[string, (m: wg.Sequential) => unknown]>([
    ['fit', (m) => m.fit(x, y, { ...quiet, batchSize: 5 })],
    ['evaluate', (m) => m.evaluate(x, y, { batchSize: 1 })],
    ['predict', (m) => m.predict(x, { batchSize: 5 })],
    ['trainOnBatch', (m) => m.trainOnBatch([x[0]!], [y[0]!])],
  ])('%s', async (_, act) => {
    const run = async (meet: (m: wg.Sequential) => unknown) => {
      const model = make();
      await meet(model);
      expect(model.built).toBe(false);
      const { history } = await model.fit(x, y, { ...quiet, epochs: 2 });
      const result = [history, Object.values(stateOf(model))];
      model.dispose();
      return result;
    };
    const met = await run(async (model) => {
      const message = await messageOf(() => act(model));
      for (const word of ['layer "pairs" (layer 2 of', 'reshape', '[7]']) expect(message).toContain(word);
    });
    expect(met).toEqual(await run(() => {}));
  });
});

describe('what only the program of a run shows is met before the run', () => {
  /** A loss that cannot take batches of three. */
  const loss = (yTrue: wg.Tensor, yPred: wg.Tensor) =>
    yPred.sub(yTrue.shape[0] === 3 ? yTrue.reshape([7]) : yTrue).square();

  test.each<[name: string, args: wg.CompileArgs, fit: wg.FitArgs]>([
    ['a loss', { loss }, { batchSize: 3 }],
    ['a loss at the last batch', { loss }, { batchSize: 3, validationSplit: 0.2 }],
    ['a metric', { loss: 'mse', metrics: [loss] }, { batchSize: 3 }],
    ['a metric in validation', { loss: 'mse', metrics: [loss] }, { batchSize: 4, validationSplit: 0.5 }],
  ])('%s', async (_, args, fit) => {
    const make = () => {
      const model = makeModel();
      model.compile({ ...args, optimizer: 'adam' });
      return model;
    };
    const [met, other] = [make(), make()];
    const onTrainBegin = vi.fn<() => void>();
    wg.setSeed(1);
    const message = await messageOf(() => met.fit(x, y, { ...quiet, ...fit, callbacks: { onTrainBegin } }));
    for (const word of ['reshape', '[7]']) expect(message).toContain(word);
    expect(onTrainBegin).not.toHaveBeenCalled();
    const history = await met.fit(x, y, { ...quiet, epochs: 2, batchSize: 6 });
    wg.setSeed(1);
    const expected = await other.fit(x, y, { ...quiet, epochs: 2, batchSize: 6 });
    expect(history.history).toEqual(expected.history);
    expect(stateOf(met)).toEqual(stateOf(other));
    met.dispose();
    other.dispose();
  });
});
