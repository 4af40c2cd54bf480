// Splits and scalers against scikit-learn's (test/reference/preprocessing.json), and what holds of them whatever the data.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { expectClose, fixture, tensorOf, type Values } from '../reference.js';

interface Split {
  n: number;
  options: wg.SplitArgs;
  labels: number[] | null;
  train: number[];
  test: number[];
}

interface Scaler {
  name: string;
  options: wg.StandardScalerArgs;
  x: Values;
  mean: number[] | null;
  variance: number[] | null;
  scale: number[] | null;
  y: Values;
}

const { splits, scalers, normalize } = fixture<{
  splits: Split[];
  scalers: Scaler[];
  normalize: { axis: number; order: number; x: Values; y: Values }[];
}>('preprocessing');
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('trainTestSplit', () => {
  test.each(splits)('draws $n samples by $options as scikit-learn', ({ n, options, labels, train, test }) => {
    const args = labels === null ? options : { ...options, stratify: labels };
    const rows = wg.tensor(range(n), [n, 1], 'int32');
    const [first, second, xTrain, xTest] = wg.trainTestSplit(range(n), rows, args);
    expect([first, second]).toEqual([train, test]);
    expect([xTrain, xTest].map(({ shape }) => shape)).toEqual([train, test].map(({ length }) => [length, 1]));
    expect([...xTrain.dataSync(), ...xTest.dataSync()]).toEqual([...train, ...test]);
    wg.dispose([rows, xTrain, xTest]);
  });

  const sizes = fc.record({ testSize: fc.double({ min: 0.2, max: 0.8, noNaN: true }), seed: fc.nat() });

  test('gives every sample to one part, and to the same one of every list', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 60 }), sizes, fc.boolean(), (n, options, shuffle) => {
        const list = range(n);
        const texts = list.map(String);
        const parts = wg.trainTestSplit(list, texts, Float32Array.from(list), { ...options, shuffle });
        const [train, test] = parts;
        expect([...train, ...test].toSorted((a, b) => a - b)).toEqual(list);
        expect(test.length).toBe(Math.ceil(options.testSize * n));
        expect(parts.slice(2)).toEqual([
          train.map(String),
          test.map(String),
          Float32Array.from(train),
          Float32Array.from(test),
        ]);
        if (!shuffle) expect([...train, ...test]).toEqual(list);
      }),
    );
  });

  test('shares out each class', () => {
    const labels = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 30, maxLength: 90 });
    fc.assert(
      fc.property(labels, sizes, (drawn, options) => {
        const classes = [...'aaabbbccc', ...drawn];
        const [train, test] = wg.trainTestSplit(classes, { ...options, stratify: classes });
        const count = (list: readonly string[], name: string) => list.filter((one) => one === name).length;
        for (const name of 'abc') {
          const [all, ofTrain] = [count(classes, name), count(train, name)];
          expect(ofTrain + count(test, name)).toBe(all);
          expect(Math.abs(ofTrain - (all * train.length) / classes.length)).toBeLessThan(1);
        }
      }),
    );
  });

  test('goes on with the seed of all, which its own seed leaves alone', () => {
    const next = (args?: wg.SplitArgs) => wg.trainTestSplit(range(20), args)[0];
    wg.setSeed(5);
    const [a, b] = [next(), next()];
    expect(a).not.toEqual(b);
    wg.setSeed(5);
    expect(next()).toEqual(a);
    expect(next({ seed: 9 })).toEqual(next({ seed: 9 }));
    expect(next()).toEqual(b);
  });

  test.each<[name: string, args: unknown[], words: string]>([
    ['another length', [range(3), range(4)], '3 samples in the first and 4'],
    ['no list', [{ testSize: 0.5 }], 'expected tensors or lists of samples, got undefined'],
    ['a number for a list', [3, {}], 'got 3'],
    ['an unknown option', [range(3), { testsize: 0.5 }], '"testSize"'],
    ['a size that is none', [range(3), { testSize: 1.5 }], 'testSize must be a fraction between 0 and 1'],
    ['a training size that is none', [range(3), { trainSize: 0 }], 'trainSize must be a fraction between 0 and 1'],
    ['a seed that is none', [range(3), { seed: -1 }], 'seed must be a whole number'],
    ['a shuffle that is none', [range(3), { shuffle: 0 }], 'shuffle must be true or false'],
    ['classes that are none', [range(3), { stratify: 'a' }], 'stratify must be the class of each sample'],
    ['too little', [range(1)], '1 samples do not make'],
    ['too much', [range(5), { testSize: 3, trainSize: 3 }], '5 samples do not make 3 to train and 3'],
    ['classes in order', [range(4), { stratify: [0, 0, 1, 1], shuffle: false }], 'leave shuffle true'],
    ['a class of one', [range(4), { stratify: ['a', 'a', 'a', 'b'] }], 'class "b" has one sample'],
    ['more classes than samples', [range(4), { stratify: [0, 0, 1, 1], testSize: 1 }], '2 classes do not fit'],
    [
      'one-hot classes',
      [
        range(2),
        {
          stratify: [
            [1, 0],
            [0, 1],
          ],
        },
      ],
      'argMax(-1)',
    ],
  ])('refuses %s', (_name, args, words) => {
    expect(() => wg.trainTestSplit(...(args as [number[]]))).toThrow(words);
  });
});

