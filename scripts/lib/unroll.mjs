// `node unroll.mjs FILE SYMBOLS`: lets the strict micro-kernels take eight steps of k at a time, in the order written
// here. The operations on each sum and their order stay as they are, so do all bits.
//
// Without a fused multiply-add a step of 3x12 is 18 operations on vectors, in 27 instructions of the six that a
// processor starts per cycle: the loop's own have to be shared by several steps, and a sum must not wait for its
// product. LLVM gives neither: it nests what it unrolls into one expression for each sum, and puts each product right
// before its sum.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import binaryen from 'binaryen';
import { FEATURES } from './features.mjs';

const { Binary, Block, Break, Const, If, Load, LocalGet, LocalSet, Loop, SIMDLoad } = binaryen;
const KERNEL = /^(\d+):wasmgrad_kernels::microkernel::((?:rows|panels)_3x12)\b/gm;
const STEPS = 8;
/** Products that are formed before their sums: one more does not fit into 16 registers everywhere. */
const GROUP = 2;
const VECTOR_BYTES = 16;

/** The module with its kernels unrolled. */
export function unrollKernels(wasm, symbols) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  const kernels = [...symbols.matchAll(KERNEL)];
  if (kernels.length !== 2)
    throw new Error(`expected rows_3x12 and panels_3x12 to unroll, found ${kernels.length} kernels`);
  for (const [, index, name] of kernels) {
    const kernel = module.getFunctionByIndex(Number(index));
    const loops = replaceLoops(binaryen.Function.getBody(kernel), (loop) => unroll(module, kernel, loop));
    if (loops !== 1) throw new Error(`${name}: expected one loop, found ${loops}`);
  }
  if (!module.validate()) throw new Error('the module is not valid once its kernels are unrolled');
  binaryen.setOptimizeLevel(3);
  binaryen.setGenerateStackIR(true);
  binaryen.setOptimizeStackIR(true);
  const binary = module.emitBinary();
  module.dispose();
  return binary;
}

/** Puts what `replace` makes of it in the place of each loop that is not in another, and counts them. */
function replaceLoops(within, replace) {
  const visit = (child, put) => {
    if (kindOf(child) !== binaryen.LoopId) return replaceLoops(child, replace);
    put(replace(child));
    return 1;
  };
  if (kindOf(within) === binaryen.BlockId) {
    const children = Block.getChildren(within);
    return children.reduce((sum, child, i) => sum + visit(child, (loop) => Block.setChildAt(within, i, loop)), 0);
  }
  return kindOf(within) === binaryen.IfId ? visit(If.getIfTrue(within), (loop) => If.setIfTrue(within, loop)) : 0;
}

/** A loop over single steps -> a loop over eight, then that over those left. */
function unroll(module, kernel, loop) {
  const { i32, local } = module;
  const get = (index) => local.get(index, binaryen.i32);
  const step = readStep(loop);
  let many = loopOverEight(module, kernel, 'many', step);
  // Rows of b are mostly a panel's, one right after the other: offsets then reach those of all eight steps.
  for (const { pointer, distance } of step.advances.filter(({ by }) => by === null)) {
    const by = VECTOR_BYTES * step.loads.filter((load) => load.of === Load && load.pointer === pointer).length;
    const advances = step.advances.map((advance) => (advance.pointer === pointer ? { pointer, by } : advance));
    const inPanel = i32.eq(get(distance), i32.const(by));
    many = module.if(inPanel, loopOverEight(module, kernel, 'in_panel', { ...step, advances }), many);
  }
  const whenMany = module.block(null, [many, module.br('done', i32.eqz(get(step.left)))]);
  return module.block('done', [module.if(enough(module, get(step.left)), whenMany), loop]);
}

