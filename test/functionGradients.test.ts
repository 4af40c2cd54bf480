// Gradients of functions that are made of several ops, against differences of their values.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import { int } from './tensor/table.js';

const STEP = 1 / 64;
/** Far from each other, from 0 and from ±1: no kink lies within a step. */
const X = [
  [0.6, -1.3, 0.35],
  [-0.45, 1.7, -0.8],
];
const Y = [
  [1.4, 0.7, -0.55],
  [0.3, -0.65, 1.2],
];
const POSITIVE = X.map((row) => row.map(Math.abs));

type Function = (x: wg.Tensor) => wg.Tensor;

/** Slopes of sum(f(x) * weights) by differences of fourth order, at each element of x. */
function differences(f: Function, x: number[][]): number[] {
  const value = (moved: number[]) =>
    wg.tidy(() => {
      const y = f(wg.tensor(moved, [x.length, x[0]!.length]));
      // Weights make the slopes of different elements different.
      return Array.from(y.dataSync()).reduce((sum, one, i) => sum + one * weight(i), 0);
    });
  const flat = x.flat();
  return flat.map((at, i) => {
    const [a, b, c, d] = [-2, -1, 1, 2].map((n) => value(flat.with(i, at + n * STEP)));
    return (a! - 8 * b! + 8 * c! - d!) / (12 * STEP);
  });
}

const weight = (i: number) => 1 + (i % 5) / 4;

