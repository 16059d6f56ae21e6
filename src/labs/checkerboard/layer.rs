//! One up-sampling layer of any kind, over the operators of the core, and the strided layers whose gradient grows.

use super::params::{Init, Params, Upsampler};
use crate::core::ops::{
    ChannelOrder, Conv2d, ConvTranspose2d, Interpolate, Interpolation, Padding, PaddingMode, Pads, Pool2d,
    ResizeTo, pixel_shuffle, pixel_unshuffle,
};
use crate::core::tensor::{Error, Images, Map, Random};
use crate::labs::convolution::inputs::image;
use crate::stage::lab::Data;
use ndarray::{Axis, s};

/// An up-sampling layer of one channel, without its taps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Its kind.
    pub up: Upsampler,
    /// Taps along an axis.
    pub kernel_size: usize,
    /// The factor of growth.
    pub stride: usize,
    /// Cells cut off by a transposed convolution.
    pub padding: usize,
    /// Cells added by it.
    pub output_padding: usize,
}

impl Layer {
    /// The layer that the controls describe.
    pub fn of(p: &Params) -> Layer {
        Layer { up: p.upsampler, kernel_size: p.k(), stride: p.s(), padding: p.p(), output_padding: p.op() }
    }

    /// The transposed convolution with these arguments.
    pub fn transposed(&self) -> ConvTranspose2d {
        ConvTranspose2d {
            stride: (self.stride, self.stride),
            pads: Pads::all(self.padding),
            output_padding: (self.output_padding, self.output_padding),
            ..ConvTranspose2d::default()
        }
    }

    /// The convolution whose gradient that is.
    pub fn conv(&self) -> Conv2d {
        Conv2d { stride: (self.stride, self.stride), pads: Pads::all(self.padding), ..Conv2d::default() }
    }

    fn interpolate(&self) -> Interpolate {
        let (align_corners, antialias) = (false, false);
        let mode = match self.up {
            Upsampler::Bilinear => Interpolation::Linear { align_corners, antialias },
            Upsampler::Bicubic => Interpolation::Cubic { align_corners, antialias },
            _ => Interpolation::Nearest,
        };
        let factor = self.stride as f64;
        Interpolate { mode, target: ResizeTo::Factor(vec![factor, factor]) }
    }

    /// The convolution beside a resize or a shuffle: it keeps the size, and edges repeat.
    fn same(&self, size: (usize, usize)) -> Result<Conv2d, Error> {
        let k = (self.kernel_size, self.kernel_size);
        let pads = Padding::Same.resolve(size, k, (1, 1), (1, 1))?;
        Ok(Conv2d { pads, mode: PaddingMode::Replicate, ..Conv2d::default() })
    }

    /// The size of the output.
    ///
    /// Errors: sizes that can't be.
    pub fn output_size(&self, size: (usize, usize)) -> Result<(usize, usize), Error> {
        match self.up {
            Upsampler::Transposed => {
                self.transposed().output_size(size, (self.kernel_size, self.kernel_size))
            }
            _ => Ok((size.0.saturating_mul(self.stride), size.1.saturating_mul(self.stride))),
        }
    }

    /// Applies it to `[1, 1, h, w]`.
    ///
    /// Errors: those of its operators.
    pub fn forward(&self, x: &Images, weight: &Images) -> Result<Images, Error> {
        let (_, _, h, w) = x.dim();
        match self.up {
            Upsampler::Transposed => self.transposed().forward(x, weight, None),
            Upsampler::Nearest | Upsampler::Bilinear | Upsampler::Bicubic => self.interpolate().forward(x),
            Upsampler::ResizeConv => {
                let large = self.interpolate().forward(x)?;
                self.same((h * self.stride, w * self.stride))?.forward_single(&large, weight, None)
            }
            Upsampler::PixelShuffle => {
                // One place after another: a single kernel takes the fast way.
                let conv = self.same((h, w))?;
                let mut maps = Images::zeros((x.dim().0, weight.dim().0, h, w));
                for (at, taps) in weight.axis_chunks_iter(Axis(0), 1).enumerate() {
                    let map = conv.forward_single(x, &taps.to_owned(), None)?;
                    maps.slice_mut(s![.., at..=at, .., ..]).assign(&map);
                }
                pixel_shuffle(&maps, self.stride, ChannelOrder::Crd)
            }
        }
    }

