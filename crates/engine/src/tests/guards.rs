//! Guarded runs: they stop before any update, tell where it began, and are finished to the same bits.

use super::harness::*;
use crate::error::Kind;
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::elementwise::binary::DIV;
use crate::ops::optimizer::SGD;
use crate::ops::random::UNIFORM;
use crate::run::Outcome;
use crate::session::{Argument, Handle, Session};

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
        session.apply(&SGD, &[w, dw, lr], unclipped(Attrs::none().float(0.0))).unwrap();
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
