//! Why something can't be shown, as a typed sentence in both languages that says what to change.

use super::text::{Lang, Sentence, fill, number};
use super::value::ValueError;
use crate::core::tensor::{Axis, Error};
use std::fmt;
use std::sync::Arc;

/// A refusal: nothing was changed, and the sentence says what to do.
#[derive(Clone)]
pub enum Refusal {
    /// Shapes that don't go together.
    Shape(Error),
    /// A text that is no value of the control with this key.
    Value(String, ValueError),
    /// A link or call names a control this lab doesn't have.
    UnknownKey(String),
    /// A link or call names a lab that doesn't exist.
    UnknownLab(String),
    /// A call names a tensor this lab doesn't have, or can't replace.
    UnknownTensor(String, Vec<&'static str>),
    /// A reason of one lab.
    Lab(Arc<dyn Sentence + Send + Sync>),
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Shape(error)
    }
}

impl Refusal {
    /// A reason of one lab.
    pub fn lab(reason: impl Sentence + Send + Sync + 'static) -> Refusal {
        Refusal::Lab(Arc::new(reason))
    }
}

impl Sentence for Refusal {
    fn say(&self, lang: Lang) -> String {
        match self {
            Refusal::Shape(error) => error.say(lang),
            Refusal::Value(key, error) => format!("{key}{}{}", lang.pick(": ", "："), error.say(lang)),
            Refusal::UnknownKey(key) => fill(
                lang.pick(
                    "This lab has no control “{key}”; it was left out.",
                    "本实验没有名为“{key}”的控件，已忽略。",
                ),
                &[("key", super::value::shorten(key))],
            ),
            Refusal::UnknownLab(slug) => fill(
                lang.pick(
                    "There is no lab “{slug}”. Choose one from the menu.",
                    "没有名为“{slug}”的实验，请从菜单中选择。",
                ),
                &[("slug", super::value::shorten(slug))],
            ),
            Refusal::UnknownTensor(name, known) => fill(
                lang.pick(
                    "There is no tensor “{name}” here. Use one of: {known}.",
                    "这里没有张量“{name}”。可用的有：{known}。",
                ),
                &[("name", super::value::shorten(name)), ("known", known.join(", "))],
            ),
            Refusal::Lab(reason) => reason.say(lang),
        }
    }
}

impl Sentence for ValueError {
    fn say(&self, lang: Lang) -> String {
        let n = |v: f64| number(v, 4);
        match self {
            ValueError::Empty => lang.pick("type a number.", "请输入一个数。").into(),
            ValueError::NotANumber(text) => fill(
                lang.pick("“{text}” is not a number; use digits, such as 3 or −0.5.", "“{text}”不是数，请用数字，例如 3 或 −0.5。"),
                &[("text", text.clone())],
            ),
            ValueError::NotFinite => lang
                .pick("the number must be finite: NaN and infinity can't be drawn.", "必须是有限的数：无法画出 NaN 或无穷大。")
                .into(),
            ValueError::NotWhole(text) => fill(
                lang.pick("“{text}” is not a whole number; use 1, 2, 3, …", "“{text}”不是整数，请用 1、2、3……"),
                &[("text", text.clone())],
            ),
            ValueError::OutOfRange { value, min, max } => fill(
                lang.pick("{value} is outside {min} to {max}.", "{value} 不在 {min} 到 {max} 之间。"),
                &[("value", n(*value)), ("min", n(*min)), ("max", n(*max))],
            ),
            ValueError::Count { found, expected } => fill(
                lang.pick("{found} numbers came; write one of these many: {expected}.", "给出了 {found} 个数；个数应为 {expected} 之一。"),
                &[("found", found.to_string()), ("expected", (*expected).into())],
            ),
            ValueError::NotAFlag(text) => fill(
                lang.pick("“{text}” should be 1 (on) or 0 (off).", "“{text}”应为 1（开）或 0（关）。"),
                &[("text", text.clone())],
            ),
            ValueError::NotAnOption { found, options } => fill(
                lang.pick("“{found}” is not an option; use one of: {options}.", "没有选项“{found}”，可选：{options}。"),
                &[("found", found.clone()), ("options", options.join(", "))],
            ),
            ValueError::Ragged { row, found, expected } => fill(
                lang.pick(
                    "row {row} has {found} numbers, the first row has {expected}; make the rows equally long.",
                    "第 {row} 行有 {found} 个数，而第一行有 {expected} 个；请让各行等长。",
                ),
                &[("row", row.to_string()), ("found", found.to_string()), ("expected", expected.to_string())],
            ),
            ValueError::TooLong { found, max } => fill(
                lang.pick(
                    "the text has {found} characters; shorten it to {max} or fewer.",
                    "文字有 {found} 个字符，请缩短到 {max} 个以内。",
                ),
                &[("found", found.to_string()), ("max", max.to_string())],
            ),
            ValueError::TooLarge { found, max } => fill(
                lang.pick("a {r}×{c} matrix is too large; use at most {mr}×{mc}.", "{r}×{c} 的矩阵太大，最多 {mr}×{mc}。"),
                &[
                    ("r", found.0.to_string()),
                    ("c", found.1.to_string()),
                    ("mr", max.0.to_string()),
                    ("mc", max.1.to_string()),
                ],
            ),
        }
    }
}

