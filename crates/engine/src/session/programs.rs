//! Programs: bound to tensors and run.

use super::{Handle, Session};
use crate::error::{Error, Result};
use crate::heap::{Block, TensorId};
use crate::plan::Binding;
use crate::run::{Outcome, Workspace};
use crate::trace::{Bound, Program};

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

impl Session {
    /// # Errors
    /// If the program was dropped.
    pub fn program(&self, program: u32) -> Result<&Program> {
        self.programs.get(program).ok_or_else(|| Error::internal("the program was dropped"))
    }

    pub fn drop_program(&mut self, program: u32) {
        if let Some(program) = self.programs.remove(program) {
            program.captured.into_iter().for_each(|id| self.heap.release(id));
            self.stopped = None;
        }
    }

    /// Runs a program `count` times, the first as number `from`. The arguments are the inputs, then the outputs.
    ///
    /// # Errors
    /// If an argument does not fit, or memory is out; nothing was run then. If a thread died: the message tells what of the
    /// step was applied.
    pub fn run(
        &mut self,
        program: u32,
        arguments: &[Argument],
        from: usize,
        count: usize,
        guarded: bool,
    ) -> Result<Outcome> {
        self.stopped = None;
        let (mut space, bound) = self.bind(program, arguments, from, count)?;
        // SAFETY: `bind` checked every argument and reserved the memory.
        let outcome = unsafe { bound.plan.run(&mut space, from, count, guarded) }?;
        if let Outcome::NotFinite { step } = outcome {
            self.stopped = Some((program, step));
        }
        if let Some(tape) = &mut self.tape {
            let bound = &self.programs.get(program).expect("it was run").bound;
            bound.iter().filter_map(Bound::written).for_each(|id| tape.forget(id));
        }
        Ok(outcome)
    }

    /// Finishes the time at which a guarded run stopped.
    ///
    /// # Errors
    /// As `run`.
    pub fn resume(&mut self, program: u32, arguments: &[Argument], step: usize) -> Result<()> {
        self.check_stopped(program, step)?;
        let (mut space, program) = self.bind(program, arguments, step, 1)?;
        // SAFETY: `bind` checked every argument, and nothing has used the arena since the run stopped.
        unsafe { program.plan.resume(&mut space, step) }?;
        self.stopped = None;
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
        self.check_stopped(program, step)?;
        let (mut space, program) = self.bind(program, arguments, step, 1)?;
        let aside = Block::new(program.plan.arena)?;
        let stopped_in = std::mem::replace(&mut space.arena, aside.ptr());
        // SAFETY: as in `run`, in an arena of the same size.
        let found = unsafe { program.plan.locate(&mut space, stopped_in, step) };
        Ok(found.map(|i| (program.plan.steps[i].scope, program.plan.steps[i].op.name)))
    }

    fn check_stopped(&self, program: u32, step: usize) -> Result<()> {
        if self.stopped != Some((program, step)) {
            return Err(Error::internal("no run of this program stopped there, or another has run since"));
        }
        Ok(())
    }

    fn bind(
        &mut self,
        program: u32,
        arguments: &[Argument],
        from: usize,
        count: usize,
    ) -> Result<(Workspace<'_>, &mut Program)> {
        let program =
            self.programs.get_mut(program).ok_or_else(|| Error::internal("the program was dropped"))?;
        if arguments.len() != program.arguments.len() {
            let expected = program.arguments.len();
            return Err(Error::internal(format!("{} arguments, {expected} expected", arguments.len())));
        }
        for (argument, ty) in arguments.iter().zip(&program.arguments) {
            let given = self.heap.ty(TensorId(argument.handle))?;
            let words = argument.offset + ty.size() + argument.stride * (from + count).saturating_sub(1);
            if given.dtype != ty.dtype || given.size() < words {
                return Err(Error::invalid(format!("the program takes {words} words of {ty}, got {given}")));
            }
        }
        check_apart(program, arguments)?;
        for (index, bound) in program.bound.iter().enumerate() {
            program.plan.bindings[index] = match *bound {
                Bound::Argument(k) => {
                    let Argument { handle, offset, stride } = arguments[k];
                    if k >= program.inputs {
                        self.heap.make_unique(TensorId(handle))?;
                    }
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
        Ok((self.runner.reserve_for(&program.plan, count)?, program))
    }
}

/// # Errors
/// If an argument is what the program writes at another place.
fn check_apart(program: &Program, arguments: &[Argument]) -> Result<()> {
    for (k, argument) in arguments.iter().enumerate() {
        let is_output = k >= program.inputs;
        let captured = program.bound.iter().any(|bound| match *bound {
            Bound::Tensor { id, written } => id.0 == argument.handle && (written || is_output),
            Bound::Argument(_) => false,
        });
        let mut outputs = arguments.iter().enumerate().skip(program.inputs);
        if captured || outputs.any(|(j, output)| output.handle == argument.handle && j != k) {
            return Err(Error::invalid(format!(
                "argument {k} is a tensor that the program writes; give it a copy"
            )));
        }
    }
    Ok(())
}
