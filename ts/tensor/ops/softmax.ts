// Probabilities along an axis.
import type { Op } from '../../core/op.js';
import * as ops from '../../ops.gen.js';
import { run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { axisOf, operand } from './operands.js';

/** eˣ / sum(eˣ) along `dim`, by default the last. */
export function softmax(logits: TensorLike, dim = -1): Tensor {
  return along('softmax', ops.softmax, logits, dim);
}

/** log(softmax(x)) along `axis`, by default the last. */
export function logSoftmax(logits: TensorLike, axis = -1): Tensor {
  return along('logSoftmax', ops.logSoftmax, logits, axis);
}

/** The ops know the last axis only: another one changes places with it before and after. */
function along(place: string, op: Op<[]>, logits: TensorLike, axis: number): Tensor {
  return inScope(place, () => {
    const x = operand(place, logits, 'float');
    const [at, last] = [axisOf(place, axis, x.rank), x.rank - 1];
    if (at === last) return run(op, [x]);
    const swapped = x.shape.map((_, i) => (i === at ? last : i === last ? at : i));
    return run(ops.transpose, [run(op, [run(ops.transpose, [x], swapped)])], swapped);
  });
}
