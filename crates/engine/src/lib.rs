//! Programs over kernels.
