//! One world of tensors and programs: what the seam speaks to.
//!
//! An op on tensors runs at once; while a program is traced, the same op becomes a node. A handle tells which: symbolic
//! ones carry the top bit, the trace they belong to, and the value's number.

mod crew;
mod gradients;
mod programs;
mod random;
mod runner;

use crate::chooser::Clock;
use crate::error::{Error, Result};
use crate::graph::Value;
use crate::heap::{Heap, Slab, TensorId};
use crate::host_random::HostRandom;
use crate::op::{Attrs, Op};
use crate::tape::Tape;
use crate::trace::{Program, Trace};
use crate::types::Type;
pub use crew::Crew;
use gradients::Gradient;
pub use programs::Argument;
use runner::Runner;

/// A tensor or a symbolic value, as a number that crosses the seam. Zero is neither.
pub type Handle = u32;

const SYMBOLIC: u32 = 1 << 31;
const VALUE_BITS: u32 = 24;

/// The handle of a value of the trace.
fn symbol(trace: &Trace, x: Value) -> Handle {
    SYMBOLIC | (trace.number % 128) << VALUE_BITS | x.0
}

#[derive(Debug, Default)]
pub struct Session {
    pub heap: Heap,
    runner: Runner,
    tape: Option<Tape>,
    trace: Option<Trace>,
    /// Traces that are interrupted for eager work, the innermost last.
    suspended: Vec<Option<Trace>>,
    /// Traces begun so far.
    traces: u32,
    programs: Slab<Program>,
    /// Program and step at which a guarded run stopped, as long as its arena is untouched.
    stopped: Option<(u32, usize)>,
    gradients: Vec<Gradient>,
    /// There is none before `set_seed`.
    random: Option<HostRandom>,
    /// Whether somebody relies on the state of `random`.
    drawn: bool,
}

impl Session {
    /// The clock by which large matrix products choose their tile; without one they use the first.
    pub fn set_clock(&mut self, clock: Clock) {
        self.runner.chooser.set_clock(clock);
    }

    /// Whether nobody has made a tensor or a program, chosen a seed or drawn one.
    pub fn is_fresh(&self) -> bool {
        !self.drawn && self.traces == 0 && self.heap.is_fresh()
    }

    /// Lets helpers take part, as soon as `set_threads` wants some and there is enough work for them.
    pub fn set_crew(&mut self, crew: Crew) {
        self.runner.crew = Some(crew);
    }

    /// How many threads programs may use, the first included.
    ///
    /// # Errors
    /// If there is no crew, or it can have no more.
    pub fn set_threads(&mut self, threads: usize) -> Result<()> {
        let crew = self.runner.crew.as_mut();
        crew.ok_or_else(|| Error::internal("there are no threads here"))?.set_size(threads)
    }

    /// Forgets the helpers after one of them died.
    pub fn disband(&mut self) {
        if let Some(crew) = &mut self.runner.crew {
            crew.disband();
        }
    }

    /// The tiles that products have settled on.
    #[cfg(test)]
    pub fn settled_tiles(&self) -> Vec<&'static str> {
        self.runner.chooser.settled()
    }

    /// Of a traced program's value, if the handle is symbolic.
    fn symbolic(&self, handle: Handle) -> Option<Result<Value>> {
        (handle & SYMBOLIC != 0).then(|| {
            let x = Value(handle & ((1 << VALUE_BITS) - 1));
            let ours = |trace: &Trace| symbol(trace, x) == handle && x.index() < trace.graph.values.len();
            let known = self.trace.as_ref().is_some_and(ours);
            known
                .then_some(x)
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
            let outs = trace.apply(op, &ins, attrs)?;
            return Ok(outs.into_iter().map(|x| symbol(trace, x)).collect());
        }
        if let Some(x) = ins.iter().find_map(|&x| self.symbolic(x)) {
            x?;
        }
        let ins: Vec<TensorId> = ins.iter().map(|&x| TensorId(x)).collect();
        let outs = self.runner.run(&mut self.heap, op, &ins, &attrs)?;
        if let Some(tape) = &mut self.tape {
            tape.record(&mut self.heap, op, &ins, &attrs, &outs)?;
            ins[op.memory.writes(outs.len())].iter().for_each(|&x| tape.forget(x));
        }
        Ok(outs.into_iter().map(|x| x.0).collect())
    }

    /// Starts to trace: from now on ops become nodes.
    ///
    /// # Errors
    /// If a program is being traced already.
    pub fn trace_begin(&mut self) -> Result<()> {
        if self.trace.is_some() {
            return Err(Error::invalid("a program is being traced already"));
        }
        self.traces += 1;
        self.trace = Some(Trace::new(self.traces));
        Ok(())
    }

    /// # Errors
    /// If no program is being traced.
    pub fn trace_input(&mut self, ty: Type) -> Result<Handle> {
        let trace = self.trace.as_mut().ok_or_else(|| Error::internal("no program is being traced"))?;
        let x = trace.input(ty);
        Ok(symbol(trace, x))
    }

    /// Stamps the nodes that follow with a number, which errors and `locate` give back.
    pub fn trace_scope(&mut self, scope: u32) {
        if let Some(trace) = &mut self.trace {
            trace.graph.scope = scope;
        }
    }

    /// Interrupts tracing: ops run at once until `trace_resume`.
    pub fn trace_suspend(&mut self) {
        self.suspended.push(self.trace.take());
    }

    /// Goes on with what `trace_suspend` interrupted.
    pub fn trace_resume(&mut self) {
        self.trace = self.suspended.pop().flatten();
    }

    /// Ends tracing and plans the program; it is given a number. Memory for its runs is there from then on.
    ///
    /// # Errors
    /// If the versions of the variables cannot be ordered, or memory is out; the trace is over then too.
    pub fn trace_end(&mut self, outputs: &[Handle], guard: Option<Handle>) -> Result<u32> {
        let values = outputs.iter().map(|&x| self.traced(x)).collect::<Result<Vec<_>>>();
        let guard = guard.map(|x| self.traced(x)).transpose();
        let trace = self.trace.take().ok_or_else(|| Error::internal("no program is being traced"))?;
        match (values, guard) {
            (Ok(values), Ok(guard)) => {
                let program = trace.finish(&mut self.heap, &values, guard)?;
                self.stopped = None;
                let room = self.runner.reserve_for(&program.plan, 0);
                let number = self.programs.insert(program);
                room.map(|_| number).inspect_err(|_| self.drop_program(number))
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
}
