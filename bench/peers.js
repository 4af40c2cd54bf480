// The libraries that are compared.
import '@tensorflow/tfjs-backend-cpu';
import * as tfCore from '@tensorflow/tfjs-core';
import * as tfLayers from '@tensorflow/tfjs-layers';
import brain from 'brain.js';
import * as wg from '../dist/index.js';

export const tf = { ...tfCore, ...tfLayers };
export { brain, wg };

wg.setThreads(1);
await tf.setBackend('cpu');
tf.enableProdMode();
