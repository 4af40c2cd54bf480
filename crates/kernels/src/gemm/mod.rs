//! f32 matrix products: C = epilogue([C +] op(A) op(B) + bias), in all four transpositions.
//!
//! Every element of C is one sequential chain over k, whatever the tile, the blocking and the path:
//! `acc = 0 or c; for p in 0..k { acc = madd(a[i][p], b[p][j], acc) }`, then the bias, then the activation.

mod block;
mod epilogue;
mod pack;
#[cfg(test)]
mod tests;

pub use crate::microkernel::Tile;
pub use epilogue::Epilogue;

use crate::microkernel::{HEIGHTS, TILES, WIDTHS};
use block::{Block, Product};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
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

/// The largest block of rows and of columns that one chunk takes.
const CHUNK_ROWS: usize = 4 * HEIGHTS;
const CHUNK_COLS: usize = 10 * WIDTHS;

static TILE: AtomicUsize = AtomicUsize::new(0);

/// The tiles that large products can use.
pub fn tiles() -> &'static [Tile] {
    TILES
}

/// Makes large products use `tiles()[i]`, in the whole process. Results do not depend on it.
pub fn set_tile(i: usize) {
    assert!(i < TILES.len(), "tile {i} of {}", TILES.len());
    TILE.store(i, Relaxed);
}

/// The index of the tile in use.
pub fn tile() -> usize {
    TILE.load(Relaxed)
}

impl Gemm {
    /// Words of scratch that `run` needs for one chunk, whatever the tile.
    pub fn scratch(&self) -> usize {
        let [rows, cols] = self.chunk_size();
        TILES.iter().map(|tile| Block::new(tile, rows, cols, self).scratch()).max().unwrap_or(0)
    }

    /// Parts of the product that may be computed in any order and at the same time; set by the shape alone.
    pub fn chunks(&self) -> usize {
        let [rows, cols] = self.chunk_size();
        self.m.div_ceil(rows) * self.n.div_ceil(cols)
    }

    /// Rows and columns of a chunk: multiples of every tile's height and width.
    fn chunk_size(&self) -> [usize; 2] {
        let part = |size: usize, largest: usize, unit: usize| {
            size.div_ceil(size.div_ceil(largest).max(1)).next_multiple_of(unit).max(unit)
        };
        [part(self.m, CHUNK_ROWS, HEIGHTS), part(self.n, CHUNK_COLS, WIDTHS)]
    }

    /// Computes one of the chunks.
    ///
    /// # Safety
    /// a (m, k), or (k, m) if `ta`, and b (k, n), or (n, k) if `tb`, are readable; bias (n) is readable or null;
    /// c (m, n) is readable and writable and no operand overlaps it; `scratch` is writable for `scratch()` words.
    pub unsafe fn run(
        &self,
        chunk: usize,
        a: *const f32,
        b: *const f32,
        bias: *const f32,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let [height, width] = self.chunk_size();
        let across = self.n.div_ceil(width);
        let (i, j) = (chunk / across * height, chunk % across * width);
        let (rows, cols) = (height.min(self.m - i), width.min(self.n - j));
        let left = Side { ptr: a, ld: self.lda, along_k: !self.ta }.at(i, 0);
        let right = Side { ptr: b, ld: self.ldb, along_k: self.tb }.at(j, 0);
        let bias = if bias.is_null() { bias } else { bias.wrapping_add(j) };
        let c = c.wrapping_add(i * self.ldc + j);
        let product = Product {
            rows,
            cols,
            k: self.k,
            left,
            right,
            c,
            ldc: self.ldc,
            bias,
            accumulate: self.accumulate,
            epilogue: self.epilogue,
        };
        // SAFETY: the chunk lies inside of the product that the caller vouches for.
        unsafe { Block::new(&TILES[tile()], rows, cols, self).run(&product, scratch) }
    }
}
