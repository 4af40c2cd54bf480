//! What is the same in each run: computed once, when the program is planned.

use super::root;
use crate::chooser::Chooser;
use crate::error::Result;
use crate::graph::{Graph, Value};
use crate::heap::Block;
use crate::op::{Memory, View};
use crate::run::{Workspace, run_op};

/// A larger value is made anew in each run: to read it would cost as much, and it would lie in memory for good.
const LARGEST: usize = 1024;

/// For each node whether its results depend on options alone. Results of the program are not among them: those have to
/// be written in each run.
pub fn constant_nodes(graph: &Graph, given: usize, order: &[usize], results: &[Value]) -> Vec<bool> {
    let mut value_is = vec![false; graph.values.len()];
    let mut node_is = vec![false; graph.nodes.len()];
    let results: Vec<Value> = results.iter().map(|&x| root(graph, given, x)).collect();
    for &index in order {
        let node = &graph.nodes[index];
        node_is[index] = !node.op.memory.is_write()
            && node.ins.iter().all(|x| value_is[x.index()])
            && node.outs.iter().all(|x| graph.ty(*x).size() <= LARGEST && !results.contains(x));
        node.outs.iter().for_each(|x| value_is[x.index()] = node_is[index]);
    }
    node_is
}

/// Runs the constant nodes. `at` is where each value begins in the block that is returned, of so many words.
///
/// # Errors
/// If memory is out.
pub fn compute(
    graph: &Graph,
    nodes: impl Iterator<Item = usize>,
    words: usize,
    at: impl Fn(Value) -> usize,
) -> Result<Block> {
    let block = Block::new(words)?;
    for node in nodes.map(|index| &graph.nodes[index]).filter(|node| node.op.memory != Memory::View) {
        let views = |xs: &[Value]| -> Vec<View> {
            xs.iter().map(|&x| View { ptr: block.ptr().wrapping_add(at(x)), ty: *graph.ty(x) }).collect()
        };
        let (ins, outs) = (views(&node.ins), views(&node.outs));
        let types = |views: &[View]| views.iter().map(|view| view.ty).collect::<Vec<_>>();
        let work = (node.op.work)(&types(&ins), &types(&outs), &node.attrs);
        let (shared, scratch) = (Block::new(work.shared)?, Block::new(work.scratch)?);
        let mut space = Workspace {
            arena: std::ptr::null_mut(),
            shared: shared.ptr().cast(),
            scratch: scratch.ptr().cast(),
            stride: 0,
            chooser: &mut Chooser::default(),
            team: None,
        };
        run_op(node.op, &node.attrs, &work, &ins, &outs, &mut space).expect("nobody else takes part");
    }
    Ok(block)
}
