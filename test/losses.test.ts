// Losses of Keras 3.15 on JAX: values and gradients of test/reference/losses.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { expectClose, fixture, tensorOf, type Values } from './reference.js';

interface Reduced {
  value: number;
  /** In the predictions. */
  gradient: number[];
}

type Reductions = Record<(typeof reductions)[number], Reduced>;

interface LossRecord {
  loss: string;
  camel: string;
  config: { ignoreClass?: number };
  name: string;
  yTrue: Values;
  yPred: Values;
  sampleWeight: Values;
  perSample: Values;
  unweighted: Reductions;
  weighted: Reductions;
}

/** Six digits of every value, however small. */
const [TOLERANCE, FLOOR] = [1e-6, 1e-9];

const reductions = ['sumOverBatchSize', 'sum', 'meanWithSampleWeight'] as const;

// A class to ignore takes samples out of the batch: that needs sample weights, which training does not have yet.
const { cases } = fixture<{ cases: LossRecord[] }>('losses');
const titled = cases
  .filter(({ config }) => config.ignoreClass === undefined)
  .map((record) => ({ ...record, title: `${record.camel} ${JSON.stringify(record.config)}: ${record.name}` }));

function make({ camel, config }: LossRecord, reduction?: wg.losses.LossReduction): wg.losses.Loss {
  const className = camel.replace(/^./, (letter) => letter.toUpperCase()) as 'BinaryCrossentropy';
  return new wg.losses[className]({ ...(config as object), ...(reduction && { reduction }) });
}

type Of = (p: wg.Tensor) => wg.Tensor;

const ways = {
  eagerly: (f: Of, p: wg.Tensor) => {
    const { value, grad } = wg.valueAndGrad(f)(p);
    return [value, grad] as const;
  },
  'as a program': (f: Of, p: wg.Tensor) => {
    const program = wg.compile((p) => {
      const { value, grad } = wg.valueAndGrad(f)(p);
      return [value, grad] as const;
    });
    const results = program(p);
    program.dispose();
    return results;
  },
};

describe.each(Object.entries(ways))('%s', (_way, run) => {
  test.each(titled)('$title', (record) => {
    const loss = make(record);
    wg.tidy(() => {
      const [y, p] = [tensorOf(record.yTrue), tensorOf(record.yPred)];
      expectClose(loss.values(y, p), record.perSample, TOLERANCE, 'values', FLOOR);
      expectClose(make(record, 'none').apply(y, p), record.perSample, TOLERANCE, 'none', FLOOR);
      const weights = { unweighted: undefined, weighted: tensorOf(record.sampleWeight) };
      for (const kind of ['unweighted', 'weighted'] as const) {
        for (const name of reductions) {
          const { value, gradient } = record[kind][name];
          const [actual, grad] = run((p) => make(record, name).apply(y, p, weights[kind]), p);
          expectClose(actual, { shape: [], data: [value] }, TOLERANCE, `${kind} ${name}`, FLOOR);
          expectClose(grad, { shape: p.shape, data: gradient }, TOLERANCE, `gradient of ${kind} ${name}`, FLOOR);
        }
      }
    });
  });
});

describe('in a model', () => {
  const whole = titled.filter(({ yPred }) => yPred.shape.length > 1);

  test.each(whole)('$title', (record) => {
    const { shape } = record.yPred;
    const identifiers: (string | wg.losses.Loss)[] = [make(record)];
    if (Object.keys(record.config).length === 0) identifiers.push(record.loss, record.camel);
    for (const loss of identifiers) {
      const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: shape.slice(1) })]);
      model.compile({ optimizer: 'sgd', loss });
      wg.tidy(() => {
        const measured = model.evaluate<wg.Scalar>(tensorOf(record.yPred), tensorOf(record.yTrue), {
          batchSize: 2,
          verbose: 0,
        });
        expectClose(measured, { shape: [], data: [record.unweighted.sumOverBatchSize.value] }, 1e-6);
      });
      model.dispose();
    }
  });
});

test.each(titled)('$title: its configuration makes the same loss again', (record) => {
  const loss = make(record);
  const written = JSON.stringify(serialize(loss));
  const again = deserialize<wg.losses.Loss>('test', JSON.parse(written));
  expect(again).toEqual(loss);
  expect(loss.getConfig()).toMatchObject(record.config);
});

test('a loss of the user without values is refused, with what to write', () => {
  // @ts-expect-error programs in JavaScript may leave it out
  class Half extends wg.losses.Loss {
    override readonly name = 'half';
  }
  const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: [1] })]);
  expect(() => model.compile({ loss: new Half() })).toThrow(/compile: loss: class Half has no values; write values\(/);
  model.dispose();
});
