//! Ops that treat each element alone, with NumPy's broadcasting. One row an op: forward and derivative together.

pub mod binary;
pub mod unary;

use crate::op::{Job, Work};
use crate::types::Type;
use std::ops::Range;
use wasmgrad_kernels::map::Loops;

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

/// Calls `row(n, input offsets, input steps, output offset)` for each run of elements of this chunk.
fn for_runs<const N: usize>(job: &Job, mut row: impl FnMut(usize, [isize; N], [usize; N], usize)) {
    let shapes = std::array::from_fn::<_, N, _>(|i| &job.ins[i].shape()[..]);
    let loops = Loops::broadcast(job.outs[0].shape(), shapes);
    let (inner, steps) = loops.inner();
    let per = units_per_chunk(loops.rows(), inner);
    let steps = steps.map(|step| step as usize);
    let range =
        |units: usize| -> Range<usize> { (job.chunk * per).min(units)..((job.chunk + 1) * per).min(units) };
    if loops.rows() == 1 {
        let part = range(inner);
        loops.for_rows(0..1, |offsets| {
            let offsets = std::array::from_fn(|i| offsets[i] + (part.start * steps[i]) as isize);
            row(part.len(), offsets, steps, part.start);
        });
    } else {
        let rows = range(loops.rows());
        let mut out = rows.start * inner;
        loops.for_rows(rows, |offsets| {
            row(inner, offsets, steps, out);
            out += inner;
        });
    }
}
