//! Programs: versions of variables, arguments, the guard, and what they leave behind.

use super::harness::*;
use crate::error::Kind;
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::data::variable::ASSIGN;
use crate::ops::data::view::{IDENTITY, RESHAPE};
use crate::ops::elementwise::binary::{ADD, DIV, MUL};
use crate::ops::optimizer::SGD;
use crate::ops::random::UNIFORM;
use crate::run::Outcome;
use crate::session::{Argument, Handle, Session};
use crate::types::Type;

type Outs = Vec<Handle>;

fn f32(dims: &[usize]) -> Type {
    Type::f32(dims).unwrap()
}

fn add(session: &mut Session, x: Handle, y: Handle) -> Handle {
    apply(session, &ADD, &[x, y], Attrs::none())
}

fn mul(session: &mut Session, x: Handle, y: Handle) -> Handle {
    apply(session, &MUL, &[x, y], Attrs::none())
}

fn assign(session: &mut Session, variable: Handle, value: Handle) -> Handle {
    apply(session, &ASSIGN, &[variable, value], Attrs::none())
}

fn flat(session: &mut Session, x: Handle) -> Handle {
    let n = session.ty(x).unwrap().size();
    apply(session, &RESHAPE, &[x], Attrs::none().dims(&[n]))
}

/// The program's number and the types of its outputs.
fn trace(
    session: &mut Session,
    inputs: &[Type],
    f: impl FnOnce(&mut Session, &[Handle]) -> Outs,
) -> (u32, Vec<Type>) {
    session.trace_begin().unwrap();
    let symbols: Vec<Handle> = inputs.iter().map(|&ty| session.trace_input(ty).unwrap()).collect();
    let outs = f(session, &symbols);
    let types = outs.iter().map(|&x| session.ty(x).unwrap()).collect();
    (session.trace_end(&outs, None).unwrap(), types)
}

/// What the program gives for inputs.
fn call(session: &mut Session, (program, types): &(u32, Vec<Type>), inputs: &[Handle]) -> Vec<Vec<f64>> {
    let outs: Vec<Handle> = types.iter().map(|&ty| session.heap.create(ty).unwrap().0).collect();
    let arguments: Vec<Argument> = inputs.iter().chain(&outs).map(|&x| x.into()).collect();
    assert_eq!(session.run(*program, &arguments, 0, 1, false).unwrap(), Outcome::Done);
    let results = outs.iter().map(|&x| values(session, x)).collect();
    drop_all(session, &outs);
    results
}

fn assert_empty(session: &Session) {
    assert_eq!((session.heap.count(), session.heap.buffers(), session.heap.bytes()), (0, 0, 0));
}

// Versions.

