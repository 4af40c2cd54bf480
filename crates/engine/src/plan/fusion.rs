//! Puts one node in the place of several, where an op does what they do.

use super::root;
use crate::graph::{Graph, Value};
use crate::ops::fusion::fuse;
use crate::schedule::{made_by, needed};

/// The last of the nodes becomes the new one, in its place; what only it needed is needed by nobody then.
pub fn fuse_nodes(graph: &mut Graph, given: usize, results: &[Value], guard: Option<Value>) {
    let needed = needed(graph, given, results, guard);
    let mut readers = vec![0; graph.values.len()];
    for node in graph.nodes.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(node, _)| node) {
        node.ins.iter().for_each(|x| readers[x.index()] += 1);
    }
    for &x in results.iter().chain(&guard) {
        readers[root(graph, given, x).index()] += 1;
    }
    for index in (0..graph.nodes.len()).filter(|&index| needed[index]) {
        let only = |x: Value| {
            let maker = made_by(graph, given, x).filter(|_| readers[x.index()] == 1)?;
            Some(&graph.nodes[maker])
        };
        if let Some((op, ins, attrs)) = fuse(graph, &graph.nodes[index], only) {
            let node = &mut graph.nodes[index];
            (node.op, node.ins, node.attrs) = (op, ins, attrs);
        }
    }
}
