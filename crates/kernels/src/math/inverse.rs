//! Inverse trigonometric functions, in radians.

use super::table::{Table, constants};
use super::{HALF, ONE, sign, with_sign};
use crate::lane::F32x4;

constants! {
    PI = core::f32::consts::PI;
    PI_LOW = f32::from_bits(0xb3bb_bd2e);
    FRAC_PI_2 = core::f32::consts::FRAC_PI_2;
    FRAC_PI_2_LOW = f32::from_bits(0xb33b_bd2e);
    TWO = 2.0;
}

/// atan t = t + t^3 P(t^2) for |t| <= 1, to 1.7e-8.
#[used]
static ATAN: Table<8> = Table::new([
    -0.333_331_53,
    0.199_937_69,
    -0.142_110_23,
    0.106_658_8,
    -7.551_952e-2,
    4.320_876e-2,
    -1.636_600_3e-2,
    2.920_203_4e-3,
]);

/// asin t = t + t^3 P(t^2) for |t| <= 1/2, to 4.9e-9.
#[used]
static ASIN: Table<5> = Table::new([0.166_667_52, 7.495_31e-2, 4.546_902e-2, 2.418_550_3e-2, 4.215_701_3e-2]);

/// atan t for t in 0..1.
#[inline(always)]
fn atan_unit(t: F32x4) -> F32x4 {
    let square = t.mul(t);
    t.mul(square).madd(ATAN.polynomial(square), t)
}

/// asin t for t in 0..1/2.
#[inline(always)]
fn asin_half(t: F32x4) -> F32x4 {
    let square = t.mul(t);
    t.mul(square).madd(ASIN.polynomial(square), t)
}

/// pi / 2 - x
#[inline(always)]
fn quarter_minus(x: F32x4) -> F32x4 {
    FRAC_PI_2.get().sub(x.sub(FRAC_PI_2_LOW.get()))
}

/// Inverse tangent, within 3 ULP.
#[inline(always)]
pub fn atan(x: F32x4) -> F32x4 {
    let a = x.abs();
    let steep = a.gt(ONE.get());
    let y = atan_unit(steep.select(ONE.get().div(a), a));
    with_sign(steep.select(quarter_minus(y), y), x)
}

/// Angle of the point (x, y) in -pi..pi, within 3 ULP; its sign is y's.
#[inline(always)]
pub fn atan2(y: F32x4, x: F32x4) -> F32x4 {
    let (a, b) = (x.abs(), y.abs());
    let steep = b.gt(a);
    let (short, long) = (steep.select(a, b), steep.select(b, a));
    // inf / inf is 1 here, and 0 / 0 is 0.
    let same = long.eq(F32x4::splat(0.0)).select(long, ONE.get());
    let t = short.eq(long).select(same, short.div(long));
    let angle = atan_unit(t);
    let angle = steep.select(quarter_minus(angle), angle);
    let back = sign(x).shr(31);
    with_sign(back.select(PI.get().sub(angle.sub(PI_LOW.get())), angle), y)
}

/// Inverse sine, within 3 ULP: NaN outside of -1..1.
#[inline(always)]
pub fn asin(x: F32x4) -> F32x4 {
    let a = x.abs();
    let outer = a.gt(HALF.get());
    let t = outer.select(ONE.get().sub(a).mul(HALF.get()).sqrt(), a);
    let y = asin_half(t);
    with_sign(outer.select(quarter_minus(y.add(y)), y), x)
}

/// Inverse cosine, within 2 ULP: NaN outside of -1..1.
#[inline(always)]
pub fn acos(x: F32x4) -> F32x4 {
    let a = x.abs();
    let outer = a.gt(HALF.get());
    let t = outer.select(ONE.get().sub(a).mul(HALF.get()).sqrt(), a);
    let y = asin_half(t);
    let back = sign(x).shr(31);
    let inside = quarter_minus(with_sign(y, x));
    let twice = y.add(y);
    outer.select(back.select(PI.get().sub(twice.sub(PI_LOW.get())), twice), inside)
}
