// Logistic regression: is a flower an Iris virginica? One neuron whose sigmoid says how likely.
//   node scripts/run.mjs examples/logistic.js
import * as wg from 'wasmgrad';
import { loadRows, standardise } from './data/load.js';

const TRAIN = 100;

wg.setSeed(3);
const rows = loadRows('iris');
const x = standardise(wg.tensor2d(rows.map((row) => row.slice(0, 4).map(Number))), TRAIN);
const y = wg.tensor2d(rows.map((row) => [Number(row[4] === 'virginica')]));

const model = wg.sequential();
model.add(wg.layers.dense({ units: 1, activation: 'sigmoid', inputShape: [4] }));
model.compile({ optimizer: wg.train.sgd(0.5), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
await model.fit(x.slice(0, TRAIN), y.slice(0, TRAIN), {
  epochs: 100,
  verbose: 0,
  callbacks: {
    onEpochEnd: (epoch, { loss, accuracy }) => {
      if (epoch % 20 === 19)
        console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(3)}`);
    },
  },
});

const [loss, accuracy] = model.evaluate(x.slice(TRAIN), y.slice(TRAIN), { verbose: 0 }).map(Number);
console.log(`\nheld-out flowers: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(3)}\n`);

// The weights tell what speaks for a virginica.
const [kernel] = model.getWeights();
const names = ['sepal length', 'sepal width', 'petal length', 'petal width'];
kernel.dataSync().forEach((weight, i) => console.log(`${names[i].padEnd(13)} ${weight.toFixed(2).padStart(6)}`));
