//! x^y.

use super::exp::exp2_sum;
use super::log::{all_ordinary, normalized, split};
use super::table::{Table, constants};
use super::{INFINITY, ONE, sign};
use crate::lane::{F32x4, I32x4};

constants! {
    /// 2 / (3 ln 2), and the same in two parts.
    SCALE = 0.961_796_7;
    SCALE_HIGH = f32::from_bits(0x3f76_4000);
    SCALE_LOW = f32::from_bits(0xb8f6_23c6);
    THREE = 3.0;
    /// 2^x is 0 below minus this, infinite above it.
    BIGGEST = 180.0;
}

/// atanh(s) = s (3 + s^2 + s^4 R(s^2)) / 3 for s^2 <= 0.0296: R to 4.2e-7.
#[used]
static ATANH: Table<3> = Table::new([0.600_000_26, 0.428_427_55, 0.345_914_2]);

/// The first 12 bits, whose products with each other are exact.
#[inline(always)]
fn high_part(x: F32x4) -> F32x4 {
    x.bits().and(I32x4::splat(!0xfff)).float_bits()
}

/// log2(2^n m) in two parts, the first of 12 bits, to 2^-33 relative (the method of FreeBSD's `e_powf.c`).
#[inline(always)]
fn log2_parts(n: F32x4, m: F32x4) -> (F32x4, F32x4) {
    // s = (m - 1) / (m + 1), in two parts
    let (below, above) = (m.sub(ONE.get()), m.add(ONE.get()));
    let inverse = ONE.get().div(above);
    let s = below.mul(inverse);
    let s_high = high_part(s);
    let above_high = high_part(above);
    let above_low = m.sub(above_high.sub(ONE.get()));
    let s_low = inverse.mul(below.sub(s_high.mul(above_high)).sub(s_high.mul(above_low)));
    // 3 + s^2 + s^4 R, in two parts
    let square = s.mul(s);
    let rest = square.mul(square).mul(ATANH.polynomial(square)).add(s_low.mul(s_high.add(s)));
    let square_high = s_high.mul(s_high);
    let sum_high = high_part(THREE.get().add(square_high).add(rest));
    let sum_low = rest.sub(sum_high.sub(THREE.get()).sub(square_high));
    // their product, times 2 / (3 ln 2)
    let product = s_high.mul(sum_high);
    let product_low = s_low.mul(sum_high).add(sum_low.mul(s));
    let high = high_part(product.add(product_low));
    let low = product_low.sub(high.sub(product));
    let scaled = SCALE_HIGH.get().mul(high);
    let scaled_low = SCALE_LOW.get().mul(high).add(low.mul(SCALE.get()));
    let log_high = high_part(scaled.add(scaled_low).add(n));
    (log_high, scaled_low.sub(log_high.sub(n).sub(scaled)))
}

/// (2^n m)^y.
#[inline(always)]
fn power(n: F32x4, m: F32x4, y: F32x4) -> F32x4 {
    let (log_high, log_low) = log2_parts(n, m);
    let y_high = high_part(y);
    let low = y.sub(y_high).mul(log_high).add(y.mul(log_low));
    let high = y_high.mul(log_high);
    let limit = BIGGEST.get();
    let clamped = high.pmax(limit.neg()).pmin(limit);
    exp2_sum(clamped, low.pmax(ONE.get().neg()).pmin(ONE.get()))
}

/// x^y, within 2 ULP, with C's special cases: x^0 = 1^y = 1 even for NaN; NaN for a negative x and a fractional y.
#[inline(always)]
pub fn pow(x: F32x4, y: F32x4) -> F32x4 {
    if !(all_ordinary(x) && y.abs().lt(INFINITY.get()).all()) {
        return pow_anywhere(x, y);
    }
    let (n, m) = split(x);
    power(n.shr(23).to_f32(), m, y)
}

#[cold]
#[inline(never)]
fn pow_anywhere(x: F32x4, y: F32x4) -> F32x4 {
    let (zero, one, infinity, nan) = (F32x4::splat(0.0), ONE.get(), INFINITY.get(), F32x4::splat(f32::NAN));
    let a = x.abs();
    let (normal, offset) = normalized(a);
    let (n, m) = split(normal);
    let z = power(n.shr(23).to_f32().sub(offset), m, y);
    // Where |x| or |y| is 0 or infinite the result is: infinite if they pull the same way, else 0.
    let same_way = a.gt(one).eq(y.gt(zero));
    let extreme = a.eq(zero).or(a.eq(infinity)).or(y.abs().eq(infinity));
    let z = extreme.select(same_way.select(infinity, zero), z);
    let z = a.eq(one).and(y.abs().eq(infinity)).select(one, z);
    // A negative x: an odd y keeps the sign, a fractional one has no result.
    let whole = y.trunc().eq(y);
    let half = y.mul(F32x4::splat(0.5));
    let odd = whole.and(half.trunc().ne(half));
    let z = x.lt(zero).and(whole.not()).and(extreme.not()).select(nan, z);
    let z = z.bits().or(sign(x).and(odd)).float_bits();
    let z = x.ne(x).or(y.ne(y)).select(nan, z);
    x.eq(one).or(y.eq(zero)).select(one, z)
}
