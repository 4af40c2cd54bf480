// `node split.mjs FILE FOLDER VARIANT`: parts a module by families of ops, which pages download one by one: FOLDER gets
// each part as a chunk. Each function stays as it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import binaryen from 'binaryen';
import { FEATURES } from './features.mjs';
import { packLzma } from './lzma.mjs';
import { shareable } from './share.mjs';
import { partStreams } from './streams.mjs';

// Node 20 has relaxed SIMD behind a flag.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

/** What the module has for this file alone. */
const FOR_THE_BUILD = ['op_functions', 'family_name'];

const [file, folder, variant] = process.argv.slice(2);
for (const [family, part] of Object.entries(split(readFileSync(file))))
  writeChunk(`${family}-${variant}`, shareable(part));

/** A module as streams in LZMA in base64 in a JavaScript module, which every bundler can carry. */
function writeChunk(name, module) {
  writeFileSync(join(folder, `${name}.js`), `export default '${packLzma(partStreams(module)).toString('base64')}';\n`);
  writeFileSync(join(folder, `${name}.d.ts`), 'declare const chunk: string;\nexport default chunk;\n');
}

/**
 * The module's parts by their families' names, the core first. The others import from the core, as `core`, its stack and
 * what they call of it, and fill their slots of its function table.
 */
function split(wasm) {
  const { slots, callees, fixed, families } = readFunctions(wasm);
  const reach = (roots) => {
    const reached = new Set();
    const visit = (name) => {
      if (reached.has(name)) return;
      reached.add(name);
      callees.get(name)?.forEach(visit);
    };
    roots.forEach(visit);
    return reached;
  };
  const [coreOps, ...others] = families.map(({ functions }) => functions);
  const reached = others.map(reach);
  const reachedByAll = reach([...fixed, ...coreOps, ...others.flat()]);
  // In the core is too what several families call, and what is in the table for a reason that cannot be seen.
  const shared = [...callees.keys()].filter((name) => reached.filter((names) => names.has(name)).length > 1);
  const unseen = [...slots.values()].filter((name) => !reachedByAll.has(name));
  const core = reach([...fixed, ...coreOps, ...shared, ...unseen]);
  const parts = reached.map((names) => new Set([...names].filter((name) => !core.has(name))));
  const called = parts.map(
    (part) => new Set([...part].flatMap((name) => callees.get(name)).filter((name) => core.has(name))),
  );
  const exported = new Map(
    [...new Set(called.flatMap((names) => [...names]))].map((name, i) => [name, i.toString(36)]),
  );
  const modules = [
    emitCore(wasm, slots, core, exported),
    ...parts.map((part, i) => emitFamily(wasm, slots, part, called[i], exported)),
  ];
  return Object.fromEntries(modules.map((module, i) => [families[i].name, module]));
}

/** Who calls whom, by the names that binaryen gives them, and who is there for which ops. */
function readFunctions(wasm) {
  const module = read(wasm);
  const slots = readSlots(module);
  const [callees, inText] = [new Map(), module.emitText().split('\n (func $').slice(1)];
  for (const text of inText) {
    const called = [...text.matchAll(/\bcall \$(\S+)/g)].map(([, name]) => name);
    const constants = wordsIn(text).map((word) => slots.get(word));
    callees.set(text.match(/^[^\s)]+/)[0], [...new Set([...called, ...constants.filter(Boolean)])]);
  }
  const { families, inData } = readMemory(wasm, slots);
  const ofOps = new Set(families.flatMap(({ functions }) => functions));
  const exported = exportsOf(module).filter(({ name }) => !FOR_THE_BUILD.includes(name));
  const others = [...inData].map((slot) => slots.get(slot)).filter((name) => !ofOps.has(name));
  const fixed = [...exported.map(({ value }) => value), ...others];
  module.dispose();
  return { slots, callees, fixed, families };
}

