//! The loss of sequences whose labels have no places: connectionist temporal classification.

use crate::error::{Error, Result};
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Family, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::{DType, Shape, Type};
use wasmgrad_kernels::ctc::Sample;

pub static OPS: &[&Op] = &[&CTC, &CTC_GRADIENT];

/// What a step of a label costs, in words copied.
const COST: usize = 100;
/// And in flops.
const FLOPS: usize = 20;

/// log probabilities (b, t, c), int32 labels (b, n) -> loss (b): - the logarithm of the probability of each row of labels,
/// told in t steps with repeats and blanks (class 0) in between. Labels that are 0 stand after the last one.
pub static CTC: Op = Op {
    name: "ctc",
    doc: Op::doc(
        "log probabilities (b, t, c), int32 labels (b, n) -> loss (b): that of the labels, 0 after the last, told in t steps with repeats and blanks (class 0).",
    ),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer: |ins, _| {
        check(ins)?;
        Ok(vec![ins[0].with_shape(batch(ins)?)])
    },
    work: |ins, _, _| work(ins, Sample::loss_scratch(ins[1].shape[1]), 1),
    run: |job| {
        let loss = job.outs[0].f32();
        // SAFETY: the samples of this chunk lie inside of the views, and the scratch has the size that was asked for.
        for_samples(job, |i, sample| unsafe { *loss.add(i) = sample.loss(job.scratch) });
    },
    grad: Grad::By(|g, back| {
        let ins = [back.ins[0], back.ins[1], back.dy()];
        Ok(vec![Some(call(g, &CTC_GRADIENT, &ins)?), None])
    }),
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![loss(&ins[0], &ins[1])],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32_in(&[3, 4, 3], -2.0, 0.0), Arg::i32_in(&[3, 2], 1, 3)], attrs: Attrs::none },
        Case { ins: &[Arg::f32_in(&[2, 2, 4], -2.0, 0.0), Arg::i32_in(&[2, 1], 0, 4)], attrs: Attrs::none },
        Case { ins: &[Arg::f32(&[2, 3, 2]), Arg::i32_in(&[2, 0], 0, 1)], attrs: Attrs::none },
    ],
};

/// log probabilities (b, t, c), int32 labels (b, n), dy (b) -> the gradient of the log probabilities.
pub static CTC_GRADIENT: Op = Op {
    name: "ctcGradient",
    doc: Op::doc(
        "log probabilities (b, t, c), int32 labels (b, n), dy (b) -> the gradient of the log probabilities.",
    ),
    arity: Arity::Exactly(3),
    attrs: &[],
    infer: |ins, _| {
        check(ins)?;
        let expected = ins[0].with_shape(batch(ins)?);
        if ins[2] != expected {
            return Err(Error::invalid(format!("expected dy of {expected}, got {}", ins[2])));
        }
        Ok(vec![ins[0]])
    },
    work: |ins, _, _| work(ins, Sample::gradient_scratch(ins[0].shape[1], ins[1].shape[1]), 3),
    run: |job| {
        let (dy, dx, size) = (job.ins[2].f32(), job.outs[0].f32(), job.ins[0].size());
        let each = size / job.ins[0].shape()[0].max(1);
        for_samples(job, |i, sample| {
            // SAFETY: as above.
            unsafe { sample.gradient(*dy.add(i), dx.add(i * each), job.scratch) };
        });
    },
    grad: Grad::Missing,
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![gradient(&ins[0], &ins[1], &ins[2])],
    #[cfg(test)]
    cases: &[
        Case {
            ins: &[Arg::f32_in(&[3, 4, 3], -2.0, 0.0), Arg::i32_in(&[3, 2], 1, 3), Arg::f32(&[3])],
            attrs: Attrs::none,
        },
        Case {
            ins: &[Arg::f32_in(&[2, 2, 4], -2.0, 0.0), Arg::i32_in(&[2, 1], 0, 4), Arg::f32(&[2])],
            attrs: Attrs::none,
        },
    ],
};

fn batch(ins: &[Type]) -> Result<Shape> {
    Shape::new(&ins[0].shape[..1])
}

fn check(ins: &[Type]) -> Result<()> {
    let (p, labels) = (ins[0], ins[1]);
    let fits = p.dtype == DType::F32
        && labels.dtype == DType::I32
        && p.shape.len() == 3
        && p.shape[2] > 0
        && labels.shape.len() == 2
        && p.shape[0] == labels.shape[0];
    if fits {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "expected float32 log probabilities (batch, steps, classes) and int32 labels (batch, length), got {p} and {labels}"
    )))
}

fn share(ins: &[Type]) -> Share {
    let (p, length) = (ins[0].shape, ins[1].shape[1]);
    Share::new(p[0], 1, p[1] * (p[2] + COST * length))
}

fn work(ins: &[Type], scratch: usize, times: usize) -> Work {
    let flops = times * FLOPS * ins[0].shape[1] * ins[1].size();
    Work::chunks(share(ins).chunks()).with_scratch(scratch).with_flops(flops)
}

/// Calls `f` for the samples of this chunk, with their numbers.
fn for_samples(job: &Job, f: impl Fn(usize, Sample)) {
    let (p, labels) = (job.ins[0], job.ins[1]);
    let (steps, classes, length) = (p.shape()[1], p.shape()[2], labels.shape()[1]);
    for i in share(&[p.ty, labels.ty]).range(job.chunk) {
        let (log_p, labels) = (
            p.f32().wrapping_add(i * steps * classes).cast_const(),
            labels.i32().wrapping_add(i * length).cast_const(),
        );
        f(i, Sample { steps, classes, length, log_p, labels });
    }
}

/// For each sample, its paths: classes by step, with their probabilities.
#[cfg(test)]
fn paths(p: &Array, labels: &Array, sample: usize) -> Vec<(Vec<usize>, f64)> {
    let (steps, classes) = (p.shape[1], p.shape[2]);
    let told: Vec<usize> =
        (0..labels.shape[1]).map(|i| labels.at(&[sample, i]) as usize).filter(|&label| label > 0).collect();
    (0..classes.pow(steps as u32))
        .map(|code| (0..steps).map(|t| code / classes.pow(t as u32) % classes).collect::<Vec<_>>())
        .filter(|path| {
            let mut kept = path.clone();
            kept.dedup();
            kept.retain(|&class| class > 0);
            kept == told
        })
        .map(|path| {
            let log: f64 = path.iter().enumerate().map(|(t, &class)| p.at(&[sample, t, class])).sum();
            (path, log.exp())
        })
        .collect()
}

#[cfg(test)]
fn loss(p: &Array, labels: &Array) -> Array {
    Array::from_fn(&p.shape[..1], |at| -paths(p, labels, at[0]).iter().map(|(_, p)| p).sum::<f64>().ln())
}

#[cfg(test)]
fn gradient(p: &Array, labels: &Array, dy: &Array) -> Array {
    Array::from_fn(&p.shape, |at| {
        let paths = paths(p, labels, at[0]);
        let total: f64 = paths.iter().map(|(_, p)| p).sum();
        let through: f64 = paths.iter().filter(|(path, _)| path[at[1]] == at[2]).map(|(_, p)| p).sum();
        -dy.at(&at[..1]) * through / total
    })
}
