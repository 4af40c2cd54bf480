//! Softmax and its logarithm over the last axis.

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attrs, Family, Grad, Job, Memory, Op, Work};
use crate::ops::reduce::SUM;
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::{DType, Shape, Type};
use std::ops::Range;
use wasmgrad_kernels::softmax;

pub static OPS: &[&Op] = &[&SOFTMAX, &SOFTMAX_GRADIENT, &LOG_SOFTMAX, &LOG_SOFTMAX_GRADIENT];

/// y (…, c) = e^x / sum e^x over the last axis.
pub static SOFTMAX: Op = Op {
    name: "softmax",
    doc: Op::doc("y (..., c) = e^x / sum e^x over the last axis."),
    arity: Arity::Exactly(1),
    attrs: &[],
    infer,
    work: |ins, _, _| Rows::of(&ins[0]).work(5),
    run: |job| {
        let (rows, x, y) = (Rows::of(&job.ins[0].ty), job.ins[0].f32(), job.outs[0].f32());
        let (at, n) = rows.part(job);
        // SAFETY: the rows of this chunk lie inside of the views, which are apart or one.
        unsafe { softmax::softmax(n, rows.c, x.add(at), y.add(at)) };
    },
    grad: Grad::By(|g, back| Ok(vec![Some(call(g, &SOFTMAX_GRADIENT, &[back.outs[0], back.dy()])?)])),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![exp_over_sum(&ins[0])],
    #[cfg(test)]
    cases: CASES,
};

