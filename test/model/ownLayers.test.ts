// Layers of one's own, layers in layers, masks, and freezing.
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, stateOf, x, y } from './twins.js';

const quiet = { verbose: 0, shuffle: false } as const;

/** y = x * scale + shift; the shift never trains. */
class Affine extends wg.layers.Layer {
  static override className = 'Affine';
  private scale!: wg.Variable; // (features)
  private shift!: wg.Variable; // (features)
  private readonly start: number;

  constructor(args: { start?: number; name?: string; inputShape?: number[] } = {}) {
    const { start = 1, ...rest } = args;
    super(rest);
    this.start = start;
    this.supportsMasking = true;
  }

  override build(inputShape: (number | null)[]): void {
    const initializer = new wg.initializers.Constant({ value: this.start });
    this.scale = this.addWeight('scale', [inputShape.at(-1)!], 'float32', initializer);
    this.shift = this.addWeight('shift', [inputShape.at(-1)!], null, 'ones', null, false);
  }

  override call(inputs: wg.Tensor): wg.Tensor {
    return inputs.mul(this.scale).add(this.shift);
  }

  override getConfig() {
    return { ...super.getConfig(), start: this.start };
  }
}

/** x + two layers of x: made of other layers. */
class Residual extends wg.layers.Layer {
  static override className = 'Residual';
  private readonly first: wg.layers.Layer;
  private readonly rest: wg.layers.Layer[];

  constructor(args: { units: number; name?: string }) {
    super(args);
    this.units = args.units;
    this.first = wg.layers.dense({ units: args.units, activation: 'tanh' });
    this.rest = [wg.layers.dropout({ rate: 0.5, seed: 3 }), wg.layers.dense({ units: args.units })];
  }

  private readonly units: number;

  override call(inputs: wg.Tensor, { training }: { training: boolean }): wg.Tensor {
    return this.rest.reduce((x, layer) => layer.apply(x, { training }), this.first.apply(inputs)).add(inputs);
  }

  override getConfig() {
    return { ...super.getConfig(), units: this.units };
  }
}

/** Says which samples count: those whose first number is positive. Counts double in training. */
class Positive extends wg.layers.Layer {
  static override className = 'Positive';

  override call(inputs: wg.Tensor, { training }: { training: boolean }): wg.Tensor {
    return training ? inputs.mul(2) : inputs.mul(1);
  }

  override computeMask(inputs: wg.Tensor): wg.Tensor {
    return inputs.slice([0, 0], [-1, 1]).greater(0);
  }
}

/** Zero where the mask says that nothing counts. */
class ZeroMasked extends wg.layers.Layer {
  static override className = 'ZeroMasked';

  constructor(args: { name?: string } = {}) {
    super(args);
    this.supportsMasking = true;
  }

  override call(inputs: wg.Tensor, { mask }: { mask?: wg.Tensor }): wg.Tensor {
    return mask === undefined ? inputs : inputs.mul(mask.toFloat());
  }
}

for (const cls of [Affine, Residual, Positive, ZeroMasked]) wg.serialization.registerClass(cls);

const run = (model: wg.LayersModel, data: wg.TensorLike): number[][] => {
  const predictions = model.predict(data);
  const values = predictions.arraySync() as number[][];
  predictions.dispose();
  return values;
};

