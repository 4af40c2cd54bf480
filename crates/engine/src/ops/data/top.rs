//! The largest elements.

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attr, Backward, Family, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
use crate::share::Share;
use crate::types::{DType, Shape, Type};
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Array, Case},
};

pub static OPS: &[&Op] = &[&TOP_K];

/// The k largest elements of each row (the last dimension), the largest first, and their indices. Of equal ones the first
/// comes first; NaN is larger than all numbers.
pub static TOP_K: Op = Op {
    name: "topK",
    doc: Op::doc(
        "The k largest elements of each row (the last dimension), the largest first, and their indices. Of equal ones the first comes first; NaN is larger than all numbers.",
    ),
    arity: Arity::Exactly(1),
    attrs: &[Attr::int("k")],
    infer: |ins, attrs| {
        let (x, k) = (ins[0], attrs.read().int());
        if x.dtype == DType::Bool {
            return Err(Error::invalid("expected float32 or int32, got bool; cast it first"));
        }
        let (mut dims, n) = (x.shape.to_vec(), x.shape.last().copied());
        match (dims.last_mut(), usize::try_from(k)) {
            (Some(last), Ok(k)) if k <= *last => *last = k,
            _ => {
                let n = n.map_or("a scalar".into(), |n| format!("rows of {n}"));
                return Err(Error::invalid(format!("k = {k} elements cannot be taken from {n}")));
            }
        }
        let shape = Shape::new(&dims)?;
        Ok(vec![x.with_shape(shape), Type::new(DType::I32, shape)])
    },
    work: |ins, outs, _| Work::chunks(share(&ins[0].shape, &outs[0].shape).chunks()),
    run,
    grad: Grad::By(gradient),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let k = attrs.read().int() as usize;
        let (n, mut shape) = (*ins[0].shape.last().unwrap(), ins[0].shape.clone());
        *shape.last_mut().unwrap() = k;
        let (mut best, mut at) = (Vec::new(), Vec::new());
        for row in ins[0].data.chunks(n) {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&i, &j| row[j].total_cmp(&row[i]));
            best.extend(order[..k].iter().map(|&i| row[i]));
            at.extend(order[..k].iter().map(|&i| i as f64));
        }
        vec![Array::new(&shape, best), Array::new(&shape, at)]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[7])], attrs: || Attrs::none().int(3) },
        Case { ins: &[Arg::f32(&[3, 9])], attrs: || Attrs::none().int(1) },
        Case { ins: &[Arg::f32(&[2, 3, 5])], attrs: || Attrs::none().int(5) },
        Case { ins: &[Arg::i32_in(&[4, 20], -3, 3)], attrs: || Attrs::none().int(12) },
        Case { ins: &[Arg::f32(&[2, 3])], attrs: || Attrs::none().int(0) },
    ],
};

/// The rows divide; of a single one the largest elements are found in one go.
fn share(x: &Shape, y: &Shape) -> Share {
    let (n, k) = (x[x.len() - 1], y[y.len() - 1]);
    Share::new(y.size().checked_div(k).unwrap_or(0), k, 40 * n + 64 * k)
}

fn run(job: &Job) {
    let (x, values, indices) = (job.ins[0], job.outs[0], job.outs[1]);
    let (n, k) = (x.shape()[x.shape().len() - 1], values.shape()[x.shape().len() - 1]);
    if k == 0 {
        return;
    }
    let float = x.ty.dtype == DType::F32;
    for row in share(x.shape(), values.shape()).range(job.chunk) {
        // SAFETY: the row lies inside of the views, which are apart.
        let (x, values, indices) = unsafe {
            (
                std::slice::from_raw_parts(x.ptr.add(row * n), n),
                std::slice::from_raw_parts_mut(values.ptr.add(row * k), k),
                std::slice::from_raw_parts_mut(indices.i32().add(row * k), k),
            )
        };
        select(n, indices, |i, j| {
            let (a, b) = (key(x[i as usize], float), key(x[j as usize], float));
            a > b || (a == b && i < j)
        });
        values.iter_mut().zip(indices).for_each(|(value, &mut i)| *value = x[i as usize]);
    }
}

/// An integer that is ordered as the elements are: -0 is 0, and NaN stands above inf.
fn key(word: u32, float: bool) -> i32 {
    if !float {
        return word as i32;
    }
    let x = f32::from_bits(word);
    if x.is_nan() {
        return i32::MAX;
    }
    let bits = (x + 0.0).to_bits() as i32;
    // A negative float's magnitude counts downwards.
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

/// Fills `best` with the first of 0..n in the order of `before`.
fn select(n: usize, best: &mut [i32], before: impl Fn(i32, i32) -> bool) {
    let k = best.len();
    best.iter_mut().zip(0..).for_each(|(slot, i)| *slot = i);
    // A heap with the last of the best at its root.
    (0..k / 2).rev().for_each(|root| sift(best, root, &before));
    for i in k as i32..n as i32 {
        if before(i, best[0]) {
            best[0] = i;
            sift(best, 0, &before);
        }
    }
    for end in (1..k).rev() {
        best.swap(0, end);
        sift(&mut best[..end], 0, &before);
    }
}

fn sift(heap: &mut [i32], mut root: usize, before: &impl Fn(i32, i32) -> bool) {
    loop {
        let mut child = 2 * root + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && before(heap[child], heap[child + 1]) {
            child += 1;
        }
        if !before(heap[root], heap[child]) {
            return;
        }
        heap.swap(root, child);
        root = child;
    }
}

/// Each dy goes back to where its value came from; as one dimension, so that the rows do not matter.
fn gradient(g: &mut Graph, back: &Backward) -> Result<Vec<Option<Value>>> {
    let (x, y) = (g.ty(back.ins[0]).shape, g.ty(back.outs[0]).shape);
    let (n, k) = (x[x.len() - 1], y[y.len() - 1]);
    let rows = x[..x.len() - 1].iter().product::<usize>();
    let starts = range(g, n as f32, rows, DType::I32)?;
    let starts = reshape(g, starts, Shape::new(&[rows, 1])?)?;
    let indices = reshape(g, back.outs[1], Shape::new(&[rows, k])?)?;
    let flat = add(g, indices, starts)?;
    let flat = reshape(g, flat, Shape::new(&[rows * k])?)?;
    let dy = reshape(g, back.dy(), Shape::new(&[rows * k])?)?;
    let dx = scatter_add(g, dy, flat, 0, rows * n)?;
    Ok(vec![Some(reshape(g, dx, x)?)])
}
