//! Ops that make, move and view data. They move words, whatever the dtype.

pub mod band;
pub(in crate::ops) mod chunks;
pub mod index;
pub mod join;
pub mod layout;
pub mod make;
pub mod scan;
pub mod top;
pub mod variable;
pub mod view;
pub mod window;

pub use layout::BROADCAST_TO;
pub use make::FILL;
pub use view::{IDENTITY, RESHAPE};

use crate::decimal::Decimal;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::types::{DType, MAX_RANK, Shape};

/// The families in their order.
pub static OPS: &[&[&Op]] = &[
    view::OPS,
    make::OPS,
    variable::OPS,
    layout::OPS,
    window::OPS,
    join::OPS,
    band::OPS,
    index::OPS,
    top::OPS,
    scan::OPS,
];

/// Words from one index to the next of each dimension.
fn strides(dims: &[usize]) -> [isize; MAX_RANK] {
    let mut strides = [0; MAX_RANK];
    let mut stride = 1;
    for (i, &dim) in dims.iter().enumerate().rev() {
        strides[i] = stride;
        stride *= dim as isize;
    }
    strides
}

/// The sizes before, at and after an axis.
fn around(dims: &[usize], axis: usize) -> (usize, usize, usize) {
    (dims[..axis].iter().product(), dims[axis], dims[axis + 1..].iter().product())
}

/// A number as an element: rounded towards zero for int32, 1 for what is not 0 for bool.
fn word(x: f32, dtype: DType) -> u32 {
    match dtype {
        DType::F32 => x.to_bits(),
        DType::I32 => x as i32 as u32,
        DType::Bool => (x != 0.0) as u32,
    }
}

/// # Errors
/// If the option `name` has not one entry for each dimension.
fn one_each(name: &str, list: &[i32], shape: &Shape) -> Result<()> {
    if list.len() == shape.len() {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} {list:?} has not one entry for each dimension of {shape}")))
}

/// # Errors
/// If `x` is so large that an int32 is not exact on its way through a float32 option.
fn exact(x: f32, dtype: DType) -> Result<()> {
    // The smallest int32 stands for what does not exist.
    if dtype == DType::I32 && x.abs() >= (1 << 24) as f32 && x != i32::MIN as f32 {
        return Err(Error::invalid(format!(
            "an int32 option stays below 2^24, got {}; use a tensor instead",
            Decimal(x)
        )));
    }
    Ok(())
}

/// # Errors
/// If the option `name` is negative.
fn size(name: &str, n: i32) -> Result<usize> {
    usize::try_from(n).map_err(|_| Error::invalid(format!("{name} cannot be negative, got {n}")))
}
