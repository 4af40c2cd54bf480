//! The order in which a program's nodes run: what is needed, and every reader of a version before its writer.

use crate::error::{Error, Result};
use crate::graph::{Graph, Source, Value};
use crate::op::Memory;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The nodes needed for `outputs` and for the writes, in order. Values below `given` are there already.
///
/// Writes run as early as they can, so that gradients die young; all but those that `guard` itself needs wait for it.
///
/// # Errors
/// If a version would have to be read after it was overwritten.
pub fn schedule(graph: &Graph, given: usize, outputs: &[Value], guard: Option<Value>) -> Result<Vec<usize>> {
    let needed = needed(graph, given, outputs, guard);
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    let mut waits_for = vec![0usize; graph.nodes.len()];
    let mut edge = |from: usize, to: usize| {
        followers[from].push(to);
        waits_for[to] += 1;
    };

    let readers = readers(graph, &needed);
    let guard_node = guard.and_then(|guard| made_by(graph, given, guard));
    let before_guard = ancestors(graph, given, guard_node);
    for (index, node) in graph.nodes.iter().enumerate().filter(|(index, _)| needed[*index]) {
        for &x in &node.ins {
            if let Some(maker) = made_by(graph, given, x) {
                edge(maker, index);
            }
        }
        for input in node.op.memory.writes(node.outs.len()) {
            for &reader in readers[node.ins[input].index()].iter().filter(|&&reader| reader != index) {
                edge(reader, index);
            }
        }
        if let Some(guard_node) = guard_node.filter(|_| is_write(graph, index) && !before_guard[index]) {
            edge(guard_node, index);
        }
    }

    let key = |index: usize| Reverse((!is_write(graph, index), index));
    let ready = (0..graph.nodes.len()).filter(|&index| needed[index] && waits_for[index] == 0);
    let mut ready: BinaryHeap<_> = ready.map(key).collect();
    let mut order = Vec::new();
    while let Some(Reverse((_, index))) = ready.pop() {
        order.push(index);
        for &next in &followers[index] {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                ready.push(key(next));
            }
        }
    }
    if order.len() < needed.iter().filter(|&&needed| needed).count() {
        return Err(Error::invalid(
            "a variable's old value is needed after its new value was used; assign to it later, or copy it first",
        ));
    }
    Ok(order)
}

fn is_write(graph: &Graph, index: usize) -> bool {
    graph.nodes[index].op.memory.is_write()
}

/// The node that this program must run to have `x`.
pub fn made_by(graph: &Graph, given: usize, x: Value) -> Option<usize> {
    match graph.source(x) {
        Source::Node { node, .. } if x.index() >= given => Some(node as usize),
        _ => None,
    }
}

/// The nodes that a program must run. Writes are roots, like outputs.
pub fn needed(graph: &Graph, given: usize, outputs: &[Value], guard: Option<Value>) -> Vec<bool> {
    let mut needed = vec![false; graph.nodes.len()];
    for &x in outputs.iter().chain(&guard) {
        if let Some(node) = made_by(graph, given, x) {
            needed[node] = true;
        }
    }
    for index in (0..graph.nodes.len()).rev() {
        let node = &graph.nodes[index];
        let new = node.outs.first().is_some_and(|out| out.index() >= given);
        needed[index] |= new && is_write(graph, index);
        if needed[index] {
            for &x in &node.ins {
                if let Some(maker) = made_by(graph, given, x) {
                    needed[maker] = true;
                }
            }
        }
    }
    needed
}

/// For each value the needed nodes that read its memory, through views too.
fn readers(graph: &Graph, needed: &[bool]) -> Vec<Vec<usize>> {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.values.len()];
    for (index, node) in graph.nodes.iter().enumerate().rev().filter(|(index, _)| needed[*index]) {
        for &x in &node.ins {
            readers[x.index()].push(index);
        }
        if node.op.memory == Memory::View {
            let through = readers[node.outs[0].index()].clone();
            readers[node.ins[0].index()].extend(through);
        }
    }
    readers
}

/// Which nodes must run to have the result of `node`, itself included.
pub fn ancestors(graph: &Graph, given: usize, node: Option<usize>) -> Vec<bool> {
    let mut before = vec![false; graph.nodes.len()];
    let Some(node) = node else { return before };
    before[node] = true;
    for index in (0..=node).rev().filter(|&index| index < graph.nodes.len()) {
        if before[index] {
            for &x in &graph.nodes[index].ins {
                if let Some(maker) = made_by(graph, given, x) {
                    before[maker] = true;
                }
            }
        }
    }
    before
}
