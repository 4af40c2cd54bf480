//! What gradient rules of elementwise ops are made of: ops with the gradient as an operand, and formulas.

use super::formula::{self, Term};
use super::kernel;
use super::row::{self, binary};
use super::unary::{EXP, SQUARE};
use crate::op::{Arity, Grad, Memory, Op};
use wasmgrad_kernels::lane::F32x4;

binary! {
    /// dy * inside where low <= x <= high, dy * outside elsewhere; a factor 0 gives 0 even if dy is not finite: the
    /// gradient of functions of straight pieces.
    SCALE_WITHIN = "scaleWithin" in Core [low = -1.0, high = 2.0, inside = 0.5, outside = -0.25]
        on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, dy| {
        let factor = x.ge(low).and(x.le(high)).select(inside, outside);
        factor.ne(F32x4::splat(0.0)).and(dy.mul(factor).bits()).float_bits()
    };
    reference |x, dy| dy * if low <= x && x <= high { inside } else { outside };
    gradient (|x, dy, dx, ddx| stop, x.within(ddx, low, high, [inside, outside]));

    /// dy * y * (1 - y): the gradient of y = sigmoid(x).
    SIGMOID_GRAD = "sigmoidGrad" in Core [] on (0.0, 1.0) (-3.0, 3.0);
    forward |y, dy| dy.mul(y).mul(F32x4::splat(1.0).sub(y));
    reference |y, dy| dy * y * (1.0 - y);
    gradient (|y, dy, dx, ddx| ddx * dy * y.affine(-2.0, 1.0), y.with(&SIGMOID_GRAD, ddx));

    /// dy * (1 + y) * (1 - y): the gradient of y = tanh(x).
    TANH_GRAD = "tanhGrad" in Core [] on (-1.0, 1.0) (-3.0, 3.0);
    forward |y, dy| dy.madd(y, dy).mul(F32x4::splat(1.0).sub(y));
    reference |y, dy| dy * (1.0 - y * y);
    gradient (|y, dy, dx, ddx| ddx * dy * (y * -2.0), y.with(&TANH_GRAD, ddx));
}

/// (1 - x) (1 + x), exact near 1.
pub fn one_minus_square(x: Term<'_>) -> Term<'_> {
    x.affine(-1.0, 1.0) * (x + 1.0)
}

/// height * e^(-rate x^2)
pub fn gaussian(x: Term<'_>, height: f32, rate: f32) -> Term<'_> {
    x.to(&SQUARE).affine(-rate, height.ln()).to(&EXP)
}

/// The next larger float: a bound that excludes `x`.
pub fn above(x: f32) -> f32 {
    match x.to_bits() as i32 {
        _ if x.is_nan() || x == f32::INFINITY => x,
        _ if x == 0.0 => f32::from_bits(1),
        bits => f32::from_bits((bits + if x > 0.0 { 1 } else { -1 }) as u32),
    }
}

/// The next smaller float.
pub fn below(x: f32) -> f32 {
    -above(-x)
}
