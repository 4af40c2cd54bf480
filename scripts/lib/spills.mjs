// Whether the micro-kernels of matMul keep their sums in registers: in the engine's machine code no loop of theirs may
// pass a vector through the stack. One that is spilled halves the speed.
import { readFileSync } from 'node:fs';
import { innerLoops, listFunctions, whyNotListed } from './machine-code.mjs';
import { at } from './paths.mjs';
import { say } from './shell.mjs';

const KERNEL = /^wasmgrad_kernels::microkernel::((rows|panels)_(\d+x\d+))\b/;
const VARIANTS = ['strict', 'relaxed'];

/** Counts of tests: the check's own, then one for each kernel of each module. */
export async function checkSpills() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const judge = (name, failure) => {
    if (failure) console.error(`${name}: ${failure}`);
    counts[failure ? 'failed' : 'passed']++;
  };
  const reason = whyNotListed();
  if (reason) {
    say(`the spill check is SKIPPED: ${reason}`);
    return { ...counts, skipped: 1 };
  }
  judge('the spill check itself', await selfTest());
  for (const variant of VARIANTS) {
    const functions = listFunctions(readFileSync(at('build', `${variant}.wasm`)));
    const kernels = kernelsOf(variant);
    judge(`the kernels of ${variant}.wasm`, missing(kernels));
    for (const { name, index } of kernels) {
      judge(`${name} in ${variant}.wasm`, spillsOf(functions.get(index)));
    }
  }
  say(`spilled vectors: ${counts.passed} checks passed, ${counts.failed} failed`);
  return counts;
}

/** `{ name, kind, size, index }` for each micro-kernel, by the names that the build wrote down. */
function kernelsOf(variant) {
  const symbols = readFileSync(at('build', `${variant}.symbols`), 'utf8').split('\n');
  return symbols.flatMap((line) => {
    const [index, ...name] = line.split(/:(.*)/);
    const found = KERNEL.exec(name[0] ?? '');
    return found ? [{ name: found[1], kind: found[2], size: found[3], index: Number(index) }] : [];
  });
}

/** An inlined kernel has no name, and would not be looked at. */
function missing(kernels) {
  const sizes = (kind) => kernels.filter((kernel) => kernel.kind === kind).map(({ size }) => size);
  const [rows, panels] = ['rows', 'panels'].map((kind) => sizes(kind).toSorted().join(' '));
  if (rows === '' || rows !== panels) return `expected functions of their own, found rows_ ${rows}, panels_ ${panels}`;
}

function spillsOf(code) {
  const loops = innerLoops(code ?? []).filter((loop) => loop.some(({ text }) => /^v?(fn?madd|mulps)/.test(text)));
  if (loops.length === 0) return 'no loop of products found in its machine code';
  const spilled = loops.flat().filter(({ text }) => /\b[xy]mm\d+/.test(text) && /\[r[sb]p\b/.test(text));
  if (spilled.length) return `${spilled.length} accesses to spilled vectors in its loop; use a smaller tile`;
}

/** A kernel with more sums than there are registers must be found, and one with a few must pass. */
async function selfTest() {
  const { default: binaryen } = await import('binaryen');
  const verdict = (sums) => {
    const module = binaryen.parseText(kernelWithSums(sums));
    module.setFeatures(binaryen.Features.SIMD128);
    const code = listFunctions(module.emitBinary()).get(0);
    module.dispose();
    return spillsOf(code);
  };
  const [few, many] = [verdict(4), verdict(20)];
  if (few) return `4 sums: ${few}`;
  if (!many?.includes('spilled')) return `20 sums do not fit into 16 registers, but: ${many ?? 'no spill was found'}`;
}

/** sum[i] += x * y[i] over k. */
function kernelWithSums(sums) {
  const each = (line) => Array.from({ length: sums }, (_, i) => line(i)).join('\n');
  return `(module (memory 1) (func (export "kernel") (param $x i32) (param $k i32) (local $a v128)
    ${each((i) => `(local $sum${i} v128)`)}
    (loop $next
      (local.set $a (v128.load (local.get $x)))
      ${each((i) => {
        const product = `(f32x4.mul (local.get $a) (v128.load offset=${16 * i} (local.get $x)))`;
        return `(local.set $sum${i} (f32x4.add (local.get $sum${i}) ${product}))`;
      })}
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    ${each((i) => `(v128.store offset=${16 * i} (local.get $x) (local.get $sum${i}))`)}))`;
}
