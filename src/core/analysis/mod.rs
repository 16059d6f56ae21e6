//! What can be said about a kernel or a result.

mod separable;
mod span;

pub use separable::{Separability, separability};
pub use span::Span;
