// The JavaScript peers, all in one process, each restricted to one thread.
import { fileURLToPath } from 'node:url';
import * as jaxJs from '@jax-js/jax';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tfCore from '@tensorflow/tfjs-core';
import * as tfLayers from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-web/wasm';

export * as wg from '../../dist/index.js';
export const tf = { ...tfCore, ...tfLayers };
export const jax = jaxJs;
export { ort };

setWasmPaths(fileURLToPath(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)));
setThreadsCount(1);
tf.enableProdMode();
await tf.setBackend('wasm');
await tf.setBackend('cpu');
ort.env.wasm.numThreads = 1;
await jax.init('wasm');
jax.defaultDevice('wasm');

let state = 1;
/** Uniform numbers in [0, 1), the same in every run. */
export function uniform(n) {
  return Float32Array.from({ length: n }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

/** @throws if two results differ by more than `tolerance`, relative to the largest. */
export function checkAgree(what, x, y, tolerance) {
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = largest(Float64Array.from(x, (value, i) => value - y[i]));
  if (!(x.length === y.length && worst <= tolerance * largest(Float64Array.from(y)))) {
    throw new Error(`${what}: the sides differ by ${worst}`);
  }
}
