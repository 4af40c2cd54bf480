// Names, options, layers and functions that do not fit: the error names the place, the nearest name, and the mend.
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, messageOf, quiet, regression, stateOf, table, x, y } from './twins.js';

type Model = wg.Sequential;

describe('options that do not exist', () => {
  table(regression, y, [
    {
      name: 'activation',
      act: () => wg.layers.dense({ units: 1, activation: 'rellu' }),
      words: ['layer "dense', 'activation "rellu"', '"relu"'],
    },
    {
      name: 'activation by number',
      act: () => wg.layers.activation({ activation: 5 as never }),
      words: ['layer "activation', 'activation must be a name', '5'],
    },
    {
      name: 'loss',
      act: (m) => m.compile({ loss: 'meanSquareError' }),
      words: ['compile', 'loss "meanSquareError"', '"meanSquaredError"'],
    },
    { name: 'no loss', act: (m) => m.compile({} as never), words: ['compile', 'a loss is needed', 'meanSquaredError'] },
    {
      name: 'losses in a list',
      act: (m) => m.compile({ loss: ['mse'] as never }),
      words: ['compile', 'loss must be a name', '["mse"]'],
    },
    {
      name: 'optimizer',
      act: (m) => m.compile({ loss: 'mse', optimizer: 'adamm' }),
      words: ['optimizer "adamm"', '"adam"'],
    },
    {
      name: 'optimizer by class',
      act: (m) => m.compile({ loss: 'mse', optimizer: wg.optimizers.Adam as never }),
      words: ['compile', 'optimizer', 'wg.train.adam'],
    },
    {
      name: 'metric',
      act: (m) => m.compile({ loss: 'mse', metrics: ['accurracy'] }),
      words: ['metric "accurracy"', '"accuracy"'],
    },
    {
      name: 'metric by object',
      act: (m) => m.compile({ loss: 'mse', metrics: [{ a: 'mae' }] as never }),
      words: ['compile', 'metric must be a name', '{ a: "mae" }'],
    },
    {
      name: 'initializer',
      act: () => wg.layers.dense({ units: 1, biasInitializer: 'zeroes' }),
      words: ['initializer "zeroes"', '"zeros"'],
    },
    {
      name: 'option of a layer',
      act: () => wg.layers.dense({ units: 1, useBiass: true } as never),
      words: ['Dense', '"useBiass"', '"useBias"'],
    },
    {
      name: 'option of compile',
      act: (m) => m.compile({ loss: 'mse', optimiser: 'sgd' } as never),
      words: ['compile', '"optimiser"', '"optimizer"'],
    },
    { name: 'option of fit', act: (m) => m.fit(x, y, { epoch: 3 } as never), words: ['fit', '"epoch"', '"epochs"'] },
    {
      name: 'option of evaluate',
      act: (m) => m.evaluate(x, y, { batchsize: 3 } as never),
      words: ['evaluate', '"batchsize"', '"batchSize"'],
    },
    {
      name: 'option of predict',
      act: (m) => m.predict(x, { verbos: 0 } as never),
      words: ['predict', '"verbos"', '"verbose"'],
    },
    {
      name: 'option of an optimizer',
      act: () => new wg.optimizers.Adam({ beta_1: 0.9 } as never),
      words: ['Adam', '"beta_1"', '"beta1"'],
    },
    {
      name: 'a fraction that is none',
      act: () => new wg.optimizers.Adam({ beta1: 1 }),
      words: ['Adam', 'beta1', 'from 0 to below 1', 'got 1'],
    },
    {
      name: 'a number by text',
      act: () => new wg.optimizers.RMSprop({ rho: '0.9' as never }),
      words: ['RMSprop', 'rho', 'a number', '0.9'],
    },
    {
      name: 'a flag by number',
      act: () => new wg.optimizers.SGD({ nesterov: 1 as never }),
      words: ['SGD', 'nesterov', 'true or false', 'got 1'],
    },
    {
      name: 'option of a loss',
      act: () => new wg.losses.Huber({ delte: 1 } as never),
      words: ['loss Huber', '"delte"', '"delta"'],
    },
    {
      name: 'batchSize',
      act: (m) => m.fit(x, y, { ...quiet, batchSize: 0 }),
      words: ['fit', 'batchSize', 'from 1 on', 'got 0'],
    },
    {
      name: 'epochs',
      act: (m) => m.fit(x, y, { ...quiet, epochs: 1.5 }),
      words: ['fit', 'epochs', 'whole number', '1.5'],
    },
    { name: 'verbose', act: (m) => m.fit(x, y, { verbose: 3 as never }), words: ['fit', 'verbose', '0 (silent)', '3'] },
    { name: 'units', act: () => wg.layers.dense({ units: 0 }), words: ['units', 'from 1 on', 'got 0'] },
    { name: 'rate', act: () => wg.layers.dropout({ rate: 1.5 }), words: ['rate', 'from 0 to 1', '1.5'] },
    { name: 'seed', act: () => wg.layers.dropout({ rate: 0.5, seed: 1.5 }), words: ['seed', 'whole number', '1.5'] },
    {
      name: 'no weights',
      act: (m) => m.setWeights(null as never),
      words: ['setWeights', 'expected 4 tensors', 'null'],
    },
    {
      name: 'inputShape by number',
      act: () => wg.layers.dense({ units: 1, inputShape: 4 as never }),
      words: ['layer Dense', 'inputShape', 'such as [4]', 'got 4'],
    },
    {
      name: 'inputShape below 1',
      act: () => wg.layers.inputLayer({ inputShape: [3, 0] }),
      words: ['inputShape', 'from 1 on', 'got [3, 0]'],
    },
    {
      name: 'no options of a layer',
      act: () => wg.layers.dense(undefined as never),
      words: ['Dense', 'units', 'undefined'],
    },
    { name: 'no options of compile', act: (m) => m.compile(undefined as never), words: ['compile', 'undefined'] },
    {
      name: 'option of sequential',
      act: () => wg.sequential({ layer: [] } as never),
      words: ['sequential', '"layer"', '"layers"'],
    },
    {
      name: 'one layer for a list',
      act: () => wg.sequential({ layers: wg.layers.flatten() as never }),
      words: ['sequential', 'list of layers'],
    },
    { name: 'a number for layers', act: () => wg.sequential(5 as never), words: ['sequential', 'layers', '5'] },
    { name: 'learning rate', act: (m) => (m.optimizer.learningRate = -1), words: ['Adam', 'learningRate', '-1'] },
    {
      name: 'hook',
      act: (m) => m.fit(x, y, { ...quiet, callbacks: { onEpochend() {} } as never }),
      words: ['fit: callbacks', '"onEpochend"', '"onEpochEnd"'],
    },
    {
      name: 'hook without function',
      act: (m) => m.fit(x, y, { ...quiet, callbacks: { onEpochEnd: 1 as never } }),
      words: ['onEpochEnd', 'function', 'got 1'],
    },
    {
      name: 'callback by name',
      act: (m) => m.fit(x, y, { ...quiet, callbacks: ['earlyStopping'] as never }),
      words: ['fit', 'callback', 'earlyStopping'],
    },
    { name: 'layer by name', act: (m) => m.getLayer('hiden'), words: ['getLayer', '"hiden"', '"hidden"'] },
    { name: 'layer by number', act: (m) => m.getLayer(9), words: ['getLayer', '9', '"output"'] },
  ]);
});

