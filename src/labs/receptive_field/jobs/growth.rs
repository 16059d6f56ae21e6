//! The laws of growth: size against depth.

use crate::core::nets::{Layer, Net, Unit};
use crate::core::ops::{Conv2d, ConvTranspose2d, Nonlinearity, Pads};
use crate::core::tensor::{Error, Images, Map};
use crate::labs::receptive_field::stack::{Spec, Stack, What};
use crate::labs::receptive_field::weights::normal;
use crate::stage::work::{Job, Results};

/// The layer that grows into a stack of its own: the first convolution with more than one tap, at stride 1.
pub fn growing(stack: &Stack) -> Spec {
    let wide = |l: &&Spec| l.is_conv() && l.kernel_size.0.max(l.kernel_size.1) > 1;
    let (k, d) = stack
        .layers
        .iter()
        .find(wide)
        .map_or((3, 1), |l| (l.kernel_size.0.max(l.kernel_size.1), l.dilation.0));
    // Wider kernels grow alike, and only take longer.
    let k = k.min(7);
    let p = d * (k - 1) / 2;
    Spec { what: What::Conv, kernel_size: (k, k), stride: (1, 1), padding: (p, p), dilation: (d, d) }
}

/// Depths at which the growth is measured.
pub const DEPTHS: [usize; 9] = [1, 2, 3, 5, 8, 12, 18, 27, 40];
/// The series of the growth: equal weights, random ones, then with ReLU, tanh, sigmoid, dropout, skips.
pub const SERIES: usize = 7;
/// Channels of the random ones.
const GROWN_CHANNELS: usize = 4;
/// Draws of the random ones.
pub const GROWN_DRAWS: usize = 12;

/// The size above 4.55 % of the centre's value, of each series at each depth.
pub struct Growth {
    layer: Spec,
    seed: u64,
    /// Which depth, series and draw comes next.
    next: [usize; 3],
    sum: Option<ndarray::Array2<f64>>,
    found: Vec<f32>,
}

impl Growth {
    /// Nothing done yet.
    pub fn new(layer: Spec, seed: u64) -> Growth {
        Growth { layer, seed, next: [0; 3], sum: None, found: vec![0.0; SERIES * DEPTHS.len()] }
    }

    /// The gradient of the middle unit through `n` of the layers.
    fn draw(&self, series: usize, n: usize, draw: usize) -> Result<Map, Error> {
        let [k, _, p, d] = self.layer.along(0);
        let side = n * d * (k - 1) + 1;
        let stream = |i: usize| (((draw * SERIES + series) * 64 + n) * 64 + i) as u64;
        let width = if series == 0 { 1 } else { GROWN_CHANNELS };
        let function = match series {
            2 => Nonlinearity::Relu,
            3 => Nonlinearity::Tanh,
            4 => Nonlinearity::Sigmoid,
            _ => Nonlinearity::None,
        };
        let conv = |i: usize| {
            let c_in = if i == 0 { 1 } else { width };
            let inputs = (c_in * k * k) as f32;
            let gain: f32 = if series == 2 { 2.0 } else { 1.0 };
            let weight = match series {
                0 => Images::from_elem((1, 1, k, k), 1.0 / inputs),
                _ => {
                    let drawn = normal(self.seed, stream(i), width * c_in * k * k);
                    let deviation = (gain / inputs).sqrt();
                    let drawn = drawn.into_iter().map(|v| v * deviation).collect();
                    Images::from_shape_vec((width, c_in, k, k), drawn)
                        .unwrap_or_else(|_| Images::zeros((width, c_in, k, k)))
                }
            };
            let conv = Conv2d { pads: Pads::all(p), dilation: (d, d), ..Conv2d::default() };
            Layer::Conv { weight, bias: None, conv }
        };
        if series == 5 {
            return self.dropped(n, &(0..n).map(conv).collect::<Vec<_>>(), stream(63));
        }
        let mut layers = Vec::new();
        for i in 0..n {
            match conv(i) {
                // Every layer but the first, which changes the channels, has a shortcut around it.
                conv if series == 6 && i > 0 => {
                    layers.push(Layer::Residual { branch: vec![conv], shortcut: Vec::new() })
                }
                conv => layers.push(conv),
            }
            if function != Nonlinearity::None && i + 1 < n {
                layers.push(Layer::Activation(function));
            }
        }
        let noise = normal(self.seed, stream(62), side * side);
        let x = Images::from_shape_fn((1, 1, side, side), |(_, _, r, c)| noise[r * side + c]);
        let unit = Unit { row: side / 2, column: side / 2, channel: Some(0) };
        let gradient = Net { layers }.unit_gradient(&x, unit)?;
        Ok(gradient.index_axis_move(ndarray::Axis(0), 0).index_axis_move(ndarray::Axis(0), 0))
    }

