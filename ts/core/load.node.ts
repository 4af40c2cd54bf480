// Node, Deno and Bun: the core is read from beside this file and instantiated at once, so that `require` works.
import { readFileSync } from 'node:fs';
import { initCore } from './core.js';
import { pickVariant } from './variant.js';

/** Where the modules lie, seen from the file that this code ends up in; set by the build. */
declare const WASM_FOLDER: string;

initCore(new WebAssembly.Module(readFileSync(new URL(`${WASM_FOLDER}${pickVariant()}.wasm`, import.meta.url))));
