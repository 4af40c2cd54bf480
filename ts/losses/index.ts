// The losses: `new wg.losses.Huber({ delta: 2 })` for `compile`, and tfjs's functions of tensors.
export * from '../tensor/ops/weightedLosses.js';
export {
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalGeneralizedCrossEntropy,
  KLDivergence,
  SparseCategoricalCrossentropy,
  type BinaryFocalOptions,
  type CrossentropyOptions,
  type FocalOptions,
  type LogitsOptions,
  type SparseOptions,
} from './crossentropy.js';
export { CategoricalHinge, Hinge, SquaredHinge } from './hinge.js';
export { Loss, type LossArgs, type LossClass, type LossFunction, type LossReduction } from './loss.js';
export { Circle, Dice, Tversky, type CircleOptions, type OverlapOptions, type TverskyOptions } from './overlap.js';
export type { LossIdentifier } from './registry.js';
export {
  CosineSimilarity,
  Huber,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
} from './regression.js';
export { CTC } from './sequences.js';
