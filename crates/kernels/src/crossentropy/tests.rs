use super::*;
use proptest::prelude::*;

const EPSILON: f32 = 1e-3;

/// Numbers of both sides of the bounds.
fn numbers(n: usize, seed: u64) -> Vec<f32> {
    (0..n as u64).map(|i| (((i * 7919 + seed % 1000) % 2003) as f32 / 2002.0).powi(4)).collect()
}

/// The loss of a row in f64, and its gradient.
fn exact(p: &[f32], t: &[f32]) -> (f64, Vec<f64>) {
    let sum: f64 = p.iter().map(|&p| f64::from(p)).sum();
    let (least, most) = (f64::from(EPSILON), f64::from(1.0 - EPSILON));
    let rows = || p.iter().zip(t).map(|(&p, &t)| (f64::from(p) / sum, f64::from(t)));
    let loss = rows().map(|(q, t)| -t * q.clamp(least, most).ln()).sum();
    let slopes: Vec<f64> = rows().map(|(q, t)| if least < q && q < most { -t / q } else { 0.0 }).collect();
    let mean: f64 = slopes.iter().zip(rows()).map(|(slope, (q, _))| slope * q).sum();
    (loss, slopes.iter().map(|slope| (slope - mean) / sum).collect())
}

fn is_close(x: f32, exact: f64) -> bool {
    (f64::from(x) - exact).abs() <= 4e-6 * exact.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 128 }))]

    #[test]
    fn losses_and_their_gradients(rows in 0usize..4, c in 1usize..40, seed: u64) {
        let n = rows * c;
        let (p, t, dloss) = (numbers(n, seed), numbers(n, seed ^ 5), numbers(rows, seed ^ 9));
        let labels: Vec<i32> = (0..rows as u64).map(|row| ((row * 31 + seed % 100) % (c as u64 + 1)) as i32).collect();
        let one_hot: Vec<f32> = (0..n).map(|i| f32::from(u8::from(labels[i / c] as usize == i % c))).collect();
        let bounds = Bounds::new(EPSILON);
        let (mut loss, mut dp) = ([vec![7.0; rows], vec![7.0; rows]], [vec![7.0; n], vec![7.0; n]]);
        // SAFETY: n probabilities, targets and gradients, and as many labels and losses as rows.
        unsafe {
            cross_entropy(rows, c, p.as_ptr(), t.as_ptr(), bounds, loss[0].as_mut_ptr());
            cross_entropy_gradient(rows, c, p.as_ptr(), t.as_ptr(), dloss.as_ptr(), bounds, dp[0].as_mut_ptr());
            sparse_cross_entropy(rows, c, p.as_ptr(), labels.as_ptr(), bounds, loss[1].as_mut_ptr());
            sparse_cross_entropy_gradient(
                rows, c, p.as_ptr(), labels.as_ptr(), dloss.as_ptr(), bounds, dp[1].as_mut_ptr(),
            );
        }
        for (k, t) in [&t, &one_hot].into_iter().enumerate() {
            for row in 0..rows {
                let of = row * c..(row + 1) * c;
                let (expected, gradient) = exact(&p[of.clone()], &t[of.clone()]);
                prop_assert!(is_close(loss[k][row], expected), "{} is not {}", loss[k][row], expected);
                for (&dp, expected) in dp[k][of].iter().zip(gradient) {
                    let expected = expected * f64::from(dloss[row]);
                    let size = f64::from(c as u32) / f64::from(EPSILON);
                    prop_assert!((f64::from(dp) - expected).abs() <= 1e-6 * size.max(expected.abs()), "{} is not {}", dp, expected);
                }
            }
        }
    }
}