#[test]
fn two_writes_of_a_variable_make_two_versions() {
    let body = |session: &mut Session, w: Handle| -> Outs {
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

// Arguments.

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
    let [x, out, short] =
        [[1.0, 1.0], [9.0, 9.0], [1.0, 1.0]].map(|x| floats(&mut session, &[2], &x)).map(|x| x);
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

// The guard.

/// Steps over rows of x (5, 2): a random draw, 1 / x, which a variable keeps, and an update of w by their product; the
/// loss is the guard.
struct Guarded {
    session: Session,
    program: u32,
    arguments: [Argument; 2],
    /// w, the random state, the number of steps, the last 1 / x, the losses: all that a run changes.
    state: [Handle; 5],
}

impl Guarded {
    fn new(x: &[f64]) -> Self {
        let mut session = Session::default();
        let w = variable(&mut session, &[2], &[1.0, 2.0]);
        let state = ints(&mut session, &[2], &[77, 0]);
        let lr = floats(&mut session, &[], &[0.25]);
        let one = floats(&mut session, &[], &[1.0]);
        let count = variable(&mut session, &[], &[0.0]);
        let kept = variable(&mut session, &[2], &[0.0, 0.0]);
        session.trace_begin().unwrap();
        let x_row = session.trace_input(f32(&[2])).unwrap();
        // A write that has nothing to do with the guard, and could be made at once.
        let more = add(&mut session, count, one);
        assign(&mut session, count, more);
        session.trace_scope(1);
        let draw =
            session.apply(&UNIFORM, &[state], Attrs::none().dims(&[2]).float(0.5).float(1.5)).unwrap()[0];
        session.trace_scope(2);
        let inverse = apply(&mut session, &DIV, &[one, x_row], Attrs::none());
        session.trace_scope(3);
        let inverse = assign(&mut session, kept, inverse);
        let product = mul(&mut session, draw, inverse);
        let product = mul(&mut session, product, w);
        let loss = total(&mut session, product);
        let dw = session.grad(loss, None, &[w]).unwrap()[0].unwrap();
        session.apply(&SGD, &[w, dw, lr], Attrs::none().float(0.0)).unwrap();
        let program = session.trace_end(&[loss], Some(loss)).unwrap();
        let steps = x.len() / 2;
        let x = floats(&mut session, &[steps, 2], x);
        let losses = floats(&mut session, &[steps], &vec![0.0; steps]);
        drop_all(&mut session, &[lr, one]);
        let arguments =
            [Argument { handle: x, offset: 0, stride: 2 }, Argument { handle: losses, offset: 0, stride: 1 }];
        Self { session, program, arguments, state: [w, state, count, kept, losses] }
    }

    fn run(&mut self, from: usize, count: usize, guarded: bool) -> Outcome {
        self.session.run(self.program, &self.arguments, from, count, guarded).unwrap()
    }

    fn bits(&self) -> Vec<Vec<u32>> {
        self.state.iter().map(|&x| words(&self.session, x)).collect()
    }
}

const ROWS: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 0.0, 6.0, 7.0, 8.0, 9.0, 10.0];

#[test]
fn a_guarded_run_stops_before_any_update() {
    let mut guarded = Guarded::new(&ROWS);
    assert_eq!(guarded.run(0, 5, true), Outcome::NotFinite { step: 2 });
    let mut plain = Guarded::new(&ROWS);
    plain.run(0, 2, false);
    // The weights and the count are those of the steps before; what the loss itself needs was done.
    let ([w, state, count, ..], [w_plain, ..]) = (guarded.state, plain.state);
    assert_eq!(words(&guarded.session, w), words(&plain.session, w_plain));
    assert_eq!(values(&guarded.session, count), [2.0]);
    assert_eq!(values(&guarded.session, state), [77.0, 3.0]);
}

#[test]
fn the_origin_of_a_value_that_is_not_finite_is_found() {
    let mut guarded = Guarded::new(&ROWS);
    guarded.run(0, 5, true);
    let before = guarded.bits();
    let Guarded { session, program, arguments, .. } = &mut guarded;
    for _ in 0..2 {
        assert_eq!(session.locate(*program, arguments, 2).unwrap(), Some((2, "div")));
    }
    assert_eq!(guarded.bits(), before);
    // Where nothing stopped, nothing is looked for.
    let Guarded { session, program, arguments, .. } = &mut guarded;
    assert_eq!(session.locate(*program, arguments, 1).unwrap_err().kind, Kind::Internal);
}

#[test]
fn a_resumed_run_gives_the_bits_of_an_unguarded_one() {
    let mut plain = Guarded::new(&ROWS);
    assert_eq!(plain.run(0, 5, false), Outcome::Done);
    for locate in [false, true] {
        let mut guarded = Guarded::new(&ROWS);
        assert_eq!(guarded.run(0, 5, true), Outcome::NotFinite { step: 2 });
        // Meanwhile the weight gets memory of its own, elsewhere, because something shows the old one.
        let view = flat(&mut guarded.session, guarded.state[0]);
        let Guarded { session, program, arguments, .. } = &mut guarded;
        if locate {
            session.locate(*program, arguments, 2).unwrap();
        }
        session.resume(*program, arguments, 2).unwrap();
        assert!(values(session, view).iter().all(|w| w.is_finite()));
        assert_eq!(session.resume(*program, arguments, 2).unwrap_err().kind, Kind::Internal);
        assert_eq!(guarded.run(3, 2, false), Outcome::Done);
        assert_eq!(guarded.bits(), plain.bits());
    }
}

#[test]
fn a_stopped_run_is_over_when_another_program_runs() {
    let mut guarded = Guarded::new(&ROWS);
    guarded.run(0, 5, true);
    let Guarded { session, program, arguments, state } = &mut guarded;
    let other = trace(session, &[], |session, _| vec![add(session, state[0], state[0])]);
    call(session, &other, &[]);
    let error = session.resume(*program, arguments, 2).unwrap_err();
    assert_eq!(error.message, "no run of this program stopped there, or another has run since");
}

#[test]
fn a_guarded_run_of_finite_losses_changes_nothing() {
    let rows: Vec<f64> = ROWS.iter().map(|x| x + 1.0).collect();
    let (mut guarded, mut plain) = (Guarded::new(&rows), Guarded::new(&rows));
    assert_eq!(guarded.run(0, 5, true), Outcome::Done);
    assert_eq!(plain.run(0, 5, false), Outcome::Done);
    assert_eq!(guarded.bits(), plain.bits());
}

// What is left behind.

#[test]
fn nothing_is_left_when_all_is_dropped() {
    let mut guarded = Guarded::new(&ROWS);
    guarded.run(0, 5, true);
    let Guarded { mut session, program, arguments, state } = guarded;
    drop_all(&mut session, &state);
    session.heap.release(TensorId(arguments[0].handle));
    // The program holds lr and the 1, too.
    assert_eq!(session.heap.count(), 6);
    session.drop_program(program);
    session.drop_program(program);
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
