// Products of square matrices.
import { checkAgree, uniform } from '../data.js';
import { jax, ort, tf, wg } from './libraries.js';
import { matMulModel } from './onnx.js';
import { race } from './rounds.js';

const SIZES = [48, 96, 240, 480, 960];
/** What is worth more than one thread. */
const LARGE = 240;

/**
 * @param {number} threads of wasmgrad and PyTorch; the other peers have one, and take part where that is all
 * @param {object} [cores] sides beside two threads
 */
export async function* matmul(torch, threads, cores) {
  for (const n of threads === 1 ? SIZES : SIZES.filter((n) => n >= LARGE)) {
    const [x, y] = [uniform(n * n), uniform(n * n)];
    const peers = async () => ({
      'tfjs wasm': tfSide('wasm', x, y, n),
      'tfjs cpu': tfSide('cpu', x, y, n),
      'jax-js': jaxSide(x, y, n),
      onnxruntime: await ortSide(x, y, n),
    });
    const sides = {
      wasmgrad: ourSide(x, y, n, threads),
      ...(threads === 1 ? await peers() : { 'one thread': ourSide(x, y, n, 1), ...cores }),
      ...(torch && { pytorch: torch.side(torchSpec(x, y, n)) }),
    };
    const expected = await sides.wasmgrad.values();
    for (const [name, side] of Object.entries(sides)) {
      if (!side.values) continue;
      await side.begin?.();
      checkAgree(`matMul ${n}, ${name}`, await side.values(1), expected, 1e-5);
    }
    yield { ...(await race(`matMul ${n}`, sides)), flops: 2 * n ** 3 };
  }
}

function ourSide(x, y, n, threads) {
  const [a, b] = [wg.tensor2d(x, [n, n]), wg.tensor2d(y, [n, n])];
  return {
    begin: () => wg.setThreads(threads),
    run(count) {
      for (let i = 0; i < count; i++) a.matMul(b).dispose();
    },
    values: () => wg.tidy(() => a.matMul(b).dataSync()),
  };
}

function tfSide(backend, x, y, n) {
  let operands;
  const begin = () => {
    tf.setBackend(backend);
    operands ??= [tf.tensor2d(x, [n, n]), tf.tensor2d(y, [n, n])];
  };
  return {
    begin,
    run(count) {
      for (let i = 0; i < count; i++) tf.matMul(...operands).dispose();
    },
    values: () => tf.tidy(() => tf.matMul(...operands).dataSync()),
  };
}

function jaxSide(x, y, n) {
  const [a, b] = [x, y].map((values) => jax.numpy.array(values).reshape([n, n]));
  const matMul = jax.jit((a, b) => jax.numpy.matmul(a, b));
  const product = () => matMul(a.ref, b.ref);
  return {
    async run(count) {
      for (let i = 0; i < count; i++) (await product().blockUntilReady()).dispose();
    },
    values: () => product().data(),
  };
}

async function ortSide(x, y, n) {
  const session = await ort.InferenceSession.create(matMulModel(n));
  // It has defined one, by which jax-js would tell that there are threads.
  delete globalThis.Worker;
  const feeds = { x: new ort.Tensor('float32', x, [n, n]), y: new ort.Tensor('float32', y, [n, n]) };
  return {
    async run(count) {
      for (let i = 0; i < count; i++) await session.run(feeds);
    },
    values: async () => (await session.run(feeds)).z.data,
  };
}

function torchSpec(x, y, n) {
  const matrix = (data) => ({ data: Array.from(data), shape: [n, n] });
  return { kind: 'matmul', x: matrix(x), y: matrix(y) };
}
