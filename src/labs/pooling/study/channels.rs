//! Channels: four feature maps, each pooled alone, and one number for each.

use super::{Study, conv_relu, taps};
use crate::core::ops::{Divisor, PoolWindows};
use crate::core::tensor::{Error, Images};
use crate::labs::pooling::Pooling;
use crate::labs::pooling::compute::shared;
use crate::labs::pooling::params::Filter;
use crate::labs::pooling::walk::Walk;
use crate::stage::lab::{Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use ndarray::Array2;

/// Names of the maps, and of what the pool makes of them.
pub const MAPS: [(&str, &str); 4] =
    [("map_0", "pooled_0"), ("map_1", "pooled_1"), ("map_2", "pooled_2"), ("map_3", "pooled_3")];
/// Classes of the head whose parameters are counted.
pub const CLASSES: f64 = 10.0;

/// What was found.
pub struct Channels {
    /// The maps.
    pub maps: Vec<Shared>,
    /// Each pooled.
    pub pooled: Vec<Shared>,
    /// The mean of each map, `[1, 4]`.
    pub gap: Shared,
}

/// What was found before, when the input is the same.
pub fn kept<'a>(input: &Images, before: Option<&'a Ran<Pooling>>) -> Option<&'a Channels> {
    let before = before?;
    match &before.output.study {
        Study::Channels(found) if before.output.input == input.view().into_dyn() => Some(found),
        _ => None,
    }
}

fn four(map: &Shared) -> Result<Images, Error> {
    let got = map.shape().to_vec();
    let wrong = |_| Error::WrongRank { name: "map", expected: "[n, c, h, w]", got };
    map.to_owned().into_owned().into_dimensionality().map_err(wrong)
}

/// Computes them: edges across, edges down, the Laplacian, a blur, each with a ReLU.
///
/// Errors: sizes that can't be computed.
pub fn study(input: &Images, walk: &Walk, kept: Option<&Channels>) -> Result<Channels, Refusal> {
    if let Some(kept) = kept {
        // Only the windows may have changed: the maps and their means are the same.
        let pooled = |map: &Shared| Ok::<_, Refusal>(shared(walk.values(&four(map)?)?));
        let pooled = kept.maps.iter().map(pooled).collect::<Result<_, _>>()?;
        return Ok(Channels { maps: kept.maps.clone(), pooled, gap: kept.gap.clone() });
    }
    let down = [-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0];
    let kernels = [taps(Filter::SobelX), down, taps(Filter::Laplacian), taps(Filter::Gaussian)];
    let (_, _, h, w) = input.dim();
    let whole = PoolWindows::global([h, w])?;
    let (mut maps, mut pooled) = (Vec::new(), Vec::new());
    let mut gap = Array2::zeros((1, kernels.len()));
    for (at, taps) in kernels.into_iter().enumerate() {
        let map = conv_relu(input, taps)?;
        gap[[0, at]] = whole.average(&map, Divisor::default())?.iter().sum();
        pooled.push(shared(walk.values(&map)?));
        maps.push(shared(map));
    }
    Ok(Channels { maps, pooled, gap: gap.into_dyn().into_shared() })
}

impl Channels {
    /// Maps, pooled maps, and one number each.
    pub fn tensors(&self) -> Vec<(&'static str, Shared)> {
        let maps = MAPS.iter().zip(self.maps.iter().zip(&self.pooled));
        let both = maps.flat_map(|((map, pooled), (m, p))| [(*map, m.clone()), (*pooled, p.clone())]);
        both.chain([("gap", self.gap.clone())]).collect()
    }

    /// Parameters of a dense head on the pooled maps, and of one on the means.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        let channels = self.maps.len() as f64;
        let (h, w) = self.pooled.first().map_or((1, 1), extent);
        let cells = channels * (h * w) as f64;
        vec![
            ("channels_in", channels),
            ("channels_out", self.pooled.len() as f64),
            ("classes", CLASSES),
            ("flattened", cells),
            ("dense_head_parameters", (cells + 1.0) * CLASSES),
            ("gap_head_parameters", (channels + 1.0) * CLASSES),
        ]
    }
}
