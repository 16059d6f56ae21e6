//! Everything the lab draws, computed by the core.

use super::inputs::Input;
use super::params::{Mode, Panel, Params};
use crate::core::analysis::{Separability, Span, separability};
use crate::core::ops::{Activation, Conv2d, PaddingMode, Pads, pad2d};
use crate::core::tensor::{Images, Map};
use crate::labs::convolution::Convolution;
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;
use ndarray::Axis;

/// What was computed. Images are `[1, 1, h, w]`.
pub struct Output {
    /// The operator.
    pub conv: Conv2d,
    /// The input.
    pub input: Shared,
    /// The kernel as `torch.nn.functional.conv2d` takes it.
    pub weight: Shared,
    /// The input with its padding.
    pub padded: Shared,
    /// Before the activation.
    pub pre_activation: Shared,
    /// The output.
    pub output: Shared,
    /// How many reads take their value from each input cell.
    pub usage: Shared,
    /// Share of each output's taps that read padding.
    pub padding_share: Shared,
    /// Padded rows and columns that no window reaches.
    pub unread: (usize, usize),
    /// Rank and factors of the kernel.
    pub separability: Separability,
    /// What the tensors range over.
    pub spans: Spans,
    /// The data an own input was made from, so that the next computation knows whether it is still the same.
    source: Option<Shared>,
    /// What the second figure needs beyond this.
    pub extra: Extra,
}

/// What the tensors range over.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// The input.
    pub input: Span,
    /// The kernel.
    pub weight: Span,
    /// The output.
    pub output: Span,
    /// Reads of each input cell.
    pub usage: Span,
    /// Share of padding in each output.
    pub padding_share: Span,
}

/// What a tensor ranges over.
pub fn span(tensor: &Shared) -> Span {
    match tensor.as_slice() {
        Some(numbers) => Span::of(numbers),
        None => Span::of(&tensor.iter().copied().collect::<Vec<f32>>()),
    }
}

/// What only one of the second figures needs.
pub enum Extra {
    /// Nothing.
    None,
    /// Outputs under correlation and under convolution, and the second less the first.
    Flip {
        /// The kernel as it is.
        correlation: Shared,
        /// The kernel turned by 180 degrees.
        convolution: Shared,
        /// Second less first.
        difference: Shared,
    },
    /// f(a), f(b) and f(a + b) − f(a) − f(b), where a is the input and b another.
    Linearity {
        /// The other input.
        other: Shared,
        /// f(a).
        of_input: Shared,
        /// f(b).
        of_other: Shared,
        /// f(a + b) − f(a) − f(b).
        defect: Shared,
    },
    /// The padded input and the output under each padding mode, or why it can't be.
    Modes(Vec<(Mode, OfMode)>),
}

/// The padded input and the output under one padding mode, or why it can't be.
pub type OfMode = Result<(Shared, Shared), Refusal>;

/// Makes a tensor cheap to hand around.
pub fn shared(images: Images) -> Shared {
    images.into_dyn().into_shared()
}

fn shared_map(map: Map) -> Shared {
    shared(map.insert_axis(Axis(0)).insert_axis(Axis(0)))
}

/// The input of an earlier computation, when it would be drawn the same again: it doesn't change while a
/// learner moves the kernel.
fn kept_input(params: &Params, seed: u64, data: &Data, before: Option<&Ran<Convolution>>) -> Option<Images> {
    let before = before?;
    let source = data.get("input").map(Shared::as_ptr);
    let same = (before.params.input, before.params.size, before.seed) == (params.input, params.size, seed)
        && (params.input != Input::Own || before.output.source.as_ref().map(Shared::as_ptr) == source);
    same.then(|| before.output.input.to_owned().into_dimensionality().ok()).flatten()
}

