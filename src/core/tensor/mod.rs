//! Arrays of `f32` in row-major order, laid out as PyTorch lays them out.

mod error;
mod random;

pub use error::{Axis, Error};
pub use random::Random;

/// A tensor of any rank.
pub type Tensor = ndarray::ArrayD<f32>;
/// A batch of images, or a bank of kernels: `[n, c, h, w]` or `[c_out, c_in / groups, kh, kw]`.
pub type Images = ndarray::Array4<f32>;
/// One plane of numbers: `[h, w]`.
pub type Map = ndarray::Array2<f32>;

/// The most elements one tensor of the laboratory may hold: 2^26, 256 MiB of `f32`.
///
/// Every size is checked against it before memory is asked for, because a refused allocation ends a wasm instance.
pub const MAX_ELEMENTS: usize = 1 << 26;

/// The number of elements of `shape`, or [`Error::TooLarge`].
///
/// Axes of size zero count as one, as ndarray does when it checks that strides fit: an empty tensor with a huge
/// other axis is refused too.
///
/// ```
/// use receptive::core::tensor::{Error, checked_elements};
/// assert_eq!(checked_elements(&[2, 3, 4]), Ok(24));
/// assert!(matches!(checked_elements(&[usize::MAX, 2]), Err(Error::TooLarge { .. })));
/// ```
pub fn checked_elements(shape: &[usize]) -> Result<usize, Error> {
    let elements = shape.iter().fold(1usize, |product, &size| product.saturating_mul(size.max(1)));
    if elements > MAX_ELEMENTS {
        return Err(Error::TooLarge { elements, limit: MAX_ELEMENTS });
    }
    Ok(shape.iter().product())
}
