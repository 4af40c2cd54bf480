//! Hyperbolic functions and their inverses.

use super::copy_sign;
use super::exp::{exp_sum, expm1};
use super::log::{ln, log1p};
use crate::lane::F32x4;

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: F32x4) -> F32x4 {
    let e = expm1(x.abs().add(x.abs()).pmin(F32x4::splat(40.0)));
    copy_sign(e.div(e.add(F32x4::splat(2.0))), x)
}

/// Hyperbolic sine.
#[inline(always)]
pub fn sinh(x: F32x4) -> F32x4 {
    let one = F32x4::splat(1.0);
    let half = F32x4::splat(0.5);
    let small = expm1(x.abs());
    let small = small.add(small.div(small.add(one))).mul(half);
    let e = exp_sum(x.abs(), F32x4::splat(0.0), -1);
    let large = e.sub(F32x4::splat(0.25).div(e));
    copy_sign(x.abs().lt(one).select(small, large), x)
}

/// Hyperbolic cosine.
#[inline(always)]
pub fn cosh(x: F32x4) -> F32x4 {
    let e = exp_sum(x.abs(), F32x4::splat(0.0), -1);
    e.add(F32x4::splat(0.25).div(e))
}

/// Inverse hyperbolic sine.
#[inline(always)]
pub fn asinh(x: F32x4) -> F32x4 {
    let one = F32x4::splat(1.0);
    let a = x.abs();
    let square = a.mul(a);
    let small = log1p(a.add(square.div(one.add(square.add(one).sqrt()))));
    let large = ln(a).add(F32x4::splat(core::f32::consts::LN_2));
    copy_sign(a.gt(F32x4::splat(1e8)).select(large, small), x)
}

/// Inverse hyperbolic cosine: NaN below 1.
#[inline(always)]
pub fn acosh(x: F32x4) -> F32x4 {
    let t = x.sub(F32x4::splat(1.0));
    let small = log1p(t.add(t.mul(t).add(t.add(t)).sqrt()));
    let large = ln(x).add(F32x4::splat(core::f32::consts::LN_2));
    x.gt(F32x4::splat(1e8)).select(large, small)
}

/// Inverse hyperbolic tangent: infinite at -1 and 1, NaN beyond.
#[inline(always)]
pub fn atanh(x: F32x4) -> F32x4 {
    let a = x.abs();
    let y = log1p(a.add(a).div(F32x4::splat(1.0).sub(a))).mul(F32x4::splat(0.5));
    copy_sign(y, x)
}
