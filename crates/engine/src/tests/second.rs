//! Gradients of gradients.

use super::harness::*;
use super::ops::*;
use crate::op::{Attrs, Grad};
use crate::ops::elementwise::binary;
use crate::ops::reduce::SUM;
use crate::reference::Array;
use crate::session::{Handle, Session};
use crate::types::{DType, Type};
use std::cell::RefCell;

/// sum of x * w over all pairs.
fn dot(session: &mut Session, xs: &[Handle], ws: &[Handle]) -> Handle {
    let mut total = None;
    for (&x, &w) in xs.iter().zip(ws) {
        let product = apply(session, &binary::MUL, &[x, w], Attrs::none());
        let axes: Vec<i32> = (0..session.ty(x).unwrap().shape.len() as i32).collect();
        let sum = apply(session, &SUM, &[product], Attrs::none().ints(&axes).bool(false));
        total = Some(match total {
            Some(total) => apply(session, &binary::ADD, &[total, sum], Attrs::none()),
            None => sum,
        });
    }
    total.expect("at least one pair")
}

/// The derivative along a direction of the gradient, by the ops and by mixed differences of the f64 reference.
#[test]
fn second_derivatives_agree_with_finite_differences() {
    const STEP: f64 = 1e-4;
    for_each_case(|op, case| {
        let floats: Vec<usize> = (0..case.ins.len()).filter(|&i| case.ins[i].dtype == DType::F32).collect();
        let by_rule = matches!(op.grad, Grad::By(_)) && !op.memory.is_write();
        let attrs = (case.attrs)();
        let values_in = arrays(case);
        let outs = (op.reference)(&values_in, &attrs);
        if !by_rule || floats.is_empty() || !(0..outs.len()).any(|k| is_float_output(op, case, k)) {
            return;
        }
        let weights: Vec<Array> = outs.iter().enumerate().map(|(k, out)| weight(k, out)).collect();
        let directions: Vec<Array> = floats.iter().map(|&i| weight(10 + i, &values_in[i])).collect();
        let mut session = Session::default();
        let mut inputs = tensors(&mut session, case);
        for array in weights.iter().chain(&directions) {
            inputs.push(tensor(&mut session, Type::f32(&array.shape).unwrap(), array));
        }
        // Which inputs have a second derivative; none where the op does not provide it.
        let depends = RefCell::new(None);
        let results = planned(&mut session, &inputs, |session, symbols| {
            let (ins, rest) = symbols.split_at(case.ins.len());
            let (weights, directions) = rest.split_at(weights.len());
            let xs: Vec<Handle> = floats.iter().map(|&i| ins[i]).collect();
            let y = weighted_sum(session, op, ins, attrs.clone(), weights);
            let dxs = session.grad(y, None, &xs).unwrap();
            let pairs = dxs.iter().zip(directions).filter_map(|(dx, &w)| dx.map(|dx| (dx, w)));
            let (dxs, ws): (Vec<Handle>, Vec<Handle>) = pairs.unzip();
            let along = dot(session, &dxs, &ws);
            match session.grad(along, None, &xs) {
                Ok(second) => {
                    depends.replace(Some(second.iter().map(Option::is_some).collect::<Vec<_>>()));
                    second.into_iter().flatten().collect()
                }
                Err(error) => {
                    assert!(error.message.contains("cannot be differentiated again"), "{error}");
                    vec![along]
                }
            }
        });
        let Some(depends) = depends.into_inner() else { return };
        let mut results = results.into_iter();
        for (&i, &depends) in floats.iter().zip(&depends) {
            let second = if depends { results.next().unwrap() } else { vec![0; values_in[i].data.len()] };
            for (j, word) in second.into_iter().enumerate() {
                let at = |own: f64, along: f64| {
                    let mut moved = values_in.clone();
                    for (&k, direction) in floats.iter().zip(&directions) {
                        moved[k].data.iter_mut().zip(&direction.data).for_each(|(x, w)| *x += along * w);
                    }
                    moved[i].data[j] += own;
                    loss(op, case, &moved, &weights)
                };
                let (plus, minus) = (at(STEP, STEP) - at(STEP, -STEP), at(-STEP, STEP) - at(-STEP, -STEP));
                let expected = (plus - minus) / (4.0 * STEP * STEP);
                let actual = f32::from_bits(word) as f64;
                assert!(
                    close(actual, expected, 5e-5),
                    "{} {attrs:?}: second derivative by input {i}[{j}] is {actual}, expected {expected}",
                    op.name
                );
            }
        }
    });
}
