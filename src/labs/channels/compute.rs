//! Everything the lab draws, computed by the core.

use super::params::{Input, PHOTO, Params, Weights, splits};
use super::weights;
use crate::core::analysis::Span;
use crate::core::ops::{Conv2d, Pads, pad2d, resize_area};
use crate::core::tensor::{Images, Random};
use crate::labs::convolution::inputs::image;
use crate::stage::lab::{Data, Shared};
use crate::stage::refusal::Refusal;
use ndarray::{Array2, Array4, Axis, IxDyn, s};

/// What was computed.
pub struct Output {
    /// The operator.
    pub conv: Conv2d,
    /// `[1, c_in, h, w]`
    pub input: Shared,
    /// The input with its padding, `[1, c_in, ph, pw]`.
    pub padded: Shared,
    /// `[c_out, c_in / groups, kh, kw]`
    pub weight: Shared,
    /// `[1, c_out]`, zeros without a bias.
    pub bias: Shared,
    /// `[1, c_out, oh, ow]`
    pub output: Shared,
    /// The shown output channel's maps, one an input channel it reads: `[1, c_in / groups, oh, ow]`.
    pub partial: Shared,
    /// The shown output channel, `[1, 1, oh, ow]`.
    pub shown: Shared,
    /// 1 where an output reads an input, `[1, 1, c_out, c_in]`.
    pub reads: Shared,
    /// Groups that split the channels, with weights and multiply-adds: `[1, 1, n, 3]`.
    pub splits: Shared,
    /// Parameters and multiply-adds of this layer and of others in its place, `[1, 1, 6, 2]`.
    pub costs: Shared,
    /// The mixing of channels at each pixel.
    pub mixing: Mixing,
    /// The data that an own input and own weights were made from.
    source: [Option<Shared>; 4],
}

/// A 1×1 convolution and its best way back.
#[derive(Clone)]
pub struct Mixing {
    /// `[1, 1, c_out, c_in]`
    pub matrix: Shared,
    /// `[1, 1, c_in, c_out]`
    pub back: Shared,
    /// `[1, c_out, h, w]`
    pub mixed: Shared,
    /// `[1, c_in, h, w]`
    pub restored: Shared,
    /// The matrix's rank.
    pub rank: usize,
    /// Largest and mean absolute difference of input and restored.
    pub error: (f64, f64),
}

/// Makes a tensor cheap to hand around.
fn shared(images: Images) -> Shared {
    images.into_dyn().into_shared()
}

fn table(rows: usize, cols: usize, flat: Vec<f32>) -> Shared {
    Shared::from_shape_vec(IxDyn(&[1, 1, rows, cols]), flat)
        .unwrap_or_else(|_| Shared::zeros(IxDyn(&[1, 1, rows, cols])))
}

/// One channel of `[1, c, h, w]` as `[1, 1, h, w]`.
pub fn channel(tensor: &Shared, c: usize) -> Shared {
    let shape = tensor.shape();
    if tensor.ndim() != 4 || c >= shape[1] {
        return Shared::zeros(IxDyn(&[1, 1, 1, 1]));
    }
    tensor.slice(s![.., c..c + 1, .., ..]).to_owned().into_dyn().into_shared()
}

/// The slices of one kernel side by side, `[1, 1, kh, c_in / groups * kw]`.
pub fn kernel(weight: &Shared, o: usize) -> Shared {
    let &[_, per, kh, kw] = weight.shape() else { return weight.clone() };
    let side = Array4::from_shape_fn((1, 1, kh, per * kw), |(_, _, r, c)| weight[[o, c / kw, r, c % kw]]);
    shared(side)
}

/// The greatest absolute value of a tensor.
pub fn largest(tensor: &Shared) -> f32 {
    tensor.iter().fold(0.0, |m, v| v.abs().max(m))
}

/// What a tensor ranges over.
pub fn span(tensor: &Shared) -> Span {
    Span::of(&tensor.iter().copied().collect::<Vec<f32>>())
}

impl Output {
    /// Height and width of the output.
    pub fn size(&self) -> (usize, usize) {
        crate::stage::scene::grid::extent(&self.output)
    }
}

