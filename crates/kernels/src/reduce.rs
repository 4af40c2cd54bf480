//! Reductions of x (outer, axis, inner), whose rows of `inner` words lie `stride` words apart, to y (outer, inner).
//!
//! The order of the operations depends on `axis`, and on whether `stride` is 1, alone: a call for a part of `outer` or of
//! the columns gives the same bits.
//! Runs of [`BLOCK`] vectors are reduced first and their results then, so a sum's error grows with the square root of
//! what it would in one chain.

use crate::lane::{F32x4, LANES};
use crate::map::{self, Word, load_part, store_part};

mod arg;
pub use arg::{argmax, argmax_i32, argmin, argmin_i32};

/// Steps along the axis that one accumulator takes before it is added to the total.
const BLOCK: usize = 128;

/// Accumulators that work side by side.
const WIDTH: usize = 4;

/// Reduces x (outer, axis, inner) by `f`, whose identity is `identity`.
///
/// # Safety
/// `x` is readable for `outer * axis` rows, `y` writable for `outer * inner` words; they are apart.
#[inline(always)]
unsafe fn reduce<W: Word>(
    outer: usize,
    axis: usize,
    inner: usize,
    stride: usize,
    x: *const W,
    y: *mut W,
    identity: W,
    f: impl Fn(W::Vector, W::Vector) -> W::Vector + Copy,
) {
    for o in 0..outer {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, y) = (x.add(o * axis * stride), y.add(o * inner));
            if stride == 1 {
                *y = row(axis, x, identity, identity, |x| x, f);
            } else {
                columns(axis, inner, stride, x, y, identity, f);
            }
        }
    }
}

/// f over g(x) for x (n). g(pad) is an identity of f, as `identity` is.
///
/// # Safety
/// `x` is readable for `n` words.
#[inline(always)]
pub(crate) unsafe fn row<W: Word>(
    n: usize,
    x: *const W,
    identity: W,
    pad: W,
    g: impl Fn(W::Vector) -> W::Vector,
    f: impl Fn(W::Vector, W::Vector) -> W::Vector,
) -> W {
    // SAFETY: `fold` asks for elements below n.
    let (four, part) =
        (|i| g(unsafe { W::load(x.add(i)) }), |i, rest| g(unsafe { load_part(rest, x.add(i), pad) }));
    fold(n, identity, four, part, f)
}

/// The sum of g(x, y) for x (n) and y (n), where g(0, 0) is 0.
///
/// # Safety
/// `x` and `y` are readable for `n` words.
#[inline(always)]
pub(crate) unsafe fn dot(n: usize, x: *const f32, y: *const f32, g: impl Fn(F32x4, F32x4) -> F32x4) -> f32 {
    // SAFETY: `fold` asks for elements below n.
    let four = |i| unsafe { g(F32x4::load(x.add(i)), F32x4::load(y.add(i))) };
    // SAFETY: as above.
    let part = |i, rest| unsafe { g(load_part(rest, x.add(i), 0.0), load_part(rest, y.add(i), 0.0)) };
    fold(n, 0.0, four, part, F32x4::add)
}

/// f over `n` elements, of which `four(i)` gives those from i on and `part(i, rest)` the last `rest` < 4.
#[inline(always)]
fn fold<W: Word>(
    n: usize,
    identity: W,
    four: impl Fn(usize) -> W::Vector,
    part: impl Fn(usize, usize) -> W::Vector,
    f: impl Fn(W::Vector, W::Vector) -> W::Vector,
) -> W {
    let mut total = identity.splat();
    let mut start = 0;
    while start < n {
        let end = n.min(start + BLOCK * WIDTH * LANES);
        let mut sums = [identity.splat(); WIDTH];
        let mut i = start;
        while i + WIDTH * LANES <= end {
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum = f(*sum, four(i + k * LANES));
            }
            i += WIDTH * LANES;
        }
        while i + LANES <= end {
            sums[0] = f(sums[0], four(i));
            i += LANES;
        }
        if i < end {
            sums[1] = f(sums[1], part(i, end - i));
        }
        total = f(total, f(f(sums[0], sums[1]), f(sums[2], sums[3])));
        start = end;
    }
    let [a, b, c, d] = W::lanes(total).map(W::splat);
    W::lanes(f(f(a, b), f(c, d)))[0]
}

