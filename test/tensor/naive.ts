// Arrays as slow as they are plain, by which tensors are judged.
import * as fc from 'fast-check';
import { expect } from 'vitest';
import * as wg from '../../ts/index.js';

export interface Naive {
  shape: number[];
  at: (place: readonly number[]) => number;
}

/** All places of a shape, in row-major order. */
export function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (before, dim) => before.flatMap((place) => Array.from({ length: dim }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Small whole numbers, different from place to place, so that sums are exact and moves are seen. */
export function naive(shape: readonly number[], salt = 0): Naive {
  const at = (place: readonly number[]) => {
    const flat = place.reduce((index, i, axis) => index * shape[axis]! + i, 0);
    return ((flat * 7 + salt * 3) % 11) - 4;
  };
  return { shape: [...shape], at };
}

/** The tensor of a naive array. */
export function tensorOf({ shape, at }: Naive, dtype: wg.DataType = 'float32'): wg.Tensor {
  return wg.tensor(places(shape).map(at), shape, dtype);
}

/** Fails unless shape and all elements are equal. */
export function expectSame(actual: wg.Tensor, { shape, at }: Naive): void {
  expect(actual.shape).toEqual(shape);
  expect(Array.from(actual.dataSync())).toEqual(places(shape).map((place) => at(place)));
}

/** Shapes of rank 0 to 6 and at most some hundred elements, some of them none. */
export const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
/** As `shapes`, of rank 1 and more. */
export const axedShapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });

/** A shape, and one of its axes, counted from either end. */
export const shapeAndAxis = axedShapes.chain((shape) =>
  fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: -shape.length, max: shape.length - 1 }) }),
);

/** An axis counted from the start. */
export const fromStart = (axis: number, { length }: readonly number[]) => (axis < 0 ? axis + length : axis);

/** Runs a property whose tensors are disposed of. */
export function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, (value) => wg.tidy(() => property(value))));
}
