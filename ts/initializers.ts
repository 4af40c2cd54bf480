// Initial weights, equal to Keras 3's for the same seed.
import { check, seam } from './core/core.js';
import { WasmgradError, checkOptions } from './core/errors.js';
import { Registry } from './core/registry.js';
import { ops } from './ops.gen.js';
import type { ConfigDict } from './serialization.js';
import { sizeOf, type DataType, type NestedArray } from './tensor/dtypes.js';
import { create, fromValues, run, runAll } from './tensor/run.js';
import type { Tensor } from './tensor/tensor.js';

/** A rule for initial weights. */
export abstract class Initializer {
  static className = 'Initializer';

  /** New values of this shape. */
  abstract apply(shape: number[], dtype?: DataType): Tensor;

  getClassName(): string {
    return (this.constructor as typeof Initializer).className;
  }

  getConfig(): ConfigDict {
    return {};
  }
}

/** A name, an initializer, or `{ className, config }` as a file holds it. */
export type InitializerIdentifier = string | Initializer | { className: string; config: ConfigDict };

/** A seed is drawn when the initializer is made, so that the order of layers decides, as in Keras. */
abstract class Random extends Initializer {
  protected readonly seed: number;

  constructor(seed: number | undefined) {
    super();
    this.seed = seed ?? check(seam.random_next_seed());
  }

  /** Draws with the key (seed, 0). The same initializer gives the same values each time. */
  protected draw(f: (state: Tensor) => Tensor[]): Tensor {
    const state = create([2], 'int32', (view) => view.set([this.seed, 0]));
    const [values] = f(state);
    state.dispose();
    return values!;
  }

  override getConfig(): ConfigDict {
    return { seed: this.seed };
  }
}

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

/** All weights equal `value`, a number or an array that fills the shape. */
export class Constant extends Initializer {
  static override className = 'Constant';
  private readonly value: NestedArray;

  constructor({ value = 0 }: { value?: NestedArray } = {}) {
    super();
    this.value = value;
  }

  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    if (typeof this.value === 'number') return run(ops.fill, [], shape, this.value, dtype);
    return fromValues('constant initializer', this.value, shape, dtype);
  }

  override getConfig(): ConfigDict {
    return { value: this.value };
  }
}

/** `gain` on the diagonal of a matrix. */
export class Identity extends Initializer {
  static override className = 'Identity';
  private readonly gain: number;

