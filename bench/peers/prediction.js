// Predictions of single samples by a small net.
import { checkAgree, uniform } from '../data.js';
import { tf, wg } from './libraries.js';
import { race } from './rounds.js';
import { modelOf, NETS, timeEpochs, torchSpec, withWeights } from './training.js';

const [NET] = NETS;
/** Samples that a call has where it has many. */
const MANY = 1024;

/** With a tensor made and read for each sample, with one that is there, and by one call for many. */
export async function* prediction(torch) {
  const x = uniform(MANY * 4);
  const one = x.subarray(0, 4);
  const weights = modelOf(wg, NET)
    .getWeights()
    .map((w) => ({ data: Array.from(w.dataSync()), shape: w.shape }));
  const spec = {
    ...torchSpec('prediction', NET, { x, y: new Float32Array(1) }, weights),
    x: { data: [...one], shape: [1, 4] },
  };
  yield await raceOf('predict one sample, 4-10-1', sampleSide, one, weights, torch && { pytorch: torch.side(spec) });
  yield await raceOf('the same of a tensor that is there', tensorSide, one, weights);
  yield await raceOf(`each of ${MANY} in one call, batch 1`, manySide, x, weights);
}

async function raceOf(work, sideOf, x, weights, more) {
  const side = (library, choose) => {
    let run;
    const begin = () => {
      choose();
      run ??= sideOf(library, withWeights(library, NET, weights), x);
    };
    return { begin, run: (count) => run.times(count), values: () => run.values() };
  };
  const sides = {
    wasmgrad: side(wg, () => wg.setThreads(1)),
    'tfjs wasm': side(tf, () => tf.setBackend('wasm')),
    'tfjs cpu': side(tf, () => tf.setBackend('cpu')),
    ...more,
  };
  let expected;
  for (const [name, side] of Object.entries(sides)) {
    await side.begin();
    const values = await side.values(1);
    checkAgree(`${work}, ${name}`, values, (expected ??= values), 1e-5);
  }
  return race(work, sides);
}

function sampleSide(library, model, x) {
  const values = () => {
    const input = library.tensor2d(x, [1, 4]);
    const output = model.predict(input);
    const values = output.dataSync();
    input.dispose();
    output.dispose();
    return values;
  };
  return { values, times: (count) => repeat(count, values) };
}

function tensorSide(library, model, x) {
  const input = library.tensor2d(x, [1, 4]);
  return {
    values: () => library.tidy(() => model.predict(input).dataSync()),
    times: (count) => repeat(count, () => model.predict(input).dispose()),
  };
}

function manySide(library, model, x) {
  const input = library.tensor2d(x, [MANY, 4]);
  const predict = () => model.predict(input, { batchSize: 1 });
  return {
    values: () => library.tidy(() => predict().dataSync()),
    times: (count) => timeEpochs({ steps: MANY }, count, (calls) => repeat(calls, () => predict().dispose())),
  };
}

function repeat(count, f) {
  for (let i = 0; i < count; i++) f();
}
