//! Micro-kernels: a tile of C held in registers while k runs.
//!
//! Every element of C is the sequential chain `acc = a * b + acc` over k, so a tile's size changes no bit.
//! Registers: V8 has 15 vectors on x64 and takes no operand from memory, so a tile of M rows of V vectors needs
//! M*V + V + 1 of them, and one more for the product where `madd` is not fused.

use crate::gemm::Epilogue;
use crate::lane::{F32x4, FUSED, LANES};
use core::array::from_fn;

/// What happens to a tile's sums before their last store.
pub struct Finish {
    /// The tile's own part of the bias, or null.
    pub bias: *const f32,
    /// The bias has one element per row of the tile instead of one per column.
    pub bias_by_row: bool,
    pub epilogue: Epilogue,
}

/// One tile: c (height, width) = [c +] a (height, k) b (k, width), then `finish`.
///
/// # Safety
/// `a` is readable as the kernel's kind says, `b` as (k, width) with `ldb`, `c` as (height, width) with `ldc`,
/// writable too. `finish` is null or valid, its bias null or as long as the tile is wide (high, if by row).
pub type Kernel = unsafe fn(
    k: usize,
    a: *const f32,
    lda: usize,
    rows: usize,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    load: bool,
    finish: *const Finish,
);

/// A size of the register tile, and its kernels.
pub struct Tile {
    pub name: &'static str,
    /// Rows of C in a tile.
    pub height: usize,
    /// Columns of C in a tile; a multiple of the vector's lanes.
    pub width: usize,
    /// Reads a as (rows, k) with leading dimension `lda`; the tile's rows past `rows` repeat the last one.
    pub(crate) rows: Kernel,
    /// Reads a as a packed panel (k, height); `lda` and `rows` are unused.
    pub(crate) packed: Kernel,
}

macro_rules! tiles {
    ($($tile:ident = $name:literal: $height:literal x $vectors:literal, $rows:ident $packed:ident;)*) => { $(
        // Separate functions: the engine allocates registers for the loop alone and compiles it after few calls.
        #[inline(never)]
        unsafe fn $rows(
            k: usize, a: *const f32, lda: usize, rows: usize, b: *const f32, ldb: usize,
            c: *mut f32, ldc: usize, load: bool, finish: *const Finish,
        ) {
            // SAFETY: the contract of `Kernel`.
            unsafe { by_rows::<$height, $vectors>(k, a, lda, rows, b, ldb, c, ldc, load, finish) }
        }

        #[inline(never)]
        unsafe fn $packed(
            k: usize, a: *const f32, _lda: usize, _rows: usize, b: *const f32, ldb: usize,
            c: *mut f32, ldc: usize, load: bool, finish: *const Finish,
        ) {
            // SAFETY: the contract of `Kernel`.
            unsafe { by_panel::<$height, $vectors>(k, a, b, ldb, c, ldc, load, finish) }
        }

        const $tile: Tile =
            Tile { name: $name, height: $height, width: $vectors * LANES, rows: $rows, packed: $packed };
    )* };
}

tiles! {
    T4X8 = "4x8": 4 x 2, rows_4x8 packed_4x8;
    T5X8 = "5x8": 5 x 2, rows_5x8 packed_5x8;
    T3X12 = "3x12": 3 x 3, rows_3x12 packed_3x12;
    T2X16 = "2x16": 2 x 4, rows_2x16 packed_2x16;
    T6X8 = "6x8": 6 x 2, rows_6x8 packed_6x8;
}

const ALL: [Tile; 5] = [T4X8, T5X8, T3X12, T2X16, T6X8];

/// The tiles to choose from. The last, 6x8, needs the fused `madd` to stay in the registers.
pub static TILES: &[Tile] = {
    const ALL_TILES: &[Tile] = &ALL;
    if FUSED { ALL_TILES } else { ALL_TILES.split_at(4).0 }
};

/// A multiple of the height of every tile, and one of the width.
pub const HEIGHTS: usize = 120;
pub const WIDTHS: usize = 48;

/// No tile has more elements.
pub const MAX_TILE: usize = 48;

type Sums<const M: usize, const V: usize> = [[F32x4; V]; M];

#[inline(always)]
unsafe fn by_rows<const M: usize, const V: usize>(
    k: usize,
    a: *const f32,
    lda: usize,
    rows: usize,
    mut b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    load: bool,
    finish: *const Finish,
) {
    // SAFETY: the contract of `Kernel`; a pointer that ends past its row is not read.
    unsafe {
        let mut sums = begin::<M, V>(c, ldc, load);
        let mut a: [*const f32; M] = from_fn(|i| a.add(i.min(rows - 1) * lda));
        for _ in 0..k {
            let y: [F32x4; V] = from_fn(|j| F32x4::load(b.add(j * LANES)));
            for i in 0..M {
                let x = F32x4::load_splat(a[i]);
                for j in 0..V {
                    sums[i][j] = x.madd(y[j], sums[i][j]);
                }
                a[i] = a[i].wrapping_add(1);
            }
            b = b.wrapping_add(ldb);
        }
        end(sums, c, ldc, finish);
    }
}

#[inline(always)]
unsafe fn by_panel<const M: usize, const V: usize>(
    k: usize,
    mut a: *const f32,
    mut b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    load: bool,
    finish: *const Finish,
) {
    // SAFETY: the contract of `Kernel`; a pointer that ends past its panel is not read.
    unsafe {
        let mut sums = begin::<M, V>(c, ldc, load);
        for _ in 0..k {
            let y: [F32x4; V] = from_fn(|j| F32x4::load(b.add(j * LANES)));
            for i in 0..M {
                let x = F32x4::load_splat(a.add(i));
                for j in 0..V {
                    sums[i][j] = x.madd(y[j], sums[i][j]);
                }
            }
            a = a.wrapping_add(M);
            b = b.wrapping_add(ldb);
        }
        end(sums, c, ldc, finish);
    }
}

#[inline(always)]
unsafe fn begin<const M: usize, const V: usize>(c: *const f32, ldc: usize, load: bool) -> Sums<M, V> {
    if load {
        // SAFETY: the contract of `Kernel`.
        from_fn(|i| from_fn(|j| unsafe { F32x4::load(c.add(i * ldc + j * LANES)) }))
    } else {
        [[F32x4::splat(0.0); V]; M]
    }
}

#[inline(always)]
unsafe fn end<const M: usize, const V: usize>(
    mut sums: Sums<M, V>,
    c: *mut f32,
    ldc: usize,
    finish: *const Finish,
) {
    // SAFETY: the contract of `Kernel`.
    unsafe {
        if let Some(finish) = finish.as_ref() {
            if !finish.bias.is_null() {
                for i in 0..M {
                    for j in 0..V {
                        let bias = if finish.bias_by_row {
                            F32x4::load_splat(finish.bias.add(i))
                        } else {
                            F32x4::load(finish.bias.add(j * LANES))
                        };
                        sums[i][j] = sums[i][j].add(bias);
                    }
                }
            }
            finish.epilogue.apply(sums.as_flattened_mut());
        }
        for i in 0..M {
            for j in 0..V {
                sums[i][j].store(c.add(i * ldc + j * LANES));
            }
        }
    }
}