/** Words of a function's constants: a function that is passed on is its slot in one of them. */
function wordsIn(text) {
  const words = [...text.matchAll(/i32\.const (\d+)/g)].map(([, word]) => Number(word));
  for (const [, pair] of text.matchAll(/i64\.const (-?\d+)/g)) {
    words.push(Number(BigInt.asUintN(32, BigInt(pair))), Number(BigInt.asUintN(32, BigInt(pair) >> 32n)));
  }
  for (const [, four] of text.matchAll(/v128\.const i32x4((?: 0x\w+){4})/g)) {
    words.push(...four.trim().split(' ').map(Number));
  }
  return words;
}

function read(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  return module;
}

/** The function table: the function in each slot. */
function readSlots(module) {
  if (module.getNumElementSegments() !== 1) throw new Error('expected one segment of the function table');
  const { offset, data } = binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(0));
  const { value: first } = binaryen.getExpressionInfo(offset);
  return new Map(data.map((name, i) => [first + i, name]));
}

function exportsOf(module) {
  return Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)));
}

/**
 * For each family its name and its ops' functions, as the module itself says, and the slots that stand in its data: in
 * the ops, and in tables of methods.
 */
function readMemory(wasm, slots) {
  const env = Object.fromEntries(['now', 'wait', 'wake', 'start'].map((name) => [name, () => 0]));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
  const block = (Type, length) => new Type(exports.memory.buffer, exports.block_address(), length);
  const inData = new Set(new Uint32Array(exports.memory.buffer).filter((word) => slots.has(word)));
  const families = [];
  for (let op = 0; ; op++) {
    const count = exports.op_functions(op);
    if (count === 0) break;
    const [family, ...functions] = block(Uint32Array, count);
    families[family] ??= { functions: [] };
    families[family].functions.push(...functions.map((slot) => slots.get(slot)));
  }
  families.forEach((family, i) => {
    family.name = Buffer.from(block(Uint8Array, exports.family_name(i))).toString();
  });
  return { families, inData };
}

function emitCore(wasm, slots, core, exported) {
  const module = read(wasm);
  for (const name of FOR_THE_BUILD) module.removeExport(name);
  for (const [name, short] of exported) module.addFunctionExport(name, short);
  const table = emptyTable(module);
  // The table is one stretch: a slot of another family's leads to a trap, which the core's own checks keep it from.
  module.addFunction('absent', binaryen.none, binaryen.none, [], module.unreachable());
  const [first] = slots.keys();
  fill(
    module,
    table,
    first,
    [...slots.values()].map((name) => (core.has(name) ? name : 'absent')),
  );
  module.addTableExport(table, 'table');
  return emit(module);
}

function emitFamily(wasm, slots, part, called, exported) {
  const module = read(wasm);
  for (const { name } of exportsOf(module)) module.removeExport(name);
  for (const { name, module: from, params, results } of functionsOf(module)) {
    if (from !== '' || part.has(name)) continue;
    module.removeFunction(name);
    if (called.has(name)) module.addFunctionImport(name, 'core', exported.get(name), params, results);
  }
  const table = emptyTable(module);
  module.addTableImport(table, 'core', 'table');
  for (const [slot, name] of slots) if (part.has(name)) fill(module, table, slot, [name]);
  const stack = binaryen.getGlobalInfo(module.getGlobalByIndex(0));
  module.addGlobalImport(stack.name, 'core', 'stack', stack.type, true);
  // The core has the data.
  module.setMemory(1, 1, null, []);
  return emit(module);
}

function functionsOf(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, i) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(i)),
  );
}

function emptyTable(module) {
  const { name, table } = binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(0));
  module.removeElementSegment(name);
  return table;
}

function fill(module, table, slot, names) {
  module.addActiveElementSegment(table, `slots ${slot}`, names, module.i32.const(slot));
}

function emit(module) {
  module.runPasses(['remove-unused-module-elements']);
  if (!module.validate()) throw new Error('a part of the module is not valid');
  const binary = module.emitBinary();
  module.dispose();
  return Buffer.from(binary);
}
