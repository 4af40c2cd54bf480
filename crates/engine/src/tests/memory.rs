//! Memory that ends: every allocation of tensors, arenas and scratch may fail, and nothing is lost by it.

use super::allocator::with_blocks;
use super::harness::*;
use crate::error::{Kind, Result};
use crate::heap::TensorId;
use crate::op::Attrs;
use crate::ops::data::{layout::BROADCAST_TO, top::TOP_K, view::RESHAPE};
use crate::ops::elementwise::{binary::MUL, unary::EXP};
use crate::ops::matmul::MATMUL;
use crate::ops::optimizer::SGD;
use crate::ops::random::UNIFORM;
use crate::ops::reduce::SUM;
use crate::run::Outcome;
use crate::session::{Argument, Handle, Session};
use crate::types::Type;

/// Runs `act` in a world that `make` sets up, with 0, 1, 2 ... blocks of memory, until it has enough. Until then it
/// must say so and leave the tensors of `make` as they were, and afterwards give what it gives in a fresh world.
fn with_every_shortage(
    make: fn(&mut Session) -> Vec<Handle>,
    act: impl Fn(&mut Session, &[Handle]) -> Result<Vec<Handle>>,
) {
    let world = || {
        let mut session = Session::default();
        let kept = make(&mut session);
        (session, kept)
    };
    let all_words =
        |session: &Session, xs: &[Handle]| xs.iter().map(|&x| words(session, x)).collect::<Vec<_>>();
    let (mut session, kept) = world();
    let outs = act(&mut session, &kept).unwrap();
    let (expected, after) = (all_words(&session, &outs), all_words(&session, &kept));

    for blocks in 0.. {
        let (mut session, kept) = world();
        let (before, count) = (all_words(&session, &kept), session.heap.count());
        let result = with_blocks(blocks, || act(&mut session, &kept));
        let outs = match result {
            Ok(outs) => {
                assert!(blocks > 0, "nothing was allocated");
                drop_all(&mut session, &outs);
                drop_all(&mut session, &kept);
                assert_eq!((session.heap.count(), session.heap.bytes()), (0, 0));
                return;
            }
            Err(error) => {
                assert_eq!(error.kind, Kind::OutOfMemory, "{error}");
                assert_eq!(
                    (all_words(&session, &kept), session.heap.count()),
                    (before, count),
                    "{blocks} blocks"
                );
                act(&mut session, &kept).unwrap()
            }
        };
        assert_eq!(
            (all_words(&session, &outs), all_words(&session, &kept)),
            (expected.clone(), after.clone())
        );
        drop_all(&mut session, &outs);
        drop_all(&mut session, &kept);
        assert_eq!((session.heap.count(), session.heap.bytes()), (0, 0));
    }
}

