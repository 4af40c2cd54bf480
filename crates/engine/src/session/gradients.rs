//! Gradients of what eager code did, and of a program while it is traced.

use super::{Handle, SYMBOLIC, Session, symbol};
use crate::error::{Error, Result};
use crate::grad::grad;
use crate::graph::{Graph, Value};
use crate::heap::TensorId;
use crate::plan::{Binding, External, Plan};
use crate::tape::Tape;
use crate::types::Type;

/// Gradient programs that are kept for code that records the same structure again.
const GRADIENT_PROGRAMS: usize = 32;

/// A backward program and the recorded structure that it belongs to.
#[derive(Debug)]
pub struct Gradient {
    forward: Graph,
    y: Value,
    dy: Option<Value>,
    xs: Vec<Value>,
    plan: Plan,
    /// For each of `xs`: which output of the plan, and its type.
    outputs: Vec<Option<(usize, Type)>>,
}

impl Session {
    /// Starts to record, or goes one gradient function deeper.
    pub fn tape_begin(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.begins.push(trace.graph.nodes.len());
        } else {
            let tape = self.tape.get_or_insert_default();
            tape.begins.push(tape.graph.nodes.len());
        }
    }

    /// Ends what `tape_begin` began; the outermost end lets go of everything recorded.
    pub fn tape_end(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.begins.pop();
        } else if let Some(mut tape) = self.tape.take() {
            tape.begins.pop();
            if tape.begins.is_empty() { tape.clear(&mut self.heap) } else { self.tape = Some(tape) }
        }
    }

    /// Makes gradients with respect to a tensor available; in a program they always are.
    ///
    /// # Errors
    /// If the tensor was disposed.
    pub fn tape_watch(&mut self, x: Handle) -> Result<()> {
        if let Some(x) = self.symbolic(x) {
            return x.map(|_| ());
        }
        if self.trace.is_some() {
            return Ok(());
        }
        match &mut self.tape {
            Some(tape) => tape.watch(&mut self.heap, TensorId(x)),
            None => Err(Error::internal("nothing is being recorded")),
        }
    }

    /// The variables that were read since recording began, in the order of their first use.
    pub fn tape_touched(&self) -> Vec<Handle> {
        let touched = match (&self.trace, &self.tape) {
            (Some(trace), _) => trace.touched(&self.heap),
            (None, Some(tape)) => tape.touched(&self.heap),
            (None, None) => Vec::new(),
        };
        touched.into_iter().map(|x| x.0).collect()
    }

    /// Gradients of `y` (times `dy`, if given) with respect to `xs`: new tensors, or `None` where `y` does not depend
    /// on one. While a program is traced they are its nodes.
    ///
    /// # Errors
    /// If an op on the way has no gradient to give, or memory is out.
    pub fn grad(&mut self, y: Handle, dy: Option<Handle>, xs: &[Handle]) -> Result<Vec<Option<Handle>>> {
        if self.trace.is_some() {
            let y = self.traced(y)?;
            let dy = dy.map(|dy| self.traced(dy)).transpose()?;
            let xs = xs.iter().map(|&x| self.traced_parameter(x, y)).collect::<Result<Vec<_>>>()?;
            let trace = self.trace.as_mut().expect("checked above");
            let from = trace.begins.last().copied().unwrap_or(0);
            let dxs = grad(&mut trace.graph, from, y, dy, &xs)?;
            return Ok(dxs.into_iter().map(|dx| dx.map(|dx| symbol(trace, dx))).collect());
        }
        let mut tape = self.tape.take().ok_or_else(|| Error::internal("nothing is being recorded"))?;
        let result = self.tape_grad(&mut tape, y, dy, xs);
        self.tape = Some(tape);
        Ok(result?.into_iter().map(|dx| dx.map(|dx| dx.0)).collect())
    }

    /// Gradient programs that are kept.
    #[cfg(test)]
    pub fn gradient_programs(&self) -> usize {
        self.gradients.len()
    }

    fn traced_parameter(&mut self, handle: Handle, y: Value) -> Result<Value> {
        match &mut self.trace {
            Some(trace) if handle & SYMBOLIC == 0 => trace.parameter(&mut self.heap, TensorId(handle), y),
            _ => self.traced(handle),
        }
    }

    fn tape_grad(
        &mut self,
        tape: &mut Tape,
        y: Handle,
        dy: Option<Handle>,
        xs: &[Handle],
    ) -> Result<Vec<Option<TensorId>>> {
        let heap = &mut self.heap;
        let y = tape.value(heap, TensorId(y))?;
        let dy = dy.map(|dy| tape.value(heap, TensorId(dy))).transpose()?;
        let xs = xs.iter().map(|&x| tape.parameter(heap, TensorId(x), y)).collect::<Result<Vec<_>>>()?;
        let &[.., _, from] = &tape.begins[..] else { return self.run_gradient(tape, y, dy, &xs) };
        let dxs = grad(&mut tape.graph, from, y, dy, &xs)?;
        let wanted: Vec<Value> = dxs.iter().flatten().copied().collect();
        let runner = &mut self.runner;
        tape.evaluate(heap, &wanted, |heap, op, ins, attrs| runner.run(heap, op, ins, attrs))?;
        let mut results = Vec::new();
        for dx in dxs {
            let id = dx.and_then(|dx| tape.tensors[dx.index()]);
            id.map(|id| heap.retain(id)).transpose()?;
            results.push(id);
        }
        Ok(results)
    }

    /// The outermost gradient: one planned program, found again when the same structure was recorded before.
    fn run_gradient(
        &mut self,
        tape: &Tape,
        y: Value,
        dy: Option<Value>,
        xs: &[Value],
    ) -> Result<Vec<Option<TensorId>>> {
        let known = |g: &Gradient| g.y == y && g.dy == dy && g.xs == xs && g.forward == tape.graph;
        let gradient = match self.gradients.iter().position(known) {
            Some(index) => self.gradients.remove(index),
            None => Gradient::new(&tape.graph, y, dy, xs)?,
        };
        // The most recently used last.
        self.gradients.push(gradient);
        if self.gradients.len() > GRADIENT_PROGRAMS {
            self.gradients.remove(0);
        }
        let gradient = self.gradients.last_mut().expect("pushed above");

        let mut results: Vec<Option<TensorId>> = Vec::new();
        let made = (gradient.outputs.iter()).try_for_each(|output| {
            output.map(|(_, ty)| self.heap.create(ty)).transpose().map(|id| results.push(id))
        });
        let space = self.runner.reserve_for(&gradient.plan, 1);
        let mut space = match made.and(space) {
            Ok(space) => space,
            Err(error) => {
                results.into_iter().flatten().for_each(|id| self.heap.release(id));
                return Err(error);
            }
        };
        for index in 0..gradient.plan.externals.len() {
            let id = match gradient.plan.externals[index] {
                External::Slot(slot) => tape.tensors[tape.graph.version(slot).index()],
                External::Given(x) => tape.tensors[x.index()],
                External::Output(k) => {
                    let of = gradient.outputs.iter().position(|output| output.is_some_and(|(j, _)| j == k));
                    of.and_then(|i| results[i])
                }
            };
            let id = id.ok_or_else(|| Error::internal("a recorded value has no tensor"))?;
            gradient.plan.bindings[index] = Binding { ptr: self.heap.view(id)?.ptr, stride: 0 };
        }
        self.stopped = None;
        // SAFETY: every external is bound to a live tensor of its type, and the memory was reserved for this plan.
        let ran = unsafe { gradient.plan.run(&mut space, 0, 1, false) };
        if ran.is_err() {
            results.into_iter().flatten().for_each(|id| self.heap.release(id));
            return Err(Error::lost_thread(true).at("the gradient"));
        }
        Ok(results)
    }
}

impl Gradient {
    fn new(forward: &Graph, y: Value, dy: Option<Value>, xs: &[Value]) -> Result<Self> {
        let mut graph = forward.clone();
        let dxs = grad(&mut graph, 0, y, dy, xs)?;
        let results: Vec<Value> = dxs.iter().flatten().copied().collect();
        let mut k = 0;
        let outputs = (dxs.iter())
            .map(|dx| {
                dx.map(|dx| {
                    k += 1;
                    (k - 1, *graph.ty(dx))
                })
            })
            .collect();
        let plan = Plan::new(graph, forward.values.len(), &results, None)?;
        Ok(Self { forward: forward.clone(), y, dy, xs: xs.to_vec(), plan, outputs })
    }
}
