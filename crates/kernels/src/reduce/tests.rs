use super::*;
use proptest::prelude::any as arbitrary;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

/// The words of column `i` of outer part `o`.
fn column<W: Copy>(x: &[W], (axis, inner): (usize, usize), o: usize, i: usize) -> impl Iterator<Item = W> {
    (0..axis).map(move |a| x[(o * axis + a) * inner + i])
}

fn naive<W: Copy, R>(
    x: &[W],
    dims: (usize, usize, usize),
    f: impl Fn(&mut dyn Iterator<Item = W>) -> R,
) -> Vec<R> {
    let (outer, axis, inner) = dims;
    (0..outer * inner).map(|y| f(&mut column(x, (axis, inner), y / inner, y % inner))).collect()
}

type Kernel<W, R> = unsafe fn(usize, usize, usize, usize, *const W, *mut R);

/// Runs the kernel on words that start at no multiple of 16 bytes, and checks that it stays inside of y.
fn run<W: Copy, R: Copy + PartialEq + core::fmt::Debug>(
    kernel: Kernel<W, R>,
    x: &[W],
    dims: (usize, usize, usize),
    guard: R,
) -> Vec<R> {
    let (outer, axis, inner) = dims;
    let shifted: Vec<W> = x.first().into_iter().chain(x).copied().collect();
    let mut y = vec![guard; outer * inner + 2];
    // SAFETY: the words stand behind the first one; y has room for a guard on each side.
    unsafe { kernel(outer, axis, inner, inner, shifted.as_ptr().wrapping_add(1), y.as_mut_ptr().add(1)) };
    assert_eq!((y[0], y[outer * inner + 1]), (guard, guard));
    y[1..=outer * inner].to_vec()
}

/// Around the sizes at which blocks and strips end.
fn dims(least: usize) -> impl Strategy<Value = (usize, usize, usize)> {
    let long: usize = if cfg!(miri) { 120 } else { 2040 };
    let axis = prop_oneof![least..20usize, 120usize..140, long..long + 20];
    let inner = prop_oneof![Just(1usize), 0..if cfg!(miri) { 8usize } else { 40 }];
    (0usize..4, axis, inner)
}

