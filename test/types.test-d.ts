// Types of the public surface: `tsc` is the test.
import { expectTypeOf } from 'vitest';
import * as wg from '../ts/index.js';

// Tensors know their rank where it is fixed, and what they give as arrays.
expectTypeOf(wg.scalar).returns.toEqualTypeOf<wg.Scalar>();
expectTypeOf(wg.tensor1d).returns.toEqualTypeOf<wg.Tensor1D>();
expectTypeOf(wg.tensor2d).returns.toEqualTypeOf<wg.Tensor2D>();
expectTypeOf(wg.tensor3d).returns.toEqualTypeOf<wg.Tensor3D>();
expectTypeOf(wg.tensor4d).returns.toEqualTypeOf<wg.Tensor4D>();
expectTypeOf(wg.tensor5d).returns.toEqualTypeOf<wg.Tensor5D>();
expectTypeOf(wg.tensor6d).returns.toEqualTypeOf<wg.Tensor6D>();
expectTypeOf(wg.tensor<wg.Rank.R2>).returns.toEqualTypeOf<wg.Tensor2D>();
expectTypeOf(wg.linspace).returns.toEqualTypeOf<wg.Tensor1D>();
expectTypeOf(wg.eye).returns.toEqualTypeOf<wg.Tensor2D>();
expectTypeOf(wg.outerProduct).returns.toEqualTypeOf<wg.Tensor2D>();
expectTypeOf<wg.Scalar>().toHaveProperty('arraySync').returns.toEqualTypeOf<number>();
expectTypeOf<wg.Tensor1D>().toHaveProperty('arraySync').returns.toEqualTypeOf<number[]>();
expectTypeOf<wg.Tensor2D>().toHaveProperty('arraySync').returns.toEqualTypeOf<number[][]>();
expectTypeOf<wg.Tensor3D>().toHaveProperty('array').returns.resolves.toEqualTypeOf<number[][][]>();
expectTypeOf<wg.Tensor>().toHaveProperty('flatten').returns.toEqualTypeOf<wg.Tensor1D>();
expectTypeOf<wg.Tensor>().toHaveProperty('shape').toEqualTypeOf<number[]>();
expectTypeOf<wg.Tensor>().toHaveProperty('dtype').toEqualTypeOf<'float32' | 'int32' | 'bool'>();

// A tensor of unknown rank goes where a certain one is asked for, as in programs written for tfjs.
expectTypeOf<wg.Tensor>().toExtend<wg.Tensor2D>();
expectTypeOf<wg.Tensor2D>().toExtend<wg.Tensor>();
expectTypeOf<wg.Tensor2D>().not.toExtend<wg.Tensor1D>();
expectTypeOf<wg.Variable>().toExtend<wg.Tensor>();
expectTypeOf<wg.Tensor>().toExtend<Disposable>();

declare const x: wg.Tensor;
declare const matrix: wg.Tensor2D;

// Typed arrays by dtype.
expectTypeOf(x.dataSync<'float32'>()).toEqualTypeOf<Float32Array>();
expectTypeOf(x.dataSync<'int32'>()).toEqualTypeOf<Int32Array>();
expectTypeOf(x.dataSync<'bool'>()).toEqualTypeOf<Uint8Array>();
expectTypeOf(x.dataSync()).toEqualTypeOf<Float32Array | Int32Array | Uint8Array>();
expectTypeOf(x.data<'int32'>()).resolves.toEqualTypeOf<Int32Array>();
expectTypeOf(wg.buffer([2], 'int32').values).toEqualTypeOf<Int32Array>();
expectTypeOf(wg.buffer([2]).values).toEqualTypeOf<Float32Array>();

// Methods are the functions without their first argument.
expectTypeOf(x.add).toEqualTypeOf<(b: wg.TensorLike) => wg.Tensor>();
expectTypeOf(x.topk).returns.toEqualTypeOf<{ values: wg.Tensor; indices: wg.Tensor }>();
expectTypeOf(x.split).returns.toEqualTypeOf<wg.Tensor[]>();
expectTypeOf(wg.moments).returns.toEqualTypeOf<{ mean: wg.Tensor; variance: wg.Tensor }>();
expectTypeOf(x.all).parameters.toEqualTypeOf<[axis?: number | readonly number[] | null, keepDims?: boolean]>();
expectTypeOf(x.matMul).parameter(0).toEqualTypeOf<wg.TensorLike>();
expectTypeOf(x.asType).parameters.toEqualTypeOf<[dtype: wg.DataType]>();

// Scopes, gradients and programs give what their functions give.
expectTypeOf(wg.tidy(() => ({ a: matrix, n: 1 }))).toEqualTypeOf<{ a: wg.Tensor2D; n: number }>();
expectTypeOf(wg.keep(matrix)).toEqualTypeOf<wg.Tensor2D>();
expectTypeOf(wg.grad((y) => y.square())).returns.toEqualTypeOf<wg.Tensor>();
expectTypeOf(wg.grads((a, b) => a.add(b))).returns.toEqualTypeOf<wg.Tensor[]>();
expectTypeOf(wg.valueAndGrad((y) => y)).returns.toEqualTypeOf<{ value: wg.Tensor; grad: wg.Tensor }>();
expectTypeOf(wg.variableGrads).returns.toEqualTypeOf<{ value: wg.Tensor; grads: Record<string, wg.Tensor> }>();
expectTypeOf(wg.compile((a: wg.Tensor) => [a, matrix] as const)).returns.toEqualTypeOf<
  readonly [wg.Tensor, wg.Tensor2D]
