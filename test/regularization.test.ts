// Regularizers, constraints and the losses of layers: against Keras 3.15 on JAX (test/reference/regularization.json), in
// training, in loops of one's own, and in files.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { registerLayers } from '../ts/layers/registry.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { messageOf } from './model/twins.js';
import { expectClose, fixture, list, tensorOf, type Values } from './reference.js';

registerLayers();

interface RegularizerRecord {
  name: 'L1';
  config: object;
  x: Values;
  y: number;
  dx: Values;
}

interface ConstraintRecord {
  name: 'MaxNorm';
  config: object;
  w: Values;
  y: Values;
}

interface LossesRecord {
  name: string;
  layers: Parameters<typeof wg.layers.dense>[0][];
  weights: Values[];
  x: Values;
  y: Values;
  losses: number[];
  ofLayers: number[][];
  evaluate: number;
}

const reference = fixture<{
  regularizers: RegularizerRecord[];
  constraints: ConstraintRecord[];
  losses: LossesRecord[];
}>('regularization');

const titled = <T extends { name: string; config: object }>(records: T[], shape: (record: T) => number[]) =>
  records.map((record) => ({
    ...record,
    title: `${record.name} ${JSON.stringify(record.config)} of [${shape(record)}]`,
  }));

const largest = ({ data }: Values) => Math.max(...data.map(Math.abs));

describe('regularizers', () => {
  test.each(titled(reference.regularizers, ({ x }) => x.shape))('$title', ({ name, config, x, y, dx }) => {
    const regularizer = new wg.regularizers[name](config);
    wg.tidy(() => {
      const { value, grad } = wg.valueAndGrad((x) => regularizer.apply(x))(tensorOf(x));
      expectClose(value, { shape: [], data: [y] }, 1e-6, 'penalty', 0);
      expectClose(grad, dx, 1e-6, 'gradient', largest(dx));
    });
  });

  test('rows of zeros are orthogonal to all others, and so is their gradient finite', () => {
    wg.tidy(() => {
      const x = wg.tensor2d([[0, 0], [1, 1], [1, 0]]); // prettier-ignore
      const { value, grad } = wg.valueAndGrad((x) => wg.regularizers.orthogonalRegularizer({ factor: 3 }).apply(x))(x);
      expect(value.dataSync()[0]).toBeCloseTo(Math.SQRT1_2, 6);
      expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
    });
  });
});

/** Of the vectors that go into each unit. */
const lengths = (w: wg.Tensor) => Array.from(w.square().sum(0).sqrt().dataSync());

describe('constraints', () => {
  test.each(titled(reference.constraints, ({ w }) => w.shape))('$title', ({ name, config, w, y }) => {
    const constraint = new wg.constraints[name](config);
    wg.tidy(() => expectClose(constraint.apply(tensorOf(w)), y, 1e-6, 'weight', 0));
  });

  const matrices = fc
    .array(fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 3, maxLength: 3 }), { minLength: 1 })
    .filter((rows) => [0, 1, 2].every((i) => Math.hypot(...rows.map((row) => row[i]!)) > 0.01));
  test.each<[string, wg.constraints.Constraint, (length: number, before: number) => boolean]>([
    ['maxNorm', wg.constraints.maxNorm({ maxValue: 1.5 }), (length) => length < 1.5 + 1e-6],
    ['unitNorm', wg.constraints.unitNorm(), (length) => Math.abs(length - 1) < 1e-4],
    [
      'minMaxNorm',
      wg.constraints.minMaxNorm({ minValue: 1, maxValue: 2 }),
      (length) => length > 1 - 1e-4 && length < 2 + 1e-6,
    ],
    [
      'minMaxNorm, half of the way',
      wg.constraints.minMaxNorm({ minValue: 1, maxValue: 2, rate: 0.5 }),
      (length, before) => Math.abs(length - (before + Math.min(Math.max(before, 1), 2)) / 2) < 1e-4,
    ],
  ])('%s keeps its bounds', (_, constraint, ok) => {
    fc.assert(
      fc.property(matrices, (rows) =>
        wg.tidy(() => {
          const w = wg.tensor2d(rows);
          const before = lengths(w);
          return lengths(constraint.apply(w)).every((length, i) => ok(length, before[i]!));
        }),
      ),
    );
  });
});

