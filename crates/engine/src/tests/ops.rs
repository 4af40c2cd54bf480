//! The table, op by op.

use super::harness::*;
use crate::op::{Attrs, Grad, Op};
use crate::ops::{self, elementwise::binary, reduce};
use crate::reference::{Arg, Array, Case};
use crate::session::{Handle, Session};
use crate::types::{DType, Type};

pub(super) fn for_each_case(mut test: impl FnMut(&'static Op, &'static Case)) {
    for op in ops::table() {
        assert!(!op.cases.is_empty(), "{} has no cases", op.name);
        op.cases.iter().for_each(|case| test(op, case));
    }
}

pub(super) fn arrays(case: &Case) -> Vec<Array> {
    case.ins.iter().enumerate().map(|(i, arg)| arg.values(i as u64 + 1)).collect()
}

pub(super) fn tensors(session: &mut Session, case: &Case) -> Vec<Handle> {
    case.ins.iter().zip(arrays(case)).map(|(arg, array)| tensor(session, arg.ty(), &array)).collect()
}

pub(super) fn close(actual: f64, expected: f64, tolerance: f64) -> bool {
    actual == expected
        || (actual.is_nan() && expected.is_nan())
        || (actual - expected).abs() <= tolerance * expected.abs().max(1.0)
}

#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = ops::table().iter().map(|op| op.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

#[test]
fn values_agree_with_f64() {
    for_each_case(|op, case| {
        let mut session = Session::default();
        let attrs = (case.attrs)();
        let ins = tensors(&mut session, case);
        let outs = session.apply(op, &ins, attrs.clone()).unwrap();
        let expected = (op.reference)(&arrays(case), &attrs);
        assert_eq!(outs.len(), expected.len(), "{}", op.name);
        for (out, expected) in outs.iter().zip(&expected) {
            assert_eq!(&session.ty(*out).unwrap().shape[..], &expected.shape[..], "{} {attrs:?}", op.name);
            for (i, (actual, &expected)) in values(&session, *out).into_iter().zip(&expected.data).enumerate()
            {
                assert!(
                    close(actual, expected, 2e-6),
                    "{} {attrs:?} element {i}: {actual}, expected {expected}",
                    op.name
                );
            }
        }
    });
}

#[test]
fn a_planned_run_gives_the_bits_of_the_eager_run() {
    for_each_case(|op, case| {
        let mut session = Session::default();
        let ins = tensors(&mut session, case);
        // Writes change their operands, so each way starts from its own.
        let again = tensors(&mut session, case);
        let eager = session.apply(op, &ins, (case.attrs)()).unwrap();
        let eager: Vec<Vec<u32>> = eager.iter().map(|&x| words(&session, x)).collect();
        let results = if !op.memory.is_write() {
            planned(&mut session, &again, |session, ins| session.apply(op, ins, (case.attrs)()).unwrap())
        } else {
            planned(&mut session, &[], |session, _| session.apply(op, &again, (case.attrs)()).unwrap())
        };
        assert_eq!(eager, results, "{}", op.name);
    });
}

/// sum over outputs of sum(output * weight), for float32 outputs.
pub(super) fn weighted_sum(
    session: &mut Session,
    op: &'static Op,
    ins: &[Handle],
    attrs: Attrs,
    weights: &[Handle],
) -> Handle {
    let outs = session.apply(op, ins, attrs).unwrap();
    let mut total: Option<Handle> = None;
    for (&out, &weight) in outs.iter().zip(weights) {
        let ty = session.ty(out).unwrap();
        if ty.dtype != DType::F32 {
            continue;
        }
        let product = apply(session, &binary::MUL, &[out, weight], Attrs::none());
        let axes: Vec<i32> = (0..ty.shape.len() as i32).collect();
        let sum = apply(session, &reduce::SUM, &[product], Attrs::none().ints(&axes).bool(false));
        total = Some(match total {
            Some(total) => apply(session, &binary::ADD, &[total, sum], Attrs::none()),
            None => sum,
        });
    }
    total.expect("an op with a gradient has a float32 output")
}

pub(super) fn weight(out: usize, ty: &Array) -> Array {
    let arg = Arg { dtype: DType::F32, shape: &[], lo: 0.5, hi: 1.5 };
    Array::from_fn(&ty.shape, |index| {
        let flat = index.iter().fold(7 + out as u64, |hash, &i| hash * 31 + i as u64);
        arg.values(flat).data[0]
    })
}

