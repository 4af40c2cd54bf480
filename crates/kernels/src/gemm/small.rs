//! Products too small for panels and tiles: four columns (or rows) of C at a time, straight from the operands.

use super::Gemm;
use crate::lane::{F32x4, LANES};
use crate::map::store_part;

/// Vectors of C up to which, and steps of k up to which, blocking costs more than it saves.
const VECTORS: usize = 32;
const STEPS: usize = 128;

/// An operand as seen from C: words from one row or column of C to the next, and from one step of k to the next.
#[derive(Clone, Copy)]
struct Side {
    ptr: *const f32,
    step: usize,
    step_k: usize,
}

impl Gemm {
    pub(super) fn is_small(&self) -> bool {
        let vectors = (self.m * self.n.div_ceil(LANES)).min(self.n * self.m.div_ceil(LANES));
        !self.accumulate && vectors <= VECTORS && self.k <= STEPS
    }

    /// The whole product.
    ///
    /// # Safety
    /// As for `run`.
    pub(super) unsafe fn run_small(&self, a: *const f32, b: *const f32, bias: *const f32, c: *mut f32) {
        let Gemm { m, n, k, lda, ldb, ldc, .. } = *self;
        let side = |ptr, ld, along_k: bool| {
            let (step, step_k) = if along_k { (ld, 1) } else { (1, ld) };
            Side { ptr, step, step_k }
        };
        let (rows, cols) = (side(a, lda, !self.ta), side(b, ldb, self.tb));
        // Vectors along the side that is contiguous, and fills them.
        let cost = |single: usize, vector: usize, side: Side| {
            single * vector.div_ceil(LANES) * if side.step == 1 && vector >= LANES { 1 } else { 3 }
        };
        // SAFETY: the caller's contract, with rows and columns of C exchanged in the second case.
        unsafe {
            if cost(m, n, cols) <= cost(n, m, rows) {
                products(k, (m, rows), (n, cols), c, ldc, 1);
            } else {
                products(k, (n, cols), (m, rows), c, 1, ldc);
            }
            self.epilogue.finish(c, ldc, m, n, bias);
        }
    }
}

/// C\[i, j\], at i * ldi + j * ldj, for each i of `singles` and, by vectors, each j of `vectors`.
///
/// # Safety
/// The sides are readable, and C is writable, for so many elements and `k` steps.
unsafe fn products(
    k: usize,
    singles: (usize, Side),
    vectors: (usize, Side),
    c: *mut f32,
    ldi: usize,
    ldj: usize,
) {
    let ((m, x), (n, y)) = (singles, vectors);
    for i in 0..m {
        let x = x.ptr.wrapping_add(i * x.step);
        let mut j = 0;
        while j < n {
            // The last vector may overlap with the one before: its elements are computed twice.
            let at = if n < LANES { 0 } else { j.min(n - LANES) };
            let count = n.min(LANES);
            // SAFETY: elements below n, and k steps.
            unsafe {
                let sum = if y.step == 1 && n >= LANES {
                    chain(k, x, singles.1.step_k, |p| F32x4::load(y.ptr.add(at + p * y.step_k)))
                } else {
                    let lanes = [0, 1, 2, 3].map(|q: usize| y.ptr.wrapping_add((at + q).min(n - 1) * y.step));
                    chain(k, x, singles.1.step_k, |p| F32x4::new(lanes.map(|lane| *lane.add(p * y.step_k))))
                };
                let c = c.add(i * ldi + at * ldj);
                match (ldj, count) {
                    (1, LANES) => sum.store(c),
                    (1, _) => store_part(count, sum, c),
                    _ => (sum.to_array().into_iter().take(count).enumerate())
                        .for_each(|(q, x)| *c.add(q * ldj) = x),
                }
            }
            j += LANES;
        }
    }
}

/// The sum over k, in its order, of x\[p\] times the vector at p.
///
/// # Safety
/// `x` is readable for `k` steps.
#[inline(always)]
unsafe fn chain(k: usize, x: *const f32, step: usize, y: impl Fn(usize) -> F32x4) -> F32x4 {
    let mut sum = F32x4::splat(0.0);
    for p in 0..k {
        // SAFETY: the caller's contract.
        sum = unsafe { F32x4::load_splat(x.add(p * step)) }.madd(y(p), sum);
    }
    sum
}
