//! One chunk of a product: blocks of k, blocks of rows, panels of columns, tiles.

use super::pack::Side;
use super::{Epilogue, Gemm};
use crate::microkernel::{Finish, HEIGHTS, MAX_TILE, Tile};
use core::ptr;

/// Operands of one chunk: c (rows, cols) = left (rows, k) right (k, cols).
pub struct Product {
    pub rows: usize,
    pub cols: usize,
    pub k: usize,
    pub left: Side,
    pub right: Side,
    pub c: *mut f32,
    pub ldc: usize,
    /// (cols), or null.
    pub bias: *const f32,
    pub accumulate: bool,
    pub epilogue: Epilogue,
}

/// Steps of k in a block: a panel of the right operand and a tile's rows of the left one stay in L1.
const BLOCK_K: usize = 256;
/// Rows in a block: with k it stays in L2 while the panels of the right operand pass.
const BLOCK_ROWS: usize = HEIGHTS;

/// How one chunk is computed.
pub struct Block {
    tile: &'static Tile,
    /// Steps of k in a block, rows in a block, panels kept.
    block_k: usize,
    block_rows: usize,
    panels: usize,
    pack_left: bool,
    pack_right: bool,
}

impl Block {
    pub fn new(tile: &'static Tile, rows: usize, cols: usize, gemm: &Gemm) -> Self {
        let (rows, cols) = (rows.min(gemm.m), cols.min(gemm.n));
        let pack_left = gemm.ta || cols >= 128;
        let pack_right = gemm.tb || rows >= 16;
        let block_k = gemm.k.div_ceil(gemm.k.div_ceil(BLOCK_K).max(1));
        let panels = if rows > BLOCK_ROWS { cols.div_ceil(tile.width) } else { 1 };
        Self { tile, block_k, block_rows: BLOCK_ROWS.min(rows), panels, pack_left, pack_right }
    }

    fn left_words(&self) -> usize {
        if self.pack_left { self.block_rows.next_multiple_of(self.tile.height) * self.block_k + 3 } else { 0 }
    }

    /// Words that `run` needs.
    pub fn scratch(&self) -> usize {
        self.left_words() + self.panels * self.tile.width * self.block_k
    }

    /// # Safety
    /// The product's operands are valid for its sizes, those that `new` saw; `scratch` for `scratch()` words.
    pub unsafe fn run(&self, x: &Product, scratch: *mut f32) {
        let (packed_left, packed_right) = (scratch, scratch.wrapping_add(self.left_words()));
        let width = self.tile.width;
        // At least once, so that a product over nothing stores its epilogue.
        for p in (0..x.k.max(1)).step_by(self.block_k.max(1)) {
            let k = self.block_k.min(x.k - p);
            let load = p > 0 || x.accumulate;
            let last = p + k == x.k;
            for i in (0..x.rows).step_by(self.block_rows) {
                let rows = self.block_rows.min(x.rows - i);
                let left = x.left.at(i, p);
                if self.pack_left {
                    for i in (0..rows).step_by(self.tile.height) {
                        let size = self.tile.height.min(rows - i);
                        // SAFETY: the panel's rows are below `rows`, and `left_words` has room for all panels.
                        unsafe { left.at(i, 0).pack(size, k, self.tile.height, packed_left.add(i * k)) };
                    }
                }
                for j in (0..x.cols).step_by(width) {
                    let cols = width.min(x.cols - j);
                    let right = x.right.at(j, p);
                    let (mut b, mut ldb) = (right.ptr, right.ld);
                    if self.pack_right || cols < width {
                        let panel = packed_right.wrapping_add(if self.panels > 1 { j * k } else { 0 });
                        if i == 0 || self.panels == 1 {
                            // SAFETY: columns below `cols`; room for `panels` panels.
                            unsafe { right.pack(cols, k, width, panel) };
                        }
                        (b, ldb) = (panel, width);
                    }
                    let finish = Finish {
                        bias: if x.bias.is_null() { x.bias } else { x.bias.wrapping_add(j) },
                        bias_by_row: false,
                        epilogue: x.epilogue,
                    };
                    let strip =
                        Strip { k, b, ldb, cols, load, finish: if last { Some(finish) } else { None } };
                    for ii in (0..rows).step_by(self.tile.height) {
                        let size = self.tile.height.min(rows - ii);
                        let a = if self.pack_left {
                            packed_left.wrapping_add(ii * k)
                        } else {
                            left.at(ii, 0).ptr
                        };
                        // SAFETY: the tile lies inside of the product.
                        unsafe {
                            self.tile(&strip, a, x.left.ld, size, x.c.add((i + ii) * x.ldc + j), x.ldc)
                        };
                    }
                }
            }
        }
    }

    unsafe fn tile(&self, strip: &Strip, a: *const f32, lda: usize, rows: usize, c: *mut f32, ldc: usize) {
        let kernel = if self.pack_left { self.tile.packed } else { self.tile.rows };
        let (height, width) = (self.tile.height, self.tile.width);
        let Strip { k, b, ldb, cols, load, finish } = strip;
        // SAFETY: whole tiles lie inside of c; others are computed in `whole`.
        unsafe {
            if rows == height && *cols == width {
                let finish = finish.as_ref().map_or(ptr::null(), |finish| finish as *const Finish);
                return kernel(*k, a, lda, rows, *b, *ldb, c, ldc, *load, finish);
            }
            let mut whole = [0.0f32; MAX_TILE];
            let mut bias = [0.0f32; 16];
            if *load {
                for i in 0..rows {
                    ptr::copy_nonoverlapping(c.add(i * ldc), whole.as_mut_ptr().add(i * width), *cols);
                }
            }
            let padded = finish.as_ref().map(|finish| Finish {
                bias: if finish.bias.is_null() {
                    finish.bias
                } else {
                    ptr::copy_nonoverlapping(finish.bias, bias.as_mut_ptr(), *cols);
                    bias.as_ptr()
                },
                ..*finish
            });
            let finish = padded.as_ref().map_or(ptr::null(), |finish| finish as *const Finish);
            kernel(*k, a, lda, rows, *b, *ldb, whole.as_mut_ptr(), width, *load, finish);
            for i in 0..rows {
                ptr::copy_nonoverlapping(whole.as_ptr().add(i * width), c.add(i * ldc), *cols);
            }
        }
    }
}

/// A panel of the right operand, and what is common to its tiles.
struct Strip {
    k: usize,
    b: *const f32,
    ldb: usize,
    cols: usize,
    load: bool,
    finish: Option<Finish>,
}
