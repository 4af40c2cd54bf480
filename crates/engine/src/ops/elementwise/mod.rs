//! Ops that treat each element alone, with NumPy's broadcasting. One row an op: forward and derivative together.
//!
//! The formula of a row becomes a kernel, a plain function over one run of words; one driver, shared by all ops, finds
//! the runs.

pub mod activation;
pub mod backward;
pub mod binary;
pub mod cast;
pub mod compare;
pub mod loss;
mod row;
pub mod select;
pub mod unary;

use crate::op::{Attrs, Job, Op, Work};
use crate::types::Type;
use wasmgrad_kernels::map::Loops;

pub static OPS: &[&[&Op]] =
    &[unary::OPS, activation::OPS, backward::OPS, binary::OPS, loss::OPS, compare::OPS, select::OPS, cast::OPS];

/// Where a kernel reads an operand: word after word (step 1), or one word for all elements (step 0).
#[derive(Clone, Copy)]
struct Run {
    at: *const u32,
    step: usize,
}

/// Computes `n` words at `out`, each of the operands' words.
///
/// Every run is readable for `n` words (one if its step is 0), and `out` writable for `n`. `out` may begin where an
/// operand with step 1 begins, and is apart from the others.
type Kernel<const N: usize> = unsafe fn(n: usize, ins: &[Run; N], out: *mut u32, attrs: &Attrs);

/// Elements that a chunk treats, at least: a multiple of the lane's width.
const CHUNK: usize = 1 << 14;

/// How many units (rows of the loop nest, or elements of the only row) make a chunk.
fn units_per_chunk(rows: usize, inner: usize) -> usize {
    if rows == 1 { CHUNK } else { (CHUNK / inner.max(1)).max(1) }
}

fn work<const N: usize>(ins: &[Type], outs: &[Type]) -> Work {
    let loops = Loops::broadcast(&outs[0].shape, std::array::from_fn::<_, N, _>(|i| &ins[i].shape[..]));
    let (rows, inner) = (loops.rows(), loops.inner().0);
    let units = if rows == 1 { inner } else { rows };
    Work::chunks(units.div_ceil(units_per_chunk(rows, inner)).max(1))
}

/// Runs the kernel over this chunk.
fn run<const N: usize>(job: &Job, kernel: Kernel<N>) {
    let shapes = std::array::from_fn::<_, N, _>(|i| &job.ins[i].shape()[..]);
    let loops = Loops::broadcast(job.outs[0].shape(), shapes);
    let (rows, (inner, steps)) = (loops.rows(), loops.inner());
    let units = if rows == 1 { inner } else { rows };
    let per = units_per_chunk(rows, inner);
    let (from, to) = ((job.chunk * per).min(units), ((job.chunk + 1) * per).min(units));
    // Of a single row the chunk takes a part, of many it takes some whole.
    let (rows, start, n) = if rows == 1 { (0..1, from, to - from) } else { (from..to, 0, inner) };
    let mut out = rows.start * inner + start;
    loops.for_rows(rows, |offsets| {
        let ins = std::array::from_fn(|i| {
            let offset = offsets[i] + start as isize * steps[i];
            Run { at: job.ins[i].ptr.wrapping_offset(offset), step: steps[i] as usize }
        });
        // SAFETY: the runs lie inside of the views; an operand whose memory the output took over has its shape.
        unsafe { kernel(n, &ins, job.outs[0].ptr.add(out), job.attrs) };
        out += inner;
    });
}
