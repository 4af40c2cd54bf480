//! Which values share memory, and where it lies in the arena.

use super::{External, Place, root};
use crate::graph::{Graph, Node, Value};
use crate::op::Memory;

/// Memory that one or several values share: views, and results that took over an operand's place.
struct Buffer {
    words: usize,
    /// First and last step that uses it.
    live: (usize, usize),
    place: Option<Place>,
}

/// 64 bytes.
const ALIGN: usize = 16;

/// The memory of all values that a program touches.
pub struct Allocation {
    buffers: Vec<Buffer>,
    /// The buffer of each value that the program touches.
    buffer_of: Vec<Option<usize>>,
    pub externals: Vec<External>,
    /// Words.
    pub arena: usize,
    pub constants: usize,
}

impl Allocation {
    /// `constant` says for each node whether its results are.
    pub fn new(graph: &Graph, given: usize, order: &[usize], constant: &[bool], outputs: &[Value]) -> Self {
        let mut this = Self {
            buffers: Vec::new(),
            buffer_of: vec![None; graph.values.len()],
            externals: Vec::new(),
            arena: 0,
            constants: 0,
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
                    Memory::Writes { .. } => (node.op.memory.written(output))
                        .and_then(|input| this.buffer_of[node.ins[input].index()]),
                    Memory::InPlace(candidates) if output == 0 && is_result.is_none() && !constant[index] => {
                        this.take_over(node, candidates, step, words)
                    }
                    _ => None,
                };
                let buffer = shared.unwrap_or_else(|| {
                    let place = match is_result {
                        Some(k) => {
                            this.externals.push(External::Output(k));
                            Some(Place::External(this.externals.len() - 1))
                        }
                        None => constant[index].then(|| this.add_constant(words)),
                    };
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

    fn add_constant(&mut self, words: usize) -> Place {
        let offset = self.constants;
        self.constants += words.next_multiple_of(ALIGN);
        Place::Constant(offset)
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
    fn take_over(&self, node: &Node, candidates: &[usize], step: usize, words: usize) -> Option<usize> {
        candidates.iter().filter_map(|&input| node.ins.get(input)).find_map(|x| {
            let buffer = self.buffer_of[x.index()]?;
            let sharers = node.ins.iter().filter(|x| self.buffer_of[x.index()] == Some(buffer)).count();
            let b = &self.buffers[buffer];
            (b.place.is_none() && b.live.1 == step && b.words == words && sharers == 1).then_some(buffer)
        })
    }

    /// Greedy by size: the largest buffers first, each at the lowest offset that is free for its whole life.
    fn place_all(&mut self) {
        let mut queue: Vec<usize> = Vec::new();
        for b in (0..self.buffers.len()).filter(|&b| self.buffers[b].place.is_none()) {
            let at = queue.partition_point(|&a| self.buffers[a].words >= self.buffers[b].words);
            queue.insert(at, b);
        }
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

    pub fn place(&self, x: Value) -> Place {
        let buffer = self.buffer_of[x.index()].expect("a value of a scheduled node has a buffer");
        self.buffers[buffer].place.expect("every buffer was placed")
    }

    /// Replays the program on the buffers' names: what a step reads must be what was last written there.
    pub fn verify(&self, graph: &Graph, order: &[usize]) -> std::result::Result<(), String> {
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

/// The last step that reads each value. A view reads its original, and keeps the memory alive from there on.
fn last_reads(graph: &Graph, order: &[usize]) -> Vec<usize> {
    let mut last = vec![0; graph.values.len()];
    for (step, &index) in order.iter().enumerate() {
        graph.nodes[index].ins.iter().for_each(|x| last[x.index()] = step);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Attrs;
    use crate::ops::{self, elementwise::unary::EXP};
    use crate::types::{Shape, Type};

    /// e = exp x, n = -e, y = e * n, sum of y's view.
    fn program() -> (Graph, Vec<usize>, [Value; 4], Allocation) {
        let mut g = Graph::default();
        let x = g.slot(Type::f32(&[2, 3]).unwrap());
        let e = g.op(&EXP, &[x], Attrs::none()).unwrap();
        let n = ops::neg(&mut g, e).unwrap();
        let y = ops::mul(&mut g, e, n).unwrap();
        let view = ops::reshape(&mut g, y, Shape::new(&[6]).unwrap()).unwrap();
        let sum = ops::sum(&mut g, view, &[0]).unwrap();
        let order: Vec<usize> = (0..g.nodes.len()).collect();
        let memory = Allocation::new(&g, 0, &order, &vec![false; g.nodes.len()], &[sum]);
        (g, order, [x, e, n, y], memory)
    }

    #[test]
    fn a_right_allocation_is_verified() {
        let (g, order, [_, e, n, y], memory) = program();
        assert_eq!(memory.verify(&g, &order), Ok(()));
        assert_eq!([e, n, y].map(|x| memory.place(x)), [0, 16, 0].map(Place::Arena));
        assert_eq!(memory.arena, 32);
    }

    #[test]
    fn live_buffers_that_overlap_are_found() {
        let (g, order, [_, e, n, _], mut memory) = program();
        let [e, n] = [e, n].map(|x| memory.buffer_of[x.index()].unwrap());
        memory.buffers[n].place = memory.buffers[e].place;
        assert_eq!(memory.verify(&g, &order), Err("live buffers at 0 and 0 overlap".into()));
    }

    #[test]
    fn a_place_taken_over_too_early_is_found() {
        let (g, order, [_, e, n, _], mut memory) = program();
        memory.buffer_of[n.index()] = memory.buffer_of[e.index()];
        assert_eq!(memory.verify(&g, &order), Err("step 2, mul: reads Value(1) where Value(2) lies".into()));
    }

    #[test]
    fn a_life_that_ends_too_early_is_found() {
        let (g, order, [_, e, ..], mut memory) = program();
        memory.buffers[memory.buffer_of[e.index()].unwrap()].live.1 = 1;
        let error = memory.verify(&g, &order).unwrap_err();
        assert!(error.ends_with("reads Value(1) after its memory was given away"), "{error}");
    }

    #[test]
    fn a_value_that_nobody_made_is_found() {
        let (g, order, _, memory) = program();
        assert_eq!(memory.verify(&g, &order[1..]), Err("step 0: reads Value(1) before it is made".into()));
    }

    #[test]
    fn an_operand_that_another_one_shows_keeps_its_place() {
        let mut g = Graph::default();
        let x = g.slot(Type::f32(&[6]).unwrap());
        let e = g.op(&EXP, &[x], Attrs::none()).unwrap();
        let view = ops::reshape(&mut g, e, Shape::new(&[1, 6]).unwrap()).unwrap();
        let y = ops::mul(&mut g, e, view).unwrap();
        let z = ops::neg(&mut g, y).unwrap();
        let order: Vec<usize> = (0..g.nodes.len()).collect();
        let memory = Allocation::new(&g, 0, &order, &vec![false; g.nodes.len()], &[z]);
        assert_eq!([e, view, y].map(|x| memory.place(x)), [0, 0, 16].map(Place::Arena));
    }
}