>();
expectTypeOf(wg.compile(() => matrix)).toExtend<Disposable>();
expectTypeOf(wg.memory).returns.toHaveProperty('numTensors').toEqualTypeOf<number>();
expectTypeOf(wg.losses.meanSquaredError).returns.toEqualTypeOf<wg.Tensor>();

// @ts-expect-error tidy would dispose of the tensors of others during the awaits
wg.compile(async (y: wg.Tensor) => y);
// @ts-expect-error there is no such dtype
wg.zeros([2], 'float64');
// @ts-expect-error a shape is a list
wg.zeros(3);
// @ts-expect-error texts are no numbers
wg.tensor(['a']);
// @ts-expect-error a matrix has a shape of two dimensions
wg.tensor2d([1, 2], [2]);
// @ts-expect-error a tensor is no vector if it is a matrix
expectTypeOf<wg.Tensor1D>(matrix);
// @ts-expect-error there is no such reduction
wg.losses.meanSquaredError([1], [1], null, 'sum');

// Models.
const model = wg.sequential([wg.layers.dense({ units: 1, inputShape: [4] })]);
expectTypeOf(wg.sequential).returns.toEqualTypeOf<wg.Sequential>();
expectTypeOf(model).toExtend<wg.LayersModel>();
expectTypeOf(model.fit(x, x)).resolves.toEqualTypeOf<wg.History>();
expectTypeOf(wg.History.prototype.history).toEqualTypeOf<Record<string, number[]>>();
// `const [loss, mae] = model.evaluate(x, y)` and `model.evaluate(x, y).print()` both read as in tfjs.
const [loss, mae] = model.evaluate(x, x);
expectTypeOf(loss).toExtend<wg.Tensor | undefined>();
expectTypeOf(mae).toExtend<wg.Tensor | undefined>();
expectTypeOf(model.getWeights()).toExtend<wg.Tensor[]>();

// @ts-expect-error units is a number
wg.layers.dense({ units: 'many' });
// @ts-expect-error units is missing
wg.layers.dense({ activation: 'relu' });
// @ts-expect-error there is no such option
wg.layers.dense({ units: 1, useBiass: true });
// @ts-expect-error there is no such option
wg.layers.dropout({ rate: 0.5, ratio: 0.5 });
// @ts-expect-error there is no such option
model.compile({ optimizer: 'adam', loss: 'mse', metric: ['mae'] });
// @ts-expect-error there is no such option
void model.fit(x, x, { epoch: 3 });
// @ts-expect-error the rate is a number
wg.train.adam('fast');
// @ts-expect-error there is no such option
new wg.optimizers.Adam({ beta3: 1 }); // eslint-disable-line no-new -- only its type counts
expectTypeOf(wg.train.sgd).returns.toExtend<wg.optimizers.Optimizer>();
expectTypeOf(wg.train.adam).parameters.toEqualTypeOf<
  [learningRate?: number, beta1?: number, beta2?: number, epsilon?: number]
>();

// Types that programs written for tfjs name.
expectTypeOf<wg.CustomCallbackArgs>().toEqualTypeOf<wg.CallbackFunctions>();
expectTypeOf<wg.Tensor<wg.Rank.R3>>().toEqualTypeOf<wg.Tensor3D>();
expectTypeOf<wg.Shape>().toEqualTypeOf<(number | null)[]>();
expectTypeOf(model.outputShape).toEqualTypeOf<wg.Shape>();
expectTypeOf(x.shape).toExtend<wg.Shape>();
expectTypeOf(model.predict(x, { verbose: false })).toEqualTypeOf<wg.Tensor>();
expectTypeOf(wg.train.adam()).toExtend<wg.Optimizer>();
expectTypeOf<wg.TensorBuffer<wg.Rank.R2, 'int32'>>().toHaveProperty('toTensor').returns.toEqualTypeOf<wg.Tensor2D>();
expectTypeOf<wg.NamedTensorMap>().toEqualTypeOf<Record<string, wg.Tensor>>();

// Parts of samples are of the kind of the samples.
expectTypeOf(wg.trainTestSplit(['a', 'b'])).toEqualTypeOf<[string[], string[]]>();
expectTypeOf(wg.trainTestSplit(matrix, new Float32Array(2), { seed: 1 })).toEqualTypeOf<
  [wg.Tensor2D, wg.Tensor2D, Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]
>();
// Texts are looked up, and come back by an inverse.
expectTypeOf(wg.layers.stringLookup().apply(['a'])).toEqualTypeOf<wg.Tensor>();
expectTypeOf(wg.layers.stringLookup({ invert: true }).apply<string[]>([1])).toEqualTypeOf<string[]>();
