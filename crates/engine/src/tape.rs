//! What eager code did, recorded while a gradient function runs: a graph whose values exist already.
//!
//! Only what depends on a watched tensor is recorded. The tape keeps every recorded tensor alive, so the user may
//! dispose of them meanwhile.

use crate::error::Result;
use crate::grad::version_read;
use crate::graph::{Graph, Source, Value};
use crate::heap::{ByTensor, Heap, TensorId};
use crate::op::{Attrs, Grad, Op};

#[derive(Debug, Default)]
pub struct Tape {
    pub graph: Graph,
    /// The tensor of each value, retained. Values of nodes that were never run have none.
    pub tensors: Vec<Option<TensorId>>,
    tracked: Vec<bool>,
    value_of: ByTensor<Value>,
    /// Versions of variables that were read before they were written, oldest first.
    older: Vec<(TensorId, Value)>,
    /// Tensors from outside, retained, so that no other tensor gets their handle meanwhile.
    seen: Vec<TensorId>,
    /// For each gradient function that is running, the innermost last: how many nodes there were when it began.
    pub begins: Vec<usize>,
}

impl Tape {
    fn set(&mut self, heap: &mut Heap, x: Value, id: TensorId, tracked: bool) -> Result<()> {
        heap.retain(id)?;
        self.tensors.resize(self.graph.values.len(), None);
        self.tracked.resize(self.graph.values.len(), false);
        self.tensors[x.index()] = Some(id);
        self.tracked[x.index()] = tracked;
        self.value_of.insert(id, x);
        Ok(())
    }

    /// The value of a tensor, which becomes a slot if the tape has not seen it.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn value(&mut self, heap: &mut Heap, id: TensorId) -> Result<Value> {
        if let Some(x) = self.value_of.get(id) {
            return Ok(x);
        }
        // A share of its own: when a variable is written later, the tape still holds what was read.
        let ty = heap.ty(id)?;
        let x = self.graph.slot(ty);
        let held = heap.share(id, ty)?;
        self.set(heap, x, held, heap.is_variable(id))?;
        heap.release(held);
        heap.retain(id)?;
        self.seen.push(id);
        self.value_of.insert(id, x);
        Ok(x)
    }

    /// The version of a tensor with respect to which a gradient of `y` is meant: the newest that `y` depends on.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn parameter(&mut self, heap: &mut Heap, id: TensorId, y: Value) -> Result<Value> {
        let mut versions: Vec<Value> =
            self.older.iter().filter(|older| older.0 == id).map(|older| older.1).collect();
        versions.push(self.value(heap, id)?);
        Ok(version_read(&self.graph, y, &versions).expect("there is one at least"))
    }

    /// Variables that were read, in the order of their first use.
    pub fn touched(&self, heap: &Heap) -> Vec<TensorId> {
        let mut touched: Vec<TensorId> = Vec::new();
        for &id in &self.seen {
            if heap.is_variable(id) && !touched.contains(&id) {
                touched.push(id);
            }
        }
        touched
    }

    /// Makes gradients with respect to a tensor available.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn watch(&mut self, heap: &mut Heap, id: TensorId) -> Result<()> {
        let x = self.value(heap, id)?;
        self.tracked[x.index()] = true;
        Ok(())
    }

    fn is_tracked(&self, heap: &Heap, id: TensorId) -> bool {
        self.value_of.get(id).map_or(heap.is_variable(id), |x| self.tracked[x.index()])
    }

    /// Records what an op did, if a gradient can pass it.
    ///
    /// # Errors
    /// If an operand was disposed.
    pub fn record(
        &mut self,
        heap: &mut Heap,
        op: &'static Op,
        ins: &[TensorId],
        attrs: &Attrs,
        outs: &[TensorId],
    ) -> Result<()> {
        let passes = !matches!(op.grad, Grad::Stop) && !op.memory.is_write();
        if !passes || !ins.iter().any(|&x| self.is_tracked(heap, x)) {
            return Ok(());
        }
        let ins = ins.iter().map(|&x| self.value(heap, x)).collect::<Result<Vec<_>>>()?;
        let values = self.graph.apply(op, &ins, attrs.clone())?;
        for (value, &out) in values.into_iter().zip(outs) {
            self.set(heap, value, out, true)?;
        }
        Ok(())
    }

    /// A variable was written: whoever reads it from now on reads another value.
    pub fn forget(&mut self, id: TensorId) {
        if let Some(x) = self.value_of.remove(id) {
            self.older.push((id, x));
        }
    }

    /// Computes the nodes of which `wanted` are results, one by one, as recorded eager ops.
    ///
    /// # Errors
    /// What `run` gives.
    pub fn evaluate(
        &mut self,
        heap: &mut Heap,
        wanted: &[Value],
        mut run: impl FnMut(&mut Heap, &'static Op, &[TensorId], &Attrs) -> Result<Vec<TensorId>>,
    ) -> Result<()> {
        self.tensors.resize(self.graph.values.len(), None);
        self.tracked.resize(self.graph.values.len(), false);
        let mut needed = vec![false; self.graph.nodes.len()];
        let mut queue: Vec<Value> = wanted.to_vec();
        while let Some(x) = queue.pop() {
            if let (None, Source::Node { node, .. }) = (self.tensors[x.index()], self.graph.source(x))
                && !std::mem::replace(&mut needed[node as usize], true)
            {
                queue.extend(&self.graph.nodes[node as usize].ins);
            }
        }
        for index in (0..needed.len()).filter(|&index| needed[index]) {
            let node = self.graph.nodes[index].clone();
            let ins: Vec<TensorId> = node.ins.iter().filter_map(|x| self.tensors[x.index()]).collect();
            let tracked = node.ins.iter().any(|x| self.tracked[x.index()]);
            let outs = run(heap, node.op, &ins, &node.attrs)?;
            for (&value, out) in node.outs.iter().zip(outs) {
                let result = self.set(heap, value, out, tracked);
                heap.release(out);
                result?;
            }
        }
        Ok(())
    }

    /// Lets go of all tensors.
    pub fn clear(self, heap: &mut Heap) {
        for id in self.tensors.into_iter().flatten().chain(self.seen) {
            heap.release(id);
        }
    }
}
