//! Graphs and plans print, and the prints are pinned.

use crate::graph::Graph;
use crate::op::Attrs;
use crate::ops::{self, elementwise::unary};
use crate::plan::Plan;
use crate::types::Type;

fn chain() -> (Graph, crate::graph::Value) {
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
