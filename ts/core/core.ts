// The WASM core: its functions, its memory, its threads, its errors. The only place that makes an instance.
import type * as glue from '../../build/seam.js';
import { FAMILIES, OP_TABLE_HASH, type Family } from '../ops.gen.js';
import { describe, OutOfMemoryError, WasmgradError } from './errors.js';
import { canShare, newMemory } from './memory.js';
import { defaultThreads, Workers, type Host, type Modules } from './threads.js';
import { pickVariant, type Variant } from './variant.js';

/** The core's functions; see crates/wasm/src for what each does. Numbers of 32 bits may come as negative ones. */
export type Seam = Omit<typeof glue, 'default' | 'initSync'>;

interface Core {
  readonly variant: Variant;
  families: readonly Family[];
  modules: Modules;
  readonly env: WebAssembly.ModuleImports;
  readonly seam: Seam;
  readonly memory: WebAssembly.Memory;
  readonly workers: Workers;
  threads: number;
}

/** What a function gives that failed. */
const FAILED = 0xffffffff;
const OUT_OF_MEMORY = 2;
const LOST_THREAD = 5;

/** One core for all copies of this library in a process: its ESM and its CommonJS half share tensors. */
const KEY = Symbol.for(`wasmgrad.core.${OP_TABLE_HASH}`);
const shared = globalThis as {
  [KEY]?: {
    core?: Core;
    readonly copies: ((core: Core) => void)[];
    /** What is being loaded: one after the other. */
    loading: Promise<void>;
  };
};
const home = (shared[KEY] ??= { copies: [], loading: Promise.resolve() });

/** The core's functions. */
export let seam: Seam;
let core: Core;
let words: Uint32Array;
let host: Host;

/**
 * Starts the core, or joins the one that runs already.
 * @throws if the module was built from another op table than this code.
 */
export function initCore(variant: Variant, families: readonly Family[], modules: Modules, ofPlace: Host): void {
  host = ofPlace;
  home.core ??= startCore(variant, families, modules);
  home.copies.push(use);
  use(home.core);
}

/** As `initCore`, for a page: loads the families that the core lacks, and only these. */
export function openCore(families: readonly Family[], ofPlace: Host): Promise<void> {
  return inTurn(async () => {
    const variant = home.core?.variant ?? pickVariant();
    if (home.core === undefined) initCore(variant, families, await ofPlace.load(variant, families), ofPlace);
    else initCore(variant, [], [], ofPlace);
    await addFamilies(families);
  });
}

function inTurn(load: () => Promise<void>): Promise<void> {
  const loaded = home.loading.then(load);
  home.loading = loaded.catch(() => {});
  return loaded;
}

async function addFamilies(families: readonly Family[]): Promise<void> {
  const missing = families.filter((family) => !core.families.includes(family));
  if (missing.length === 0) return;
  const modules = await host.load(core.variant, missing);
  for (const module of modules) fillTable(module, core.env, core.seam);
  core.modules = [...core.modules, ...modules];
  core.families = [...core.families, ...missing];
  core.seam.families_set(maskOf(core.families));
  // Others with all modules are started in their places when there is work.
  core.workers.stopAll();
  core.seam.threads_disband();
}

/** Puts the ops of a family where the core calls them. */
function fillTable(family: WebAssembly.Module, env: WebAssembly.ModuleImports, seam: Seam): void {
  void new WebAssembly.Instance(family, { env, core: seam as unknown as WebAssembly.ModuleImports });
}

const maskOf = (families: readonly Family[]) =>
  families.reduce((mask, family) => mask | (1 << FAMILIES.indexOf(family)), 0);

function use(other: Core): void {
  core = other;
  seam = core.seam;
  words = new Uint32Array(core.memory.buffer);
}

function startCore(variant: Variant, families: readonly Family[], modules: Modules): Core {
  const [first, ...others] = modules;
  const memory = newMemory(first!);
  const workers = new Workers(host);
  const low = new Int32Array(memory.buffer);
  const env = {
    memory,
    now: () => performance.now(),
    // A page's own thread must not sleep: it looks again at once.
    wait: (address: number, expected: number, ms: number) => {
      if (canSleep) Atomics.wait(low, address >>> 2, expected, ms);
    },
    wake: (address: number) => Atomics.notify(low, address >>> 2),
    start: (thread: number, stack: number) =>
      workers.start({ modules: made.modules, memory, thread, stack: stack >>> 0 }),
  };
  const seam = new WebAssembly.Instance(first!, { env }).exports as unknown as Seam;
  const hash = seam.abi() >>> 0;
  if (hash !== OP_TABLE_HASH) {
    throw new WasmgradError(
      `the WebAssembly module (op table ${hash}) and the JavaScript code (op table ${OP_TABLE_HASH}) come from ` +
        'different builds of wasmgrad; reinstall the package, or run `npm run build`',
    );
  }
  for (const family of others) fillTable(family, env, seam);
  seam.families_set(maskOf(families));
  // Until the user sets a seed, each run of a program is another one.
  seam.random_set_seed(crypto.getRandomValues(new Uint32Array(1))[0]!);
  const threads = defaultThreads(host.processors);
  if (canShare) seam.threads_set(threads);
  const made: Core = { variant, families, modules, env, seam, memory, workers, threads };
  return made;
}

