//! e^x and its relatives.

use super::table::Table;
use crate::lane::{F32x4, I32x4};

/// 1.5 * 2^23: a float that large has no fraction, so adding it rounds to an integer in the low bits.
const ROUNDER: f32 = 12_582_912.0;

#[used]
static REDUCE: Table<4> = Table::new([core::f32::consts::LOG2_E, ROUNDER, LN2_HIGH, LN2_LOW]);
/// ln 2 in two parts; the first has 15 bits, so that its product with an exponent is exact.
pub(super) const LN2_HIGH: f32 = 0.693_145_75;
pub(super) const LN2_LOW: f32 = 1.428_606_8e-6;

#[used]
static LIMITS: Table<3> = Table::new([-104.0, 89.0, 1.0]);

/// e^r = 1 + r + r^2 P(r) for |r| <= ln 2 / 2, with a relative error of 3.4e-9 (minimax by Sollya).
#[used]
static EXP: Table<5> = Table::new([0.499_999_99, 0.166_665_2, 4.166_895_5e-2, 8.368_852e-3, 1.378_358_6e-3]);

/// x = n ln 2 + r: n in the exponent's bits (n << 23), and r with |r| <= ln 2 / 2. `low` is added to r.
#[inline(always)]
fn reduce(x: F32x4, low: F32x4) -> (I32x4, F32x4) {
    let rounder = REDUCE.at(1);
    let shifted = x.madd(REDUCE.at(0), rounder);
    let n = rounder.sub(shifted);
    let r = n.madd(REDUCE.at(2), x);
    (shifted.bits().shl(23), n.madd(REDUCE.at(3), r).add(low))
}

/// x * 2^n for n << 23 in -256..256, in two steps so that neither factor overflows and a denormal is rounded once.
#[inline(always)]
fn scale(x: F32x4, n: I32x4) -> F32x4 {
    let one = LIMITS.at(2).bits();
    let half = n.shr(24).shl(23);
    x.mul(half.add(one).float_bits()).mul(n.sub(half).add(one).float_bits())
}

/// e^(x + low) * 2^shift for a correction |low| << |x|.
#[inline(always)]
pub(super) fn exp_sum(x: F32x4, low: F32x4, shift: i32) -> F32x4 {
    let x = x.pmax(LIMITS.at(0)).pmin(LIMITS.at(1));
    let (n, r) = reduce(x, low);
    let p = r.mul(r).madd(EXP.polynomial(r), r).add(LIMITS.at(2));
    scale(p, n.add(I32x4::splat(shift << 23)))
}

/// e^x.
#[inline(always)]
pub fn exp(x: F32x4) -> F32x4 {
    let x = x.pmax(LIMITS.at(0)).pmin(LIMITS.at(1));
    let (n, r) = reduce(x, F32x4::splat(0.0));
    scale(r.mul(r).madd(EXP.polynomial(r), r).add(LIMITS.at(2)), n)
}

/// e^x - 1, exact in the limit of small x.
#[inline(always)]
pub fn expm1(x: F32x4) -> F32x4 {
    let one = LIMITS.at(2);
    // Below -18 the result is -1 rounded, and 2^-n stays finite.
    let clamped = x.pmax(F32x4::splat(-18.0)).pmin(LIMITS.at(1));
    let (n, r) = reduce(clamped, F32x4::splat(0.0));
    let p = r.mul(r).madd(EXP.polynomial(r), r);
    let inverse = one.bits().sub(n).float_bits();
    super::copy_sign(scale(p.add(one.sub(inverse)), n), x)
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: F32x4) -> F32x4 {
    let one = LIMITS.at(2);
    let e = exp(x.abs().neg());
    x.lt(F32x4::splat(0.0)).select(e, one).div(e.add(one))
}
