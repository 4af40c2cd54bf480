//! Ops that combine the elements along axes.
//!
//! Options: the axes, and whether they stay as dimensions of size 1. No axes means that each element stands alone.

mod axes;
pub mod extremes;
pub mod logic;
mod part;
pub mod sums;
pub mod two_pass;

pub use sums::SUM;

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Attr, Attrs, Backward, Op};
use crate::ops::words::*;
use crate::types::{DType, Shape, Type};
use axes::Axes;

/// The families in their order.
pub static OPS: &[&[&Op]] = &[sums::OPS, extremes::OPS, logic::OPS, two_pass::OPS];

const ATTRS: &[Attr] = &[Attr::ints("axes"), Attr::bool("keepDims")];

/// A row: name, the dtypes that it takes, the dtype of its result for that of x, whether it has a value over nothing,
/// how it goes over its operand, the run over a part, the f64 formula over the combined elements, and the gradient. The tests take the operands that the functions behind `on` make of shapes.
macro_rules! reduction {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident ($($dtype:ident)|+) -> $result:expr, on $($arg:expr),+;
        over_nothing $nothing:tt;
        passes $passes:ident($cost:literal);
        run |$part:ident, $of:ident| $run:expr;
        reference $reference:expr;
        gradient $gradient:expr;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = Op {
                name: $name,
                doc: Op::doc(concat!($($doc),+)),
                arity: Arity::Exactly(1),
                attrs: super::ATTRS,
                infer: |ins, attrs| {
                    let y = super::infer(ins, attrs, &[$(DType::$dtype),+], $nothing)?;
                    let result: fn(DType) -> DType = $result;
                    Ok(vec![y.with_dtype(result(y.dtype))])
                },
                work: |ins, _, attrs| {
                    part::work(ins, attrs, Passes::$passes($cost)).with_flops(ins[0].size())
                },
                run: |job| {
                    let ($part, $of) = (Part::new(job, Passes::$passes($cost)), job.ins[0].ty.dtype);
                    let Some($part) = $part else { return };
                    let _ = $of;
                    $run
                },
                grad: $gradient,
                memory: Memory::Fresh,
                family: crate::op::Family::$family,
                elementwise: None,
                #[cfg(test)]
                reference: |ins, attrs| {
                    let mut read = attrs.read();
                    vec![ins[0].reduce(read.ints(), read.bool(), $reference)]
                },
                #[cfg(test)]
                cases: super::cases!($nothing, $($arg),+),
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
}
use reduction;

/// A kernel of `wasmgrad_kernels::reduce` as one over words.
macro_rules! kernel {
    ($name:ident) => {{
        unsafe fn kernel(outer: usize, axis: usize, inner: usize, stride: usize, x: *const u32, y: *mut u32) {
            // SAFETY: the contract is the same.
            unsafe { wasmgrad_kernels::reduce::$name(outer, axis, inner, stride, x.cast(), y.cast()) }
        }
        kernel
    }};
}
use kernel;

#[cfg(test)]
macro_rules! cases {
    (true, $($arg:expr),+) => { super::cases!($(
        $arg, (&[2, 0], &[1], false), (&[2, 0, 3, 2], &[1, 3], true);
    )+) };
    (false, $($arg:expr),+) => { super::cases!($($arg,;)+) };
    ($($arg:expr, $(($shape:expr, $axes:expr, $keep:expr)),*;)+) => { super::cases!(@list $(
        $arg, (&[3, 5], &[1], false), (&[3, 5], &[0], true), (&[2, 3, 4], &[1], false), (&[2, 3, 4], &[0, -1], true),
        (&[2, 3, 4, 2], &[3, 1], false), (&[2, 3, 4], &[0, 1, 2], false), (&[2, 1, 3], &[1], false), (&[], &[], false),
        (&[3, 2], &[], true), (&[0, 3], &[1], false) $(, ($shape, $axes, $keep))*;
    )+) };
    (@list $($arg:expr, $(($shape:expr, $axes:expr, $keep:expr)),+;)+) => {
        &[$($(Case { ins: &[$arg($shape)], attrs: || Attrs::none().ints($axes).bool($keep) }),+),+]
    };
}
#[cfg(test)]
use cases;

fn infer(ins: &[Type], attrs: &Attrs, dtypes: &[DType], over_nothing: bool) -> Result<Type> {
    let x = ins[0];
    if !dtypes.contains(&x.dtype) {
        let expected = dtypes.iter().map(DType::to_string).collect::<Vec<_>>().join(" or ");
        return Err(Error::invalid(format!("expected {expected}, got {}; cast it first", x.dtype)));
    }
    let axes = Axes::new(&x.shape, attrs)?;
    if axes.count(&x.shape) == 0 && !over_nothing {
        return Err(Error::invalid(format!("there are no elements along the axes of shape {}", x.shape)));
    }
    let mut read = attrs.read();
    read.ints();
    Ok(x.with_shape(if read.bool() { axes.kept(&x.shape) } else { axes.left(&x.shape) }))
}

/// A value with the shape of the result, with 1 for each axis that disappeared.
fn kept(g: &mut Graph, back: &Backward, y: Value) -> Result<Value> {
    let shape = g.ty(back.ins[0]).shape;
    reshape(g, y, Axes::new(&shape, back.attrs)?.kept(&shape))
}

/// The shape of x, and how many of its elements make one of the result.
fn count(g: &Graph, back: &Backward) -> Result<(Shape, usize)> {
    let shape = g.ty(back.ins[0]).shape;
    Ok((shape, Axes::new(&shape, back.attrs)?.count(&shape)))
}
