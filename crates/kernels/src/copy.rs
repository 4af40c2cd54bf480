//! Strided copies: transpose, slice, tile, reverse, pad, concat.

use crate::lane::F32x4;
use crate::loops::Loops;

/// Edge of the square that a transpose finishes before it moves on: its 64 lines of cache stay in L1.
const TILE: usize = 32;

/// Words from which a call of memcpy is worth its cost.
const LONG: usize = 16;

/// y\[loops\] = x\[loops\]: operand 0 of `loops` is `x`, operand 1 is `y`.
///
/// # Safety
/// `x` is readable and `y` writable wherever the loops lead, and they are apart.
pub unsafe fn copy(loops: &Loops<2>, x: *const u32, y: *mut u32) {
    if let Some(d) = transposed(loops) {
        // SAFETY: the caller's contract.
        return unsafe { copy_transposed(loops, d, x, y) };
    }
    let (n, [xs, ys]) = loops.inner();
    loops.for_rows(0..loops.rows(), |[at_x, at_y]| {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, y) = (x.offset(at_x), y.offset(at_y));
            match (xs, ys) {
                (1, 1) if n >= LONG => x.copy_to_nonoverlapping(y, n),
                (0, 1) => core::slice::from_raw_parts_mut(y, n).fill(*x),
                _ => (0..n as isize).for_each(|i| *y.offset(i * ys) = *x.offset(i * xs)),
            }
        }
    });
}

/// The loop along which `x` is contiguous, where the innermost one runs along `y` and strides through `x`.
fn transposed(loops: &Loops<2>) -> Option<usize> {
    let (n, [xs, ys]) = loops.inner();
    let wide = |d: &usize| loops.dim(*d).0 >= 4 && loops.dim(*d).1[0] == 1;
    if n < 4 || xs == 1 || ys != 1 { None } else { (0..loops.rank() - 1).find(wide) }
}

/// Transposes the plane of loop `d` and the innermost loop, for each turn of the other loops.
///
/// # Safety
/// That of [`copy`]; `x` has step 1 along `d`, `y` along the innermost loop.
unsafe fn copy_transposed(loops: &Loops<2>, d: usize, x: *const u32, y: *mut u32) {
    let (cols, [xs, _]) = loops.inner();
    let (rows, [_, ys]) = loops.dim(d);
    let planes = loops.without(d);
    planes.for_rows(0..planes.rows(), |[at_x, at_y]| {
        for row in (0..rows).step_by(TILE) {
            for col in (0..cols).step_by(TILE) {
                let (height, width) = (TILE.min(rows - row), TILE.min(cols - col));
                // SAFETY: the tile lies inside of the plane.
                unsafe {
                    let x = x.offset(at_x + row as isize + col as isize * xs);
                    let y = y.offset(at_y + row as isize * ys + col as isize);
                    transpose(height, width, x, xs, y, ys);
                }
            }
        }
    });
}

/// y (rows, cols; rows `ys` apart) = x (cols, rows; columns `xs` apart) transposed.
///
/// # Safety
/// `x` is readable and `y` writable there, and they are apart.
unsafe fn transpose(rows: usize, cols: usize, x: *const u32, xs: isize, y: *mut u32, ys: isize) {
    let (whole_rows, whole_cols) = (rows - rows % 4, cols - cols % 4);
    // SAFETY: the caller's contract.
    unsafe {
        for row in (0..whole_rows).step_by(4) {
            for col in (0..whole_cols).step_by(4) {
                let x = x.offset(row as isize + col as isize * xs).cast::<f32>();
                let y = y.offset(row as isize * ys + col as isize).cast::<f32>();
                let a = F32x4::load(x);
                let b = F32x4::load(x.offset(xs));
                let c = F32x4::load(x.offset(2 * xs));
                let d = F32x4::load(x.offset(3 * xs));
                let (ab, cd) = (a.interleave_low(b), c.interleave_low(d));
                ab.low_halves(cd).store(y);
                ab.high_halves(cd).store(y.offset(ys));
                let (ab, cd) = (a.interleave_high(b), c.interleave_high(d));
                ab.low_halves(cd).store(y.offset(2 * ys));
                ab.high_halves(cd).store(y.offset(3 * ys));
            }
        }
        for row in 0..rows {
            let from = if row < whole_rows { whole_cols } else { 0 };
            for col in from..cols {
                *y.offset(row as isize * ys + col as isize) = *x.offset(row as isize + col as isize * xs);
            }
        }
    }
}

#[cfg(test)]
mod tests;
