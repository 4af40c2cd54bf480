//! Graphs and plans print, and the prints are pinned.

use super::harness::unclipped;
use crate::grad::grad;
use crate::graph::{Graph, Value};
use crate::op::Attrs;
use crate::ops::data::variable::ASSIGN;
use crate::ops::{
    self,
    elementwise::{activation, unary},
    matmul::MATMUL,
    optimizer::SGD,
    softmax::SOFTMAX,
};
use crate::plan::Plan;
use crate::types::{Shape, Type};

fn chain() -> (Graph, Value) {
    let mut g = Graph::default();
    let x = g.slot(Type::f32(&[2, 3]).unwrap());
    let p = g.op(&SOFTMAX, &[x], Attrs::none()).unwrap();
    let n = ops::neg(&mut g, p).unwrap();
    let y = ops::sum(&mut g, n, &[0, 1]).unwrap();
    (g, y)
}

#[test]
fn a_graph_prints() {
    let (g, _) = chain();
    let expected = "\
%0 float32[2, 3] = slot 0
%1 float32[2, 3] = softmax(%0)
%2 float32[2, 3] = neg(%1)
%3 float32[] = sum(%2) {axes: [0, 1], keepDims: false}
";
    assert_eq!(g.to_string(), expected);
}

#[test]
fn a_plan_reuses_memory_and_prints() {
    let (g, y) = chain();
    let plan = Plan::new(g, 0, &[y], None).unwrap();
    let expected = "30 | float32[2, 3] @0 <- softmax(float32[2, 3] slot 0)
 6 | float32[2, 3] @0 <- neg(float32[2, 3] @0)
 6 | float32[] output 0 <- sum(float32[2, 3] @0) {axes: [0, 1], keepDims: false}
42 flops in 3 steps; bytes: arena 64, scratch 0, constants 0";
    assert_eq!(plan.to_string(), expected);
}

/// y = tanh(x w1) w2 with an update of both; before it, one of b by x itself. The loss is the sum of y.
fn training_step() -> (Graph, Value) {
    let mut g = Graph::default();
    let [x, w1, w2, b] = [[4, 3], [3, 5], [5, 2], [4, 3]].map(|dims| g.slot(Type::f32(&dims).unwrap()));
    let lr = g.slot(Type::f32(&[]).unwrap());
    let update =
        |g: &mut Graph, w, dw| g.op(&SGD, &[w, dw, lr], unclipped(Attrs::none().float(0.0))).unwrap();
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
    let forward = ["sgd", "matMul", "tanh", "matMul", "sum"];
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
    let error = g.apply(&SGD, &[x, x], unclipped(Attrs::none().float(0.0))).unwrap_err();
    assert_eq!(error.message, "sgd: takes AtLeast(3) inputs, got 2");
    assert_eq!(g, before);
}

#[test]
fn what_is_the_same_in_each_run_is_computed_once() {
    let mut g = Graph::default();
    let x = g.slot(Type::f32(&[3]).unwrap());
    let fill = |g: &mut Graph, n, value| ops::fill(g, Type::f32(&[n]).unwrap(), value).unwrap();
    let (two, three) = (fill(&mut g, 3, 2.0), fill(&mut g, 1, 3.0));
    let six = ops::mul(&mut g, two, three).unwrap();
    let six = ops::reshape(&mut g, six, Shape::new(&[1, 3]).unwrap()).unwrap();
    let y = ops::mul(&mut g, x, six).unwrap();
    // Too large to be kept, and so is what is made of it; and a result, which each run has to write.
    let many = fill(&mut g, 5000, 1.0);
    let sum = ops::sum(&mut g, many, &[0]).unwrap();
    let z = ops::mul(&mut g, y, sum).unwrap();
    let five = fill(&mut g, 2, 5.0);
    let plan = Plan::new(g, 0, &[z, five], None).unwrap();
    let expected = "   0 | float32[5000] @0 <- fill() {shape: [5000], value: 1, dtype: float32}
5000 | float32[] @5008 <- sum(float32[5000] @0) {axes: [0], keepDims: false}
   6 | float32[1, 3] output 0 <- chain(float32[] @5008, float32[3] slot 0, float32[1, 3] constant @32) \
{links: t0 = mul(x1, x2), mul(t0, x0)}
   0 | float32[2] output 1 <- fill() {shape: [2], value: 5, dtype: float32}
5006 flops in 4 steps; bytes: arena 20096, ";
    assert!(plan.to_string().starts_with(expected), "{plan}");
    assert!(plan.to_string().ends_with(", constants 192"), "{plan}");
    // SAFETY: the block holds three words from there on.
    assert_eq!(unsafe { *plan.constants.ptr().add(32).cast::<[f32; 3]>() }, [6.0; 3]);
}

/// A layer: relu(x w + b).
fn layer(g: &mut Graph) -> [Value; 4] {
    let [x, w, b] = [&[4, 3][..], &[3, 5], &[5]].map(|dims| g.slot(Type::f32(dims).unwrap()));
    let product = g.op(&MATMUL, &[x, w], Attrs::none().bool(false).bool(false)).unwrap();
    let sum = ops::add(g, product, b).unwrap();
    [b, product, sum, ops::call(g, &activation::RELU, &[sum]).unwrap()]
}

#[test]
fn a_product_with_bias_and_relu_is_one_node() {
    let mut g = Graph::default();
    let [.., y] = layer(&mut g);
    let plan = Plan::new(g, 0, &[y], None).unwrap();
    let expected = "\
140 | float32[4, 5] output 0 <- dense(float32[4, 3] slot 0, float32[3, 5] slot 1, float32[5] slot 2) \
{transposeX: false, transposeY: false, relu: true}
140 flops in 1 steps; bytes: arena 0, scratch ";
    assert!(plan.to_string().starts_with(expected), "{plan}");
}

#[test]
fn what_others_need_too_stays_a_node() {
    let dense_in = |of: &dyn Fn(&mut Graph, [Value; 4]) -> Vec<Value>| {
        let mut g = Graph::default();
        let values = layer(&mut g);
        let results = of(&mut g, values);
        names(&Plan::new(g, 0, &results, None).unwrap()).join(" ")
    };
    assert_eq!(dense_in(&|_, [_, _, sum, y]| vec![sum, y]), "dense relu");
    assert_eq!(dense_in(&|_, [_, product, _, y]| vec![product, y]), "matMul chain");
    assert_eq!(
        dense_in(&|g, [b, product, _, y]| vec![y, ops::add(g, b, product).unwrap()]),
        "matMul chain add"
    );
    // Another node reads it, but none that is needed.
    assert_eq!(dense_in(&|g, [b, product, _, y]| (ops::add(g, b, product).unwrap(), vec![y]).1), "dense");
}

#[test]
fn a_product_of_what_is_written_since_stays_before_the_write() {
    let mut g = Graph::default();
    let [x, w] = [&[3, 3][..], &[3, 3]].map(|dims| g.slot(Type::f32(dims).unwrap()));
    let product = g.op(&MATMUL, &[x, w], Attrs::none().bool(false).bool(false)).unwrap();
    let new = g.op(&ASSIGN, &[w, x], Attrs::none()).unwrap();
    let bias = ops::sum(&mut g, new, &[0]).unwrap();
    let y = ops::add(&mut g, product, bias).unwrap();
    assert_eq!(names(&Plan::new(g, 0, &[y], None).unwrap()).join(" "), "matMul assign sum add");
}
