// Who owns which tensor: scopes, the finalizer as safety net, and the count.
import { onOutOfMemory, seam } from '../core/core.js';
import { WasmgradError, describe } from '../core/errors.js';
import type { Tensor } from './tensor.js';

/** The tensors made in each open `tidy`, innermost last. */
const scopes: Set<Tensor>[] = [];
/** Where live tensors were made, by handle: the large ones always, all of them while `trackSites` is on. */
const sites = new Map<number, { site: string; bytes: number }>();
/** From so many bytes on, a stack trace costs little beside the tensor. */
const LARGE = 2 ** 20;
/**
 * Tensors that the finalizer does not know yet. To tell it costs as much as a small op, and most tensors end before the
 * code that made them lets go; so it is told when that happens, or when there are many of them.
 */
const young: Tensor[] = [];
const MOST_YOUNG = 1024;
/** A larger one shall not wait for that. */
const LARGEST_YOUNG = 2 ** 12;
let live = 0;
let collected = 0;
let tracking = false;

/** Frees what a program lost without disposing of it. Never runs inside of a synchronous loop. */
const finalizer = new FinalizationRegistry<number>((handle) => {
  collected++;
  live--;
  sites.delete(handle);
  seam.tensor_drop(handle);
});

/** A new tensor begins to live in the innermost scope. */
export function adopt(tensor: Tensor, handle: number): void {
  live++;
  scopes.at(-1)?.add(tensor);
  const bytes = 4 * tensor.size;
  if (bytes > LARGEST_YOUNG) watch(tensor);
  else {
    if (young.length === 0) queueMicrotask(watchYoung);
    else if (young.length === MOST_YOUNG) watchYoung();
    young.push(tensor);
  }
  if (tracking || bytes >= LARGE) sites.set(handle, { site: creationSite(), bytes });
}

function watchYoung(): void {
  for (const tensor of young) if (!tensor.isDisposed) watch(tensor);
  young.length = 0;
}

function watch(tensor: Tensor): void {
  tensor.isWatched = true;
  finalizer.register(tensor, tensor.handle, tensor);
}

/** A tensor is disposed of by its owner. */
export function release(tensor: Tensor, handle: number): void {
  forget(tensor, handle);
  seam.tensor_drop(handle);
}

/** A tensor object ends whose handle lives on in another one. */
export function forget(tensor: Tensor, handle: number): void {
  live--;
  if (tensor.isWatched) finalizer.unregister(tensor);
  for (const scope of scopes) scope.delete(tensor);
  if (sites.size > 0) sites.delete(handle);
}

/** What `tidy`, `keep` and the like find tensors in. */
export type TensorContainer =
  | Tensor
  | string
  | number
  | boolean
  | null
  | undefined
  | void
  | readonly TensorContainer[]
  | { readonly [key: string]: TensorContainer };

/** Calls `visit` for each tensor in nested arrays and plain objects. */
export function forEachTensor(container: unknown, visit: (tensor: Tensor) => void): void {
  if (container === null || typeof container !== 'object') return;
  if (isTensorLike(container)) return visit(container);
  const values = Array.isArray(container) ? container : isPlain(container) ? Object.values(container) : [];
  for (const value of values) forEachTensor(value, visit);
}

const BRAND = Symbol.for('wasmgrad.tensor');

function isTensorLike(x: object): x is Tensor {
  return BRAND in x;
}

/** Whether it is an object of no class. */
export function isPlain(x: object): boolean {
  const prototype = Object.getPrototypeOf(x) as unknown;
  return prototype === Object.prototype || prototype === null;
}

/**
 * Runs `f` and disposes of every tensor made meanwhile, except those that it returns (in arrays and objects too),
 * those given to `keep`, and variables.
 * @throws if `f` is async: between its awaits other code's tensors would be caught.
 */
export function tidy<T>(f: () => T): T;
export function tidy<T>(name: string, f: () => T): T;
export function tidy<T>(nameOrF: string | (() => T), f?: () => T): T {
  return inScope('tidy', typeof nameOrF === 'string' ? f! : nameOrF);
}

/** What `tidy` does, for callers with another name. */
export function inScope<T>(place: string, f: () => T): T {
  refuseAsync(place, f);
  const scope = new Set<Tensor>();
  scopes.push(scope);
  let result: T;
  try {
    result = f();
    refusePromise(place, result);
    forEachTensor(result, (tensor) => moveOut(tensor, scope));
  } finally {
    scopes.splice(scopes.indexOf(scope), 1);
    for (const tensor of scope) tensor.dispose();
  }
  return result;
}

