//! Optimizer updates: the next versions of weights and their slots, in their memory and in one pass.
//!
//! Formulas: keras/src/optimizers/*.py. Operands: for each weight what is written, the weight `w` first; for each weight
//! its gradient `dw`; the learning rate, a float32 scalar; for Adam and its like the number of steps made before, an int32
//! scalar; for Nadam the product of its momentums, a float32 scalar.
//!
//! Weight decay is decoupled and comes before the step, as in every Keras optimizer: w -= w * weightDecay * lr. Gradients
//! are clipped where they are read; a norm that clips them is found in a phase before.

use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Attrs, Grad, Job, Memory, Op, Work};
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::{DType, Shape, Type};
use std::ops::Range;
use std::ptr::null_mut;
use wasmgrad_kernels::optimizer::{
    self, Adadelta, Adagrad, Adam, Adamax, Ftrl, Gradient, Lion, Nadam, RmsProp, Sgd,
};

/// A row: name, what is written, whether steps are counted (`t` is 1 on the first) and one more
/// scalar is read, options besides the common ones
/// (with a value for the tests), flops an element, the kernel's options, the kernel for n elements, and its formulas over
/// f64, where `dw` is clipped and `w` decayed already.
macro_rules! updates {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident
            ($w:ident $(, $slot:ident)*; $(count $t:ident $(scalar $scalar:ident)?)?)
            [$($attr:ident: $kind:ident = $sample:literal),*] flops $flops:literal;
        options |$lr:ident, $decay:ident| $options:expr;
        kernel |$n:ident, $dw:ident, $with:ident| $kernel:expr;
        reference |$dw_r:ident, $lr_r:ident| $reference:expr;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                const WRITTEN: &[&str] = &[stringify!($w) $(, stringify!($slot))*];
                const S: usize = WRITTEN.len();
                /// The learning rate is one of them.
                const SCALARS: usize = 1 $(+ { stringify!($t); 1 } $(+ { stringify!($scalar); 1 })?)?;
                Op {
                    name: $name,
                    doc: Op::doc(concat!($($doc),+)),
                    arity: Arity::AtLeast(S + 1 + SCALARS),
                    attrs: &[
                        $(Attr::$kind(stringify!($attr)),)*
                        Attr::float("weightDecay"),
                        Attr::float("clipNorm"),
                        Attr::bool("clipGlobally"),
                        Attr::float("clipValue"),
                    ],
                    infer: |ins, _| infer(WRITTEN, SCALARS, ins),
                    work: |ins, _, attrs| {
                        let elements: usize = ins[..ins.len() / (S + 1) * S].iter().step_by(S).map(Type::size).sum();
                        work(ins.len() / (S + 1), elements, attrs, $flops)
                    },
                    run: |job| {
                        let weights = Weights::of(job, S);
                        if weights.clipping.norm > 0.0 && job.phase == 0 {
                            return weights.square_sums();
                        }
                        let scalars = &job.ins[weights.count * (S + 1)..];
                        // SAFETY: a scalar has one word.
                        let $lr = unsafe { *scalars[0].f32() };
                        // SAFETY: as above.
                        $(let $t = unsafe { *scalars[1].i32() } + 1;)?
                        // SAFETY: as above.
                        $($(let $scalar = unsafe { *scalars[2].f32() };)?)?
                        let mut options = job.attrs.read();
                        $(let $attr = options.$kind();)*
                        let $decay = options.float() * $lr;
                        let $with = $options;
                        weights.for_parts(&|$n, &[$w $(, $slot)*, ..], $dw| {
                            // SAFETY: the part lies inside of the views, and what is written is apart.
                            unsafe { $kernel }
                        });
                    },
                    // What was written counts as a constant, in recorded code and in programs.
                    grad: Grad::Stop,
                    memory: Memory::Writes { fresh: 0 },
                    family: crate::op::Family::$family,
                    elementwise: None,
                    #[cfg(test)]
                    reference: |ins, attrs| {
                        let mut options = attrs.read();
                        $(let $attr = updates!(@read $kind options);)*
                        let count = (ins.len() - SCALARS) / (S + 1);
                        let $lr_r = ins[count * (S + 1)].data[0];
                        $(let $t = ins[count * (S + 1) + 1].data[0] + 1.0;)?
                        $($(let $scalar = ins[count * (S + 1) + 2].data[0];)?)?
                        let decay = options.float() as f64;
                        let clipping = Clipping::of(attrs);
                        let dws = clipping.clipped(&ins[count * S..][..count]);
                        let mut outs = ins[..count * S].to_vec();
                        for (k, dw) in dws.iter().enumerate() {
                            for i in 0..dw.data.len() {
                                let [$w $(, $slot)*] = std::array::from_fn(|s| ins[k * S + s].data[i]);
                                let ($dw_r, $w) = (dw.data[i], $w - $w * decay * $lr_r);
                                let new: [f64; S] = $reference;
                                (0..S).for_each(|s| outs[k * S + s].data[i] = new[s]);
                            }
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
                                        $(updates!(@steps $t), $(updates!(@scalar $scalar))?)?
                                    ],
                                    attrs: || ATTRS().float(0.0).bool(false).float(0.0),
                                }
                            };
                            ($one:expr, $two:expr, $clip:expr) => {
                                Case {
                                    ins: &[
                                        Arg::f32($one),
                                        $(updates!(@slot $slot $one),)*
                                        Arg::f32($two),
                                        $(updates!(@slot $slot $two),)*
                                        Arg::f32($one),
                                        Arg::f32($two),
                                        Arg::f32_in(&[], 0.05, 0.1),
                                        $(updates!(@steps $t), $(updates!(@scalar $scalar))?)?
                                    ],
                                    attrs: || $clip(ATTRS()),
                                }
                            };
                        }
                        &[
                            case!(&[3, 5], &[7], |attrs: Attrs| attrs.float(3.0).bool(true).float(0.0)),
                            // The first is clipped, the second is not.
                            case!(&[31], &[2], |attrs: Attrs| attrs.float(3.0).bool(false).float(0.0)),
                            case!(&[2], &[3, 1], |attrs: Attrs| attrs.float(0.0).bool(false).float(0.75)),
                            case!(&[0], &[], |attrs: Attrs| attrs.float(0.5).bool(true).float(0.0)),
                            case!(&[3, 5]),
                            case!(&[0]),
                            case!(&[2, 8195]),
                        ]
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
    (@scalar $scalar:ident) => { Arg::f32_in(&[], 0.1, 0.4) };
    (@steps $t:ident) => { Arg::i32_in(&[], 0, 9) };
}

