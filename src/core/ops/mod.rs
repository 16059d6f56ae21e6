//! The operators. Each has a plain definition, its exact gradient and a fast path; tests hold the three together.

mod activation;
mod conv;
mod conv_backward;
mod conv_fast;
mod conv_planes;
mod conv_reads;
#[cfg(test)]
mod conv_tests;
mod lanes;
mod pad;
mod resize;

pub use activation::{Activation, erf, erfc};
pub use conv::{Conv2d, Conv2dGrads};
pub use pad::{Padding, PaddingMode, Pads, pad2d, pad2d_backward};
pub use resize::resize_area;
