//! Losses from probabilities, each in one pass. Those from logits stand in loss.rs.
//!
//! Source of the formulas: keras/src/backend/jax/nn.py, `*_crossentropy` without `from_logits`: probabilities are brought
//! to the sum 1, then kept `epsilon` away from 0 and 1.

use super::loss::{check_dy, check_labels, check_targets};
use super::softmax::{Rows, lead, sum_last};
use crate::error::Result;
use crate::grad::grad;
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attr, Attrs, Backward, Family, Grad, Job, Memory, Op};
use crate::ops::elementwise::unary::{CLIP, LOG};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use wasmgrad_kernels::crossentropy::{self, Bounds};

pub static OPS: &[&Op] =
    &[&CROSS_ENTROPY, &CROSS_ENTROPY_GRADIENT, &SPARSE_CROSS_ENTROPY, &SPARSE_CROSS_ENTROPY_GRADIENT];

const ATTRS: &[Attr] = &[Attr::float("epsilon")];

/// probabilities (…, c), targets (…, c) -> loss (…) = -sum targets * log(clip(probabilities / sum probabilities)).
pub static CROSS_ENTROPY: Op = Op {
    name: "crossEntropy",
    doc: Op::doc(
        "probabilities (..., c), targets (..., c) -> loss (...) = -sum targets * log(clip(probabilities / their sum)).",
    ),
    arity: Arity::Exactly(2),
    attrs: ATTRS,
    infer: |ins, _| {
        check_targets(ins)?;
        Ok(vec![ins[0].with_shape(lead(&ins[0].shape)?)])
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(6),
    run: |job| {
        let (part, t, loss) = (Part::of(job), job.ins[1].f32(), job.outs[0].f32());
        let Part { row, rows, c, bounds, p } = part;
        // SAFETY: the rows of this chunk lie inside of the views, which are apart.
        unsafe { crossentropy::cross_entropy(rows, c, p, t.add(row * c), bounds, loss.add(row)) };
    },
    grad: Grad::By(|g, back| {
        let (p, t, dy) = (back.ins[0], back.ins[1], back.dy());
        let dp = g.op(&CROSS_ENTROPY_GRADIENT, &[p, t, dy], back.attrs.clone())?;
        let from = g.nodes.len();
        let dt = if back.need[1] {
            let loss = in_parts(g, p, t, back.attrs)?;
            grad(g, from, loss, Some(dy), &[t])?[0]
        } else {
            None
        };
        Ok(vec![Some(dp), dt])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![cross_entropy(&ins[0], &ins[1], attrs)],
    #[cfg(test)]
    cases: &[
        Case { ins: &[PROBABILITIES, Arg::f32_in(&[3, 5], 0.0, 1.0)], attrs: epsilon },
        Case { ins: &[Arg::f32_in(&[2, 3, 4], 0.1, 1.0), Arg::f32(&[2, 3, 4])], attrs: epsilon },
        Case { ins: &[Arg::f32_in(&[7], 0.1, 1.0), Arg::f32_in(&[7], 0.0, 1.0)], attrs: epsilon },
        Case { ins: &[Arg::f32(&[0, 3]), Arg::f32(&[0, 3])], attrs: epsilon },
    ],
};

/// probabilities p (…, c), targets (…, c), dy (…) -> dp (…, c).
pub static CROSS_ENTROPY_GRADIENT: Op = Op {
    name: "crossEntropyGradient",
    doc: Op::doc("probabilities (..., c), targets (..., c), dy (...) -> the gradient of the probabilities."),
    arity: Arity::Exactly(3),
    attrs: ATTRS,
    infer: |ins, _| {
        check_targets(ins)?;
        check_dy(ins)
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(14),
    run: |job| {
        let ([t, dy, dp], part) = ([job.ins[1], job.ins[2], job.outs[0]].map(|x| x.f32()), Part::of(job));
        let Part { row, rows, c, bounds, p } = part;
        let at = row * c;
        // SAFETY: the rows of this chunk lie inside of the views; dp is apart from the others, or p or the targets.
        unsafe {
            crossentropy::cross_entropy_gradient(rows, c, p, t.add(at), dy.add(row), bounds, dp.add(at));
        }
    },
    grad: Grad::By(|g, back| again(g, back, back.ins[1])),
    memory: Memory::InPlace(&[0, 1]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![gradient(&ins[0], &ins[1], &ins[2], attrs)],
    #[cfg(test)]
    cases: &[
        Case { ins: &[PROBABILITIES, Arg::f32_in(&[3, 5], 0.0, 1.0), Arg::f32(&[3])], attrs: epsilon },
        Case { ins: &[Arg::f32_in(&[7], 0.1, 1.0), Arg::f32(&[7]), Arg::f32(&[])], attrs: epsilon },
    ],
};

/// probabilities (…, c), int32 labels (…) -> loss (…): that of targets which are 1 at the label and 0 elsewhere.
///
/// A label outside of 0..c means no class, as in JAX's `one_hot`: its loss and gradient are 0.
pub static SPARSE_CROSS_ENTROPY: Op = Op {
    name: "sparseCrossEntropy",
    doc: Op::doc(
        "probabilities (..., c), int32 labels (...) -> loss (...) = -log(clip(probabilities / their sum))[label]; 0 if there is no such class.",
    ),
    arity: Arity::Exactly(2),
    attrs: ATTRS,
    infer: |ins, _| {
        check_labels(ins)?;
        Ok(vec![ins[0].with_shape(lead(&ins[0].shape)?)])
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(1),
    run: |job| {
        let (part, labels, loss) = (Part::of(job), job.ins[1].i32(), job.outs[0].f32());
        let Part { row, rows, c, bounds, p } = part;
        // SAFETY: the rows of this chunk lie inside of the views, which are apart.
        unsafe { crossentropy::sparse_cross_entropy(rows, c, p, labels.add(row), bounds, loss.add(row)) };
    },
    grad: Grad::By(|g, back| {
        let ins = [back.ins[0], back.ins[1], back.dy()];
        Ok(vec![Some(g.op(&SPARSE_CROSS_ENTROPY_GRADIENT, &ins, back.attrs.clone())?), None])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![cross_entropy(&ins[0], &super::loss::one_hot(&ins[0], &ins[1]), attrs)],
    #[cfg(test)]
    cases: &[
        Case { ins: &[PROBABILITIES, Arg::i32_in(&[3], 0, 5)], attrs: epsilon },
        Case { ins: &[Arg::f32_in(&[2, 3, 4], 0.1, 1.0), Arg::i32_in(&[2, 3], -3, 7)], attrs: epsilon },
        Case { ins: &[Arg::f32_in(&[7], 0.1, 1.0), Arg::i32_in(&[], 3, 7)], attrs: epsilon },
    ],
};

/// probabilities p (…, c), int32 labels (…), dy (…) -> dp (…, c).
pub static SPARSE_CROSS_ENTROPY_GRADIENT: Op = Op {
    name: "sparseCrossEntropyGradient",
    doc: Op::doc(
        "probabilities (..., c), int32 labels (...), dy (...) -> the gradient of the probabilities; 0 if there is no such class.",
    ),
    arity: Arity::Exactly(3),
    attrs: ATTRS,
    infer: |ins, _| {
        check_labels(ins)?;
        check_dy(ins)
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(1),
    run: |job| {
        let (labels, [dy, dp]) = (job.ins[1].i32(), [job.ins[2], job.outs[0]].map(|x| x.f32()));
        let Part { row, rows, c, bounds, p } = Part::of(job);
        let (labels, dy, dp) = (labels.wrapping_add(row), dy.wrapping_add(row), dp.wrapping_add(row * c));
        // SAFETY: the rows of this chunk lie inside of the views; dp is apart from the others, or p.
        unsafe { crossentropy::sparse_cross_entropy_gradient(rows, c, p, labels, dy, bounds, dp) };
    },
    grad: Grad::By(|g, back| {
        let targets = super::loss::one_hot_targets(g, back)?;
        let dxs = again(g, back, targets)?;
        Ok(vec![dxs[0], None, dxs[2]])
    }),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![gradient(&ins[0], &super::loss::one_hot(&ins[0], &ins[1]), &ins[2], attrs)],
    #[cfg(test)]
    cases: &[
        Case { ins: &[PROBABILITIES, Arg::i32_in(&[3], 0, 5), Arg::f32(&[3])], attrs: epsilon },
        Case {
            ins: &[Arg::f32_in(&[2, 3, 4], 0.1, 1.0), Arg::i32_in(&[2, 3], -3, 7), Arg::f32(&[2, 3])],
            attrs: epsilon,
        },
    ],
};

/// The rows of a chunk: the first, how many, and the probabilities p (rows, c) in them.
struct Part {
    row: usize,
    rows: usize,
    c: usize,
    bounds: Bounds,
    p: *const f32,
}

impl Part {
    fn of(job: &Job) -> Self {
        let rows = Rows::of(&job.ins[0].ty);
        let range = rows.range(job);
        let p = job.ins[0].f32().wrapping_add(range.start * rows.c);
        let bounds = Bounds::new(job.attrs.read().float());
        Self { row: range.start, rows: range.len(), c: rows.c, bounds, p }
    }
}

/// The loss of probabilities p and targets t in nodes of which each has its gradient.
fn in_parts(g: &mut Graph, p: Value, t: Value, attrs: &Attrs) -> Result<Value> {
    let epsilon = attrs.read().float();
    let total = sum_last(g, p)?;
    let q = div(g, p, total)?;
    let q = g.op(&CLIP, &[q], Attrs::none().float(epsilon).float(1.0 - epsilon))?;
    let log = call(g, &LOG, &[q])?;
    let terms = mul(g, t, log)?;
    let loss = sum(g, terms, &[-1])?;
    neg(g, loss)
}

/// The gradients through the gradient, for operands p, t, dy.
fn again(g: &mut Graph, back: &Backward, t: Value) -> Result<Vec<Option<Value>>> {
    let (p, dy, dz) = (back.ins[0], back.ins[2], back.dy());
    let from = g.nodes.len();
    let loss = in_parts(g, p, t, back.attrs)?;
    let dp = grad(g, from, loss, Some(dy), &[p])?[0].expect("the loss depends on p");
    grad(g, from, dp, Some(dz), &[p, t, dy])
}

#[cfg(test)]
fn epsilon() -> Attrs {
    Attrs::none().float(0.1)
}

/// Some lie beyond the bounds, none within a difference of them.
#[cfg(test)]
const PROBABILITIES: Arg = Arg::f32_in(&[3, 5], 0.05, 1.0);

/// -sum t ln clip(p / sum p)
#[cfg(test)]
fn cross_entropy(p: &Array, t: &Array, attrs: &Attrs) -> Array {
    let epsilon = attrs.read().float() as f64;
    let q = p.zip(&p.reduce(&[-1], true, |xs| xs.iter().sum()), |p, sum| p / sum);
    let terms = q.map(|q| q.max(epsilon).min(1.0 - epsilon).ln()).zip(t, |log, t| -t * log);
    terms.reduce(&[-1], false, |xs| xs.iter().sum())
}

#[cfg(test)]
fn gradient(p: &Array, t: &Array, dy: &Array, attrs: &Attrs) -> Array {
    let epsilon = attrs.read().float() as f64;
    let sum = |x: &Array| x.reduce(&[-1], true, |xs| xs.iter().sum());
    let q = p.zip(&sum(p), |p, sum| p / sum);
    let slope = q.zip(t, |q, t| if epsilon < q && q < 1.0 - epsilon { -t / q } else { 0.0 });
    let mean = sum(&slope.zip(&q, |slope, q| slope * q));
    let column = Array::new(&[&dy.shape[..], &[1]].concat(), dy.data.clone());
    slope.zip(&mean, |slope, mean| slope - mean).zip(&sum(p), |d, sum| d / sum).zip(&column, |d, dy| d * dy)
}
