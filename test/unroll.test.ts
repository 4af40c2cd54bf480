import binaryen from 'binaryen';
import { assert, boolean, integer, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unrollKernels } from '../scripts/lib/unroll.mjs';
import * as wg from '../ts/index.js';

const THREE = [0, 1, 2];
const SYMBOLS = ['rows', 'panels']
  .map((kind, index) => `${index}:wasmgrad_kernels::microkernel::${kind}_3x12::h0123456789abcdef`)
  .join('\n');
/** Addresses of b and of c (3, 12); a lies before them. */
const [B, C] = [1 << 14, 1 << 15];

/** `sum = x * y + sum` of a step for all nine sums, as wasm-opt leaves it. */
const products = (x: (i: number) => string, sum = 'f32x4.add') =>
  THREE.flatMap((i) =>
    THREE.map((j) => {
      const left = j === 0 ? `(local.tee $x (v128.load32_splat ${x(i)}))` : '(local.get $x)';
      const right = i === 0 ? `(local.tee $y${j} (v128.load offset=${16 * j} (local.get $b)))` : `(local.get $y${j})`;
      const at = `$sum${3 * i + j}`;
      return `(local.set ${at} (${sum} (f32x4.mul ${left} ${right}) (local.get ${at})))`;
    }),
  ).join('\n');

const kernel = (name: string, step: string) => `
  (func (export "${name}") (param $k i32) (param $a i32) (param $lda i32) (param $b i32) (param $ldb i32) (param $c i32)
    (local $row1 i32) (local $row2 i32) (local $x v128) ${THREE.map((j) => `(local $y${j} v128)`).join(' ')}
    ${Array.from({ length: 9 }, (_, i) => `(local $sum${i} v128)`).join(' ')}
    (local.set $row1 (i32.add (local.get $a) (local.get $lda)))
    (local.set $row2 (i32.add (local.get $row1) (local.get $lda)))
    (if (local.get $k) (then ${step}))
    ${Array.from({ length: 9 }, (_, i) => `(v128.store offset=${16 * i} (local.get $c) (local.get $sum${i}))`).join('\n')})`;

const advance = (pointer: string, by: string) => `(local.set ${pointer} (i32.add ${by} (local.get ${pointer})))`;
const loop = (body: string) => `
  (loop $next ${body}
    (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))`;
const rowsStep = (sum?: string) =>
  [
    products((i) => `(local.get ${['$a', '$row1', '$row2'][i]})`, sum),
    ...['$a', '$row1', '$row2'].map((row) => `(local.set ${row} (i32.add (local.get ${row}) (i32.const 4)))`),
    advance('$b', '(local.get $ldb)'),
  ].join('\n');
const panelsStep = `
  ${products((i) => `offset=${4 * i} (local.get $a)`)}
  (local.set $a (i32.add (local.get $a) (i32.const 12)))
  (local.set $b (i32.add (local.get $b) (i32.const 48)))`;

function compile(rows: string, panels = loop(panelsStep)) {
  const text = `(module (memory (export "memory") 1) ${kernel('rows', rows)} ${kernel('panels', panels)})`;
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.SIMD128);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

function instantiate(bytes: Uint8Array) {
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  return new WebAssembly.Instance(module).exports as {
    memory: WebAssembly.Memory;
    rows: (...sizes: number[]) => void;
    panels: (...sizes: number[]) => void;
  };
}

describe('the strict kernels, unrolled after wasm-opt', () => {
  const rolled = compile(loop(rowsStep()));
  const unrolled = unrollKernels(rolled, SYMBOLS);

  test('are unrolled, the rows for panels and for any matrix', () => {
    expect(countOf(unrolled, /f32x4\.mul/g)).toBe(9 * (2 + 3 * 8));
  });

  test('give the same bits for any length and distances of rows', () => {
    const [before, after] = [rolled, unrolled].map(instantiate) as [Kernels, Kernels];
    const sizes = { k: nat({ max: 40 }), lda: integer({ min: 40, max: 70 }), ldb: integer({ min: 12, max: 40 }) };
    const data = Float32Array.from({ length: C / 4 }, (_, i) => Math.sin(i * 12.9898) * 2 ** (i % 5));
    assert(
      property(sizes.k, sizes.lda, sizes.ldb, boolean(), (k, lda, ldb, inPanel) => {
        const bits = [before, after].map(({ memory, ...kernels }) =>
          (['rows', 'panels'] as const).map((kind) => {
            new Float32Array(memory.buffer).set(data);
            kernels[kind](k, 0, 4 * lda, B, inPanel ? 48 : 4 * ldb, C);
            return Array.from(new Uint32Array(memory.buffer, C, 36));
          }),
        );
        expect(bits[1]).toEqual(bits[0]);
      }),
    );
  });

  test.each([
    ['no kernel', '', rolled, 'found 0 kernels'],
    ['a kernel without a loop', SYMBOLS, compile('(nop)'), 'rows_3x12: expected one loop, found 0'],
    ['a step of something else', SYMBOLS, compile(loop(rowsStep('f32x4.sub'))), 'not loads, products and advances'],
  ])('are refused where there is %s', (_, symbols, module, message) => {
    expect(() => unrollKernels(module, symbols)).toThrow(message);
  });
});

type Kernels = ReturnType<typeof instantiate>;

function countOf(bytes: Uint8Array, pattern: RegExp) {
  const module = binaryen.readBinary(bytes);
  const count = module.emitText().match(pattern)?.length;
  module.dispose();
  return count;
}

test('a product has the same bits in all tiles that its trials pass through', () => {
  wg.tidy(() => {
    const [x, y] = [wg.randomUniform([61, 77], -1, 1), wg.randomUniform([77, 67], -1, 1)];
    const first = wg.matMul(x, y).dataSync();
    // Each tile is timed for 2 ms, one after the other.
    for (const start = performance.now(); performance.now() - start < 40;) {
      wg.tidy(() => expect(wg.matMul(x, y).dataSync()).toEqual(first));
    }
  });
});