  constructor({ gain = 1 }: { gain?: number } = {}) {
    super();
    this.gain = gain;
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

/** Uniform in [minval, maxval). Defaults: -0.05, 0.05. */
export class RandomUniform extends Random {
  static override className = 'RandomUniform';
  private readonly minval: number;
  private readonly maxval: number;

  constructor(args: { minval?: number; maxval?: number; seed?: number } = {}) {
    super(args.seed);
    checkOptions('randomUniform initializer', args, ['minval', 'maxval', 'seed']);
    this.minval = args.minval ?? -0.05;
    this.maxval = args.maxval ?? 0.05;
  }

  apply(shape: number[]): Tensor {
    return this.draw((state) => runAll(ops.uniform, [state], shape, this.minval, this.maxval));
  }

  override getConfig(): ConfigDict {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

interface NormalArgs {
  /** Default: 0. */
  mean?: number;
  /** Default: 0.05. */
  stddev?: number;
  seed?: number;
}

/** Normal. Defaults: mean 0, stddev 0.05. */
export class RandomNormal extends Random {
  static override className = 'RandomNormal';
  protected readonly mean: number;
  protected readonly stddev: number;

  constructor(args: NormalArgs = {}) {
    super(args.seed);
    checkOptions('normal initializer', args, ['mean', 'stddev', 'seed']);
    this.mean = args.mean ?? 0;
    this.stddev = args.stddev ?? 0.05;
  }

  apply(shape: number[]): Tensor {
    return this.draw((state) => runAll(ops.normal, [state], shape, this.mean, this.stddev));
  }

  override getConfig(): ConfigDict {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/** Normal, drawn again beyond two standard deviations. */
export class TruncatedNormal extends RandomNormal {
  static override className = 'TruncatedNormal';
  override apply(shape: number[]): Tensor {
    return this.draw((state) => runAll(ops.truncatedNormal, [state], shape, this.mean, this.stddev));
  }
}

export interface VarianceScalingArgs {
  /** Default: 1. */
  scale?: number;
  /** Default: fanIn. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  /** Default: truncatedNormal. 'normal' is another name of it. */
  distribution?: 'uniform' | 'truncatedNormal' | 'normal' | 'untruncatedNormal';
  seed?: number;
}

/** The standard deviation of a normal that is cut at two of its own. */
const TRUNCATED_STDDEV = 0.87962566103423978;

/** Random with variance scale / fan. */
export class VarianceScaling extends Random {
  static override className: string = 'VarianceScaling';
  private readonly scale: number;
  private readonly mode: string;
  private readonly distribution: string;

  constructor(args: VarianceScalingArgs = {}) {
    super(args.seed);
    checkOptions('varianceScaling initializer', args, ['scale', 'mode', 'distribution', 'seed']);
    this.scale = args.scale ?? 1;
    this.mode = args.mode ?? 'fanIn';
    this.distribution = args.distribution ?? 'truncatedNormal';
  }

  apply(shape: number[]): Tensor {
    const [fanIn, fanOut] = fans(shape);
    const fan = this.mode === 'fanIn' ? fanIn : this.mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const scale = this.scale / Math.max(1, fan);
    return this.draw((state) => {
      if (this.distribution === 'uniform') {
        const limit = Math.sqrt(3 * scale);
        return runAll(ops.uniform, [state], shape, -limit, limit);
      }
      if (this.distribution === 'untruncatedNormal') return runAll(ops.normal, [state], shape, 0, Math.sqrt(scale));
      return runAll(ops.truncatedNormal, [state], shape, 0, Math.sqrt(scale) / TRUNCATED_STDDEV);
    });
  }

  override getConfig(): ConfigDict {
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, ...super.getConfig() };
  }
}

/** How many inputs and outputs a weight of this shape connects. */
function fans(shape: number[]): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const receptive = sizeOf(shape.slice(0, -2));
  return [receptive * shape.at(-2)!, receptive * shape.at(-1)!];
}

/** The class of a variance scaling of which only the seed is left to choose. */
interface ScalingClass {
  className: string;
  new (args?: { seed?: number }): Initializer;
}

/** A variance scaling with its options chosen; only the seed is left. */
function scaling(className: string, options: Omit<VarianceScalingArgs, 'seed'>): ScalingClass {
  return class extends VarianceScaling {
    static override className = className;

    constructor(args: { seed?: number } = {}) {
      checkOptions(className, args, ['seed']);
      super({ ...options, ...args });
    }

    override getConfig(): ConfigDict {
      return { seed: this.seed };
    }
  };
}

export const GlorotUniform = scaling('GlorotUniform', { mode: 'fanAvg', distribution: 'uniform' });
export const GlorotNormal = scaling('GlorotNormal', { mode: 'fanAvg' });
export const HeUniform = scaling('HeUniform', { scale: 2, distribution: 'uniform' });
export const HeNormal = scaling('HeNormal', { scale: 2 });
export const LeCunUniform = scaling('LecunUniform', { distribution: 'uniform' });
export const LeCunNormal = scaling('LecunNormal', {});

/** A random orthogonal matrix times `gain`; dimensions but the last count as rows. */
export class Orthogonal extends Random {
  static override className = 'Orthogonal';
  private readonly gain: number;

  constructor(args: { gain?: number; seed?: number } = {}) {
    super(args.seed);
    checkOptions('orthogonal initializer', args, ['gain', 'seed']);
    this.gain = args.gain ?? 1;
  }

  apply(shape: number[]): Tensor {
    if (shape.length < 2)
      throw new WasmgradError(`orthogonal initializer: expected at least two dimensions, got [${shape}]`);
    const columns = shape.at(-1)!;
    const rows = sizeOf(shape) / columns;
    const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
    const normal = this.draw((state) => runAll(ops.normal, [state], [m, n], 0, 1));
    const q = orthonormalColumns(Float64Array.from(normal.dataSync()), m, n);
    normal.dispose();
    return create(shape, 'float32', (view) => {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          view[i * columns + j] = this.gain * (rows < columns ? q[j * n + i]! : q[i * n + j]!);
        }
      }
    });
  }

  override getConfig(): ConfigDict {
    return { gain: this.gain, ...super.getConfig() };
  }
}

/**
 * The Q of a's QR decomposition with a positive diagonal of R, which is unique: Gram and Schmidt, twice is enough.
 * @param a (m, n), m >= n; overwritten
 */
function orthonormalColumns(a: Float64Array, m: number, n: number): Float64Array {
  const dot = (j: number, k: number) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += a[i * n + j]! * a[i * n + k]!;
    return sum;
  };
  for (let j = 0; j < n; j++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const along = dot(j, k);
        for (let i = 0; i < m; i++) a[i * n + j]! -= along * a[i * n + k]!;
      }
    }
    const length = Math.sqrt(dot(j, j));
    for (let i = 0; i < m; i++) a[i * n + j]! /= length;
  }
  return a;
}

type InitializerClass = new (config?: never) => Initializer;

const initializers = new Registry<InitializerClass>('initializer', {
  zeros: Zeros,
  ones: Ones,
  constant: Constant,
  identity: Identity,
  randomUniform: RandomUniform,
  uniform: RandomUniform,
  randomNormal: RandomNormal,
  normal: RandomNormal,
  truncatedNormal: TruncatedNormal,
  varianceScaling: VarianceScaling,
  glorotUniform: GlorotUniform,
  glorotNormal: GlorotNormal,
  heUniform: HeUniform,
  heNormal: HeNormal,
  leCunUniform: LeCunUniform,
  leCunNormal: LeCunNormal,
  orthogonal: Orthogonal,
});

/**
 * The initializer of a name.
 * @throws on an unknown name, with the nearest one.
 */
export function getInitializer(place: string, identifier: InitializerIdentifier): Initializer {
  if (identifier instanceof Initializer) return identifier;
  if (typeof identifier !== 'object') return new (initializers.get(place, identifier))();
  return new (initializers.get(place, identifier.className))(identifier.config as never);
}

/** An initializer as a file holds it. */
export function serializeInitializer(initializer: Initializer): { className: string; config: ConfigDict } {
  return { className: initializer.getClassName(), config: initializer.getConfig() };
}
