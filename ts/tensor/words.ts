// The words in which formulas are written: ops on tensors, in eager code and in programs alike.
import * as ops from '../ops.gen.js';
import { run } from './run.js';
import type { Tensor } from './tensor.js';

/** A float32 scalar. */
export const constant = (x: number): Tensor => run(ops.fill, [], [], x, 'float32');

const operand = (x: Tensor | number) => (typeof x === 'number' ? constant(x) : x);

export const add = (x: Tensor, y: Tensor | number): Tensor => run(ops.add, [x, operand(y)]);
export const sub = (x: Tensor, y: Tensor | number): Tensor => run(ops.sub, [x, operand(y)]);
export const mul = (x: Tensor, y: Tensor | number): Tensor => run(ops.mul, [x, operand(y)]);
export const div = (x: Tensor, y: Tensor | number): Tensor => run(ops.div, [x, operand(y)]);
export const neg = (x: Tensor): Tensor => run(ops.neg, [x]);
export const log = (x: Tensor): Tensor => run(ops.log, [x]);

export const toFloat = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : run(ops.cast, [x], 'float32'));
export const toInt = (x: Tensor): Tensor => (x.dtype === 'int32' ? x : run(ops.cast, [x], 'int32'));

/** The mean over the last axis; a scalar is its own. */
export const meanLast = (x: Tensor): Tensor => (x.rank === 0 ? x : run(ops.mean, [x], [-1], false));
export const sumLast = (x: Tensor, keepDims = false): Tensor => run(ops.sum, [x], [-1], keepDims);
