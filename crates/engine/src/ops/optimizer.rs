//! Optimizer updates: the next versions of a weight and its slots, in their memory and in one pass.
//!
//! Formulas: keras/src/optimizers/*.py. Operands: what is written, the weight `w` first; its gradient `dw`; the
//! learning rate, a float32 scalar; for Adam the number of steps made before, an int32 scalar. Weight decay is
//! decoupled and comes before the step, as in every Keras optimizer: w -= w * weightDecay * lr.

use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Grad, Job, Memory, Op, Work};
use crate::share::Share;
use crate::types::{DType, Shape, Type};
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Case},
};
use std::ptr::null_mut;
use wasmgrad_kernels::optimizer::{self, Adagrad, Adam, RmsProp, Sgd};

/// A row: name, what is written, whether steps are counted (`t` is 1 on the first), options besides `weightDecay`
/// (with a value for the tests), flops an element, the kernel for n elements, and its formulas over f64, where `w` is decayed already.
macro_rules! updates {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident ($w:ident $(, $slot:ident)*; $(count $t:ident)?)
            [$($attr:ident: $kind:ident = $sample:literal),*] flops $flops:literal;
        kernel |$n:ident, $dw:ident, $lr:ident, $decay:ident| $kernel:expr;
        reference |$dw_r:ident, $lr_r:ident| $reference:expr;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                const WRITTEN: &[&str] = &[stringify!($w) $(, stringify!($slot))*];
                const S: usize = WRITTEN.len();
                const COUNTED: bool = !stringify!($($t)?).is_empty();
                Op {
                    name: $name,
                    doc: Op::doc(concat!($($doc),+)),
                    arity: Arity::Exactly(S + 2 + COUNTED as usize),
                    attrs: &[$(Attr::$kind(stringify!($attr)),)* Attr::float("weightDecay")],
                    infer: |ins, _| infer(WRITTEN, ins),
                    work: |ins, _, _| {
                        let n = ins[0].size();
                        Work::chunks(share(n).chunks()).with_flops($flops * n)
                    },
                    run: |job| {
                        let Part { n: $n, written: [$w $(, $slot)*], dw: $dw, lr: $lr } = Part::<S>::of(job);
                        $(let $t = Part::<S>::steps_before(job) + 1;)?
                        let mut options = job.attrs.read();
                        $(let $attr = options.$kind();)*
                        let $decay = options.float() * $lr;
                        // SAFETY: the part lies inside of the views, and what is written is apart.
                        unsafe { $kernel }
                    },
                    // What was written counts as a constant, in recorded code and in programs.
                    grad: Grad::Stop,
                    memory: Memory::Writes([(0, 0), (1, 1), (2, 2), (3, 3)].split_at(S).0),
                    family: crate::op::Family::$family,
                    elementwise: None,
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let mut options = attrs.read();
                        $(let $attr = updates!(@read $kind options);)*
                        let ($lr_r, decay) = (ins[S + 1].data[0], options.float() as f64);
                        $(let $t = ins[S + 2].data[0] + 1.0;)?
                        let mut outs = ins[..S].to_vec();
                        for i in 0..ins[0].data.len() {
                            let ([$w $(, $slot)*], $dw_r) = (std::array::from_fn(|k| ins[k].data[i]), ins[S].data[i]);
                            let $w = $w - $w * decay * $lr_r;
                            let new: [f64; S] = $reference;
                            (0..S).for_each(|k| outs[k].data[i] = new[k]);
                        }
                        outs
                    },
                    #[cfg(test)]
                    cases: {
                        const ATTRS: fn() -> Attrs = || Attrs::none()$(.$kind($sample))*.float(0.5);
                        macro_rules! case {
                            ($shape:expr) => {
                                Case {
                                    ins: &[
                                        Arg::f32($shape),
                                        $(updates!(@slot $slot $shape),)*
                                        Arg::f32($shape),
                                        Arg::f32_in(&[], 0.05, 0.1),
                                        $(updates!(@steps $t))?
                                    ],
                                    attrs: ATTRS,
                                }
                            };
                        }
                        &[case!(&[3, 5]), case!(&[]), case!(&[0]), case!(&[2, 8195])]
                    },
                }
            };
        )*
        pub static OPS: &[&Op] = &[$(&$id),*];
    };
    (@read float $options:ident) => { $options.float() as f64 };
    (@read bool $options:ident) => { $options.bool() };
    // A mean square is above the square of the mean, and stays so.
    (@slot $slot:ident $shape:expr) => { Arg::f32_in($shape, 0.4, 0.5) };
    (@steps $t:ident) => { Arg::i32_in(&[], 0, 9) };
}

