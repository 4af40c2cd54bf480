// What holds of encodings, lookups and bins whatever the data.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';

/** Calls `f` with a layer, in a scope, and ends the layer. */
function using<T extends wg.layers.Layer>(layer: T, f: (layer: T) => void): void {
  try {
    wg.tidy(() => f(layer));
  } finally {
    layer.dispose();
  }
}

const tokens = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
const numbers = fc.uniqueArray(
  fc.integer({ min: -50, max: 50 }).map((x) => (x === 7 ? 987654321 : x)),
  { minLength: 1, maxLength: 8 },
);
const integers = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 }), {
  minLength: 1,
});

describe('encodings', () => {
  test('have one 1 for an index, and in each row as many counts as indices', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 1, max: 60 }), (rows, numTokens) => {
        wg.tidy(() => {
          const encoded = (outputMode: 'oneHot' | 'multiHot' | 'count') =>
            wg.layers.categoryEncoding({ numTokens, outputMode }).apply(wg.tensor(rows, undefined, 'int32'));
          const isToken = (x: number) => x >= 0 && x < numTokens;
          const sums = (y: wg.Tensor) => Array.from(y.sum(-1).dataSync());
          expect(sums(encoded('oneHot'))).toEqual(rows.flat().map((x) => Number(isToken(x))));
          expect(sums(encoded('count'))).toEqual(rows.map((row) => row.filter(isToken).length));
          expect(sums(encoded('multiHot'))).toEqual(rows.map((row) => new Set(row.filter(isToken)).size));
          expect(encoded('count').minimum(1).sub(encoded('multiHot')).abs().max().dataSync()[0]).toBe(0);
        });
      }),
    );
  });
});

test('more counts than float32 has whole numbers', () => {
  wg.tidy(() => {
    const rows = Array.from({ length: 5 }, (_, i) => [i, i, 3_999_999]);
    const counts = wg.layers.categoryEncoding({ numTokens: 4_000_000, outputMode: 'count' }).apply(rows);
    expect([...counts.sum(1).dataSync()]).toEqual([3, 3, 3, 3, 3]);
    rows.forEach(([i], row) => expect([...counts.slice([row, i!], [1, 1]).dataSync()]).toEqual([2]));
    expect([...counts.slice([0, 3_999_999], [5, 1]).dataSync()]).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('a lookup', () => {
  test('of texts is undone by its inverse', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom(null, 'MASK!'), (vocabulary, maskToken) => {
        wg.tidy(() => {
          const layer = wg.layers.stringLookup({ vocabulary, maskToken });
          const inverse = wg.layers.stringLookup({ vocabulary: layer.getVocabulary(), maskToken, invert: true });
          const texts = [...vocabulary, ...(maskToken === null ? [] : [maskToken])];
          expect(inverse.apply<string[]>(layer.apply(texts))).toEqual(texts);
          expect(inverse.apply<string[]>(layer.apply(['not there']))).toEqual(['[UNK]']);
        });
      }),
    );
  });

  test('of integers is undone by its inverse, and the same in a model as by the host', () => {
    const oovToken = -99999999;
    const args = fc.record({
      numOovIndices: fc.integer({ min: 0, max: 3 }),
      maskToken: fc.constantFrom(null, 123456789, 7),
      outputMode: fc.constantFrom('int' as const, 'oneHot' as const, 'multiHot' as const, 'count' as const),
    });
    fc.assert(
      fc.property(numbers, integers, args, (vocabulary, rows, options) => {
        const known = rows.map((row) => row.map((x) => vocabulary[Math.abs(x) % vocabulary.length]!));
        const x = options.numOovIndices === 0 ? known : rows;
        const layer = wg.layers.integerLookup({ vocabulary, oovToken, ...options });
        using(wg.sequential([wg.layers.inputLayer({ shape: [3], dtype: 'int32' }), layer]), (model) => {
          const [host, planned] = [layer.apply(x), model.predict(wg.tensor(x, undefined, 'int32'))];
          expect(Array.from(planned.dataSync())).toEqual(Array.from(host.dataSync()));
          expect(planned.shape).toEqual(host.shape);
          if (options.outputMode !== 'int') return;
          const inverse = wg.layers.integerLookup({
            ...options,
            vocabulary: layer.getVocabulary(false),
            invert: true,
            oovToken,
          });
          const back = inverse.apply(host).arraySync() as number[][];
          expect(back).toEqual(
            x.map((row) => row.map((one) => (vocabulary.includes(one) || one === options.maskToken ? one : oovToken))),
          );
        });
      }),
    );
  });

  test('adapts to the tokens by frequency, the greatest first among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1 }), (data) => {
        using(wg.layers.integerLookup({ oovToken: 99 }), (layer) => {
          layer.adapt(data);
          const frequency = (token: number) => data.filter((one) => one === token).length;
          const sorted = [...new Set(data)].toSorted((a, b) => frequency(b) - frequency(a) || b - a);
          expect(layer.getVocabulary(false)).toEqual(sorted);
        });
      }),
    );
  });

  test('knows whole numbers that int32 does not hold, but not in a model', () => {
    using(wg.layers.integerLookup({ vocabulary: [5e9, 6e9] }), (layer) => {
      expect(layer.apply([6e9, 5e9, 1]).arraySync()).toEqual([2, 1, 0]);
      expect(() => layer.ensureBuilt([null, 1])).toThrow('5000000000');
    });
  });
});

