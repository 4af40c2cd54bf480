// What a second core is worth at the time: less where a neighbour computes on it, or where both are halves of one.
import { Worker } from 'node:worker_threads';
import { peakModule } from '../peak.js';

/** Some 0.1 milliseconds. */
const STEPS = 100_000;

/** Multiply-adds on registers alone, by one core and by two: sides that do the same work. */
export function coreSides() {
  const workers = [startWorker(), startWorker()];
  const shared = (workers) => ({
    run: (count) => Promise.all(workers.map((run) => run(Math.ceil(count / workers.length)))).then(() => {}),
  });
  return { 'one core': shared(workers.slice(1)), 'two cores': shared(workers) };
}

/** A function that has a worker run the loop `count` times. */
function startWorker() {
  const worker = new Worker(`(${serve})(require('node:worker_threads'))`, {
    eval: true,
    workerData: { module: peakModule('relaxed'), steps: STEPS },
  });
  worker.unref();
  return (count) =>
    new Promise((resolve) => {
      worker.once('message', resolve);
      worker.postMessage(count); // oxlint-disable-line unicorn/require-post-message-target-origin
    });
}

/** The worker's whole program. */
function serve({ parentPort, workerData: { module, steps } }) {
  const { run } = new WebAssembly.Instance(module).exports;
  parentPort.on('message', (count) => {
    for (let i = 0; i < count; i++) run(steps);
    parentPort.postMessage(count); // oxlint-disable-line unicorn/require-post-message-target-origin
  });
}
