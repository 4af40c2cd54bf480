//! Trigonometric functions and their inverses.
use crate::lane::F32x4;

macro_rules! scalar {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => { $(
        $(#[doc = $doc])+
        pub fn $name(x: F32x4) -> F32x4 { F32x4::new(x.to_array().map(|x| (x as f64).$name() as f32)) }
    )* };
}
scalar! {
    /// Sine of radians.
    sin;
    /// Cosine of radians.
    cos;
    /// Tangent of radians.
    tan;
    /// Inverse sine: NaN outside of -1..1.
    asin;
    /// Inverse cosine: NaN outside of -1..1.
    acos;
    /// Inverse tangent.
    atan;
}

/// Angle of the point (x, y), in -pi..pi.
pub fn atan2(y: F32x4, x: F32x4) -> F32x4 {
    let (x, y) = (x.to_array(), y.to_array());
    F32x4::new(core::array::from_fn(|i| (y[i] as f64).atan2(x[i] as f64) as f32))
}
