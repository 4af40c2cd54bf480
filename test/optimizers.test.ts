// Ten steps of each optimizer, by itself and in programs, against Keras 3.15 on JAX: test/reference/optimizers.json.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { OPTIMIZERS } from '../ts/optimizers/registry.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { expectClose, fixture, tensorOf, type Values } from './reference.js';

interface OptimizerRecord {
  name: keyof typeof OPTIMIZERS;
  config: object;
  /** Patterns of names that do not decay. */
  exclude?: string[];
  fullConfig: Record<string, unknown>;
  variables: { name: string; dtype: string; shape: number[] }[];
  /** After each step; the optimizer's state after the first and the last one. */
  steps: { weights: number[][]; variables?: number[][] }[];
}

const { Adam } = wg.optimizers;

function make({ name, config, exclude }: Pick<OptimizerRecord, 'name' | 'config' | 'exclude'>): wg.Optimizer {
  const optimizer = new (OPTIMIZERS[name] as new (config: object) => wg.Optimizer)(config);
  if (exclude) optimizer.excludeFromWeightDecay({ varNames: exclude });
  return optimizer;
}

/** Whether its steps are of several kinds, which programs of `compile` cannot be. */
const isUneven = ({ config }: OptimizerRecord) =>
  'gradientAccumulationSteps' in config || 'emaOverwriteFrequency' in config;

const { names, initial, gradients, cases } = fixture<{
  names: string[];
  initial: Values[];
  /** By step and weight. */
  gradients: number[][][];
  cases: OptimizerRecord[];
}>('optimizers');

const titled = cases.map((record) => ({
  ...record,
  title: `${record.name} ${JSON.stringify(record.config)} ${record.exclude?.join() ?? ''}`,
}));

/** The gradients of a step, as tensors. */
const gradientsOf = (step: number) => initial.map(({ shape }, i) => tensorOf({ shape, data: gradients[step]![i]! }));

/** A function of the weights whose gradients are `grads`, exactly. */
const pulledBy = (weights: readonly wg.Variable[], grads: readonly wg.Tensor[]) =>
  weights.map((w, i) => w.mul(grads[i]!).sum()).reduce((a, b) => a.add(b));

type Step = (grads: wg.Tensor[]) => void;

/** The order of the arithmetic is Keras's: six digits of every value, however small, are the same. */
const [TOLERANCE, FLOOR] = [1e-6, 1e-12];

/**
 * Where other operations give the same number: what nearly cancels is as near as its terms, not as itself. A norm scales
 * here, and divides there; the others are sums in another order, or powers.
 */
const [TOLERANCE_OF_TERMS, FLOOR_OF_TERMS] = [2e-6, 0.1];
const isByTerms = ({ name, config }: OptimizerRecord) =>
  'clipnorm' in config || 'globalClipnorm' in config || ['ftrl', 'lamb', 'adafactor', 'muon'].includes(name);

/** How a step is taken. */
const ways: Record<
  string,
  (optimizer: wg.optimizers.Optimizer, weights: wg.Variable[]) => Step & { dispose?(): void }
> = {
  applyGradients: (optimizer, weights) => (grads) =>
    optimizer.applyGradients(Object.fromEntries(weights.map(({ name }, i) => [name, grads[i]!]))),
  'applyGradients of a list': (optimizer, weights) => (grads) =>
    optimizer.applyGradients(weights.map(({ name }, i) => ({ name, tensor: grads[i]! }))),
  minimize: (optimizer, weights) => (grads) => void optimizer.minimize(() => pulledBy(weights, grads), false, weights),
  'minimize in a program': (optimizer, weights) => {
    const program = wg.compile((...grads) => optimizer.minimize(() => pulledBy(weights, grads), true)!);
    return Object.assign((grads: wg.Tensor[]) => void program(...grads), { dispose: () => program.dispose() });
  },
};

function expectState(
  optimizer: wg.optimizers.Optimizer,
  weights: readonly wg.Tensor[],
  record: OptimizerRecord,
  step: number,
  /** Whether weights have taken over their averages. */
  isFinal = false,
) {
  const expected = record.steps[step]!;
  const moved = isFinal && 'useEma' in record.config ? expected.variables!.slice(2) : expected.weights;
  const [tolerance, floor] = isByTerms(record) ? [TOLERANCE_OF_TERMS, FLOOR_OF_TERMS] : [TOLERANCE, FLOOR];
  weights.forEach((w, i) =>
    expectClose(
      w.dataSync(),
      { shape: w.shape, data: moved[i]! },
      tolerance,
      `${names[i]} after step ${step + 1}`,
      floor,
    ),
  );
  expected.variables?.forEach((data, i) => {
    const { name, shape } = record.variables[i]!;
    expectClose(optimizer.variables[i]!, { shape, data }, tolerance, `${name} after step ${step + 1}`, floor);
  });
  expect(optimizer.variables).toHaveLength(record.variables.length);
}

