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
writeFileSync(file, withoutPlaces(Buffer.from(module.emitBinary())));

/** Nor does anyone read where a panic stands in the sources: address and length of the file's name, line, column. */
function withoutPlaces(binary) {
  const segments = Array.from({ length: module.getNumDataSegments() }, (_, i) => {
    const { offset, data } = module.getDataSegmentInfo(module.getDataSegmentByIndex(i));
    const at = binary.indexOf(Buffer.from(data));
    return { start: offset, bytes: binary.subarray(at, at + data.byteLength) };
  });
  const bytesAt = (address, length) => {
    const segment = segments.find(({ start, bytes }) => address >= start && address + length <= start + bytes.length);
    return segment?.bytes.subarray(address - segment.start, address - segment.start + length);
  };
  const names = [];
  for (const { start, bytes } of segments) {
    for (let at = -start & 3; at + 16 <= bytes.length; at += 4) {
      const [address, length, line, column] = [0, 4, 8, 12].map((word) => bytes.readUInt32LE(at + word));
      const name = bytesAt(address, length);
      if (line === 0 || column === 0 || !name?.toString().endsWith('.rs')) continue;
      names.push(name);
      bytes.fill(0, at, at + 16);
    }
  }
  if (names.length === 0) throw new Error(`${file}: no place of a panic found; did their layout change?`);
  for (const name of names) name.fill(0);
  return binary;
}
