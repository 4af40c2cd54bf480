// Random draws of Keras 3.15 on JAX for the same seed: test/reference/random.json.
import { beforeAll, describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { expectBits, expectClose, fixture, tensorOf, type Values } from './reference.js';

interface DrawRecord extends Values {
  fn: 'uniform' | 'normal' | 'truncated_normal' | 'randint';
  seed: number;
  args: { minval?: number; maxval?: number; mean?: number; stddev?: number };
  bits?: number[];
}

interface ShuffleRecord {
  name: string;
  seed: number;
  rows: number;
  fits: { epochs: number; batchSize: number; recompile?: boolean }[];
  rowsPerEpoch: number[][];
}

const random = fixture<{
  kerasDraws: DrawRecord[];
  categorical: { seed: number; logits: Values; numSamples: number; sample: Values }[];
  dropoutFunction: { seed: number; rate: number; noiseShape: number[] | null; onesDropped: Values }[];
  globalGenerator: { seed: number; calls: { bits: number[] }[] }[];
  seedOrder: { seed: number; trace: { step: string; draws: number[] }[]; dropoutStatesAfter: [number, number][] }[];
  fitShuffles: ShuffleRecord[];
}>('random');

function draw({ fn, seed, shape, args }: DrawRecord): wg.Tensor {
  switch (fn) {
    case 'uniform':
      return wg.randomUniform(shape, args.minval, args.maxval, 'float32', seed);
    case 'normal':
      return wg.randomNormal(shape, args.mean, args.stddev, 'float32', seed);
    case 'truncated_normal':
      return wg.truncatedNormal(shape, args.mean, args.stddev, 'float32', seed);
    case 'randint':
      return wg.randomUniformInt(shape, args.minval!, args.maxval!, seed);
  }
}

// The state of draws without a seed is made once and stays.
beforeAll(() => wg.randomUniform([1]).dispose());

const ways = {
  eagerly: <T extends wg.TensorContainer>(f: () => T) => f(),
  'as a program, whose runs are alike': <T extends wg.TensorContainer>(f: () => T) => {
    const program = wg.compile(f);
    program();
    const result = program();
    program.dispose();
    return result;
  },
};

describe.each(Object.entries(ways))('draws with a seed, %s', (_way, run) => {
  test.each(random.kerasDraws)('$fn, seed $seed, $args', (record) => {
    wg.tidy(() => {
      const values = run(() => draw(record));
      if (record.bits) expectBits(values, record.bits);
      expectClose(values, record, record.fn === 'randint' ? 0 : 1e-6);
    });
  });

  test.each(random.categorical)('multinomial, seed $seed', ({ seed, logits, numSamples, sample }) => {
    wg.tidy(() => {
      const scores = tensorOf(logits);
      expectClose(
        run(() => wg.multinomial(scores, numSamples, seed)),
        sample,
        0,
      );
    });
  });

  test.each(random.dropoutFunction)('dropout, seed $seed, rate $rate', ({ seed, rate, noiseShape, onesDropped }) => {
    wg.tidy(() => {
      const ones = wg.ones(onesDropped.shape);
      expectClose(
        run(() => wg.dropout(ones, rate, noiseShape ?? undefined, seed)),
        onesDropped,
        0,
      );
    });
  });
});

describe('setSeed fixes all that follows', () => {
  // Keras moves on from its first draw by random steps of its own, so later ones are others here.
  test.each(random.globalGenerator)("the first draw without a seed is Keras's, seed $seed", ({ seed, calls }) => {
    wg.setSeed(seed);
    wg.tidy(() => expectBits(wg.randomUniform([3]), calls[0]!.bits));
  });

  const program = () =>
    wg.tidy(() => [
      wg.randomUniform([3]).arraySync(),
      wg.randomNormal([2, 2]).arraySync(),
      wg.dropout(wg.ones([9]), 0.5).arraySync(),
      wg.multinomial([[0, 0, 0]], 5).arraySync(),
      wg.initializers.heNormal().apply([2, 2]).arraySync(),
      wg.layers.dropout({ rate: 0.5 }).getConfig()['seed'],
    ]);

  test.each([0, 1, 42, 2 ** 32 - 1])('seed %d', (seed) => {
    wg.setSeed(seed);
    const [first, second] = [program(), program()];
    expect(second).not.toEqual(first);
    wg.setSeed(seed);
    expect([program(), program()]).toEqual([first, second]);
    wg.setSeed((seed ^ 5) >>> 0);
    expect(program()).not.toEqual(first);
  });

  test('also what a program draws that was compiled before', () => {
    const drawn = wg.compile(() => wg.randomUniform([4]));
    const twice = () => {
      wg.setSeed(9);
      return wg.tidy(() => [drawn().arraySync(), drawn().arraySync()]);
    };
    const [first, second] = twice();
    expect(second).not.toEqual(first);
    expect(twice()).toEqual([first, second]);
    drawn.dispose();
  });

  test.each([-1, 0.5, 2 ** 32, NaN, '1'])('%s is no seed', (seed) => {
    expect(() => wg.setSeed(seed as number)).toThrow(/whole number from 0 to 4294967295/);
  });
});

describe('the parts of a model take their seeds in the order in which they are made', () => {
  const { layers, initializers } = wg;
  const steps: [string, () => wg.layers.Layer][] = [
    ["Dense(8, 'relu')", () => layers.dense({ units: 8, activation: 'relu', inputShape: [4] })],
    ['Dropout(0.3)', () => layers.dropout({ rate: 0.3 })],
    ['Dropout(0.0)', () => layers.dropout({ rate: 0 })],
    ['Dropout(0.5, seed=5)', () => layers.dropout({ rate: 0.5, seed: 5 })],
    ['Dense(6, use_bias=False)', () => layers.dense({ units: 6, useBias: false })],
    ["Activation('tanh')", () => layers.activation({ activation: 'tanh' })],
    [
      "Dense(5, kernel_initializer='he_normal', bias_initializer='random_normal')",
      () => layers.dense({ units: 5, kernelInitializer: 'he_normal', biasInitializer: 'random_normal' }),
    ],
    ["Dense(5, kernel_initializer='zeros')", () => layers.dense({ units: 5, kernelInitializer: 'zeros' })],
    [
      'Dense(5, kernel_initializer=GlorotUniform(seed=3))',
      () => layers.dense({ units: 5, kernelInitializer: initializers.glorotUniform({ seed: 3 }) }),
    ],
    ['Flatten()', () => layers.flatten()],
    ["Dense(3, 'softmax')", () => layers.dense({ units: 3, activation: 'softmax' })],
  ];

  /** The seeds in a layer's configuration but those that were given. */
  const seeds = (layer: wg.layers.Layer) =>
    [...JSON.stringify(layer.getConfig()).matchAll(/"seed":(\d+)/g)]
      .map(([, seed]) => Number(seed))
      .filter((seed) => seed > 5);

  test.each(random.seedOrder)('seed $seed', async ({ seed, trace, dropoutStatesAfter }) => {
    wg.setSeed(seed);
    const model = wg.sequential();
    for (const [step, make] of steps) {
      const layer = make();
      expect(seeds(layer), step).toEqual(trace.find((entry) => entry.step === step)!.draws);
      model.add(layer);
    }
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const [x, y] = [wg.ones([5, 4]), wg.zeros([5], 'int32')];
    await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 });
    model.evaluate(x, y, { verbose: 0 });
    model.predict(x).dispose();
    const states = model.state.filter(([path]) => path.endsWith('seed_generator_state'));
    const used = states.map(([, state]) => Array.from(state.dataSync())).filter(([, calls]) => calls! > 0);
    expect(used).toEqual(dropoutStatesAfter);
    wg.dispose([x, y]);
    model.dispose();
  });
});

