//! Ops that put all elements of a tensor elsewhere: transposed, reversed, repeated.

use super::{one_each, strides};
use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::types::{MAX_RANK, Shape, Type};
use wasmgrad_kernels::map::{self, Loops};

pub static OPS: &[&Op] = &[&BROADCAST_TO, &TRANSPOSE, &REVERSE, &TILE];

/// x repeated along new dimensions and along those of size 1.
pub static BROADCAST_TO: Op = Op {
    name: "broadcastTo",
    doc: Op::doc("x repeated along new dimensions and along those of size 1."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("shape")],
    infer: |ins, attrs| {
        let shape = attrs.read().shape()?;
        if ins[0].shape.broadcast(&shape)? != shape {
            return Err(Error::invalid(format!("shape {} does not broadcast to {shape}", ins[0].shape)));
        }
        Ok(vec![ins[0].with_shape(shape)])
    },
    work: |_, _, _| Work::ONE,
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let loops = Loops::broadcast(y.shape(), [&x.shape()[..], &y.shape()[..]]);
        // SAFETY: the loops lead through the views, which are apart.
        unsafe { map::copy(&loops, x.ptr, y.ptr) };
    },
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        Ok(vec![Some(sum_to(g, back.dy(), shape)?)])
    }),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let shape = attrs.read().shape().unwrap();
        vec![Array::from_fn(&shape, |at| ins[0].at_broadcast(at))]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 1])], attrs: || Attrs::none().dims(&[2, 3, 4]) },
        Case { ins: &[Arg::f32(&[2, 1, 5])], attrs: || Attrs::none().dims(&[2, 3, 5]) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().dims(&[5]) },
        Case { ins: &[Arg::f32(&[1, 2])], attrs: || Attrs::none().dims(&[0, 2]) },
    ],
};

/// Dimension i of the result is dimension perm\[i\] of x.
pub static TRANSPOSE: Op = Op {
    name: "transpose",
    doc: Op::doc("Dimension i of the result is dimension perm[i] of x."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("perm")],
    infer: |ins, attrs| {
        let (shape, perm) = (ins[0].shape, attrs.read().ints());
        one_each("perm", perm, &shape)?;
        let (mut dims, mut seen) = ([0; MAX_RANK], [false; MAX_RANK]);
        for (dim, &axis) in dims.iter_mut().zip(perm) {
            let axis = shape.axis(axis)?;
            if std::mem::replace(&mut seen[axis], true) {
                return Err(Error::invalid(format!("perm {perm:?} names dimension {axis} twice")));
            }
            *dim = shape[axis];
        }
        Ok(vec![ins[0].with_shape(Shape::new(&dims[..perm.len()])?)])
    },
    work: |_, _, _| Work::ONE,
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let (steps_x, mut steps) = (strides(x.shape()), [0; MAX_RANK]);
        let rank = x.shape().len();
        for (step, axis) in steps.iter_mut().zip(axes(job.attrs, rank)) {
            *step = steps_x[axis];
        }
        let loops = Loops::strided(y.shape(), [&steps[..rank], &strides(y.shape())[..rank]]);
        // SAFETY: the loops lead through the views, which are apart.
        unsafe { map::copy(&loops, x.ptr, y.ptr) };
    },
    grad: Grad::By(|g, back| {
        let rank = g.dims(back.ins[0]).len();
        let mut inverse = vec![0; rank];
        axes(back.attrs, rank).enumerate().for_each(|(i, axis)| inverse[axis] = i as i32);
        Ok(vec![Some(transpose(g, back.dy(), &inverse)?)])
    }),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let perm: Vec<usize> = axes(attrs, ins[0].shape.len()).collect();
        let shape: Vec<usize> = perm.iter().map(|&axis| ins[0].shape[axis]).collect();
        vec![Array::from_fn(&shape, |at| {
            let mut from = vec![0; at.len()];
            perm.iter().zip(at).for_each(|(&axis, &i)| from[axis] = i);
            ins[0].at(&from)
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[5, 7])], attrs: || Attrs::none().ints(&[1, 0]) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[2, 0, 1]) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[0, 2, 1]) },
        Case { ins: &[Arg::f32(&[2, 3, 1, 4])], attrs: || Attrs::none().ints(&[-1, 2, 0, 1]) },
        Case { ins: &[Arg::i32_in(&[3, 2], -9, 9)], attrs: || Attrs::none().ints(&[1, 0]) },
        Case { ins: &[Arg::f32(&[0, 2])], attrs: || Attrs::none().ints(&[1, 0]) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().ints(&[]) },
    ],
};