describe('bins', () => {
  const data = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 300 });

  test('are as full as each other, but for epsilon and equal values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -9999, max: 9999 }), { minLength: 20 }), (values) => {
        using(wg.layers.discretization({ numBins: 4, outputMode: 'count' }), (layer) => {
          layer.adapt(values);
          const counts = layer.apply([values]).dataSync();
          for (const count of counts) expect(Math.abs(count / values.length - 0.25)).toBeLessThan(0.1);
        });
      }),
    );
  });

  test('are found again in the order of the values', () => {
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 9 }), (values, numBins) => {
        using(wg.layers.discretization({ numBins }), (layer) => {
          layer.adapt(values);
          const bins = layer.apply(values.toSorted((a, b) => a - b)).dataSync();
          expect(Array.from(bins)).toEqual(Array.from(bins).toSorted((a, b) => a - b));
          expect(Math.max(...bins)).toBeLessThanOrEqual(layer.binBoundaries!.length);
        });
      }),
    );
  });
});

test('normalized data have mean 0 and variance 1, and are given back by the inverse', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 2, max: 40 }), (seed, n) => {
      using(wg.layers.normalization(), (layer) => {
        const x = wg.randomNormal([n, 3], 5, 2, 'float32', seed);
        layer.adapt(x);
        const y = layer.apply(x);
        for (const mean of y.mean(0).dataSync()) expect(mean).toBeCloseTo(0, 4);
        for (const square of y.square().mean(0).dataSync()) expect(square).toBeCloseTo(1, 4);
        using(wg.layers.normalization({ invert: true }), (inverse) => {
          inverse.ensureBuilt([null, 3]);
          inverse.setWeights(layer.getWeights());
          expect(inverse.apply(y).sub(x).abs().max().dataSync()[0]).toBeLessThan(1e-4);
        });
      });
    }),
  );
});

test('a layer that adapts again changes the model that it is in', () => {
  const layers = [
    wg.layers.normalization({ inputShape: [1] }),
    wg.layers.discretization({ numBins: 2, outputMode: 'oneHot' }),
  ];
  for (const layer of layers) {
    wg.tidy(() => {
      layer.adapt([[0], [1], [2], [3]]);
      const model = wg.sequential([layer]);
      const before = model.predict([[2]]).arraySync();
      layer.adapt([[20], [21], [22], [23]]);
      expect(model.predict([[22]]).arraySync()).toEqual(before);
      model.dispose();
    });
  }
});

test('functions of texts take the place of the named ones', () => {
  using(
    wg.layers.textVectorization({
      standardize: (text) => text.toUpperCase(),
      split: (text) => text.split(','),
      vocabulary: ['A', 'B'],
    }),
    (layer) => {
      expect(layer.apply('a,c,b').arraySync()).toEqual([2, 1, 3]);
      expect(() => layer.getConfig()).toThrow('standardize is a function');
    },
  );
});

