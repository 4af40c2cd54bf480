//! Puts one node in the place of several, where an op does what they do, or a chain of elementwise ops.

use super::constants::constant_nodes;
use super::root;
use crate::graph::{Graph, Node, Value};
use crate::ops::elementwise::chain::{CHAIN, LINKS, OPERANDS, link};
use crate::ops::fusion::fuse;
use crate::schedule::{ancestors, made_by, needed};
use std::collections::BinaryHeap;

/// Who needs what of a program.
struct Needs {
    /// For each node whether it has to run.
    nodes: Vec<bool>,
    /// How often each value is read; to be a result or the guard counts too.
    readers: Vec<usize>,
}

impl Needs {
    fn new(graph: &Graph, given: usize, results: &[Value], guard: Option<Value>) -> Self {
        let nodes = needed(graph, given, results, guard);
        let mut readers = vec![0; graph.values.len()];
        for node in graph.nodes.iter().zip(&nodes).filter(|(_, needed)| **needed).map(|(node, _)| node) {
            node.ins.iter().for_each(|x| readers[x.index()] += 1);
        }
        for &x in results.iter().chain(&guard) {
            readers[root(graph, given, x).index()] += 1;
        }
        Self { nodes, readers }
    }
}

/// The last of the nodes becomes the new one, in its place; what only it needed is needed by nobody then.
pub fn fuse_nodes(graph: &mut Graph, given: usize, results: &[Value], guard: Option<Value>) {
    let needs = Needs::new(graph, given, results, guard);
    for index in (0..graph.nodes.len()).filter(|&index| needs.nodes[index]) {
        let only = |x: Value| {
            let maker = made_by(graph, given, x).filter(|_| needs.readers[x.index()] == 1)?;
            // What it reads must be there when it runs as late as this node.
            let is_written = |node: &Node| {
                let written = &node.ins[node.op.memory.writes(node.outs.len())];
                let reads = |x: &Value| {
                    graph.nodes[maker].ins.iter().any(|&y| root(graph, given, y) == root(graph, given, *x))
                };
                written.iter().any(reads)
            };
            (!graph.nodes[maker + 1..index].iter().any(is_written)).then(|| &graph.nodes[maker])
        };
        if let Some((op, ins, attrs)) = fuse(graph, &graph.nodes[index], only) {
            let node = &mut graph.nodes[index];
            (node.op, node.ins, node.attrs) = (op, ins, attrs);
        }
    }
}

/// Makes chains of elementwise nodes of one shape, whose results are read inside of the chain alone, but for the last.
///
/// What the guard needs stays as it is, so that the op can be named that first gave a number that is not finite.
pub fn chain_nodes(graph: &mut Graph, given: usize, results: &[Value], guard: Option<Value>) {
    let needs = Needs::new(graph, given, results, guard);
    let order: Vec<usize> = (0..graph.nodes.len()).filter(|&index| needs.nodes[index]).collect();
    let constant = constant_nodes(graph, given, &order, results);
    let before_guard = ancestors(graph, given, guard.and_then(|guard| made_by(graph, given, guard)));
    let fits = |graph: &Graph, index: usize| {
        graph.nodes[index].op.elementwise.is_some() && !constant[index] && !before_guard[index]
    };
    let mut linked = vec![false; graph.nodes.len()];
    for &last in order.iter().rev() {
        if linked[last] || !fits(graph, last) {
            continue;
        }
        let shape = graph.ty(graph.nodes[last].outs[0]).shape;
        let mut chain = Chain { nodes: vec![last], operands: Vec::new() };
        chain.add_operands(graph, last);
        // From the latest on: all readers of a value are known when its maker is looked at.
        let mut makers: BinaryHeap<usize> = chain.makers(graph, given).collect();
        while let Some(index) = makers.pop() {
            let node = &graph.nodes[index];
            let (x, members) = (node.outs[0], &chain.nodes);
            let reads =
                members.iter().flat_map(|&index| &graph.nodes[index].ins).filter(|&&y| y == x).count();
            let joins = !linked[index]
                && fits(graph, index)
                && graph.ty(x).shape == shape
                && reads == needs.readers[x.index()]
                && node.ins.iter().all(|&x| is_newest(graph, given, x));
            if joins && chain.take(graph, index) {
                linked[index] = true;
                makers.extend(node.ins.iter().filter_map(|&x| made_by(graph, given, x)));
            }
        }
        if chain.nodes.len() > 1 {
            chain.nodes.reverse();
            let attrs = link(graph, &chain.nodes, &chain.operands);
            let node = &mut graph.nodes[last];
            (node.op, node.ins, node.attrs) = (&CHAIN, chain.operands, attrs);
        }
    }
}

/// Nodes, the last first, and what they read of others.
struct Chain {
    nodes: Vec<usize>,
    operands: Vec<Value>,
}

impl Chain {
    fn add_operands(&mut self, graph: &Graph, index: usize) {
        for &x in &graph.nodes[index].ins {
            if !self.operands.contains(&x) {
                self.operands.push(x);
            }
        }
    }

    fn makers(&self, graph: &Graph, given: usize) -> impl Iterator<Item = usize> {
        self.operands.iter().filter_map(move |&x| made_by(graph, given, x))
    }

    /// Takes the maker of an operand in, unless the chain would be too long.
    fn take(&mut self, graph: &Graph, index: usize) -> bool {
        let before = self.operands.clone();
        self.operands.retain(|x| graph.nodes[index].outs[0] != *x);
        self.add_operands(graph, index);
        let fits = self.nodes.len() < LINKS && self.operands.len() <= OPERANDS;
        if fits {
            self.nodes.push(index);
        } else {
            self.operands = before;
        }
        fits
    }
}

/// Whether no write follows that a later reader of `x` would come too late for.
fn is_newest(graph: &Graph, given: usize, x: Value) -> bool {
    let home = graph.values[x.index()].home;
    home.is_none_or(|slot| root(graph, given, graph.version(slot)) == root(graph, given, x))
}
