// What an initializer is: a rule for initial weights.
import { check, seam } from '../core/core.js';
import * as ops from '../ops.gen.js';
import { Serializable, type ConfigDict } from '../serialization.js';
import type { DataType } from '../tensor/dtypes.js';
import { create, run } from '../tensor/run.js';
import { inScope } from '../tensor/scopes.js';
import { checkReturned, type Tensor } from '../tensor/tensor.js';

/** A rule for initial weights. */
export abstract class Initializer extends Serializable {
  static override className = 'Initializer';

  /** New values of this shape. */
  abstract apply(shape: number[], dtype?: DataType): Tensor;
}

export type InitializerFunction = (shape: number[], dtype: DataType) => Tensor;

/** A user's function as an initializer. It has no class name: it is not saved. */
export class CustomInitializer extends Initializer {
  static override className = '';

  constructor(private readonly f: InitializerFunction) {
    super();
  }

  apply(shape: number[], dtype: DataType = 'float32'): Tensor {
    return inScope('initializer', () => {
      const values: unknown = this.f(shape, dtype);
      checkReturned('the initializer', values);
      // It may be a tensor that the user goes on with.
      return run(ops.identity, [values]);
    });
  }
}

export interface SeedArgs {
  /** Default: drawn from the global seed. */
  seed?: number;
}

/** A seed is drawn when the initializer is made, so that the order of layers decides, as in Keras. */
export abstract class Random extends Initializer {
  protected readonly seed: number;

  constructor(seed: number | undefined) {
    super();
    this.seed = seed ?? check(seam.random_next_seed());
  }

  /** Draws with the key (seed, 0). The same initializer gives the same values each time. */
  protected draw(f: (state: Tensor) => Tensor[]): Tensor {
    const state = create([2], 'int32', (view) => view.set([this.seed, 0]));
    try {
      return f(state)[0]!;
    } finally {
      state.dispose();
    }
  }

  override getConfig(): ConfigDict {
    return { seed: this.seed };
  }
}