updates! {
    /// w -= lr * dw
    SGD = "sgd" in Core (w;) [] flops 4;
    options |lr, decay| Sgd { learning_rate: lr, momentum: 0.0, nesterov: false, decay };
    kernel |n, dw, with| optimizer::sgd(n, w, null_mut(), dw, &with);
    reference |dw, lr| [w - lr * dw];

    /// m = momentum * m - lr * dw; w += m, or with nesterov w += momentum * m - lr * dw
    SGD_MOMENTUM = "sgdMomentum" in Core (w, m;) [momentum: float = 0.9, nesterov: bool = true] flops 6;
    options |lr, decay| Sgd { learning_rate: lr, momentum, nesterov, decay };
    kernel |n, dw, with| optimizer::sgd(n, w, m, dw, &with);
    reference |dw, lr| {
        let m = momentum * m - lr * dw;
        [w + if nesterov { momentum * m - lr * dw } else { m }, m]
    };

    /// m += (dw - m) * (1 - beta1); v += (dw^2 - v) * (1 - beta2);
    /// w -= m * lr * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + epsilon)
    ADAM = "adam" in Core (w, m, v; count t) [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3] flops 14;
    options |lr, decay| adam(lr, t, [beta1, beta2], epsilon, decay);
    kernel |n, dw, with| optimizer::adam(n, w, m, v, null_mut(), dw, &with);
    reference |dw, lr| {
        let (m, v) = (m + (dw - m) * (1.0 - beta1), v + (dw * dw - v) * (1.0 - beta2));
        let alpha = lr * (1.0 - beta2.powf(t)).sqrt() / (1.0 - beta1.powf(t));
        [w - m * alpha / (v.sqrt() + epsilon), m, v]
    };

    /// As adam, with the largest v so far, vMax, in place of v in the step
    ADAM_AMSGRAD = "adamAmsgrad" in Core (w, m, v, v_max; count t)
        [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3] flops 15;
    options |lr, decay| adam(lr, t, [beta1, beta2], epsilon, decay);
    kernel |n, dw, with| optimizer::adam(n, w, m, v, v_max, dw, &with);
    reference |dw, lr| {
        let (m, v) = (m + (dw - m) * (1.0 - beta1), v + (dw * dw - v) * (1.0 - beta2));
        let alpha = lr * (1.0 - beta2.powf(t)).sqrt() / (1.0 - beta1.powf(t));
        let v_max = v_max.max(v);
        [w - m * alpha / (v_max.sqrt() + epsilon), m, v, v_max]
    };

    /// v = rho * v + (1 - rho) * dw^2; w -= lr * dw / sqrt(v + epsilon)
    RMSPROP = "rmsprop" in Core (w, v;) [rho: float = 0.9, epsilon: float = 1e-3] flops 10;
    options |lr, decay| RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum: 0.0, epsilon, decay };
    kernel |n, dw, with| optimizer::rmsprop(n, w, v, null_mut(), null_mut(), dw, &with);
    reference |dw, lr| {
        let v = rho * v + (1.0 - rho) * dw * dw;
        [w - lr * dw / (v + epsilon).sqrt(), v]
    };

    /// v as in rmsprop; m = momentum * m + lr * dw / sqrt(v + epsilon); w -= m
    RMSPROP_MOMENTUM = "rmspropMomentum" in Core (w, v, m;)
        [rho: float = 0.9, epsilon: float = 1e-3, momentum: float = 0.8] flops 12;
    options |lr, decay| RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum, epsilon, decay };
    kernel |n, dw, with| optimizer::rmsprop(n, w, v, null_mut(), m, dw, &with);
    reference |dw, lr| {
        let v = rho * v + (1.0 - rho) * dw * dw;
        let m = momentum * m + lr * dw / (v + epsilon).sqrt();
        [w - m, v, m]
    };

    /// v as in rmsprop; mean = rho * mean + (1 - rho) * dw; w -= lr * dw / sqrt(v - mean^2 + epsilon)
    RMSPROP_CENTERED = "rmspropCentered" in Core (w, v, mean;) [rho: float = 0.9, epsilon: float = 1e-3] flops 15;
    options |lr, decay| RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum: 0.0, epsilon, decay };
    kernel |n, dw, with| optimizer::rmsprop(n, w, v, mean, null_mut(), dw, &with);
    reference |dw, lr| {
        let (v, mean) = (rho * v + (1.0 - rho) * dw * dw, rho * mean + (1.0 - rho) * dw);
        [w - lr * dw / (v - mean * mean + epsilon).sqrt(), v, mean]
    };

    /// v and mean as in rmspropCentered; m = momentum * m + lr * dw / sqrt(v - mean^2 + epsilon); w -= m
    RMSPROP_CENTERED_MOMENTUM = "rmspropCenteredMomentum" in Core (w, v, m, mean;)
        [rho: float = 0.9, epsilon: float = 1e-3, momentum: float = 0.8] flops 17;
    options |lr, decay| RmsProp { learning_rate: lr, rho, rate: one_minus(rho), momentum, epsilon, decay };
    kernel |n, dw, with| optimizer::rmsprop(n, w, v, mean, m, dw, &with);
    reference |dw, lr| {
        let (v, mean) = (rho * v + (1.0 - rho) * dw * dw, rho * mean + (1.0 - rho) * dw);
        let m = momentum * m + lr * dw / (v - mean * mean + epsilon).sqrt();
        [w - m, v, m, mean]
    };

    /// v += dw^2; w -= lr * dw / sqrt(v + epsilon)
    ADAGRAD = "adagrad" in Core (w, v;) [epsilon: float = 1e-3] flops 9;
    options |lr, decay| Adagrad { learning_rate: lr, epsilon, decay };
    kernel |n, dw, with| optimizer::adagrad(n, w, v, dw, &with);
    reference |dw, lr| {
        let v = v + dw * dw;
        [w - lr * dw / (v + epsilon).sqrt(), v]
    };

    /// a = rho * a + (1 - rho) * dw^2; s = sqrt((d + epsilon) / (a + epsilon)) * dw; d = rho * d + (1 - rho) * s^2; w -= lr * s
    ADADELTA = "adadelta" in Extra (w, a, d;) [rho: float = 0.9, epsilon: float = 1e-3] flops 16;
    options |lr, decay| Adadelta { learning_rate: lr, rho, rate: one_minus(rho), epsilon, decay };
    kernel |n, dw, with| optimizer::adadelta(n, w, a, d, dw, &with);
    reference |dw, lr| {
        let a = rho * a + (1.0 - rho) * dw * dw;
        let step = ((d + epsilon) / (a + epsilon)).sqrt() * dw;
        [w - lr * step, a, rho * d + (1.0 - rho) * step * step]
    };

    /// m += (dw - m) * (1 - beta1); u = max(beta2 * u, |dw|); w -= lr * m / ((1 - beta1^t) * (u + epsilon))
    ADAMAX = "adamax" in Extra (w, m, u; count t) [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3]
        flops 12;
    options |lr, decay| {
        let correction = Adamax::correction(beta1, t);
        Adamax { learning_rate: lr, rate1: one_minus(beta1), beta2, correction, epsilon, decay }
    };
    kernel |n, dw, with| optimizer::adamax(n, w, m, u, dw, &with);
    reference |dw, lr| {
        let (m, u) = (m + (dw - m) * (1.0 - beta1), (beta2 * u).max(dw.abs()));
        [w - lr * m / ((1.0 - beta1.powf(t)) * (u + epsilon)), m, u]
    };

    /// m and v as in adam; with u(t) = beta1 * (1 - 0.96^t / 2) and p, the product of u(1) to u(t),
    /// w -= lr * (u(t + 1) * m / (1 - p * u(t + 1)) + (1 - u(t)) * dw / (1 - p)) / (sqrt(v / (1 - beta2^t)) + epsilon)
    NADAM = "nadam" in Extra (w, m, v; count t scalar p)
        [beta1: float = 0.9, beta2: float = 0.99, epsilon: float = 1e-3] flops 17;
    options |lr, decay| Nadam::of_step(lr, t, p, [beta1, beta2], epsilon, decay);
    kernel |n, dw, with| optimizer::nadam(n, w, m, v, dw, &with);
    reference |dw, lr| {
        let (m, v) = (m + (dw - m) * (1.0 - beta1), v + (dw * dw - v) * (1.0 - beta2));
        let u = |t: f64| beta1 * (1.0 - 0.5 * 0.96f64.powf(t));
        let ahead = u(t + 1.0) * m / (1.0 - p * u(t + 1.0)) + (1.0 - u(t)) * dw / (1.0 - p);
        [w - lr * ahead / ((v / (1.0 - beta2.powf(t))).sqrt() + epsilon), m, v]
    };

    /// z += dw + 2 * shrinkage * w - ((a + dw^2)^-power - a^-power) / lr * w; a += dw^2;
    /// w = (clip(z, -l1, l1) - z) / (a^-power / lr + 2 * l2 + beta / lr)
    FTRL = "ftrl" in Extra (w, a, z;)
        [power: float = -0.5, l1: float = 0.2, l2: float = 0.1, shrinkage: float = 0.3, beta: float = 0.4] flops 25;
    options |lr, decay| Ftrl { learning_rate: lr, power, l1, l2: l2 + beta / (2.0 * lr), shrinkage, decay };
    kernel |n, dw, with| optimizer::ftrl(n, w, a, z, dw, &with);
    reference |dw, lr| {
        let (old, a) = (a.powf(-power), a + dw * dw);
        let z = z + dw + 2.0 * shrinkage * w - (a.powf(-power) - old) / lr * w;
        [(z.clamp(-l1, l1) - z) / (a.powf(-power) / lr + 2.0 * l2 + beta / lr), a, z]
    };

    /// w -= lr * sign(beta1 * m + (1 - beta1) * dw); m = beta2 * m + (1 - beta2) * dw
    LION = "lion" in Extra (w, m;) [beta1: float = 0.9, beta2: float = 0.99] flops 10;
    options |lr, decay| Lion { learning_rate: lr, beta1, beta2, decay };
    kernel |n, dw, with| optimizer::lion(n, w, m, dw, &with);
    reference |dw, lr| {
        let ahead = beta1 * m + (1.0 - beta1) * dw;
        let step = if ahead == 0.0 { 0.0 } else { ahead.signum() };
        [w - lr * step, beta2 * m + (1.0 - beta2) * dw]
    };
}

