//! Ops between a tensor and a window of it.

use super::{chunks, exact, one_each, strides, word};
use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Family, Grad, Job, Memory, Op};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::types::{MAX_RANK, Shape, Type};
use wasmgrad_kernels::map::Loops;

pub static OPS: &[&Op] = &[&SLICE, &PAD];

/// `size` elements from `begin` on, in each dimension; a size of -1 means all that follow.
pub static SLICE: Op = Op {
    name: "slice",
    doc: Op::doc("size elements from begin on, in each dimension; a size of -1 means all that follow."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("begin"), Attr::ints("size")],
    infer: slice_infer,
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let (loops, start) = window(x.shape(), y.shape(), job.attrs);
        // SAFETY: by infer, the slice lies inside of x, or it is empty.
        unsafe { chunks::copy(job, &loops, x.ptr.wrapping_offset(start), y.ptr) };
    },
    grad: Grad::By(|g, back| {
        let (x, y) = (g.dims(back.ins[0]), g.dims(back.outs[0]));
        let begin = back.attrs.read().ints().iter();
        let paddings: Vec<i32> =
            begin.zip(x.iter().zip(y)).flat_map(|(&b, (&x, &y))| [b, (x - y) as i32 - b]).collect();
        Ok(vec![Some(pad(g, back.dy(), &paddings)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut attrs = attrs.read();
        let (begin, size) = (attrs.ints(), attrs.ints());
        let rest = |d: usize| ins[0].shape[d] - begin[d] as usize;
        let shape: Vec<usize> =
            (0..size.len()).map(|d| if size[d] < 0 { rest(d) } else { size[d] as usize }).collect();
        vec![Array::from_fn(&shape, |at| {
            ins[0].at(&at.iter().zip(begin).map(|(&i, &b)| i + b as usize).collect::<Vec<_>>())
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[7])], attrs: || Attrs::none().ints(&[2]).ints(&[3]) },
        Case { ins: &[Arg::f32(&[4, 5])], attrs: || Attrs::none().ints(&[1, 0]).ints(&[2, 5]) },
        Case { ins: &[Arg::f32(&[4, 5])], attrs: || Attrs::none().ints(&[0, 3]).ints(&[4, -1]) },
        Case { ins: &[Arg::f32(&[3, 4, 5])], attrs: || Attrs::none().ints(&[1, 1, 1]).ints(&[2, 2, 3]) },
        Case { ins: &[Arg::bool(&[3, 2])], attrs: || Attrs::none().ints(&[1, 1]).ints(&[2, 1]) },
        Case { ins: &[Arg::f32(&[3, 2])], attrs: || Attrs::none().ints(&[3, 0]).ints(&[0, 2]) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().ints(&[]).ints(&[]) },
    ],
};

fn slice_infer(ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    let shape = ins[0].shape;
    let mut attrs = attrs.read();
    let (begin, size) = (attrs.ints(), attrs.ints());
    one_each("begin", begin, &shape)?;
    one_each("size", size, &shape)?;
    let mut dims = [0; MAX_RANK];
    for (d, &dim) in shape.iter().enumerate() {
        let (begin, size) = (begin[d] as i64, size[d] as i64);
        let size = if size == -1 { dim as i64 - begin } else { size };
        if begin < 0 || size < 0 || begin + size > dim as i64 {
            return Err(Error::invalid(format!(
                "{size} elements from {begin} on do not lie inside of dimension {d} of {shape}"
            )));
        }
        dims[d] = size as usize;
    }
    Ok(vec![ins[0].with_shape(Shape::new(&dims[..shape.len()])?)])
}

/// x with paddings\[2 i\] elements `value` before it and paddings\[2 i + 1\] after it in dimension i.
pub static PAD: Op = Op {
    name: "pad",
    doc: Op::doc(
        "x with paddings[2 i] elements `value` before it and paddings[2 i + 1] after it in dimension i.",
    ),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("paddings"), Attr::float("value")],
    infer: |ins, attrs| {
        let mut attrs = attrs.read();
        let (shape, paddings) = (ins[0].shape, attrs.ints());
        exact(attrs.float(), ins[0].dtype)?;
        if paddings.len() != 2 * shape.len() || paddings.iter().any(|&p| p < 0) {
            return Err(Error::invalid(format!(
                "expected two paddings of at least 0 for each dimension of {shape}, got {paddings:?}"
            )));
        }
        let padded =
            |(&dim, p): (&usize, &[i32])| dim.saturating_add(p[0] as usize).saturating_add(p[1] as usize);
        let dims: Vec<usize> = shape.iter().zip(paddings.chunks(2)).map(padded).collect();
        Ok(vec![ins[0].with_shape(Shape::new(&dims)?)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let mut attrs = job.attrs.read();
        let paddings = attrs.ints();
        pad_around(job, paddings, word(attrs.float(), job.outs[0].ty.dtype));
    },
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        let begin: Vec<i32> = back.attrs.read().ints().iter().step_by(2).copied().collect();
        Ok(vec![Some(slice(g, back.dy(), &begin, &shape)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut attrs = attrs.read();
        let (paddings, value) = (attrs.ints(), attrs.float() as f64);
        let shape = ins[0].shape.iter().zip(paddings.chunks(2));
        let shape: Vec<usize> = shape.map(|(&dim, p)| dim + (p[0] + p[1]) as usize).collect();
        vec![Array::from_fn(&shape, |at| {
            let from = at.iter().zip(paddings.chunks(2)).map(|(&i, p)| i.wrapping_sub(p[0] as usize));
            let from: Vec<usize> = from.collect();
            let inside = from.iter().zip(&ins[0].shape).all(|(i, dim)| i < dim);
            if inside { ins[0].at(&from) } else { value }
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3])], attrs: || Attrs::none().ints(&[2, 1]).float(0.5) },
        Case { ins: &[Arg::f32(&[2, 3])], attrs: || Attrs::none().ints(&[1, 0, 0, 2]).float(-1.0) },
        Case { ins: &[Arg::f32(&[2, 3, 2])], attrs: || Attrs::none().ints(&[1, 1, 0, 0, 2, 1]).float(0.0) },
        Case { ins: &[Arg::i32_in(&[2, 2], -9, 9)], attrs: || Attrs::none().ints(&[1, 1, 1, 1]).float(7.0) },
        Case { ins: &[Arg::f32(&[0, 2])], attrs: || Attrs::none().ints(&[1, 1, 0, 0]).float(2.0) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().ints(&[]).float(2.0) },
    ],
};

/// The loops of a slice y of x, and where it begins in x.
fn window(x: &Shape, y: &Shape, attrs: &Attrs) -> (Loops<2>, isize) {
    let (outside, inside, rank) = (strides(x), strides(y), y.len());
    let start = attrs.read().ints().iter().zip(outside).map(|(&begin, step)| begin as isize * step).sum();
    (Loops::strided(y, [&outside[..rank], &inside[..rank]]), start)
}

/// Writes this chunk's part of y: the rows of x in their places, and `value` between them.
fn pad_around(job: &Job, paddings: &[i32], value: u32) {
    let (x, y) = (job.ins[0], job.outs[0]);
    let (dims_x, dims_y) = (x.shape(), y.shape());
    // A row ends with the last dimension that is padded; what comes behind lies in x as in y.
    let last = paddings.iter().rposition(|&padding| padding != 0).unwrap_or(0) / 2;
    let words = |dims: &Shape| dims[last.min(dims.len())..].iter().product::<usize>();
    let (wide, row) = (words(dims_x), words(dims_y));
    let before = |d: usize| paddings[2 * d] as usize;
    let left = if wide == row { 0 } else { before(last) * (row / dims_y[last]) };
    let (from, words) = chunks::words(job);
    if words.is_empty() {
        return;
    }
    let (mut index, mut rest) = ([0; MAX_RANK], from / row);
    for d in (0..last).rev() {
        (index[d], rest) = (rest % dims_y[d], rest / dims_y[d]);
    }
    let (to, mut filled) = (from + words.len(), 0);
    for start in (from / row * row..to).step_by(row) {
        let in_x = (0..last).try_fold(0, |row, d| {
            let i = index[d].wrapping_sub(before(d));
            (i < dims_x[d]).then(|| row * dims_x[d] + i)
        });
        let (a, b) = ((start + left).max(from), (start + left + wide).min(to));
        if let Some(in_x) = in_x.filter(|_| a < b) {
            words[filled..a - from].fill(value);
            filled = b - from;
            let at = in_x * wide + a - start - left;
            // SAFETY: the row stands in x, and y is apart from it.
            unsafe { chunks::copy_run(b - a, x.ptr.add(at), &mut words[a - from]) };
        }
        for d in (0..last).rev() {
            index[d] += 1;
            if index[d] < dims_y[d] {
                break;
            }
            index[d] = 0;
        }
    }
    words[filled..].fill(value);
}
