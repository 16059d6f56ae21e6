//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(&["Input", "Channels", "Window", "Look at"], &["输入", "通道", "窗口", "查看"])
}

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

#[rustfmt::skip]
static EN: Labels = Labels {
    input: label("Picture", "What comes in, channel by channel: the balloon, or a photo of yours as red, green and blue. An array of your own comes by the page's load.", ["Red, green, blue", "Digits", "Noise", "My photo", "My own"]),
    size: label("Size", "Height and width of every channel.", []),
    in_channels: label("Channels in", "Divided by groups, how deep each kernel is.", []),
    out_channels: label("Channels out", "How many kernels there are.", []),
    groups: label("Groups", "From 1, where every output reads every input, to depthwise. It must divide both channel counts.", []),
    bias: label("Bias", "One more number an output channel.", []),
    kernel_size: label("Kernel", "Height and width of a slice.", []),
    stride: label("Stride", "Cells from one window to the next.", []),
    padding: label("Padding", "Zeros around every channel.", ["Valid", "Same"]),
    weights: label("Weights", "Where the kernels come from.", ["Edges and colours", "As drawn before training", "Grey", "One channel each", "False colour", "My own"]),
    output: label("Output channel", "The one drawn at the top, counted from 0.", []),
    panel: label("Show", "What the second figure shows.", ["Bank", "Groups", "1 × 1 mixing", "Parameters"]),
};

#[rustfmt::skip]
static ZH: Labels = Labels {
    input: label("图像", "逐个通道的输入：热气球，或你自己的照片（红、绿、蓝三个通道）。自己的数组由页面的 load 载入。", ["红绿蓝", "数字", "噪声", "我的照片", "我的数组"]),
    size: label("尺寸", "每个通道的高和宽。", []),
    in_channels: label("输入通道数", "除以组数就是每个核的深度。", []),
    out_channels: label("输出通道数", "有多少个核。", []),
    groups: label("组数", "从 1（每个输出读所有输入）到逐通道卷积。必须同时整除两个通道数。", []),
    bias: label("偏置", "每个输出通道多一个数。", []),
    kernel_size: label("卷积核大小", "每片的高和宽。", []),
    stride: label("步幅", "相邻窗口的间隔。", []),
    padding: label("填充", "每个通道四周的零。", ["不填充", "保持尺寸"]),
    weights: label("权重", "核从哪里来。", ["边缘与颜色", "训练前的随机值", "灰度", "各取一个通道", "假彩色", "我的"]),
    output: label("看哪个输出", "上图画的输出通道，从 0 数起。", []),
    panel: label("显示", "下方的图显示什么。", ["卷积核组", "分组", "1 × 1 混合", "参数"]),
};
