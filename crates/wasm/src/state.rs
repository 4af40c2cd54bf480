//! The session, the argument block, and the last error.

use crate::threads;
use std::cell::UnsafeCell;
use wasmgrad_engine::error::{Error, Result};
use wasmgrad_engine::session::{Argument, Session};

/// What a function gives that failed.
pub(crate) const FAILED: u32 = u32::MAX;
/// Words of the argument block at first.
const BLOCK: usize = 1 << 10;

pub(crate) struct State {
    pub(crate) session: Session,
    pub(crate) error: Option<Error>,
    pub(crate) block: Vec<u32>,
    /// Kept, so that running a program allocates nothing.
    pub(crate) arguments: Vec<Argument>,
}

struct Global(UnsafeCell<Option<State>>);

// SAFETY: only the first thread calls the seam, but for `thread_run` and `thread_lost`, which leave the state alone.
unsafe impl Sync for Global {}

static STATE: Global = Global(UnsafeCell::new(None));

#[allow(clippy::mut_from_ref, reason = "each seam function takes it once and gives it up when it returns")]
pub(crate) fn state() -> &'static mut State {
    // SAFETY: one thread, and no seam function calls another.
    let state = unsafe { &mut *STATE.0.get() };
    state.get_or_insert_with(|| {
        let mut session = Session::default();
        session.set_clock(threads::now);
        session.set_crew(threads::crew());
        State { session, error: None, block: vec![0; BLOCK], arguments: Vec::new() }
    })
}

/// Runs `f` on the session and the argument block, and keeps its error.
pub(crate) fn with(f: impl FnOnce(&mut Session, &mut Vec<u32>) -> Result<u32>) -> u32 {
    let state = state();
    let result = f(&mut state.session, &mut state.block);
    state.code(result)
}

impl State {
    /// The number that crosses the seam; an error is kept.
    pub(crate) fn code(&mut self, result: Result<u32>) -> u32 {
        result.unwrap_or_else(|error| {
            self.error = Some(error);
            FAILED
        })
    }
}
