// Learning rate schedules against Keras 3.15 on JAX (test/reference/schedules.json), and steps that follow them.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { registerSchedules } from '../ts/schedules/registry.js';
import { deserialize, serialize } from '../ts/serialization.js';
import { expectClose, fixture, list } from './reference.js';

registerSchedules();
const { schedules, Adam, SGD } = wg.optimizers;
type Schedule = InstanceType<typeof schedules.LearningRateSchedule>;

interface ScheduleRecord {
  name: Exclude<keyof typeof schedules, 'LearningRateSchedule'>;
  config: object;
  fullConfig: object;
  rates: number[];
}

const { steps, cases } = fixture<{ steps: number[]; cases: ScheduleRecord[] }>('schedules');
const titled = cases.map((record) => ({ ...record, title: `${record.name} ${JSON.stringify(record.config)}` }));
const make = ({ name, config }: ScheduleRecord) => new (schedules[name] as new (config: object) => Schedule)(config);

test.each(titled)('$title', (record) => {
  const schedule = make(record);
  const rates = steps.map((step) => schedule.call(step));
  expectClose(rates, list(record.rates), 2e-6, 'rates', 1e-3);
  expect(rates).toEqual(rates.map(Math.fround));
  expect(schedule.getConfig()).toEqual(record.fullConfig);
  const again = deserialize<Schedule>('test', JSON.parse(JSON.stringify(serialize(schedule))));
  expect(again.call(7)).toBe(schedule.call(7));
});

test('boundaries and values have to fit', () => {
  expect(() => new schedules.PiecewiseConstantDecay({ boundaries: [1, 2], values: [0.1, 0.2] })).toThrow(
    'schedule PiecewiseConstantDecay: 2 boundaries part 3 values, got 2',
  );
});

/** The negative sum of the rates of so many steps. */
const sumTo = (schedule: (step: number) => number, count: number) =>
  Array.from({ length: count }, (_, step) => step).reduce((sum, step) => Math.fround(sum - schedule(step)), 0);

const halves = (step: number) => 2 ** -step;

describe('each step has the rate of its number', () => {
  test('eagerly', () => {
    const w = wg.variable(0);
    const optimizer = new SGD({ learningRate: halves });
    for (let step = 0; step < 5; step++) {
      expect(optimizer.learningRate).toBe(halves(step));
      optimizer.minimize(() => w.mul(1).asScalar());
    }
    expect(w.dataSync()[0]).toBe(sumTo(halves, 5));
    wg.dispose(w);
    optimizer.dispose();
  });

  test('in programs of several steps', () => {
    const w = wg.variable(0);
    const optimizer = new SGD({ learningRate: halves });
    const program = wg.compile(() => {
      for (let step = 0; step < 3; step++) optimizer.minimize(() => w.mul(1).asScalar());
      return w.mul(1);
    });
    for (let run = 1; run < 4; run++) {
      wg.tidy(() => expect(program().dataSync()[0]).toBe(sumTo(halves, 3 * run)));
    }
    program.dispose();
    wg.dispose(w);
    optimizer.dispose();
  });

  test('in fit, whatever it is called with, and in trainOnBatch', async () => {
    const asked: number[] = [];
    const rate = (step: number) => (asked.push(step), 1 / (step + 4));
    const model = wg.sequential([
      wg.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'zeros' }),
    ]);
    const optimizer = new SGD({ learningRate: rate });
    model.compile({ optimizer, loss: (_, output) => output });
    const [x, y] = [wg.ones([300, 1]), wg.zeros([300, 1])];
    await model.fit(x, y, { batchSize: 1, epochs: 2, verbose: 0 });
    expectClose(model.getWeights()[0]!, { shape: [1, 1], data: [sumTo(rate, 600)] }, 1e-6);
    await model.trainOnBatch([1], [0]);
    expectClose(model.getWeights()[0]!, { shape: [1, 1], data: [sumTo(rate, 601)] }, 1e-6);
    expect(optimizer.learningRate).toBe(Math.fround(1 / 605));
    wg.dispose([x, y]);
    model.dispose();
  });
});

describe('a rate that follows a schedule', () => {
  const make = (learningRate: ConstructorParameters<typeof Adam>[0] & object) => new Adam(learningRate);

  test('cannot be set, nor by callbacks; another schedule can', async () => {
    const optimizer = make({ learningRate: halves });
    const message =
      'optimizer Adam: its learning rate follows a schedule, and no number can be set; make the optimizer with a number as ' +
      'learningRate, or change the schedule';
    expect(() => (optimizer.learningRate = 0.1)).toThrow(message);
    const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1] })]);
    model.compile({ optimizer, loss: 'mse' });
    const fit = (callback: wg.Callback) => model.fit([1, 2], [1, 2], { verbose: 0, epochs: 5, callbacks: callback });
    const { LearningRateScheduler, ReduceLROnPlateau } = wg.callbacks;
    await expect(fit(new LearningRateScheduler(() => 0.1))).rejects.toThrow(message);
    await expect(fit(new ReduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 100 }))).rejects.toThrow(message);
    optimizer.learningRate = new schedules.CosineDecay({ initialLearningRate: 0.25, decaySteps: 100, alpha: 1 });
    expect(optimizer.learningRate).toBe(0.25);
    model.dispose();
  });

  test('becomes one from a number, and the model trains on', async () => {
    const model = wg.sequential([
      wg.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'zeros' }),
    ]);
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: (_, output) => output });
    const train = () => model.trainOnBatch([1], [0]);
    await train();
    model.optimizer.learningRate = halves;
    await train();
    expect(model.getWeights()[0]!.dataSync()[0]).toBe(-1.5);
    model.dispose();
  });

  test('must be a number', () => {
    const optimizer = make({ learningRate: (() => '1') as never });
    expect(() => optimizer.learningRate).toThrow('optimizer Adam: the schedule must give a number, it gave "1"');
    optimizer.dispose();
  });

  test('is saved with the model; of a function the rate of the moment is', async () => {
    const cosine = new schedules.CosineDecay({ initialLearningRate: 0.5, decaySteps: 10 });
    for (const learningRate of [cosine, halves]) {
      const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1] })]);
      model.compile({ optimizer: make({ learningRate }), loss: 'mse' });
      await model.fit([1, 2, 3], [1, 2, 3], { batchSize: 1, verbose: 0 });
      const again = await wg.loadModel(model.toBytes());
      expect(again.optimizer.learningRate).toBe(model.optimizer.learningRate);
      expect(again.optimizer.variables.some(({ name }) => name === 'learning_rate')).toBe(learningRate === halves);
      for (const one of [model, again]) one.dispose();
    }
  });

  test('is tfjs’s decay of adamax', () => {
    const optimizer = wg.train.adamax(0.1, 0.9, 0.999, 1e-7, 0.5);
    const w = wg.variable(1);
    optimizer.minimize(() => w.square().asScalar());
    expect(optimizer.learningRate).toBeCloseTo(0.1 / 1.5, 8);
    wg.dispose(w);
    optimizer.dispose();
  });
});
