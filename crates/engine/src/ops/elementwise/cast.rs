//! Elements of one dtype as another.

use super::kernel::{self, Choice, Kernel};
use super::row;
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Attr, Family, Grad, Memory, Op};
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType::{self, Bool, F32, I32};
use wasmgrad_kernels::lane::{F32x4, I32x4};

pub static OPS: &[&Op] = &[&CAST];

/// The same elements in another dtype.
pub static CAST: Op = Op {
    name: "cast",
    doc: Op::doc(
        "The same elements in another dtype: int32 is truncated toward 0 (and clamped, NaN is 0), bool is x != 0.",
    ),
    arity: Arity::Exactly(1),
    attrs: &[Attr::dtype("dtype")],
    infer: |ins, attrs| Ok(vec![ins[0].with_dtype(attrs.read().dtype()?)]),
    work: kernel::work::<1>,
    run: |job| kernel::run::<1>(job, &KERNEL),
    grad: Grad::By(|g, back| {
        let smooth = g.ty(back.ins[0]).dtype == F32 && g.ty(back.outs[0]).dtype == F32;
        Ok(vec![smooth.then(|| back.dy())])
    }),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: Some(&KERNEL),
    #[cfg(test)]
    reference: |ins, attrs| {
        let to = attrs.read().dtype().unwrap();
        vec![ins[0].map(|x| match to {
            F32 => x,
            I32 => x as i32 as f64,
            Bool => (x != 0.0) as u8 as f64,
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 5])], attrs: || Attrs::none().dtype(F32) },
        Case { ins: &[Arg::f32_in(&[3, 5], -9.0, 9.0)], attrs: || Attrs::none().dtype(I32) },
        Case { ins: &[Arg::f32_in(&[5], -9e9, 9e9)], attrs: || Attrs::none().dtype(I32) },
        Case { ins: &[Arg::f32(&[2, 0])], attrs: || Attrs::none().dtype(Bool) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().dtype(Bool) },
        Case { ins: &[Arg::f32_in(&[3], 0.0, 0.0)], attrs: || Attrs::none().dtype(Bool) },
        Case { ins: &[Arg::i32_in(&[3, 5], -20_000_000, 20_000_000)], attrs: || Attrs::none().dtype(F32) },
        Case { ins: &[Arg::i32_in(&[3, 5], -2, 3)], attrs: || Attrs::none().dtype(Bool) },
        Case { ins: &[Arg::bool(&[7])], attrs: || Attrs::none().dtype(F32) },
        Case { ins: &[Arg::bool(&[7])], attrs: || Attrs::none().dtype(I32) },
    ],
};

row::kernel! { same: i32 -> i32 [] |x| x }
row::kernel! { is_not_zero: i32 -> i32 [] |x| x.ne(I32x4::splat(0)).neg() }
row::kernel! { float_is_not_zero: f32 -> i32 [] |x| x.ne(F32x4::splat(0.0)).neg() }
row::kernel! { to_float: i32 -> f32 [] |x| x.to_f32() }
row::kernel! { truncated: f32 -> i32 [] |x| x.to_i32() }

pub static KERNEL: Choice = Choice::Dtypes(kernel_of);

fn kernel_of(from: DType, to: DType) -> Kernel {
    match (from, to) {
        (F32, F32) | (I32 | Bool, I32) | (Bool, Bool) => same,
        (I32, Bool) => is_not_zero,
        (F32, Bool) => float_is_not_zero,
        (I32 | Bool, F32) => to_float,
        (F32, I32) => truncated,
    }
}
