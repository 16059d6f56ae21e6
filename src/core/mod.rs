//! Pure numbers: tensors, operators with their gradients, and analysis. No clock, no browser, no globals.
//!
//! - [`tensor`]: array aliases, the typed errors, the seeded random numbers.
//! - [`ops`]: the operators, one family a file.
//! - [`analysis`]: what can be said about a kernel or a result.

pub mod analysis;
pub mod ops;
pub mod tensor;
