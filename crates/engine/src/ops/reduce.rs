//! Ops that combine the elements along axes.

use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::{DType, Shape, Type};
use wasmgrad_kernels::map::{self, Loops};
use wasmgrad_kernels::reduce;

pub static OPS: &[&Op] = &[&SUM];

/// The sum over the axes.
pub static SUM: Op = Op {
    name: "sum",
    doc: "The sum over the axes.",
    arity: Arity::Exactly(1),
    attrs: &[Attr::ints("axes"), Attr::bool("keepDims")],
    infer: |ins, attrs| {
        if ins[0].dtype == DType::Bool {
            return Err(Error::invalid("expected float32 or int32, got bool; cast it first"));
        }
        Ok(vec![ins[0].with_shape(reduced(&ins[0].shape, attrs)?)])
    },
    work,
    run: |job| {
        let (outer, axis, inner, x) = gathered(job);
        // SAFETY: x holds outer * axis * inner words, the output outer * inner.
        unsafe {
            match job.ins[0].ty.dtype {
                DType::F32 => reduce::sum(outer, axis, inner, x.cast(), job.outs[0].f32()),
                _ => reduce::sum_i32(outer, axis, inner, x.cast(), job.outs[0].i32()),
            }
        }
    },
    grad: Grad::By(|g, back| {
        let shape = g.ty(back.ins[0]).shape;
        let kept = Shape::new(&Axes::new(&shape, back.attrs)?.kept_dims(&shape))?;
        let dy = reshape(g, back.dy(), kept)?;
        Ok(vec![Some(broadcast_to(g, dy, shape)?)])
    }),
    memory: Memory::Fresh,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut read = attrs.read();
        vec![ins[0].reduce(read.ints(), read.bool(), |xs| xs.iter().sum())]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 5])], attrs: || Attrs::none().ints(&[1]).bool(false) },
        Case { ins: &[Arg::f32(&[3, 5])], attrs: || Attrs::none().ints(&[0]).bool(true) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[0, -1]).bool(false) },
        Case { ins: &[Arg::f32(&[2, 3, 4])], attrs: || Attrs::none().ints(&[0, 1, 2]).bool(false) },
        Case { ins: &[Arg::f32(&[])], attrs: || Attrs::none().ints(&[]).bool(false) },
    ],
};

/// Which axes disappear.
pub struct Axes([bool; crate::types::MAX_RANK]);

impl Axes {
    /// Reads the list that an op's options begin with.
    ///
    /// # Errors
    /// If an axis does not exist or comes twice.
    pub fn new(shape: &Shape, attrs: &Attrs) -> Result<Self> {
        let mut axes = [false; crate::types::MAX_RANK];
        for &axis in attrs.read().ints() {
            if std::mem::replace(&mut axes[shape.axis(axis)?], true) {
                return Err(Error::invalid(format!("axis {axis} is given twice")));
            }
        }
        Ok(Self(axes))
    }

    /// The shape with 1 for each axis that disappears.
    pub fn kept_dims(&self, shape: &Shape) -> Vec<usize> {
        shape.iter().zip(self.0).map(|(&dim, gone)| if gone { 1 } else { dim }).collect()
    }

    /// (outer, axis, inner) if the axes lie beside one another, dimensions of size 1 aside.
    fn block(&self, shape: &Shape) -> Option<(usize, usize, usize)> {
        let (mut outer, mut axis, mut inner) = (1, 1, 1);
        let mut seen = false;
        for (&dim, gone) in shape.iter().zip(self.0) {
            match (gone && dim != 1, seen) {
                (true, _) if inner != 1 => return None,
                (true, _) => {
                    axis *= dim;
                    seen = true;
                }
                (false, false) => outer *= dim,
                (false, true) => inner *= dim,
            }
        }
        Some((outer, axis, inner))
    }
}

/// The shape after reduction; the options are the axes and whether they stay as 1.
pub fn reduced(shape: &Shape, attrs: &Attrs) -> Result<Shape> {
    let axes = Axes::new(shape, attrs)?;
    let mut read = attrs.read();
    read.ints();
    if read.bool() {
        return Shape::new(&axes.kept_dims(shape));
    }
    let left: Vec<usize> = shape.iter().zip(axes.0).filter(|(_, gone)| !gone).map(|(&dim, _)| dim).collect();
    Shape::new(&left)
}

/// Scattered axes are brought together in scratch memory first.
pub fn work(ins: &[Type], _: &[Type], attrs: &Attrs) -> Work {
    let axes = Axes::new(&ins[0].shape, attrs).expect("checked by infer");
    let words = if axes.block(&ins[0].shape).is_some() { 0 } else { ins[0].size() };
    Work::ONE.with_scratch(words)
}

/// The operand as (outer, axis, inner) contiguous words.
pub fn gathered(job: &Job) -> (usize, usize, usize, *const u32) {
    let x = job.ins[0];
    let axes = Axes::new(x.shape(), job.attrs).expect("checked by infer");
    if let Some((outer, axis, inner)) = axes.block(x.shape()) {
        return (outer, axis, inner, x.ptr);
    }
    let (mut dims, mut strides) = (Vec::new(), Vec::new());
    for gone in [false, true] {
        let mut stride = x.size() as isize;
        for (&dim, is_gone) in x.shape().iter().zip(axes.0) {
            stride /= dim.max(1) as isize;
            if is_gone == gone {
                dims.push(dim);
                strides.push(stride);
            }
        }
    }
    let mut dense = vec![1; dims.len()];
    for i in (0..dims.len().saturating_sub(1)).rev() {
        dense[i] = dense[i + 1] * dims[i + 1] as isize;
    }
    // SAFETY: the scratch memory holds as many words as x, which is read within its shape.
    unsafe { map::copy(&Loops::strided(&dims, [&strides, &dense]), x.ptr, job.scratch.cast()) };
    let axis: usize = x.shape().iter().zip(axes.0).filter(|(_, gone)| *gone).map(|(&dim, _)| dim).product();
    (job.outs[0].size(), axis, 1, job.scratch.cast())
}
