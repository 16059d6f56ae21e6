//! Small object: the peak response of a bright square of n cells behind some down-sampling layers.
//!
//! A square is the product of a line down and a line across, and so is what every layer here makes of it (numbers
//! are not negative). So the peak of a square is the product of two peaks of lines, and a mean over all its places is
//! the square of the mean over the places of a line: one dimension is enough.

use crate::core::ops::{Conv1d, Divisor, Pool1d};
use crate::core::tensor::Error;
use crate::labs::pooling::params::Params;
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;
use ndarray::{Array2, Array3};

/// Length of the line that the object lies on.
pub const SIDE: usize = 64;
/// Largest object.
pub const MOST: usize = 16;
/// The ways to go down, by the names of their facts.
pub const NETS: [&str; 6] =
    ["peak_max", "peak_avg", "peak_skip", "peak_max_overlap", "peak_avg_overlap", "peak_dilated"];

/// What was found.
pub struct Peaks {
    /// Mean peak, `[way, side − 1]`.
    pub peaks: Shared,
    /// The chosen side.
    pub object: usize,
    /// Layers in a row.
    pub layers: usize,
}

type Line = Array3<f32>;

/// One layer of a way; the dilated one keeps its resolution and reads further with each layer.
fn layer(way: usize, x: &Line, depth: usize) -> Result<Line, Error> {
    let length = x.dim().2;
    let two = Pool1d::new([2]);
    let overlap = Pool1d { stride: [2], pads: [(1, 1)], ..Pool1d::new([3]) };
    let outside = Divisor { count_include_pad: false, ..Divisor::default() };
    match way {
        0 => two.windows([length])?.max_values(x),
        1 => two.windows([length])?.average(x, Divisor::default()),
        2 => Pool1d { stride: [2], ..Pool1d::new([1]) }.windows([length])?.max_values(x),
        3 => overlap.windows([length])?.max_values(x),
        4 => overlap.windows([length])?.average(x, outside),
        _ => {
            let reach = 1 << depth;
            let conv = Conv1d { pads: [(reach, reach)], dilation: [reach], ..Conv1d::default() };
            let blur = Array3::from_shape_fn((1, 1, 3), |(_, _, i)| [0.25, 0.5, 0.25][i]);
            let y = conv.forward(&x.clone().into_dyn(), &blur.into_dyn(), None)?;
            let shape = y.shape().to_vec();
            let wrong = |_| Error::WrongRank { name: "input", expected: "[n, c, l]", got: shape };
            y.into_dimensionality().map_err(wrong)
        }
    }
}

/// The largest response to a line of `n` ones that begins at `start`.
///
/// Errors: none for the sizes used here.
pub fn peak(way: usize, n: usize, start: usize, layers: usize) -> Result<f32, Error> {
    let mut x = Line::from_shape_fn((1, 1, SIDE), |(_, _, i)| f32::from(i >= start && i < start + n));
    for depth in 0..layers {
        x = layer(way, &x, depth)?;
    }
    Ok(x.iter().fold(0.0, |m, v| m.max(*v)))
}

/// Measures it.
///
/// Errors: none for the sizes used here.
pub fn study(params: &Params) -> Result<Peaks, Refusal> {
    let layers = usize::try_from(params.layers).unwrap_or(1).clamp(1, 4);
    let object = usize::try_from(params.object_size).unwrap_or(1).clamp(1, MOST);
    let places = 1 << layers;
    let mut peaks = Array2::zeros((NETS.len(), MOST));
    for way in 0..NETS.len() {
        // A dilated convolution answers alike wherever the object lies.
        let places = if way == 5 { 1 } else { places };
        for n in 1..=MOST {
            let mut sum = 0.0;
            for offset in 0..places {
                sum += peak(way, n, 16 + offset, layers)?;
            }
            peaks[[way, n - 1]] = (sum / places as f32).powi(2);
        }
    }
    Ok(Peaks { peaks: peaks.into_dyn().into_shared(), object, layers })
}

impl Peaks {
    /// The mean peak of a way for a side.
    pub fn at(&self, way: usize, side: usize) -> f64 {
        self.peaks.get(&[way, side.saturating_sub(1)][..]).map_or(0.0, |v| f64::from(*v))
    }

    /// The peaks of the chosen object.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        let now = NETS.iter().enumerate().map(|(way, name)| (*name, self.at(way, self.object)));
        let stride = (1u32 << self.layers.min(8)) as f64;
        now.chain([("total_stride", stride), ("places", stride * stride)]).collect()
    }
}
