// Data, labels and moments that do not fit: the error names the place, what was expected, what came, and the mend.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { compiled, labels, makeModel, messageOf, quiet, regression, table, x, y } from './twins.js';

type Model = wg.Sequential;
const columns = (n: number) => x.map((row) => Array.from({ length: n }, (_, j) => row[j % 4]!));
const classification = compiled({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] }, 3);

describe('data that do not fit', () => {
  table(regression, y, [
    {
      name: 'fit: too many columns',
      act: (m) => m.fit(columns(5), y, quiet),
      words: ['fit:', 'layer "hidden"', '[*, 4]', 'got [6, 5]'],
    },
    {
      name: 'evaluate: too few columns',
      act: (m) => m.evaluate(columns(3), y),
      words: ['evaluate:', '"hidden"', '[*, 4]', '[6, 3]'],
    },
    {
      name: 'predict: a sample without its row',
      act: (m) => m.predict([1, 2, 3, 4]),
      words: ['predict:', '[*, 4]', 'got [4]', 'give [sample]'],
    },
    {
      name: 'predict: a rank too many',
      act: (m) => m.predict([x]),
      words: ['predict:', '[*, 4]', '[1, 6, 4]', 'one row of shape [4]'],
    },
    { name: 'predict: a number', act: (m) => m.predict(3), words: ['predict', 'scalar', '[sample]'] },
    {
      name: 'trainOnBatch: columns',
      act: (m) => m.trainOnBatch(columns(2), y),
      words: ['trainOnBatch:', '[*, 4]', '[6, 2]'],
    },
    {
      name: 'testOnBatch: columns',
      act: (m) => m.testOnBatch(columns(2), y),
      words: ['testOnBatch:', '[*, 4]', '[6, 2]'],
    },
    {
      name: 'predictOnBatch: columns',
      act: (m) => m.predictOnBatch(columns(2)),
      words: ['predictOnBatch:', '[*, 4]', '[6, 2]'],
    },
    {
      name: 'x and y of different lengths',
      act: (m) => m.fit(x, y.slice(1), quiet),
      words: ['fit:', 'x has 6 samples', 'y has 5', 'one row of'],
    },
    { name: 'y is a scalar', act: (m) => m.fit(x, 1, quiet), words: ['x has 6 samples', 'y is a scalar'] },
    { name: 'no data', act: (m) => m.fit([], [], quiet), words: ['fit:', 'empty', 'shape [0]', 'at least one'] },
    { name: 'no rows', act: (m) => wg.tidy(() => m.predict(wg.zeros([0, 4]))), words: ['predict:', 'empty', '[0, 4]'] },
    {
      name: 'two tensors',
      act: (m) => wg.tidy(() => m.predict([wg.tensor(x), wg.tensor(x)] as never)),
      words: ['predict: x', 'one tensor', 'list of 2', 'wg.concat'],
    },
    {
      name: 'y that only broadcasts',
      act: (m) => m.fit(x, x, quiet),
      words: ['mean_squared_error', '[6, 4]', '[*, 1]', 'last layer'],
    },
    {
      name: 'y of another rank',
      act: (m) => m.fit(x, [y, y, y, y, y, y], quiet),
      words: ['fit:', 'mean_squared_error', '[6, 6, 1]', '[*, 1]', "outputs' shape"],
    },
    {
      name: 'ragged rows',
      act: (m) =>
        m.fit(
          [
            [1, 2, 3, 4],
            [1, 2],
          ],
          [1, 2],
          quiet,
        ),
      words: ['fit: x', 'ragged', 'element [1] has 2 elements', 'expected 4', 'same length'],
    },
    {
      name: 'a number among rows',
      act: (m) => m.fit([[1, 2, 3, 4], 5], [1, 2], quiet),
      words: ['fit: x', 'ragged', 'element [1] is a number', 'expected 4 elements'],
    },
    {
      name: 'a text',
      act: (m) => m.fit([[1, 2, 3, '4']] as never, [1], quiet),
      words: ['fit: x', 'element [0][3]', 'is "4"', 'numbers and booleans'],
    },
    {
      name: 'undefined in y',
      act: (m) => m.fit([[1, 2, 3, 4]], [undefined] as never, quiet),
      words: ['fit: y', 'element [0]', 'undefined', 'a number'],
    },
    { name: 'no y', act: (m) => m.fit(x, undefined as never, quiet), words: ['fit: y', 'undefined', 'tensor'] },
    { name: 'an object', act: (m) => m.predict({ x } as never), words: ['predict: x', '{ x: [', 'tensor'] },
    {
      name: 'values without a shape',
      act: (m) => m.predict({ values: new Float32Array(8) } as never),
      words: ['predict: x: shape must be a list of whole numbers', 'such as [2, 3]', 'got undefined'],
    },
    {
      name: 'values that do not fill their shape',
      act: (m) => m.fit({ values: new Float32Array(7), shape: [2, 4] }, [1, 2], quiet),
      words: ['fit: x: 7 values do not fill shape [2,4]'],
    },
    {
      name: 'values of an unknown dtype',
      act: (m) => m.evaluate(x, { values: [1], shape: [1, 1], dtype: 'float' as never }),
      words: ['evaluate: y: dtype must be float32, int32 or bool', 'got "float"'],
    },
    {
      name: 'a misspelt shape',
      act: (m) => m.predict({ values: new Float32Array(4), shap: [1, 4] } as never),
      words: ['predict: x: unknown option "shap"', '"shape"'],
    },
    {
      name: 'a disposed x',
      act: (m) => {
        const tensor = wg.tensor(x);
        tensor.dispose();
        return m.fit(tensor, y, quiet);
      },
      words: ['fit: x', '[6, 4]', 'disposed', 'keep(x)'],
    },
    {
      name: 'a disposed y',
      act: (m) => {
        const tensor = wg.tensor(y);
        tensor.dispose();
        return m.evaluate(x, tensor);
      },
      words: ['evaluate: y', '[6, 1]', 'disposed'],
    },
    {
      name: 'validation data of another width',
      act: (m) => m.fit(x, y, { ...quiet, validationData: [columns(2), y] }),
      words: ['fit: validationData', '[*, 4]', '[6, 2]'],
    },
    {
      name: 'validation data without y',
      act: (m) => m.fit(x, y, { ...quiet, validationData: [x] as never }),
      words: ['validationData', '[xValidation, yValidation]'],
    },
    {
      name: 'a split that leaves nothing',
      act: (m) => m.fit(x, y, { ...quiet, validationSplit: 0.95 }),
      words: ['validationSplit 0.95', '6 samples', 'none'],
    },
    {
      name: 'a split of more than all',
      act: (m) => m.fit(x, y, { ...quiet, validationSplit: 1.5 }),
      words: ['validationSplit', 'from 0 to below 1', 'got 1.5'],
    },
  ]);
});

