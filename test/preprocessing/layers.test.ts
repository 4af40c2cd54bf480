// Preprocessing layers against Keras 3.15: test/reference/preprocessing.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { registerLayers } from '../../ts/layers/registry.js';
import { deserialize, serialize } from '../../ts/serialization.js';
import { expectClose, fixture, tensorOf, type Values } from '../reference.js';

registerLayers();

type Data = Values | Values[] | string[] | string[][];

interface Case {
  layer:
    | 'Normalization'
    | 'Rescaling'
    | 'Discretization'
    | 'CategoryEncoding'
    | 'IntegerLookup'
    | 'StringLookup'
    | 'TextVectorization'
    | 'Hashing';
  config: { outputMode?: string; invert?: boolean; oovMethod?: string };
  adapt?: Data;
  x: Values | string[] | string[][];
  y: Values;
  /** What an inverted lookup of texts gives. */
  tokens?: string[][];
  vocabulary?: (string | number)[];
  boundaries?: number[];
  weights?: Values[];
}

const { layers, weighted } = fixture<{
  layers: Case[];
  weighted: { numTokens: number; x: Values; countWeights: Values; y: Values };
}>('preprocessing');
const cases = layers.map((one, i) => ({ ...one, title: `${i}: ${one.layer} ${JSON.stringify(one.config)}` }));

/** A layer that is made by its options, adapted if it is to be. */
interface Preprocessor extends wg.layers.Layer {
  adapt(data: unknown): void;
  getVocabulary(includeSpecialTokens?: boolean): (string | number)[];
  binBoundaries: number[];
}

const isValues = (data: unknown): data is Values => typeof data === 'object' && data !== null && 'data' in data;
const readable = (data: Data): unknown => {
  if (isValues(data)) return tensorOf(data);
  return isValues(data[0]) ? (data as Values[]).map(tensorOf).values() : data;
};

/** Calls `f` in a scope with the adapted layer and its inputs; the layer ends with it. */
function withLayer({ layer: name, config, adapt, x }: Case, f: (layer: Preprocessor, x: never) => void): void {
  const layer = new wg.layers[name](config as never) as unknown as Preprocessor;
  wg.tidy(() => {
    if (adapt !== undefined) layer.adapt(readable(adapt));
    f(layer, readable(x) as never);
  });
  layer.dispose();
}

describe('a layer outside of a model', () => {
  test.each(cases)('$title', (one) => {
    withLayer(one, (layer, x) => {
      const y = layer.apply(x);
      if (one.tokens !== undefined) return expect(y).toEqual(one.tokens);
      expectClose(y, one.y, 2e-6);
      const isInt = (one.config.outputMode ?? 'int') === 'int' && !/Normal|Rescal|Category/.test(one.layer);
      expect(y.dtype).toBe(isInt ? 'int32' : 'float32');
      if (one.vocabulary) expect(layer.getVocabulary()).toEqual(one.vocabulary);
      if (one.boundaries)
        expectClose(layer.binBoundaries, { shape: [one.boundaries.length], data: one.boundaries }, 1e-7);
      one.weights?.forEach((expected, i) => expectClose(layer.weights[i]!, expected, 1e-6, `weight ${i}`));
    });
  });
});

const inModels = cases.filter(
  ({ layer, x, config }) =>
    /Normalization|Rescaling|Discretization|CategoryEncoding|IntegerLookup/.test(layer) &&
    isValues(x) &&
    (x.shape.length > 1 || (layer !== 'CategoryEncoding' && (config.outputMode ?? 'int') === 'int')) &&
    config.oovMethod === undefined,
);

describe('a layer in a model, saved after it was adapted', () => {
  test.each(inModels)('$title', async (one) => {
    const x = tensorOf(one.x as Values);
    const layer = new wg.layers[one.layer](one.config as never) as unknown as Preprocessor;
    if (one.adapt !== undefined) wg.tidy(() => layer.adapt(readable(one.adapt!)));
    const model = wg.sequential([wg.layers.inputLayer({ shape: x.shape.slice(1), dtype: x.dtype }), layer]);
    const loaded = await wg.loadModel(model.toBytes());
    wg.tidy(() => {
      for (const each of [model, loaded]) expectClose(each.predict(x), one.y, 2e-6);
    });
    for (const made of [x, model, loaded]) made.dispose();
  });
});

test.each(cases)('its options make it again: $title', (one) => {
  withLayer(one, (layer, x) => {
    wg.serialization.registerClass(layer.constructor as never);
    const again = deserialize<Preprocessor>('test', JSON.parse(JSON.stringify(serialize(layer))) as never);
    again.ensureBuilt([null, ...((one.x as Values).shape ?? []).slice(1)]);
    if (one.weights) again.setWeights(layer.getWeights());
    const y = again.apply(x);
    if (one.tokens === undefined) expectClose(y, one.y, 2e-6);
    else expect(y).toEqual(one.tokens);
    again.dispose();
  });
});

test('counts with weights', () => {
  const { numTokens, x, countWeights, y } = weighted;
  wg.tidy(() => {
    const layer = wg.layers.categoryEncoding({ numTokens, outputMode: 'count' });
    expectClose(layer.apply(tensorOf(x), { countWeights: tensorOf(countWeights) }), y, 1e-6);
  });
});
