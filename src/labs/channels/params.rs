//! What the learner can set, and what follows from it.

use super::names::{MAX_IN, MAX_OUT};
use crate::core::ops::{self, Conv2d, PaddingMode, Pads};
use crate::stage::control::{Kind, Label, Typed};
use crate::stage::lab::{Data, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::{Lang, Sentence, fill, number};
use crate::stage::value::{LARGEST, PaddingValue, Value};
use crate::{choice, controls};

/// Longest side of an input.
pub const MAX_SIZE: usize = 80;
/// Longest side of a kernel.
pub const MAX_KERNEL: usize = 7;
const WORDS: &[&str] = &["valid", "same"];

/// Headings of the controls, in order.
pub enum Group {
    /// What comes in.
    Input,
    /// The layer's channels.
    Channels,
    /// The window.
    Window,
    /// What is drawn.
    Show,
}

choice! {
    /// What comes in.
    Input {
        /// A balloon over hills, as R, G, B and again a moment later.
        Rgb = "rgb",
        /// Whole numbers from 0 to 9, other ones in every channel.
        Digits = "digits",
        /// Noise.
        Noise = "noise",
        /// The learner's photo, as R, G and B.
        Photo = "photo",
        /// The learner's own.
        Own = "own",
    }
}

choice! {
    /// Where the weights come from.
    Weights {
        /// Detectors one can name.
        Edges = "edges",
        /// As PyTorch draws them before any training.
        Random = "random",
        /// Each output the mean of what it reads; three channels by how bright they look.
        Grey = "grey",
        /// Each output one input channel, unchanged.
        Identity = "identity",
        /// Channels mixed into others.
        FalseColour = "false_colour",
        /// The learner's own.
        Own = "own",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// Every kernel and its map.
        Bank = "bank",
        /// Who reads whom.
        Groups = "groups",
        /// Channels mixed at each pixel, and back.
        Mixing = "mixing",
        /// Counts of this layer and of others in its place.
        Parameters = "parameters",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// What comes in.
        input: Input = Kind::Choice(Input::KEYS), "rgb", Group::Input;
        /// Its height and width.
        size: (usize, usize) = Kind::Pair { min: 1, max: MAX_SIZE }, "48", Group::Input;
        /// Channels that come in.
        in_channels: i64 = Kind::Whole { min: 1, max: MAX_IN as i64 }, "3", Group::Channels;
        /// Channels that go out.
        out_channels: i64 = Kind::Whole { min: 1, max: MAX_OUT as i64 }, "4", Group::Channels;
        /// Independent parts.
        groups: i64 = Kind::Whole { min: 1, max: MAX_IN as i64 }, "1", Group::Channels;
        /// One more number an output channel.
        bias: bool = Kind::Flag, "1", Group::Channels;
        /// Height and width of a slice.
        kernel_size: (usize, usize) = Kind::Pair { min: 1, max: MAX_KERNEL }, "3", Group::Window;
        /// Steps of the window.
        stride: (usize, usize) = Kind::Pair { min: 1, max: 4 }, "1", Group::Window;
        /// Zeros around every channel.
        padding: Padding = Kind::Padding { max: 6, words: WORDS }, "1", Group::Window;
        /// Where the weights come from.
        weights: Weights = Kind::Choice(Weights::KEYS), "edges", Group::Show;
        /// The output channel looked at.
        output: i64 = Kind::Whole { min: 0, max: MAX_OUT as i64 - 1 }, "3", Group::Show;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "bank", Group::Show;
    }
}

/// Padding of this lab: four sides, or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding(pub PaddingValue);

impl Typed for Padding {
    type Label = Label<2>;
    fn from_value(value: &Value) -> Self {
        match value {
            Value::Padding(p) => Padding(*p),
            _ => Padding(PaddingValue::default()),
        }
    }
    fn to_value(&self) -> Value {
        Value::Padding(self.0)
    }
}

/// A control's whole number as a count.
fn count(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

impl Params {
    /// Input channels.
    pub fn c_in(&self) -> usize {
        count(self.in_channels)
    }
    /// Output channels.
    pub fn c_out(&self) -> usize {
        count(self.out_channels)
    }
    /// Groups, at least one.
    pub fn g(&self) -> usize {
        count(self.groups).max(1)
    }
    /// Input channels that one output reads.
    pub fn per(&self) -> usize {
        self.c_in() / self.g()
    }
    /// The output channel looked at.
    pub fn shown(&self) -> usize {
        count(self.output)
    }
    /// The first input channel that an output reads.
    pub fn first_read(&self, output: usize) -> usize {
        output / (self.c_out() / self.g()).max(1) * self.per()
    }
    /// The shape `[c_out, c_in / groups, kh, kw]` of the weight.
    pub fn weight_shape(&self) -> (usize, usize, usize, usize) {
        (self.c_out(), self.per(), self.kernel_size.0, self.kernel_size.1)
    }

    /// Whether the input is drawn as cells with numbers rather than as a picture.
    pub fn is_grid(&self) -> bool {
        self.size.0.max(self.size.1) <= 10
    }
    /// The operator these parameters describe.
    pub fn conv(&self) -> Result<Conv2d, Refusal> {
        let padding = match self.padding.0 {
            PaddingValue::Word(1) => ops::Padding::Same,
            PaddingValue::Word(_) => ops::Padding::Valid,
            PaddingValue::Sides([top, bottom, left, right]) => {
                ops::Padding::Explicit(Pads { top, bottom, left, right })
            }
        };
        let pads = padding.resolve(self.size, self.kernel_size, self.stride, (1, 1))?;
        let mode = PaddingMode::Constant(0.0);
        Ok(Conv2d { stride: self.stride, pads, mode, dilation: (1, 1), groups: self.g(), flip: false })
    }
}

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A link names data that never left another machine.
    NoOwn,
    /// Own weights of another shape than the layer's.
    OwnShape {
        /// Their shape.
        is: Vec<usize>,
        /// The layer's.
        needs: Vec<usize>,
    },
    /// Channels that don't split into these groups.
    Split {
        /// `in_channels` or `out_channels`.
        name: &'static str,
        /// How many there are.
        channels: usize,
        /// The groups.
        groups: usize,
        /// The groups that would do.
        works: Vec<usize>,
    },
    /// An output channel that isn't there.
    NoOutput {
        /// How many there are.
        channels: usize,
    },
    /// A tensor of another shape than this lab takes.
    LoadShape(&'static str, Vec<usize>),
    /// An own bias without own weights, or of another length.
    LoadBias,
    /// A tensor with a number that is not finite, or too large for sums of products.
    LoadNumber,
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unfit::NoOwn => lang
                .pick(
                    "There is no data of yours here yet, and a link never carries any: load it, or choose from the list.",
                    "这里还没有你自己的数据，链接也不会带来数据：请先载入，或从列表中选择。",
                )
                .into(),
            Unfit::OwnShape { is, needs } => fill(
                lang.pick(
                    "Your weights have shape {is}, and this layer takes {needs}: choose other weights first.",
                    "你的权重形状是 {is}，而这一层需要 {needs}：请先换一种权重。",
                ),
                &[("is", format!("{is:?}")), ("needs", format!("{needs:?}"))],
            ),
            Unfit::Split { name, channels, groups, works } => fill(
                lang.pick(
                    "{groups} groups can't be: {name} = {channels} does not split into {groups} equal parts, {channels} % {groups} = {rest}. PyTorch refuses it too. With these channels, groups can be {works}.",
                    "不能分成 {groups} 组：{name} = {channels} 无法平分为 {groups} 份，{channels} % {groups} = {rest}。PyTorch 同样会拒绝。按现在的通道数，groups 可以是 {works}。",
                ),
                &[
                    ("groups", groups.to_string()),
                    ("name", (*name).into()),
                    ("channels", channels.to_string()),
                    ("rest", (channels % groups.max(&1)).to_string()),
                    ("works", listed(works)),
                ],
            ),
            Unfit::NoOutput { channels } => fill(
                lang.pick(
                    "There are {n} output channels, counted from 0: choose a smaller number or raise out_channels.",
                    "共有 {n} 个输出通道，从 0 数起：请选小一点的编号，或增大 out_channels。",
                ),
                &[("n", channels.to_string())],
            ),
            Unfit::LoadShape(name, shape) => fill(
                lang.pick(
                    "{name} has shape {shape}; this lab takes input as [h, w] or [1, c, h, w] with c up to {c} and sides up to {side}, a photo as [1, 3, h, w] from 0 to 1 with sides up to 512, and weight as [c_out, c_in / groups, kh, kw] with c_out up to {o} and sides up to {k}.",
                    "{name} 的形状是 {shape}；本实验的 input 取 [h, w] 或 [1, c, h, w]，c 至多 {c}，边长至多 {side}；photo 取 [1, 3, h, w]，数值 0 到 1，边长至多 512；weight 取 [c_out, c_in / groups, kh, kw]，c_out 至多 {o}，边长至多 {k}。",
                ),
                &[
                    ("name", (*name).into()),
                    ("shape", format!("{shape:?}")),
                    ("c", MAX_IN.to_string()),
                    ("side", MAX_SIZE.to_string()),
                    ("o", MAX_OUT.to_string()),
                    ("k", MAX_KERNEL.to_string()),
                ],
            ),
            Unfit::LoadBias => super::text::Text::of(lang).load_bias.into(),
            Unfit::LoadNumber => fill(
                lang.pick(
                    "The tensor holds NaN, infinity, or a number beyond ±{most}: replace those numbers first.",
                    "张量中有 NaN、无穷大或超出 ±{most} 的数：请先替换这些数。",
                ),
                &[("most", number(f64::from(LARGEST), 0))],
            ),
        }
    }
}

