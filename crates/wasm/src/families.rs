//! The op table, for the build and for families of ops that are loaded later.

use crate::block::write_text;
use crate::state::state;
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::op::{Family, Grad};
use wasmgrad_engine::ops;
use wasmgrad_engine::ops::elementwise::kernel::Choice;

/// The op table's hash: both halves must be of one build.
#[wasm_bindgen]
pub fn abi() -> u32 {
    ops::table_hash()
}

/// Puts an op's name into the block: its length in bytes.
#[wasm_bindgen]
pub fn op_name(op: usize) -> u32 {
    write_text(&mut state().block, ops::table().get(op).map_or("", |op| op.name))
}

/// Of which families of ops the code is there, a bit for each; all, unless this says otherwise.
#[wasm_bindgen]
pub fn families_set(mask: u32) {
    Family::load_only(mask);
}

/// For the build, which parts the module by families: puts an op's family and the places of its functions in the
/// function table into the block. Gives the number of these words, 0 after the last op.
#[wasm_bindgen]
pub fn op_functions(op: usize) -> u32 {
    let Some(op) = ops::table().get(op) else { return 0 };
    let mut words = vec![op.family as usize, op.infer as usize, op.work as usize, op.run as usize];
    if let Grad::By(grad) = op.grad {
        words.push(grad as usize);
    }
    match op.elementwise {
        Some(Choice::Always(kernel)) => words.push(*kernel as usize),
        Some(Choice::Floats(floats, others)) => words.extend([*floats as usize, *others as usize]),
        Some(Choice::Dtypes(choose)) => words.push(*choose as usize),
        None => {}
    }
    for (word, value) in state().block.iter_mut().zip(&words) {
        *word = *value as u32;
    }
    words.len() as u32
}

/// For the build: puts a family's name into the block, and gives its length in bytes.
#[wasm_bindgen]
pub fn family_name(family: usize) -> u32 {
    write_text(&mut state().block, Family::ALL[family].name())
}
