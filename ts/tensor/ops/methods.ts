// Tensor functions as methods: a function whose first argument is a tensor is called on that tensor.
import { TensorBuffer } from '../buffer.js';
import type { DataType } from '../dtypes.js';
import type { TensorLike } from '../run.js';
import { Tensor } from '../tensor.js';
import { variable, type Variable } from '../variable.js';
import * as arithmetic from './arithmetic.js';
import * as copying from './copying.js';
import * as indexing from './indexing.js';
import * as joining from './joining.js';
import * as linalg from './linalg.js';
import * as logical from './logical.js';
import * as masking from './masking.js';
import * as padding from './padding.js';
import * as reduction from './reduction.js';
import * as shape from './shape.js';
import * as slicing from './slicing.js';
import * as softmax from './softmax.js';
import * as strided from './stridedSlice.js';
import * as unary from './unary.js';

/** Methods that are no functions, or whose arguments have another order. */
const own = {
  /** As `cast`. */
  asType: copying.cast,
  /** The values as float32. */
  toFloat: (x: TensorLike): Tensor => copying.cast(x, 'float32'),
  /** The values as int32: decimals are cut off. */
  toInt: (x: TensorLike): Tensor => copying.cast(x, 'int32'),
  /** Whether each value is not 0. */
  toBool: (x: TensorLike): Tensor => copying.cast(x, 'bool'),
  /** This tensor where the condition is true, else `other`. */
  where: (x: TensorLike, condition: TensorLike, other: TensorLike): Tensor => masking.where(condition, x, other),
  /** This tensor and others, one behind the other along the axis. */
  concat: (x: TensorLike, others: Tensor | readonly Tensor[], axis?: number): Tensor =>
    joining.concat([x, ...listOf(others)], axis),
  /** This tensor and others of its shape beside one another along a new dimension, `axis`. */
  stack: (x: TensorLike, others: Tensor | readonly Tensor[], axis?: number): Tensor =>
    joining.stack([x, ...listOf(others)], axis),
  /** A buffer with a copy of the values. */
  bufferSync: (x: Tensor): TensorBuffer => new TensorBuffer(x.shape, x.dtype, x.dataSync()),
  /** As `bufferSync`. */
  buffer: async (x: Tensor): Promise<TensorBuffer> => own.bufferSync(x),
  /** The bytes of a copy of the values. */
  bytes: async (x: Tensor): Promise<Uint8Array> => new Uint8Array(x.dataSync().buffer),
  /** A variable that begins with a copy of the values. */
  variable: (x: Tensor, trainable?: boolean, name?: string, dtype?: DataType): Variable =>
    variable(x, trainable, name, dtype),
  /** @throws if the tensor was disposed. */
  throwIfDisposed: (x: Tensor): void => void x.handle,
};

function listOf(x: Tensor | readonly Tensor[]): readonly Tensor[] {
  return x instanceof Tensor ? [x] : x;
}

/** Functions of a tensor as its methods. */
type MethodsOf<Functions> = {
  [Name in keyof Functions]: Functions[Name] extends (x: never, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

export interface TensorMethods
  extends
    MethodsOf<typeof arithmetic>,
    MethodsOf<typeof copying>,
    MethodsOf<typeof indexing>,
    MethodsOf<typeof linalg>,
    MethodsOf<typeof logical>,
    MethodsOf<typeof padding>,
    MethodsOf<typeof reduction>,
    MethodsOf<typeof shape>,
    MethodsOf<typeof slicing>,
    MethodsOf<typeof softmax>,
    MethodsOf<typeof strided>,
    MethodsOf<typeof unary>,
    MethodsOf<typeof own> {}

const families = [
  arithmetic,
  copying,
  indexing,
  linalg,
  logical,
  padding,
  reduction,
  shape,
  slicing,
  softmax,
  strided,
  unary,
  own,
];

for (const family of families) {
  for (const [name, f] of Object.entries<(x: Tensor, ...rest: never[]) => unknown>(family)) {
    Object.defineProperty(Tensor.prototype, name, {
      value(this: Tensor, ...rest: never[]) {
        return f(this, ...rest);
      },
      writable: true,
      configurable: true,
    });
  }
}
