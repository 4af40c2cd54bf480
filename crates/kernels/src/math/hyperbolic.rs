//! Hyperbolic functions and their inverses.

use super::exp::half_exp;
use super::log::{ln, log1p};
use super::table::{Table, constants};
use super::{HALF, LN_2, ONE, with_sign};
use crate::lane::F32x4;

constants! {
    QUARTER = 0.25;
    /// x^2 + 1 = x^2 above.
    LARGE = 16_384.0;
}

/// sinh x = x + x^3 P(x^2) for |x| <= 1, to 3.6e-10.
#[used]
static SINH: Table<4> = Table::new([0.166_666_67, 8.333_315e-3, 1.984_166_6e-4, 2.789_984e-6]);

/// Hyperbolic sine, within 2 ULP.
#[inline(always)]
pub fn sinh(x: F32x4) -> F32x4 {
    let square = x.mul(x);
    let small = x.mul(square).madd(SINH.polynomial(square), x);
    let e = half_exp(x.abs());
    let large = e.sub(QUARTER.get().div(e));
    with_sign(x.abs().lt(ONE.get()).select(small, large), x)
}

/// Hyperbolic cosine, within 2 ULP.
#[inline(always)]
pub fn cosh(x: F32x4) -> F32x4 {
    let e = half_exp(x.abs());
    e.add(QUARTER.get().div(e))
}

/// Inverse hyperbolic sine, within 3 ULP.
#[inline(always)]
pub fn asinh(x: F32x4) -> F32x4 {
    let a = x.abs();
    let square = a.mul(a);
    // sqrt(a^2 + 1) - 1 = a^2 / (1 + sqrt(a^2 + 1))
    let small = log1p(a.add(square.div(ONE.get().add(square.add(ONE.get()).sqrt()))));
    let large = ln(a).add(LN_2.get());
    with_sign(a.gt(LARGE.get()).select(large, small), x)
}

/// Inverse hyperbolic cosine, within 3 ULP: NaN below 1.
#[inline(always)]
pub fn acosh(x: F32x4) -> F32x4 {
    let t = x.sub(ONE.get());
    let small = log1p(t.add(t.mul(t).add(t.add(t)).sqrt()));
    let large = ln(x).add(LN_2.get());
    let y = x.gt(LARGE.get()).select(large, small);
    x.lt(ONE.get()).select(F32x4::splat(f32::NAN), y)
}

/// Inverse hyperbolic tangent, within 3 ULP: infinite at -1 and 1, NaN beyond.
#[inline(always)]
pub fn atanh(x: F32x4) -> F32x4 {
    let a = x.abs();
    let y = log1p(a.add(a).div(ONE.get().sub(a))).mul(HALF.get());
    with_sign(y, x)
}
