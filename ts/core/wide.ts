// An experiment of V8's: it joins pairs of 128-bit vectors into one of 256 bits, where a processor has them.
import { setFlagsFromString } from 'node:v8';
import * as ops from '../ops.gen.js';
import type { Seam } from './core.js';
import { WasmgradError } from './errors.js';
import { newMemory } from './memory.js';
import { optionWords, writeOptions, type Op } from './op.js';

const FLAG = 'experimental-wasm-revectorize';
/** As many rounds of the test as its kernels need to be compiled for good, which is what the flag changes. */
const ROUNDS = 30;
/** Rows and columns: some vectors and a rest. */
const N = 93;

type Run = [op: Op, operands: number, ...options: unknown[]];
const RUNS: Run[] = [
  [ops.matMul, 2, false, false],
  [ops.matMul, 2, false, true],
  [ops.matMul, 2, true, false],
  [ops.matMul, 2, true, true],
  [ops.add, 2],
  [ops.mul, 2],
  [ops.div, 2],
  [ops.exp, 1],
  [ops.log1p, 1],
  [ops.tanh, 1],
  [ops.sigmoid, 1],
  [ops.sqrt, 1],
  [ops.softmax, 1],
  [ops.sum, 1, [0], false],
  [ops.sum, 1, [1], false],
];

/** Why this engine has no such code, if so. */
function whyNot(): string | undefined {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined || deno !== undefined || Number.parseInt(node!, 10) < 24) return 'it takes Node 24 or later';
  if (process.arch !== 'x64') return `it takes a processor of x64, and this is ${process.arch}`;
  return undefined;
}

/**
 * Turns it on for the process, after a test on the module of these bytes: all results must have the same bits.
 * @throws if the engine has no such code, or it gives other bits; it is off then.
 */
export function widen(wasm: Uint8Array<ArrayBuffer>): void {
  const reason = whyNot();
  if (reason !== undefined) {
    throw new WasmgradError(`enableWideVectors: ${reason}; leave the call out here, results are the same without it`);
  }
  const expected = bitsOf(wasm, 0)();
  setFlagsFromString(`--${FLAG}`);
  const wide = bitsOf(wasm, 1);
  for (let round = 0; round < ROUNDS; round++) {
    const bits = wide();
    const at = bits.findIndex((word, i) => word !== expected[i]);
    if (at < 0) continue;
    setFlagsFromString(`--no-${FLAG}`);
    throw new WasmgradError(
      `enableWideVectors: ${process.version} gives other numbers with it on this machine; leave the call out here`,
    );
  }
}

/**
 * All runs on an instance of its own, with one thread: a function that gives the words of all results.
 * @param mark makes the bytes others than those of modules with another mark: V8 gives equal ones the code that it has
 */
function bitsOf(wasm: Uint8Array<ArrayBuffer>, mark: number): () => Uint32Array {
  // A custom section without a name.
  const module = new WebAssembly.Module(Buffer.concat([wasm, Uint8Array.of(0, 2, 0, mark)]) as Uint8Array<ArrayBuffer>);
  const memory = newMemory(module);
  const nothing = () => {};
  const env = { memory, now: () => performance.now(), wait: nothing, wake: nothing, start: nothing };
  const seam = new WebAssembly.Instance(module, { env }).exports as unknown as Seam;
  seam.families_set(0xffffffff);
  const words = () => new Uint32Array(memory.buffer);
  const block = () => seam.block_address() >>> 2;
  // The first call makes the block, which may give the memory another buffer.
  block();
  const operands = [3, 5].map((factor) => {
    words().set([N, N], block());
    const handle = seam.tensor_new(0, 2);
    const values = new Float32Array(memory.buffer, seam.tensor_address(handle) >>> 0, N * N);
    for (let i = 0; i < values.length; i++) values[i] = ((i * factor) % 31) / 8 + 0.125;
    return handle;
  });
  const resultOf = ([op, count, ...options]: Run): Uint32Array => {
    seam.block_for(count + optionWords(op, options));
    words().set(operands.slice(0, count), block());
    const end = writeOptions(op, options, words(), block() + count);
    seam.apply(op.id, count, end - block() - count);
    const [handle, , rank, ...dims] = words().subarray(block(), block() + 5);
    const size = dims.slice(0, rank).reduce((size, dim) => size * dim, 1);
    const start = seam.tensor_address(handle!) >>> 2;
    const result = words().slice(start, start + size);
    seam.tensor_drop(handle!);
    return result;
  };
  return () => Uint32Array.from(RUNS.flatMap((run) => [...resultOf(run)]));
}
