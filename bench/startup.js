// From import to the first trained step of a small net, each time in a new process.
import { execFileSync } from 'node:child_process';
import { median } from './compare.js';

const ROUNDS = 7;
const SOURCES = {
  wasmgrad: `const lib = await import('../dist/index.js');`,
  'tfjs cpu': `
    await import('@tensorflow/tfjs-backend-cpu');
    const lib = { ...(await import('@tensorflow/tfjs-core')), ...(await import('@tensorflow/tfjs-layers')) };
    await lib.setBackend('cpu');`,
};
const step = (load) => `
  const start = performance.now();
  ${load}
  const model = lib.sequential();
  model.add(lib.layers.dense({ units: 10, activation: 'relu', inputShape: [4] }));
  model.add(lib.layers.dense({ units: 1 }));
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const loss = await model.trainOnBatch(lib.ones([32, 4]), lib.ones([32, 1]));
  if (!(loss >= 0)) throw new Error('no loss');
  console.log((performance.now() - start) / 1000);`;

/** A row as `compare` gives it. */
export function startup() {
  const names = Object.keys(SOURCES);
  const rounds = Array.from({ length: ROUNDS }, (_, i) =>
    Object.fromEntries((i % 2 ? names.toReversed() : names).map((name) => [name, secondsOf(name)])),
  );
  const sideOf = (name) => ({
    seconds: median(rounds.map((seconds) => seconds[name])),
    ratio: median(rounds.map((seconds) => seconds[name] / seconds.wasmgrad)),
  });
  return {
    work: 'import to first trained step, 4-10-1',
    sides: Object.fromEntries(names.map((name) => [name, sideOf(name)])),
  };
}

function secondsOf(name) {
  const args = ['--input-type=module', '--eval', step(SOURCES[name])];
  return Number(
    execFileSync(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}
