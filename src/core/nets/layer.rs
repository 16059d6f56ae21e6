//! One layer: forward, backward and its sizes, on whole maps.

use crate::core::ops::{Conv2d, Divisor, Interpolate, Nonlinearity, Pool2d};
use crate::core::tensor::{Error, Images, checked_elements};

/// A layer, with its weights.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// A convolution.
    Conv {
        /// `[c_out, c_in / groups, kh, kw]`
        weight: Images,
        /// `[c_out]`
        bias: Option<Vec<f32>>,
        /// Stride, padding, dilation, groups.
        conv: Conv2d,
    },
    /// A function of each number.
    Activation(Nonlinearity),
    /// The largest number of each window; the first of several.
    MaxPool(Pool2d),
    /// The mean of each window.
    AveragePool(Pool2d, Divisor),
    /// Another size, by interpolation.
    Interpolate(Interpolate),
    /// The sum of a branch and a shortcut: `branch(x) + shortcut(x)`. A shortcut without layers is the identity.
    Residual {
        /// The layers of the branch.
        branch: Vec<Layer>,
        /// Those of the shortcut.
        shortcut: Vec<Layer>,
    },
}

impl Layer {
    /// The layer's map, `[n, c, h, w]`.
    ///
    /// Errors: those of the operator; the two ways of a residual layer end in different shapes.
    pub fn forward(&self, x: &Images) -> Result<Images, Error> {
        match self {
            Layer::Conv { weight, bias, conv } => conv.forward(x, weight, bias.as_deref()),
            Layer::Activation(function) => Ok(each(x, |x| function.apply(x))),
            Layer::MaxPool(pool) => Ok(pool.windows([x.dim().2, x.dim().3])?.max(&**x)?.values),
            Layer::AveragePool(pool, divisor) => {
                pool.windows([x.dim().2, x.dim().3])?.average(&**x, *divisor)
            }
            Layer::Interpolate(interpolate) => interpolate.forward(&**x),
            Layer::Residual { branch, shortcut } => {
                let (branch, shortcut) = (forward(branch, x)?, forward(shortcut, x)?);
                check_ways(&branch, &shortcut)?;
                Ok(branch + shortcut)
            }
        }
    }

    /// The gradient of `sum(forward(x) * grad_output)` with respect to `x`.
    ///
    /// Errors: those of the operator.
    pub fn backward(&self, x: &Images, grad_output: &Images) -> Result<Images, Error> {
        match self {
            Layer::Conv { weight, conv, .. } => Ok(conv.backward(x, weight, grad_output)?.input),
            Layer::Activation(function) => {
                check_grad(grad_output, x.shape())?;
                Ok(each(x, |x| function.derivative(x)) * grad_output)
            }
            Layer::MaxPool(pool) => pool.windows([x.dim().2, x.dim().3])?.max(&**x)?.backward(&**grad_output),
            Layer::AveragePool(pool, divisor) => {
                pool.windows([x.dim().2, x.dim().3])?.average_backward(&**grad_output, *divisor)
            }
            Layer::Interpolate(interpolate) => interpolate.backward(&**grad_output, x.shape()),
            Layer::Residual { branch, shortcut } => {
                Ok(backward(branch, x, grad_output)? + backward(shortcut, x, grad_output)?)
            }
        }
    }

    /// The size of the layer's map, `(height, width)`.
    ///
    /// Errors: those of the operator.
    pub fn output_size(&self, input: (usize, usize)) -> Result<(usize, usize), Error> {
        match self {
            Layer::Conv { weight, conv, .. } => conv.output_size(input, (weight.dim().2, weight.dim().3)),
            Layer::Activation(_) => Ok(input),
            Layer::MaxPool(pool) | Layer::AveragePool(pool, _) => {
                let [height, width] = pool.output_size([input.0, input.1])?;
                Ok((height, width))
            }
            Layer::Interpolate(interpolate) => match interpolate.output_size(&[input.0, input.1])?[..] {
                [height, width] => Ok((height, width)),
                _ => Err(Error::Zero { name: "size" }),
            },
            Layer::Residual { branch, shortcut } => {
                let size =
                    |layers: &[Layer]| layers.iter().try_fold(input, |size, layer| layer.output_size(size));
                let (branch, shortcut) = (size(branch)?, size(shortcut)?);
                if branch != shortcut {
                    return Err(Error::ShapeMismatch {
                        name: "shortcut",
                        expected: vec![branch.0, branch.1],
                        got: vec![shortcut.0, shortcut.1],
                    });
                }
                Ok(branch)
            }
        }
    }
}

/// All layers, one after the other.
pub(super) fn forward(layers: &[Layer], x: &Images) -> Result<Images, Error> {
    layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x))
}

/// The gradient of all layers with respect to `x`.
pub(super) fn backward(layers: &[Layer], x: &Images, grad_output: &Images) -> Result<Images, Error> {
    let mut maps = vec![x.clone()];
    for layer in layers {
        if let Some(last) = maps.last() {
            maps.push(layer.forward(last)?);
        }
    }
    check_grad(grad_output, maps.last().map(|last| last.shape()).unwrap_or_default())?;
    let mut pairs = layers.iter().zip(&maps).rev();
    pairs.try_fold(grad_output.clone(), |grad, (layer, x)| layer.backward(x, &grad))
}

/// How many channels the last map has.
///
/// Errors: a layer takes another number of channels than it is given.
pub(super) fn output_channels(layers: &[Layer], input: usize) -> Result<usize, Error> {
    layers.iter().try_fold(input, |channels, layer| match layer {
        Layer::Conv { weight, conv, .. } => {
            let (c_out, c_group, height, width) = weight.dim();
            if c_group.checked_mul(conv.groups) != Some(channels) {
                let expected = vec![c_out, channels / conv.groups.max(1), height, width];
                return Err(Error::ShapeMismatch { name: "weight", expected, got: weight.shape().to_vec() });
            }
            Ok(c_out)
        }
        Layer::Residual { branch, shortcut } => {
            let (branch, shortcut) =
                (output_channels(branch, channels)?, output_channels(shortcut, channels)?);
            if branch != shortcut {
                let (expected, got) = (vec![branch], vec![shortcut]);
                return Err(Error::ShapeMismatch { name: "shortcut", expected, got });
            }
            Ok(branch)
        }
        _ => Ok(channels),
    })
}

/// A function of each number.
pub(super) fn each(x: &Images, f: impl Fn(f32) -> f32) -> Images {
    x.mapv(f)
}

fn check_grad(grad_output: &Images, expected: &[usize]) -> Result<(), Error> {
    if grad_output.shape() == expected {
        return Ok(());
    }
    let (expected, got) = (expected.to_vec(), grad_output.shape().to_vec());
    Err(Error::ShapeMismatch { name: "grad_output", expected, got })
}

fn check_ways(branch: &Images, shortcut: &Images) -> Result<(), Error> {
    checked_elements(branch.shape())?;
    if branch.shape() == shortcut.shape() {
        return Ok(());
    }
    let (expected, got) = (branch.shape().to_vec(), shortcut.shape().to_vec());
    Err(Error::ShapeMismatch { name: "shortcut", expected, got })
}