describe('what cannot be is refused', () => {
  const { layers } = wg;
  const string = layers.stringLookup({ vocabulary: ['a', 'b'], numOovIndices: 0 });
  const cases: [name: string, act: () => unknown, words: string[]][] = [
    [
      'an unknown outputMode',
      () => layers.discretization({ binBoundaries: [0], outputMode: 'onehott' as never }),
      ['onehott', 'oneHot'],
    ],
    [
      'bins given twice',
      () => layers.discretization({ binBoundaries: [0], numBins: 2 }),
      ['binBoundaries, or numBins'],
    ],
    ['no bins', () => layers.discretization({ numBins: 2 }).apply([1]), ['call adapt(data)']],
    ['bins in disorder', () => layers.discretization({ binBoundaries: [1, 0] }), ['ascending', '[1, 0]']],
    ['adapting given bins', () => layers.discretization({ binBoundaries: [0] }).adapt([1]), ['give numBins']],
    ['a mean alone', () => layers.normalization({ mean: 1 }), ['mean and variance']],
    ['means of two shapes', () => layers.normalization({ mean: [1], variance: [1, 2] }), ['one shape', '[1] and [2]']],
    ['adapting a given mean', () => layers.normalization({ mean: 1, variance: 1 }).adapt([[1]]), ['leave them out']],
    ['adapting to nothing', () => layers.normalization().adapt([][Symbol.iterator]()), ['at least one batch']],
    [
      'weights of what is not counted',
      () => layers.categoryEncoding({ numTokens: 2 }).apply([[1]], { countWeights: [[1]] }),
      ["outputMode 'count'"],
    ],
    ['too many dimensions', () => layers.categoryEncoding({ numTokens: 2 }).apply([[[1]]]), ['[1, 1, 1]', 'reshape']],
    ['a token twice', () => layers.stringLookup({ vocabulary: ['a', 'b', 'a'] }), ['"a" is there twice']],
    [
      'the mask among the tokens',
      () => layers.stringLookup({ vocabulary: ['a', ''], maskToken: '' }),
      ['""', 'at the front'],
    ],
    ['no tokens', () => layers.stringLookup({ vocabulary: [] }), ['got none']],
    ['special tokens alone', () => layers.stringLookup({ vocabulary: ['[UNK]'] }), ['got none']],
    ['too many tokens', () => layers.stringLookup({ vocabulary: ['a', 'b'], maxTokens: 2 }), ['maxTokens, 2']],
    [
      'no room for tokens',
      () => layers.textVectorization({ maxTokens: 2 }).adapt(['a']),
      ['maxTokens, 2', '2 special'],
    ],
    ['weights of tokens that are not there', () => layers.stringLookup({ idfWeights: [1] }), ['give vocabulary']],
    [
      'tfIdf without weights',
      () => layers.stringLookup({ outputMode: 'tfIdf', vocabulary: ['a'] }),
      ['idfWeights', 'undefined'],
    ],
    ['inverting vectors', () => layers.stringLookup({ invert: true, outputMode: 'count' }), ['invert', "'count'"]],
    ['a token without an index', () => string.apply(['a', 'c']), ['"c"', 'numOovIndices']],
    ['no vocabulary', () => layers.stringLookup().apply(['a']), ['call adapt(data)']],
    ['adapting to no text', () => layers.stringLookup().adapt([]), ['hold no token']],
    ['numbers for texts', () => string.apply([1]), ['expected a text', 'got 1']],
    ['ragged texts', () => string.apply([['a'], ['a', 'b']]), ['a list of 1', '["a", "b"]']],
    ['a fraction for a token', () => layers.integerLookup({ vocabulary: [1] }).apply([0.5]), ['a whole number', '0.5']],
    [
      'texts in a model',
      () => wg.sequential([layers.inputLayer({ shape: [1] }), string]),
      ['no texts', 'apply(texts)'],
    ],
    ['salt without its hash', () => layers.integerLookup({ salt: 3 }), ["oovMethod 'farmhash'"]],
    [
      'a length of vectors',
      () => layers.textVectorization({ outputMode: 'count', outputSequenceLength: 3 }),
      ['outputSequenceLength'],
    ],
    ['ngrams of nothing', () => layers.textVectorization({ split: null, ngrams: 2 }), ['give split']],
    ['rows of texts', () => layers.textVectorization({ vocabulary: ['a'] }).apply([['a', 'b']]), ['[1, 2]']],
    ['padding to nothing', () => layers.stringLookup({ padToMaxTokens: true }), ['needs maxTokens']],
  ];

  test.each(cases)('%s', (_name, act, words) => {
    let message = '';
    try {
      wg.tidy(act as () => void);
    } catch (error) {
      expect(error).toBeInstanceOf(wg.WasmgradError);
      ({ message } = error as Error);
    }
    for (const word of words) expect(message).toContain(word);
  });
});

test.each(['discretization', 'integerLookup'] as const)('a %s in use keeps its size', (name) => {
  const layer = name === 'discretization' ? wg.layers.discretization({ numBins: 3 }) : wg.layers.integerLookup();
  wg.tidy(() => {
    layer.adapt([1, 2, 3]);
    layer.ensureBuilt([null, 1]);
    expect(() => layer.adapt([1])).toThrow('make a new layer');
    expect(layer.apply([3]).shape).toEqual([1]);
  });
  layer.dispose();
});
