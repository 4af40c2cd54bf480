//! The seam: functions of numbers between the engine and TypeScript, without logic of their own.
//!
//! Lists (handles, options, dimensions) are words in one argument block of the heap, which grows; a function that can fail gives
//! `FAILED` and leaves the reason for `error_kind` and `error_message`. No borrow of the session is held across calls.

mod block;
mod families;
mod programs;
mod state;
mod threads;

use block::{read_type, reserve, write_results};
use state::{state, with};
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::error::Error;
use wasmgrad_engine::heap::TensorId;
use wasmgrad_engine::host_random::HostRandom;
use wasmgrad_engine::op::Attrs;
use wasmgrad_engine::ops;
use wasmgrad_engine::session::Handle;

/// Whether nothing was done with it yet.
#[wasm_bindgen]
pub fn is_fresh() -> bool {
    state().session.is_fresh()
}

/// A new tensor of `rank` dimensions that stand in the block: its handle.
#[wasm_bindgen]
pub fn tensor_new(dtype: u32, rank: usize) -> u32 {
    with(|session, block| Ok(session.heap.create(read_type(dtype, &block[..rank])?)?.0))
}

/// The address of a tensor's words.
#[wasm_bindgen]
pub fn tensor_address(x: Handle) -> u32 {
    with(|session, _| Ok(session.heap.view(TensorId(x))?.ptr as u32))
}

#[wasm_bindgen]
pub fn tensor_drop(x: Handle) {
    state().session.heap.release(TensorId(x));
}

/// Marks a tensor as one with respect to which gradients are taken without being asked for by name.
#[wasm_bindgen]
pub fn tensor_set_variable(x: Handle, variable: bool) -> u32 {
    with(|session, _| session.heap.set_variable(TensorId(x), variable).map(|()| 0))
}

/// Bytes that all tensors hold.
#[wasm_bindgen]
pub fn memory_bytes() -> usize {
    state().session.heap.bytes()
}

/// Number of blocks of memory that tensors hold; views share one.
#[wasm_bindgen]
pub fn memory_buffers() -> usize {
    state().session.heap.buffers()
}

/// Number of tensors, those that programs hold included.
#[wasm_bindgen]
pub fn memory_tensors() -> usize {
    state().session.heap.count()
}

/// Block: handles of the operands, then option words. Gives the number of results, and in the block for each: handle,
/// dtype, rank, dimensions.
#[wasm_bindgen]
pub fn apply(op: usize, operands: usize, words: usize) -> u32 {
    with(|session, block| {
        let op = *ops::table().get(op).ok_or_else(|| Error::internal("no such op"))?;
        let attrs = Attrs::parse(op, &block[operands..operands + words])?;
        let outs = session.apply(op, &block[..operands], attrs)?;
        write_results(session, block, outs.into_iter().map(Some))
    })
}

#[wasm_bindgen]
pub fn tape_begin() {
    state().session.tape_begin();
}

#[wasm_bindgen]
pub fn tape_end() {
    state().session.tape_end();
}

#[wasm_bindgen]
pub fn tape_watch(x: Handle) -> u32 {
    with(|session, _| session.tape_watch(x).map(|()| 0))
}

/// The number of variables that were read, and in the block their handles.
#[wasm_bindgen]
pub fn tape_touched() -> u32 {
    with(|session, block| {
        let touched = session.tape_touched();
        reserve(block, touched.len())?;
        block[..touched.len()].copy_from_slice(&touched);
        Ok(touched.len() as u32)
    })
}

/// Gradients of `y` (times `dy`, unless it is 0) with respect to the `count` handles in the block; results as of
/// `apply`, with handle 0 where `y` does not depend on one.
#[wasm_bindgen]
pub fn grad(y: Handle, dy: Handle, count: usize) -> u32 {
    with(|session, block| {
        let dxs = session.grad(y, (dy != 0).then_some(dy), &block[..count])?;
        write_results(session, block, dxs.into_iter())
    })
}

/// Starts the streams of seeds and shuffles.
#[wasm_bindgen]
pub fn random_set_seed(seed: u32) {
    state().session.set_seed(seed);
}

/// The next seed for what is given none, from 1 to 10^9.
#[wasm_bindgen]
pub fn random_next_seed() -> u32 {
    with(|session, _| session.next_seed())
}

/// Fills an int32 tensor (n) with the numbers 0..n in random order.
#[wasm_bindgen]
pub fn random_permutation(x: Handle) -> u32 {
    with(|session, _| session.permutation(x).map(|()| 0))
}

/// Puts the state of the streams of seeds and shuffles into the block: the number of its words.
#[wasm_bindgen]
pub fn random_save() -> u32 {
    with(|session, block| {
        reserve(block, HostRandom::WORDS)?;
        let words = block.first_chunk_mut().ok_or_else(|| Error::internal("no room"))?;
        session.save_random(words).map(|()| HostRandom::WORDS as u32)
    })
}

/// The streams go on with the state in the block, that `random_save` put there once.
#[wasm_bindgen]
pub fn random_restore() -> u32 {
    with(|session, block| {
        let words = block.first_chunk().ok_or_else(|| Error::internal("no state"))?;
        session.restore_random(words).map(|()| 0)
    })
}
