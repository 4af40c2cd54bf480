//! e^x and its relatives.

use super::table::{Table, constants};
use super::{INFINITY, LN_2, LN_2_HIGH, LN_2_LOW, ONE, minus_abs, with_sign};
use crate::lane::{F32x4, I32x4};

constants! {
    LOG2_E = core::f32::consts::LOG2_E;
    /// 1.5 * 2^23: a float that large has no fraction, so adding it rounds to an integer, which stands in the low bits.
    ROUNDER = 12_582_912.0;
    /// e^x is 0 below.
    LOWEST = -104.0;
    /// e^x is infinite above.
    HIGHEST = 89.0;
    /// e^x - 1 is -1 below.
    LOWEST_EXPM1 = -18.0;
    /// tanh(x / 2) is 1 above.
    HIGHEST_TANH = 20.0;
    TWO = 2.0;
}

/// e^r = 1 + r + r^2 P(r) for |r| <= ln 2 / 2, to 3.8e-9.
#[used]
static EXP: Table<5> = Table::new([0.5, 0.166_665_33, 4.166_725_3e-2, 8.367_62e-3, 1.386_282_5e-3]);

/// x = n ln 2 + r with |r| <= ln 2 / 2: n where a float has its exponent (n << 23), and r.
#[inline(always)]
fn reduce(x: F32x4) -> (I32x4, F32x4) {
    let shifted = x.madd(LOG2_E.get(), ROUNDER.get());
    let minus_n = ROUNDER.get().sub(shifted);
    let r = minus_n.madd(LN_2_LOW.get(), minus_n.madd(LN_2_HIGH.get(), x));
    (shifted.bits().shl(23), r)
}

/// e^r - 1 for |r| <= ln 2 / 2.
#[inline(always)]
fn expm1_reduced(r: F32x4) -> F32x4 {
    r.mul(r).madd(EXP.polynomial(r), r)
}

/// x * 2^n for n << 23, n in -256..256, in two steps, so that neither factor overflows and a denormal result is rounded
/// once.
#[inline(always)]
fn scale(x: F32x4, n: I32x4) -> F32x4 {
    // The exponent's bits are those of -inf.
    let half = n.shr(1).and(INFINITY.get().neg().bits());
    let rest = n.sub(half);
    let one = ONE.get().bits();
    x.mul(half.add(one).float_bits()).mul(rest.add(one).float_bits())
}

/// e^x, within 2 ULP.
#[inline(always)]
pub fn exp(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x.pmax(LOWEST.get()).pmin(HIGHEST.get()));
    scale(expm1_reduced(r).add(ONE.get()), n)
}

/// e^x / 2, which is finite where the hyperbolic functions are.
#[inline(always)]
pub(super) fn half_exp(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x.pmax(LOWEST.get()).pmin(HIGHEST.get().add(ONE.get())));
    scale(expm1_reduced(r).add(ONE.get()), n.sub(I32x4::splat(1 << 23)))
}

/// 2^(x + low) for |x| < 200 and a correction |low| < 1.
#[inline(always)]
pub(super) fn exp2_sum(x: F32x4, low: F32x4) -> F32x4 {
    let shifted = x.add(low).add(ROUNDER.get());
    let n = shifted.sub(ROUNDER.get());
    let r = x.sub(n).add(low).mul(LN_2.get());
    scale(expm1_reduced(r).add(ONE.get()), shifted.bits().shl(23))
}

/// e^(x + low) for -104 <= x <= 0 and a correction |low| < 1.
#[inline(always)]
pub(super) fn exp_sum(x: F32x4, low: F32x4) -> F32x4 {
    let shifted = x.add(low).madd(LOG2_E.get(), ROUNDER.get());
    let minus_n = ROUNDER.get().sub(shifted);
    let r = minus_n.madd(LN_2_HIGH.get(), x).add(minus_n.madd(LN_2_LOW.get(), low));
    scale(expm1_reduced(r).add(ONE.get()), shifted.bits().shl(23))
}

/// e^x - 1, within 2 ULP for small x too.
#[inline(always)]
pub fn expm1(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x.pmax(LOWEST_EXPM1.get()).pmin(HIGHEST.get()));
    with_sign(scale(expm1_unscaled(n, r), n), x)
}

/// (e^r 2^n - 1) / 2^n = e^r - 1 + (1 - 2^-n), with 0 for 2^-128.
#[inline(always)]
fn expm1_unscaled(n: I32x4, r: F32x4) -> F32x4 {
    let inverse = ONE.get().bits().sub(n).max(I32x4::splat(0)).float_bits();
    expm1_reduced(r).add(ONE.get().sub(inverse))
}

/// Hyperbolic tangent, within 3 ULP.
#[inline(always)]
pub fn tanh(x: F32x4) -> F32x4 {
    let a = x.abs();
    let (n, r) = reduce(a.add(a).pmin(HIGHEST_TANH.get()));
    let e = expm1_unscaled(n, r).mul(n.add(ONE.get().bits()).float_bits());
    with_sign(e.div(e.add(TWO.get())), x)
}

/// 1 / (1 + e^-x), within 3 ULP.
#[inline(always)]
pub fn sigmoid(x: F32x4) -> F32x4 {
    let e = exp(minus_abs(x));
    x.lt(F32x4::splat(0.0)).select(e, ONE.get()).div(e.add(ONE.get()))
}