/** For each option a value that is wrong, and what the error says of it. The type asks for all options. */
type Wrong<Args> = { [Name in keyof Required<Args>]: readonly [given: unknown, words: string] };

/** The options that a class is made with. */
type First<Class> = Class extends new (args: infer Args) => unknown ? NonNullable<Args> : never;

/** A row for each option of what `make` makes. */
function wrongValues<Args extends object>(
  place: string,
  make: (args: Args, model: Model) => unknown,
  good: NoInfer<Args>,
  wrong: NoInfer<Wrong<Args>>,
) {
  return Object.entries<readonly [unknown, string]>(wrong).map(([option, [given, words]]) => ({
    name: `${place}: ${option}`,
    act: (model: Model) => make({ ...good, [option]: given }, model),
    words: [place.split(' ')[0]!, words.startsWith('must') ? `${option} ${words}` : words],
  }));
}

const ofModels: Wrong<Omit<wg.SequentialArgs, 'layers'>> = {
  name: [3, 'must be a text, got 3'],
  trainable: ['false', 'must be true or false, got "false"'],
  inputShape: [['4'], 'must be a list of whole numbers from 1 on, such as [4], got ["4"]'],
  batchInputShape: [4, 'must be a list of whole numbers from 1 on, such as [null, 4], got 4'],
  inputDType: ['float', 'must be float32, int32 or bool, got "float"'],
};
const aRegularizer = [3, "regularizer must be a name, such as 'l1', got 3"] as const;
const aConstraint = ['maxnrom', 'unknown constraint "maxnrom" (did you mean "maxNorm"?)'] as const;
const ofLayers = {
  ...ofModels,
  activityRegularizer: aRegularizer,
  weights: [3, 'must be a list of tensors or arrays, got 3'],
} as const;
const seed = ['q', 'must be a whole number from 0 to 4294967295, got "q"'] as const;
const finite = ['1', 'must be a finite number, got "1"'] as const;
const aFlag = ['yes', 'must be true or false, got "yes"'] as const;
const fromZero = ['0.1', 'must be a number from 0 on, got "0.1"'] as const;
const fraction = ['0.9', 'must be a number from 0 to below 1, got "0.9"'] as const;
const ofLosses = {
  reduction: ['average', "must be 'sumOverBatchSize' or"],
  name: [3, 'must be a text, got 3'],
} as const;
const whole = [1.5, 'must be a whole number, got 1.5'] as const;
const crossentropy = {
  fromLogits: aFlag,
  labelSmoothing: [7, 'must be a number from 0 to 1, got 7'],
  axis: whole,
} as const;
const focal = { ...crossentropy, alpha: fromZero, gamma: fromZero };
const axes = ['1', 'must be a whole number, or a list of them, such as [1, 2], or null, got "1"'] as const;

/** A row for each option of a loss. */
function ofLoss<Options extends object>(lossClass: wg.losses.LossClass<Options>, own: NoInfer<Wrong<Options>>) {
  const wrong = { ...ofLosses, ...own } as Wrong<object>;
  return wrongValues(`loss ${lossClass.className}`, (args: object) => new lossClass(args as Options), {}, wrong);
}
const aboveZero = [0, 'must be a number above 0, got 0'] as const;
const count = [0, 'must be a whole number from 1 on, got 0'] as const;
const index = [-1, 'must be a whole number from 0 on, got -1'] as const;
const fractionOrOne = [1.5, 'must be a number from 0 to 1, got 1.5'] as const;
const thresholds = [[2], 'must be a number from 0 to 1, or a list of them, got [2]'] as const;
const point = { numThresholds: count, classId: index };

