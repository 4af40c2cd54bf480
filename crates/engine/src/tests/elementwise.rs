//! Elementwise ops where random numbers do not lead: at kinks, ties, poles, infinities and NaN, and over many chunks.
//!
//! Expected values are those of Keras 3.15 on JAX 0.10. Where its derivative is NaN beside a finite
//! limit, the limit; hardTanh's at NaN is 0 as relu's.

use super::harness::*;
use crate::op::{Attrs, Op};
use crate::ops::elementwise::{activation::*, binary::*, cast::CAST, compare::*, select::SELECT, unary::*};
use crate::reference::Array;
use crate::session::Session;
use crate::types::{DType, Type};
use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, LN_2, PI};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn floats(options: &[f32]) -> Attrs {
    options.iter().fold(Attrs::none(), |attrs, &x| attrs.float(x))
}

/// A vector of this dtype.
fn vector(session: &mut Session, dtype: DType, xs: &[f64]) -> u32 {
    let ty = Type { dtype, ..Type::f32(&[xs.len()]).unwrap() };
    tensor(session, ty, &Array::new(&[xs.len()], xs.to_vec()))
}

/// The values of an op on vectors of one dtype.
fn eval(op: &'static Op, attrs: Attrs, dtype: DType, ins: &[&[f64]]) -> Vec<f64> {
    let mut session = Session::default();
    let ins: Vec<u32> = ins.iter().map(|xs| vector(&mut session, dtype, xs)).collect();
    let y = apply(&mut session, op, &ins, attrs);
    values(&session, y)
}

/// Values and derivatives of an op on float32 vectors.
fn differentiate(op: &'static Op, attrs: Attrs, ins: &[&[f64]]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut session = Session::default();
    let ins: Vec<u32> = ins.iter().map(|xs| vector(&mut session, DType::F32, xs)).collect();
    session.tape_begin();
    ins.iter().for_each(|&x| session.tape_watch(x).unwrap());
    let y = apply(&mut session, op, &ins, attrs);
    let dxs = session.grad(y, None, &ins).unwrap();
    session.tape_end();
    (values(&session, y), dxs.into_iter().flatten().map(|dx| values(&session, dx)).collect())
}

#[track_caller]
fn assert_close(what: &str, actual: &[f64], expected: &[f64]) {
    let close = |(&a, &e): (&f64, &f64)| {
        a == e || (a.is_nan() && e.is_nan()) || (a - e).abs() <= 1e-6 * e.abs().max(1.0)
    };
    let equal = actual.len() == expected.len() && actual.iter().zip(expected).all(close);
    assert!(equal, "{what}: {actual:?}, expected {expected:?}");
}

type Row = (&'static Op, &'static [f32], [f64; 6], [f64; 6]);

