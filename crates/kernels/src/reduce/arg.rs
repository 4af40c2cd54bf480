//! Where the maximum or minimum stands.

use crate::lane::{F32x4, I32x4, LANES};
use crate::map::{Word, load_part, store_part};

/// The first index of the best word of each column of x (axis, inner; rows `stride` words apart). `better(x, best)` is a mask.
///
/// # Safety
/// `x` is readable for `axis` >= 1 rows, `y` writable for `inner`; they are apart.
#[inline(always)]
unsafe fn columns<W: Word>(
    axis: usize,
    inner: usize,
    stride: usize,
    x: *const W,
    y: *mut i32,
    better: impl Fn(W::Vector, W::Vector) -> I32x4,
    select: impl Fn(I32x4, W::Vector, W::Vector) -> W::Vector,
) {
    let search = |load: &dyn Fn(usize) -> W::Vector| {
        let (mut best, mut at, mut here) = (load(0), I32x4::splat(0), I32x4::splat(0));
        for row in 1..axis {
            here = here.add(I32x4::splat(1));
            let x = load(row);
            let mask = better(x, best);
            best = select(mask, x, best);
            at = mask.select_i32(here, at);
        }
        at
    };
    let whole = inner - inner % LANES;
    // SAFETY: the caller's contract.
    unsafe {
        for column in (0..whole).step_by(LANES) {
            search(&|row| W::load(x.add(row * stride + column))).store(y.add(column));
        }
        let rest = inner - whole;
        if rest > 0 {
            let at = search(&|row| load_part(rest, x.add(row * stride + whole), W::ZERO));
            store_part(rest, at, y.add(whole));
        }
    }
}

/// The first index of the best word of x (n): the columns i mod 4 are searched side by side, and then compared.
///
/// # Safety
/// `x` is readable for `n` >= 1 words.
#[inline(always)]
unsafe fn row<W: Word>(
    n: usize,
    x: *const W,
    better: impl Fn(W::Vector, W::Vector) -> I32x4 + Copy,
    select: impl Fn(I32x4, W::Vector, W::Vector) -> W::Vector,
) -> i32 {
    let wins = |a: usize, b: usize| {
        // SAFETY: a and b are indices of x.
        let (x, best) = unsafe { (*x.add(a), *x.add(b)) };
        better(x.splat(), best.splat()).any()
    };
    let (rows, mut at) = (n / LANES, 0);
    if rows > 0 {
        let mut lanes = [0; LANES];
        // SAFETY: rows * LANES <= n.
        unsafe { columns(rows, LANES, LANES, x, lanes.as_mut_ptr(), better, select) };
        for (lane, row) in lanes.into_iter().enumerate() {
            let candidate = row as usize * LANES + lane;
            if wins(candidate, at) || (candidate < at && !wins(at, candidate)) {
                at = candidate;
            }
        }
    }
    for candidate in rows * LANES..n {
        if wins(candidate, at) {
            at = candidate;
        }
    }
    at as i32
}

macro_rules! arg {
    ($($(#[doc = $doc:literal])+ $name:ident: $word:ty, $better:expr, $select:expr;)*) => { $(
        $(#[doc = $doc])+
        ///
        /// # Safety
        /// `x` (outer, axis, inner) is readable, `axis` >= 1, `y` (outer, inner) writable; they are apart.
        pub unsafe fn $name(outer: usize, axis: usize, inner: usize, stride: usize, x: *const $word, y: *mut i32) {
            for o in 0..outer {
                // SAFETY: the caller's contract.
                unsafe {
                    let (x, y) = (x.add(o * axis * stride), y.add(o * inner));
                    if stride == 1 {
                        *y = row(axis, x, $better, $select);
                    } else {
                        columns(axis, inner, stride, x, y, $better, $select);
                    }
                }
            }
        }
    )* };
}

/// A NaN is better than every number.
#[inline(always)]
fn first_nan(x: F32x4, best: F32x4, better: I32x4) -> I32x4 {
    better.or(x.ne(x)).and(best.eq(best))
}

arg! {
    /// Index of the first maximum; a NaN counts as the maximum.
    argmax: f32, |x: F32x4, best: F32x4| first_nan(x, best, x.gt(best)), |mask, x, best| mask.select(x, best);
    /// Index of the first minimum; a NaN counts as the minimum.
    argmin: f32, |x: F32x4, best: F32x4| first_nan(x, best, x.lt(best)), |mask, x, best| mask.select(x, best);
    /// Index of the first maximum.
    argmax_i32: i32, |x: I32x4, best: I32x4| x.gt(best), |mask, x, best| mask.select_i32(x, best);
    /// Index of the first minimum.
    argmin_i32: i32, |x: I32x4, best: I32x4| x.lt(best), |mask, x, best| mask.select_i32(x, best);
}
