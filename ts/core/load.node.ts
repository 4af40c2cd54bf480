// Node, Deno and Bun: the core is read from beside this file and instantiated at once, so that `require` works.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { FAMILIES } from '../ops.gen.js';
import { initCore } from './core.js';
import { fitted } from './memory.js';
import type { Job, Modules } from './threads.js';
import { pickVariant, type Variant } from './variant.js';
import { widen as widenModule } from './wide.js';

/** Where the modules lie, seen from the file that this code ends up in; set by the build. */
declare const WASM_FOLDER: string;

const variant = pickVariant();
initCore(variant, FAMILIES, load(variant), {
  load,
  processors: availableParallelism(),
  widen,
  openFiles: () => import('node:fs/promises'),
  makeWorker,
});

function read(variant: Variant): Uint8Array<ArrayBuffer> {
  return fitted(readFileSync(new URL(`${WASM_FOLDER}${variant}.wasm`, import.meta.url)));
}

function load(variant: Variant): Modules {
  return [new WebAssembly.Module(read(variant))];
}

function widen(variant: Variant): void {
  widenModule(read(variant));
}

function makeWorker(source: string, job: Job): Worker {
  const script = `const job = require('node:worker_threads').workerData; ${source}`;
  // Without the process's own options, such as modules to load first.
  const worker = new Worker(script, { eval: true, workerData: job, execArgv: [] });
  worker.unref();
  // It tells the core itself.
  worker.on('error', () => {});
  return worker;
}
