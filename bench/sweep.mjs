// matMul of odd sizes on one thread: products that reach less than half of the rate of their sizes' next multiples of 8.
// Run by `node bench/sweep.mjs strict|relaxed`; ten seconds.
import * as wg from '../dist/index.js';

const SIZES = [1, 2, 3, 4, 7, 8, 9, 16, 17, 33, 40, 97, 333, 1000];
const WORK = [1e5, 1e7];
const TRANSPOSITIONS = { NN: [false, false], NT: [false, true], TN: [true, false], TT: [true, true] };
const SAMPLE_MS = 0.3;
const SAMPLES = 6;

const [variant] = process.argv.slice(2);
await wg.setDeterministic(variant === 'strict');
if (wg.isDeterministic() !== (variant === 'strict')) throw new Error(`this engine has no ${variant} build`);
wg.setThreads(1);

const rates = new Map();
const cliffs = [];
for (const name of Object.keys(TRANSPOSITIONS)) {
  for (const sizes of products()) {
    const near = sizes.map((size) => (size <= 4 ? size : Math.ceil(size / 8) * 8));
    if (near.join() === sizes.join() || share(name, sizes, near) >= 0.5) continue;
    // Once more, for a neighbour on the machine may have taken the time.
    for (const key of [sizes, near]) rates.delete(`${name} ${key.join('x')}`);
    const again = share(name, sizes, near);
    if (again < 0.5) cliffs.push({ product: `${name} ${sizes.join('x')}`, of: near.join('x'), share: again });
  }
}
console.log(`${variant}: ${rates.size} products, ${cliffs.length} cliffs`);
for (const { product, of, share } of cliffs.toSorted((a, b) => a.share - b.share)) {
  console.log(`${product.padEnd(16)} ${rates.get(product).toFixed(1)} GFLOP/s, ${share.toFixed(2)} of ${of}`);
}

function* products() {
  for (const m of SIZES) {
    for (const n of SIZES) {
      for (const k of SIZES) if (m * n * k >= WORK[0] && m * n * k <= WORK[1]) yield [m, n, k];
    }
  }
}

function share(name, sizes, near) {
  return rateOf(name, sizes) / rateOf(name, near);
}

/** GFLOP/s of the shortest sample, measured once. */
function rateOf(name, [m, n, k]) {
  const key = `${name} ${[m, n, k].join('x')}`;
  if (!rates.has(key)) rates.set(key, measure(TRANSPOSITIONS[name], m, n, k));
  return rates.get(key);
}

function measure([ta, tb], m, n, k) {
  const x = wg.randomUniform(ta ? [k, m] : [m, k], -1, 1);
  const y = wg.randomUniform(tb ? [n, k] : [k, n], -1, 1);
  const time = (count) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) wg.matMul(x, y, ta, tb).dispose();
    return performance.now() - start;
  };
  let count = 1;
  while (time(count) < SAMPLE_MS) count *= 2;
  const best = Math.min(...Array.from({ length: SAMPLES }, () => time(count) / count));
  x.dispose();
  y.dispose();
  return (2 * m * n * k) / best / 1e6;
}
