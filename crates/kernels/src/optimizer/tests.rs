//! Keras's formulas in scalar f32, one operation at a time: the kernels give the same bits.

use super::*;

/// Parameters, gradients and state of every size up to a few vectors, moved off the alignment of 16 bytes.
fn sizes() -> impl Iterator<Item = (usize, [Vec<f32>; 5])> {
    (0..19).map(|n| {
        let words = |seed: usize, low: f32| {
            (0..n + 1).map(|i| ((i * 37 + seed * 11) % 101) as f32 * 0.013 + low).collect()
        };
        (n, [words(1, -0.6), words(2, -0.7), words(3, 0.01), words(4, 0.02), words(5, -0.5)])
    })
}

/// The start of the words behind the first one.
fn at(x: &mut [f32]) -> *mut f32 {
    x[1..].as_mut_ptr()
}

/// A gradient that is not clipped.
fn plain(g: &[f32]) -> Gradient {
    Gradient { ptr: g[1..].as_ptr(), scale: 1.0, limit: f32::INFINITY }
}

const DECAY: f32 = 0.003;

#[test]
fn sgd_is_keras() {
    for (n, [w, g, _, _, _]) in sizes() {
        let mut y = w.clone();
        let options = Sgd { learning_rate: 0.1, momentum: 0.0, nesterov: false, decay: DECAY };
        // SAFETY: n words behind the first one.
        unsafe { sgd(n, at(&mut y), core::ptr::null_mut(), plain(&g), &options) };
        assert_eq!(y[0], w[0]);
        for i in 1..=n {
            assert_eq!(y[i], (w[i] - w[i] * DECAY) - g[i] * 0.1);
        }
    }
}

#[test]
fn momentum_is_keras() {
    for (n, [w, g, _, _, m]) in sizes() {
        for nesterov in [false, true] {
            let (mut y, mut velocity) = (w.clone(), m.clone());
            let options = Sgd { learning_rate: 0.1, momentum: 0.9, nesterov, decay: DECAY };
            // SAFETY: n words behind the first one.
            unsafe { sgd(n, at(&mut y), at(&mut velocity), plain(&g), &options) };
            for i in 1..=n {
                let next = m[i] * 0.9 - g[i] * 0.1;
                let step = if nesterov { next * 0.9 - g[i] * 0.1 } else { next };
                assert_eq!((velocity[i], y[i]), (next, (w[i] - w[i] * DECAY) + step));
            }
        }
    }
}

#[test]
fn adam_is_keras() {
    let options = Adam { alpha: 0.002, rate1: 0.1, rate2: 0.001, epsilon: 1e-7, decay: DECAY };
    for (n, [w, g, v, v_max, m]) in sizes() {
        for amsgrad in [false, true] {
            let (mut y, mut m1, mut v1, mut largest) = (w.clone(), m.clone(), v.clone(), v_max.clone());
            let p = if amsgrad { at(&mut largest) } else { core::ptr::null_mut() };
            // SAFETY: n words behind the first one.
            unsafe { adam(n, at(&mut y), at(&mut m1), at(&mut v1), p, plain(&g), &options) };
            for i in 1..=n {
                let next_m = m[i] + (g[i] - m[i]) * 0.1;
                let next_v = v[i] + (g[i] * g[i] - v[i]) * 0.001;
                let next_max = if amsgrad { v_max[i].max(next_v) } else { v_max[i] };
                let second = if amsgrad { next_max } else { next_v };
                let next_w = (w[i] - w[i] * DECAY) - next_m * 0.002 / (second.sqrt() + 1e-7);
                assert_eq!((m1[i], v1[i], largest[i], y[i]), (next_m, next_v, next_max, next_w));
            }
        }
    }
}

/// `learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t)` in f64, from the betas as f32 has them.
#[test]
fn alpha_corrects_the_bias() {
    for step in (1..200).chain([1000, 12_345, 1 << 20]) {
        let power = |beta: f32| f64::from(beta).powi(step);
        let exact = 0.001 * (1.0 - power(0.999)).sqrt() / (1.0 - power(0.9));
        // 1 - 0.999^t loses at most ten bits at t = 1, half of them under the root.
        let tolerance = exact * (2f64.powi(-23) + 2f64.powi(-25) / (1.0 - power(0.999)));
        let alpha = f64::from(Adam::alpha(0.001, step, 0.9, 0.999));
        assert!((alpha - exact).abs() <= tolerance, "step {step}: {alpha} is not {exact}");
    }
}

