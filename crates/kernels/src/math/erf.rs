//! The error function.
use crate::lane::F32x4;

/// 2 / sqrt(pi) times the integral of e^(-t^2) over 0..x.
pub fn erf(x: F32x4) -> F32x4 {
    F32x4::new(x.to_array().map(|x| scalar(x as f64) as f32))
}
/// 1 - erf(x).
pub fn erfc(x: F32x4) -> F32x4 {
    F32x4::new(x.to_array().map(|x| (1.0 - scalar(x as f64)) as f32))
}

fn scalar(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    if x.abs() > 5.0 {
        return x.signum();
    }
    for n in 1..120 {
        term *= -x * x / n as f64;
        sum += term / (2 * n + 1) as f64;
    }
    sum * core::f64::consts::FRAC_2_SQRT_PI
}
