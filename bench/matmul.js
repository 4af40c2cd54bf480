// Products of square matrices, from values in JavaScript's tensors to a typed array of the result.
import { compare } from './compare.js';
import { checkAgree, uniform } from './data.js';
import { tf, wg } from './peers.js';

const SIZES = [16, 32, 64, 128, 256, 512];

export async function* matmul() {
  for (const n of SIZES) {
    const [x, y] = [uniform(n * n), uniform(n * n)];
    const ours = [wg.tensor2d(x, [n, n]), wg.tensor2d(y, [n, n])];
    const theirs = [tf.tensor2d(x, [n, n]), tf.tensor2d(y, [n, n])];
    const sides = {
      wasmgrad: () => product(wg, ours),
      'plain loops': () => multiply(x, y, n),
      'tfjs cpu': () => product(tf, theirs),
    };
    for (const name of ['plain loops', 'tfjs cpu']) checkAgree(name, sides.wasmgrad(), sides[name](), 1e-5);
    yield compare(`matMul ${n} × ${n}`, sides);
    wg.dispose(ours);
    tf.dispose(theirs);
  }
}

function product(library, [x, y]) {
  const z = library.matMul(x, y);
  const values = z.dataSync();
  z.dispose();
  return values;
}

/** What a program writes by hand: the rows of y are read in order. */
function multiply(x, y, n) {
  const z = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = x[i * n + k];
      for (let j = 0; j < n; j++) z[i * n + j] += factor * y[k * n + j];
    }
  }
  return z;
}
