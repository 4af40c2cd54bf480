// Steps of training with Adam.
import { brainOf } from '../brain.js';
import { checkAgree, targets, uniform } from '../data.js';
import { jax, tf, wg } from './libraries.js';
import { race } from './rounds.js';

const { numpy: np } = jax;

/** An epoch has `steps` batches, so that JavaScript's `fit` has many in a call; brain.js takes part in the small ones. */
export const NETS = [
  { work: 'step 4-10-1, batch 32', units: [4, 10, 1], loss: 'meanSquaredError', batch: 32, steps: 64, brain: true },
  {
    work: 'step 784-128-10, batch 32',
    units: [784, 128, 10],
    loss: 'categoricalCrossentropy',
    batch: 32,
    steps: 16,
    brain: true,
  },
  {
    work: 'step 784-512-512-10, batch 128',
    units: [784, 512, 512, 10],
    loss: 'categoricalCrossentropy',
    batch: 128,
    steps: 4,
  },
];

/**
 * @param {number} threads of wasmgrad and PyTorch; the other peers have one, and take part where that is all
 * @param {object} [cores] sides beside two threads
 */
export async function* training(torch, threads, cores) {
  for (const net of threads === 1 ? NETS : NETS.slice(1)) {
    const data = dataFor(net);
    // The sides' Adams treat tiny gradients differently: with some initial weights that shows.
    wg.setSeed(1);
    const initial = modelOf(wg, net);
    const weights = initial.getWeights().map((w) => ({ data: Array.from(w.dataSync()), shape: w.shape }));
    const ours = (threads) => fitSide(wg, net, data, weights, () => wg.setThreads(threads));
    const theirs = (backend) => fitSide(tf, net, data, weights, () => tf.setBackend(backend));
    const sides = {
      wasmgrad: ours(threads),
      ...(threads === 1
        ? { 'tfjs wasm': theirs('wasm'), 'tfjs cpu': theirs('cpu'), 'jax-js': jaxSide(net, data, weights) }
        : { 'one thread': ours(1), ...cores }),
      ...(threads === 1 && net.brain && { 'brain.js': brainSide(net, data) }),
      ...(torch && { pytorch: torch.side(torchSpec('training', net, data, weights)) }),
    };
    // Equal weights, equal batches: the mean loss of the first steps must be equal, but to brain.js's, which has others.
    const expected = await sides.wasmgrad.values(net.steps);
    for (const [name, side] of Object.entries(sides).slice(1)) {
      if (!side.values) continue;
      await side.begin?.();
      checkAgree(`${net.work}, ${name}: first epoch`, await side.values(net.steps), expected, 1e-3);
    }
    yield await race(net.work, sides);
    sides['brain.js']?.checkLearnt();
  }
}

function dataFor({ units, batch, steps }) {
  const [rows, inputs, outputs] = [batch * steps, units[0], units.at(-1)];
  const x = uniform(rows * inputs);
  return { x, y: targets(x, inputs, outputs), rows };
}

const activationOf = ({ units, loss }, i) =>
  i < units.length - 1 ? 'relu' : loss === 'categoricalCrossentropy' ? 'softmax' : 'linear';

/** One model in tfjs's words, which are ours too. */
export function modelOf(library, net) {
  const model = library.sequential();
  net.units.slice(1).forEach((units, i) =>
    model.add(
      library.layers.dense({
        units,
        activation: activationOf(net, i + 1),
        ...(i === 0 && { inputShape: [net.units[0]] }),
      }),
    ),
  );
  model.compile({ optimizer: 'adam', loss: net.loss });
  return model;
}

export function withWeights(library, net, weights) {
  const model = modelOf(library, net);
  model.setWeights(weights.map(({ data, shape }) => library.tensor(data, shape)));
  return model;
}

/** Seconds of `count` steps, as a part of the time that whole epochs take. */
export async function timeEpochs({ steps }, count, epochs) {
  const whole = Math.ceil(count / steps);
  const start = performance.now();
  await epochs(whole);
  return (((performance.now() - start) / 1000) * count) / (whole * steps);
}

