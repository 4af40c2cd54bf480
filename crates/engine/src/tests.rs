//! Every op is judged by its own cases: values against f64, gradients against finite differences, and the planned run
//! against the eager one, bit for bit.

mod allocations;
mod allocator;
mod chains;
mod chunks;
mod data;
mod elementwise;
mod families;
mod graphs;
mod guards;
mod harness;
mod memory;
mod ops;
mod optimizers;
mod programs;
mod properties;
mod reduce;
mod second;
mod sessions;
mod team;
mod tiles;
mod versions;