/// x with the order of the elements turned round along each of the axes.
pub static REVERSE: Op = Op {
    name: "reverse",
    doc: Op::doc("x with the order of the elements turned round along each of the axes."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("axes")],
    infer: |ins, attrs| {
        for &axis in attrs.read().ints() {
            ins[0].shape.axis(axis)?;
        }
        Ok(vec![ins[0]])
    },
    work: |_, _, _| Work::ONE,
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let (rank, steps_y) = (x.shape().len(), strides(y.shape()));
        let (mut steps_x, mut start) = (steps_y, 0);
        for axis in axes(job.attrs, rank) {
            steps_x[axis] = -steps_y[axis];
        }
        for (axis, &dim) in x.shape().iter().enumerate() {
            if steps_x[axis] < 0 {
                start += dim.saturating_sub(1) * steps_y[axis] as usize;
            }
        }
        let loops = Loops::strided(x.shape(), [&steps_x[..rank], &steps_y[..rank]]);
        // SAFETY: the loops lead through the views, which are apart; `start` is the last element of reversed axes.
        unsafe { map::copy(&loops, x.ptr.add(start), y.ptr) };
    },
    grad: Grad::By(|g, back| Ok(vec![Some(g.op(&REVERSE, &[back.dy()], back.attrs.clone())?)])),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let gone: Vec<usize> = axes(attrs, ins[0].shape.len()).collect();
        vec![Array::from_fn(&ins[0].shape, |at| {
            let turned = at.iter().enumerate();
            let turned = turned.map(|(d, &i)| if gone.contains(&d) { ins[0].shape[d] - 1 - i } else { i });
            ins[0].at(&turned.collect::<Vec<_>>())
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[5])], attrs: || Attrs::none().ints(&[0]) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[1]) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[0, -1]) },
        Case { ins: &[Arg::f32(&[2, 3])], attrs: || Attrs::none().ints(&[]) },
        Case { ins: &[Arg::f32(&[2, 0])], attrs: || Attrs::none().ints(&[0, 1]) },
    ],
};

/// x repeated reps\[i\] times along dimension i.
pub static TILE: Op = Op {
    name: "tile",
    doc: Op::doc("x repeated reps[i] times along dimension i."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("reps")],
    infer: tile_infer,
    work: |_, _, _| Work::ONE,
    run: tile_run,
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        let mut dx = back.dy();
        let mut dims = g.dims(dx).to_vec();
        for (axis, &reps) in back.attrs.read().ints().iter().enumerate().filter(|(_, reps)| **reps != 1) {
            // (before, copies, one copy): the sum over the copies.
            let outer = dims[..axis].iter().product();
            dims[axis] = shape[axis];
            let copy = dims[axis..].iter().product();
            let copies = reshape(g, dx, Shape::new(&[outer, reps as usize, copy])?)?;
            dx = sum(g, copies, &[1])?;
        }
        Ok(vec![Some(reshape(g, dx, shape)?)])
    }),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let shape = ins[0].shape.iter().zip(attrs.read().ints());
        let shape: Vec<usize> = shape.map(|(&dim, &reps)| dim * reps as usize).collect();
        vec![Array::from_fn(&shape, |at| {
            ins[0].at(&at.iter().zip(&ins[0].shape).map(|(i, dim)| i % dim).collect::<Vec<_>>())
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3])], attrs: || Attrs::none().ints(&[4]) },
        Case { ins: &[Arg::f32(&[2, 3])], attrs: || Attrs::none().ints(&[3, 2]) },
        Case { ins: &[Arg::f32(&[2, 3, 2])], attrs: || Attrs::none().ints(&[1, 3, 1]) },
        Case { ins: &[Arg::f32(&[2, 1, 2])], attrs: || Attrs::none().ints(&[2, 3, 2]) },
        Case { ins: &[Arg::f32(&[2, 3])], attrs: || Attrs::none().ints(&[2, 0]) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().ints(&[]) },
    ],
};

fn tile_infer(ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    let (shape, reps) = (ins[0].shape, attrs.read().ints());
    one_each("reps", reps, &shape)?;
    let mut dims = [0; MAX_RANK];
    for ((dim, &from), &reps) in dims.iter_mut().zip(shape.iter()).zip(reps) {
        let reps = usize::try_from(reps)
            .map_err(|_| Error::invalid(format!("nothing can be repeated {reps} times")))?;
        *dim = from.saturating_mul(reps);
    }
    Ok(vec![ins[0].with_shape(Shape::new(&dims[..shape.len()])?)])
}

/// x goes to the first corner of y, which is then repeated along one dimension after the other, the last one first.
fn tile_run(job: &Job) {
    let (x, y) = (job.ins[0], job.outs[0]);
    if y.size() == 0 {
        return;
    }
    let (shape, rank) = (x.shape(), x.shape().len());
    let (steps_x, steps_y) = (strides(shape), strides(y.shape()));
    // SAFETY: the corner lies inside of y, which is apart from x.
    unsafe { map::copy(&Loops::strided(shape, [&steps_x[..rank], &steps_y[..rank]]), x.ptr, y.ptr) };
    for (axis, &reps) in job.attrs.read().ints().iter().enumerate().rev() {
        let words = shape[axis] * steps_y[axis] as usize;
        let outer = Loops::strided(&shape[..axis], [&steps_y[..axis]]);
        let (n, [step]) = outer.inner();
        outer.for_rows(0..outer.rows(), |[row]| {
            for i in 0..n as isize {
                // SAFETY: the copies of the block stand one behind the other inside of y.
                unsafe {
                    let block = y.ptr.offset(row + i * step);
                    (1..reps as usize)
                        .for_each(|copy| block.copy_to_nonoverlapping(block.add(copy * words), words));
                }
            }
        });
    }
}

/// The option's axes, counted from the front.
fn axes(attrs: &Attrs, rank: usize) -> impl Iterator<Item = usize> + '_ {
    attrs.read().ints().iter().map(move |&axis| axis.rem_euclid(rank as i32) as usize)
}
