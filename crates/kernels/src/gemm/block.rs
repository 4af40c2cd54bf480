//! A chunk of a product: blocks of k, blocks of rows, panels of columns, tiles.

use super::Epilogue;
use super::pack::{Side, copy_matrix};
use super::vector::MOST_DOTS;
use crate::lane::LANES;
use crate::microkernel::{HEIGHTS, MAX_TILE, NARROW, TILES, Tile};
use core::mem::MaybeUninit;

/// c (rows, cols) = left (rows, k) right (k, cols): a chunk, or the transpose of one.
#[derive(Clone, Copy)]
pub struct Product {
    pub rows: usize,
    pub cols: usize,
    pub k: usize,
    pub left: Side,
    pub right: Side,
    pub out: Out,
}

/// Where a product goes.
#[derive(Clone, Copy)]
pub struct Out {
    pub c: *mut f32,
    pub ldc: usize,
    /// The product's rows are columns of c.
    pub transposed: bool,
    /// One element per column of c, or null.
    pub bias: *const f32,
    pub accumulate: bool,
    pub epilogue: Epilogue,
}

/// Steps of k in a block: a panel of the right operand and a tile's rows of the left one stay in L1.
const BLOCK_K: usize = 384;
/// Rows in a block: with k it stays in L2 while the panels of the right operand pass.
const BLOCK_ROWS: usize = HEIGHTS;
/// From so many rows on, the right operand is worth a copy; fewer suffice where its rows, a multiple of `CONFLICT`
/// words apart, share a few sets of L1. From so many columns on, the left one is worth a copy too.
const PACK_RIGHT: usize = 48;
const PACK_CONFLICT: usize = 12;
pub const CONFLICT: usize = 1024;
const PACK_LEFT: usize = 192;
/// A panel begins on a cache line.
const LINE: usize = 16;

/// How a product is computed with one tile.
struct Block {
    tile: &'static Tile,
    /// Steps of k and rows in a block; panels of the right operand that are kept.
    k: usize,
    rows: usize,
    panels: usize,
    left: Copy,
    pack_right: bool,
    /// Columns of the right operand before the first.
    before: usize,
}

/// What a block copies of its left operand.
#[derive(PartialEq)]
enum Copy {
    /// Nothing: the kernel reads rows.
    None,
    /// Columns to rows.
    Rows,
    /// Panels, for the fastest kernel; the right operand comes in panels too.
    Panels,
}

/// Words of scratch that `run` needs, whatever the tile.
pub fn scratch(x: &Product) -> usize {
    let words = |tile| parts(tile, x).map(|(_, x, tile)| Block::new(tile, &x, 0).scratch()).max();
    TILES.iter().filter_map(words).max().unwrap_or(0).max(MOST_DOTS * x.rows)
}

/// # Safety
/// The operands are valid for the product's sizes and do not overlap c; `scratch` is writable for `scratch(x)` words.
#[inline]
pub unsafe fn run(tile: &'static Tile, x: &Product, scratch: *mut f32) {
    let edge = edge(tile, x);
    // SAFETY: parts lie inside of the product.
    unsafe {
        for (before, part, tile) in parts(tile, x) {
            Block::new(tile, &part, before).run(&part, scratch);
        }
        if edge > 0 {
            x.columns(x.cols - edge, edge).transpose().run_rows(scratch);
        }
    }
}

/// The last columns that would leave most of a tile empty: a matrix passes by them.
#[inline]
fn edge(tile: &'static Tile, x: &Product) -> usize {
    let rest = x.cols % LANES;
    if rest <= MOST_DOTS && x.cols % tile.width <= tile.width / 2 { rest } else { 0 }
}

/// The columns that fill the tile, and those that a narrow one computes; each after the number of columns before. The
/// edge is not among them.
#[inline]
fn parts(tile: &'static Tile, x: &Product) -> impl Iterator<Item = (usize, Product, &'static Tile)> {
    let cols = x.cols - edge(tile, x);
    let rest = cols % tile.width;
    let wide = if rest <= tile.width / 2 { cols - rest } else { cols };
    [(0, wide, tile), (wide, cols - wide, &NARROW)]
        .into_iter()
        .filter(|&(_, cols, _)| cols > 0)
        .map(|(j, cols, tile)| (j, x.columns(j, cols), tile))
}

impl Product {
    #[inline]
    fn columns(&self, j: usize, cols: usize) -> Product {
        Product { cols, right: self.right.at(j, 0), out: self.out.at(0, j), ..*self }
    }
}

