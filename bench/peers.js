// The libraries that are compared.
import '@tensorflow/tfjs-backend-cpu';
import * as tfCore from '@tensorflow/tfjs-core';
import * as tfLayers from '@tensorflow/tfjs-layers';
import * as wg from '../dist/index.js';

export const tf = { ...tfCore, ...tfLayers };
export { wg };

wg.setThreads(1);
await tf.setBackend('cpu');
tf.enableProdMode();