/// 1 - beta as Keras has it: Python subtracts in f64 and rounds then. The f64 is found again from its f32 if it has
/// up to seven decimals.
fn one_minus(beta: f32) -> f32 {
    let decimal = (beta as f64 * 1e7).round() / 1e7;
    (1.0 - if decimal as f32 == beta { decimal } else { beta as f64 }) as f32
}

fn adam(lr: f32, step: i32, [beta1, beta2]: [f32; 2], epsilon: f32, decay: f32) -> Adam {
    let alpha = Adam::alpha(lr, step, beta1, beta2);
    Adam { alpha, rate1: one_minus(beta1), rate2: one_minus(beta2), epsilon, decay }
}

/// How gradients are clipped, by the last options of every update: by a norm, then to a range.
struct Clipping {
    /// The largest norm, of each gradient alone or of all together; 0 for any.
    norm: f32,
    globally: bool,
    /// The largest element, or 0 for any.
    value: f32,
}

impl Clipping {
    fn of(attrs: &Attrs) -> Self {
        let &[.., norm, globally, value] = attrs.words() else { unreachable!("options of an update") };
        Self { norm: f32::from_bits(norm), globally: globally != 0, value: f32::from_bits(value) }
    }

    /// What a gradient is multiplied by; not a number for an infinite norm of all.
    fn scale(&self, norm: f32) -> f32 {
        let scale = if norm <= self.norm { 1.0 } else { self.norm / norm };
        scale + if self.globally { norm * 0.0 } else { 0.0 }
    }