describe('labels that do not fit', () => {
  table(classification, labels, [
    {
      name: 'a label beyond the classes',
      act: (m) => m.fit(x, [0, 1, 2, 3, 1, 0], quiet),
      words: ['fit:', 'label 3', 'position 3', '3 outputs', '0 to 2', 'more units'],
    },
    { name: 'a negative label', act: (m) => m.evaluate(x, [0, -1, 2, 1, 1, 0]), words: ['label -1', 'position 1'] },
    {
      name: 'half a label',
      act: (m) => m.trainOnBatch(x, [0, 0.5, 2, 1, 1, 0]),
      words: ['label 0.5', 'whole numbers'],
    },
    { name: 'no label', act: (m) => m.fit(x, [0, NaN, 2, 1, 1, 0], quiet), words: ['label NaN', 'position 1'] },
    {
      name: 'one-hot labels',
      act: (m) => m.fit(x, wg.tidy(() => wg.oneHot(labels, 3).arraySync()) as number[][], quiet),
      words: ['sparse_categorical_crossentropy', '[6, 3]', "'categoricalCrossentropy'"],
    },
    {
      name: 'wrong labels to validate with',
      act: (m) => m.fit(x, labels, { ...quiet, validationData: [x, [0, 1, 2, 9, 1, 0]] }),
      words: ['fit: validationData', 'label 9'],
    },
  ]);

  table(
    compiled({ optimizer: 'sgd', loss: 'categoricalCrossentropy' }, 3),
    wg.tidy(() => wg.oneHot(labels, 3).arraySync()) as number[][],
    [
      {
        name: 'class numbers for one-hot targets',
        act: (m) => m.fit(x, labels, quiet),
        words: ['categorical_crossentropy', 'one-hot', '[*, 3]', 'got [6]', "'sparseCategoricalCrossentropy'"],
      },
    ],
  );
});

