// How much samples count: weights that the user gives, and masks.
import { WasmgradError } from '../core/errors.js';
import * as ops from '../ops.gen.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { constant, div, mul, toFloat, sumAll } from '../tensor/words.js';

/**
 * Weights in which what the mask leaves out is 0, or undefined if all samples count alike.
 * @param keepMean whether what counts is weighed up, so that a mean over all is the mean over what counts
 */
export function maskedWeights(weights: Tensor | undefined, mask: Tensor | undefined, keepMean: boolean) {
  if (mask === undefined) return weights && toFloat(weights);
  let counts = toFloat(mask);
  if (keepMean) {
    const valid = run(ops.maximum, [sumAll(counts), constant(1)]);
    counts = mul(counts, div(constant(mask.size), valid));
  }
  return weights === undefined ? counts : mul(counts, weightsLike(counts, weights));
}

/**
 * Weights as float32 of the values' rank: of each sample, of each step of it, or of each value. One value for all samples is
 * weighed by each of them.
 * @throws if they are of other shapes
 */
export function weightsLike(values: Tensor, weights: Tensor): Tensor {
  const { shape } = values;
  if (values.rank === 0) return toFloat(weights);
  const given =
    weights.rank === shape.length + 1 && weights.shape.at(-1) === 1 ? weights.shape.slice(0, -1) : weights.shape;
  if (given.length > shape.length || given.some((dim, i) => dim !== shape[i] && dim !== 1)) {
    throw new WasmgradError(
      `weights of shape ${formatShape(weights.shape)} do not fit values of shape ${formatShape(shape)}; give one weight for ` +
        'each sample (and, if you like, for each step of it)',
    );
  }
  const dims = [...given, ...shape.slice(given.length).fill(1)];
  return dims.length === weights.rank ? toFloat(weights) : run(ops.reshape, [toFloat(weights)], dims);
}
