//! Writing to variables.

use super::chunks;
use crate::error::Error;
use crate::op::{Arity, Family, Grad, Memory, Op};
use crate::ops::elementwise::binary::ADD;
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Case},
};

pub static OPS: &[&Op] = &[&ASSIGN, &ASSIGN_ADD];

/// The variable's next version: the value.
pub static ASSIGN: Op = Op {
    name: "assign",
    doc: Op::doc("The variable's next version: the value, which has its shape and dtype."),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer: |ins, _| {
        let (variable, value) = (ins[0], ins[1]);
        if variable != value {
            return Err(Error::invalid(format!("a variable of {variable} cannot hold {value}")));
        }
        Ok(vec![variable])
    },
    work: |ins, _, _| chunks::work(ins[0].size()),
    run: |job| {
        let (start, y) = chunks::words(job);
        // SAFETY: both views hold `size` words; they are apart, or the value lies in the variable's own memory.
        unsafe { std::ptr::copy(job.ins[1].ptr.add(start), y.as_mut_ptr(), y.len()) };
    },
    grad: Grad::Stop,
    memory: Memory::Writes { fresh: 0 },
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![ins[1].clone()],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 2]), Arg::f32(&[3, 2])], attrs: Attrs::none },
        Case { ins: &[Arg::i32_in(&[4], -9, 9), Arg::i32_in(&[4], -9, 9)], attrs: Attrs::none },
    ],
};

/// The variable's next version: its sum with x, which broadcasts to its shape.
pub static ASSIGN_ADD: Op = Op {
    name: "assignAdd",
    doc: Op::doc(
        "The variable's next version: its sum with x, which broadcasts to its shape. Plans make it of its parts.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[],
    infer: |ins, attrs| {
        let sum = (ADD.infer)(ins, attrs)?;
        if sum[0] != ins[0] {
            return Err(Error::invalid(format!("a variable of {} cannot hold {}", ins[0], sum[0])));
        }
        Ok(sum)
    },
    work: ADD.work,
    run: ADD.run,
    grad: Grad::Stop,
    memory: Memory::Writes { fresh: 0 },
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![ins[0].zip(&ins[1], |variable, x| variable + x)],
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 2]), Arg::f32(&[2])], attrs: Attrs::none },
        Case { ins: &[Arg::i32_in(&[], -9, 9), Arg::i32_in(&[], -9, 9)], attrs: Attrs::none },
    ],
};
