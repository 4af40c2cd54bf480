// Losses by name.
import { checkMethods } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import { registerClass } from '../serialization.js';
import { BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy } from './crossentropy.js';
import { CustomLoss, Loss, type LossFunction } from './loss.js';
import { Huber, MeanAbsoluteError, MeanSquaredError } from './regression.js';

/** A name, a loss, or a function. */
export type LossIdentifier = string | Loss | LossFunction;

const losses = new Registry<new () => Loss>('loss', {
  meanSquaredError: MeanSquaredError,
  mse: MeanSquaredError,
  meanAbsoluteError: MeanAbsoluteError,
  mae: MeanAbsoluteError,
  binaryCrossentropy: BinaryCrossentropy,
  categoricalCrossentropy: CategoricalCrossentropy,
  sparseCategoricalCrossentropy: SparseCategoricalCrossentropy,
  huber: Huber,
});

for (const loss of [
  MeanSquaredError,
  MeanAbsoluteError,
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
  Huber,
]) {
  registerClass(loss);
}

/**
 * The loss of a name or function.
 * @throws on an unknown name, with the nearest one.
 */
export function getLoss(place: string, identifier: LossIdentifier): Loss {
  if (identifier instanceof Loss) {
    checkMethods(`${place}: loss`, identifier, { values: 'values(yTrue, yPred), which gives a value for each sample' });
    return identifier;
  }
  return typeof identifier === 'function' ? new CustomLoss(identifier) : new (losses.get(place, identifier))();
}
