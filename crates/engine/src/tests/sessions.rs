//! Eager code: writes, and gradients of what was recorded.

use super::harness::*;
use crate::error::Kind;
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::data::view::RESHAPE;
use crate::ops::elementwise::{
    binary::ADD,
    unary::{EXP, NEG, TANH},
};
use crate::ops::optimizer::{ADAM, SGD};
use crate::session::{Handle, Session};

/// x * x * x
fn cube(session: &mut Session, x: Handle) -> Handle {
    let square = mul(session, x, x);
    mul(session, square, x)
}

fn reshape(session: &mut Session, x: Handle, dims: &[usize]) -> Handle {
    apply(session, &RESHAPE, &[x], Attrs::none().dims(dims))
}

/// The gradient of `f`'s sum, recorded in its own right: gradients of gradients nest.
fn gradient(session: &mut Session, x: Handle, f: &dyn Fn(&mut Session, Handle) -> Handle) -> Handle {
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let y = f(session, x);
    let y = total(session, y);
    let dx = session.grad(y, None, &[x]).unwrap()[0].unwrap();
    session.tape_end();
    dx
}

fn assert_close(actual: &[f64], expected: &[f64]) {
    let close = |(a, e): (&f64, &f64)| (a - e).abs() <= 2e-6 * e.abs().max(1.0);
    assert!(
        actual.len() == expected.len() && actual.iter().zip(expected).all(close),
        "{actual:?} {expected:?}"
    );
}

#[test]
fn a_write_does_not_reach_views_and_what_shows_them() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let view = reshape(&mut session, w, &[4]);
    let view_of_view = reshape(&mut session, view, &[1, 4]);
    assert_eq!(session.heap.buffers(), 1);
    let value = floats(&mut session, &[2, 2], &[5.0, 6.0, 7.0, 8.0]);
    assert_eq!(assign(&mut session, w, value), w);
    assert_eq!(values(&session, w), [5.0, 6.0, 7.0, 8.0]);
    assert_eq!(values(&session, view), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(values(&session, view_of_view), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(session.heap.buffers(), 3);
    // And a view that is written leaves its original alone.
    let other = floats(&mut session, &[4], &[9.0; 4]);
    assign(&mut session, view, other);
    assert_eq!(values(&session, view_of_view), [1.0, 2.0, 3.0, 4.0]);
    drop_all(&mut session, &[w, view, view_of_view, value, other]);
    assert_eq!((session.heap.count(), session.heap.buffers(), session.heap.bytes()), (0, 0, 0));
}

#[test]
fn a_variable_is_assigned_to_from_a_view_of_itself() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let flat = reshape(&mut session, w, &[4]);
    let back = reshape(&mut session, flat, &[2, 2]);
    let sum = apply(&mut session, &ADD, &[w, back], Attrs::none());
    assign(&mut session, w, back);
    assign(&mut session, w, w);
    assert_eq!(values(&session, w), [1.0, 2.0, 3.0, 4.0]);
    assign(&mut session, w, sum);
    assert_eq!(values(&session, back), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn one_variable_cannot_be_two_operands_that_are_written() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[1.0]);
    let m = variable(&mut session, &[1], &[2.0]);
    let [dw, lr] = [1, 0].map(|rank| floats(&mut session, &[1][..rank], &[0.5]));
    let step = ints(&mut session, &[], &[0]);
    let attrs = || unclipped(Attrs::none().float(0.9).float(0.999).float(1e-7).float(0.0));
    let error = session.apply(&ADAM, &[w, m, m, dw, lr, step], attrs()).unwrap_err();
    assert_eq!(error.message, "adam: one variable cannot be written twice at once");
    session.trace_begin().unwrap();
    let error = session.apply(&ADAM, &[w, w, m, dw, lr, step], attrs()).unwrap_err();
    assert_eq!(error.message, "adam: one variable cannot be written twice at once");
    session.trace_abort();
    assert_eq!((values(&session, w), values(&session, m)), (vec![1.0], vec![2.0]));
}

#[test]
fn gradients_survive_the_disposal_of_what_they_need() {
    let mut session = Session::default();
    let x = floats(&mut session, &[3], &[0.5, -1.0, 2.0]);
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let e = apply(&mut session, &EXP, &[x], Attrs::none());
    let product = mul(&mut session, e, x);
    let y = total(&mut session, product);
    drop_all(&mut session, &[e, product]);
    // New tensors may get the handles that were given up.
    let others = [7.0, 8.0, 9.0].map(|x| floats(&mut session, &[3], &[x; 3]));
    let noise = mul(&mut session, others[0], others[1]);
    let dx = session.grad(y, None, &[x]).unwrap()[0].unwrap();
    session.tape_end();
    let expected: Vec<f64> = [0.5f64, -1.0, 2.0].iter().map(|x| x.exp() * (1.0 + x)).collect();
    assert_close(&values(&session, dx), &expected);
    drop_all(&mut session, &others);
    drop_all(&mut session, &[x, y, dx, noise]);
    assert_eq!((session.heap.count(), session.heap.bytes()), (0, 0));
}

