//! Losses from logits, each fused with what gives the probabilities. Those from probabilities stand in crossentropy.rs.
//!
//! Source of the formulas: keras/src/backend/jax/nn.py, `*_crossentropy` with `from_logits`.

use super::softmax::{LOG_SOFTMAX, Rows, SOFTMAX, SOFTMAX_GRADIENT, check_rows, lead, sum_last};
use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attrs, Backward, Family, Grad, Job, Memory, Op};
use crate::ops::data::index::ONE_HOT;
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::types::{DType, Shape, Type};
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::{map, softmax};

pub static OPS: &[&Op] = &[
    &SOFTMAX_CROSS_ENTROPY,
    &SOFTMAX_CROSS_ENTROPY_GRADIENT,
    &SPARSE_SOFTMAX_CROSS_ENTROPY,
    &SPARSE_SOFTMAX_CROSS_ENTROPY_GRADIENT,
];

/// logits (…, c), targets (…, c) -> loss (…) = -sum targets * logSoftmax(logits).
pub static SOFTMAX_CROSS_ENTROPY: Op = Op {
    name: "softmaxCrossEntropy",
    doc: Op::doc("logits (..., c), targets (..., c) -> loss (...) = -sum targets * logSoftmax(logits)."),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer: |ins, _| {
        check_targets(ins)?;
        Ok(vec![ins[0].with_shape(lead(&ins[0].shape)?)])
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(7),
    run: |job| {
        let (rows, [x, t, loss]) =
            (Rows::of(&job.ins[0].ty), [job.ins[0], job.ins[1], job.outs[0]].map(|v| v.f32()));
        let range = rows.range(job);
        let at = range.start * rows.c;
        let (x, t, loss) = (x.wrapping_add(at), t.wrapping_add(at), loss.wrapping_add(range.start));
        // SAFETY: the rows of this chunk lie inside of the views, which are apart.
        unsafe { softmax::cross_entropy(range.len(), rows.c, x, t, loss, std::ptr::null_mut()) };
    },
    grad: Grad::By(|g, back| {
        let (x, t, dy) = (back.ins[0], back.ins[1], back.dy());
        let dx = call(g, &SOFTMAX_CROSS_ENTROPY_GRADIENT, &[x, t, dy])?;
        if !back.need[1] {
            return Ok(vec![Some(dx), None]);
        }
        let log = call(g, &LOG_SOFTMAX, &[x])?;
        let dy = column(g, dy)?;
        let dt = mul(g, log, dy)?;
        Ok(vec![Some(dx), Some(neg(g, dt)?)])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![cross_entropy(&ins[0], &ins[1])],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 5]), Arg::f32_in(&[3, 5], 0.0, 1.0)], attrs: Attrs::none },
        Case { ins: &[Arg::f32_in(&[2, 3, 4], 50.0, 54.0), Arg::f32(&[2, 3, 4])], attrs: Attrs::none },
        Case { ins: &[Arg::f32(&[7]), Arg::f32_in(&[7], 0.0, 1.0)], attrs: Attrs::none },
        Case { ins: &[Arg::f32(&[0, 3]), Arg::f32(&[0, 3])], attrs: Attrs::none },
    ],
};

