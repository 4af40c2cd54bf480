// matMul in the built modules: GFLOP/s, and the share of what multiply-adds on registers alone reach in the same run.
// Run by `node --experimental-wasm-relaxed-simd bench/gemm.mjs [sizes...]`; later engines than Node 20 need no flag.
// Each figure is the shortest of many samples, for nothing makes a computer faster than it is.
import { readFileSync } from 'node:fs';
import { flopsPerMs, peakRate } from './peak.js';

const sizes =
  process.argv.length > 2 ? process.argv.slice(2).map(Number) : [16, 32, 48, 64, 96, 128, 192, 256, 384, 512];
/** The op's number, in the generated table. */
const MATMUL = Number(/op<.*>\((\d+), 'matMul'/.exec(readFileSync(new URL('../ts/ops.gen.ts', import.meta.url)))[1]);
const TRANSPOSITIONS = { NN: [0, 0], NT: [0, 1], TN: [1, 0], TT: [1, 1] };

for (const variant of ['strict', 'relaxed']) {
  const module = compile(variant);
  if (!module) continue;
  const peak = peakRate(variant);
  console.log(`\n${variant}: ${peak.toFixed(1)} GFLOP/s on registers alone`);
  console.log(['n', ...Object.keys(TRANSPOSITIONS), 'of the peak'].map((head) => head.padStart(11)).join(''));
  const core = await start(variant, module);
  for (const n of sizes) {
    const rates = Object.values(TRANSPOSITIONS).map((of) => flopsPerMs(product(core, n, of), 2 * n ** 3) / 1e6);
    const share = `${Math.round((100 * Math.min(...rates)) / peak)}-${Math.round((100 * Math.max(...rates)) / peak)} %`;
    console.log([n, ...rates.map((rate) => rate.toFixed(1)), share].map((x) => String(x).padStart(11)).join(''));
  }
  const n = 256;
  const ratio = flopsPerMs(product(core, n, [0, 0]), 1) / flopsPerMs(plainLoop(n), 1);
  console.log(`n = ${n}: ${ratio.toFixed(1)} times a plain loop over typed arrays`);
}

function compile(variant) {
  try {
    return new WebAssembly.Module(readFileSync(new URL(`../build/${variant}.wasm`, import.meta.url)));
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    console.log(`\n${variant}: SKIPPED, this engine does not compile it (${error.message})`);
  }
}

/** The glue holds one instance, so each variant imports its own. */
async function start(variant, module) {
  const glue = await import(`../build/wasmgrad.js?${variant}`);
  const { memory } = glue.initSync({ module });
  return { glue, words: () => new Uint32Array(memory.buffer), block: glue.block_address() >>> 2 };
}

/** A program of one product (n, n) x (n, n): a function that runs it `count` times. */
function product({ glue, words, block }, n, transposed) {
  const put = (...list) => words().set(list, block);
  const tensor = () => {
    put(n, n);
    const handle = glue.tensor_new(0, 2);
    const start = glue.tensor_address(handle) >>> 2;
    const values = new Float32Array(words().buffer).subarray(start, start + n * n);
    values.forEach((_, i) => (values[i] = Math.sin(i + 1)));
    return handle;
  };
  const [x, y, z] = [tensor(), tensor(), tensor()];
  glue.trace_begin();
  put(n, n);
  const a = glue.trace_input(0, 2);
  put(n, n);
  const b = glue.trace_input(0, 2);
  put(a, b, ...transposed);
  glue.apply(MATMUL, 2, 2);
  const program = glue.trace_end(1, 0);
  return (count) => {
    put(x, 0, 0, y, 0, 0, z, 0, 0);
    glue.program_run(program, 3, 0, count, false);
  };
}

function plainLoop(n) {
  const [a, b] = [1, 2].map((k) => Float32Array.from({ length: n * n }, (_, i) => Math.sin(k * i + 1)));
  const c = new Float32Array(n * n);
  return (count) => {
    for (let run = 0; run < count; run++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < n; p++) sum += a[i * n + p] * b[p * n + j];
          c[i * n + j] = sum;
        }
      }
    }
  };
}