/// y (inner) = f over the rows of x (axis, inner).
///
/// # Safety
/// `x` is readable for `axis` rows, `y` writable for `inner` words; they are apart.
#[inline(always)]
unsafe fn columns<W: Word>(
    axis: usize,
    inner: usize,
    stride: usize,
    x: *const W,
    y: *mut W,
    identity: W,
    f: impl Fn(W::Vector, W::Vector) -> W::Vector + Copy,
) {
    // SAFETY: the columns [column, column + 16), [column, column + 4) and [column, inner) lie in x's rows and in y.
    unsafe {
        map::fill(inner, identity, y);
        for start in (0..axis).step_by(BLOCK) {
            let rows = BLOCK.min(axis - start);
            let x = x.add(start * stride);
            let mut column = 0;
            while column + WIDTH * LANES <= inner {
                let sums = strip::<W, WIDTH>(rows, stride, x.add(column), identity, |p| W::load(p), f);
                for (k, sum) in sums.into_iter().enumerate() {
                    let y = y.add(column + k * LANES);
                    W::store(f(W::load(y), sum), y);
                }
                column += WIDTH * LANES;
            }
            while column + LANES <= inner {
                let [sum] = strip(rows, stride, x.add(column), identity, |p| W::load(p), f);
                let y = y.add(column);
                W::store(f(W::load(y), sum), y);
                column += LANES;
            }
            let rest = inner - column;
            if rest > 0 {
                let [sum] = strip(rows, stride, x.add(column), identity, |p| load_part(rest, p, identity), f);
                let y = y.add(column);
                store_part(rest, f(load_part(rest, y, identity), sum), y);
            }
        }
    }
}

/// f over the rows of K vectors side by side, rows `stride` words apart.
///
/// # Safety
/// `load` may be called at `x + row * stride + k * 4` for each row and k.
#[inline(always)]
unsafe fn strip<W: Word, const K: usize>(
    rows: usize,
    stride: usize,
    x: *const W,
    identity: W,
    load: impl Fn(*const W) -> W::Vector,
    f: impl Fn(W::Vector, W::Vector) -> W::Vector,
) -> [W::Vector; K] {
    let mut sums = [identity.splat(); K];
    for row in 0..rows {
        for (k, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's contract.
            *sum = f(*sum, load(unsafe { x.add(row * stride + k * LANES) }));
        }
    }
    sums
}

macro_rules! reductions {
    ($($(#[doc = $doc:literal])+ $name:ident: $word:ty, $identity:expr, $f:expr;)*) => { $(
        $(#[doc = $doc])+
        ///
        /// # Safety
        /// `x` (outer, axis, inner) is readable, `y` (outer, inner) writable; they are apart.
        pub unsafe fn $name(outer: usize, axis: usize, inner: usize, stride: usize, x: *const $word, y: *mut $word) {
            // SAFETY: the caller's contract.
            unsafe { reduce(outer, axis, inner, stride, x, y, $identity, $f) }
        }
    )* };
}

type V<W> = <W as Word>::Vector;

reductions! {
    /// Sum; 0 over nothing.
    sum: f32, 0.0, |a: V<f32>, b| a.add(b);
    /// Product; 1 over nothing.
    prod: f32, 1.0, |a: V<f32>, b| a.mul(b);
    /// Maximum; a NaN wins, and -inf over nothing.
    max: f32, f32::NEG_INFINITY, |a: V<f32>, b| a.max(b);
    /// Minimum; a NaN wins, and inf over nothing.
    min: f32, f32::INFINITY, |a: V<f32>, b| a.min(b);
    /// Sum that wraps; 0 over nothing.
    sum_i32: i32, 0, |a: V<i32>, b| a.add(b);
    /// Product that wraps; 1 over nothing.
    prod_i32: i32, 1, |a: V<i32>, b| a.mul(b);
    /// Maximum; `i32::MIN` over nothing.
    max_i32: i32, i32::MIN, |a: V<i32>, b| a.max(b);
    /// Minimum; `i32::MAX` over nothing.
    min_i32: i32, i32::MAX, |a: V<i32>, b| a.min(b);
    /// 1 if any of the bools is 1; 0 over nothing.
    any: i32, 0, |a: V<i32>, b| a.or(b);
    /// 1 if all of the bools are 1; 1 over nothing.
    all: i32, 1, |a: V<i32>, b| a.and(b);
}

#[cfg(test)]
mod tests;
