//! Pure numbers: tensors, operators with their gradients, and analysis. No clock, no browser, no globals.
//!
//! - [`tensor`]: array aliases, the typed errors, the seeded random numbers.
//! - [`ops`]: the operators, one family a file.
//! - [`tape`]: gradients of whatever is computed with them.
//! - [`nets`]: stacks of layers, what one of their units sees, and its gradient.
//! - [`analysis`]: what can be said about a kernel or a result.

pub mod analysis;
pub mod nets;
pub mod ops;
pub mod tape;
pub mod tensor;