    /// The gradient of `sum(output * grad)` with respect to an input of this size: the layer's matrix, transposed.
    ///
    /// Errors: those of its operators.
    pub fn back(&self, size: (usize, usize), weight: &Images, grad: &Images) -> Result<Images, Error> {
        let (h, w) = size;
        let zeros = |h: usize, w: usize| Images::zeros((1, 1, h, w));
        match self.up {
            Upsampler::Transposed => Ok(self.transposed().backward(&zeros(h, w), weight, grad)?.input),
            Upsampler::Nearest | Upsampler::Bilinear | Upsampler::Bicubic => {
                self.interpolate().backward(grad, &[1, 1, h, w])
            }
            Upsampler::ResizeConv => {
                let large = (h * self.stride, w * self.stride);
                let grads = self.same(large)?.backward(&zeros(large.0, large.1), weight, grad)?;
                self.interpolate().backward(&grads.input, &[1, 1, h, w])
            }
            Upsampler::PixelShuffle => {
                let maps = pixel_unshuffle(grad, self.stride, ChannelOrder::Crd)?;
                Ok(self.same(size)?.backward(&zeros(h, w), weight, &maps)?.input)
            }
        }
    }

    /// What one input cell writes, away from the edge: the layer's answer to a single one.
    ///
    /// Errors: those of [`Layer::forward`].
    pub fn stamp(&self, weight: &Images) -> Result<Map, Error> {
        let n = 2 * self.kernel_size + 5;
        let mut one = Images::zeros((1, 1, n, n));
        one[[0, 0, n / 2, n / 2]] = 1.0;
        let y = self.forward(&one, weight)?;
        let plane = y.slice(s![0, 0, .., ..]);
        let rows: Vec<usize> =
            (0..plane.nrows()).filter(|r| plane.row(*r).iter().any(|v| *v != 0.0)).collect();
        let cols: Vec<usize> =
            (0..plane.ncols()).filter(|c| plane.column(*c).iter().any(|v| *v != 0.0)).collect();
        Ok(match (rows.first(), rows.last(), cols.first(), cols.last()) {
            (Some(a), Some(b), Some(c), Some(d)) => plane.slice(s![*a..=*b, *c..=*d]).to_owned(),
            _ => Map::zeros((1, 1)),
        })
    }

    /// Products that each output sums, where nothing is stamped and so all are alike.
    pub fn products(&self) -> usize {
        match self.up {
            Upsampler::Nearest => 1,
            Upsampler::Bilinear => 4,
            Upsampler::Bicubic => 16,
            _ => self.kernel_size * self.kernel_size,
        }
    }

    /// Numbers that can be learned.
    pub fn parameters(&self) -> usize {
        let taps = self.kernel_size * self.kernel_size;
        match self.up {
            Upsampler::Nearest | Upsampler::Bilinear | Upsampler::Bicubic => 0,
            Upsampler::PixelShuffle => taps * self.stride * self.stride,
            Upsampler::Transposed | Upsampler::ResizeConv => taps,
        }
    }

    /// Multiply-adds for an input of this size; a copy costs none.
    pub fn macs(&self, size: (usize, usize)) -> f64 {
        let (inputs, grown) = ((size.0 * size.1) as f64, (self.stride * self.stride) as f64);
        let taps = (self.kernel_size * self.kernel_size) as f64;
        match self.up {
            Upsampler::Transposed => inputs * taps,
            Upsampler::Nearest => 0.0,
            Upsampler::Bilinear => inputs * grown * 4.0,
            Upsampler::Bicubic => inputs * grown * 16.0,
            Upsampler::PixelShuffle | Upsampler::ResizeConv => inputs * grown * taps,
        }
    }
}

