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
