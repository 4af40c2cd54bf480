//! Runs plans and single ops. Nothing here allocates.

use crate::chooser::Chooser;
use crate::error::Error;
use crate::op::{Attrs, Job, Op, View, Work};
use crate::plan::{Guard, Place, Plan};
use crate::team::{Lost, Team};
use crate::types::DType;

/// What a run uses and leaves behind: the arena, scratch for all chunks and for each thread, and what is known of tiles.
pub struct Workspace<'a> {
    pub arena: *mut u32,
    pub shared: *mut f32,
    pub scratch: *mut f32,
    /// Words from one thread's scratch to the next one's.
    pub stride: usize,
    pub chooser: &'a mut Chooser,
    /// Where there are threads that help.
    pub team: Option<&'static Team>,
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

/// A phase of an op, as threads share it.
struct Phase<'a> {
    op: &'a Op,
    /// Its first chunk, for the first thread.
    job: Job<'a>,
    stride: usize,
}

// SAFETY: chunks of a phase write apart from each other and from what they read (`Op::work`), and each thread has scratch
// memory of its own.
unsafe impl Sync for Phase<'_> {}

impl Phase<'_> {
    fn run(&self, chunk: usize, thread: usize) {
        let scratch = self.job.scratch.wrapping_add(thread * self.stride);
        (self.op.run)(&Job { chunk, scratch, ..self.job });
    }
}

/// Runs one op, all phases and chunks.
///
/// # Errors
/// If a thread died that had a chunk of it; what it writes is then half written.
#[inline]
pub fn run_op(
    op: &Op,
    attrs: &Attrs,
    work: &Work,
    ins: &[View],
    outs: &[View],
    space: &mut Workspace,
) -> Result<(), Lost> {
    let (tile, timing) = space.chooser.begin(work.product.as_ref());
    for (phase, &chunks) in work.phases().iter().enumerate() {
        let (shared, scratch) = (space.shared, space.scratch);
        let job = Job { ins, outs, attrs, phase, chunk: 0, chunks, shared, scratch, work, tile };
        match space.team {
            Some(team) if chunks > 1 => {
                let phase = Phase { op, job, stride: space.stride };
                team.run(chunks, &|chunk, thread| phase.run(chunk, thread))?;
            }
            _ => {
                let chunks = work.product.as_ref().map_or(chunks, |product| product.batches);
                (0..chunks).for_each(|chunk| (op.run)(&Job { chunk, chunks, ..job }));
            }
        }
    }
    space.chooser.end(timing);
    Ok(())
}

/// How far a program came when a thread died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// The step of the run.
    pub step: usize,
    /// Whether variables were written in it.
    pub written: bool,
}

impl From<Interrupted> for Error {
    fn from(Interrupted { step, written }: Interrupted) -> Self {
        Error::lost_thread(!written).at(&format!("step {step} of the run"))
    }
}

impl Plan {
    /// Runs the program `count` times, the first as number `from`; the bindings move on by their strides. A guarded
    /// run stops where the guard's value is not finite.
    ///
    /// # Errors
    /// If a thread died.
    ///
    /// # Safety
    /// Every binding is valid for its type at each step, and `space` has the sizes that the plan states.
    pub unsafe fn run(
        &mut self,
        space: &mut Workspace,
        from: usize,
        count: usize,
        guarded: bool,
    ) -> Result<Outcome, Interrupted> {
        for step in from..from + count {
            self.aim(space.arena, step);
            if let Some(guard) = self.guard.as_mut().filter(|_| guarded) {
                save(guard, &self.views);
                let upto = guard.step + 1;
                let view = self.views[guard.view];
                self.run_steps(space, step, 0, upto)?;
                if !is_finite(&view) {
                    return Ok(Outcome::NotFinite { step });
                }
                self.run_steps(space, step, upto, self.steps.len())?;
            } else {
                self.run_steps(space, step, 0, self.steps.len())?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Finishes the step at which `run` stopped.
    ///
    /// # Errors
    /// If a thread died.
    ///
    /// # Safety
    /// As for `run`, and the arena is as it was left.
    pub unsafe fn resume(&mut self, space: &mut Workspace, step: usize) -> Result<(), Interrupted> {
        self.aim(space.arena, step);
        let from = self.guard.as_ref().map_or(0, |guard| guard.step + 1);
        self.run_steps(space, step, from, self.steps.len())
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
        // By one thread: it is rare, and what it writes again must stand.
        space.team = None;
        let mut run = |from, upto| self.run_steps(space, step, from, upto).expect("nobody else takes part");
        let is_finite = |i: &usize| self.views[self.steps[*i].outs.clone()].iter().all(is_finite);
        let found = (0..=guard.step).find(|&i| {
            run(i, i + 1);
            !is_finite(&i)
        });
        // What the stopped run wrote before its guard must stand again, whichever step the search ended at.
        run(found.map_or(guard.step, |i| i) + 1, guard.step + 1);
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
    fn run_steps(
        &self,
        space: &mut Workspace,
        of_run: usize,
        from: usize,
        to: usize,
    ) -> Result<(), Interrupted> {
        for (i, step) in (from..).zip(&self.steps[from..to.max(from)]) {
            let (ins, outs) = (&self.views[step.ins.clone()], &self.views[step.outs.clone()]);
            if run_op(step.op, &step.attrs, &step.work, ins, outs, space).is_err() {
                let written = self.steps[..=i].iter().any(|step| step.op.memory.is_write());
                return Err(Interrupted { step: of_run, written });
            }
        }
        Ok(())
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
