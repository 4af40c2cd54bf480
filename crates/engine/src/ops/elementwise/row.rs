//! The rows in which elementwise ops are written, and what they check.

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::Backward;
use crate::ops::words::sum_to;
use crate::types::{DType, Type};

/// y = f(x). A row: name, options (with a value for the tests), the range in which it is tested, and its formulas over
/// lanes, over f64, and as nodes. `int` gives the formula over int32, where it has one.
macro_rules! unary {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal [$($attr:ident = $sample:literal),*] on ($lo:literal, $hi:literal);
        forward |$x:ident| $forward:expr;
        $(int |$xi:ident| $int:expr;)?
        reference |$xr:ident| $reference:expr;
        gradient $gradient:tt;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                row::kernel! { floats: f32 -> f32 [$($attr)*] |$x| $forward }
                row::ints! { [$($attr)*] $(|$xi| $int)? }
                Op {
                    name: $name,
                    doc: concat!($($doc),+),
                    arity: Arity::Exactly(1),
                    attrs: &[$(crate::op::Attr::float(stringify!($attr))),*],
                    infer: |ins, _| Ok(vec![row::infer(ins, &row::dtypes!($($xi)?))?]),
                    work: |ins, outs, _| super::work::<1>(ins, outs),
                    run: |job| row::run!(job, $($xi)?),
                    grad: unary!(@grad [$($attr)*] $gradient),
                    memory: Memory::InPlace(&[0]),
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let mut options = attrs.read();
                        $(let $attr = options.float() as f64;)*
                        let _ = &mut options;
                        vec![ins[0].map(|$xr| $reference)]
                    },
                    #[cfg(test)]
                    cases: {
                        use crate::op::Attrs;
                        use crate::reference::{Arg, Case};
                        const ATTRS: fn() -> Attrs = || Attrs::none()$(.float($sample))*;
                        const fn x(shape: &'static [usize]) -> Arg { Arg::f32_in(shape, $lo, $hi) }
                        &[
                            Case { ins: &[x(&[3, 5])], attrs: ATTRS },
                            Case { ins: &[x(&[])], attrs: ATTRS },
                            Case { ins: &[x(&[2, 0])], attrs: ATTRS },
                            $(unary!(@int_case $xi),)?
                        ]
                    },
                }
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
    (@int_case $x:ident) => { Case { ins: &[Arg::i32_in(&[2, 5], -5, 6)], attrs: ATTRS } };
    (@grad [$($attr:ident)*] (stop)) => { Grad::Stop };
    (@grad [$($attr:ident)*] (|$g:ident, $x:ident, $y:ident, $dy:ident| $dx:expr)) => {
        Grad::By(|$g, back| {
            let mut options = back.attrs.read();
            $(let $attr = options.float();)*
            let _ = (&mut options $(, $attr)*);
            let ($x, $y, $dy) = (back.ins[0], back.outs[0], back.dy());
            let _ = ($x, $y);
            Ok(vec![Some($dx?)])
        })
    };
}
pub(super) use unary;