#[test]
fn gradients_nest() {
    let mut session = Session::default();
    let points = [0.5f64, -1.5, 2.0];
    let x = floats(&mut session, &[3], &points);
    let second = gradient(&mut session, x, &|session, x| gradient(session, x, &cube));
    assert_close(&values(&session, second), &points.map(|x| 6.0 * x));
    let third = gradient(&mut session, x, &|session, x| {
        gradient(session, x, &|session, x| gradient(session, x, &cube))
    });
    assert_close(&values(&session, third), &[6.0; 3]);
    let tanh = |session: &mut Session, x| apply(session, &TANH, &[x], Attrs::none());
    let second = gradient(&mut session, x, &|session, x| gradient(session, x, &tanh));
    let expected = points.map(|x| -2.0 * x.tanh() * (1.0 - x.tanh() * x.tanh()));
    assert_close(&values(&session, second), &expected);
}

#[test]
fn an_inner_gradient_may_be_mixed_with_outer_values() {
    // d/dx of x * d(x^3)/dx = 9 x^2
    let mut session = Session::default();
    let x = floats(&mut session, &[2], &[0.5, -1.5]);
    let dx = gradient(&mut session, x, &|session, x| {
        let inner = gradient(session, x, &cube);
        mul(session, x, inner)
    });
    assert_close(&values(&session, dx), &[2.25, 20.25]);
}

#[test]
fn touched_variables_come_in_the_order_of_their_use() {
    let mut session = Session::default();
    let [a, b, c] = [1.0, 2.0, 3.0].map(|x| variable(&mut session, &[1], &[x]));
    let x = floats(&mut session, &[1], &[4.0]);
    session.tape_begin();
    let y = mul(&mut session, c, x);
    let y = mul(&mut session, y, a);
    let y = mul(&mut session, y, c);
    apply(&mut session, &NEG, &[x], Attrs::none());
    assert_eq!(session.tape_touched(), [c, a]);
    let dxs = session.grad(y, None, &[a, b, c]).unwrap();
    session.tape_end();
    assert_eq!(dxs[1], None);
    assert_eq!(values(&session, dxs[0].unwrap()), [36.0]);
    assert_eq!(values(&session, dxs[2].unwrap()), [24.0]);
    assert_eq!(session.tape_touched(), []);
}

#[test]
fn the_same_structure_uses_the_same_gradient_program() {
    let mut session = Session::default();
    for (i, x) in [0.5, -1.5, 3.0].into_iter().enumerate() {
        let x_tensor = floats(&mut session, &[1], &[x]);
        let dx = gradient(&mut session, x_tensor, &cube);
        assert_close(&values(&session, dx), &[3.0 * x * x]);
        assert_eq!(session.gradient_programs(), 1, "run {i}");
    }
    // Another shape, another structure, another number of operands: programs of their own.
    let x = floats(&mut session, &[2], &[1.0, 2.0]);
    gradient(&mut session, x, &cube);
    assert_eq!(session.gradient_programs(), 2);
    gradient(&mut session, x, &|session, x| mul(session, x, x));
    assert_eq!(session.gradient_programs(), 3);
    for n in 1..40 {
        let x = floats(&mut session, &[n], &vec![2.0; n]);
        let dx = gradient(&mut session, x, &cube);
        assert_eq!(values(&session, dx), vec![12.0; n]);
    }
    assert_eq!(session.gradient_programs(), 32);
}

#[test]
fn a_gradient_takes_the_values_that_were_read() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[3.0]);
    let x = floats(&mut session, &[1], &[5.0]);
    let new = floats(&mut session, &[1], &[100.0]);
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let y = mul(&mut session, w, x);
    let y = mul(&mut session, y, w);
    assign(&mut session, w, new);
    // w^2 x: by x and by the w that was read.
    let dxs = session.grad(y, None, &[x, w]).unwrap();
    assert_eq!(dxs.iter().map(|dx| values(&session, dx.unwrap())[0]).collect::<Vec<_>>(), [9.0, 30.0]);
    // Read again, w is the new value.
    let z = mul(&mut session, w, x);
    let dz = session.grad(z, None, &[x, w]).unwrap();
    assert_eq!(dz.iter().map(|dx| values(&session, dx.unwrap())[0]).collect::<Vec<_>>(), [100.0, 5.0]);
    session.tape_end();
    assert_eq!(session.tape_touched(), []);
}

#[test]
fn gradients_that_cannot_be_are_refused() {
    let mut session = Session::default();
    let x = floats(&mut session, &[2], &[1.0, 2.0]);
    let n = ints(&mut session, &[2], &[1, 2]);
    let error = session.grad(x, None, &[x]).unwrap_err();
    assert_eq!((error.kind, &error.message[..]), (Kind::Internal, "nothing is being recorded"));
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let error = session.grad(n, None, &[x]).unwrap_err();
    assert_eq!(error.message, "a gradient of int32[2] does not exist; only float32 has one");
    let scalar = total(&mut session, x);
    let error = session.grad(scalar, Some(x), &[x]).unwrap_err();
    assert_eq!(error.message, "expected dy of float32[] as the result, got float32[2]");
    session.tape_end();

    drop_all(&mut session, &[x, n, scalar]);
    assert_eq!((session.heap.count(), session.heap.bytes()), (0, 0));
}

