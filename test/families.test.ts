// The modules that pages download, in Node: the core alone, then with the other families, against the whole.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type * as loader from '../ts/core/load.browser.js';
import * as whole from '../ts/index.js';
import { OP_TABLE_HASH } from '../ts/ops.gen.js';
import { fixture } from './reference.js';

type Library = typeof whole;

const KEY = Symbol.for(`wasmgrad.core.${OP_TABLE_HASH}`);
const shared = globalThis as { [KEY]?: unknown };
const own = shared[KEY];

let parts: Library;
let loadFamilies: typeof loader.loadFamilies;

beforeAll(async () => {
  // Another copy of the library, with a core of its own.
  delete shared[KEY];
  vi.resetModules();
  vi.stubGlobal('navigator', { hardwareConcurrency: 1 });
  ({ loadFamilies } = await import('../ts/core/load.browser.js'));
  parts = await import('../ts/api.js');
  await loadFamilies('core');
});

afterAll(() => {
  vi.unstubAllGlobals();
  shared[KEY] = own;
});

interface Net {
  activation?: string;
  kernelInitializer?: string;
  /** Regularizers and constraints. */
  rules?: object;
  optimizer?: string;
  loss?: string;
  metrics?: string[];
  classes?: number;
}

/** What a net of two layers predicts after two epochs, and its losses. */
async function train(wg: Library, net: Net): Promise<unknown> {
  const { activation = 'relu', kernelInitializer = 'glorotUniform', optimizer = 'sgd', classes } = net;
  wg.setSeed(3);
  const model = wg.sequential({
    layers: [
      wg.layers.dense({ units: 4, inputShape: [4], activation, kernelInitializer, ...net.rules }),
      wg.layers.dropout({ rate: 0.25 }),
      wg.layers.dense({ units: classes ?? 1, activation: classes ? 'softmax' : 'sigmoid' }),
    ],
  });
  model.compile({ loss: net.loss ?? 'mse', optimizer, metrics: net.metrics ?? [] });
  const x = Array.from({ length: 8 }, (_, i) => [i / 8, 1 - i / 8, 0.5, (i % 3) / 3]);
  const y = x.map((_, i) => [i % (classes ?? 2)]);
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0, validationSplit: 0.25 });
  const predicted = wg.tidy(() => (model.predict(x) as whole.Tensor).arraySync());
  model.dispose();
  return { history, predicted };
}

const words = (text: string) => text.trim().split(/\s+/);

const { elementwise, rowwise } = fixture<Record<'elementwise' | 'rowwise', { camel: string }[]>>('activations');

test.each<Net>([
  // `threshold` needs its numbers, so it has no name as an activation.
  ...[...elementwise, ...rowwise]
    .filter(({ camel }) => camel !== 'threshold')
    .map(({ camel }) => ({ activation: camel })),
  ...Object.keys(whole.initializers)
    .filter((name) => /^[a-z]/.test(name))
    .map((kernelInitializer) => ({ kernelInitializer })),
  ...['l1', 'l2', 'l1l2', 'orthogonalRegularizer'].map((name) => ({
    rules: { kernelRegularizer: name, activityRegularizer: name },
  })),
  ...['maxNorm', 'minMaxNorm', 'nonNeg', 'unitNorm'].map((name) => ({ rules: { kernelConstraint: name } })),
  ...['sgd', 'rmsprop', 'adam', 'adamw', 'adagrad'].map((optimizer) => ({ optimizer })),
  ...['mse', 'mae', 'huber', 'binaryCrossentropy'].map((loss) => ({ loss, metrics: ['accuracy', loss] })),
  ...words(`
    mape msle logCosh poisson hinge squaredHinge kld dice tversky binaryFocalCrossentropy cosineSimilarity categoricalHinge
    crossentropy`).map((loss) => ({ loss, metrics: [loss] })),
  { metrics: ['precision', 'recall', 'truePositives', 'f1Score', 'r2Score', 'rootMeanSquaredError', 'binaryIoU'] },
  { metrics: ['concordanceCorrelation', 'topKCategoricalAccuracy'] },
  { loss: 'sparseCategoricalCrossentropy', classes: 3, metrics: ['accuracy'] },
])('the core alone trains to the same bits: %j', async (net) => {
  expect(await train(parts, net)).toEqual(await train(whole, net));
});

test('an op of a family that is not there says what to import; with the family it gives the same bits', async () => {
  const expected = 'sin: it is no part of wasmgrad/core; import from wasmgrad instead';
  expect(() => parts.sin([1, 2])).toThrow(expected);
  await loadFamilies('core', 'extra');
  const sines = (wg: Library) => wg.tidy(() => wg.sin([1, 2, -1e9]).arraySync());
  expect(sines(parts)).toEqual(sines(whole));
});