updates! {
    /// w -= lr * dw
    SGD = "sgd" in Core (w;) [] flops 4;
    kernel |n, dw, lr, decay|
        optimizer::sgd(n, w, null_mut(), dw, &Sgd { learning_rate: lr, momentum: 0.0, nesterov: false, decay });
    reference |dw, lr| [w - lr * dw];

    /// m = momentum * m - lr * dw; w += m, or with nesterov w += momentum * m - lr * dw
    SGD_MOMENTUM = "sgdMomentum" in Core (w, m;) [momentum: float = 0.9, nesterov: bool = true] flops 6;
    kernel |n, dw, lr, decay| optimizer::sgd(n, w, m, dw, &Sgd { learning_rate: lr, momentum, nesterov, decay });
    reference |dw, lr| {
        let m = momentum * m - lr * dw;
        [w + if nesterov { momentum * m - lr * dw } else { m }, m]
    };

    /// m += (dw - m) * (1 - beta1); v += (dw^2 - v) * (1 - beta2);
    /// w -= m * lr * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + epsilon)
    ADAM = "adam" in Core (w, m, v; count t) [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3] flops 14;
    kernel |n, dw, lr, decay| {
        let alpha = Adam::alpha(lr, t, beta1, beta2);
        let (rate1, rate2) = (one_minus(beta1), one_minus(beta2));
        optimizer::adam(n, w, m, v, null_mut(), dw, &Adam { alpha, rate1, rate2, epsilon, decay })
    };
    reference |dw, lr| {
        let (m, v) = (m + (dw - m) * (1.0 - beta1), v + (dw * dw - v) * (1.0 - beta2));
        let alpha = lr * (1.0 - beta2.powf(t)).sqrt() / (1.0 - beta1.powf(t));
        [w - m * alpha / (v.sqrt() + epsilon), m, v]
    };

    /// As adam, with the largest v so far, vMax, in place of v in the step
    ADAM_AMSGRAD = "adamAmsgrad" in Core (w, m, v, v_max; count t)
        [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3] flops 15;
    kernel |n, dw, lr, decay| {
        let alpha = Adam::alpha(lr, t, beta1, beta2);
        let (rate1, rate2) = (one_minus(beta1), one_minus(beta2));
        optimizer::adam(n, w, m, v, v_max, dw, &Adam { alpha, rate1, rate2, epsilon, decay })
    };
    reference |dw, lr| {
        let (m, v) = (m + (dw - m) * (1.0 - beta1), v + (dw * dw - v) * (1.0 - beta2));
        let alpha = lr * (1.0 - beta2.powf(t)).sqrt() / (1.0 - beta1.powf(t));
        let v_max = v_max.max(v);
        [w - m * alpha / (v_max.sqrt() + epsilon), m, v, v_max]
    };

    /// v = rho * v + (1 - rho) * dw^2; w -= lr * dw / sqrt(v + epsilon)
    RMSPROP = "rmsprop" in Core (w, v;) [rho: float = 0.9, epsilon: float = 1e-3] flops 10;
    kernel |n, dw, lr, decay| {
        let options = RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum: 0.0, epsilon, decay };
        optimizer::rmsprop(n, w, v, null_mut(), null_mut(), dw, &options)
    };
    reference |dw, lr| {
        let v = rho * v + (1.0 - rho) * dw * dw;
        [w - lr * dw / (v + epsilon).sqrt(), v]
    };

    /// v as in rmsprop; m = momentum * m + lr * dw / sqrt(v + epsilon); w -= m
    RMSPROP_MOMENTUM = "rmspropMomentum" in Core (w, v, m;)
        [rho: float = 0.9, epsilon: float = 1e-3, momentum: float = 0.8] flops 12;
    kernel |n, dw, lr, decay| {
        let options = RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum, epsilon, decay };
        optimizer::rmsprop(n, w, v, null_mut(), m, dw, &options)
    };
    reference |dw, lr| {
        let v = rho * v + (1.0 - rho) * dw * dw;
        let m = momentum * m + lr * dw / (v + epsilon).sqrt();
        [w - m, v, m]
    };

    /// v as in rmsprop; mean = rho * mean + (1 - rho) * dw; w -= lr * dw / sqrt(v - mean^2 + epsilon)
    RMSPROP_CENTERED = "rmspropCentered" in Core (w, v, mean;) [rho: float = 0.9, epsilon: float = 1e-3] flops 15;
    kernel |n, dw, lr, decay| {
        let options = RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum: 0.0, epsilon, decay };
        optimizer::rmsprop(n, w, v, mean, null_mut(), dw, &options)
    };
    reference |dw, lr| {
        let (v, mean) = (rho * v + (1.0 - rho) * dw * dw, rho * mean + (1.0 - rho) * dw);
        [w - lr * dw / (v - mean * mean + epsilon).sqrt(), v, mean]
    };

    /// v and mean as in rmspropCentered; m = momentum * m + lr * dw / sqrt(v - mean^2 + epsilon); w -= m
    RMSPROP_CENTERED_MOMENTUM = "rmspropCenteredMomentum" in Core (w, v, m, mean;)
        [rho: float = 0.9, epsilon: float = 1e-3, momentum: float = 0.8] flops 17;
    kernel |n, dw, lr, decay| {
        let options = RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum, epsilon, decay };
        optimizer::rmsprop(n, w, v, mean, m, dw, &options)
    };
    reference |dw, lr| {
        let (v, mean) = (rho * v + (1.0 - rho) * dw * dw, rho * mean + (1.0 - rho) * dw);
        let m = momentum * m + lr * dw / (v - mean * mean + epsilon).sqrt();
        [w - m, v, m, mean]
    };

    /// v += dw^2; w -= lr * dw / sqrt(v + epsilon)
    ADAGRAD = "adagrad" in Core (w, v;) [epsilon: float = 1e-3] flops 9;
    kernel |n, dw, lr, decay| optimizer::adagrad(n, w, v, dw, &Adagrad { learning_rate: lr, epsilon, decay });
    reference |dw, lr| {
        let v = v + dw * dw;
        [w - lr * dw / (v + epsilon).sqrt(), v]
    };
}