fn draw(params: &Params, seed: u64, data: &Data) -> Result<Images, Refusal> {
    let (c, (h, w)) = (params.c_in(), params.size);
    let mut random = Random::new(seed.wrapping_add(1));
    Ok(match params.input {
        Input::Rgb => {
            let mut x = Images::zeros((1, c, h, w));
            for i in 0..h {
                for j in 0..w {
                    for frame in 0..c.div_ceil(3) {
                        let pixel = weights::scene(i, j, (h, w), frame);
                        for (k, v) in pixel.into_iter().enumerate().take(c - frame * 3) {
                            x[[0, frame * 3 + k, i, j]] = v;
                        }
                    }
                }
            }
            x
        }
        Input::Digits => Images::from_shape_simple_fn((1, c, h, w), || random.below(10) as f32),
        Input::Noise => Images::from_shape_simple_fn((1, c, h, w), || random.uniform()),
        Input::Photo => {
            let photo = data.get(PHOTO).cloned().unwrap_or_else(|| Shared::zeros(IxDyn(&[1, 3, h, w])));
            let mut x = Images::zeros((1, c, h, w));
            for at in 0..c {
                if let Some(plane) = image(&channel(&photo, at % 3)) {
                    x.slice_mut(s![0, at, .., ..]).assign(&resize_area(&plane, (h, w))?);
                }
            }
            x
        }
        Input::Own => {
            let own = data.get("input").cloned().unwrap_or_else(|| Shared::zeros(IxDyn(&[1, 1, h, w])));
            let have = if own.ndim() == 4 { own.shape()[1] } else { 1 };
            let mut x = Images::zeros((1, c, h, w));
            for at in 0..c {
                let one = if own.ndim() == 4 { channel(&own, at % have.max(1)) } else { own.clone() };
                if let Some(plane) = image(&one) {
                    let plane = if plane.dim() == (h, w) { plane } else { resize_area(&plane, (h, w))? };
                    x.slice_mut(s![0, at, .., ..]).assign(&plane);
                }
            }
            x
        }
    })
}

/// The 1×1 layer of the same weights' name, applied to the input, and the best way back.
fn mixing(params: &Params, seed: u64, input: &Images, weight: &Images) -> Result<Mixing, Refusal> {
    let (o, c) = (params.c_out(), params.c_in());
    let dense = params.kernel_size == (1, 1) && params.g() == 1;
    let mix = if dense || params.weights == Weights::Own {
        // Own slices are added up to one number; slices that aren't there are 0.
        Array2::from_shape_fn((o, c), |(q, i)| {
            let (first, per) = (params.first_read(q), params.per());
            match i.checked_sub(first).filter(|i| *i < per) {
                Some(i) => weight.slice(s![q, i, .., ..]).sum(),
                None => 0.0,
            }
        })
    } else {
        let one = Params { kernel_size: (1, 1), groups: 1, ..params.clone() };
        weights::make(&one, seed).into_shape_with_order((o, c)).unwrap_or_else(|_| Array2::zeros((o, c)))
    };
    let (back, rank) = weights::way_back(&mix, || weights::moments(input));
    let as_kernel = |m: &Array2<f32>| m.clone().insert_axis(Axis(2)).insert_axis(Axis(3));
    let point = Conv2d::default();
    let mixed = point.forward(input, &as_kernel(&mix), None)?;
    let restored = point.forward(&mixed, &as_kernel(&back), None)?;
    let (mut most, mut sum) = (0.0f64, 0.0f64);
    for (a, b) in input.iter().zip(&restored) {
        let d = f64::from((a - b).abs());
        most = most.max(d);
        sum += d;
    }
    let flat = |m: Array2<f32>| shared(m.insert_axis(Axis(0)).insert_axis(Axis(0)));
    Ok(Mixing {
        matrix: flat(mix),
        back: flat(back),
        mixed: shared(mixed),
        restored: shared(restored),
        rank,
        error: (most, sum / input.len().max(1) as f64),
    })
}

/// An earlier state.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// Its parameters.
    pub params: &'a Params,
    /// Its seed.
    pub seed: u64,
    /// What was computed.
    pub output: &'a Output,
}

