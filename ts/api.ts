// The public names, in the order in which a reader learns them.

import { registerClass } from './serialization.js';

// Tensors.
import './tensor/ops/methods.js';
export { Tensor, type Scalar, type Tensor1D, type Tensor2D, type Tensor3D } from './tensor/tensor.js';
export type { Tensor4D, Tensor5D, Tensor6D } from './tensor/tensor.js';
export { Rank } from './tensor/rank.js';
export type { DataType, DataTypeMap, NestedArray, TypedArray } from './tensor/dtypes.js';
export type { TensorLike } from './tensor/run.js';
export { upcastType } from './tensor/dtypes.js';
export * from './tensor/ops/creation.js';
export * from './tensor/ops/copying.js';
export * from './tensor/ops/random.js';
export { buffer, TensorBuffer } from './tensor/buffer.js';

// Functions of tensors; most are methods too.
export * from './tensor/ops/arithmetic.js';
export * from './tensor/ops/unary.js';
export * from './tensor/ops/linalg.js';
export * from './tensor/ops/reduction.js';
export * from './tensor/ops/softmax.js';
export * from './tensor/ops/shape.js';
export * from './tensor/ops/joining.js';
export * from './tensor/ops/slicing.js';
export * from './tensor/ops/stridedSlice.js';
export * from './tensor/ops/padding.js';
export * from './tensor/ops/logical.js';
export * from './tensor/ops/masking.js';
export * from './tensor/ops/indexing.js';

// Memory.
export { dispose, holders, keep, memory, tidy, trackSites } from './tensor/scopes.js';
export type { MemoryInfo, TensorContainer } from './tensor/scopes.js';

// Variables, gradients and programs.
export { variable, Variable } from './tensor/variable.js';
export { grad, grads, valueAndGrad, valueAndGrads, variableGrads, type NamedTensorMap } from './graph.js';
export { compile, type CompiledFunction } from './compile.js';

// Models.
export { sequential, Sequential, type SequentialArgs } from './model/sequential.js';
export { Model as LayersModel } from './model/model.js';
export type { CompileArgs, EvaluateArgs, FitArgs, FitDatasetArgs, PlanArgs, PredictArgs } from './model/args.js';
export type { Batch, BatchSource } from './model/feeds.js';
export type { Samples, ShapedValues } from './model/data.js';
export type { SymbolicTensor } from './model/symbolic.js';
export { loadModel, loadModel as loadLayersModel } from './model/save.js';
export {
  Callback,
  History,
  type CallbackFunctions,
  type CallbackFunctions as CustomCallbackArgs,
  type Logs,
} from './callbacks/callback.js';
export type { BatchShape as Shape } from './layers/layer.js';
export * as data from './data/index.js';
export * as callbacks from './callbacks/index.js';
export * as layers from './layers/index.js';
export * as initializers from './initializers/index.js';
export * as regularizers from './regularizers/index.js';
export * as constraints from './constraints/index.js';
export * as losses from './losses/index.js';
export * as metrics from './metrics/index.js';
export { Reduction } from './tensor/ops/weightedLosses.js';
export * as optimizers from './optimizers/index.js';
export { Optimizer } from './optimizers/optimizer.js';
export { train } from './optimizers/train.js';
export const serialization = { registerClass };

// Data and results.
export { trainTestSplit, type SplitArgs } from './preprocessing/split.js';
export { StandardScaler, type StandardScalerArgs } from './preprocessing/standardScaler.js';
export * as math from './math.js';
export { utils } from './utils.js';

// The library.
export { setSeed } from './random.js';
export { enableWideVectors, getThreads, isDeterministic, setDeterministic, setThreads } from './core/core.js';
export { getBackend, ready, setBackend, version } from './runtime.js';
export { nextFrame } from './tensor/yield.js';
export * as util from './util.js';
export * as test_util from './testUtil.js';
export { OutOfMemoryError, WasmgradError } from './core/errors.js';
