//! The vector type: four f32 or four i32. `lane/wasm.rs` is the only file that names an intrinsic.
//!
//! Three twins with one interface: wasm simd128 (strict), wasm relaxed-simd (`madd` is fused), and portable arrays
//! for native tests (`madd` is fused with the feature `relaxed`). Strict lanes use IEEE operations only, so they give
//! the same bits on every engine.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::{F32x4, I32x4};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::{F32x4, I32x4};

/// Elements in a vector.
pub const LANES: usize = 4;

/// True where `madd` rounds once: the relaxed build.
pub const FUSED: bool = cfg!(any(target_feature = "relaxed-simd", feature = "relaxed"));
