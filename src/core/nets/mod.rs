//! Stacks of layers: their forward pass, what one of their units sees, and the gradient of one unit.

mod cells;
mod cone;
mod cone_fast;
mod field;
mod layer;
pub mod networks;
mod plan;
mod resample;
#[cfg(test)]
mod tests;

pub use field::{ReceptiveField, Support};
pub use layer::Layer;

use crate::core::tensor::{Error, Images};

/// Layers one after the other.
///
/// ```
/// use receptive::core::nets::{Layer, Net, Unit};
/// use receptive::core::ops::{Conv2d, Nonlinearity, Pads};
/// use receptive::core::tensor::Images;
/// let conv = || Layer::Conv {
///     weight: Images::ones((1, 1, 3, 3)),
///     bias: None,
///     conv: Conv2d { pads: Pads::all(1), ..Conv2d::default() },
/// };
/// let net = Net { layers: vec![conv(), Layer::Activation(Nonlinearity::Relu), conv()] };
/// let x = Images::ones((1, 1, 9, 9));
/// let gradient = net.unit_gradient(&x, Unit { row: 4, column: 4, channel: None })?;
/// assert_eq!(gradient[[0, 0, 4, 4]], 9.0); // as many ways lead there
/// assert_eq!(gradient[[0, 0, 2, 2]], 1.0);
/// assert_eq!(gradient[[0, 0, 1, 4]], 0.0); // outside of the 5x5 field
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Net {
    /// From the input to the output.
    pub layers: Vec<Layer>,
}

/// A place of the last map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// From the top.
    pub row: usize,
    /// From the left.
    pub column: usize,
    /// One channel; `None` is the sum over all.
    pub channel: Option<usize>,
}

impl Net {
    /// The last map, `[n, c, h, w]` as the input.
    ///
    /// Errors: those of the layers.
    pub fn forward(&self, x: &Images) -> Result<Images, Error> {
        layer::forward(&self.layers, x)
    }

    /// The size of the last map over an input of this size, `(height, width)`.
    ///
    /// Errors: those of the layers.
    pub fn output_size(&self, input: (usize, usize)) -> Result<(usize, usize), Error> {
        self.layers.iter().try_fold(input, |size, layer| layer.output_size(size))
    }

    /// The gradient of `sum(output * grad_output)` with respect to the input.
    ///
    /// Errors: those of the layers, and a `grad_output` of another shape than the output.
    pub fn input_gradient(&self, x: &Images, grad_output: &Images) -> Result<Images, Error> {
        layer::backward(&self.layers, x, grad_output)
    }

    /// The definition of [`Net::unit_gradient`]: every map whole, forward and back.
    ///
    /// Errors: those of [`Net::unit_gradient`].
    pub fn unit_gradient_plain(&self, x: &Images, unit: Unit) -> Result<Images, Error> {
        let y = self.forward(x)?;
        let (_, channels, height, width) = y.dim();
        unit.check(channels, (height, width))?;
        let mut grad = Images::zeros(y.raw_dim());
        for ((_, channel, row, column), grad) in grad.indexed_iter_mut() {
            if (row, column) == (unit.row, unit.column) && unit.has(channel) {
                *grad = 1.0;
            }
        }
        self.input_gradient(x, &grad)
    }

    /// The gradient of one unit of the last map with respect to the input, `[n, c, h, w]` as the input: 1 goes in at
    /// the unit, in every image, and the rest of the last map gets 0.
    ///
    /// Only the unit's cone is computed, the part of each map that can reach it. The same as
    /// [`Net::unit_gradient_plain`] up to rounding.
    ///
    /// Errors: those of the layers, and [`Error::IndexOutOfRange`] for a unit outside of the last map.
    pub fn unit_gradient(&self, x: &Images, unit: Unit) -> Result<Images, Error> {
        let channels = layer::output_channels(&self.layers, x.dim().1)?;
        unit.check(channels, self.output_size((x.dim().2, x.dim().3))?)?;
        match cone_fast::unit_gradient(&self.layers, x, unit)? {
            Some(gradient) => Ok(gradient),
            None => cone::unit_gradient(&self.layers, x, unit, channels),
        }
    }
}

impl Unit {
    fn has(self, channel: usize) -> bool {
        self.channel.is_none_or(|own| own == channel)
    }

    fn check(self, channels: usize, (height, width): (usize, usize)) -> Result<(), Error> {
        let channel = self.channel.unwrap_or(0);
        let sizes =
            [("row", self.row, height), ("column", self.column, width), ("channel", channel, channels)];
        for (name, index, size) in sizes {
            if index >= size {
                let index = i64::try_from(index).unwrap_or(i64::MAX);
                return Err(Error::IndexOutOfRange { name, index, size });
            }
        }
        Ok(())
    }
}
