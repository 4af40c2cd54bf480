//! One world of tensors and programs: what the seam speaks to.
//!
//! An op on tensors runs at once; while a program is traced, the same op becomes a node. A handle tells which: symbolic
//! ones carry the top bit, the trace they belong to, and the value's number.

use crate::error::{Error, Result};
use crate::grad::grad;
use crate::graph::{Graph, Value, infer};
use crate::heap::{Block, Heap, Slab, TensorId};
use crate::op::{Attrs, Memory, Op, View};
use crate::plan::{Binding, External, Plan};
use crate::run::{self, Outcome};
use crate::tape::Tape;
use crate::trace::{Bound, Program, Trace};
use crate::types::Type;

/// A tensor or a symbolic value, as a number that crosses the seam. Zero is neither.
pub type Handle = u32;

/// What a program is given for an argument: a tensor, from which word on, and by how many words it moves on from one
/// time to the next.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub handle: Handle,
    pub offset: usize,
    pub stride: usize,
}

impl From<Handle> for Argument {
    fn from(handle: Handle) -> Self {
        Self { handle, offset: 0, stride: 0 }
    }
}

const SYMBOLIC: u32 = 1 << 31;
const VALUE_BITS: u32 = 24;

/// Gradient programs that are kept for code that records the same structure again.
const GRADIENT_PROGRAMS: usize = 32;

#[derive(Debug, Default)]
pub struct Session {
    pub heap: Heap,
    runner: Runner,
    tape: Option<Tape>,
    trace: Option<Trace>,
    /// A trace that is interrupted for eager work.
    suspended: Option<Trace>,
    /// Tells the symbolic handles of one trace from those of another.
    epoch: u32,
    programs: Slab<Program>,
    gradients: Vec<Gradient>,
}

/// Memory that runs use and leave behind, as large as the largest of them asked for.
#[derive(Debug)]
struct Runner {
    arena: Block,
    shared: Block,
    scratch: Block,
}

impl Default for Runner {
    fn default() -> Self {
        Self { arena: Block::EMPTY, shared: Block::EMPTY, scratch: Block::EMPTY }
    }
}

/// A backward program and the recorded structure that it belongs to.
#[derive(Debug)]
struct Gradient {
    forward: Graph,
    y: Value,
    dy: Option<Value>,
    xs: Vec<Value>,
    plan: Plan,
    /// For each of `xs`: which output of the plan, and its type.
    outputs: Vec<Option<(usize, Type)>>,
}

impl Runner {
    fn reserve(&mut self, arena: usize, shared: usize, scratch: usize) -> Result<run::Memory> {
        self.arena.reserve(arena)?;
        self.shared.reserve(shared)?;
        self.scratch.reserve(scratch)?;
        let (shared, scratch) = (self.shared.ptr().cast(), self.scratch.ptr().cast());
        Ok(run::Memory { arena: self.arena.ptr(), shared, scratch })
    }

    fn reserve_for(&mut self, plan: &Plan) -> Result<run::Memory> {
        self.reserve(plan.arena, plan.shared, plan.scratch)
    }

    /// Runs one op on tensors. A written operand is its own result.
    fn run(
        &mut self,
        heap: &mut Heap,
        op: &'static Op,
        ins: &[TensorId],
        attrs: &Attrs,
    ) -> Result<Vec<TensorId>> {
        let in_types = ins.iter().map(|&x| heap.ty(x)).collect::<Result<Vec<_>>>()?;
        let out_types = infer(op, &in_types, attrs)?;
        if op.memory == Memory::View {
            return Ok(vec![heap.share(ins[0], out_types[0])?]);
        }
        let work = (op.work)(&in_types, &out_types, attrs);
        let memory = self.reserve(0, work.shared, work.scratch)?;
        for &(input, _) in op.memory.writes() {
            heap.make_unique(ins[input])?;
        }
        let written =
            |output| op.memory.writes().iter().find(|pair| pair.1 == output).map(|pair| ins[pair.0]);
        let mut outs: Vec<TensorId> = Vec::with_capacity(out_types.len());
        for (output, ty) in out_types.into_iter().enumerate() {
            match written(output).map_or_else(|| heap.create(ty), Ok) {
                Ok(id) => outs.push(id),
                Err(error) => {
                    let made = outs.iter().enumerate().filter(|(output, _)| written(*output).is_none());
                    made.for_each(|(_, &id)| heap.release(id));
                    return Err(error);
                }
            }
        }
        let views = |ids: &[TensorId]| ids.iter().map(|&x| heap.view(x)).collect::<Result<Vec<View>>>();
        run::run_op(op, attrs, &work, &views(ins)?, &views(&outs)?, memory);
        Ok(outs)
    }
}

