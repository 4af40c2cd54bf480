//! Runs plans and single ops. Nothing here allocates.

use crate::chooser::Chooser;
use crate::op::{Attrs, Job, Op, View, Work};
use crate::plan::{Guard, Place, Plan};
use crate::types::DType;

/// What a run uses and leaves behind: the arena, scratch for all chunks and for one, and what is known of tiles.
pub struct Workspace<'a> {
    pub arena: *mut u32,
    pub shared: *mut f32,
    pub scratch: *mut f32,
    pub chooser: &'a mut Chooser,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The guarded value of this step of the run was not finite. Nothing was written since; `resume` goes on.
    NotFinite {
        step: usize,
    },
}

/// Runs one op, all phases and chunks.
#[inline]
pub fn run_op(op: &Op, attrs: &Attrs, work: &Work, ins: &[View], outs: &[View], space: &mut Workspace) {
    let (tile, timing) = space.chooser.begin(work.product.as_ref());
    for (phase, &chunks) in work.phases().iter().enumerate() {
        for chunk in 0..chunks {
            let (shared, scratch) = (space.shared, space.scratch);
            (op.run)(&Job { ins, outs, attrs, phase, chunk, chunks, shared, scratch, work, tile });
        }
    }
    space.chooser.end(timing);
}

impl Plan {
    /// Runs the program `count` times, the first as number `from`; the bindings move on by their strides. A guarded
    /// run stops where the guard's value is not finite.
    ///
    /// # Safety
    /// Every binding is valid for its type at each step, and `space` has the sizes that the plan states.
    pub unsafe fn run(&mut self, space: &mut Workspace, from: usize, count: usize, guarded: bool) -> Outcome {
        for step in from..from + count {
            self.aim(space.arena, step);
            if let Some(guard) = self.guard.as_mut().filter(|_| guarded) {
                save(guard, &self.views);
                let upto = guard.step + 1;
                let view = self.views[guard.view];
                self.run_steps(space, 0, upto);
                if !is_finite(&view) {
                    return Outcome::NotFinite { step };
                }
                self.run_steps(space, upto, self.steps.len());
            } else {
                self.run_steps(space, 0, self.steps.len());
            }
        }
        Outcome::Done
    }

    /// Finishes the step at which `run` stopped.
    ///
    /// # Safety
    /// As for `run`, and the arena is as it was left.
    pub unsafe fn resume(&mut self, space: &mut Workspace, step: usize) {
        self.aim(space.arena, step);
        let from = self.guard.as_ref().map_or(0, |guard| guard.step + 1);
        self.run_steps(space, from, self.steps.len());
    }

    /// The first step whose output is not finite, when the stopped step is run again in `arena`; the memory in which
    /// it stopped is left as it is.
    ///
    /// # Safety
    /// As for `run`; `space.arena` is not the one in which the plan stopped.
    pub unsafe fn locate(
        &mut self,
        space: &mut Workspace,
        stopped_in: *mut u32,
        step: usize,
    ) -> Option<usize> {
        let guard = self.guard.take()?;
        self.aim(space.arena, step);
        restore(&guard, &self.views);
        let found = (0..=guard.step).find(|&i| {
            self.run_steps(space, i, i + 1);
            self.views[self.steps[i].outs.clone()].iter().any(|view| !is_finite(view))
        });
        // What the stopped run wrote before its guard must stand again, whichever step the search ended at.
        self.run_steps(space, found.map_or(guard.step, |i| i) + 1, guard.step + 1);
        self.aim(stopped_in, step);
        self.guard = Some(guard);
        found
    }

    /// Gives every view its address.
    #[inline]
    fn aim(&mut self, arena: *mut u32, step: usize) {
        for (view, place) in self.views.iter_mut().zip(&self.places) {
            view.ptr = match *place {
                Place::Arena(offset) => arena.wrapping_add(offset),
                Place::Constant(offset) => self.constants.ptr().wrapping_add(offset),
                Place::External(index) => {
                    let binding = self.bindings[index];
                    binding.ptr.wrapping_add(binding.stride * step)
                }
            };
        }
    }

    #[inline]
    fn run_steps(&self, space: &mut Workspace, from: usize, to: usize) {
        for step in &self.steps[from..to.max(from)] {
            let (ins, outs) = (&self.views[step.ins.clone()], &self.views[step.outs.clone()]);
            run_op(step.op, &step.attrs, &step.work, ins, outs, space);
        }
    }
}

#[inline]
fn save(guard: &mut Guard, views: &[View]) {
    let mut rest = &mut guard.saved[..];
    for &view in &guard.written {
        let (now, later) = rest.split_at_mut(views[view].size());
        // SAFETY: a view is valid for its type.
        unsafe { std::ptr::copy_nonoverlapping(views[view].ptr, now.as_mut_ptr(), now.len()) };
        rest = later;
    }
}

/// Backwards, so that a variable written twice gets its first version.
fn restore(guard: &Guard, views: &[View]) {
    let mut rest = &guard.saved[..];
    for &view in guard.written.iter().rev() {
        let (earlier, now) = rest.split_at(rest.len() - views[view].size());
        // SAFETY: a view is valid for its type.
        unsafe { std::ptr::copy_nonoverlapping(now.as_ptr(), views[view].ptr, now.len()) };
        rest = earlier;
    }
}

#[inline]
fn is_finite(view: &View) -> bool {
    // SAFETY: a view is valid for its type.
    let words = unsafe { std::slice::from_raw_parts(view.ptr, view.size()) };
    view.ty.dtype != DType::F32 || words.iter().all(|&word| f32::from_bits(word).is_finite())
}
