//! Ops that make, move and view data without arithmetic.

use crate::error::Error;
use crate::op::{Arity, Attr, Grad, Memory, Op, Work};
use crate::ops::words::*;
use crate::types::{DType, Type};
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Array, Case},
};
use wasmgrad_kernels::map::Loops;

pub static OPS: &[&Op] = &[&IDENTITY, &FILL, &RESHAPE, &BROADCAST_TO];

/// A copy of x.
pub static IDENTITY: Op = Op {
    name: "identity",
    doc: "A copy of x.",
    arity: Arity::Exactly(1),
    attrs: &[],
    infer: |ins, _| Ok(vec![ins[0]]),
    work: |_, _, _| Work::ONE,
    run: |job| {
        // SAFETY: both views hold `size` words; they are one memory or apart.
        unsafe { std::ptr::copy(job.ins[0].ptr, job.outs[0].ptr, job.ins[0].size()) };
    },
    grad: Grad::By(|_, back| Ok(vec![Some(back.dy())])),
    memory: Memory::InPlace(&[0]),
    #[cfg(test)]
    reference: |ins, _| vec![ins[0].clone()],
    #[cfg(test)]
    cases: &[Case { ins: &[Arg::f32(&[3, 2])], attrs: Attrs::none }],
};

/// All elements equal to `value`.
pub static FILL: Op = Op {
    name: "fill",
    doc: "All elements equal to value.",
    arity: Arity::Exactly(0),
    attrs: &[Attr::ints("shape"), Attr::float("value"), Attr::dtype("dtype")],
    infer: |_, attrs| {
        let mut attrs = attrs.read();
        let shape = attrs.shape()?;
        attrs.float();
        Ok(vec![Type::new(attrs.dtype()?, shape)])
    },
    work: |_, _, _| Work::ONE,
    run: |job| {
        let mut attrs = job.attrs.read();
        attrs.ints();
        let value = attrs.float();
        let word = match job.outs[0].ty.dtype {
            DType::F32 => value.to_bits(),
            DType::I32 => value as i32 as u32,
            DType::Bool => (value != 0.0) as u32,
        };
        // SAFETY: the view holds `size` words.
        unsafe { std::slice::from_raw_parts_mut(job.outs[0].ptr, job.outs[0].size()) }.fill(word);
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |_, attrs| {
        let mut attrs = attrs.read();
        let shape = attrs.shape().unwrap();
        vec![Array::new(&shape, vec![attrs.float() as f64; shape.size()])]
    },
    #[cfg(test)]
    cases: &[Case { ins: &[], attrs: || Attrs::none().dims(&[2, 3]).float(1.5).dtype(DType::F32) }],
};

/// The same elements in the same order under another shape.
pub static RESHAPE: Op = Op {
    name: "reshape",
    doc: "The same elements in the same order under another shape.",
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
    #[cfg(test)]
    reference: |ins, attrs| vec![Array::new(&attrs.read().shape().unwrap(), ins[0].data.clone())],
    #[cfg(test)]
    cases: &[Case { ins: &[Arg::f32(&[3, 4])], attrs: || Attrs::none().dims(&[2, 6]) }],
};

/// x repeated along new dimensions and along those of size 1.
pub static BROADCAST_TO: Op = Op {
    name: "broadcastTo",
    doc: "x repeated along new dimensions and along those of size 1.",
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("shape")],
    infer: |ins, attrs| {
        let shape = attrs.read().shape()?;
        if ins[0].shape.broadcast(&shape)? != shape {
            return Err(Error::invalid(format!("shape {} does not broadcast to {shape}", ins[0].shape)));
        }
        Ok(vec![ins[0].with_shape(shape)])
    },
    work: |_, _, _| Work::ONE,
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let loops = Loops::broadcast(y.shape(), [&x.shape()[..]]);
        let (n, [step]) = loops.inner();
        let mut at = 0;
        loops.for_rows(0..loops.rows(), |[offset]| {
            // SAFETY: the rows lie inside of the views.
            unsafe { copy_row(n, x.ptr.offset(offset), step as usize, y.ptr.add(at)) };
            at += n;
        });
    },
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        Ok(vec![Some(sum_to(g, back.dy(), shape)?)])
    }),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let shape = attrs.read().shape().unwrap();
        vec![ins[0].zip(&Array::new(&shape, vec![0.0; shape.size()]), |x, _| x)]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 1])], attrs: || Attrs::none().dims(&[2, 3, 4]) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().dims(&[5]) },
    ],
};

/// # Safety
/// `x` is readable for `n` words (one if `step` is 0), `y` writable for `n`.
unsafe fn copy_row(n: usize, x: *const u32, step: usize, y: *mut u32) {
    // SAFETY: the caller's contract.
    unsafe {
        if step == 0 {
            std::slice::from_raw_parts_mut(y, n).fill(*x)
        } else {
            std::ptr::copy_nonoverlapping(x, y, n)
        }
    }
}
