// Datasets: elements one after another, made when they are asked for.
import { check, seam } from '../core/core.js';
import { checkValue, FUNCTION, FLAG, SEED, wholeFrom, required, type Rule } from '../core/options.js';
import { inScope } from '../tensor/scopes.js';
import { disposeElement, stackElements } from './elements.js';
import { Uniform } from './uniform.js';

const nextSeed = () => check(seam.random_next_seed());

/** Makes an iterator over the elements, from the first on. */
type Begin<T> = () => AsyncGenerator<T> | Generator<T>;

const COUNT = required(wholeFrom(0));
const AT_LEAST_ONE = required(wholeFrom(1));

/**
 * A sequence of elements, which may be read again and again. An element is a number, array or tensor, or an object of
 * those: `{ xs, ys }` for training. Its tensors belong to whoever receives it: the next step, `fit`, or you.
 */
export class Dataset<T = unknown> implements AsyncIterable<T> {
  /**
   * @param begin makes an iterator from the first element on
   * @param size number of elements; null if it is not known
   */
  constructor(
    private readonly begin: Begin<T>,
    readonly size: number | null = null,
  ) {}

  [Symbol.asyncIterator](): AsyncGenerator<T> {
    const { begin } = this;
    return (async function* () {
      yield* begin();
    })();
  }

  /** tfjs's form of `for await`. */
  async iterator(): Promise<AsyncGenerator<T>> {
    return this[Symbol.asyncIterator]();
  }

  /** `f` of each element. Tensors that `f` makes and does not return end, and so do those of the element. */
  map<U>(f: (element: T) => U): Dataset<U> {
    need('map', 'the function', f, FUNCTION);
    return this.after(async function* (elements) {
      for await (const element of elements) {
        const mapped = attempt(element, () => inScope('map', () => f(element)));
        disposeElement(element, mapped);
        yield mapped;
      }
    }, this.size);
  }

  /** As `map`, with an async function, which disposes of what it makes besides. */
  mapAsync<U>(f: (element: T) => Promise<U>): Dataset<U> {
    need('mapAsync', 'the function', f, FUNCTION);
    return this.after(async function* (elements) {
      for await (const element of elements) {
        const mapped = await f(element);
        disposeElement(element, mapped);
        yield mapped;
      }
    }, this.size);
  }

  /** The elements for which `f` is true. */
  filter(f: (element: T) => boolean): Dataset<T> {
    need('filter', 'the function', f, FUNCTION);
    return this.after(async function* (elements) {
      for await (const element of elements) {
        if (attempt(element, () => inScope('filter', () => f(element)))) yield element;
        else disposeElement(element);
      }
    });
  }

  /**
   * Elements in groups: each value becomes a tensor with a row for each of `batchSize` elements.
   * @param smallLastBatch whether what is left at the end is a batch too
   */
  batch(batchSize: number, smallLastBatch = true): Dataset<unknown> {
    need('batch', 'batchSize', batchSize, AT_LEAST_ONE);
    need('batch', 'smallLastBatch', smallLastBatch, FLAG);
    const round = smallLastBatch ? Math.ceil : Math.floor;
    return this.after(
      async function* (elements) {
        let group: T[] = [];
        try {
          for await (const element of elements) {
            group.push(element);
            if (group.length < batchSize) continue;
            const full = group;
            group = [];
            yield stackElements(full);
          }
          if (!smallLastBatch || group.length === 0) return;
          const rest = group;
          group = [];
          yield stackElements(rest);
        } finally {
          disposeElement(group);
        }
      },
      this.size && round(this.size / batchSize),
    );
  }

  /** These elements, then those of another dataset. */
  concatenate(other: Dataset<T>): Dataset<T> {
    return this.after(
      async function* (elements) {
        yield* elements;
        yield* other;
      },
      this.size !== null && other.size !== null ? this.size + other.size : null,
    );
  }

  /** The first `count` elements. */
  take(count: number): Dataset<T> {
    need('take', 'the count', count, COUNT);
    return this.after(
      async function* (elements) {
        let left = count;
        if (left === 0) return;
        for await (const element of elements) {
          yield element;
          if (--left === 0) return;
        }
      },
      this.size && Math.min(this.size, count),
    );
  }

