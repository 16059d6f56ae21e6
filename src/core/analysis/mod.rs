//! What can be said about a kernel or a result.

mod separable;

pub use separable::{Separability, separability};
