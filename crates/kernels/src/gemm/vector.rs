//! A matrix times one or two vectors that lie along its rows: it is read once and in its own order, at the speed of memory.

use super::block::{CONFLICT, Product};
use super::pack::{Side, transpose};
use crate::lane::{F32x4, FUSED, LANES};
use core::array::from_fn;

/// Rows of the left operand, at most.
pub const MOST_DOTS: usize = 2;
/// Vectors of four sums that hide each other's latency, for one row and for two; fewer where the rows that they read
/// share sets of L1.
const GROUPS: usize = 3;
const GROUPS_OF_TWO: usize = if FUSED { 3 } else { 2 };
const GROUPS_CONFLICT: usize = 2;

/// c (vectors, size) = [c +] left (vectors, k) matrix (size, k)^T, with the distances between elements of c.
struct Dots {
    size: usize,
    k: usize,
    left: Side,
    matrix: Side,
    c: *mut f32,
    steps_c: [usize; 2],
    accumulate: bool,
}

impl Product {
    /// # Safety
    /// As for `block::run`; there are one or two rows, and the right operand lies along k.
    pub unsafe fn run_dots(&self) {
        let Product { rows, cols, k, left, right, out } = *self;
        let steps_c = if out.transposed { [1, out.ldc] } else { [out.ldc, 1] };
        let dots = Dots { size: cols, k, left, matrix: right, c: out.c, steps_c, accumulate: out.accumulate };
        // SAFETY: the operands and c are valid for the product's sizes.
        unsafe {
            match (rows, right.ld.is_multiple_of(CONFLICT)) {
                (1, false) => dots.run::<1, GROUPS>(),
                (1, true) => dots.run::<1, GROUPS_CONFLICT>(),
                (_, false) => dots.run::<2, GROUPS_OF_TWO>(),
                (_, true) => dots.run::<2, GROUPS_CONFLICT>(),
            }
            out.finish(rows, cols);
        }
    }
}

impl Dots {
    /// Sums of several rows of the matrix, each of which lies along k, with all `V` vectors.
    unsafe fn run<const V: usize, const N: usize>(&self) {
        for i in (0..self.size).step_by(N * LANES) {
            // SAFETY: rows below `size`.
            unsafe { self.rows::<V, N>(i) };
        }
    }

    /// Rows from `i` on; those past the end repeat the last one.
    #[inline(always)]
    unsafe fn rows<const V: usize, const N: usize>(&self, i: usize) {
        let whole = self.k - self.k % LANES;
        let row = |q: usize| self.matrix.at((i + q).min(self.size - 1), 0).ptr;
        let rows: [[*const f32; LANES]; N] = from_fn(|g| from_fn(|q| row(g * LANES + q)));
        let step = if self.left.along_k { 1 } else { self.left.ld };
        let mut left: [*const f32; V] = from_fn(|v| self.left.at(v, 0).ptr);
        let [step_v, step_c] = self.steps_c;
        let c = |v: usize, q: usize| self.c.wrapping_add(v * step_v + (i + q).min(self.size - 1) * step_c);
        // SAFETY: steps below k of rows below `size`.
        unsafe {
            let mut sums: [[F32x4; V]; N] = from_fn(|g| {
                from_fn(|v| match self.accumulate {
                    true => F32x4::new([0, 1, 2, 3].map(|q| *c(v, g * LANES + q))),
                    false => F32x4::splat(0.0),
                })
            });
            for p in (0..whole).step_by(LANES) {
                let factors: [[*const f32; V]; LANES] = from_fn(|q| left.map(|x| x.wrapping_add(q * step)));
                for (sums, rows) in sums.iter_mut().zip(&rows) {
                    let columns = transpose(rows.map(|row| F32x4::load(row.add(p))));
                    for (x, factors) in columns.into_iter().zip(factors) {
                        for (sum, factor) in sums.iter_mut().zip(factors) {
                            *sum = x.madd(F32x4::load_splat(factor), *sum);
                        }
                    }
                }
                left.iter_mut().for_each(|x| *x = x.wrapping_add(LANES * step));
            }
            for p in whole..self.k {
                for (sums, rows) in sums.iter_mut().zip(&rows) {
                    let x = F32x4::new(rows.map(|row| *row.add(p)));
                    for (sum, left) in sums.iter_mut().zip(left) {
                        *sum = x.madd(F32x4::load_splat(left), *sum);
                    }
                }
                left.iter_mut().for_each(|x| *x = x.wrapping_add(step));
            }
            for (g, sums) in sums.into_iter().enumerate() {
                let rows = LANES.min(self.size.saturating_sub(i + g * LANES));
                for (v, sum) in sums.into_iter().enumerate() {
                    let sums = sum.to_array().into_iter().take(rows).enumerate();
                    sums.for_each(|(q, x)| *c(v, g * LANES + q) = x);
                }
            }
        }
    }
}
