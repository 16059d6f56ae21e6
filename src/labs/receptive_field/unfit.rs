//! What does not fit, as sentences.

use super::params::MAX_SIZE;
use super::stack;
use crate::stage::refusal::Refusal;
use crate::stage::text::{Lang, Sentence, count, fill, number};
use crate::stage::value::LARGEST;

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug)]
pub enum Unfit {
    /// An empty stack.
    NoLayers,
    /// More layers than can be shown.
    TooManyLayers {
        /// How many.
        layers: usize,
    },
    /// A layer that doesn't fit its map.
    Layer {
        /// Which, from 1.
        layer: usize,
        /// As written.
        word: String,
        /// The map it would read.
        map: (usize, usize),
        /// Why not.
        reason: Refusal,
    },
    /// A field that is too wide.
    FieldTooWide {
        /// Of which layer, from 1.
        layer: usize,
        /// The widest.
        most: f64,
    },
    /// A text that is no span.
    Skip {
        /// The text.
        text: String,
    },
    /// A span that goes beyond the stack.
    SkipOutside {
        /// The span, from 1.
        span: (usize, usize),
        /// How many layers there are.
        layers: usize,
    },
    /// Two spans that share a layer.
    SkipsMeet {
        /// The layer, from 1.
        layer: usize,
    },
    /// A span whose two ways end in different sizes.
    SkipSize {
        /// The span, from 1.
        span: (usize, usize),
        /// Size of the branch.
        branch: (usize, usize),
        /// Size of the shortcut.
        shortcut: (usize, usize),
    },
    /// A text that is no unit.
    Unit {
        /// The text.
        text: String,
    },
    /// A unit outside of the map.
    UnitOutside {
        /// Its row and column.
        unit: (usize, usize),
        /// Height and width of the map.
        map: (usize, usize),
    },
    /// A layer that the stack doesn't have.
    NoSuchLayer {
        /// Which.
        layer: i64,
        /// How many there are.
        layers: usize,
    },
    /// Too much to compute.
    TooMuch {
        /// Multiply-adds of one pass.
        macs: f64,
    },
    /// A link names a picture that never left another machine.
    NoOwnInput,
    /// A tensor of another shape than this lab takes.
    LoadShape {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor with a number that can't be drawn.
    LoadNumber,
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        let n = |v: usize| v.to_string();
        let sized = |(h, w): (usize, usize)| format!("{h} × {w}");
        match self {
            Unfit::NoLayers => lang.pick("The stack has no layers: add one, such as c3.", "还没有任何层：请加一层，例如 c3。").into(),
            Unfit::TooManyLayers { layers } => fill(
                lang.pick("{layers} layers are more than this lab draws: use {most} or fewer.", "{layers} 层太多，本实验最多画 {most} 层。"),
                &[("layers", n(*layers)), ("most", n(stack::MOST_LAYERS))],
            ),
            Unfit::Layer { layer, word, map, reason } => fill(
                lang.pick("Layer {layer} ({word}) on a map of {map}: {reason}", "第 {layer} 层（{word}）读的特征图为 {map}：{reason}"),
                &[("layer", n(*layer)), ("word", word.clone()), ("map", sized(*map)), ("reason", reason.say(lang))],
            ),
            Unfit::FieldTooWide { layer, most } => fill(
                lang.pick(
                    "From layer {layer} on the field is wider than {most} pixels: use smaller strides, kernels or dilations.",
                    "从第 {layer} 层起，感受野超过 {most} 像素：请减小步幅、卷积核或膨胀率。",
                ),
                &[("layer", n(*layer)), ("most", number(*most, 0))],
            ),
            Unfit::Skip { text } => fill(
                lang.pick(
                    "“{text}” is no span of layers: write first and last layer, such as 1-3, and commas between spans.",
                    "“{text}”不是层的区间：请写首层和末层，例如 1-3，区间之间用逗号。",
                ),
                &[("text", text.clone())],
            ),
            Unfit::SkipOutside { span, layers } => fill(
                lang.pick(
                    "The skip {first}-{last} goes beyond the {layers} layers of the stack: end it earlier.",
                    "跳跃连接 {first}-{last} 超出了现有的 {layers} 层：请让它早些结束。",
                ),
                &[("first", n(span.0)), ("last", n(span.1)), ("layers", n(*layers))],
            ),
            Unfit::SkipsMeet { layer } => fill(
                lang.pick(
                    "Two skips share layer {layer}: let one end before the next begins.",
                    "两个跳跃连接都包含第 {layer} 层：请让前一个在后一个开始之前结束。",
                ),
                &[("layer", n(*layer))],
            ),
            Unfit::SkipSize { span, branch, shortcut } => fill(
                lang.pick(
                    "The skip {first}-{last} adds maps of different sizes, {branch} and {shortcut}: give the layers in it padding that keeps the size.",
                    "跳跃连接 {first}-{last} 要相加的两个图大小不同：{branch} 与 {shortcut}。请让其中各层的填充保持尺寸。",
                ),
                &[
                    ("first", n(span.0)),
                    ("last", n(span.1)),
                    ("branch", sized(*branch)),
                    ("shortcut", sized(*shortcut)),
                ],
            ),
            Unfit::Unit { text } => fill(
                lang.pick(
                    "“{text}” is no unit: write its row and column, such as 24,24, or leave it empty for the middle.",
                    "“{text}”不是单元：请写行与列，例如 24,24；留空表示正中。",
                ),
                &[("text", text.clone())],
            ),
            Unfit::UnitOutside { unit, map } => fill(
                lang.pick(
                    "The unit {row},{column} lies outside its map of {map}: rows go to {last_row}, columns to {last_column}.",
                    "单元 {row},{column} 在 {map} 的特征图之外：行最大为 {last_row}，列最大为 {last_column}。",
                ),
                &[
                    ("row", n(unit.0)),
                    ("column", n(unit.1)),
                    ("map", sized(*map)),
                    ("last_row", n(map.0.saturating_sub(1))),
                    ("last_column", n(map.1.saturating_sub(1))),
                ],
            ),
            Unfit::NoSuchLayer { layer, layers } => fill(
                lang.pick(
                    "There is no layer {layer}: the stack has {layers}. 0 stands for the last.",
                    "没有第 {layer} 层：一共只有 {layers} 层。0 表示最后一层。",
                ),
                &[("layer", layer.to_string()), ("layers", n(*layers))],
            ),
            Unfit::TooMuch { macs } => fill(
                lang.pick(
                    "One pass through this stack takes {macs} multiply-adds and more memory than a page should: use fewer channels or a smaller input.",
                    "这些层走一遍要 {macs} 次乘加，占用的内存也超出网页应有的限度：请减少通道数或缩小输入。",
                ),
                &[("macs", count(*macs))],
            ),
            Unfit::NoOwnInput => lang
                .pick(
                    "There is no picture of yours here yet, and a link never carries one: drop one in, or choose another input.",
                    "这里还没有你自己的图片，链接也不会带来图片：请拖入一张，或换一种输入。",
                )
                .into(),
            Unfit::LoadShape { shape } => fill(
                lang.pick(
                    "The tensor has shape {shape}; this lab takes one channel: [h, w] or [1, 1, h, w] with sides from 1 to {max}.",
                    "张量的形状是 {shape}；本实验只接受一个通道：[h, w] 或 [1, 1, h, w]，边长 1 到 {max}。",
                ),
                &[("shape", format!("{shape:?}")), ("max", n(MAX_SIZE))],
            ),
            Unfit::LoadNumber => fill(
                lang.pick(
                    "The tensor holds a number that is not finite or beyond ±{most}: replace it first.",
                    "张量中有非有限的数，或超出 ±{most} 的数：请先替换。",
                ),
                &[("most", number(f64::from(LARGEST), 0))],
            ),
        }
    }
}
