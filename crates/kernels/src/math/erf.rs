//! The error function and its complement.

use super::exp::exp_sum;
use super::table::{Table, constants};
use super::{HALF, ONE, with_sign};
use crate::lane::{F32x4, I32x4};

constants! {
    /// 1 - erf x is 0 above.
    HIGHEST = 10.06;
    TWO = 2.0;
}

/// erf x = x + x P(x^2) for |x| <= 1/2, to 1.5e-9.
#[used]
static ERF: Table<5> = Table::new([0.128_379_17, -0.376_126_1, 0.112_828_57, -2.675_896_7e-2, 4.721_144e-3]);

/// e^(x^2) (1 - erf x) = P(x) / Q(x) for x in 1/2..10.06, to 4.4e-8.
#[used]
static ERFC_P: Table<5> = Table::new([1.000_009_9, 1.313_645_8, 0.817_678_75, 0.273_251_2, 4.363_718_3e-2]);
#[used]
static ERFC_Q: Table<6> =
    Table::new([1.0, 2.442_121_3, 2.572_888_6, 1.487_749_8, 0.484_337_18, 7.734_461e-2]);

/// erf x for |x| <= 1/2.
#[inline(always)]
fn center(x: F32x4) -> F32x4 {
    x.madd(ERF.polynomial(x.mul(x)), x)
}

/// 1 - erf a for a >= 1/2.
#[inline(always)]
fn tail(a: F32x4) -> F32x4 {
    let a = a.pmin(HIGHEST.get());
    // a^2 = high^2 + (a - high) (a + high), where high has 12 bits and its square is exact.
    let high = a.bits().and(I32x4::splat(!0xfff)).float_bits();
    let e = exp_sum(high.mul(high).neg(), high.sub(a).mul(high.add(a)));
    e.mul(ERFC_P.polynomial(a)).div(ERFC_Q.polynomial(a))
}

/// 2 / sqrt(pi) times the integral of e^(-t^2) over 0..x, within 3 ULP.
#[inline(always)]
pub fn erf(x: F32x4) -> F32x4 {
    let a = x.abs();
    with_sign(a.lt(HALF.get()).select(center(a), ONE.get().sub(tail(a))), x)
}

/// 1 - erf x, within 6 ULP for large x too.
#[inline(always)]
pub fn erfc(x: F32x4) -> F32x4 {
    let a = x.abs();
    let tail = tail(a);
    let outside = x.lt(F32x4::splat(0.0)).select(TWO.get().sub(tail), tail);
    a.lt(HALF.get()).select(ONE.get().sub(center(x)), outside)
}
