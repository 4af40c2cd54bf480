//! The threads of a session: how many are wanted, and when they are started.

use crate::error::{Error, Result};
use crate::heap::Block;
use crate::team::{MOST_THREADS, Team};

/// Words of a helper's stack. Kernels keep a tile or two on it.
const STACK: usize = 1 << 16;
/// Helpers are started once so many chunks could have been shared: some milliseconds of work, about what starting one takes.
const WORTH_STARTING: usize = 256;
/// Sleepers are called before a run with so many chunks.
const WORTH_CALLING: usize = 16;

/// Starts helper number `thread`, which calls `Team::help` on the stack that ends at the address.
pub type Start = fn(thread: u32, stack: *mut u32);

pub struct Crew {
    team: &'static Team,
    start: Start,
    wanted: usize,
    /// Of the helpers that were started, from number 1 on.
    stacks: Vec<Block>,
    /// Chunks that could have been shared so far.
    chunks: usize,
}

impl std::fmt::Debug for Crew {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} of {} threads", 1 + self.stacks.len(), self.wanted)
    }
}

impl Crew {
    pub fn new(team: &'static Team, start: Start) -> Self {
        Self { team, start, wanted: 1, stacks: Vec::new(), chunks: 0 }
    }

    pub fn set_size(&mut self, threads: usize) -> Result<()> {
        if !(1..=MOST_THREADS).contains(&threads) {
            return Err(Error::invalid(format!("expected 1 to {MOST_THREADS} threads, got {threads}")));
        }
        self.wanted = threads;
        self.team.resize(threads.min(1 + self.stacks.len()));
        Ok(())
    }

    /// The team for a run with so many chunks to share, if it is more than one thread.
    #[inline]
    pub fn team_for(&mut self, chunks: usize) -> Result<Option<&'static Team>> {
        if self.wanted == 1 {
            return Ok(None);
        }
        self.chunks = self.chunks.saturating_add(chunks);
        if self.stacks.len() + 1 < self.wanted && self.chunks >= WORTH_STARTING {
            self.start_all()?;
        }
        if chunks >= WORTH_CALLING {
            self.team.call();
        }
        Ok((self.team.size() > 1).then_some(self.team))
    }

    #[cold]
    fn start_all(&mut self) -> Result<()> {
        while self.stacks.len() + 1 < self.wanted {
            let stack = Block::new(STACK)?;
            self.stacks.push(stack);
            let thread = self.stacks.len();
            (self.start)(thread as u32, self.stacks[thread - 1].ptr().wrapping_add(STACK));
        }
        self.team.resize(self.wanted);
        Ok(())
    }

    /// Forgets the helpers. As many are wanted as before: others are started when there is work.
    pub fn disband(&mut self) {
        self.team.disband();
        self.chunks = 0;
        // One that is still about to stop may use its stack.
        self.stacks.drain(..).for_each(std::mem::forget);
    }
}