/// `1, 2, 3`.
pub fn listed(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// The group counts that split both channel counts evenly.
pub fn splits(c_in: usize, c_out: usize) -> Vec<usize> {
    (1..=c_in).filter(|g| c_in.is_multiple_of(*g) && c_out.is_multiple_of(*g)).collect()
}

/// Whether these parameters can be computed.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    let missing = |name: &str| !data.contains_key(name);
    if params.input == Input::Own && missing("input") || params.input == Input::Photo && missing(PHOTO) {
        return Err(Refusal::lab(Unfit::NoOwn));
    }
    for (name, channels) in [("in_channels", params.c_in()), ("out_channels", params.c_out())] {
        if !channels.is_multiple_of(params.g()) {
            let works = splits(params.c_in(), params.c_out());
            return Err(Refusal::lab(Unfit::Split { name, channels, groups: params.g(), works }));
        }
    }
    if params.shown() >= params.c_out() {
        return Err(Refusal::lab(Unfit::NoOutput { channels: params.c_out() }));
    }
    if params.weights == Weights::Own {
        let own = data.get("weight").ok_or_else(|| Refusal::lab(Unfit::NoOwn))?;
        let (o, i, h, w) = params.weight_shape();
        if own.shape() != [o, i, h, w] {
            let (is, needs) = (own.shape().to_vec(), vec![o, i, h, w]);
            return Err(Refusal::lab(Unfit::OwnShape { is, needs }));
        }
    }
    params.conv()?.output_size(params.size, params.kernel_size)?;
    Ok(())
}

