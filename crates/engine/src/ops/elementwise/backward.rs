//! What gradient rules of elementwise ops are made of: ops that have the gradient as an operand, and short sums of nodes.

use super::row::{self, binary};
use super::unary::{EXP, SQUARE};
use crate::error::Result;
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attrs, Grad, Memory, Op};
use crate::ops::words::*;
use crate::types::DType;
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::map;

binary! {
    /// dy * inside where low <= x <= high, dy * outside elsewhere; a factor 0 gives 0 even if dy is not finite: the
    /// gradient of functions of straight pieces.
    SCALE_WITHIN = "scaleWithin" [low = -1.0, high = 2.0, inside = 0.5, outside = -0.25]
        on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, dy| {
        let factor = x.ge(low).and(x.le(high)).select(inside, outside);
        factor.ne(F32x4::splat(0.0)).and(dy.mul(factor).bits()).float_bits()
    };
    reference |x, dy| dy * if low <= x && x <= high { inside } else { outside };
    gradient (|g, x, dy, dx, ddx| stop, within(g, x, ddx, low, high, [inside, outside]));

    /// dy * y * (1 - y): the gradient of y = sigmoid(x).
    SIGMOID_GRAD = "sigmoidGrad" [] on (0.0, 1.0) (-3.0, 3.0);
    forward |y, dy| dy.mul(y).mul(F32x4::splat(1.0).sub(y));
    reference |y, dy| dy * y * (1.0 - y);
    gradient (|g, y, dy, dx, ddx| {
        let slope = affine(g, y, -2.0, 1.0)?;
        let both = mul(g, ddx, dy)?;
        mul(g, both, slope)
    }, call(g, &SIGMOID_GRAD, &[y, ddx]));

    /// dy * (1 - y^2): the gradient of y = tanh(x).
    TANH_GRAD = "tanhGrad" [] on (-1.0, 1.0) (-3.0, 3.0);
    forward |y, dy| dy.mul(F32x4::splat(1.0).sub(y.mul(y)));
    reference |y, dy| dy * (1.0 - y * y);
    gradient (|g, y, dy, dx, ddx| {
        let slope = scale(g, y, -2.0)?;
        let both = mul(g, ddx, dy)?;
        mul(g, both, slope)
    }, call(g, &TANH_GRAD, &[y, ddx]));
}

/// `dy` times `inside` where low <= x <= high, times `outside` elsewhere.
pub fn within(
    g: &mut Graph,
    x: Value,
    dy: Value,
    low: f32,
    high: f32,
    [inside, outside]: [f32; 2],
) -> Result<Value> {
    let attrs = Attrs::none().float(low).float(high).float(inside).float(outside);
    g.op(&SCALE_WITHIN, &[x, dy], attrs)
}

/// (1 - x) (1 + x), exact near 1.
pub fn one_minus_square(g: &mut Graph, x: Value) -> Result<Value> {
    let (low, high) = (affine(g, x, -1.0, 1.0)?, affine(g, x, 1.0, 1.0)?);
    mul(g, low, high)
}

/// height * e^(-rate x^2)
pub fn gaussian(g: &mut Graph, x: Value, height: f32, rate: f32) -> Result<Value> {
    let square = call(g, &SQUARE, &[x])?;
    let exponent = affine(g, square, -rate, height.ln())?;
    call(g, &EXP, &[exponent])
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