/// The sizes from the input of the strided layers to their last output.
///
/// Errors: a kernel that no longer fits.
pub fn back_sizes(p: &Params) -> Result<Vec<(usize, usize)>, Error> {
    let conv = Layer::of(p).conv();
    let mut sizes = vec![p.size];
    let mut size = p.size;
    for _ in 0..p.layers() {
        size = conv.output_size(size, (p.k(), p.k()))?;
        sizes.push(size);
    }
    Ok(sizes)
}

/// The gradient of the sum of the outputs of strided convolutions with respect to their input: the same taps, stamped.
///
/// Errors: those of the transposed convolution.
pub fn conv_gradient(conv: &Conv2d, sizes: &[(usize, usize)], weight: &Images) -> Result<Images, Error> {
    let (last, k) = (sizes.last().copied().unwrap_or((1, 1)), weight.dim());
    let mut grad = Images::ones((1, 1, last.0, last.1));
    for (h, w) in sizes.iter().rev().skip(1) {
        // Rows and columns that no window reached.
        let rest = |n: usize, k: usize, s: usize| (n + 2 * conv.pads.top).saturating_sub(k) % s;
        let up = ConvTranspose2d {
            stride: conv.stride,
            pads: conv.pads,
            output_padding: (rest(*h, k.2, conv.stride.0), rest(*w, k.3, conv.stride.1)),
            ..ConvTranspose2d::default()
        };
        grad = up.forward(&grad, weight, None)?;
    }
    Ok(grad)
}

/// Products that meet in each output of a stack of stamps, or windows that read each input of a stack of convolutions:
/// of a square of ones the counts along both axes, multiplied.
///
/// Errors: those of the transposed convolution.
pub fn overlap(p: &Params, layer: &Layer, sizes: &[(usize, usize)]) -> Result<Images, Error> {
    let (k, s, pad) = (layer.kernel_size, layer.stride, layer.padding);
    let ones = Images::ones((1, 1, 1, k));
    let axis = |pick: fn(&(usize, usize)) -> usize| -> Result<Images, Error> {
        let mut list: Vec<usize> = sizes.iter().map(pick).collect();
        if p.back() {
            list.reverse();
        }
        let mut line = Images::ones((1, 1, 1, list.first().copied().unwrap_or(1)));
        for to in list.iter().skip(1) {
            let rest = if p.back() { (to + 2 * pad).saturating_sub(k) % s } else { layer.output_padding };
            let up = ConvTranspose2d {
                stride: (1, s),
                pads: Pads { left: pad, right: pad, ..Pads::default() },
                output_padding: (0, rest),
                ..ConvTranspose2d::default()
            };
            line = up.forward(&line, &ones, None)?;
        }
        Ok(line)
    };
    let (rows, cols) = (axis(|s| s.0)?, axis(|s| s.1)?);
    let (rows, cols) = (rows.slice(s![0, 0, 0, ..]), cols.slice(s![0, 0, 0, ..]));
    Ok(Images::from_shape_fn((1, 1, rows.len(), cols.len()), |(_, _, r, c)| rows[r] * cols[c]))
}

/// The taps of a layer, the learner's own included: those keep their middle when the kernel has another size, and one
/// kernel serves every place of a pixel shuffle. Before there are any, all are 1.
pub fn weights(layer: &Layer, init: Init, seed: u64, data: &Data) -> Images {
    let preset = taps(layer, init, seed);
    let own = data.get("weight").and_then(image).filter(|_| init == Init::Own);
    let Some(own) = own else { return preset };
    let from = |at: usize, n: usize| (at + n / 2).checked_sub(layer.kernel_size / 2);
    Images::from_shape_fn(preset.dim(), |(_, _, a, b)| {
        let at = from(a, own.nrows()).zip(from(b, own.ncols()));
        at.and_then(|at| own.get(at)).copied().unwrap_or(0.0)
    })
}