/** The layers of a record with its weights. */
function make({ layers, weights }: LossesRecord): wg.Sequential {
  const model = wg.sequential(layers.map((args, i) => wg.layers.dense(i === 0 ? { ...args, inputShape: [4] } : args)));
  wg.tidy(() => model.setWeights(weights.map(tensorOf)));
  return model;
}

const numbers = (losses: wg.Tensor[]) => losses.map((loss) => loss.dataSync()[0]!);

describe('the losses of layers', () => {
  test.each(reference.losses)('$name', (record) => {
    wg.tidy(() => {
      const model = make(record);
      const [x, y] = [tensorOf(record.x), tensorOf(record.y)];
      model.apply(x);
      // Keras lists the outputs of all layers first, then the weights.
      expectClose(numbers(model.losses), list(record.losses), 1e-6);
      record.ofLayers.forEach((losses, i) => expectClose(numbers(model.layers[i]!.losses), list(losses), 1e-6));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      expectClose([Number(model.evaluate(x, y, { batchSize: x.shape[0]! }))], list([record.evaluate]), 1e-6);
      model.dispose();
    });
  });

  const l1 = { activityRegularizer: wg.regularizers.l1({ l1: 1 }) };

  test('are those of the last call, and of tensors that live', () => {
    const model = wg.sequential([
      wg.layers.inputLayer({ inputShape: [2] }),
      wg.layers.flatten(l1),
      wg.layers.reshape({ targetShape: [2], ...l1 }),
    ]);
    const given = () => wg.tidy(() => numbers(model.losses));
    expect(given()).toEqual([]);
    const x = wg.tensor2d([[1, -2], [3, 0]]); // prettier-ignore
    wg.tidy(() => {
      model.apply(x);
      expect(given()).toEqual([3, 3]);
      model.apply([[1, 0]]);
      expect(given()).toEqual([1, 1]);
      // One layer alone is a call of its own, in which the others have no part.
      wg.tidy(() => model.layers[1]!.apply(x));
      expect(given()).toEqual([1]);
      model.layers[1]!.apply(x);
      expect(numbers(model.layers[1]!.losses)).toEqual([3]);
    });
    expect(given()).toEqual([]);
    // Outside of tidy they end with the next call, or with the model.
    const [before, after] = [model.apply(x), wg.memory().numTensors];
    const again = model.apply(x);
    expect(wg.memory().numTensors).toBe(after + 1);
    expect(given()).toEqual([3, 3]);
    // A program computes its own, and leaves none behind.
    const compiled = wg.compile((x) => (model.apply(x), model.losses[0]!));
    const loss = compiled(x);
    expect(loss.dataSync()[0]).toBe(3);
    expect(given()).toEqual([]);
    expect(wg.tidy(() => numbers(wg.compile((x) => [x.sum(), ...model.losses])(x)))).toEqual([2]);
    wg.dispose([x, loss, before, again]);
    compiled.dispose();
    model.dispose();
  });

  test("lower by training in a loop of one's own as by fit", async () => {
    const args = {
      units: 2,
      inputShape: [3],
      kernelRegularizer: 'l2',
      activityRegularizer: 'l1',
      kernelConstraint: 'unitNorm',
    };
    const [x, y] = [wg.randomNormal([6, 3]), wg.randomNormal([6, 2])];
    const [fitted, looped] = [0, 1].map(() => (wg.setSeed(5), wg.sequential([wg.layers.dense(args)])));
    const optimizer = new wg.optimizers.SGD({ learningRate: 0.1 });
    fitted!.compile({ optimizer: new wg.optimizers.SGD({ learningRate: 0.1 }), loss: 'mse' });
    const { history } = await fitted!.fit(x, y, { epochs: 4, batchSize: 6, shuffle: false, verbose: 0 });
    const losses = history['loss']!.map(() => {
      const cost = optimizer.minimize(() => {
        const predicted = looped!.apply(x, { training: true });
        return wg.addN([predicted.squaredDifference(y).mean(), ...looped!.losses]);
      }, true)!;
      const value = cost.dataSync()[0]!;
      cost.dispose();
      return value;
    });
    expectClose(losses, list(history['loss']!), 1e-6);
    looped!.weights.forEach((w, i) =>
      expectClose(w, { shape: w.shape, data: [...fitted!.weights[i]!.dataSync()] }, 1e-6),
    );
    wg.dispose([x, y]);
    optimizer.dispose();
    fitted!.dispose();
    looped!.dispose();
  });
});

