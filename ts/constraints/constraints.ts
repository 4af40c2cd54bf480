// Constraints: what weights are brought back to after each step. Keras 3's formulas and defaults.
import { AXES, FROM_ZERO, FROM_ZERO_TO_ONE, type Stated } from '../core/options.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, type Axes, clip, div, EPSILON, maximum, mul, norms } from '../tensor/words.js';
import { WeightRule, type TensorFunction } from '../weightRule.js';

/** What a weight is brought back to. A class of one's own writes `apply`, and `getConfig` if models with it are saved. */
export abstract class Constraint<Options extends object = object> extends WeightRule<Options> {
  static override className = 'Constraint';

  /** @throws if an option is unknown, or breaks its rule */
  constructor(args: Partial<Options> = {}, stated = {} as Stated<Options>) {
    super('constraint', args, stated);
  }

  /** The weight that takes the place of w: of the same shape and dtype. */
  abstract override apply(w: Tensor): Tensor;
}

/** A user's function as a constraint. It has no class name: it is not saved. */
export class CustomConstraint extends Constraint {
  static override className = '';

  constructor(private readonly f: TensorFunction) {
    super();
  }

  apply(w: Tensor): Tensor {
    return this.f(w);
  }
}

export interface NormArgs {
  /** Along which axes a vector of the weight lies, or null for one vector. Default: 0, for all inputs of a unit. */
  axis: Axes;
}

const AXIS: Stated<NormArgs> = { axis: [AXES, 0] };

/** The vectors of w in the lengths that `wanted` makes of theirs. */
function rescaled(w: Tensor, axis: Axes, wanted: (lengths: Tensor) => Tensor): Tensor {
  const lengths = norms(w, axis);
  return mul(w, div(wanted(lengths), add(lengths, EPSILON)));
}

export interface MaxNormArgs extends NormArgs {
  /** Default: 2. */
  maxValue: number;
}

/** Vectors longer than `maxValue` are shortened to it. */
export class MaxNorm extends Constraint<MaxNormArgs> {
  static override className = 'MaxNorm';

  constructor(args?: Partial<MaxNormArgs>) {
    super(args, { maxValue: [FROM_ZERO, 2], ...AXIS });
  }

  apply(w: Tensor): Tensor {
    const { maxValue, axis } = this.options;
    return rescaled(w, axis, (lengths) => clip(lengths, 0, maxValue));
  }
}

export interface MinMaxNormArgs extends NormArgs {
  /** Default: 0. */
  minValue: number;
  /** Default: 1. */
  maxValue: number;
  /** How much of the way a length goes at each step, from 0 to 1. Default: 1. */
  rate: number;
}

/** The lengths of vectors are brought between `minValue` and `maxValue`. */
export class MinMaxNorm extends Constraint<MinMaxNormArgs> {
  static override className = 'MinMaxNorm';

  constructor(args?: Partial<MinMaxNormArgs>) {
    super(args, { minValue: [FROM_ZERO, 0], maxValue: [FROM_ZERO, 1], rate: [FROM_ZERO_TO_ONE, 1], ...AXIS });
  }

  apply(w: Tensor): Tensor {
    const { minValue, maxValue, rate, axis } = this.options;
    return rescaled(w, axis, (lengths) => add(mul(clip(lengths, minValue, maxValue), rate), mul(lengths, 1 - rate)));
  }
}

/** Negative weights become 0. */
export class NonNeg extends Constraint {
  static override className = 'NonNeg';

  apply(w: Tensor): Tensor {
    return maximum(w, 0);
  }
}

/** Each vector gets the length 1. */
export class UnitNorm extends Constraint<NormArgs> {
  static override className = 'UnitNorm';

  constructor(args?: Partial<NormArgs>) {
    super(args, AXIS);
  }

  apply(w: Tensor): Tensor {
    return div(w, add(norms(w, this.options.axis), EPSILON));
  }
}
