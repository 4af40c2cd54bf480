// What an initializer is: a rule for initial weights.
import { check, seam } from '../core/core.js';
import type { ConfigDict } from '../serialization.js';
import type { DataType } from '../tensor/dtypes.js';
import { create } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';

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
