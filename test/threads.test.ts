// Threads change the time that training takes, and nothing else.
import { afterEach, expect, test } from 'vitest';
import * as wg from '../ts/index.js';

const threads = wg.getThreads();

/** Values as bytes, which compare quickly. */
const bytesOf = (tensors: readonly wg.Tensor[]) =>
  Buffer.concat(tensors.map((x) => Buffer.from((x.dataSync() as Float32Array).buffer)));
afterEach(() => wg.setThreads(threads));

/** More work than is worth starting helpers for. */
const large = () => wg.randomUniform([1024, 1024], -1, 1, 'float32', 1);
const samples = (features: number) => wg.randomNormal([1024, features], 0, 1, 'float32', 3);

/** The final weights of a model that is large enough for threads. */
async function train(x: wg.Tensor): Promise<Buffer> {
  wg.setSeed(7);
  const model = wg.sequential();
  model.add(wg.layers.dense({ units: 1024, activation: 'tanh', inputShape: x.shape.slice(1) }));
  model.add(wg.layers.dropout({ rate: 0.2 }));
  model.add(wg.layers.dense({ units: 128, activation: 'relu' }));
  model.add(wg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  using y = wg.tidy(() => x.argMax(1).toInt().mod(10));
  try {
    await model.fit(x, y, { epochs: 3, batchSize: 512, verbose: 0 });
    return bytesOf(model.getWeights());
  } finally {
    model.dispose();
  }
}

test('training gives the same bits with any number of threads', async () => {
  using x = samples(64);
  wg.setThreads(1);
  const alone = await train(x);
  for (const n of [2, 3, 5]) {
    wg.setThreads(n);
    expect(wg.getThreads()).toBe(n);
    expect((await train(x)).equals(alone), `${n} threads`).toBe(true);
  }
});

test('so do ops that run at once', () => {
  wg.setThreads(1);
  using x = large();
  const results = () => {
    const ys = [x.matMul(x), x.softmax(), x.sum(0), x.tanh()];
    const bytes = bytesOf(ys);
    wg.dispose(ys);
    return bytes;
  };
  const alone = results();
  wg.setThreads(4);
  for (let i = 0; i < 10; i++) expect(results().equals(alone)).toBe(true);
});

test.each([0, -1, 1.5, 33, Number.NaN, '2', undefined])('setThreads(%j) is refused', (n) => {
  expect(() => wg.setThreads(n as number)).toThrow(/setThreads: expected a whole number from 1 to 32, got/);
  expect(wg.getThreads()).toBe(threads);
});
