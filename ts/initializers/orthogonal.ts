// Orthogonal initial weights.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, FINITE, SEED } from '../core/options.js';
import * as ops from '../ops.gen.js';
import type { ConfigDict } from '../serialization.js';
import { sizeOf } from '../tensor/dtypes.js';
import { create, runAll } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { IdentityArgs } from './constant.js';
import { Random, type SeedArgs } from './initializer.js';

export interface OrthogonalArgs extends IdentityArgs, SeedArgs {}

/** A random orthogonal matrix times `gain`; dimensions but the last count as rows. */
export class Orthogonal extends Random {
  static override className = 'Orthogonal';
  private readonly gain: number;

  constructor(args: OrthogonalArgs = {}) {
    checkOptions('orthogonal initializer', args, { gain: FINITE, seed: SEED });
    super(args.seed);
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
