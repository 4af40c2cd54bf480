// Random tensors, equal to those of `keras.random` on JAX for the same seed.
//
// With a seed, the key is (seed, 0) and every call gives the same values. Without one, all functions draw from one
// state, whose own seed is the next of those that `setSeed` fixes.
import { WasmgradError, describe } from '../../core/errors.js';
import { checkValue, FINITE, FUNCTION, required } from '../../core/options.js';
import type { Op } from '../../core/op.js';
import * as ops from '../../ops.gen.js';
import { checkDtype, type DataType, type Shape } from '../dtypes.js';
import { sharedState, stateOf } from '../randomState.js';
import { create, run, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { constant, div } from '../words.js';
import { asDtype, operand } from './operands.js';

function draw<O extends readonly unknown[]>(
  place: string,
  op: Op<O>,
  seed: number | undefined,
  operands: readonly Tensor[],
  ...options: O
): Tensor {
  if (seed === undefined) return run(op, [sharedState, ...operands], ...options);
  checkValue(place, 'seed', seed, FINITE);
  return inScope(place, () => {
    const state = stateOf(seed);
    const drawn = run(op, [state, ...operands], ...options);
    // A program draws the same values each time it runs.
    if (drawn.isSymbolic) run(ops.assign, [state, stateOf(seed)]);
    return drawn;
  });
}

/** Draws as float32, given as another dtype if asked for. */
function drawAs<O extends readonly unknown[]>(
  place: string,
  op: Op<O>,
  dtype: DataType,
  seed: number | undefined,
  ...options: O
): Tensor {
  checkDtype(place, dtype);
  if (dtype === 'float32') return draw(place, op, seed, [], ...options);
  return inScope(place, () => {
    const whole = asDtype(draw(place, op, seed, [], ...options), 'int32');
    return dtype === 'int32' ? whole : asDtype(whole, 'bool');
  });
}

/** Uniform values from `minval` up to `maxval`, which is not included. For int32 the decimals are cut off. */
export function randomUniform(
  shape: Shape,
  minval = 0,
  maxval = 1,
  dtype: DataType = 'float32',
  seed?: number,
): Tensor {
  return drawAs('randomUniform', ops.uniform, dtype, seed, shape, minval, maxval);
}

/** Whole numbers from `minval` up to `maxval`, which is not included; all are equally probable. */
export function randomUniformInt(shape: Shape, minval: number, maxval: number, seed?: number): Tensor {
  return draw('randomUniformInt', ops.randomInt, seed, [], shape, minval, maxval);
}

/** Normally distributed values. */
export function randomNormal(
  shape: Shape,
  mean = 0,
  stdDev = 1,
  dtype: 'float32' | 'int32' = 'float32',
  seed?: number,
): Tensor {
  return drawAs('randomNormal', ops.normal, dtype, seed, shape, mean, stdDev);
}

/** Normally distributed values of mean 0 and standard deviation 1. */
export function randomStandardNormal(shape: Shape, dtype: 'float32' | 'int32' = 'float32', seed?: number): Tensor {
  return drawAs('randomStandardNormal', ops.normal, dtype, seed, shape, 0, 1);
}

/** Normally distributed values that lie within two standard deviations of the mean. */
export function truncatedNormal(
  shape: Shape,
  mean = 0,
  stdDev = 1,
  dtype: 'float32' | 'int32' = 'float32',
  seed?: number,
): Tensor {
  return drawAs('truncatedNormal', ops.truncatedNormal, dtype, seed, shape, mean, stdDev);
}

/** Values of a function that is called once for each element, in row-major order. */
export function rand(shape: Shape, randFunction: () => number, dtype: DataType = 'float32'): Tensor {
  checkDtype('rand', dtype);
  checkValue('rand', 'randFunction', randFunction, required(FUNCTION));
  return create([...shape], dtype, (view) => {
    for (let i = 0; i < view.length; i++) view[i] = dtype === 'bool' ? Number(randFunction() !== 0) : randFunction();
  });
}

/**
 * Classes drawn with the probabilities of each row, with replacement: int32 (rows, numSamples), or (numSamples) for one
 * row of rank 1.
 * @param logits log-probabilities, not necessarily normalised: (rows, classes) or (classes)
 * @param normalized whether `logits` are probabilities
 */
export function multinomial(logits: TensorLike, numSamples: number, seed?: number, normalized = false): Tensor {
  return inScope('multinomial', () => {
    const given = operand('multinomial', logits, 'float');
    if (given.rank !== 1 && given.rank !== 2) {
      throw new WasmgradError(`multinomial: expected (rows, classes) or (classes), got shape [${given.shape}]`);
    }
    const scores = normalized ? run(ops.log, [given]) : given;
    if (given.rank === 2) return draw('multinomial', ops.multinomial, seed, [scores], numSamples);
    const row = run(ops.reshape, [scores], [1, given.size]);
    return run(ops.reshape, [draw('multinomial', ops.multinomial, seed, [row], numSamples)], [numSamples]);
  });
}

/**
 * x with elements set to 0 at random, and the others divided by 1 - rate.
 * @param rate the probability of 0, at least 0 and below 1
 * @param noiseShape the shape of the draws, which broadcasts to that of x; by default x's own
 */
export function dropout(x: TensorLike, rate: number, noiseShape?: Shape, seed?: number): Tensor {
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1))
    throw new WasmgradError(`dropout: expected a rate from 0 to below 1, got ${describe(rate)}`);
  return inScope('dropout', () => {
    const values = operand('dropout', x, 'float');
    if (rate === 0) return run(ops.identity, [values]);
    const mask = draw('dropout', ops.dropoutMask, seed, [], noiseShape ?? values.shape, 1 - rate);
    return run(ops.select, [mask, div(values, 1 - rate), constant(0)]);
  });
}
