// Outside of any `tidy` a function leaves its results and nothing else, and nothing at all when it throws.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';

const M = [[1, 2], [3, 5]]; // prettier-ignore
const V = [1, 2];

/** Calls with plain numbers, so that no tensor but the result is the caller's. */
const CALLS: (() => wg.TensorContainer)[] = [
  () => wg.add(M, V),
  () => wg.sub(1, 2),
  () => wg.div(M, 2),
  () => wg.divNoNan(M, V),
  () => wg.floorDiv(M, V),
  () => wg.pow(M, V),
  () => wg.mod(M, V),
  () => wg.atan2(M, V),
  () => wg.squaredDifference(M, V),
  () => wg.equal(M, V),
  () => wg.logicalAnd([true], [false]),
  () => wg.logicalNot([true]),
  () => wg.where([true, false], V, 0),
  () => wg.exp(M),
  () => wg.round(M),
  () => wg.relu6(M),
  () => wg.elu(M),
  () => wg.leakyRelu(M),
  () => wg.prelu(M, V),
  () => wg.step(M),
  () => wg.clipByValue(M, 0, 1),
  () => wg.isNaN(M),
  () => wg.sum(M, 0),
  () => wg.mean(M),
  () => wg.max([true, false]),
  () => wg.all([true]),
  () => wg.argMax(M),
  () => wg.std(M),
  () => wg.moments(M),
  () => wg.cumsum(M),
  () => wg.logSumExp(M),
  () => wg.softmax(M, 0),
  () => wg.logSoftmax(M),
  () => wg.norm(M),
  () => wg.norm(M, 1, [0, 1]),
  () => wg.euclideanNorm(M),
  () => wg.matMul(M, M),
  () => wg.dot(V, M),
  () => wg.outerProduct(V, V),
  () => wg.reshape(M, [4]),
  () => wg.flatten(M),
  () => wg.squeeze([M]),
  () => wg.expandDims(M),
  () => wg.transpose(M),
  () => wg.broadcastTo(V, [2, 2]),
  () => wg.tile(M, [2, 1]),
  () => wg.reverse(M),
  () => wg.ensureShape(M, [null, 2]),
  () => wg.concat([M, M]),
  () => wg.concat1d([V, V]),
  () => wg.stack([V, V]),
  () => wg.addN([M, M, M]),
  () => wg.slice(M, 1),
  () => wg.split(M, 2),
  () => wg.unstack(M),
  () => wg.stridedSlice(M, [0], [2], [-1]),
  () => wg.pad(M, [[1, 0], [0, 1]]), // prettier-ignore
  () => wg.mirrorPad(M, [[1, 0], [0, 1]], 'reflect'), // prettier-ignore
  () => wg.gather(M, [1, 0]),
  () => wg.gather(M, [[1], [0]], 1, 1),
  () => wg.gatherND(M, [[0, 1]]),
  () => wg.scatterND([[1]], [5], [3]),
  () => wg.tensorScatterUpdate(V, [[1]], [5]),
  () => wg.unsortedSegmentSum(V, [0, 0], 1),
  () => wg.oneHot([0, 1], 2),
  () => wg.topk(V, 1),
  () => wg.clone(M),
  () => wg.cast(M, 'int32'),
  () => wg.cast(M, 'float32'),
  () => wg.zerosLike(M),
  () => wg.diag(V),
  () => wg.eye(2, 2, [2]),
  () => wg.meshgrid(V, V),
  () => wg.fill([2], 1),
  () => wg.linspace(0, 1, 3),
  () => wg.range(0, 3),
  () => wg.buffer([2]).toTensor(),
  () => wg.variable(M),
  () => wg.variable(M, true, undefined, 'int32'),
  () => wg.randomUniform([2]),
  () => wg.randomUniform([2], 0, 9, 'int32', 1),
  () => wg.randomNormal([2], 0, 1, 'float32', 1),
  () => wg.truncatedNormal([2]),
  () => wg.multinomial(V, 3),
  () => wg.multinomial([M[0]!], 3, 1, true),
  () => wg.dropout(M, 0.5),
  () => wg.dropout(M, 0.5, [2, 1], 1),
  () => wg.losses.huberLoss(M, M, V),
  () => wg.losses.softmaxCrossEntropy(M, M),
  () => wg.grad((x) => wg.add(x.square(), V).mul(2))(V, V),
  () => wg.grads((x, y) => x.mul(y))([V, M]),
  () => wg.valueAndGrads((x, y) => x.mul(y))([V, M]),
  () => wg.valueAndGrad((x) => wg.grad((y) => y.pow(3))(x))(V),
];

/** As source: `wg.add(M, V)`. */
const named = <T>(calls: readonly (() => T)[]) =>
  calls.map(
    (call) =>
      [
        String(call)
          .replace(/^.*?=> */, '')
          .replaceAll(/__vi\w+__\./g, ''),
        call,
      ] as const,
  );

function tensorsIn(results: unknown): wg.Tensor[] {
  return results instanceof wg.Tensor ? [results] : Object.values(results as object).flatMap(tensorsIn);
}

describe('a call leaves its results', () => {
  test.each(named(CALLS))('%s', (_, call) => {
    const before = wg.memory().numTensors;
    const results = call();
    const alive = tensorsIn(results);
    expect(wg.memory().numTensors - before).toBe(alive.length);
    for (const tensor of alive) expect(tensor.isDisposed).toBe(false);
    // The rest is the leak guard's.
    wg.dispose(results);
  });
});

const FAILURES: (() => unknown)[] = [
  () => wg.add(M, [1, 2, 3]),
  () => wg.where([true, false], V, [1, 2, 3]),
  () => wg.prelu(M, [1, 2, 3]),
  () => wg.sum(M, 5),
  () => wg.matMul(M, [[1, 2, 3]]),
  () => wg.dot(M, [1, 2, 3]),
  () => wg.reshape(M, [3]),
  () => wg.concat([M, V]),
  () => wg.stack([M, V]),
  () => wg.slice(M, [5]),
  () => wg.split(M, 3),
  () => wg.pad(M, [[1, 1]]),
  () => wg.mirrorPad(M, [[0, 0], [9, 0]], 'reflect'), // prettier-ignore
  () => wg.gather(M, [9]),
  () => wg.scatterND([[9]], [1], [2]),
  () => wg.topk(V, 3),
  () => wg.multinomial([[M]], 1),
  () => wg.dropout(M, 0.5, [3]),
  () => wg.losses.huberLoss(M, M, [1, 2, 3]),
  () => wg.grad((x) => x.add([1, 2, 3]))(V),
  () => wg.grad((x) => x.square())(V, [1]),
  () => wg.valueAndGrads((x) => x)([V, M]),
  () => wg.variableGrads(() => wg.scalar(1)),
  () => wg.compile((x) => x.mul(2).add([1, 2, 3]))(V),
  () => wg.tensor([[1], [2, 3]]),
  () => wg.zeros([2 ** 15, 2 ** 15, 2 ** 15]),
];

describe('a call that throws leaves nothing', () => {
  test.each(named(FAILURES))('%s', (_, call) => {
    expect(call).toThrow(wg.WasmgradError);
  });
});