function moveOut(tensor: Tensor, scope: Set<Tensor>): void {
  if (scope.delete(tensor)) scopes[scopes.indexOf(scope) - 1]?.add(tensor);
}

/** @throws if `f` is no function, or declared async. */
export function refuseAsync(place: string, f: (...args: never[]) => unknown): void {
  if (typeof f !== 'function') throw new WasmgradError(`${place}: expected a function, got ${describe(f)}`);
  if (f.constructor.name === 'AsyncFunction') throw asyncError(place);
}

/** @throws if a function gave a promise: it was async, whatever it was compiled to. */
export function refusePromise(place: string, result: unknown): void {
  if (result instanceof Promise) throw asyncError(place);
}

function asyncError(place: string): WasmgradError {
  return new WasmgradError(
    `${place}: the function is async, and tensors of other code would be disposed of during its awaits; ` +
      'declare tensors with `using`, or call keep(x) and x.dispose() around the awaits',
  );
}

/** Saves a tensor from the `tidy` around it. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const scope of scopes) scope.delete(tensor);
  return tensor;
}

/** Disposes of every tensor in nested arrays and objects. */
export function dispose(container: TensorContainer): void {
  forEachTensor(container, (tensor) => tensor.dispose());
}

export interface MemoryInfo {
  /** Tensors that were made and not disposed of. */
  numTensors: number;
  /** Blocks of memory: views share one. */
  numDataBuffers: number;
  /** Bytes of all tensors, those that programs hold included. */
  numBytes: number;
  /** Tensors that only the garbage collector freed: where this grows, a `dispose` or `tidy` is missing. */
  numCollected: number;
  unreliable: boolean;
}

/** What the tensors hold at this moment. */
export function memory(): MemoryInfo {
  const numDataBuffers = seam.memory_buffers();
  return {
    numTensors: live,
    numDataBuffers,
    numBytes: seam.memory_bytes() >>> 0,
    numCollected: collected,
    unreliable: false,
  };
}

/**
 * Remembers where each tensor is made from now on, for `holders` and out-of-memory errors; that costs a stack trace each. Of
 * tensors from 1 MB on it is known anyway.
 */
export function trackSites(on: boolean): void {
  tracking = on;
  if (!on) for (const [handle, { bytes }] of sites) if (bytes < LARGE) sites.delete(handle);
}

/** Live tensors whose site is known by the line that made them, largest holder first: `[site, tensors, bytes]`. */
export function holders(): [site: string, tensors: number, bytes: number][] {
  const bySite = new Map<string, [number, number]>();
  for (const { site, bytes } of sites.values()) {
    const [tensors, sum] = bySite.get(site) ?? [0, 0];
    bySite.set(site, [tensors + 1, sum + bytes]);
  }
  return [...bySite]
    .map(([site, [tensors, bytes]]): [string, number, number] => [site, tensors, bytes])
    .sort((a, b) => b[2] - a[2]);
}

/** The first line of the stack outside of this library. */
function creationSite(): string {
  const lines = stack();
  const outside = lines.find((line) => !isOwn(line)) ?? lines.at(-1) ?? 'unknown';
  return outside.trim().replace(/^at /, '');
}

/** The lines of the stack of whoever calls; a loss calls a dozen functions before a tensor is made. */
function stack(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  return lines;
}

/** Where this library lies: one file if it is bundled, a folder in its own repository. */
const HOME = /([^\s(]+?)([\\/]tensor[\\/]scopes\.ts|:\d+):\d+/.exec(stack()[0] ?? '')?.[1];

function isOwn(line: string): boolean {
  return HOME !== undefined && (line.includes(`${HOME}:`) || line.includes(`${HOME}/`));
}

onOutOfMemory(() => {
  const count = (n: number) => (n === 1 ? '1 tensor' : `${n} tensors`);
  const held = `; ${count(live)} hold${live === 1 ? 's' : ''} ${seam.memory_bytes() >>> 0} bytes`;
  const worst = holders()
    .slice(0, 3)
    .map(([site, tensors, bytes]) => `\n  ${bytes} bytes in ${count(tensors)} made at ${site}`);
  const hint = tracking ? '' : '\nCall wg.trackSites(true) first to see the lines of tensors below 1 MB too.';
  return `${held}${worst.join('')}${hint}\nDispose of what is not needed, or wrap the work in tidy(() => ...)`;
});
