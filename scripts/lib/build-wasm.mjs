// crates/wasm -> build/: one module per lane, the types of its functions, and its parts as chunks for pages. ts/core
// makes the instances itself, for each thread one, so wasm-bindgen's glue is not used.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, cache, target } from './paths.mjs';
import { shareable } from './share.mjs';
import { run, say } from './shell.mjs';
import { whenStale } from './stamp.mjs';
import { wasmEnv, wasmPack } from './toolchain.mjs';

const CRATES = ['crates/kernels', 'crates/engine', 'crates/wasm'];
const VARIANTS = { strict: '+simd128,+atomics', relaxed: '+simd128,+atomics,+relaxed-simd' };
const OUTPUTS = [
  'build/seam.d.ts',
  ...Object.keys(VARIANTS).flatMap((variant) => [
    `build/${variant}.wasm`,
    `build/${variant}.symbols`,
    `build/core-${variant}.js`,
    `build/extra-${variant}.js`,
  ]),
];

const RUSTFLAGS = [
  // LLVM's own order hoists every load of a micro-kernel to the top of its loop, and the engine then spills.
  '-pre-RA-sched=source',
  '-disable-lsr',
  // What runs once per element or once per op asks to be inlined (`#[inline]`); the rest shall be small.
  '-inline-threshold=40',
  // Nor are loops repeated for each value of what does not change in them.
  '-unswitch-threshold=0',
  // Nor code for each way that leads to it.
  '-jump-threading-threshold=1',
]
  .map((arg) => `-C llvm-args=${arg}`)
  // The function table begins behind the numbers that programs are full of: split.mjs takes a number for a function.
  .concat('-C link-arg=--table-base=1100')
  .join(' ');

const WASM_FEATURES = [
  'simd',
  'threads',
  'relaxed-simd',
  'bulk-memory',
  'bulk-memory-opt',
  'nontrapping-float-to-int',
  'sign-ext',
  'mutable-globals',
  'multivalue',
  'reference-types',
  'call-indirect-overlong',
];

export function buildWasm() {
  whenStale(
    {
      stamp: 'build/.wasm-stamp',
      inputs: [
        'Cargo.toml',
        'Cargo.lock',
        'scripts/lib/build-wasm.mjs',
        'scripts/lib/share.mjs',
        'scripts/lib/shrink.mjs',
        'scripts/lib/features.mjs',
        'scripts/lib/split.mjs',
        'scripts/lib/unroll.mjs',
        'scripts/lib/lzma.mjs',
        'scripts/lib/streams.mjs',
        'ts/core/streams.ts',
        ...CRATES.flatMap((crate) => [`${crate}/Cargo.toml`, `${crate}/src`]),
      ],
      outputs: OUTPUTS,
    },
    () => {
      const env = wasmEnv();
      const pack = wasmPack();
      rmSync(at('build'), { recursive: true, force: true });
      mkdirSync(at('build'));
      for (const variant of Object.keys(VARIANTS)) buildVariant(variant, pack, env);
    },
  );
}

function buildVariant(variant, pack, env) {
  say(
    `building build/${variant}.wasm, because the Rust sources changed (a few minutes where wasm-bindgen is built too)`,
  );
  const out = join(target, `wasm-${variant}`, 'pkg');
  const args = ['--target=web', '--release', '--no-opt', '--no-pack', '--out-name=wasmgrad', `--out-dir=${out}`];
  // wasm-pack also finds, fetches or builds the wasm-bindgen that Cargo.lock names.
  // Unseen, since rustc warns of each crate that `atomics` may change.
  run(pack, ['build', at('crates', 'wasm'), ...args], {
    env: {
      ...env,
      WASM_PACK_CACHE: join(cache, 'wasm-pack'),
      CARGO_TARGET_DIR: join(target, `wasm-${variant}`),
      // For the target alone: wasm-bindgen, if built, is built for the host.
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: `-C target-feature=${VARIANTS[variant]} ${RUSTFLAGS}`,
      RUSTFLAGS: undefined,
      CARGO_ENCODED_RUSTFLAGS: undefined,
    },
  });
  const enable = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const wasmOpt = at('node_modules', 'binaryen', 'bin', 'wasm-opt');
  const [from, to] = [join(out, 'wasmgrad_bg.wasm'), at('build', `${variant}.wasm`)];
  const symbols = at('build', `${variant}.symbols`);
  run('node', [at('scripts', 'lib', 'shrink.mjs'), from]);
  // The functions' names go to a file of their own, for those who read machine code.
  run('node', [wasmOpt, '-O3', ...enable, from, '-o', to, `--symbolmap=${symbols}`]);
  if (variant === 'strict') run('node', [at('scripts', 'lib', 'unroll.mjs'), to, symbols]);
  run('node', [at('scripts', 'lib', 'split.mjs'), to, at('build'), variant]);
  writeFileSync(to, shareable(readFileSync(to)));
  copyFileSync(join(out, 'wasmgrad.d.ts'), at('build', 'seam.d.ts'));
}
