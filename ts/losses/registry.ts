// Losses by name.
import { checkMethods } from '../core/errors.js';
import { Registry } from '../core/registry.js';
import { registerClass } from '../serialization.js';
import * as crossentropy from './crossentropy.js';
import * as hinge from './hinge.js';
import { CustomLoss, Loss, type LossClass, type LossFunction } from './loss.js';
import * as overlap from './overlap.js';
import * as regression from './regression.js';
import { CTC } from './sequences.js';

/** A name, a loss, or a function. */
export type LossIdentifier = string | Loss | LossFunction;

/** Classes by name. */
export const LOSSES = {
  meanSquaredError: regression.MeanSquaredError,
  mse: regression.MeanSquaredError,
  meanAbsoluteError: regression.MeanAbsoluteError,
  mae: regression.MeanAbsoluteError,
  meanAbsolutePercentageError: regression.MeanAbsolutePercentageError,
  mape: regression.MeanAbsolutePercentageError,
  meanSquaredLogarithmicError: regression.MeanSquaredLogarithmicError,
  msle: regression.MeanSquaredLogarithmicError,
  huber: regression.Huber,
  logCosh: regression.LogCosh,
  poisson: regression.Poisson,
  cosineSimilarity: regression.CosineSimilarity,
  cosineProximity: regression.CosineSimilarity,
  hinge: hinge.Hinge,
  squaredHinge: hinge.SquaredHinge,
  categoricalHinge: hinge.CategoricalHinge,
  crossentropy: crossentropy.AnyCrossentropy,
  ce: crossentropy.AnyCrossentropy,
  binaryCrossentropy: crossentropy.BinaryCrossentropy,
  bce: crossentropy.BinaryCrossentropy,
  binaryFocalCrossentropy: crossentropy.BinaryFocalCrossentropy,
  categoricalCrossentropy: crossentropy.CategoricalCrossentropy,
  categoricalFocalCrossentropy: crossentropy.CategoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy: crossentropy.CategoricalGeneralizedCrossEntropy,
  sparseCategoricalCrossentropy: crossentropy.SparseCategoricalCrossentropy,
  klDivergence: crossentropy.KLDivergence,
  kld: crossentropy.KLDivergence,
  kullbackLeiblerDivergence: crossentropy.KLDivergence,
  dice: overlap.Dice,
  tversky: overlap.Tversky,
  circle: overlap.Circle,
  ctc: CTC,
} satisfies Record<string, LossClass>;
const losses = new Registry<new () => Loss>('loss', LOSSES);

for (const loss of Object.values(LOSSES)) registerClass(loss);

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
