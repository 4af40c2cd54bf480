// The WASM core: its functions, its memory, its errors. The only importer of the generated glue.
import * as glue from '../../build/wasmgrad.js';
import { OP_TABLE_HASH } from '../ops.gen.js';
import { OutOfMemoryError, WasmgradError } from './errors.js';

/** The core's functions; see crates/wasm/src/lib.rs for what each does. */
export type Seam = Omit<typeof glue, 'default' | 'initSync'>;

interface Core {
  readonly seam: Seam;
  readonly memory: WebAssembly.Memory;
}

/** What a function gives that failed. */
export const FAILED = 0xffffffff;
const OUT_OF_MEMORY = 2;

/** One core for all copies of this library in a process: its ESM and its CommonJS half share tensors. */
const KEY = Symbol.for(`wasmgrad.core.${OP_TABLE_HASH}`);
const shared = globalThis as { [KEY]?: Core };

/** The core's functions. */
export let seam: Seam;
let memory: WebAssembly.Memory;
let words: Uint32Array;

/**
 * Starts the core from a compiled module, or joins the one that runs already.
 * @throws if the module was built from another op table than this code.
 */
export function initCore(module: WebAssembly.Module): void {
  if (shared[KEY] === undefined) {
    const exports = glue.initSync({ module });
    const hash = glue.abi();
    if (hash !== OP_TABLE_HASH) {
      throw new WasmgradError(
        `the WebAssembly module (op table ${hash}) and the JavaScript code (op table ${OP_TABLE_HASH}) come from ` +
          'different builds of wasmgrad; reinstall the package, or run `npm run build`',
      );
    }
    // Until the user sets a seed, each run of a program is another one.
    glue.random_set_seed(crypto.getRandomValues(new Uint32Array(1))[0]!);
    shared[KEY] = { seam: glue, memory: exports.memory };
  }
  ({ seam, memory } = shared[KEY]);
  words = new Uint32Array(memory.buffer);
}

/** The heap as words. Valid until the next call into the core, which may grow the memory. */
export function heap(): Uint32Array {
  // Growing detaches the old buffer.
  if (words.buffer !== memory.buffer) words = new Uint32Array(memory.buffer);
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
  if (result >>> 0 !== FAILED) return result;
  const kind = seam.error_kind();
  const message = seam.error_message();
  if (kind === OUT_OF_MEMORY) throw new OutOfMemoryError(message + explainMemory());
  throw new WasmgradError(message);
}
