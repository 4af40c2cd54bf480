//! Ops that treat each element alone, with NumPy's broadcasting. One row an op: forward and derivative together.
//!
//! The formula of a row becomes a kernel, a plain function over whole vectors; one driver, shared by all ops, finds the
//! runs and pads their tails.

pub mod activation;
pub mod backward;
pub mod binary;
pub mod cast;
pub mod chain;
pub mod compare;
mod formula;
pub mod kernel;
pub mod loss;
mod row;
pub mod select;
pub mod unary;

use crate::op::Op;

pub static OPS: &[&[&Op]] = &[
    unary::OPS,
    activation::OPS,
    backward::OPS,
    binary::OPS,
    loss::OPS,
    compare::OPS,
    select::OPS,
    cast::OPS,
    chain::OPS,
];
