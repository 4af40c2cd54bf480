//! Each function against f64 over all exponents and both signs, in units in the last place.
//!
//! One float in some thousands is tried; `ULP_STRIDE=1 cargo test --release math` tries all of them.
//! Once all were, strict and relaxed, for exp (1.07 ULP at most), ln (1.16), tanh (2.62), sigmoid (2.41) and erf (2.83);
//! every 251st for erfc, and every 13th for the other functions of one operand.

use super::*;
use crate::lane::LANES;

/// A prime, so that every pattern of low bits occurs, or what the environment says.
fn stride() -> usize {
    let usual = if cfg!(miri) {
        40_000_003
    } else if cfg!(debug_assertions) {
        16_381
    } else {
        4_099
    };
    std::env::var("ULP_STRIDE").map_or(usual, |stride| stride.parse().expect("ULP_STRIDE is a number"))
}

/// The distance of `y` from `exact` in ULP of the latter. A wrong special value is infinitely far.
fn ulps(y: f32, exact: f64) -> f64 {
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    let rounded = exact as f32;
    if y == rounded {
        // A zero carries the sign of the exact result.
        return if y != 0.0 || y.is_sign_negative() == exact.is_sign_negative() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if !exact.is_finite() {
        return f64::INFINITY;
    }
    let exponent = ((exact.to_bits() >> 52 & 0x7ff) as i32 - 1023).clamp(-126, 127);
    // An infinity stands for 2^128, the next float if there were one.
    let y = if y.is_infinite() { f64::from(y.signum()) * 2f64.powi(128) } else { f64::from(y) };
    (y - exact).abs() / 2f64.powi(exponent - 23)
}

/// The worst error of `f` over the bit patterns, and where it is.
fn worst(f: fn(F32x4) -> F32x4, exact: fn(f64) -> f64) -> (f64, f32) {
    let special =
        [0.0, -0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::MIN_POSITIVE];
    let patterns = (0..=u32::MAX).step_by(stride()).map(f32::from_bits);
    let mut worst = (0.0, 0.0);
    let mut lanes = [0.0; LANES];
    for (i, x) in special.into_iter().chain(patterns).enumerate() {
        lanes[i % LANES] = x;
        if i % LANES == LANES - 1 {
            for (x, y) in lanes.into_iter().zip(f(F32x4::new(lanes)).to_array()) {
                let error = ulps(y, exact(f64::from(x)));
                if error > worst.0 {
                    worst = (error, x);
                }
            }
        }
    }
    worst
}

macro_rules! within {
    ($($name:ident: $ulps:literal, $exact:expr;)*) => { $(
        #[test]
        fn $name() {
            let (error, x) = worst(super::$name, $exact);
            println!("{} {error:.3} ULP at {x:e}", stringify!($name));
            assert!(error <= $ulps, "{} is {error} ULP off at {x:e}", stringify!($name));
        }
    )* };
}

within! {
    exp: 2.0, f64::exp;
    expm1: 2.0, f64::exp_m1;
    sigmoid: 3.0, |x| 1.0 / (1.0 + (-x).exp());
    ln: 2.0, f64::ln;
    log1p: 2.0, f64::ln_1p;
    softplus: 3.0, |x| x.max(0.0) + if x.is_nan() { x } else { (-x.abs()).exp().ln_1p() };
    tanh: 3.0, f64::tanh;
    sinh: 2.0, f64::sinh;
    cosh: 2.0, f64::cosh;
    asinh: 3.0, asinh_exact;
    acosh: 3.0, f64::acosh;
    atanh: 3.0, f64::atanh;
    erf: 3.0, erf_exact;
    erfc: 6.0, erfc_exact;
    sin: 2.0, f64::sin;
    cos: 2.0, f64::cos;
    tan: 4.0, f64::tan;
    asin: 3.0, f64::asin;
    acos: 2.0, f64::acos;
    atan: 3.0, f64::atan;
}

/// `f64::asinh` loses the sign of a small x.
fn asinh_exact(x: f64) -> f64 {
    x.abs().asinh().copysign(x)
}

/// Maclaurin's series.
fn erf_exact(x: f64) -> f64 {
    if x.abs() > 3.0 || x.is_nan() {
        return 1f64.copysign(x) - erfc_exact(x.abs()).copysign(x);
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..70 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    (sum * core::f64::consts::FRAC_2_SQRT_PI).copysign(x)
}

/// Laplace's continued fraction.
fn erfc_exact(x: f64) -> f64 {
    if x < 2.0 {
        return 1.0 - erf_exact(x);
    }
    if x > 30.0 {
        return 0.0;
    }
    let fraction = (1..100).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
    (-x * x).exp() / fraction / core::f64::consts::PI.sqrt()
}

/// Operands that meet every special case, and a spread of ordinary ones.
fn pairs() -> impl Iterator<Item = (f32, f32)> {
    let special =
        [0.0, 1.0, 0.5, 2.0, 3.0, 1.5, 1e-40, 1e38, 16_777_216.0, 16_777_215.0, f32::INFINITY, f32::NAN];
    let signed = special.into_iter().flat_map(|x| [x, -x]);
    let all = signed.clone().flat_map(move |x| signed.clone().map(move |y| (x, y)));
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1u64 << 31) as f32
    };
    let count = (1usize << 33) / stride();
    all.chain((0..count).map(move |i| {
        let x = f32::from_bits((next() * 2_139_095_039.0) as u32);
        // Half of them near 1, where the exponent may be large.
        let x = if i % 2 == 0 { x } else { 0.5 + next() * 1.5 };
        // The result spans the range of f32, a little beyond it too.
        let y = (next() * 320.0 - 160.0) / f64::from(x).log2().abs().max(1e-7) as f32;
        (x, y)
    }))
}

