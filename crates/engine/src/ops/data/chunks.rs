//! Copies and fills in chunks.

use crate::op::{Job, Work};
use crate::share::{self, Share};
use wasmgrad_kernels::map::{self, Loops};

/// One phase, as much work as copying `words` words.
pub fn work(words: usize) -> Work {
    Work::chunks(share::chunks(words))
}

/// This chunk's part of output 0, whose words are written one behind the other, and where it begins.
pub fn words<'a>(job: &Job<'a>) -> (usize, &'a mut [u32]) {
    let y = job.outs[0];
    let range = Share::among(y.size(), 1, job.chunks).range(job.chunk);
    // SAFETY: a view is valid for its type, and each chunk has its part for itself.
    (range.start, unsafe { std::slice::from_raw_parts_mut(y.ptr.add(range.start), range.len()) })
}

/// This chunk's part of a copy along loops: some turns of the outermost loop that has enough of them, or of the longest.
///
/// # Safety
/// `x` is readable and `y` writable wherever the loops lead, and they are apart.
pub unsafe fn copy(job: &Job, loops: &Loops<2>, x: *const u32, y: *mut u32) {
    if job.chunks == 1 {
        // SAFETY: the caller's contract.
        return unsafe { map::copy(loops, x, y) };
    }
    let share = |d: usize| {
        let (turns, [step, _]) = loops.dim(d);
        // Along x's lines of cache too, which a transpose reads side by side.
        let words = if step == 1 { 1 } else { (d + 1..loops.rank()).map(|d| loops.dim(d).0).product() };
        Share::among(turns, words, job.chunks)
    };
    // Of equal ones the last is taken: the outermost.
    let along = (0..loops.rank()).rev().max_by_key(|&d| share(d).chunks()).expect("at least one loop");
    let (part, [at_x, at_y]) = loops.part(along, share(along).range(job.chunk));
    // SAFETY: the caller's contract.
    unsafe { map::copy(&part, x.wrapping_offset(at_x), y.wrapping_offset(at_y)) };
}

/// Below this many words a call to memcpy costs more than the copy.
const FEW: usize = 32;

/// y (n) = x (n).
///
/// # Safety
/// `x` is readable and `y` writable for `n` words; they are apart.
#[inline]
pub unsafe fn copy_run(n: usize, x: *const u32, y: *mut u32) {
    // SAFETY: the caller's contract.
    unsafe {
        if n < FEW { (0..n).for_each(|i| *y.add(i) = *x.add(i)) } else { x.copy_to_nonoverlapping(y, n) }
    }
}
