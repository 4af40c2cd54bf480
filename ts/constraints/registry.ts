// Constraints by name.
import { probe, type Spec } from '../compile.js';
import { inPlace, WasmgradError } from '../core/errors.js';
import { Kind, type Identifier } from '../identifiers.js';
import { checkReturned } from '../tensor/tensor.js';
import { formatShape } from '../tensor/dtypes.js';
import type { TensorFunction } from '../weightRule.js';
import { Constraint, CustomConstraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm } from './constraints.js';

/** A name, a constraint or its class, a function of a tensor, or `{ className, config }` as a file holds it. */
export type ConstraintIdentifier = Identifier<Constraint, TensorFunction>;

export const CONSTRAINTS = new Kind<Constraint, TensorFunction>(
  'constraint',
  Constraint,
  { maxNorm: MaxNorm, minMaxNorm: MinMaxNorm, nonNeg: NonNeg, unitNorm: UnitNorm },
  'apply(w), which gives what takes the place of a weight',
  (f) => new CustomConstraint(f),
);

/** @throws if a weight of this type would become one of another type */
export function checkConstraint(place: string, constraint: Constraint, { shape, dtype }: Spec): void {
  inPlace(`${place}: constraint`, () => {
    const [given] = probe([{ shape, dtype }], (w) => {
      const result: unknown = constraint.apply(w!);
      checkReturned('it', result);
      return [result];
    });
    if (given!.dtype === dtype && String(given!.shape) === String(shape)) return;
    throw new WasmgradError(
      `it gives ${given!.dtype} of shape ${formatShape(given!.shape)} for a weight of ${dtype} of shape ${formatShape(shape)}; ` +
        'it must keep both',
    );
  });
}
