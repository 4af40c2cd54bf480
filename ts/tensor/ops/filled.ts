// Tensors of one value.
import * as ops from '../../ops.gen.js';
import { checkDtype, checkShape, type DataType, type Shape } from '../dtypes.js';
import { create, run } from '../run.js';
import type { Tensor } from '../tensor.js';

/** The largest integer up to which every one is a float32. */
const EXACT = 2 ** 24;

/**
 * All elements equal to `value`.
 * @throws if the shape or the dtype is none.
 */
export function filled(place: string, shape: Shape, value: number, dtype: DataType): Tensor {
  checkDtype(place, dtype);
  checkShape(place, shape);
  // The op's value is a float32.
  if (dtype === 'int32' && Math.abs(value) > EXACT) return create([...shape], dtype, (values) => values.fill(value));
  return run(ops.fill, [], shape, value, dtype);
}
