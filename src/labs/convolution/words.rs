//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::Label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(
        &["Input", "Kernel", "Walk", "After", "Below the figure"],
        &["输入", "卷积核", "滑动", "输出之后", "下方的图"],
    )
}

/// Headings of the long lists, with how many options each has.
pub fn option_groups(key: &str, lang: Lang) -> &'static [(&'static str, usize)] {
    match key {
        "kernel" => lang.pick(
            &[
                ("Smooth", 3),
                ("Sharpen", 2),
                ("Edges", 2),
                ("Oriented edges", 5),
                ("Waves", 3),
                ("Move", 3),
                ("Other", 2),
            ],
            &[
                ("平滑", 3),
                ("锐化", 2),
                ("边缘", 2),
                ("有方向的边缘", 5),
                ("波", 3),
                ("移动", 3),
                ("其他", 2),
            ],
        ),
        "input" => lang.pick(
            &[("Numbers", 5), ("Numbers or picture", 3), ("Pictures", 3), ("My own", 1)],
            &[("数字", 5), ("数字或图像", 3), ("图像", 3), ("我的", 1)],
        ),
        _ => &[],
    }
}

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

static EN: Labels = Labels {
    input: Label {
        name: "Picture",
        hint: "What the window walks over. Small inputs show their numbers; large ones become a picture.",
        options: [
            "Blob",
            "Step",
            "Ramp",
            "Random digits",
            "Published example",
            "Impulse",
            "Checkerboard",
            "Noise",
            "Zone plate",
            "Text",
            "Shaded shapes",
            "My own",
        ],
    },
    size: Label { name: "Size", hint: "Height and width of the input in cells.", options: [] },
    kernel: Label {
        name: "Preset",
        hint: "A kernel to begin with. Type into its cells to make your own.",
        options: [
            "Box blur",
            "Gaussian blur",
            "Motion blur",
            "Sharpen",
            "Unsharp mask",
            "Laplacian",
            "Laplacian of Gaussian",
            "Sobel x",
            "Sobel y",
            "Prewitt x",
            "Diagonal edge",
            "Emboss",
            "Gabor 0°",
            "Gabor 45°",
            "Gabor 90°",
            "Identity",
            "Shift",
            "Impulse",
            "Random",
            "My own",
        ],
    },
    kernel_size: Label { name: "Kernel size", hint: "Height and width of the window.", options: [] },
    weight: Label {
        name: "Weights",
        hint: "The kernel's numbers. Arrow keys move, digits replace, and a matrix can be pasted.",
        options: [],
    },
    bias: Label { name: "Bias", hint: "One number added to every output.", options: [] },
    flip: Label {
        name: "Flip",
        hint: "On: true convolution, the kernel turned by 180°. Off: cross-correlation, what every framework calls convolution.",
        options: [],
    },
    stride: Label {
        name: "Stride",
        hint: "How far the window moves from one output to the next.",
        options: [],
    },
    padding: Label {
        name: "Padding",
        hint: "Cells added around the input before the walk: a number, or a rule that picks one.",
        options: ["valid", "same", "SAME (TensorFlow)", "full"],
    },
    padding_mode: Label {
        name: "Padding mode",
        hint: "What the added cells hold.",
        options: ["zeros", "constant", "reflect", "replicate", "circular"],
    },
    padding_value: Label {
        name: "Padding value",
        hint: "The number that constant padding holds.",
        options: [],
    },
    dilation: Label {
        name: "Dilation",
        hint: "Distance between the cells the kernel reads: 2 skips every other one.",
        options: [],
    },
    activation: Label {
        name: "Activation",
        hint: "A curve each output passes through. Without it the layer is linear.",
        options: ["none", "ReLU", "Leaky ReLU", "GELU", "SiLU", "Sigmoid", "tanh"],
    },
    panel: Label {
        name: "Second figure",
        hint: "What is drawn below the window.",
        options: ["Matrix", "Usage", "Border", "Padding modes", "Flip", "Linearity", "Profile"],
    },
};

static ZH: Labels = Labels {
    input: Label {
        name: "图像",
        hint: "窗口滑过的对象。小输入显示数字，大输入显示为图像。",
        options: [
            "圆斑",
            "阶跃",
            "斜坡",
            "随机数字",
            "论文插图示例",
            "脉冲",
            "棋盘格",
            "噪声",
            "波带片",
            "文字",
            "明暗形体",
            "我的图片",
        ],
    },
    size: Label { name: "尺寸", hint: "输入的高和宽，以格为单位。", options: [] },
    kernel: Label {
        name: "预设",
        hint: "从一个现成的卷积核开始；直接改格子里的数就成了自己的核。",
        options: [
            "均值模糊",
            "高斯模糊",
            "运动模糊",
            "锐化",
            "反锐化掩模",
            "拉普拉斯",
            "高斯-拉普拉斯",
            "Sobel x",
            "Sobel y",
            "Prewitt x",
            "对角边缘",
            "浮雕",
            "Gabor 0°",
            "Gabor 45°",
            "Gabor 90°",
            "恒等",
            "平移",
            "脉冲",
            "随机",
            "自定义",
        ],
    },
    kernel_size: Label { name: "卷积核大小", hint: "窗口的高和宽。", options: [] },
    weight: Label {
        name: "权重",
        hint: "卷积核中的数。方向键移动，直接键入替换，也可粘贴矩阵。",
        options: [],
    },
    bias: Label { name: "偏置", hint: "加到每个输出上的同一个数。", options: [] },
    flip: Label {
        name: "翻转",
        hint: "开：真正的卷积，核旋转 180°。关：互相关，也就是各框架所说的“卷积”。",
        options: [],
    },
    stride: Label {
        name: "步幅", hint: "从一个输出到下一个输出，窗口移动多远。", options: []
    },
    padding: Label {
        name: "填充",
        hint: "滑动之前在输入四周加的格子：给出数目，或选一条规则。",
        options: ["valid", "same", "SAME（TensorFlow）", "full"],
    },
    padding_mode: Label {
        name: "填充方式",
        hint: "填充的格子里放什么。",
        options: ["零", "常数", "反射", "复制边缘", "循环"],
    },
    padding_value: Label { name: "填充值", hint: "常数填充时格子里的数。", options: [] },
    dilation: Label {
        name: "膨胀率", hint: "卷积核所读格子之间的距离：2 表示隔一格读一格。", options: []
    },
    activation: Label {
        name: "激活函数",
        hint: "每个输出都要经过的曲线。没有它，这一层就是线性的。",
        options: ["无", "ReLU", "Leaky ReLU", "GELU", "SiLU", "Sigmoid", "tanh"],
    },
    panel: Label {
        name: "第二幅图",
        hint: "窗口下方画什么。",
        options: ["矩阵", "使用次数", "边界", "填充方式", "翻转", "线性", "剖面"],
    },
};