/// Computes everything the parameters ask for; what `before` holds and is still true is not computed again.
pub fn compute(
    params: &Params,
    seed: u64,
    data: &Data,
    before: Option<&Ran<Convolution>>,
) -> Result<Output, Refusal> {
    super::params::check(params, data)?;
    let conv = params.conv()?;
    let input = match kept_input(params, seed, data, before) {
        Some(input) => input,
        None => images(params.input.draw(params.size, seed, data)?),
    };
    let (kh, kw) = params.weight.shape();
    let kernel = Map::from_shape_fn((kh, kw), |(r, c)| params.weight.at(r, c));
    let separability = separability(&kernel);
    let weight = images(kernel);
    let bias = [params.bias];
    let forward = |conv: &Conv2d, x: &Images| conv.forward_single(x, &weight, Some(&bias));
    let pre_activation = forward(&conv, &input)?;
    let activation = params.activation();
    let output = match activation {
        Activation::None => pre_activation.clone(),
        curve => pre_activation.mapv(|v| curve.apply(v)),
    };
    let extra = match params.panel {
        Panel::Flip => {
            let correlation = forward(&Conv2d { flip: false, ..conv }, &input)?;
            let convolution = forward(&Conv2d { flip: true, ..conv }, &input)?;
            let difference = &convolution - &correlation;
            Extra::Flip {
                correlation: shared(correlation),
                convolution: shared(convolution),
                difference: shared(difference),
            }
        }
        Panel::Linearity => {
            let other_input = if params.input == Input::Digits || params.input == Input::Noise {
                Input::Blob
            } else {
                Input::Digits
            };
            // On a picture from 0 to 1 the other input keeps the same range.
            let range = if params.size.0.max(params.size.1) > 24 { 9.0 } else { 1.0 };
            let other = images(other_input.draw(params.size, seed, data)?).mapv(|v| v / range);
            let f = |x: &Images| forward(&conv, x).map(|y| y.mapv(|v| activation.apply(v)));
            let of_other = f(&other)?;
            let defect = f(&(&input + &other))? - &output - &of_other;
            Extra::Linearity {
                other: shared(other),
                of_input: shared(output.clone()),
                of_other: shared(of_other),
                defect: shared(defect),
            }
        }
        Panel::Modes => Extra::Modes(
            Mode::ALL
                .iter()
                .map(|mode| {
                    let one = Params { padding_mode: *mode, ..params.clone() };
                    let result = one.conv().and_then(|conv| {
                        let padded = pad2d(&input, conv.pads, conv.mode)?;
                        Ok((shared(padded), shared(forward(&conv, &input)?.mapv(|v| activation.apply(v)))))
                    });
                    (*mode, result)
                })
                .collect(),
        ),
        _ => Extra::None,
    };
    // Which cells the windows read doesn't depend on any number.
    let walked = before.filter(|b| {
        b.output.conv == conv && (b.params.size, b.params.kernel_size) == (params.size, params.kernel_size)
    });
    let (usage, padding_share) = match walked {
        Some(before) => (before.output.usage.clone(), before.output.padding_share.clone()),
        None => (
            shared_map(conv.usage(params.size, params.kernel_size)?),
            shared_map(conv.padding_share(params.size, params.kernel_size)?),
        ),
    };
    let padded = (conv.pads != Pads::default()).then(|| pad2d(&input, conv.pads, conv.mode)).transpose()?;
    let (input, weight, output) = (shared(input), shared(weight), shared(output));
    let padded = padded.map_or_else(|| input.clone(), shared);
    let spans = Spans {
        input: span(&input),
        weight: span(&weight),
        output: span(&output),
        usage: walked.map_or_else(|| span(&usage), |b| b.output.spans.usage),
        padding_share: walked.map_or_else(|| span(&padding_share), |b| b.output.spans.padding_share),
    };
    Ok(Output {
        unread: conv.unread(params.size, params.kernel_size)?,
        conv,
        input,
        weight,
        padded,
        pre_activation: shared(pre_activation),
        output,
        usage,
        padding_share,
        separability,
        spans,
        source: data.get("input").cloned(),
        extra,
    })
}

fn images(map: Map) -> Images {
    map.insert_axis(Axis(0)).insert_axis(Axis(0))
}

/// One read of an output: the tap, where in the padded input it reads, and from which input cell the value comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    /// The tap's index in the weight as drawn, row by row.
    pub tap: usize,
    /// Row and column in the padded input.
    pub padded: (usize, usize),
    /// The input cell the value comes from; `None` for a constant.
    pub source: Option<(usize, usize)>,
    /// The value read.
    pub value: f32,
    /// The weight it is multiplied by.
    pub weight: f32,
    /// Whether the cell is padding.
    pub padding: bool,
}

impl Output {
    /// Height and width of the output.
    pub fn size(&self) -> (usize, usize) {
        crate::stage::scene::grid::extent(&self.output)
    }

    /// Everything one output reads, tap by tap in the order of the window.
    pub fn reads(&self, params: &Params, row: usize, col: usize) -> Vec<Read> {
        let (kh, kw) = params.kernel_size;
        let pads = self.conv.pads;
        let mode: PaddingMode = self.conv.mode;
        let inside = |i: usize, before: usize, n: usize| i >= before && i < before + n;
        let mut reads = Vec::with_capacity(kh * kw);
        for a in 0..kh {
            for b in 0..kw {
                let r = row * self.conv.stride.0 + a * self.conv.dilation.0;
                let c = col * self.conv.stride.1 + b * self.conv.dilation.1;
                let (wa, wb) = if params.flip { (kh - 1 - a, kw - 1 - b) } else { (a, b) };
                let source =
                    mode.source(r, pads.top, params.size.0).zip(mode.source(c, pads.left, params.size.1));
                reads.push(Read {
                    tap: wa * kw + wb,
                    padded: (r, c),
                    source,
                    value: crate::stage::scene::grid::value_at(&self.padded, r, c),
                    weight: params.weight.at(wa, wb),
                    padding: !(inside(r, pads.top, params.size.0) && inside(c, pads.left, params.size.1)),
                });
            }
        }
        reads
    }
}
