//! Order: convolution, ReLU, then the pool; or the pool first.

use super::{conv_relu, taps};
use crate::core::tensor::Images;
use crate::labs::pooling::compute::shared;
use crate::labs::pooling::params::Params;
use crate::labs::pooling::walk::Walk;
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;

/// What was found.
pub struct Orders {
    /// The map after the convolution and the ReLU, at full size.
    pub map: Shared,
    /// Convolution first.
    pub conv_first: Shared,
    /// Pool first.
    pub pool_first: Shared,
    /// The first less the second.
    pub difference: Shared,
    /// The same square convolution counted at full size and after the pool.
    pub macs: (f64, f64),
}

/// Computes both.
///
/// Errors: sizes that can't be computed.
pub fn study(params: &Params, input: &Images, walk: &Walk) -> Result<Orders, Refusal> {
    let taps = taps(params.filter);
    let map = conv_relu(input, taps)?;
    let conv_first = walk.values(&map)?;
    let pool_first = conv_relu(&walk.values(input)?, taps)?;
    let difference = &conv_first - &pool_first;
    let macs = (9.0 * map.len() as f64, 9.0 * pool_first.len() as f64);
    Ok(Orders {
        map: shared(map),
        conv_first: shared(conv_first),
        pool_first: shared(pool_first),
        difference: shared(difference),
        macs,
    })
}

impl Orders {
    /// Both ends and what lies between.
    pub fn tensors(&self) -> Vec<(&'static str, Shared)> {
        vec![
            ("feature_map", self.map.clone()),
            ("conv_first", self.conv_first.clone()),
            ("pool_first", self.pool_first.clone()),
            ("order_difference", self.difference.clone()),
        ]
    }

    /// Costs, and how far the two are apart.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        let (h, w) = extent(&self.map);
        let largest = self.difference.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        vec![
            ("macs_conv_first", self.macs.0),
            ("macs_pool_first", self.macs.1),
            ("macs_ratio", self.macs.0 / self.macs.1.max(1.0)),
            ("largest_difference", f64::from(largest)),
            ("map_cells", (h * w) as f64),
        ]
    }
}
