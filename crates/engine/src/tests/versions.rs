//! Versions of variables: who reads which, in programs as in eager code.

use super::harness::*;
use crate::error::Kind;
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::data::variable::ASSIGN;
use crate::ops::data::view::{IDENTITY, RESHAPE};
use crate::session::{Handle, Session};

#[test]
fn two_writes_of_a_variable_make_two_versions() {
    let body = |session: &mut Session, w: Handle| -> Vec<Handle> {
        let ten = floats(session, &[], &[10.0]);
        let first = mul(session, w, ten);
        let more = add(session, w, ten);
        assign(session, w, more);
        let second = mul(session, w, ten);
        let square = mul(session, w, w);
        assign(session, w, square);
        session.heap.release(TensorId(ten));
        vec![first, second, mul(session, w, more)]
    };
    let expected = [vec![10.0, 20.0], vec![110.0, 120.0], vec![1331.0, 1728.0]];

    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    let outs = body(&mut session, w);
    assert_eq!(outs.iter().map(|&x| values(&session, x)).collect::<Vec<_>>(), expected);
    assert_eq!(values(&session, w), [121.0, 144.0]);

    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    let program = trace(&mut session, &[], |session, _| body(session, w));
    assert_eq!(call(&mut session, &program, &[]), expected);
    assert_eq!(values(&session, w), [121.0, 144.0]);
}

#[test]
fn an_old_version_is_read_before_the_next_is_written() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let value = floats(&mut session, &[2, 2], &[5.0; 4]);
    let program = trace(&mut session, &[], |session, _| {
        // What reads the first and the second version is recorded after both were overwritten.
        let before = flat(session, w);
        let between = assign(session, w, value);
        let sum = add(session, w, w);
        assign(session, w, sum);
        let old = total(session, before);
        vec![old, mul(session, between, between), flat(session, w)]
    });
    assert_eq!(call(&mut session, &program, &[]), [vec![10.0], vec![25.0; 4], vec![10.0; 4]]);
    assert_eq!(values(&session, w), [10.0; 4]);
}

#[test]
fn a_version_that_is_gone_cannot_be_read() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    session.trace_begin().unwrap();
    let old = apply(&mut session, &RESHAPE, &[w], Attrs::none().dims(&[2]));
    let double = add(&mut session, w, w);
    assign(&mut session, w, double);
    let new = add(&mut session, w, w);
    // The sum needs what is made of the new version, and with it the old one.
    let sum = add(&mut session, old, new);
    let error = session.trace_end(&[sum], None).unwrap_err();
    let expected =
        "a variable's old value is needed after its new value was used; assign to it later, or copy it first";
    assert_eq!((error.kind, &error.message[..]), (Kind::Invalid, expected));
    // With a copy it can be done.
    let program = trace(&mut session, &[], |session, _| {
        let old = apply(session, &IDENTITY, &[w], Attrs::none());
        let double = add(session, w, w);
        assign(session, w, double);
        let new = add(session, w, w);
        vec![add(session, old, new)]
    });
    assert_eq!(call(&mut session, &program, &[]), [[5.0, 10.0]]);
    session.drop_program(program.0);
    session.heap.release(TensorId(w));
    assert_empty(&session);
}

#[test]
fn gradients_in_a_program_mean_the_version_that_was_read() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[3.0]);
    let x = floats(&mut session, &[1], &[5.0]);
    let program = trace(&mut session, &[], |session, _| {
        let y = mul(session, w, w);
        assign(session, w, x);
        let z = mul(session, w, x);
        // By the version that y read; by the one that z read.
        [y, z].map(|y| session.grad(y, None, &[w]).unwrap()[0].unwrap()).to_vec()
    });
    assert_eq!(call(&mut session, &program, &[]), [[6.0], [5.0]]);
}

#[test]
fn only_the_newest_version_of_a_variable_can_be_written() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[1.0]);
    session.trace_begin().unwrap();
    let x = session.trace_input(f32(&[1])).unwrap();
    let error = session.apply(&ASSIGN, &[x, w], Attrs::none()).unwrap_err();
    assert_eq!(error.message, "assign: an argument of a program cannot be written; use a variable");
    let first = assign(&mut session, w, x);
    assign(&mut session, w, x);
    for gone in [first, add(&mut session, w, w)] {
        let error = session.apply(&ASSIGN, &[gone, x], Attrs::none()).unwrap_err();
        assert_eq!(error.message, "assign: only a variable's newest version can be written");
    }
    session.trace_abort();
    assert_eq!(values(&session, w), [1.0]);
    drop_all(&mut session, &[w]);
    assert_empty(&session);
}

#[test]
fn a_program_leaves_views_of_what_it_writes_alone() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    let program = trace(&mut session, &[f32(&[2])], |session, ins| {
        let sum = add(session, w, ins[0]);
        vec![assign(session, w, sum)]
    });
    let view = flat(&mut session, w);
    // The view's memory is the variable's own until the run.
    assert_eq!(call(&mut session, &program, &[view]), [[2.0, 4.0]]);
    assert_eq!((values(&session, w), values(&session, view)), (vec![2.0, 4.0], vec![1.0, 2.0]));
}

#[test]
fn recorded_code_reads_what_a_program_wrote() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[3.0]);
    let double = trace(&mut session, &[], |session, _| {
        let sum = add(session, w, w);
        vec![assign(session, w, sum)]
    });
    session.tape_begin();
    let before = mul(&mut session, w, w);
    call(&mut session, &double, &[]);
    let after = mul(&mut session, w, w);
    let [before, after] = [before, after].map(|y| session.grad(y, None, &[w]).unwrap()[0].unwrap());
    session.tape_end();
    assert_eq!((values(&session, before), values(&session, after)), (vec![6.0], vec![12.0]));
}
