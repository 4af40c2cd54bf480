// Generated from the op table (crates/engine) by `npm run build`. Do not edit.
import { type DataType, op } from './core/op.js';

/** Both halves must be of one build. */
export const OP_TABLE_HASH = 2167111920;

/** The families of ops, which pages download one by one. */
export const FAMILIES = ['core', 'extra'] as const;
export type Family = (typeof FAMILIES)[number];

/** -x */
export const neg = /* @__PURE__ */ op<[]>(0, 'neg', '');
/** x * factor + shift */
export const affine = /* @__PURE__ */ op<[factor: number, shift: number]>(1, 'affine', 'ff');
/** |x| */
export const abs = /* @__PURE__ */ op<[]>(2, 'abs', '');
/** 1 where x > 0, -1 where x < 0, x elsewhere (0 and NaN). */
export const sign = /* @__PURE__ */ op<[]>(3, 'sign', '');
/** x^2 */
export const square = /* @__PURE__ */ op<[]>(4, 'square', '');
/** The square root. */
export const sqrt = /* @__PURE__ */ op<[]>(5, 'sqrt', '');
/** 1 / sqrt(x) */
export const rsqrt = /* @__PURE__ */ op<[]>(6, 'rsqrt', '');
/** 1 / x */
export const reciprocal = /* @__PURE__ */ op<[]>(7, 'reciprocal', '');
/** e^x */
export const exp = /* @__PURE__ */ op<[]>(8, 'exp', '');
/** e^x - 1 */
export const expm1 = /* @__PURE__ */ op<[]>(9, 'expm1', '');
/** The natural logarithm. */
export const log = /* @__PURE__ */ op<[]>(10, 'log', '');
/** log(1 + x) */
export const log1p = /* @__PURE__ */ op<[]>(11, 'log1p', '');
/** The sine of radians. */
export const sin = /* @__PURE__ */ op<[]>(12, 'sin', '');
/** The cosine of radians. */
export const cos = /* @__PURE__ */ op<[]>(13, 'cos', '');
/** The tangent of radians. */
export const tan = /* @__PURE__ */ op<[]>(14, 'tan', '');
/** The inverse sine: NaN outside of [-1, 1]. */
export const asin = /* @__PURE__ */ op<[]>(15, 'asin', '');
/** The inverse cosine: NaN outside of [-1, 1]. */
export const acos = /* @__PURE__ */ op<[]>(16, 'acos', '');
/** The inverse tangent. */
export const atan = /* @__PURE__ */ op<[]>(17, 'atan', '');
/** The hyperbolic sine. */
export const sinh = /* @__PURE__ */ op<[]>(18, 'sinh', '');
/** The hyperbolic cosine. */
export const cosh = /* @__PURE__ */ op<[]>(19, 'cosh', '');
/** The hyperbolic tangent. */
export const tanh = /* @__PURE__ */ op<[]>(20, 'tanh', '');
/** The inverse hyperbolic sine. */
export const asinh = /* @__PURE__ */ op<[]>(21, 'asinh', '');
/** The inverse hyperbolic cosine: NaN below 1. */
export const acosh = /* @__PURE__ */ op<[]>(22, 'acosh', '');
/** The inverse hyperbolic tangent: infinite at -1 and 1, NaN beyond. */
export const atanh = /* @__PURE__ */ op<[]>(23, 'atanh', '');
/** The error function. */
export const erf = /* @__PURE__ */ op<[]>(24, 'erf', '');
/** The largest integer that is not above x. */
export const floor = /* @__PURE__ */ op<[]>(25, 'floor', '');
/** The smallest integer that is not below x. */
export const ceil = /* @__PURE__ */ op<[]>(26, 'ceil', '');
/** The nearest integer, of two the even one. */
export const round = /* @__PURE__ */ op<[]>(27, 'round', '');
/** 1 where x > 0, alpha elsewhere, NaN where x is NaN. */
export const step = /* @__PURE__ */ op<[alpha: number]>(28, 'step', 'f');
/** The nearest value of [min, max]; max where min is above it. */
export const clip = /* @__PURE__ */ op<[min: number, max: number]>(29, 'clip', 'ff');
/** max(x, 0) */
export const relu = /* @__PURE__ */ op<[]>(30, 'relu', '');
/** min(max(x, 0), 6) */
export const relu6 = /* @__PURE__ */ op<[]>(31, 'relu6', '');
/** x where x >= 0, alpha * x elsewhere. */
export const leakyRelu = /* @__PURE__ */ op<[alpha: number]>(32, 'leakyRelu', 'f');
/** x where x > 0, alpha * (e^x - 1) elsewhere. */
export const elu = /* @__PURE__ */ op<[alpha: number]>(33, 'elu', 'f');
/** 1.0507 * x where x > 0, 1.0507 * 1.67326 * (e^x - 1) elsewhere. */
export const selu = /* @__PURE__ */ op<[]>(34, 'selu', '');
/** x where x > 0, alpha * (e^(x / alpha) - 1) elsewhere. */
export const celu = /* @__PURE__ */ op<[alpha: number]>(35, 'celu', 'f');
/** x * (1 + erf(x / sqrt(2))) / 2 */
export const gelu = /* @__PURE__ */ op<[]>(36, 'gelu', '');
/** x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2: gelu, approximated. */
export const geluTanh = /* @__PURE__ */ op<[]>(37, 'geluTanh', '');
/** x * sigmoid(x), called swish too. */
export const silu = /* @__PURE__ */ op<[]>(38, 'silu', '');
/** x * tanh(softplus(x)) */
export const mish = /* @__PURE__ */ op<[]>(39, 'mish', '');
/** 1 / (1 + e^-x) */
export const sigmoid = /* @__PURE__ */ op<[]>(40, 'sigmoid', '');
/** log(sigmoid(x)) */
export const logSigmoid = /* @__PURE__ */ op<[]>(41, 'logSigmoid', '');
/** log(1 + e^x) */
export const softplus = /* @__PURE__ */ op<[]>(42, 'softplus', '');
/** x / (1 + |x|) */
export const softsign = /* @__PURE__ */ op<[]>(43, 'softsign', '');
/** relu6(x + 3) / 6 */
export const hardSigmoid = /* @__PURE__ */ op<[]>(44, 'hardSigmoid', '');
/** x * hardSigmoid(x), called hardSwish too. */
export const hardSilu = /* @__PURE__ */ op<[]>(45, 'hardSilu', '');
/** The nearest value of [-1, 1]. */
export const hardTanh = /* @__PURE__ */ op<[]>(46, 'hardTanh', '');
/** x - tanh(x) */
export const tanhShrink = /* @__PURE__ */ op<[]>(47, 'tanhShrink', '');
/** x moved toward 0 by the threshold, 0 within it. */
export const softShrink = /* @__PURE__ */ op<[threshold: number]>(48, 'softShrink', 'f');
/** x where |x| > threshold, 0 elsewhere. */
export const hardShrink = /* @__PURE__ */ op<[threshold: number]>(49, 'hardShrink', 'f');
/** x where x > threshold, value elsewhere. */
export const threshold = /* @__PURE__ */ op<[threshold: number, value: number]>(50, 'threshold', 'ff');
/** (x + sqrt(x^2 + b)) / 2 */
export const squareplus = /* @__PURE__ */ op<[b: number]>(51, 'squareplus', 'f');
/** 0 where x <= -1, x where x >= 1, (x + 1)^2 / 4 between. */
export const sparsePlus = /* @__PURE__ */ op<[]>(52, 'sparsePlus', '');
/** 0 where x <= -1, 1 where x >= 1, (x + 1) / 2 between. */
export const sparseSigmoid = /* @__PURE__ */ op<[]>(53, 'sparseSigmoid', '');
/** dy * inside where low <= x <= high, dy * outside elsewhere; a factor 0 gives 0 even if dy is not finite: the gradient of functions of straight pieces. */
export const scaleWithin = /* @__PURE__ */ op<[low: number, high: number, inside: number, outside: number]>(54, 'scaleWithin', 'ffff');
/** dy * y * (1 - y): the gradient of y = sigmoid(x). */
export const sigmoidGrad = /* @__PURE__ */ op<[]>(55, 'sigmoidGrad', '');
/** dy * (1 + y) * (1 - y): the gradient of y = tanh(x). */
export const tanhGrad = /* @__PURE__ */ op<[]>(56, 'tanhGrad', '');
/** x + y */
export const add = /* @__PURE__ */ op<[]>(57, 'add', '');
/** x - y */
export const sub = /* @__PURE__ */ op<[]>(58, 'sub', '');
/** x * y */
export const mul = /* @__PURE__ */ op<[]>(59, 'mul', '');
/** x / y */
export const div = /* @__PURE__ */ op<[]>(60, 'div', '');
/** The larger of x and y, NaN where either is. Each gets half of the gradient where they are equal. */
export const maximum = /* @__PURE__ */ op<[]>(61, 'maximum', '');
/** The smaller of x and y, NaN where either is. Each gets half of the gradient where they are equal. */
export const minimum = /* @__PURE__ */ op<[]>(62, 'minimum', '');
/** x^y. Of integers the low 32 bits, and of a negative power what is left of the fraction: its whole part. */
export const pow = /* @__PURE__ */ op<[]>(63, 'pow', '');
/** x - y * floor(x / y), exactly: it has the sign of y. An int32 0 where y is 0. */
export const mod = /* @__PURE__ */ op<[]>(64, 'mod', '');
/** floor(x / y) of the exact quotient. An int32 0 where y is 0. */
export const floorDiv = /* @__PURE__ */ op<[]>(65, 'floorDiv', '');
/** (x - y)^2 */
export const squaredDifference = /* @__PURE__ */ op<[]>(66, 'squaredDifference', '');
/** The angle of the point (y, x), in -pi..pi: its operands are the ordinate and the abscissa. */
export const atan2 = /* @__PURE__ */ op<[]>(67, 'atan2', '');
/** y * softplus(-x) + (1 - y) * softplus(x): the cross-entropy of the probability sigmoid(x) with the target y. */
export const sigmoidCrossEntropy = /* @__PURE__ */ op<[]>(68, 'sigmoidCrossEntropy', '');
/** x == y */
export const equal = /* @__PURE__ */ op<[]>(69, 'equal', '');
/** x != y */
export const notEqual = /* @__PURE__ */ op<[]>(70, 'notEqual', '');
/** x < y */
export const less = /* @__PURE__ */ op<[]>(71, 'less', '');
/** x <= y */
export const lessEqual = /* @__PURE__ */ op<[]>(72, 'lessEqual', '');
/** x > y */
export const greater = /* @__PURE__ */ op<[]>(73, 'greater', '');
/** x >= y */
export const greaterEqual = /* @__PURE__ */ op<[]>(74, 'greaterEqual', '');
/** Whether x is NaN. */
export const isNaN = /* @__PURE__ */ op<[]>(75, 'isNaN', '');
/** Whether x is inf or -inf. */
export const isInf = /* @__PURE__ */ op<[]>(76, 'isInf', '');
/** Whether x is neither infinite nor NaN. */
export const isFinite = /* @__PURE__ */ op<[]>(77, 'isFinite', '');
/** Whether both x and y are true. */
export const logicalAnd = /* @__PURE__ */ op<[]>(78, 'logicalAnd', '');
/** Whether x, y or both are true. */
export const logicalOr = /* @__PURE__ */ op<[]>(79, 'logicalOr', '');
/** Whether one of x and y is true. */
export const logicalXor = /* @__PURE__ */ op<[]>(80, 'logicalXor', '');
/** Whether x is false. */
export const logicalNot = /* @__PURE__ */ op<[]>(81, 'logicalNot', '');
/** x where the condition is true, y elsewhere, all three broadcast together. */
export const select = /* @__PURE__ */ op<[]>(82, 'select', '');
/** The same elements in another dtype: int32 is truncated toward 0 (and clamped, NaN is 0), bool is x != 0. */
export const cast = /* @__PURE__ */ op<[dtype: DataType]>(83, 'cast', 'd');
/** What elementwise ops one after another make of the operands. Plans make it of its parts. */
export const chain = /* @__PURE__ */ op<[links: readonly number[]]>(84, 'chain', 'n');
/** A copy of x. */
export const identity = /* @__PURE__ */ op<[]>(85, 'identity', '');
/** The same elements in the same order under another shape. */
export const reshape = /* @__PURE__ */ op<[shape: readonly number[]]>(86, 'reshape', 'n');
/** x, which counts as a constant for gradients. */
export const stopGradient = /* @__PURE__ */ op<[]>(87, 'stopGradient', '');
/** All elements equal to value. */
export const fill = /* @__PURE__ */ op<[shape: readonly number[], value: number, dtype: DataType]>(88, 'fill', 'nfd');
/** start, start + step, start + 2 step, ...: size numbers. */
export const range = /* @__PURE__ */ op<[start: number, step: number, size: number, dtype: DataType]>(89, 'range', 'ffid');
/** num numbers at equal distances from start to stop, both included. */
export const linspace = /* @__PURE__ */ op<[start: number, stop: number, num: number]>(90, 'linspace', 'ffi');
/** (rows, columns): 1 where both indices are equal, else 0. */
export const eye = /* @__PURE__ */ op<[rows: number, columns: number, dtype: DataType]>(91, 'eye', 'iid');
/** The variable's next version: the value, which has its shape and dtype. */
export const assign = /* @__PURE__ */ op<[]>(92, 'assign', '');
/** The variable's next version: its sum with x, which broadcasts to its shape. Plans make it of its parts. */
export const assignAdd = /* @__PURE__ */ op<[]>(93, 'assignAdd', '');
/** x repeated along new dimensions and along those of size 1. */
export const broadcastTo = /* @__PURE__ */ op<[shape: readonly number[]]>(94, 'broadcastTo', 'n');
/** Dimension i of the result is dimension perm[i] of x. */
export const transpose = /* @__PURE__ */ op<[perm: readonly number[]]>(95, 'transpose', 'n');
/** x with the order of the elements turned round along each of the axes. */
export const reverse = /* @__PURE__ */ op<[axes: readonly number[]]>(96, 'reverse', 'n');
/** x repeated reps[i] times along dimension i. */
export const tile = /* @__PURE__ */ op<[reps: readonly number[]]>(97, 'tile', 'n');
/** size elements from begin on, in each dimension; a size of -1 means all that follow. */
export const slice = /* @__PURE__ */ op<[begin: readonly number[], size: readonly number[]]>(98, 'slice', 'nn');
/** x with paddings[2 i] elements `value` before it and paddings[2 i + 1] after it in dimension i. */
export const pad = /* @__PURE__ */ op<[paddings: readonly number[], value: number]>(99, 'pad', 'nf');
/** The operands one behind the other along the axis. */
export const concat = /* @__PURE__ */ op<[axis: number]>(100, 'concat', 'i');
/** x in parts of the given sizes along the axis. */
export const split = /* @__PURE__ */ op<[sizes: readonly number[], axis: number]>(101, 'split', 'ni');
/** x (..., rows, columns) with 0 more than lower places below or upper places above the diagonal; a negative number keeps all on its side. */
export const bandPart = /* @__PURE__ */ op<[lower: number, upper: number]>(102, 'bandPart', 'ii');
/** The slices of x at the indices, whose dimensions stand in the place of the axis; fill for indices outside. */
export const gather = /* @__PURE__ */ op<[axis: number, fill: number]>(103, 'gather', 'if');
/** Zeros, size of them along the axis, with each slice of x added at its index, in the order of the indices. */
export const scatterAdd = /* @__PURE__ */ op<[axis: number, size: number]>(104, 'scatterAdd', 'ii');
/** For each index a new last dimension of depth elements: on where it points to, off elsewhere. */
export const oneHot = /* @__PURE__ */ op<[depth: number, on: number, off: number, dtype: DataType]>(105, 'oneHot', 'iffd');
/** The k largest elements of each row (the last dimension), the largest first, and their indices. Of equal ones the first comes first; NaN is larger than all numbers. */
export const topK = /* @__PURE__ */ op<[k: number]>(106, 'topK', 'i');
/** The sum of all elements up to each one along the axis: without itself if exclusive, from the end if reverse. */
export const cumSum = /* @__PURE__ */ op<[axis: number, exclusive: boolean, reverse: boolean]>(107, 'cumSum', 'ibb');
/** The product of all elements up to each one along the axis: without itself if exclusive, from the end if reverse. */
export const cumProd = /* @__PURE__ */ op<[axis: number, exclusive: boolean, reverse: boolean]>(108, 'cumProd', 'ibb');
/** y[i] = a[i] y[i - 1] + b[i] along the axis, with 0 before the first; from the end if reverse. */
export const linearRecurrence = /* @__PURE__ */ op<[axis: number, reverse: boolean]>(109, 'linearRecurrence', 'ib');
/** x (..., m, k) times y (..., k, n), each transposed in its last two dimensions if asked; batch dimensions broadcast. */
export const matMul = /* @__PURE__ */ op<[transposeX: boolean, transposeY: boolean]>(110, 'matMul', 'bb');
/** matMul(x, y) + bias (n), and of that max(., 0) if relu. Plans make it of its parts. */
export const dense = /* @__PURE__ */ op<[transposeX: boolean, transposeY: boolean, relu: boolean]>(111, 'dense', 'bbb');
/** The sum over the axes. */
export const sum = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(112, 'sum', 'nb');
/** The mean over the axes; NaN over nothing. */
export const mean = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(113, 'mean', 'nb');
/** The product over the axes. */
export const prod = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(114, 'prod', 'nb');
/** The largest element over the axes; a NaN counts as the largest. */
export const max = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(115, 'max', 'nb');
/** The smallest element over the axes; a NaN counts as the smallest. */
export const min = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(116, 'min', 'nb');
/** The index of the first largest element over the axes, counted in row-major order; a NaN counts as the largest. */
export const argMax = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(117, 'argMax', 'nb');
/** The index of the first smallest element over the axes, counted in row-major order; a NaN counts as the smallest. */
export const argMin = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(118, 'argMin', 'nb');
/** Whether any element over the axes is true; false over nothing. */
export const any = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(119, 'any', 'nb');
/** Whether all elements over the axes are true; true over nothing. */
export const all = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(120, 'all', 'nb');
/** The mean of the squared distances from the mean, over the axes; NaN over nothing. */
export const variance = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(121, 'variance', 'nb');
/** ln of the sum of e^x over the axes, without overflow; -inf over nothing. */
export const logSumExp = /* @__PURE__ */ op<[axes: readonly number[], keepDims: boolean]>(122, 'logSumExp', 'nb');
/** y (..., c) = e^x / sum e^x over the last axis. */
export const softmax = /* @__PURE__ */ op<[]>(123, 'softmax', '');
/** dx (..., c) = y * (dy - sum y dy) over the last axis: the gradient through y = softmax(x). */
export const softmaxGradient = /* @__PURE__ */ op<[]>(124, 'softmaxGradient', '');
/** y (..., c) = x - ln sum e^x over the last axis. */
export const logSoftmax = /* @__PURE__ */ op<[]>(125, 'logSoftmax', '');
/** dx (..., c) = dy - e^y * sum dy over the last axis: the gradient through y = logSoftmax(x). */
export const logSoftmaxGradient = /* @__PURE__ */ op<[]>(126, 'logSoftmaxGradient', '');
/** logits (..., c), targets (..., c) -> loss (...) = -sum targets * logSoftmax(logits). */
export const softmaxCrossEntropy = /* @__PURE__ */ op<[]>(127, 'softmaxCrossEntropy', '');
/** logits (..., c), targets (..., c), dy (...) -> dy * (softmax(logits) * sum targets - targets). */
export const softmaxCrossEntropyGradient = /* @__PURE__ */ op<[]>(128, 'softmaxCrossEntropyGradient', '');
/** logits (..., c), int32 labels (...) -> loss (...) = -logSoftmax(logits)[label]; 0 if there is no such class. */
export const sparseSoftmaxCrossEntropy = /* @__PURE__ */ op<[]>(129, 'sparseSoftmaxCrossEntropy', '');
/** logits (..., c), int32 labels (...), dy (...) -> dy * (softmax(logits) - oneHot); 0 if there is no such class. */
export const sparseSoftmaxCrossEntropyGradient = /* @__PURE__ */ op<[]>(130, 'sparseSoftmaxCrossEntropyGradient', '');
/** probabilities (..., c), targets (..., c) -> loss (...) = -sum targets * log(clip(probabilities / their sum)). */
export const crossEntropy = /* @__PURE__ */ op<[epsilon: number]>(131, 'crossEntropy', 'f');
/** probabilities (..., c), targets (..., c), dy (...) -> the gradient of the probabilities. */
export const crossEntropyGradient = /* @__PURE__ */ op<[epsilon: number]>(132, 'crossEntropyGradient', 'f');
/** probabilities (..., c), int32 labels (...) -> loss (...) = -log(clip(probabilities / their sum))[label]; 0 if there is no such class. */
export const sparseCrossEntropy = /* @__PURE__ */ op<[epsilon: number]>(133, 'sparseCrossEntropy', 'f');
/** probabilities (..., c), int32 labels (...), dy (...) -> the gradient of the probabilities; 0 if there is no such class. */
export const sparseCrossEntropyGradient = /* @__PURE__ */ op<[epsilon: number]>(134, 'sparseCrossEntropyGradient', 'f');
/** log probabilities (b, t, c), int32 labels (b, n) -> loss (b): that of the labels, 0 after the last, told in t steps with repeats and blanks (class 0). */
export const ctc = /* @__PURE__ */ op<[]>(135, 'ctc', '');
/** log probabilities (b, t, c), int32 labels (b, n), dy (b) -> the gradient of the log probabilities. */
export const ctcGradient = /* @__PURE__ */ op<[]>(136, 'ctcGradient', '');
/** float32 values in [low, high): `keras.random.uniform`. */
export const uniform = /* @__PURE__ */ op<[shape: readonly number[], low: number, high: number]>(137, 'uniform', 'nff');
/** Normal float32 values: `keras.random.normal`. */
export const normal = /* @__PURE__ */ op<[shape: readonly number[], mean: number, stddev: number]>(138, 'normal', 'nff');
/** Normal float32 values within two standard deviations of the mean: `keras.random.truncated_normal`. */
export const truncatedNormal = /* @__PURE__ */ op<[shape: readonly number[], mean: number, stddev: number]>(139, 'truncatedNormal', 'nff');
/** int32 values in [low, high): `keras.random.randint`. */
export const randomInt = /* @__PURE__ */ op<[shape: readonly number[], low: number, high: number]>(140, 'randomInt', 'nii');
/** bool, true with probability keep: what `keras.random.dropout` of rate 1 - keep lets through. */
export const dropoutMask = /* @__PURE__ */ op<[shape: readonly number[], keep: number]>(141, 'dropoutMask', 'nf');
/** logits (rows, classes) -> int32 (rows, samples): classes drawn with the probabilities softmax(logits). */
export const multinomial = /* @__PURE__ */ op<[samples: number]>(142, 'multinomial', 'i');
/** w -= lr * dw */
export const sgd = /* @__PURE__ */ op<[weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(143, 'sgd', 'ffbf');
/** m = momentum * m - lr * dw; w += m, or with nesterov w += momentum * m - lr * dw */
export const sgdMomentum = /* @__PURE__ */ op<[momentum: number, nesterov: boolean, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(144, 'sgdMomentum', 'fbffbf');
/** m += (dw - m) * (1 - beta1); v += (dw^2 - v) * (1 - beta2); w -= m * lr * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + epsilon) */
export const adam = /* @__PURE__ */ op<[beta1: number, beta2: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(145, 'adam', 'fffffbf');
/** As adam, with the largest v so far, vMax, in place of v in the step */
export const adamAmsgrad = /* @__PURE__ */ op<[beta1: number, beta2: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(146, 'adamAmsgrad', 'fffffbf');
/** v = rho * v + (1 - rho) * dw^2; w -= lr * dw / sqrt(v + epsilon) */
export const rmsprop = /* @__PURE__ */ op<[rho: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(147, 'rmsprop', 'ffffbf');
/** v as in rmsprop; m = momentum * m + lr * dw / sqrt(v + epsilon); w -= m */
export const rmspropMomentum = /* @__PURE__ */ op<[rho: number, epsilon: number, momentum: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(148, 'rmspropMomentum', 'fffffbf');
/** v as in rmsprop; mean = rho * mean + (1 - rho) * dw; w -= lr * dw / sqrt(v - mean^2 + epsilon) */
export const rmspropCentered = /* @__PURE__ */ op<[rho: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(149, 'rmspropCentered', 'ffffbf');
/** v and mean as in rmspropCentered; m = momentum * m + lr * dw / sqrt(v - mean^2 + epsilon); w -= m */
export const rmspropCenteredMomentum = /* @__PURE__ */ op<[rho: number, epsilon: number, momentum: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(150, 'rmspropCenteredMomentum', 'fffffbf');
/** v += dw^2; w -= lr * dw / sqrt(v + epsilon) */
export const adagrad = /* @__PURE__ */ op<[epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(151, 'adagrad', 'fffbf');
/** a = rho * a + (1 - rho) * dw^2; s = sqrt((d + epsilon) / (a + epsilon)) * dw; d = rho * d + (1 - rho) * s^2; w -= lr * s */
export const adadelta = /* @__PURE__ */ op<[rho: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(152, 'adadelta', 'ffffbf');
/** m += (dw - m) * (1 - beta1); u = max(beta2 * u, |dw|); w -= lr * m / ((1 - beta1^t) * (u + epsilon)) */
export const adamax = /* @__PURE__ */ op<[beta1: number, beta2: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(153, 'adamax', 'fffffbf');
/** m and v as in adam; with u(t) = beta1 * (1 - 0.96^t / 2) and p, the product of u(1) to u(t), w -= lr * (u(t + 1) * m / (1 - p * u(t + 1)) + (1 - u(t)) * dw / (1 - p)) / (sqrt(v / (1 - beta2^t)) + epsilon) */
export const nadam = /* @__PURE__ */ op<[beta1: number, beta2: number, epsilon: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(154, 'nadam', 'fffffbf');
/** z += dw + 2 * shrinkage * w - ((a + dw^2)^-power - a^-power) / lr * w; a += dw^2; w = (clip(z, -l1, l1) - z) / (a^-power / lr + 2 * l2 + beta / lr) */
export const ftrl = /* @__PURE__ */ op<[power: number, l1: number, l2: number, shrinkage: number, beta: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(155, 'ftrl', 'fffffffbf');
/** w -= lr * sign(beta1 * m + (1 - beta1) * dw); m = beta2 * m + (1 - beta2) * dw */
export const lion = /* @__PURE__ */ op<[beta1: number, beta2: number, weightDecay: number, clipNorm: number, clipGlobally: boolean, clipValue: number]>(156, 'lion', 'ffffbf');
