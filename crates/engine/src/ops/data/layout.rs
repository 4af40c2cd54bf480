//! Ops that put all elements of a tensor elsewhere: transposed, reversed, repeated.

use super::{chunks, one_each, strides};
use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Family, Grad, Job, Memory, Op, Work};
use crate::ops::elementwise::cast;
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::{self, Share};
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
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        // SAFETY: the loops lead through the views, which are apart.
        unsafe { chunks::copy(job, &broadcast(x.shape(), y.shape()), x.ptr, y.ptr) };
    },
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        Ok(vec![Some(sum_to(g, back.dy(), shape)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: Some(&cast::KERNEL),
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
    work: |_, outs, _| chunks::work(2 * outs[0].size()),
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        // SAFETY: the loops lead through the views, which are apart.
        unsafe { chunks::copy(job, &transposed(x.shape(), y.shape(), job.attrs), x.ptr, y.ptr) };
    },
    grad: Grad::By(|g, back| {
        let rank = g.dims(back.ins[0]).len();
        let mut inverse = vec![0; rank];
        axes(back.attrs, rank).enumerate().for_each(|(i, axis)| inverse[axis] = i as i32);
        Ok(vec![Some(transpose(g, back.dy(), &inverse)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
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
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let (loops, start) = reversed(x.shape(), job.attrs);
        // SAFETY: the loops lead through the views, which are apart, from `start` in x on.
        unsafe { chunks::copy(job, &loops, x.ptr.add(start), y.ptr) };
    },
    grad: Grad::By(|g, back| Ok(vec![Some(g.op(&REVERSE, &[back.dy()], back.attrs.clone())?)])),
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
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
    work: |_, outs, attrs| tile_work(&outs[0].shape, attrs),
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
    family: Family::Extra,
    elementwise: None,
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

/// Of a large result: the first copy along the first repeated axis; then the others.
fn tile_work(y: &Shape, attrs: &Attrs) -> Work {
    let work = chunks::work(y.size());
    let Some((_, reps)) = first_repeated(attrs).filter(|_| work != Work::ONE) else { return work };
    let once = y.size() / reps;
    chunks::work(once).then(share::chunks(y.size() - once))
}

/// The first axis along which x is repeated, and how many times.
fn first_repeated(attrs: &Attrs) -> Option<(usize, usize)> {
    let reps = attrs.read().ints();
    reps.iter().position(|&reps| reps != 1).map(|axis| (axis, reps[axis] as usize))
}

/// The loops from the first copy along an axis, before which nothing is repeated, to the others in y.
fn repeated(x: &Shape, y: &Shape, axis: usize, reps: usize) -> Loops<2> {
    let block = (x[axis] * y[axis + 1..].iter().product::<usize>()) as isize;
    let (outer, all) = (x[..axis].iter().product(), block * reps as isize);
    Loops::strided(&[outer, reps - 1, block as usize], [&[all, 0, 1], &[all, block, 1]])
}

/// x goes to the first corner of y, which is then repeated along one dimension after the other, the last one first.
fn tile_run(job: &Job) {
    let (x, y) = (job.ins[0], job.outs[0]);
    if y.size() == 0 {
        return;
    }
    let (shape, rank) = (x.shape(), x.shape().len());
    let (steps_x, steps_y) = (strides(shape), strides(y.shape()));
    let later = first_repeated(job.attrs).filter(|_| job.work.phases().len() > 1);
    if let (Some((axis, reps)), 1) = (later, job.phase) {
        let (loops, block) = (repeated(shape, y.shape(), axis, reps), shape[axis] * steps_y[axis] as usize);
        // SAFETY: the loops lead from each first block of y to those behind it.
        return unsafe { chunks::copy(job, &loops, y.ptr, y.ptr.add(block)) };
    }
    let (mut dims, mut at_x, mut at_y) = ([0; MAX_RANK], 0, 0);
    dims[..rank].copy_from_slice(shape);
    if job.chunks > 1 {
        // Up to the axis of the other phase the indices of x are those of y.
        let share = |d: usize| Share::among(shape[d], steps_y[d] as usize, job.chunks);
        let axes = 0..later.map_or(rank, |(axis, _)| axis + 1);
        let along = axes.rev().max_by_key(|&d| share(d).chunks()).expect("a scalar is one chunk");
        let range = share(along).range(job.chunk);
        dims[along] = range.len();
        (at_x, at_y) = (range.start * steps_x[along] as usize, range.start * steps_y[along] as usize);
    }
    let (x, y) = (x.ptr.wrapping_add(at_x), y.ptr.wrapping_add(at_y));
    // SAFETY: the corner lies inside of y, which is apart from x.
    unsafe { map::copy(&Loops::strided(&dims[..rank], [&steps_x[..rank], &steps_y[..rank]]), x, y) };
    let first = later.map_or(0, |(axis, _)| axis + 1);
    for (axis, &reps) in job.attrs.read().ints().iter().enumerate().skip(first).rev() {
        let words = dims[axis] * steps_y[axis] as usize;
        let outer = Loops::strided(&dims[..axis], [&steps_y[..axis]]);
        let (n, [step]) = outer.inner();
        outer.for_rows(0..outer.rows(), |[row]| {
            for i in 0..n as isize {
                // SAFETY: the copies of the block stand one behind the other inside of y.
                unsafe {
                    let block = y.offset(row + i * step);
                    (1..reps as usize)
                        .for_each(|copy| block.copy_to_nonoverlapping(block.add(copy * words), words));
                }
            }
        });
    }
}

fn broadcast(x: &Shape, y: &Shape) -> Loops<2> {
    Loops::broadcast(y, [&x[..], &y[..]])
}

fn transposed(x: &Shape, y: &Shape, attrs: &Attrs) -> Loops<2> {
    let (steps_x, mut steps, rank) = (strides(x), [0; MAX_RANK], x.len());
    for (step, axis) in steps.iter_mut().zip(axes(attrs, rank)) {
        *step = steps_x[axis];
    }
    Loops::strided(y, [&steps[..rank], &strides(y)[..rank]])
}

/// The loops, and where they begin in x: at the last element of each reversed axis.
fn reversed(shape: &Shape, attrs: &Attrs) -> (Loops<2>, usize) {
    let (rank, steps_y) = (shape.len(), strides(shape));
    let (mut steps_x, mut start) = (steps_y, 0);
    for axis in axes(attrs, rank) {
        steps_x[axis] = -steps_y[axis];
    }
    for (axis, &dim) in shape.iter().enumerate() {
        if steps_x[axis] < 0 {
            start += dim.saturating_sub(1) * steps_y[axis] as usize;
        }
    }
    (Loops::strided(shape, [&steps_x[..rank], &steps_y[..rank]]), start)
}

/// The option's axes, counted from the front.
fn axes(attrs: &Attrs, rank: usize) -> impl Iterator<Item = usize> + '_ {
    attrs.read().ints().iter().map(move |&axis| axis.rem_euclid(rank as i32) as usize)
}
