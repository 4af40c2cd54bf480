//! y = f(x): arithmetic and elementary functions.
//!
//! Derivatives at kinks and poles are JAX's.

use super::backward::{TANH_GRAD, above, below, gaussian, one_minus_square, within};
use super::row::{self, unary};
use crate::op::{Arity, Grad, Memory, Op};
use crate::ops::words::*;
use crate::types::DType;
use std::f32::consts::FRAC_2_SQRT_PI;
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::{map, math};

unary! {
    /// -x
    NEG = "neg" [] on (-3.0, 3.0);
    forward |x| x.neg();
    int |x| x.neg();
    reference |x| -x;
    gradient (|g, x, y, dy| neg(g, dy));

    /// x * factor + shift
    AFFINE = "affine" [factor = 1.5, shift = -0.5] on (-3.0, 3.0);
    forward |x| x.madd(factor, shift);
    reference |x| x * factor + shift;
    gradient (|g, x, y, dy| scale(g, dy, factor));

    /// |x|
    ABS = "abs" [] on (-3.0, 3.0);
    forward |x| x.abs();
    int |x| x.abs();
    reference |x| x.abs();
    gradient (|g, x, y, dy| within(g, x, dy, 0.0, f32::INFINITY, [1.0, -1.0]));

    /// 1 where x > 0, -1 where x < 0, x elsewhere (0 and NaN).
    SIGN = "sign" [] on (-3.0, 3.0);
    forward |x| {
        let zero = F32x4::splat(0.0);
        let (below, above) = (x.lt(zero), x.gt(zero));
        below.or(above).select(below.sub(above).to_f32(), x)
    };
    int |x| {
        let zero = I32x4::splat(0);
        x.lt(zero).sub(x.gt(zero))
    };
    reference |x| if x == 0.0 { x } else { x.signum() };
    gradient (stop);

    /// x^2
    SQUARE = "square" [] on (-3.0, 3.0);
    forward |x| x.mul(x);
    int |x| x.mul(x);
    reference |x| x * x;
    gradient (|g, x, y, dy| {
        let twice = scale(g, x, 2.0)?;
        mul(g, dy, twice)
    });

    /// The square root.
    SQRT = "sqrt" [] on (0.1, 9.0);
    forward |x| x.sqrt();
    reference |x| x.sqrt();
    gradient (|g, x, y, dy| {
        let half = scale(g, dy, 0.5)?;
        div(g, half, y)
    });

    /// 1 / sqrt(x)
    RSQRT = "rsqrt" [] on (0.1, 9.0);
    forward |x| F32x4::splat(1.0).div(x.sqrt());
    reference |x| 1.0 / x.sqrt();
    gradient (|g, x, y, dy| {
        let slope = div(g, y, x)?;
        let slope = scale(g, slope, -0.5)?;
        mul(g, dy, slope)
    });

    /// 1 / x
    RECIPROCAL = "reciprocal" [] on (0.3, 4.0);
    forward |x| F32x4::splat(1.0).div(x);
    reference |x| 1.0 / x;
    gradient (|g, x, y, dy| {
        let square = call(g, &SQUARE, &[y])?;
        let minus = neg(g, dy)?;
        mul(g, minus, square)
    });

    /// e^x
    EXP = "exp" [] on (-3.0, 3.0);
    forward |x| math::exp(x);
    reference |x| x.exp();
    gradient (|g, x, y, dy| mul(g, dy, y));

    /// e^x - 1
    EXPM1 = "expm1" [] on (-3.0, 3.0);
    forward |x| math::expm1(x);
    reference |x| x.exp_m1();
    gradient (|g, x, y, dy| {
        let slope = affine(g, y, 1.0, 1.0)?;
        mul(g, dy, slope)
    });

    /// The natural logarithm.
    LOG = "log" [] on (0.1, 9.0);
    forward |x| math::ln(x);
    reference |x| x.ln();
    gradient (|g, x, y, dy| div(g, dy, x));

    /// log(1 + x)
    LOG1P = "log1p" [] on (-0.9, 9.0);
    forward |x| math::log1p(x);
    reference |x| x.ln_1p();
    gradient (|g, x, y, dy| {
        let u = affine(g, x, 1.0, 1.0)?;
        div(g, dy, u)
    });

    /// The sine of radians.
    SIN = "sin" [] on (-6.0, 6.0);
    forward |x| math::sin(x);
    reference |x| x.sin();
    gradient (|g, x, y, dy| {
        let slope = call(g, &COS, &[x])?;
        mul(g, dy, slope)
    });

    /// The cosine of radians.
    COS = "cos" [] on (-6.0, 6.0);
    forward |x| math::cos(x);
    reference |x| x.cos();
    gradient (|g, x, y, dy| {
        let slope = call(g, &SIN, &[x])?;
        let minus = neg(g, dy)?;
        mul(g, minus, slope)
    });

    /// The tangent of radians.
    TAN = "tan" [] on (-1.2, 1.2);
    forward |x| math::tan(x);
    reference |x| x.tan();
    gradient (|g, x, y, dy| {
        let square = call(g, &SQUARE, &[y])?;
        let slope = affine(g, square, 1.0, 1.0)?;
        mul(g, dy, slope)
    });

    /// The inverse sine: NaN outside of [-1, 1].
    ASIN = "asin" [] on (-0.9, 0.9);
    forward |x| math::asin(x);
    reference |x| x.asin();
    gradient (|g, x, y, dy| {
        let u = one_minus_square(g, x)?;
        let slope = call(g, &RSQRT, &[u])?;
        mul(g, dy, slope)
    });

    /// The inverse cosine: NaN outside of [-1, 1].
    ACOS = "acos" [] on (-0.9, 0.9);
    forward |x| math::acos(x);
    reference |x| x.acos();
    gradient (|g, x, y, dy| {
        let u = one_minus_square(g, x)?;
        let slope = call(g, &RSQRT, &[u])?;
        let minus = neg(g, dy)?;
        mul(g, minus, slope)
    });

    /// The inverse tangent.
    ATAN = "atan" [] on (-3.0, 3.0);
    forward |x| math::atan(x);
    reference |x| x.atan();
    gradient (|g, x, y, dy| {
        let square = call(g, &SQUARE, &[x])?;
        let u = affine(g, square, 1.0, 1.0)?;
        div(g, dy, u)
    });

    /// The hyperbolic sine.
    SINH = "sinh" [] on (-3.0, 3.0);
    forward |x| math::sinh(x);
    reference |x| x.sinh();
    gradient (|g, x, y, dy| {
        let slope = call(g, &COSH, &[x])?;
        mul(g, dy, slope)
    });

    /// The hyperbolic cosine.
    COSH = "cosh" [] on (-3.0, 3.0);
    forward |x| math::cosh(x);
    reference |x| x.cosh();
    gradient (|g, x, y, dy| {
        let slope = call(g, &SINH, &[x])?;
        mul(g, dy, slope)
    });

    /// The hyperbolic tangent.
    TANH = "tanh" [] on (-3.0, 3.0);
    forward |x| math::tanh(x);
    reference |x| x.tanh();
    gradient (|g, x, y, dy| call(g, &TANH_GRAD, &[y, dy]));

    /// The inverse hyperbolic sine.
    ASINH = "asinh" [] on (-3.0, 3.0);
    forward |x| math::asinh(x);
    reference |x| x.asinh();
    gradient (|g, x, y, dy| {
        let square = call(g, &SQUARE, &[x])?;
        let u = affine(g, square, 1.0, 1.0)?;
        let slope = call(g, &RSQRT, &[u])?;
        mul(g, dy, slope)
    });

    /// The inverse hyperbolic cosine: NaN below 1.
    ACOSH = "acosh" [] on (1.1, 9.0);
    forward |x| math::acosh(x);
    reference |x| x.acosh();
    gradient (|g, x, y, dy| {
        let u = one_minus_square(g, x)?;
        let u = neg(g, u)?;
        let slope = call(g, &RSQRT, &[u])?;
        mul(g, dy, slope)
    });

    /// The inverse hyperbolic tangent: infinite at -1 and 1, NaN beyond.
    ATANH = "atanh" [] on (-0.9, 0.9);
    forward |x| math::atanh(x);
    reference |x| x.atanh();
    gradient (|g, x, y, dy| {
        let u = one_minus_square(g, x)?;
        div(g, dy, u)
    });

    /// The error function.
    ERF = "erf" [] on (-3.0, 3.0);
    forward |x| math::erf(x);
    reference |x| crate::reference::erf(x);
    gradient (|g, x, y, dy| {
        let slope = gaussian(g, x, FRAC_2_SQRT_PI, 1.0)?;
        mul(g, dy, slope)
    });

    /// The largest integer that is not above x.
    FLOOR = "floor" [] on (-3.0, 3.0);
    forward |x| x.floor();
    reference |x| x.floor();
    gradient (stop);

    /// The smallest integer that is not below x.
    CEIL = "ceil" [] on (-3.0, 3.0);
    forward |x| x.ceil();
    reference |x| x.ceil();
    gradient (stop);

    /// The nearest integer, of two the even one.
    ROUND = "round" [] on (-3.0, 3.0);
    forward |x| x.round();
    reference |x| x.round_ties_even();
    gradient (stop);

    /// 1 where x > 0, alpha elsewhere, NaN where x is NaN.
    STEP = "step" [alpha = 0.3] on (-3.0, 3.0);
    forward |x| {
        let step = x.gt(F32x4::splat(0.0)).select(F32x4::splat(1.0), alpha);
        x.eq(x).select(step, x)
    };
    reference |x| if x > 0.0 { 1.0 } else { alpha };
    gradient (stop);

    /// The nearest value of [min, max]; max where min is above it.
    CLIP = "clip" [min = -1.0, max = 2.0] on (-3.0, 3.0);
    forward |x| x.pmax(min).pmin(max);
    int |x| x.max(min.to_i32()).min(max.to_i32());
    reference |x| x.max(min).min(max);
    gradient (|g, x, y, dy| {
        // At a bound half of the gradient passes, as through a maximum.
        let closed = within(g, x, dy, min, max, [0.5, 0.0])?;
        let open = within(g, x, dy, above(min), below(max), [0.5, 0.0])?;
        add(g, closed, open)
    });
}
