// The constraints, and tfjs's functions that make them: `wg.constraints.maxNorm({ maxValue: 3 })`.
import {
  Constraint,
  MaxNorm,
  type MaxNormArgs,
  MinMaxNorm,
  type MinMaxNormArgs,
  NonNeg,
  type NormArgs,
  UnitNorm,
} from './constraints.js';

export type { ConstraintIdentifier } from './registry.js';
export { Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm };

/** Vectors longer than `maxValue` are shortened to it. */
export const maxNorm = (args?: Partial<MaxNormArgs>) => new MaxNorm(args);
/** The lengths of vectors are brought between `minValue` and `maxValue`. */
export const minMaxNorm = (args?: Partial<MinMaxNormArgs>) => new MinMaxNorm(args);
/** Negative weights become 0. */
export const nonNeg = () => new NonNeg();
/** Each vector gets the length 1. */
export const unitNorm = (args?: Partial<NormArgs>) => new UnitNorm(args);