/// z = f(x, y). A row as in `unary`; the ranges of both operands, and for `int` its own. The gradients have the shape of
/// z; they are summed to the operands' shapes by the row. `stop` stands for a gradient that does not exist.
macro_rules! binary {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal [$($attr:ident = $sample:literal),*]
            on ($xlo:literal, $xhi:literal) ($ylo:literal, $yhi:literal);
        forward |$x:ident, $y:ident| $forward:expr;
        $(int on ($xilo:literal, $xihi:literal) ($yilo:literal, $yihi:literal) |$xi:ident, $yi:ident| $int:expr;)?
        reference |$xr:ident, $yr:ident| $reference:expr;
        gradient $gradient:tt;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                row::kernel! { floats: f32 -> f32 [$($attr)*] |$x, $y| $forward }
                row::ints! { [$($attr)*] $(|$xi, $yi| $int)? }
                Op {
                    name: $name,
                    doc: concat!($($doc),+),
                    arity: Arity::Exactly(2),
                    attrs: &[$(crate::op::Attr::float(stringify!($attr))),*],
                    infer: |ins, _| Ok(vec![row::infer(ins, &row::dtypes!($($xi)?))?]),
                    work: |ins, outs, _| super::work::<2>(ins, outs),
                    run: |job| row::run!(job, $($xi)?),
                    grad: binary!(@grad [$($attr)*] $gradient),
                    memory: Memory::InPlace(&[0, 1]),
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let mut options = attrs.read();
                        $(let $attr = options.float() as f64;)*
                        let _ = &mut options;
                        vec![ins[0].zip(&ins[1], |$xr, $yr| $reference)]
                    },
                    #[cfg(test)]
                    cases: {
                        use crate::op::Attrs;
                        use crate::reference::{Arg, Case};
                        const ATTRS: fn() -> Attrs = || Attrs::none()$(.float($sample))*;
                        const fn x(shape: &'static [usize]) -> Arg { Arg::f32_in(shape, $xlo, $xhi) }
                        const fn y(shape: &'static [usize]) -> Arg { Arg::f32_in(shape, $ylo, $yhi) }
                        &[
                            Case { ins: &[x(&[3, 5]), y(&[3, 5])], attrs: ATTRS },
                            Case { ins: &[x(&[3, 5]), y(&[])], attrs: ATTRS },
                            Case { ins: &[x(&[5]), y(&[3, 5])], attrs: ATTRS },
                            Case { ins: &[x(&[2, 1, 3]), y(&[4, 1])], attrs: ATTRS },
                            Case { ins: &[x(&[0, 3]), y(&[3])], attrs: ATTRS },
                            $(Case {
                                ins: &[Arg::i32_in(&[6, 4], $xilo, $xihi), Arg::i32_in(&[6, 1], $yilo, $yihi)],
                                attrs: ATTRS,
                            },)?
                        ]
                    },
                }
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
    (@grad [] (stop)) => { Grad::Stop };
    (@grad [$($attr:ident)*] (|$g:ident, $x:ident, $y:ident, $z:ident, $dz:ident| stop, $dy:expr)) => {
        Grad::By(|$g, back| {
            let mut options = back.attrs.read();
            $(let $attr = options.float();)*
            let _ = (&mut options $(, $attr)*);
            let ($x, $y, $z, $dz) = (back.ins[0], back.ins[1], back.outs[0], back.dy());
            let _ = ($x, $y, $z);
            Ok(vec![None, row::wanted($g, back, 1, |$g| row::rule!($g, $dy))?])
        })
    };
    (@grad [] (|$g:ident, $x:ident, $y:ident, $z:ident, $dz:ident| $dx:expr, $dy:expr)) => {
        Grad::By(|$g, back| {
            let ($x, $y, $z, $dz) = (back.ins[0], back.ins[1], back.outs[0], back.dy());
            let _ = ($x, $y, $z);
            Ok(vec![row::wanted($g, back, 0, |$g| row::rule!($g, $dx))?, row::wanted($g, back, 1, |$g| row::rule!($g, $dy))?])
        })
    };
}
pub(super) use binary;

/// A formula over lanes as a `Kernel`, with the dtypes of its words.
macro_rules! kernel {
    ($name:ident: $in:ident -> $out:ident [$($attr:ident)*] |$x:ident| $forward:expr) => {
        unsafe fn $name(n: usize, ins: &[super::Run; 1], out: *mut u32, attrs: &crate::op::Attrs) {
            let mut options = attrs.read();
            $(let $attr = F32x4::splat(options.float());)*
            let _ = &mut options;
            // SAFETY: the contract of `Kernel`.
            unsafe { map::unary::<$in, $out>(n, ins[0].at.cast(), out.cast(), |$x| $forward) }
        }
    };
    ($name:ident: $in:ident -> $out:ident [$($attr:ident)*] |$x:ident, $y:ident| $forward:expr) => {
        unsafe fn $name(n: usize, ins: &[super::Run; 2], out: *mut u32, attrs: &crate::op::Attrs) {
            let mut options = attrs.read();
            $(let $attr = F32x4::splat(options.float());)*
            let _ = &mut options;
            let [x, y] = *ins;
            // SAFETY: the contract of `Kernel`.
            unsafe {
                map::binary::<$in, $in, $out>(n, x.at.cast(), x.step, y.at.cast(), y.step, out.cast(), |$x, $y| $forward)
            }
        }
    };
}
pub(super) use kernel;

/// The kernel over int32, where there is a formula.
macro_rules! ints {
    ($attrs:tt) => {};
    ($attrs:tt $($formula:tt)+) => { row::kernel! { ints: i32 -> i32 $attrs $($formula)+ } };
}
pub(super) use ints;

/// Runs the kernel `floats`, or `ints` where there is one.
macro_rules! run {
    ($job:ident,) => {
        super::run($job, floats)
    };
    ($job:ident, $int:ident) => {
        super::run($job, if $job.ins[0].ty.dtype == DType::F32 { floats } else { ints })
    };
}
pub(super) use run;

/// What a row's operands may be.
macro_rules! dtypes {
    () => {
        [DType::F32]
    };
    ($int:ident) => {
        [DType::F32, DType::I32]
    };
}
pub(super) use dtypes;

/// The operands broadcast together, which have one dtype, one of `expected`.
///
/// # Errors
/// If the dtypes are others, or the shapes do not fit.
pub(super) fn infer(ins: &[Type], expected: &[DType]) -> Result<Type> {
    let mut z = ins[0];
    for y in &ins[1..] {
        if y.dtype != z.dtype {
            return Err(Error::invalid(format!("the dtypes differ: {z} and {y}; cast one of them")));
        }
        z = z.with_shape(z.shape.broadcast(&y.shape)?);
    }
    if expected.contains(&z.dtype) {
        return Ok(z);
    }
    let names: Vec<String> = expected.iter().map(DType::to_string).collect();
    Err(Error::invalid(format!("expected {}, got {}; cast it first", names.join(" or "), z.dtype)))
}

/// A rule that may not need the graph.
macro_rules! rule {
    ($g:ident, $dx:expr) => {{
        let _ = &$g;
        $dx
    }};
}
pub(super) use rule;

/// The gradient of an operand, if it is wanted, summed to the operand's shape.
pub(super) fn wanted(
    g: &mut Graph,
    back: &Backward,
    input: usize,
    dx: impl FnOnce(&mut Graph) -> Result<Value>,
) -> Result<Option<Value>> {
    if !back.need[input] {
        return Ok(None);
    }
    let dx = dx(g)?;
    let shape = g.ty(back.ins[input]).shape;
    Ok(Some(sum_to(g, dx, shape)?))
}
