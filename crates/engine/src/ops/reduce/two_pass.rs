//! Reductions of what is left of x after a first reduction.

use super::axes::{self, Part};
use super::{count, kept, reduction};
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Grad, Memory, Op};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::{map, math, reduce};

reduction! {
    /// The mean of the squared distances from the mean, over the axes; NaN over nothing.
    VARIANCE = "variance" in Extra (F32) -> |dtype| dtype, on Arg::f32;
    over_nothing true;
    scratch |axis, inner| axis * inner;
    run |part, dtype| for_lines(&part, |axis, inner, x, y| {
        // SAFETY: the contract of `for_lines`.
        unsafe {
            reduce::mean(1, axis, inner, x, y);
            combine(axis, inner, x, y, part.scratch, |x, mean| {
                let distance = x.sub(mean);
                distance.mul(distance)
            });
            reduce::mean(1, axis, inner, part.scratch, y);
        }
    });
    reference |xs| {
        let mean = xs.iter().sum::<f64>() / xs.len() as f64;
        xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / xs.len() as f64
    };
    // dx = 2 / n dy (x - mean)
    gradient Grad::By(|g, back| {
        let (_, n) = count(g, back)?;
        let mean = g.op(&super::sums::MEAN, back.ins, back.attrs.clone())?;
        let mean = kept(g, back, mean)?;
        let distance = sub(g, back.ins[0], mean)?;
        let dy = kept(g, back, back.dy())?;
        let dy = scale(g, dy, 2.0 / n as f32)?;
        Ok(vec![Some(mul(g, distance, dy)?)])
    });

    /// ln of the sum of e^x over the axes, without overflow; -inf over nothing.
    LOG_SUM_EXP = "logSumExp" in Extra (F32) -> |dtype| dtype, on Arg::f32, large;
    over_nothing true;
    scratch |axis, inner| (axis + 1) * inner;
    run |part, dtype| log_sum_exps(&part);
    reference |xs| {
        let max = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if xs.is_empty() { max } else { max + xs.iter().map(|x| (x - max).exp()).sum::<f64>().ln() }
    };
    // dx = dy softmax(x)
    gradient Grad::By(|g, back| {
        let y = kept(g, back, back.outs[0])?;
        let below = sub(g, back.ins[0], y)?;
        let softmax = exp(g, below)?;
        let dy = kept(g, back, back.dy())?;
        Ok(vec![Some(mul(g, softmax, dy)?)])
    });
}

/// Calls `f(axis, inner, x, y)` for each x (axis, inner) and y (inner) of the part, which are readable and writable.
fn for_lines(part: &Part, f: impl Fn(usize, usize, *const f32, *mut f32)) {
    let (axis, inner) = (part.axis, part.inner);
    for o in 0..part.outer {
        let (x, y) = (part.x.wrapping_add(o * axis * inner), part.y.wrapping_add(o * inner));
        f(axis, inner, x.cast(), y.cast());
    }
}

/// z (axis, inner) = f(x, y) for x (axis, inner) and y (inner).
///
/// # Safety
/// `x` and `y` are readable and `z` writable there; `z` is apart from them.
unsafe fn combine(
    axis: usize,
    inner: usize,
    x: *const f32,
    y: *const f32,
    z: *mut f32,
    f: impl Fn(F32x4, F32x4) -> F32x4,
) {
    // One long run where y is one number.
    let (rows, n, step) = if inner == 1 { (1, axis, 0) } else { (axis, inner, 1) };
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe { map::binary(n, x.add(row * n), 1, y, step, z.add(row * n), &f) };
    }
}

#[cfg(test)]
const fn large(shape: &'static [usize]) -> Arg {
    Arg::f32_in(shape, 200.0, 202.0)
}

fn log_sum_exps(part: &Part) {
    for_lines(part, |axis, inner, x, y| {
        // SAFETY: the contract of `for_lines`, and scratch memory for the powers and their sums.
        unsafe { log_sum_exp(axis, inner, x, y, part.scratch) }
    });
}

/// y = ln of the sum of e^x over the axis, by way of its maximum.
///
/// # Safety
/// x (axis, inner), y (inner), scratch ((axis + 1) * inner), all apart.
unsafe fn log_sum_exp(axis: usize, inner: usize, x: *const f32, y: *mut f32, scratch: *mut f32) {
    // SAFETY: the caller's contract.
    unsafe {
        let sums = scratch.add(axis * inner);
        reduce::max(1, axis, inner, x, y);
        // An infinite maximum would make inf - inf.
        map::unary(inner, y, y, |max: F32x4| {
            let zero = F32x4::splat(0.0);
            max.sub(max).eq(zero).select(max, zero)
        });
        combine(axis, inner, x, y, scratch, |x, max| math::exp(x.sub(max)));
        reduce::sum(1, axis, inner, scratch, sums);
        map::binary(inner, sums, 1, y, 1, y, |sum: F32x4, max: F32x4| math::ln(sum).add(max));
    }
}
