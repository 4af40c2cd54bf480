//! Copies of an operand's blocks as panels (k, width), which micro-kernels read from front to back.

use crate::lane::{F32x4, LANES};

/// A block of an operand as a micro-kernel's side sees it: `size` rows of the left or columns of the right operand,
/// and k.
#[derive(Clone, Copy)]
pub struct Side {
    pub ptr: *const f32,
    pub ld: usize,
    /// Consecutive elements lie along k: memory holds (size, k) with leading dimension `ld`; else (k, size).
    pub along_k: bool,
}

impl Side {
    /// The same operand from row (or column) `i` and step `p` of k on.
    #[inline]
    pub fn at(&self, i: usize, p: usize) -> Side {
        let offset = if self.along_k { i * self.ld + p } else { p * self.ld + i };
        Side { ptr: self.ptr.wrapping_add(offset), ..*self }
    }

    /// Writes the panel (k, width) of the first `size` <= `width` rows; the panel's others repeat the last one.
    ///
    /// # Safety
    /// The side is readable for (size, k), size > 0; `panel` is writable for k * width + 3 words.
    pub unsafe fn pack(&self, size: usize, k: usize, width: usize, panel: *mut f32) {
        // SAFETY: the same contract.
        unsafe {
            if self.along_k {
                self.transpose(size, k, width, panel);
            } else {
                self.copy(size, k, width, panel);
            }
        }
    }

    // The last group's vectors may reach past the panel's width, into the next step of k; so it is written first.
    unsafe fn transpose(&self, size: usize, k: usize, width: usize, panel: *mut f32) {
        let row = |i: usize| self.ptr.wrapping_add(i.min(size - 1) * self.ld);
        let blocks = k - k % LANES;
        // SAFETY: four steps of rows below `size` are read; writes end at most 3 words after the panel.
        unsafe {
            for i in (0..width).step_by(LANES).rev() {
                let rows = [row(i), row(i + 1), row(i + 2), row(i + 3)];
                let mut to = panel.add(i);
                for p in (0..blocks).step_by(LANES) {
                    for column in transpose(rows.map(|row| F32x4::load(row.add(p)))) {
                        column.store(to);
                        to = to.wrapping_add(width);
                    }
                }
            }
            for p in blocks..k {
                for i in 0..width {
                    *panel.add(p * width + i) = *row(i).add(p);
                }
            }
        }
    }

    unsafe fn copy(&self, size: usize, k: usize, width: usize, panel: *mut f32) {
        // SAFETY: reads stay below `size`, writes within the panel.
        unsafe {
            match width.div_ceil(LANES) {
                1 if size == width && width == LANES => self.copy_vectors::<1>(k, width, panel),
                1 if size == width && k > 0 => {
                    // A vector ends in the next step of k, which the last one has not got.
                    let last = k - 1;
                    self.copy_vectors::<1>(last, width, panel);
                    self.at(0, last).copy_part(size, 1, width, panel.add(last * width));
                }
                2 if size == width => self.copy_vectors::<2>(k, width, panel),
                3 if size == width => self.copy_vectors::<3>(k, width, panel),
                4 if size == width => self.copy_vectors::<4>(k, width, panel),
                _ => self.copy_part(size, k, width, panel),
            }
        }
    }

    // As for `transpose`, the last vector may reach into the next step of k.
    unsafe fn copy_part(&self, size: usize, k: usize, width: usize, panel: *mut f32) {
        let whole = size - size % LANES;
        let (mut from, mut to) = (self.ptr, panel);
        for _ in 0..k {
            // SAFETY: reads stay below `size`; writes end at most 3 words after the panel.
            unsafe {
                let last = F32x4::load_splat(from.add(size - 1));
                for i in (whole..width).step_by(LANES) {
                    last.store(to.add(i));
                }
                copy_row(from, to, size);
            }
            (from, to) = (from.wrapping_add(self.ld), to.wrapping_add(width));
        }
    }

    // The last two vectors overlap where the width is no multiple of the lanes.
    #[inline(always)]
    unsafe fn copy_vectors<const V: usize>(&self, k: usize, width: usize, panel: *mut f32) {
        let last = width.saturating_sub(LANES);
        let (mut from, mut to) = (self.ptr, panel);
        for _ in 0..k {
            for i in 0..V {
                let i = (i * LANES).min(last);
                // SAFETY: both rows have `width` words.
                unsafe { F32x4::load(from.add(i)).store(to.add(i)) };
            }
            (from, to) = (from.wrapping_add(self.ld), to.wrapping_add(width));
        }
    }
}

/// y (n) = x (n). Rows are short, and a call to memcpy would cost more than their copy.
///
/// # Safety
/// x is readable, y writable.
#[inline(always)]
unsafe fn copy_row(x: *const f32, y: *mut f32, n: usize) {
    // SAFETY: vectors and words lie below n.
    unsafe {
        if n < LANES {
            (0..n).for_each(|j| *y.add(j) = *x.add(j));
            return;
        }
        // The last two vectors may overlap.
        let last = n - LANES;
        for j in (0..last).step_by(LANES) {
            F32x4::load(x.add(j)).store(y.add(j));
        }
        F32x4::load(x.add(last)).store(y.add(last));
    }
}

/// y (rows, cols) = x (rows, cols), or x (cols, rows) if `transposed`.
///
/// # Safety
/// x is readable, y writable, with their leading dimensions.
pub unsafe fn copy_matrix(
    x: *const f32,
    ldx: usize,
    y: *mut f32,
    ldy: usize,
    rows: usize,
    cols: usize,
    transposed: bool,
) {
    // SAFETY: the caller's contract.
    unsafe {
        if !transposed {
            for i in 0..rows {
                copy_row(x.add(i * ldx), y.add(i * ldy), cols);
            }
            return;
        }
        for i in (0..rows).step_by(LANES) {
            for j in (0..cols).step_by(LANES) {
                let (from, to) = (x.add(j * ldx + i), y.add(i * ldy + j));
                if i + LANES <= rows && j + LANES <= cols {
                    let columns = [0, 1, 2, 3].map(|q| F32x4::load(from.add(q * ldx)));
                    for (q, row) in transpose(columns).into_iter().enumerate() {
                        row.store(to.add(q * ldy));
                    }
                    continue;
                }
                for q in 0..LANES.min(rows - i) {
                    for r in 0..LANES.min(cols - j) {
                        *to.add(q * ldy + r) = *from.add(r * ldx + q);
                    }
                }
            }
        }
    }
}

/// Four rows -> four columns.
#[inline(always)]
pub fn transpose(rows: [F32x4; 4]) -> [F32x4; 4] {
    let [a, b, c, d] = rows;
    let (ac, ac_high) = (a.interleave_low(c), a.interleave_high(c));
    let (bd, bd_high) = (b.interleave_low(d), b.interleave_high(d));
    [
        ac.interleave_low(bd),
        ac.interleave_high(bd),
        ac_high.interleave_low(bd_high),
        ac_high.interleave_high(bd_high),
    ]
}