#[test]
fn what_was_written_is_a_constant_for_gradients() {
    let mut session = Session::default();
    let x = floats(&mut session, &[2], &[1.0, 2.0]);
    let (w, lr) = (variable(&mut session, &[2], &[1.0, 2.0]), floats(&mut session, &[], &[0.5]));
    let step = |session: &mut Session, x: Handle| {
        let dw = mul(session, x, x);
        session.apply(&SGD, &[w, dw, lr], unclipped(Attrs::none().float(0.0))).unwrap();
        let y = mul(session, w, x);
        session.grad(y, None, &[x]).unwrap()[0].unwrap()
    };
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let eager = step(&mut session, x);
    session.tape_end();
    assert_eq!(values(&session, eager), [0.5, 0.0]);
    let planned = planned(&mut session, &[x], |session, ins| vec![step(session, ins[0])]);
    assert_eq!(planned, [[0.0f32.to_bits(), (-2.0f32).to_bits()]]);
}

#[test]
fn what_was_computed_before_a_gradient_function_is_constant_in_it() {
    let mut session = Session::default();
    let x = floats(&mut session, &[2], &[3.0, 5.0]);
    let w = variable(&mut session, &[2], &[10.0, 20.0]);
    let step = |session: &mut Session, x: Handle| {
        let before = mul(session, x, w);
        gradient(session, x, &|session, x| mul(session, x, before))
    };
    let eager = step(&mut session, x);
    assert_eq!(values(&session, eager), [30.0, 100.0]);
    // Inside of another gradient function, and of a program: the same.
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let nested = step(&mut session, x);
    let of_nested = session.grad(nested, None, &[x, w]).unwrap();
    session.tape_end();
    assert_eq!(values(&session, nested), [30.0, 100.0]);
    let of_nested: Vec<_> = of_nested.into_iter().map(|dx| values(&session, dx.unwrap())).collect();
    assert_eq!(of_nested, [[10.0, 20.0], [3.0, 5.0]]);
    let planned = planned(&mut session, &[x], |session, ins| vec![step(session, ins[0])]);
    assert_eq!(planned, [[30.0f32.to_bits(), 100.0f32.to_bits()]]);
}

#[test]
fn a_program_touches_the_variables_that_it_reads() {
    let mut session = Session::default();
    let [a, b, c] = [1.0, 2.0, 3.0].map(|x| variable(&mut session, &[1], &[x]));
    let x = floats(&mut session, &[1], &[4.0]);
    session.trace_begin().unwrap();
    let y = mul(&mut session, c, x);
    let y = mul(&mut session, y, a);
    assert_eq!(session.tape_touched(), [c, a]);
    let dxs = session.grad(y, None, &[a, b, c]).unwrap();
    assert!(dxs[0].is_some() && dxs[1].is_none() && dxs[2].is_some());
    session.trace_abort();
}

#[test]
fn a_disposed_tensor_is_named_as_such() {
    let mut session = Session::default();
    let [x, y] = [1.0, 2.0].map(|x| floats(&mut session, &[1], &[x]));
    session.heap.release(TensorId(x));
    let error = session.apply(&ADD, &[y, x], Attrs::none()).unwrap_err();
    assert_eq!((error.kind, &error.message[..]), (Kind::Disposed, "the tensor was disposed"));
    assert_eq!(session.ty(x).unwrap_err().kind, Kind::Disposed);
}

#[test]
fn seeds_and_shuffles_are_those_of_python_and_numpy() {
    let mut session = Session::default();
    assert_eq!(session.next_seed().unwrap_err().kind, Kind::Internal);
    // random.seed(7); np.random.seed(7); random.randint(1, 10**9) twice; np.random.permutation(12) twice
    session.set_seed(7);
    let rows = ints(&mut session, &[12], &[0; 12]);
    assert_eq!(session.next_seed().unwrap(), 347_712_783);
    session.permutation(rows).unwrap();
    let seen = apply(&mut session, &RESHAPE, &[rows], Attrs::none().dims(&[3, 4]));
    assert_eq!(session.next_seed().unwrap(), 161_973_070);
    session.permutation(rows).unwrap();
    assert_eq!(values(&session, seen), [7.0, 10.0, 2.0, 5.0, 0.0, 1.0, 11.0, 8.0, 3.0, 6.0, 9.0, 4.0]);
    assert_eq!(values(&session, rows), [1.0, 5.0, 2.0, 3.0, 11.0, 9.0, 0.0, 4.0, 6.0, 7.0, 8.0, 10.0]);
    let error = session.permutation(seen).unwrap_err();
    assert_eq!(error.message, "expected rows of int32[n], got int32[3, 4]");
}
