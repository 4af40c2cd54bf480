//! Ops that pass their operand on: as it is, under another shape, or without its gradient.

use super::chunks;
use crate::error::Error;
use crate::op::{Arity, Attr, Family, Grad, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Array, Case},
};

pub static OPS: &[&Op] = &[&IDENTITY, &RESHAPE, &STOP_GRADIENT];

/// A copy of x.
pub static IDENTITY: Op = Op {
    name: "identity",
    doc: Op::doc("A copy of x."),
    arity: Arity::Exactly(1),
    attrs: &[],
    infer: |ins, _| Ok(vec![ins[0]]),
    work: |ins, _, _| chunks::work(ins[0].size()),
    run: |job| {
        let (start, y) = chunks::words(job);
        // SAFETY: both views hold `size` words; they are one memory or apart.
        unsafe { std::ptr::copy(job.ins[0].ptr.add(start), y.as_mut_ptr(), y.len()) };
    },
    grad: Grad::By(|_, back| Ok(vec![Some(back.dy())])),
    memory: Memory::InPlace(&[0]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![ins[0].clone()],
    #[cfg(test)]
    cases: &[Case { ins: &[Arg::f32(&[3, 2])], attrs: Attrs::none }],
};

/// The same elements in the same order under another shape.
pub static RESHAPE: Op = Op {
    name: "reshape",
    doc: Op::doc("The same elements in the same order under another shape."),
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("shape")],
    infer: |ins, attrs| {
        let shape = attrs.read().shape()?;
        if shape.size() != ins[0].size() {
            let (from, n) = (ins[0].shape, ins[0].size());
            return Err(Error::invalid(format!(
                "the {n} elements of shape {from} do not fill shape {shape}"
            )));
        }
        Ok(vec![ins[0].with_shape(shape)])
    },
    work: |_, _, _| Work::chunks(0),
    run: |_| {},
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        Ok(vec![Some(reshape(g, back.dy(), shape)?)])
    }),
    memory: Memory::View,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| vec![Array::new(&attrs.read().shape().unwrap(), ins[0].data.clone())],
    #[cfg(test)]
    cases: &[Case { ins: &[Arg::f32(&[3, 4])], attrs: || Attrs::none().dims(&[2, 6]) }],
};

/// x, which counts as a constant for gradients.
pub static STOP_GRADIENT: Op = Op {
    name: "stopGradient",
    doc: Op::doc("x, which counts as a constant for gradients."),
    arity: Arity::Exactly(1),
    attrs: &[],
    infer: |ins, _| Ok(vec![ins[0]]),
    work: |_, _, _| Work::chunks(0),
    run: |_| {},
    grad: Grad::Stop,
    memory: Memory::View,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, _| vec![ins[0].clone()],
    #[cfg(test)]
    cases: &[Case { ins: &[Arg::f32(&[3, 2])], attrs: Attrs::none }],
};