/// Computes everything the parameters ask for; what `before` holds and is still true is not computed again.
pub fn compute(params: &Params, seed: u64, data: &Data, before: Option<Before>) -> Result<Output, Refusal> {
    super::params::check(params, data)?;
    let conv = params.conv()?;
    let source = ["input", PHOTO, "weight", "bias"].map(|name| data.get(name).cloned());
    let same_source = |b: &Output| {
        b.source
            .iter()
            .zip(&source)
            .all(|(a, b)| a.as_ref().map(Shared::as_ptr) == b.as_ref().map(Shared::as_ptr))
    };
    // Only what is looked at has changed: the layer's numbers stay.
    let still = before.filter(|b| {
        let same = Params { output: params.output, panel: params.panel, ..b.params.clone() };
        same == *params && b.seed == seed && same_source(b.output)
    });
    let (o, per, kh, kw) = params.weight_shape();
    let four = |t: &Shared| t.to_owned().into_dimensionality::<ndarray::Ix4>().unwrap_or_default();
    let input = match still {
        Some(b) => four(&b.output.input),
        None => draw(params, seed, data)?,
    };
    let weight = match (still, params.weights, data.get("weight")) {
        (Some(b), ..) => four(&b.output.weight),
        (None, Weights::Own, Some(own)) => four(own),
        _ => weights::make(params, seed),
    };
    let bias = match (params.weights, params.bias, data.get("bias")) {
        (Weights::Own, true, Some(own)) if own.len() == params.c_out() => own.iter().copied().collect(),
        _ => weights::bias(params, seed),
    };
    let output = match still {
        Some(b) => b.output.output.clone(),
        None => shared(conv.forward(&input, &weight, Some(&bias))?),
    };
    let q = params.shown();
    let first = params.first_read(q);
    let read = input.slice(s![.., first..first + per, .., ..]).to_owned();
    let slices = weight
        .slice(s![q, .., .., ..])
        .to_owned()
        .into_shape_with_order((per, 1, kh, kw))
        .unwrap_or_else(|_| Images::zeros((per, 1, kh, kw)));
    let partial = Conv2d { groups: per, ..conv }.forward(&read, &slices, None)?;
    let mixing = match still {
        Some(b) => b.output.mixing.clone(),
        None => mixing(params, seed, &input, &weight)?,
    };
    let padded =
        if conv.pads == Pads::default() { input.clone() } else { pad2d(&input, conv.pads, conv.mode)? };
    let c = params.c_in();
    let reads = (0..o * c).map(|at| {
        let from = params.first_read(at / c);
        f32::from(u8::from((from..from + per).contains(&(at % c))))
    });
    let (oh, ow) = crate::stage::scene::grid::extent(&output);
    let (places, taps) = ((oh * ow) as f32, (kh * kw) as f32);
    let (fo, fc) = (o as f32, c as f32);
    let ways = splits(c, o);
    let rows = ways.iter().flat_map(|g| {
        let weights = fo * fc / *g as f32 * taps;
        [*g as f32, weights, weights * places]
    });
    let b = if params.bias { fo } else { 0.0 };
    let own = fo * per as f32 * taps;
    let costs = [
        (own + b, own * places),
        (fo * fc * taps, fo * fc * taps * places),
        (fc * taps, fc * taps * places),
        (fo * fc, fo * fc * places),
        (fc * taps + fo * fc, (fc * taps + fo * fc) * places),
        (
            fo * fc * places * (params.size.0 * params.size.1) as f32,
            fo * fc * places * (params.size.0 * params.size.1) as f32,
        ),
    ];
    Ok(Output {
        conv,
        shown: channel(&output, q),
        reads: table(o, c, reads.collect()),
        splits: table(ways.len(), 3, rows.collect()),
        costs: table(6, 2, costs.iter().flat_map(|(a, b)| [*a, *b]).collect()),
        input: shared(input),
        padded: shared(padded),
        weight: shared(weight),
        bias: Shared::from_shape_vec(IxDyn(&[1, o]), bias).unwrap_or_default(),
        output,
        partial: shared(partial),
        mixing,
        source,
    })
}
