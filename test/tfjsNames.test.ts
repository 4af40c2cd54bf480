// The names that programs written for @tensorflow/tfjs use are here too: those that stand in tensorflow/tfjs-examples
// (45 programs, 2025-02), and the methods of tfjs 4.22.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';

const words = (text: string) => text.trim().split(/\s+/);

/** By namespace; '' is the library itself. Types are left to test/package/types.test.ts. */
const NAMES: Record<string, string[]> = {
  '': words(`
    Tensor tidy tensor2d dispose sequential loadLayersModel LayersModel tensor1d buffer model ones concat scalar tensor
    memory randomUniform nextFrame oneHot input tensor4d zeros variable stack randomNormal Sequential sqrt mean
    SymbolicTensor sub moments keep setBackend clipByValue TensorBuffer variableGrads topk tensor3d square split
    multinomial logicalAnd grad zerosLike where unstack tile sum squeeze sigmoid reshape ready onesLike mul log linspace
    gather expandDims div cast argMax Rank std var
    abs acos acosh add addN all any argMin asin asinh atan atan2 atanh booleanMaskAsync broadcastTo ceil clone cos cosh
    cumprod cumsum diag divNoNan dot dropout elu ensureShape equal erf euclideanNorm exp expm1 eye fill floor floorDiv
    gatherND grads greater greaterEqual isFinite isInf isNaN leakyRelu less lessEqual log1p logSigmoid logSoftmax
    logSumExp logicalNot logicalOr logicalXor matMul max maximum meshgrid min minimum mirrorPad mod neg norm notEqual
    outerProduct pad pow prelu print prod rand range reciprocal relu relu6 reverse round rsqrt scatterND selu sign sin
    sinh slice softmax softplus squaredDifference step stridedSlice tan tanh tensor5d tensor6d tensorScatterUpdate
    transpose truncatedNormal unsortedSegmentSum upcastType valueAndGrad valueAndGrads whereAsync Variable getBackend
    Reduction Callback History Optimizer`),
  layers: words(`
    dense conv2d dropout lstm flatten maxPooling2d simpleRNN batchNormalization timeDistributed gru Layer leakyReLU input
    embedding activation conv2dTranspose repeatVector dot bidirectional reshape multiply inputLayer globalMaxPool1d
    conv1d concatenate`),
  util: words('assert now shuffle sizeFromShape createShuffledIndices assertShapesMatch'),
  train: words('adam sgd rmsprop Optimizer momentum adagrad'),
  losses: words(`
    meanSquaredError softmaxCrossEntropy sigmoidCrossEntropy absoluteDifference huberLoss hingeLoss logLoss
    cosineDistance computeWeightedLoss`),
  serialization: words('registerClass'),
  test_util: words('expectArraysClose expectArraysEqual expectNumbersClose expectValuesInRange'),
  data: words('csv array generator zip Dataset'),
  io: words('listModels removeModel browserHTTPRequest fromMemory withSaveHandler'),
  browser: words('fromPixels toPixels'),
  image: words('resizeBilinear'),
  metrics: words(`
    recall precision meanSquaredError binaryCrossentropy binaryAccuracy categoricalAccuracy sparseCategoricalAccuracy
    categoricalCrossentropy cosineProximity meanAbsoluteError meanAbsolutePercentageError MAPE mape MSE mse r2Score`),
  regularizers: words('l2'),
  callbacks: words('earlyStopping'),
};

/** What is not here yet, with what it waits for. Whoever adds one of these takes it out of the list. */
const LATER: Record<string, string[]> = {
  'functional models': words('model input SymbolicTensor layers.input'),
  'layers that combine inputs': words('layers.dot layers.multiply layers.concatenate layers.repeatVector'),
  'convolution and pooling': words(
    'layers.conv1d layers.conv2d layers.conv2dTranspose layers.maxPooling2d layers.globalMaxPool1d',
  ),
  'recurrence and sequences': words(`
    layers.lstm layers.simpleRNN layers.gru layers.bidirectional layers.timeDistributed layers.embedding`),
  'normalization and parametric activations': words('layers.batchNormalization layers.leakyReLU'),
  files: words('io.listModels io.removeModel io.browserHTTPRequest io.fromMemory io.withSaveHandler'),
  pages: words('browser.fromPixels browser.toPixels'),
  images: words('image.resizeBilinear'),
};

