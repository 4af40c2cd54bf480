// How tensor functions take their operands: numbers become tensors, dtypes are brought to what an op computes with.
import type { Op } from '../../core/op.js';
import { WasmgradError, describe } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { upcastType, type DataType, type Shape } from '../dtypes.js';
import { create, run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import { isTensor, type Tensor } from '../tensor.js';

/** The dtypes that an op computes with: what comes in another one is cast first. */
export type Accepts = 'float' | 'number' | 'any';

/** The dtype in which an op that accepts `accepts` takes values of `dtype`. */
export function accepted(accepts: Accepts, dtype: DataType): DataType {
  if (accepts === 'float') return 'float32';
  return accepts === 'number' && dtype === 'bool' ? 'int32' : dtype;
}

/** x, or a new tensor of another dtype: call it in a scope. */
export function asDtype(x: Tensor, dtype: DataType): Tensor {
  return x.dtype === dtype ? x : run(ops.cast, [x], dtype);
}

/** As a tensor that an op can compute with: call it in a scope. */
export function operand(place: string, x: TensorLike, accepts: Accepts): Tensor {
  const tensor = toTensor(place, x);
  return asDtype(tensor, accepted(accepts, tensor.dtype));
}

/** As `operand`, for both in the dtype that holds the values of both. */
export function operands(place: string, a: TensorLike, b: TensorLike, accepts: Accepts): [Tensor, Tensor] {
  const [x, y] = [toTensor(place, a), toTensor(place, b)];
  const dtype = accepted(accepts, upcastType(x.dtype, y.dtype));
  return [asDtype(x, dtype), asDtype(y, dtype)];
}

/** Runs an op of one tensor. */
export function runUnary<O extends readonly unknown[]>(
  place: string,
  op: Op<O>,
  accepts: Accepts,
  x: TensorLike,
  ...options: O
): Tensor {
  if (isTensor(x) && accepted(accepts, x.dtype) === x.dtype) return run(op, [x], ...options);
  return inScope(place, () => run(op, [operand(place, x, accepts)], ...options));
}

/** Runs an op of two tensors. */
export function runBinary(place: string, op: Op<[]>, accepts: Accepts, a: TensorLike, b: TensorLike): Tensor {
  if (isTensor(a)) {
    if (isTensor(b)) {
      if (a.dtype === b.dtype && accepted(accepts, a.dtype) === a.dtype) return run(op, [a, b]);
    } else if (typeof b === 'number' && a.dtype === 'float32') {
      const y = number(b);
      try {
        return run(op, [a, y]);
      } finally {
        y.dispose();
      }
    }
  }
  return inScope(place, () => run(op, operands(place, a, b, accepts)));
}

/** A float32 scalar. */
export function number(x: number): Tensor {
  return create([], 'float32', (values) => (values[0] = x));
}

/**
 * An operand that must have a certain dtype; plain numbers get it. Call it in a scope.
 * @throws if it is a tensor of another one.
 */
export function typed(place: string, name: string, x: TensorLike, dtype: DataType): Tensor {
  const tensor = toTensor(place, x, dtype);
  if (tensor.dtype === dtype) return tensor;
  throw new WasmgradError(
    `${place}: expected ${name} of dtype ${dtype}, got ${tensor.dtype}; call .${CASTS[dtype]}() on it`,
  );
}

const CASTS: Record<DataType, string> = { float32: 'toFloat', int32: 'toInt', bool: 'toBool' };

/**
 * An axis counted from 0.
 * @throws if there is no such axis.
 */
export function axisOf(place: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'a scalar has none' : `expected a whole number from ${-rank} to ${rank - 1}`;
    throw new WasmgradError(`${place}: axis ${describe(axis)} does not exist in a tensor of rank ${rank}; ${range}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The axes that a reduction takes away: all where none is given. */
export function axesOf(place: string, axis: number | readonly number[] | undefined | null, rank: number): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  return (typeof axis === 'object' ? axis : [axis]).map((one) => axisOf(place, one, rank));
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** A place, counted from the end where it is below 0. */
export function counted(at: number, dim: number): number {
  return at < 0 ? at + dim : at;
}
