//! y = f(x): the activations of Keras 3 (keras/src/activations), where tfjs has the name with its meaning too.
//!
//! Derivatives at kinks are those of Keras on JAX.

use super::backward::{SIGMOID_GRAD, TANH_GRAD, above, below, gaussian};
use super::compare::GREATER;
use super::formula::{self, Term};
use super::kernel;
use super::row::{self, unary};
use super::unary::{ABS, ERF, SQRT, SQUARE, TANH};
use crate::op::{Arity, Grad, Memory, Op};
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::math;

const INFINITY: f32 = f32::INFINITY;

/// Klambauer et al., 2017 (https://arxiv.org/abs/1706.02515).
const SELU_SCALE: f32 = 1.050_701;
const SELU_ALPHA: f32 = 1.673_263_2;

/// geluTanh is x sigmoid(x (a + b x^2)): a = 2 sqrt(2 / pi), b = 0.044715 a.
const GELU_A: f32 = 2.0 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const GELU_B: f32 = 0.044_715 * GELU_A;

unary! {
    /// max(x, 0)
    RELU = "relu" in Core [] on (-3.0, 3.0);
    forward |x| x.pmax(F32x4::splat(0.0));
    int |x| x.max(I32x4::splat(0));
    reference |x| x.max(0.0);
    gradient (|x, y, dy| y.within(dy, above(0.0), INFINITY, [1.0, 0.0]));

    /// min(max(x, 0), 6)
    RELU6 = "relu6" in Core [] on (-3.0, 9.0);
    forward |x| x.pmax(F32x4::splat(0.0)).pmin(F32x4::splat(6.0));
    reference |x| x.clamp(0.0, 6.0);
    gradient (|x, y, dy| y.within(dy, above(0.0), below(6.0), [1.0, 0.0]));

    /// x where x >= 0, alpha * x elsewhere.
    LEAKY_RELU = "leakyRelu" in Core [alpha = 0.2] on (-3.0, 3.0);
    forward |x| x.ge(F32x4::splat(0.0)).select(x, x.mul(alpha));
    reference |x| if x >= 0.0 { x } else { alpha * x };
    gradient (|x, y, dy| x.within(dy, 0.0, INFINITY, [1.0, alpha]));

    /// x where x > 0, alpha * (e^x - 1) elsewhere.
    ELU = "elu" in Core [alpha = 0.7] on (-3.0, 3.0);
    forward |x| x.gt(F32x4::splat(0.0)).select(x, math::expm1(x).mul(alpha));
    reference |x| if x > 0.0 { x } else { alpha * x.exp_m1() };
    gradient (|x, y, dy| positive(x).select(dy, dy * (y + alpha)));

    /// 1.0507 * x where x > 0, 1.0507 * 1.67326 * (e^x - 1) elsewhere.
    SELU = "selu" in Core [] on (-3.0, 3.0);
    forward |x| {
        let lower = math::expm1(x).mul(F32x4::splat(SELU_ALPHA));
        x.gt(F32x4::splat(0.0)).select(x, lower).mul(F32x4::splat(SELU_SCALE))
    };
    reference |x| SELU_SCALE as f64 * if x > 0.0 { x } else { SELU_ALPHA as f64 * x.exp_m1() };
    gradient (|x, y, dy| positive(x).select(dy * SELU_SCALE, dy * (y + SELU_SCALE * SELU_ALPHA)));

    /// x where x > 0, alpha * (e^(x / alpha) - 1) elsewhere.
    CELU = "celu" in Core [alpha = 0.7] on (-3.0, 3.0);
    forward |x| x.gt(F32x4::splat(0.0)).select(x, math::expm1(x.div(alpha)).mul(alpha));
    reference |x| if x > 0.0 { x } else { alpha * (x / alpha).exp_m1() };
    gradient (|x, y, dy| positive(x).select(dy, dy * y.affine(alpha.recip(), 1.0)));

    /// x * (1 + erf(x / sqrt(2))) / 2
    GELU = "gelu" in Core [] on (-4.0, 4.0);
    forward |x| {
        // The complement keeps the digits of the left tail.
        let twice = math::erfc(x.mul(F32x4::splat(-FRAC_1_SQRT_2)));
        x.mul(F32x4::splat(0.5)).mul(twice)
    };
    reference |x| x * 0.5 * (1.0 + crate::reference::erf(x / 2f64.sqrt()));
    gradient (|x, y, dy| {
        let share = (x * FRAC_1_SQRT_2).to(&ERF).affine(0.5, 0.5);
        dy * (share + x * gaussian(x, 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2, 0.5))
    });

    /// x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2: gelu, approximated.
    GELU_TANH = "geluTanh" in Core [] on (-4.0, 4.0);
    forward |x| {
        let inner = x.mul(x).madd(F32x4::splat(GELU_B), F32x4::splat(GELU_A));
        x.mul(math::sigmoid(x.mul(inner)))
    };
    reference |x| x * 0.5 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh());
    gradient (|x, y, dy| {
        let square = x.to(&SQUARE);
        let gate = (x * square.affine(GELU_B, GELU_A)).to(&SIGMOID);
        let gate_slope = gate.with(&SIGMOID_GRAD, square.affine(3.0 * GELU_B, GELU_A));
        dy * (gate + x * gate_slope)
    });

    /// x * sigmoid(x), called swish too.
    SILU = "silu" in Core [] on (-4.0, 4.0);
    forward |x| x.mul(math::sigmoid(x));
    reference |x| x / (1.0 + (-x).exp());
    gradient (|x, y, dy| {
        let gate = x.to(&SIGMOID);
        dy * (gate + gate.with(&SIGMOID_GRAD, x))
    });

    /// x * tanh(softplus(x))
    MISH = "mish" in Core [] on (-4.0, 4.0);
    forward |x| {
        // tanh(log(1 + e^x)) as a quotient in e^-|x|, which cannot overflow.
        let (two, right) = (F32x4::splat(2.0), x.gt(F32x4::splat(0.0)));
        let e = math::exp(x.abs().neg());
        let square = e.mul(e);
        let above = right.select(e.madd(two, F32x4::splat(1.0)), e.madd(two, square));
        let below = above.add(right.select(square.add(square), two));
        x.mul(above.div(below))
    };
    reference |x| x * x.exp().ln_1p().tanh();
    gradient (|x, y, dy| {
        let gate = x.to(&SOFTPLUS).to(&TANH);
        dy * (gate + x * gate.with(&TANH_GRAD, x.to(&SIGMOID)))
    });

    /// 1 / (1 + e^-x)
    SIGMOID = "sigmoid" in Core [] on (-4.0, 4.0);
    forward |x| math::sigmoid(x);
    reference |x| 1.0 / (1.0 + (-x).exp());
    gradient (|x, y, dy| y.with(&SIGMOID_GRAD, dy));

    /// log(sigmoid(x))
    LOG_SIGMOID = "logSigmoid" in Core [] on (-4.0, 4.0);
    forward |x| math::softplus(x.neg()).neg();
    reference |x| -(-x).exp().ln_1p();
    gradient (|x, y, dy| dy * (-x).to(&SIGMOID));

    /// log(1 + e^x)
    SOFTPLUS = "softplus" in Core [] on (-4.0, 4.0);
    forward |x| math::softplus(x);
    reference |x| x.exp().ln_1p();
    gradient (|x, y, dy| dy * x.to(&SIGMOID));

    /// x / (1 + |x|)
    SOFTSIGN = "softsign" in Core [] on (-4.0, 4.0);
    forward |x| x.div(x.abs().add(F32x4::splat(1.0)));
    reference |x| x / (1.0 + x.abs());
    gradient (|x, y, dy| {
        let size = x.to(&ABS) + 1.0;
        dy / size / size
    });

    /// relu6(x + 3) / 6
    HARD_SIGMOID = "hardSigmoid" in Core [] on (-5.0, 5.0);
    forward |x| hard_sigmoid(x);
    reference |x| (x + 3.0).clamp(0.0, 6.0) / 6.0;
    gradient (|x, y, dy| x.within(dy, above(-3.0), below(3.0), [1.0 / 6.0, 0.0]));

    /// x * hardSigmoid(x), called hardSwish too.
    HARD_SILU = "hardSilu" in Core [] on (-5.0, 5.0);
    forward |x| x.mul(hard_sigmoid(x));
    reference |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0;
    gradient (|x, y, dy| {
        let rest = x.within(x, above(-3.0), below(3.0), [1.0 / 6.0, 0.0]);
        dy * (x.to(&HARD_SIGMOID) + rest)
    });

    /// The nearest value of [-1, 1].
    HARD_TANH = "hardTanh" in Core [] on (-3.0, 3.0);
    forward |x| x.pmax(F32x4::splat(-1.0)).pmin(F32x4::splat(1.0));
    reference |x| x.clamp(-1.0, 1.0);
    gradient (|x, y, dy| x.within(dy, -1.0, 1.0, [1.0, 0.0]));

    /// x - tanh(x)
    TANH_SHRINK = "tanhShrink" in Core [] on (-3.0, 3.0);
    forward |x| x.sub(math::tanh(x));
    reference |x| x - x.tanh();
    gradient (|x, y, dy| dy * x.to(&TANH).to(&SQUARE));

    /// x moved toward 0 by the threshold, 0 within it.
    SOFT_SHRINK = "softShrink" in Core [threshold = 0.5] on (-2.0, 2.0);
    forward |x| {
        let moved = x.sub(x.pmax(threshold.neg()).pmin(threshold));
        x.abs().gt(threshold).and(moved.bits()).float_bits()
    };
    reference |x| if x.abs() > threshold { x - x.signum() * threshold } else { 0.0 };
    gradient (|x, y, dy| y.within(dy, 0.0, 0.0, [0.0, 1.0]));

    /// x where |x| > threshold, 0 elsewhere.
    HARD_SHRINK = "hardShrink" in Core [threshold = 0.5] on (-2.0, 2.0);
    forward |x| x.abs().gt(threshold).and(x.bits()).float_bits();
    reference |x| if x.abs() > threshold { x } else { 0.0 };
    gradient (|x, y, dy| y.within(dy, 0.0, 0.0, [0.0, 1.0]));

    /// x where x > threshold, value elsewhere.
    THRESHOLD = "threshold" in Extra [threshold = 0.5, value = -0.75] on (-2.0, 2.0);
    forward |x| x.gt(threshold).select(x, value);
    reference |x| if x > threshold { x } else { value };
    gradient (|x, y, dy| x.within(dy, above(threshold), INFINITY, [1.0, 0.0]));

    /// (x + sqrt(x^2 + b)) / 2
    SQUAREPLUS = "squareplus" in Core [b = 4.0] on (-4.0, 4.0);
    forward |x| x.mul(x).add(b).sqrt().add(x).mul(F32x4::splat(0.5));
    reference |x| (x + (x * x + b).sqrt()) / 2.0;
    gradient (|x, y, dy| dy * (x / (x.to(&SQUARE) + b).to(&SQRT)).affine(0.5, 0.5));

    /// 0 where x <= -1, x where x >= 1, (x + 1)^2 / 4 between.
    SPARSE_PLUS = "sparsePlus" in Core [] on (-3.0, 3.0);
    forward |x| {
        let one = F32x4::splat(1.0);
        let root = x.pmax(one.neg()).add(one);
        x.ge(one).select(x, root.mul(root).mul(F32x4::splat(0.25)))
    };
    reference |x| if x >= 1.0 { x } else { (x.max(-1.0) + 1.0).powi(2) / 4.0 };
    gradient (|x, y, dy| dy * x.to(&SPARSE_SIGMOID));

    /// 0 where x <= -1, 1 where x >= 1, (x + 1) / 2 between.
    SPARSE_SIGMOID = "sparseSigmoid" in Core [] on (-3.0, 3.0);
    forward |x| {
        let (one, half) = (F32x4::splat(1.0), F32x4::splat(0.5));
        x.pmax(one.neg()).pmin(one).madd(half, half)
    };
    reference |x| (x.clamp(-1.0, 1.0) + 1.0) / 2.0;
    gradient (|x, y, dy| {
        // At -1 and 1 half of the slope, as through a clip.
        let closed = x.within(dy, -1.0, 1.0, [0.25, 0.0]);
        closed + x.within(dy, above(-1.0), below(1.0), [0.25, 0.0])
    });
}

#[inline(always)]
fn hard_sigmoid(x: F32x4) -> F32x4 {
    let six = F32x4::splat(6.0);
    x.add(F32x4::splat(3.0)).pmax(F32x4::splat(0.0)).pmin(six).div(six)
}

/// x > 0
fn positive(x: Term<'_>) -> Term<'_> {
    x.with(&GREATER, x.scalar(0.0))
}
