//! A plan gives every value of a program an address: in the arena, which is reused from step to step, or outside.

mod allocation;
mod constants;
mod fusion;
mod print;

use crate::error::Result;
use crate::graph::{Graph, Slot, Source, Value};
use crate::heap::Block;
use crate::op::{Attrs, Memory, Op, View, Work};
use crate::ops;
use crate::schedule::schedule;
use allocation::Allocation;
use constants::constant_nodes;
use std::ops::Range;

/// Memory that a plan is given when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum External {
    /// What the program reads and writes by a slot.
    Slot(Slot),
    /// A value that was computed before the program runs.
    Given(Value),
    /// Where output number k goes.
    Output(usize),
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A word offset in the arena.
    Arena(usize),
    /// An index of `Plan::externals`.
    External(usize),
    /// A word offset in `Plan::constants`.
    Constant(usize),
}

#[derive(Debug)]
pub struct Step {
    pub op: &'static Op,
    pub attrs: Attrs,
    pub work: Work,
    /// Its operands in `Plan::views`.
    pub ins: Range<usize>,
    pub outs: Range<usize>,
    pub scope: u32,
}

/// Where an external lies at present, and how many words it moves on from one step of a run to the next.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub ptr: *mut u32,
    pub stride: usize,
}

#[derive(Debug)]
pub struct Plan {
    pub steps: Vec<Step>,
    pub views: Vec<View>,
    /// The place of each view.
    pub places: Vec<Place>,
    pub externals: Vec<External>,
    pub bindings: Vec<Binding>,
    /// Values that are the same in each run, and how many words they take.
    pub constants: Block,
    pub constant_words: usize,
    /// Words of the arena.
    pub arena: usize,
    /// Words of scratch memory: for all chunks together, and for each thread.
    pub shared: usize,
    pub scratch: usize,
    /// Chunks of all phases that threads can share.
    pub chunks: usize,
    pub guard: Option<Guard>,
}

/// The step after which a value must be finite, and what was written before it.
#[derive(Debug)]
pub struct Guard {
    pub step: usize,
    pub view: usize,
    /// Views of the variables written up to this step, and room for their words before they were.
    pub written: Vec<usize>,
    pub saved: Vec<u32>,
}

impl Plan {
    /// Plans the nodes that `outputs`, the writes and `guard` need; values below `given` are there already.
    ///
    /// # Errors
    /// If no order of the nodes respects all versions of the variables.
    pub fn new(mut graph: Graph, given: usize, outputs: &[Value], guard: Option<Value>) -> Result<Self> {
        let outputs = separate_outputs(&mut graph, given, outputs)?;
        fusion::fuse_nodes(&mut graph, given, &outputs, guard);
        fusion::chain_nodes(&mut graph, given, &outputs, guard);
        let order = schedule(&graph, given, &outputs, guard)?;
        let constant = constant_nodes(&graph, given, &order, &outputs);
        let memory = Allocation::new(&graph, given, &order, &constant, &outputs);
        debug_assert_eq!(memory.verify(&graph, &order), Ok(()));
        let constants = order.iter().copied().filter(|&index| constant[index]);
        let offset = |x| match memory.place(x) {
            Place::Constant(offset) => offset,
            place => unreachable!("a constant at {place:?}"),
        };
        let constants = constants::compute(&graph, constants, memory.constants, offset)?;
        // A constant was computed, and a view is computed by nobody.
        let runs = |&index: &usize| !constant[index] && graph.nodes[index].op.memory != Memory::View;
        let order: Vec<usize> = order.into_iter().filter(runs).collect();
        let mut plan = Self {
            steps: Vec::with_capacity(order.len()),
            views: Vec::new(),
            places: Vec::new(),
            bindings: vec![Binding { ptr: std::ptr::null_mut(), stride: 0 }; memory.externals.len()],
            externals: memory.externals.clone(),
            constants,
            constant_words: memory.constants,
            arena: memory.arena,
            shared: 0,
            scratch: 0,
            chunks: 0,
            guard: None,
        };
        for &index in &order {
            plan.push(&graph, index, &memory)?;
        }
        plan.guard = guard.and_then(|guard| plan.guard_at(&graph, &order, root(&graph, given, guard)));
        Ok(plan)
    }

    fn push(&mut self, graph: &Graph, index: usize, memory: &Allocation) -> Result<()> {
        let node = &graph.nodes[index];
        let types = |values: &[Value]| values.iter().map(|&x| *graph.ty(x)).collect::<Vec<_>>();
        let (in_types, out_types) = (types(&node.ins), types(&node.outs));
        let work = (node.op.work)(&in_types, &out_types, &node.attrs);
        let start = self.views.len();
        for &x in node.ins.iter().chain(&node.outs) {
            self.views.push(View { ptr: std::ptr::null_mut(), ty: *graph.ty(x) });
            self.places.push(memory.place(x));
        }
        let middle = start + node.ins.len();
        self.shared = self.shared.max(work.shared);
        self.scratch = self.scratch.max(work.scratch);
        self.chunks += work.shared_chunks();
        self.steps.push(Step {
            op: node.op,
            attrs: node.attrs.clone(),
            work,
            ins: start..middle,
            outs: middle..self.views.len(),
            scope: node.scope,
        });
        Ok(())
    }

    fn guard_at(&self, graph: &Graph, order: &[usize], guard: Value) -> Option<Guard> {
        let Source::Node { node, output } = graph.source(guard) else { return None };
        let step = order.iter().position(|&index| index == node as usize)?;
        let writes = |step: &Step| {
            let start = step.ins.start;
            step.op.memory.writes(step.outs.len()).map(move |input| start + input)
        };
        let written: Vec<usize> = self.steps[..=step].iter().flat_map(writes).collect();
        let words = written.iter().map(|&view| self.views[view].size()).sum();
        let view = self.steps[step].outs.start + output as usize;
        Some(Guard { step, view, written, saved: vec![0; words] })
    }

    /// The index of an external, if the plan uses it.
    pub fn external(&self, external: External) -> Option<usize> {
        self.externals.iter().position(|&e| e == external)
    }
}

/// Every output must be a buffer of its own: what lies outside, or is asked for twice, is copied.
fn separate_outputs(graph: &mut Graph, given: usize, outputs: &[Value]) -> Result<Vec<Value>> {
    let mut taken: Vec<Value> = Vec::new();
    let mut separate = Vec::new();
    for &x in outputs {
        let root = root(graph, given, x);
        let outside = graph.values[x.index()].home.is_some() || is_outside(graph, given, root);
        let x = if outside || taken.contains(&root) {
            graph.op(&ops::data::IDENTITY, &[x], Attrs::none())?
        } else {
            taken.push(root);
            x
        };
        separate.push(x);
    }
    Ok(separate)
}

fn is_outside(graph: &Graph, given: usize, x: Value) -> bool {
    x.index() < given || matches!(graph.source(x), Source::Slot(_))
}

/// The value whose memory `x` shows, through views.
fn root(graph: &Graph, given: usize, mut x: Value) -> Value {
    while x.index() >= given {
        match graph.node_of(x) {
            Some(node) if node.op.memory == Memory::View => x = node.ins[0],
            _ => break,
        }
    }
    x
}