const FUNCTIONS: [string, Function, number[][]?][] = [
  ['divNoNan', (x) => wg.divNoNan(Y, x)],
  ['divNoNan of 0', (x) => wg.divNoNan(x, wg.tensor(Y).relu())],
  ['squaredDifference', (x) => wg.squaredDifference(x, Y)],
  ['pow of the base', (x) => wg.pow(x, 3)],
  ['pow of the exponent', (x) => wg.pow(1.7, x)],
  ['atan2', (x) => wg.atan2(x, Y)],
  ['mod', (x) => wg.mod(x, 5)],
  ['maximum', (x) => wg.maximum(x, wg.mul(x, x))],
  ['clipByValue', (x) => wg.clipByValue(x, -0.7, 1)],
  ['relu6', (x) => wg.relu6(x.mul(5))],
  ['prelu of x', (x) => wg.prelu(x, [0.1, 0.2, 0.3])],
  ['prelu of alpha', (x) => wg.prelu(Y, x)],
  ['leakyRelu', (x) => wg.leakyRelu(x)],
  ['elu', (x) => wg.elu(x)],
  ['selu', (x) => wg.selu(x)],
  ['erf', (x) => wg.erf(x)],
  ['softplus', (x) => wg.softplus(x)],
  ['logSigmoid', (x) => wg.logSigmoid(x)],
  ['asinh', (x) => wg.asinh(x)],
  ['tan', (x) => wg.tan(x.div(2))],
  ['rsqrt', (x) => wg.rsqrt(x), POSITIVE],
  ['log1p', (x) => wg.log1p(x), POSITIVE],
  ['variance', (x) => wg.variance(x, 1)],
  ['std', (x) => wg.std(x, 0, true)],
  ['moments', (x) => wg.concat([wg.moments(x, 1).mean, wg.moments(x, 1).variance])],
  ['norm', (x) => wg.norm(x, 'euclidean', 1)],
  ['1-norm of a matrix', (x) => wg.norm(x, 1, [0, 1])],
  ['∞-norm', (x) => wg.norm(x, Infinity, 1)],
  ['logSumExp', (x) => wg.logSumExp(x, 0)],
  ['prod', (x) => wg.prod(x, 1)],
  ['max', (x) => wg.max(x, 0)],
  ['softmax along rows', (x) => wg.softmax(x, 0)],
  ['logSoftmax along rows', (x) => wg.logSoftmax(x, 0)],
  ['cumsum', (x) => wg.cumsum(x, 1, true, true)],
  ['cumprod', (x) => wg.cumprod(x, 1)],
  ['matMul', (x) => wg.matMul(x, x, false, true)],
  ['matMul of a batch and one', (x) => wg.matMul(wg.stack([Y, Y]), x, false, true)],
  ['dot', (x) => wg.dot(x, [1, 2, 3])],
  ['outerProduct', (x) => wg.outerProduct(x.flatten(), [1, 2])],
  ['diag', (x) => wg.diag(x.flatten())],
  ['stack', (x) => wg.stack([x, x.square()], 1)],
  ['unstack', (x) => wg.mul(...(x.unstack() as [wg.Tensor, wg.Tensor]))],
  ['split', (x) => wg.sub(...(x.split([1, 1]) as [wg.Tensor, wg.Tensor]))],
  ['tile', (x) => wg.tile(x, [2, 2])],
  ['broadcastTo', (x) => wg.broadcastTo(x, [2, 2, 3])],
  ['transpose', (x) => wg.transpose(x)],
  ['reverse', (x) => wg.reverse(x, 1)],
  ['pad', (x) => wg.pad(x, [[1, 0], [0, 2]])],
  ['mirrorPad', (x) => wg.mirrorPad(x, [[1, 1], [2, 1]], 'reflect')],
  ['slice', (x) => wg.slice(x, [1, 1])],
  ['stridedSlice', (x) => wg.stridedSlice(x, [1, 2], [-3, -4], [-1, -2])],
  ['gather', (x) => wg.gather(x, int([[2, 0], [-1, 2]]), 1)],
  ['gather in batches', (x) => wg.gather(x, int([[2, 0], [1, 1]]), 1, 1)],
  ['gatherND', (x) => wg.gatherND(x, int([[0, 1], [1, -1], [0, 1]]))],
  ['scatterND', (x) => wg.scatterND(int([[3], [3]]), x, [4, 3])],
  ['tensorScatterUpdate of x', (x) => wg.tensorScatterUpdate(x, int([[1]]), [[1, 2, 3]])],
  ['tensorScatterUpdate of updates', (x) => wg.tensorScatterUpdate(Y, int([[1]]), x.slice(0, 1))],
  ['unsortedSegmentSum', (x) => wg.unsortedSegmentSum(x, int([1, 1]), 3)],
  ['topk', (x) => wg.topk(x, 2).values],
  ['where', (x) => wg.where(wg.greater(x, 0), x.square(), x.mul(3))],
  ['meshgrid', (x) => wg.stack(wg.meshgrid(x.flatten(), [1, 2]))],
  ['dropout', (x) => wg.dropout(x, 0.5, undefined, 3)],
  ['addN', (x) => wg.addN([x, x.square(), x])],
  ['cast to its own dtype', (x) => x.toFloat().square()],
  ['meanSquaredError', (x) => wg.losses.meanSquaredError(Y, x, [[1], [2]])],
  ['absoluteDifference', (x) => wg.losses.absoluteDifference(Y, x, null, wg.Reduction.MEAN)],
  ['huberLoss', (x) => wg.losses.huberLoss(Y, x, null, 0.9)],
  ['hingeLoss', (x) => wg.losses.hingeLoss([[0, 1, 1], [1, 0, 1]], x)],
  ['logLoss', (x) => wg.losses.logLoss([[0, 1, 1], [1, 0, 1]], x.sigmoid())],
  ['cosineDistance', (x) => wg.losses.cosineDistance(Y, x, 1)],
  ['sigmoidCrossEntropy', (x) => wg.losses.sigmoidCrossEntropy([[0, 1, 1], [1, 0, 1]], x, null, 0.1)],
  ['softmaxCrossEntropy', (x) => wg.losses.softmaxCrossEntropy([[0, 1, 0], [1, 0, 0]], x, null, 0.1)],
  ['softmaxCrossEntropy of labels', (x) => wg.losses.softmaxCrossEntropy(x, Y, [1, 2])],
]; // prettier-ignore

describe('the gradient of', () => {
  test.each(FUNCTIONS)('%s', (_, f, x = X) => {
    const expected = differences(f, x);
    wg.tidy(() => {
      const y = f(wg.tensor(x));
      const dy = wg.tensor(Array.from({ length: y.size }, (_, i) => weight(i)), y.shape); // prettier-ignore
      const slopes = wg.grad(f)(x, dy).dataSync();
      using compiled = wg.compile(wg.grad(f));
      expect(compiled(x, dy).dataSync()).toEqual(slopes);
      const scale = Math.max(1, ...expected.map(Math.abs));
      expected.forEach((slope, i) => expect(Math.abs(slopes[i]! - slope) / scale).toBeLessThan(1e-3));
    });
  });
});