describe('a layer of one’s own', () => {
  test.each<[string, () => wg.layers.Layer[]]>([
    ['with weights', () => [new Affine({ start: 2, name: 'affine' })]],
    ['made of layers', () => [new Residual({ units: 4, name: 'residual' })]],
    [
      'in a model in a model',
      () => [
        wg.sequential({
          name: 'inner',
          layers: [new Affine({ name: 'affine' }), new Residual({ units: 4, name: 'residual' })],
        }),
      ],
    ],
  ])('%s trains, and goes on after it was saved', async (_, layers) => {
    wg.setSeed(2);
    const model = wg.sequential([
      wg.layers.inputLayer({ inputShape: [4] }),
      ...layers(),
      wg.layers.dense({ units: 1, name: 'out' }),
    ]);
    model.compile({ optimizer: wg.train.adam(0.05), loss: 'mse' });
    const before = stateOf(model);
    await model.fit(x, y, { ...quiet, epochs: 3 });
    const after = stateOf(model);
    for (const path of Object.keys(after)) {
      const fixed = path.endsWith('/shift') || path.endsWith('learning_rate');
      if (fixed) expect(after[path], path).toEqual(before[path]);
      else expect(after[path], path).not.toEqual(before[path]);
    }
    const loaded = await wg.loadModel(model.toBytes());
    expect(stateOf(loaded)).toEqual(after);
    expect(run(loaded, x)).toEqual(run(model, x));
    const histories = [await model.fit(x, y, quiet), await loaded.fit(x, y, quiet)];
    expect(histories[1]!.history).toEqual(histories[0]!.history);
    expect(stateOf(loaded)).toEqual(stateOf(model));
    model.dispose();
    loaded.dispose();
  });

  test('its weights: trainable ones first, those of the layers in it after its own', () => {
    const model = wg.sequential([
      new Affine({ inputShape: [3], name: 'affine' }),
      new Residual({ units: 3, name: 'residual' }),
    ]);
    expect(model.state.map(([path]) => path)).toEqual([
      'affine/scale',
      'affine/shift',
      'residual/first/kernel',
      'residual/first/bias',
      'residual/rest_0/seed_generator_state',
      'residual/rest_1/kernel',
      'residual/rest_1/bias',
    ]);
    expect([model.weights.length, model.trainableWeights.length, model.nonTrainableWeights.length]).toEqual([6, 5, 1]);
    model.dispose();
  });

  test('that is not registered is told when the model is loaded', async () => {
    class Unknown extends Affine {
      static override className = 'Affin';
    }
    const model = wg.sequential([new Unknown({ inputShape: [2] })]);
    await expect(wg.loadModel(model.toBytes())).rejects.toThrow(
      /unknown class "Affin" \(did you mean "Affine"\?\); call serialization.registerClass/,
    );
    model.dispose();
  });

  test('is used outside of a model', () => {
    const layer = new Affine({ start: 3 });
    wg.tidy(() => expect(layer.apply([[1, 2]]).arraySync()).toEqual([[4, 7]]));
    layer.dispose();
  });
});

describe('masks', () => {
  const data = [
    [1, 5],
    [-1, 6],
    [2, -7],
  ];
  const masked = [
    [1, 5],
    [0, 0],
    [2, -7],
  ];
  afterEach(() => vi.restoreAllMocks());

  test.each<[string, () => wg.layers.Layer[]]>([
    ['go to the next layer', () => [new Positive(), new ZeroMasked()]],
    [
      'go through layers that pass them on',
      () => [
        new Positive(),
        wg.layers.activation({ activation: 'linear' }),
        wg.layers.dropout({ rate: 0.5 }),
        new ZeroMasked(),
      ],
    ],
    ['go into a model', () => [new Positive(), wg.sequential([new ZeroMasked()])]],
    ['come out of a model', () => [wg.sequential([new Positive()]), new ZeroMasked()]],
    [
      'go through a model',
      () => [
        wg.sequential([new Positive()]),
        wg.sequential([wg.layers.activation({ activation: 'linear' })]),
        new ZeroMasked(),
      ],
    ],
  ])('%s', (_, layers) => {
    const model = wg.sequential([wg.layers.inputLayer({ inputShape: [2] }), ...layers()]);
    expect(run(model, data).map((row) => row.map((v) => v + 0))).toEqual(masked);
    model.dispose();
  });

  test('are lost in a layer that does not support them, with one warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = wg.sequential([
      wg.layers.inputLayer({ inputShape: [2] }),
      new Positive(),
      wg.layers.flatten({ name: 'flat' }),
      new ZeroMasked(),
    ]);
    expect(run(model, data)).toEqual(data);
    expect(run(model, data.slice(1))).toEqual(data.slice(1));
    expect(warn).toHaveBeenCalledTimes(1);
    for (const word of ['"flat"', 'Flatten', 'mask', 'supportsMasking']) expect(warn.mock.calls[0]![0]).toContain(word);
    model.dispose();
  });

  test('training is told to the layer', async () => {
    // The loss against what comes out for x: 0 in evaluation; in training 2 x comes in, and the loss is the mean of x^2.
    const model = wg.sequential([wg.layers.inputLayer({ inputShape: [2] }), new Positive(), new Affine()]);
    model.compile({ loss: 'mse', optimizer: 'sgd' });
    const shifted = data.map((row) => row.map((v) => v + 1));
    expect(Number(model.evaluate<wg.Tensor>(data, shifted))).toBe(0);
    // The rows that the mask leaves out do not count.
    const counting = data.filter(([first]) => first! > 0);
    const squares = counting.flat().map((v) => v * v);
    expect(await model.trainOnBatch(data, shifted)).toBeCloseTo(squares.reduce((a, b) => a + b) / squares.length, 4);
    model.dispose();
  });
});

