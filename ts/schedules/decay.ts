// Keras's schedules. Each operation is rounded to float32, as there; steps are counted from 0.
import {
  FLAG,
  FINITE,
  FROM_ZERO,
  orNull,
  POSITIVE,
  required,
  wholeFrom,
  type Rule,
  type Stated,
} from '../core/options.js';
import { WasmgradError } from '../core/errors.js';
import { LearningRateSchedule } from './schedule.js';

const f32 = Math.fround;
const power = (base: number, exponent: number) => f32(f32(base) ** f32(exponent));
/** x / y */
const ratio = (x: number, y: number) => f32(f32(x) / f32(y));
/** What is left of 1 after a part of a half wave of the cosine. */
const cosine = (part: number) => f32(0.5 * f32(1 + f32(Math.cos(f32(f32(Math.PI) * part)))));
/** x, and the part `alpha` of 1 at least. */
const above = (alpha: number, x: number) => f32(f32(f32(1 - alpha) * x) + f32(alpha));

/** An option without a default. */
const needed = (rule: Rule) => [required(rule), undefined as never] as const;

export interface DecayArgs {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** After how many steps the decay is that of `decayRate`. */
  decaySteps: number;
  /** How much the rate decays. */
  decayRate: number;
  /** Whether the rate decays at each `decaySteps` steps at once. Default: false. */
  staircase?: boolean;
  name?: string;
}

const DECAY: Stated<Required<Omit<DecayArgs, 'name'>>> = {
  initialLearningRate: needed(FROM_ZERO),
  decaySteps: needed(POSITIVE),
  decayRate: needed(FROM_ZERO),
  staircase: [FLAG, false],
};

abstract class Decay extends LearningRateSchedule<Required<Omit<DecayArgs, 'name'>>> {
  constructor(args: DecayArgs) {
    super(args, DECAY);
  }

  /** How many times `decaySteps` steps are over. */
  protected times(step: number): number {
    const times = ratio(step, this.options.decaySteps);
    return this.options.staircase ? Math.floor(times) : times;
  }
}

/** initialLearningRate * decayRate^(step / decaySteps) */
export class ExponentialDecay extends Decay {
  static override className = 'ExponentialDecay';

  call(step: number): number {
    return f32(f32(this.options.initialLearningRate) * power(this.options.decayRate, this.times(step)));
  }
}

/** initialLearningRate / (1 + decayRate * step / decaySteps) */
export class InverseTimeDecay extends Decay {
  static override className = 'InverseTimeDecay';

  call(step: number): number {
    const { initialLearningRate, decayRate } = this.options;
    return ratio(initialLearningRate, f32(1 + f32(f32(decayRate) * this.times(step))));
  }
}

export interface PolynomialDecayArgs {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** How many steps it takes to `endLearningRate`. */
  decaySteps: number;
  /** The last rate. Default: 0.0001. */
  endLearningRate?: number;
  /** Default: 1, a line. */
  power?: number;
  /** Whether the decay begins again, over as many more steps, instead of ending. Default: false. */
  cycle?: boolean;
  name?: string;
}

/** (initialLearningRate - endLearningRate) * (1 - step / decaySteps)^power + endLearningRate */
export class PolynomialDecay extends LearningRateSchedule<Required<Omit<PolynomialDecayArgs, 'name'>>> {
  static override className = 'PolynomialDecay';

  constructor(args: PolynomialDecayArgs) {
    super(args, {
      initialLearningRate: needed(FROM_ZERO),
      decaySteps: needed(POSITIVE),
      endLearningRate: [FROM_ZERO, 0.0001],
      power: [FINITE, 1],
      cycle: [FLAG, false],
    });
  }

  call(step: number): number {
    const { initialLearningRate, decaySteps, endLearningRate, power: exponent, cycle } = this.options;
    const end = f32(endLearningRate);
    const steps = cycle ? decaySteps * Math.max(1, Math.ceil(ratio(step, decaySteps))) : decaySteps;
    const part = ratio(Math.min(step, steps), steps);
    return f32(f32(f32(f32(initialLearningRate) - end) * power(1 - part, exponent)) + end);
  }
}

export interface PiecewiseConstantDecayArgs {
  /** The last step of each value but the last one, rising. */
  boundaries: readonly number[];
  /** The rates: one more than there are boundaries. */
  values: readonly number[];
  name?: string;
}