fn floats(n: usize, seed: u64) -> Vec<f32> {
    (0..n as u64).map(|i| ((i * 7919 + seed % 1000) % 2003) as f32 / 500.0 - 2.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 128 }))]

    #[test]
    fn sums(dims in dims(0), seed in arbitrary::<u64>()) {
        let x = floats(dims.0 * dims.1 * dims.2, seed);
        let exact = naive(&x, dims, |column| column.map(f64::from).sum::<f64>());
        let size = naive(&x, dims, |column| column.map(|x| f64::from(x.abs())).sum::<f64>());
        for (i, y) in run(sum, &x, dims, 7.0).into_iter().enumerate() {
            prop_assert!((f64::from(y) - exact[i]).abs() <= size[i] * 2f64.powi(-21), "{} is not {}", y, exact[i]);
        }
    }

    #[test]
    fn products(dims in dims(0), seed in arbitrary::<u64>()) {
        let x: Vec<f32> = floats(dims.0 * dims.1 * dims.2, seed).into_iter().map(|x| (x / 60.0).exp()).collect();
        let exact = naive(&x, dims, |column| column.map(f64::from).product::<f64>());
        for (i, y) in run(prod, &x, dims, 7.0).into_iter().enumerate() {
            prop_assert!((f64::from(y) / exact[i] - 1.0).abs() <= dims.1.max(1) as f64 * 2f64.powi(-23));
        }
    }

    #[test]
    fn extrema(dims in dims(0), seed in arbitrary::<u64>(), nan in arbitrary::<prop::sample::Index>(), with_nan in arbitrary::<bool>()) {
        let mut x = floats(dims.0 * dims.1 * dims.2, seed);
        if with_nan && !x.is_empty() {
            let at = nan.index(x.len());
            x[at] = f32::NAN;
        }
        let wins = |better: fn(f32, f32) -> f32| move |a: f32, b: f32| if a.is_nan() || b.is_nan() { f32::NAN } else { better(a, b) };
        let bits = |y: Vec<f32>| y.into_iter().map(|y| if y.is_nan() { None } else { Some(y) }).collect::<Vec<_>>();
        let largest = naive(&x, dims, |column| column.fold(f32::NEG_INFINITY, wins(f32::max)));
        prop_assert_eq!(bits(run(max, &x, dims, 7.0)), bits(largest));
        let smallest = naive(&x, dims, |column| column.fold(f32::INFINITY, wins(f32::min)));
        prop_assert_eq!(bits(run(min, &x, dims, 7.0)), bits(smallest));
    }

    #[test]
    fn first_extremum(dims in dims(1), levels in 1u64..2000, nans in arbitrary::<[prop::sample::Index; 2]>(), with_nan in arbitrary::<bool>()) {
        let n = dims.0 * dims.1 * dims.2;
        let mut x: Vec<f32> = (0..n as u64).map(|i| (i * 7919 % 2003 % levels) as f32).collect();
        if with_nan && n > 0 {
            nans.iter().for_each(|nan| x[nan.index(n)] = f32::NAN);
        }
        let first = |better: fn(f32, f32) -> bool| move |column: &mut dyn Iterator<Item = f32>| {
            let x: Vec<f32> = column.collect();
            (0..x.len()).fold(0, |best, i| if !x[best].is_nan() && (x[i].is_nan() || better(x[i], x[best])) { i } else { best }) as i32
        };
        prop_assert_eq!(run(argmax, &x, dims, -7), naive(&x, dims, first(|a, b| a > b)));
        prop_assert_eq!(run(argmin, &x, dims, -7), naive(&x, dims, first(|a, b| a < b)));
        let x: Vec<i32> = x.into_iter().map(|x| x as i32 - 5).collect();
        let first = |better: fn(i32, i32) -> bool| move |column: &mut dyn Iterator<Item = i32>| {
            let x: Vec<i32> = column.collect();
            (0..x.len()).fold(0, |best, i| if better(x[i], x[best]) { i } else { best }) as i32
        };
        prop_assert_eq!(run(argmax_i32, &x, dims, -7), naive(&x, dims, first(|a, b| a > b)));
        prop_assert_eq!(run(argmin_i32, &x, dims, -7), naive(&x, dims, first(|a, b| a < b)));
    }

    #[test]
    fn integers_and_bools(dims in dims(0), seed in arbitrary::<u64>(), rare in 1u64..3000) {
        let n = (dims.0 * dims.1 * dims.2) as u64;
        let x: Vec<i32> = (0..n).map(|i| (i.wrapping_mul(0x9e37_79b9).wrapping_add(seed)) as i32 | 1).collect();
        prop_assert_eq!(run(sum_i32, &x, dims, -7), naive(&x, dims, |column| column.fold(0, i32::wrapping_add)));
        prop_assert_eq!(run(prod_i32, &x, dims, -7), naive(&x, dims, |column| column.fold(1, i32::wrapping_mul)));
        prop_assert_eq!(run(max_i32, &x, dims, -7), naive(&x, dims, |column| column.fold(i32::MIN, i32::max)));
        prop_assert_eq!(run(min_i32, &x, dims, -7), naive(&x, dims, |column| column.fold(i32::MAX, i32::min)));
        let x: Vec<i32> = (0..n).map(|i| i32::from((i * 7919 + seed % 1000) % rare == 0)).collect();
        prop_assert_eq!(run(any, &x, dims, -7), naive(&x, dims, |column| i32::from(column.fold(false, |y, x| y | (x == 1)))));
        let x: Vec<i32> = x.into_iter().map(|x| 1 - x).collect();
        prop_assert_eq!(run(all, &x, dims, -7), naive(&x, dims, |column| i32::from(column.fold(true, |y, x| y & (x == 1)))));
    }

    #[test]
    fn parts_give_the_same_bits(dims in dims(0), seed in arbitrary::<u64>(), split in arbitrary::<prop::sample::Index>()) {
        let (outer, axis, inner) = dims;
        let x = floats(outer * axis * inner, seed);
        let split = split.index(outer + 1);
        let mut parts = run(sum, &x[..split * axis * inner], (split, axis, inner), 7.0);
        parts.extend(run(sum, &x[split * axis * inner..], (outer - split, axis, inner), 7.0));
        prop_assert_eq!(run(sum, &x, dims, 7.0), parts);
    }
}

#[test]
fn columns_give_the_same_bits_by_themselves() {
    let (outer, axis, inner) = (2, 200, 71);
    let x = floats(outer * axis * inner, 3);
    let (sums, first) = (run(sum, &x, (outer, axis, inner), 7.0), run(argmax, &x, (outer, axis, inner), 7));
    for (o, start, end) in [(0, 0, 71), (1, 5, 6), (0, 16, 57), (1, 70, 71)] {
        let (mut part, mut part_first) = (vec![7.0; end - start], vec![7; end - start]);
        let x = x[o * axis * inner + start..].as_ptr();
        // SAFETY: the columns lie inside of x.
        unsafe {
            sum(1, axis, end - start, inner, x, part.as_mut_ptr());
            argmax(1, axis, end - start, inner, x, part_first.as_mut_ptr());
        }
        assert_eq!(part, sums[o * inner + start..o * inner + end]);
        assert_eq!(part_first, first[o * inner + start..o * inner + end]);
    }
}

/// One chain of additions would stop at 2^24, where 1 is half of a unit.
#[test]
fn a_long_sum_stays_exact() {
    if !cfg!(miri) {
        let n = (1 << 24) + (1 << 22);
        let x = vec![1.0; n];
        assert_eq!(run(sum, &x, (1, n, 1), 0.0), [n as f32]);
        assert_eq!(run(sum, &x, (1, n / 2, 2), 0.0), [(n / 2) as f32; 2]);
    }
}

#[test]
fn nothing_has_an_identity() {
    assert_eq!(run(sum, &[], (1, 0, 1), 7.0), [0.0]);
    assert_eq!(run(prod, &[], (1, 0, 2), 7.0), [1.0; 2]);
    assert_eq!(run(max, &[], (1, 0, 1), 7.0), [f32::NEG_INFINITY]);
    assert_eq!(run(all, &[], (2, 0, 1), 7), [1; 2]);
}
