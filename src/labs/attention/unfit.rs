//! Why parameters or loaded tensors can't be used, in sentences.

use super::params::{LARGEST_SCALE, MOST_TANH};
use crate::stage::text::{Lang, Sentence, fill, number};

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// The text holds no token.
    NoText,
    /// The second text holds no token.
    NoContext,
    /// A scale that is neither a word nor a number.
    Scale(String),
    /// Too many tanh.
    Additive(usize),
    /// Two softmaxes need two halves of a head.
    Halves,
    /// The difference of two softmaxes is not defined here for additive scores.
    SignedAdditive,
    /// A link names tensors that never left another machine.
    NoOwn,
    /// A loaded tensor that does not go with the controls.
    OwnShape {
        /// Which.
        name: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// The shape that would fit.
        needs: Vec<usize>,
    },
    /// A tensor of another shape than this lab takes.
    LoadShape {
        /// Which.
        name: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// The axes it should have.
        axes: &'static str,
    },
    /// A tensor with a number that is not finite.
    LoadNotFinite,
    /// A tensor with a number beyond what stays finite.
    LoadTooLarge(f32),
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unfit::NoText => lang
                .pick("There is no token yet: type a word or two.", "还没有词元：请输入一两个词。")
                .into(),
            Unfit::NoContext => lang
                .pick(
                    "Cross-attention reads a second text, and that one is empty: type a word into it, or switch cross off.",
                    "交叉注意力要读第二段文字，而它是空的：请输入文字，或关闭 cross。",
                )
                .into(),
            Unfit::Scale(text) => fill(
                lang.pick(
                    "“{text}” is no scale: write sqrt, none, or a number up to {most}, such as 0.5.",
                    "“{text}”不是缩放系数：请写 sqrt、none，或不超过 {most} 的数，例如 0.5。",
                ),
                &[("text", crate::stage::value::shorten(text)), ("most", number(LARGEST_SCALE, 0))],
            ),
            Unfit::Additive(n) => fill(
                lang.pick(
                    "Additive attention needs a tanh for every query, key, head and unit: {n} here, {most} at most. Shorten the text, or take fewer heads.",
                    "加性注意力要为每个查询、键、头和单元各算一次 tanh：这里是 {n} 次，最多 {most} 次。请缩短文字或减少头数。",
                ),
                &[("n", n.to_string()), ("most", MOST_TANH.to_string())],
            ),
            Unfit::Halves => lang
                .pick(
                    "The difference of two softmaxes splits each head in two, so d_k must be at least 2: raise d_model or take fewer heads.",
                    "两个 softmax 之差要把每个头分成两半，所以 d_k 至少为 2：请增大 d_model 或减少头数。",
                )
                .into(),
            Unfit::SignedAdditive => lang
                .pick(
                    "The difference of two softmaxes is made from dot products: choose the dot or the cosine score.",
                    "两个 softmax 之差由点积得来：请把注意力分数改为点积或余弦。",
                )
                .into(),
            Unfit::NoOwn => lang
                .pick(
                    "There are no tensors of yours here yet, and a link never carries any: load q, k and v, or go back to the text.",
                    "这里还没有你自己的张量，链接也不会带来张量：请先载入 q、k、v，或改回文字。",
                )
                .into(),
            Unfit::OwnShape { name, shape, needs } => fill(
                lang.pick(
                    "The loaded {name} has shape {shape}, but {needs} is needed now: set the sizes back, or load another one.",
                    "载入的 {name} 形状是 {shape}，而现在需要 {needs}：请把尺寸改回去，或另载入一个。",
                ),
                &[
                    ("name", (*name).into()),
                    ("shape", format!("{shape:?}")),
                    ("needs", format!("{needs:?}")),
                ],
            ),
            Unfit::LoadShape { name, shape, axes } => fill(
                lang.pick(
                    "{name} has shape {shape}; this lab takes {axes} with at most 16 heads, 128 tokens, and heads × width up to 256.",
                    "{name} 的形状是 {shape}；本实验接受 {axes}，最多 16 个头、128 个词元，头数 × 宽度不超过 256。",
                ),
                &[("name", (*name).into()), ("shape", format!("{shape:?}")), ("axes", (*axes).into())],
            ),
            Unfit::LoadNotFinite => lang
                .pick(
                    "The tensor holds NaN or infinity, which can't be drawn: replace those numbers first.",
                    "张量中有 NaN 或无穷大，无法画出：请先替换这些数。",
                )
                .into(),
            Unfit::LoadTooLarge(most) => fill(
                lang.pick(
                    "The tensor holds a number beyond ±{most}: divide it by a constant first.",
                    "张量中有超出 ±{most} 的数：请先除以一个常数。",
                ),
                &[("most", number(f64::from(*most), 0))],
            ),
        }
    }
}
