//! Programs: traced, planned, run.

use crate::block::{read_type, write_text};
use crate::state::{FAILED, state, with};
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::error::Result;
use wasmgrad_engine::ops;
use wasmgrad_engine::run::Outcome;
use wasmgrad_engine::session::{Argument, Handle, Session};

/// As `with`, for programs: with the `count` arguments that stand in the block.
fn with_arguments(
    count: usize,
    f: impl FnOnce(&mut Session, &[Argument], &mut Vec<u32>) -> Result<u32>,
) -> u32 {
    let state = state();
    let argument =
        |words: &[u32]| Argument { handle: words[0], offset: words[1] as usize, stride: words[2] as usize };
    state.arguments.clear();
    state.arguments.extend(state.block[..3 * count].chunks(3).map(argument));
    let result = f(&mut state.session, &state.arguments, &mut state.block);
    state.code(result)
}

#[wasm_bindgen]
pub fn trace_begin() -> u32 {
    with(|session, _| session.trace_begin().map(|()| 0))
}

/// A symbolic input of the program, of `rank` dimensions that stand in the block: its handle.
#[wasm_bindgen]
pub fn trace_input(dtype: u32, rank: usize) -> u32 {
    with(|session, block| session.trace_input(read_type(dtype, &block[..rank])?))
}

/// Whose nodes follow: a number that `program_locate` gives back.
#[wasm_bindgen]
pub fn trace_scope(scope: u32) {
    state().session.trace_scope(scope);
}

/// Interrupts tracing: ops run at once until `trace_resume`.
#[wasm_bindgen]
pub fn trace_suspend() {
    state().session.trace_suspend();
}

#[wasm_bindgen]
pub fn trace_resume() {
    state().session.trace_resume();
}

/// Plans the program with the `outputs` handles in the block as results: its number. `guard`, unless it is 0, is the
/// value that guarded runs watch.
#[wasm_bindgen]
pub fn trace_end(outputs: usize, guard: Handle) -> u32 {
    with(|session, block| session.trace_end(&block[..outputs], (guard != 0).then_some(guard)))
}

#[wasm_bindgen]
pub fn trace_abort() {
    state().session.trace_abort();
}

/// Runs a program `count` times, the first as number `from`. Block: for each argument (inputs, then outputs) its
/// handle, from which word on, and by how many words it moves on from one time to the next. Gives the number of times that were finished:
/// fewer than `count` if the guard stopped the one that follows them.
#[wasm_bindgen]
pub fn program_run(program: u32, arguments: usize, from: usize, count: usize, guarded: bool) -> u32 {
    with_arguments(arguments, |session, arguments, _| {
        let outcome = session.run(program, arguments, from, count, guarded)?;
        Ok(match outcome {
            Outcome::Done => count as u32,
            Outcome::NotFinite { step } => (step - from) as u32,
        })
    })
}

/// Finishes the time at which a guarded run stopped.
#[wasm_bindgen]
pub fn program_resume(program: u32, arguments: usize, step: usize) -> u32 {
    with_arguments(arguments, |session, arguments, _| session.resume(program, arguments, step).map(|()| 0))
}

/// Which op first gave a value that is not finite, at the time at which a guarded run stopped: 0 if none did, else 1
/// and in the block its scope, its place in the op table.
#[wasm_bindgen]
pub fn program_locate(program: u32, arguments: usize, step: usize) -> u32 {
    with_arguments(arguments, |session, arguments, block| {
        let Some((scope, name)) = session.locate(program, arguments, step)? else {
            return Ok(0);
        };
        block[0] = scope;
        block[1] = ops::table().iter().position(|op| op.name == name).map_or(FAILED, |i| i as u32);
        Ok(1)
    })
}

/// Puts the program's steps with their memory into the block, as text: its length in bytes.
#[wasm_bindgen]
pub fn program_print(program: u32) -> u32 {
    with(|session, block| Ok(write_text(block, &session.program(program)?.to_string())))
}

#[wasm_bindgen]
pub fn program_drop(program: u32) {
    state().session.drop_program(program);
}