impl Session {
    fn symbol(&self, x: Value) -> Handle {
        SYMBOLIC | (self.epoch % 128) << VALUE_BITS | x.0
    }

    /// Of a traced program's value, if the handle is symbolic.
    fn symbolic(&self, handle: Handle) -> Option<Result<Value>> {
        (handle & SYMBOLIC != 0).then(|| {
            let x = Value(handle & ((1 << VALUE_BITS) - 1));
            let known = self.trace.as_ref().is_some_and(|trace| x.index() < trace.graph.values.len());
            let ours = handle == self.symbol(x) && known;
            ours.then_some(x)
                .ok_or_else(|| Error::invalid("a symbolic tensor is used outside of its program"))
        })
    }

    /// # Errors
    /// If the handle is not valid any more.
    pub fn ty(&self, handle: Handle) -> Result<Type> {
        match (self.symbolic(handle), &self.trace) {
            (Some(x), Some(trace)) => Ok(*trace.graph.ty(x?)),
            (Some(x), None) => x.and(Err(Error::disposed())),
            (None, _) => self.heap.ty(TensorId(handle)),
        }
    }

    /// The handle's value in the program that is being traced; tensors are captured.
    fn traced(&mut self, handle: Handle) -> Result<Value> {
        match (self.symbolic(handle), &mut self.trace) {
            (Some(x), _) => x,
            (None, Some(trace)) => trace.capture(&mut self.heap, TensorId(handle)),
            (None, None) => Err(Error::internal("no program is being traced")),
        }
    }

    /// Runs an op, or makes it a node of the program that is being traced.
    ///
    /// # Errors
    /// If the op refuses its inputs or memory is out; nothing is changed then.
    pub fn apply(&mut self, op: &'static Op, ins: &[Handle], attrs: Attrs) -> Result<Vec<Handle>> {
        if self.trace.is_some() {
            let ins = ins.iter().map(|&x| self.traced(x)).collect::<Result<Vec<_>>>()?;
            let trace = self.trace.as_mut().expect("checked above");
            let outs = trace.graph.apply(op, &ins, attrs)?;
            return Ok(outs.into_iter().map(|x| self.symbol(x)).collect());
        }
        if let Some(x) = ins.iter().find_map(|&x| self.symbolic(x)) {
            x?;
        }
        let ins: Vec<TensorId> = ins.iter().map(|&x| TensorId(x)).collect();
        let outs = self.runner.run(&mut self.heap, op, &ins, &attrs)?;
        if let Some(tape) = &mut self.tape {
            tape.record(&mut self.heap, op, &ins, &attrs, &outs)?;
            op.memory.writes().iter().for_each(|pair| tape.forget(ins[pair.0]));
        }
        Ok(outs.into_iter().map(|x| x.0).collect())
    }

    // Gradients of eager code.

    /// Starts to record, or goes one gradient function deeper.
    pub fn tape_begin(&mut self) {
        self.tape.get_or_insert_default().depth += 1;
    }

    /// Ends what `tape_begin` began; the outermost end lets go of everything recorded.
    pub fn tape_end(&mut self) {
        if let Some(mut tape) = self.tape.take() {
            tape.depth -= 1;
            if tape.depth == 0 { tape.clear(&mut self.heap) } else { self.tape = Some(tape) }
        }
    }

