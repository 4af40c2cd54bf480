//! The op table, one file a family, and the words in which gradient rules are written.

pub mod crossentropy;
pub mod ctc;
pub mod data;
pub mod elementwise;
pub mod fusion;
pub mod loss;
pub mod matmul;
pub mod optimizer;
pub mod random;
pub mod reduce;
pub mod softmax;
mod words;

use crate::op::Op;
use std::sync::OnceLock;
pub use words::*;

/// All ops. An op's place in it is its number at the seam; saved files store names.
pub fn table() -> &'static [&'static Op] {
    static TABLE: OnceLock<Vec<&'static Op>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let [elementwise, data, reduce] = [elementwise::OPS, data::OPS, reduce::OPS].map(<[_]>::concat);
        let learning =
            [softmax::OPS, loss::OPS, crossentropy::OPS, ctc::OPS, random::OPS, optimizer::OPS].concat();
        [&elementwise[..], &data, matmul::OPS, &reduce, &learning].concat()
    })
}

/// A hash over names and options of all ops: both halves of the library must agree on it. (FNV-1a)
pub fn table_hash() -> u32 {
    let mut hash = 0x811c_9dc5u32;
    let mut eat =
        |bytes: &[u8]| bytes.iter().for_each(|&b| hash = (hash ^ b as u32).wrapping_mul(0x0100_0193));
    for op in table() {
        eat(op.name.as_bytes());
        for attr in op.attrs {
            eat(attr.name.as_bytes());
            eat(&[attr.kind as u8]);
        }
        eat(&[0xff]);
    }
    hash
}