/// The data that a photo is kept as: beside `input`, which other labs read as one grey channel.
pub const PHOTO: &str = "photo";

/// The size in the lab of a photo: its proportions, within [`MAX_SIZE`].
pub fn photo_size(photo: &Shared) -> (usize, usize) {
    let (h, w) = extent(photo);
    let shrink = (MAX_SIZE as f64 / h.max(w).max(1) as f64).min(1.0);
    let side = |n: usize| ((n as f64 * shrink).round() as usize).clamp(1, MAX_SIZE);
    (side(h), side(w))
}

/// After one change, the values that follow from it: channels and groups move on to the next number that divides,
/// in the direction in which they were moved. Where there is none they stay, and `check` says why not.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    if let (Input::Photo, true, Some(photo)) = (after.input, before.input != Input::Photo, data.get(PHOTO)) {
        after.size = photo_size(photo);
    }
    let fits = |p: &Params| p.c_in().is_multiple_of(p.g()) && p.c_out().is_multiple_of(p.g());
    let walk = |after: &mut Params, field: fn(&mut Params) -> &mut i64, from: i64, most: i64| {
        let to = *field(after);
        let step = if to < from { -1 } else { 1 };
        let mut trial = after.clone();
        // On in that direction, then back, short of where it came from.
        let onwards = (0..most).map(|n| to + n * step).take_while(|at| (1..=most).contains(at));
        let back = (1..most).map(|n| to - n * step).take_while(|at| (at - from) * step > 0);
        for at in onwards.chain(back) {
            *field(&mut trial) = at;
            if fits(&trial) {
                *field(after) = at;
                return;
            }
        }
    };
    if after.in_channels != before.in_channels {
        walk(after, |p| &mut p.in_channels, before.in_channels, MAX_IN as i64);
    } else if after.out_channels != before.out_channels {
        walk(after, |p| &mut p.out_channels, before.out_channels, MAX_OUT as i64);
    } else if after.groups != before.groups {
        walk(after, |p| &mut p.groups, before.groups, MAX_IN as i64);
    }
    // PyTorch has no `same` with a stride.
    if after.padding != before.padding && after.padding.0 == PaddingValue::Word(1) {
        after.stride = (1, 1);
    }
    if after.out_channels != before.out_channels {
        after.output = after.output.clamp(0, (after.out_channels - 1).max(0));
    }
}
