// A tensor: an n-dimensional array in the WASM heap, or a symbolic one in a program that is being traced.
import { heap, tensorStart } from '../core/core.js';
import { WasmgradError, describe } from '../core/errors.js';
import { nest, sizeOf, type DataType, type DataTypeMap, type Shape } from './dtypes.js';
import { format } from './format.js';
import type { TensorMethods } from './ops/methods.js';
import type { AnyRank, ArrayOf, Rank } from './rank.js';
import { adopt, forget, release } from './scopes.js';

/** Symbolic handles carry the top bit. */
export const SYMBOLIC = 0x80000000;
/** Marks the tensors of every copy of this library. */
const BRAND: symbol = Symbol.for('wasmgrad.tensor');
/** By it Node's console asks an object what it prints. */
const INSPECT: symbol = Symbol.for('nodejs.util.inspect.custom');

/** Every tensor function that begins with a tensor is a method as well; see ops/methods.ts. */
// eslint-disable-next-line no-unused-vars, typescript/no-unsafe-declaration-merging -- methods.ts puts them there
export interface Tensor<R extends Rank = AnyRank> extends TensorMethods {}

/** `R` is only a type: the rank, where it is known. */
export class Tensor<R extends Rank = AnyRank> {
  /** Its number in the core; 0 after `dispose`. */
  protected id: number;
  /** Dimensions, outermost first; row-major. */
  readonly shape: Shape;
  readonly dtype: DataType;
  /** Number of elements. */
  readonly size: number;
  /** Whether the garbage collector is to tell when it takes the tensor; see scopes.ts. */
  isWatched = false;

  /** Takes over a handle of the core; users call `wg.tensor`. */
  constructor(handle: number, shape: Shape, dtype: DataType) {
    this.id = handle;
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    if (handle !== 0 && handle < SYMBOLIC) adopt(this, handle);
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  get isDisposed(): boolean {
    return this.id === 0;
  }

  /** Whether it stands for a value of a program that is being traced. */
  get isSymbolic(): boolean {
    return this.id >= SYMBOLIC;
  }

  /**
   * Its number in the core.
   * @throws if the tensor was disposed.
   */
  get handle(): number {
    if (this.id === 0) throw disposedError(this);
    return this.id;
  }

  /** Frees its memory, unless a program or another view still uses it. Twice is once. */
  dispose(): void {
    if (this.id === 0) return;
    const handle = this.id;
    this.id = 0;
    if (handle < SYMBOLIC) release(this, handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Gives its handle to another tensor object; this one counts as disposed of. */
  surrender(): number {
    const handle = this.handle;
    this.id = 0;
    forget(this, handle);
    return handle;
  }

  /** A copy of the values, row-major: Float32Array, Int32Array, or Uint8Array for bool. */
  dataSync<D extends DataType = DataType>(): DataTypeMap[D] {
    return this.values() as DataTypeMap[D];
  }

  /** As `dataSync`; the core has the values at once. */
  async data<D extends DataType = DataType>(): Promise<DataTypeMap[D]> {
    return this.dataSync<D>();
  }

  /** The values as nested arrays; a number for a scalar. */
  arraySync(): ArrayOf<R> {
    return nest(this.values(), this.shape) as ArrayOf<R>;
  }

  /** As `arraySync`. */
  async array(): Promise<ArrayOf<R>> {
    return this.arraySync();
  }

  protected values(): DataTypeMap[DataType] {
    if (this.isSymbolic) {
      throw new WasmgradError(
        'a symbolic tensor has no values: inside of compile(), layers, losses and metrics the shapes are recorded, not the numbers; ' +
          'return it from the function and read the result',
      );
    }
    const start = tensorStart(this.handle);
    const words = heap();
    if (this.dtype === 'bool') return Uint8Array.from(words.subarray(start, start + this.size));
    const bytes = words.slice(start, start + this.size).buffer;
    return this.dtype === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes);
  }

  /** The values as NumPy prints them; `verbose` says first what the tensor is. */
  toString(verbose = false): string {
    const text = this.isDisposed
      ? `<disposed tensor of shape [${this.shape}]>`
      : this.isSymbolic
        ? `<symbolic ${this.dtype} of shape [${this.shape}]>`
        : format(this.values(), this.shape, this.dtype);
    if (!verbose) return text;
    const { dtype, rank, shape } = this;
    const indented = text.replaceAll(/^(?=.)/gm, '    ');
    return `Tensor\n  dtype: ${dtype}\n  rank: ${rank}\n  shape: [${shape}]\n  values:\n${indented}`;
  }

  /** Prints the values to the console. */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }

  /** A scalar as a number, so that `loss < 0.1` and `${loss}` read as they look. */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === 'string' || this.size !== 1) return this.toString();
    return this.values()[0]!;
  }
}

Object.defineProperty(Tensor.prototype, BRAND, { value: true });
Object.defineProperty(Tensor.prototype, INSPECT, {
  value(this: Tensor) {
    const text = this.toString();
    if (text.startsWith('<')) return text;
    return `Tensor ${this.dtype} [${this.shape.join(', ')}]${this.rank === 0 ? ' ' : '\n'}${text}`;
  },
});

export type Scalar = Tensor<Rank.R0>;
export type Tensor1D = Tensor<Rank.R1>;
export type Tensor2D = Tensor<Rank.R2>;
export type Tensor3D = Tensor<Rank.R3>;
export type Tensor4D = Tensor<Rank.R4>;
export type Tensor5D = Tensor<Rank.R5>;
export type Tensor6D = Tensor<Rank.R6>;

/** `place: the tensor of shape [2, 3] was disposed; …` */
export function disposedError({ shape }: { shape: Shape }, place?: string): WasmgradError {
  return new WasmgradError(
    `${place === undefined ? '' : `${place}: `}the tensor of shape [${shape.join(', ')}] was disposed; keep it with keep(x), ` +
      'return it from tidy, or use it before x.dispose()',
  );
}

/** @throws if what a function of the user's gave is not a tensor. */
export function checkReturned(place: string, x: unknown): asserts x is Tensor {
  if (isTensor(x)) return;
  const given = x instanceof Promise ? 'a promise: it cannot be async' : describe(x);
  throw new WasmgradError(`${place} must return a tensor, got ${given}`);
}

/** Whether `x` is a tensor, of this copy of the library or of another one in the process. */
export function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor || (typeof x === 'object' && x !== null && BRAND in x);
}
