// Texts in nested lists: there is no tensor of them.
import { describe, WasmgradError } from '../../core/errors.js';

/** A text, or lists of texts. */
export type NestedStrings = string | readonly NestedStrings[];

/** Elements in row-major order, with their shape. */
export interface Elements<T> {
  readonly values: ArrayLike<T> & Iterable<T>;
  readonly shape: readonly number[];
}

/**
 * The elements of nested lists.
 * @param expected what an element is, in words
 * @throws if the lists are ragged, or hold something else
 */
export function elementsOf<T>(
  place: string,
  nested: unknown,
  is: (x: unknown) => x is T,
  expected: string,
): Elements<T> {
  const shape: number[] = [];
  for (let at: unknown = nested; Array.isArray(at); at = at[0]) shape.push(at.length);
  const values: T[] = [];
  const visit = (at: unknown, depth: number): void => {
    if (Array.isArray(at) && depth < shape.length && at.length === shape[depth]) {
      for (const inner of at) visit(inner, depth + 1);
    } else if (depth === shape.length && is(at)) {
      values.push(at);
    } else {
      const what = depth < shape.length ? `a list of ${shape[depth]}` : expected;
      throw new WasmgradError(`${place}: expected ${what}, got ${describe(at)}; nested lists must be of equal lengths`);
    }
  };
  visit(nested, 0);
  return { values, shape };
}

export const isText = (x: unknown): x is string => typeof x === 'string';

/** As `elementsOf`, of texts. */
export const textsOf = (place: string, nested: unknown): Elements<string> =>
  elementsOf(place, nested, isText, 'a text');

/** The order of the texts' code points, which is that of their bytes in UTF-8. */
export function compareTexts(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((letter, i) => letter !== y[i]);
  if (at < 0) return x.length - y.length;
  return y[at] === undefined ? 1 : x[at]!.codePointAt(0)! - y[at].codePointAt(0)!;
}

/** The error of a model that is given a layer of texts. */
export function noTexts(place: string): WasmgradError {
  return new WasmgradError(
    `${place}: tensors hold no texts, so it cannot be a part of a model; train on what its apply(texts) gives`,
  );
}
