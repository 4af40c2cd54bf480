// Small helpers that programs around models need: tfjs's `util`.
import { check, seam } from './core/core.js';
import { WasmgradError } from './core/errors.js';
import { inferShape as shapeOf, isTypedArray, nest, sizeOf, type NestedArray, type Shape } from './tensor/dtypes.js';
import { create } from './tensor/run.js';

export { stridesOf as computeStrides } from './tensor/buffer.js';
export { isTypedArray };

/** @throws an error with the text that `message` gives, if `condition` is false. */
export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new WasmgradError(message());
}

/** @throws if the shapes differ. */
export function assertShapesMatch(a: readonly number[], b: readonly number[], errorMessagePrefix = ''): void {
  assert(arraysEqual(a, b), () => `${errorMessagePrefix}: shapes [${a}] and [${b}] differ`.replace(/^: /, ''));
}

/** @throws if `x` is null or undefined. */
export function assertNonNull(x: unknown): void {
  assert(x !== null && x !== undefined, () => 'expected a value, got null or undefined');
}

/** Milliseconds since some moment, with fractions. */
export function now(): number {
  return performance.now();
}

/** Number of elements of a shape. */
export function sizeFromShape(shape: readonly number[]): number {
  return sizeOf(shape);
}

/** The shape of nested arrays. @throws if they are ragged. */
export function inferShape(values: NestedArray): Shape {
  return shapeOf('inferShape', values);
}

/** Whether two lists hold the same numbers in the same order. */
export function arraysEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `x`, or the bound that it lies beyond. */
export function clamp(min: number, x: number, max: number): number {
  return Math.max(min, Math.min(x, max));
}

/** The elements of nested lists, typed arrays among them, in their order. */
export function flatten(values: NestedArray): number[] {
  const visit = (at: NestedArray): number[] =>
    isTypedArray(at) ? Array.from(at) : Array.isArray(at) ? (at as NestedArray[]).flatMap(visit) : [Number(at)];
  return visit(values);
}

/** Flat values as nested arrays of the given shape. @throws if they do not fill it. */
export function toNestedArray(shape: readonly number[], values: ArrayLike<number>): number | NestedArray {
  assert(values.length === sizeOf(shape), () => `toNestedArray: ${values.length} values do not fill shape [${shape}]`);
  return nest(values, shape) as NestedArray;
}

/** What can be shuffled. */
export type Shufflable = unknown[] | { [index: number]: unknown; readonly length: number };

/** The numbers from 0 to n - 1 in random order: that of `numpy.random.permutation` for the seed given to `setSeed`. */
export function createShuffledIndices(n: number): Uint32Array {
  const indices = create([n], 'int32', () => {});
  try {
    check(seam.random_permutation(indices.handle));
    return Uint32Array.from(indices.dataSync<'int32'>());
  } finally {
    indices.dispose();
  }
}

/** Puts the elements into random order, in place. */
export function shuffle(array: Shufflable): void {
  reorder(array, createShuffledIndices(array.length));
}

/** Puts the elements of two lists of one length into the same random order, in place. @throws if the lengths differ. */
export function shuffleCombo(array: Shufflable, array2: Shufflable): void {
  assert(array.length === array2.length, () => `shuffleCombo: lists of lengths ${array.length} and ${array2.length}`);
  const order = createShuffledIndices(array.length);
  reorder(array, order);
  reorder(array2, order);
}

function reorder(array: Shufflable, order: Uint32Array): void {
  const before = Array.from(array as ArrayLike<unknown>);
  for (let i = 0; i < before.length; i++) (array as unknown[])[i] = before[order[i]!];
}
