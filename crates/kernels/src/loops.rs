//! The loop nest of several operands over one shape, with loops merged where every operand's strides allow it.

use core::array::from_fn;
use core::ops::Range;

/// Largest number of dimensions of a tensor.
pub const MAX_RANK: usize = 8;

/// Loops over the elements of N operands. The last loop is the innermost ("row"); the kernels run it, and
/// [`Loops::for_rows`] runs the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loops<const N: usize> {
    /// At least 1.
    rank: usize,
    dims: [usize; MAX_RANK],
    /// In elements.
    strides: [[isize; MAX_RANK]; N],
}

impl<const N: usize> Loops<N> {
    /// Contiguous row-major operands, broadcast to the shape `out` as NumPy does. The innermost step of each is 1 or 0.
    ///
    /// # Panics
    /// If `out` has more than [`MAX_RANK`] dimensions or an operand does not broadcast to it.
    pub fn broadcast(out: &[usize], ins: [&[usize]; N]) -> Self {
        assert!(out.len() <= MAX_RANK);
        let strides = ins.map(|shape| {
            let mut strides = [0; MAX_RANK];
            let lead = out.len().checked_sub(shape.len()).expect("an operand's rank exceeds the output's");
            let mut stride = 1;
            for (i, &dim) in shape.iter().enumerate().rev() {
                if dim != 1 {
                    assert_eq!(dim, out[lead + i], "{shape:?} does not broadcast to {out:?}");
                    strides[lead + i] = stride;
                }
                stride *= dim as isize;
            }
            strides
        });
        Self::merged(out, &strides)
    }

    /// Operands with explicit strides in elements: 0 repeats, a negative one runs backward.
    ///
    /// # Panics
    /// If there are more than [`MAX_RANK`] dimensions or an operand has another number of strides.
    pub fn strided(dims: &[usize], strides: [&[isize]; N]) -> Self {
        assert!(dims.len() <= MAX_RANK);
        let strides = strides.map(|given| {
            let mut strides = [0; MAX_RANK];
            strides[..dims.len()].copy_from_slice(given);
            strides
        });
        Self::merged(dims, &strides)
    }

    fn merged(dims: &[usize], strides: &[[isize; MAX_RANK]; N]) -> Self {
        let mut loops = Self { rank: 0, dims: [0; MAX_RANK], strides: [[0; MAX_RANK]; N] };
        if dims.contains(&0) {
            return Self { rank: 1, ..loops };
        }
        for (i, &dim) in dims.iter().enumerate() {
            let inner = from_fn(|k| strides[k][i]);
            if dim > 1 && !loops.merge(dim, inner) {
                loops.push(dim, inner);
            }
        }
        if loops.rank == 0 {
            loops.push(1, [0; N]);
        }
        loops
    }

    /// Makes one loop of the last one and of a loop inside of it, if each operand's steps allow it.
    #[inline]
    fn merge(&mut self, dim: usize, strides: [isize; N]) -> bool {
        let Some(last) = self.rank.checked_sub(1) else { return false };
        let fits = (0..N).all(|k| self.strides[k][last] == strides[k] * dim as isize);
        if fits {
            self.dims[last] *= dim;
            (0..N).for_each(|k| self.strides[k][last] = strides[k]);
        }
        fits
    }

    #[inline]
    fn push(&mut self, dim: usize, strides: [isize; N]) {
        self.dims[self.rank] = dim;
        (0..N).for_each(|k| self.strides[k][self.rank] = strides[k]);
        self.rank += 1;
    }

    /// Length and steps of the innermost loop.
    #[inline]
    pub fn inner(&self) -> (usize, [isize; N]) {
        self.dim(self.rank - 1)
    }

    /// Number of innermost loops.
    #[inline]
    pub fn rows(&self) -> usize {
        if self.inner().0 == 0 { 0 } else { self.dims[..self.rank - 1].iter().product() }
    }

    /// Calls `f` with the operands' offsets in elements for each row of `range`, in row-major order.
    #[inline(always)]
    pub fn for_rows(&self, range: Range<usize>, mut f: impl FnMut([isize; N])) {
        debug_assert!(range.end <= self.rows());
        let outer = self.rank - 1;
        let (mut index, mut at) = ([0; MAX_RANK], [0; N]);
        let mut rest = range.start;
        for d in (0..outer).rev() {
            index[d] = rest % self.dims[d];
            rest /= self.dims[d];
            (0..N).for_each(|k| at[k] += index[d] as isize * self.strides[k][d]);
        }
        for _ in range {
            f(at);
            for d in (0..outer).rev() {
                index[d] += 1;
                (0..N).for_each(|k| at[k] += self.strides[k][d]);
                if index[d] < self.dims[d] {
                    break;
                }
                index[d] = 0;
                (0..N).for_each(|k| at[k] -= self.dims[d] as isize * self.strides[k][d]);
            }
        }
    }

    /// These loops with loop `d` taking the turns of `range` alone, and where each operand begins then.
    pub fn part(&self, d: usize, range: Range<usize>) -> (Self, [isize; N]) {
        debug_assert!(range.end <= self.dims[d]);
        if range.is_empty() {
            return (Self { rank: 1, dims: [0; MAX_RANK], strides: [[0; MAX_RANK]; N] }, [0; N]);
        }
        let mut part = *self;
        part.dims[d] = range.len();
        (part, from_fn(|k| range.start as isize * self.strides[k][d]))
    }

    /// Number of loops, outermost first.
    #[inline]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Length and steps of loop `d`.
    #[inline]
    pub fn dim(&self, d: usize) -> (usize, [isize; N]) {
        (self.dims[d], from_fn(|k| self.strides[k][d]))
    }

    /// These loops without loop `d`, which is not the innermost.
    pub(crate) fn without(&self, d: usize) -> Self {
        let mut loops = Self { rank: 0, dims: [0; MAX_RANK], strides: [[0; MAX_RANK]; N] };
        for other in (0..self.rank).filter(|&other| other != d) {
            let (dim, strides) = self.dim(other);
            loops.push(dim, strides);
        }
        loops
    }
}

#[cfg(test)]
mod tests;
