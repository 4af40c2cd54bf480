//! Constants that stay in memory.

use crate::lane::F32x4;
use core::cell::UnsafeCell;

/// Coefficients or other constants, to be declared `#[used] static`.
///
/// V8 rebuilds a v128 constant from immediates at each use, which takes four instructions; to load and repeat it takes
/// one. The cell and `#[used]` keep LLVM from turning the loads back into constants.
#[repr(transparent)]
pub struct Table<const N: usize>(UnsafeCell<[f32; N]>);

// SAFETY: nothing writes to a table.
unsafe impl<const N: usize> Sync for Table<N> {}

impl<const N: usize> Table<N> {
    pub const fn new(values: [f32; N]) -> Self {
        Self(UnsafeCell::new(values))
    }

    #[inline(always)]
    pub fn at(&self, i: usize) -> F32x4 {
        debug_assert!(i < N);
        // SAFETY: i < N, and nothing writes to a table.
        unsafe { F32x4::load_splat(self.0.get().cast::<f32>().add(i)) }
    }

    /// c\[0\] + c\[1\] x + c\[2\] x^2 + ..., by Horner's rule.
    #[inline(always)]
    pub fn polynomial(&self, x: F32x4) -> F32x4 {
        (0..N - 1).rev().fold(self.at(N - 1), |sum, i| sum.madd(x, self.at(i)))
    }
}