describe('freezing', () => {
  afterEach(() => vi.restoreAllMocks());
  const compile = (model: wg.LayersModel) => model.compile({ optimizer: 'adam', loss: 'mse' });
  /** Which weights a run changes. */
  const changed = async (model: wg.LayersModel) => {
    const before = stateOf(model);
    await model.fit(x, y, quiet);
    const after = stateOf(model);
    return model.state
      .map(([path]) => path)
      .filter((path) => String(before[path]) !== String(after[path]) && !path.includes('seed'));
  };
  const all = ['hidden/kernel', 'hidden/bias', 'output/kernel', 'output/bias'];

  test('holds from compile on', async () => {
    const model = makeModel();
    compile(model);
    model.getLayer('hidden').trainable = false;
    expect(model.trainableWeights.map(({ name }) => name)).toEqual(all.slice(2));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await changed(model)).toEqual(all);
    expect(await changed(model)).toEqual(all);
    expect(warn).toHaveBeenCalledTimes(1);
    for (const word of ['fit:', 'trainable', 'model.compile']) expect(warn.mock.calls[0]![0]).toContain(word);
    compile(model);
    expect(await changed(model)).toEqual(all.slice(2));
    model.getLayer('hidden').trainable = true;
    compile(model);
    expect(await changed(model)).toEqual(all);
    expect(warn).toHaveBeenCalledTimes(1);
    model.dispose();
  });

  test('a model frozen as a whole, in another one: the pattern of adversarial training', async () => {
    const critic = wg.sequential({
      name: 'critic',
      layers: [wg.layers.dense({ units: 1, inputShape: [4], name: 'judge' })],
    });
    compile(critic);
    critic.trainable = false;
    const whole = wg.sequential([wg.layers.dense({ units: 4, inputShape: [4], name: 'maker' }), critic]);
    compile(whole);
    expect(await changed(whole)).toEqual(['maker/kernel', 'maker/bias']);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await changed(critic)).toEqual(['judge/kernel', 'judge/bias']);
    critic.dispose();
    whole.dispose();
  });

  test('is saved, with what a weight had before it was frozen', async () => {
    const model = makeModel();
    const optimizer = wg.train.adam();
    model.compile({ optimizer, loss: 'mse' });
    await model.fit(x, y, quiet);
    model.getLayer('hidden').trainable = false;
    model.compile({ optimizer, loss: 'mse' });
    await model.fit(x, y, quiet);
    const loaded = await wg.loadModel(model.toBytes());
    expect(stateOf(loaded)).toEqual(stateOf(model));
    expect(loaded.getLayer('hidden').trainable).toBe(false);
    expect(await changed(loaded)).toEqual(all.slice(2));
    model.dispose();
    loaded.dispose();
  });
});
