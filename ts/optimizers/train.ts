// tfjs's functions that make optimizers: `wg.train.adam(0.001)`.
import { given } from '../core/options.js';
import { Adagrad } from './adagrad.js';
import { Adam, AdamW } from './adam.js';
import { Optimizer } from './optimizer.js';
import { RMSprop } from './rmsprop.js';
import { SGD } from './sgd.js';

/** tfjs's functions that make optimizers. Defaults are Keras's. */
export const train = {
  sgd: (learningRate?: number) => new SGD(given({ learningRate })),
  momentum: (learningRate: number, momentum: number, nesterov = false) => new SGD({ learningRate, momentum, nesterov }),
  rmsprop: (learningRate?: number, rho?: number, momentum?: number, epsilon?: number, centered?: boolean) =>
    new RMSprop(given({ learningRate, rho, momentum, epsilon, centered })),
  adam: (learningRate?: number, beta1?: number, beta2?: number, epsilon?: number) =>
    new Adam(given({ learningRate, beta1, beta2, epsilon })),
  adamw: (learningRate?: number, weightDecay?: number) => new AdamW(given({ learningRate, weightDecay })),
  adagrad: (learningRate?: number, initialAccumulatorValue?: number) =>
    new Adagrad(given({ learningRate, initialAccumulatorValue })),
  Optimizer,
};
