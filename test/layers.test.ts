// Layers against Keras 3.15 on JAX: values, gradients and dropout masks of test/reference/layers.json and random.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { registerLayers } from '../ts/layers/registry.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { expectClose, fixture, tensorOf, type Values } from './reference.js';

registerLayers();

type LayerName = 'dense' | 'activation' | 'dropout' | 'flatten' | 'reshape';

interface LayerRecord {
  layer: LayerName;
  config: never;
  weights: Values[];
  x: Values;
  y: Values;
  dy: Values;
  dx: Values;
  dweights: Values[];
  /** Of dropout: what comes out when nothing is trained. */
  yInference?: Values;
}

const { cases } = fixture<{ cases: LayerRecord[] }>('layers');
const named = cases.map((record) => ({
  ...record,
  title: `${record.layer} ${JSON.stringify(record.config)} of [${record.x.shape}]`,
}));

/** The layer of a record, with its weights. */
function make({ layer: name, config, x, weights }: LayerRecord): wg.layers.Layer {
  const layer = wg.layers[name](config);
  layer.ensureBuilt([null, ...x.shape.slice(1)]);
  wg.tidy(() => layer.setWeights(weights.map(tensorOf)));
  return layer;
}

/** The layer's outputs in training, and the gradients in its inputs and weights. */
function step(layer: wg.layers.Layer, x: wg.Tensor, dy: wg.Tensor): wg.Tensor[] {
  const { value, grad } = wg.valueAndGrad((x) => layer.apply(x, { training: true }))(x, dy);
  const weights = layer.trainableWeights;
  if (weights.length === 0) return [value, grad];
  const { grads } = wg.variableGrads(() => layer.apply(x).mul(dy).sum(), weights);
  return [value, grad, ...weights.map(({ name }) => grads[name]!)];
}

const ways = {
  eagerly: (layer: wg.layers.Layer, x: wg.Tensor, dy: wg.Tensor) => step(layer, x, dy),
  'as a program': (layer: wg.layers.Layer, x: wg.Tensor, dy: wg.Tensor) => {
    const program = wg.compile((x, dy) => step(layer, x, dy));
    const results = program(x, dy);
    program.dispose();
    return results;
  },
};

describe.each(Object.entries(ways))('%s', (_way, run) => {
  test.each(named)('$title', (record) => {
    wg.tidy(() => {
      const layer = make(record);
      const [y, dx, ...dweights] = run(layer, tensorOf(record.x), tensorOf(record.dy));
      expectClose(y!, record.y, 1e-6, 'y');
      expectClose(dx!, record.dx, 1e-6, 'dx');
      expect(dweights.length).toBe(record.dweights.length);
      record.dweights.forEach((expected, i) => expectClose(dweights[i]!, expected, 1e-6, `gradient in weight ${i}`));
      layer.dispose();
    });
  });
});

describe('in a model', () => {
  test.each(named)('$title', (record) => {
    const layer = make(record);
    const model = wg.sequential([layer]);
    wg.tidy(() => {
      expectClose(model.predict(tensorOf(record.x)), record.yInference ?? record.y, 1e-6);
    });
    expect(layer.computeOutputShape([null, ...record.x.shape.slice(1)])).toEqual([null, ...record.y.shape.slice(1)]);
    expect(layer.countParams()).toBe(record.weights.reduce((count, { data }) => count + data.length, 0));
    model.dispose();
  });
});

test.each(named)('$title: its configuration makes the same layer again', (record) => {
  const layer = make(record);
  const written = JSON.stringify(serialize(layer));
  const again = deserialize<wg.layers.Layer>('test', JSON.parse(written));
  expect(JSON.stringify(serialize(again))).toBe(written);
  expect(layer.getConfig()).toMatchObject(record.config);
  wg.tidy(() => {
    const x = tensorOf(record.x);
    again.ensureBuilt(x.shape);
    again.setWeights(layer.getWeights());
    const [a, b] = [layer, again].map((one) => one.apply(x, { training: true }));
    expect(b!.arraySync()).toEqual(a!.arraySync());
  });
  layer.dispose();
  again.dispose();
});

describe('dropout moves on with each call in training', () => {
  interface Call {
    training: boolean;
    before: [number, number];
    after: [number, number];
    output: Values;
  }
  const { dropoutLayer } = fixture<{ dropoutLayer: { seed: number; rate: number; calls: Call[] }[] }>('random');

  test.each(dropoutLayer)('seed $seed, rate $rate', ({ seed, rate, calls }) => {
    const layer = wg.layers.dropout({ seed, rate });
    wg.tidy(() => {
      const ones = wg.ones(calls[0]!.output.shape);
      for (const { training, after, output } of calls) {
        const y = layer.apply(ones, { training });
        expect(Array.from(y.dataSync())).toEqual(Array.from(tensorOf(output).dataSync()));
        expect(Array.from(layer.randomState!.dataSync())).toEqual(after);
      }
    });
    layer.dispose();
  });
});

test.each(named)('$title: outside of any scope, apply leaves its result alone', (record) => {
  const [layer, x] = [make(record), tensorOf(record.x)];
  const before = wg.memory().numTensors;
  const y = layer.apply(x, { training: true });
  expect(wg.memory().numTensors - before).toBe(y === x ? 0 : 1);
  wg.dispose([x, y]);
  layer.dispose();
});

test('an input layer states the shape and changes nothing else', () => {
  const build = (layers: () => wg.layers.Layer[]) => {
    wg.setSeed(5);
    return wg.sequential(layers());
  };
  const models = [
    build(() => [wg.layers.dense({ units: 2, inputShape: [3] })]),
    build(() => [wg.layers.inputLayer({ inputShape: [3] }), wg.layers.dense({ units: 2 })]),
    build(() => [wg.layers.inputLayer({ batchInputShape: [null, 3] }), wg.layers.dense({ units: 2 })]),
    build(() => [wg.layers.inputLayer({ shape: [3] }), wg.layers.dense({ units: 2 })]),
  ];
  const x = wg.tensor2d([[1, -2, 3]]);
  const [expected, ...others] = models.map((model) => {
    const y = model.predict(x);
    const values = y.arraySync();
    y.dispose();
    return values;
  });
  for (const values of others) expect(values).toEqual(expected);
  expect(models[1]!.layers[0]!.countParams()).toBe(0);
  x.dispose();
  for (const model of models) model.dispose();
});
