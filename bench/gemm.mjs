// matMul on one thread: GFLOP/s, and the share of what multiply-adds on registers alone reach in the same run.
// Run by `node bench/gemm.mjs strict|relaxed [sizes...]`; for relaxed, Node 20 needs `--experimental-wasm-relaxed-simd`.
// Each figure is the shortest of many samples, for nothing makes a computer faster than it is.
import * as wg from '../dist/index.js';
import { flopsPerMs, peakRate } from './peak.js';

const [variant, ...given] = process.argv.slice(2);
const sizes = given.length > 0 ? given.map(Number) : [16, 32, 48, 64, 96, 128, 192, 256, 333, 512, 768, 1024];
const TRANSPOSITIONS = { NN: [false, false], NT: [false, true], TN: [true, false], TT: [true, true] };

await wg.setDeterministic(variant === 'strict');
if (wg.isDeterministic() !== (variant === 'strict')) throw new Error(`this engine has no ${variant} build`);
wg.setThreads(1);
const peak = peakRate(variant);
console.log(`${variant}: ${peak.toFixed(1)} GFLOP/s on registers alone`);
console.log(['n', ...Object.keys(TRANSPOSITIONS), 'of the peak'].map((head) => head.padStart(11)).join(''));
for (const n of sizes) {
  const rates = Object.values(TRANSPOSITIONS).map((of) => flopsPerMs(product(n, of), 2 * n ** 3) / 1e6);
  const share = `${Math.round((100 * Math.min(...rates)) / peak)}-${Math.round((100 * Math.max(...rates)) / peak)} %`;
  console.log([n, ...rates.map((rate) => rate.toFixed(1)), share].map((x) => String(x).padStart(11)).join(''));
}
const n = 256;
const ratio = flopsPerMs(product(n, [false, false]), 1) / flopsPerMs(plainLoop(n), 1);
console.log(`n = ${n}: ${ratio.toFixed(1)} times a plain loop over typed arrays`);

/** A product (n, n) x (n, n): a function that computes it `count` times. */
function product(n, transposed) {
  const [x, y] = [wg.randomUniform([n, n], -1, 1), wg.randomUniform([n, n], -1, 1)];
  return (count) => {
    for (let i = 0; i < count; i++) wg.matMul(x, y, ...transposed).dispose();
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
