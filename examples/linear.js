// Linear regression, three times: by formula, by full-batch gradient descent, and by a one-neuron model.
//   node scripts/run.mjs examples/linear.js
import * as wg from 'wasmgrad';
import { loadRows, standardise } from './data/load.js';

wg.setSeed(2);
const rows = loadRows('diabetes').map((row) => row.map(Number));
const x = standardise(wg.tensor1d(rows.map(([bodyMassIndex]) => bodyMassIndex)));
const y = standardise(wg.tensor1d(rows.map((row) => row.at(-1))));

// 1. By formula: with standardised x and y the best slope is their correlation, the best intercept 0.
const correlation = x.mul(y).mean().arraySync();
console.log(`formula:           y = ${correlation.toFixed(4)} x`);

// 2. Gradient descent on the mean squared error, all rows in each step.
const slope = wg.variable(wg.scalar(0));
const intercept = wg.variable(wg.scalar(1));
const optimizer = wg.train.sgd(0.1);
for (let step = 0; step < 100; step++) {
  optimizer.minimize(() => slope.mul(x).add(intercept).sub(y).square().mean());
}
report('gradient descent:', slope, intercept);

// 3. The same as a model: one neuron without an activation.
const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [1] })]);
model.compile({ optimizer: wg.train.sgd(0.1), loss: 'meanSquaredError' });
await model.fit(x.expandDims(1), y.expandDims(1), { batchSize: rows.length, epochs: 100, verbose: 0 });
report('one neuron:      ', ...model.getWeights());

function report(name, slope, intercept) {
  const [a, b] = [slope, intercept].map((x) => x.dataSync()[0]);
  console.log(`${name}  y = ${a.toFixed(4)} x ${b < -5e-5 ? '-' : '+'} ${Math.abs(b).toFixed(4)}`);
  if (Math.abs(a - correlation) > 1e-3 || Math.abs(b) > 1e-3) throw new Error(`${name} has not found the line`);
}
