// Steps of training, as users train: `fit` over batches of 32, with Adam.
import { brainOf } from './brain.js';
import { compare } from './compare.js';
import { checkAgree, targets, uniform } from './data.js';
import { tf, wg } from './peers.js';

const BATCH = 32;

/** Layers as [units, activation]; `steps` of an epoch, so that a call takes some milliseconds for each side. */
const NETS = [
  {
    work: 'step of 4-10-1, batch 32, adam',
    inputs: 4,
    layers: [[10, 'relu'], [1]],
    loss: 'meanSquaredError',
    steps: 32,
  },
  {
    work: 'step of logistic regression, 30 inputs',
    inputs: 30,
    layers: [[1, 'sigmoid']],
    loss: 'binaryCrossentropy',
    steps: 32,
  },
  {
    work: 'step of 784-128-10, batch 32, adam',
    inputs: 784,
    layers: [
      [128, 'relu'],
      [10, 'softmax'],
    ],
    loss: 'categoricalCrossentropy',
    steps: 4,
  },
];

export async function* training() {
  for (const net of NETS) {
    const rows = BATCH * net.steps;
    const x = uniform(rows * net.inputs);
    const data = { x, y: targets(x, net.inputs, net.layers.at(-1)[0]), rows };
    const [ours, theirs] = [modelOf(wg, net, data), modelOf(tf, net, data)];
    const brains = brainOf([net.inputs, ...net.layers.map(([units]) => units)], data);
    theirs.model.setWeights(ours.model.getWeights().map((w) => tf.tensor(w.dataSync(), w.shape)));
    const sides = { wasmgrad: ours.epoch, 'tfjs cpu': theirs.epoch, 'brain.js': brains.epoch };

    const first = {};
    for (const [name, epoch] of Object.entries(sides)) first[name] = await epoch({ shuffle: false });
    checkAgree(`${net.work}: loss of the first epoch`, [first.wasmgrad], [first['tfjs cpu']], 1e-4);
    const row = await compare(net.work, sides, net.steps);
    for (const [name, epoch] of Object.entries(sides)) {
      const last = await epoch();
      if (!(last < first[name])) throw new Error(`${net.work}: ${name} has learnt nothing: ${first[name]} -> ${last}`);
    }
    yield row;
  }
}

/** One model in tfjs's words, which are ours too. */
function modelOf(library, { inputs, layers, loss }, { x, y, rows }) {
  const model = library.sequential();
  layers.forEach(([units, activation], i) =>
    model.add(library.layers.dense({ units, activation, ...(i === 0 && { inputShape: [inputs] }) })),
  );
  model.compile({ optimizer: 'adam', loss });
  const data = [library.tensor2d(x, [rows, inputs]), library.tensor2d(y, [rows, layers.at(-1)[0]])];
  const epoch = async (options) => {
    const { history } = await model.fit(...data, { batchSize: BATCH, epochs: 1, verbose: 0, ...options });
    return history.loss[0];
  };
  // benny probes all its cases at once, without awaiting them; a model trains once at a time.
  let before = Promise.resolve();
  return { model, epoch: (options) => (before = before.then(() => epoch(options))) };
}