/// Eager code records no write, so a program must not differentiate one either.
#[test]
fn no_gradient_passes_a_write() {
    for op in ops::table() {
        let writes = op.memory.is_write();
        assert!(!writes || matches!(op.grad, Grad::Stop | Grad::Missing), "{}", op.name);
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    const STEP: f64 = 1e-5;
    for_each_case(|op, case| {
        if !matches!(op.grad, Grad::By(_)) {
            return;
        }
        let differentiable: Vec<usize> =
            (0..case.ins.len()).filter(|&i| case.ins[i].dtype == DType::F32).collect();
        let attrs = (case.attrs)();
        let values_in = arrays(case);
        let outs = (op.reference)(&values_in, &attrs);
        if differentiable.is_empty() || !(0..outs.len()).any(|k| is_float_output(op, case, k)) {
            return;
        }
        let weights: Vec<Array> = outs.iter().enumerate().map(|(k, out)| weight(k, out)).collect();
        let mut session = Session::default();
        let ins = tensors(&mut session, case);
        let weight_tensors: Vec<Handle> =
            (weights.iter()).map(|w| tensor(&mut session, Type::f32(&w.shape).unwrap(), w)).collect();
        let xs: Vec<Handle> = differentiable.iter().map(|&i| ins[i]).collect();

        session.tape_begin();
        xs.iter().for_each(|&x| session.tape_watch(x).unwrap());
        let y = weighted_sum(&mut session, op, &ins, attrs.clone(), &weight_tensors);
        let eager = session.grad(y, None, &xs).unwrap();
        session.tape_end();

        let inputs: Vec<Handle> = ins.iter().chain(&weight_tensors).copied().collect();
        let traced = planned(&mut session, &inputs, |session, symbols| {
            let (ins, weights) = symbols.split_at(case.ins.len());
            let y = weighted_sum(session, op, ins, attrs.clone(), weights);
            let xs: Vec<Handle> = differentiable.iter().map(|&i| ins[i]).collect();
            session.grad(y, None, &xs).unwrap().into_iter().flatten().collect()
        });
        let eager_words: Vec<Vec<u32>> = eager.iter().flatten().map(|&dx| words(&session, dx)).collect();
        assert_eq!(eager_words, traced, "{} {attrs:?}: planned gradients", op.name);

        for (&i, dx) in differentiable.iter().zip(&eager) {
            let Some(dx) = dx else { continue };
            for (j, actual) in values(&session, *dx).into_iter().enumerate() {
                let at = |offset: f64| {
                    let mut moved = values_in.clone();
                    moved[i].data[j] += offset;
                    loss(op, case, &moved, &weights)
                };
                let expected = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                assert!(
                    close(actual, expected, 2e-5),
                    "{} {attrs:?}: d/d(input {i})[{j}] is {actual}, expected {expected}",
                    op.name
                );
            }
        }
    });
}

/// `weighted_sum` by the op's reference.
pub(super) fn loss(op: &'static Op, case: &'static Case, xs: &[Array], weights: &[Array]) -> f64 {
    let outs = (op.reference)(xs, &(case.attrs)());
    // int32 and bool outputs carry no gradient, and their weights none either.
    (outs.iter().zip(weights).enumerate())
        .filter(|(k, _)| is_float_output(op, case, *k))
        .flat_map(|(_, (out, weight))| out.data.iter().zip(&weight.data))
        .map(|(y, w)| y * w)
        .sum()
}

pub(super) fn is_float_output(op: &'static Op, case: &Case, k: usize) -> bool {
    let types: Vec<Type> = case.ins.iter().map(Arg::ty).collect();
    (op.infer)(&types, &(case.attrs)()).unwrap()[k].dtype == DType::F32
}

#[test]
fn no_test_leaves_a_tensor_behind() {
    for_each_case(|op, case| {
        let mut session = Session::default();
        let ins = tensors(&mut session, case);
        let mut outs = session.apply(op, &ins, (case.attrs)()).unwrap();
        outs.retain(|out| !ins.contains(out));
        drop_all(&mut session, &outs);
        drop_all(&mut session, &ins);
        assert_eq!((session.heap.count(), session.heap.bytes()), (0, 0), "{}", op.name);
    });
}
