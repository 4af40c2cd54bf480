//! x^y.
use crate::lane::F32x4;

/// x^y with IEEE 754's special cases.
pub fn pow(x: F32x4, y: F32x4) -> F32x4 {
    let (x, y) = (x.to_array(), y.to_array());
    F32x4::new(core::array::from_fn(|i| (x[i] as f64).powf(y[i] as f64) as f32))
}
