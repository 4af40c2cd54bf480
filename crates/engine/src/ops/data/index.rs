//! Ops that find elements by index.
//!
//! An index counts from the end when negative, as NumPy's. One that points outside reads a given value and writes
//! nothing, as JAX's do: types cannot tell, and memory is safe in any case.

use super::{around, chunks, exact, size, word};
use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Family, Grad, Memory, Op, View, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::{self, Grid, Share};
use crate::types::{DType, MAX_RANK, Shape, Type};
use std::ops::Range;
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::map;

pub static OPS: &[&Op] = &[&GATHER, &SCATTER_ADD, &ONE_HOT];

/// The slices of x at the indices, whose dimensions stand in the place of the axis; `fill` for indices outside.
pub static GATHER: Op = Op {
    name: "gather",
    doc: Op::doc(
        "The slices of x at the indices, whose dimensions stand in the place of the axis; fill for indices outside.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[Attr::int("axis"), Attr::float("fill")],
    infer: |ins, attrs| {
        let (x, indices) = (ins[0], ins[1]);
        are_indices(&indices)?;
        let mut attrs = attrs.read();
        let axis = x.shape.axis(attrs.int())?;
        exact(attrs.float(), x.dtype)?;
        let dims = [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat();
        Ok(vec![x.with_shape(Shape::new(&dims)?)])
    },
    work: |ins, _, attrs| {
        let axis = ins[0].shape.axis(attrs.read().int()).expect("checked by infer");
        Work::chunks(gathered(&ins[0].shape, axis, &ins[1].shape).chunks())
    },
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let mut attrs = job.attrs.read();
        let axis = x.shape().axis(attrs.int()).expect("checked by infer");
        let fill = word(attrs.float(), y.ty.dtype);
        let (rows, columns) = gathered(x.shape(), axis, job.ins[1].shape()).part(job.chunk);
        let (start, n) = (columns.start, columns.len());
        let (_, _, inner) = around(x.shape(), axis);
        for_rows(x, axis, job.ins[1], rows, |in_x, in_y| {
            // SAFETY: `for_rows` gives rows of the views, which have these columns.
            unsafe {
                let y = y.ptr.add(in_y * inner + start);
                match in_x {
                    Some(row) => chunks::copy_run(n, x.ptr.add(row * inner + start), y),
                    None => std::slice::from_raw_parts_mut(y, n).fill(fill),
                }
            }
        });
    },
    grad: Grad::By(|g, back| {
        let x = g.ty(back.ins[0]).shape;
        let axis = x.axis(back.attrs.read().int())?;
        Ok(vec![Some(scatter_add(g, back.dy(), back.ins[1], axis, x[axis])?), None])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let (x, indices) = (&ins[0], &ins[1]);
        let mut attrs = attrs.read();
        let axis = attrs.int().rem_euclid(x.shape.len() as i32) as usize;
        let fill = attrs.float() as f64;
        let end = axis + indices.shape.len();
        let shape = [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat();
        vec![Array::from_fn(&shape, |at| match position(indices.at(&at[axis..end]) as i32, x.shape[axis]) {
            Some(i) => x.at(&[&at[..axis], &[i], &at[end..]].concat()),
            None => fill,
        })]
    },
    #[cfg(test)]
    cases: {
        const fn ids(shape: &'static [usize], lo: i32, hi: i32) -> Arg {
            Arg::i32_in(shape, lo, hi)
        }
        &[
            Case { ins: &[Arg::f32(&[5, 3]), ids(&[8], 0, 5)], attrs: || Attrs::none().int(0).float(0.5) },
            Case { ins: &[Arg::f32(&[4, 40]), ids(&[3], -4, 4)], attrs: || Attrs::none().int(0).float(0.5) },
            Case {
                ins: &[ids(&[5], -9, 9), ids(&[8], -7, 7)],
                attrs: || Attrs::none().int(0).float(i32::MIN as f32),
            },
            Case {
                ins: &[Arg::f32(&[2, 4, 3]), ids(&[2, 3], -6, 7)],
                attrs: || Attrs::none().int(1).float(0.5),
            },
            Case { ins: &[Arg::f32(&[2, 5]), ids(&[4], -7, 8)], attrs: || Attrs::none().int(-1).float(-1.0) },
            Case { ins: &[Arg::f32(&[5]), ids(&[], 0, 5)], attrs: || Attrs::none().int(0).float(0.0) },
            Case {
                ins: &[Arg::i32_in(&[5, 2], -9, 9), ids(&[3], 0, 9)],
                attrs: || Attrs::none().int(0).float(7.0),
            },
            Case { ins: &[Arg::f32(&[0, 2]), ids(&[2], 0, 3)], attrs: || Attrs::none().int(0).float(2.0) },
            Case { ins: &[Arg::f32(&[3, 2]), ids(&[0], 0, 3)], attrs: || Attrs::none().int(0).float(0.0) },
        ]
    },
};

/// Zeros, `size` of them along the axis, with each slice of x added at its index, in the order of the indices.
pub static SCATTER_ADD: Op = Op {
    name: "scatterAdd",
    doc: Op::doc(
        "Zeros, size of them along the axis, with each slice of x added at its index, in the order of the indices.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[Attr::int("axis"), Attr::int("size")],
    infer: scatter_infer,
    // The zeros; then the sums.
    work: |ins, outs, attrs| {
        let axis = outs[0].shape.axis(attrs.read().int()).expect("checked by infer");
        chunks::work(outs[0].size()).then(adding(&outs[0].shape, axis, &ins[1].shape))
    },
    run: |job| {
        if job.phase == 0 {
            return chunks::words(job).1.fill(0);
        }
        let (x, y) = (job.ins[0], job.outs[0]);
        let axis = y.shape().axis(job.attrs.read().int()).expect("checked by infer");
        let (outer, _, n) = around(y.shape(), axis);
        let in_turn = job.chunks > outer;
        let part = if in_turn { 0..outer } else { Share::among(outer, 1, job.chunks).range(job.chunk) };
        let count = job.ins[1].size();
        for_rows(y, axis, job.ins[1], part.start * count..part.end * count, |in_y, in_x| {
            let Some(row) = in_y.filter(|row| !in_turn || row % job.chunks == job.chunk) else { return };
            // SAFETY: `for_rows` gives rows of the views.
            unsafe {
                if y.ty.dtype == DType::F32 {
                    let (x, y) = (x.f32().add(in_x * n), y.f32().add(row * n));
                    map::binary(n, y, 1, x, 1, y, |y: F32x4, x: F32x4| y.add(x));
                } else {
                    let (x, y) = (x.i32().add(in_x * n), y.i32().add(row * n));
                    map::binary(n, y, 1, x, 1, y, |y: I32x4, x: I32x4| y.add(x));
                }
            }
        });
    },
    grad: Grad::By(|g, back| {
        let attrs = Attrs::none().int(back.attrs.read().int()).float(0.0);
        Ok(vec![Some(g.op(&GATHER, &[back.dy(), back.ins[1]], attrs)?), None])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let (x, indices) = (&ins[0], &ins[1]);
        let mut attrs = attrs.read();
        let rank = x.shape.len() - indices.shape.len() + 1;
        let axis = attrs.int().rem_euclid(rank as i32) as usize;
        let size = attrs.int() as usize;
        let end = axis + indices.shape.len();
        let shape = [&x.shape[..axis], &[size], &x.shape[end..]].concat();
        let mut y = Array::new(&shape, vec![0.0; shape.iter().product()]);
        Array::from_fn(&x.shape, |at| {
            if let Some(i) = position(indices.at(&at[axis..end]) as i32, size) {
                let to = [&at[..axis], &[i], &at[end..]].concat();
                y.data[to.iter().zip(&shape).fold(0, |flat, (i, dim)| flat * dim + i)] += x.at(at);
            }
            0.0
        });
        vec![y]
    },
    #[cfg(test)]
    cases: {
        const fn ids(shape: &'static [usize], lo: i32, hi: i32) -> Arg {
            Arg::i32_in(shape, lo, hi)
        }
        &[
            Case { ins: &[Arg::f32(&[8, 3]), ids(&[8], 0, 5)], attrs: || Attrs::none().int(0).int(5) },
            Case {
                ins: &[Arg::f32(&[2, 2, 3, 5]), ids(&[2, 3], -6, 7)],
                attrs: || Attrs::none().int(1).int(4),
            },
            Case { ins: &[Arg::f32(&[2, 7]), ids(&[7], 0, 3)], attrs: || Attrs::none().int(-1).int(3) },
            Case { ins: &[Arg::f32(&[3]), ids(&[], 0, 2)], attrs: || Attrs::none().int(0).int(2) },
            Case {
                ins: &[Arg::i32_in(&[6, 2], -9, 9), ids(&[6], 0, 3)],
                attrs: || Attrs::none().int(0).int(3),
            },
            Case { ins: &[Arg::f32(&[0, 2]), ids(&[0], 0, 3)], attrs: || Attrs::none().int(0).int(3) },
        ]
    },
};

fn scatter_infer(ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    let (x, indices) = (ins[0], ins[1]);
    are_indices(&indices)?;
    if x.dtype == DType::Bool {
        return Err(Error::invalid("expected float32 or int32, got bool; cast it first"));
    }
    let mut attrs = attrs.read();
    let (axis, size) = (attrs.int(), size("size", attrs.int())?);
    let misfit =
        || Error::invalid(format!("axis {axis} of {} does not begin indices {}", x.shape, indices.shape));
    let rank =
        (x.shape.len() + 1).checked_sub(indices.shape.len()).filter(|&rank| rank > 0).ok_or_else(misfit)?;
    let before = Shape::new(&[1; MAX_RANK][..rank.min(MAX_RANK)])?.axis(axis)?;
    let end = before + indices.shape.len();
    if x.shape[before..end] != indices.shape[..] {
        return Err(misfit());
    }
    let dims = [&x.shape[..before], &[size], &x.shape[end..]].concat();
    Ok(vec![x.with_shape(Shape::new(&dims)?)])
}

/// For each index a new last dimension of `depth` elements: `on` where it points to, `off` elsewhere.
pub static ONE_HOT: Op = Op {
    name: "oneHot",
    doc: Op::doc(
        "For each index a new last dimension of depth elements: on where it points to, off elsewhere.",
    ),
    arity: Arity::Exactly(1),
    attrs: &[Attr::int("depth"), Attr::float("on"), Attr::float("off"), Attr::dtype("dtype")],
    infer: |ins, attrs| {
        are_indices(&ins[0])?;
        let mut attrs = attrs.read();
        let (depth, on, off, dtype) = (attrs.int(), attrs.float(), attrs.float(), attrs.dtype()?);
        exact(on, dtype)?;
        exact(off, dtype)?;
        let dims = [&ins[0].shape[..], &[size("depth", depth)?]].concat();
        Ok(vec![Type::new(dtype, Shape::new(&dims)?)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let dtype = job.outs[0].ty.dtype;
        let mut attrs = job.attrs.read();
        let depth = attrs.int() as usize;
        let (on, off) = (word(attrs.float(), dtype), word(attrs.float(), dtype));
        let (from, y) = chunks::words(job);
        y.fill(off);
        if y.is_empty() {
            return;
        }
        let rows = from / depth..(from + y.len()).div_ceil(depth);
        for (row, &index) in rows.clone().zip(&indices(&job.ins[0])[rows]) {
            // The first and the last row may belong to two chunks.
            let at = usize::try_from(index).ok().filter(|&i| i < depth);
            if let Some(word) = at.and_then(|i| y.get_mut((row * depth + i).wrapping_sub(from))) {
                *word = on;
            }
        }
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut attrs = attrs.read();
        let depth = attrs.int() as usize;
        let (on, off) = (attrs.float() as f64, attrs.float() as f64);
        let shape = [&ins[0].shape[..], &[depth]].concat();
        vec![Array::from_fn(&shape, |at| {
            let (&i, row) = at.split_last().unwrap();
            if ins[0].at(row) == i as f64 { on } else { off }
        })]
    },
    #[cfg(test)]
    cases: &[
        Case {
            ins: &[Arg::i32_in(&[6], -2, 5)],
            attrs: || Attrs::none().int(4).float(1.0).float(0.0).dtype(DType::F32),
        },
        Case {
            ins: &[Arg::i32_in(&[2, 3], 0, 3)],
            attrs: || Attrs::none().int(3).float(5.0).float(-1.0).dtype(DType::I32),
        },
        Case {
            ins: &[Arg::i32_in(&[], 0, 3)],
            attrs: || Attrs::none().int(3).float(0.75).float(0.25).dtype(DType::F32),
        },
    ],
};

/// # Errors
/// If they are not int32.
fn are_indices(indices: &Type) -> Result<()> {
    match indices.dtype {
        DType::I32 => Ok(()),
        other => Err(Error::invalid(format!("expected int32 indices, got {other}; cast them first"))),
    }
}

fn indices<'a>(view: &View) -> &'a [i32] {
    // SAFETY: a view is valid for its type.
    unsafe { std::slice::from_raw_parts(view.i32(), view.size()) }
}

/// Where an index points to among n elements.
fn position(index: i32, n: usize) -> Option<usize> {
    let from_start = if index < 0 { index as i64 + n as i64 } else { index as i64 };
    usize::try_from(from_start).ok().filter(|&i| i < n)
}

/// How the rows that are taken out of x divide.
fn gathered(x: &Shape, axis: usize, index: &Shape) -> Grid {
    let (outer, _, inner) = around(x, axis);
    // To find a row costs as much as to copy some words.
    Grid::new(outer * index.size(), inner, 1 + 64 / inner.max(1))
}

/// Words of a row beside which it costs little to read an index whose row belongs to another chunk.
const WIDE: usize = 64;

/// The chunks that add to y. Two indices may be equal, so each has rows of y for itself: those of some of `outer`, or, if
/// these are too few and the rows wide, each its turn.
fn adding(y: &Shape, axis: usize, index: &Shape) -> usize {
    let (outer, _, inner) = around(y, axis);
    let chunks = share::chunks(2 * outer * index.size() * inner);
    chunks.min(outer.max(inner / WIDE)).max(1)
}

/// Calls `f(row of indexed, row of listed)` for each of these rows of `listed`: `indexed` has the axis, and
/// `listed`, which has the same dimensions before and after it, a row for each index in its place.
fn for_rows(
    indexed: View,
    axis: usize,
    index: View,
    rows: Range<usize>,
    mut f: impl FnMut(Option<usize>, usize),
) {
    let (dim, indices, mut row) = (indexed.shape()[axis], indices(&index), rows.start);
    while row < rows.end {
        let (o, first) = (row / indices.len(), row % indices.len());
        let last = indices.len().min(first + rows.end - row);
        for &i in &indices[first..last] {
            f(position(i, dim).map(|i| o * dim + i), row);
            row += 1;
        }
    }
}
