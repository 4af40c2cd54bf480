// Workers with a stack of a few bytes trap at their first chunk. Prints what the library says then, and whether its results
// are still right.
const threads = require('node:worker_threads');

let isFrail = true;
threads.Worker = class extends threads.Worker {
  constructor(script, options) {
    const stack = isFrail ? Number(process.argv[2]) : options.workerData.stack;
    super(script, { ...options, workerData: { ...options.workerData, stack } });
  }
};
const wg = require('../../dist/index.cjs');

async function messageOf(f) {
  for (let i = 0; i < 100; i++) {
    try {
      await f();
    } catch (error) {
      return error.message;
    }
  }
  return 'no worker died';
}

async function main() {
  const x = wg.randomUniform([1024, 1024], -1, 1, 'float32', 1);
  const bytes = () => wg.tidy(() => Buffer.from(x.matMul(x).dataSync().buffer));
  wg.setThreads(1);
  const expected = bytes();

  wg.setThreads(3);
  const ofOp = await messageOf(() => x.matMul(x).dispose());
  const after = wg.getThreads();

  const model = wg.sequential({
    layers: [wg.layers.dense({ units: 1024, activation: 'relu', inputShape: [1024] }), wg.layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const y = wg.zeros([1024, 1]);
  const ofFit = await messageOf(() => model.fit(x, y, { epochs: 2, batchSize: 512, verbose: 0 }));

  isFrail = false;
  wg.setThreads(3);
  let isRight = true;
  for (let i = 0; i < 40; i++) isRight &&= bytes().equals(expected);
  console.log(JSON.stringify({ ofOp, after, ofFit, isRight }));
}

main();
