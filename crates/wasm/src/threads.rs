//! The host, and the team of threads that it starts.

use crate::state::{state, with};
use std::sync::atomic::AtomicU32;
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::session::Crew;
use wasmgrad_engine::team::{Host, Team};

// What the host gives beside the memory: ts/core/.
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Milliseconds since some moment.
    #[link_name = "now"]
    safe fn host_now() -> f64;
    /// Sleeps at an address until it is woken or the milliseconds are over, unless another word stands there.
    #[link_name = "wait"]
    safe fn host_wait(address: u32, expected: u32, ms: f64);
    #[link_name = "wake"]
    safe fn host_wake(address: u32);
    /// Starts a worker that calls `thread_run`, with the stack that ends at the address.
    #[link_name = "start"]
    safe fn host_start(thread: u32, stack: u32);
}

/// Milliseconds since some moment.
pub(crate) fn now() -> f64 {
    host_now()
}

fn address(word: &AtomicU32) -> u32 {
    word.as_ptr() as u32
}

static TEAM: Team = Team::new(Host {
    now,
    wait: |word, expected, ms| host_wait(address(word), expected, ms),
    wake: |word| host_wake(address(word)),
});

/// The team as the session's crew.
pub(crate) fn crew() -> Crew {
    Crew::new(&TEAM, |thread, stack| host_start(thread, stack as u32))
}

/// How many threads programs may use; they are started when there is work for them.
#[wasm_bindgen]
pub fn threads_set(threads: usize) -> u32 {
    with(|session, _| session.set_threads(threads).map(|()| 0))
}

/// Forgets all helpers, after they were stopped.
#[wasm_bindgen]
pub fn threads_disband() {
    state().session.disband();
}

/// What a helper does for ever.
#[wasm_bindgen]
pub fn thread_run(thread: usize) {
    TEAM.help(thread);
}

/// A helper died: any thread may tell.
#[wasm_bindgen]
pub fn thread_lost(thread: usize) {
    TEAM.bury(thread);
}
