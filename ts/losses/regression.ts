// Losses of amounts: Keras 3's formulas.
import { POSITIVE, WHOLE } from '../core/options.js';
import * as ops from '../ops.gen.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  abs,
  add,
  div,
  log,
  maximum,
  meanLast,
  mul,
  neg,
  square,
  sub,
  sumOver,
  unit,
  where,
  constant,
} from '../tensor/words.js';
import { EPSILON, pairwise, type LossFunction } from './loss.js';

/** An elementwise loss whose last axis is averaged. */
const elementwise = (className: string, f: LossFunction) => pairwise(className, {}, (y, p) => meanLast(f(y, p)));

/** mean((yTrue - yPred)^2) */
export const MeanSquaredError = elementwise('MeanSquaredError', (y, p) => square(sub(y, p)));

/** mean(|yTrue - yPred|) */
export const MeanAbsoluteError = elementwise('MeanAbsoluteError', (y, p) => abs(sub(y, p)));

/** 100 mean(|yTrue - yPred| / |yTrue|) */
export const MeanAbsolutePercentageError = elementwise('MeanAbsolutePercentageError', (y, p) => {
  return mul(abs(div(sub(y, p), maximum(abs(y), EPSILON))), 100);
});

/** mean((log(1 + yTrue) - log(1 + yPred))^2), for amounts from 0 on. */
export const MeanSquaredLogarithmicError = elementwise('MeanSquaredLogarithmicError', (y, p) => {
  const log1 = (x: Tensor) => log(add(maximum(x, EPSILON), 1));
  return square(sub(log1(p), log1(y)));
});

/** mean(log(cosh(yPred - yTrue))): quadratic for small errors, linear for large ones. */
export const LogCosh = elementwise('LogCosh', (y, p) => {
  const error = sub(p, y);
  return sub(add(error, run(ops.softplus, [mul(error, -2)])), Math.LN2);
});

/** mean(yPred - yTrue log(yPred)): of counts, and the rates that they are drawn with. */
export const Poisson = elementwise('Poisson', (y, p) => sub(p, mul(y, log(add(p, EPSILON)))));

/** Quadratic for errors up to `delta` (default 1), linear beyond. */
export const Huber = pairwise('Huber', { delta: [POSITIVE, 1] }, (y, p, { delta }) => {
  const error = sub(p, y);
  const size = abs(error);
  const small = mul(square(error), 0.5);
  const large = add(mul(size, delta), -0.5 * delta ** 2);
  return meanLast(where(run(ops.lessEqual, [size, constant(delta)]), small, large));
});

/** The cosine of the angle between vectors along the axis. */
export function cosine(y: Tensor, p: Tensor, axis: number): Tensor {
  return sumOver(mul(unit(y, axis), unit(p, axis)), axis);
}

/** -cos of the angle between targets and predictions along `axis` (default -1): -1 for vectors of one direction. */
export const CosineSimilarity = pairwise('CosineSimilarity', { axis: [WHOLE, -1] }, (y, p, { axis }) =>
  neg(cosine(y, p, axis)),
);
