//! The stack with weights. Random numbers come from a counter, so that a few lines of NumPy give the same ones.

use super::params::{Input, Params, Weights};
use super::stack::{Spec, Stack, What};
use crate::core::nets::{Layer, Net, Unit};
use crate::core::ops::{Conv2d, Divisor, Nonlinearity};
use crate::core::tensor::{Error, Images};
use crate::stage::lab::Shared;
use ndarray::Axis;

/// Added to a variance before its root is taken, as `torch.nn.BatchNorm2d` does.
pub const EPS: f64 = 1e-5;
/// The stream of a draw's input noise; layer `i` has the streams `2 i` and, for a shortcut that ends there, `2 i + 1`.
pub const NOISE: u64 = 1023;
/// The first stream of a draw's dropout; that behind layer `i` has this one plus `i`.
pub const DROPPED: u64 = 512;
/// Streams of one draw.
pub const STREAMS: u64 = 1024;
/// What the seed is multiplied by.
pub const SEED_STEP: u64 = 0xd134_2543_de82_ef95;
/// What the stream is multiplied by.
pub const STREAM_STEP: u64 = 0x9e6c_63d0_676a_9a99;

/// Numbers of the normal distribution: splitmix64 of a counter, two numbers of `[0, 1)` each, and the transform of Box
/// and Muller (1958).
pub fn normal(seed: u64, stream: u64, n: usize) -> Vec<f32> {
    let uniform = uniform(seed, stream);
    (0..n)
        .map(|i| {
            let radius = (-2.0 * (1.0 - uniform(i)).ln()).sqrt();
            (radius * (2.0 * std::f64::consts::PI * uniform(n + i)).cos()) as f32
        })
        .collect()
}