/// dx (…, c) = y * (dy - sum y dy): the gradient through y = softmax(x).
pub static SOFTMAX_GRADIENT: Op = Op {
    name: "softmaxGradient",
    doc: Op::doc(
        "dx (..., c) = y * (dy - sum y dy) over the last axis: the gradient through y = softmax(x).",
    ),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer,
    work: |ins, _, _| Rows::of(&ins[0]).work(4),
    run: |job| {
        let (rows, [y, dy, dx]) = (Rows::of(&job.ins[0].ty), [job.ins[0], job.ins[1], job.outs[0]]);
        let (at, n) = rows.part(job);
        // SAFETY: the rows of this chunk lie inside of the views; dx is apart from y and dy, or one of them.
        unsafe { softmax::softmax_gradient(n, rows.c, y.f32().add(at), dy.f32().add(at), dx.f32().add(at)) };
    },
    grad: Grad::By(|g, back| {
        let (y, dy, dz) = (back.ins[0], back.ins[1], back.dy());
        let weighted = mul(g, y, dz)?;
        let total = sum_last(g, weighted)?;
        let dot = mul(g, y, dy)?;
        let dot = sum_last(g, dot)?;
        let centered = sub(g, dy, dot)?;
        let (straight, back) = (mul(g, dz, centered)?, mul(g, dy, total)?);
        // y stands in dx twice, dy as in softmax itself.
        Ok(vec![Some(sub(g, straight, back)?), Some(call(g, &SOFTMAX_GRADIENT, &[y, dz])?)])
    }),
    memory: Memory::InPlace(&[0, 1]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| {
        let dot = ins[0].zip(&ins[1], |y, dy| y * dy).reduce(&[-1], true, |xs| xs.iter().sum());
        vec![ins[1].zip(&dot, |dy, dot| dy - dot).zip(&ins[0], |dy, y| y * dy)]
    },
    #[cfg(test)]
    cases: PAIRS,
};

/// y (…, c) = x - ln sum e^x over the last axis.
pub static LOG_SOFTMAX: Op = Op {
    name: "logSoftmax",
    doc: Op::doc("y (..., c) = x - ln sum e^x over the last axis."),
    arity: Arity::Exactly(1),
    attrs: &[],
    infer,
    work: |ins, _, _| Rows::of(&ins[0]).work(5),
    run: |job| {
        let (rows, x, y) = (Rows::of(&job.ins[0].ty), job.ins[0].f32(), job.outs[0].f32());
        let (at, n) = rows.part(job);
        // SAFETY: the rows of this chunk lie inside of the views, which are apart or one.
        unsafe { softmax::log_softmax(n, rows.c, x.add(at), y.add(at)) };
    },
    grad: Grad::By(|g, back| Ok(vec![Some(call(g, &LOG_SOFTMAX_GRADIENT, &[back.outs[0], back.dy()])?)])),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![exp_over_sum(&ins[0]).map(f64::ln)],
    #[cfg(test)]
    cases: CASES,
};

/// dx (…, c) = dy - e^y * sum dy: the gradient through y = logSoftmax(x).
pub static LOG_SOFTMAX_GRADIENT: Op = Op {
    name: "logSoftmaxGradient",
    doc: Op::doc(
        "dx (..., c) = dy - e^y * sum dy over the last axis: the gradient through y = logSoftmax(x).",
    ),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer,
    work: |ins, _, _| Rows::of(&ins[0]).work(4),
    run: |job| {
        let (rows, [y, dy, dx]) = (Rows::of(&job.ins[0].ty), [job.ins[0], job.ins[1], job.outs[0]]);
        let (at, n) = rows.part(job);
        let (y, dy, dx) = (y.f32(), dy.f32(), dx.f32());
        // SAFETY: the rows of this chunk lie inside of the views; dx is apart from y and dy, or one of them.
        unsafe { softmax::log_softmax_gradient(n, rows.c, y.add(at), dy.add(at), dx.add(at)) };
    },
    grad: Grad::By(|g, back| {
        let (y, dy, dz) = (back.ins[0], back.ins[1], back.dy());
        let e = exp(g, y)?;
        let weighted = mul(g, dz, e)?;
        let total = sum_last(g, dy)?;
        let dy_y = mul(g, weighted, total)?;
        let dot = sum_last(g, weighted)?;
        Ok(vec![Some(neg(g, dy_y)?), Some(sub(g, dz, dot)?)])
    }),
    memory: Memory::InPlace(&[0, 1]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| {
        let total = ins[1].reduce(&[-1], true, |xs| xs.iter().sum());
        vec![ins[0].zip(&total, |y, total| y.exp() * total).zip(&ins[1], |part, dy| dy - part)]
    },
    #[cfg(test)]
    cases: PAIRS,
};

/// The sum over the last axis, which stays as 1.
pub fn sum_last(g: &mut Graph, x: Value) -> Result<Value> {
    g.op(&SUM, &[x], Attrs::none().ints(&[-1]).bool(true))
}

/// float32 operands of one type with at least one dimension.
fn infer(ins: &[Type], _: &Attrs) -> Result<Vec<Type>> {
    check_rows(&ins[0])?;
    if let Some(other) = ins.iter().find(|&other| *other != ins[0]) {
        return Err(Error::invalid(format!("expected operands of one type, got {} and {other}", ins[0])));
    }
    Ok(vec![ins[0]])
}

/// # Errors
/// If there is no last axis, or the elements are not float32.
pub fn check_rows(x: &Type) -> Result<()> {
    if x.dtype != DType::F32 {
        return Err(Error::invalid(format!("expected float32, got {}; cast it first", x.dtype)));
    }
    if x.shape.is_empty() {
        return Err(Error::invalid("expected at least one dimension, got a scalar"));
    }
    Ok(())
}

/// The work on one element, in words copied, about.
const COST: usize = 16;

/// The elements of an operand along its last axis, `n` times `c`.
pub struct Rows {
    n: usize,
    pub c: usize,
}

impl Rows {
    /// Of an operand that `check_rows` let pass.
    pub fn of(x: &Type) -> Self {
        let (&c, lead) = x.shape.split_last().expect("checked by infer");
        Self { n: lead.iter().product(), c }
    }

    fn share(&self) -> Share {
        Share::new(self.n, self.c, COST * self.c)
    }

    /// With so many flops an element.
    pub fn work(&self, flops: usize) -> Work {
        Work::chunks(self.share().chunks()).with_flops(flops * self.n * self.c)
    }

    /// The rows of this chunk.
    pub fn range(&self, job: &Job) -> Range<usize> {
        self.share().range(job.chunk)
    }

    /// The first element of this chunk and its number of rows.
    fn part(&self, job: &Job) -> (usize, usize) {
        let range = self.range(job);
        (range.start * self.c, range.len())
    }
}

/// The shape without its last dimension.
pub fn lead(shape: &Shape) -> Result<Shape> {
    Shape::new(&shape[..shape.len() - 1])
}

#[cfg(test)]
pub fn exp_over_sum(x: &Array) -> Array {
    let e = x.map(f64::exp);
    e.zip(&e.reduce(&[-1], true, |xs| xs.iter().sum()), |e, sum| e / sum)
}

#[cfg(test)]
const CASES: &[Case] = &[
    Case { ins: &[Arg::f32_in(&[3, 5], -4.0, 4.0)], attrs: Attrs::none },
    Case { ins: &[Arg::f32_in(&[7], 90.0, 94.0)], attrs: Attrs::none },
    Case { ins: &[Arg::f32_in(&[2, 3, 4], -120.0, -118.0)], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[4, 1])], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[0, 3])], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[3, 0])], attrs: Attrs::none },
];

#[cfg(test)]
const PAIRS: &[Case] = &[
    Case { ins: &[Arg::f32(&[3, 5]), Arg::f32(&[3, 5])], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[2, 2, 3]), Arg::f32(&[2, 2, 3])], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[7]), Arg::f32(&[7])], attrs: Attrs::none },
    Case { ins: &[Arg::f32(&[0, 3]), Arg::f32(&[0, 3])], attrs: Attrs::none },
];
