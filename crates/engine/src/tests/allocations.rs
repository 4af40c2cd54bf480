//! Running a plan allocates nothing.

use super::allocator::requests;
use super::harness::*;
use super::ops::{for_each_case, tensors};
use crate::op::Attrs;
use crate::ops::elementwise::{activation::RELU, binary::SUB};
use crate::ops::matmul::MATMUL;
use crate::ops::optimizer::ADAM;
use crate::run::Outcome;
use crate::session::{Argument, Handle, Session};

#[test]
fn requests_are_counted() {
    assert_eq!(requests(|| drop(std::hint::black_box(vec![1, 2, 3]))), 1);
}

/// Allocations of a run that is not the first.
fn requests_of_run(session: &mut Session, program: &Traced, inputs: &[Handle]) -> usize {
    let outs: Vec<Handle> = program.1.iter().map(|&ty| session.heap.create(ty).unwrap().0).collect();
    let arguments: Vec<Argument> = inputs.iter().chain(&outs).map(|&x| x.into()).collect();
    let mut run = || {
        let outcome = session.run(program.0, &arguments, 0, 3, true);
        assert_eq!(outcome.unwrap(), Outcome::Done);
    };
    // It may make room for the arena.
    run();
    requests(run)
}

#[test]
fn no_op_allocates_when_its_plan_runs() {
    for_each_case(|op, case| {
        let mut session = Session::default();
        let ins = tensors(&mut session, case);
        let types: Vec<_> = ins.iter().map(|&x| session.ty(x).unwrap()).collect();
        let program = if !op.memory.is_write() {
            trace(&mut session, &types, |session, xs| session.apply(op, xs, (case.attrs)()).unwrap())
        } else {
            trace(&mut session, &[], |session, _| session.apply(op, &ins, (case.attrs)()).unwrap())
        };
        let inputs = if !op.memory.is_write() { &ins[..] } else { &[] };
        assert_eq!(requests_of_run(&mut session, &program, inputs), 0, "{} {:?}", op.name, (case.attrs)());
    });
}

/// x (n, 4), y (n, 16) -> the loss of relu(x w + b) v, and an Adam step of all three.
#[test]
fn no_training_step_allocates() {
    // Large enough for the products to be timed.
    const N: usize = 4096;
    let mut session = Session::default();
    session.set_clock(|| 0.0);
    let ones =
        |session: &mut Session, dims: &[usize]| variable(session, dims, &vec![0.1; dims.iter().product()]);
    let weights = [&[4, 16][..], &[16], &[16, 16]]
        .map(|dims| [ones(&mut session, dims), ones(&mut session, dims), ones(&mut session, dims)]);
    let [w, b, v] = weights.map(|[w, ..]| w);
    let lr = floats(&mut session, &[], &[0.001]);
    let count = ints(&mut session, &[], &[0]);
    let program = trace(&mut session, &[f32(&[N, 4]), f32(&[N, 16])], |session, data| {
        let product = |session: &mut Session, x, y| {
            apply(session, &MATMUL, &[x, y], Attrs::none().bool(false).bool(false))
        };
        let hidden = product(session, data[0], w);
        let hidden = add(session, hidden, b);
        let hidden = apply(session, &RELU, &[hidden], Attrs::none());
        let out = product(session, hidden, v);
        let error = apply(session, &SUB, &[out, data[1]], Attrs::none());
        let squares = mul(session, error, error);
        let loss = total(session, squares);
        let grads = session.grad(loss, None, &[w, b, v]).unwrap();
        for ([w, m, v], dw) in weights.into_iter().zip(grads) {
            let attrs = unclipped(Attrs::none().float(0.9).float(0.999).float(1e-7).float(0.0));
            session.apply(&ADAM, &[w, m, v, dw.unwrap(), lr, count], attrs).unwrap();
        }
        vec![loss]
    });
    let data = [floats(&mut session, &[N, 4], &[0.5; 4 * N]), floats(&mut session, &[N, 16], &[0.5; 16 * N])];
    assert_eq!(requests_of_run(&mut session, &program, &data), 0);
}
