// tfjs's functions that make optimizers: `wg.train.adam(0.001)`.
import { given } from '../core/options.js';
import { InverseTimeDecay } from '../schedules/decay.js';
import { Adadelta, Adagrad } from './adagrad.js';
import { Adam, Adamax, AdamW } from './adam.js';
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
  adadelta: (learningRate?: number, rho?: number, epsilon?: number) =>
    new Adadelta(given({ learningRate, rho, epsilon })),
  /** With `decay` the rate of a step is learningRate / (1 + decay * steps before). */
  adamax: (learningRate = 0.001, beta1?: number, beta2?: number, epsilon?: number, decay = 0) => {
    const decaying = { initialLearningRate: learningRate, decaySteps: 1, decayRate: decay };
    const rate = decay === 0 ? learningRate : new InverseTimeDecay(decaying);
    return new Adamax({ learningRate: rate, ...given({ beta1, beta2, epsilon }) });
  },
  Optimizer,
};