describe.each(Object.entries(ways))('%s', (title, way) => {
  test.each(titled.filter((record) => !(title.endsWith('program') && isUneven(record))))('$title', (record) => {
    const optimizer = make(record);
    const weights = wg.tidy(() => initial.map((values, i) => wg.variable(tensorOf(values), true, names[i])));
    const step = way(optimizer, weights);
    gradients.forEach((_, i) => {
      wg.tidy(() => step(gradientsOf(i)));
      expectState(optimizer, weights, record, i);
    });
    step.dispose?.();
    wg.dispose(weights);
    optimizer.dispose();
  });
});

/** The weights of the record, and as output their product with the inputs: so the inputs are the gradients. */
class Pulled extends wg.layers.Layer {
  static override className = 'Pulled';
  private flat: wg.Variable[] = [];

  override build() {
    this.flat = initial.map(({ shape, data }, i) =>
      this.addWeight(
        names[i]!,
        shape,
        'float32',
        wg.initializers.constant({ value: data.length === 1 ? data[0]! : data }),
      ),
    );
  }

  override call(x: wg.Tensor) {
    const column = wg.concat(this.flat.map((w) => w.reshape([w.size, 1])));
    return x.matMul(column);
  }
}

describe('fit and trainOnBatch of a model', () => {
  const rows = gradients.map((step) => step.flat());

  test.each(titled)('$title', async (record) => {
    const start = () => {
      const model = wg.sequential([new Pulled({ inputShape: [rows[0]!.length] })]);
      const optimizer = make(record);
      model.compile({ optimizer, loss: (_, output) => output });
      return { model, optimizer };
    };
    const [fitted, stepped] = [start(), start()];
    const [x, y] = [wg.tensor2d(rows), wg.zeros([rows.length, 1])];
    await fitted.model.fit(x, y, { batchSize: 1, shuffle: false, verbose: 0 });
    expectState(fitted.optimizer, fitted.model.getWeights(), record, rows.length - 1, true);
    for (const [i, row] of rows.entries()) {
      await stepped.model.trainOnBatch([row], [[0]]);
      expectState(stepped.optimizer, stepped.model.getWeights(), record, i);
    }
    wg.dispose([x, y]);
    for (const { model } of [fitted, stepped]) model.dispose();
  });
});

describe('configuration', () => {
  test.each(titled)('$title', (record) => {
    const optimizer = make(record);
    const config = optimizer.getConfig();
    for (const [key, value] of Object.entries(config)) {
      if (typeof value === 'number') expect(value, key).toBeCloseTo(record.fullConfig[key] as number, 9);
      else if (key !== 'name') expect(value, key).toEqual(record.fullConfig[key]);
    }
    const again = deserialize<wg.optimizers.Optimizer>('test', JSON.parse(JSON.stringify(serialize(optimizer))));
    expect(again.getConfig()).toEqual(config);
    for (const one of [optimizer, again]) one.dispose();
  });
});

test('gradients are clipped in one way', () => {
  expect(() => new Adam({ clipnorm: 1, clipvalue: 0.5 })).toThrow(
    'optimizer Adam: clipnorm and clipvalue were given; clip in one way',
  );
});

/** Weights large and small, whose updates run one by one and together. */
test.each([{}, { clipnorm: 0.5 }, { globalClipnorm: 0.5 }, { clipvalue: 0.1 }])(
  'each weight moves as if it were alone: %j',
  (clipping) => {
    const shapes = [[100, 100], [7], [90, 92], [], [3, 5]];
    const make = () => wg.tidy(() => shapes.map((shape, i) => wg.variable(wg.randomNormal(shape, 0, 1, 'float32', i))));
    const [joint, single] = [make(), make()];
    const grads = wg.tidy(() => shapes.map((shape, i) => wg.randomNormal(shape, 0, 1, 'float32', 10 + i)));
    const norm = Math.hypot(...grads.map((grad) => wg.tidy(() => grad.square().sum().sqrt().dataSync()[0]!)));
    const optimizer = new Adam({ weightDecay: 0.1, ...clipping });
    for (let step = 0; step < 3; step++) optimizer.apply(joint.map((w, i) => [w, grads[i]!]));
    joint.forEach((w, i) => {
      // Of all gradients' norm each has its own share.
      const share = wg.tidy(() => grads[i]!.square().sum().sqrt().dataSync()[0]! / norm);
      const { globalClipnorm } = clipping as { globalClipnorm?: number };
      const own = globalClipnorm === undefined ? clipping : { clipnorm: globalClipnorm * share };
      const alone = new Adam({ weightDecay: 0.1, ...own });
      for (let step = 0; step < 3; step++) alone.apply([[single[i]!, grads[i]!]]);
      const values = { shape: w.shape, data: [...single[i]!.dataSync()] };
      expectClose(w, values, globalClipnorm === undefined ? 0 : TOLERANCE, `weight ${i}`);
      alone.dispose();
    });
    wg.dispose([...joint, ...single, ...grads]);
    optimizer.dispose();
  },
);