/// logits (…, c), targets (…, c), dy (…) -> dy * (softmax(logits) * sum targets - targets): the gradient of the logits.
pub static SOFTMAX_CROSS_ENTROPY_GRADIENT: Op = Op {
    name: "softmaxCrossEntropyGradient",
    doc: Op::doc(
        "logits (..., c), targets (..., c), dy (...) -> dy * (softmax(logits) * sum targets - targets).",
    ),
    arity: Arity::Exactly(3),
    attrs: &[],
    infer: |ins, _| {
        check_targets(ins)?;
        check_dy(ins)
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(9),
    run: |job| {
        let t = job.ins[1].f32();
        for_rows(job, |row, c, x, dx| {
            // SAFETY: the rows lie inside of the views, and dx is apart from x and targets or one of them.
            unsafe { softmax::cross_entropy(1, c, x, t.add(row * c), &mut 0.0, dx) }
        });
    },
    grad: Grad::By(|g, back| again(g, back, back.ins[1])),
    memory: Memory::InPlace(&[0, 1]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![gradient(&ins[0], &ins[1], &ins[2])],
    #[cfg(test)]
    cases: &[
        Case {
            ins: &[Arg::f32(&[3, 5]), Arg::f32_in(&[3, 5], 0.0, 1.0), Arg::f32(&[3])],
            attrs: Attrs::none,
        },
        Case { ins: &[Arg::f32(&[2, 3, 4]), Arg::f32(&[2, 3, 4]), Arg::f32(&[2, 3])], attrs: Attrs::none },
        Case { ins: &[Arg::f32(&[7]), Arg::f32(&[7]), Arg::f32(&[])], attrs: Attrs::none },
    ],
};

/// logits (…, c), int32 labels (…) -> loss (…) = -logSoftmax(logits)\[label\].
///
/// A label outside of 0..c means no class, as in JAX's `one_hot`: its loss and gradient are 0.
pub static SPARSE_SOFTMAX_CROSS_ENTROPY: Op = Op {
    name: "sparseSoftmaxCrossEntropy",
    doc: Op::doc(
        "logits (..., c), int32 labels (...) -> loss (...) = -logSoftmax(logits)[label]; 0 if there is no such class.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer: |ins, _| {
        check_labels(ins)?;
        Ok(vec![ins[0].with_shape(lead(&ins[0].shape)?)])
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(4),
    run: |job| {
        let (rows, x, labels) = (Rows::of(&job.ins[0].ty), job.ins[0].f32(), job.ins[1].i32());
        let range = rows.range(job);
        let (x, labels) = (x.wrapping_add(range.start * rows.c), labels.wrapping_add(range.start));
        let loss = job.outs[0].f32().wrapping_add(range.start);
        // SAFETY: the rows of this chunk lie inside of the views, which are apart.
        unsafe { softmax::sparse_cross_entropy(range.len(), rows.c, x, labels, loss, std::ptr::null_mut()) };
    },
    grad: Grad::By(|g, back| {
        let ins = [back.ins[0], back.ins[1], back.dy()];
        Ok(vec![Some(call(g, &SPARSE_SOFTMAX_CROSS_ENTROPY_GRADIENT, &ins)?), None])
    }),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![cross_entropy(&ins[0], &one_hot(&ins[0], &ins[1]))],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[6, 5]), Arg::i32_in(&[6], 0, 5)], attrs: Attrs::none },
        Case {
            ins: &[Arg::f32_in(&[2, 3, 4], -54.0, -50.0), Arg::i32_in(&[2, 3], -3, 7)],
            attrs: Attrs::none,
        },
        Case { ins: &[Arg::f32(&[7]), Arg::i32_in(&[], 3, 7)], attrs: Attrs::none },
    ],
};

/// logits (…, c), int32 labels (…), dy (…) -> the gradient of the logits (…, c).
pub static SPARSE_SOFTMAX_CROSS_ENTROPY_GRADIENT: Op = Op {
    name: "sparseSoftmaxCrossEntropyGradient",
    doc: Op::doc(
        "logits (..., c), int32 labels (...), dy (...) -> dy * (softmax(logits) - oneHot); 0 if there is no such class.",
    ),
    arity: Arity::Exactly(3),
    attrs: &[],
    infer: |ins, _| {
        check_labels(ins)?;
        check_dy(ins)
    },
    work: |ins, _, _| Rows::of(&ins[0]).work(6),
    run: |job| {
        let labels = job.ins[1].i32();
        for_rows(job, |row, c, x, dx| {
            // SAFETY: the rows lie inside of the views, and dx is apart from x or equal to it.
            unsafe { softmax::sparse_cross_entropy(1, c, x, labels.add(row), &mut 0.0, dx) }
        });
    },
    grad: Grad::By(|g, back| {
        let targets = one_hot_targets(g, back)?;
        let dxs = again(g, back, targets)?;
        Ok(vec![dxs[0], None, dxs[2]])
    }),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![gradient(&ins[0], &one_hot(&ins[0], &ins[1]), &ins[2])],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[6, 5]), Arg::i32_in(&[6], 0, 5), Arg::f32(&[6])], attrs: Attrs::none },
        Case {
            ins: &[Arg::f32(&[2, 3, 4]), Arg::i32_in(&[2, 3], -3, 7), Arg::f32(&[2, 3])],
            attrs: Attrs::none,
        },
    ],
};

pub fn check_targets(ins: &[Type]) -> Result<()> {
    check_rows(&ins[0])?;
    if ins[1] != ins[0] {
        return Err(Error::invalid(format!("expected targets of {} as the logits, got {}", ins[0], ins[1])));
    }
    Ok(())
}

