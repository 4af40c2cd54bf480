//! How elementwise work is divided and run.

use crate::op::{Attrs, Job, Work};
use crate::share::Grid;
use crate::types::{DType, Type};
use std::array::from_fn;
use wasmgrad_kernels::lane::{F32x4, LANES};
use wasmgrad_kernels::map::{Loops, Word};

/// Where a kernel reads an operand: vector after vector (step 4), or one vector for all elements (step 0).
#[derive(Clone, Copy)]
pub struct Run {
    pub at: *const u32,
    pub step: usize,
}

/// Computes `vectors` times four words at `out`, each of the operands' words. Floats that are options of the op lie at
/// `options`.
///
/// `ins` is an array of as many runs as the op has operands. Every run is readable for as many words (four if its step
/// is 0), and `out` writable. `out` may be where an operand with step 4 begins, and is apart from the others.
pub type Kernel = unsafe fn(vectors: usize, ins: *const Run, out: *mut u32, options: *const u32);

/// Which kernel an op has.
pub enum Choice {
    Always(Kernel),
    /// By the dtype of the first operand: for float32, and for the others.
    Floats(Kernel, Kernel),
    /// By the dtypes of the first operand and of the result.
    Dtypes(fn(DType, DType) -> Kernel),
}

impl Choice {
    /// The kernel for a first operand and a result of these dtypes.
    #[inline]
    pub fn kernel(&self, x: DType, y: DType) -> Kernel {
        match *self {
            Self::Always(kernel) => kernel,
            Self::Floats(floats, others) => {
                if x == DType::F32 {
                    floats
                } else {
                    others
                }
            }
            Self::Dtypes(choose) => choose(x, y),
        }
    }
}

/// A kernel's loop.
///
/// # Safety
/// The contract of `Kernel`.
#[inline(always)]
pub unsafe fn for_vectors<X: Word, Z: Word, const N: usize>(
    vectors: usize,
    ins: *const Run,
    out: *mut u32,
    f: impl Fn([X::Vector; N]) -> Z::Vector,
) {
    // SAFETY: the caller's contract.
    let ins = unsafe { &*ins.cast::<[Run; N]>() };
    let mut at = ins.map(|run| run.at.cast::<X>());
    for i in 0..vectors {
        // SAFETY: the caller's contract.
        unsafe {
            Z::store(f(at.map(|x| X::load(x))), out.cast::<Z>().add(i * LANES));
            at = from_fn(|k| at[k].add(ins[k].step));
        }
    }
}

/// The first options of an op, all of which are floats.
///
/// # Safety
/// `words` is readable for as many words.
#[inline(always)]
pub unsafe fn options<const K: usize>(words: *const u32) -> [F32x4; K] {
    // SAFETY: the caller's contract.
    from_fn(|k| unsafe { F32x4::load_splat(words.cast::<f32>().add(k)) })
}

/// The work on one element, in words copied, about.
pub const COST: usize = 4;

#[inline]
fn grid<const N: usize>(loops: &Loops<N>) -> Grid {
    Grid::new(loops.rows(), loops.inner().0, COST)
}

pub fn work<const N: usize>(ins: &[Type], outs: &[Type], _: &Attrs) -> Work {
    let loops = Loops::broadcast(&outs[0].shape, from_fn::<_, N, _>(|i| &ins[i].shape[..]));
    Work::chunks(grid(&loops).chunks()).with_flops(outs[0].size())
}

/// Runs the kernel for the dtypes of the operands and the result over this chunk.
#[inline(never)]
pub fn run<const N: usize>(job: &Job, choice: &Choice) {
    let kernel = choice.kernel(job.ins[0].ty.dtype, job.outs[0].ty.dtype);
    if job.chunks == 1 && job.ins.iter().all(|x| x.shape() == job.outs[0].shape() || x.size() == 1) {
        let (out, n) = (job.outs[0].ptr, job.outs[0].size());
        let ins: [Run; N] = from_fn(|i| Run { at: job.ins[i].ptr, step: (job.ins[i].size() == n) as usize });
        // SAFETY: operands of the output's shape or of one element; one whose memory the output took over has its shape.
        return unsafe { run_row(n, ins, out, kernel, job.attrs.words().as_ptr()) };
    }
    let loops = Loops::broadcast(job.outs[0].shape(), from_fn::<_, N, _>(|i| &job.ins[i].shape()[..]));
    let ((inner, steps), (rows, columns)) = (loops.inner(), grid(&loops).part(job.chunk));
    let (start, n) = (columns.start, columns.len());
    let mut out = rows.start * inner + start;
    loops.for_rows(rows, |offsets| {
        let ins: [Run; N] = from_fn(|i| {
            let at = job.ins[i].ptr.wrapping_offset(offsets[i] + start as isize * steps[i]);
            Run { at, step: steps[i] as usize }
        });
        // SAFETY: the runs lie inside of the views; an operand whose memory the output took over has its shape.
        unsafe { run_row(n, ins, job.outs[0].ptr.add(out), kernel, job.attrs.words().as_ptr()) };
        out += inner;
    });
}

/// Runs the kernel over `n` elements of operands with steps of 1 or 0: over whole vectors in their place, and over the
/// rest in padded ones, so that an element's bits do not depend on where it stands.
///
/// # Safety
/// The operands are readable for `n` words (one if the step is 0), and `out` is writable. `out` may be where an operand
/// with step 1 begins, and is apart from the others.
#[inline]
unsafe fn run_row<const N: usize>(
    n: usize,
    mut ins: [Run; N],
    out: *mut u32,
    kernel: Kernel,
    options: *const u32,
) {
    let mut pads = [[0; LANES]; N];
    let pads = pads.as_mut_ptr().cast::<u32>();
    let (vectors, rest) = (n / LANES, n % LANES);
    // SAFETY: the caller's contract; there is a pad of one vector for each operand.
    unsafe {
        for (k, x) in ins.iter_mut().enumerate() {
            let pad = pads.add(k * LANES);
            if x.step == 0 && n > 0 {
                (0..LANES).for_each(|lane| *pad.add(lane) = *x.at);
                x.at = pad;
            } else if n < LANES {
                (0..n).for_each(|lane| *pad.add(lane) = *x.at.add(lane));
                x.at = pad;
            }
            x.step *= LANES;
        }
        if rest == 0 {
            return kernel(vectors, ins.as_ptr(), out, options);
        }
        // The last vector first: it may overlap with others, whose words `out` may take over.
        let mut last = [0; LANES];
        let start = n.saturating_sub(LANES);
        let tail = ins.map(|x| Run { at: x.at.add(if x.step == 0 { 0 } else { start }), ..x });
        kernel(1, tail.as_ptr(), last.as_mut_ptr(), options);
        kernel(vectors, ins.as_ptr(), out, options);
        (n - rest..n).for_each(|i| *out.add(i) = last[i - start]);
    }
}
