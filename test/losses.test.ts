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
  /** Its class. */
  loss: Exclude<keyof typeof wg.losses, 'Loss'>;
  snake: string;
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

/** Losses whose formulas are differences of larger numbers: six digits of the largest value. */
const DIFFERENCES = ['LogCosh', 'CosineSimilarity', 'CategoricalFocalCrossentropy', 'Circle', 'CTC'];

const reductions = ['sumOverBatchSize', 'sum', 'meanWithSampleWeight'] as const;

const { cases } = fixture<{ cases: LossRecord[] }>('losses');
const titled = cases.map((record) => ({
  ...record,
  title: `${record.loss} ${JSON.stringify(record.config)}: ${record.name}`,
}));

function make({ loss, config }: LossRecord, reduction?: wg.losses.LossReduction): wg.losses.Loss {
  const lossClass = wg.losses[loss] as wg.losses.LossClass;
  return new lossClass({ ...config, ...(reduction && { reduction }) });
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
    const compare = (actual: wg.Tensor, expected: Values, what: string) => {
      const floor = DIFFERENCES.includes(record.loss) ? Math.max(...expected.data.map(Math.abs)) : FLOOR;
      expectClose(actual, expected, TOLERANCE, what, floor);
    };
    wg.tidy(() => {
      const [y, p] = [tensorOf(record.yTrue), tensorOf(record.yPred)];
      compare(loss.values(y, p), record.perSample, 'values');
      compare(make(record, 'none').apply(y, p), record.perSample, 'none');
      const weights = { unweighted: undefined, weighted: tensorOf(record.sampleWeight) };
      for (const kind of ['unweighted', 'weighted'] as const) {
        for (const name of reductions) {
          const { value, gradient } = record[kind][name];
          const [actual, grad] = run((p) => make(record, name).apply(y, p, weights[kind]), p);
          compare(actual, { shape: [], data: [value] }, `${kind} ${name}`);
          compare(grad, { shape: p.shape, data: gradient }, `gradient of ${kind} ${name}`);
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
    if (Object.keys(record.config).length === 0) identifiers.push(record.loss, record.snake);
    // Others see the batch as a whole.
    const isOfSamples = record.perSample.shape[0] === shape[0] && record.config.ignoreClass === undefined;
    for (const loss of identifiers) {
      const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: shape.slice(1) })]);
      model.compile({ optimizer: 'sgd', loss });
      wg.tidy(() => {
        const measured = model.evaluate<wg.Scalar>(tensorOf(record.yPred), tensorOf(record.yTrue), {
          batchSize: isOfSamples && record.loss !== 'Circle' ? 2 : shape[0]!,
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

test.each([
  ['one output', 'BinaryCrossentropy', [[0], [1]], [[0.2], [0.9]]],
  ['one-hot targets', 'CategoricalCrossentropy', [[0, 1], [1, 0]], [[0.2, 0.8], [0.9, 0.1]]], // prettier-ignore
  ['class numbers', 'SparseCategoricalCrossentropy', [1, 0], [[0.2, 0.8], [0.9, 0.1]]], // prettier-ignore
  ['class numbers (n, 1)', 'SparseCategoricalCrossentropy', [[1], [0]], [[0.2, 0.8], [0.9, 0.1]]], // prettier-ignore
] as const)('"crossentropy" of %s is %s', (_, lossClass, y, p) => {
  const model = wg.sequential([wg.layers.activation({ activation: 'linear', inputShape: [p[0].length] })]);
  const measure = (loss: string) => {
    model.compile({ loss });
    return Number(model.evaluate<wg.Scalar>(p as never, y as never, { verbose: 0 }));
  };
  expect(['crossentropy', 'ce'].map(measure)).toEqual([measure(lossClass), measure(lossClass)]);
  model.dispose();
});

test('labels that so few steps cannot tell have a large loss and a finite gradient', () => {
  // As in Keras, whatever is impossible has probability e^-1e5.
  wg.tidy(() => {
    const logits = wg.randomNormal([1, 2, 3], 0, 1, 'float32', 3);
    const { value, grad } = wg.valueAndGrad((p) => new wg.losses.CTC().apply(wg.tensor([[1, 1]]), p))(logits);
    expect(Math.abs(Number(value) - 1e5)).toBeLessThan(10);
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });
});

test.each([
  [
    'outputs that are no sequences',
    [[1, 2]],
    [[0.5, 0.5]],
    /labels of shape \[\*, length\] with outputs of shape \[\*, steps, classes\]/,
  ],
  [
    'a label that is no class',
    [[1, 3]],
    [
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    /label 3 at position 1 is not a class: the model has 3 outputs/,
  ],
] as const)('ctc: %s', (_, y, p, message) => {
  const model = wg.sequential([
    wg.layers.activation({ activation: 'linear', inputShape: wg.util.inferShape(p as never).slice(1) }),
  ]);
  model.compile({ loss: 'ctc' });
  expect(() => model.evaluate(p as never, y as never)).toThrow(message);
  model.dispose();
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
