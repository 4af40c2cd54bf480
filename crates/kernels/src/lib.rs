//! Numbers in memory, and nothing else: no allocation, no graph, no dependencies.
//!
//! Every element is a 4-byte word: `f32`, `i32`, or a bool stored as an `i32` that is 0 or 1.
//! A kernel takes raw pointers and sizes and states its contract in its `# Safety` section.

mod copy;
pub mod crossentropy;
pub mod ctc;
pub mod gemm;
pub mod lane;
mod loops;
pub mod map;
pub mod math;
mod microkernel;
pub mod optimizer;
pub mod random;
pub mod reduce;
pub mod softmax;
