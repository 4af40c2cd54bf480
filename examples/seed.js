// A first network: how far diabetes goes within a year, from four measurements of a patient.
//   node scripts/run.mjs examples/seed.js
import * as wg from 'wasmgrad';
import { loadRows, standardise } from './data/load.js';

const TRAIN = 342;
const EPOCHS = Number(process.env.EPOCHS ?? 200);

// Rows of [body mass index, blood pressure, cholesterol, triglycerides, progression of the disease].
wg.setSeed(1);
const rows = loadRows('diabetes').map((row) => row.map(Number));
const x = standardise(wg.tensor2d(rows.map((row) => row.slice(0, 4))), TRAIN);
const y = standardise(wg.tensor2d(rows.map((row) => [row[4]])), TRAIN);
const [xTrain, xTest] = [x.slice(0, TRAIN), x.slice(TRAIN)];
const [yTrain, yTest] = [y.slice(0, TRAIN), y.slice(TRAIN)];

// Each neuron of the hidden layer adds its weighted inputs and a bias, and lets pass what is above 0.
const model = wg.sequential();
model.add(wg.layers.dense({ units: 10, activation: 'relu', inputShape: [4] }));
model.add(wg.layers.dense({ units: 1 }));
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });

// Mini-batches of 32 rows: forward, loss, gradients backward, and one step of Adam each.
const { history } = await model.fit(xTrain, yTrain, { epochs: EPOCHS, verbose: 0 });
console.log(`loss: ${history.loss[0].toFixed(3)} in the first epoch, ${history.loss.at(-1).toFixed(3)} in the last`);

const [loss, mae] = model.evaluate(xTest, yTest, { verbose: 0 }).map(Number);
console.log(`held-out patients: loss ${loss.toFixed(3)}, mean absolute error ${mae.toFixed(3)} deviations`);
console.log(`explained variance: ${(1 - loss / yTest.square().mean().arraySync()).toFixed(3)}`);

console.log('\npredicted, true:');
wg.concat([model.predict(xTest.slice(0, 5)), yTest.slice(0, 5)], 1).print();
