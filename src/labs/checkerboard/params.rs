//! What the learner can set, and what follows from it.

use super::layer::{Layer, back_sizes};
use crate::core::ops::resize_area;
use crate::core::tensor::{Error, Map};
use crate::labs::convolution::inputs::{Input as Drawn, image};
use crate::stage::control::Kind;
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::{Lang, Sentence, fill, number};
use crate::{choice, controls};

/// Longest side of an input.
pub const MAX_SIZE: usize = 256;
/// Largest kernel.
pub const MAX_KERNEL: usize = 8;
/// Largest stride.
pub const MAX_STRIDE: usize = 4;
/// Largest tap: three layers of them still give finite numbers.
pub const LARGEST_TAP: f32 = 1000.0;
/// Longest side of anything that is computed.
pub const MAX_SIDE: usize = 1040;

/// Headings of the controls, in order.
pub enum Group {
    /// How it grows.
    Up,
    /// The kernel.
    Kernel,
    /// How stamps are laid.
    Walk,
    /// What grows.
    Input,
    /// What is drawn below.
    Show,
}

choice! {
    /// What makes a picture larger.
    Upsampler {
        /// Transposed convolution.
        Transposed = "transposed",
        /// Nearest neighbour.
        Nearest = "nearest",
        /// Straight lines between neighbours.
        Bilinear = "bilinear",
        /// Cubic convolution.
        Bicubic = "bicubic",
        /// A convolution to stride² channels, then sorted into space.
        PixelShuffle = "pixel_shuffle",
        /// Nearest neighbour, then a convolution.
        ResizeConv = "resize_conv",
    }
}

choice! {
    /// What the taps are.
    Init {
        /// All alike.
        Uniform = "uniform",
        /// Random around 1.
        Normal = "normal",
        /// A tent.
        Bilinear = "bilinear",
        /// Random, alike for every place within the stride (Aitken and others, 2017).
        Icnr = "icnr",
        /// The learner's own.
        Own = "own",
    }
}

choice! {
    /// Which way is looked at.
    Direction {
        /// A small picture grows.
        Forward = "forward",
        /// The gradient of a strided layer comes back to its input.
        Gradient = "gradient",
    }
}

choice! {
    /// What goes in.
    Input {
        /// A soft hill of small numbers.
        Bump = "bump",
        /// The same number everywhere.
        Flat = "flat",
        /// Random digits.
        Digits = "digits",
        /// A single one.
        Impulse = "impulse",
        /// Shaded bodies.
        Shapes = "shapes",
        /// Written words.
        Text = "text",
        /// The learner's own.
        Own = "own",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// Overlap ratio for every kernel size and stride.
        Table = "table",
        /// Up-samplers side by side.
        Cures = "cures",
        /// The Fourier spectrum.
        Spectrum = "spectrum",
        /// Taps fitted by gradient descent.
        Learn = "learn",
        /// The operator and its transpose as matrices.
        Matrix = "matrix",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// What makes the picture larger.
        upsampler: Upsampler = Kind::Choice(Upsampler::KEYS), "transposed", Group::Up;
        /// Forward, or the gradient of the way back.
        direction: Direction = Kind::Choice(Direction::KEYS), "forward", Group::Up;
        /// Height and width of the kernel.
        kernel_size: i64 = Kind::Whole { min: 1, max: MAX_KERNEL as i64 }, "3", Group::Kernel;
        /// Its taps.
        init: Init = Kind::Choice(Init::KEYS), "uniform", Group::Kernel;
        /// Cells from one stamp to the next: the factor of growth.
        stride: i64 = Kind::Whole { min: 1, max: MAX_STRIDE as i64 }, "2", Group::Walk;
        /// Cells cut off on each side.
        padding: i64 = Kind::Whole { min: 0, max: 7 }, "0", Group::Walk;
        /// Rows and columns added at the end.
        output_padding: i64 = Kind::Whole { min: 0, max: 3 }, "0", Group::Walk;
        /// How many such layers follow each other.
        depth: i64 = Kind::Whole { min: 1, max: 3 }, "1", Group::Walk;
        /// What goes in.
        input: Input = Kind::Choice(Input::KEYS), "bump", Group::Input;
        /// Its height and width.
        size: (usize, usize) = Kind::Pair { min: 1, max: MAX_SIZE }, "5", Group::Input;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "table", Group::Show;
    }
}

