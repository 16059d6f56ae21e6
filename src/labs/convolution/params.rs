//! What the learner can set, and what follows from it.

use super::inputs::Input;
use super::kernels::Kernel;
use crate::core::ops::{self, Conv2d, PaddingMode, Pads};
use crate::stage::control::{Kind, Label, Typed};
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::{Lang, Sentence, fill, number};
use crate::stage::value::{LARGEST, Matrix, PaddingValue, Value};
use crate::{choice, controls};

/// Longest side of an input.
pub const MAX_SIZE: usize = 512;
/// Longest side of a kernel.
pub const MAX_KERNEL: usize = 15;
const PADDING_WORDS: &[&str] = &["valid", "same", "same_tf", "full"];

/// Headings of the controls, in order.
pub enum Group {
    /// What is convolved.
    Input,
    /// With what.
    Kernel,
    /// How the window walks.
    Walk,
    /// What happens to each output.
    After,
    /// What is drawn below.
    Show,
}

choice! {
    /// What the cells around the input hold (`padding_mode` of `torch.nn.Conv2d`, and a constant).
    Mode {
        /// Zeros.
        Zeros = "zeros",
        /// `padding_value`.
        Constant = "constant",
        /// The input mirrored at its edge.
        Reflect = "reflect",
        /// The nearest cell.
        Replicate = "replicate",
        /// The input as a ring.
        Circular = "circular",
    }
}

choice! {
    /// What is applied to each output.
    Activation {
        /// Nothing.
        None = "none",
        /// max(0, x).
        Relu = "relu",
        /// A small slope for negative values.
        LeakyRelu = "leaky_relu",
        /// x·Φ(x).
        Gelu = "gelu",
        /// x·σ(x).
        Silu = "silu",
        /// σ(x).
        Sigmoid = "sigmoid",
        /// tanh(x).
        Tanh = "tanh",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// The layer as a matrix.
        Matrix = "matrix",
        /// How many windows read each input cell.
        Usage = "usage",
        /// How much of each output comes from padding.
        Border = "border",
        /// The border under every padding mode.
        Modes = "modes",
        /// Correlation and convolution and their difference.
        Flip = "flip",
        /// f(a + b) − f(a) − f(b).
        Linearity = "linearity",
        /// Values along the pointed row.
        Profile = "profile",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// What is convolved.
        input: Input = Kind::Choice(Input::KEYS), "blob", Group::Input;
        /// Its height and width.
        size: (usize, usize) = Kind::Pair { min: 1, max: MAX_SIZE }, "8", Group::Input;
        /// Which kernel.
        kernel: Kernel = Kind::Choice(Kernel::KEYS), "sobel_x", Group::Kernel;
        /// Its height and width.
        kernel_size: (usize, usize) = Kind::Pair { min: 1, max: MAX_KERNEL }, "3", Group::Kernel;
        /// Its numbers.
        weight: Matrix = Kind::Matrix { max: MAX_KERNEL }, "-1,0,1;-2,0,2;-1,0,1", Group::Kernel;
        /// What is added to each output.
        bias: f32 = Kind::Real { min: -20.0, max: 20.0, step: 0.5 }, "0", Group::Kernel;
        /// True convolution: the kernel turned by 180 degrees.
        flip: bool = Kind::Flag, "0", Group::Kernel;
        /// Steps of the window.
        stride: (usize, usize) = Kind::Pair { min: 1, max: 16 }, "1", Group::Walk;
        /// Cells added around the input.
        padding: PaddingWords = Kind::Padding { max: 64, words: PADDING_WORDS }, "0", Group::Walk;
        /// What they hold.
        padding_mode: Mode = Kind::Choice(Mode::KEYS), "zeros", Group::Walk;
        /// The constant they hold.
        padding_value: f32 = Kind::Real { min: -20.0, max: 20.0, step: 0.5 }, "1", Group::Walk;
        /// Distance between the cells a kernel reads.
        dilation: (usize, usize) = Kind::Pair { min: 1, max: 16 }, "1", Group::Walk;
        /// What is applied to each output.
        activation: Activation = Kind::Choice(Activation::KEYS), "none", Group::After;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "matrix", Group::Show;
    }
}

/// Padding of this lab: four sides, or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaddingWords(pub PaddingValue);

impl Typed for PaddingWords {
    type Label = Label<4>;
    fn from_value(value: &Value) -> Self {
        match value {
            Value::Padding(p) => PaddingWords(*p),
            _ => PaddingWords(PaddingValue::default()),
        }
    }
    fn to_value(&self) -> Value {
        Value::Padding(self.0)
    }
}

impl PaddingWords {
    /// The word, if it is one.
    pub fn word(self) -> Option<&'static str> {
        match self.0 {
            PaddingValue::Word(i) => PADDING_WORDS.get(i).copied(),
            PaddingValue::Sides(_) => None,
        }
    }

    fn padding(self) -> ops::Padding {
        match (self.0, self.word()) {
            (_, Some("same")) => ops::Padding::Same,
            (_, Some("same_tf")) => ops::Padding::SameTf,
            (_, Some("full")) => ops::Padding::Full,
            (PaddingValue::Sides([top, bottom, left, right]), _) => {
                ops::Padding::Explicit(Pads { top, bottom, left, right })
            }
            _ => ops::Padding::Valid,
        }
    }
}

