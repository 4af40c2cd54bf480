// `node shrink.mjs FILE`: takes out of a module what nobody uses, and lets out what threads need.
import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';

const [file] = process.argv.slice(2);
// The names are for the symbol map that is made of the result.
binaryen.setDebugInfo(true);
const module = binaryen.readBinary(readFileSync(file));

// A panic is a bug in wasmgrad, ends in a trap and has nowhere to print to: its texts and the code that builds them are
// dead weight. The functions of Rust's library that never return; a name may carry a hash:
// `core[c5930c85]::panicking::panic_fmt`.
const NEVER_RETURNS =
  /^<?(core|alloc|std)(\[\w+\])?::.*(panicking|(expect|unwrap|assert)_failed|_fail\b|error_fail|handle_(alloc_)?error|capacity_overflow)/;
const functions = Array.from({ length: module.getNumFunctions() }, (_, i) => module.getFunctionByIndex(i));
const panics = functions.filter((of) => NEVER_RETURNS.test(binaryen.getFunctionInfo(of).name));
if (panics.length === 0) throw new Error(`${file}: no panicking function found; did their names change?`);
for (const panic of panics) binaryen.Function.setBody(panic, module.unreachable());

// What wasm-bindgen's glue would need: JavaScript's objects never cross.
for (const name of ['__wbindgen_start', '__wbindgen_externrefs', '__abort_handler', '__instance_terminated']) {
  module.removeExport(name);
}
module.addGlobalExport('__stack_pointer', 'stack');
writeFileSync(file, module.emitBinary());
