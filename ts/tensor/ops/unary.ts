// Functions of one tensor, element by element. Where an op has no integer form, int32 and bool are cast to float32.
import type { Op } from '../../core/op.js';
import { WasmgradError } from '../../core/errors.js';
import * as ops from '../../ops.gen.js';
import { run, toTensor, type TensorLike } from '../run.js';
import { inScope } from '../scopes.js';
import type { Tensor } from '../tensor.js';
import { asDtype, operand, runUnary, type Accepts } from './operands.js';

/** A function of one tensor, element by element. */
export type UnaryFunction = (x: TensorLike) => Tensor;

function unary(place: string, op: Op<[]>, accepts: Accepts = 'float'): UnaryFunction {
  return (x) => runUnary(place, op, accepts, x);
}

/** A function that changes nothing in integers. */
function rounding(place: string, op: Op<[]>): UnaryFunction {
  return (x) =>
    inScope(place, () => {
      const tensor = toTensor(place, x);
      return run(tensor.dtype === 'float32' ? op : ops.identity, [tensor]);
    });
}

/** -x */
export const neg = unary('neg', ops.neg, 'number');
/** |x| */
export const abs = unary('abs', ops.abs, 'number');
/** -1, 0 or 1. */
export const sign = unary('sign', ops.sign, 'number');
/** x² */
export const square = unary('square', ops.square, 'number');
/** √x; NaN below 0. */
export const sqrt = unary('sqrt', ops.sqrt);
/** 1 / √x */
export const rsqrt = unary('rsqrt', ops.rsqrt);
/** 1 / x */
export const reciprocal = unary('reciprocal', ops.reciprocal);
/** eˣ */
export const exp = unary('exp', ops.exp);
/** eˣ - 1, exact near 0. */
export const expm1 = unary('expm1', ops.expm1);
/** The natural logarithm. */
export const log = unary('log', ops.log);
/** log(1 + x), exact near 0. */
export const log1p = unary('log1p', ops.log1p);
/** The sine of x in radians. */
export const sin = unary('sin', ops.sin);
/** The cosine of x in radians. */
export const cos = unary('cos', ops.cos);
/** The tangent of x in radians. */
export const tan = unary('tan', ops.tan);
/** The angle, from -π/2 to π/2, whose sine is x. */
export const asin = unary('asin', ops.asin);
/** The angle, from 0 to π, whose cosine is x. */
export const acos = unary('acos', ops.acos);
/** The angle, from -π/2 to π/2, whose tangent is x. */
export const atan = unary('atan', ops.atan);
/** The hyperbolic sine. */
export const sinh = unary('sinh', ops.sinh);
/** The hyperbolic cosine. */
export const cosh = unary('cosh', ops.cosh);
/** The hyperbolic tangent. */
export const tanh = unary('tanh', ops.tanh);
/** The inverse of sinh. */
export const asinh = unary('asinh', ops.asinh);
/** The inverse of cosh; NaN below 1. */
export const acosh = unary('acosh', ops.acosh);
/** The inverse of tanh; NaN beyond ±1. */
export const atanh = unary('atanh', ops.atanh);
/** The error function, 2/√π ∫₀ˣ e^(-t²) dt. */
export const erf = unary('erf', ops.erf);
/** The largest integer that is not above x. */
export const floor = rounding('floor', ops.floor);
/** The smallest integer that is not below x. */
export const ceil = rounding('ceil', ops.ceil);
/** The nearest integer; halves go to the even one. */
export const round = rounding('round', ops.round);

/** x, as a constant for gradients: none flows back through it. */
export const stopGradient = unary('stopGradient', ops.stopGradient, 'any');

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary('sigmoid', ops.sigmoid);
/** log(sigmoid(x)) */
export const logSigmoid = unary('logSigmoid', ops.logSigmoid);
/** log(1 + eˣ) */
export const softplus = unary('softplus', ops.softplus);
/** max(x, 0) */
export const relu = unary('relu', ops.relu, 'number');
/** min(max(x, 0), 6) */
export function relu6(x: TensorLike): Tensor {
  return inScope('relu6', () => {
    const values = operand('relu6', x, 'number');
    return values.dtype === 'float32' ? run(ops.relu6, [values]) : run(ops.clip, [values], 0, 6);
  });
}

/** x above 0, else eˣ - 1. */
export function elu(x: TensorLike): Tensor {
  return runUnary('elu', ops.elu, 'float', x, 1);
}

/** 1.0507 times (x above 0, else 1.6733 (eˣ - 1)): keeps mean 0 and variance 1 from layer to layer. */
export const selu = unary('selu', ops.selu);

/** x above 0, else alpha x. */
export function leakyRelu(x: TensorLike, alpha = 0.2): Tensor {
  return runUnary('leakyRelu', ops.leakyRelu, 'float', x, alpha);
}

/** x above 0, else alpha x, with an alpha that is a tensor: its shape broadcasts to that of x. */
export function prelu(x: TensorLike, alpha: TensorLike): Tensor {
  return inScope('prelu', () => {
    const [values, slope] = [x, alpha].map((one) => asDtype(toTensor('prelu', one), 'float32'));
    const below = run(ops.mul, [slope!, run(ops.neg, [run(ops.relu, [run(ops.neg, [values!])])])]);
    return run(ops.add, [run(ops.relu, [values!]), below]);
  });
}

/** 1 above 0, else alpha; NaN stays NaN. */
export function step(x: TensorLike, alpha = 0): Tensor {
  return runUnary('step', ops.step, 'float', x, alpha);
}

/**
 * min(max(x, clipValueMin), clipValueMax)
 * @throws if the minimum is above the maximum.
 */
export function clipByValue(x: TensorLike, clipValueMin: number, clipValueMax: number): Tensor {
  if (!(clipValueMin <= clipValueMax)) {
    throw new WasmgradError(`clipByValue: the minimum ${clipValueMin} is above the maximum ${clipValueMax}`);
  }
  return runUnary('clipByValue', ops.clip, 'number', x, clipValueMin, clipValueMax);
}

/** Whether each element is NaN. */
export const isNaN = unary('isNaN', ops.isNaN);
/** Whether each element is Infinity or -Infinity. */
export const isInf = unary('isInf', ops.isInf);
/** Whether each element is neither infinite nor NaN. */
export const isFinite = unary('isFinite', ops.isFinite);
