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
        let chunk = product.chunk(0);
        // The last chunks may be single columns, whose transposes stream.
        block::scratch(&chunk).max(chunk.rows.min(STREAM_ROWS) * chunk.cols).max(chunk.rows)
    }

    /// Parts of the product that may be computed in any order and at the same time; set by the shape alone.
    #[inline]
    pub fn chunks(&self) -> usize {
        self.product(ptr::null(), ptr::null(), ptr::null(), ptr::null_mut()).chunks()
    }

    /// Computes one of the `chunks`. No bit of it depends on the tile.
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
        let part = if chunks == 1 { product } else { product.chunk(chunk) };
        // SAFETY: the chunk lies inside of the product that the caller vouches for.
        unsafe {
            match part.way(product.is_long()) {
                Way::Dots(product) => product.run_dots(),
                Way::Stream(product) => product.run_stream(scratch),
                Way::Blocks => block::run(tile, &part, scratch),
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
    Dots(Product),
    Stream(Product),
    Blocks,
}

impl Product {
    #[inline]
    fn way(&self, long: bool) -> Way {
        let product = if self.cols == 1 { self.transpose() } else { *self };
        match (product.rows, product.right.along_k) {
            (1, true) => Way::Dots(product),
            (1, false) => Way::Stream(product),
            _ if long => Way::Stream(*self),
            _ => Way::Blocks,
        }
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
        if self.is_long() {
            let [least, most] = STREAM_COLS;
            let part = (cols / 4).clamp(least, most);
            return [rows, cols.div_ceil(cols.div_ceil(part)).next_multiple_of(WIDTHS)];
        }
        let whole = rows.saturating_mul(cols);
        let area = (whole / CHUNKS).min(CHUNK_AREA).max(CHUNK_WORK / k.max(1));
        if whole.saturating_mul(k) < 2 * CHUNK_WORK && rows.max(cols) <= CHUNK_SIDE {
            return [rows.max(1), cols.max(1)];
        }
        // No side is split into less than its unit.
        let side = area.isqrt();
        let part = |size: usize, unit: usize, other: usize, other_unit: usize| {
            let largest = (area / other.clamp(1, side.max(other_unit))).clamp(unit, CHUNK_SIDE);
            size.div_ceil(size.div_ceil(largest).max(1)).next_multiple_of(unit).max(unit)
        };
        [part(rows, ROWS, cols, WIDTHS), part(cols, WIDTHS, rows, ROWS)]
    }

    #[inline]
    fn chunks(&self) -> usize {
        let [rows, cols] = self.chunk_size();
        self.rows.div_ceil(rows) * self.cols.div_ceil(cols)
    }

    #[inline]
    fn chunk(&self, chunk: usize) -> Product {
        let [rows, cols] = self.chunk_size();
        let across = self.cols.div_ceil(cols).max(1);
        let (i, j) = (chunk / across * rows, chunk % across * cols);
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