    #[cfg(test)]
    fn clipped(&self, dws: &[Array]) -> Vec<Array> {
        let norm = |dws: &[Array]| dws.iter().flat_map(|dw| &dw.data).map(|x| x * x).sum::<f64>().sqrt();
        let (most, limit) = (self.norm as f64, self.value as f64);
        let clipped = |dw: &Array| {
            let norm = norm(if self.globally { dws } else { std::slice::from_ref(dw) });
            let scale = if most > 0.0 { most / norm.max(most) } else { 1.0 };
            dw.map(|x| if limit > 0.0 { (x * scale).clamp(-limit, limit) } else { x * scale })
        };
        dws.iter().map(clipped).collect()
    }
}

/// An element divides, which is as much work as copying eight words, about.
fn share(elements: usize) -> Share {
    Share::new(elements, 1, 8)
}

fn work(count: usize, elements: usize, attrs: &Attrs, flops: usize) -> Work {
    let chunks = share(elements).chunks();
    let work = Work::chunks(chunks);
    match Clipping::of(attrs).norm > 0.0 {
        true => work.then(chunks).with_shared(chunks * count).with_flops((flops + 2) * elements),
        false => work.with_flops(flops * elements),
    }
}

/// The weights of an update, `count` with `written` operands each. Their elements, one weight behind the other, are
/// divided into chunks.
struct Weights<'a> {
    job: &'a Job<'a>,
    clipping: Clipping,
    written: usize,
    count: usize,
}

