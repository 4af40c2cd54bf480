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
        if self == Epilogue::None && bias.is_null() {
            return;
        }
        let whole = cols - cols % LANES;
        for i in 0..rows {
            // SAFETY: vectors lie below `cols`; the rest passes through padded lanes.
            unsafe {
                let c = c.add(i * ldc);
                for j in (0..whole).step_by(LANES) {
                    let mut x = F32x4::load(c.add(j));
                    if !bias.is_null() {
                        x = x.add(F32x4::load(bias.add(j)));
                    }
                    self.apply(x).store(c.add(j));
                }
                if whole < cols {
                    let mut x = load_part(cols - whole, c.add(whole), 0.0);
                    if !bias.is_null() {
                        x = x.add(load_part(cols - whole, bias.add(whole), 0.0));
                    }
                    store_part(cols - whole, self.apply(x), c.add(whole));
                }
            }
        }
    }
}
