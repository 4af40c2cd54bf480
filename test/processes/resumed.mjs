// Trains with checkpoints; prints a hash of the weights if it comes to the end. Arguments: the checkpoint, epochs.
import { createHash } from 'node:crypto';
import * as wg from '../../dist/index.js';

const [path, epochs] = process.argv.slice(2);
wg.setSeed(5);
const x = wg.randomNormal([600, 8]);
const y = x.square().sum(1, true);
const model = wg.sequential([
  wg.layers.dense({ units: 24, activation: 'relu', inputShape: [8] }),
  wg.layers.dropout({ rate: 0.2 }),
  wg.layers.dense({ units: 1 }),
]);
model.compile({ optimizer: wg.train.adam(0.01), loss: 'mse' });
const callbacks = [
  new wg.callbacks.BackupAndRestore(path, { saveFreq: 3 }),
  new wg.callbacks.EarlyStopping({ monitor: 'val_loss', patience: 100, restoreBestWeights: true }),
];
await model.fit(x, y, { epochs: Number(epochs), batchSize: 16, validationSplit: 0.1, verbose: 0, callbacks });
const hash = createHash('sha256');
for (const weight of model.getWeights()) hash.update(new Uint8Array(weight.dataSync().buffer));
console.log(hash.digest('hex'));