/** Keeps the numbers that it saw in training, the latest last, as many as there are rows. */
class Recorder extends wg.layers.Layer {
  static override className = 'Recorder';
  private seen!: wg.Variable;

  constructor(private readonly rows: number) {
    super();
  }

  override build() {
    this.seen = this.addWeight('seen', [this.rows], 'float32', 'zeros', null, false);
  }

  override call(x: wg.Tensor, { training }: { training: boolean }) {
    const batch = x.shape[0]!;
    if (training) this.seen.assign(wg.concat([this.seen.slice(batch), x.reshape([batch])]));
    return x;
  }

  latest(count: number) {
    return Array.from(this.seen.dataSync()).slice(-count);
  }
}

describe('fit takes the rows in the order of Keras', () => {
  type Before = (model: wg.Sequential, x: wg.Tensor) => unknown;
  const before: Record<string, Before> = {
    'evaluate first': (model, x) => model.evaluate(x, x, { verbose: 0 }),
    'predict first': (model, x) => model.predict(x).dispose(),
    'train_on_batch first': (model) => model.trainOnBatch([[0], [1]], [[0], [1]]),
  };

  test.each(random.fitShuffles)('$name', async ({ name, seed, rows, fits, rowsPerEpoch }) => {
    wg.setSeed(seed);
    const recorder = new Recorder(rows);
    const input = name.startsWith('model without an input shape') ? [] : [wg.layers.inputLayer({ inputShape: [1] })];
    const model = wg.sequential([...input, recorder, wg.layers.dense({ units: 1 })]);
    const metrics = name === 'no metrics' ? [] : ['mae'];
    const compile = () => model.compile({ optimizer: 'sgd', loss: 'mse', metrics });
    compile();
    const [x, held] = wg.tidy(() => [wg.range(0, rows).reshape([rows, 1]), wg.ones([2, 1])] as const);
    const extra = name === 'validation_data' ? { validationData: [held, held] as const } : {};
    await before[name]?.(model, x);
    const seen: number[][] = [];
    for (const { recompile, ...args } of fits) {
      if (recompile) compile();
      const callbacks = { onEpochEnd: () => void seen.push(recorder.latest(rowsPerEpoch[0]!.length)) };
      await model.fit(x, x, { ...args, ...extra, callbacks, verbose: 0 });
    }
    expect(seen).toEqual(rowsPerEpoch);
    wg.dispose([x, held]);
    model.dispose();
  });
});