describe('tfjs makes them by functions, and names take the defaults', () => {
  test.each([
    ['sgd', wg.train.sgd, [0.1], { learningRate: 0.1 }],
    ['sgd', wg.train.momentum, [0.05, 0.8, true], { learningRate: 0.05, momentum: 0.8, nesterov: true }],
    [
      'rmsprop',
      wg.train.rmsprop,
      [0.02, 0.8, 0.1, 1e-3, true],
      { learningRate: 0.02, rho: 0.8, momentum: 0.1, epsilon: 1e-3, centered: true },
    ],
    ['adam', wg.train.adam, [0.05, 0.8, 0.95, 1e-4], { learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-4 }],
    ['adamw', wg.train.adamw, [0.02, 0.1], { learningRate: 0.02, weightDecay: 0.1 }],
    ['adagrad', wg.train.adagrad, [0.1, 0.5], { learningRate: 0.1, initialAccumulatorValue: 0.5 }],
    ['adadelta', wg.train.adadelta, [0.1, 0.8, 1e-4], { learningRate: 0.1, rho: 0.8, epsilon: 1e-4 }],
    [
      'adamax',
      wg.train.adamax,
      [0.05, 0.8, 0.95, 1e-4],
      { learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-4 },
    ],
  ] as const)('%s', (name, create, args, config) => {
    const made = (create as (...args: readonly unknown[]) => wg.optimizers.Optimizer)(...args);
    const same = make({ name, config });
    expect(made.getConfig()).toEqual(same.getConfig());
    const plain = name === 'sgd' && 'momentum' in config ? wg.train.sgd() : (create as () => wg.optimizers.Optimizer)();
    const model = wg.sequential();
    model.compile({ optimizer: name, loss: 'mse' });
    expect(model.optimizer.getConfig()).toEqual(plain.getConfig());
    model.dispose();
    for (const one of [made, same, plain]) one.dispose();
  });
});

describe('a convex function falls', () => {
  test.each(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[])('%s', (name) => {
    // Lamb's steps are in proportion to the weight, so none begins at 0.
    const numbers = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      // Where whole rows and columns have no gradient, Adafactor's means are 0 in float32, in Keras too.
      fc.property(numbers, numbers, fc.boolean(), (start, apart, isBelow) => {
        // Ftrl computes weights anew from what it has summed, and so begins at 0 in any case.
        const from = name === 'ftrl' ? start.map(() => 0) : start;
        const goal = from.map((x, i) => (isBelow ? x - apart[i]! : x + apart[i]!));
        const [w, y] = [wg.tidy(() => wg.variable(wg.tensor(from, [3, 2]))), wg.tensor(goal, [3, 2])];
        const optimizer = make({ name, config: { learningRate: 0.01 } });
        const loss = () => w.sub(y).square().sum();
        const before = wg.tidy(() => loss().dataSync()[0]!);
        for (let step = 0; step < 20; step++) wg.tidy(() => void optimizer.minimize(loss));
        expect(wg.tidy(() => loss().dataSync()[0]!)).toBeLessThan(before);
        wg.dispose([w, y]);
        optimizer.dispose();
      }),
      { numRuns: 20 },
    );
  });
});

test('steps of several kinds are refused in programs, which cannot tell them apart', () => {
  const w = wg.variable(1);
  const optimizer = new Adam({ gradientAccumulationSteps: 2 });
  const program = wg.compile(() => optimizer.minimize(() => w.square().asScalar(), true)!);
  expect(() => program()).toThrow('compile the loss alone, and call minimize outside, or train by fit');
  program.dispose();
  wg.dispose(w);
  optimizer.dispose();
});

test('variables are kept from decay by themselves too, before training begins', () => {
  const [w, b] = [wg.variable(1), wg.variable(1)];
  const optimizer = new wg.optimizers.SGD({ learningRate: 1, weightDecay: 0.5 });
  optimizer.excludeFromWeightDecay({ varList: [b] });
  optimizer.minimize(() => w.add(b).mul(0).asScalar());
  expect([w, b].map((x) => x.dataSync()[0])).toEqual([0.5, 1]);
  expect(() => optimizer.excludeFromWeightDecay({ varNames: ['b'] })).toThrow('it has begun');
  wg.dispose([w, b]);
  optimizer.dispose();
});
