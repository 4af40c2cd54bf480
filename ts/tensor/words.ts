// The words in which formulas are written: ops on tensors, in eager code and in programs alike.
import * as ops from '../ops.gen.js';
import { run } from './run.js';
import type { Tensor } from './tensor.js';

/** Keras's `epsilon()`: how far probabilities are kept from 0 and 1, and denominators from 0. */
export const EPSILON = 1e-7;

/** Numbers of axes; null stands for all of them. */
export type Axes = number | readonly number[] | null;

/** A float32 scalar. */
export const constant = (x: number): Tensor => run(ops.fill, [], [], x, 'float32');

const operand = (x: Tensor | number) => (typeof x === 'number' ? constant(x) : x);

export const add = (x: Tensor, y: Tensor | number): Tensor => run(ops.add, [x, operand(y)]);
export const sub = (x: Tensor, y: Tensor | number): Tensor => run(ops.sub, [x, operand(y)]);
export const mul = (x: Tensor, y: Tensor | number): Tensor => run(ops.mul, [x, operand(y)]);
export const div = (x: Tensor, y: Tensor | number): Tensor => run(ops.div, [x, operand(y)]);
export const maximum = (x: Tensor, y: Tensor | number): Tensor => run(ops.maximum, [x, operand(y)]);
export const equal = (x: Tensor, y: Tensor | number): Tensor => run(ops.equal, [x, operand(y)]);
export const greater = (x: Tensor, y: Tensor | number): Tensor => run(ops.greater, [x, operand(y)]);
export const pow = (x: Tensor, y: number): Tensor => (y === 2 ? square(x) : run(ops.pow, [x, constant(y)]));
export const clip = (x: Tensor, low: number, high: number): Tensor => run(ops.clip, [x], low, high);
export const where = (condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor =>
  run(ops.select, [condition, operand(x), operand(y)]);
export const neg = (x: Tensor): Tensor => run(ops.neg, [x]);
export const abs = (x: Tensor): Tensor => run(ops.abs, [x]);
export const sqrt = (x: Tensor): Tensor => run(ops.sqrt, [x]);
export const square = (x: Tensor): Tensor => run(ops.square, [x]);
export const log = (x: Tensor): Tensor => run(ops.log, [x]);
/** 1 - x */
export const oneMinus = (x: Tensor): Tensor => sub(constant(1), x);

export const toFloat = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : run(ops.cast, [x], 'float32'));
export const toInt = (x: Tensor): Tensor => (x.dtype === 'int32' ? x : run(ops.cast, [x], 'int32'));

/** x without its last dimension, which is 1, where it has the rank of y. */
export const dropLast = (x: Tensor, y: Tensor): Tensor =>
  x.rank === y.rank ? run(ops.reshape, [x], x.shape.slice(0, -1)) : x;

/** The mean over the last axis; a scalar is its own. */
export const meanLast = (x: Tensor): Tensor => (x.rank === 0 ? x : run(ops.mean, [x], [-1], false));
export const sumLast = (x: Tensor, keepDims = false): Tensor => run(ops.sum, [x], [-1], keepDims);
export const sumOver = (x: Tensor, axis: Axes, keepDims = false): Tensor =>
  run(ops.sum, [x], axis === null ? x.shape.map((_, i) => i) : [axis].flat(), keepDims);
/** The sum of all elements; a scalar is its own. */
export const sumAll = (x: Tensor): Tensor => (x.rank === 0 ? x : sumOver(x, null));

/** The lengths of the vectors along the axes, which stay as dimensions of 1. */
export const norms = (x: Tensor, axis: Axes): Tensor => sqrt(sumOver(square(x), axis, true));
/** The vectors along the axis, each of length 1; one of zeros stays. */
export const unit = (x: Tensor, axis: number): Tensor =>
  div(x, sqrt(maximum(sumOver(square(x), axis, true), EPSILON ** 2)));