describe('StandardScaler', () => {
  test.each(scalers)('scales $name as scikit-learn', ({ options, x, mean, variance, scale, y }) => {
    wg.tidy(() => {
      const scaler = new wg.StandardScaler(options);
      expectClose(scaler.fitTransform(tensorOf(x)), y, 1e-6);
      const again = wg.StandardScaler.fromConfig(JSON.parse(JSON.stringify(scaler.getConfig())));
      expect(again).toEqual(scaler);
      const check = (values: readonly number[], expected: number[] | null) =>
        expected && expectClose(values, { shape: [expected.length], data: expected }, 1e-8);
      check(again.mean!, mean);
      check(again.variance!, variance);
      check(again.scale!, scale);
    });
  });

  test('is undone by its inverse', () => {
    const table = fc.array(fc.tuple(fc.float({ min: -100, max: 100, noNaN: true }), fc.constant(3)), { minLength: 1 });
    fc.assert(
      fc.property(table, (rows) => {
        wg.tidy(() => {
          const scaler = new wg.StandardScaler();
          const back = scaler.inverseTransform(scaler.fitTransform(rows));
          rows.flat().forEach((value, i) => expect(back.dataSync()[i]).toBeCloseTo(value, 3));
        });
      }),
    );
  });

  test('sees numbers that float32 does not tell apart', () => {
    wg.tidy(() => {
      const scaled = new wg.StandardScaler().fitTransform([[1e9], [1e9 + 1], [1e9 + 2]]);
      expectClose(scaled, { shape: [3, 1], data: [-Math.sqrt(1.5), 0, Math.sqrt(1.5)] }, 1e-6);
    });
  });

  test.each<[name: string, act: (scaler: wg.StandardScaler) => unknown, words: string]>([
    ['what it has not seen', (scaler) => scaler.transform([[1]]), 'call fit(x) first'],
    ['a list', (scaler) => scaler.fit([1, 2]), '[n, 1]'],
    ['no samples', (scaler) => scaler.fit(wg.zeros([0, 2])), 'finite numbers'],
    [
      'infinity',
      (scaler) =>
        scaler.fit([
          [1, 1],
          [1, Infinity],
        ]),
      'column 1',
    ],
    ['other columns', (scaler) => scaler.fit([[1, 2]]).transform([[1]]), 'fitted to 2 columns'],
    ['unknown options', () => new wg.StandardScaler({ mean: false } as never), '"mean"'],
    ['a flag that is none', () => new wg.StandardScaler({ withMean: 0 } as never), 'withMean must be true or false'],
    ['another flag', () => new wg.StandardScaler({ withStd: 0 } as never), 'withStd must be true or false'],
  ])('refuses %s', (_name, act, words) => {
    expect(() => wg.tidy(() => void act(new wg.StandardScaler()))).toThrow(words);
  });
});