#[test]
fn rmsprop_is_keras() {
    let options =
        RmsProp { learning_rate: 0.01, rho: 0.9, rate: 0.1, momentum: 0.8, epsilon: 1e-7, decay: DECAY };
    for (n, [w, g, v, _, m]) in sizes() {
        for (centered, with_momentum) in [(false, false), (false, true), (true, false), (true, true)] {
            // A mean so small that v - mean^2 stays positive.
            let mean: Vec<f32> = v.iter().map(|v| v * 0.1).collect();
            let (mut y, mut v1, mut mean1, mut m1) = (w.clone(), v.clone(), mean.clone(), m.clone());
            let mean_p = if centered { at(&mut mean1) } else { core::ptr::null_mut() };
            let m_p = if with_momentum { at(&mut m1) } else { core::ptr::null_mut() };
            // SAFETY: n words behind the first one.
            unsafe { rmsprop(n, at(&mut y), at(&mut v1), mean_p, m_p, plain(&g), &options) };
            for i in 1..=n {
                let next_v = 0.9 * v[i] + 0.1 * (g[i] * g[i]);
                let next_mean = if centered { 0.9 * mean[i] + 0.1 * g[i] } else { mean[i] };
                let variance = if centered { next_v - next_mean * next_mean } else { next_v };
                let step = 0.01 * g[i] / (variance + 1e-7).sqrt();
                let next_m = if with_momentum { 0.8 * m[i] + step } else { m[i] };
                let next_w = (w[i] - w[i] * DECAY) - if with_momentum { next_m } else { step };
                assert_eq!((v1[i], mean1[i], m1[i], y[i]), (next_v, next_mean, next_m, next_w));
            }
        }
    }
}

#[test]
fn adagrad_is_keras() {
    let options = Adagrad { learning_rate: 0.01, epsilon: 1e-7, decay: DECAY };
    for (n, [w, g, v, _, _]) in sizes() {
        let (mut y, mut v1) = (w.clone(), v.clone());
        // SAFETY: n words behind the first one.
        unsafe { adagrad(n, at(&mut y), at(&mut v1), plain(&g), &options) };
        for i in 1..=n {
            let next = v[i] + g[i] * g[i];
            assert_eq!((v1[i], y[i]), (next, (w[i] - w[i] * DECAY) - 0.01 * g[i] / (next + 1e-7).sqrt()));
        }
    }
}

#[test]
fn adadelta_is_keras() {
    let options = Adadelta { learning_rate: 0.01, rho: 0.95, rate: 0.05, epsilon: 1e-7, decay: DECAY };
    for (n, [w, g, a, d, _]) in sizes() {
        let (mut y, mut a1, mut d1) = (w.clone(), a.clone(), d.clone());
        // SAFETY: n words behind the first one.
        unsafe { adadelta(n, at(&mut y), at(&mut a1), at(&mut d1), plain(&g), &options) };
        for i in 1..=n {
            let next_a = 0.95 * a[i] + 0.05 * (g[i] * g[i]);
            let step = ((d[i] + 1e-7) / (next_a + 1e-7)).sqrt() * g[i];
            let next_d = 0.95 * d[i] + 0.05 * (step * step);
            assert_eq!((a1[i], d1[i], y[i]), (next_a, next_d, (w[i] - w[i] * DECAY) - 0.01 * step));
        }
    }
}

#[test]
fn adamax_is_keras() {
    let options = Adamax {
        learning_rate: 0.01,
        rate1: 0.1,
        beta2: 0.999,
        correction: 0.19,
        epsilon: 1e-7,
        decay: DECAY,
    };
    for (n, [w, g, u, _, m]) in sizes() {
        let (mut y, mut m1, mut u1) = (w.clone(), m.clone(), u.clone());
        // SAFETY: n words behind the first one.
        unsafe { adamax(n, at(&mut y), at(&mut m1), at(&mut u1), plain(&g), &options) };
        for i in 1..=n {
            let (next_m, next_u) = (m[i] + (g[i] - m[i]) * 0.1, (0.999 * u[i]).max(g[i].abs()));
            let step = 0.01 * next_m / (0.19 * (next_u + 1e-7));
            assert_eq!((m1[i], u1[i], y[i]), (next_m, next_u, (w[i] - w[i] * DECAY) - step));
        }
    }
}

