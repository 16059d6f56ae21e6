//! Up-samplers side by side: a picture made smaller and grown back, by each.

use super::compute::{four, images, shared};
use super::layer::{Layer, scaled, taps};
use super::learn;
use super::params::{Init, Input, Params, Upsampler, draw};
use crate::core::analysis::pattern;
use crate::core::ops::{ConvTranspose2d, PaddingMode, Pads, pad2d, resize_area};
use crate::core::tensor::{Error, Images, Map};
use crate::stage::lab::{Data, Shared};
use crate::stage::work::Finds;
use ndarray::s;

/// The side of the picture: a multiple of every stride.
pub const SIDE: usize = 72;
/// Cells by which the small picture is continued, so that the edge is no different.
const MARGIN: usize = 5;

/// One way to grow the picture back.
pub struct Cure {
    /// Which.
    pub kind: Kind,
    /// The layer.
    pub layer: Layer,
    /// The picture `[1, 1, 72, 72]`.
    pub output: Shared,
    /// Its difference from the original.
    pub error: Shared,
    /// Strength of the artifact, root mean square error (both in percent), parameters, thousands of multiply-adds.
    pub numbers: [f32; 4],
}

/// What stands side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The original.
    Original,
    /// Transposed convolution, taps alike.
    Uniform,
    /// Random taps.
    Random,
    /// A tent that interpolates.
    Bilinear,
    /// Taps fitted to this picture.
    Learned,
    /// Nearest neighbour and a random convolution.
    ResizeConv,
    /// Random pixel shuffle.
    Shuffle,
    /// The same with one kernel for all places.
    ShuffleIcnr,
    /// Cubic interpolation.
    Bicubic,
}

/// Names of the pictures and of the differences, in the order of [`all`].
pub const NAMES: [(&str, &str); 9] = [
    ("cure_original", "error_original"),
    ("cure_uniform", "error_uniform"),
    ("cure_random", "error_random"),
    ("cure_bilinear", "error_bilinear"),
    ("cure_learned", "error_learned"),
    ("cure_resize_conv", "error_resize_conv"),
    ("cure_shuffle", "error_shuffle"),
    ("cure_shuffle_icnr", "error_shuffle_icnr"),
    ("cure_bicubic", "error_bicubic"),
];

/// The picture that is made smaller and grown back: the learner's, or shaded bodies when the input is made of numbers.
///
/// Errors: an own picture that can't be scaled.
pub fn original(p: &Params, seed: u64, data: &Data) -> Result<Map, Error> {
    let input = if matches!(p.input, Input::Text | Input::Own) { p.input } else { Input::Shapes };
    draw(input, (SIDE, SIDE), seed, data)
}

/// The picture, made smaller by the mean of each block.
///
/// Errors: those of the resize.
pub fn smaller(original: &Map, stride: usize) -> Result<Map, Error> {
    resize_area(original, (SIDE / stride, SIDE / stride))
}

/// A transposed convolution that grows a picture to the size of the original, edges repeated and its stamps centred:
/// the operator, and its input.
///
/// Errors: those of the padding.
pub fn centred(small: &Map, k: usize, stride: usize) -> Result<(ConvTranspose2d, Images), Error> {
    let x = pad2d(&images(small.clone()), Pads::all(MARGIN), PaddingMode::Replicate)?;
    let full = (small.nrows() + 2 * MARGIN - 1) * stride + k;
    // Half of what the kernel is longer than the stride, rounded down, lies before a cell's own block.
    let shift = (k as i64 - stride as i64).div_euclid(2);
    let before = usize::try_from((MARGIN * stride) as i64 + shift).unwrap_or(0);
    let after = full.saturating_sub(before + SIDE);
    let pads = Pads { top: before, bottom: after, left: before, right: after };
    Ok((ConvTranspose2d { stride: (stride, stride), pads, ..ConvTranspose2d::default() }, x))
}

/// Strength of the pattern with this period, in percent.
pub fn strength(y: &Images, period: usize) -> f32 {
    let map = y.slice(s![0, 0, .., ..]).to_owned();
    pattern(&map, period).map_or(0.0, |found| (100.0 * found.strength()) as f32)
}

/// Root mean square of a difference, in percent of the range from black to white.
pub fn rms(difference: &Images) -> f32 {
    let sum: f64 = difference.iter().map(|v| f64::from(*v).powi(2)).sum();
    (100.0 * (sum / difference.len().max(1) as f64).sqrt()) as f32
}

/// Every way, the original first. Taps that have not been learned yet are left out.
///
/// Errors: those of the operators.
pub fn all(p: &Params, seed: u64, data: &Data, finds: &Finds) -> Result<Vec<Cure>, Error> {
    let original = original(p, seed, data)?;
    let stride = p.s();
    let small = smaller(&original, stride)?;
    let target = images(original);
    let low = images(small.clone());
    let mut list = Vec::new();
    let mut add = |kind, layer: Layer, y: Images| {
        let error = &y - &target;
        let costs = kind != Kind::Original;
        let macs = if costs { layer.macs(small.dim()) / 1000.0 } else { 0.0 };
        let parameters = if costs { layer.parameters() as f32 } else { 0.0 };
        let numbers = [strength(&y, stride), rms(&error), parameters, macs as f32];
        list.push(Cure { kind, layer, output: shared(y), error: shared(error), numbers });
    };
    let layer = |up, kernel_size| Layer { up, kernel_size, stride, padding: 0, output_padding: 0 };
    let gain = (stride * stride) as f32;
    add(Kind::Original, layer(Upsampler::Transposed, 1), target.clone());
    for (kind, k, init) in [
        (Kind::Uniform, p.k(), Init::Uniform),
        (Kind::Random, p.k(), Init::Normal),
        (Kind::Bilinear, 2 * stride - stride % 2, Init::Bilinear),
    ] {
        let layer = layer(Upsampler::Transposed, k);
        let (conv, x) = centred(&small, k, stride)?;
        add(kind, layer, conv.forward(&x, &scaled(taps(&layer, init, seed), gain), None)?);
    }
    if let Some(found) = finds.get(&learn::key(p, seed, data)).and_then(|f| f.get("fitted_first").cloned()) {
        add(Kind::Learned, layer(Upsampler::Transposed, p.k()), four(&found)?);
    }
    for (kind, up, init) in [
        (Kind::ResizeConv, Upsampler::ResizeConv, Init::Normal),
        (Kind::Shuffle, Upsampler::PixelShuffle, Init::Normal),
        (Kind::ShuffleIcnr, Upsampler::PixelShuffle, Init::Icnr),
        (Kind::Bicubic, Upsampler::Bicubic, Init::Uniform),
    ] {
        let layer = layer(up, 3);
        add(kind, layer, layer.forward(&low, &taps(&layer, init, seed))?);
    }
    Ok(list)
}