/** A row for each option of a metric. */
function ofMetric<Options extends object>(metricClass: wg.metrics.MetricClass<Options>, own: NoInfer<Wrong<Options>>) {
  const wrong = { name: [3, 'must be a text, got 3'], ...own } as Wrong<object>;
  const good = { numClasses: 2, targetClassIds: [0], specificity: 0.5, precision: 0.5 };
  const known = Object.fromEntries(Object.entries(good).filter(([name]) => name in metricClass.stated));
  return wrongValues(
    `metric ${metricClass.className}`,
    (args: object) => new metricClass(args as Options),
    known,
    wrong,
  );
}
const aNumber = ['1', 'must be a finite number, got "1"'] as const;
const aName = [3, 'must be a text, got 3'] as const;
const ofMoments = { beta1: fraction, beta2: fraction, epsilon: fromZero } as const;
const ofOptimizers = {
  learningRate: ['0.1', 'must be a number from 0 on, a schedule or a function of the step, got "0.1"'],
  weightDecay: fromZero,
  clipnorm: aboveZero,
  globalClipnorm: aboveZero,
  clipvalue: aboveZero,
  useEma: aFlag,
  emaMomentum: [2, 'must be a number from 0 to 1, got 2'],
  emaOverwriteFrequency: [0, 'must be a whole number from 1 on, got 0'],
  gradientAccumulationSteps: [1, 'must be a whole number from 2 on, got 1'],
  name: [3, 'must be a text, got 3'],
} as const;
const ofBatches = {
  batchSize: ['32', 'must be a whole number from 1 on, got "32"'],
  verbose: ['1', 'must be 0 (silent), 1 (a progress bar) or 2 (a line an epoch), got "1"'],
} as const;
const { layers, losses, metrics, initializers, regularizers, constraints, optimizers } = wg;
const aList = ['a b', 'must be a list, got "a b"'] as const;
const aMode = ['onehott', 'unknown outputMode "onehott" (did you mean "oneHot"?)'] as const;
const aSalt = [[1], 'must be a whole number from 0 on, or two of them, got [1]'] as const;
const ofVocabularies = {
  maxTokens: [1, 'must be a whole number from 2 on, got 1'],
  vocabulary: aList,
  idfWeights: aList,
  outputMode: aMode,
  padToMaxTokens: aFlag,
} as const;
const ofLookups = {
  ...ofLayers,
  ...ofVocabularies,
  numOovIndices: [-1, 'must be a whole number from 0 on, got -1'],
  invert: aFlag,
  salt: aSalt,
} as const;