function find(path: string): unknown {
  let at: unknown = wg;
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return at;
}

const paths = Object.entries(NAMES).flatMap(([space, names]) =>
  names.map((name) => (space === '' ? name : `${space}.${name}`)),
);
const later = Object.values(LATER).flat();

describe('functions', () => {
  test.each(paths.filter((path) => !later.includes(path)))('wg.%s', (path) => {
    expect(find(path)).toBeDefined();
  });

  test.each(Object.entries(LATER))('%s: later', (_, names) => {
    expect(names.filter((name) => !paths.includes(name))).toEqual([]);
    expect(names.filter((name) => find(name) !== undefined)).toEqual([]);
  });
});

const METHODS: [name: string, prototype: object, methods: string[]][] = [
  [
    'Tensor',
    wg.Tensor.prototype,
    words(`
    array arraySync buffer bufferSync bytes clone data dataSync dispose print throwIfDisposed toString variable
    abs acos acosh add all any argMax argMin as1D as2D as3D as4D as5D asScalar asType asin asinh atan atan2 atanh
    broadcastTo cast ceil clipByValue concat cos cosh cumprod cumsum div divNoNan dot elu equal erf euclideanNorm exp
    expandDims expm1 flatten floor floorDiv gather greater greaterEqual isFinite isInf isNaN leakyRelu less lessEqual log
    log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr logicalXor matMul max maximum mean min minimum
    mirrorPad mod mul neg norm notEqual oneHot onesLike pad pow prelu prod reciprocal relu relu6 reshape reshapeAs
    reverse round rsqrt selu sigmoid sign sin sinh slice softmax softplus split sqrt square squaredDifference squeeze
    stack step stridedSlice sub sum tan tanh tile toBool toFloat toInt topk transpose unsortedSegmentSum unstack where
    zerosLike`),
  ],
  ['TensorBuffer', wg.TensorBuffer.prototype, words('set get locToIndex indexToLoc toTensor')],
  ['Variable', wg.Variable.prototype, words('assign dispose read write')],
  [
    'Sequential',
    wg.Sequential.prototype,
    words('add compile fit evaluate predict summary getWeights setWeights trainOnBatch predictOnBatch save'),
  ],
  [
    'LayersModel',
    wg.LayersModel.prototype,
    words('compile fit evaluate predict summary getWeights setWeights getLayer dispose toJSON'),
  ],
];

describe.each(METHODS)('methods of %s', (_, prototype, methods) => {
  test.each(methods)('%s', (method) => {
    expect(prototype[method as never]).toBeTypeOf('function');
  });
});

test('a method is the function of its tensor', () => {
  wg.tidy(() => {
    const [x, y] = [wg.tensor2d([[1, 2], [3, 4]]), wg.tensor1d([5, 7])]; // prettier-ignore
    const pairs = [
      [x.add(y), wg.add(x, y)],
      [x.matMul(y.reshape([2, 1])), wg.matMul(x, wg.reshape(y, [2, 1]))],
      [x.mean(0, true), wg.mean(x, 0, true)],
      [y.where([true, false], 0), wg.where([true, false], y, 0)],
      [x.concat(x, 1), wg.concat([x, x], 1)],
      [y.stack([y, y], 1), wg.stack([y, y, y], 1)],
      [x.asType('int32'), wg.cast(x, 'int32')],
    ] as const;
    for (const [method, f] of pairs) {
      expect(method.dtype).toBe(f.dtype);
      expect(method.arraySync()).toEqual(f.arraySync());
    }
  });
});
