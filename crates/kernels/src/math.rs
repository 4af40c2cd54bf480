//! Elementary functions over lanes, each with its largest error in units in the last place (ULP) of the correctly
//! rounded result. The tests judge them by f64 over the whole range, denormals and special values included.
//!
//! Strict lanes use IEEE operations alone, so the bits are the same on every engine.

mod erf;
mod exp;
mod hyperbolic;
mod log;
mod pow;
mod table;
mod trigonometric;

pub use erf::{erf, erfc};
pub use exp::{exp, expm1, sigmoid};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use log::{ln, log1p, softplus};
pub use pow::pow;
pub use trigonometric::{acos, asin, atan, atan2, cos, sin, tan};

use crate::lane::{F32x4, I32x4};

/// The magnitude of `x` with the sign of `sign`.
#[inline(always)]
fn copy_sign(x: F32x4, sign: F32x4) -> F32x4 {
    let mask = I32x4::splat(i32::MIN);
    sign.bits().and(mask).or(x.bits().andnot(mask)).float_bits()
}
