use super::*;
use proptest::prelude::*;

/// For each sequence of classes that tells the labels: itself, and its probability.
fn paths(steps: usize, classes: usize, log_p: &[f32], labels: &[i32]) -> Vec<(Vec<usize>, f64)> {
    (0..classes.pow(steps as u32))
        .map(|code| (0..steps).map(|step| code / classes.pow(step as u32) % classes).collect::<Vec<_>>())
        .filter(|path| {
            let mut told = path.clone();
            told.dedup();
            told.retain(|&class| class != 0);
            told.iter().map(|&class| class as i32).eq(labels.iter().copied())
        })
        .map(|path| {
            let log: f64 =
                path.iter().enumerate().map(|(step, &class)| f64::from(log_p[step * classes + class])).sum();
            (path, log.exp())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn the_probability_of_all_paths_and_its_gradient(
        steps in 1usize..6,
        classes in 2usize..4,
        labels in prop::collection::vec(1i32..4, 0..6),
        pads in 0usize..6,
        seed in 0u64..1000,
    ) {
        let labels: Vec<i32> = labels.into_iter().map(|label| 1 + label % (classes as i32 - 1)).collect();
        let log_p: Vec<f32> =
            (0..steps * classes).map(|i| -(((i as u64 * 7919 + seed * 31) % 997) as f32) / 300.0).collect();
        let paths = paths(steps, classes, &log_p, &labels);
        let total: f64 = paths.iter().map(|(_, p)| p).sum();
        let mut padded = labels.clone();
        padded.resize(labels.len() + pads, BLANK);
        let length = padded.len();
        let sample = Sample { steps, classes, length, log_p: log_p.as_ptr(), labels: padded.as_ptr() };
        let mut scratch = vec![f32::NAN; Sample::loss_scratch(length)];
        // SAFETY: the sizes that are asked for.
        let loss = unsafe { sample.loss(scratch.as_mut_ptr()) };
        if paths.is_empty() {
            // No sequence of so few steps tells so many labels.
            prop_assert!(loss > 9e4);
            return Ok(());
        }
        prop_assert!((f64::from(loss) + total.ln()).abs() <= 2e-6 * total.ln().abs().max(1.0), "{loss} {total}");
        let mut dlog_p = vec![f32::NAN; steps * classes];
        let mut scratch = vec![f32::NAN; Sample::gradient_scratch(steps, length)];
        // SAFETY: the sizes that are asked for.
        unsafe { sample.gradient(2.0, dlog_p.as_mut_ptr(), scratch.as_mut_ptr()) };
        for (i, &d) in dlog_p.iter().enumerate() {
            let through: f64 =
                paths.iter().filter(|(path, _)| path[i / classes] == i % classes).map(|(_, p)| p).sum();
            prop_assert!((f64::from(d) + 2.0 * through / total).abs() <= 1e-5, "{i}: {d} {}", -2.0 * through / total);
        }
    }
}