impl Out {
    /// The same output from row `i` and column `j` of the product on.
    #[inline]
    pub fn at(&self, i: usize, j: usize) -> Out {
        let (i, j) = if self.transposed { (j, i) } else { (i, j) };
        let bias = if self.bias.is_null() { self.bias } else { self.bias.wrapping_add(j) };
        Out { c: self.c.wrapping_add(i * self.ldc + j), bias, ..*self }
    }

    /// # Safety
    /// As for `run`: a part (rows, cols) of a product.
    #[inline]
    pub unsafe fn finish(&self, rows: usize, cols: usize) {
        let (rows, cols) = if self.transposed { (cols, rows) } else { (rows, cols) };
        // SAFETY: the same contract.
        unsafe { self.epilogue.finish(self.c, self.ldc, rows, cols, self.bias) }
    }
}

impl Block {
    #[inline]
    fn new(tile: &'static Tile, x: &Product, before: usize) -> Self {
        let rows = BLOCK_ROWS.min(x.rows);
        let worth = if x.right.ld.is_multiple_of(CONFLICT) { PACK_CONFLICT } else { PACK_RIGHT };
        let pack_right = x.right.along_k || x.rows >= worth;
        let left = match x.left.along_k {
            true if pack_right && x.cols >= PACK_LEFT => Copy::Panels,
            true => Copy::None,
            false if pack_right => Copy::Panels,
            false => Copy::Rows,
        };
        Self {
            tile,
            k: x.k.div_ceil(x.k.div_ceil(BLOCK_K).max(1)),
            rows,
            panels: if rows < x.rows { x.cols.div_ceil(tile.width) } else { 1 },
            left,
            pack_right,
            before,
        }
    }

    #[inline]
    fn left_words(&self) -> usize {
        let words = match self.left {
            Copy::None => 0,
            Copy::Rows => self.rows * self.k,
            Copy::Panels => {
                let heights = Bands::new(self.tile, self.rows).map(|band| band.tile.height).sum::<usize>();
                heights * self.k + LANES
            }
        };
        words.next_multiple_of(LINE)
    }

    fn scratch(&self) -> usize {
        self.left_words() + self.panels * self.tile.width * self.k
    }

    /// # Safety
    /// As for the module's `run`.
    #[inline]
    unsafe fn run(&self, x: &Product, scratch: *mut f32) {
        // At least once, so that a product over nothing stores its epilogue.
        for p in (0..x.k.max(1)).step_by(self.k.max(1)) {
            let k = self.k.min(x.k - p);
            let slice = Slice { k, load: p > 0 || x.out.accumulate, last: p + k == x.k };
            for i in (0..x.rows).step_by(self.rows) {
                let part = Product {
                    rows: self.rows.min(x.rows - i),
                    left: x.left.at(i, p),
                    right: x.right.at(0, p),
                    out: x.out.at(i, 0),
                    ..*x
                };
                // SAFETY: the part lies inside of the product.
                unsafe { self.rows(&part, &slice, i == 0, scratch) };
            }
        }
    }

    /// A block of rows. The `first` one packs the right operand for all.
    ///
    /// # Safety
    /// As for the module's `run`.
    #[inline]
    unsafe fn rows(&self, x: &Product, slice: &Slice, first: bool, scratch: *mut f32) {
        let width = self.tile.width;
        let k = slice.k;
        let bands = Bands::new(self.tile, x.rows);
        // SAFETY: `left_words` is the room for what is copied.
        let left = unsafe { self.copy_left(x, k, bands, scratch) };
        let panels = scratch.wrapping_add(self.left_words());
        for j in (0..x.cols).step_by(width) {
            let cols = width.min(x.cols - j);
            let mut right = x.right.at(j, 0);
            let mut skip = 0;
            if !self.pack_right && self.before + j >= width - cols {
                // The last columns' tile begins in the one before, whose elements it computes once more, for nothing.
                skip = width - cols;
                right = Side { ptr: right.ptr.wrapping_sub(skip), ..right };
            } else {
                let panel = panels.wrapping_add(if self.panels > 1 { j * k } else { 0 });
                if first || self.panels == 1 {
                    // SAFETY: columns below `x.cols`; `panels` panels have room.
                    unsafe { right.pack(cols, k, width, panel) };
                }
                right = Side { ptr: panel, ld: width, along_k: false };
            }
            for band in bands {
                let at = if self.left == Copy::Panels { band.before } else { band.row };
                // SAFETY: the tile lies inside of the product.
                unsafe {
                    self.tile(slice, left.at(at, 0), &band, right, (skip, cols), &x.out.at(band.row, j))
                };
            }
            if slice.last {
                // SAFETY: the panel's columns lie inside of the product.
                unsafe { x.out.at(0, j).finish(x.rows, cols) };
            }
        }
    }

