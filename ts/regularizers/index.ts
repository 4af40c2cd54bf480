// The regularizers, and tfjs's functions that make them: `wg.regularizers.l2({ l2: 0.001 })`.
import {
  L1,
  type L1Args,
  L1L2,
  type L1L2Args,
  L2,
  type L2Args,
  OrthogonalRegularizer,
  type OrthogonalRegularizerArgs,
  Regularizer,
} from './regularizers.js';

export type { RegularizerIdentifier } from './registry.js';
export { L1, L1L2, L2, OrthogonalRegularizer, Regularizer };

/** l1 sum |x| */
export const l1 = (args?: Partial<L1Args>) => new L1(args);
/** l2 sum x^2 */
export const l2 = (args?: Partial<L2Args>) => new L2(args);
/** l1 sum |x| + l2 sum x^2 */
export const l1l2 = (args?: Partial<L1L2Args>) => new L1L2(args);
/** factor times the mean |cos| of the angles between the rows, or the columns, of a matrix. */
export const orthogonalRegularizer = (args?: Partial<OrthogonalRegularizerArgs>) => new OrthogonalRegularizer(args);
