// Generated from the op table (crates/engine) by `npm run build`. Do not edit.
import { type DataType, op } from './core/op.js';

/** Both halves must be of one build. */
export const OP_TABLE_HASH = 2116448772;

export const ops = {
  /**  -x */
  neg: op<[]>(0, 'neg', ''),
  /**  x * factor + shift */
  affine: op<[factor: number, shift: number]>(1, 'affine', 'ff'),
  /**  |x| */
  abs: op<[]>(2, 'abs', ''),
  /**  1 where x > 0, -1 where x < 0, x elsewhere (0 and NaN). */
  sign: op<[]>(3, 'sign', ''),
  /**  x^2 */
  square: op<[]>(4, 'square', ''),
  /**  The square root. */
  sqrt: op<[]>(5, 'sqrt', ''),
  /**  1 / sqrt(x) */
  rsqrt: op<[]>(6, 'rsqrt', ''),
  /**  1 / x */
  reciprocal: op<[]>(7, 'reciprocal', ''),
  /**  e^x */
  exp: op<[]>(8, 'exp', ''),
  /**  e^x - 1 */
  expm1: op<[]>(9, 'expm1', ''),
  /**  The natural logarithm. */
  log: op<[]>(10, 'log', ''),
  /**  log(1 + x) */
  log1p: op<[]>(11, 'log1p', ''),
  /**  The sine of radians. */
  sin: op<[]>(12, 'sin', ''),
  /**  The cosine of radians. */
  cos: op<[]>(13, 'cos', ''),
  /**  The tangent of radians. */
  tan: op<[]>(14, 'tan', ''),
  /**  The inverse sine: NaN outside of [-1, 1]. */
  asin: op<[]>(15, 'asin', ''),
  /**  The inverse cosine: NaN outside of [-1, 1]. */
  acos: op<[]>(16, 'acos', ''),
  /**  The inverse tangent. */
  atan: op<[]>(17, 'atan', ''),
  /**  The hyperbolic sine. */
  sinh: op<[]>(18, 'sinh', ''),
  /**  The hyperbolic cosine. */
  cosh: op<[]>(19, 'cosh', ''),
  /**  The hyperbolic tangent. */
  tanh: op<[]>(20, 'tanh', ''),
  /**  The inverse hyperbolic sine. */
  asinh: op<[]>(21, 'asinh', ''),
  /**  The inverse hyperbolic cosine: NaN below 1. */
  acosh: op<[]>(22, 'acosh', ''),
  /**  The inverse hyperbolic tangent: infinite at -1 and 1, NaN beyond. */
  atanh: op<[]>(23, 'atanh', ''),
  /**  The error function. */
  erf: op<[]>(24, 'erf', ''),
  /**  The largest integer that is not above x. */
  floor: op<[]>(25, 'floor', ''),
  /**  The smallest integer that is not below x. */
  ceil: op<[]>(26, 'ceil', ''),
  /**  The nearest integer, of two the even one. */
  round: op<[]>(27, 'round', ''),
  /**  1 where x > 0, alpha elsewhere, NaN where x is NaN. */
  step: op<[alpha: number]>(28, 'step', 'f'),
  /**  The nearest value of [min, max]; max where min is above it. */
  clip: op<[min: number, max: number]>(29, 'clip', 'ff'),
  /**  max(x, 0) */
  relu: op<[]>(30, 'relu', ''),
  /**  min(max(x, 0), 6) */
  relu6: op<[]>(31, 'relu6', ''),
  /**  x where x >= 0, alpha * x elsewhere. */
  leakyRelu: op<[alpha: number]>(32, 'leakyRelu', 'f'),
  /**  x where x > 0, alpha * (e^x - 1) elsewhere. */
  elu: op<[alpha: number]>(33, 'elu', 'f'),
  /**  1.0507 * x where x > 0, 1.0507 * 1.67326 * (e^x - 1) elsewhere. */
  selu: op<[]>(34, 'selu', ''),
  /**  x where x > 0, alpha * (e^(x / alpha) - 1) elsewhere. */
  celu: op<[alpha: number]>(35, 'celu', 'f'),
  /**  x * (1 + erf(x / sqrt(2))) / 2 */
  gelu: op<[]>(36, 'gelu', ''),
  /**  x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2: gelu, approximated. */
  geluTanh: op<[]>(37, 'geluTanh', ''),
  /**  x * sigmoid(x), called swish too. */
  silu: op<[]>(38, 'silu', ''),
  /**  x * tanh(softplus(x)) */
  mish: op<[]>(39, 'mish', ''),
  /**  1 / (1 + e^-x) */
  sigmoid: op<[]>(40, 'sigmoid', ''),
  /**  log(sigmoid(x)) */
  logSigmoid: op<[]>(41, 'logSigmoid', ''),
  /**  log(1 + e^x) */
  softplus: op<[]>(42, 'softplus', ''),
  /**  x / (1 + |x|) */
  softsign: op<[]>(43, 'softsign', ''),
  /**  relu6(x + 3) / 6 */
  hardSigmoid: op<[]>(44, 'hardSigmoid', ''),
  /**  x * hardSigmoid(x), called hardSwish too. */
  hardSilu: op<[]>(45, 'hardSilu', ''),
  /**  The nearest value of [-1, 1]. */
  hardTanh: op<[]>(46, 'hardTanh', ''),
  /**  x - tanh(x) */
  tanhShrink: op<[]>(47, 'tanhShrink', ''),
  /**  x moved toward 0 by the threshold, 0 within it. */
  softShrink: op<[threshold: number]>(48, 'softShrink', 'f'),
  /**  x where |x| > threshold, 0 elsewhere. */
  hardShrink: op<[threshold: number]>(49, 'hardShrink', 'f'),
  /**  x where x > threshold, value elsewhere. */
  threshold: op<[threshold: number, value: number]>(50, 'threshold', 'ff'),
  /**  (x + sqrt(x^2 + b)) / 2 */
  squareplus: op<[b: number]>(51, 'squareplus', 'f'),
  /**  0 where x <= -1, x where x >= 1, (x + 1)^2 / 4 between. */
  sparsePlus: op<[]>(52, 'sparsePlus', ''),
  /**  0 where x <= -1, 1 where x >= 1, (x + 1) / 2 between. */
  sparseSigmoid: op<[]>(53, 'sparseSigmoid', ''),
  /**  dy * inside where low <= x <= high, dy * outside elsewhere; a factor 0 gives 0 even if dy is not finite: the gradient of functions of straight pieces. */
  scaleWithin: op<[low: number, high: number, inside: number, outside: number]>(54, 'scaleWithin', 'ffff'),
  /**  dy * y * (1 - y): the gradient of y = sigmoid(x). */
  sigmoidGrad: op<[]>(55, 'sigmoidGrad', ''),
  /**  dy * (1 + y) * (1 - y): the gradient of y = tanh(x). */
  tanhGrad: op<[]>(56, 'tanhGrad', ''),
  /**  x + y */
  add: op<[]>(57, 'add', ''),
  /**  x - y */
  sub: op<[]>(58, 'sub', ''),
  /**  x * y */
  mul: op<[]>(59, 'mul', ''),
  /**  x / y */
  div: op<[]>(60, 'div', ''),
  /**  The larger of x and y, NaN where either is. Each gets half of the gradient where they are equal. */
  maximum: op<[]>(61, 'maximum', ''),
  /**  The smaller of x and y, NaN where either is. Each gets half of the gradient where they are equal. */
  minimum: op<[]>(62, 'minimum', ''),
  /**  x^y. Of integers the low 32 bits, and of a negative power what is left of the fraction: its whole part. */
  pow: op<[]>(63, 'pow', ''),
  /**  x - y * floor(x / y), exactly: it has the sign of y. An int32 0 where y is 0. */
  mod: op<[]>(64, 'mod', ''),
  /**  floor(x / y) of the exact quotient. An int32 0 where y is 0. */
  floorDiv: op<[]>(65, 'floorDiv', ''),
  /**  (x - y)^2 */
  squaredDifference: op<[]>(66, 'squaredDifference', ''),
  /**  The angle of the point (y, x), in -pi..pi: its operands are the ordinate and the abscissa. */
  atan2: op<[]>(67, 'atan2', ''),
  /**  y * softplus(-x) + (1 - y) * softplus(x): the cross-entropy of the probability sigmoid(x) with the target y. */
  sigmoidCrossEntropy: op<[]>(68, 'sigmoidCrossEntropy', ''),
  /**  x == y */
  equal: op<[]>(69, 'equal', ''),
  /**  x != y */
  notEqual: op<[]>(70, 'notEqual', ''),
  /**  x < y */
  less: op<[]>(71, 'less', ''),
  /**  x <= y */
  lessEqual: op<[]>(72, 'lessEqual', ''),
  /**  x > y */
  greater: op<[]>(73, 'greater', ''),
  /**  x >= y */
  greaterEqual: op<[]>(74, 'greaterEqual', ''),
  /**  Whether x is NaN. */
  isNaN: op<[]>(75, 'isNaN', ''),
  /**  Whether x is inf or -inf. */
  isInf: op<[]>(76, 'isInf', ''),
  /**  Whether x is neither infinite nor NaN. */
  isFinite: op<[]>(77, 'isFinite', ''),
  /**  Whether both x and y are true. */
  logicalAnd: op<[]>(78, 'logicalAnd', ''),
  /**  Whether x, y or both are true. */
  logicalOr: op<[]>(79, 'logicalOr', ''),
  /**  Whether one of x and y is true. */
  logicalXor: op<[]>(80, 'logicalXor', ''),
  /**  Whether x is false. */
  logicalNot: op<[]>(81, 'logicalNot', ''),
  /** x where the condition is true, y elsewhere, all three broadcast together. */
  select: op<[]>(82, 'select', ''),
  /** The same elements in another dtype: int32 is truncated toward 0 (and clamped, NaN is 0), bool is x != 0. */
  cast: op<[dtype: DataType]>(83, 'cast', 'd'),
  /** A copy of x. */
  identity: op<[]>(84, 'identity', ''),
  /** The same elements in the same order under another shape. */
  reshape: op<[shape: readonly number[]]>(85, 'reshape', 'n'),
  /** x, which counts as a constant for gradients. */
  stopGradient: op<[]>(86, 'stopGradient', ''),
  /** All elements equal to value. */
  fill: op<[shape: readonly number[], value: number, dtype: DataType]>(87, 'fill', 'nfd'),
  /** start, start + step, start + 2 step, ...: size numbers. */
  range: op<[start: number, step: number, size: number, dtype: DataType]>(88, 'range', 'ffid'),
  /** num numbers at equal distances from start to stop, both included. */
  linspace: op<[start: number, stop: number, num: number]>(89, 'linspace', 'ffi'),
  /** (rows, columns): 1 where both indices are equal, else 0. */
  eye: op<[rows: number, columns: number, dtype: DataType]>(90, 'eye', 'iid'),
  /** The variable's next version: the value, which has its shape and dtype. */
  assign: op<[]>(91, 'assign', ''),
  /** x repeated along new dimensions and along those of size 1. */
  broadcastTo: op<[shape: readonly number[]]>(92, 'broadcastTo', 'n'),
  /** Dimension i of the result is dimension perm[i] of x. */
  transpose: op<[perm: readonly number[]]>(93, 'transpose', 'n'),
  /** x with the order of the elements turned round along each of the axes. */
  reverse: op<[axes: readonly number[]]>(94, 'reverse', 'n'),
  /** x repeated reps[i] times along dimension i. */
  tile: op<[reps: readonly number[]]>(95, 'tile', 'n'),
  /** size elements from begin on, in each dimension; a size of -1 means all that follow. */
  slice: op<[begin: readonly number[], size: readonly number[]]>(96, 'slice', 'nn'),
  /** x with paddings[2 i] elements `value` before it and paddings[2 i + 1] after it in dimension i. */
  pad: op<[paddings: readonly number[], value: number]>(97, 'pad', 'nf'),
  /** The operands one behind the other along the axis. */
  concat: op<[axis: number]>(98, 'concat', 'i'),
  /** x in parts of the given sizes along the axis. */
  split: op<[sizes: readonly number[], axis: number]>(99, 'split', 'ni'),
  /** x (..., rows, columns) with 0 more than lower places below or upper places above the diagonal; a negative number keeps all on its side. */
  bandPart: op<[lower: number, upper: number]>(100, 'bandPart', 'ii'),
  /** The slices of x at the indices, whose dimensions stand in the place of the axis; fill for indices outside. */
  gather: op<[axis: number, fill: number]>(101, 'gather', 'if'),
  /** Zeros, size of them along the axis, with each slice of x added at its index, in the order of the indices. */
  scatterAdd: op<[axis: number, size: number]>(102, 'scatterAdd', 'ii'),
  /** For each index a new last dimension of depth elements: on where it points to, off elsewhere. */
  oneHot: op<[depth: number, on: number, off: number, dtype: DataType]>(103, 'oneHot', 'iffd'),
  /** The k largest elements of each row (the last dimension), the largest first, and their indices. Of equal ones the first comes first; NaN is larger than all numbers. */
  topK: op<[k: number]>(104, 'topK', 'i'),
  /** The sum of all elements up to each one along the axis: without itself if exclusive, from the end if reverse. */
  cumSum: op<[axis: number, exclusive: boolean, reverse: boolean]>(105, 'cumSum', 'ibb'),
  /** The product of all elements up to each one along the axis: without itself if exclusive, from the end if reverse. */
  cumProd: op<[axis: number, exclusive: boolean, reverse: boolean]>(106, 'cumProd', 'ibb'),
  /** y[i] = a[i] y[i - 1] + b[i] along the axis, with 0 before the first; from the end if reverse. */
  linearRecurrence: op<[axis: number, reverse: boolean]>(107, 'linearRecurrence', 'ib'),
  /** x (..., m, k) times y (..., k, n), each transposed in its last two dimensions if asked; batch dimensions broadcast. */
  matMul: op<[transposeX: boolean, transposeY: boolean]>(108, 'matMul', 'bb'),
  /**  The sum over the axes. */
  sum: op<[axes: readonly number[], keepDims: boolean]>(109, 'sum', 'nb'),
  /**  The mean over the axes; NaN over nothing. */
  mean: op<[axes: readonly number[], keepDims: boolean]>(110, 'mean', 'nb'),
  /**  The product over the axes. */
  prod: op<[axes: readonly number[], keepDims: boolean]>(111, 'prod', 'nb'),
  /**  The largest element over the axes; a NaN counts as the largest. */
  max: op<[axes: readonly number[], keepDims: boolean]>(112, 'max', 'nb'),
  /**  The smallest element over the axes; a NaN counts as the smallest. */
  min: op<[axes: readonly number[], keepDims: boolean]>(113, 'min', 'nb'),
  /**  The index of the first largest element over the axes, counted in row-major order; a NaN counts as the largest. */
  argMax: op<[axes: readonly number[], keepDims: boolean]>(114, 'argMax', 'nb'),
  /**  The index of the first smallest element over the axes, counted in row-major order; a NaN counts as the smallest. */
  argMin: op<[axes: readonly number[], keepDims: boolean]>(115, 'argMin', 'nb'),
  /**  Whether any element over the axes is true; false over nothing. */
  any: op<[axes: readonly number[], keepDims: boolean]>(116, 'any', 'nb'),
  /**  Whether all elements over the axes are true; true over nothing. */
  all: op<[axes: readonly number[], keepDims: boolean]>(117, 'all', 'nb'),
  /**  The mean of the squared distances from the mean, over the axes; NaN over nothing. */
  variance: op<[axes: readonly number[], keepDims: boolean]>(118, 'variance', 'nb'),
  /**  ln of the sum of e^x over the axes, without overflow; -inf over nothing. */
  logSumExp: op<[axes: readonly number[], keepDims: boolean]>(119, 'logSumExp', 'nb'),
  /** y (..., c) = e^x / sum e^x over the last axis. */
  softmax: op<[]>(120, 'softmax', ''),
  /** dx (..., c) = y * (dy - sum y dy) over the last axis: the gradient through y = softmax(x). */
  softmaxGradient: op<[]>(121, 'softmaxGradient', ''),
  /** y (..., c) = x - ln sum e^x over the last axis. */
  logSoftmax: op<[]>(122, 'logSoftmax', ''),
  /** dx (..., c) = dy - e^y * sum dy over the last axis: the gradient through y = logSoftmax(x). */
  logSoftmaxGradient: op<[]>(123, 'logSoftmaxGradient', ''),
  /** logits (..., c), targets (..., c) -> loss (...) = -sum targets * logSoftmax(logits). */
  softmaxCrossEntropy: op<[]>(124, 'softmaxCrossEntropy', ''),
  /** logits (..., c), targets (..., c), dy (...) -> dy * (softmax(logits) * sum targets - targets). */
  softmaxCrossEntropyGradient: op<[]>(125, 'softmaxCrossEntropyGradient', ''),
  /** logits (..., c), int32 labels (...) -> loss (...) = -logSoftmax(logits)[label]; 0 if there is no such class. */
  sparseSoftmaxCrossEntropy: op<[]>(126, 'sparseSoftmaxCrossEntropy', ''),
  /** logits (..., c), int32 labels (...), dy (...) -> dy * (softmax(logits) - oneHot); 0 if there is no such class. */
  sparseSoftmaxCrossEntropyGradient: op<[]>(127, 'sparseSoftmaxCrossEntropyGradient', ''),
  /**  float32 values in [low, high): `keras.random.uniform`. */
  uniform: op<[shape: readonly number[], low: number, high: number]>(128, 'uniform', 'nff'),
  /**  Normal float32 values: `keras.random.normal`. */
  normal: op<[shape: readonly number[], mean: number, stddev: number]>(129, 'normal', 'nff'),
  /**  Normal float32 values within two standard deviations of the mean: `keras.random.truncated_normal`. */
  truncatedNormal: op<[shape: readonly number[], mean: number, stddev: number]>(130, 'truncatedNormal', 'nff'),
  /**  int32 values in [low, high): `keras.random.randint`. */
  randomInt: op<[shape: readonly number[], low: number, high: number]>(131, 'randomInt', 'nii'),
  /**  bool, true with probability keep: what `keras.random.dropout` of rate 1 - keep lets through. */
  dropoutMask: op<[shape: readonly number[], keep: number]>(132, 'dropoutMask', 'nf'),
  /** logits (rows, classes) -> int32 (rows, samples): classes drawn with the probabilities softmax(logits). */
  multinomial: op<[samples: number]>(133, 'multinomial', 'i'),
  /**  w -= lr * dw */
  sgd: op<[weightDecay: number]>(134, 'sgd', 'f'),
  /**  m = momentum * m - lr * dw; w += m, or with nesterov w += momentum * m - lr * dw */
  sgdMomentum: op<[momentum: number, nesterov: boolean, weightDecay: number]>(135, 'sgdMomentum', 'fbf'),
  /**  m += (dw - m) * (1 - beta1); v += (dw^2 - v) * (1 - beta2); w -= m * lr * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + epsilon) */
  adam: op<[beta1: number, beta2: number, epsilon: number, weightDecay: number]>(136, 'adam', 'ffff'),
  /**  As adam, with the largest v so far, vMax, in place of v in the step */
  adamAmsgrad: op<[beta1: number, beta2: number, epsilon: number, weightDecay: number]>(137, 'adamAmsgrad', 'ffff'),
  /**  v = rho * v + (1 - rho) * dw^2; w -= lr * dw / sqrt(v + epsilon) */
  rmsprop: op<[rho: number, epsilon: number, weightDecay: number]>(138, 'rmsprop', 'fff'),
  /**  v as in rmsprop; m = momentum * m + lr * dw / sqrt(v + epsilon); w -= m */
  rmspropMomentum: op<[rho: number, epsilon: number, momentum: number, weightDecay: number]>(139, 'rmspropMomentum', 'ffff'),
  /**  v as in rmsprop; mean = rho * mean + (1 - rho) * dw; w -= lr * dw / sqrt(v - mean^2 + epsilon) */
  rmspropCentered: op<[rho: number, epsilon: number, weightDecay: number]>(140, 'rmspropCentered', 'fff'),
  /**  v and mean as in rmspropCentered; m = momentum * m + lr * dw / sqrt(v - mean^2 + epsilon); w -= m */
  rmspropCenteredMomentum: op<[rho: number, epsilon: number, momentum: number, weightDecay: number]>(141, 'rmspropCenteredMomentum', 'ffff'),
  /**  v += dw^2; w -= lr * dw / sqrt(v + epsilon) */
  adagrad: op<[epsilon: number, weightDecay: number]>(142, 'adagrad', 'ff'),
};
