//! A matrix times a vector that lies along its rows: it is read once and in its own order, at the speed of memory.

use super::block::Product;
use super::pack::{Side, transpose};
use crate::lane::{F32x4, LANES};

/// Vectors of four sums that hide each other's latency.
const GROUPS: usize = 2;

/// c (size) = [c +] matrix (size, k) v (k), with the distances between the elements of v and of c.
struct Dots {
    size: usize,
    k: usize,
    matrix: Side,
    v: *const f32,
    step: usize,
    c: *mut f32,
    step_c: usize,
    accumulate: bool,
}

impl Product {
    /// # Safety
    /// As for `block::run`; there is one row, and the right operand lies along k.
    pub unsafe fn run_dots(&self) {
        let Product { cols, k, left, right, out, .. } = *self;
        let step = if left.along_k { 1 } else { left.ld };
        let step_c = if out.transposed { out.ldc } else { 1 };
        let accumulate = out.accumulate;
        let dots = Dots { size: cols, k, matrix: right, v: left.ptr, step, c: out.c, step_c, accumulate };
        // SAFETY: the operands and c are valid for the product's sizes.
        unsafe {
            dots.run();
            out.finish(1, cols);
        }
    }
}

impl Dots {
    /// Sums of several rows, each of which lies along k.
    unsafe fn run(&self) {
        let many = self.size - self.size % (GROUPS * LANES);
        // SAFETY: rows below `size`.
        unsafe {
            for i in (0..many).step_by(GROUPS * LANES) {
                self.rows::<GROUPS>(i);
            }
            for i in (many..self.size).step_by(LANES) {
                self.rows::<1>(i);
            }
        }
    }

    /// Rows from `i` on; those past the end repeat the last one.
    #[inline(always)]
    unsafe fn rows<const N: usize>(&self, i: usize) {
        let whole = self.k - self.k % LANES;
        let row = |q: usize| self.matrix.at((i + q).min(self.size - 1), 0).ptr;
        let rows: [[*const f32; LANES]; N] =
            core::array::from_fn(|g| core::array::from_fn(|q| row(g * LANES + q)));
        let c = |q: usize| self.c.wrapping_add((i + q).min(self.size - 1) * self.step_c);
        // SAFETY: steps below k of rows below `size`.
        unsafe {
            let mut sums: [F32x4; N] = core::array::from_fn(|g| match self.accumulate {
                true => F32x4::new([0, 1, 2, 3].map(|q| *c(g * LANES + q))),
                false => F32x4::splat(0.0),
            });
            for p in (0..whole).step_by(LANES) {
                for (sum, rows) in sums.iter_mut().zip(&rows) {
                    let columns = transpose(rows.map(|row| F32x4::load(row.add(p))));
                    for (q, x) in columns.into_iter().enumerate() {
                        *sum = x.madd(F32x4::load_splat(self.v.add((p + q) * self.step)), *sum);
                    }
                }
            }
            for p in whole..self.k {
                for (sum, rows) in sums.iter_mut().zip(&rows) {
                    let x = F32x4::new(rows.map(|row| *row.add(p)));
                    *sum = x.madd(F32x4::load_splat(self.v.add(p * self.step)), *sum);
                }
            }
            for (g, sum) in sums.into_iter().enumerate() {
                let rows = LANES.min(self.size - i - g * LANES);
                sum.to_array().into_iter().take(rows).enumerate().for_each(|(q, x)| *c(g * LANES + q) = x);
            }
        }
    }
}
