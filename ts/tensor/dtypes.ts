// Data types and nested arrays.
import { WasmgradError, didYouMean, describe } from '../core/errors.js';
import { DTYPES, type DataType } from '../core/op.js';

export { DTYPES, type DataType };

/** The typed array in which values of each dtype are read. */
export interface DataTypeMap {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/** Dimensions, outermost first. */
export type Shape = number[];
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray;
export type ScalarLike = number | boolean;
export type NestedArray = ScalarLike | TypedArray | readonly NestedArray[];

/** @throws if `dtype` is none of the three. */
export function checkDtype(place: string, dtype: string): asserts dtype is DataType {
  if (!(DTYPES as readonly string[]).includes(dtype)) {
    throw new WasmgradError(
      `${place}: unknown dtype ${describe(dtype)}${didYouMean(String(dtype), DTYPES)}; expected ${DTYPES.join(', ')}`,
    );
  }
}

/** @throws if `shape` is no list of whole numbers from 0 on. */
export function checkShape(place: string, shape: Shape): void {
  if (Array.isArray(shape) && shape.every((dim) => Number.isInteger(dim) && dim >= 0)) return;
  throw new WasmgradError(
    `${place}: a shape is a list of whole numbers from 0 on such as [2, 3], got ${describe(shape)}`,
  );
}

/** `[*, 4]`: a shape in which dimensions may be open. */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((dim) => dim ?? '*').join(', ')}]`;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

/** Whether `x` is one of the typed arrays that hold numbers. */
export function isTypedArray(x: unknown): x is TypedArray {
  return (
    ArrayBuffer.isView(x) && !(x instanceof DataView) && !(x instanceof BigInt64Array) && !(x instanceof BigUint64Array)
  );
}

/** The dtype that holds values of both: bool < int32 < float32. */
export function upcastType(a: DataType, b: DataType): DataType {
  return DTYPES[Math.min(DTYPES.indexOf(a), DTYPES.indexOf(b))]!;
}

/** The dtype that values get when none is given: as in tfjs, plain numbers are float32. */
export function inferDtype(values: NestedArray): DataType {
  if (isTypedArray(values)) {
    return values instanceof Float32Array || values instanceof Float64Array ? 'float32' : 'int32';
  }
  if (typeof values === 'boolean') return 'bool';
  return Array.isArray(values) && values.length > 0 ? inferDtype((values as NestedArray[])[0]!) : 'float32';
}

/**
 * The shape of a nested array; a typed array counts as one dimension.
 * @throws if it is ragged: the place of the first row that differs is named.
 */
export function inferShape(place: string, values: NestedArray): Shape {
  const shape: Shape = [];
  for (let at: NestedArray = values; isList(at); at = (at as ArrayLike<NestedArray>)[0]!) {
    shape.push(at.length);
    if (at.length === 0) break;
  }
  checkRegular(place, values, shape, 0, '');
  return shape;
}

function isList(values: NestedArray): values is TypedArray | readonly NestedArray[] {
  return Array.isArray(values) || isTypedArray(values);
}

function checkRegular(place: string, values: NestedArray, shape: Shape, depth: number, path: string): void {
  const expected = depth < shape.length ? `${shape[depth]} elements` : 'a number';
  if (!isList(values)) {
    if (typeof values !== 'number' && typeof values !== 'boolean') throw noNumber(place, values, path);
    if (depth === shape.length) return;
    throw new WasmgradError(
      `${place}: ragged array: element ${path} is a number, expected ${expected}; give all rows the same length`,
    );
  }
  if (depth === shape.length || values.length !== shape[depth]) {
    throw new WasmgradError(
      `${place}: ragged array: element ${path} has ${values.length} elements, expected ${expected}; ` +
        'give all rows the same length',
    );
  }
  if (isTypedArray(values)) return;
  // A row of numbers is checked without a call for each.
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (depth + 1 === shape.length && (typeof value === 'number' || typeof value === 'boolean')) continue;
    checkRegular(place, value, shape, depth + 1, `${path}[${i}]`);
  }
}

function noNumber(place: string, value: unknown, path: string): WasmgradError {
  const [where, expected] = path === '' ? ['', 'numbers'] : [`element ${path} is `, 'a number'];
  const isTensor = typeof value === 'object' && value !== null && 'dataSync' in value;
  const hint = isTensor ? 'join tensors with stack, copy one with clone' : 'tensors hold numbers and booleans only';
  return new WasmgradError(`${place}: ${where}${describe(value)}, expected ${expected}; ${hint}`);
}

/** Writes the numbers of a nested array into `out`, in row-major order. */
export function flattenInto(values: NestedArray, out: Float32Array | Float64Array | Int32Array, at = 0): number {
  if (isTypedArray(values)) {
    out.set(values, at);
    return at + values.length;
  }
  if (!Array.isArray(values)) {
    out[at] = Number(values);
    return at + 1;
  }
  for (let i = 0; i < values.length; i++) {
    const value = (values as NestedArray[])[i]!;
    if (typeof value === 'number') out[at++] = value;
    else at = flattenInto(value, out, at);
  }
  return at;
}

/** Flat values as a nested array of the given shape; bools as booleans' numbers 0 and 1. */
export function nest<T>(values: ArrayLike<T>, shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0];
  const build = (depth: number, at: number, stride: number): unknown => {
    const step = stride / Math.max(shape[depth]!, 1);
    return Array.from({ length: shape[depth]! }, (_, i) =>
      depth === shape.length - 1 ? values[at + i] : build(depth + 1, at + i * step, step),
    );
  };
  return build(0, 0, sizeOf(shape));
}
