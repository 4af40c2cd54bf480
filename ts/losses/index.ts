// The losses: `new wg.losses.Huber({ delta: 2 })` for `compile`, and tfjs's functions of tensors.
export * from '../tensor/ops/weightedLosses.js';
export {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
  type CrossentropyArgs,
} from './crossentropy.js';
export { Loss, type LossArgs, type LossFunction, type LossReduction } from './loss.js';
export type { LossIdentifier } from './registry.js';
export { Huber, MeanAbsoluteError, MeanSquaredError } from './regression.js';
