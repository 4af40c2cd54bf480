// Random initial weights, equal to Keras 3's for the same seed.
import { checkOptions, FINITE, FROM_ZERO, SEED } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { runAll } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { Random, type SeedArgs } from './initializer.js';

export interface UniformArgs extends SeedArgs {
  /** Default: -0.05. */
  minval?: number;
  /** Default: 0.05. */
  maxval?: number;
}

/** Uniform in [minval, maxval). Defaults: -0.05, 0.05. */
export class RandomUniform extends Random {
  static override className = 'RandomUniform';
  private readonly minval: number;
  private readonly maxval: number;

  constructor(args: UniformArgs = {}) {
    checkOptions('randomUniform initializer', args, { minval: FINITE, maxval: FINITE, seed: SEED });
    super(args.seed);
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

export interface NormalArgs extends SeedArgs {
  /** Default: 0. */
  mean?: number;
  /** Default: 0.05. */
  stddev?: number;
}

/** Normal. Defaults: mean 0, stddev 0.05. */
export class RandomNormal extends Random {
  static override className = 'RandomNormal';
  protected readonly mean: number;
  protected readonly stddev: number;

  constructor(args: NormalArgs = {}) {
    checkOptions('normal initializer', args, { mean: FINITE, stddev: FROM_ZERO, seed: SEED });
    super(args.seed);
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
