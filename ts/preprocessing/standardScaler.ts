// StandardScaler: columns with mean 0 and standard deviation 1, by scikit-learn's rule.
import { describe, WasmgradError } from '../core/errors.js';
import { checkOptions, FLAG, type Rules } from '../core/options.js';
import type { ConfigDict } from '../serialization.js';
import { flattenInto, inferShape, type Shape } from '../tensor/dtypes.js';
import { create, type TensorLike } from '../tensor/run.js';
import { isTensor, type Tensor } from '../tensor/tensor.js';

export interface StandardScalerArgs {
  /** Whether to take the mean away. Default: true. */
  withMean?: boolean;
  /** Whether to divide by the standard deviation. Default: true. */
  withStd?: boolean;
}

const RULES: Rules<StandardScalerArgs> = { withMean: FLAG, withStd: FLAG };

/** Values in double precision, with their shape. */
interface Table {
  readonly values: Float32Array | Float64Array | Int32Array | Uint8Array;
  readonly shape: Shape;
}

/**
 * Scales each column of (samples, features) by what `fit` saw: `(x - mean) / scale`. The numbers are computed by the host in
 * double precision; NaN counts for nothing and stays.
 */
export class StandardScaler {
  /** The mean of each column, after `fit`. */
  mean: readonly number[] | undefined;
  /** The variance of each column, over all samples. */
  variance: readonly number[] | undefined;
  /** What columns are divided by: their standard deviations, 1 for constant ones. */
  scale: readonly number[] | undefined;
  private readonly withMean: boolean;
  private readonly withStd: boolean;

  constructor(args: StandardScalerArgs = {}) {
    checkOptions('StandardScaler', args, RULES);
    this.withMean = args.withMean ?? true;
    this.withStd = args.withStd ?? true;
  }

  /**
   * Takes mean and deviation of each column from the data.
   * @throws if they are no table, empty, or infinite; nothing changes then
   */
  fit(x: TensorLike): this {
    const table = read('fit', x);
    const columns = Array.from({ length: table.shape[1]! }, (_, column) => moments(table, column));
    const endless = columns.findIndex(({ mean }) => !Number.isFinite(mean));
    if (endless >= 0 || columns.length === 0) {
      throw new WasmgradError(
        `StandardScaler.fit: expected finite numbers in each column of [samples, features], got mean ${columns[endless]?.mean} in column ${endless} of shape [${table.shape}]`,
      );
    }
    this.mean = columns.map(({ mean }) => mean);
    this.variance = columns.map(({ variance }) => variance);
    this.scale = columns.map(({ variance, isConstant }) => (isConstant || !this.withStd ? 1 : Math.sqrt(variance)));
    return this;
  }

  /** The scaled table, as float32. @throws before `fit`, or if the number of columns is another one. */
  transform(x: TensorLike): Tensor {
    return this.map('transform', x, (value, mean, scale) => (value - mean) / scale);
  }

  /** `fit`, then `transform`. */
  fitTransform(x: TensorLike): Tensor {
    return this.fit(x).transform(x);
  }

  /** The table that `transform` would make this one of. */
  inverseTransform(x: TensorLike): Tensor {
    return this.map('inverseTransform', x, (value, mean, scale) => value * scale + mean);
  }

  private map(method: string, x: TensorLike, f: (value: number, mean: number, scale: number) => number): Tensor {
    const { mean, scale } = this;
    if (mean === undefined || scale === undefined) {
      throw new WasmgradError(`StandardScaler.${method}: it has seen no data yet; call fit(x) first`);
    }
    const { values, shape } = read(method, x);
    const n = mean.length;
    if (shape[1] !== n) {
      throw new WasmgradError(`StandardScaler.${method}: it was fitted to ${n} columns, got shape [${shape}]`);
    }
    return create(shape, 'float32', (view) => {
      for (let i = 0; i < view.length; i++) {
        const column = i % n;
        view[i] = f(values[i]!, this.withMean ? mean[column]! : 0, scale[column]!);
      }
    });
  }

  /** All that it knows, as JSON. */
  getConfig(): ConfigDict {
    const { withMean, withStd, mean, variance, scale } = this;
    return { withMean, withStd, ...(mean && { mean, variance, scale }) };
  }

  /** The scaler whose `getConfig` gave this. */
  static fromConfig({ mean, variance, scale, ...args }: ConfigDict): StandardScaler {
    return Object.assign(new StandardScaler(args), mean === undefined ? {} : { mean, variance, scale });
  }
}

function read(method: string, x: TensorLike): Table {
  const place = `StandardScaler.${method}`;
  const shape = isTensor(x) ? x.shape : inferShape(place, x);
  if (shape.length !== 2) {
    throw new WasmgradError(
      `${place}: expected a table of shape [samples, features], got ${isTensor(x) ? `shape [${shape}]` : describe(x)}; make one column by [n, 1]`,
    );
  }
  if (isTensor(x)) return { values: x.dataSync(), shape };
  const values = new Float64Array(shape[0]! * shape[1]!);
  flattenInto(x, values);
  return { values, shape };
}

/** Mean and variance of a column, and whether the variance is that of rounding alone. */
function moments({ values, shape }: Table, column: number): { mean: number; variance: number; isConstant: boolean } {
  let [n, sum] = [0, 0];
  const each = (f: (value: number) => void) => {
    for (let i = column; i < values.length; i += shape[1]!) if (!Number.isNaN(values[i])) f(values[i]!);
  };
  each((value) => (n++, (sum += value)));
  const mean = sum / n;
  // The sum of the deviations, 0 but for rounding, corrects that of their squares.
  let [squares, rest] = [0, 0];
  each((value) => {
    squares += (value - mean) ** 2;
    rest += value - mean;
  });
  const variance = (squares - rest ** 2 / n) / n;
  const bound = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;
  return { mean, variance, isConstant: variance <= bound };
}
