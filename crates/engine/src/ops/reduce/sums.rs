//! Sums and products.

use super::part::{self, Part, Passes};
use super::{count, kept, kernel, reduction};
use crate::error::Result;
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attrs, Backward, Grad, Memory, Op};
use crate::ops::data::scan::cum_prod;
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;
use wasmgrad_kernels::lane::F32x4;

reduction! {
    /// The sum over the axes.
    SUM = "sum" in Core (F32 | I32) -> |dtype| dtype, on Arg::f32, ints;
    over_nothing true;
    passes One(1);
    run |part, dtype| match dtype {
        DType::F32 => part.fold(kernel!(sum)),
        _ => part.fold(kernel!(sum_i32)),
    };
    reference |xs| xs.iter().sum();
    gradient Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        let dy = kept(g, back, back.dy())?;
        Ok(vec![Some(broadcast_to(g, dy, shape)?)])
    });

    /// The mean over the axes; NaN over nothing.
    MEAN = "mean" in Core (F32) -> |dtype| dtype, on Arg::f32;
    over_nothing true;
    passes One(1);
    run |part, dtype| {
        part.fold(kernel!(sum));
        let n = F32x4::splat(part.count() as f32);
        part.finish(|sum| sum.div(n));
    };
    reference |xs| xs.iter().sum::<f64>() / xs.len() as f64;
    gradient Grad::By(|g, back| {
        let (shape, n) = count(g, back)?;
        let n = scalar(g, n as f32)?;
        let dy = kept(g, back, back.dy())?;
        let dy = div(g, dy, n)?;
        Ok(vec![Some(broadcast_to(g, dy, shape)?)])
    });

    /// The product over the axes.
    PROD = "prod" in Extra (F32 | I32) -> |dtype| dtype, on Arg::f32, ints, zeros;
    over_nothing true;
    passes One(1);
    run |part, dtype| match dtype {
        DType::F32 => part.fold(kernel!(prod)),
        _ => part.fold(kernel!(prod_i32)),
    };
    reference |xs| xs.iter().product();
    gradient Grad::By(prod_gradient);
}

/// dx\[i\] = dy times the product before i and that after it, along one axis after the other: no division, so zeros do
/// no harm.
fn prod_gradient(g: &mut Graph, back: &Backward) -> Result<Vec<Option<Value>>> {
    let axes = back.attrs.read().ints();
    let mut partial = vec![back.ins[0]];
    for &axis in axes.iter().take(axes.len().saturating_sub(1)) {
        let x = partial[partial.len() - 1];
        partial.push(g.op(&PROD, &[x], Attrs::none().ints(&[axis]).bool(true))?);
    }
    let mut dx = kept(g, back, back.dy())?;
    for (&x, &axis) in partial.iter().zip(axes).rev() {
        let before = cum_prod(g, x, axis, true, false)?;
        let after = cum_prod(g, x, axis, true, true)?;
        let others = mul(g, before, after)?;
        dx = mul(g, dx, others)?;
    }
    Ok(vec![Some(dx)])
}

#[cfg(test)]
const fn ints(shape: &'static [usize]) -> Arg {
    Arg::i32_in(shape, -3, 4)
}

#[cfg(test)]
const fn zeros(shape: &'static [usize]) -> Arg {
    Arg::f32_in(shape, 0.0, 0.0)
}