/// 1 - beta as Keras has it: Python subtracts in f64 and rounds then. The f64 is found again from its f32 if it has
/// up to seven decimals.
fn one_minus(beta: f32) -> f32 {
    let decimal = (beta as f64 * 1e7).round() / 1e7;
    (1.0 - if decimal as f32 == beta { decimal } else { beta as f64 }) as f32
}

/// The elements divide; each is as much work as copying eight words, about.
fn share(n: usize) -> Share {
    Share::new(n, 1, 8)
}

/// What a chunk treats of the `S` written operands and the gradient.
struct Part<const S: usize> {
    n: usize,
    written: [*mut f32; S],
    dw: *const f32,
    lr: f32,
}

impl<const S: usize> Part<S> {
    fn of(job: &Job) -> Self {
        let range = share(job.ins[0].size()).range(job.chunk);
        let at = |i: usize| job.ins[i].f32().wrapping_add(range.start);
        Self {
            n: range.len(),
            written: std::array::from_fn(at),
            dw: at(S),
            // SAFETY: a scalar has one word.
            lr: unsafe { *job.ins[S + 1].f32() },
        }
    }

    fn steps_before(job: &Job) -> i32 {
        // SAFETY: a scalar has one word.
        unsafe { *job.ins[S + 2].i32() }
    }
}

fn infer(written: &[&str], ins: &[Type]) -> Result<Vec<Type>> {
    let (w, scalar) = (ins[0], |dtype| Type::new(dtype, Shape::SCALAR));
    if w.dtype != DType::F32 {
        return Err(Error::invalid(format!("expected a float32 weight, got {w}")));
    }
    let like_w = written[1..].iter().chain(&["dw"]).map(|&name| (name, w));
    let scalars = [("lr", scalar(DType::F32)), ("iterations", scalar(DType::I32))];
    for ((name, expected), given) in like_w.chain(scalars).zip(&ins[1..]) {
        if *given != expected {
            return Err(Error::invalid(format!("expected {name} of {expected}, got {given}")));
        }
    }
    Ok(vec![w; written.len()])
}