/// At most so many operands of a weight are written.
const MOST: usize = 4;

impl<'a> Weights<'a> {
    fn of(job: &'a Job, written: usize) -> Self {
        // There are fewer scalars than operands of a weight, so they never make a weight of their own.
        Self { job, clipping: Clipping::of(job.attrs), written, count: job.ins.len() / (written + 1) }
    }

    fn size(&self, k: usize) -> usize {
        self.job.ins[k * self.written].size()
    }

    /// What this chunk has of each weight: its number and a range of its elements.
    fn parts(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let range = share((0..self.count).map(|k| self.size(k)).sum()).range(self.job.chunk);
        let mut end = 0;
        (0..self.count).filter_map(move |k| {
            let start = end;
            end += self.size(k);
            let part = range.start.max(start)..range.end.min(end);
            (!part.is_empty()).then(|| (k, part.start - start..part.end - start))
        })
    }

    /// The sums of squares of each gradient's part in this chunk, which go to `shared`.
    fn square_sums(&self) {
        let sums = self.job.shared.wrapping_add(self.job.chunk * self.count);
        // SAFETY: `shared` has a row of `count` words for each chunk; the parts lie inside of the views.
        unsafe {
            sums.write_bytes(0, self.count);
            for (k, part) in self.parts() {
                let dw = self.job.ins[self.count * self.written + k].f32().add(part.start);
                *sums.add(k) = optimizer::square_sum(part.len(), dw);
            }
        }
    }

