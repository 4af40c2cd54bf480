// Regularizers by name.
import { inPlace } from '../core/errors.js';
import { Kind, type Identifier } from '../identifiers.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';
import { sumAll } from '../tensor/words.js';
import type { TensorFunction } from '../weightRule.js';
import { CustomRegularizer, L1, L1L2, L2, OrthogonalRegularizer, Regularizer } from './regularizers.js';

/** A name, a regularizer or its class, a function of a tensor, or `{ className, config }` as a file holds it. */
export type RegularizerIdentifier = Identifier<Regularizer, TensorFunction>;

export const REGULARIZERS = new Kind<Regularizer, TensorFunction>(
  'regularizer',
  Regularizer,
  { l1: L1, l2: L2, l1l2: L1L2, orthogonalRegularizer: OrthogonalRegularizer },
  'apply(x), which gives the penalty of a tensor',
  (f) => new CustomRegularizer(f),
);

/** The penalty of x; where the regularizer gives several numbers, their sum. */
export function penaltyOf(place: string, regularizer: Regularizer, x: Tensor): Tensor {
  return inPlace(place, () => {
    const penalty: unknown = regularizer.apply(x);
    checkReturned('the regularizer', penalty);
    return sumAll(penalty);
  });
}
