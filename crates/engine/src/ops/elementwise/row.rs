//! The rows in which elementwise ops are written.

use crate::error::{Error, Result};
use crate::op::Attrs;
use crate::types::{DType, Type};

/// y = f(x). A row: name, options (floats, with a value for the tests), the range in which it is tested, and its
/// formulas over lanes, over f64, and of the gradient. `int` gives the formula over int32, where it has one.
macro_rules! unary {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident [$($attr:ident = $sample:literal),*] on ($lo:literal, $hi:literal);
        forward |$x:ident| $forward:expr;
        $(int |$xi:ident| $int:expr;)?
        reference |$xr:ident| $reference:expr;
        gradient $gradient:tt;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                row::kernel! { floats: f32 -> f32 [$($attr),*] |$x| $forward }
                row::ints! { [$($attr),*] $(|$xi| $int)? }
                static KERNEL: kernel::Choice = row::choice!($($xi)?);
                Op {
                    name: $name,
                    doc: Op::doc(concat!($($doc),+)),
                    arity: Arity::Exactly(1),
                    attrs: &[$(crate::op::Attr::float(stringify!($attr))),*],
                    infer: row::infer!($($xi)?),
                    work: kernel::work::<1>,
                    run: |job| kernel::run::<1>(job, &KERNEL),
                    grad: row::gradient!([$($attr),*] $gradient),
                    memory: Memory::InPlace(&[0]),
                    family: crate::op::Family::$family,
                    elementwise: Some(&KERNEL),
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let [$($attr),*] = row::options(attrs).map(f64::from);
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
}
pub(super) use unary;

/// z = f(x, y). A row as in `unary`; the ranges of both operands, and for `int` its own. Two gradients, of which the
/// first may be `stop`.
macro_rules! binary {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident [$($attr:ident = $sample:literal),*]
            on ($xlo:literal, $xhi:literal) ($ylo:literal, $yhi:literal);
        forward |$x:ident, $y:ident| $forward:expr;
        $(int on ($xilo:literal, $xihi:literal) ($yilo:literal, $yihi:literal) |$xi:ident, $yi:ident| $int:expr;)?
        reference |$xr:ident, $yr:ident| $reference:expr;
        gradient $gradient:tt;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                row::kernel! { floats: f32 -> f32 [$($attr),*] |$x, $y| $forward }
                row::ints! { [$($attr),*] $(|$xi, $yi| $int)? }
                static KERNEL: kernel::Choice = row::choice!($($xi)?);
                Op {
                    name: $name,
                    doc: Op::doc(concat!($($doc),+)),
                    arity: Arity::Exactly(2),
                    attrs: &[$(crate::op::Attr::float(stringify!($attr))),*],
                    infer: row::infer!($($xi)?),
                    work: kernel::work::<2>,
                    run: |job| kernel::run::<2>(job, &KERNEL),
                    grad: row::gradient!([$($attr),*] $gradient),
                    memory: Memory::InPlace(&[0, 1]),
                    family: crate::op::Family::$family,
                    elementwise: Some(&KERNEL),
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let [$($attr),*] = row::options(attrs).map(f64::from);
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
}
pub(super) use binary;

/// A formula over lanes as a `Kernel`, with the dtypes of its words.
macro_rules! kernel {
    ($name:ident: $in:ident -> $out:ident [$($attr:ident),*] |$($x:ident),+| $forward:expr) => {
        unsafe fn $name(
            vectors: usize,
            ins: *const super::kernel::Run,
            out: *mut u32,
            options: *const u32,
        ) {
            // SAFETY: the contract of `Kernel`.
            let [$($attr),*] = unsafe { super::kernel::options(options) };
            // SAFETY: the contract of `Kernel`.
            unsafe { super::kernel::for_vectors::<$in, $out, _>(vectors, ins, out, |[$($x),+]| $forward) }
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

/// The kernel `floats`, or `ints` where there is one.
macro_rules! choice {
    () => {
        kernel::Choice::Always(floats)
    };
    ($int:ident) => {
        kernel::Choice::Floats(floats, ints)
    };
}
pub(super) use choice;

macro_rules! infer {
    () => {
        row::infer_float
    };
    ($int:ident) => {
        row::infer_number
    };
}
pub(super) use infer;

/// Formulas over the operands, the output and its gradient; one for each operand.
macro_rules! gradient {
    ($attrs:tt (stop)) => { Grad::Stop };
    ($attrs:tt (|$($x:ident),+| $dx:expr)) => {
        Grad::By(|g, back| formula::gradient(g, back, &[Some(row::rule!($attrs |$($x),+| $dx))]))
    };
    ($attrs:tt (|$($x:ident),+| stop, $dy:expr)) => {
        Grad::By(|g, back| formula::gradient(g, back, &[None, Some(row::rule!($attrs |$($x),+| $dy))]))
    };
    ($attrs:tt (|$($x:ident),+| $dx:expr, $dy:expr)) => {
        Grad::By(|g, back| {
            let rules = [Some(row::rule!($attrs |$($x),+| $dx)), Some(row::rule!($attrs |$($x),+| $dy))];
            formula::gradient(g, back, &rules)
        })
    };
}
pub(super) use gradient;

/// A formula as a `formula::Rule`. Few need all of their terms.
macro_rules! rule {
    ([$($attr:ident),*] |$($x:ident),+| $dx:expr) => {{
        let rule: formula::Rule<{ [$(stringify!($x)),+].len() }> = |[$($x),+], attrs| {
            let [$($attr),*] = row::options(attrs);
            let _ = ($($x,)+ $($attr,)*);
            $dx
        };
        rule
    }};
}
pub(super) use rule;

/// The first options of an op, all of which are floats.
pub(super) fn options<const K: usize>(attrs: &Attrs) -> [f32; K] {
    std::array::from_fn(|k| f32::from_bits(attrs.words()[k]))
}

pub(super) fn infer_float(ins: &[Type], _: &Attrs) -> Result<Vec<Type>> {
    Ok(vec![infer_one_of(ins, &[DType::F32])?])
}

pub(super) fn infer_number(ins: &[Type], _: &Attrs) -> Result<Vec<Type>> {
    Ok(vec![infer_one_of(ins, &[DType::F32, DType::I32])?])
}

/// The operands broadcast together, which have one dtype, one of `expected`.
///
/// # Errors
/// If the dtypes are others, or the shapes do not fit.
pub(super) fn infer_one_of(ins: &[Type], expected: &[DType]) -> Result<Type> {
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