impl Sentence for Error {
    fn say(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        let axis = |axis: &Axis| match axis {
            Axis::Height => "高度",
            Axis::Width => "宽度",
            Axis::Depth => "深度",
            Axis::Length => "长度",
        };
        match self {
            Error::KernelLargerThanInput { axis: a, kernel, kernel_size, dilation, input }
                if *dilation > 1 =>
            {
                format!(
                    "大小 {kernel_size}、膨胀率 {dilation} 的卷积核在{}方向跨 {kernel} 格，而填充后的输入只有 {input} 格：请减小卷积核或膨胀率，增大填充，或换更大的输入。",
                    axis(a)
                )
            }
            Error::KernelLargerThanInput { axis: a, kernel, input, .. } => format!(
                "卷积核在{}方向长 {kernel}，而填充后的输入只有 {input}：请减小卷积核，增大填充，或换更大的输入。",
                axis(a)
            ),
            Error::ReflectPadTooLarge { axis: a, padding, input } => format!(
                "反射填充必须小于输入：{}只有 {input}，不能填充 {padding}。最多填 {}，或改用其他填充方式。",
                axis(a),
                input.saturating_sub(1)
            ),
            Error::CircularPadTooLarge { axis: a, padding, input } => format!(
                "循环填充只能绕输入一圈：{padding} 超过了{} {input}。最多填 {input}，或改用其他填充方式。",
                axis(a)
            ),
            Error::EmptyInput { axis: a } => format!("输入的{}为 0：至少要有一行一列。", axis(a)),
            Error::SameNeedsStrideOne { stride: (h, w) } => {
                format!(
                    "padding='same' 要求步幅为 1，现在是 ({h}, {w})：请把 stride 设为 1，或用数字给出填充。"
                )
            }
            Error::Zero { name } => format!("{name} 为 0：至少设为 1。"),
            Error::ChannelsNotDivisible { name, channels, groups } => {
                format!("{name} 为 {channels}，不能平均分成 {groups} 组：请改变 {name} 或 groups，使其整除。")
            }
            Error::NotDivisible { name, value, by, divisor } => {
                format!("{name} 为 {value}，不是 {by}（{divisor}）的倍数：请改变其中之一，使其整除。")
            }
            Error::IndexOutOfRange { name, index, size } => {
                format!(
                    "{name} 中有下标 {index}，但总共只有 {size} 个：请用 0 到 {}。",
                    size.saturating_sub(1)
                )
            }
            Error::WrongRank { name, expected, got } => {
                format!("{name} 的形状是 {got:?}，它的各轴应为 {expected}：请给出相应数目的轴。")
            }
            Error::NotPositive { name, value } => format!("{name} 为 {value}：请设为大于 0 的数。"),
            Error::OutOfRange { name, value, min, max } => {
                format!("{name} 为 {value}：请设在 {min} 到 {max} 之间。")
            }
            Error::PoolPadTooLarge { axis: a, padding, kernel_size } => format!(
                "{}方向的填充（{padding}）超过了窗口（{kernel_size}）的一半：最多填 {}，或增大 kernel_size。",
                axis(a),
                kernel_size / 2
            ),
            Error::OutputPaddingTooLarge { axis: a, output_padding, limit } => format!(
                "{}方向的 output_padding 为 {output_padding}，必须小于 stride 与 dilation 中较大的一个（{limit}）：请减小它。",
                axis(a)
            ),
            Error::NothingLeft { axis: a, full, cut } => format!(
                "卷积核在{}方向共写出 {full} 格，填充却要裁去 {cut} 格，什么也不剩：请减小填充。",
                axis(a)
            ),
            Error::ShapeMismatch { name, expected, got } => {
                format!("{name} 的形状是 {got:?}，这里需要 {expected:?}：请改变它的形状。")
            }
            Error::TooLarge { limit, .. } => {
                format!("所需的张量太大，最多允许 {limit} 个数：请用更小的尺寸。")
            }
        }
    }
}
