// Errors that teach: where, what was expected, what came, and the one action that mends it.

/** Every error that wasmgrad throws on purpose. */
export class WasmgradError extends Error {
  override name = 'WasmgradError';

  /** Puts the place where it happened in front of the message. */
  prefix(place: string): void {
    this.reword((message) => place + message);
  }

  /** Changes the message, also where the stack shows it. */
  reword(change: (message: string) => string): void {
    // The stack may be put into words at its first use: with the message of that moment.
    const { message, stack } = this;
    this.message = change(message);
    if (stack !== undefined) this.stack = stack.replace(message, () => this.message);
  }
}

/** The WASM heap cannot grow any further. Nothing was changed. */
export class OutOfMemoryError extends WasmgradError {
  override name = 'OutOfMemoryError';
}

/** Calls `f`; an error of the library that it throws gets the place in front. */
export function inPlace<T>(place: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof WasmgradError) error.prefix(`${place}: `);
    throw error;
  }
}

/** How many parts of a list or an object, and letters of a text, are shown. */
const [PARTS, LETTERS] = [6, 60];

/** What was given, in a few words that tell its type: `"3"`, `5n`, `[1, 2]`, `{ a: 1 }`, `function relu`. */
export function describe(x: unknown): string {
  return describeTo(2, x);
}

function describeTo(depth: number, x: unknown): string {
  if (typeof x === 'string') return JSON.stringify(x.length > LETTERS ? `${x.slice(0, LETTERS)}...` : x);
  if (typeof x === 'bigint') return `${x}n`;
  if (typeof x === 'function') return x.name === '' ? 'a function' : `function ${x.name}`;
  if (typeof x !== 'object' || x === null) return String(x);
  if (Array.isArray(x)) return `[${depth === 0 ? '...' : shown(x, (item) => describeTo(depth - 1, item))}]`;
  if (x instanceof Promise) return 'a promise';
  if (ArrayBuffer.isView(x)) return `${x.constructor.name} of ${x.byteLength} bytes`;
  if ('dataSync' in x && 'shape' in x) return `a tensor of shape ${describe(x.shape)}`;
  const prototype: unknown = Object.getPrototypeOf(x);
  if (prototype !== Object.prototype && prototype !== null) {
    return `an object of class ${(x.constructor as { name?: unknown } | undefined)?.name}`;
  }
  const entry = ([key, value]: [string, unknown]) => `${key}: ${describeTo(depth - 1, value)}`;
  const entries = Object.entries(x);
  return entries.length === 0 ? '{}' : `{ ${depth === 0 ? '...' : shown(entries, entry)} }`;
}

function shown<T>(items: readonly T[], text: (item: T) => string): string {
  return [...items.slice(0, PARTS).map(text), ...(items.length > PARTS ? ['...'] : [])].join(', ');
}

/** The nearest of `known` to a misspelt name, if one is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** ` (did you mean "useBias"?)`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearest(name, known);
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

/**
 * Asks an object of a user's class for what its base class leaves to it.
 * @param methods what is to be written, by the name of the method
 * @throws if one is missing.
 */
export function checkMethods(place: string, object: object, methods: Readonly<Record<string, string>>): void {
  for (const [name, description] of Object.entries(methods)) {
    if (typeof object[name as never] !== 'function') {
      throw new WasmgradError(`${place}: class ${object.constructor.name} has no ${name}; write ${description}`);
    }
  }
}

/** Insertions, deletions and substitutions between two words (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