/** values[i] up to step boundaries[i], the last value from then on. */
export class PiecewiseConstantDecay extends LearningRateSchedule<Omit<PiecewiseConstantDecayArgs, 'name'>> {
  static override className = 'PiecewiseConstantDecay';

  constructor(args: PiecewiseConstantDecayArgs) {
    const numbers = (least: number): Rule => ({
      ok: (x) => Array.isArray(x) && x.length >= least && x.every(Number.isFinite),
      expected: `a list of numbers`,
    });
    super(args, { boundaries: needed(numbers(1)), values: needed(numbers(2)) }, 'PiecewiseConstant');
    const { boundaries, values } = args;
    if (values.length !== boundaries.length + 1) {
      throw new WasmgradError(
        `schedule PiecewiseConstantDecay: ${boundaries.length} boundaries part ${boundaries.length + 1} values, got ` +
          `${values.length}`,
      );
    }
  }

  call(step: number): number {
    const { boundaries, values } = this.options;
    const at = boundaries.findIndex((boundary) => step <= Math.trunc(boundary));
    return f32(values.at(at)!);
  }
}

export interface CosineDecayArgs {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** How many steps the decay takes. */
  decaySteps: number;
  /** The last rate, as a part of the largest. Default: 0. */
  alpha?: number;
  /** The rate to which the warm-up rises, and from which the rate decays. Default: none, and there is no warm-up. */
  warmupTarget?: number | null;
  /** How many steps the warm-up takes; the decay follows it. Default: 0. */
  warmupSteps?: number;
  name?: string;
}

/** rate * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha), after a rise in a line if there is a warm-up. */
export class CosineDecay extends LearningRateSchedule<Required<Omit<CosineDecayArgs, 'name'>>> {
  static override className = 'CosineDecay';

  constructor(args: CosineDecayArgs) {
    super(args, {
      initialLearningRate: needed(FROM_ZERO),
      decaySteps: needed(POSITIVE),
      alpha: [FROM_ZERO, 0],
      warmupTarget: [orNull(FROM_ZERO), null],
      warmupSteps: [wholeFrom(0), 0],
    });
  }

  call(step: number): number {
    const { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps } = this.options;
    const first = f32(initialLearningRate);
    const warmup = warmupTarget === null ? 0 : warmupSteps;
    if (step < warmup) return f32(f32(f32(f32(warmupTarget!) - first) * ratio(step, warmup)) + first);
    const part = ratio(Math.min(step - warmup, decaySteps), decaySteps);
    return f32(f32(warmupTarget ?? first) * above(alpha, cosine(part)));
  }
}

export interface CosineDecayRestartsArgs {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** How many steps the first decay takes. */
  firstDecaySteps: number;
  /** How many times as long each further decay is. Default: 2. */
  tMul?: number;
  /** What the rate at each restart is multiplied by. Default: 1. */
  mMul?: number;
  /** The last rate of a decay, as a part of `initialLearningRate`. Default: 0. */
  alpha?: number;
  name?: string;
}

/** Cosine decay that begins anew, over a longer time, when it ends. */
export class CosineDecayRestarts extends LearningRateSchedule<Required<Omit<CosineDecayRestartsArgs, 'name'>>> {
  static override className = 'CosineDecayRestarts';

  constructor(args: CosineDecayRestartsArgs) {
    super(
      args,
      {
        initialLearningRate: needed(FROM_ZERO),
        firstDecaySteps: needed(POSITIVE),
        tMul: [POSITIVE, 2],
        mMul: [FROM_ZERO, 1],
        alpha: [FROM_ZERO, 0],
      },
      'SGDRDecay',
    );
  }

  call(step: number): number {
    const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = this.options;
    const t = f32(tMul);
    let part = ratio(step, firstDecaySteps);
    let restarts = Math.floor(part);
    if (t === 1) part = f32(part - restarts);
    else {
      restarts = Math.floor(ratio(Math.log(f32(1 - f32(part * f32(1 - t)))), Math.log(t)));
      const long = power(t, restarts);
      part = ratio(f32(part - ratio(f32(1 - long), f32(1 - t))), long);
    }
    return f32(f32(initialLearningRate) * above(alpha, f32(power(mMul, restarts) * cosine(part))));
  }
}
