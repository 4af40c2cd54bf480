//! What the cases of the reductions cannot show: chunks, ties, zeros, and what is not a number.

use super::harness::*;
use crate::op::{Attrs, Op};
use crate::ops::data::window::SLICE;
use crate::ops::reduce::{extremes, logic, sums, two_pass};
use crate::reference::{Arg, Array};
use crate::session::{Handle, Session};
use crate::types::Type;

fn vector(session: &mut Session, xs: &[f64]) -> Handle {
    tensor(session, Type::f32(&[xs.len()]).unwrap(), &Array::new(&[xs.len()], xs.to_vec()))
}

fn over(axes: &[i32]) -> Attrs {
    Attrs::none().ints(axes).bool(false)
}

/// The op's value over all elements.
fn value(op: &'static Op, xs: &[f64]) -> f64 {
    let mut session = Session::default();
    let x = vector(&mut session, xs);
    let y = apply(&mut session, op, &[x], over(&[0]));
    values(&session, y)[0]
}

/// The gradient of the op's value over all elements.
fn gradient(op: &'static Op, xs: &[f64]) -> Vec<f64> {
    let mut session = Session::default();
    let x = vector(&mut session, xs);
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let y = apply(&mut session, op, &[x], over(&[0]));
    let dx = session.grad(y, None, &[x]).unwrap()[0].unwrap();
    session.tape_end();
    values(&session, dx)
}

/// Random numbers.
fn numbers(shape: &[usize]) -> Array {
    let array = Arg::f32(&[450_003]).values(3);
    Array::new(shape, array.data[..shape.iter().product()].to_vec())
}

/// The order of the operations on a line depends on its own size alone, whether it is divided or not.
#[test]
fn many_chunks_give_the_bits_of_one() {
    let ops: [&'static Op; 4] = [&sums::SUM, &extremes::ARG_MAX, &two_pass::VARIANCE, &two_pass::LOG_SUM_EXP];
    // Lines that stay whole, and lines that divide along their axis and across.
    let shapes = [&[67, 6_001, 1], &[41, 100, 101], &[3, 150_001, 1], &[2, 1_500, 150], &[2, 101, 2_001]];
    for (op, shape) in ops.iter().flat_map(|&op| shapes.map(|shape| (op, shape))) {
        let mut session = Session::default();
        let ty = Type::f32(shape).unwrap();
        let array = numbers(shape);
        let x = tensor(&mut session, ty, &array);
        let y = session.apply(op, &[x], over(&[1])).unwrap()[0];
        let chunks = (op.work)(&[ty], &[session.ty(y).unwrap()], &over(&[1])).phases()[0];
        assert!(chunks > 1, "{}: one chunk", op.name);
        let mut one_by_one = Vec::new();
        for i in 0..shape[0] as i32 {
            let attrs = Attrs::none().ints(&[i, 0, 0]).ints(&[1, -1, -1]);
            let part = apply(&mut session, &SLICE, &[x], attrs);
            let y = apply(&mut session, op, &[part], over(&[1]));
            one_by_one.extend(words(&session, y));
        }
        assert_eq!(words(&session, y), one_by_one, "{}", op.name);
        let expected = (op.reference)(&[array], &over(&[1]));
        let tolerance = shape[1] as f64 * 2f64.powi(-27);
        for (actual, expected) in values(&session, y).iter().zip(&expected[0].data) {
            assert!(
                (actual - expected).abs() < tolerance.max(2e-4),
                "{}: {actual}, expected {expected}",
                op.name
            );
        }
    }
}

#[test]
fn ties_share_the_gradient() {
    assert_eq!(gradient(&extremes::MAX, &[1.0, 3.0, -2.0, 3.0]), [0.0, 0.5, 0.0, 0.5]);
    assert_eq!(gradient(&extremes::MIN, &[1.0, 1.0, 1.0, 1.0]), [0.25; 4]);
}

#[test]
fn the_gradient_of_a_product_stands_zeros() {
    assert_eq!(gradient(&sums::PROD, &[2.0, 0.0, 3.0]), [0.0, 6.0, 0.0]);
    assert_eq!(gradient(&sums::PROD, &[0.0, 0.0, 3.0]), [0.0, 0.0, 0.0]);
}

#[test]
fn the_first_of_equal_elements_is_found_and_nan_before_all() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for (xs, max, min) in [
        (&[2.0, 5.0, 5.0, 1.0, 1.0][..], 1.0, 3.0),
        (&[-0.0, 0.0], 0.0, 0.0),
        (&[1.0, inf, nan, -inf, nan], 2.0, 2.0),
        (&[-inf, -inf], 0.0, 0.0),
    ] {
        assert_eq!(value(&extremes::ARG_MAX, xs), max, "{xs:?}");
        assert_eq!(value(&extremes::ARG_MIN, xs), min, "{xs:?}");
    }
    assert!(value(&extremes::MAX, &[1.0, nan, 2.0]).is_nan());
    assert!(value(&extremes::MIN, &[1.0, nan, 2.0]).is_nan());
}

#[test]
fn log_sum_exp_stands_infinities_and_large_numbers() {
    let inf = f64::INFINITY;
    assert_eq!(value(&two_pass::LOG_SUM_EXP, &[-inf, -inf]), -inf);
    assert_eq!(value(&two_pass::LOG_SUM_EXP, &[1.0, inf]), inf);
    assert_eq!(value(&two_pass::LOG_SUM_EXP, &[-inf, 7.0]), 7.0);
    assert_eq!(value(&two_pass::LOG_SUM_EXP, &[3e38, 0.0]), 3e38f32 as f64);
    assert!(value(&two_pass::LOG_SUM_EXP, &[1.0, f64::NAN]).is_nan());
}

#[test]
fn wrong_operands_are_explained() {
    let refusal =
        |op: &'static Op, ty: Type, attrs: Attrs| crate::graph::infer(op, &[ty], &attrs).unwrap_err().message;
    let x = Type::f32(&[2, 0]).unwrap();
    let message = "argMax: there are no elements along the axes of shape [2, 0]";
    assert_eq!(refusal(&extremes::ARG_MAX, x, over(&[1])), message);
    assert_eq!(refusal(&sums::SUM, x, over(&[1, -1])), "sum: axis -1 is given twice");
    assert_eq!(refusal(&sums::SUM, x, over(&[2])), "sum: axis 2 does not exist in shape [2, 0]");
    let message = "any: expected bool, got float32; cast it first";
    assert_eq!(refusal(&logic::ANY, x, over(&[0])), message);
}
