//! What crosses the seam in words of the argument block.

use crate::state::{state, with};
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::error::{Error, Result};
use wasmgrad_engine::session::{Handle, Session};
use wasmgrad_engine::types::{DType, Shape, Type};

/// The address of the argument block, after a call that may have made it larger.
#[wasm_bindgen]
pub fn block_address() -> u32 {
    state().block.as_ptr() as u32
}

/// The address of the argument block, made large enough for `words`.
#[wasm_bindgen]
pub fn block_for(words: usize) -> u32 {
    with(|_, block| reserve(block, words).map(|()| block.as_ptr() as u32))
}

/// The kind of the last error.
#[wasm_bindgen]
pub fn error_kind() -> u32 {
    state().error.as_ref().map_or(0, |error| error.kind as u32)
}

/// Puts the text of the last error into the block: its length in bytes.
#[wasm_bindgen]
pub fn error_message() -> u32 {
    let state = state();
    let message = state.error.take().map_or_else(String::new, |error| error.message);
    write_text(&mut state.block, &message)
}

pub(crate) fn read_type(dtype: u32, dims: &[u32]) -> Result<Type> {
    let dims: Vec<usize> = dims.iter().map(|&dim| dim as usize).collect();
    Ok(Type::new(DType::from_code(dtype)?, Shape::new(&dims)?))
}

pub(crate) fn write_results(
    session: &Session,
    block: &mut Vec<u32>,
    handles: impl Iterator<Item = Option<Handle>>,
) -> Result<u32> {
    let (mut at, mut count) = (0, 0);
    for handle in handles {
        let ty = handle.map(|handle| session.ty(handle)).transpose()?;
        let rank = ty.map_or(0, |ty| ty.shape.len());
        reserve(block, at + 3 + rank)?;
        let room = &mut block[at..at + 3 + rank];
        room[0] = handle.unwrap_or(0);
        room[1] = ty.map_or(0, |ty| ty.dtype as u32);
        room[2] = rank as u32;
        for (word, &dim) in room[3..].iter_mut().zip(ty.iter().flat_map(|ty| ty.shape.iter())) {
            *word = dim as u32;
        }
        at += 3 + rank;
        count += 1;
    }
    Ok(count)
}

/// Puts a text into the block: its length in bytes, or 0 where there is no room for it.
pub(crate) fn write_text(block: &mut Vec<u32>, text: &str) -> u32 {
    if reserve(block, text.len().div_ceil(4)).is_err() {
        return 0;
    }
    for (word, bytes) in block.iter_mut().zip(text.as_bytes().chunks(4)) {
        let mut four = [0; 4];
        four[..bytes.len()].copy_from_slice(bytes);
        *word = u32::from_le_bytes(four);
    }
    text.len() as u32
}

/// Makes the argument block large enough.
pub(crate) fn reserve(block: &mut Vec<u32>, words: usize) -> Result<()> {
    let more = words.saturating_sub(block.len());
    if more > 0 {
        block.try_reserve(more).map_err(|_| Error::out_of_memory(4 * words))?;
        block.resize(words, 0);
    }
    Ok(())
}
