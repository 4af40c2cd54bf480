//! Programs: their arguments, one in another, and what they leave behind.

use super::harness::*;
use crate::error::Kind;
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::elementwise::binary::ADD;
use crate::session::{Argument, Session};

#[test]
fn outputs_may_be_inputs_variables_duplicates_and_views() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    let constant = floats(&mut session, &[2], &[7.0, 8.0]);
    let program = trace(&mut session, &[f32(&[1, 2])], |session, ins| {
        let x = ins[0];
        let y = add(session, x, x);
        let view = flat(session, y);
        let old = assign(session, w, constant);
        let new = add(session, w, view);
        assign(session, w, new);
        vec![x, flat(session, x), constant, y, y, view, view, old, new, assign(session, w, constant)]
    });
    let x = floats(&mut session, &[1, 2], &[3.0, 4.0]);
    let (x_values, y_values, constants) = (vec![3.0, 4.0], vec![6.0, 8.0], vec![7.0, 8.0]);
    let expected = [&x_values, &x_values, &constants, &y_values, &y_values, &y_values, &y_values, &constants]
        .map(Clone::clone)
        .into_iter()
        .chain([vec![13.0, 16.0], constants.clone()]);
    assert_eq!(call(&mut session, &program, &[x]), expected.collect::<Vec<_>>());
    assert_eq!((values(&session, x), values(&session, w)), (x_values, constants));
}

#[test]
fn arguments_move_on_by_their_strides() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[0.0, 0.0]);
    let (program, _) = trace(&mut session, &[f32(&[2]), f32(&[])], |session, ins| {
        let product = mul(session, ins[0], ins[1]);
        let sum = add(session, w, product);
        assign(session, w, sum);
        vec![total(session, w), sum]
    });
    let rows = floats(&mut session, &[5, 2], &[9.0, 9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let factors = floats(&mut session, &[2], &[100.0, 2.0]);
    let sums = floats(&mut session, &[6], &[-1.0; 6]);
    let last = floats(&mut session, &[2], &[0.0; 2]);
    let arguments = [
        Argument { handle: rows, offset: 2, stride: 2 },
        Argument { handle: factors, offset: 1, stride: 0 },
        Argument { handle: sums, offset: 1, stride: 1 },
        last.into(),
    ];
    // Four steps in two runs.
    session.run(program, &arguments, 0, 1, false).unwrap();
    session.run(program, &arguments, 1, 3, false).unwrap();
    assert_eq!(values(&session, sums), [-1.0, 6.0, 20.0, 42.0, 72.0, -1.0]);
    assert_eq!((values(&session, last), values(&session, w)), (vec![32.0, 40.0], vec![32.0, 40.0]));
    // A fifth would read past the end.
    let error = session.run(program, &arguments, 4, 1, false).unwrap_err();
    assert_eq!(error.message, "the program takes 12 words of float32[2], got float32[5, 2]");
    assert_eq!(values(&session, w), [32.0, 40.0]);
}

#[test]
fn arguments_that_do_not_fit_are_refused_and_nothing_changes() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    let (program, _) = trace(&mut session, &[f32(&[2])], |session, ins| {
        let sum = add(session, w, ins[0]);
        assign(session, w, sum);
        vec![mul(session, ins[0], ins[0])]
    });
    let [x, out, short] = [[1.0, 1.0], [9.0, 9.0], [1.0, 1.0]].map(|x| floats(&mut session, &[2], &x));
    let one = floats(&mut session, &[1], &[1.0]);
    let whole = ints(&mut session, &[2], &[1, 2]);
    let view = flat(&mut session, out);
    session.heap.release(TensorId(short));
    let copy = |k| format!("argument {k} is a tensor that the program writes; give it a copy");
    let fits = |given| format!("the program takes 2 words of float32[2], got {given}");
    let cases = [
        (vec![x], Kind::Internal, "1 arguments, 2 expected".into()),
        (vec![x, one], Kind::Invalid, fits("float32[1]")),
        (vec![whole, out], Kind::Invalid, fits("int32[2]")),
        (vec![short, out], Kind::Disposed, "the tensor was disposed".into()),
        (vec![w, out], Kind::Invalid, copy(0)),
        (vec![x, w], Kind::Invalid, copy(1)),
        (vec![out, out], Kind::Invalid, copy(0)),
    ];
    for (handles, kind, message) in cases {
        let arguments: Vec<Argument> = handles.into_iter().map(Argument::from).collect();
        let error = session.run(program, &arguments, 0, 1, false).unwrap_err();
        assert_eq!((error.kind, error.message), (kind, message));
        assert_eq!((values(&session, w), values(&session, out)), (vec![1.0, 2.0], vec![9.0, 9.0]));
    }
    // An output does not reach who shares its memory.
    session.run(program, &[x.into(), out.into()], 0, 1, false).unwrap();
    assert_eq!((values(&session, out), values(&session, view)), (vec![1.0, 1.0], vec![9.0, 9.0]));
    session.drop_program(program);
    assert_eq!(session.run(program, &[x.into(), out.into()], 0, 1, false).unwrap_err().kind, Kind::Internal);
    drop_all(&mut session, &[w, x, out, one, whole, view]);
    assert_empty(&session);
}

#[test]
fn an_aborted_trace_leaves_nothing() {
    let mut session = Session::default();
    let w = variable(&mut session, &[1], &[1.0]);
    session.trace_begin().unwrap();
    let x = add(&mut session, w, w);
    session.heap.release(TensorId(w));
    assert_eq!(session.heap.count(), 1);
    session.trace_abort();
    assert_empty(&session);
    assert_eq!(session.ty(x).unwrap_err().message, "a symbolic tensor is used outside of its program");
}

#[test]
fn traces_nest() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    session.trace_begin().unwrap();
    let x = session.trace_input(f32(&[2])).unwrap();
    let outer = add(&mut session, x, w);
    let error = session.trace_begin().unwrap_err();
    assert_eq!(error.message, "a program is being traced already");

    session.trace_suspend();
    // Eager, then a program of its own, in which symbols of the outer one mean nothing.
    let sum = add(&mut session, w, w);
    assert_eq!(values(&session, sum), [2.0, 4.0]);
    let foreign = session.apply(&ADD, &[outer, w], Attrs::none()).unwrap_err();
    assert_eq!(foreign.message, "a symbolic tensor is used outside of its program");
    let inner = trace(&mut session, &[f32(&[2])], |session, ins| {
        let foreign = session.apply(&ADD, &[outer, ins[0]], Attrs::none()).unwrap_err();
        assert_eq!(foreign.message, "a symbolic tensor is used outside of its program");
        session.trace_suspend();
        let eager = add(session, sum, w);
        session.trace_resume();
        vec![mul(session, ins[0], eager)]
    });
    assert_eq!(call(&mut session, &inner, &[w]), [[3.0, 12.0]]);
    session.trace_resume();

    let outer = add(&mut session, outer, sum);
    let types = vec![session.ty(outer).unwrap()];
    let outer = (session.trace_end(&[outer], None).unwrap(), types);
    assert_eq!(call(&mut session, &outer, &[w]), [[4.0, 8.0]]);
}