#[test]
fn nadam_is_keras() {
    let options = Nadam::of_step(0.01, 3, 0.1, [0.9, 0.999], 1e-7, DECAY);
    let u = |step| 0.9 * (1.0 - 0.5 * 0.96f64.powi(step));
    let scales = [u(4) / (1.0 - 0.1 * u(4)), (1.0 - u(3)) / 0.9, 1.0 / (1.0 - f64::from(0.999f32).powi(3))];
    for (actual, exact) in [options.of_m, options.of_g, options.of_v].into_iter().zip(scales) {
        assert!((f64::from(actual) - exact).abs() <= 5e-5 * exact, "{actual} is not {exact}");
    }
    for (n, [w, g, v, _, m]) in sizes() {
        let (mut y, mut m1, mut v1) = (w.clone(), m.clone(), v.clone());
        // SAFETY: n words behind the first one.
        unsafe { nadam(n, at(&mut y), at(&mut m1), at(&mut v1), plain(&g), &options) };
        for i in 1..=n {
            let next_m = m[i] + (g[i] - m[i]) * (1.0 - 0.9);
            let next_v = v[i] + (g[i] * g[i] - v[i]) * (1.0 - 0.999);
            let ahead = options.of_m * next_m + options.of_g * g[i];
            let step = ahead * 0.01 / ((next_v * options.of_v).sqrt() + 1e-7);
            assert_eq!((m1[i], v1[i], y[i]), (next_m, next_v, (w[i] - w[i] * DECAY) - step));
        }
    }
}

#[test]
fn ftrl_is_keras() {
    for (power, l1, l2, shrinkage) in [(-0.5, 0.0, 0.0, 0.0), (-0.5, 0.3, 0.1, 0.2), (-0.7, 0.3, 0.1, 0.2)] {
        let options = Ftrl { learning_rate: 0.5, power, l1, l2, shrinkage, decay: DECAY };
        for (n, [w, g, a, _, z]) in sizes() {
            let (mut y, mut a1, mut z1) = (w.clone(), a.clone(), z.clone());
            // SAFETY: n words behind the first one.
            unsafe { ftrl(n, at(&mut y), at(&mut a1), at(&mut z1), plain(&g), &options) };
            for i in 1..=n {
                let w = w[i] - w[i] * DECAY;
                let next_a = a[i] + g[i] * g[i];
                let root = |x: f32| f64::from(x).powf(-f64::from(power)) as f32;
                let next_z = z[i] + ((g[i] + 2.0 * shrinkage * w) - (root(next_a) - root(a[i])) * 2.0 * w);
                let expected = (next_z.clamp(-l1, l1) - next_z) / (root(next_a) * 2.0 + 2.0 * l2);
                assert_eq!(a1[i], next_a);
                for (actual, expected) in [(z1[i], next_z), (y[i], expected)] {
                    assert!((actual - expected).abs() <= 1e-6, "{actual} is not {expected}");
                }
            }
        }
    }
}

#[test]
fn lion_is_keras() {
    let options = Lion { learning_rate: 0.01, beta1: 0.9, beta2: 0.99, decay: DECAY };
    for (n, [w, mut g, mut m, ..]) in sizes() {
        (g[0], m[0]) = (0.0, 0.0);
        if n > 3 {
            (g[1], m[1], g[2]) = (0.0, 0.0, f32::NAN);
        }
        let (mut y, mut m1) = (w.clone(), m.clone());
        // SAFETY: n words behind the first one.
        unsafe { lion(n, at(&mut y), at(&mut m1), plain(&g), &options) };
        for i in 1..=n {
            let ahead = m[i] * 0.9 + g[i] * (1.0 - 0.9);
            let step = if ahead == 0.0 { 0.0 } else { ahead.signum() * 0.01 };
            let next = [m[i] * 0.99 + g[i] * (1.0 - 0.99), (w[i] - w[i] * DECAY) - step];
            for (actual, expected) in [m1[i], y[i]].into_iter().zip(next) {
                assert!(actual == expected || actual.is_nan() && g[i].is_nan(), "{actual} is not {expected}");
            }
        }
    }
}

#[test]
fn gradients_are_scaled_and_then_cut() {
    let options = Sgd { learning_rate: 1.0, momentum: 0.0, nesterov: false, decay: 0.0 };
    for (n, [w, mut g, ..]) in sizes() {
        if n > 2 {
            (g[1], g[2]) = (f32::NAN, f32::NEG_INFINITY);
        }
        let mut y = w.clone();
        let gradient = Gradient { scale: 0.5, limit: 0.1, ..plain(&g) };
        // SAFETY: n words behind the first one.
        unsafe { sgd(n, at(&mut y), core::ptr::null_mut(), gradient, &options) };
        for i in 1..=n {
            let expected = w[i] - (g[i] * 0.5).clamp(-0.1, 0.1);
            assert!(y[i] == expected || y[i].is_nan() && g[i].is_nan(), "{} is not {expected}", y[i]);
        }
    }
}

#[test]
fn squares_are_summed() {
    for (n, [_, g, ..]) in sizes() {
        let exact: f64 = g[1..].iter().map(|&g| f64::from(g) * f64::from(g)).sum();
        // SAFETY: n words behind the first one.
        let sum = f64::from(unsafe { square_sum(n, g[1..].as_ptr()) });
        assert!((sum - exact).abs() <= 1e-6 * exact);
    }
}
