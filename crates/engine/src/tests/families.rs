//! A page that has one family of ops alone can train with any of them.

use super::ops::for_each_case;
use crate::grad::grad;
use crate::graph::{Graph, Value};
use crate::op::{Family, Grad};
use crate::ops;
use crate::types::DType;
use std::collections::BTreeSet;

#[test]
fn gradients_of_core_ops_are_made_of_core_ops() {
    let mut strangers = BTreeSet::new();
    for_each_case(|op, case| {
        if op.family != Family::Core || !matches!(op.grad, Grad::By(_)) {
            return;
        }
        let mut graph = Graph::default();
        let xs: Vec<Value> = case.ins.iter().map(|arg| graph.slot(arg.ty())).collect();
        let outs = graph.apply(op, &xs, (case.attrs)()).unwrap();
        for y in outs {
            if graph.ty(y).dtype == DType::F32 {
                grad(&mut graph, 0, y, None, &xs).unwrap();
            }
        }
        let others = graph.nodes.iter().filter(|node| node.op.family != Family::Core);
        strangers.extend(others.map(|node| (op.name, node.op.name)));
    });
    assert_eq!(strangers, BTreeSet::new());
}

#[test]
fn families_lie_where_their_numbers_say() {
    for (place, family) in Family::ALL.into_iter().enumerate() {
        assert_eq!(family as usize, place);
        assert!(ops::table().iter().any(|op| op.family == family), "{} has no ops", family.name());
    }
}
