//! Moving numbers from channels into space and back: sub-pixel convolution's last step (Shi et al., "Real-time single
//! image and video super-resolution using an efficient sub-pixel convolutional neural network", 2016).

use crate::core::ops::pad::check_not_zero;
use crate::core::tensor::{Error, Images, checked_elements};

/// In which order the channels hold the cells of a block and the channels of the result. The names are ONNX's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ChannelOrder {
    /// Column, row, depth: the cells of one channel stand together. PyTorch's `pixel_shuffle`.
    #[default]
    Crd,
    /// Depth, column, row: the channels of one cell stand together. TensorFlow's `depth_to_space`.
    Dcr,
}

impl ChannelOrder {
    /// The channel that holds cell `(i, j)` of the blocks of channel `c` of `channels`.
    fn channel(self, (c, channels): (usize, usize), (i, j): (usize, usize), factor: usize) -> usize {
        let cell = i * factor + j;
        match self {
            ChannelOrder::Crd => c * factor * factor + cell,
            ChannelOrder::Dcr => cell * channels + c,
        }
    }
}

/// `[n, c * r * r, h, w]` to `[n, c, h * r, w * r]`: each cell becomes a block of `r` by `r`, filled from as many
/// channels. Its gradient is [`pixel_unshuffle`].
///
/// Errors: [`Error::Zero`], [`Error::NotDivisible`], [`Error::TooLarge`].
///
/// ```
/// use receptive::core::ops::{ChannelOrder, pixel_shuffle};
/// let x = ndarray::array![[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]];
/// assert_eq!(pixel_shuffle(&x, 2, ChannelOrder::Crd)?, ndarray::array![[[[1.0, 2.0], [3.0, 4.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn pixel_shuffle(x: &Images, upscale_factor: usize, order: ChannelOrder) -> Result<Images, Error> {
    let (n, channels, height, width) = x.dim();
    check_not_zero("upscale_factor", (upscale_factor, 1))?;
    let block = upscale_factor.saturating_mul(upscale_factor);
    if !channels.is_multiple_of(block) {
        return Err(Error::NotDivisible {
            name: "channels",
            value: channels,
            by: "the square of upscale_factor",
            divisor: block,
        });
    }
    let channels = channels / block;
    let r = upscale_factor;
    let shape = (n, channels, height.saturating_mul(r), width.saturating_mul(r));
    checked_elements(&[shape.0, shape.1, shape.2, shape.3])?;
    Ok(Images::from_shape_fn(shape, |(n, c, i, j)| {
        x[[n, order.channel((c, channels), (i % r, j % r), r), i / r, j / r]]
    }))
}

/// `[n, c, h * r, w * r]` to `[n, c * r * r, h, w]`: undoes [`pixel_shuffle`], and is its gradient, as that is this
/// one's.
///
/// Errors: [`Error::Zero`], [`Error::NotDivisible`].
pub fn pixel_unshuffle(x: &Images, downscale_factor: usize, order: ChannelOrder) -> Result<Images, Error> {
    let (n, channels, height, width) = x.dim();
    check_not_zero("downscale_factor", (downscale_factor, 1))?;
    let r = downscale_factor;
    for (name, value) in [("height", height), ("width", width)] {
        if !value.is_multiple_of(r) {
            return Err(Error::NotDivisible { name, value, by: "downscale_factor", divisor: r });
        }
    }
    let shape = (n, channels.saturating_mul(r).saturating_mul(r), height / r, width / r);
    checked_elements(&[shape.0, shape.1, shape.2, shape.3])?;
    let mut y = Images::zeros(shape);
    for ((n, c, i, j), &x) in x.indexed_iter() {
        y[[n, order.channel((c, channels), (i % r, j % r), r), i / r, j / r]] = x;
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    #[test]
    fn each_undoes_the_other() {
        let mut random = Random::new(951);
        for _ in 0..100 {
            let r = 1 + random.below(3);
            let shape = (
                1 + random.below(2),
                r * r * (1 + random.below(3)),
                1 + random.below(4),
                1 + random.below(4),
            );
            let x = Images::from_shape_simple_fn(shape, || random.normal());
            for order in [ChannelOrder::Crd, ChannelOrder::Dcr] {
                let y = pixel_shuffle(&x, r, order).unwrap();
                assert_eq!(y.dim(), (shape.0, shape.1 / r / r, shape.2 * r, shape.3 * r));
                assert_eq!(pixel_unshuffle(&y, r, order).unwrap(), x);
            }
        }
    }

    #[test]
    fn orders() {
        let x = Images::from_shape_fn((1, 8, 1, 1), |(_, c, ..)| c as f32);
        let crd = pixel_shuffle(&x, 2, ChannelOrder::Crd).unwrap();
        assert_eq!(crd, ndarray::array![[[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0], [6.0, 7.0]]]]);
        let dcr = pixel_shuffle(&x, 2, ChannelOrder::Dcr).unwrap();
        assert_eq!(dcr, ndarray::array![[[[0.0, 2.0], [4.0, 6.0]], [[1.0, 3.0], [5.0, 7.0]]]]);
    }

    #[test]
    fn refusals() {
        let x = Images::zeros((1, 6, 2, 3));
        let order = ChannelOrder::Crd;
        assert_eq!(pixel_shuffle(&x, 0, order), Err(Error::Zero { name: "upscale_factor" }));
        assert!(matches!(pixel_shuffle(&x, 2, order), Err(Error::NotDivisible { value: 6, divisor: 4, .. })));
        assert!(matches!(pixel_shuffle(&x, usize::MAX, order), Err(Error::NotDivisible { .. })));
        assert!(matches!(pixel_unshuffle(&x, 2, order), Err(Error::NotDivisible { name: "width", .. })));
        let none = Images::zeros((1, 0, 2, 3));
        assert!(matches!(pixel_shuffle(&none, usize::MAX, order), Err(Error::TooLarge { .. })));
        let flat = Images::zeros((1, 2, 0, 0));
        assert!(matches!(pixel_unshuffle(&flat, usize::MAX, order), Err(Error::TooLarge { .. })));
    }
}