describe('values of options that are wrong', () => {
  table(regression, y, [
    ...wrongValues(
      'layer Dense',
      layers.dense,
      { units: 1 },
      {
        ...ofLayers,
        units: ['3', 'must be a whole number from 1 on, got "3"'],
        inputDim: [0, 'must be a whole number from 1 on, got 0'],
        activation: [3, 'must be a name'],
        useBias: ['no', 'must be true or false, got "no"'],
        kernelInitializer: [3, "initializer must be a name, such as 'zeros', got 3"],
        biasInitializer: [{}, "initializer must be a name, such as 'zeros', got {}"],
        kernelRegularizer: ['l3', 'unknown regularizer "l3" (did you mean "l1"?)'],
        biasRegularizer: aRegularizer,
        kernelConstraint: aConstraint,
        biasConstraint: [{}, "constraint must be a name, such as 'maxNorm', got {}"],
      },
    ),
    ...wrongValues(
      'layer Dropout',
      layers.dropout,
      { rate: 0.5 },
      {
        ...ofLayers,
        rate: ['0.5', 'must be a number from 0 to 1, got "0.5"'],
        noiseShape: [[0.5], 'must be a list of whole numbers from 1 on, such as [null, 1], got [0.5]'],
        seed,
      },
    ),
    ...wrongValues(
      'layer Reshape',
      layers.reshape,
      { targetShape: [1] },
      {
        ...ofLayers,
        targetShape: ['3', 'must be a list of whole numbers from -1 on, such as [2, 3], got "3"'],
      },
    ),
    ...wrongValues(
      'layer InputLayer',
      layers.inputLayer,
      { inputShape: [1] },
      {
        ...ofLayers,
        shape: ['4', 'inputShape must be a list of whole numbers from 1 on, such as [4], got "4"'],
        dtype: ['', 'inputDType must be float32, int32 or bool, got ""'],
      },
    ),
    ...wrongValues(
      'layer Flatten',
      layers.flatten,
      {},
      {
        ...ofLayers,
        dataFormat: ['nchw', `must be 'channelsFirst' or 'channelsLast', got "nchw"`],
      },
    ),
    ...wrongValues(
      'layer Activation',
      layers.activation,
      { activation: 'relu' },
      {
        ...ofLayers,
        activation: [['relu'], 'must be a name'],
      },
    ),
    ...wrongValues(
      'layer Normalization',
      layers.normalization,
      {},
      {
        ...ofLayers,
        axis: [0.5, 'must be a whole number, a list of them, or null, got 0.5'],
        mean: ['0', 'must be a number or a list of them, got "0"'],
        variance: ['0', 'must be a number or a list of them, got "0"'],
        invert: aFlag,
      },
    ),
    ...wrongValues('layer Rescaling', layers.rescaling, { scale: 1 }, { ...ofLayers, scale: finite, offset: finite }),
    ...wrongValues(
      'layer Discretization',
      layers.discretization,
      { numBins: 2 },
      {
        ...ofLayers,
        binBoundaries: [[2, 1], 'must be a list of numbers in ascending order, got [2, 1]'],
        numBins: [0, 'must be a whole number from 1 on, got 0'],
        epsilon: [0, 'must be a number above 0 and below 1, got 0'],
        outputMode: aMode,
      },
    ),
    ...wrongValues(
      'layer CategoryEncoding',
      layers.categoryEncoding,
      { numTokens: 2 },
      { ...ofLayers, numTokens: [0, 'must be a whole number from 1 on, got 0'], outputMode: aMode },
    ),
    ...wrongValues(
      'layer IntegerLookup',
      layers.integerLookup,
      {},
      {
        ...ofLookups,
        maskToken: ['0', 'must be a whole number, got "0"'],
        oovToken: [null, 'must be a whole number, got null'],
        oovMethod: ['sha', "must be 'floormod' or 'farmhash', got \"sha\""],
      },
    ),
    ...wrongValues(
      'layer StringLookup',
      layers.stringLookup,
      {},
      { ...ofLookups, maskToken: [0, 'must be a text, got 0'], oovToken: [0, 'must be a text, got 0'] },
    ),
    ...wrongValues(
      'layer TextVectorization',
      layers.textVectorization,
      {},
      {
        ...ofLayers,
        ...ofVocabularies,
        standardize: ['upper', 'unknown standardize "upper"'],
        split: ['letters', 'unknown split "letters"'],
        ngrams: [0, 'must be a whole number from 1 on, or a list of them, got 0'],
        outputSequenceLength: [0, 'must be a whole number from 1 on, got 0'],
      },
    ),
    ...wrongValues(
      'layer Hashing',
      layers.hashing,
      { numBins: 2 },
      {
        ...ofLayers,
        numBins: [0, 'must be a whole number from 1 on, got 0'],
        maskValue: [0.5, 'must be a text or a whole number, got 0.5'],
        salt: aSalt,
        outputMode: aMode,
      },
    ),
    ...wrongValues('sequential', wg.sequential, {} as wg.SequentialArgs, {
      ...ofModels,
      layers: ['dense', 'must be a list of layers, got "dense"'],
    }),
    ...ofLoss(losses.MeanSquaredError, {}),
    ...ofLoss(losses.BinaryCrossentropy, crossentropy),
    ...ofLoss(losses.CategoricalCrossentropy, crossentropy),
    ...ofLoss(losses.BinaryFocalCrossentropy, { ...focal, applyClassBalancing: aFlag }),
    ...ofLoss(losses.CategoricalFocalCrossentropy, focal),
    ...ofLoss(losses.SparseCategoricalCrossentropy, { fromLogits: aFlag, ignoreClass: whole }),
    ...ofLoss(losses.CategoricalGeneralizedCrossEntropy, { q: [1, 'must be a number between 0 and 1, got 1'] }),
    ...ofLoss(losses.Huber, { delta: ['1', 'must be a number above 0, got "1"'] }),
    ...ofLoss(losses.CosineSimilarity, { axis: whole }),
    ...ofLoss(losses.Dice, { axis: axes }),
    ...ofLoss(losses.Tversky, { axis: axes, alpha: fromZero, beta: fromZero }),
    ...ofLoss(losses.CTC, {}),
    ...ofLoss(losses.Circle, { gamma: fromZero, margin: finite, removeDiagonal: aFlag }),
    ...ofMetric(metrics.Accuracy, {}),
    ...ofMetric(metrics.BinaryAccuracy, { threshold: finite }),
    ...ofMetric(metrics.SparseTopKCategoricalAccuracy, { k: count, fromSortedIds: aFlag }),
    ...ofMetric(metrics.SparseCategoricalCrossentropy, { fromLogits: aFlag, ignoreClass: whole }),
    ...ofMetric(metrics.TruePositives, { thresholds }),
    ...ofMetric(metrics.Precision, { thresholds, topK: count, classId: index }),
    ...ofMetric(metrics.SensitivityAtSpecificity, { ...point, specificity: fractionOrOne }),
    ...ofMetric(metrics.RecallAtPrecision, {
      ...point,
      precision: [undefined, 'must be a number from 0 to 1, got undefined'],
    }),
    ...ofMetric(metrics.AUC, {
      numThresholds: [1, 'must be a whole number from 2 on, got 1'],
      curve: ['roc', "must be 'ROC' or 'PR' or 'PRGAIN', got \"roc\""],
      summationMethod: ['mean', "must be 'interpolation' or 'majoring' or 'minoring', got \"mean\""],
      thresholds: [0.5, 'must be a list of numbers from 0 to 1, got 0.5'],
      multiLabel: aFlag,
      numLabels: count,
      labelWeights: [[-1], 'must be a list of numbers from 0 on, got [-1]'],
      fromLogits: aFlag,
    }),
    ...ofMetric(metrics.FBetaScore, {
      average: ['mean', "must be 'micro' or 'macro' or 'weighted', or null, got \"mean\""],
      threshold: [0, 'must be a number above 0 and up to 1, or null, got 0'],
      beta: [0, 'must be a number above 0, got 0'],
    }),
    ...ofMetric(metrics.R2Score, {
      classAggregation: ['mean', "must be 'uniformAverage' or 'varianceWeightedAverage', or null, got \"mean\""],
      numRegressors: index,
    }),
    ...ofMetric(metrics.PearsonCorrelation, { axis: whole }),
    ...ofMetric(metrics.IoU, {
      numClasses: count,
      targetClassIds: [[2], 'targetClassIds holds 2, but the 2 classes are numbered from 0 to 1'],
      ignoreClass: whole,
      sparseYTrue: aFlag,
      sparseYPred: aFlag,
      axis: whole,
    }),
    ...ofMetric(metrics.BinaryIoU, {
      targetClassIds: [[], 'must be a list of class numbers, such as [0, 1], got []'],
      threshold: finite,
    }),
    ...wrongValues('regularizer L1', regularizers.l1, {}, { l1: fromZero }),
    ...wrongValues('regularizer L2', regularizers.l2, {}, { l2: fromZero }),
    ...wrongValues('regularizer L1L2', regularizers.l1l2, {}, { l1: fromZero, l2: fromZero }),
    ...wrongValues(
      'regularizer OrthogonalRegularizer',
      regularizers.orthogonalRegularizer,
      {},
      { factor: fromZero, mode: ['both', "must be 'rows' or 'columns', got \"both\""] },
    ),
    ...wrongValues('constraint MaxNorm', constraints.maxNorm, {}, { maxValue: fromZero, axis: axes }),
    ...wrongValues(
      'constraint MinMaxNorm',
      constraints.minMaxNorm,
      {},
      { minValue: fromZero, maxValue: fromZero, rate: [2, 'must be a number from 0 to 1, got 2'], axis: axes },
    ),
    ...wrongValues('constraint UnitNorm', constraints.unitNorm, {}, { axis: axes }),
    ...wrongValues('constant initializer', initializers.constant, {}, { value: [['1'], 'element [0] is "1"'] }),
    ...wrongValues('identity initializer', initializers.identity, {}, { gain: finite }),
    ...wrongValues('orthogonal initializer', initializers.orthogonal, {}, { gain: finite, seed }),
    ...wrongValues(
      'randomUniform initializer',
      initializers.randomUniform,
      {},
      { minval: finite, maxval: finite, seed },
    ),
    ...wrongValues('normal initializer', initializers.randomNormal, {}, { mean: finite, stddev: fromZero, seed }),
    ...wrongValues('normal initializer', initializers.truncatedNormal, {}, { mean: finite, stddev: fromZero, seed }),
    ...wrongValues(
      'varianceScaling initializer',
      initializers.varianceScaling,
      {},
      {
        scale: [0, 'must be a number above 0, got 0'],
        mode: ['fanin2', 'unknown mode "fanin2"'],
        distribution: [3, 'must be a name'],
        seed,
      },
    ),
    ...(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'leCunUniform', 'leCunNormal'] as const).flatMap(
      (name) => wrongValues('initializer', initializers[name], {}, { seed }),
    ),
    ...wrongValues(
      'optimizer SGD',
      (args: First<typeof optimizers.SGD>) => new optimizers.SGD(args),
      {},
      {
        ...ofOptimizers,
        momentum: [2, 'must be a number from 0 to 1, got 2'],
        nesterov: aFlag,
      },
    ),
    ...wrongValues(
      'optimizer RMSprop',
      (args: First<typeof optimizers.RMSprop>) => new optimizers.RMSprop(args),
      {},
      {
        ...ofOptimizers,
        rho: fraction,
        momentum: fraction,
        epsilon: fromZero,
        centered: aFlag,
      },
    ),
    ...wrongValues(
      'optimizer Adam',
      (args: First<typeof optimizers.Adam>) => new optimizers.Adam(args),
      {},
      {
        ...ofOptimizers,
        beta1: fraction,
        beta2: fraction,
        epsilon: fromZero,
        amsgrad: aFlag,
      },
    ),
    ...wrongValues(
      'optimizer Adagrad',
      (args: First<typeof optimizers.Adagrad>) => new optimizers.Adagrad(args),
      {},
      {
        ...ofOptimizers,
        initialAccumulatorValue: fromZero,
        epsilon: fromZero,
      },
    ),
    ...wrongValues(
      'optimizer Adadelta',
      (args: First<typeof optimizers.Adadelta>) => new optimizers.Adadelta(args),
      {},
      { ...ofOptimizers, rho: fraction, epsilon: fromZero },
    ),
    ...wrongValues(
      'optimizer Adamax',
      (args: First<typeof optimizers.Adamax>) => new optimizers.Adamax(args),
      {},
      { ...ofOptimizers, ...ofMoments },
    ),
    ...wrongValues(
      'optimizer Nadam',
      (args: First<typeof optimizers.Nadam>) => new optimizers.Nadam(args),
      {},
      { ...ofOptimizers, ...ofMoments },
    ),
    ...wrongValues(
      'optimizer Lamb',
      (args: First<typeof optimizers.Lamb>) => new optimizers.Lamb(args),
      {},
      { ...ofOptimizers, ...ofMoments },
    ),
    ...wrongValues(
      'optimizer Lion',
      (args: First<typeof optimizers.Lion>) => new optimizers.Lion(args),
      {},
      { ...ofOptimizers, beta1: fraction, beta2: fraction },
    ),
    ...wrongValues(
      'optimizer Ftrl',
      (args: First<typeof optimizers.Ftrl>) => new optimizers.Ftrl(args),
      {},
      {
        ...ofOptimizers,
        learningRatePower: [1, 'must be a number up to 0, got 1'],
        initialAccumulatorValue: fromZero,
        l1RegularizationStrength: fromZero,
        l2RegularizationStrength: fromZero,
        l2ShrinkageRegularizationStrength: fromZero,
        beta: fromZero,
      },
    ),
    ...wrongValues(
      'optimizer Adafactor',
      (args: First<typeof optimizers.Adafactor>) => new optimizers.Adafactor(args),
      {},
      {
        ...ofOptimizers,
        beta2Decay: aNumber,
        epsilon1: fromZero,
        epsilon2: fromZero,
        clipThreshold: aboveZero,
        relativeStep: aFlag,
      },
    ),
    ...wrongValues(
      'optimizer Muon',
      (args: First<typeof optimizers.Muon>) => new optimizers.Muon(args),
      {},
      {
        ...ofOptimizers,
        adamBeta1: fraction,
        adamBeta2: fraction,
        adamWeightDecay: ['0.1', 'must be a number from 0 on, or null'],
        epsilon: fromZero,
        excludeLayers: ['a', 'must be a list of texts'],
        excludeEmbeddings: aFlag,
        muonA: aNumber,
        muonB: aNumber,
        muonC: aNumber,
        adamLrRatio: aboveZero,
        momentum: fraction,
        nsSteps: [0.5, 'must be a whole number from 0 on'],
        nesterov: aFlag,
        rmsRate: [0, 'must be a number above 0, or null'],
      },
    ),
    ...wrongValues(
      'schedule ExponentialDecay',
      (args: First<typeof optimizers.schedules.ExponentialDecay>) => new optimizers.schedules.ExponentialDecay(args),
      { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 },
      { name: aName, initialLearningRate: fromZero, decaySteps: aboveZero, decayRate: fromZero, staircase: aFlag },
    ),
    ...wrongValues(
      'schedule InverseTimeDecay',
      (args: First<typeof optimizers.schedules.InverseTimeDecay>) => new optimizers.schedules.InverseTimeDecay(args),
      { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 },
      { name: aName, initialLearningRate: fromZero, decaySteps: aboveZero, decayRate: fromZero, staircase: aFlag },
    ),
    ...wrongValues(
      'schedule PolynomialDecay',
      (args: First<typeof optimizers.schedules.PolynomialDecay>) => new optimizers.schedules.PolynomialDecay(args),
      { initialLearningRate: 0.1, decaySteps: 10 },
      {
        name: aName,
        initialLearningRate: fromZero,
        decaySteps: aboveZero,
        endLearningRate: fromZero,
        power: aNumber,
        cycle: aFlag,
      },
    ),
    ...wrongValues(
      'schedule PiecewiseConstantDecay',
      (args: First<typeof optimizers.schedules.PiecewiseConstantDecay>) =>
        new optimizers.schedules.PiecewiseConstantDecay(args),
      { boundaries: [1], values: [0.1, 0.2] },
      { name: aName, boundaries: [1, 'must be a list of numbers'], values: [[0.1], 'must be a list of numbers'] },
    ),
    ...wrongValues(
      'schedule CosineDecay',
      (args: First<typeof optimizers.schedules.CosineDecay>) => new optimizers.schedules.CosineDecay(args),
      { initialLearningRate: 0.1, decaySteps: 10 },
      {
        name: aName,
        initialLearningRate: fromZero,
        decaySteps: aboveZero,
        alpha: fromZero,
        warmupTarget: ['0.1', 'must be a number from 0 on, or null'],
        warmupSteps: [0.5, 'must be a whole number from 0 on'],
      },
    ),
    ...wrongValues(
      'schedule CosineDecayRestarts',
      (args: First<typeof optimizers.schedules.CosineDecayRestarts>) =>
        new optimizers.schedules.CosineDecayRestarts(args),
      { initialLearningRate: 0.1, firstDecaySteps: 10 },
      {
        name: aName,
        initialLearningRate: fromZero,
        firstDecaySteps: aboveZero,
        tMul: aboveZero,
        mMul: fromZero,
        alpha: fromZero,
      },
    ),
    ...wrongValues(
      'compile',
      (args: wg.CompileArgs, m) => m.compile(args),
      { loss: 'mse' },
      {
        optimizer: [3, 'must be a name or an optimizer'],
        loss: [3, 'must be a name'],
        metrics: [3, 'metric must be a name'],
        weightedMetrics: [3, 'metric must be a name'],
      },
    ),
    ...wrongValues('fit', (args: wg.FitArgs, m) => m.fit(x, y, args), quiet, {
      ...ofBatches,
      epochs: ['3', 'must be a whole number from 0 on, got "3"'],
      initialEpoch: [-1, 'must be a whole number from 0 on, got -1'],
      callbacks: [3, 'expected a callback'],
      validationSplit: ['0.2', 'must be a number from 0 to below 1, got "0.2"'],
      validationData: [x, 'must be [xValidation, yValidation] or [xValidation, yValidation, sampleWeight]'],
      sampleWeight: [[1], 'x has 6 samples (shape [6, 4]), but sampleWeight has 1 (shape [1])'],
      classWeight: [[-1], 'must be numbers from 0 on by class numbers'],
      validationSteps: [0, 'must be a whole number from 1 on, got 0'],
      validationFreq: [[0], 'must be a whole number from 1 on, or a list of epochs counted from 1'],
      stepsPerEpoch: [1.5, 'must be a whole number from 1 on, got 1.5'],
      signal: [true, 'must be an AbortSignal'],
      validationBatchSize: [0, 'must be a whole number from 1 on, got 0'],
      shuffle: aFlag,
      yieldEvery: [
        'batches',
        `must be 'auto' or 'batch' or 'epoch' or 'never', or a number of milliseconds, got "batches"`,
      ],
    }),
    ...wrongValues('evaluate', (args: wg.EvaluateArgs, m) => m.evaluate(x, y, args), quiet, {
      ...ofBatches,
      steps: [0, 'must be a whole number from 1 on, got 0'],
      sampleWeight: [3, 'x has 6 samples (shape [6, 4]), but sampleWeight is a scalar'],
    }),
    ...wrongValues('predict', (args: wg.PredictArgs, m) => m.predict(x, args), quiet, ofBatches),
    {
      name: 'trainable, set later',
      act: (m) => (m.layers[0]!.trainable = 'false' as never),
      words: ['layer "hidden": trainable must be true or false, got "false"'],
    },
  ]);
});

