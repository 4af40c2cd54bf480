//! Elementwise loops over contiguous words: one operand, or two, each with step 1 or broadcast with step 0.
//!
//! A tail of fewer than four elements runs the same lane function on padded lanes, so an element's bits do not depend
//! on where it stands.

use crate::lane::{F32x4, I32x4, LANES};

pub use crate::copy::copy;
pub use crate::loops::{Loops, MAX_RANK};

/// A 4-byte element, and the vector of four of them.
pub trait Word: Copy + PartialEq {
    type Vector: Copy;
    const ZERO: Self;

    /// Four copies.
    fn splat(self) -> Self::Vector;
    /// The vector's elements.
    fn lanes(x: Self::Vector) -> [Self; LANES];
    /// # Safety
    /// `p` is readable for four words; no alignment is needed.
    unsafe fn load(p: *const Self) -> Self::Vector;
    /// # Safety
    /// `p` is writable for four words; no alignment is needed.
    unsafe fn store(x: Self::Vector, p: *mut Self);
}

macro_rules! word {
    ($word:ty, $vector:ty) => {
        impl Word for $word {
            type Vector = $vector;
            const ZERO: Self = 0 as $word;

            #[inline(always)]
            fn splat(self) -> $vector {
                <$vector>::splat(self)
            }
            #[inline(always)]
            fn lanes(x: $vector) -> [Self; LANES] {
                x.to_array()
            }
            #[inline(always)]
            unsafe fn load(p: *const Self) -> $vector {
                // SAFETY: the caller's contract.
                unsafe { <$vector>::load(p) }
            }
            #[inline(always)]
            unsafe fn store(x: $vector, p: *mut Self) {
                // SAFETY: the caller's contract.
                unsafe { x.store(p) }
            }
        }
    };
}
word!(f32, F32x4);
word!(i32, I32x4);

/// The first `n` < 4 words at `p`, then `pad`.
///
/// # Safety
/// `p` is readable for `n` words.
#[inline(always)]
pub(crate) unsafe fn load_part<W: Word>(n: usize, p: *const W, pad: W) -> W::Vector {
    let mut lanes = [pad; LANES];
    for (i, lane) in lanes.iter_mut().take(LANES - 1).enumerate() {
        if i < n {
            // SAFETY: i < n.
            *lane = unsafe { *p.add(i) };
        }
    }
    // SAFETY: an array of four words.
    unsafe { W::load(lanes.as_ptr()) }
}

/// Stores the first `n` < 4 lanes of `x`.
///
/// # Safety
/// `p` is writable for `n` words.
#[inline(always)]
pub(crate) unsafe fn store_part<W: Word>(n: usize, x: W::Vector, p: *mut W) {
    for (i, lane) in W::lanes(x).into_iter().take(LANES - 1).enumerate() {
        if i < n {
            // SAFETY: i < n.
            unsafe { *p.add(i) = lane };
        }
    }
}

/// An operand as the loops read it. A broadcast scalar stands in a vector of its own that the pointer never leaves, so
/// that one loop serves every mix of steps.
struct Operand<W: Word> {
    at: *const W,
    step: usize,
}

impl<W: Word> Operand<W> {
    /// # Safety
    /// `x` is readable for one word if `step` is 0. `splat` outlives the operand.
    #[inline(always)]
    unsafe fn new(n: usize, (x, step): (*const W, usize), splat: &mut [W; LANES]) -> Self {
        debug_assert!(step <= 1);
        if step == 0 && n > 0 {
            // SAFETY: the caller's contract.
            *splat = [unsafe { *x }; LANES];
            return Self { at: splat.as_ptr(), step: 0 };
        }
        Self { at: x, step: LANES }
    }

    /// The next four elements.
    ///
    /// # Safety
    /// Four elements are left.
    #[inline(always)]
    unsafe fn next(&mut self) -> W::Vector {
        // SAFETY: the caller's contract; a splat has four words always.
        unsafe {
            let x = W::load(self.at);
            self.at = self.at.add(self.step);
            x
        }
    }

    /// The last `n` < 4 elements, then zeros.
    ///
    /// # Safety
    /// `n` elements are left.
    #[inline(always)]
    unsafe fn rest(&self, n: usize) -> W::Vector {
        // SAFETY: the caller's contract; a splat has four words always.
        unsafe { load_part(n, self.at, W::ZERO) }
    }
}

/// y\[i\] = value.
///
/// # Safety
/// `y` is writable for `n` words.
pub unsafe fn fill<W: Word>(n: usize, value: W, y: *mut W) {
    // SAFETY: the caller's contract.
    unsafe { core::slice::from_raw_parts_mut(y, n) }.fill(value);
}

/// y\[i\] = f(x\[i\]).
///
/// # Safety
/// `x` is readable and `y` writable for `n` words; they are apart or equal.
#[inline(always)]
pub unsafe fn unary<X: Word, Y: Word>(n: usize, x: *const X, y: *mut Y, f: impl Fn(X::Vector) -> Y::Vector) {
    let whole = n - n % LANES;
    // SAFETY: the caller's contract.
    unsafe {
        for i in (0..whole).step_by(LANES) {
            Y::store(f(X::load(x.add(i))), y.add(i));
        }
        let rest = n - whole;
        if rest > 0 {
            store_part(rest, f(load_part(rest, x.add(whole), X::ZERO)), y.add(whole));
        }
    }
}

/// z\[i\] = f(x\[i * xs\], y\[i * ys\]); a step is 1, or 0 for a broadcast scalar.
///
/// # Safety
/// `x` is readable for `n` words (one if `xs` is 0), `y` likewise, `z` writable for `n`. `z` may be equal to an operand
/// with step 1, and is apart from the others.
#[inline(always)]
pub unsafe fn binary<X: Word, Y: Word, Z: Word>(
    n: usize,
    x: *const X,
    xs: usize,
    y: *const Y,
    ys: usize,
    z: *mut Z,
    f: impl Fn(X::Vector, Y::Vector) -> Z::Vector,
) {
    let (mut splat_x, mut splat_y) = ([X::ZERO; LANES], [Y::ZERO; LANES]);
    let whole = n - n % LANES;
    // SAFETY: the caller's contract.
    unsafe {
        let mut x = Operand::new(n, (x, xs), &mut splat_x);
        let mut y = Operand::new(n, (y, ys), &mut splat_y);
        for i in (0..whole).step_by(LANES) {
            Z::store(f(x.next(), y.next()), z.add(i));
        }
        let rest = n - whole;
        if rest > 0 {
            store_part(rest, f(x.rest(rest), y.rest(rest)), z.add(whole));
        }
    }
}

#[cfg(test)]
mod tests;
