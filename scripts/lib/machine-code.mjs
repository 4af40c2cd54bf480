// The machine code that Node 24 makes of a WebAssembly module, read from V8's own listing: the kernels are arranged for its
// V8, and the schedulers of older ones spill where it does not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNode } from './runtimes.mjs';
import { run } from './shell.mjs';

const COMPILE = 'new WebAssembly.Module(require("node:fs").readFileSync(process.argv[1]))';

const node = findNode(24);

/** Why nothing can be listed that the check reads, or undefined. */
export function whyNotListed() {
  if (process.arch !== 'x64') return `it reads machine code of x64, and this is ${process.arch}`;
  if (!node) return 'there is no Node 24';
  // The smallest module with a function.
  const probe = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 11);
  return listFunctions(probe).has(0) ? undefined : 'Node 24 lists no machine code';
}

/** Optimised code by the number of its function: lines of `{ at, text }`, the address and the instruction. */
export function listFunctions(wasm) {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-code-'));
  const file = join(folder, 'module.wasm');
  writeFileSync(file, wasm);
  const flags = ['--print-wasm-code', '--no-liftoff', '--no-wasm-lazy-compilation', '--single-threaded'];
  try {
    const blocks = run(node, [...flags, '-e', COMPILE, file]).split('--- WebAssembly code ---');
    const functions = blocks.filter((block) => /^compiler: TurboFan$/m.test(block));
    return new Map(functions.map((block) => [Number(/^index: (\d+)$/m.exec(block)[1]), instructions(block)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// `0x33549a8e17c0   140  4183c004             addl r8,0x4`
function instructions(block) {
  const lines = block.matchAll(/^0x([0-9a-f]+) +[0-9a-f]+ {2}[0-9a-f]+ +(\S.*)$/gm);
  return [...lines].map(([, at, text]) => ({ at: parseInt(at, 16), text }));
}

/** The loops that contain no other, each as its instructions. */
export function innerLoops(code) {
  // What follows the last return is rarely run (interrupts, traps) and jumps back into the loops that it left.
  const usual = code.slice(0, code.findLastIndex(({ text }) => text.startsWith('ret')) + 1);
  const loops = usual
    .map(({ at, text }) => ({ from: parseInt(/^j\w+ 0x([0-9a-f]+)/.exec(text)?.[1] ?? 'NaN', 16), to: at }))
    .filter(({ from, to }) => from <= to);
  const contains = (a, b) => a !== b && a.from <= b.from && b.to <= a.to;
  return loops
    .filter((loop) => !loops.some((other) => contains(loop, other)))
    .map(({ from, to }) => usual.filter(({ at }) => from <= at && at <= to));
}
