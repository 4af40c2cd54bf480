//! A plan gives every value of a program an address: in the arena, which is reused from step to step, or outside.

use crate::error::Result;
use crate::graph::{Graph, PrintAttrs, Slot, Source, Value};
use crate::op::{Attrs, Memory, Op, View, Work};
use crate::ops;
use crate::schedule::schedule;
use std::fmt::{self, Write};
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
    /// Words of the arena.
    pub arena: usize,
    /// Words of scratch memory: for all chunks together, and for each.
    pub shared: usize,
    pub scratch: usize,
    pub guard: Option<Guard>,
    text: String,
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

/// Memory that one or several values share: views, and results that took over an operand's place.
struct Buffer {
    words: usize,
    /// First and last step that uses it.
    live: (usize, usize),
    place: Option<Place>,
}

/// 64 bytes.
const ALIGN: usize = 16;

impl Plan {
    /// Plans the nodes that `outputs`, the writes and `guard` need; values below `given` are there already.
    ///
    /// # Errors
    /// If no order of the nodes respects all versions of the variables.
    pub fn new(mut graph: Graph, given: usize, outputs: &[Value], guard: Option<Value>) -> Result<Self> {
        let outputs = separate_outputs(&mut graph, given, outputs)?;
        let order = schedule(&graph, given, &outputs, guard)?;
        let memory = Allocation::new(&graph, given, &order, &outputs);
        debug_assert_eq!(memory.verify(&graph, &order), Ok(()));
        let mut plan = Self {
            steps: Vec::with_capacity(order.len()),
            views: Vec::new(),
            places: Vec::new(),
            bindings: vec![Binding { ptr: std::ptr::null_mut(), stride: 0 }; memory.externals.len()],
            externals: memory.externals.clone(),
            arena: memory.arena,
            shared: 0,
            scratch: 0,
            guard: None,
            text: String::new(),
        };
        for &index in &order {
            plan.push(&graph, index, &memory)?;
        }
        plan.guard = guard.and_then(|guard| plan.guard_at(&graph, &order, guard));
        plan.text = print(&graph, &order, &memory, &plan);
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
            let (ins, pairs) = (step.ins.start, step.op.memory.writes());
            pairs.iter().map(move |pair| ins + pair.0).collect::<Vec<_>>()
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

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text)
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

struct Allocation {
    buffers: Vec<Buffer>,
    /// The buffer of each value that the program touches.
    buffer_of: Vec<Option<usize>>,
    externals: Vec<External>,
    arena: usize,
}

impl Allocation {
    fn new(graph: &Graph, given: usize, order: &[usize], outputs: &[Value]) -> Self {
        let mut this = Self {
            buffers: Vec::new(),
            buffer_of: vec![None; graph.values.len()],
            externals: Vec::new(),
            arena: 0,
        };
        let last = last_reads(graph, order);
        for (step, &index) in order.iter().enumerate() {
            let node = &graph.nodes[index];
            for &x in &node.ins {
                if this.buffer_of[x.index()].is_none() {
                    this.add_external(graph, x);
                }
            }
            for (output, &out) in node.outs.iter().enumerate() {
                let words = graph.ty(out).size();
                let is_result = outputs.iter().position(|&x| root(graph, given, x) == out);
                let shared = match node.op.memory {
                    Memory::View => this.buffer_of[node.ins[0].index()],
                    Memory::Writes(pairs) => pairs
                        .iter()
                        .find(|pair| pair.1 == output)
                        .and_then(|pair| this.buffer_of[node.ins[pair.0].index()]),
                    Memory::InPlace(candidates) if output == 0 && is_result.is_none() => {
                        this.take_over(node, candidates, step, words)
                    }
                    _ => None,
                };
                let buffer = shared.unwrap_or_else(|| {
                    let place = is_result.map(|k| {
                        this.externals.push(External::Output(k));
                        Place::External(this.externals.len() - 1)
                    });
                    this.buffers.push(Buffer { words, live: (step, step), place });
                    this.buffers.len() - 1
                });
                let live = &mut this.buffers[buffer].live;
                live.1 = live.1.max(step).max(last[out.index()]);
                this.buffer_of[out.index()] = Some(buffer);
            }
        }
        this.place_all();
        this
    }

    fn add_external(&mut self, graph: &Graph, x: Value) {
        let external = match graph.values[x.index()].home {
            Some(slot) => External::Slot(slot),
            None => External::Given(x),
        };
        let index = self.externals.iter().position(|&e| e == external).unwrap_or_else(|| {
            self.externals.push(external);
            self.externals.len() - 1
        });
        let place = Some(Place::External(index));
        self.buffers.push(Buffer { words: graph.ty(x).size(), live: (0, usize::MAX), place });
        self.buffer_of[x.index()] = Some(self.buffers.len() - 1);
    }

