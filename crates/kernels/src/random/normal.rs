//! Normal, truncated normal and categorical draws: JAX's to the bit, on the x86-64 code that XLA makes of them.

use core::f32::consts::SQRT_2;

use super::threefry::{fill, words};
use super::uniform::{stretch, unit};
use super::xla::{erf_inv, ln};
use crate::lane::{F32x4, LANES};

/// y (n) = mean + stddev * (draws `start .. start + n` of `jax.random.normal(key, shape)`): `keras.random.normal`.
///
/// # Safety
/// `y` is writable for n f32.
pub unsafe fn normal(key: [u32; 2], start: u64, n: usize, mean: f32, stddev: f32, y: *mut f32) {
    // JAX leaves out -1 alone, whose inverse error function is infinite.
    const LO: f32 = f32::EPSILON / 2.0 - 1.0;
    let draw = |i| {
        let z = unit(words(key, i)).to_array().map(|x| SQRT_2 * erf_inv(stretch(x, LO, 1.0)));
        F32x4::new(z).mul(F32x4::splat(stddev)).add(F32x4::splat(mean)).bits()
    };
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y.cast(), draw) };
}

/// y (n) = mean + stddev * (draws `start .. start + n` of `jax.random.truncated_normal(key, -2, 2, shape)`):
/// `keras.random.truncated_normal`, within two standard deviations.
///
/// # Safety
/// `y` is writable for n f32.
pub unsafe fn truncated_normal(key: [u32; 2], start: u64, n: usize, mean: f32, stddev: f32, y: *mut f32) {
    /// erf(2 / sqrt 2)
    const EDGE: f32 = 0.9544997;
    const MAX: f32 = 2.0 - f32::EPSILON;
    let draw = |i| {
        let z = unit(words(key, i)).to_array().map(|x| SQRT_2 * erf_inv(stretch(x, -EDGE, EDGE)));
        let z = F32x4::new(z).pmax(F32x4::splat(-MAX)).pmin(F32x4::splat(MAX));
        z.mul(F32x4::splat(stddev)).add(F32x4::splat(mean)).bits()
    };
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y.cast(), draw) };
}

/// logits (rows, classes) -> y (rows, samples): for each row, classes drawn with replacement with the probabilities
/// softmax(logits), as `keras.random.categorical(logits, samples)`.
///
/// The rows here are `first_row ..` of a whole that may be filled in parts. The logits of probabilities are their
/// logarithms. A class of logit -inf or NaN never comes while another has a number.
///
/// # Safety
/// `logits` is readable for rows * classes f32, `y` writable for rows * samples i32.
pub unsafe fn categorical(
    key: [u32; 2],
    first_row: u64,
    rows: usize,
    classes: usize,
    samples: usize,
    logits: *const f32,
    y: *mut i32,
) {
    for row in 0..rows {
        for sample in (0..samples).step_by(LANES) {
            let lanes = LANES.min(samples - sample);
            let mut best = [(0, f32::NEG_INFINITY); LANES]; // (class, score)
            for class in 0..classes {
                // SAFETY: row < rows and class < classes.
                let logit = unsafe { *logits.add(row * classes + class) };
                // The noise is a tensor (rows, classes, samples).
                let line = (first_row + row as u64) * classes as u64 + class as u64;
                let i = line * samples as u64 + sample as u64;
                let uniform = unit(words(key, i)).to_array();
                for (best, x) in best[..lanes].iter_mut().zip(uniform) {
                    let score = gumbel(x) + logit;
                    if score > best.1 {
                        *best = (class as i32, score);
                    }
                }
            }
            for (lane, best) in best[..lanes].iter().enumerate() {
                // SAFETY: sample + lane < samples.
                unsafe { *y.add(row * samples + sample + lane) = best.0 };
            }
        }
    }
}

