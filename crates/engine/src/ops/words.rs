//! Short names for the nodes that gradient rules are made of.

use super::elementwise::{binary, select::SELECT, unary};
use super::{data, reduce};
use crate::error::Result;
use crate::graph::{Graph, Value};
use crate::op::{Attrs, Op};
use crate::types::{DType, Shape, Type};

pub fn add(g: &mut Graph, x: Value, y: Value) -> Result<Value> {
    g.op(&binary::ADD, &[x, y], Attrs::none())
}

pub fn sub(g: &mut Graph, x: Value, y: Value) -> Result<Value> {
    g.op(&binary::SUB, &[x, y], Attrs::none())
}

pub fn mul(g: &mut Graph, x: Value, y: Value) -> Result<Value> {
    g.op(&binary::MUL, &[x, y], Attrs::none())
}

pub fn div(g: &mut Graph, x: Value, y: Value) -> Result<Value> {
    g.op(&binary::DIV, &[x, y], Attrs::none())
}

pub fn neg(g: &mut Graph, x: Value) -> Result<Value> {
    g.op(&unary::NEG, &[x], Attrs::none())
}

pub fn exp(g: &mut Graph, x: Value) -> Result<Value> {
    g.op(&unary::EXP, &[x], Attrs::none())
}

/// A float32 scalar.
pub fn scalar(g: &mut Graph, x: f32) -> Result<Value> {
    fill(g, Type::new(DType::F32, Shape::SCALAR), x)
}

/// An op without options and with one output.
pub fn call(g: &mut Graph, op: &'static Op, ins: &[Value]) -> Result<Value> {
    g.op(op, ins, Attrs::none())
}

/// `x * factor + shift`.
pub fn affine(g: &mut Graph, x: Value, factor: f32, shift: f32) -> Result<Value> {
    g.op(&unary::AFFINE, &[x], Attrs::none().float(factor).float(shift))
}

/// `x` times a constant.
pub fn scale(g: &mut Graph, x: Value, by: f32) -> Result<Value> {
    affine(g, x, by, 0.0)
}

/// `x` where the condition is true, `y` elsewhere.
pub fn select(g: &mut Graph, condition: Value, x: Value, y: Value) -> Result<Value> {
    call(g, &SELECT, &[condition, x, y])
}

/// All elements of `ty` equal to `x`.
pub fn fill(g: &mut Graph, ty: Type, x: f32) -> Result<Value> {
    g.op(&data::FILL, &[], Attrs::none().dims(&ty.shape).float(x).dtype(ty.dtype))
}

pub fn zeros_like(g: &mut Graph, x: Value) -> Result<Value> {
    let ty = *g.ty(x);
    fill(g, ty, 0.0)
}

pub fn ones_like(g: &mut Graph, x: Value) -> Result<Value> {
    let ty = *g.ty(x);
    fill(g, ty, 1.0)
}

pub fn reshape(g: &mut Graph, x: Value, shape: Shape) -> Result<Value> {
    if g.ty(x).shape == shape { Ok(x) } else { g.op(&data::RESHAPE, &[x], Attrs::none().dims(&shape)) }
}

/// `x` repeated to `shape`, to which its own must broadcast.
pub fn broadcast_to(g: &mut Graph, x: Value, shape: Shape) -> Result<Value> {
    if g.ty(x).shape == shape { Ok(x) } else { g.op(&data::BROADCAST_TO, &[x], Attrs::none().dims(&shape)) }
}

/// The sum of `x` over the dimensions that broadcasting from `shape` would repeat: the gradient of broadcasting.
pub fn sum_to(g: &mut Graph, x: Value, shape: Shape) -> Result<Value> {
    let from = g.ty(x).shape;
    if from == shape {
        return Ok(x);
    }
    let lead = from.len() - shape.len();
    let axes: Vec<i32> = (0..from.len())
        .filter(|&i| i < lead || (shape[i - lead] == 1 && from[i] != 1))
        .map(|i| i as i32)
        .collect();
    let sum = if axes.is_empty() { x } else { sum(g, x, &axes)? };
    reshape(g, sum, shape)
}

pub fn transpose(g: &mut Graph, x: Value, perm: &[i32]) -> Result<Value> {
    g.op(&data::layout::TRANSPOSE, &[x], Attrs::none().ints(perm))
}

/// The part of `x` with the given shape that begins at `begin`.
pub fn slice(g: &mut Graph, x: Value, begin: &[i32], shape: &Shape) -> Result<Value> {
    g.op(&data::window::SLICE, &[x], Attrs::none().ints(begin).dims(shape))
}

/// `x` with zeros before and after it in each dimension.
pub fn pad(g: &mut Graph, x: Value, paddings: &[i32]) -> Result<Value> {
    g.op(&data::window::PAD, &[x], Attrs::none().ints(paddings).float(0.0))
}

/// 0, step, 2 step, and so on: `size` numbers.
pub fn range(g: &mut Graph, step: f32, size: usize, dtype: DType) -> Result<Value> {
    g.op(&data::make::RANGE, &[], Attrs::none().float(0.0).float(step).int(size as i32).dtype(dtype))
}

/// `size` zeros along the axis, with each slice of `x` added at its index.
pub fn scatter_add(g: &mut Graph, x: Value, indices: Value, axis: usize, size: usize) -> Result<Value> {
    g.op(&data::index::SCATTER_ADD, &[x, indices], Attrs::none().int(axis as i32).int(size as i32))
}

/// The sum over `axes`, which disappear.
pub fn sum(g: &mut Graph, x: Value, axes: &[i32]) -> Result<Value> {
    g.op(&reduce::SUM, &[x], Attrs::none().ints(axes).bool(false))
}
