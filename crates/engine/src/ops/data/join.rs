//! Ops between a tensor and its parts along one axis.

use super::{around, chunks};
use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attr, Attrs, Backward, Family, Grad, Job, Memory, Op, View};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::Shape;
use wasmgrad_kernels::map::{self, Loops};

pub static OPS: &[&Op] = &[&CONCAT, &SPLIT];

/// The operands one behind the other along the axis.
pub static CONCAT: Op = Op {
    name: "concat",
    doc: Op::doc("The operands one behind the other along the axis."),
    arity: Arity::AtLeast(1),
    attrs: &[Attr::int("axis")],
    infer: |ins, attrs| {
        let first = ins[0];
        let axis = first.shape.axis(attrs.read().int())?;
        let mut dims = first.shape.to_vec();
        dims[axis] = 0;
        for (i, x) in ins.iter().enumerate() {
            let fits = x.shape.len() == dims.len()
                && (0..dims.len()).all(|d| d == axis || x.shape[d] == first.shape[d]);
            if !fits || x.dtype != first.dtype {
                return Err(Error::invalid(format!(
                    "operand {i} of {x} does not fit operand 0 of {first}: only dimension {axis} may differ"
                )));
            }
            dims[axis] = dims[axis].saturating_add(x.shape[axis]);
        }
        Ok(vec![first.with_shape(Shape::new(&dims)?)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let y = job.outs[0];
        let axis = y.shape().axis(job.attrs.read().int()).expect("checked by infer");
        // SAFETY: by infer, the operands make up y.
        unsafe { copy_parts(job, job.ins, y, axis, true) };
    },
    grad: Grad::By(concat_gradient),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let axis = attrs.read().int().rem_euclid(ins[0].shape.len() as i32) as usize;
        let mut shape = ins[0].shape.clone();
        shape[axis] = ins.iter().map(|x| x.shape[axis]).sum();
        vec![Array::from_fn(&shape, |at| {
            let mut at = at.to_vec();
            let x = ins.iter().find(|x| {
                let here = at[axis] < x.shape[axis];
                at[axis] -= if here { 0 } else { x.shape[axis] };
                here
            });
            x.unwrap().at(&at)
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[2]), Arg::f32(&[3]), Arg::f32(&[1])], attrs: || Attrs::none().int(0) },
        Case { ins: &[Arg::f32(&[2, 3]), Arg::f32(&[2, 1])], attrs: || Attrs::none().int(-1) },
        Case { ins: &[Arg::f32(&[2, 1, 3]), Arg::f32(&[2, 4, 3])], attrs: || Attrs::none().int(1) },
        Case { ins: &[Arg::f32(&[2, 0]), Arg::f32(&[2, 2])], attrs: || Attrs::none().int(1) },
        Case { ins: &[Arg::f32(&[3, 2])], attrs: || Attrs::none().int(0) },
    ],
};

fn concat_gradient(g: &mut Graph, back: &Backward) -> Result<Vec<Option<Value>>> {
    let axis = g.ty(back.ins[0]).shape.axis(back.attrs.read().int())?;
    let mut begin = vec![0; g.dims(back.ins[0]).len()];
    let mut dxs = Vec::new();
    for (&x, &need) in back.ins.iter().zip(back.need) {
        let shape = g.ty(x).shape;
        dxs.push(if need { Some(slice(g, back.dy(), &begin, &shape)?) } else { None });
        begin[axis] += shape[axis] as i32;
    }
    Ok(dxs)
}

/// x in parts of the given sizes along the axis.
pub static SPLIT: Op = Op {
    name: "split",
    doc: Op::doc("x in parts of the given sizes along the axis."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("sizes"), Attr::int("axis")],
    infer: |ins, attrs| {
        let shape = ins[0].shape;
        let mut attrs = attrs.read();
        let (sizes, axis) = (attrs.ints(), shape.axis(attrs.int())?);
        let sum: i64 = sizes.iter().map(|&size| size as i64).sum();
        if sizes.is_empty() || sizes.iter().any(|&size| size < 0) || sum != shape[axis] as i64 {
            return Err(Error::invalid(format!(
                "the sizes {sizes:?} do not make up dimension {axis} of {shape}"
            )));
        }
        let mut dims = shape.to_vec();
        let part = |&size: &i32| {
            dims[axis] = size as usize;
            Ok(ins[0].with_shape(Shape::new(&dims)?))
        };
        sizes.iter().map(part).collect()
    },
    work: |ins, _, _| chunks::work(ins[0].size()),
    run: |job| {
        let mut attrs = job.attrs.read();
        attrs.ints();
        let x = job.ins[0];
        let axis = x.shape().axis(attrs.int()).expect("checked by infer");
        // SAFETY: by infer, the results make up x.
        unsafe { copy_parts(job, job.outs, x, axis, false) };
    },
    grad: Grad::By(|g, back| {
        let mut attrs = back.attrs.read();
        attrs.ints();
        let axis = attrs.int();
        let parts = back.dys.iter().zip(back.outs);
        let parts: Vec<Value> = parts
            .map(|(dy, &y)| match dy {
                Some(dy) => Ok(*dy),
                None => zeros_like(g, y),
            })
            .collect::<Result<_>>()?;
        Ok(vec![Some(g.op(&CONCAT, &parts, Attrs::none().int(axis))?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut attrs = attrs.read();
        let (sizes, axis) = (attrs.ints(), attrs.int().rem_euclid(ins[0].shape.len() as i32) as usize);
        let (mut shape, mut start) = (ins[0].shape.clone(), 0);
        let part = |&size: &i32| {
            shape[axis] = size as usize;
            let part = Array::from_fn(&shape, |at| {
                let mut at = at.to_vec();
                at[axis] += start;
                ins[0].at(&at)
            });
            start += size as usize;
            part
        };
        sizes.iter().map(part).collect()
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[6])], attrs: || Attrs::none().ints(&[2, 4]).int(0) },
        Case { ins: &[Arg::f32(&[2, 5, 3])], attrs: || Attrs::none().ints(&[1, 4]).int(1) },
        Case { ins: &[Arg::f32(&[2, 5])], attrs: || Attrs::none().ints(&[2, 0, 3]).int(-1) },
        Case { ins: &[Arg::i32_in(&[4, 2], -9, 9)], attrs: || Attrs::none().ints(&[1, 3]).int(0) },
    ],
};

/// Copies this chunk's share of the parts that make up `whole` along `axis`: into it if `join`, else out of it.
///
/// # Safety
/// The views are valid for their types; what is written is apart from what is read.
unsafe fn copy_parts(job: &Job, parts: &[View], whole: View, axis: usize, join: bool) {
    let (outer, dim, inner) = around(whole.shape(), axis);
    let row = dim * inner;
    let by_rows = outer >= job.chunks;
    let rows = if by_rows { Share::among(outer, row, job.chunks).range(job.chunk) } else { 0..outer };
    let mut at = 0;
    for (k, part) in parts.iter().enumerate() {
        let n = part.shape()[axis] * inner;
        // Each part's first share goes to another chunk, so that small parts do not all meet in one.
        let share = || Share::among(n, 1, job.chunks).range((job.chunk + k) % job.chunks);
        let columns = if by_rows { 0..n } else { share() };
        let (dims, apart, along) = (&[rows.len(), columns.len()], &[n as isize, 1], &[row as isize, 1]);
        let (in_part, in_whole) = (rows.start * n + columns.start, rows.start * row + at + columns.start);
        at += n;
        if columns.is_empty() {
            continue;
        }
        // SAFETY: the part's rows lie inside of the rows of the whole.
        unsafe {
            let (part, whole) = (part.ptr.add(in_part), whole.ptr.add(in_whole));
            if join {
                map::copy(&Loops::strided(dims, [apart, along]), part, whole);
            } else {
                map::copy(&Loops::strided(dims, [along, apart]), whole, part);
            }
        }
    }
}
