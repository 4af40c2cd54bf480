// Three species of iris from four lengths: a small classifier with softmax and cross-entropy.
//   node scripts/run.mjs examples/iris.js
import * as wg from 'wasmgrad';
import { loadRows, standardise } from './data/load.js';

const SPECIES = ['setosa', 'versicolor', 'virginica'];

wg.setSeed(4);
const rows = loadRows('iris');
const x = standardise(wg.tensor2d(rows.map((row) => row.slice(0, 4).map(Number))));
const labels = wg.tensor1d(
  rows.map((row) => SPECIES.indexOf(row[4])),
  'int32',
);

const model = wg.sequential();
model.add(wg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }));
model.add(wg.layers.dense({ units: SPECIES.length, activation: 'softmax' }));
model.compile({ optimizer: wg.train.adam(0.01), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });

// The last fifth of the flowers is held out, and measured after each epoch.
const { history } = await model.fit(x, labels, { epochs: 50, batchSize: 16, validationSplit: 0.2, verbose: 2 });
console.log(`\nheld-out flowers: accuracy ${history.val_accuracy.at(-1).toFixed(3)}\n`);

const probabilities = model.predict(x.slice(120, 5)).arraySync();
probabilities.forEach((row, i) => {
  const likely = SPECIES[row.indexOf(Math.max(...row))];
  console.log(`a ${rows[120 + i][4]}: ${likely} says the model, with ${(100 * Math.max(...row)).toFixed(1)} %`);
});
