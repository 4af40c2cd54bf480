// Random initial weights whose variance depends on how many inputs and outputs they connect.
import { ANY, checkOptions, POSITIVE, SEED } from '../core/options.js';
import { Registry } from '../core/registry.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { sizeOf } from '../tensor/dtypes.js';
import { runAll } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Initializer, Random, type SeedArgs } from './initializer.js';

export interface VarianceScalingArgs extends SeedArgs {
  /** Default: 1. */
  scale?: number;
  /** Default: fanIn. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  /** Default: truncatedNormal. 'normal' is another name of it. */
  distribution?: 'uniform' | 'truncatedNormal' | 'normal' | 'untruncatedNormal';
}

/** Values of mean 0 and a variance. */
type Draw = (state: Tensor, shape: number[], variance: number) => Tensor[];

/** The standard deviation of a normal that is cut at two of its own. */
const TRUNCATED_STDDEV = 0.87962566103423978;

const modes = new Registry<(fanIn: number, fanOut: number) => number>('mode', {
  fanIn: (fanIn) => fanIn,
  fanOut: (_, fanOut) => fanOut,
  fanAvg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
});

const truncated: Draw = (state, shape, variance) =>
  runAll(ops.truncatedNormal, [state], shape, 0, Math.sqrt(variance) / TRUNCATED_STDDEV);

const distributions = new Registry<Draw>('distribution', {
  uniform: (state, shape, variance) => {
    const limit = Math.sqrt(3 * variance);
    return runAll(ops.uniform, [state], shape, -limit, limit);
  },
  truncatedNormal: truncated,
  normal: truncated,
  untruncatedNormal: (state, shape, variance) => runAll(ops.normal, [state], shape, 0, Math.sqrt(variance)),
});

/** Random with variance scale / fan. */
export class VarianceScaling extends Random {
  static override className: string = 'VarianceScaling';
  private readonly scale: number;
  private readonly mode: string;
  private readonly distribution: string;

  constructor(args: VarianceScalingArgs = {}) {
    checkOptions('varianceScaling initializer', args, { scale: POSITIVE, mode: ANY, distribution: ANY, seed: SEED });
    const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal' } = args;
    modes.get('varianceScaling initializer', mode);
    distributions.get('varianceScaling initializer', distribution);
    super(args.seed);
    [this.scale, this.mode, this.distribution] = [scale, mode, distribution];
  }

  apply(shape: number[]): Tensor {
    const fan = modes.get('varianceScaling', this.mode)(...fans(shape));
    const draw = distributions.get('varianceScaling', this.distribution);
    return this.draw((state) => draw(state, shape, this.scale / Math.max(1, fan)));
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
  new (args?: SeedArgs): Initializer;
}

/** A variance scaling with its options chosen; only the seed is left. */
function scaling(className: string, options: Omit<VarianceScalingArgs, 'seed'>): ScalingClass {
  return class extends VarianceScaling {
    static override className = className;

    constructor(args: SeedArgs = {}) {
      checkOptions(`${className} initializer`, args, { seed: SEED });
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
