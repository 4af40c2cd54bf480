//! A matrix times a vector: at the speed of memory, the matrix is read once and in its own order.

use super::block::Product;
use super::pack::{Side, transpose};
use crate::lane::{F32x4, LANES};
use crate::map::{load_part, store_part};

/// Steps of k between two visits to c.
const STEPS: usize = 8;
/// Vectors of four sums that hide each other's latency.
const GROUPS: usize = 2;

/// c (size) = [c +] matrix (size, k) v (k), with the distances between the elements of v and of c.
struct Vector {
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
    /// One row or one column.
    #[inline]
    pub fn is_vector(&self) -> bool {
        self.rows == 1 || self.cols == 1
    }

    /// # Safety
    /// As for `block::run`, and `is_vector`.
    pub unsafe fn run_vector(&self) {
        let out = &self.out;
        let (steps_row, steps_col) = if out.transposed { (1, out.ldc) } else { (out.ldc, 1) };
        let (size, matrix, v, step_c) = match self.cols {
            1 => (self.rows, self.left, self.right, steps_row),
            _ => (self.cols, self.right, self.left, steps_col),
        };
        let step = if v.along_k { 1 } else { v.ld };
        let x =
            Vector { size, k: self.k, matrix, v: v.ptr, step, c: out.c, step_c, accumulate: out.accumulate };
        // SAFETY: the operands and c are valid for the product's sizes.
        unsafe {
            if matrix.along_k {
                x.dots();
            } else {
                x.stream();
            }
            out.finish(self.rows, self.cols);
        }
    }
}

impl Vector {
    /// Some steps of k at a time, along the rows of the matrix.
    unsafe fn stream(&self) {
        let whole = self.k - self.k % STEPS;
        // SAFETY: steps below k.
        unsafe {
            for p in (0..whole).step_by(STEPS) {
                self.steps::<STEPS>(p);
            }
            for p in whole..self.k {
                self.steps::<1>(p);
            }
            if self.k == 0 && !self.accumulate {
                (0..self.size).for_each(|i| *self.c.add(i * self.step_c) = 0.0);
            }
        }
    }

    #[inline(always)]
    unsafe fn steps<const N: usize>(&self, p: usize) {
        let (from, ld) = (self.matrix.at(0, p).ptr, self.matrix.ld);
        let load = p > 0 || self.accumulate;
        // SAFETY: the steps lie below k, the elements below `size`.
        unsafe {
            let v: [F32x4; N] = core::array::from_fn(|q| F32x4::load_splat(self.v.add((p + q) * self.step)));
            let sum = |from: *const f32, sum: F32x4, part: fn(*const f32) -> F32x4| {
                (0..N).fold(sum, |sum, q| part(from.add(q * ld)).madd(v[q], sum))
            };
            let vectors = if self.step_c == 1 { self.size - self.size % LANES } else { 0 };
            for i in (0..vectors).step_by(LANES) {
                let c = self.c.add(i);
                let first = if load { F32x4::load(c) } else { F32x4::splat(0.0) };
                sum(from.add(i), first, |x| F32x4::load(x)).store(c);
            }
            for i in vectors..self.size {
                let c = self.c.add(i * self.step_c);
                let first = if load { F32x4::load_splat(c) } else { F32x4::splat(0.0) };
                store_part(1, sum(from.add(i), first, |x| load_part(1, x, 0.0)), c);
            }
        }
    }

    /// Sums of several rows, each of which lies along k.
    unsafe fn dots(&self) {
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
