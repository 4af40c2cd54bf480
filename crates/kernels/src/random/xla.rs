//! XLA's f32 logarithm and inverse error function, operation by operation as it compiles them for x86-64, where each
//! product that is added to something is fused with the sum. So the draws that need them are JAX's to the bit, and
//! the same bits on every engine.

#![allow(clippy::excessive_precision)]

/// x * y + z, rounded once.
#[inline(always)]
pub(super) fn fma(x: f32, y: f32, z: f32) -> f32 {
    let sum = x as f64 * y as f64 + z as f64;
    // The product is exact in f64. The sum may be rounded to just the middle between two f32, which hides the side
    // it came from; only then a second rounding can go wrong. A subnormal result has other middles, but no rounding
    // in f64 from the operands that come here.
    if sum.to_bits() & 0x1fff_ffff == 0x1000_0000 { x.mul_add(y, z) } else { sum as f32 }
}

/// A polynomial with its highest coefficient first.
#[inline(always)]
fn horner(coefficients: &[f32], x: f32) -> f32 {
    coefficients[1..].iter().fold(coefficients[0], |sum, &c| fma(sum, x, c))
}

/// ln x of a finite x >= 2^-126, as Cephes's logf.
#[inline(never)] // several draws share one copy
pub(super) fn ln(x: f32) -> f32 {
    // x = 2^e (1 + m) with 1 + m in [1/sqrt 2, sqrt 2)
    let m = f32::from_bits(x.to_bits() & 0x007f_ffff | 0x3f00_0000);
    let e = (x.to_bits() >> 23) as f32 - 126.0;
    let (m, e) = if m < core::f32::consts::FRAC_1_SQRT_2 { (m - 1.0 + m, e - 1.0) } else { (m - 1.0, e) };
    let m2 = m * m;
    let m3 = m2 * m;
    let a = horner(&[7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1], m);
    let b = horner(&[-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1], m);
    let c = horner(&[2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1], m);
    // ln 2 in two parts, the upper one exact in ten bits
    let tail = horner(&[a, b, c, e * -2.12194440e-4], m3);
    fma(e, 0.693359375, m - 0.5 * m2 + tail)
}

/// ln(1 + x) of x in (-1, 0], as Cephes's log1p near zero.
fn ln_1p(x: f32) -> f32 {
    const SQRT_2_MINUS_1: f32 = 0.41421357;
    const P: [f32; 7] = [
        4.5270000862e-5,
        4.9854102823e-1,
        6.5787325942,
        29.911919328,
        60.949667980,
        57.112963590,
        20.039553499,
    ];
    const Q: [f32; 7] =
        [1.0, 15.062909083, 83.047565967, 221.76239823, 309.09872225, 216.42788614, 60.118660497];
    if x.abs() >= SQRT_2_MINUS_1 {
        return ln(1.0 + x);
    }
    let x2 = x * x;
    x + (x2 * -0.5 + x * x2 * (horner(&P, x) / horner(&Q, x)))
}

/// The inverse error function of x in (-1, 1). Giles, "Approximating the erfinv function" (2010), single precision.
#[inline(never)] // several draws share one copy
pub(super) fn erf_inv(x: f32) -> f32 {
    const CENTRE: [f32; 9] = [
        2.81022636e-8,
        3.43273939e-7,
        -3.5233877e-6,
        -4.39150654e-6,
        2.1858087e-4,
        -1.25372503e-3,
        -4.17768164e-3,
        0.246640727,
        1.50140941,
    ];
    const TAIL: [f32; 9] = [
        -2.00214257e-4,
        1.00950558e-4,
        1.34934322e-3,
        -3.67342844e-3,
        5.73950773e-3,
        -7.6224613e-3,
        9.43887047e-3,
        1.00167406,
        2.83297682,
    ];
    let w = -ln_1p(x * -x);
    x * if w < 5.0 { horner(&CENTRE, w - 2.5) } else { horner(&TAIL, w.sqrt() - 3.0) }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::super::threefry::bits;
    use super::*;

    #[test]
    fn fma_rounds_once() {
        // A hair under the middle of z and its upper neighbour: f64 loses the hair, and ties then go up.
        let (x, y, z) = ((1.0 + f32::EPSILON) / 4096.0, (1.0 - f32::EPSILON) / 4096.0, 1.0 + f32::EPSILON);
        assert_eq!((x as f64 * y as f64 + z as f64) as f32, z + f32::EPSILON);
        assert_eq!(fma(x, y, z), z);
        assert_eq!(fma(-x, y, -z), -z);
        // SAFETY: 30000 words.
        let words = drawn(30_000, |y| unsafe { bits([1, 2], 0, 30_000, y) });
        for words in words.chunks(3) {
            // any sign and mantissa, exponents from -15 to 16
            let [x, y, z] = [0, 1, 2].map(|i| f32::from_bits(words[i] & 0x8fff_ffff | 0x3800_0000));
            assert_eq!(fma(x, y, z).to_bits(), x.mul_add(y, z).to_bits(), "{x} {y} {z}");
        }
    }

    #[test]
    fn ln_is_that_of_xla() {
        // jnp.log(np.array([2**-126, 1e-10, .3, .7, 1, 1.5, 100], np.float32)).view(np.uint32)
        let x = [f32::MIN_POSITIVE, 1e-10, 0.3, 0.7, 1.0, 1.5, 100.0];
        let y = [0xc2ae_ac50, 0xc1b8_34f1, 0xbf9a_1bc8, 0xbeb6_9e1a, 0, 0x3ecf_991f, 0x4093_5d8e];
        assert_eq!(x.map(|x| ln(x).to_bits()), y);
    }

    #[test]
    fn erf_inv_is_that_of_xla() {
        // jax.scipy.special.erfinv(np.array([0, -.1, .5, -.7, .99, -.9999, .9999999], np.float32)).view(np.uint32)
        let x = [0.0, -0.1, 0.5, -0.7, 0.99, -0.9999, 0.9999999];
        let y = [0, 0xbdb5_fa21, 0x3ef4_30fe, 0xbf3b_9d4f, 0x3fe9_2333, 0xc030_10d3, 0x406f_9c68];
        assert_eq!(x.map(|x| erf_inv(x).to_bits()), y);
    }
}