/** Whether results are the same bits on every engine and processor. */
export function isDeterministic(): boolean {
  return core.variant === 'strict';
}

/**
 * Chooses the build whose results are the same bits on every engine and processor: of IEEE 754's operations alone, without
 * the fused multiply-add of relaxed SIMD, which makes products some 1.3 times as fast. Call it right after the import. In
 * Node, Deno and Bun it is done when the call returns; a page downloads the other build, so wait for the promise there.
 * @throws if there are tensors or programs already, or a seed was set: their numbers may be of the other build.
 */
export function setDeterministic(isWanted: boolean): Promise<void> {
  if (typeof isWanted !== 'boolean') {
    throw new WasmgradError(`setDeterministic: expected true or false, got ${describe(isWanted)}`);
  }
  const variant = isWanted ? 'strict' : pickVariant();
  if (variant === core.variant) return Promise.resolve();
  const { families } = core;
  const replace = (modules: Modules) => {
    if (!seam.is_fresh()) {
      throw new WasmgradError(
        'setDeterministic: there are tensors, programs or seeds of the other build already; call it right after the import, before all else',
      );
    }
    const { threads } = core;
    core.workers.stopAll();
    home.core = startCore(variant, families, modules);
    for (const use of home.copies) use(home.core);
    setThreads(threads);
  };
  const modules = host.load(variant, families);
  if (modules instanceof Promise) {
    return inTurn(async () => {
      const now = core.families;
      replace(await modules);
      await addFamilies(now);
    });
  }
  replace(modules);
  return Promise.resolve();
}

/**
 * Experimental. Lets V8 join pairs of 128-bit vectors into vectors of 256 bits: Node 24 and later on x64 can, if they are
 * asked. Large products take some 0.75 of the time then; all bits are the same. It holds for the whole process and for
 * code that is compiled from then on, so call it right after the import. It tests itself first, which takes some 0.3 s.
 * @throws if the engine cannot do it, or gives other bits with it: it stays off then.
 */
export function enableWideVectors(): void {
  if (host.widen === undefined) {
    throw new WasmgradError(
      'enableWideVectors: it takes Node 24 or later; leave the call out here, results are the same without it',
    );
  }
  host.widen(core.variant);
}

/** node:fs/promises, where there is one: what pages download must not name it, for bundlers would look for it. */
export function openFiles(): ReturnType<NonNullable<Host['openFiles']>> | undefined {
  return host.openFiles?.();
}

const canSleep = typeof (globalThis as { document?: unknown }).document === 'undefined';

/** How many threads ops may use. */
export function getThreads(): number {
  return core.threads;
}

/**
 * How many threads large ops may use, this one included. Results do not depend on it. Others are started when there is
 * work for them; where threads cannot share memory, as on a page that is not cross-origin isolated, there is one.
 * @param threads a whole number from 1 to 32
 */
export function setThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > 32) {
    throw new WasmgradError(`setThreads: expected a whole number from 1 to 32, got ${describe(threads)}`);
  }
  if (!canShare) return;
  check(seam.threads_set(threads));
  core.threads = threads;
}

/** The heap as words. Valid until the next call into the core, which may grow the memory. */
export function heap(): Uint32Array {
  // Growing gives the memory another buffer.
  if (words.buffer !== core.memory.buffer) words = new Uint32Array(core.memory.buffer);
  return words;
}

/** The argument block after a call: where it begins in `heap()`. */
export function blockStart(): number {
  return seam.block_address() >>> 2;
}

/** The argument block for a call with so many words: where it begins in `heap()`. */
export function blockFor(words: number): number {
  return check(seam.block_for(words)) >>> 2;
}

/** The text of so many bytes that a call left in the argument block. */
export function readText(length: number): string {
  const start = blockStart() * 4;
  // A copy: decoders refuse memory that threads share.
  return new TextDecoder().decode(new Uint8Array(heap().buffer).slice(start, start + length));
}

/** The word at which a tensor begins in `heap()`. */
export function tensorStart(handle: number): number {
  return check(seam.tensor_address(handle)) >>> 2;
}

/** Called when memory is out: a text that says who holds most of it. */
let explainMemory = (): string => '';

export function onOutOfMemory(explain: () => string): void {
  explainMemory = explain;
}

/**
 * The result of a seam function.
 * @throws the core's error, if it failed.
 */
export function check(result: number): number {
  const number = result >>> 0;
  if (number !== FAILED) return number;
  const kind = seam.error_kind();
  const message = readText(seam.error_message());
  if (kind === OUT_OF_MEMORY) throw new OutOfMemoryError(message + explainMemory());
  throw new WasmgradError(kind === LOST_THREAD ? message + goOnWithFewer() : message);
}

/** Stops what is left of the workers; others are started in their places when there is work again. */
function goOnWithFewer(): string {
  core.workers.stopAll();
  seam.threads_disband();
  setThreads(Math.max(1, core.threads - 1));
  return `; wasmgrad goes on with ${core.threads} thread${core.threads === 1 ? '' : 's'}`;
}
