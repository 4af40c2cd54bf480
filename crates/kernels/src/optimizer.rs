//! Optimizer updates: one pass over contiguous parameters and their state.
//!
//! Formulas and roundings are Keras 3's (`keras/src/optimizers/*.py`): each operation is rounded by itself, so the strict
//! and the relaxed build agree. Weight decay comes before the step and is decoupled: `w -= w * decay`, where
//! `decay` is weight decay times learning rate, or 0.

use crate::lane::{F32x4, LANES};
use crate::map::{load_part, store_part};
use crate::{math, reduce};

mod further;
pub use further::*;

/// A gradient g (n) that is clipped where it is read: `g * scale`, brought into [-limit, limit].
#[derive(Clone, Copy, Debug)]
pub struct Gradient {
    pub ptr: *const f32,
    pub scale: f32,
    pub limit: f32,
}

/// Gradient descent. Velocity, if there is one: `m = momentum * m - lr * g`.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    pub learning_rate: f32,
    pub momentum: f32,
    pub nesterov: bool,
    pub decay: f32,
}

/// Adam: `m += (g - m) * rate1`, `v += (g^2 - v) * rate2`, step `m * alpha / (sqrt(v) + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// [`Adam::alpha`] of this step.
    pub alpha: f32,
    /// `1 - beta1`, subtracted in f64 and then rounded, as Keras does: for 0.999 it differs from `1 - beta2` in f32 by 1e-5.
    pub rate1: f32,
    /// `1 - beta2`, likewise.
    pub rate2: f32,
    pub epsilon: f32,
    pub decay: f32,
}

impl Adam {
    /// `learning_rate * sqrt(1 - beta2^step) / (1 - beta1^step)` in f32; the first step is 1.
    pub fn alpha(learning_rate: f32, step: i32, beta1: f32, beta2: f32) -> f32 {
        let step = step as f32;
        let power = math::pow(F32x4::new([beta1, beta2, 1.0, 1.0]), F32x4::splat(step)).to_array();
        learning_rate * (1.0 - power[1]).sqrt() / (1.0 - power[0])
    }
}

/// RMSprop: `v = rho * v + rate * g^2`, step `lr * g / sqrt(v + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp {
    pub learning_rate: f32,
    pub rho: f32,
    /// `1 - rho`, subtracted in f64 and then rounded, as Keras does.
    pub rate: f32,
    pub momentum: f32,
    pub epsilon: f32,
    pub decay: f32,
}

/// Adagrad: `v += g^2`, step `lr * g / sqrt(v + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub struct Adagrad {
    pub learning_rate: f32,
    pub epsilon: f32,
    pub decay: f32,
}

/// w (n) by gradient g (n); velocity m (n), or null without momentum.
///
/// # Safety
/// `g` is readable, `w` and `m` (unless null) are readable and writable for `n` words; all are apart.
pub unsafe fn sgd(n: usize, w: *mut f32, m: *mut f32, g: Gradient, sgd: &Sgd) {
    let rate = F32x4::splat(sgd.learning_rate);
    let momentum = F32x4::splat(sgd.momentum);
    let decay = F32x4::splat(sgd.decay);
    // SAFETY: the caller's contract.
    unsafe {
        if m.is_null() {
            update(n, [w], g, |[w], g| [decayed(w, decay).sub(rate.mul(g))]);
        } else if sgd.nesterov {
            update(n, [w, m], g, |[w, m], g| {
                let w = decayed(w, decay);
                let m = m.mul(momentum).sub(g.mul(rate));
                [w.add(m.mul(momentum).sub(g.mul(rate))), m]
            });
        } else {
            update(n, [w, m], g, |[w, m], g| {
                let m = m.mul(momentum).sub(g.mul(rate));
                [decayed(w, decay).add(m), m]
            });
        }
    }
}

/// w (n) by gradient g (n); moments m (n) and v (n); largest second moments v_max (n) for AMSGrad, or null.
///
/// # Safety
/// `g` is readable, the others (`v_max` unless null) are readable and writable for `n` words; all are apart.
pub unsafe fn adam(
    n: usize,
    w: *mut f32,
    m: *mut f32,
    v: *mut f32,
    v_max: *mut f32,
    g: Gradient,
    adam: &Adam,
) {
    let alpha = F32x4::splat(adam.alpha);
    let (rate1, rate2) = (F32x4::splat(adam.rate1), F32x4::splat(adam.rate2));
    let epsilon = F32x4::splat(adam.epsilon);
    let decay = F32x4::splat(adam.decay);
    let moments =
        |m: F32x4, v: F32x4, g: F32x4| (m.add(g.sub(m).mul(rate1)), v.add(g.mul(g).sub(v).mul(rate2)));
    let step = |w, m: F32x4, v: F32x4| decayed(w, decay).sub(m.mul(alpha).div(v.sqrt().add(epsilon)));
    // SAFETY: the caller's contract.
    unsafe {
        if v_max.is_null() {
            update(n, [w, m, v], g, |[w, m, v], g| {
                let (m, v) = moments(m, v, g);
                [step(w, m, v), m, v]
            });
        } else {
            update(n, [w, m, v, v_max], g, |[w, m, v, v_max], g| {
                let (m, v) = moments(m, v, g);
                let v_max = v_max.max(v);
                [step(w, m, v_max), m, v, v_max]
            });
        }
    }
}