test('a prediction computes no penalty', () => {
  const steps = (args: object) => {
    const model = wg.sequential([wg.layers.dense({ units: 2, inputShape: [3], name: 'd', ...args })]);
    const plan = model.plan({ program: 'predict' });
    model.dispose();
    return plan;
  };
  expect(steps({ activityRegularizer: 'l2', kernelRegularizer: 'l1' })).toBe(steps({}));
});

/** Adds the mean of its inputs' squares to the loss, and a weight of its own with every kind of rule. */
class Penalized extends wg.layers.Layer {
  static override className = 'Penalized';
  private w!: wg.Variable;

  override build(): void {
    this.w = this.addWeight('w', [2], null, 'ones', wg.regularizers.l2({ l2: 1 }), true, 'nonNeg');
  }

  override call(x: wg.Tensor): wg.Tensor {
    this.addLoss(x.square());
    this.addLoss(x.sum());
    return x.mul(this.w);
  }

  addOutside(): void {
    this.addLoss(this.w);
  }
}

describe("a layer of one's own", () => {
  test('adds losses in call, and weights with regularizers and constraints', async () => {
    const model = wg.sequential([new Penalized({ inputShape: [2] })]);
    model.compile({ optimizer: wg.train.sgd(1), loss: (_: wg.Tensor, p: wg.Tensor) => p.mul(0) });
    // 1 + 4 of the squares, 3 of the sum, 2 of the weights, which go from 1 to 1 - 2 and back to 0.
    expect(await model.trainOnBatch([[1, 2]], [[0, 0]])).toBe(10);
    expect(Array.from(model.weights[0]!.dataSync())).toEqual([0, 0]);
    expect(Number(model.evaluate([[1, 2]], [[0, 0]]))).toBe(8);
    model.dispose();
  });

  test('addLoss outside of call says where to call it', async () => {
    const layer = new Penalized({ name: 'own' });
    expect(await messageOf(() => layer.addOutside())).toContain('layer "own".addLoss: call it in `call`');
  });
});

test.each(['sgd', 'adam'])('large and small weights are brought back after each step of %s', async (optimizer) => {
  wg.setSeed(2);
  // A kernel of so many elements moves by itself, the others together.
  const kernelConstraint = 'unitNorm';
  const model = wg.sequential([
    wg.layers.dense({ units: 120, inputShape: [90], kernelConstraint, biasConstraint: 'nonNeg' }),
    wg.layers.dense({ units: 2, kernelConstraint }),
  ]);
  model.compile({ optimizer, loss: 'mse' });
  const [x, y] = [wg.randomNormal([8, 90]), wg.randomNormal([8, 2])];
  for (let step = 0; step < 3; step++) {
    await model.trainOnBatch(x, y);
    const [large, bias, small] = model.getWeights();
    const all = wg.tidy(() => [large!, small!].flatMap(lengths));
    expect(Math.max(...all.map((length) => Math.abs(length - 1)))).toBeLessThan(1e-6);
    expect(Math.min(...bias!.dataSync())).toBe(0);
  }
  wg.dispose([x, y]);
  model.dispose();
});

test("variables of one's own are brought back to their constraints too", () => {
  const w = wg.variable([3, -1]);
  w.constraint = (w) => wg.constraints.nonNeg().apply(w);
  const optimizer = wg.train.sgd(1);
  optimizer.minimize(() => w.sum());
  expect(Array.from(w.dataSync())).toEqual([2, 0]);
  w.dispose();
  optimizer.dispose();
});

/** A class of one's own, that files can hold. */
class Centered extends wg.regularizers.Regularizer {
  static override className = 'Centered';
  constructor(private readonly args: { factor: number }) {
    super();
  }
  apply(x: wg.Tensor): wg.Tensor {
    return x.mean().square().mul(this.args.factor);
  }
  override getConfig() {
    return this.args as {};
  }
}

/** Halves. */
class Halving extends wg.constraints.Constraint {
  static override className = 'Halving';
  apply(w: wg.Tensor): wg.Tensor {
    return w.div(2);
  }
}

