//! What a product does to its sums in the store: the bias, then the activation.

use crate::lane::{F32x4, LANES};
use crate::map::{load_part, store_part};

/// The activation in a product's store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epilogue {
    #[default]
    None,
    /// x < 0 ? 0 : x
    Relu,
}

impl Epilogue {
    #[inline(always)]
    fn apply(self, x: F32x4) -> F32x4 {
        match self {
            Epilogue::None => x,
            Epilogue::Relu => x.pmax(F32x4::splat(0.0)),
        }
    }

    /// c (rows, cols) = activation(c + bias), while the sums are in L1.
    ///
    /// It is no part of the micro-kernels: code after their loop takes registers from the loop.
    ///
    /// # Safety
    /// c (rows, cols) is readable and writable, bias (cols) readable or null.
    pub(super) unsafe fn finish(self, c: *mut f32, ldc: usize, rows: usize, cols: usize, bias: *const f32) {
        if cols == 0 || self == Epilogue::None && bias.is_null() {
            return;
        }
        let finished = |x: F32x4, bias: F32x4| self.apply(x.add(bias));
        // SAFETY: vectors and parts lie below `cols`, or below `rows * cols` where the rows follow each other.
        unsafe {
            if cols <= 2 && ldc == cols {
                // Such rows are one row, of a bias that repeats.
                let bias =
                    F32x4::new([0, 1, 2, 3].map(|i| if bias.is_null() { NONE } else { *bias.add(i % cols) }));
                let n = rows * cols;
                let whole = n - n % LANES;
                for j in (0..whole).step_by(LANES) {
                    finished(F32x4::load(c.add(j)), bias).store(c.add(j));
                }
                let (rest, c) = (n - whole, c.add(whole));
                return store_part(rest, finished(load_part(rest, c, 0.0), bias), c);
            }
            let bias_at =
                |j: usize| if bias.is_null() { F32x4::splat(NONE) } else { F32x4::load(bias.add(j)) };
            for c in (0..rows).map(|i| c.add(i * ldc)) {
                if cols < LANES {
                    let bias = if bias.is_null() { F32x4::splat(NONE) } else { load_part(cols, bias, NONE) };
                    store_part(cols, finished(load_part(cols, c, 0.0), bias), c);
                    continue;
                }
                // The last vector first: it may overlap with the one before.
                let last = cols - LANES;
                let end = finished(F32x4::load(c.add(last)), bias_at(last));
                for j in (0..last).step_by(LANES) {
                    finished(F32x4::load(c.add(j)), bias_at(j)).store(c.add(j));
                }
                end.store(c.add(last));
            }
        }
    }
}

/// Added to anything, it changes no bit.
const NONE: f32 = -0.0;
