//! ln x and its relatives.

use super::exp::exp;
use super::table::{Table, constants};
use super::{HALF, INFINITY, LN_2_HIGH, LN_2_LOW, ONE, minus_abs, with_sign};
use crate::lane::{F32x4, I32x4};

constants! {
    SQRT_HALF = core::f32::consts::FRAC_1_SQRT_2;
    SMALLEST_NORMAL = f32::MIN_POSITIVE;
    MINUS_ONE = -1.0;
}

/// ln(1 + f) = f - f^2 / 2 + f^3 P(f) for 1 + f in sqrt(1/2)..sqrt(2), to 3.2e-8.
#[used]
static LOG: Table<7> = Table::new([
    0.333_339_12,
    -0.250_013_44,
    0.199_629_98,
    -0.165_773_14,
    0.149_151_9,
    -0.142_699_23,
    8.702_467e-2,
]);

/// x = 2^n m for a positive normal x: n where a float has its exponent (n << 23), and m in sqrt(1/2)..sqrt(2).
#[inline(always)]
pub(super) fn split(x: F32x4) -> (I32x4, F32x4) {
    let n = x.bits().sub(SQRT_HALF.get().bits()).and(INFINITY.get().neg().bits());
    (n, x.bits().sub(n).float_bits())
}

/// True if every lane is positive, normal and finite.
#[inline(always)]
pub(super) fn all_ordinary(x: F32x4) -> bool {
    x.ge(SMALLEST_NORMAL.get()).and(x.lt(INFINITY.get())).all()
}

/// Denormals times 2^23, and what their exponent then has too much.
#[inline(always)]
pub(super) fn normalized(x: F32x4) -> (F32x4, F32x4) {
    let denormal = x.lt(SMALLEST_NORMAL.get());
    let zero = F32x4::splat(0.0);
    (denormal.select(x.mul(F32x4::splat(8_388_608.0)), x), denormal.select(F32x4::splat(23.0), zero))
}

/// ln(2^n (1 + f)).
#[inline(always)]
fn log_of(n: F32x4, f: F32x4) -> F32x4 {
    let square = f.mul(f);
    let tail = n.madd(LN_2_LOW.get(), f.mul(square).mul(LOG.polynomial(f)));
    n.madd(LN_2_HIGH.get(), f.add(tail.sub(square.mul(HALF.get()))))
}

/// Natural logarithm, within 2 ULP: -inf at 0, NaN below.
#[inline(always)]
pub fn ln(x: F32x4) -> F32x4 {
    if !all_ordinary(x) {
        return ln_anywhere(x);
    }
    let (n, m) = split(x);
    log_of(n.shr(23).to_f32(), m.sub(ONE.get()))
}

#[cold]
#[inline(never)]
fn ln_anywhere(x: F32x4) -> F32x4 {
    let (normal, offset) = normalized(x);
    let (n, m) = split(normal);
    limits(x, log_of(n.shr(23).to_f32().sub(offset), m.sub(ONE.get())))
}

/// The logarithm `y` of `x`, mended where x is not positive and finite.
#[cold]
#[inline(never)]
fn limits(x: F32x4, y: F32x4) -> F32x4 {
    let zero = F32x4::splat(0.0);
    let y = x.lt(INFINITY.get()).select(y, x);
    let y = x.eq(zero).select(INFINITY.get().neg(), y);
    x.lt(zero).select(F32x4::splat(f32::NAN), y)
}

/// ln(1 + x), within 2 ULP for small x too: -inf at -1, NaN below.
#[inline(always)]
pub fn log1p(x: F32x4) -> F32x4 {
    let one = ONE.get();
    let u = x.add(one);
    // 1 + x = u + low exactly, whichever of them is larger.
    let part = u.sub(one);
    let low = one.sub(u.sub(part)).add(x.sub(part));
    let (n, m) = split(u);
    // 2^-n, and 0 for n = 128.
    let scale = one.bits().sub(n).max(I32x4::splat(0)).float_bits();
    let y = log_of(n.shr(23).to_f32(), low.madd(scale, m.sub(one)));
    let y = with_sign(y, x);
    if x.gt(MINUS_ONE.get()).and(x.lt(INFINITY.get())).all() { y } else { limits(u, y) }
}

/// ln(1 + e^x), within 3 ULP.
#[inline(always)]
pub fn softplus(x: F32x4) -> F32x4 {
    x.pmax(F32x4::splat(0.0)).add(log1p(exp(minus_abs(x))))
}