/// w (n) by gradient g (n); mean square v (n); mean gradient mean (n) if centered, or null; velocity m (n), or null
/// without momentum.
///
/// # Safety
/// `g` is readable, the others (unless null) are readable and writable for `n` words; all are apart.
pub unsafe fn rmsprop(
    n: usize,
    w: *mut f32,
    v: *mut f32,
    mean: *mut f32,
    m: *mut f32,
    g: Gradient,
    rmsprop: &RmsProp,
) {
    let learning_rate = F32x4::splat(rmsprop.learning_rate);
    let (rho, rate) = (F32x4::splat(rmsprop.rho), F32x4::splat(rmsprop.rate));
    let momentum = F32x4::splat(rmsprop.momentum);
    let epsilon = F32x4::splat(rmsprop.epsilon);
    let decay = F32x4::splat(rmsprop.decay);
    let square = |v: F32x4, g: F32x4| rho.mul(v).add(rate.mul(g.mul(g)));
    let average = |mean: F32x4, g: F32x4| rho.mul(mean).add(rate.mul(g));
    let step = |variance: F32x4, g: F32x4| learning_rate.mul(g).div(variance.add(epsilon).sqrt());
    // SAFETY: the caller's contract.
    unsafe {
        match (mean.is_null(), m.is_null()) {
            (true, true) => update(n, [w, v], g, |[w, v], g| {
                let v = square(v, g);
                [decayed(w, decay).sub(step(v, g)), v]
            }),
            (true, false) => update(n, [w, v, m], g, |[w, v, m], g| {
                let v = square(v, g);
                let m = momentum.mul(m).add(step(v, g));
                [decayed(w, decay).sub(m), v, m]
            }),
            (false, true) => update(n, [w, v, mean], g, |[w, v, mean], g| {
                let (v, mean) = (square(v, g), average(mean, g));
                [decayed(w, decay).sub(step(v.sub(mean.mul(mean)), g)), v, mean]
            }),
            (false, false) => update(n, [w, v, mean, m], g, |[w, v, mean, m], g| {
                let (v, mean) = (square(v, g), average(mean, g));
                let m = momentum.mul(m).add(step(v.sub(mean.mul(mean)), g));
                [decayed(w, decay).sub(m), v, mean, m]
            }),
        }
    }
}

/// w (n) by gradient g (n); sum of squares v (n).
///
/// # Safety
/// `g` is readable, `w` and `v` are readable and writable for `n` words; all are apart.
pub unsafe fn adagrad(n: usize, w: *mut f32, v: *mut f32, g: Gradient, adagrad: &Adagrad) {
    let rate = F32x4::splat(adagrad.learning_rate);
    let epsilon = F32x4::splat(adagrad.epsilon);
    let decay = F32x4::splat(adagrad.decay);
    // SAFETY: the caller's contract.
    unsafe {
        update(n, [w, v], g, |[w, v], g| {
            let v = v.add(g.mul(g));
            [decayed(w, decay).sub(rate.mul(g).div(v.add(epsilon).sqrt())), v]
        });
    }
}

/// The sum of squares of x (n).
///
/// # Safety
/// `x` is readable for `n` words.
pub unsafe fn square_sum(n: usize, x: *const f32) -> f32 {
    // SAFETY: the caller's contract.
    unsafe { reduce::row(n, x, 0.0, 0.0, |x| x.mul(x), F32x4::add) }
}

#[inline(always)]
fn decayed(w: F32x4, decay: F32x4) -> F32x4 {
    w.sub(w.mul(decay))
}

/// state (K, n) = f(state, g (n)), element by element.
///
/// # Safety
/// `g` is readable, each of `state` readable and writable for `n` words; all are apart.
#[inline(always)]
unsafe fn update<const K: usize>(
    n: usize,
    state: [*mut f32; K],
    g: Gradient,
    f: impl Fn([F32x4; K], F32x4) -> [F32x4; K],
) {
    let whole = n - n % LANES;
    let (scale, limit) = (F32x4::splat(g.scale), F32x4::splat(g.limit));
    let clipped = |x: F32x4| x.mul(scale).pmin(limit).pmax(limit.neg());
    // SAFETY: the caller's contract.
    unsafe {
        for i in (0..whole).step_by(LANES) {
            let new = f(state.map(|p| F32x4::load(p.add(i))), clipped(F32x4::load(g.ptr.add(i))));
            (0..K).for_each(|k| new[k].store(state[k].add(i)));
        }
        let rest = n - whole;
        if rest > 0 {
            let load = |p: *const f32| load_part(rest, p.add(whole), 0.0);
            let new = f(state.map(|p| load(p)), clipped(load(g.ptr)));
            (0..K).for_each(|k| store_part(rest, new[k], state[k].add(whole)));
        }
    }
}

#[cfg(test)]
mod tests;
