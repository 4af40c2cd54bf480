//! Reductions of what is left of x after a first reduction.

use super::part::Kernel;
use super::part::{self, Part, Passes, TwoPasses};
use super::{count, kept, kernel, reduction};
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Grad, Memory, Op};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::math;

reduction! {
    /// The mean of the squared distances from the mean, over the axes; NaN over nothing.
    VARIANCE = "variance" in Extra (F32) -> |dtype| dtype, on Arg::f32;
    over_nothing true;
    passes Two(3);
    run |part, dtype| part.two_passes::<Variance>();
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
    passes Two(16);
    run |part, dtype| part.two_passes::<LogSumExp>();
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

/// The mean; then that of the squared distances from it.
struct Variance;

impl TwoPasses for Variance {
    const FIRST: Kernel = kernel!(sum);
    const SECOND: Kernel = kernel!(sum);

    fn settle(sum: F32x4, n: usize) -> F32x4 {
        sum.div(F32x4::splat(n as f32))
    }
    fn each(x: F32x4, mean: F32x4) -> F32x4 {
        let distance = x.sub(mean);
        distance.mul(distance)
    }
    fn finish(sum: F32x4, _: F32x4, n: usize) -> F32x4 {
        sum.div(F32x4::splat(n as f32))
    }
}

/// The maximum; then the sum of the powers below it.
struct LogSumExp;

impl TwoPasses for LogSumExp {
    const FIRST: Kernel = kernel!(max);
    const SECOND: Kernel = kernel!(sum);

    fn settle(max: F32x4, _: usize) -> F32x4 {
        // An infinite maximum would make inf - inf.
        let zero = F32x4::splat(0.0);
        max.sub(max).eq(zero).select(max, zero)
    }
    fn each(x: F32x4, max: F32x4) -> F32x4 {
        math::exp(x.sub(max))
    }
    fn finish(sum: F32x4, max: F32x4, _: usize) -> F32x4 {
        math::ln(sum).add(max)
    }
}

#[cfg(test)]
const fn large(shape: &'static [usize]) -> Arg {
    Arg::f32_in(shape, 200.0, 202.0)
}
