use super::*;
use proptest::prelude::*;

fn logits(rows: usize, c: usize, spread: f32, seed: u64) -> Vec<f32> {
    (0..(rows * c) as u64)
        .map(|i| ((i * 7919 + seed % 1000) % 2003) as f32 / 1001.5 * spread - spread)
        .collect()
}

/// log softmax of one row in f64.
fn log_softmax_exact(x: &[f32]) -> Vec<f64> {
    let max = x.iter().fold(f64::NEG_INFINITY, |max, &x| max.max(f64::from(x)));
    let log_sum = x.iter().map(|&x| (f64::from(x) - max).exp()).sum::<f64>().ln();
    x.iter().map(|&x| f64::from(x) - max - log_sum).collect()
}

fn assert_close(y: &[f32], exact: impl IntoIterator<Item = f64>, relative: f64, absolute: f64) {
    for (i, (&y, exact)) in y.iter().zip(exact).enumerate() {
        let error = (f64::from(y) - exact).abs();
        assert!(error <= relative * exact.abs() + absolute, "element {i}: {y} is not {exact}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 128 }))]

    #[test]
    fn softmax_and_its_logarithm(rows in 0usize..4, c in prop_oneof![1usize..40, 500usize..530], spread in 0f32..60.0, seed: u64) {
        let x = logits(rows, c, spread, seed);
        let exact: Vec<f64> = x.chunks(c).flat_map(log_softmax_exact).collect();
        let (mut y, mut in_place) = (vec![7.0; rows * c], x.clone());
        // SAFETY: rows * c words each; in place the second time.
        unsafe {
            softmax(rows, c, x.as_ptr(), y.as_mut_ptr());
            softmax(rows, c, in_place.as_ptr(), in_place.as_mut_ptr());
        }
        // x - max, at most 2 spread, is rounded; the rest is exp, sum and quotient.
        let relative = (2.0 * f64::from(spread) + 6.0) * 2f64.powi(-24);
        assert_close(&y, exact.iter().map(|l| l.exp()), relative, 1e-38);
        prop_assert_eq!(&in_place, &y);
        // SAFETY: as above.
        unsafe { log_softmax(rows, c, x.as_ptr(), y.as_mut_ptr()) };
        assert_close(&y, exact, 2e-7, f64::from(1.0 + spread) * 2e-7);
    }

    #[test]
    fn gradients(rows in 0usize..4, c in 1usize..40, seed: u64) {
        let (x, dy) = (logits(rows, c, 3.0, seed), logits(rows, c, 1.0, seed ^ 77));
        let (mut y, mut dx) = (vec![7.0; rows * c], vec![7.0; rows * c]);
        let rows_of = || x.chunks(c).map(log_softmax_exact).zip(dy.chunks(c));
        // SAFETY: rows * c words each.
        unsafe {
            softmax(rows, c, x.as_ptr(), y.as_mut_ptr());
            softmax_gradient(rows, c, y.as_ptr(), dy.as_ptr(), dx.as_mut_ptr());
        }
        assert_close(&dx, rows_of().flat_map(|(l, dy)| {
            let dot = l.iter().zip(dy).map(|(l, &dy)| l.exp() * f64::from(dy)).sum::<f64>();
            l.into_iter().zip(dy).map(move |(l, &dy)| l.exp() * (f64::from(dy) - dot))
        }), 1e-6, 1e-7);
        // SAFETY: as above.
        unsafe {
            log_softmax(rows, c, x.as_ptr(), y.as_mut_ptr());
            log_softmax_gradient(rows, c, y.as_ptr(), dy.as_ptr(), dx.as_mut_ptr());
        }
        assert_close(&dx, rows_of().flat_map(|(l, dy)| {
            let sum = dy.iter().map(|&dy| f64::from(dy)).sum::<f64>();
            l.into_iter().zip(dy).map(move |(l, &dy)| f64::from(dy) - l.exp() * sum)
        }), 1e-6, 1e-6);
    }

    #[test]
    fn losses_and_their_gradients(rows in 0usize..4, c in 1usize..40, spread in 0f32..30.0, seed: u64) {
        let x = logits(rows, c, spread, seed);
        let labels: Vec<i32> = (0..rows as u64).map(|row| ((row * 31 + seed % 100) % c as u64) as i32).collect();
        let t: Vec<f32> = logits(rows, c, 0.5, seed ^ 5).into_iter().map(f32::abs).collect();
        let exact: Vec<f64> = x.chunks(c).flat_map(log_softmax_exact).collect();
        let (mut loss, mut dx, mut loss_alone) = (vec![7.0; rows], vec![7.0; rows * c], vec![7.0; rows]);
        let absolute = f64::from(1.0 + spread) * 4e-7;

        // SAFETY: `rows` labels and losses, rows * c logits and gradients, or none of them.
        unsafe {
            sparse_cross_entropy(rows, c, x.as_ptr(), labels.as_ptr(), loss.as_mut_ptr(), dx.as_mut_ptr());
            let nothing = core::ptr::null_mut();
            sparse_cross_entropy(rows, c, x.as_ptr(), labels.as_ptr(), loss_alone.as_mut_ptr(), nothing);
        }
        assert_close(&loss, (0..rows).map(|row| -exact[row * c + labels[row] as usize]), 4e-7, absolute);
        prop_assert_eq!(&loss_alone, &loss);
        let onehot = |i: usize| f64::from(u8::from(labels[i / c] as usize == i % c));
        assert_close(&dx, (0..rows * c).map(|i| exact[i].exp() - onehot(i)), 1e-6, 1e-7);

        // SAFETY: as above, with rows * c targets.
        unsafe {
            cross_entropy(rows, c, x.as_ptr(), t.as_ptr(), loss.as_mut_ptr(), dx.as_mut_ptr());
            cross_entropy(rows, c, x.as_ptr(), t.as_ptr(), loss_alone.as_mut_ptr(), core::ptr::null_mut());
        }
        let of = |row: usize| row * c..(row + 1) * c;
        assert_close(&loss, (0..rows).map(|row| -of(row).map(|i| f64::from(t[i]) * exact[i]).sum::<f64>()), 1e-6, c as f64 * absolute);
        prop_assert_eq!(&loss_alone, &loss);
        let total = |i: usize| of(i / c).map(|i| f64::from(t[i])).sum::<f64>();
        assert_close(&dx, (0..rows * c).map(|i| exact[i].exp() * total(i) - f64::from(t[i])), 1e-6, c as f64 * 1e-7);
    }
}

#[test]
fn labels_outside_of_the_classes_count_nothing() {
    let (x, labels) = ([1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0], [-1, 3, 2]);
    let (mut loss, mut dx) = ([7.0; 3], [7.0; 9]);
    // SAFETY: three rows of three.
    unsafe { sparse_cross_entropy(3, 3, x.as_ptr(), labels.as_ptr(), loss.as_mut_ptr(), dx.as_mut_ptr()) };
    assert_eq!((&loss[..2], &dx[..6]), (&[0.0; 2][..], &[0.0; 6][..]));
    assert!(loss[2] > 0.0 && dx[6..].iter().all(|&dx| dx != 0.0));
}

#[test]
fn large_logits_do_not_overflow() {
    let x = [1000.0, -1000.0, 999.0, f32::NEG_INFINITY];
    let t = [0.5, 0.0, 0.5, 0.0];
    let (mut y, mut loss, mut dx) = ([7.0; 4], [7.0], [7.0; 4]);
    // SAFETY: one row of four.
    unsafe {
        softmax(1, 4, x.as_ptr(), y.as_mut_ptr());
        cross_entropy(1, 4, x.as_ptr(), t.as_ptr(), loss.as_mut_ptr(), dx.as_mut_ptr());
    }
    let sigmoid = 1.0 / (1.0 + (-1f64).exp());
    assert_close(&y, [sigmoid, 0.0, 1.0 - sigmoid, 0.0], 1e-6, 0.0);
    assert_close(&loss, [0.5 - sigmoid.ln()], 1e-6, 0.0);
    assert_close(&dx, [sigmoid - 0.5, 0.0, 0.5 - sigmoid, 0.0], 1e-6, 0.0);
}
