//! Sine, cosine and tangent of radians.

use super::table::{Table, constants};
use super::{HALF, ONE, with_sign};
use crate::lane::{F32x4, I32x4, LANES};

constants! {
    FRAC_2_PI = core::f32::consts::FRAC_2_PI;
    /// 1.5 * 2^23: adding it rounds to an integer, which stands in the low bits.
    ROUNDER = 12_582_912.0;
    /// The number of quarter turns has 12 bits below.
    NEAR = 6_433.0;
    /// Minus pi / 2 in parts of 8, 11, 11 and 24 bits, so that the products with 12 bits are exact.
    QUARTER_1 = -1.570_312_5;
    QUARTER_2 = f32::from_bits(0xb9fd_a000);
    QUARTER_3 = f32::from_bits(0xb3a2_2000);
    QUARTER_4 = f32::from_bits(0xac34_611a);
}

/// sin r = r + r^3 P(r^2) for |r| <= pi / 4, to 4e-9.
#[used]
static SIN: Table<3> = Table::new([-0.166_666_55, 8.332_189e-3, -1.951_828_5e-4]);

/// cos r = 1 - r^2 / 2 + r^4 P(r^2) for |r| <= pi / 4, to 1.2e-10.
#[used]
static COS: Table<3> = Table::new([4.166_664_6e-2, -1.388_731_1e-3, 2.443_256_4e-5]);

/// 2 / pi in 224 bits behind 16 zeros, so that a window may start before the point.
const TWO_OVER_PI: [u8; 30] = [
    0x00, 0x00, 0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd,
    0xc0, 0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41, 0xfe, 0x51, 0x63, 0xab,
];

/// x = n pi / 2 + r with |r| <= pi / 4: n, of which the last two bits count, and r.
#[inline(always)]
fn reduce(x: F32x4) -> (I32x4, F32x4) {
    let shifted = x.madd(FRAC_2_PI.get(), ROUNDER.get());
    let n = shifted.sub(ROUNDER.get());
    // Exact up to the third product, whose sum's rounding is made good with the fourth.
    let high = n.madd(QUARTER_2.get(), n.madd(QUARTER_1.get(), x));
    let third = n.mul(QUARTER_3.get());
    let sum = high.add(third);
    let r = sum.add(n.madd(QUARTER_4.get(), third.sub(sum.sub(high))));
    if x.abs().le(NEAR.get()).all() { (shifted.bits(), r) } else { reduce_far(x, shifted.bits(), r) }
}

/// `n` and `r` replaced in the lanes where x is far.
#[cold]
#[inline(never)]
fn reduce_far(x: F32x4, n: I32x4, r: F32x4) -> (I32x4, F32x4) {
    let far = NEAR.get().lt(x.abs()).to_array();
    let (x, mut n, mut r) = (x.to_array(), n.to_array(), r.to_array());
    for i in 0..LANES {
        if !x[i].is_finite() {
            r[i] = f32::NAN;
        } else if far[i] != 0 {
            (n[i], r[i]) = reduce_lane(x[i]);
        }
    }
    (I32x4::new(n), F32x4::new(r))
}

/// [`reduce`] of one x with |x| >= 2^12, in integers: the bits of 2 / pi whose products are whole turns are left out
/// (the method of Payne and Hanek).
fn reduce_lane(x: f32) -> (i32, f32) {
    let bits = x.to_bits();
    let exponent = (bits >> 23 & 0xff) as usize - 127;
    let mantissa = bits & 0x7f_ffff | 0x80_0000;
    let start = exponent - 9;
    let mut window = [0; 16];
    window.copy_from_slice(&TWO_OVER_PI[start / 8..][..16]);
    let window = u128::from_be_bytes(window) << (start % 8) >> 32;
    // Quarter turns modulo 4 in the two upper bits, their fraction below.
    let turns = (mantissa as u128 * window) << 32;
    let n = turns.wrapping_add(1 << 125) >> 126;
    let fraction = turns.wrapping_sub(n << 126) as i128;
    let r = ((fraction >> 64) as f64 * (core::f64::consts::FRAC_PI_2 / (1u64 << 62) as f64)) as f32;
    if x < 0.0 { (-(n as i32), -r) } else { (n as i32, r) }
}

/// sin r and cos r for |r| <= pi / 4.
#[inline(always)]
fn sin_cos(r: F32x4) -> (F32x4, F32x4) {
    let square = r.mul(r);
    // The sign is for r = -0.
    let sin = with_sign(r.mul(square).madd(SIN.polynomial(square), r), r);
    let cos = square.mul(square).madd(COS.polynomial(square), ONE.get().sub(square.mul(HALF.get())));
    (sin, cos)
}

/// sin(n pi / 2 + r)
#[inline(always)]
fn turned(n: I32x4, r: F32x4) -> F32x4 {
    let (sin, cos) = sin_cos(r);
    let odd = n.shl(31).shr(31);
    let minus = n.shr(1).shl(31);
    odd.select(cos, sin).bits().xor(minus).float_bits()
}

/// Sine, within 2 ULP.
#[inline(always)]
pub fn sin(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x);
    turned(n, r)
}

/// Cosine, within 2 ULP.
#[inline(always)]
pub fn cos(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x);
    turned(n.add(I32x4::splat(1)), r)
}

/// Tangent, within 4 ULP.
#[inline(always)]
pub fn tan(x: F32x4) -> F32x4 {
    let (n, r) = reduce(x);
    let (sin, cos) = sin_cos(r);
    let odd = n.shl(31).shr(31);
    // tan(r + pi / 2) = -cos r / sin r
    let y = odd.select(cos, sin).div(odd.select(sin, cos));
    y.bits().xor(n.shl(31)).float_bits()
}
