//! Runs one op on tensors, in memory that stays for the next.

use crate::chooser::Chooser;
use crate::error::{Error, Result};
use crate::graph::{check_writes, infer};
use crate::heap::{Block, Heap, TensorId};
use crate::op::{Attrs, Memory, Op, View};
use crate::plan::Plan;
use crate::run::{self, Workspace};
use crate::session::crew::Crew;

/// Memory that runs use and leave behind, as large as the largest of them asked for, and the threads that help.
#[derive(Debug)]
pub struct Runner {
    arena: Block,
    shared: Block,
    scratch: Block,
    pub chooser: Chooser,
    pub crew: Option<Crew>,
}

impl Default for Runner {
    fn default() -> Self {
        let (arena, shared, scratch) = (Block::EMPTY, Block::EMPTY, Block::EMPTY);
        Self { arena, shared, scratch, chooser: Chooser::default(), crew: None }
    }
}

impl Runner {
    /// Room for a run whose phases of several chunks have `chunks` together.
    #[inline]
    fn reserve(
        &mut self,
        arena: usize,
        shared: usize,
        scratch: usize,
        chunks: usize,
    ) -> Result<Workspace<'_>> {
        let team = match &mut self.crew {
            Some(crew) if chunks > 0 => crew.team_for(chunks)?,
            _ => None,
        };
        // Each thread's begins on a cache line.
        let stride = scratch.next_multiple_of(32);
        self.arena.reserve(arena)?;
        self.shared.reserve(shared)?;
        self.scratch.reserve(team.map_or(scratch, |team| team.size() * stride))?;
        let (shared, scratch) = (self.shared.ptr().cast(), self.scratch.ptr().cast());
        let arena = self.arena.ptr();
        Ok(Workspace { arena, shared, scratch, stride, chooser: &mut self.chooser, team })
    }

    /// Room for `count` runs.
    pub fn reserve_for(&mut self, plan: &Plan, count: usize) -> Result<Workspace<'_>> {
        self.reserve(plan.arena, plan.shared, plan.scratch, plan.chunks.saturating_mul(count))
    }

    /// Runs one op on tensors. A written operand is its own result.
    #[inline]
    pub fn run(
        &mut self,
        heap: &mut Heap,
        op: &'static Op,
        ins: &[TensorId],
        attrs: &Attrs,
    ) -> Result<Vec<TensorId>> {
        let in_types = ins.iter().map(|&x| heap.ty(x)).collect::<Result<Vec<_>>>()?;
        let out_types = infer(op, &in_types, attrs)?;
        check_writes(op, ins, out_types.len())?;
        if op.memory == Memory::View {
            return Ok(vec![heap.share(ins[0], out_types[0])?]);
        }
        let work = (op.work)(&in_types, &out_types, attrs);
        let mut space = self.reserve(0, work.shared, work.scratch, work.shared_chunks())?;
        for &x in &ins[op.memory.writes(out_types.len())] {
            heap.make_unique(x)?;
        }
        let written = |output| op.memory.written(output).map(|input| ins[input]);
        let release = |heap: &mut Heap, outs: &[TensorId]| {
            let made = outs.iter().enumerate().filter(|(output, _)| written(*output).is_none());
            made.for_each(|(_, &id)| heap.release(id));
        };
        let mut outs: Vec<TensorId> = Vec::with_capacity(out_types.len());
        for (output, ty) in out_types.into_iter().enumerate() {
            match written(output).map_or_else(|| heap.create(ty), Ok) {
                Ok(id) => outs.push(id),
                Err(error) => {
                    release(heap, &outs);
                    return Err(error);
                }
            }
        }
        let views = |ids: &[TensorId]| ids.iter().map(|&x| heap.view(x)).collect::<Result<Vec<View>>>();
        if run::run_op(op, attrs, &work, &views(ins)?, &views(&outs)?, &mut space).is_err() {
            release(heap, &outs);
            return Err(Error::lost_thread(!op.memory.is_write()).at(op.name));
        }
        Ok(outs)
    }
}