    /// The buffer of an operand that nobody reads after this step, and that no other operand shares.
    fn take_over(
        &self,
        node: &crate::graph::Node,
        candidates: &[usize],
        step: usize,
        words: usize,
    ) -> Option<usize> {
        candidates.iter().map(|&input| self.buffer_of[node.ins[input].index()]).find_map(|buffer| {
            let buffer = buffer?;
            let sharers = node.ins.iter().filter(|x| self.buffer_of[x.index()] == Some(buffer)).count();
            let b = &self.buffers[buffer];
            (b.place.is_none() && b.live.1 == step && b.words == words && sharers == 1).then_some(buffer)
        })
    }

    /// Greedy by size: the largest buffers first, each at the lowest offset that is free for its whole life.
    fn place_all(&mut self) {
        let mut queue: Vec<usize> =
            (0..self.buffers.len()).filter(|&b| self.buffers[b].place.is_none()).collect();
        queue.sort_by_key(|&b| std::cmp::Reverse(self.buffers[b].words));
        let mut placed: Vec<(usize, usize)> = Vec::new(); // (offset, buffer), by offset
        for b in queue {
            let words = self.buffers[b].words.next_multiple_of(ALIGN);
            let mut offset = 0;
            for &(other_offset, other) in &placed {
                if overlap(self.buffers[b].live, self.buffers[other].live) {
                    if offset + words <= other_offset {
                        break;
                    }
                    offset = offset.max(other_offset + self.buffers[other].words.next_multiple_of(ALIGN));
                }
            }
            self.buffers[b].place = Some(Place::Arena(offset));
            self.arena = self.arena.max(offset + words);
            let at = placed.partition_point(|&(o, _)| o <= offset);
            placed.insert(at, (offset, b));
        }
    }

    fn place(&self, x: Value) -> Place {
        let buffer = self.buffer_of[x.index()].expect("a value of a scheduled node has a buffer");
        self.buffers[buffer].place.expect("every buffer was placed")
    }

    /// Replays the program on the buffers' names: what a step reads must be what was last written there.
    fn verify(&self, graph: &Graph, order: &[usize]) -> std::result::Result<(), String> {
        for (i, a) in self.buffers.iter().enumerate() {
            for b in &self.buffers[i + 1..] {
                if let (Some(Place::Arena(at_a)), Some(Place::Arena(at_b))) = (a.place, b.place)
                    && overlap(a.live, b.live)
                    && at_a < at_b + b.words
                    && at_b < at_a + a.words
                {
                    return Err(format!("live buffers at {at_a} and {at_b} overlap"));
                }
            }
        }
        let mut holds: Vec<Option<Value>> = vec![None; self.buffers.len()];
        for (step, &index) in order.iter().enumerate() {
            let node = &graph.nodes[index];
            for &x in &node.ins {
                let buffer = self.buffer_of[x.index()].ok_or(format!("{x:?} has no memory"))?;
                let outside = matches!(self.buffers[buffer].place, Some(Place::External(_)));
                match holds[buffer] {
                    Some(held) if root(graph, 0, held) != root(graph, 0, x) => {
                        return Err(format!(
                            "step {step}, {}: reads {x:?} where {held:?} lies",
                            node.op.name
                        ));
                    }
                    None if !outside => return Err(format!("step {step}: reads {x:?} before it is made")),
                    _ => {}
                }
                if step > self.buffers[buffer].live.1 {
                    return Err(format!("step {step}: reads {x:?} after its memory was given away"));
                }
            }
            for &out in &node.outs {
                holds[self.buffer_of[out.index()].ok_or(format!("{out:?} has no memory"))?] = Some(out);
            }
        }
        Ok(())
    }
}

fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

/// The last step that reads each value's memory, through views too.
fn last_reads(graph: &Graph, order: &[usize]) -> Vec<usize> {
    let mut last = vec![0; graph.values.len()];
    for (step, &index) in order.iter().enumerate().rev() {
        let node = &graph.nodes[index];
        let through = if node.op.memory == Memory::View { last[node.outs[0].index()] } else { 0 };
        for &x in &node.ins {
            last[x.index()] = last[x.index()].max(step).max(through);
        }
    }
    last
}

fn print(graph: &Graph, order: &[usize], memory: &Allocation, plan: &Plan) -> String {
    let mut text = String::new();
    let place = |x: &Value| match memory.place(*x) {
        Place::Arena(offset) => format!("@{offset}"),
        Place::External(index) => match memory.externals[index] {
            External::Slot(slot) => format!("slot {}", slot.0),
            External::Given(x) => format!("given {}", x.0),
            External::Output(k) => format!("output {k}"),
        },
    };
    let list = |xs: &[Value]| {
        xs.iter().map(|x| format!("{} {}", graph.ty(*x), place(x))).collect::<Vec<_>>().join(", ")
    };
    for &index in order {
        let node = &graph.nodes[index];
        let _ = writeln!(
            text,
            "{} <- {}({}){}",
            list(&node.outs),
            node.op.name,
            list(&node.ins),
            PrintAttrs(node)
        );
    }
    let _ = writeln!(
        text,
        "{} steps, arena {} bytes, scratch {} bytes",
        order.len(),
        4 * plan.arena,
        4 * (plan.shared + plan.scratch)
    );
    text
}