impl Params {
    /// The operator these parameters describe.
    pub fn conv(&self) -> Result<Conv2d, Refusal> {
        let pads = self.padding.padding().resolve(self.size, self.kernel_size, self.stride, self.dilation)?;
        Ok(Conv2d {
            stride: self.stride,
            pads,
            mode: self.mode(),
            dilation: self.dilation,
            groups: 1,
            flip: self.flip,
        })
    }

    /// The padding mode of the core.
    pub fn mode(&self) -> PaddingMode {
        match self.padding_mode {
            Mode::Zeros => PaddingMode::Constant(0.0),
            Mode::Constant => PaddingMode::Constant(self.padding_value),
            Mode::Reflect => PaddingMode::Reflect,
            Mode::Replicate => PaddingMode::Replicate,
            Mode::Circular => PaddingMode::Circular,
        }
    }

    /// The activation of the core.
    pub fn activation(&self) -> ops::Activation {
        match self.activation {
            Activation::None => ops::Activation::None,
            Activation::Relu => ops::Activation::Relu,
            Activation::LeakyRelu => ops::Activation::LeakyRelu,
            Activation::Gelu => ops::Activation::Gelu,
            Activation::Silu => ops::Activation::Silu,
            Activation::Sigmoid => ops::Activation::Sigmoid,
            Activation::Tanh => ops::Activation::Tanh,
        }
    }

    /// Whether the figures show numbers in cells; otherwise pictures.
    pub fn is_grid(&self) -> bool {
        self.conv().is_ok_and(|conv| {
            let (h, w) = self.size;
            let tall = h + conv.pads.top + conv.pads.bottom;
            let wide = w + conv.pads.left + conv.pads.right;
            tall.max(wide) <= 24
        })
    }
}

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A link names a picture that never left another machine.
    NoOwnInput,
    /// A kernel preset that needs more cells.
    KernelTooSmall {
        /// Rows and columns it needs.
        needs: (usize, usize),
    },
    /// A tensor of another shape than this lab takes.
    LoadShape {
        /// Which.
        name: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// Longest side.
        max: usize,
    },
    /// A tensor with a number that is not finite.
    LoadNotFinite,
    /// A tensor with a number so large that sums of products would not be finite.
    LoadTooLarge,
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unfit::NoOwnInput => lang
                .pick(
                    "There is no picture of yours here yet, and a link never carries one: drop one in, or choose an input from the list.",
                    "这里还没有你自己的图片，链接也不会带来图片：请拖入一张，或从列表中选择输入。",
                )
                .into(),
            Unfit::KernelTooSmall { needs } => fill(
                lang.pick(
                    "This kernel takes a difference, so it needs at least {h}×{w} cells: raise kernel_size.",
                    "这个核要取差值，至少需要 {h}×{w} 格：请增大 kernel_size。",
                ),
                &[("h", needs.0.to_string()), ("w", needs.1.to_string())],
            ),
            Unfit::LoadShape { name, shape, max } => fill(
                lang.pick(
                    "{name} has shape {shape}; this lab takes one channel: [h, w] or [1, 1, h, w] with sides from 1 to {max}.",
                    "{name} 的形状是 {shape}；本实验只接受一个通道：[h, w] 或 [1, 1, h, w]，边长 1 到 {max}。",
                ),
                &[("name", (*name).into()), ("shape", format!("{shape:?}")), ("max", max.to_string())],
            ),
            Unfit::LoadNotFinite => lang
                .pick(
                    "The tensor holds NaN or infinity, which can't be drawn: replace those numbers first.",
                    "张量中有 NaN 或无穷大，无法画出：请先替换这些数。",
                )
                .into(),
            Unfit::LoadTooLarge => fill(
                lang.pick(
                    "The tensor holds a number beyond ±{most}: divide it by a constant first.",
                    "张量中有超出 ±{most} 的数：请先除以一个常数。",
                ),
                &[("most", number(f64::from(LARGEST), 0))],
            ),
        }
    }
}

/// Whether these parameters can be computed.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    if params.input == Input::Own && !data.contains_key("input") {
        return Err(Refusal::lab(Unfit::NoOwnInput));
    }
    let needs = params.kernel.needs();
    if params.kernel_size.0 < needs.0 || params.kernel_size.1 < needs.1 {
        return Err(Refusal::lab(Unfit::KernelTooSmall { needs }));
    }
    params.conv()?.output_size(params.size, params.kernel_size)?;
    Ok(())
}

/// After one change, the values that follow from it.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    if after.weight != before.weight {
        after.kernel_size = after.weight.shape();
        if after.kernel.weight(after.kernel_size).as_ref() != Some(&after.weight) {
            after.kernel = Kernel::Own;
        }
    } else if after.kernel != before.kernel || after.kernel_size != before.kernel_size {
        // A larger or smaller own kernel keeps its centre; a preset is drawn anew.
        after.weight = after
            .kernel
            .weight(after.kernel_size)
            .unwrap_or_else(|| after.weight.resized(after.kernel_size.0, after.kernel_size.1));
    }
    if after.input != before.input {
        let large = before.size.0.max(before.size.1) > 32;
        match after.input {
            Input::Own => {
                if let Some(own) = data.get("input") {
                    after.size = extent(own);
                }
            }
            Input::Published => after.size = (5, 5),
            other if other.is_picture() && !large => after.size = (256, 256),
            other if other.is_small() && large => after.size = (8, 8),
            _ => {}
        }
    }
}
