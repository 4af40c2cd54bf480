//! Chains of elementwise nodes run as one step, with the bits of the nodes one by one.

use super::harness::*;
use crate::graph::{Graph, Value};
use crate::op::{Attrs, Op};
use crate::ops;
use crate::ops::data::variable::ASSIGN;
use crate::ops::elementwise::{
    binary::MUL,
    unary::{EXP, NEG, SQUARE, TANH},
};
use crate::plan::Plan;
use crate::reference::Arg;
use crate::session::{Handle, Session};
use proptest::prelude::*;

/// Of one element, of parts of a tile and of a chunk, of many tiles, of more than a chunk.
const SHAPES: [[usize; 2]; 6] = [[1, 1], [3, 5], [4, 300], [2, 515], [1, 2048], [33, 517]];

/// Numbers that choose an op, one of its sets of options, and its operands.
type Choice = [usize; 5];

/// Operands that broadcast to the shape in every way, of every dtype.
fn operands(session: &mut Session, [rows, columns]: [usize; 2]) -> Vec<Handle> {
    let shapes = [&[rows, columns][..], &[columns], &[rows, 1], &[1, 1], &[]];
    let kinds: [fn(&'static [usize]) -> Arg; 3] =
        [Arg::f32, |shape| Arg::i32_in(shape, -5, 6), |shape| Arg::bool(shape)];
    let mut made = Vec::new();
    for (i, shape) in shapes.into_iter().enumerate() {
        for (j, kind) in kinds.iter().enumerate() {
            // There are few of them, and tests end.
            let arg = kind(shape.to_vec().leak());
            made.push(tensor(session, arg.ty(), &arg.values((3 * i + j) as u64)));
        }
    }
    made
}

/// Carries out what fits of the choices, on operands and on what was made before, and gives all that was made.
fn carry_out(session: &mut Session, choices: &[Choice], mut pool: Vec<Handle>) -> Vec<Handle> {
    let elementwise: Vec<&'static Op> =
        ops::table().iter().copied().filter(|op| op.elementwise.is_some()).collect();
    let given = pool.len();
    for [op, case, picks @ ..] in choices {
        let op = elementwise[op % elementwise.len()];
        let case = &op.cases[case % op.cases.len()];
        // Late values are taken rather than early ones: that makes chains.
        let ins = picks.iter().take(case.ins.len()).map(|pick| {
            let (all, late) = (pool.len(), pool.len().min(3));
            if pick.is_multiple_of(3) { pool[pick % all] } else { pool[all - 1 - pick % late] }
        });
        if let Ok(outs) = session.apply(op, &ins.collect::<Vec<_>>(), (case.attrs)()) {
            pool.push(outs[0]);
        }
    }
    pool.split_off(given)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chains_give_the_bits_of_their_ops(
        shape in prop::sample::select(&SHAPES[..]),
        choices in prop::collection::vec(any::<[prop::sample::Index; 5]>(), 1..40),
        results in 1..4usize,
    ) {
        let choices: Vec<Choice> = choices.iter().map(|c| c.map(|index| index.index(1 << 20))).collect();
        let mut session = Session::default();
        let ins = operands(&mut session, shape);
        let last = |made: Vec<Handle>| made[made.len().saturating_sub(results)..].to_vec();
        let eager = carry_out(&mut session, &choices, ins.clone());
        let expected: Vec<Vec<u32>> = last(eager).iter().map(|&x| words(&session, x)).collect();
        let actual = planned(&mut session, &ins, |session, ins| last(carry_out(session, &choices, ins.to_vec())));
        prop_assert_eq!(actual, expected);
    }
}

/// The steps of a program of x (n) and what `f` makes of it.
fn steps(f: impl FnOnce(&mut Graph, Value) -> Vec<Value>) -> Vec<String> {
    let mut g = Graph::default();
    let x = g.slot(f32(&[5]));
    let results = f(&mut g, x);
    let plan = Plan::new(g, 0, &results, None).unwrap();
    plan.to_string().lines().map(|line| line.split(" <- ").nth(1).unwrap_or(line).to_string()).collect()
}

#[test]
fn a_value_that_is_read_inside_of_a_chain_alone_has_no_memory() {
    let step = steps(|g, x| {
        let e = ops::call(g, &EXP, &[x]).unwrap();
        let square = ops::call(g, &SQUARE, &[e]).unwrap();
        let y = ops::sub(g, square, e).unwrap();
        vec![ops::affine(g, y, 2.0, 0.5).unwrap()]
    });
    let links = "t0 = exp(x0), t1 = square(t0), t0 = sub(t1, t0), affine(t0) {factor: 2, shift: 0.5}";
    assert_eq!(step[0], format!("chain(float32[5] slot 0) {{links: {links}}}"));
    assert!(step[1].starts_with("20 flops in 1 steps; bytes: arena 0,"), "{}", step[1]);
}

#[test]
fn what_others_need_ends_a_chain() {
    let names = |f: fn(&mut Graph, Value) -> Vec<Value>| {
        let mut names: Vec<String> =
            steps(f).iter().map(|step| step.split('(').next().unwrap().to_string()).collect();
        names.pop();
        names.join(" ")
    };
    // A result, another shape, and what is computed once.
    assert_eq!(
        names(|g, x| {
            let e = ops::call(g, &EXP, &[x]).unwrap();
            let n = ops::call(g, &NEG, &[e]).unwrap();
            vec![e, ops::call(g, &TANH, &[n]).unwrap()]
        }),
        "exp chain"
    );
    assert_eq!(
        names(|g, x| {
            let e = ops::sum(g, x, &[0]).unwrap();
            let e = ops::call(g, &EXP, &[e]).unwrap();
            let e = ops::call(g, &NEG, &[e]).unwrap();
            let y = ops::mul(g, e, x).unwrap();
            vec![ops::call(g, &TANH, &[y]).unwrap()]
        }),
        "sum chain chain"
    );
    assert_eq!(
        names(|g, x| {
            let two = ops::scalar(g, 2.0).unwrap();
            let e = ops::call(g, &EXP, &[two]).unwrap();
            vec![ops::mul(g, x, e).unwrap()]
        }),
        "mul"
    );
}

/// y = tanh(exp(w)) w', where w' is written in between: exp must read what stood there before.
#[test]
fn a_version_that_is_overwritten_is_read_before() {
    let mut session = Session::default();
    let w = variable(&mut session, &[2], &[0.5, -0.5]);
    let x = floats(&mut session, &[2], &[3.0, 4.0]);
    let results = planned(&mut session, &[x], |session, ins| {
        let e = apply(session, &EXP, &[w], Attrs::none());
        let t = apply(session, &TANH, &[e], Attrs::none());
        assign(session, w, ins[0]);
        vec![apply(session, &MUL, &[t, w], Attrs::none())]
    });
    let expected = [0.5f64, -0.5].map(|w| w.exp().tanh());
    for (word, expected) in results[0].iter().zip([3.0 * expected[0], 4.0 * expected[1]]) {
        assert!((f32::from_bits(*word) as f64 - expected).abs() < 1e-6);
    }
    drop_all(&mut session, &[w, x]);
    assert_empty(&session);
}

/// w += -x^2 where the sum of tanh(e^x) is the guard: the forward pass stays apart, so that the guard can name its ops.
#[test]
fn what_a_guard_needs_is_not_chained() {
    let mut g = Graph::default();
    let [w, x] = [0, 1].map(|_| g.slot(f32(&[5])));
    let e = ops::call(&mut g, &EXP, &[x]).unwrap();
    let y = ops::call(&mut g, &TANH, &[e]).unwrap();
    let loss = ops::sum(&mut g, y, &[0]).unwrap();
    let square = ops::call(&mut g, &SQUARE, &[x]).unwrap();
    let step = ops::neg(&mut g, square).unwrap();
    let moved = ops::add(&mut g, w, step).unwrap();
    g.op(&ASSIGN, &[w, moved], Attrs::none()).unwrap();
    let names = |guard| {
        let plan = Plan::new(g.clone(), 0, &[loss], guard).unwrap();
        plan.steps.iter().map(|step| step.op.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(Some(loss)), "exp tanh sum chain assignAdd");
    assert_eq!(names(None), "chain sum chain assignAdd");
}

/// A sum that a variable takes is added where the variable lies.
#[test]
fn a_sum_that_is_assigned_to_its_operand_is_one_step() {
    let mut g = Graph::default();
    let [w, x] = [&[3, 2][..], &[2]].map(|dims| g.slot(f32(dims)));
    let sum = ops::add(&mut g, w, x).unwrap();
    g.op(&ASSIGN, &[w, sum], Attrs::none()).unwrap();
    let plan = Plan::new(g.clone(), 0, &[], None).unwrap();
    let step = "6 | float32[3, 2] slot 0 <- assignAdd(float32[3, 2] slot 0, float32[2] slot 1)";
    assert_eq!(plan.to_string().lines().next(), Some(step));
    // The sum is a result too.
    let plan = Plan::new(g, 0, &[sum], None).unwrap();
    assert_eq!(plan.steps.iter().map(|step| step.op.name).collect::<Vec<_>>(), ["add", "assign"]);
}
