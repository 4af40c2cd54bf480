//! Programs over kernels: the op table, the graph with its gradients, plans with their memory, and the heap of tensors.
//!
//! A model is a program. A program is a graph of typed shapes. Its gradient, its weight updates and its metrics are
//! more nodes of the same graph. A plan gives each node an address. One call runs the plan.

pub mod chooser;
mod decimal;
pub mod error;
pub mod grad;
pub mod graph;
pub mod heap;
pub mod host_random;
pub mod op;
pub mod ops;
pub mod plan;
pub mod run;
pub mod schedule;
pub mod session;
pub mod share;
pub mod tape;
pub mod team;
pub mod trace;
pub mod types;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
