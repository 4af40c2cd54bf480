// Optimizers by name.
import { WasmgradError, describe } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import { registerClass } from '../serialization.js';
import { Adagrad } from './adagrad.js';
import { Adam, AdamW } from './adam.js';
import { Optimizer } from './optimizer.js';
import { RMSprop } from './rmsprop.js';
import { SGD } from './sgd.js';

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
      `${place}: optimizer must be a name or an optimizer such as wg.train.adam(0.001), got ${describe(identifier)}`,
    );
  }
  return new (optimizers.get(place, identifier))();
}