/// The same for maximum pools of the same windows over `x`.
///
/// Errors: those of the pool.
pub fn pool_gradient(p: &Params, x: &Images) -> Result<Images, Error> {
    let (k, s, pad) = (p.k(), p.s(), p.p());
    let pool = Pool2d { stride: [s, s], pads: [(pad, pad); 2], free_pads: true, ..Pool2d::new([k, k]) };
    let mut chosen = Vec::new();
    let mut x = x.clone();
    for _ in 0..p.layers() {
        let (_, _, h, w) = x.dim();
        let found = pool.windows([h, w])?.max(&x)?;
        x = found.values.clone();
        chosen.push(found);
    }
    let mut grad = Images::ones(x.dim());
    for found in chosen.iter().rev() {
        grad = found.backward(&grad)?;
    }
    Ok(grad)
}

/// A number around 1, to one decimal, so that it can be read and written into code.
fn around_one(random: &mut Random) -> f32 {
    ((1.0 + 0.5 * random.normal()) * 10.0).round() / 10.0
}

/// The taps of a tent for a stride, along one axis (`k = 2s − s mod 2` interpolates).
fn tent(k: usize, stride: usize) -> Vec<f32> {
    let (width, middle) = (stride as f32, (k as f32 - 1.0) / 2.0);
    (0..k).map(|i| (1.0 - (i as f32 - middle).abs() / width).max(0.0)).collect()
}

/// The taps of a layer: `[1, 1, k, k]`, or `[s², 1, k, k]` for a pixel shuffle. Those of resizes with a convolution and
/// of shuffles are divided so that a flat picture keeps its brightness.
pub fn taps(layer: &Layer, init: Init, seed: u64) -> Images {
    let (k, stride) = (layer.kernel_size, layer.stride);
    let mut random = Random::new(seed.wrapping_add(7));
    let mut normal = Images::from_shape_simple_fn((1, 1, k, k), || around_one(&mut random));
    let outer = |line: &[f32]| Images::from_shape_fn((1, 1, k, k), |(_, _, a, b)| line[a] * line[b]);
    match layer.up {
        Upsampler::Transposed => match init {
            Init::Uniform | Init::Own => Images::ones((1, 1, k, k)),
            Init::Normal => normal,
            Init::Bilinear => outer(&tent(k, stride)),
            // A small kernel grown by nearest neighbour.
            Init::Icnr => {
                Images::from_shape_fn((1, 1, k, k), |(_, _, a, b)| normal[[0, 0, a / stride, b / stride]])
            }
        },
        Upsampler::PixelShuffle => {
            let places = stride * stride;
            let one = |place: usize, random: &mut Random| -> Images {
                match init {
                    Init::Uniform | Init::Own => Images::ones((1, 1, k, k)),
                    Init::Normal => Images::from_shape_simple_fn((1, 1, k, k), || around_one(random)),
                    Init::Icnr => normal.clone(),
                    Init::Bilinear => {
                        // Where this place of the block lies, in cells of the input, from the middle tap.
                        let line = |phase: usize| -> Vec<f32> {
                            let at = (phase as f32 + 0.5) / stride as f32 - 0.5 + ((k - 1) / 2) as f32;
                            (0..k).map(|t| (1.0 - (t as f32 - at).abs()).max(0.0)).collect()
                        };
                        let (rows, cols) = (line(place / stride), line(place % stride));
                        Images::from_shape_fn((1, 1, k, k), |(_, _, a, b)| rows[a] * cols[b])
                    }
                }
            };
            let mut all = Images::zeros((places, 1, k, k));
            for place in 0..places {
                // Each kernel keeps its own sum when all are random: that is what makes the pattern.
                let taps = one(place, &mut random);
                let taps = if init == Init::Normal { taps } else { scaled(taps, 1.0) };
                all.slice_mut(s![place..=place, .., .., ..]).assign(&taps);
            }
            scaled(all, places as f32)
        }
        _ => {
            if matches!(init, Init::Uniform | Init::Own) {
                normal.fill(1.0);
            }
            scaled(if init == Init::Bilinear { outer(&tent(k, k.div_ceil(2))) } else { normal }, 1.0)
        }
    }
}

/// The taps divided so that they add up to `sum`; ones without a sum stay.
pub fn scaled(taps: Images, sum: f32) -> Images {
    let total: f32 = taps.sum();
    if total.abs() > 1e-3 { taps.mapv(|v| v * sum / total) } else { taps }
}
