// Where datasets begin: arrays, generators, other datasets.
import { checkValue, FUNCTION, required, type Rule } from '../core/options.js';
import { Dataset } from './dataset.js';
import { cloneElement, disposeElement } from './elements.js';

const LIST: Rule = { ok: Array.isArray, expected: 'a list of elements' };

/** The items of an array, one an element. Their tensors stay the caller's: elements have copies. */
export function array<T>(items: readonly T[]): Dataset<T> {
  checkValue('data.array', 'the items', items, required(LIST));
  return new Dataset(function* () {
    for (const item of items) yield cloneElement(item);
  }, items.length);
}

/** What a generator function (async or not), or one that gives an iterator, makes; each reading calls it anew. */
export function generator<T>(
  make: () => AsyncIterable<T> | Iterable<T> | AsyncIterator<T> | Iterator<T> | Promise<Iterator<T> | AsyncIterator<T>>,
): Dataset<T> {
  checkValue('data.generator', 'the argument', make, required(FUNCTION));
  return new Dataset(async function* () {
    yield* iterable(await make());
  });
}

/** An iterator as something that can be read by `for await`. */
function iterable<T>(
  made: AsyncIterable<T> | Iterable<T> | AsyncIterator<T> | Iterator<T>,
): AsyncIterable<T> | Iterable<T> {
  if (Symbol.asyncIterator in made || Symbol.iterator in made) return made;
  return { [Symbol.asyncIterator]: () => made as AsyncIterator<T> };
}

type Zipped<D> = D extends Dataset<infer T> ? T : D extends object ? { [Key in keyof D]: Zipped<D[Key]> } : never;

/**
 * Elements of several datasets beside one another: `zip({ xs, ys })` has elements `{ xs, ys }`. It ends with the shortest.
 */
export function zip<D extends readonly unknown[] | Readonly<Record<string, unknown>>>(datasets: D): Dataset<Zipped<D>> {
  const entries = Object.entries(datasets).map(([key, part]): [string, Dataset] => {
    return [key, part instanceof Dataset ? part : (zip(part as Readonly<Record<string, unknown>>) as Dataset)];
  });
  const sizes = entries.map(([, { size }]) => size);
  const build = (values: unknown[]) =>
    Array.isArray(datasets) ? values : Object.fromEntries(entries.map(([key], i) => [key, values[i]]));
  return new Dataset(
    async function* () {
      const iterators = entries.map(([, part]) => part[Symbol.asyncIterator]());
      try {
        for (;;) {
          const results = await Promise.all(iterators.map((iterator) => iterator.next()));
          const values = results.map(({ value }) => value as unknown);
          if (results.some(({ done }) => done)) {
            disposeElement(values);
            return;
          }
          yield build(values) as Zipped<D>;
        }
      } finally {
        await Promise.all(iterators.map((iterator) => iterator.return(undefined)));
      }
    },
    sizes.includes(null) ? null : Math.min(...(sizes as number[])),
  );
}