    /// The left operand as the kernel reads it: rows, or panels one after the other.
    ///
    /// # Safety
    /// As for the module's `run`.
    #[inline]
    unsafe fn copy_left(&self, x: &Product, k: usize, bands: Bands, copy: *mut f32) -> Side {
        // SAFETY: rows below `x.rows` and `k` steps.
        unsafe {
            match self.left {
                Copy::None => return x.left,
                Copy::Rows => copy_matrix(x.left.ptr, x.left.ld, copy, k, x.rows, k, true),
                Copy::Panels => {
                    for Band { row, rows, before, tile } in bands {
                        x.left.at(row, 0).pack(rows, k, tile.height, copy.add(before * k));
                    }
                }
            }
        }
        Side { ptr: copy, ld: k, along_k: true }
    }

    /// # Safety
    /// `left` is what `copy_left` gave, `right` readable as (k, width); the band's rows, and `cols` after the first `skip`,
    /// lie inside of the output.
    #[inline]
    unsafe fn tile(
        &self,
        slice: &Slice,
        left: Side,
        band: &Band,
        right: Side,
        (skip, cols): (usize, usize),
        out: &Out,
    ) {
        let Slice { k, load, .. } = *slice;
        let Band { rows, tile, .. } = *band;
        let Tile { height, width, .. } = *tile;
        let kernel = |c: *mut f32, ldc: usize| {
            // SAFETY: the operands are as the kernel needs them, and so is c in both calls.
            unsafe {
                if self.left == Copy::Panels {
                    (tile.panels)(k, left.ptr, right.ptr, c, ldc, load);
                } else {
                    (tile.rows)(k, left.ptr, left.ld, rows, right.ptr, right.ld, c, ldc, load);
                }
            }
        };
        if rows == height && cols == width && !out.transposed {
            return kernel(out.c, out.ldc);
        }
        // Any other tile is computed aside, with all of its lanes.
        let mut whole = MaybeUninit::<[f32; MAX_TILE]>::uninit();
        // SAFETY: `whole` holds (height, width), and is written before it is read.
        unsafe {
            let (rows_c, cols_c) = if out.transposed { (cols, rows) } else { (rows, cols) };
            if load {
                whole.write([0.0; MAX_TILE]);
            }
            let whole = whole.as_mut_ptr().cast::<f32>();
            let part = whole.add(skip);
            if load {
                copy_matrix(out.c, out.ldc, part, width, rows, cols, out.transposed);
            }
            kernel(whole, width);
            copy_matrix(part, width, out.c, out.ldc, rows_c, cols_c, out.transposed);
        }
    }
}

/// Rows that one tile computes.
struct Band {
    row: usize,
    rows: usize,
    tile: &'static Tile,
    /// The heights of the tiles before.
    before: usize,
}

/// The bands of a block. Where there are tiles of other heights and the same width, they share the rows so that few
/// tiles are padded: 17 are 5 + 4 + 4 + 4.
#[derive(Clone, Copy)]
struct Bands {
    /// `higher` bands come first, of one row more.
    higher: usize,
    each: usize,
    tiles: [&'static Tile; 2],
    rows: usize,
    row: usize,
    before: usize,
}

impl Bands {
    #[inline(never)]
    fn new(tile: &'static Tile, rows: usize) -> Self {
        let alike = || TILES.iter().filter(|other| other.width == tile.width);
        let highest = alike().map(|other| other.height).max().unwrap_or(tile.height);
        if alike().count() < 2 || rows.is_multiple_of(tile.height) {
            return Self { higher: 0, each: tile.height, tiles: [tile; 2], rows, row: 0, before: 0 };
        }
        let count = rows.div_ceil(highest).max(rows / tile.height);
        let (each, higher) = (rows / count, rows % count);
        let of = |rows: usize| alike().find(|other| other.height >= rows).unwrap_or(tile);
        Self { higher, each, tiles: [of(each), of(each + 1)], rows, row: 0, before: 0 }
    }
}

impl Iterator for Bands {
    type Item = Band;

    #[inline]
    fn next(&mut self) -> Option<Band> {
        let &mut Self { higher, each, tiles, rows, row, before } = self;
        let one = usize::from(higher > 0);
        let band = Band { row, rows: (each + one).min(rows - row), tile: tiles[one], before };
        self.higher -= one;
        self.row += band.rows;
        self.before += band.tile.height;
        (band.rows > 0).then_some(band)
    }
}

/// A block of k.
struct Slice {
    k: usize,
    /// The sums begin with what c holds.
    load: bool,
    last: bool,
}
