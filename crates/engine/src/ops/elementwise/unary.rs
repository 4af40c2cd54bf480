//! y = f(x).

use super::{for_runs, work};
use crate::error::{Error, Result};
use crate::op::{Arity, Grad, Job, Memory, Op};
use crate::ops::words::*;
use crate::types::{DType, Type};
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::{map, math};

/// A row: name, options (with a value for the tests), the range in which it is tested, and its formulas over lanes,
/// over f64, and as nodes. `int` gives the formula over int32, where it has one.
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
                fn run(job: &Job) {
                    let mut options = job.attrs.read();
                    $(let $attr = F32x4::splat(options.float());)*
                    let _ = &mut options;
                    $(
                        if job.ins[0].ty.dtype != DType::F32 {
                            return run_i32(job, |$xi: I32x4| $int);
                        }
                    )?
                    run_f32(job, |$x: F32x4| $forward);
                }
                Op {
                    name: $name,
                    doc: concat!($($doc),+),
                    arity: Arity::Exactly(1),
                    attrs: &[$(crate::op::Attr::float(stringify!($attr))),*],
                    infer: |ins, _| infer(ins, unary!(@has $($xi)?)),
                    work: |ins, outs, _| work::<1>(ins, outs),
                    run,
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
                        use crate::reference::{Arg, Case};
                        use crate::op::Attrs;
                        &[
                            Case { ins: &[Arg::f32_in(&[3, 5], $lo, $hi)], attrs: || Attrs::none()$(.float($sample))* },
                            Case { ins: &[Arg::f32_in(&[], $lo, $hi)], attrs: || Attrs::none()$(.float($sample))* },
                            Case { ins: &[Arg::f32_in(&[2, 0], $lo, $hi)], attrs: || Attrs::none()$(.float($sample))* },
                        ]
                    },
                }
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
    (@has) => { false };
    (@has $x:ident) => { true };
    (@grad [$($attr:ident)*] (stop)) => { Grad::Stop };
    (@grad [$($attr:ident)*] (|$g:ident, $x:ident, $y:ident, $dy:ident| $dx:expr)) => {
        Grad::By(|$g, back| {
            let mut options = back.attrs.read();
            $(let $attr = options.float();)*
            let _ = &mut options;
            let ($x, $y, $dy) = (back.ins[0], back.outs[0], back.dy());
            let _ = ($x, $y);
            Ok(vec![Some($dx?)])
        })
    };
}

fn infer(ins: &[Type], int: bool) -> Result<Vec<Type>> {
    match ins[0].dtype {
        DType::F32 => Ok(vec![ins[0]]),
        DType::I32 if int => Ok(vec![ins[0]]),
        other => Err(Error::invalid(format!("expected float32, got {other}; cast it first"))),
    }
}

fn run_f32(job: &Job, f: impl Fn(F32x4) -> F32x4) {
    let (x, y) = (job.ins[0].f32(), job.outs[0].f32());
    for_runs::<1>(job, |n, [offset], _, out| {
        // SAFETY: the runs lie inside of the views; x and y have one shape, so they may be one memory.
        unsafe { map::unary(n, x.offset(offset), y.add(out), &f) };
    });
}

fn run_i32(job: &Job, f: impl Fn(I32x4) -> I32x4) {
    let (x, y) = (job.ins[0].i32(), job.outs[0].i32());
    for_runs::<1>(job, |n, [offset], _, out| {
        // SAFETY: as in `run_f32`.
        unsafe { map::unary(n, x.offset(offset), y.add(out), &f) };
    });
}

unary! {
    /// -x
    NEG = "neg" [] on (-3.0, 3.0);
    forward |x| x.neg();
    int |x| x.neg();
    reference |x| -x;
    gradient (|g, x, y, dy| neg(g, dy));

    /// e^x
    EXP = "exp" [] on (-3.0, 3.0);
    forward |x| math::exp(x);
    reference |x| x.exp();
    gradient (|g, x, y, dy| mul(g, dy, y));

    /// The largest integer that is not above x.
    FLOOR = "floor" [] on (-3.0, 3.0);
    forward |x| x.floor();
    reference |x| x.floor();
    gradient (stop);
}