describe('labels of two classes', () => {
  const halves = x.map((_, i) => i % 2);
  table(compiled({ optimizer: 'sgd', loss: new wg.losses.BinaryCrossentropy({ fromLogits: true }) }), halves, [
    {
      name: 'a third class',
      act: (m) => m.fit(x, [0, 1, 2, 0, 1, 0], quiet),
      words: ['fit:', 'label 2 at position 2', 'from 0 to 1', 'categorical'],
    },
    {
      name: 'plus and minus one',
      act: (m) => m.evaluate(x, [1, -1, 1, 1, 1, 1]),
      words: ['evaluate:', 'label -1 at position 1', 'binary_crossentropy'],
    },
  ]);
});

describe('what comes too early or too late', () => {
  table(makeModel, y, [
    {
      name: 'fit before compile',
      act: (m) => m.fit(x, y, quiet),
      words: ['fit:', 'no loss and optimizer', 'model.compile('],
    },
    { name: 'evaluate before compile', act: (m) => m.evaluate(x, y), words: ['evaluate:', 'model.compile('] },
    {
      name: 'trainOnBatch before compile',
      act: (m) => m.trainOnBatch(x, y),
      words: ['trainOnBatch:', 'model.compile('],
    },
    { name: 'optimizer before compile', act: (m) => m.optimizer, words: ['optimizer:', 'model.compile('] },
  ]);

  test.each<[name: string, act: (model: Model) => unknown]>([
    ['fit', (m) => m.fit(x, y, quiet)],
    ['evaluate', (m) => m.evaluate(x, y)],
    ['predict', (m) => m.predict(x)],
    ['trainOnBatch', (m) => m.trainOnBatch(x, y)],
    ['compile', (m) => m.compile({ loss: 'mse' })],
  ])('%s of a disposed model', async (name, act) => {
    const model = regression();
    model.dispose();
    const message = await messageOf(() => act(model));
    for (const word of [`${name}:`, model.name, 'disposed', 'make a new one']) expect(message).toContain(word);
  });

  test.each<[name: string, act: (model: Model) => unknown, words: string[]]>([
    ['a second fit', (m) => m.fit(x, y, quiet), ['fit:', 'is being trained', 'await']],
    ['compile', (m) => m.compile({ loss: 'mae' }), ['compile:', 'is being trained', 'stopTraining']],
    ['dispose', (m) => m.dispose(), ['dispose:', 'is being trained']],
    ['add', (m) => m.add(wg.layers.flatten()), ['sequential.add:', 'is being trained']],
    ['pop', (m) => m.pop(), ['sequential.pop:', 'is being trained']],
  ])('%s during fit', async (_, act, words) => {
    const train = async (meet: (model: Model) => unknown) => {
      const model = regression();
      const callbacks = { onEpochEnd: async (epoch: number) => void (epoch === 0 && (await meet(model))) };
      const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks });
      model.dispose();
      return history;
    };
    const met = await train(async (model) => {
      const message = await messageOf(() => act(model));
      for (const word of words) expect(message).toContain(word);
    });
    expect(met).toEqual(await train(() => {}));
  });
});
