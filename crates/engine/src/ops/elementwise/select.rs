//! A choice between two operands, element by element.

use super::formula::{self, Rule};
use super::{kernel, row};
use crate::error::Error;
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Family, Grad, Memory, Op};
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;

pub static OPS: &[&Op] = &[&SELECT];

/// x where the condition is true, y elsewhere, all three broadcast together.
pub static SELECT: Op = Op {
    name: "select",
    doc: Op::doc("x where the condition is true, y elsewhere, all three broadcast together."),
    arity: Arity::Exactly(3),
    attrs: &[],
    infer: |ins, _| {
        let (condition, x, y) = (ins[0], ins[1], ins[2]);
        if condition.dtype != DType::Bool {
            let message =
                format!("expected a condition of dtype bool, got {}; cast it first", condition.dtype);
            return Err(Error::invalid(message));
        }
        if x.dtype != y.dtype {
            return Err(Error::invalid(format!("the dtypes differ: {x} and {y}; cast one of them")));
        }
        Ok(vec![x.with_shape(condition.shape.broadcast(&x.shape)?.broadcast(&y.shape)?)])
    },
    work: kernel::work::<3>,
    run: |job| kernel::run::<3>(job, &KERNEL),
    grad: Grad::By(|g, back| {
        let dx: Rule<5> = |[condition, .., dz], _| condition.select(dz, dz.scalar(0.0));
        let dy: Rule<5> = |[condition, .., dz], _| condition.select(dz.scalar(0.0), dz);
        formula::gradient(g, back, &[None, Some(dx), Some(dy)])
    }),
    memory: Memory::InPlace(&[1, 2, 0]),
    family: Family::Core,
    elementwise: Some(&KERNEL),
    #[cfg(test)]
    reference: |ins, _| {
        // NaN, which no case holds, stands for what y shall fill.
        let chosen = ins[0].zip(&ins[1], |condition, x| if condition != 0.0 { x } else { f64::NAN });
        vec![chosen.zip(&ins[2], |x, y| if x.is_nan() { y } else { x })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::bool(&[3, 5]), Arg::f32(&[3, 5]), Arg::f32(&[3, 5])], attrs: Attrs::none },
        Case { ins: &[Arg::bool(&[5]), Arg::f32(&[3, 1]), Arg::f32(&[])], attrs: Attrs::none },
        Case { ins: &[Arg::bool(&[2, 1, 1]), Arg::f32(&[]), Arg::f32(&[3, 4])], attrs: Attrs::none },
        Case {
            ins: &[Arg::bool(&[]), Arg::i32_in(&[7], -9, 9), Arg::i32_in(&[7], -9, 9)],
            attrs: Attrs::none,
        },
        Case { ins: &[Arg::bool(&[6]), Arg::bool(&[6]), Arg::bool(&[6])], attrs: Attrs::none },
    ],
};

static KERNEL: kernel::Choice = kernel::Choice::Always(chosen);

row::kernel! { chosen: i32 -> i32 [] |condition, x, y| condition.neg().select_i32(x, y) }
