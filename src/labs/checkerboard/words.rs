//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::Label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(
        &["Up-sampler", "Kernel", "Walk", "Input", "Below the figure"],
        &["上采样", "卷积核", "滑动", "输入", "下方的图"],
    )
}

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

static EN: Labels = Labels {
    upsampler: Label {
        name: "Up-sampler",
        hint: "What makes the picture larger.",
        options: ["Transposed", "Nearest", "Bilinear", "Bicubic", "Pixel shuffle", "Nearest + conv"],
    },
    direction: Label {
        name: "Direction",
        hint: "Forward: a small picture grows. Gradient: what comes back to the input of strided layers.",
        options: ["Forward", "Gradient"],
    },
    kernel_size: Label {
        name: "Kernel size",
        hint: "Taps along each axis: the side of a stamp.",
        options: [],
    },
    init: Label {
        name: "Taps",
        hint: "All alike; random around 1; a tent that interpolates; random but alike within each block (ICNR); or yours: type into the kernel.",
        options: ["Alike", "Random", "Bilinear", "ICNR", "My own"],
    },
    stride: Label {
        name: "Stride",
        hint: "Cells from one stamp to the next: the factor of growth.",
        options: [],
    },
    padding: Label {
        name: "Padding",
        hint: "Cells cut from each side of a transposed convolution: what the convolution that leads back would add.",
        options: [],
    },
    output_padding: Label {
        name: "Output padding",
        hint: "Rows and columns kept or added at the end. Must stay below the stride.",
        options: [],
    },
    depth: Label {
        name: "Depth",
        hint: "How many such layers follow each other, with the same taps.",
        options: [],
    },
    input: Label {
        name: "Input",
        hint: "Small inputs show their numbers, pictures become planes.",
        options: ["Soft hill", "Flat", "Random digits", "Impulse", "Shaded shapes", "Text", "My own"],
    },
    size: Label { name: "Size", hint: "Height and width of the input in cells.", options: [] },
    panel: Label {
        name: "Show",
        hint: "What the second figure shows.",
        options: ["Table", "Cures", "Spectrum", "Learn", "Matrix"],
    },
};

static ZH: Labels = Labels {
    upsampler: Label {
        name: "上采样方法",
        hint: "用什么把图放大。",
        options: ["转置卷积", "最近邻", "双线性", "双三次", "像素重排", "最近邻 + 卷积"],
    },
    direction: Label {
        name: "方向",
        hint: "前向：小图变大。梯度：带步幅的层传回输入的梯度。",
        options: ["前向", "梯度"],
    },
    kernel_size: Label {
        name: "卷积核大小", hint: "每个方向上的权重数，即印章的边长。", options: []
    },
    init: Label {
        name: "权重",
        hint: "全部相等；在 1 附近随机；可插值的三角形；随机但块内相等（ICNR）；或自己在卷积核里输入。",
        options: ["等值", "随机", "双线性", "ICNR", "我的"],
    },
    stride: Label {
        name: "步幅", hint: "相邻印章相隔的格数，也就是放大倍数。", options: []
    },
    padding: Label {
        name: "填充",
        hint: "转置卷积从每侧裁去的格数：正是反方向的卷积所要添加的。",
        options: [],
    },
    output_padding: Label {
        name: "输出填充", hint: "在末端保留或添加的行与列，必须小于步幅。", options: []
    },
    depth: Label { name: "层数", hint: "这样的层叠几层，权重相同。", options: [] },
    input: Label {
        name: "输入",
        hint: "小的输入显示数字，大的显示为图像。",
        options: ["小丘", "平坦", "随机数字", "脉冲", "明暗形体", "文字", "我的"],
    },
    size: Label { name: "尺寸", hint: "输入的高与宽（格）。", options: [] },
    panel: Label {
        name: "显示",
        hint: "下方的图显示什么。",
        options: ["表格", "对策", "频谱", "学习", "矩阵"],
    },
};