/** A loop that takes eight steps at a time, while there are eight. */
function loopOverEight(module, kernel, label, { left, loads, products, advances }) {
  const { i32, f32x4, local } = module;
  // oxlint-disable-next-line no-underscore-dangle -- binaryen's JavaScript has no other name for it.
  const newLocal = (type) => binaryen._BinaryenFunctionAddVar(kernel, type);
  const get = (index) => local.get(index, binaryen.i32);
  const getVector = (index) => local.get(index, binaryen.v128);
  const strides = new Map(advances.filter(({ by }) => by !== null).map(({ pointer, by }) => [pointer, by]));

  // V8 on x64 computes the address of a splat with an offset apart, but once for all pointers with the same offset.
  const before = [];
  const places = new Map();
  for (const load of loads) {
    const place = { ...load, into: newLocal(binaryen.v128), stride: strides.get(load.pointer) ?? 0 };
    places.set(load, place);
    if (load.of !== SIMDLoad || load.offset === 0) continue;
    const pointer = newLocal(binaryen.i32);
    before.push(local.set(pointer, i32.add(get(load.pointer), i32.const(load.offset))));
    strides.set(pointer, place.stride);
    Object.assign(place, { pointer, offset: 0 });
  }
  const read = (load, step) => {
    const { of, expression, pointer, offset, stride, into } = places.get(load);
    const copy = module.copyExpression(expression);
    of.setPtr(copy, get(pointer));
    of.setOffset(copy, offset + step * stride);
    return local.set(into, copy);
  };
  const value = (load) => getVector(places.get(load).into);

  const formed = Array.from({ length: GROUP }, () => newLocal(binaryen.v128));
  const steps = Array.from({ length: STEPS }, (_, step) => {
    const lines = loads.filter(({ of }) => of === Load).map((load) => read(load, step));
    const done = new Set();
    for (let i = 0; i < products.length; i += GROUP) {
      const group = products.slice(i, i + GROUP);
      group.forEach(({ x, y }, q) => {
        if (x.of === SIMDLoad && !done.has(x)) lines.push(read(x, step));
        done.add(x);
        lines.push(local.set(formed[q], f32x4.mul(value(x), value(y))));
      });
      group.forEach(({ sum }, q) => lines.push(local.set(sum, f32x4.add(getVector(formed[q]), getVector(sum)))));
    }
    const others = advances.filter(({ by }) => by === null);
    return [...lines, ...others.map(({ expression }) => module.copyExpression(expression))];
  });
  const advance = [...strides].map(([pointer, by]) => local.set(pointer, i32.add(get(pointer), i32.const(STEPS * by))));
  const rest = local.tee(left, i32.sub(get(left), i32.const(STEPS)), binaryen.i32);
  const next = module.br(label, enough(module, rest));
  return module.block(null, [...before, module.loop(label, module.block(null, [...steps.flat(), ...advance, next]))]);
}

const enough = ({ i32 }, count) => i32.gt_u(count, i32.const(STEPS - 1));

/**
 * What one step does: the local that counts those left, loads, products in their order, and what moves pointers on: by
 * so many bytes, or, where `by` is null, by what the local `distance` holds. Nothing else may be in it.
 */
function readStep(loop) {
  const [loads, products, advances, values] = [[], [], [], new Map()];
  const operand = (expression) => {
    const kind = kindOf(expression);
    if (kind === binaryen.LocalGetId && values.has(LocalGet.getIndex(expression))) {
      return values.get(LocalGet.getIndex(expression));
    }
    if (kind === binaryen.LocalSetId) {
      const value = operand(LocalSet.getValue(expression));
      values.set(LocalSet.getIndex(expression), value);
      return value;
    }
    const of = { [binaryen.LoadId]: Load, [binaryen.SIMDLoadId]: SIMDLoad }[kind];
    if (!of || advances.length > 0) throw new Error('a step of a micro-kernel is not loads, products and advances');
    const load = {
      of,
      expression,
      pointer: LocalGet.getIndex(of.getPtr(expression)),
      offset: of.getOffset(expression),
    };
    loads.push(load);
    return load;
  };
  const lines = Block.getChildren(Loop.getBody(loop));
  const left = LocalSet.getIndex(Break.getCondition(lines.pop()));
  for (const line of lines) {
    const [index, value] = [LocalSet.getIndex(line), LocalSet.getValue(line)];
    if (isBinary(value, binaryen.AddVecF32x4)) {
      const product = Binary.getLeft(value);
      products.push({ x: operand(Binary.getLeft(product)), y: operand(Binary.getRight(product)), sum: index });
    } else if (isBinary(value, binaryen.AddInt32)) {
      const [distance, by] = [Binary.getLeft(value), Binary.getRight(value)];
      advances.push(
        kindOf(by) === binaryen.ConstId
          ? { pointer: index, by: Const.getValueI32(by) }
          : { pointer: index, by: null, distance: LocalGet.getIndex(distance), expression: line },
      );
    } else operand(line);
  }
  return { left, loads, products, advances };
}

const kindOf = (expression) => binaryen.getExpressionId(expression);
const isBinary = (expression, op) => kindOf(expression) === binaryen.BinaryId && Binary.getOp(expression) === op;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file, symbols] = process.argv.slice(2);
  writeFileSync(file, unrollKernels(readFileSync(file), readFileSync(symbols, 'utf8')));
}
