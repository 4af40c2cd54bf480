//! Ops that carry a value along an axis.

use super::around;
use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attr, Attrs, Family, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Grid;
use crate::types::{DType, Shape, Type};

pub static OPS: &[&Op] = &[&CUM_SUM, &CUM_PROD, &RECURRENCE];

const ATTRS: &[Attr] = &[Attr::int("axis"), Attr::bool("exclusive"), Attr::bool("reverse")];

/// The sum of all elements up to each one along the axis: without itself if `exclusive`, from the end if `reverse`.
pub static CUM_SUM: Op = Op {
    name: "cumSum",
    doc: Op::doc(
        "The sum of all elements up to each one along the axis: without itself if exclusive, from the end if reverse.",
    ),
    arity: Arity::Exactly(1),
    attrs: ATTRS,
    infer,
    work: |ins, _, attrs| work(ins, attrs),
    run: |job| match job.ins[0].ty.dtype {
        DType::F32 => scan(job, 0.0, |sum: f32, x: f32| sum + x),
        _ => scan(job, 0, |sum: i32, x: i32| sum.wrapping_add(x)),
    },
    grad: Grad::By(|g, back| {
        let options = Options::new(back.attrs);
        let attrs = Attrs::none().int(options.axis).bool(options.exclusive).bool(!options.reverse);
        Ok(vec![Some(g.op(&CUM_SUM, &[back.dy()], attrs)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![reference(&ins[0], attrs, 0.0, |sum, x| sum + x)],
    #[cfg(test)]
    cases: CASES,
};

/// The product of all elements up to each one along the axis: without itself if `exclusive`, from the end if `reverse`.
pub static CUM_PROD: Op = Op {
    name: "cumProd",
    doc: Op::doc(
        "The product of all elements up to each one along the axis: without itself if exclusive, from the end if reverse.",
    ),
    arity: Arity::Exactly(1),
    attrs: ATTRS,
    infer,
    work: |ins, _, attrs| work(ins, attrs),
    run: |job| match job.ins[0].ty.dtype {
        DType::F32 => scan(job, 1.0, |product: f32, x: f32| product * x),
        _ => scan(job, 1, |product: i32, x: i32| product.wrapping_mul(x)),
    },
    // dx[i] = (product before i) s[i], where s[i] = dy[i] + x[i + 1] s[i + 1]: no division, so zeros do no harm.
    grad: Grad::By(|g, back| {
        let Options { axis, exclusive, reverse } = Options::new(back.attrs);
        let before = cum_prod(g, back.ins[0], axis, true, reverse)?;
        let factors = shift(g, back.ins[0], axis, !reverse)?;
        let dy = if exclusive { shift(g, back.dy(), axis, !reverse)? } else { back.dy() };
        let after = recurrence(g, factors, dy, axis, !reverse)?;
        Ok(vec![Some(mul(g, before, after)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![reference(&ins[0], attrs, 1.0, |product, x| product * x)],
    #[cfg(test)]
    cases: CASES,
};

/// y\[i\] = a\[i\] y\[i - 1\] + b\[i\] along the axis, with 0 before the first; from the end if `reverse`.
pub static RECURRENCE: Op = Op {
    name: "linearRecurrence",
    doc: Op::doc(
        "y[i] = a[i] y[i - 1] + b[i] along the axis, with 0 before the first; from the end if reverse.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[Attr::int("axis"), Attr::bool("reverse")],
    infer: |ins, attrs| {
        let (a, b) = (ins[0], ins[1]);
        if a != b || a.dtype != DType::F32 {
            return Err(Error::invalid(format!(
                "expected two float32 tensors of one shape, got {a} and {b}"
            )));
        }
        a.shape.axis(attrs.read().int())?;
        Ok(vec![a])
    },
    work: |ins, _, attrs| work(ins, attrs),
    run: |job| {
        let (a, b, y) = (job.ins[0].f32(), job.ins[1].f32(), job.outs[0].f32());
        let mut attrs = job.attrs.read();
        for_steps(job, attrs.int(), attrs.bool(), |before, at, n| {
            // SAFETY: `for_steps` gives places inside of the views, and `before` was written by the step before.
            unsafe {
                let (a, b, here) = (a.add(at), b.add(at), y.add(at));
                match before {
                    None => (0..n).for_each(|i| *here.add(i) = 0.0 + *b.add(i)),
                    Some(before) => {
                        let y = y.add(before);
                        (0..n).for_each(|i| *here.add(i) = *a.add(i) * *y.add(i) + *b.add(i));
                    }
                }
            }
        });
    },
    grad: Grad::By(|g, back| {
        let mut attrs = back.attrs.read();
        let (axis, reverse) = (attrs.int(), attrs.bool());
        let factors = shift(g, back.ins[0], axis, !reverse)?;
        let db = recurrence(g, factors, back.dy(), axis, !reverse)?;
        let carried = shift(g, back.outs[0], axis, reverse)?;
        Ok(vec![Some(mul(g, db, carried)?), Some(db)])
    }),
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut attrs = attrs.read();
        let attrs = Attrs::none().int(attrs.int()).bool(false).bool(attrs.bool());
        // Pairs of a and b in one number's place: scan the indices.
        let index = Array::new(&ins[0].shape, (0..ins[0].data.len()).map(|i| i as f64).collect());
        vec![reference(&index, &attrs, 0.0, |y, i| ins[0].data[i as usize] * y + ins[1].data[i as usize])]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[5]), Arg::f32(&[5])], attrs: || Attrs::none().int(0).bool(false) },
        Case {
            ins: &[Arg::f32(&[2, 4, 3]), Arg::f32(&[2, 4, 3])],
            attrs: || Attrs::none().int(1).bool(true),
        },
        Case { ins: &[Arg::f32(&[2, 3]), Arg::f32(&[2, 3])], attrs: || Attrs::none().int(-1).bool(true) },
        Case { ins: &[Arg::f32(&[3, 0]), Arg::f32(&[3, 0])], attrs: || Attrs::none().int(1).bool(false) },
    ],
};

#[cfg(test)]
const CASES: &[Case] = &[
    Case { ins: &[Arg::f32(&[5])], attrs: || Attrs::none().int(0).bool(false).bool(false) },
    Case { ins: &[Arg::f32(&[3, 4])], attrs: || Attrs::none().int(-1).bool(true).bool(false) },
    Case { ins: &[Arg::f32(&[2, 4, 3])], attrs: || Attrs::none().int(1).bool(false).bool(true) },
    Case { ins: &[Arg::f32(&[4, 3])], attrs: || Attrs::none().int(0).bool(true).bool(true) },
    Case { ins: &[Arg::i32_in(&[2, 5], -4, 5)], attrs: || Attrs::none().int(1).bool(false).bool(false) },
    Case { ins: &[Arg::f32(&[2, 0])], attrs: || Attrs::none().int(1).bool(true).bool(false) },
];

struct Options {
    axis: i32,
    exclusive: bool,
    reverse: bool,
}

impl Options {
    fn new(attrs: &Attrs) -> Self {
        let mut read = attrs.read();
        Self { axis: read.int(), exclusive: read.bool(), reverse: read.bool() }
    }
}

fn infer(ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    if ins[0].dtype == DType::Bool {
        return Err(Error::invalid("expected float32 or int32, got bool; cast it first"));
    }
    ins[0].shape.axis(attrs.read().int())?;
    Ok(vec![ins[0]])
}

/// Carries f(carried, x) from element to element; the first of each line carries `start`.
fn scan<W: Copy>(job: &Job, start: W, f: impl Fn(W, W) -> W) {
    let (x, y): (*const W, *mut W) = (job.ins[0].ptr.cast(), job.outs[0].ptr.cast());
    let Options { axis, exclusive, reverse } = Options::new(job.attrs);
    for_steps(job, axis, reverse, |before, at, n| {
        // SAFETY: `for_steps` gives places inside of the views, and `before` was written by the step before.
        unsafe {
            let here = y.add(at);
            match before {
                None if exclusive => (0..n).for_each(|i| *here.add(i) = start),
                None => (0..n).for_each(|i| *here.add(i) = *x.add(at + i)),
                Some(before) => {
                    let (x, y) = (x.add(if exclusive { before } else { at }), y.add(before));
                    (0..n).for_each(|i| *here.add(i) = f(*y.add(i), *x.add(i)));
                }
            }
        }
    });
}

/// The lines divide; each is one chain.
fn grid((outer, dim, inner): (usize, usize, usize)) -> Grid {
    Grid::new(outer, inner, 8 * dim)
}

/// Of an op whose options begin with the axis.
fn work(ins: &[Type], attrs: &Attrs) -> Work {
    let axis = ins[0].shape.axis(attrs.read().int()).expect("checked by infer");
    Work::chunks(grid(around(&ins[0].shape, axis)).chunks())
}

/// Calls `f(place of the elements before, place, n)` for the n elements of each step of this chunk, in the order of the
/// axis.
fn for_steps(job: &Job, axis: i32, reverse: bool, mut f: impl FnMut(Option<usize>, usize, usize)) {
    let shape = job.outs[0].shape();
    let sizes @ (_, dim, inner) = around(shape, shape.axis(axis).expect("checked by infer"));
    let (outer, columns) = grid(sizes).part(job.chunk);
    for o in outer {
        for step in 0..dim {
            let row = |step: usize| o * dim + if reverse { dim - 1 - step } else { step };
            let place = |step| row(step) * inner + columns.start;
            f(step.checked_sub(1).map(place), place(step), columns.len());
        }
    }
}

/// x moved by one place along the axis, towards the front if `forward`; 0 comes in.
fn shift(g: &mut Graph, x: Value, axis: i32, forward: bool) -> Result<Value> {
    let axis = g.ty(x).shape.axis(axis)?;
    let mut dims = g.dims(x).to_vec();
    if dims[axis] == 0 {
        return Ok(x);
    }
    dims[axis] -= 1;
    let (mut begin, mut paddings) = (vec![0; dims.len()], vec![0; 2 * dims.len()]);
    begin[axis] = forward as i32;
    paddings[2 * axis + forward as usize] = 1;
    let kept = slice(g, x, &begin, &Shape::new(&dims)?)?;
    pad(g, kept, &paddings)
}

/// The product of the elements before each one along the axis (or up to it, if not `exclusive`).
pub fn cum_prod(g: &mut Graph, x: Value, axis: i32, exclusive: bool, reverse: bool) -> Result<Value> {
    g.op(&CUM_PROD, &[x], Attrs::none().int(axis).bool(exclusive).bool(reverse))
}

fn recurrence(g: &mut Graph, a: Value, b: Value, axis: i32, reverse: bool) -> Result<Value> {
    g.op(&RECURRENCE, &[a, b], Attrs::none().int(axis).bool(reverse))
}

#[cfg(test)]
fn reference(x: &Array, attrs: &Attrs, start: f64, f: impl Fn(f64, f64) -> f64) -> Array {
    let Options { axis, exclusive, reverse } = Options::new(attrs);
    let axis = axis.rem_euclid(x.shape.len() as i32) as usize;
    Array::from_fn(&x.shape, |at| {
        let mut carried = start;
        for step in 0..x.shape[axis] {
            let mut from = at.to_vec();
            from[axis] = if reverse { x.shape[axis] - 1 - step } else { step };
            if exclusive && from[axis] == at[axis] {
                break;
            }
            carried = f(carried, x.at(&from));
            if from[axis] == at[axis] {
                break;
            }
        }
        carried
    })
}