function fitSide(library, net, { x, y, rows }, weights, choose) {
  let model, data;
  const begin = () => {
    choose();
    model ??= withWeights(library, net, weights);
    data ??= [library.tensor2d(x, [rows, net.units[0]]), library.tensor2d(y, [rows, net.units.at(-1)])];
  };
  const fit = (epochs) => model.fit(...data, { batchSize: net.batch, epochs, verbose: 0, shuffle: false });
  return {
    begin,
    run: (count) => timeEpochs(net, count, fit),
    async values() {
      begin();
      return [(await fit(1)).history.loss[0]];
    },
  };
}

function brainSide(net, data) {
  const { epoch } = brainOf(net.units, data);
  const errors = [];
  return {
    run: (count) => timeEpochs(net, count, (epochs) => errors.push(...Array.from({ length: epochs }, epoch))),
    checkLearnt() {
      if (!(errors.at(-1) < errors[0])) throw new Error(`${net.work}: brain.js has learnt nothing`);
    },
  };
}

function jaxSide(net, { x, y }, weights) {
  const [inputs, outputs] = [net.units[0], net.units.at(-1)];
  const batches = Array.from({ length: net.steps }, (_, i) =>
    [
      [x, inputs],
      [y, outputs],
    ].map(([values, width]) =>
      np.array(values.slice(i * net.batch * width, (i + 1) * net.batch * width)).reshape([net.batch, width]),
    ),
  );
  const lossOf = (params, x, y) => {
    let h = x;
    for (let i = 0; i < params.length; i += 2) {
      h = np.matmul(h, params[i]).add(params[i + 1]);
      if (i < params.length - 2) h = jax.nn.relu(h);
    }
    if (net.loss === 'meanSquaredError') return np.mean(np.square(h.sub(y)));
    return np.sum(jax.nn.logSoftmax(h).mul(y)).mul(-1 / net.batch);
  };
  const [b1, b2, rate, epsilon] = [0.9, 0.999, 1e-3, 1e-7];
  const update = jax.jit((params, m, v, alpha, x, y) => {
    const [loss, grads] = jax.valueAndGrad(lossOf)(
      params.map((p) => p.ref),
      x,
      y,
    );
    const newM = m.map((m, i) => m.mul(b1).add(grads[i].ref.mul(1 - b1)));
    const newV = v.map((v, i) => v.mul(b2).add(np.square(grads[i]).mul(1 - b2)));
    const newParams = params.map((p, i) => p.sub(newM[i].ref.mul(alpha.ref).div(np.sqrt(newV[i].ref).add(epsilon))));
    alpha.dispose();
    return [loss, newParams, newM, newV];
  });
  let params = weights.map(({ data, shape }) => np.array(new Float32Array(data)).reshape(shape));
  let [m, v] = [0, 1].map(() => weights.map(({ shape }) => np.zeros(shape)));
  let t = 0;
  const step = async () => {
    const [x, y] = batches[t % net.steps];
    t++;
    const alpha = np.array((rate * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t));
    let loss;
    [loss, params, m, v] = update(params, m, v, alpha, x.ref, y.ref);
    return loss;
  };
  return {
    async run(count) {
      let last;
      for (let i = 0; i < count; i++) {
        last?.dispose();
        last = await step();
      }
      await last.data();
    },
    async values(count) {
      let total = 0;
      for (let i = 0; i < count; i++) total += (await (await step()).data())[0];
      return [total / count];
    },
  };
}

export function torchSpec(kind, net, { x, y }, weights) {
  const matrix = (data, width) => ({ data: Array.from(data), shape: [data.length / width, width] });
  return {
    kind,
    weights,
    activations: net.units.slice(1).map((_, i) => activationOf(net, i + 1)),
    loss: net.loss,
    batch: net.batch,
    x: matrix(x, net.units[0]),
    y: matrix(y, net.units.at(-1)),
  };
}
