//! Losses that treat each element alone. Those over rows stand in ops/loss.rs.

use super::activation::SIGMOID;
use super::row::{self, binary};
use super::{formula, kernel};
use crate::op::{Arity, Grad, Memory, Op};
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::math;

binary! {
    /// y * softplus(-x) + (1 - y) * softplus(x): the cross-entropy of the probability sigmoid(x) with the target y.
    SIGMOID_CROSS_ENTROPY = "sigmoidCrossEntropy" in Core [] on (-3.0, 3.0) (0.0, 1.0);
    forward |x, y| {
        let (is, is_not) = (y.mul(math::softplus(x.neg())), F32x4::splat(1.0).sub(y).mul(math::softplus(x)));
        is.add(is_not)
    };
    reference |x, y| x.exp().ln_1p() - x * y;
    gradient (|x, y, z, dz| dz * (x.to(&SIGMOID) - y), dz * -x);
}