fn worst_pair(f: fn(F32x4, F32x4) -> F32x4, exact: fn(f64, f64) -> f64) -> (f64, f32, f32) {
    let mut worst = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        let error =
            ulps(f(F32x4::splat(x), F32x4::splat(y)).to_array()[0], exact(f64::from(x), f64::from(y)));
        if error > worst.0 {
            worst = (error, x, y);
        }
    }
    worst
}

#[test]
fn pow() {
    let (error, x, y) = worst_pair(super::pow, f64::powf);
    println!("pow {error:.3} ULP at ({x:e}, {y:e})");
    assert!(error <= 2.0, "pow is {error} ULP off at ({x:e}, {y:e})");
}

#[test]
fn atan2() {
    let (error, y, x) = worst_pair(super::atan2, f64::atan2);
    println!("atan2 {error:.3} ULP at ({y:e}, {x:e})");
    assert!(error <= 3.0, "atan2 is {error} ULP off at ({y:e}, {x:e})");
}

/// The bits of an element do not depend on its neighbours, though these may send a vector down another path.
#[test]
fn lanes_are_independent() {
    let functions: [fn(F32x4) -> F32x4; 10] = [
        super::exp,
        super::ln,
        super::log1p,
        super::sin,
        super::cos,
        super::tan,
        super::tanh,
        super::erfc,
        super::asinh,
        |x| super::pow(x, x),
    ];
    for f in functions {
        for x in [0.3, 1.7, 2.5, 700.3, 1e-40, 5e5] {
            let alone = f(F32x4::splat(x)).to_array()[0];
            for other in [1e-42, 3e38, f32::NAN, -1.0] {
                assert_eq!(f(F32x4::new([other, x, other, other])).to_array()[1].to_bits(), alone.to_bits());
            }
        }
    }
}

/// What bounds do not say: saturation is exact, and symmetric functions are symmetric.
#[test]
fn exact_values() {
    let at = |f: fn(F32x4) -> F32x4, x: f32| f(F32x4::splat(x)).to_array()[0];
    assert_eq!(at(super::exp, 0.0), 1.0);
    assert_eq!(at(super::ln, 1.0).to_bits(), 0);
    assert_eq!(at(super::sigmoid, 0.0), 0.5);
    for x in [10.0, 88.0, 1e30, f32::INFINITY] {
        assert_eq!((at(super::tanh, x), at(super::tanh, -x)), (1.0, -1.0));
        assert_eq!((at(super::erf, x), at(super::erf, -x)), (1.0, -1.0));
        assert_eq!(at(super::erfc, -x), 2.0);
    }
    for x in (0..=u32::MAX >> 1).step_by(stride() * 16).map(f32::from_bits) {
        assert!(
            !(at(super::tanh, x) > 1.0 || at(super::erf, x) > 1.0 || at(super::sigmoid, x) > 1.0),
            "{x:e}"
        );
    }
}
