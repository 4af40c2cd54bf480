//! Whether some or all elements are true.

use super::part::{self, Part, Passes};
use super::{kernel, reduction};
#[cfg(test)]
use crate::op::Attrs;
use crate::op::{Arity, Grad, Memory, Op};
#[cfg(test)]
use crate::reference::{Arg, Case};
use crate::types::DType;

reduction! {
    /// Whether any element over the axes is true; false over nothing.
    ANY = "any" in Extra (Bool) -> |_| DType::Bool, on Arg::bool;
    over_nothing true;
    passes One(1);
    run |part, dtype| part.fold(kernel!(any));
    reference |xs| xs.contains(&1.0) as u8 as f64;
    gradient Grad::Stop;

    /// Whether all elements over the axes are true; true over nothing.
    ALL = "all" in Extra (Bool) -> |_| DType::Bool, on Arg::bool;
    over_nothing true;
    passes One(1);
    run |part, dtype| part.fold(kernel!(all));
    reference |xs| !xs.contains(&0.0) as u8 as f64;
    gradient Grad::Stop;
}