test.each<[given: unknown, told: string]>([
  ['3', '"3"'],
  ['x'.repeat(70), `"${'x'.repeat(60)}..."`],
  [5n, '5n'],
  [NaN, 'NaN'],
  [undefined, 'undefined'],
  [null, 'null'],
  [true, 'true'],
  [Symbol('s'), 'Symbol(s)'],
  [[1, '2', [3, [4]]], '[1, "2", [3, [...]]]'],
  [[1, 2, 3, 4, 5, 6, 7], '[1, 2, 3, 4, 5, 6, ...]'],
  [{}, '{}'],
  [{ a: 'b', c: { d: { e: 1 } } }, '{ a: "b", c: { d: { ... } } }'],
  [Object.create(null), '{}'],
  [new Map(), 'an object of class Map'],
  [new Float32Array(2), 'Float32Array of 8 bytes'],
  [Promise.resolve(1), 'a promise'],
  [Math.max, 'function max'],
  [() => 1, 'a function'],
])('what was given is told with its type: %o', async (given, told) => {
  expect(await messageOf(() => wg.setSeed(given as never))).toMatch(/whole number from 0 to 4294967295, got /);
  expect(await messageOf(() => wg.setSeed(given as never))).toContain(`got ${told}`);
});

test.each<[string, () => unknown]>([
  ['units', () => wg.layers.dense({ units: 0.5 })],
  ['activation', () => wg.layers.dense({ units: 1, activation: 'relo' })],
  ['kernel initializer', () => wg.layers.dense({ units: 1, kernelInitializer: 'glorot' })],
  ['bias initializer', () => wg.layers.dense({ units: 1, biasInitializer: 'zeroes' })],
  ['rate', () => wg.layers.dropout({ rate: 2 })],
])('a layer that cannot be made draws no seed: %s', async (_, fail) => {
  const next = async (meet: () => unknown) => {
    wg.setSeed(3);
    await meet();
    const layer = wg.layers.dense({ units: 2, inputShape: [2] });
    const weights = wg.tidy(() => (layer.ensureBuilt([null, 2]), layer.weights[0]!.arraySync()));
    layer.dispose();
    return weights;
  };
  expect(await next(() => messageOf(fail))).toEqual(await next(() => {}));
});

