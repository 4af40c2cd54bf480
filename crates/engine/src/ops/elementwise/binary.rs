//! z = f(x, y), with NumPy's broadcasting.

use super::{for_runs, work};
use crate::error::{Error, Result};
use crate::op::{Arity, Grad, Job, Memory, Op};
use crate::ops::words::*;
use crate::types::{DType, Type};
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::map;

/// A row: name, the ranges in which x and y are tested, and its formulas over lanes, over f64, and as nodes. The
/// gradients have the shape of z; they are summed to the operands' shapes by the row.
macro_rules! binary {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal on ($xlo:literal, $xhi:literal) ($ylo:literal, $yhi:literal);
        forward |$x:ident, $y:ident| $forward:expr;
        $(int |$xi:ident, $yi:ident| $int:expr;)?
        reference |$xr:ident, $yr:ident| $reference:expr;
        gradient $gradient:tt;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                fn run(job: &Job) {
                    $(
                        if job.ins[0].ty.dtype != DType::F32 {
                            return run_i32(job, |$xi: I32x4, $yi: I32x4| $int);
                        }
                    )?
                    run_f32(job, |$x: F32x4, $y: F32x4| $forward);
                }
                Op {
                    name: $name,
                    doc: concat!($($doc),+),
                    arity: Arity::Exactly(2),
                    attrs: &[],
                    infer: |ins, _| infer(ins, binary!(@has $($xi)?)),
                    work: |ins, outs, _| work::<2>(ins, outs),
                    run,
                    grad: binary!(@grad $gradient),
                    memory: Memory::InPlace(&[0, 1]),
                    #[cfg(test)]
                    reference: |ins, _| vec![ins[0].zip(&ins[1], |$xr, $yr| $reference)],
                    #[cfg(test)]
                    cases: {
                        use crate::op::Attrs;
                        use crate::reference::{Arg, Case};
                        const fn x(shape: &'static [usize]) -> Arg { Arg::f32_in(shape, $xlo, $xhi) }
                        const fn y(shape: &'static [usize]) -> Arg { Arg::f32_in(shape, $ylo, $yhi) }
                        &[
                            Case { ins: &[x(&[3, 5]), y(&[3, 5])], attrs: Attrs::none },
                            Case { ins: &[x(&[3, 5]), y(&[])], attrs: Attrs::none },
                            Case { ins: &[x(&[5]), y(&[3, 5])], attrs: Attrs::none },
                            Case { ins: &[x(&[2, 1, 3]), y(&[4, 1])], attrs: Attrs::none },
                        ]
                    },
                }
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
    (@has) => { false };
    (@has $x:ident) => { true };
    (@grad (stop)) => { Grad::Stop };
    (@grad (|$g:ident, $x:ident, $y:ident, $z:ident, $dz:ident| $dx:expr, $dy:expr)) => {
        Grad::By(|$g, back| {
            let ($x, $y, $z, $dz) = (back.ins[0], back.ins[1], back.outs[0], back.dy());
            let _ = ($x, $y, $z);
            let dx = if back.need[0] {
                let dx = $dx?;
                let shape = $g.ty($x).shape;
                Some(sum_to($g, dx, shape)?)
            } else {
                None
            };
            let dy = if back.need[1] {
                let dy = $dy?;
                let shape = $g.ty($y).shape;
                Some(sum_to($g, dy, shape)?)
            } else {
                None
            };
            Ok(vec![dx, dy])
        })
    };
}

fn infer(ins: &[Type], int: bool) -> Result<Vec<Type>> {
    let (x, y) = (ins[0], ins[1]);
    if x.dtype != y.dtype {
        return Err(Error::invalid(format!("the dtypes differ: {x} and {y}; cast one of them")));
    }
    if x.dtype == DType::Bool || (x.dtype == DType::I32 && !int) {
        return Err(Error::invalid(format!("expected float32, got {}; cast it first", x.dtype)));
    }
    Ok(vec![x.with_shape(x.shape.broadcast(&y.shape)?)])
}

fn run_f32(job: &Job, f: impl Fn(F32x4, F32x4) -> F32x4) {
    let (x, y, z) = (job.ins[0].f32(), job.ins[1].f32(), job.outs[0].f32());
    for_runs::<2>(job, |n, [at_x, at_y], [step_x, step_y], at_z| {
        // SAFETY: the runs lie inside of the views; an operand whose memory z took over has z's shape.
        unsafe { map::binary(n, x.offset(at_x), step_x, y.offset(at_y), step_y, z.add(at_z), &f) };
    });
}

fn run_i32(job: &Job, f: impl Fn(I32x4, I32x4) -> I32x4) {
    let (x, y, z) = (job.ins[0].i32(), job.ins[1].i32(), job.outs[0].i32());
    for_runs::<2>(job, |n, [at_x, at_y], [step_x, step_y], at_z| {
        // SAFETY: as in `run_f32`.
        unsafe { map::binary(n, x.offset(at_x), step_x, y.offset(at_y), step_y, z.add(at_z), &f) };
    });
}

binary! {
    /// x + y
    ADD = "add" on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.add(y);
    int |x, y| x.add(y);
    reference |x, y| x + y;
    gradient (|g, x, y, z, dz| Ok::<_, Error>(dz), Ok::<_, Error>(dz));

    /// x - y
    SUB = "sub" on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.sub(y);
    int |x, y| x.sub(y);
    reference |x, y| x - y;
    gradient (|g, x, y, z, dz| Ok::<_, Error>(dz), neg(g, dz));

    /// x * y
    MUL = "mul" on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.mul(y);
    int |x, y| x.mul(y);
    reference |x, y| x * y;
    gradient (|g, x, y, z, dz| mul(g, dz, y), mul(g, dz, x));

    /// x / y
    DIV = "div" on (-3.0, 3.0) (0.5, 3.0);
    forward |x, y| x.div(y);
    reference |x, y| x / y;
    gradient (|g, x, y, z, dz| div(g, dz, y), {
        let dx = div(g, dz, y)?;
        let minus = mul(g, dx, z)?;
        neg(g, minus)
    });
}
