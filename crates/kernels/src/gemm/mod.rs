//! f32 matrix products: C = epilogue([C +] op(A) op(B) + bias), in all four transpositions.
//!
//! Every element of C is one sequential chain over k, whatever the tile, the blocking and the path:
//! `acc = 0 or c; for p in 0..k { acc = madd(a[i][p], b[p][j], acc) }`, then the bias, then the activation.

mod block;
mod epilogue;
mod pack;
mod small;
mod stream;
#[cfg(test)]
mod tests;
mod vector;

pub use crate::microkernel::{TILES, Tile};
pub use epilogue::Epilogue;

use crate::lane::LANES;
use crate::microkernel::WIDTHS;
use block::{Out, Product};
use core::ptr;
use pack::Side;
use vector::MOST_DOTS;

/// A product of row-major matrices: op(a) (m, k) times op(b) (k, n) into c (m, n).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gemm {
    /// a is stored (k, m), not (m, k).
    pub ta: bool,
    /// b is stored (n, k), not (k, n).
    pub tb: bool,
    pub m: usize,
    pub n: usize,
    pub k: usize,
    /// Words from one stored row to the next.
    pub lda: usize,
    pub ldb: usize,
    pub ldc: usize,
    /// The sums begin with c instead of zero.
    pub accumulate: bool,
    pub epilogue: Epilogue,
}

/// A product has about so many chunks, unless they would be smaller than `CHUNK_WORK` multiply-adds or larger than
/// `CHUNK_AREA` elements of c or `CHUNK_SIDE` rows or columns: a chunk copies its part of both operands for itself.
const CHUNKS: usize = 8;
const CHUNK_WORK: usize = 1 << 19;
const CHUNK_AREA: usize = 256 * 256;
const CHUNK_SIDE: usize = 480;
/// Rows or columns that one thread computes at a time.
const BLOCK_SIDE: usize = 960;
/// So few rows stream a matrix of more words than caches hold: tiles would read it in narrow stripes.
const STREAM_ROWS: usize = 4;
const STREAM_WORDS: usize = 3 << 20;
/// Columns that a chunk reads from each row of such a matrix: the longer, the nearer to the memory's rate.
const STREAM_COLS: [usize; 2] = [480, 1024];
/// Whole tiles of nearly every height.
const ROWS: usize = 24;

impl Gemm {
    /// Words of scratch that `run` needs for one chunk, whatever the tile.
    pub fn scratch(&self) -> usize {
        let product = self.product(ptr::null(), ptr::null(), ptr::null(), ptr::null_mut());
        let words = |size| {
            let part = product.part(size, 0);
            block::scratch(&part).max(part.rows.min(STREAM_ROWS) * part.cols)
        };
        words(product.chunk_size()).max(words(product.block_size()))
    }

    /// Parts of the product that may be computed in any order and at the same time; set by the shape alone.
    #[inline]
    pub fn chunks(&self) -> usize {
        let product = self.product(ptr::null(), ptr::null(), ptr::null(), ptr::null_mut());
        product.parts(product.chunk_size())
    }

    /// Computes one of the `chunks`, or all of the product if `chunks` is 1, which copies less. No bit of it depends on
    /// that, nor on the tile.
    ///
    /// # Safety
    /// a (m, k), or (k, m) if `ta`, and b (k, n), or (n, k) if `tb`, are readable; bias (n) is readable or null;
    /// c (m, n) is readable and writable and no operand overlaps it; `scratch` is writable for `scratch()` words.
    #[inline]
    pub unsafe fn run(
        &self,
        tile: &'static Tile,
        chunk: usize,
        chunks: usize,
        a: *const f32,
        b: *const f32,
        bias: *const f32,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        if chunks == 1 && self.is_small() {
            // SAFETY: the caller's contract.
            return unsafe { self.run_small(a, b, bias, c) };
        }
        let product = self.product(a, b, bias, c);
        let (size, parts) = match chunks {
            1 => (product.block_size(), 0..product.parts(product.block_size())),
            _ => (product.chunk_size(), chunk..chunk + 1),
        };
        for part in parts.map(|part| product.part(size, part)) {
            // SAFETY: the part lies inside of the product that the caller vouches for.
            unsafe {
                match part.way(product.is_long()) {
                    Way::Rows(product) => product.run_rows(scratch),
                    Way::Blocks => block::run(tile, &part, scratch),
                }
            }
        }
    }

    /// The product, or its transpose op(b)^T op(a)^T = c^T where that costs less.
    #[inline]
    fn product(&self, a: *const f32, b: *const f32, bias: *const f32, c: *mut f32) -> Product {
        let product = self.whole(a, b, bias, c);
        if self.transposes() { product.transpose() } else { product }
    }

