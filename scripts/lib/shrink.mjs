// `node shrink.mjs FILE`: makes every panic of a module a trap at once. A panic is a bug in wasmgrad, ends in a trap and
// has nowhere to print to: its texts and the code that builds them are dead weight.
import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';

/** Functions of Rust's library that never return. A name may carry a hash: `core[c5930c85]::panicking::panic_fmt`. */
const NEVER_RETURNS =
  /^<?(core|alloc|std)(\[\w+\])?::.*(panicking|(expect|unwrap|assert)_failed|_fail\b|error_fail|handle_(alloc_)?error|capacity_overflow)/;

const [file] = process.argv.slice(2);
// The names are for the symbol map that is made of the result.
binaryen.setDebugInfo(true);
const module = binaryen.readBinary(readFileSync(file));
const functions = Array.from({ length: module.getNumFunctions() }, (_, i) => module.getFunctionByIndex(i));
const panics = functions.filter((of) => NEVER_RETURNS.test(binaryen.getFunctionInfo(of).name));
if (panics.length === 0) throw new Error(`${file}: no panicking function found; did their names change?`);
for (const panic of panics) binaryen.Function.setBody(panic, module.unreachable());
writeFileSync(file, module.emitBinary());
