//! Updates that few programs use: Adadelta, Adamax, Nadam, Ftrl, Lion.

use super::{Gradient, decayed, update};
use crate::lane::F32x4;
use crate::math;

/// Adadelta: `a = rho * a + rate * g^2`, step `s = sqrt((d + epsilon) / (a + epsilon)) * g`, `d = rho * d + rate * s^2`.
#[derive(Clone, Copy, Debug)]
pub struct Adadelta {
    pub learning_rate: f32,
    pub rho: f32,
    /// `1 - rho`, subtracted in f64 and then rounded, as Keras does.
    pub rate: f32,
    pub epsilon: f32,
    pub decay: f32,
}

/// Adamax: `m += (g - m) * rate1`, `u = max(beta2 * u, |g|)`, step `lr * m / (correction * (u + epsilon))`.
#[derive(Clone, Copy, Debug)]
pub struct Adamax {
    pub learning_rate: f32,
    /// `1 - beta1`, subtracted in f64 and then rounded, as Keras does.
    pub rate1: f32,
    pub beta2: f32,
    /// `1 - beta1^step`
    pub correction: f32,
    pub epsilon: f32,
    pub decay: f32,
}

impl Adamax {
    /// `1 - beta^step` in f32; the first step is 1.
    pub fn correction(beta: f32, step: i32) -> f32 {
        1.0 - power(beta, step)
    }
}

/// Nadam: `m += (g - m) * rate1`, `v += (g^2 - v) * rate2`, step `(of_m * m + of_g * g) * lr / (sqrt(v * of_v) + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub struct Nadam {
    pub learning_rate: f32,
    pub rate1: f32,
    pub rate2: f32,
    pub of_m: f32,
    pub of_g: f32,
    pub of_v: f32,
    pub epsilon: f32,
    pub decay: f32,
}

impl Nadam {
    /// The options of a step, the first of which is 1. With `u(t) = beta1 * (1 - 0.96^t / 2)`, `product` is that of u(1) to
    /// u(step). Here Keras subtracts betas in f32.
    pub fn of_step(
        learning_rate: f32,
        step: i32,
        product: f32,
        betas: [f32; 2],
        epsilon: f32,
        decay: f32,
    ) -> Self {
        let [beta1, beta2] = betas;
        let u = |step| beta1 * (1.0 - 0.5 * power(0.96, step));
        let next = u(step + 1);
        Self {
            learning_rate,
            rate1: 1.0 - beta1,
            rate2: 1.0 - beta2,
            of_m: next / (1.0 - product * next),
            of_g: (1.0 - u(step)) / (1.0 - product),
            of_v: 1.0 / (1.0 - power(beta2, step)),
            epsilon,
            decay,
        }
    }
}

/// Ftrl: with `p = -power`, `z += g + 2 * shrinkage * w - ((a + g^2)^p - a^p) / lr * w`, `a += g^2`,
/// `w = (clip(z, -l1, l1) - z) / (a^p / lr + 2 * l2)`.
#[derive(Clone, Copy, Debug)]
pub struct Ftrl {
    pub learning_rate: f32,
    pub power: f32,
    pub l1: f32,
    pub l2: f32,
    pub shrinkage: f32,
    pub decay: f32,
}

/// Lion: step `lr * sign(beta1 * m + (1 - beta1) * g)`, then `m = beta2 * m + (1 - beta2) * g`.
#[derive(Clone, Copy, Debug)]
pub struct Lion {
    pub learning_rate: f32,
    pub beta1: f32,
    pub beta2: f32,
    pub decay: f32,
}

fn power(base: f32, step: i32) -> f32 {
    math::pow(F32x4::splat(base), F32x4::splat(step as f32)).to_array()[0]
}

/// w (n) by gradient g (n); mean squares of gradients a (n) and of steps d (n).
///
/// # Safety
/// `g` is readable, the others are readable and writable for `n` words; all are apart.
pub unsafe fn adadelta(n: usize, w: *mut f32, a: *mut f32, d: *mut f32, g: Gradient, adadelta: &Adadelta) {
    let learning_rate = F32x4::splat(adadelta.learning_rate);
    let (rho, rate) = (F32x4::splat(adadelta.rho), F32x4::splat(adadelta.rate));
    let epsilon = F32x4::splat(adadelta.epsilon);
    let decay = F32x4::splat(adadelta.decay);
    let average = |mean: F32x4, x: F32x4| rho.mul(mean).add(rate.mul(x.mul(x)));
    // SAFETY: the caller's contract.
    unsafe {
        update(n, [w, a, d], g, |[w, a, d], g| {
            let a = average(a, g);
            let step = d.add(epsilon).div(a.add(epsilon)).sqrt().mul(g);
            [decayed(w, decay).sub(learning_rate.mul(step)), a, average(d, step)]
        });
    }
}

