//! ln x and its relatives.

use super::copy_sign;
use super::exp::{LN2_HIGH, LN2_LOW, exp};
use super::table::Table;
use crate::lane::{F32x4, I32x4};

/// ln(1 + f) = f - f^2 / 2 + f^3 P(f) for 1 + f in sqrt(1/2)..sqrt(2), with a relative error of 3.2e-8 (minimax by Sollya).
#[used]
static LOG: Table<7> = Table::new([
    0.333_339_12,
    -0.250_013_44,
    0.199_629_98,
    -0.165_773_14,
    0.149_151_91,
    -0.142_699_23,
    8.702_467e-2,
]);

#[used]
static SPLIT: Table<5> = Table::new([core::f32::consts::FRAC_1_SQRT_2, 1.0, LN2_HIGH, LN2_LOW, -0.5]);

#[used]
static LIMITS: Table<3> = Table::new([f32::MIN_POSITIVE, f32::INFINITY, 8_388_608.0]);

/// x = 2^n (1 + f): n << 23, and 1 + f in sqrt(1/2)..sqrt(2). x is positive, finite and normal.
#[inline(always)]
fn split(x: F32x4) -> (I32x4, F32x4) {
    let n = x.bits().sub(SPLIT.at(0).bits()).shr(23).shl(23);
    (n, x.bits().sub(n).float_bits())
}

/// ln(2^n (1 + f)).
#[inline(always)]
fn log_of(n: F32x4, f: F32x4) -> F32x4 {
    let square = f.mul(f);
    let tail = LOG.polynomial(f).mul(f).madd(square, n.mul(SPLIT.at(3)));
    n.madd(SPLIT.at(2), square.madd(SPLIT.at(4), tail).add(f))
}

/// Natural logarithm: -inf at 0, NaN below.
#[inline(always)]
pub fn ln(x: F32x4) -> F32x4 {
    let ordinary = x.ge(LIMITS.at(0)).and(x.lt(LIMITS.at(1))).all();
    let (mut scaled, mut offset) = (x, F32x4::splat(0.0));
    if !ordinary {
        let denormal = x.lt(LIMITS.at(0));
        scaled = denormal.select(x.mul(LIMITS.at(2)), x);
        offset = denormal.select(F32x4::splat(23.0), offset);
    }
    let (n, m) = split(scaled);
    let y = log_of(n.shr(23).to_f32().sub(offset), m.sub(SPLIT.at(1)));
    if ordinary { y } else { limits(x, y) }
}

/// The logarithm `y` of `x`, with its values where `x` is not positive and finite.
#[inline(always)]
fn limits(x: F32x4, y: F32x4) -> F32x4 {
    let zero = F32x4::splat(0.0);
    let y = x.lt(LIMITS.at(1)).select(y, x);
    let y = x.eq(zero).select(LIMITS.at(1).neg(), y);
    x.lt(zero).select(F32x4::splat(f32::NAN), y)
}

/// ln(1 + x), exact in the limit of small x: -inf at -1, NaN below.
#[inline(always)]
pub fn log1p(x: F32x4) -> F32x4 {
    let one = SPLIT.at(1);
    let u = x.add(one);
    // 1 + x = u + low exactly, whichever is larger.
    let part = u.sub(one);
    let low = one.sub(u.sub(part)).add(x.sub(part));
    let (n, m) = split(u);
    let scale = one.bits().sub(n).float_bits();
    let y = log_of(n.shr(23).to_f32(), low.madd(scale, m.sub(one)));
    let y = copy_sign(y, x);
    if x.gt(one.neg()).and(x.lt(LIMITS.at(1))).all() { y } else { limits(u, y) }
}

/// ln(1 + e^x).
#[inline(always)]
pub fn softplus(x: F32x4) -> F32x4 {
    // `max` and not `pmax`: a NaN stays.
    x.max(F32x4::splat(0.0)).add(log1p(exp(x.abs().neg())))
}