    #[inline]
    fn whole(&self, a: *const f32, b: *const f32, bias: *const f32, c: *mut f32) -> Product {
        let left = Side { ptr: a, ld: self.lda, along_k: !self.ta };
        let right = Side { ptr: b, ld: self.ldb, along_k: self.tb };
        let out = Out {
            c,
            ldc: self.ldc,
            transposed: false,
            bias,
            accumulate: self.accumulate,
            epilogue: self.epilogue,
        };
        Product { rows: self.m, cols: self.n, k: self.k, left, right, out }
    }

    /// An operand is transposed by a copy if its panels need it, and so is c if it is computed as its transpose:
    /// the way that moves less is taken.
    #[inline]
    fn transposes(&self) -> bool {
        let Gemm { m, n, k, .. } = *self;
        match (self.ta, self.tb) {
            (false, false) => false,
            (false, true) => n * k > m * (n + k),
            // Few columns would leave lanes empty, and a copied once for the whole tiles and once for the narrow ones.
            (true, _) if n <= 3 * LANES => m > n,
            (true, true) => k > m,
            (true, false) => false,
        }
    }
}

/// How a product, or its transpose, is computed.
enum Way {
    /// A matrix passes by a few rows of the other operand.
    Rows(Product),
    Blocks,
}

impl Product {
    #[inline]
    fn way(&self, long: bool) -> Way {
        let product = if self.cols <= MOST_DOTS && self.cols < self.rows { self.transpose() } else { *self };
        match (product.rows, product.right.along_k) {
            (..=MOST_DOTS, true) | (1, false) => Way::Rows(product),
            _ if long => Way::Rows(*self),
            _ => Way::Blocks,
        }
    }

    /// # Safety
    /// As for `Gemm::run`: there are few rows; at most `MOST_DOTS` if the right operand lies along k.
    unsafe fn run_rows(&self, scratch: *mut f32) {
        // SAFETY: the same contract.
        unsafe { if self.right.along_k { self.run_dots() } else { self.run_stream(scratch) } }
    }

    /// A few rows times a matrix larger than the caches.
    #[inline]
    fn is_long(&self) -> bool {
        !self.right.along_k && self.rows <= STREAM_ROWS && self.k.saturating_mul(self.cols) > STREAM_WORDS
    }

    #[inline]
    fn transpose(&self) -> Product {
        let Product { rows, cols, k, left, right, out } = *self;
        let out = Out { transposed: !out.transposed, ..out };
        Product { rows: cols, cols: rows, k, left: right, right: left, out }
    }

    /// Rows and columns of a chunk: as near to a square as the product lets it be.
    #[inline]
    fn chunk_size(&self) -> [usize; 2] {
        let Product { rows, cols, k, .. } = *self;
        let whole = rows.saturating_mul(cols);
        let area = (whole / CHUNKS).min(CHUNK_AREA).max(CHUNK_WORK / k.max(1));
        if self.is_long() || whole.saturating_mul(k) < 2 * CHUNK_WORK {
            return self.block_size();
        }
        // No side is split into less than its unit.
        let side = area.isqrt();
        let part = |size: usize, unit: usize, other: usize, other_unit: usize| {
            even(size, unit, (area / other.clamp(1, side.max(other_unit))).clamp(unit, CHUNK_SIDE))
        };
        [part(rows, ROWS, cols, WIDTHS), part(cols, WIDTHS, rows, ROWS)]
    }

    /// Rows and columns of what one thread computes before it goes on: as much as caches hold.
    #[inline]
    fn block_size(&self) -> [usize; 2] {
        let Product { rows, cols, .. } = *self;
        if self.is_long() {
            let [least, most] = STREAM_COLS;
            return [rows, even(cols, WIDTHS, (cols / 4).clamp(least, most))];
        }
        [even(rows, ROWS, BLOCK_SIDE), even(cols, WIDTHS, BLOCK_SIDE)]
    }

    #[inline]
    fn parts(&self, [rows, cols]: [usize; 2]) -> usize {
        self.rows.div_ceil(rows) * self.cols.div_ceil(cols)
    }

    #[inline]
    fn part(&self, [rows, cols]: [usize; 2], part: usize) -> Product {
        let across = self.cols.div_ceil(cols).max(1);
        let (i, j) = (part / across * rows, part % across * cols);
        Product {
            rows: rows.min(self.rows - i),
            cols: cols.min(self.cols - j),
            left: self.left.at(i, 0),
            right: self.right.at(j, 0),
            out: self.out.at(i, j),
            ..*self
        }
    }
}

/// Parts of about equal size, at most `most` and in whole units.
#[inline]
fn even(size: usize, unit: usize, most: usize) -> usize {
    size.div_ceil(size.div_ceil(most).max(1)).next_multiple_of(unit).max(unit)
}
