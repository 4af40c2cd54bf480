//! Products of matrices.

use crate::chooser;
use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Arity, Attr, Attrs, Backward, Family, Grad, Job, Memory, Op, Work};
use crate::ops::words::*;
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::{DType, Shape, Type};
use wasmgrad_kernels::gemm::{Epilogue, Gemm};
use wasmgrad_kernels::map::Loops;

pub static OPS: &[&Op] = &[&MATMUL, &DENSE];

/// x (…, m, k) times y (…, k, n), each transposed in its last two dimensions if asked; batch dimensions broadcast.
pub static MATMUL: Op = Op {
    name: "matMul",
    doc: Op::doc(
        "x (..., m, k) times y (..., k, n), each transposed in its last two dimensions if asked; batch dimensions broadcast.",
    ),
    arity: Arity::Exactly(2),
    attrs: &[Attr::bool("transposeX"), Attr::bool("transposeY")],
    infer,
    work: |ins, _, attrs| {
        let product = Product::new(&ins[0].shape, &ins[1].shape, attrs);
        Work::product(chooser::Product { gemm: product.gemm, batches: product.batches() })
    },
    run,
    grad: Grad::By(gradient),
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut read = attrs.read();
        vec![ins[0].mat_mul(&ins[1], read.bool(), read.bool())]
    },
    #[cfg(test)]
    cases: {
        const fn x(shape: &'static [usize]) -> Arg {
            Arg::f32(shape)
        }
        &[
            Case { ins: &[x(&[3, 5]), x(&[5, 4])], attrs: || Attrs::none().bool(false).bool(false) },
            Case { ins: &[x(&[5, 3]), x(&[5, 4])], attrs: || Attrs::none().bool(true).bool(false) },
            Case { ins: &[x(&[3, 5]), x(&[4, 5])], attrs: || Attrs::none().bool(false).bool(true) },
            Case { ins: &[x(&[5, 3]), x(&[4, 5])], attrs: || Attrs::none().bool(true).bool(true) },
            Case { ins: &[x(&[2, 3, 5]), x(&[5, 4])], attrs: || Attrs::none().bool(false).bool(false) },
            Case { ins: &[x(&[2, 1, 3, 5]), x(&[3, 4, 5])], attrs: || Attrs::none().bool(false).bool(true) },
            Case { ins: &[x(&[1, 17]), x(&[17, 9])], attrs: || Attrs::none().bool(false).bool(false) },
            Case { ins: &[x(&[2, 0]), x(&[0, 3])], attrs: || Attrs::none().bool(false).bool(false) },
        ]
    },
};

/// relu(x y + bias), or the same without the relu, in the product's store: a plan has it in the place of three nodes.
pub static DENSE: Op = Op {
    name: "dense",
    doc: Op::doc("matMul(x, y) + bias (n), and of that max(., 0) if relu. Plans make it of its parts."),
    arity: Arity::Exactly(3),
    attrs: &[Attr::bool("transposeX"), Attr::bool("transposeY"), Attr::bool("relu")],
    infer: |ins, attrs| {
        let out = infer(&ins[..2], attrs)?;
        let n = out[0].shape[out[0].shape.len() - 1];
        if ins[2] != Type::f32(&[n])? {
            return Err(Error::invalid(format!("expected a bias of float32[{n}], got {}", ins[2])));
        }
        Ok(out)
    },
    work: |ins, outs, attrs| {
        let mut work = (MATMUL.work)(&ins[..2], outs, attrs);
        work.flops += outs[0].size() as u64;
        work
    },
    run,
    // Gradients are taken before a plan is made.
    grad: Grad::Missing,
    memory: Memory::Fresh,
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut read = attrs.read();
        let mut z = ins[0].mat_mul(&ins[1], read.bool(), read.bool());
        let (relu, bias) = (read.bool(), &ins[2].data);
        for (z, bias) in z.data.iter_mut().zip(bias.iter().cycle()) {
            *z = if relu { (*z + bias).max(0.0) } else { *z + bias };
        }
        vec![z]
    },
    #[cfg(test)]
    cases: {
        const fn x(shape: &'static [usize]) -> Arg {
            Arg::f32(shape)
        }
        &[
            Case {
                ins: &[x(&[3, 5]), x(&[5, 9]), x(&[9])],
                attrs: || Attrs::none().bool(false).bool(false).bool(true),
            },
            Case {
                ins: &[x(&[9, 5]), x(&[1, 5]), x(&[1])],
                attrs: || Attrs::none().bool(false).bool(true).bool(false),
            },
            Case {
                ins: &[x(&[2, 5, 3]), x(&[5, 4]), x(&[4])],
                attrs: || Attrs::none().bool(true).bool(false).bool(true),
            },
        ]
    },
};

/// One GEMM for each batch, with the batches of both operands.
struct Product {
    gemm: Gemm,
    batches: Loops<2>,
}

/// The dimensions before the last two.
#[inline]
fn batch(shape: &Shape) -> &[usize] {
    &shape[..shape.len() - 2]
}

impl Product {
    #[inline]
    fn new(x: &Shape, y: &Shape, attrs: &Attrs) -> Self {
        let mut read = attrs.read();
        let (ta, tb) = (read.bool(), read.bool());
        let [rows_x, cols_x] = [x[x.len() - 2], x[x.len() - 1]];
        let [rows_y, cols_y] = [y[y.len() - 2], y[y.len() - 1]];
        let (mut m, k) = if ta { (cols_x, rows_x) } else { (rows_x, cols_x) };
        let n = if tb { rows_y } else { cols_y };
        let out = Shape::broadcast(&prefix(x), &prefix(y)).expect("checked by infer");
        let mut batches = [&out[..], batch(x), batch(y)];
        // Every row of x meets the same y: one product of many rows.
        if y.len() == 2 && !ta {
            m *= batch(x).iter().product::<usize>();
            batches = [&[], &[], &[]];
        }
        let epilogue = if attrs.words().get(2) == Some(&1) { Epilogue::Relu } else { Epilogue::None };
        let gemm = Gemm { ta, tb, m, n, k, lda: cols_x, ldb: cols_y, ldc: n, accumulate: false, epilogue };
        Self { gemm, batches: Loops::broadcast(batches[0], [batches[1], batches[2]]) }
    }

