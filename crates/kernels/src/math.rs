//! Elementary functions over lanes. Each states its largest error in ULP: units in the last place of the correctly
//! rounded result, the same bound for the strict and the relaxed build. The tests judge them by f64 over the whole
//! range, denormals and special values included.
//!
//! Strict lanes use IEEE operations alone, so the bits are the same on every engine. Polynomials are minimax fits by
//! Sollya's `fpminimax`, rational functions by Lawson's iteration; each states the relative error of its fit.

mod erf;
mod exp;
mod hyperbolic;
mod inverse;
mod log;
mod pow;
mod table;
mod trigonometric;

pub use erf::{erf, erfc};
pub use exp::{exp, expm1, sigmoid, tanh};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh};
pub use inverse::{acos, asin, atan, atan2};
pub use log::{ln, log1p, softplus};
pub use pow::pow;
pub use trigonometric::{cos, sin, tan};

use crate::lane::{F32x4, I32x4};
use table::constants;

constants! {
    MINUS_ZERO = -0.0;
    HALF = 0.5;
    ONE = 1.0;
    INFINITY = f32::INFINITY;
    LN_2 = core::f32::consts::LN_2;
    /// 12 bits, so that its products with 12 bits are exact.
    LN_2_HIGH = f32::from_bits(0x3f31_7200);
    LN_2_LOW = f32::from_bits(0x35bf_be8e);
}

/// The sign bit of each lane.
#[inline(always)]
fn sign(x: F32x4) -> I32x4 {
    x.bits().and(MINUS_ZERO.get().bits())
}

/// `y` with the sign of `x`, which it has already if it is negative.
#[inline(always)]
fn with_sign(y: F32x4, x: F32x4) -> F32x4 {
    y.bits().or(sign(x)).float_bits()
}

/// -|x|
#[inline(always)]
fn minus_abs(x: F32x4) -> F32x4 {
    x.bits().or(MINUS_ZERO.get().bits()).float_bits()
}

#[cfg(test)]
mod tests;