describe('utils', () => {
  test('toCategorical has one 1 in each row', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (classes) => {
        wg.tidy(() => {
          const rows = wg.utils.toCategorical(classes);
          expect(rows.shape).toEqual([classes.length, Math.max(...classes) + 1]);
          expect([...rows.argMax(-1).dataSync()]).toEqual(classes);
          expect([...rows.sum(-1).dataSync()]).toEqual(classes.map(() => 1));
          expect(
            wg.utils.toCategorical(
              classes.map((one) => [one]),
              12,
            ).shape,
          ).toEqual([classes.length, 12]);
        });
      }),
    );
  });

  test.each<[x: wg.TensorLike, numClasses: number | undefined, words: string]>([
    [[0, 3], 3, 'x must hold whole numbers from 0 to 2, got 3'],
    [[-1], undefined, 'from 0 on, got -1'],
    [[0.5], undefined, 'got 0.5'],
    [[1], 0, 'numClasses must be a whole number from 1 on'],
  ])('toCategorical refuses %j of %s', (x, numClasses, words) => {
    expect(() => wg.utils.toCategorical(x, numClasses)).toThrow(words);
  });

  test.each(normalize)('normalize by axis $axis and order $order as Keras', ({ axis, order, x, y }) => {
    wg.tidy(() => expectClose(wg.utils.normalize(tensorOf(x), axis, order), y, 1e-6));
  });
});

describe('confusionMatrix', () => {
  test('counts each pair once', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { minLength: 1 });
    fc.assert(
      fc.property(pairs, (all) => {
        wg.tidy(() => {
          const matrix = wg.math.confusionMatrix(
            all.map(([a]) => a),
            all.map(([, b]) => b),
            5,
          );
          expect(matrix.dtype).toBe('int32');
          const count = (i: number, j: number) => all.filter(([a, b]) => a === i && b === j).length;
          expect(matrix.arraySync()).toEqual(range(5).map((i) => range(5).map((j) => count(i, j))));
        });
      }),
    );
  });

  test('prints with names', () => {
    const lines: string[] = [];
    wg.math.printConfusionMatrix(
      [
        [10, 0, 1],
        [2, 134, 0],
        [0, 0, 7],
      ],
      ['cat', 'hamster', 'dog'],
      (line) => lines.push(line),
    );
    expect(lines).toEqual([
      '         predicted',
      'true     cat  hamster  dog',
      'cat       10        0    1',
      'hamster    2      134    0',
      'dog        0        0    7',
    ]);
  });

  test.each<[name: string, act: () => unknown, words: string]>([
    ['two lengths', () => wg.math.confusionMatrix([0], [0, 1], 2), '[1] and [2]'],
    ['one-hot rows', () => wg.math.confusionMatrix([[0, 1]], [[0, 1]], 2), 'argMax(-1)'],
    ['an unknown class', () => wg.math.confusionMatrix([0], [2], 2), 'predictions must hold whole numbers from 0 to 1'],
    ['no number of classes', () => wg.math.confusionMatrix([0], [0], undefined as never), 'numClasses must be'],
    ['printing a list', () => wg.math.printConfusionMatrix([1]), 'got shape [1]'],
    [
      'too few names',
      () =>
        wg.math.printConfusionMatrix(
          [
            [1, 0],
            [0, 1],
          ],
          ['a'],
        ),
      '1 names',
    ],
  ])('refuses %s', (_name, act, words) => {
    expect(act).toThrow(words);
  });
});
