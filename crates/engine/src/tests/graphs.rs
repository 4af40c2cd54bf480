//! Graphs and plans print, and the prints are pinned.

use crate::grad::grad;
use crate::graph::{Graph, Value};
use crate::op::Attrs;
use crate::ops::{self, elementwise::unary, matmul::MATMUL, optimizer::SGD};
use crate::plan::Plan;
use crate::types::Type;

fn chain() -> (Graph, Value) {
    let mut g = Graph::default();
    let x = g.slot(Type::f32(&[2, 3]).unwrap());
    let e = g.op(&unary::EXP, &[x], Attrs::none()).unwrap();
    let n = ops::neg(&mut g, e).unwrap();
    let y = ops::sum(&mut g, n, &[0, 1]).unwrap();
    (g, y)
}

#[test]
fn a_graph_prints() {
    let (g, _) = chain();
    let expected = "\
%0 float32[2, 3] = slot 0
%1 float32[2, 3] = exp(%0)
%2 float32[2, 3] = neg(%1)
%3 float32[] = sum(%2) {axes: [0, 1], keepDims: false}
";
    assert_eq!(g.to_string(), expected);
}

#[test]
fn a_plan_reuses_memory_and_prints() {
    let (g, y) = chain();
    let plan = Plan::new(g, 0, &[y], None).unwrap();
    let expected = "\
float32[2, 3] @0 <- exp(float32[2, 3] slot 0)
float32[2, 3] @0 <- neg(float32[2, 3] @0)
float32[] output 0 <- sum(float32[2, 3] @0) {axes: [0, 1], keepDims: false}
3 steps, arena 64 bytes, scratch 0 bytes
";
    assert_eq!(plan.to_string(), expected);
}

/// y = tanh(x w1) w2 with an update of both; before it, one of b by x itself. The loss is the sum of y.
fn training_step() -> (Graph, Value) {
    let mut g = Graph::default();
    let [x, w1, w2, b] = [[4, 3], [3, 5], [5, 2], [4, 3]].map(|dims| g.slot(Type::f32(&dims).unwrap()));
    let lr = g.slot(Type::f32(&[]).unwrap());
    let update = |g: &mut Graph, w, dw| g.op(&SGD, &[w, dw, lr], Attrs::none().float(0.0)).unwrap();
    let product =
        |g: &mut Graph, x, y| g.op(&MATMUL, &[x, y], Attrs::none().bool(false).bool(false)).unwrap();
    let h = product(&mut g, x, w1);
    let h = ops::call(&mut g, &unary::TANH, &[h]).unwrap();
    let y = product(&mut g, h, w2);
    let loss = ops::sum(&mut g, y, &[0, 1]).unwrap();
    update(&mut g, b, x);
    let dws = grad(&mut g, 0, loss, None, &[w1, w2]).unwrap();
    update(&mut g, w1, dws[0].unwrap());
    update(&mut g, w2, dws[1].unwrap());
    (g, loss)
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.op.name).collect()
}

#[test]
fn updates_run_as_soon_as_their_gradients_are_there_and_nobody_reads_the_weight() {
    let (g, loss) = training_step();
    let plan = Plan::new(g, 0, &[loss], None).unwrap();
    let forward = ["sgd", "matMul", "tanh", "matMul", "sum", "fill", "reshape", "broadcastTo"];
    let backward = ["matMul", "matMul", "sgd", "tanhGrad", "matMul", "sgd"];
    assert_eq!(names(&plan), [&forward[..], &backward].concat());
}

#[test]
fn a_guard_comes_before_all_updates() {
    let (g, loss) = training_step();
    let plan = Plan::new(g, 0, &[loss], Some(loss)).unwrap();
    assert_eq!(names(&plan)[..5], ["matMul", "tanh", "matMul", "sum", "sgd"]);
    let guard = plan.guard.unwrap();
    assert_eq!((guard.step, guard.saved.len()), (3, 0));
}

#[test]
fn what_no_result_needs_is_not_run() {
    let (mut g, y) = chain();
    ops::exp(&mut g, y).unwrap();
    assert_eq!(Plan::new(g, 0, &[y], None).unwrap().steps.len(), 3);
}

#[test]
fn a_graph_is_not_changed_by_what_it_refuses() {
    let mut g = Graph::default();
    let [x, y] = [[2, 3], [3, 2]].map(|dims| g.slot(Type::f32(&dims).unwrap()));
    let before = g.clone();
    let error = ops::add(&mut g, x, y).unwrap_err();
    assert_eq!(error.message, "add: shapes [2, 3] and [3, 2] cannot be broadcast together");
    let error = g.apply(&SGD, &[x, x], Attrs::none().float(0.0)).unwrap_err();
    assert_eq!(error.message, "sgd: takes Exactly(3) inputs, got 2");
    assert_eq!(g, before);
}
