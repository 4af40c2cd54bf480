//! A program being recorded from symbolic tensors: shapes without values.

use crate::error::Result;
use crate::graph::{Graph, Slot, Value};
use crate::heap::{Heap, TensorId};
use crate::plan::{External, Plan};
use crate::types::Type;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Trace {
    pub graph: Graph,
    /// Inputs in their order, by slot.
    inputs: Vec<Slot>,
    /// Tensors and variables that the program uses, retained.
    captured: HashMap<TensorId, Slot>,
}

/// What a plan's externals are bound to when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Argument k: the inputs first, then the outputs.
    Argument(usize),
    /// A captured tensor, and whether the program writes it.
    Tensor { id: TensorId, written: bool },
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
}

impl Trace {
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

    /// The newest version of a tensor inside of the program.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn capture(&mut self, heap: &mut Heap, id: TensorId) -> Result<Value> {
        if let Some(&slot) = self.captured.get(&id) {
            return Ok(self.graph.version(slot));
        }
        heap.retain(id)?;
        let slot = self.slot(heap.ty(id)?);
        self.captured.insert(id, slot);
        Ok(self.graph.version(slot))
    }

    /// Plans the program. On an error nothing is kept.
    ///
    /// # Errors
    /// If the versions of the variables cannot be ordered.
    pub fn finish(self, heap: &mut Heap, outputs: &[Value], guard: Option<Value>) -> Result<Program> {
        let captured: Vec<TensorId> = self.captured.keys().copied().collect();
        let types = |graph: &Graph, slots: &[Slot]| {
            slots.iter().map(|&slot| *graph.ty(graph.version(slot))).collect::<Vec<_>>()
        };
        let mut arguments = types(&self.graph, &self.inputs);
        arguments.extend(outputs.iter().map(|&x| *self.graph.ty(x)));
        let first_version = |slot: Slot| self.graph.values.iter().position(|def| def.home == Some(slot));
        let written = |slot: Slot| first_version(slot) != Some(self.graph.version(slot).index());
        let by_slot: HashMap<Slot, Bound> = (self.captured.iter())
            .map(|(&id, &slot)| (slot, Bound::Tensor { id, written: written(slot) }))
            .chain(self.inputs.iter().enumerate().map(|(k, &slot)| (slot, Bound::Argument(k))))
            .collect();
        let inputs = self.inputs.len();
        match Plan::new(self.graph, 0, outputs, guard) {
            Ok(plan) => {
                let bound = (plan.externals.iter())
                    .map(|external| match *external {
                        External::Slot(slot) => by_slot[&slot],
                        External::Output(k) => Bound::Argument(inputs + k),
                        External::Given(_) => unreachable!("a traced program starts from slots only"),
                    })
                    .collect();
                Ok(Program { plan, bound, arguments, inputs, captured })
            }
            Err(error) => {
                captured.into_iter().for_each(|id| heap.release(id));
                Err(error)
            }
        }
    }

    /// Lets go of what was captured.
    pub fn abort(self, heap: &mut Heap) {
        self.captured.into_keys().for_each(|id| heap.release(id));
    }
}
