// How much samples count: weights that `fit` and `evaluate` are given.
import { WasmgradError } from '../core/errors.js';
import * as ops from '../ops.gen.js';
import { formatShape } from '../tensor/dtypes.js';
import { create, run } from '../tensor/run.js';
import { keep } from '../tensor/scopes.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Samples } from './data.js';

/** How much samples count, as `fit` and `evaluate` are told. */
export interface Weighting {
  sampleWeight?: Samples | undefined;
  classWeight?: ClassWeight | undefined;
}

/** Weights of classes by their numbers; those that are left out have 1. */
export type ClassWeight = Readonly<Record<number, number>>;

/** The weight of each sample by its class: y is one-hot (n, classes), or class numbers (n) or (n, 1). */
export function weightsOfClasses(place: string, y: Tensor, classWeight: ClassWeight): Tensor {
  if (y.rank > 2) {
    throw new WasmgradError(
      `${place}: classWeight needs one class for each sample, but y has shape ${formatShape(y.shape)}; give sampleWeight`,
    );
  }
  const isOneHot = y.rank === 2 && y.shape[1]! > 1;
  const labels = isOneHot ? run(ops.argMax, [y], [-1], false) : y;
  const numbers = labels.dataSync();
  if (isOneHot) labels.dispose();
  return keep(
    create([y.shape[0]!], 'float32', (view) => {
      // As NumPy rounds: halves to the even number.
      numbers.forEach((label, i) => (view[i] = classWeight[roundHalfToEven(label)] ?? 1));
    }),
  );
}

function roundHalfToEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
