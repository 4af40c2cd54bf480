// A tensor that can still be written to, element by element.
import { WasmgradError } from '../core/errors.js';
import { checkShape, checkDtype, sizeOf, type DataType, type DataTypeMap, type Shape } from './dtypes.js';
import type { AnyRank, Rank } from './rank.js';
import { create } from './run.js';
import type { Tensor } from './tensor.js';

/** Values in JavaScript that become a tensor by `toTensor`. Users call `wg.buffer`. */
export class TensorBuffer<R extends Rank = AnyRank, D extends DataType = DataType> {
  readonly size: number;
  readonly shape: Shape;
  readonly dtype: D;
  /** How many elements apart neighbours are in each dimension but the last. */
  readonly strides: number[];
  /** All elements, row-major. */
  values: DataTypeMap[D];

  /** @throws if there are values, and they do not fill the shape. */
  constructor(shape: Shape, dtype: D, values?: DataTypeMap[D]) {
    checkShape('buffer', shape);
    checkDtype('buffer', dtype);
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.strides = stridesOf(shape);
    if (values !== undefined && values.length !== this.size) {
      throw new WasmgradError(`buffer: ${values.length} values do not fill shape [${shape}] of ${this.size} elements`);
    }
    this.values = values ?? (new ARRAYS[dtype](this.size) as DataTypeMap[D]);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Writes the element at a place. @throws if the place does not exist. */
  set(value: number | boolean, ...locs: number[]): void {
    this.values[this.locToIndex(locs)] = Number(value);
  }

  /** The element at a place. @throws if the place does not exist. */
  get(...locs: number[]): number {
    return this.values[this.locToIndex(locs)]!;
  }

  /** Where a place lies among `values`. A scalar may be asked for with any single number. */
  locToIndex(locs: readonly number[]): number {
    const { shape, strides } = this;
    if (shape.length === 0 && locs.length <= 1) return 0;
    let index = 0;
    let exists = locs.length === shape.length;
    for (let i = 0; exists && i < locs.length; i++) {
      const loc = locs[i]!;
      exists = loc >= 0 && loc < shape[i]!;
      index += loc * (strides[i] ?? 1);
    }
    if (!exists) throw new WasmgradError(`buffer: place [${locs}] does not exist in shape [${shape}]`);
    return index;
  }

  /** The place that lies at `index` among `values`. */
  indexToLoc(index: number): number[] {
    let rest = index;
    return this.shape.map((_, i) => {
      const stride = this.strides[i] ?? 1;
      const loc = Math.floor(rest / stride);
      rest -= loc * stride;
      return loc;
    });
  }

  /** A tensor of the values of this moment. */
  toTensor(): Tensor<R> {
    const { shape, dtype, values } = this;
    return create([...shape], dtype, (view) => {
      view.set(values);
      if (dtype === 'bool') for (let i = 0; i < view.length; i++) view[i] = view[i] === 0 ? 0 : 1;
    }) as Tensor<R>;
  }
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** How many elements apart neighbours are in each dimension but the last, row-major. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.slice(1).map((_, i) => sizeOf(shape.slice(i + 1)));
}

/**
 * A `TensorBuffer` of zeros, or of values that it takes over.
 * @throws if the values do not fill the shape.
 */
export function buffer<R extends Rank = AnyRank, D extends DataType = 'float32'>(
  shape: Shape,
  dtype: D = 'float32' as D,
  values?: DataTypeMap[D],
): TensorBuffer<R, D> {
  return new TensorBuffer<R, D>(shape, dtype, values);
}
