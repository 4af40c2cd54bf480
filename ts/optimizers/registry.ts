// Optimizers by name.
import { WasmgradError, describe } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import { registerClass } from '../serialization.js';
import { Adadelta, Adagrad } from './adagrad.js';
import { Adam, Adamax, AdamW, Lion, Nadam } from './adam.js';
import { Ftrl } from './ftrl.js';
import { Adafactor, Lamb, Muon } from './layerwise.js';
import { Optimizer } from './optimizer.js';
import { RMSprop } from './rmsprop.js';
import { SGD } from './sgd.js';

/** A name, or an optimizer. */
export type OptimizerIdentifier = string | Optimizer;

/** Classes by name. */
export const OPTIMIZERS = {
  sgd: SGD,
  rmsprop: RMSprop,
  adam: Adam,
  adamw: AdamW,
  adagrad: Adagrad,
  adadelta: Adadelta,
  adamax: Adamax,
  nadam: Nadam,
  ftrl: Ftrl,
  lion: Lion,
  lamb: Lamb,
  adafactor: Adafactor,
  muon: Muon,
};
const optimizers = new Registry<new () => Optimizer>('optimizer', OPTIMIZERS);

for (const cls of Object.values(OPTIMIZERS)) registerClass(cls);

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