  /** What follows the first `count` elements. */
  skip(count: number): Dataset<T> {
    need('skip', 'the count', count, COUNT);
    return this.after(
      async function* (elements) {
        let left = count;
        for await (const element of elements) {
          if (left-- > 0) disposeElement(element);
          else yield element;
        }
      },
      this.size && Math.max(0, this.size - count),
    );
  }

  /** The elements `count` times over; without end if it is left out or -1. */
  repeat(count = -1): Dataset<T> {
    need('repeat', 'the count', count, required(wholeFrom(-1)));
    const { begin, size } = this;
    const times = count < 0 ? Infinity : count;
    return new Dataset(
      async function* () {
        for (let i = 0; i < times; i++) {
          let isEmpty = true;
          for await (const element of begin()) {
            isEmpty = false;
            yield element;
          }
          if (isEmpty) return;
        }
      },
      size && size * times,
    );
  }

  /**
   * The elements in random order: each is drawn from the next `bufferSize` ones.
   * @param seed by default the next of those that `setSeed` begins
   * @param reshuffleEachIteration whether another reading has another order
   */
  shuffle(bufferSize: number, seed?: number, reshuffleEachIteration = true): Dataset<T> {
    need('shuffle', 'bufferSize', bufferSize, AT_LEAST_ONE);
    need('shuffle', 'the seed', seed, SEED);
    need('shuffle', 'reshuffleEachIteration', reshuffleEachIteration, FLAG);
    const first = reshuffleEachIteration ? seed : (seed ?? nextSeed());
    const orders = first === undefined ? undefined : new Uniform(first);
    return this.after(async function* (elements) {
      const own = reshuffleEachIteration ? orders?.next() : first! / 2 ** 32;
      // Without a seed each reading has the next of the global ones, so that a run that is resumed goes on with them.
      const random = new Uniform(own === undefined ? nextSeed() : Math.floor(own * 2 ** 32));
      const buffer: T[] = [];
      const draw = () => {
        const [drawn] = buffer.splice(Math.floor(random.next() * buffer.length), 1);
        return drawn as T;
      };
      try {
        for await (const element of elements) {
          buffer.push(element);
          if (buffer.length > bufferSize) yield draw();
        }
        while (buffer.length > 0) yield draw();
      } finally {
        disposeElement(buffer);
      }
    }, this.size);
  }

  /** Asks for up to `bufferSize` elements before they are needed, so that waiting for files and networks overlaps. */
  prefetch(bufferSize: number): Dataset<T> {
    need('prefetch', 'bufferSize', bufferSize, AT_LEAST_ONE);
    return this.after(async function* (elements) {
      const ahead: Promise<IteratorResult<T>>[] = [];
      try {
        for (;;) {
          while (ahead.length < bufferSize) {
            const next = elements.next();
            // Whoever asks for it hears of the error.
            next.catch(() => {});
            ahead.push(next);
          }
          const { done, value } = await ahead.shift()!;
          if (done) return;
          yield value as T;
        }
      } finally {
        for (const result of await Promise.allSettled(ahead)) {
          if (result.status === 'fulfilled' && !result.value.done) disposeElement(result.value.value);
        }
      }
    }, this.size);
  }

  /** Calls `f` for each element; the element's tensors end after it. */
  async forEachAsync(f: (element: T) => void | Promise<void>): Promise<void> {
    need('forEachAsync', 'the function', f, FUNCTION);
    for await (const element of this) {
      await f(element);
      disposeElement(element);
    }
  }

  /** All elements; their tensors are the caller's. */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    for await (const element of this) all.push(element);
    return all;
  }

  /** A dataset of what `f` makes of the elements; wherever its reader stops, reading them stops too. */
  private after<U>(f: (elements: AsyncGenerator<T>) => AsyncGenerator<U>, size: number | null = null): Dataset<U> {
    const read = () => this[Symbol.asyncIterator]();
    return new Dataset(async function* () {
      const elements = read();
      try {
        yield* f(elements);
      } finally {
        await elements.return(undefined);
      }
    }, size);
  }
}

function need(method: string, name: string, value: unknown, rule: Rule): void {
  checkValue(`dataset.${method}`, name, value, rule);
}

/** What `f` gives; if it throws, the element ends. */
function attempt<U>(element: unknown, f: () => U): U {
  try {
    return f();
  } catch (error) {
    disposeElement(element);
    throw error;
  }
}
