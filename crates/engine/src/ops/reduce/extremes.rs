//! The largest and smallest elements, and where they stand.

use super::part::{self, Part, Passes};
use super::{kept, kernel, reduction};
use crate::error::Result;
use crate::graph::{Graph, Value};
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Backward, Grad, Memory, Op};
use crate::ops::elementwise::compare::EQUAL;
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;

reduction! {
    /// The largest element over the axes; a NaN counts as the largest.
    MAX = "max" in Core (F32 | I32) -> |dtype| dtype, on Arg::f32, ints;
    over_nothing false;
    passes One(2);
    run |part, dtype| match dtype {
        DType::F32 => part.fold(kernel!(max)),
        _ => part.fold(kernel!(max_i32)),
    };
    reference |xs| xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    gradient Grad::By(gradient);

    /// The smallest element over the axes; a NaN counts as the smallest.
    MIN = "min" in Extra (F32 | I32) -> |dtype| dtype, on Arg::f32, ints;
    over_nothing false;
    passes One(2);
    run |part, dtype| match dtype {
        DType::F32 => part.fold(kernel!(min)),
        _ => part.fold(kernel!(min_i32)),
    };
    reference |xs| xs.iter().copied().fold(f64::INFINITY, f64::min);
    gradient Grad::By(gradient);

    /// The index of the first largest element over the axes, counted in row-major order; a NaN counts as the largest.
    ARG_MAX = "argMax" in Core (F32 | I32 | Bool) -> |_| DType::I32, on Arg::f32, ints, Arg::bool;
    over_nothing false;
    passes Whole(4);
    run |part, dtype| match dtype {
        DType::F32 => part.whole(kernel!(argmax)),
        _ => part.whole(kernel!(argmax_i32)),
    };
    reference |xs| first(xs, |x, best| x > best);
    gradient Grad::Stop;

    /// The index of the first smallest element over the axes, counted in row-major order; a NaN counts as the smallest.
    ARG_MIN = "argMin" in Extra (F32 | I32 | Bool) -> |_| DType::I32, on Arg::f32, ints, Arg::bool;
    over_nothing false;
    passes Whole(4);
    run |part, dtype| match dtype {
        DType::F32 => part.whole(kernel!(argmin)),
        _ => part.whole(kernel!(argmin_i32)),
    };
    reference |xs| first(xs, |x, best| x < best);
    gradient Grad::Stop;
}

/// dy goes in equal parts to all elements that are the extreme, as in JAX.
fn gradient(g: &mut Graph, back: &Backward) -> Result<Vec<Option<Value>>> {
    let y = kept(g, back, back.outs[0])?;
    let dy = kept(g, back, back.dy())?;
    let is_extreme = call(g, &EQUAL, &[back.ins[0], y])?;
    let (one, zero) = (scalar(g, 1.0)?, scalar(g, 0.0)?);
    let mask = select(g, is_extreme, one, zero)?;
    let ties = g.op(&super::SUM, &[mask], back.attrs.clone())?;
    let ties = kept(g, back, ties)?;
    let share = div(g, dy, ties)?;
    Ok(vec![Some(mul(g, mask, share)?)])
}

#[cfg(test)]
const fn ints(shape: &'static [usize]) -> Arg {
    Arg::i32_in(shape, -3, 4)
}

#[cfg(test)]
fn first(xs: &[f64], better: impl Fn(f64, f64) -> bool) -> f64 {
    let best = (1..xs.len()).fold(0, |best, i| if better(xs[i], xs[best]) { i } else { best });
    best as f64
}