/// Values and derivatives at -inf, -100, 0, 100, inf and NaN.
#[rustfmt::skip]
const EXTREMES: &[Row] = &[
    (&RELU, &[], [0.0, 0.0, 0.0, 100.0, INF, NAN], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
    (&RELU6, &[], [0.0, 0.0, 0.0, 6.0, 6.0, NAN], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    (&LEAKY_RELU, &[0.2], [-INF, -20.0, 0.0, 100.0, INF, NAN], [0.2, 0.2, 1.0, 1.0, 1.0, 0.2]),
    (&ELU, &[0.5], [-0.5, -0.5, 0.0, 100.0, INF, NAN], [0.0, 0.0, 0.5, 1.0, 1.0, NAN]),
    (&SELU, &[], [-1.7580993, -1.7580993, 0.0, 105.0701, INF, NAN], [0.0, 0.0, 1.7580993, 1.050701, 1.050701, NAN]),
    (&CELU, &[0.5], [-0.5, -0.5, 0.0, 100.0, INF, NAN], [0.0, 0.0, 1.0, 1.0, 1.0, NAN]),
    (&GELU, &[], [NAN, 0.0, 0.0, 100.0, INF, NAN], [NAN, 0.0, 0.5, 1.0, NAN, NAN]),
    (&GELU_TANH, &[], [NAN, 0.0, 0.0, 100.0, INF, NAN], [NAN, 0.0, 0.5, 1.0, NAN, NAN]),
    (&SILU, &[], [NAN, 0.0, 0.0, 100.0, INF, NAN], [NAN, 0.0, 0.5, 1.0, NAN, NAN]),
    (&MISH, &[], [NAN, 0.0, 0.0, 100.0, INF, NAN], [NAN, 0.0, 0.6, 1.0, NAN, NAN]),
    (&SIGMOID, &[], [0.0, 0.0, 0.5, 1.0, 1.0, NAN], [0.0, 0.0, 0.25, 0.0, 0.0, NAN]),
    (&TANH, &[], [-1.0, -1.0, 0.0, 1.0, 1.0, NAN], [0.0, 0.0, 1.0, 0.0, 0.0, NAN]),
    (&LOG_SIGMOID, &[], [-INF, -100.0, -LN_2, 0.0, 0.0, NAN], [1.0, 1.0, 0.5, 0.0, 0.0, NAN]),
    (&SOFTPLUS, &[], [0.0, 0.0, LN_2, 100.0, INF, NAN], [0.0, 0.0, 0.5, 1.0, 1.0, NAN]),
    (&SOFTSIGN, &[], [NAN, -0.990099, 0.0, 0.990099, NAN, NAN], [0.0, 0.000098030, 1.0, 0.000098030, 0.0, NAN]),
    (&HARD_SIGMOID, &[], [0.0, 0.0, 0.5, 1.0, 1.0, NAN], [0.0, 0.0, 0.16666667, 0.0, 0.0, 0.0]),
    (&HARD_SILU, &[], [NAN, 0.0, 0.0, 100.0, INF, NAN], [0.0, 0.0, 0.5, 1.0, 1.0, NAN]),
    (&HARD_TANH, &[], [-1.0, -1.0, 0.0, 1.0, 1.0, NAN], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    (&TANH_SHRINK, &[], [-INF, -99.0, 0.0, 99.0, INF, NAN], [1.0, 1.0, 0.0, 1.0, 1.0, NAN]),
    (&SOFT_SHRINK, &[0.5], [-INF, -99.5, 0.0, 99.5, INF, 0.0], [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]),
    (&HARD_SHRINK, &[0.5], [-INF, -100.0, 0.0, 100.0, INF, 0.0], [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]),
    (&THRESHOLD, &[1.0, 7.0], [7.0, 7.0, 7.0, 100.0, INF, 7.0], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
    (&SQUAREPLUS, &[4.0], [NAN, 0.0099983, 1.0, 100.009995, INF, NAN], [NAN, 0.0000999, 0.5, 0.9999000, NAN, NAN]),
    (&SPARSE_PLUS, &[], [0.0, 0.0, 0.25, 100.0, INF, NAN], [0.0, 0.0, 0.5, 1.0, 1.0, NAN]),
    (&SPARSE_SIGMOID, &[], [0.0, 0.0, 0.5, 1.0, 1.0, NAN], [0.0, 0.0, 0.5, 0.0, 0.0, 0.0]),
    (&ABS, &[], [INF, 100.0, 0.0, 100.0, INF, NAN], [-1.0, -1.0, 1.0, 1.0, 1.0, -1.0]),
    (&SQRT, &[], [NAN, NAN, 0.0, 10.0, INF, NAN], [NAN, NAN, INF, 0.05, 0.0, NAN]),
    (&RSQRT, &[], [NAN, NAN, INF, 0.1, 0.0, NAN], [NAN, NAN, -INF, -0.0005, 0.0, NAN]),
    (&RECIPROCAL, &[], [0.0, -0.01, INF, 0.01, 0.0, NAN], [0.0, -0.0001, -INF, -0.0001, 0.0, NAN]),
    (&EXP, &[], [0.0, 0.0, 1.0, INF, INF, NAN], [0.0, 0.0, 1.0, INF, INF, NAN]),
    (&EXPM1, &[], [-1.0, -1.0, 0.0, INF, INF, NAN], [0.0, 0.0, 1.0, INF, INF, NAN]),
    (&LOG, &[], [NAN, NAN, -INF, 4.6051702, INF, NAN], [0.0, -0.01, INF, 0.01, 0.0, NAN]),
    (&LOG1P, &[], [NAN, NAN, 0.0, 4.6151204, INF, NAN], [0.0, -0.01010101, 1.0, 0.00990099, 0.0, NAN]),
    (&ASIN, &[], [NAN, NAN, 0.0, NAN, NAN, NAN], [NAN, NAN, 1.0, NAN, NAN, NAN]),
    (&ACOS, &[], [NAN, NAN, FRAC_PI_2, NAN, NAN, NAN], [NAN, NAN, -1.0, NAN, NAN, NAN]),
    (&ATAN, &[], [-FRAC_PI_2, -1.5607967, 0.0, 1.5607967, FRAC_PI_2, NAN], [0.0, 0.0000999900, 1.0, 0.0000999900, 0.0, NAN]),
    (&ASINH, &[], [-INF, -5.2983423, 0.0, 5.2983423, INF, NAN], [0.0, 0.0099995, 1.0, 0.0099995, 0.0, NAN]),
    (&ERF, &[], [-1.0, -1.0, 0.0, 1.0, 1.0, NAN], [0.0, 0.0, FRAC_2_SQRT_PI, 0.0, 0.0, NAN]),
];

#[test]
fn extremes_are_those_of_keras() {
    for (op, options, y, dx) in EXTREMES {
        let (actual, dxs) = differentiate(op, floats(options), &[&[-INF, -100.0, 0.0, 100.0, INF, NAN]]);
        assert_close(op.name, &actual, y);
        assert_close(&format!("{}, derivative", op.name), &dxs[0], dx);
    }
}

#[test]
fn derivatives_at_kinks_are_those_of_jax() {
    type Kink = (&'static Op, &'static [f32], &'static [f64], &'static [f64]);
    let kinks: &[Kink] = &[
        (&RELU, &[], &[-0.0, 0.0], &[0.0, 0.0]),
        (&RELU6, &[], &[0.0, 6.0], &[0.0, 0.0]),
        (&LEAKY_RELU, &[0.3], &[-0.0, 0.0], &[1.0, 1.0]),
        (&ELU, &[0.5], &[0.0], &[0.5]),
        (&HARD_SIGMOID, &[], &[-3.0, 3.0], &[0.0, 0.0]),
        (&HARD_SILU, &[], &[-3.0, 3.0], &[0.0, 1.0]),
        (&HARD_TANH, &[], &[-1.0, 1.0], &[1.0, 1.0]),
        (&SOFT_SHRINK, &[0.5], &[-0.5, 0.5], &[0.0, 0.0]),
        (&HARD_SHRINK, &[0.5], &[-0.5, 0.5], &[0.0, 0.0]),
        (&THRESHOLD, &[0.5, 7.0], &[0.5], &[0.0]),
        (&SPARSE_PLUS, &[], &[-1.0, 1.0], &[0.0, 1.0]),
        (&SPARSE_SIGMOID, &[], &[-1.0, 1.0], &[0.25, 0.25]),
        (&CLIP, &[-1.0, 1.0], &[-1.0, 1.0], &[0.5, 0.5]),
        (&ABS, &[], &[-0.0, 0.0], &[1.0, 1.0]),
        (&ASIN, &[], &[-1.0, 1.0], &[INF, INF]),
        (&ACOS, &[], &[-1.0, 1.0], &[-INF, -INF]),
        (&ACOSH, &[], &[1.0], &[INF]),
        (&ATANH, &[], &[-1.0, 1.0], &[INF, INF]),
    ];
    for (op, options, x, dx) in kinks {
        assert_close(op.name, &differentiate(op, floats(options), &[x]).1[0], dx);
    }
}

#[test]
fn a_factor_zero_stops_what_is_not_finite() {
    let mut session = Session::default();
    let x = vector(&mut session, DType::F32, &[-1.0, -1.0, 2.0]);
    let dy = vector(&mut session, DType::F32, &[INF, NAN, INF]);
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let y = apply(&mut session, &RELU, &[x], Attrs::none());
    let dx = session.grad(y, Some(dy), &[x]).unwrap()[0].unwrap();
    session.tape_end();
    assert_eq!(values(&session, dx), [0.0, 0.0, INF]);
}

#[test]
fn ties_and_poles_of_two_operands_are_those_of_jax() {
    type Pair = (&'static Op, [f64; 2], f64, [f64; 2]);
    let pairs: &[Pair] = &[
        (&MAXIMUM, [1.0, 1.0], 1.0, [0.5, 0.5]),
        (&MAXIMUM, [INF, INF], INF, [0.5, 0.5]),
        (&MAXIMUM, [NAN, 1.0], NAN, [0.0, 0.0]),
        (&MAXIMUM, [1.0, NAN], NAN, [0.0, 0.0]),
        (&MINIMUM, [1.0, 1.0], 1.0, [0.5, 0.5]),
        (&MINIMUM, [1.0, NAN], NAN, [0.0, 0.0]),
        // JAX gives NaN for the first derivative; x^0 is 1 everywhere.
        (&POW, [0.0, 0.0], 1.0, [0.0, 0.0]),
        (&POW, [0.0, 1.0], 0.0, [1.0, 0.0]),
        (&POW, [0.0, 2.0], 0.0, [0.0, 0.0]),
        (&POW, [0.0, 0.5], 0.0, [INF, 0.0]),
        (&POW, [0.0, -1.0], INF, [-INF, NAN]),
        (&POW, [-2.0, 3.0], -8.0, [12.0, NAN]),
        (&POW, [-2.0, 0.5], NAN, [NAN, NAN]),
        (&POW, [2.0, 0.0], 1.0, [0.0, LN_2]),
        (&MOD, [5.0, 3.0], 2.0, [1.0, -1.0]),
        (&MOD, [-5.0, 3.0], 1.0, [1.0, 2.0]),
        (&MOD, [5.0, -3.0], -1.0, [1.0, 2.0]),
        (&MOD, [-6.0, 3.0], 0.0, [1.0, 2.0]),
        (&MOD, [5.0, INF], 5.0, [1.0, 0.0]),
        (&MOD, [5.0, 0.0], NAN, [1.0, -INF]),
        (&ATAN2, [0.0, -1.0], PI, [-1.0, 0.0]),
        (&ATAN2, [1.0, 0.0], FRAC_PI_2, [0.0, -1.0]),
        (&ATAN2, [0.0, 0.0], 0.0, [NAN, NAN]),
    ];
    for (op, [x, y], z, dxs) in pairs {
        let (actual, actual_dxs) = differentiate(op, Attrs::none(), &[&[*x], &[*y]]);
        assert_close(&format!("{}({x}, {y})", op.name), &actual, &[*z]);
        assert_close(&format!("{}({x}, {y}), derivatives", op.name), &actual_dxs.concat(), dxs);
    }
}

#[test]
fn the_gradient_of_a_clip_to_one_value_is_finite() {
    let (y, dxs) = differentiate(&CLIP, floats(&[1.0, 1.0]), &[&[0.0, 1.0, 2.0]]);
    assert_eq!(y, [1.0; 3]);
    assert_eq!((dxs[0][0], dxs[0][2]), (0.0, 0.0));
}

#[test]
fn floats_are_divided_exactly() {
    let (x, y) = (&[1.0, 7.0, -7.0, 7.0, 5.0, -5.0, 0.0][..], &[0.1, 2.0, 2.0, -2.0, 0.0, 0.0, 0.0][..]);
    // 1 / 0.1f32 rounds to 10, which it does not reach.
    let expected = [9.0, 3.0, -4.0, -4.0, INF, -INF, NAN];
    assert_close("floorDiv", &eval(&FLOOR_DIV, Attrs::none(), DType::F32, &[x, y]), &expected);
    assert_eq!(eval(&MOD, Attrs::none(), DType::F32, &[&[1e8], &[3.0]]), [1.0]);
}

#[test]
fn integers_wrap_and_never_trap() {
    let (min, max) = (i32::MIN as f64, i32::MAX as f64);
    let on = |op: &'static Op, x: &[f64], y: &[f64]| eval(op, Attrs::none(), DType::I32, &[x, y]);
    let (x, y) = (&[7.0, -7.0, 7.0, -7.0, 5.0, min][..], &[3.0, 3.0, -3.0, -3.0, 0.0, -1.0][..]);
    assert_eq!(on(&FLOOR_DIV, x, y), [2.0, -3.0, -3.0, 2.0, 0.0, min]);
    assert_eq!(on(&MOD, x, y), [1.0, 2.0, -2.0, -1.0, 0.0, 0.0]);
    assert_eq!(on(&ADD, &[max], &[1.0]), [min]);
    let (x, y) = (&[2.0, -1.0, -1.0, 0.0, 3.0, -2.0][..], &[-1.0, -3.0, -2.0, 0.0, 40.0, 3.0][..]);
    assert_eq!(on(&POW, x, y), [0.0, -1.0, 1.0, 1.0, 689_956_897.0, -8.0]);
    assert_eq!(eval(&ABS, Attrs::none(), DType::I32, &[&[min, -3.0]]), [min, 3.0]);
}

#[test]
fn powers_of_small_integers_are_exact() {
    let (x, y) = (&[2.0, 3.0, 10.0, 7.0, -3.0, 9.0][..], &[10.0, 4.0, 3.0, 2.0, 3.0, 0.5][..]);
    assert_eq!(eval(&POW, Attrs::none(), DType::F32, &[x, y]), [1024.0, 81.0, 1000.0, 49.0, -27.0, 3.0]);
}

#[test]
fn comparisons_with_nan_are_false_but_not_equal() {
    for op in [&EQUAL, &LESS, &LESS_EQUAL, &GREATER, &GREATER_EQUAL] {
        let z = eval(op, Attrs::none(), DType::F32, &[&[NAN, NAN, 1.0], &[NAN, 1.0, NAN]]);
        assert_eq!(z, [0.0; 3], "{}", op.name);
    }
    assert_eq!(eval(&NOT_EQUAL, Attrs::none(), DType::F32, &[&[NAN, -0.0], &[NAN, 0.0]]), [1.0, 0.0]);
}

#[test]
fn signs_steps_ties_and_casts() {
    let x: &[f64] = &[-2.5, -0.5, -0.0, 0.5, 1.5, 2.5, INF, NAN];
    let on = |op: &'static Op, attrs: Attrs| eval(op, attrs, DType::F32, &[x]);
    assert_close("sign", &on(&SIGN, Attrs::none()), &[-1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0, NAN]);
    assert_close("step", &on(&STEP, floats(&[0.25])), &[0.25, 0.25, 0.25, 1.0, 1.0, 1.0, 1.0, NAN]);
    assert_close("round", &on(&ROUND, Attrs::none()), &[-2.0, 0.0, 0.0, 0.0, 2.0, 2.0, INF, NAN]);
    let max = i32::MAX as f64;
    assert_eq!(on(&CAST, Attrs::none().dtype(DType::I32)), [-2.0, 0.0, 0.0, 0.0, 1.0, 2.0, max, 0.0]);
    assert_eq!(on(&CAST, Attrs::none().dtype(DType::Bool)), [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn chunks_cover_every_element_once() {
    // Three chunks of one row, and several of many rows.
    let layouts: [([&[usize]; 3], usize); 4] = [
        ([&[40_001], &[40_001], &[]], 40_001),
        ([&[], &[40_001], &[40_001]], 40_001),
        ([&[403, 101], &[101], &[403, 1]], 403 * 101),
        ([&[7, 5000, 2], &[7, 1, 2], &[5000, 1]], 70_000),
    ];
    for (shapes, size) in layouts {
        let mut session = Session::default();
        let arrays: Vec<Array> = shapes
            .iter()
            .enumerate()
            .map(|(k, shape)| {
                let n: usize = shape.iter().product();
                Array::new(shape, (0..n).map(|i| ((i * (k + 3)) % 1009) as f64).collect())
            })
            .collect();
        let condition = arrays[0].map(|x| (x % 3.0 == 0.0) as u8 as f64);
        let of = |session: &mut Session, array: &Array, dtype| {
            tensor(session, Type { dtype, ..Type::f32(&array.shape).unwrap() }, array)
        };
        let x = of(&mut session, &arrays[1], DType::F32);
        let y = of(&mut session, &arrays[2], DType::F32);
        let c = of(&mut session, &condition, DType::Bool);
        let sum = apply(&mut session, &ADD, &[x, y], Attrs::none());
        assert_eq!(values(&session, sum), arrays[1].zip(&arrays[2], |x, y| x + y).data, "add {shapes:?}");
        let chosen = apply(&mut session, &SELECT, &[c, x, y], Attrs::none());
        let picked = condition.zip(&arrays[1], |c, x| if c != 0.0 { x } else { -1.0 });
        let expected = picked.zip(&arrays[2], |x, y| if x < 0.0 { y } else { x });
        assert_eq!(values(&session, chosen), expected.data, "select {shapes:?}");
        assert_eq!(expected.data.len(), size);
    }
}

#[test]
fn an_element_has_the_same_bits_wherever_it_stands() {
    let xs: Vec<f64> = (0..9).map(|i| i as f64 * 0.37 - 0.9).collect();
    for op in [&EXP, &TANH, &SIGMOID, &GELU, &LOG1P, &SIN] {
        let all = eval(op, Attrs::none(), DType::F32, &[&xs]);
        for start in 0..xs.len() {
            for end in start + 1..=xs.len() {
                let part = eval(op, Attrs::none(), DType::F32, &[&xs[start..end]]);
                assert_eq!(part, all[start..end], "{} {start}..{end}", op.name);
            }
        }
    }
}

#[test]
fn wrong_operands_are_explained() {
    let of = |dtypes: &[DType], dims: &[&[usize]], op: &'static Op| {
        let ins: Vec<Type> = dtypes
            .iter()
            .zip(dims)
            .map(|(&dtype, dims)| Type { dtype, ..Type::f32(dims).unwrap() })
            .collect();
        crate::graph::infer(op, &ins, &Attrs::none()).unwrap_err().to_string()
    };
    use DType::*;
    let cases = [
        (of(&[I32], &[&[2]], &SIN), "sin: expected float32, got int32; cast it first"),
        (of(&[Bool], &[&[2]], &NEG), "neg: expected float32 or int32, got bool; cast it first"),
        (
            of(&[F32, I32], &[&[2], &[]], &ADD),
            "add: the dtypes differ: float32[2] and int32[]; cast one of them",
        ),
        (of(&[F32, F32], &[&[2, 3], &[2]], &MUL), "mul: shapes [2, 3] and [2] cannot be broadcast together"),
        (
            of(&[F32, F32], &[&[2], &[2]], &LOGICAL_AND),
            "logicalAnd: expected bool, got float32; cast it first",
        ),
        (
            of(&[F32, F32, F32], &[&[2], &[2], &[2]], &SELECT),
            "select: expected a condition of dtype bool, got float32; cast it first",
        ),
    ];
    for (actual, expected) in cases {
        assert_eq!(actual, expected);
    }
}