    /// # Errors
    /// If the tensor was disposed.
    pub fn tape_watch(&mut self, x: Handle) -> Result<()> {
        match &mut self.tape {
            Some(tape) => tape.watch(&mut self.heap, TensorId(x)),
            None => Err(Error::internal("nothing is being recorded")),
        }
    }

    /// The variables that were read since recording began, in the order of their first use.
    pub fn tape_touched(&self) -> Vec<Handle> {
        self.tape
            .as_ref()
            .map_or_else(Vec::new, |tape| tape.touched(&self.heap).into_iter().map(|x| x.0).collect())
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
            let xs = xs.iter().map(|&x| self.traced(x)).collect::<Result<Vec<_>>>()?;
            let trace = self.trace.as_mut().expect("checked above");
            let dxs = grad(&mut trace.graph, y, dy, &xs)?;
            return Ok(dxs.into_iter().map(|dx| dx.map(|dx| self.symbol(dx))).collect());
        }
        let mut tape = self.tape.take().ok_or_else(|| Error::internal("nothing is being recorded"))?;
        let result = self.tape_grad(&mut tape, y, dy, xs);
        self.tape = Some(tape);
        Ok(result?.into_iter().map(|dx| dx.map(|dx| dx.0)).collect())
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
        let xs = xs.iter().map(|&x| tape.value(heap, TensorId(x))).collect::<Result<Vec<_>>>()?;
        if tape.depth == 1 {
            return self.run_gradient(tape, y, dy, &xs);
        }
        let dxs = grad(&mut tape.graph, y, dy, &xs)?;
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
        let memory = self.runner.reserve_for(&gradient.plan);
        let memory = match made.and(memory) {
            Ok(memory) => memory,
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
        // SAFETY: every external is bound to a live tensor of its type, and the memory was reserved for this plan.
        unsafe { gradient.plan.run(memory, 0, 1, false) };
        Ok(results)
    }

    // Programs.

    /// Starts to trace: from now on ops become nodes.
    ///
    /// # Errors
    /// If a program is being traced already.
    pub fn trace_begin(&mut self) -> Result<()> {
        if self.trace.is_some() {
            return Err(Error::invalid("a program is being traced already"));
        }
        self.epoch += 1;
        self.trace = Some(Trace::default());
        Ok(())
    }

    /// # Errors
    /// If no program is being traced.
    pub fn trace_input(&mut self, ty: Type) -> Result<Handle> {
        let trace = self.trace.as_mut().ok_or_else(|| Error::internal("no program is being traced"))?;
        let x = trace.input(ty);
        Ok(self.symbol(x))
    }

    /// Stamps the nodes that follow with a number, which errors and `locate` give back.
    pub fn trace_scope(&mut self, scope: u32) {
        if let Some(trace) = &mut self.trace {
            trace.graph.scope = scope;
        }
    }

    /// Interrupts tracing: ops run at once until `trace_resume`.
    pub fn trace_suspend(&mut self) {
        self.suspended = self.trace.take();
    }

    /// Goes on with what `trace_suspend` interrupted.
    pub fn trace_resume(&mut self) {
        self.trace = self.suspended.take();
    }

    /// Ends tracing and plans the program; it is given a number.
    ///
    /// # Errors
    /// If the versions of the variables cannot be ordered; the trace is over then too.
    pub fn trace_end(&mut self, outputs: &[Handle], guard: Option<Handle>) -> Result<u32> {
        let values = outputs.iter().map(|&x| self.traced(x)).collect::<Result<Vec<_>>>();
        let guard = guard.map(|x| self.traced(x)).transpose();
        let trace = self.trace.take().ok_or_else(|| Error::internal("no program is being traced"))?;
        match (values, guard) {
            (Ok(values), Ok(guard)) => {
                let program = trace.finish(&mut self.heap, &values, guard)?;
                Ok(self.programs.insert(program))
            }
            (Err(error), _) | (_, Err(error)) => {
                trace.abort(&mut self.heap);
                Err(error)
            }
        }
    }

