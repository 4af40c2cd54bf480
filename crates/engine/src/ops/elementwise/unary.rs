//! y = f(x): arithmetic and elementary functions.
//!
//! Derivatives at kinks and poles are JAX's.

use super::backward::{TANH_GRAD, above, below, gaussian, one_minus_square};
use super::row::{self, unary};
use super::{formula, kernel};
use crate::op::{Arity, Grad, Memory, Op};
use std::f32::consts::FRAC_2_SQRT_PI;
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::math;

unary! {
    /// -x
    NEG = "neg" in Core [] on (-3.0, 3.0);
    forward |x| x.neg();
    int |x| x.neg();
    reference |x| -x;
    gradient (|x, y, dy| -dy);

    /// x * factor + shift
    AFFINE = "affine" in Core [factor = 1.5, shift = -0.5] on (-3.0, 3.0);
    forward |x| x.madd(factor, shift);
    reference |x| x * factor + shift;
    gradient (|x, y, dy| dy * factor);

    /// |x|
    ABS = "abs" in Core [] on (-3.0, 3.0);
    forward |x| x.abs();
    int |x| x.abs();
    reference |x| x.abs();
    gradient (|x, y, dy| x.within(dy, 0.0, f32::INFINITY, [1.0, -1.0]));

    /// 1 where x > 0, -1 where x < 0, x elsewhere (0 and NaN).
    SIGN = "sign" in Extra [] on (-3.0, 3.0);
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
    SQUARE = "square" in Core [] on (-3.0, 3.0);
    forward |x| x.mul(x);
    int |x| x.mul(x);
    reference |x| x * x;
    gradient (|x, y, dy| dy * (x * 2.0));

    /// The square root.
    SQRT = "sqrt" in Core [] on (0.1, 9.0);
    forward |x| x.sqrt();
    reference |x| x.sqrt();
    gradient (|x, y, dy| dy * 0.5 / y);

    /// 1 / sqrt(x)
    RSQRT = "rsqrt" in Extra [] on (0.1, 9.0);
    forward |x| F32x4::splat(1.0).div(x.sqrt());
    reference |x| 1.0 / x.sqrt();
    gradient (|x, y, dy| dy * (y / x * -0.5));

    /// 1 / x
    RECIPROCAL = "reciprocal" in Extra [] on (0.3, 4.0);
    forward |x| F32x4::splat(1.0).div(x);
    reference |x| 1.0 / x;
    gradient (|x, y, dy| -dy * y.to(&SQUARE));

    /// e^x
    EXP = "exp" in Core [] on (-3.0, 3.0);
    forward |x| math::exp(x);
    reference |x| x.exp();
    gradient (|x, y, dy| dy * y);

    /// e^x - 1
    EXPM1 = "expm1" in Extra [] on (-3.0, 3.0);
    forward |x| math::expm1(x);
    reference |x| x.exp_m1();
    gradient (|x, y, dy| dy * (y + 1.0));

    /// The natural logarithm.
    LOG = "log" in Core [] on (0.1, 9.0);
    forward |x| math::ln(x);
    reference |x| x.ln();
    gradient (|x, y, dy| dy / x);

    /// log(1 + x)
    LOG1P = "log1p" in Extra [] on (-0.9, 9.0);
    forward |x| math::log1p(x);
    reference |x| x.ln_1p();
    gradient (|x, y, dy| dy / (x + 1.0));

    /// The sine of radians.
    SIN = "sin" in Extra [] on (-6.0, 6.0);
    forward |x| math::sin(x);
    reference |x| x.sin();
    gradient (|x, y, dy| dy * x.to(&COS));

    /// The cosine of radians.
    COS = "cos" in Extra [] on (-6.0, 6.0);
    forward |x| math::cos(x);
    reference |x| x.cos();
    gradient (|x, y, dy| -dy * x.to(&SIN));

    /// The tangent of radians.
    TAN = "tan" in Extra [] on (-1.2, 1.2);
    forward |x| math::tan(x);
    reference |x| x.tan();
    gradient (|x, y, dy| dy * (y.to(&SQUARE) + 1.0));

    /// The inverse sine: NaN outside of [-1, 1].
    ASIN = "asin" in Extra [] on (-0.9, 0.9);
    forward |x| math::asin(x);
    reference |x| x.asin();
    gradient (|x, y, dy| dy * one_minus_square(x).to(&RSQRT));

    /// The inverse cosine: NaN outside of [-1, 1].
    ACOS = "acos" in Extra [] on (-0.9, 0.9);
    forward |x| math::acos(x);
    reference |x| x.acos();
    gradient (|x, y, dy| -dy * one_minus_square(x).to(&RSQRT));

    /// The inverse tangent.
    ATAN = "atan" in Extra [] on (-3.0, 3.0);
    forward |x| math::atan(x);
    reference |x| x.atan();
    gradient (|x, y, dy| dy / (x.to(&SQUARE) + 1.0));

    /// The hyperbolic sine.
    SINH = "sinh" in Extra [] on (-3.0, 3.0);
    forward |x| math::sinh(x);
    reference |x| x.sinh();
    gradient (|x, y, dy| dy * x.to(&COSH));

    /// The hyperbolic cosine.
    COSH = "cosh" in Extra [] on (-3.0, 3.0);
    forward |x| math::cosh(x);
    reference |x| x.cosh();
    gradient (|x, y, dy| dy * x.to(&SINH));

    /// The hyperbolic tangent.
    TANH = "tanh" in Core [] on (-3.0, 3.0);
    forward |x| math::tanh(x);
    reference |x| x.tanh();
    gradient (|x, y, dy| y.with(&TANH_GRAD, dy));

    /// The inverse hyperbolic sine.
    ASINH = "asinh" in Extra [] on (-3.0, 3.0);
    forward |x| math::asinh(x);
    reference |x| x.asinh();
    gradient (|x, y, dy| dy * (x.to(&SQUARE) + 1.0).to(&RSQRT));

    /// The inverse hyperbolic cosine: NaN below 1.
    ACOSH = "acosh" in Extra [] on (1.1, 9.0);
    forward |x| math::acosh(x);
    reference |x| x.acosh();
    gradient (|x, y, dy| dy * (-one_minus_square(x)).to(&RSQRT));

    /// The inverse hyperbolic tangent: infinite at -1 and 1, NaN beyond.
    ATANH = "atanh" in Extra [] on (-0.9, 0.9);
    forward |x| math::atanh(x);
    reference |x| x.atanh();
    gradient (|x, y, dy| dy / one_minus_square(x));

    /// The error function.
    ERF = "erf" in Core [] on (-3.0, 3.0);
    forward |x| math::erf(x);
    reference |x| crate::reference::erf(x);
    gradient (|x, y, dy| dy * gaussian(x, FRAC_2_SQRT_PI, 1.0));

    /// The largest integer that is not above x.
    FLOOR = "floor" in Extra [] on (-3.0, 3.0);
    forward |x| x.floor();
    reference |x| x.floor();
    gradient (stop);

    /// The smallest integer that is not below x.
    CEIL = "ceil" in Extra [] on (-3.0, 3.0);
    forward |x| x.ceil();
    reference |x| x.ceil();
    gradient (stop);

    /// The nearest integer, of two the even one.
    ROUND = "round" in Extra [] on (-3.0, 3.0);
    forward |x| x.round();
    reference |x| x.round_ties_even();
    gradient (stop);

    /// 1 where x > 0, alpha elsewhere, NaN where x is NaN.
    STEP = "step" in Core [alpha = 0.3] on (-3.0, 3.0);
    forward |x| {
        let step = x.gt(F32x4::splat(0.0)).select(F32x4::splat(1.0), alpha);
        x.eq(x).select(step, x)
    };
    reference |x| if x > 0.0 { 1.0 } else { alpha };
    gradient (stop);

    /// The nearest value of [min, max]; max where min is above it.
    CLIP = "clip" in Core [min = -1.0, max = 2.0] on (-3.0, 3.0);
    forward |x| x.pmax(min).pmin(max);
    int |x| x.max(min.to_i32()).min(max.to_i32());
    reference |x| x.max(min).min(max);
    gradient (|x, y, dy| {
        // At a bound half of the gradient passes, as through a maximum.
        let closed = x.within(dy, min, max, [0.5, 0.0]);
        closed + x.within(dy, above(min), below(max), [0.5, 0.0])
    });
}