/// A control's whole number as a size; controls keep it from being negative.
fn cells(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

impl Params {
    /// The kernel size.
    pub fn k(&self) -> usize {
        cells(self.kernel_size).max(1)
    }
    /// The stride.
    pub fn s(&self) -> usize {
        cells(self.stride).max(1)
    }
    /// The padding.
    pub fn p(&self) -> usize {
        cells(self.padding)
    }
    /// The output padding.
    pub fn op(&self) -> usize {
        cells(self.output_padding)
    }
    /// The number of layers.
    pub fn layers(&self) -> usize {
        cells(self.depth).max(1)
    }
    /// After how many cells the pattern repeats: the strides multiplied.
    pub fn period(&self) -> usize {
        (0..self.layers()).fold(1, |product, _| product * self.s())
    }
    /// Whether the gradient is looked at.
    pub fn back(&self) -> bool {
        self.direction == Direction::Gradient
    }
    /// Whether there is a kernel to choose.
    pub fn has_taps(&self) -> bool {
        self.back()
            || !matches!(self.upsampler, Upsampler::Nearest | Upsampler::Bilinear | Upsampler::Bicubic)
    }
    /// Whether kernels are stamped, so that overlap can be uneven.
    pub fn stamps(&self) -> bool {
        self.back() || self.upsampler == Upsampler::Transposed
    }

    /// The sizes from the input on, one more than layers. In the gradient's direction each is the next smaller one.
    ///
    /// Errors: sizes that can't be.
    pub fn sizes(&self) -> Result<Vec<(usize, usize)>, Refusal> {
        if self.back() {
            return Ok(back_sizes(self)?);
        }
        let layer = Layer::of(self);
        let mut sizes = vec![self.size];
        let mut size = self.size;
        for _ in 0..self.layers() {
            size = layer.output_size(size)?;
            if size.0.max(size.1) > MAX_SIDE {
                return Err(Refusal::lab(Unfit::TooLarge(size.0.max(size.1))));
            }
            sizes.push(size);
        }
        Ok(sizes)
    }

    /// The input as a map. An own one is scaled by area.
    ///
    /// Errors: an own input that can't be scaled.
    pub fn draw_input(&self, seed: u64, data: &Data) -> Result<Map, Error> {
        draw(self.input, self.size, seed, data)
    }
}

/// Draws an input at a size.
///
/// Errors: an own input that can't be scaled.
pub fn draw(input: Input, size: (usize, usize), seed: u64, data: &Data) -> Result<Map, Error> {
    let other = match input {
        Input::Flat => return Ok(Map::ones(size)),
        Input::Bump => {
            let (h, w) = (size.0 as f32, size.1 as f32);
            return Ok(Map::from_shape_fn(size, |(r, c)| {
                let (y, x) = ((r as f32 + 0.5) / h - 0.5, (c as f32 + 0.5) / w - 0.5);
                (2.0 + 5.0 * (-5.0 * (y * y + x * x)).exp()).round()
            }));
        }
        Input::Own => {
            return match data.get("input").and_then(image) {
                Some(own) => resize_area(&own, size),
                None => Ok(Map::zeros(size)),
            };
        }
        Input::Digits => Drawn::Digits,
        Input::Impulse => Drawn::Impulse,
        Input::Shapes => Drawn::Shapes,
        Input::Text => Drawn::Text,
    };
    other.draw(size, seed, data)
}

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A link names a picture that never left another machine.
    NoOwnInput,
    /// An output of this many cells along a side.
    TooLarge(usize),
    /// A tensor of another shape than this lab takes.
    LoadShape(Vec<usize>),
    /// A kernel of another shape than this lab takes.
    LoadKernel(Vec<usize>),
    /// A tensor with a number that is not finite or larger than this.
    LoadNumber(f32),
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unfit::NoOwnInput => lang
                .pick(
                    "There is no picture of yours here yet, and a link never carries one: drop one in, or choose another input.",
                    "这里还没有你自己的图片，链接也不会带来图片：请拖入一张，或选择别的输入。",
                )
                .into(),
            Unfit::TooLarge(side) => fill(
                lang.pick(
                    "The output would be {side} cells wide, more than {max}: make size, stride or depth smaller.",
                    "输出将有 {side} 格宽，超过 {max}：请减小 size、stride 或 depth。",
                ),
                &[("side", side.to_string()), ("max", MAX_SIDE.to_string())],
            ),
            Unfit::LoadShape(shape) => fill(
                lang.pick(
                    "The input has shape {shape}; this lab takes one channel: [h, w] or [1, 1, h, w] with sides from 1 to {max}.",
                    "输入的形状是 {shape}；本实验只接受一个通道：[h, w] 或 [1, 1, h, w]，边长 1 到 {max}。",
                ),
                &[("shape", format!("{shape:?}")), ("max", MAX_SIZE.to_string())],
            ),
            Unfit::LoadKernel(shape) => fill(
                lang.pick(
                    "The weight has shape {shape}; this lab takes one square kernel: [k, k] or [1, 1, k, k] with k from 1 to {max}.",
                    "权重的形状是 {shape}；本实验只接受一个方形卷积核：[k, k] 或 [1, 1, k, k]，k 从 1 到 {max}。",
                ),
                &[("shape", format!("{shape:?}")), ("max", MAX_KERNEL.to_string())],
            ),
            Unfit::LoadNumber(most) => fill(
                lang.pick(
                    "The tensor holds NaN, infinity, or a number beyond ±{most}: replace those first.",
                    "张量中有 NaN、无穷大，或超出 ±{most} 的数：请先替换它们。",
                ),
                &[("most", number(f64::from(*most), 0))],
            ),
        }
    }
}

/// Whether these parameters can be computed.
///
/// Errors: the reason, as a sentence.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    if params.input == Input::Own && !data.contains_key("input") {
        return Err(Refusal::lab(Unfit::NoOwnInput));
    }
    params.sizes().map(|_| ())
}

/// After one change, the values that follow from it.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    if after.stride != before.stride && after.output_padding >= after.stride {
        after.output_padding = after.stride - 1;
    }
    let picture = |input: Input| matches!(input, Input::Shapes | Input::Text);
    let large = after.size.0.max(after.size.1) > 24;
    if after.input != before.input {
        match after.input {
            Input::Own => {
                if let Some(own) = data.get("input") {
                    after.size = extent(own);
                }
            }
            input if picture(input) && !large => after.size = (48, 48),
            input if !picture(input) && large => after.size = (5, 5),
            _ => {}
        }
    } else if after.direction != before.direction && !picture(after.input) && after.input != Input::Own {
        // The picture shrinks on the way that the gradient comes back: it starts where the other way ended.
        if after.back() && after.size == (5, 5) {
            after.size = (11, 11);
        } else if !after.back() && after.size == (11, 11) {
            after.size = (5, 5);
        }
    }
}
