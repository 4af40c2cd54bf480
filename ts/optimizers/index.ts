// The optimizers by name, and tfjs's functions that make them: `wg.train.adam(0.001)`.
import { WasmgradError } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import { registerClass } from '../serialization.js';
import { Adagrad } from './adagrad.js';
import { Adam, AdamW } from './adam.js';
import { Optimizer } from './optimizer.js';
import { RMSprop } from './rmsprop.js';
import { SGD } from './sgd.js';

export { Adagrad, Adam, AdamW, Optimizer, RMSprop, SGD };

/** A name, or an optimizer. */
export type OptimizerIdentifier = string | Optimizer;

const classes = { sgd: SGD, rmsprop: RMSprop, adam: Adam, adamw: AdamW, adagrad: Adagrad };
const optimizers = new Registry<new () => Optimizer>('optimizer', classes);

for (const cls of Object.values(classes)) registerClass(cls);

/**
 * The optimizer of a name, with its defaults.
 * @throws on an unknown name, with the nearest one.
 */
export function getOptimizer(place: string, identifier: OptimizerIdentifier): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  if (typeof identifier !== 'string') {
    throw new WasmgradError(
      `${place}: optimizer must be a name or an optimizer such as wg.train.adam(0.001), got ${typeof identifier}`,
    );
  }
  return new (optimizers.get(place, identifier))();
}

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

/** The options that were given. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