wg.serialization.registerClass(Centered);
wg.serialization.registerClass(Halving);

const all = {
  activityRegularizer: wg.regularizers.l1l2({ l1: 0.5 }),
  kernelRegularizer: wg.regularizers.orthogonalRegularizer({ mode: 'columns' }),
  biasRegularizer: new Centered({ factor: 4 }),
  kernelConstraint: wg.constraints.minMaxNorm({ maxValue: 3, axis: [0, 1] }),
  biasConstraint: new Halving(),
};

test('a configuration makes the same layer again, and a saved model the same run', async () => {
  const layer = wg.layers.dense({ units: 3, inputShape: [4], ...all });
  const written = JSON.stringify(serialize(layer));
  const again = deserialize<wg.layers.Layer>('test', JSON.parse(written) as ReturnType<typeof serialize>);
  expect(JSON.stringify(serialize(again))).toBe(written);
  for (const name of Object.keys(all)) expect(layer.getConfig()[name], name).toMatchObject({ config: {} });

  const model = wg.sequential([layer]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const [x, y] = [wg.randomNormal([8, 4]), wg.randomNormal([8, 3])];
  const fit = async (model: wg.LayersModel) =>
    (await model.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 })).history;
  await fit(model);
  const loaded = await wg.loadModel(model.toBytes());
  expect(await fit(loaded)).toEqual(await fit(model));
  wg.dispose([x, y]);
  model.dispose();
  loaded.dispose();
});

describe('identifiers', () => {
  const { l2 } = wg.regularizers;
  const f = (x: wg.Tensor) => x.square().sum().mul(0.01);
  test.each<[string, NonNullable<Parameters<typeof wg.layers.dense>[0]['kernelRegularizer']>]>([
    ['a name', 'l2'],
    ['a name as Keras writes it', 'L2'],
    ['an object', l2()],
    ['a class', wg.regularizers.L2],
    ['a record', { className: 'L2', config: { l2: 0.01 } }],
    ['a function', f],
    ['a function that gives several numbers', (x: wg.Tensor) => x.square().mul(0.01)],
  ])('%s', (_, kernelRegularizer) => {
    const layer = wg.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones', kernelRegularizer });
    wg.tidy(() => {
      layer.ensureBuilt([null, 2]);
      expect(numbers(layer.losses)[0]).toBeCloseTo(0.04, 6);
    });
    layer.dispose();
  });

  test.each(['l1', 'l2', 'l1_l2', 'l1l2', 'orthogonal_regularizer', 'orthogonalRegularizer'])(
    'regularizer %s',
    (name) => {
      const { kernelRegularizer } = wg.layers.dense({ units: 1, kernelRegularizer: name }).getConfig();
      expect((kernelRegularizer as { className: string }).className.toLowerCase()).toBe(
        name.replace('_', '').toLowerCase(),
      );
    },
  );

  test.each(['max_norm', 'maxNorm', 'min_max_norm', 'non_neg', 'unit_norm'])('constraint %s', (name) => {
    const { biasConstraint } = wg.layers.dense({ units: 1, biasConstraint: name }).getConfig();
    expect((biasConstraint as { className: string }).className.toLowerCase()).toBe(
      name.replaceAll('_', '').toLowerCase(),
    );
  });

  test.each([
    [
      'kernelRegularizer',
      'a function as regularizer cannot be saved; write a class for it (class extends Regularizer)',
    ],
    ['biasConstraint', 'a function as constraint cannot be saved; write a class for it (class extends Constraint)'],
    [
      'kernelInitializer',
      'a function as initializer cannot be saved; write a class for it (class extends Initializer)',
    ],
  ])('%s: what files cannot hold they say', (option, told) => {
    const layer = wg.layers.dense({ units: 1, name: 'own', [option]: f });
    expect(() => layer.getConfig()).toThrow(`layer "own": ${told}`);
  });

  test('a class without apply is told what to write', () => {
    const broken = new (class Broken extends (wg.constraints.Constraint as unknown as new () => Halving) {})();
    const make = () => wg.layers.dense({ units: 1, name: 'own', kernelConstraint: broken });
    expect(make).toThrow('layer "own": constraint: class Broken has no apply; write apply(w), which gives');
  });
});