/// The numbers of a stream, of `[0, 1)` each.
fn uniform(seed: u64, stream: u64) -> impl Fn(usize) -> f64 {
    let base = seed.wrapping_mul(SEED_STEP).wrapping_add(stream.wrapping_mul(STREAM_STEP));
    move |i: usize| {
        let mut z = base.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What inverted dropout multiplies a map by: 0 for dropped numbers, `1 / (1 - p)` for the others, `[1, c, h, w]`.
pub fn mask(p: f64, seed: u64, stream: u64, (c, h, w): (usize, usize, usize)) -> Images {
    let (uniform, kept) = (uniform(seed, stream), (1.0 / (1.0 - p)) as f32);
    Images::from_shape_fn(
        (1, c, h, w),
        |(_, k, r, x)| {
            if uniform((k * h + r) * w + x) >= p { kept } else { 0.0 }
        },
    )
}

/// A ball of this width in the middle of a ground that grows lighter downwards, `[1, 1, h, w]`, from 0 to 1.
pub fn ball((h, w): (usize, usize), width: i64) -> Images {
    let radius = width as f64 / 2.0;
    let middle = |n: usize| (n as f64 - 1.0) / 2.0;
    Images::from_shape_fn((1, 1, h, w), |(_, _, r, c)| {
        let (y, x) = ((r as f64 - middle(h)) / radius, (c as f64 - middle(w)) / radius);
        // Lit from above on the left.
        let light = (y + 0.35).powi(2) + (x + 0.35).powi(2);
        let ground = 0.55 + 0.3 * r as f64 / h as f64;
        (if y * y + x * x <= 1.0 { 0.95 - 0.33 * light } else { ground }) as f32
    })
}

/// A net and what it looks at.
///
/// Dropout stands behind each convolution of the trunk but the last, after its activation; a span with a shortcut counts
/// as one layer.
pub struct Made {
    /// The layers with their weights, up to the last.
    pub net: Net,
    /// What dropout multiplies maps by: that of the first layers, as many as the number says.
    pub masks: Vec<(usize, Images)>,
    /// `[1, 1, h, w]`
    pub x: Images,
}

/// The input of a draw.
pub fn input(p: &Params, seed: u64, draw: usize, own: Option<&Shared>) -> Images {
    let (h, w) = p.size;
    match (p.input, own) {
        (Input::Noise, _) => {
            let noise = normal(seed, draw as u64 * STREAMS + NOISE, h * w);
            Images::from_shape_fn((1, 1, h, w), |(_, _, r, c)| noise[r * w + c])
        }
        (Input::Own, Some(own)) if own.len() == h * w => {
            let numbers: Vec<f32> = own.iter().copied().collect();
            Images::from_shape_fn((1, 1, h, w), |(_, _, r, c)| numbers[r * w + c])
        }
        _ => ball(p.size, p.object),
    }
}

/// The net of a draw, with its input.
///
/// Errors: those of the layers, when normalisation has to run them.
pub fn made(p: &Params, stack: &Stack, seed: u64, draw: usize, own: Option<&Shared>) -> Result<Made, Error> {
    let x = input(p, seed, draw, own);
    let maker = Maker { p, stack, seed, draw: draw as u64 };
    let mut way = Way { layers: Vec::new(), channels: 1, map: p.norm.then(|| x.clone()) };
    let maps = if p.dropout > 0.0 { stack.maps(p.size).unwrap_or_default() } else { Vec::new() };
    let mut masks = Vec::new();
    let mut at = 0;
    while at < stack.layers.len() {
        let last = match stack.skip_from(at) {
            Some(span) => {
                maker.residual(&mut way, span)?;
                span.1
            }
            None => {
                maker.layer(&mut way, at)?;
                at
            }
        };
        if stack.layers[last].is_conv() && last + 1 < stack.layers.len() {
            if p.function() != Nonlinearity::None {
                way.push(Layer::Activation(p.function()))?;
            }
            if let Some(map) = maps.get(last + 1) {
                let (h, w) = map.size;
                let stream = draw as u64 * STREAMS + DROPPED + last as u64;
                let mask = mask(p.dropped(), seed, stream, (way.channels, h, w));
                way.map = way.map.map(|map| map * &mask);
                masks.push((way.layers.len(), mask));
            }
        }
        at = last + 1;
    }
    Ok(Made { net: Net { layers: way.layers }, masks, x })
}

/// Layers so far, the channels they give, and, for normalisation, what they make of the input.
struct Way {
    layers: Vec<Layer>,
    channels: usize,
    map: Option<Images>,
}

impl Way {
    fn push(&mut self, layer: Layer) -> Result<(), Error> {
        if let Some(map) = &self.map {
            self.map = Some(layer.forward(map)?);
        }
        self.layers.push(layer);
        Ok(())
    }
}

impl Made {
    /// The gradient of a unit of the first channel, `[1, 1, h, w]`.
    ///
    /// Errors: those of the layers.
    pub fn unit_gradient(self, (row, column): (usize, usize)) -> Result<Images, Error> {
        let unit = Unit { row, column, channel: Some(0) };
        let mut layers = self.net.layers;
        // Between two masks there is a net of its own.
        let (mut nets, mut inputs) = (Vec::new(), vec![self.x]);
        for (end, mask) in self.masks {
            let done: usize = nets.iter().map(|(net, _): &(Net, Images)| net.layers.len()).sum();
            let rest = layers.split_off(end - done);
            let net = Net { layers: std::mem::replace(&mut layers, rest) };
            if let Some(x) = inputs.last() {
                inputs.push(net.forward(x)? * &mask);
            }
            nets.push((net, mask));
        }
        let last = inputs.pop().unwrap_or_default();
        let mut gradient = Net { layers }.unit_gradient(&last, unit)?;
        for ((net, mask), x) in nets.iter().zip(&inputs).rev() {
            gradient = net.input_gradient(x, &(gradient * mask))?;
        }
        Ok(gradient)
    }
}

struct Maker<'a> {
    p: &'a Params,
    stack: &'a Stack,
    seed: u64,
    draw: u64,
}

impl Maker<'_> {
    fn layer(&self, way: &mut Way, at: usize) -> Result<(), Error> {
        let layer = self.stack.layers[at];
        match layer.what {
            What::Max => way.push(Layer::MaxPool(layer.pool())),
            What::Average => way.push(Layer::AveragePool(layer.pool(), Divisor::default())),
            What::Conv => {
                let made = self.conv(&layer, way.channels, self.p.width(), at, way.map.as_ref())?;
                way.channels = self.p.width();
                way.push(made)
            }
            What::Depthwise => {
                let made = self.conv(&layer, way.channels, way.channels, at, way.map.as_ref())?;
                way.push(made)
            }
        }
    }

    /// A convolution; where the stack goes on and normalisation is on, it is folded into weights and bias.
    fn conv(
        &self,
        layer: &Spec,
        c_in: usize,
        c_out: usize,
        at: usize,
        map: Option<&Images>,
    ) -> Result<Layer, Error> {
        let groups = if layer.what == What::Depthwise { c_in } else { 1 };
        let gain = if self.p.weights == Weights::He { 2.0 } else { 1.0 };
        let shape = (c_out, c_in / groups, layer.kernel_size.0, layer.kernel_size.1);
        let mut weight = self.weight(shape, gain, 2 * at as u64);
        let conv = layer.conv(groups);
        let mut bias = None;
        if let Some(map) = map.filter(|_| at + 1 < self.stack.layers.len()) {
            let y = conv.forward(map, &weight, None)?;
            let mut shift = Vec::with_capacity(c_out);
            for (channel, mut weight) in y.index_axis(Axis(0), 0).outer_iter().zip(weight.outer_iter_mut()) {
                let n = channel.len().max(1) as f64;
                let mean = channel.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
                let variance = channel.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
                // What doesn't vary has no size to be brought to one: such a channel is shifted alone.
                let factor = if variance > EPS { 1.0 / (variance + EPS).sqrt() } else { 1.0 };
                weight.mapv_inplace(|v| (f64::from(v) * factor) as f32);
                shift.push((-mean * factor) as f32);
            }
            bias = Some(shift);
        }
        Ok(Layer::Conv { weight, bias, conv })
    }

    fn weight(&self, shape: (usize, usize, usize, usize), gain: f64, stream: u64) -> Images {
        let inputs = (shape.1 * shape.2 * shape.3) as f64;
        if self.p.weights == Weights::Uniform {
            return Images::from_elem(shape, (1.0 / inputs) as f32);
        }
        let n = shape.0 * shape.1 * shape.2 * shape.3;
        let deviation = (gain / inputs).sqrt() as f32;
        let drawn = normal(self.seed, self.draw * STREAMS + stream, n).into_iter().map(|v| v * deviation);
        Images::from_shape_vec(shape, drawn.collect()).unwrap_or_else(|_| Images::zeros(shape))
    }

    /// The sum of a span and of a shortcut around it: the identity, or where size or channels change a convolution with
    /// one tap.
    fn residual(&self, way: &mut Way, (first, last): (usize, usize)) -> Result<(), Error> {
        let mut branch = Way { layers: Vec::new(), channels: way.channels, map: way.map.clone() };
        for at in first..=last {
            self.layer(&mut branch, at)?;
            if self.stack.layers[at].is_conv() && at < last {
                branch.push(Layer::Activation(self.p.function()))?;
            }
        }
        branch.layers.retain(|layer| *layer != Layer::Activation(Nonlinearity::None));
        let stride = self.stack.shortcut_stride((first, last));
        let mut shortcut = Vec::new();
        if stride != (1, 1) || branch.channels != way.channels {
            let weight = self.weight((branch.channels, way.channels, 1, 1), 1.0, 2 * last as u64 + 1);
            shortcut.push(Layer::Conv { weight, bias: None, conv: Conv2d { stride, ..Conv2d::default() } });
        }
        way.channels = branch.channels;
        way.push(Layer::Residual { branch: branch.layers, shortcut })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_are_normal_and_their_own() {
        let list = normal(3, 5, 40_000);
        let moment = |p: i32| list.iter().map(|v| f64::from(*v).powi(p)).sum::<f64>() / list.len() as f64;
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03, "{} {}", moment(1), moment(2));
        assert!((moment(4) - 3.0).abs() < 0.15 && list.iter().all(|v| v.is_finite()));
        assert_ne!(normal(3, 5, 4), normal(3, 6, 4));
        assert_ne!(normal(3, 5, 4), normal(4, 5, 4));
        assert_eq!(normal(3, 5, 4), normal(3, 5, 4));
    }

    #[test]
    fn the_ball_is_as_wide_as_it_says() {
        let x = ball((40, 60), 20);
        let ground = 0.55 + 0.3 * 20.0 / 40.0;
        let wide = (0..60).filter(|c| (x[[0, 0, 20, *c]] - ground).abs() > 1e-6).count();
        assert_eq!(wide, 20);
        assert!(x.iter().all(|v| (0.0..=1.0).contains(v)));
    }
}
