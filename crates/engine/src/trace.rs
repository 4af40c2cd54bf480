//! A program being recorded from symbolic tensors: shapes without values.

use crate::error::{Error, Result};
use crate::grad::version_read;
use crate::graph::{Graph, Slot, Source, Value, infer};
use crate::heap::{ByTensor, Heap, TensorId};
use crate::op::{Attrs, Op};
use crate::plan::{External, Plan};
use crate::types::Type;
use std::fmt;

#[derive(Debug, Default)]
pub struct Trace {
    pub graph: Graph,
    /// Tells the symbolic handles of one trace from those of another.
    pub number: u32,
    /// Inputs in their order, by slot.
    inputs: Vec<Slot>,
    /// Tensors and variables that the program uses, retained, in the order of their first use.
    captured: Vec<(TensorId, Slot)>,
    slot_of: ByTensor<Slot>,
    /// As the tape's.
    pub begins: Vec<usize>,
}

/// What a plan's externals are bound to when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Argument k: the inputs first, then the outputs.
    Argument(usize),
    /// A captured tensor, and whether the program writes it.
    Tensor { id: TensorId, written: bool },
}

impl Bound {
    /// The captured tensor, if the program writes it.
    pub fn written(&self) -> Option<TensorId> {
        match *self {
            Self::Tensor { id, written: true } => Some(id),
            _ => None,
        }
    }
}

/// A traced program with its plan.
#[derive(Debug)]
pub struct Program {
    pub plan: Plan,
    /// For each external of the plan.
    pub bound: Vec<Bound>,
    /// Types of the arguments: inputs, then outputs.
    pub arguments: Vec<Type>,
    pub inputs: usize,
    /// Retained while the program lives.
    pub captured: Vec<TensorId>,
    /// Bytes of what was captured.
    held: usize,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, variables and other tensors {}", self.plan, self.held)
    }
}

impl Trace {
    pub fn new(number: u32) -> Self {
        Self { number, ..Self::default() }
    }

    fn slot(&mut self, ty: Type) -> Slot {
        let slot = Slot(self.graph.slot_count() as u32);
        self.graph.slot(ty);
        slot
    }

    pub fn input(&mut self, ty: Type) -> Value {
        let slot = self.slot(ty);
        self.inputs.push(slot);
        self.graph.version(slot)
    }

    /// Appends a node and gives its outputs.
    ///
    /// # Errors
    /// If the op refuses the inputs, or would write to what the caller of the program gives.
    pub fn apply(&mut self, op: &'static Op, ins: &[Value], attrs: Attrs) -> Result<Vec<Value>> {
        if op.memory.is_write() {
            let types: Vec<Type> = ins.iter().map(|&x| *self.graph.ty(x)).collect();
            let written = op.memory.writes(infer(op, &types, &attrs)?.len());
            let mut slots = ins[written].iter().filter_map(|x| self.graph.values[x.index()].home);
            if slots.any(|slot| self.inputs.contains(&slot)) {
                return Err(
                    Error::invalid("an argument of a program cannot be written; use a variable").at(op.name)
                );
            }
        }
        self.graph.apply(op, ins, attrs)
    }

    /// The newest version of a tensor inside of the program.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn capture(&mut self, heap: &mut Heap, id: TensorId) -> Result<Value> {
        let slot = self.captured_slot(heap, id)?;
        Ok(self.graph.version(slot))
    }

    fn captured_slot(&mut self, heap: &mut Heap, id: TensorId) -> Result<Slot> {
        if let Some(slot) = self.slot_of.get(id) {
            return Ok(slot);
        }
        heap.retain(id)?;
        let slot = self.slot(heap.ty(id)?);
        self.captured.push((id, slot));
        self.slot_of.insert(id, slot);
        Ok(slot)
    }

    /// The version of a tensor with respect to which a gradient of `y` is meant: the newest that `y` depends on.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn parameter(&mut self, heap: &mut Heap, id: TensorId, y: Value) -> Result<Value> {
        let slot = self.captured_slot(heap, id)?;
        let read = version_read(&self.graph, y, &self.graph.versions(slot));
        Ok(read.unwrap_or(self.graph.version(slot)))
    }

    /// Variables that the program uses, in the order of their first use.
    pub fn touched(&self, heap: &Heap) -> Vec<TensorId> {
        self.captured.iter().map(|&(id, _)| id).filter(|&id| heap.is_variable(id)).collect()
    }

    /// Plans the program. On an error nothing is kept.
    ///
    /// # Errors
    /// If the versions of the variables cannot be ordered.
    pub fn finish(self, heap: &mut Heap, outputs: &[Value], guard: Option<Value>) -> Result<Program> {
        let captured: Vec<TensorId> = self.captured.iter().map(|&(id, _)| id).collect();
        let types = |graph: &Graph, slots: &[Slot]| {
            slots.iter().map(|&slot| *graph.ty(graph.version(slot))).collect::<Vec<_>>()
        };
        let mut arguments = types(&self.graph, &self.inputs);
        arguments.extend(outputs.iter().map(|&x| *self.graph.ty(x)));
        let written = |slot: Slot| matches!(self.graph.source(self.graph.version(slot)), Source::Node { .. });
        // Every slot is an input or captured.
        let mut by_slot = vec![Bound::Argument(0); self.graph.slot_count()];
        for &(id, slot) in &self.captured {
            by_slot[slot.0 as usize] = Bound::Tensor { id, written: written(slot) };
        }
        for (k, &slot) in self.inputs.iter().enumerate() {
            by_slot[slot.0 as usize] = Bound::Argument(k);
        }
        let inputs = self.inputs.len();
        let held =
            self.captured.iter().map(|&(_, slot)| self.graph.ty(self.graph.version(slot)).size() * 4).sum();
        match Plan::new(self.graph, 0, outputs, guard) {
            Ok(plan) => {
                let bound = (plan.externals.iter())
                    .map(|external| match *external {
                        External::Slot(slot) => by_slot[slot.0 as usize],
                        External::Output(k) => Bound::Argument(inputs + k),
                        External::Given(_) => unreachable!("a traced program starts from slots only"),
                    })
                    .collect();
                Ok(Program { plan, bound, arguments, inputs, captured, held })
            }
            Err(error) => {
                captured.into_iter().for_each(|id| heap.release(id));
                Err(error)
            }
        }
    }

    /// Lets go of what was captured.
    pub fn abort(self, heap: &mut Heap) {
        self.captured.into_iter().for_each(|(id, _)| heap.release(id));
    }
}
