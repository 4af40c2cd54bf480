//! Micro-kernels: a tile of C held in registers while k runs.
//!
//! Every element of C is the sequential chain `acc = a * b + acc` over k, so a tile's size changes no bit.
//! Registers: V8 has 15 vectors on x64 and takes no operand from memory, so a tile of M rows of V vectors needs
//! M*V + V + 1 of them, and one more for the product where `madd` is not fused.

use crate::lane::{F32x4, FUSED, LANES};
use core::array::from_fn;

/// c (height, width) = [c if `load` +] a (height, k) b (k, width), with a as (rows, k): the tile's rows past `rows`
/// repeat the last one.
///
/// # Safety
/// `a` is readable as (rows, k) with `lda`, rows > 0; `b` as (k, width) with `ldb`; `c` is readable and writable as
/// (height, width) with `ldc`.
pub type Rows = unsafe fn(
    k: usize,
    a: *const f32,
    lda: usize,
    rows: usize,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    load: bool,
);

/// c (height, width) = [c if `load` +] a (height, k) b (k, width), with panels: a as (k, height), b as (k, width).
///
/// # Safety
/// `a` and `b` are readable; `c` is readable and writable with `ldc`.
pub type Panels = unsafe fn(k: usize, a: *const f32, b: *const f32, c: *mut f32, ldc: usize, load: bool);

/// A size of the register tile, and its kernels.
#[derive(Clone, Copy, Debug)]
pub struct Tile {
    pub name: &'static str,
    /// Rows of C in a tile.
    pub height: usize,
    /// Columns of C in a tile; a multiple of the vector's lanes.
    pub width: usize,
    pub(crate) rows: Rows,
    pub(crate) panels: Panels,
}

macro_rules! tiles {
    ($($tile:ident = $name:literal: $height:literal x $vectors:literal, $rows:ident $panels:ident;)*) => { $(
        // Functions of their own, never inlined: the engine then allocates registers for the loop alone.
        #[inline(never)]
        unsafe fn $rows(
            k: usize, a: *const f32, lda: usize, rows: usize, b: *const f32, ldb: usize,
            c: *mut f32, ldc: usize, load: bool,
        ) {
            // SAFETY: the same contract.
            unsafe { by_rows::<$height, $vectors>(k, a, lda, rows, b, ldb, c, ldc, load) }
        }

        #[inline(never)]
        unsafe fn $panels(k: usize, a: *const f32, b: *const f32, c: *mut f32, ldc: usize, load: bool) {
            // SAFETY: the same contract.
            unsafe { by_panels::<$height, $vectors>(k, a, b, c, ldc, load) }
        }

        const $tile: Tile =
            Tile { name: $name, height: $height, width: $vectors * LANES, rows: $rows, panels: $panels };
    )* };
}

tiles! {
    T4X8 = "4x8": 4 x 2, rows_4x8 panels_4x8;
    T5X8 = "5x8": 5 x 2, rows_5x8 panels_5x8;
    T3X12 = "3x12": 3 x 3, rows_3x12 panels_3x12;
    T2X16 = "2x16": 2 x 4, rows_2x16 panels_2x16;
    T6X8 = "6x8": 6 x 2, rows_6x8 panels_6x8;
    T8X4 = "8x4": 8 x 1, rows_8x4 panels_8x4;
}

/// The tiles to choose from. The last one needs the fused `madd` to stay in the registers.
pub static TILES: [Tile; if FUSED { 5 } else { 4 }] = {
    let tiles = &[T4X8, T5X8, T3X12, T2X16, T6X8];
    *tiles.first_chunk().expect("five tiles")
};

/// For the last columns, where a wider tile would be mostly padding.
pub static NARROW: Tile = T8X4;

/// Multiples of every tile's height, and of every width.
pub const HEIGHTS: usize = 120;
pub const WIDTHS: usize = 48;

/// No tile is larger.
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
) {
    // SAFETY: the contract of `Rows`; a row's pointer ends at its end, `b` is not read after the last step.
    unsafe {
        let mut sums = begin::<M, V>(c, ldc, load);
        let mut a: [*const f32; M] = from_fn(|i| a.add(i.min(rows - 1) * lda));
        let mut left = k;
        while left > 0 {
            step(&mut sums, &a, b);
            // In place: a copy of two pointers would pass through one i64.
            a.iter_mut().for_each(|row| *row = row.add(1));
            b = b.wrapping_add(ldb);
            left -= 1;
        }
        end(sums, c, ldc);
    }
}

#[inline(always)]
unsafe fn by_panels<const M: usize, const V: usize>(
    k: usize,
    mut a: *const f32,
    mut b: *const f32,
    c: *mut f32,
    ldc: usize,
    load: bool,
) {
    // SAFETY: the contract of `Panels`; no pointer is read after its last step.
    unsafe {
        let mut sums = begin::<M, V>(c, ldc, load);
        let mut left = k;
        while left > 0 {
            step(&mut sums, &from_fn(|i| a.add(i)), b);
            a = a.wrapping_add(M);
            b = b.wrapping_add(V * LANES);
            left -= 1;
        }
        end(sums, c, ldc);
    }
}

/// One step of k; more than one in a loop's body would mix, and spill.
#[inline(always)]
unsafe fn step<const M: usize, const V: usize>(sums: &mut Sums<M, V>, a: &[*const f32; M], b: *const f32) {
    // SAFETY: the caller has checked both operands.
    unsafe {
        let y: [F32x4; V] = from_fn(|j| F32x4::load(b.add(j * LANES)));
        for (sums, a) in sums.iter_mut().zip(a) {
            let x = F32x4::load_splat(*a);
            for (sum, y) in sums.iter_mut().zip(y) {
                *sum = x.madd(y, *sum);
            }
        }
    }
}

#[inline(always)]
unsafe fn begin<const M: usize, const V: usize>(c: *const f32, ldc: usize, load: bool) -> Sums<M, V> {
    if load {
        // SAFETY: the contract of the kernel.
        from_fn(|i| from_fn(|j| unsafe { F32x4::load(c.add(i * ldc + j * LANES)) }))
    } else {
        [[F32x4::splat(0.0); V]; M]
    }
}

#[inline(always)]
unsafe fn end<const M: usize, const V: usize>(sums: Sums<M, V>, c: *mut f32, ldc: usize) {
    for (i, row) in sums.into_iter().enumerate() {
        for (j, sum) in row.into_iter().enumerate() {
            // SAFETY: the contract of the kernel.
            unsafe { sum.store(c.add(i * ldc + j * LANES)) };
        }
    }
}