    /// Ends tracing without a program.
    pub fn trace_abort(&mut self) {
        if let Some(trace) = self.trace.take() {
            trace.abort(&mut self.heap);
        }
    }

    /// # Errors
    /// If the program was dropped.
    pub fn program(&self, program: u32) -> Result<&Program> {
        self.programs.get(program).ok_or_else(|| Error::internal("the program was dropped"))
    }

    pub fn drop_program(&mut self, program: u32) {
        if let Some(program) = self.programs.remove(program) {
            program.captured.into_iter().for_each(|id| self.heap.release(id));
        }
    }

    /// Runs a program `count` times, the first as number `from`. The arguments are the inputs, then the outputs.
    ///
    /// # Errors
    /// If an argument does not fit, or memory is out; nothing was run then.
    pub fn run(
        &mut self,
        program: u32,
        arguments: &[Argument],
        from: usize,
        count: usize,
        guarded: bool,
    ) -> Result<Outcome> {
        let (memory, program) = self.bind(program, arguments, from + count)?;
        // SAFETY: `bind` checked every argument and reserved the memory.
        Ok(unsafe { program.plan.run(memory, from, count, guarded) })
    }

    /// Finishes the time at which a guarded run stopped.
    ///
    /// # Errors
    /// As `run`.
    pub fn resume(&mut self, program: u32, arguments: &[Argument], step: usize) -> Result<()> {
        let (memory, program) = self.bind(program, arguments, step + 1)?;
        // SAFETY: `bind` checked every argument, and nothing has used the arena since the run stopped.
        unsafe { program.plan.resume(memory) };
        Ok(())
    }

    /// The scope and name of the first op with a non-finite result at the time at which a guarded run stopped.
    ///
    /// # Errors
    /// As `run`.
    pub fn locate(
        &mut self,
        program: u32,
        arguments: &[Argument],
        step: usize,
    ) -> Result<Option<(u32, &'static str)>> {
        let (memory, program) = self.bind(program, arguments, step + 1)?;
        let aside = Block::new(program.plan.arena)?;
        let elsewhere = run::Memory { arena: aside.ptr(), ..memory };
        // SAFETY: as in `run`, in an arena of the same size.
        let found = unsafe { program.plan.locate(elsewhere, memory.arena, step) };
        Ok(found.map(|i| (program.plan.steps[i].scope, program.plan.steps[i].op.name)))
    }

    fn bind(
        &mut self,
        program: u32,
        arguments: &[Argument],
        steps: usize,
    ) -> Result<(run::Memory, &mut Program)> {
        let program =
            self.programs.get_mut(program).ok_or_else(|| Error::internal("the program was dropped"))?;
        if arguments.len() != program.arguments.len() {
            let expected = program.arguments.len();
            return Err(Error::internal(format!("{} arguments, {expected} expected", arguments.len())));
        }
        for (argument, ty) in arguments.iter().zip(&program.arguments) {
            let given = self.heap.ty(TensorId(argument.handle))?;
            let words = argument.offset + ty.size() + argument.stride * steps.saturating_sub(1);
            if given.dtype != ty.dtype || given.size() < words {
                return Err(Error::invalid(format!("the program takes {words} words of {ty}, got {given}")));
            }
        }
        for (index, bound) in program.bound.iter().enumerate() {
            program.plan.bindings[index] = match *bound {
                Bound::Argument(k) => {
                    let Argument { handle, offset, stride } = arguments[k];
                    Binding { ptr: self.heap.view(TensorId(handle))?.ptr.wrapping_add(offset), stride }
                }
                Bound::Tensor { id, written } => {
                    if written {
                        self.heap.make_unique(id)?;
                    }
                    Binding { ptr: self.heap.view(id)?.ptr, stride: 0 }
                }
            };
        }
        Ok((self.runner.reserve_for(&program.plan)?, program))
    }
}

impl Gradient {
    fn new(forward: &Graph, y: Value, dy: Option<Value>, xs: &[Value]) -> Result<Self> {
        let mut graph = forward.clone();
        let dxs = grad(&mut graph, y, dy, xs)?;
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
