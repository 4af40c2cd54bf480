//! Draws that need no logarithm: uniform floats, masks, uniform integers. All are JAX's to the bit.

use super::threefry::{fill, split, words};
use super::xla::fma;
use crate::lane::{F32x4, I32x4};

/// Multiples of 2^-23 in [0, 1), from the upper 23 bits of each word.
#[inline(always)]
pub(super) fn unit(words: I32x4) -> F32x4 {
    words.shr_unsigned(9).or(I32x4::splat(0x3f80_0000)).float_bits().sub(F32x4::splat(1.0))
}

/// `[lo, hi)` from [0, 1), as the machine code that XLA makes of `jax.random.uniform`: the product is not rounded.
#[inline(always)]
pub(super) fn stretch(unit: f32, lo: f32, hi: f32) -> f32 {
    let x = fma(unit, hi - lo, lo);
    if x > lo { x } else { lo }
}

/// y (n) = draws `start .. start + n` of `jax.random.uniform(key, shape, minval=lo, maxval=hi)`.
///
/// # Safety
/// `y` is writable for n f32.
pub unsafe fn uniform(key: [u32; 2], start: u64, n: usize, lo: f32, hi: f32, y: *mut f32) {
    let draw = |i| F32x4::new(unit(words(key, i)).to_array().map(|x| stretch(x, lo, hi))).bits();
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y.cast(), draw) };
}

/// y (n) in {0, 1} = draws `start .. start + n` of `jax.random.bernoulli(key, keep, shape)`: 1 with probability `keep`.
/// This is the mask of Keras's dropout with `keep` = 1 - rate.
///
/// # Safety
/// `y` is writable for n i32.
pub unsafe fn mask(key: [u32; 2], start: u64, n: usize, keep: f32, y: *mut i32) {
    // m / 2^23 < keep for an integer m says m < ceil(keep * 2^23), and the scaling is exact.
    let bound = I32x4::splat((keep * 8_388_608.0).ceil() as i32);
    let one = I32x4::splat(1);
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y, |i| words(key, i).shr_unsigned(9).lt(bound).and(one)) };
}

/// y (n) in [lo, hi) = draws `start .. start + n` of `jax.random.randint(key, shape, lo, hi)`; `lo` where hi <= lo.
///
/// # Safety
/// `y` is writable for n i32.
pub unsafe fn randint(key: [u32; 2], start: u64, n: usize, lo: i32, hi: i32, y: *mut i32) {
    let span = if hi > lo { hi.wrapping_sub(lo) as u32 } else { 1 };
    // 2^32 mod span by way of 2^16, whose square JAX lets wrap to 0: above 2^16 only the lower word counts.
    let root = 65_536 % span;
    let multiplier = root.wrapping_mul(root) % span;
    let (upper_key, lower_key) = (split(key, 0), split(key, 1));
    let draw = |i| {
        let (upper, lower) = (words(upper_key, i).to_array(), words(lower_key, i).to_array());
        I32x4::new(core::array::from_fn(|lane| {
            let upper = (upper[lane] as u32 % span).wrapping_mul(multiplier);
            let offset = upper.wrapping_add(lower[lane] as u32 % span) % span;
            lo.wrapping_add(offset as i32)
        }))
    };
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y, draw) };
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    const KEY: [u32; 2] = [1_234_567_890, 42]; // key = np.array([1234567890, 42], np.uint32)

    fn uniforms(n: usize, lo: f32, hi: f32) -> Vec<f32> {
        // SAFETY: n words.
        drawn(n, |y| unsafe { uniform(KEY, 0, n, lo, hi, y) })
    }

    fn masks(n: usize, keep: f32) -> Vec<i32> {
        // SAFETY: n words.
        drawn(n, |y| unsafe { mask(KEY, 0, n, keep, y) })
    }

    fn integers(n: usize, lo: i32, hi: i32) -> Vec<i32> {
        // SAFETY: n words.
        drawn(n, |y| unsafe { randint(KEY, 0, n, lo, hi, y) })
    }

    #[test]
    fn uniform_is_that_of_jax() {
        // jax.random.uniform(key, (6,), minval=-0.3, maxval=0.1).view(np.uint32)
        let words: [u32; 6] = [0x3dc5_4ba6, 0x3dba_ec92, 0xbe70_8331, 0x3cd9_4caf, 0x3b40_697a, 0xbe81_01cc];
        assert_eq!(uniforms(6, -0.3, 0.1), words.map(f32::from_bits));
    }

    #[test]
    fn uniform_fills_its_range_evenly() {
        let n = 100_000;
        let y = uniforms(n, -2.0, 3.0);
        assert!(y.iter().all(|x| (-2.0..3.0).contains(x)));
        let mut histogram = [0; 10];
        for x in y {
            histogram[((x + 2.0) * 2.0) as usize] += 1;
        }
        // five standard deviations of a count
        assert!(histogram.iter().all(|&count: &i32| (count - 10_000).abs() < 475), "{histogram:?}");
    }

    #[test]
    fn an_empty_range_gives_its_lower_end() {
        assert_eq!(uniforms(5, 1.0, 1.0), [1.0; 5]);
        assert_eq!(uniforms(5, 1.0, 0.0), [1.0; 5]);
        assert_eq!(integers(5, 4, 4), [4; 5]);
        assert_eq!(integers(5, 4, 2), [4; 5]);
    }

    #[test]
    fn mask_is_that_of_jax() {
        // jax.random.bernoulli(key, 0.7, (20,)).astype(int)
        assert_eq!(masks(20, 0.7), [0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1]);
    }

    #[test]
    fn mask_says_which_uniforms_lie_below_keep() {
        let n = 10_000;
        let y = uniforms(n, 0.0, 1.0);
        // y[3] itself stands on the border.
        for keep in [-1.0, 0.0, 1e-8, 0.1, 0.5, y[3], y[3] + f32::EPSILON / 2.0, 0.999, 1.0, 2.0, f32::NAN] {
            let below: Vec<i32> = y.iter().map(|&x| (x < keep) as i32).collect();
            assert_eq!(masks(n, keep), below, "{keep}");
        }
    }

    #[test]
    fn randint_is_that_of_jax() {
        // jax.random.randint(key, (6,), -5, 1000)
        assert_eq!(integers(6, -5, 1000), [618, 880, 757, 879, 764, 646]);
        // jax.random.randint(key, (4,), -2**31, 2**31 - 1)
        let wide = [-259_611_810, 1_276_995_147, -832_204_209, 1_435_553_140];
        assert_eq!(integers(4, i32::MIN, i32::MAX), wide);
    }
}