pub fn check_labels(ins: &[Type]) -> Result<()> {
    check_rows(&ins[0])?;
    let expected = Type::new(DType::I32, lead(&ins[0].shape)?);
    if ins[1] != expected {
        return Err(Error::invalid(format!(
            "expected labels of {expected} for logits of {}, got {}",
            ins[0], ins[1]
        )));
    }
    Ok(())
}

pub fn check_dy(ins: &[Type]) -> Result<Vec<Type>> {
    let expected = ins[0].with_shape(lead(&ins[0].shape)?);
    if ins[2] != expected {
        return Err(Error::invalid(format!("expected dy of {expected}, got {}", ins[2])));
    }
    Ok(vec![ins[0]])
}

/// dx (row) = dy * what `kernel(row, c, x, dx)` gives, for each row of this chunk.
fn for_rows(job: &Job, kernel: impl Fn(usize, usize, *const f32, *mut f32)) {
    let (rows, [x, dy, dx]) =
        (Rows::of(&job.ins[0].ty), [job.ins[0], job.ins[2], job.outs[0]].map(|v| v.f32()));
    for row in rows.range(job) {
        // SAFETY: the row lies inside of the views.
        unsafe {
            let dx = dx.add(row * rows.c);
            kernel(row, rows.c, x.add(row * rows.c), dx);
            map::binary(rows.c, dx, 1, dy.add(row), 0, dx, |dx: F32x4, dy: F32x4| dx.mul(dy));
        }
    }
}

/// dy (…) as (…, 1).
fn column(g: &mut Graph, dy: Value) -> Result<Value> {
    let shape = Shape::new(&[g.dims(dy), &[1]].concat())?;
    reshape(g, dy, shape)
}

/// The labels of operands x (..., c), labels (...) as targets (..., c).
pub(super) fn one_hot_targets(g: &mut Graph, back: &Backward) -> Result<Value> {
    let classes = *g.dims(back.ins[0]).last().expect("checked by infer");
    let one_hot = Attrs::none().int(classes as i32).float(1.0).float(0.0).dtype(DType::F32);
    g.op(&ONE_HOT, &[back.ins[1]], one_hot)
}

/// The gradients through dy * (p sum t - t), where p = softmax(x), for operands x, t, dy.
fn again(g: &mut Graph, back: &Backward, t: Value) -> Result<Vec<Option<Value>>> {
    let (x, dy, dz) = (back.ins[0], back.ins[2], back.dy());
    let p = call(g, &SOFTMAX, &[x])?;
    let total = sum_last(g, t)?;
    let dy_column = column(g, dy)?;
    let weighted = mul(g, dz, dy_column)?;
    let dp = mul(g, weighted, total)?;
    let dx = call(g, &SOFTMAX_GRADIENT, &[p, dp])?;
    let dt = if back.need[1] {
        let dot = mul(g, weighted, p)?;
        let dot = sum_last(g, dot)?;
        Some(sub(g, dot, weighted)?)
    } else {
        None
    };
    let unit = mul(g, p, total)?;
    let unit = sub(g, unit, t)?;
    let ddy = mul(g, dz, unit)?;
    let ddy = sum(g, ddy, &[-1])?;
    Ok(vec![Some(dx), dt, Some(ddy)])
}

/// -sum t ln softmax(x)
#[cfg(test)]
fn cross_entropy(x: &Array, t: &Array) -> Array {
    let sum = x.map(f64::exp).reduce(&[-1], true, |xs| xs.iter().sum());
    x.zip(&sum, |x, sum| x - sum.ln()).zip(t, |log, t| -log * t).reduce(&[-1], false, |xs| xs.iter().sum())
}

/// dy (softmax(x) sum t - t)
#[cfg(test)]
fn gradient(x: &Array, t: &Array, dy: &Array) -> Array {
    let total = t.reduce(&[-1], true, |xs| xs.iter().sum());
    let unit = super::softmax::exp_over_sum(x).zip(&total, |p, total| p * total).zip(t, |p, t| p - t);
    let column = Array::new(&[&dy.shape[..], &[1]].concat(), dy.data.clone());
    unit.zip(&column, |unit, dy| unit * dy)
}

/// The labels as rows like those of x.
#[cfg(test)]
pub fn one_hot(x: &Array, labels: &Array) -> Array {
    Array::from_fn(&x.shape, |index| {
        let (&class, row) = index.split_last().unwrap();
        (labels.at(row) == class as f64) as u8 as f64
    })
}
