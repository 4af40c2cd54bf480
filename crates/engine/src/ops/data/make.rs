//! Ops that make tensors out of options alone.

use super::{chunks, exact, size, word};
use crate::error::Error;
use crate::op::{Arity, Attr, Family, Grad, Memory, Op};
use crate::types::{DType, Shape, Type};
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Array, Case},
};

pub static OPS: &[&Op] = &[&FILL, &RANGE, &LINSPACE, &EYE];

/// All elements equal to `value`.
pub static FILL: Op = Op {
    name: "fill",
    doc: Op::doc("All elements equal to value."),
    arity: Arity::Exactly(0),
    attrs: &[Attr::ints("shape"), Attr::float("value"), Attr::dtype("dtype")],
    infer: |_, attrs| {
        let mut attrs = attrs.read();
        let (shape, value, dtype) = (attrs.shape()?, attrs.float(), attrs.dtype()?);
        exact(value, dtype)?;
        Ok(vec![Type::new(dtype, shape)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let mut attrs = job.attrs.read();
        attrs.ints();
        let value = word(attrs.float(), job.outs[0].ty.dtype);
        chunks::words(job).1.fill(value);
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |_, attrs| {
        let mut attrs = attrs.read();
        let shape = attrs.shape().unwrap();
        vec![Array::new(&shape, vec![attrs.float() as f64; shape.size()])]
    },
    #[cfg(test)]
    cases: &[Case { ins: &[], attrs: || Attrs::none().dims(&[2, 3]).float(1.5).dtype(DType::F32) }],
};

/// start, start + step, start + 2 step, and so on: `size` numbers, as JAX's `arange` computes them.
pub static RANGE: Op = Op {
    name: "range",
    doc: Op::doc("start, start + step, start + 2 step, ...: size numbers."),
    arity: Arity::Exactly(0),
    attrs: &[Attr::float("start"), Attr::float("step"), Attr::int("size"), Attr::dtype("dtype")],
    infer: |_, attrs| {
        let mut attrs = attrs.read();
        let (start, step) = (attrs.float(), attrs.float());
        let (size, dtype) = (size("size", attrs.int())?, attrs.dtype()?);
        if dtype == DType::Bool {
            return Err(Error::invalid("expected float32 or int32, got bool"));
        }
        exact(start, dtype)?;
        exact(step, dtype)?;
        Ok(vec![Type::new(dtype, Shape::new(&[size])?)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let mut attrs = job.attrs.read();
        let (start, step) = (attrs.float(), attrs.float());
        let float = job.outs[0].ty.dtype == DType::F32;
        let (from, y) = chunks::words(job);
        for (i, y) in (from..).zip(y) {
            *y = if float {
                (start + step * i as f32).to_bits()
            } else {
                (start as i32).wrapping_add((step as i32).wrapping_mul(i as i32)) as u32
            };
        }
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |_, attrs| {
        let mut attrs = attrs.read();
        let (start, step) = (attrs.float() as f64, attrs.float() as f64);
        vec![Array::from_fn(&[attrs.int() as usize], |at| start + step * at[0] as f64)]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[], attrs: || Attrs::none().float(0.5).float(-0.25).int(7).dtype(DType::F32) },
        Case { ins: &[], attrs: || Attrs::none().float(-2.0).float(3.0).int(5).dtype(DType::I32) },
        Case { ins: &[], attrs: || Attrs::none().float(0.0).float(1.0).int(0).dtype(DType::F32) },
    ],
};

/// `num` numbers at equal distances from `start` to `stop`, both included, by the formula of JAX's `linspace` (whose
/// compiler may round the last place otherwise).
pub static LINSPACE: Op = Op {
    name: "linspace",
    doc: Op::doc("num numbers at equal distances from start to stop, both included."),
    arity: Arity::Exactly(0),
    attrs: &[Attr::float("start"), Attr::float("stop"), Attr::int("num")],
    infer: |_, attrs| {
        let mut attrs = attrs.read();
        attrs.float();
        attrs.float();
        Ok(vec![Type::f32(&[size("num", attrs.int())?])?])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let mut attrs = job.attrs.read();
        let (start, stop) = (attrs.float(), attrs.float());
        let last = job.outs[0].size().saturating_sub(1);
        let (from, y) = chunks::words(job);
        for (i, y) in (from..).zip(y) {
            let part = i as f32 / last as f32;
            let x = match i {
                0 => start,
                i if i == last => stop,
                _ => start * (1.0 - part) + stop * part,
            };
            *y = x.to_bits();
        }
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |_, attrs| {
        let mut attrs = attrs.read();
        let (start, stop) = (attrs.float() as f64, attrs.float() as f64);
        let num = attrs.int() as usize;
        let step = if num > 1 { (stop - start) / (num - 1) as f64 } else { 0.0 };
        vec![Array::from_fn(&[num], |at| start + step * at[0] as f64)]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[], attrs: || Attrs::none().float(-1.0).float(2.5).int(9) },
        Case { ins: &[], attrs: || Attrs::none().float(3.0).float(1.0).int(2) },
        Case { ins: &[], attrs: || Attrs::none().float(3.0).float(1.0).int(1) },
        Case { ins: &[], attrs: || Attrs::none().float(3.0).float(1.0).int(0) },
    ],
};

/// (rows, columns): 1 where both indices are equal, else 0.
pub static EYE: Op = Op {
    name: "eye",
    doc: Op::doc("(rows, columns): 1 where both indices are equal, else 0."),
    arity: Arity::Exactly(0),
    attrs: &[Attr::int("rows"), Attr::int("columns"), Attr::dtype("dtype")],
    infer: |_, attrs| {
        let mut attrs = attrs.read();
        let shape = Shape::new(&[size("rows", attrs.int())?, size("columns", attrs.int())?])?;
        Ok(vec![Type::new(attrs.dtype()?, shape)])
    },
    work: |_, outs, _| chunks::work(outs[0].size()),
    run: |job| {
        let ty = job.outs[0].ty;
        // The ones stand `columns` + 1 places apart, and not in the rows below the square.
        let apart = ty.shape[1] + 1;
        let (from, y) = chunks::words(job);
        y.fill(0);
        let end = ty.shape[0].min(ty.shape[1]);
        for i in from.div_ceil(apart)..(from + y.len()).div_ceil(apart).min(end) {
            y[i * apart - from] = word(1.0, ty.dtype);
        }
    },
    grad: Grad::Stop,
    memory: Memory::Fresh,
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |_, attrs| {
        let mut attrs = attrs.read();
        let shape = [attrs.int() as usize, attrs.int() as usize];
        vec![Array::from_fn(&shape, |at| (at[0] == at[1]) as i32 as f64)]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[], attrs: || Attrs::none().int(3).int(5).dtype(DType::F32) },
        Case { ins: &[], attrs: || Attrs::none().int(4).int(2).dtype(DType::I32) },
        Case { ins: &[], attrs: || Attrs::none().int(0).int(2).dtype(DType::Bool) },
    ],
};
