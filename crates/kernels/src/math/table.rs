//! Constants that stay in memory.

use crate::lane::{F32x4, LANES};
use core::cell::UnsafeCell;

/// Coefficients, each repeated over the lanes; to be declared `#[used] static`.
///
/// V8 rebuilds a v128 constant from immediates wherever it is used, in four instructions, and loads one in a single
/// instruction: e^x takes 1.2 ns per element with loads and 2.0 without. The cell and `#[used]` keep LLVM from turning
/// the loads back into constants.
#[repr(C, align(16))]
pub struct Table<const N: usize>(UnsafeCell<[[f32; LANES]; N]>);

// SAFETY: nothing writes to a table.
unsafe impl<const N: usize> Sync for Table<N> {}

impl<const N: usize> Table<N> {
    pub const fn new(values: [f32; N]) -> Self {
        let mut table = [[0.0; LANES]; N];
        let mut i = 0;
        while i < N {
            table[i] = [values[i]; LANES];
            i += 1;
        }
        Self(UnsafeCell::new(table))
    }

    #[inline(always)]
    fn at(&self, i: usize) -> F32x4 {
        // SAFETY: i < N wherever this is called, and nothing writes to a table.
        unsafe { F32x4::load(self.0.get().cast::<f32>().add(LANES * i)) }
    }

    /// c\[0\] + c\[1\] x + c\[2\] x^2 + ..., even and odd powers apart: two short chains instead of a long one.
    #[inline(always)]
    pub fn polynomial(&self, x: F32x4) -> F32x4 {
        if N < 4 {
            return (0..N - 1).rev().fold(self.at(N - 1), |sum, i| sum.madd(x, self.at(i)));
        }
        let square = x.mul(x);
        let every_other = |last: usize| {
            (0..last / 2).rev().fold(self.at(last), |sum, i| sum.madd(square, self.at(2 * i + last % 2)))
        };
        let (last, before) = (every_other(N - 1), every_other(N - 2));
        if N.is_multiple_of(2) { last.madd(x, before) } else { before.madd(x, last) }
    }
}

impl Table<1> {
    #[inline(always)]
    pub fn get(&self) -> F32x4 {
        self.at(0)
    }
}

/// Single constants, read by `NAME.get()`.
macro_rules! constants {
    ($($(#[doc = $doc:literal])* $name:ident = $value:expr;)*) => { $(
        $(#[doc = $doc])*
        #[used]
        static $name: $crate::math::table::Table<1> = $crate::math::table::Table::new([$value]);
    )* };
}
pub(super) use constants;