/// A draw of the standard Gumbel distribution from one of the uniform on [0, 1): adding it to the logits makes their
/// argmax a draw from their softmax.
fn gumbel(uniform: f32) -> f32 {
    -ln(-ln(uniform.max(f32::MIN_POSITIVE)))
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    const KEY: [u32; 2] = [1_234_567_890, 42]; // key = jnp.array([1234567890, 42], jnp.uint32)

    fn normals(start: u64, n: usize, mean: f32, stddev: f32) -> Vec<f32> {
        // SAFETY: n words.
        drawn(n, |y| unsafe { normal(KEY, start, n, mean, stddev, y) })
    }

    fn truncated(n: usize, mean: f32, stddev: f32) -> Vec<f32> {
        // SAFETY: n words.
        drawn(n, |y| unsafe { truncated_normal(KEY, 0, n, mean, stddev, y) })
    }

    /// logits (rows, classes) -> (rows, samples)
    fn classes(first_row: u64, rows: usize, samples: usize, logits: &[f32]) -> Vec<i32> {
        drawn(rows * samples, |y| {
            // SAFETY: logits and y have these shapes.
            unsafe { categorical(KEY, first_row, rows, logits.len() / rows, samples, logits.as_ptr(), y) };
        })
    }

    /// Mean and standard deviation.
    fn moments(y: &[f32]) -> (f64, f64) {
        let n = y.len() as f64;
        let mean = y.iter().map(|&x| x as f64).sum::<f64>() / n;
        (mean, (y.iter().map(|&x| (x as f64 - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    #[test]
    fn normal_is_that_of_jax_and_keras() {
        // jax.random.normal(key, (6,)).view(np.uint32)
        let words: [u32; 6] = [0x4016_faca, 0x4001_1ee7, 0xbf7b_a3d4, 0x3f66_c2c0, 0x3f32_a129, 0xbf96_585f];
        assert_eq!(normals(0, 6, 0.0, 1.0), words.map(f32::from_bits));
        // jax.random.normal(key, (1000000,))[396194].view(np.uint32), the largest of them
        assert_eq!(normals(396_194, 1, 0.0, 1.0), [f32::from_bits(0xc09c_7308)]);
        // keras.random.normal((3,), 2, 0.5, seed=key).view(np.uint32)
        let words: [u32; 3] = [0x404b_7d65, 0x4040_8f74, 0x3fc1_170b];
        assert_eq!(normals(0, 3, 2.0, 0.5), words.map(f32::from_bits));
    }

    #[test]
    fn normal_has_its_moments() {
        let y = normals(0, 50_000, 1.0, 2.0);
        let (mean, stddev) = moments(&y);
        assert!((mean - 1.0).abs() < 0.03 && (stddev - 2.0).abs() < 0.03, "{mean} {stddev}");
        // n P(|z| > 2) = 2275, within five standard deviations
        let far = y.iter().filter(|&&x| (x - 1.0).abs() > 4.0).count();
        assert!((2043..2508).contains(&far), "{far}");
    }

    #[test]
    fn truncated_normal_is_that_of_keras() {
        // keras.random.truncated_normal((6,), 0, 1, seed=key).view(np.uint32)
        let words: [u32; 6] = [0x3fed_fcb8, 0x3fda_f49c, 0xbf6c_2403, 0x3f59_37c1, 0x3f29_2a70, 0xbf8b_cdb3];
        assert_eq!(truncated(6, 0.0, 1.0), words.map(f32::from_bits));
        // keras.random.truncated_normal((3,), 2, 0.5, seed=key).view(np.uint32)
        let words: [u32; 3] = [0x403b_7f2e, 0x4036_bd27, 0x3fc4_f6ff];
        assert_eq!(truncated(3, 2.0, 0.5), words.map(f32::from_bits));
    }

    #[test]
    fn truncated_normal_has_its_moments() {
        let y = truncated(50_000, 0.0, 1.0);
        assert!(y.iter().all(|x| x.abs() < 2.0));
        let (mean, stddev) = moments(&y);
        // Keras's variance scaling divides by this standard deviation.
        assert!(mean.abs() < 0.02 && (stddev - 0.879_625_661_034).abs() < 0.02, "{mean} {stddev}");
    }

    const LOGITS: [f32; 8] = [0.0, 1.0, 2.0, f32::NEG_INFINITY, 3.0, 0.0, 0.0, 0.0]; // (2, 4)

    #[test]
    fn categorical_is_that_of_keras() {
        // keras.random.categorical(np.array([[0, 1, 2, -np.inf], [3, 0, 0, 0]], np.float32), 6, seed=key)
        assert_eq!(classes(0, 2, 6, &LOGITS), [0, 1, 2, 2, 2, 2, 0, 0, 0, 2, 1, 0]);
    }

    #[test]
    fn categorical_fills_rows_by_themselves() {
        for samples in [0, 1, 4, 7] {
            let whole = classes(0, 2, samples, &LOGITS);
            assert_eq!(whole[..samples], classes(0, 1, samples, &LOGITS[..4]));
            assert_eq!(whole[samples..], classes(1, 1, samples, &LOGITS[4..]));
        }
    }

    #[test]
    fn categorical_draws_with_the_softmax_of_the_logits() {
        let probabilities = [0.1f32, 0.6, 0.0, 0.3];
        let n = 20_000;
        let mut counts = [0.0; 4];
        for class in classes(0, 1, n, &probabilities.map(f32::ln)) {
            counts[class as usize] += 1.0 / n as f32;
        }
        for (count, p) in counts.iter().zip(probabilities) {
            // five standard deviations
            assert!((count - p).abs() <= 5.0 * (p * (1.0 - p) / n as f32).sqrt(), "{counts:?}");
        }
    }
}