/// A matrix, and a variable whose memory a view shares.
fn shared(session: &mut Session) -> Vec<Handle> {
    let x = floats(session, &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let w = variable(session, &[2, 2], &[0.5, -1.0, 1.5, 2.0]);
    let view = apply(session, &RESHAPE, &[w], Attrs::none().dims(&[4]));
    vec![x, w, view]
}

/// x, w -> sum of x w x
fn loss(session: &mut Session, x: Handle, w: Handle) -> Result<Handle> {
    let attrs = || Attrs::none().bool(false).bool(false);
    let xw = session.apply(&MATMUL, &[x, w], attrs())?[0];
    let product = session.apply(&MATMUL, &[xw, x], attrs());
    session.heap.release(TensorId(xw));
    let product = product?[0];
    let sum = session.apply(&SUM, &[product], Attrs::none().ints(&[0, 1]).bool(false));
    session.heap.release(TensorId(product));
    Ok(sum?[0])
}

#[test]
fn an_op_without_memory_changes_nothing() {
    with_every_shortage(shared, |session, kept| {
        session.apply(&MATMUL, &kept[..2], Attrs::none().bool(false).bool(false))
    });
    // Of two results the second may not find room.
    with_every_shortage(shared, |session, kept| session.apply(&TOP_K, &kept[..1], Attrs::none().int(1)));
    // The variable must get memory of its own before it is written.
    let state = |session: &mut Session| {
        let state = ints(session, &[2], &[5, 0]);
        vec![state, apply(session, &RESHAPE, &[state], Attrs::none().dims(&[1, 2]))]
    };
    with_every_shortage(state, |session, kept| {
        let attrs = Attrs::none().dims(&[3]).float(0.0).float(1.0);
        Ok(vec![session.apply(&UNIFORM, &kept[..1], attrs)?[0]])
    });
}

#[test]
fn a_gradient_without_memory_changes_nothing() {
    for depth in [1, 2] {
        with_every_shortage(shared, |session, kept| {
            (0..depth).for_each(|_| session.tape_begin());
            let result = loss(session, kept[0], kept[1]).and_then(|y| {
                let dw = session.grad(y, None, &[kept[1]]);
                session.heap.release(TensorId(y));
                dw
            });
            (0..depth).for_each(|_| session.tape_end());
            Ok(result?.into_iter().flatten().collect())
        });
    }
}

#[test]
fn a_program_without_memory_changes_nothing() {
    with_every_shortage(shared, |session, kept| {
        let lr = session.heap.create(Type::f32(&[])?)?;
        // SAFETY: a scalar has one word.
        unsafe { *session.heap.view(lr)?.f32() = 0.5 };
        session.trace_begin()?;
        let y = loss(session, kept[0], kept[1])?;
        let dw = session.grad(y, None, &[kept[1]])?[0].expect("the loss depends on w");
        session.apply(&SGD, &[kept[1], dw, lr.0], unclipped(Attrs::none().float(0.0)))?;
        let program = session.trace_end(&[dw], None);
        session.heap.release(lr);
        let program = program?;
        let result = session.heap.create(Type::f32(&[2, 2])?).and_then(|out| {
            let outcome = session.run(program, &[out.0.into()], 0, 2, false);
            if outcome.is_err() {
                session.heap.release(out);
            }
            outcome.map(|_| vec![out.0])
        });
        session.drop_program(program);
        result
    });
}

#[test]
fn a_search_without_memory_leaves_the_stopped_run() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[1.0, 2.0]);
    session.trace_begin().unwrap();
    let x = session.trace_input(Type::f32(&[2]).unwrap()).unwrap();
    let e = apply(&mut session, &EXP, &[x], Attrs::none());
    let y = apply(&mut session, &MUL, &[e, e], Attrs::none());
    let y = total(&mut session, y);
    let half = floats(&mut session, &[], &[0.5]);
    session.apply(&SGD, &[w, e, half], unclipped(Attrs::none().float(0.0))).unwrap();
    let program = session.trace_end(&[], Some(y)).unwrap();
    let x = floats(&mut session, &[2], &[0.0, 60.0]);
    let arguments = [Argument::from(x)];
    assert_eq!(session.run(program, &arguments, 0, 1, true).unwrap(), Outcome::NotFinite { step: 0 });
    let error = with_blocks(0, || session.locate(program, &arguments, 0).unwrap_err());
    assert_eq!(error.kind, Kind::OutOfMemory);
    assert_eq!(session.locate(program, &arguments, 0).unwrap(), Some((0, "mul")));
    session.resume(program, &arguments, 0).unwrap();
    assert_eq!(values(&session, w)[0], 0.5);
}

#[test]
fn a_tensor_that_is_too_large_is_refused() {
    let mut session = Session::default();
    let x = floats(&mut session, &[1], &[1.0]);
    let error = session.heap.create(Type::f32(&[1 << 29]).unwrap()).unwrap_err();
    let expected = "out of memory: 2147483648 bytes could not be allocated";
    assert_eq!((error.kind, &error.message[..]), (Kind::OutOfMemory, expected));
    let error = Type::f32(&[1 << 20, 1 << 20]).unwrap_err();
    assert_eq!(error.message, "the shape [1048576, 1048576] has more elements than 4 GB hold");
    let attrs = Attrs::none().dims(&[1 << 29]);
    let error = session.apply(&BROADCAST_TO, &[x], attrs).unwrap_err();
    assert_eq!(error.kind, Kind::OutOfMemory);
    assert_eq!(session.heap.count(), 1);
    let y = apply(&mut session, &EXP, &[x], Attrs::none());
    assert!((values(&session, y)[0] - 1f64.exp()).abs() < 1e-6);
}
