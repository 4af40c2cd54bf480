// Functions that choose by a condition.
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { upcastType } from '../dtypes.js';
import { create, run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { asDtype, axisOf, operand, sameShape, typed } from './operands.js';

/**
 * a where the condition is true, else b; all three broadcast. No gradient passes to what was not chosen.
 * @throws if the condition is not bool.
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  return inScope('where', () => {
    const [x, y] = [toTensor('where', a), toTensor('where', b)];
    const dtype = upcastType(x.dtype, y.dtype);
    return run(ops.select, [typed('where', 'condition', condition, 'bool'), asDtype(x, dtype), asDtype(y, dtype)]);
  });
}

/** The places (n, rank) of the n elements that are true. Reads values. */
export async function whereAsync(condition: TensorLike): Promise<Tensor> {
  return inScope('whereAsync', () => placesOf(typed('whereAsync', 'condition', condition, 'bool')));
}

function placesOf(condition: Tensor): Tensor {
  const { shape, rank } = condition;
  const found = [...condition.dataSync<'bool'>().entries()].filter(([, value]) => value !== 0);
  return create([found.length, rank], 'int32', (view) => {
    for (const [row, [flat]] of found.entries()) {
      let rest = flat;
      for (let axis = rank - 1; axis >= 0; axis--) {
        view[row * rank + axis] = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
    }
  });
}

/**
 * The slices of x at which the mask is true, one behind the other. Reads the mask's values.
 * @param mask bool; its shape is that of the dimensions of x from `axis` on
 */
export async function booleanMaskAsync(x: TensorLike, mask: TensorLike, axis = 0): Promise<Tensor> {
  return inScope('booleanMaskAsync', () => {
    const [source, where] = [operand('booleanMaskAsync', x, 'any'), typed('booleanMaskAsync', 'mask', mask, 'bool')];
    const from = axisOf('booleanMaskAsync', axis, source.rank);
    const [before, rest] = [source.shape.slice(0, from), source.shape.slice(from + where.rank)];
    if (where.rank === 0 || !sameShape(where.shape, source.shape.slice(from, from + where.rank))) {
      throw new WasmgradError(
        `booleanMaskAsync: a mask of shape [${where.shape}] does not fit shape [${source.shape}] from axis ${from} on`,
      );
    }
    const flat = run(ops.reshape, [where], [where.size]);
    const places = placesOf(flat);
    const rows = run(ops.reshape, [source], [...before, where.size, ...rest]);
    return run(ops.gather, [rows, run(ops.reshape, [places], [places.size])], from, 0);
  });
}