describe('layers that do not fit', () => {
  table(regression, y, [
    {
      name: 'a layer of that name',
      act: (m) => m.add(wg.layers.dense({ units: 1, name: 'hidden' })),
      words: ['sequential.add', '"hidden"', 'another name'],
    },
    {
      name: 'no layer',
      act: (m) => m.add({ units: 1 } as never),
      words: ['sequential.add', 'wg.layers.dense', 'got { units: 1 }'],
    },
    {
      name: 'the model itself',
      act: (m) => m.add(m),
      words: ['sequential.add: layer "net" cannot be a part of itself ("net" holds "net")'],
    },
    {
      name: 'a model that holds the model',
      act: (m) => m.add(wg.sequential({ name: 'outer', layers: [m] })),
      words: ['layer "net" cannot be a part of itself ("net" holds "outer" holds "net")', 'another layer'],
    },
    {
      name: 'a reshape that does not fill',
      act: (m) => m.add(wg.layers.reshape({ targetShape: [3], name: 'reshape' })),
      words: ['layer "reshape" (layer 4 of', '[1]', '[3]'],
    },
    {
      name: 'weights too few',
      act: (m) => m.setWeights([[1]]),
      words: ['setWeights', 'expected 4', 'hidden/kernel [4, 5]', 'got 1'],
    },
    {
      name: 'a last weight of another shape',
      act: (m) =>
        m.setWeights([
          ...m
            .getWeights()
            .slice(0, 3)
            .map((w) => wg.tidy(() => w.mul(2).arraySync())),
          [1, 2],
        ]),
      words: ['setWeights', 'output/bias', 'float32 of shape [1]', 'got float32 of shape [2]'],
    },
    {
      name: 'a last weight of another dtype',
      act: (m) =>
        wg.tidy(() =>
          m.setWeights([
            ...m
              .getWeights()
              .slice(0, 3)
              .map((w) => w.mul(2)),
            wg.tensor([1], [1], 'int32'),
          ]),
        ),
      words: ['setWeights', 'output/bias', 'float32', 'got int32'],
    },
  ]);
});