/// w (n) by gradient g (n); moment m (n); largest gradient u (n).
///
/// # Safety
/// `g` is readable, the others are readable and writable for `n` words; all are apart.
pub unsafe fn adamax(n: usize, w: *mut f32, m: *mut f32, u: *mut f32, g: Gradient, adamax: &Adamax) {
    let learning_rate = F32x4::splat(adamax.learning_rate);
    let (rate1, beta2) = (F32x4::splat(adamax.rate1), F32x4::splat(adamax.beta2));
    let correction = F32x4::splat(adamax.correction);
    let epsilon = F32x4::splat(adamax.epsilon);
    let decay = F32x4::splat(adamax.decay);
    // SAFETY: the caller's contract.
    unsafe {
        update(n, [w, m, u], g, |[w, m, u], g| {
            let (m, u) = (m.add(g.sub(m).mul(rate1)), beta2.mul(u).max(g.abs()));
            let step = learning_rate.mul(m).div(correction.mul(u.add(epsilon)));
            [decayed(w, decay).sub(step), m, u]
        });
    }
}

/// w (n) by gradient g (n); moments m (n) and v (n).
///
/// # Safety
/// `g` is readable, the others are readable and writable for `n` words; all are apart.
pub unsafe fn nadam(n: usize, w: *mut f32, m: *mut f32, v: *mut f32, g: Gradient, nadam: &Nadam) {
    let learning_rate = F32x4::splat(nadam.learning_rate);
    let (rate1, rate2) = (F32x4::splat(nadam.rate1), F32x4::splat(nadam.rate2));
    let (of_m, of_g, of_v) = (F32x4::splat(nadam.of_m), F32x4::splat(nadam.of_g), F32x4::splat(nadam.of_v));
    let epsilon = F32x4::splat(nadam.epsilon);
    let decay = F32x4::splat(nadam.decay);
    // SAFETY: the caller's contract.
    unsafe {
        update(n, [w, m, v], g, |[w, m, v], g| {
            let (m, v) = (m.add(g.sub(m).mul(rate1)), v.add(g.mul(g).sub(v).mul(rate2)));
            let ahead = of_m.mul(m).add(of_g.mul(g));
            let step = ahead.mul(learning_rate).div(v.mul(of_v).sqrt().add(epsilon));
            [decayed(w, decay).sub(step), m, v]
        });
    }
}

/// w (n) by gradient g (n); sum of squares a (n); linear term z (n).
///
/// # Safety
/// `g` is readable, the others are readable and writable for `n` words; all are apart.
pub unsafe fn ftrl(n: usize, w: *mut f32, a: *mut f32, z: *mut f32, g: Gradient, ftrl: &Ftrl) {
    // SAFETY: the caller's contract.
    unsafe {
        if ftrl.power == -0.5 {
            ftrl_by(n, [w, a, z], g, ftrl, |x| x.sqrt());
        } else {
            let power = F32x4::splat(-ftrl.power);
            ftrl_by(n, [w, a, z], g, ftrl, |x| math::pow(x, power));
        }
    }
}

/// [`ftrl`], where `power` raises to -`ftrl.power`.
///
/// # Safety
/// As of [`ftrl`].
#[inline(always)]
unsafe fn ftrl_by(n: usize, state: [*mut f32; 3], g: Gradient, ftrl: &Ftrl, power: impl Fn(F32x4) -> F32x4) {
    let learning_rate = F32x4::splat(ftrl.learning_rate);
    let per_rate = F32x4::splat(1.0 / ftrl.learning_rate);
    let (l1, shrinkage) = (F32x4::splat(ftrl.l1), F32x4::splat(2.0 * ftrl.shrinkage));
    let l2 = F32x4::splat(2.0 * ftrl.l2 * ftrl.learning_rate);
    let decay = F32x4::splat(ftrl.decay);
    // SAFETY: the caller's contract.
    unsafe {
        update(n, state, g, |[w, a, z], g| {
            let w = decayed(w, decay);
            let new = a.add(g.mul(g));
            let root = power(new);
            let z = z.add(g.add(shrinkage.mul(w)).sub(root.sub(power(a)).mul(per_rate).mul(w)));
            let cut = z.pmin(l1).pmax(l1.neg()).sub(z);
            [cut.mul(learning_rate).div(root.add(l2)), new, z]
        });
    }
}

/// w (n) by gradient g (n); moment m (n).
///
/// # Safety
/// `g` is readable, the others are readable and writable for `n` words; all are apart.
pub unsafe fn lion(n: usize, w: *mut f32, m: *mut f32, g: Gradient, lion: &Lion) {
    let learning_rate = F32x4::splat(lion.learning_rate);
    let (beta1, beta2) = (F32x4::splat(lion.beta1), F32x4::splat(lion.beta2));
    // Keras subtracts in f32 here.
    let (rate1, rate2) = (F32x4::splat(1.0 - lion.beta1), F32x4::splat(1.0 - lion.beta2));
    let decay = F32x4::splat(lion.decay);
    let zero = F32x4::splat(0.0);
    // SAFETY: the caller's contract.
    unsafe {
        update(n, [w, m], g, |[w, m], g| {
            let ahead = m.mul(beta1).add(g.mul(rate1));
            let (below, above) = (ahead.lt(zero), ahead.gt(zero));
            // 0 and what is not a number are their own sign.
            let step = below.select(learning_rate.neg(), above.select(learning_rate, ahead));
            [decayed(w, decay).sub(step), m.mul(beta2).add(g.mul(rate2))]
        });
    }
}
