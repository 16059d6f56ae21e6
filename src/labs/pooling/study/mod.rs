//! What the second figure needs beyond a pool and its gradient.

pub mod channels;
pub mod noise;
pub mod object;
pub mod order;
pub mod shift;

use super::Pooling;
use super::params::{Filter, Panel, Params};
use super::walk::Walk;
use crate::core::ops::{Activation, Conv2d, PaddingMode, Pads};
use crate::core::tensor::{Error, Images};
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;

/// One of the studies.
pub enum Study {
    /// The backward pass needs nothing more.
    Backward,
    /// Noise.
    Noise(noise::Noises),
    /// Shift.
    Shift(shift::Shifts),
    /// Small object.
    SmallObject(object::Peaks),
    /// Order.
    Order(order::Orders),
    /// Channels.
    Channels(channels::Channels),
}

/// Computes what the panel needs.
///
/// Errors: sizes that can't be computed.
pub fn of(
    params: &Params,
    seed: u64,
    input: &Images,
    data: &Data,
    walk: &Walk,
    before: Option<&Ran<Pooling>>,
) -> Result<Study, Refusal> {
    Ok(match params.panel {
        Panel::Backward => Study::Backward,
        Panel::Noise => Study::Noise(noise::study(params, seed, input)?),
        Panel::Shift => Study::Shift(shift::study(params, seed, data, shift::kept(params, seed, before))?),
        Panel::SmallObject => Study::SmallObject(object::study(params)?),
        Panel::Order => Study::Order(order::study(params, input, walk)?),
        Panel::Channels => Study::Channels(channels::study(input, walk, channels::kept(input, before))?),
    })
}

impl Study {
    /// Its tensors.
    pub fn tensors(&self) -> Vec<(&'static str, Shared)> {
        match self {
            Study::Backward => Vec::new(),
            Study::Noise(s) => s.tensors(),
            Study::Shift(s) => s.tensors(),
            Study::SmallObject(s) => vec![("peaks", s.peaks.clone())],
            Study::Order(s) => s.tensors(),
            Study::Channels(s) => s.tensors(),
        }
    }

    /// Its numbers.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        match self {
            Study::Backward => Vec::new(),
            Study::Noise(s) => s.facts(),
            Study::Shift(s) => s.facts(),
            Study::SmallObject(s) => s.facts(),
            Study::Order(s) => s.facts(),
            Study::Channels(s) => s.facts(),
        }
    }
}

/// A 3×3 kernel as `[1, 1, 3, 3]`.
pub fn kernel(taps: [f32; 9]) -> Images {
    Images::from_shape_fn((1, 1, 3, 3), |(_, _, r, c)| taps[3 * r + c])
}

/// The taps of a filter.
pub fn taps(filter: Filter) -> [f32; 9] {
    match filter {
        Filter::SobelX => [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0],
        Filter::Laplacian => [0.0, -1.0, 0.0, -1.0, 4.0, -1.0, 0.0, -1.0, 0.0],
        Filter::Gaussian => [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0].map(|v| v / 16.0),
    }
}

/// A 3×3 convolution that keeps the size and a ReLU: the layer that usually stands before a pool. The border is
/// repeated outwards, so that no edge is found where only the picture ends.
///
/// Errors: shapes that don't fit.
pub fn conv_relu(x: &Images, taps: [f32; 9]) -> Result<Images, Error> {
    let pads = Pads { top: 1, bottom: 1, left: 1, right: 1 };
    let conv = Conv2d { pads, mode: PaddingMode::Replicate, ..Conv2d::default() };
    Ok(conv.forward_single(x, &kernel(taps), None)?.mapv(|v| Activation::Relu.apply(v)))
}