describe('weights that do not fit', () => {
  /** A layer that makes weights as `make` says. */
  class Making extends wg.layers.Layer {
    static override className = 'Making';
    constructor(private readonly make: (add: (...args: never[]) => wg.Variable) => unknown) {
      super({ name: 'making' });
    }
    override build(): void {
      this.make((...args) => this.addWeight(...(args as unknown as [string, number[]])));
    }
    override call(inputs: wg.Tensor): wg.Tensor {
      return inputs;
    }
  }
  const adding =
    (...calls: unknown[][]) =>
    (m: Model) =>
      m.add(new Making((add) => calls.forEach((args) => add(...(args as never[])))));

  table(regression, y, [
    {
      name: 'two of one name',
      act: adding(['w', [1]], ['w', [2]]),
      words: ['layer "making"', 'weight "w"', 'already', 'another name'],
    },
    {
      name: 'options in place of a regularizer',
      act: adding(['w', [1], 'float32', 'zeros', { l2: 1 }]),
      words: ['layer "making": weight "w"', 'regularizer must be a name', '{ l2: 1 }'],
    },
    {
      name: 'a regularizer that asks for another shape',
      act: adding(['w', [1], 'float32', 'zeros', 'orthogonalRegularizer']),
      words: ['layer "making": weight "w": regularizer: OrthogonalRegularizer: expected a matrix, got shape [1]'],
    },
    {
      name: 'a regularizer that gives no tensor',
      act: adding(['w', [1], 'float32', 'zeros', () => 0.5]),
      words: ['layer "making": weight "w": regularizer: the regularizer must return a tensor, got 0.5'],
    },
    {
      name: 'a constraint of another axis',
      act: adding(['w', [1], 'float32', 'zeros', null, true, wg.constraints.unitNorm({ axis: 1 })]),
      words: ['layer "making": weight "w": constraint', 'axis 1'],
    },
    {
      name: 'a constraint that changes the shape',
      act: adding(['w', [2], 'float32', 'zeros', null, true, (w: wg.Tensor) => w.sum()]),
      words: ['weight "w": constraint: it gives float32 of shape [] for a weight of float32 of shape [2]', 'keep both'],
    },
    {
      name: 'an initializer of another shape',
      act: adding(['w', [2], 'float32', () => wg.ones([3])]),
      words: ['weight "w": the initializer gives', '[3]', '[2]'],
    },
    {
      name: 'an unknown initializer',
      act: adding(['w', [1], 'float32', 'zeroes']),
      words: ['layer "making": weight "w"', 'initializer "zeroes"', '"zeros"'],
    },
  ]);
});

