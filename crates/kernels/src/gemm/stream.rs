//! A few rows times a matrix: it streams by once and in its own order, at the speed of memory.

use super::block::Product;
use super::pack::{Side, copy_matrix};
use crate::lane::{F32x4, LANES};
use crate::map::{load_part, store_part};

/// c (rows, cols) = [c +] left (rows, k) right (k, cols).
struct Stream {
    rows: usize,
    cols: usize,
    k: usize,
    left: Side,
    right: Side,
    c: *mut f32,
    ldc: usize,
    accumulate: bool,
}

impl Product {
    /// # Safety
    /// As for `block::run`; the right operand does not lie along k; `scratch` is writable for (rows, cols).
    pub unsafe fn run_stream(&self, scratch: *mut f32) {
        let Product { rows, cols, k, left, right, out } = *self;
        // Columns of the output that lie apart are rows of a copy.
        let apart = out.transposed && out.ldc > 1;
        let (c, ldc) = if apart { (scratch, cols) } else { (out.c, out.ldc) };
        let stream = Stream { rows, cols, k, left, right, c, ldc, accumulate: out.accumulate };
        // SAFETY: the operands, c and its copy are valid for the product's sizes.
        unsafe {
            if apart && out.accumulate {
                copy_matrix(out.c, out.ldc, scratch, cols, rows, cols, true);
            }
            stream.run();
            if apart {
                copy_matrix(scratch, cols, out.c, out.ldc, cols, rows, true);
            }
            out.finish(rows, cols);
        }
    }
}

/// Steps of k between two visits to c: so many rows of the right operand come from memory at the same time.
const STEPS: usize = 8;
const HALF: usize = STEPS / 2;

impl Stream {
    unsafe fn run(&self) {
        let whole = self.k - self.k % STEPS;
        // SAFETY: steps below k.
        unsafe {
            (0..whole).step_by(STEPS).for_each(|p| self.steps(p));
            for p in whole..self.k {
                (0..self.rows).for_each(|i| self.part::<1, 1>(i, p));
            }
            if self.k == 0 && !self.accumulate {
                (0..self.rows).for_each(|i| self.c.add(i * self.ldc).write_bytes(0, self.cols));
            }
        }
    }

    /// `STEPS` of k, which the first row brings into L1; then the factors of two rows take turns in the registers.
    unsafe fn steps(&self, p: usize) {
        let first = 2 - self.rows % 2;
        // SAFETY: rows below `rows`.
        unsafe {
            (0..first).for_each(|i| self.part::<1, STEPS>(i, p));
            for i in (first..self.rows).step_by(2) {
                self.part::<2, HALF>(i, p);
                self.part::<2, HALF>(i, p + HALF);
            }
        }
    }

    #[inline(always)]
    unsafe fn part<const ROWS: usize, const STEPS: usize>(&self, i: usize, p: usize) {
        let (from, ld) = (self.right.at(0, p).ptr, self.right.ld);
        let load = p > 0 || self.accumulate;
        let c: [*mut f32; ROWS] = core::array::from_fn(|r| self.c.wrapping_add((i + r) * self.ldc));
        // SAFETY: the rows lie below `rows`, the steps below k, the columns below `cols`.
        unsafe {
            let left: [[F32x4; ROWS]; STEPS] = core::array::from_fn(|q| {
                core::array::from_fn(|r| F32x4::load_splat(self.left.at(i + r, p + q).ptr))
            });
            let sums = |j: usize, part: fn(*const f32) -> F32x4| {
                let mut sums = c.map(|c| if load { part(c.add(j)) } else { F32x4::splat(0.0) });
                for (q, left) in left.iter().enumerate() {
                    let x = part(from.add(j + q * ld));
                    for (sum, y) in sums.iter_mut().zip(left) {
                        *sum = x.madd(*y, *sum);
                    }
                }
                sums
            };
            let vectors = self.cols - self.cols % LANES;
            for j in (0..vectors).step_by(LANES) {
                for (c, sum) in c.iter().zip(sums(j, |x| F32x4::load(x))) {
                    sum.store(c.add(j));
                }
            }
            for j in vectors..self.cols {
                for (c, sum) in c.iter().zip(sums(j, |x| load_part(1, x, 0.0))) {
                    store_part(1, sum, c.add(j));
                }
            }
        }
    }
}
