// Initial weights that are known beforehand.
import { WasmgradError } from '../core/errors.js';
import { ANY, checkOptions, FINITE } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { inferShape, type DataType, type NestedArray } from '../tensor/dtypes.js';
import { create, fromValues, run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { Initializer } from './initializer.js';

export class Zeros extends Initializer {
  static override className = 'Zeros';
  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    return run(ops.fill, [], shape, 0, dtype);
  }
}

export class Ones extends Initializer {
  static override className = 'Ones';
  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    return run(ops.fill, [], shape, 1, dtype);
  }
}

export interface ConstantArgs {
  /** Default: 0. */
  value?: NestedArray;
}

/** All weights equal `value`, a number or an array that fills the shape. */
export class Constant extends Initializer {
  static override className = 'Constant';
  private readonly value: NestedArray;

  constructor(args: ConstantArgs = {}) {
    super();
    checkOptions('constant initializer', args, { value: ANY });
    if (args.value !== undefined) inferShape('constant initializer: value', args.value);
    this.value = args.value ?? 0;
  }

  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    if (typeof this.value === 'number') return run(ops.fill, [], shape, this.value, dtype);
    return fromValues('constant initializer', this.value, shape, dtype);
  }

  override getConfig(): ConfigDict {
    return { value: this.value };
  }
}

export interface IdentityArgs {
  /** Default: 1. */
  gain?: number;
}

/** `gain` on the diagonal of a matrix. */
export class Identity extends Initializer {
  static override className = 'Identity';
  private readonly gain: number;

  constructor(args: IdentityArgs = {}) {
    super();
    checkOptions('identity initializer', args, { gain: FINITE });
    this.gain = args.gain ?? 1;
  }

  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    if (shape.length !== 2) throw new WasmgradError(`identity initializer: expected a matrix, got shape [${shape}]`);
    const [rows, columns] = shape as [number, number];
    return create(shape, dtype, (view) => {
      view.fill(0);
      for (let i = 0; i < Math.min(rows, columns); i++) view[i * columns + i] = this.gain;
    });
  }

  override getConfig(): ConfigDict {
    return { gain: this.gain };
  }
}