describe('functions and layers that give no tensor', () => {
  class Broken extends wg.layers.Layer {
    static override className = 'Broken';
    constructor(private readonly f: (x: wg.Tensor) => unknown) {
      super({ name: 'broken' });
    }
    override call(inputs: wg.Tensor): wg.Tensor {
      return this.f(inputs) as wg.Tensor;
    }
  }
  test.each<[name: string, args: object, words: string[]]>([
    ['a loss', { loss: () => 3 }, ['loss "loss"', 'must return a tensor', 'got 3']],
    ['a loss that is async', { loss: async (_: wg.Tensor, p: wg.Tensor) => p }, ['must return a tensor', 'be async']],
    [
      'a loss of the targets alone',
      { loss: (t: wg.Tensor) => t.square() },
      ['loss "loss"', 'does not depend on any weight', 'predictions'],
    ],
    [
      'a loss that reads values',
      { loss: (t: wg.Tensor, p: wg.Tensor) => p.sub(t.dataSync()[0]!) },
      ['loss "loss"', 'symbolic tensor has no values', 'losses'],
    ],
    [
      'a loss of shapes that differ',
      { loss: (_: wg.Tensor, p: wg.Tensor) => p.add(wg.ones([5, 1])) },
      ['loss "loss"', 'add', '[6, 1]', '[5, 1]'],
    ],
    ['a metric', { loss: 'mse', metrics: [() => undefined] }, ['metric "metric"', 'must return a tensor', 'undefined']],
  ])('%s', async (_, args, words) => {
    const train = async (meet: (model: Model) => unknown) => {
      const model = makeModel();
      await meet(model);
      wg.setSeed(9);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const { history } = await model.fit(x, y, quiet);
      const state = stateOf(model);
      model.dispose();
      return [history, state];
    };
    const met = await train(async (model) => {
      model.compile(args as wg.CompileArgs);
      const message = await messageOf(() => model.fit(x, y, quiet));
      for (const word of words) expect(message).toContain(word);
    });
    expect(met).toEqual(await train(() => {}));
  });

  table(regression, y, [
    {
      name: 'a layer that gives a list',
      act: (m) => m.add(new Broken((v) => [v])),
      words: ['layer "broken"', 'Broken', 'call must return a tensor', 'got [a tensor of shape [*, 1]]'],
    },
    {
      name: 'a layer that is async',
      act: (m) => m.add(new Broken(async (v) => v)),
      words: ['layer "broken"', 'call must return a tensor', 'cannot be async'],
    },
    {
      name: 'a layer that reads values',
      act: (m) => m.add(new Broken((v) => (v.dataSync()[0]! > 0 ? v : v.neg()))),
      words: ['layer "broken" (layer 4 of "net")', 'symbolic tensor has no values', 'shapes are recorded'],
    },
    {
      name: 'a layer whose shapes differ: the batch has no number yet',
      act: (m) => m.add(new Broken((v) => wg.tidy(() => v.matMul(wg.ones([7, 2]))))),
      words: ['layer "broken" (layer 4 of "net")', 'matMul', '[*, 1] times [7, 2]'],
    },
  ]);
});