    #[inline]
    fn batches(&self) -> usize {
        self.batches.rows() * self.batches.inner().0
    }
}

#[inline]
fn prefix(shape: &Shape) -> Shape {
    Shape::new(batch(shape)).expect("a part of a shape is a shape")
}

fn infer(ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    let (x, y) = (ins[0], ins[1]);
    if x.dtype != DType::F32 || y.dtype != DType::F32 {
        return Err(Error::invalid(format!(
            "expected float32 and float32, got {} and {}; cast first",
            x.dtype, y.dtype
        )));
    }
    if x.shape.len() < 2 || y.shape.len() < 2 {
        return Err(Error::invalid(format!("expected matrices, got shapes {} and {}", x.shape, y.shape)));
    }
    let mut read = attrs.read();
    let (ta, tb) = (read.bool(), read.bool());
    let of = |shape: &Shape, transposed: bool| {
        let (rows, cols) = (shape[shape.len() - 2], shape[shape.len() - 1]);
        if transposed { (cols, rows) } else { (rows, cols) }
    };
    let ((m, k), (k_y, n)) = (of(&x.shape, ta), of(&y.shape, tb));
    if k != k_y {
        let t = |transposed| if transposed { " transposed" } else { "" };
        return Err(Error::invalid(format!(
            "inner dimensions differ: {}{} times {}{} ({k} and {k_y})",
            x.shape,
            t(ta),
            y.shape,
            t(tb)
        )));
    }
    let mut dims = prefix(&x.shape).broadcast(&prefix(&y.shape))?.to_vec();
    dims.extend([m, n]);
    Ok(vec![Type::f32(&dims)?])
}

fn run(job: &Job) {
    let (x, y, z) = (job.ins[0], job.ins[1], job.outs[0]);
    let bias = job.ins.get(2).map_or(std::ptr::null(), |bias| bias.f32().cast_const());
    if let Some(chooser::Product { gemm, batches: 1 }) = &job.work.product {
        // SAFETY: the views hold the whole product, and the scratch memory is what it asked for.
        return unsafe {
            gemm.run(job.tile, job.chunk, job.chunks, x.f32(), y.f32(), bias, z.f32(), job.scratch);
        };
    }
    let product = Product::new(x.shape(), y.shape(), job.attrs);
    let per_batch = job.chunks / product.batches();
    let (batch, chunk) = (job.chunk / per_batch, job.chunk % per_batch);
    let (n, steps) = product.batches.inner();
    let words = |shape: &Shape| (shape[shape.len() - 2] * shape[shape.len() - 1]) as isize;
    let within = (batch % n) as isize;
    let row = batch / n;
    product.batches.for_rows(row..row + 1, |offsets| {
        let at_x = (offsets[0] + steps[0] * within) * words(x.shape());
        let at_y = (offsets[1] + steps[1] * within) * words(y.shape());
        let at_z = batch * product.gemm.m * product.gemm.n;
        // SAFETY: the batch lies inside of the views, and the scratch memory is what the product asked for.
        unsafe {
            let (x, y, z) = (x.f32().offset(at_x), y.f32().offset(at_y), z.f32().add(at_z));
            product.gemm.run(job.tile, chunk, per_batch, x, y, bias, z, job.scratch);
        }
    });
}

fn gradient(g: &mut Graph, back: &Backward) -> Result<Vec<Option<Value>>> {
    let mut read = back.attrs.read();
    let (tx, ty) = (read.bool(), read.bool());
    let (mut x, y, mut dz) = (back.ins[0], back.ins[1], back.dy());
    let (shape_x, shape_y) = (g.ty(x).shape, g.ty(y).shape);
    // As in the forward pass: one product of many rows, whose gradient needs no sum over batches.
    let flat = shape_y.len() == 2 && !tx;
    if flat {
        (x, dz) = (rows(g, x)?, rows(g, dz)?);
    }
    let mut product = |on: bool, a, b, ta, tb, shape: Shape| -> Result<Option<Value>> {
        if !on {
            return Ok(None);
        }
        let d = g.op(&MATMUL, &[a, b], Attrs::none().bool(ta).bool(tb))?;
        if flat { reshape(g, d, shape).map(Some) } else { sum_to(g, d, shape).map(Some) }
    };
    // z = x y: dx = dz yᵀ, dy = xᵀ dz; transposed operands give the transposes of these.
    let dx = if tx {
        product(back.need[0], y, dz, ty, true, shape_x)?
    } else {
        product(back.need[0], dz, y, false, !ty, shape_x)?
    };
    let dy = if ty {
        product(back.need[1], dz, x, true, tx, shape_y)?
    } else {
        product(back.need[1], x, dz, !tx, false, shape_y)?
    };
    Ok(vec![dx, dy])
}

/// x (…, n) as (rows, n).
fn rows(g: &mut Graph, x: Value) -> Result<Value> {
    let dims = g.dims(x);
    let n = dims[dims.len() - 1];
    let rows = dims[..dims.len() - 1].iter().product();
    reshape(g, x, Shape::new(&[rows, n])?)
}