    /// What the gradients of these weights are multiplied by for their norm, from what `square_sums` found.
    fn scale(&self, weights: Range<usize>) -> f32 {
        let rows = (0..self.job.chunks).map(|chunk| chunk * self.count);
        let sums = rows.flat_map(|row| weights.clone().map(move |k| row + k));
        // SAFETY: `shared` has a row of `count` words for each chunk.
        let total: f64 = sums.map(|at| unsafe { *self.job.shared.add(at) } as f64).sum();
        self.clipping.scale((total as f32).sqrt())
    }

    /// Calls `f` with the number of elements, what is written and the gradient of each part of this chunk.
    fn for_parts(&self, f: &dyn Fn(usize, &[*mut f32; MOST], Gradient)) {
        let Clipping { norm, globally, value } = self.clipping;
        let limit = if value > 0.0 { value } else { f32::INFINITY };
        let mut scale = if norm > 0.0 && globally { self.scale(0..self.count) } else { 1.0 };
        for (k, part) in self.parts() {
            if norm > 0.0 && !globally {
                scale = self.scale(k..k + 1);
            }
            let at = |i: usize| self.job.ins[i].f32().wrapping_add(part.start);
            let mut written = [null_mut(); MOST];
            (0..self.written).for_each(|s| written[s] = at(k * self.written + s));
            f(part.len(), &written, Gradient { ptr: at(self.count * self.written + k), scale, limit });
        }
    }
}

fn infer(written: &[&str], scalars: usize, ins: &[Type]) -> Result<Vec<Type>> {
    let each = written.len() + 1;
    let count = (ins.len() - scalars) / each;
    if ins.len() != count * each + scalars {
        return Err(Error::invalid(format!("expected {each} operands for each weight, got {}", ins.len())));
    }
    let (written_ins, rest) = ins.split_at(count * written.len());
    let (dws, scalar_ins) = rest.split_at(count);
    for (of_one, dw) in written_ins.chunks_exact(written.len()).zip(dws) {
        let w = of_one[0];
        if w.dtype != DType::F32 {
            return Err(Error::invalid(format!("expected a float32 weight, got {w}")));
        }
        let like_w = written.iter().zip(of_one).chain([(&"dw", dw)]);
        like_w.into_iter().try_for_each(|(name, given)| check(name, w, *given))?;
    }
    let scalar = |dtype| Type::new(dtype, Shape::SCALAR);
    let expected =
        [("lr", scalar(DType::F32)), ("iterations", scalar(DType::I32)), ("product", scalar(DType::F32))];
    (expected.into_iter().zip(scalar_ins)).try_for_each(|((name, ty), given)| check(name, ty, *given))?;
    Ok(written_ins.to_vec())
}

fn check(name: &str, expected: Type, given: Type) -> Result<()> {
    match given == expected {
        true => Ok(()),
        false => Err(Error::invalid(format!("expected {name} of {expected}, got {given}"))),
    }
}
