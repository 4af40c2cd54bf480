// Regularizers: what weights or outputs cost, besides the loss. Keras 3's formulas and defaults.
import { WasmgradError } from '../core/errors.js';
import { FROM_ZERO, oneOf, type Stated } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { abs, add, equal, mul, square, sumAll, unit, where } from '../tensor/words.js';
import { WeightRule, type TensorFunction } from '../weightRule.js';

/** What a tensor costs. A class of one's own writes `apply`, and `getConfig` if models with it are saved. */
export abstract class Regularizer<Options extends object = object> extends WeightRule<Options> {
  static override className = 'Regularizer';

  /** @throws if an option is unknown, or breaks its rule */
  constructor(args: Partial<Options> = {}, stated = {} as Stated<Options>) {
    super('regularizer', args, stated);
  }

  /** The penalty of x: a scalar. */
  abstract override apply(x: Tensor): Tensor;
}

/** A user's function as a regularizer. It has no class name: it is not saved. */
export class CustomRegularizer extends Regularizer {
  static override className = '';

  constructor(private readonly f: TensorFunction) {
    super();
  }

  apply(x: Tensor): Tensor {
    return this.f(x);
  }
}

export interface L1Args {
  /** Default: 0.01. */
  l1: number;
}

/** l1 sum |x| */
export class L1 extends Regularizer<L1Args> {
  static override className = 'L1';

  constructor(args?: Partial<L1Args>) {
    super(args, { l1: [FROM_ZERO, 0.01] });
  }

  apply(x: Tensor): Tensor {
    return mul(sumAll(abs(x)), this.options.l1);
  }
}

export interface L2Args {
  /** Default: 0.01. */
  l2: number;
}

/** l2 sum x^2 */
export class L2 extends Regularizer<L2Args> {
  static override className = 'L2';

  constructor(args?: Partial<L2Args>) {
    super(args, { l2: [FROM_ZERO, 0.01] });
  }

  apply(x: Tensor): Tensor {
    return mul(sumAll(square(x)), this.options.l2);
  }
}

export interface L1L2Args {
  /** Default: 0. */
  l1: number;
  /** Default: 0. */
  l2: number;
}

/** l1 sum |x| + l2 sum x^2 */
export class L1L2 extends Regularizer<L1L2Args> {
  static override className = 'L1L2';

  constructor(args?: Partial<L1L2Args>) {
    super(args, { l1: [FROM_ZERO, 0], l2: [FROM_ZERO, 0] });
  }

  apply(x: Tensor): Tensor {
    const { l1, l2 } = this.options;
    return add(mul(sumAll(abs(x)), l1), mul(sumAll(square(x)), l2));
  }
}

export interface OrthogonalRegularizerArgs {
  /** Default: 0.01. */
  factor: number;
  /** What shall be orthogonal to each other. Default: 'rows'. */
  mode: 'rows' | 'columns';
}

/** factor times the mean |cos| of the angles between the rows, or the columns, of a matrix. */
export class OrthogonalRegularizer extends Regularizer<OrthogonalRegularizerArgs> {
  static override className = 'OrthogonalRegularizer';

  constructor(args?: Partial<OrthogonalRegularizerArgs>) {
    super(args, { factor: [FROM_ZERO, 0.01], mode: [oneOf('rows', 'columns'), 'rows'] });
  }

  apply(x: Tensor): Tensor {
    const { factor, mode } = this.options;
    if (x.rank !== 2) {
      throw new WasmgradError(`OrthogonalRegularizer: expected a matrix, got shape ${formatShape(x.shape)}`);
    }
    const inRows = mode === 'rows';
    const units = unit(x, inRows ? 1 : 0);
    const count = x.shape[inRows ? 0 : 1]!;
    const cosines = run(ops.matMul, [units, units], !inRows, inRows);
    const columns = run(ops.range, [], 0, 1, count, 'float32');
    const isSelf = equal(run(ops.reshape, [columns], [count, 1]), columns);
    const apart = where(isSelf, 0, abs(cosines));
    // Each pair stands twice in the matrix.
    return mul(sumAll(apart), factor / (count * (count - 1)));
  }
}