    /// The gradient on its way back through convolutions after each of which half of the numbers are dropped.
    fn dropped(&self, n: usize, layers: &[Layer], stream: u64) -> Result<Map, Error> {
        let d = self.layer.dilation.0;
        // Only the unit's cone: maps grow by what a kernel reaches.
        let mut grad = Images::zeros((1, GROWN_CHANNELS, 1, 1));
        grad[[0, 0, 0, 0]] = 1.0;
        let whole = ConvTranspose2d { dilation: (d, d), ..ConvTranspose2d::default() };
        for (back, layer) in layers.iter().rev().enumerate() {
            let Layer::Conv { weight, .. } = layer else { continue };
            grad = whole.forward(&grad, weight, None)?;
            if back + 1 < n {
                let coins =
                    normal(self.seed ^ 0x5555, stream.wrapping_add(((back + 1) as u64) << 40), grad.len());
                grad.iter_mut().zip(coins).for_each(|(g, coin)| *g = if coin > 0.0 { 2.0 * *g } else { 0.0 });
            }
        }
        Ok(grad.index_axis_move(ndarray::Axis(0), 0).index_axis_move(ndarray::Axis(0), 0))
    }
}

impl Job for Growth {
    fn advance(&mut self) -> bool {
        let [depth, series, draw] = self.next;
        let (Some(&n), true) = (DEPTHS.get(depth), series < SERIES) else { return true };
        if let Ok(map) = self.draw(series, n, draw) {
            let sum = self.sum.get_or_insert_with(|| ndarray::Array2::zeros(map.dim()));
            if sum.dim() == map.dim() {
                sum.zip_mut_with(&map, |sum, v| *sum += f64::from(v.abs()));
            }
        }
        let draws = if series == 0 { 1 } else { GROWN_DRAWS };
        if draw + 1 < draws {
            self.next[2] += 1;
            return false;
        }
        if let Some(sum) = self.sum.take() {
            let (h, w) = sum.dim();
            let cut = 0.0455 * sum[[h / 2, w / 2]];
            let above = sum.iter().filter(|v| **v > 0.0 && **v >= cut).count();
            self.found[series * DEPTHS.len() + depth] = (above as f64).sqrt() as f32;
        }
        self.next = if series + 1 < SERIES { [depth, series + 1, 0] } else { [depth + 1, 0, 0] };
        self.next[0] >= DEPTHS.len()
    }

    fn share(&self) -> f32 {
        // A pass takes about the third power of its depth.
        let work = |n: usize| (n as f32).powi(3) + 20.0;
        let all: f32 = DEPTHS.iter().map(|n| work(*n)).sum();
        let before: f32 = DEPTHS.iter().take(self.next[0]).map(|n| work(*n)).sum();
        let now = DEPTHS.get(self.next[0]).map_or(0.0, |n| work(*n) * self.next[1] as f32 / SERIES as f32);
        if self.next[0] >= DEPTHS.len() { 1.0 } else { (before + now) / all }
    }

    fn results(&self) -> Results {
        let shape = ndarray::IxDyn(&[SERIES, DEPTHS.len()]);
        let growth = ndarray::ArrayD::from_shape_vec(shape, self.found.clone()).unwrap_or_default();
        Results::from([("growth".into(), growth.into_shared())])
    }
}
