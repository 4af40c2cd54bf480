// Whole training runs against real Keras 3.15 on JAX with the same seed: test/reference/fit.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { expectClose, fixture, list, tensorOf, type Values } from './reference.js';

interface Named {
  name: string;
  config: Record<string, unknown>;
}

interface Part {
  x: string;
  y: string;
  rows: [number, number];
  sampleWeight?: string;
}

interface ModelRecord {
  name: string;
  seed: number;
  layers: { layer: 'dense' | 'dropout'; config: never }[];
  optimizer: Named;
  loss: Named;
  metrics: string[];
  weightedMetrics: string[];
}

interface RunRecord extends ModelRecord {
  callbacks: Named[];
  fit: Record<string, unknown>;
  train: Part;
  validation?: Part;
  test: Part;
  initialWeights: Values[];
  history: Record<string, number[]>;
  finalWeights: Values[];
  dropoutStates: [number, number][];
  evaluate: Record<string, number>;
  predict: Values;
}

interface BatchCall {
  method: 'trainOnBatch' | 'testOnBatch' | 'predictOnBatch';
  rows: [number, number];
  /** What it gives: the loss and the metrics, or the predictions. */
  result: number[] | Values;
  /** After the call. */
  weights: Values[];
}

const { data, runs, onBatch } = fixture<{
  data: Record<string, Values>;
  runs: RunRecord[];
  onBatch: ModelRecord & { train: Part; calls: BatchCall[] };
}>('fit');

const rows = (name: string, [begin, end]: [number, number]) =>
  wg.tidy(() => tensorOf(data[name]!).slice(begin, end - begin));

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What is smaller than this is compared as this: rounding of sums does not shrink with their results. */
const FLOOR = 0.3;

/** The loss with its options: `categorical_crossentropy` -> `new CategoricalCrossentropy(...)`. */
function lossOf({ name, config }: Named): wg.losses.LossIdentifier {
  if (Object.keys(config).length === 0) return name;
  const className = camelCase(`_${name}`) as 'CategoricalCrossentropy';
  return new wg.losses[className](config);
}

function optimizerOf({ name, config }: Named) {
  const className = { sgd: 'SGD', rmsprop: 'RMSprop', adam: 'Adam', adamw: 'AdamW', adagrad: 'Adagrad' }[name] as 'SGD';
  return new wg.optimizers[className](config);
}

/** The record's function of epoch and rate. */
const halve = (epoch: number, rate: number) => (epoch % 3 === 2 ? rate * 0.5 : rate);

function callbackOf({ name, config }: Named): wg.Callback {
  if (name === 'LearningRateScheduler') return new wg.callbacks.LearningRateScheduler(halve);
  return new wg.callbacks[name as 'EarlyStopping'](config);
}

/** The model of a record, compiled, with the weights that its seed gives. */
function make({ seed, layers, optimizer, loss, metrics, weightedMetrics }: ModelRecord): wg.Sequential {
  wg.setSeed(seed);
  const model = wg.sequential(layers.map(({ layer, config }) => wg.layers[layer](config)));
  model.compile({ optimizer: optimizerOf(optimizer), loss: lossOf(loss), metrics, weightedMetrics });
  return model;
}

const expectWeights = (model: wg.Sequential, expected: Values[], tolerance: number) =>
  expected.forEach((values, i) => expectClose(model.getWeights()[i]!, values, tolerance, `weight ${i}`, FLOOR));

describe('a run with the seed of a Keras run gives its numbers', () => {
  test.each(runs)('$name', async (run) => {
    const model = make(run);
    expectWeights(model, run.initialWeights, 1e-6);

    const [x, y] = [rows(run.train.x, run.train.rows), rows(run.train.y, run.train.rows)];
    const partsOf = ({ x, y, sampleWeight, rows: range }: Part) =>
      [x, y, sampleWeight].flatMap((part) => (part === undefined ? [] : [rows(part, range)]));
    const held = run.validation && (partsOf(run.validation) as [wg.Tensor, wg.Tensor]);
    const sampleWeight = run.train.sampleWeight && rows(run.train.sampleWeight, run.train.rows);
    const { history } = await model.fit(x, y, {
      ...run.fit,
      ...(held && { validationData: held }),
      ...(sampleWeight && { sampleWeight }),
      callbacks: run.callbacks.map(callbackOf),
      verbose: 0,
    });
    expect(Object.keys(history)).toEqual(Object.keys(run.history));
    for (const [name, values] of Object.entries(run.history)) {
      expectClose(history[name]!, list(values), 1e-5, name, FLOOR);
    }
    expectWeights(model, run.finalWeights, 1e-5);
    const states = model.state
      .filter(([path]) => path.endsWith('/seed_generator_state'))
      .map(([, state]) => Array.from(state.dataSync(), (word) => word >>> 0));
    expect(states).toEqual(run.dropoutStates);

    const [xTest, yTest] = [rows(run.test.x, run.test.rows), rows(run.test.y, run.test.rows)];
    const measured = [model.evaluate(xTest, yTest, { verbose: 0 })].flat().map(Number);
    const expected = model.metricsNames.map((name) => run.evaluate[name]!);
    expectClose(measured, list(expected), 1e-5, 'evaluate', FLOOR);
    const few = xTest.slice(0, run.predict.shape[0]!);
    const predictions = model.predict(few);
    expectClose(predictions, run.predict, 1e-5, 'predict', FLOOR);
    wg.dispose([x, y, held, sampleWeight, xTest, yTest, few, predictions]);
    model.dispose();
  });
});

test('single batches: each call gives the metrics of its batch alone', async () => {
  const model = make(onBatch);
  for (const { method, rows: range, result, weights } of onBatch.calls) {
    const [x, y] = [rows(onBatch.train.x, range), rows(onBatch.train.y, range)];
    const given = await model[method](x, y);
    if (Array.isArray(result)) expectClose((given as (number | wg.Tensor)[]).map(Number), list(result), 1e-6, method);
    else expectClose(given as wg.Tensor, result, 1e-6, method);
    expectWeights(model, weights, 1e-6);
    wg.dispose([x, y, given as wg.TensorContainer]);
  }
  model.dispose();
});
