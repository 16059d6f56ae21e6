//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::Label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(
        &["Layer stack", "Input", "Weights", "Unit", "Shown as"],
        &["网络层", "输入", "权重", "单元", "显示方式"],
    )
}

/// Ready-made stacks.
pub fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
    lang.pick(&EN_BEGINNINGS, &ZH_BEGINNINGS)
}

const MIXED: &str = "layers=c3,c3,a2s2,c3,c3,c3,c3d2,c3,c3,c3";
const THREE: &str = "layers=c3,c3,c3&size=32&object=7&compare=layers:c7";
const VGG: &str = "layers=c3,c3,m2s2,c3,c3,m2s2,c3,c3,c3,m2s2&activation=relu&weights=he&channels=8&size=128";
const GRID: &str = "layers=c3d2,c3d2,c3d2&size=32&panel=coverage";
const DILATED: &str = "layers=c3,c3d2,c3d4&size=32&panel=coverage";
const STRIDED: &str = "layers=c3,c3s2,c3s2&size=32";
const LARGE: &str = "layers=w31&compare=layers:c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3";
const RESNET: &str = "network=resnet50&panel=network";
const SKIPS: &str = "layers=c3,c3,c3,c3,c3,c3,c3,c3,c3&skip=2-3,4-5,6-7,8-9&compare=skip:";

static EN_BEGINNINGS: [(&str, &str); 9] = [
    ("Mixed", MIXED),
    ("Three 3×3 or one 7×7", THREE),
    ("Like VGG", VGG),
    ("Dilated 2, 2, 2", GRID),
    ("Dilated 1, 2, 4", DILATED),
    ("Strided", STRIDED),
    ("31×31 or fifteen 3×3", LARGE),
    ("Skips", SKIPS),
    ("ResNet-50", RESNET),
];

static ZH_BEGINNINGS: [(&str, &str); 9] = [
    ("混合", MIXED),
    ("三个 3×3 还是一个 7×7", THREE),
    ("类似 VGG", VGG),
    ("膨胀 2、2、2", GRID),
    ("膨胀 1、2、4", DILATED),
    ("带步幅", STRIDED),
    ("31×31 还是十五个 3×3", LARGE),
    ("跳跃连接", SKIPS),
    ("ResNet-50 网络", RESNET),
];

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

const NETWORKS_EN: [&str; 22] = named("none");
const NETWORKS_ZH: [&str; 22] = named("无");

/// The options of the networks, the first of them in words.
const fn named(none: &'static str) -> [&'static str; 22] {
    [
        none,
        "AlexNet",
        "VGG-11",
        "VGG-13",
        "VGG-16",
        "VGG-19",
        "GoogLeNet",
        "ResNet-18",
        "ResNet-34",
        "ResNet-50",
        "ResNet-101",
        "ResNet-152",
        "ResNet-50 (TF-Slim)",
        "ResNet-101 (TF-Slim)",
        "ResNet-152 (TF-Slim)",
        "Inception v3",
        "SqueezeNet 1.0",
        "DenseNet-121",
        "MobileNet v1",
        "MobileNet v2",
        "EfficientNet-B0",
        "ConvNeXt-T",
    ]
}

static EN: Labels = Labels {
    layers: Label {
        name: "Layers",
        hint: "From the input to the unit: c convolution, w depthwise convolution, m max pooling, a average pooling; then kernel size, s stride, p padding, d dilation. A pair is written 3x5.",
        options: [],
    },
    skip: Label {
        name: "Skips",
        hint: "Spans of layers with a shortcut around them, such as 2-3,5-6. What they make and what they read are added.",
        options: [],
    },
    network: Label {
        name: "Network",
        hint: "A published network, layer by layer, by its real graph. One without branches also fills the layers above.",
        options: NETWORKS_EN,
    },
    input: Label {
        name: "Picture",
        hint: "What the layers look at. It matters as soon as there is an activation or a max pooling.",
        options: ["Ball", "Noise", "My own"],
    },
    size: Label { name: "Size", hint: "Height and width of the input in pixels.", options: [] },
    object: Label {
        name: "Object",
        hint: "Width of the ball, and of the object that a field should cover.",
        options: [],
    },
    weights: Label {
        name: "Weights",
        hint: "Uniform: all alike. Normal: drawn with variance 1 over the number of inputs. He: twice that, made for ReLU.",
        options: ["Uniform", "Normal", "He"],
    },
    channels: Label {
        name: "Channels",
        hint: "Channels that each convolution makes. With uniform weights they are all alike, so only the cost changes.",
        options: [],
    },
    activation: Label {
        name: "Activation",
        hint: "The curve after each convolution but the last.",
        options: ["none", "ReLU", "Leaky ReLU", "GELU", "tanh", "sigmoid"],
    },
    norm: Label {
        name: "Normalise",
        hint: "Batch normalisation after each convolution but the last, with the statistics of this input.",
        options: [],
    },
    dropout: Label {
        name: "Dropout",
        hint: "Share of the numbers dropped after each convolution but the last, as nn.Dropout does in train mode. What stays grows to make up for it.",
        options: [],
    },
    draws: Label {
        name: "Draws",
        hint: "Over how many draws of the weights the gradient is averaged.",
        options: [],
    },
    layer: Label {
        name: "Layer",
        hint: "Whose unit is asked, counted from 1. 0 is the last layer.",
        options: [],
    },
    unit: Label {
        name: "Unit",
        hint: "Row and column of the unit in its map, such as 24,24. Empty: the middle. Or click a pixel.",
        options: [],
    },
    measure: Label {
        name: "Measure",
        hint: "What of the gradient g is shown: its size, its square, or one draw with its sign.",
        options: ["|g|", "g²", "±g"],
    },
    scale: Label {
        name: "Scale",
        hint: "How a number becomes a colour. The picture changes a lot with it.",
        options: ["linear", "√", "log"],
    },
    panel: Label {
        name: "Second figure",
        hint: "What is drawn below the field.",
        options: ["Layers", "Growth", "Coverage", "Border", "Object", "Way back", "Network"],
    },
    sort: Label {
        name: "Sort by",
        hint: "In which order its layers are listed.",
        options: ["order", "field", "parameters", "multiply-adds"],
    },
    first_row: Label { name: "First row", hint: "The first line of the list that is shown.", options: [] },
};

static ZH: Labels = Labels {
    layers: Label {
        name: "各层",
        hint: "从输入到该单元：c 卷积，w 逐通道卷积，m 最大池化，a 平均池化；其后是卷积核大小，s 步幅，p 填充，d 膨胀率。高宽不同写作 3x5。",
        options: [],
    },
    skip: Label {
        name: "跳跃连接",
        hint: "绕过哪些层，例如 2-3,5-6：这些层的输出与它们的输入相加。",
        options: [],
    },
    network: Label {
        name: "网络",
        hint: "按真实结构逐层列出一个已发表的网络。没有分支的网络还会填入上面的各层。",
        options: NETWORKS_ZH,
    },
    input: Label {
        name: "图像",
        hint: "各层所看的图。有激活函数或最大池化时，它会影响结果。",
        options: ["球", "噪声", "我的图片"],
    },
    size: Label { name: "尺寸", hint: "输入的高和宽，以像素计。", options: [] },
    object: Label {
        name: "物体", hint: "球的宽度，也是感受野应当覆盖的物体的宽度。", options: []
    },
    weights: Label {
        name: "权重",
        hint: "均匀：全部相同。正态：方差为输入个数的倒数。He：方差再加倍，适合 ReLU。",
        options: ["均匀", "正态", "He"],
    },
    channels: Label {
        name: "通道数",
        hint: "每个卷积输出的通道数。权重均匀时各通道完全相同，只影响开销。",
        options: [],
    },
    activation: Label {
        name: "激活函数",
        hint: "除最后一个卷积外，每个卷积之后的曲线。",
        options: ["无", "ReLU", "Leaky ReLU", "GELU", "tanh", "sigmoid"],
    },
    norm: Label {
        name: "归一化",
        hint: "除最后一个卷积外，每个卷积之后做批归一化，统计量取自这幅输入。",
        options: [],
    },
    dropout: Label {
        name: "dropout",
        hint: "除最后一个卷积外，每个卷积之后丢弃的比例，同训练模式的 dropout；留下的数按比例放大。",
        options: [],
    },
    draws: Label { name: "抽样次数", hint: "对多少次随机抽取的权重求平均。", options: [] },
    layer: Label {
        name: "层", hint: "看哪一层的单元，从 1 数起；0 表示最后一层。", options: []
    },
    unit: Label {
        name: "单元",
        hint: "单元在图中的行与列，例如 24,24。留空为正中；也可点击像素。",
        options: [],
    },
    measure: Label {
        name: "度量",
        hint: "显示梯度 g 的什么：大小、平方，或带符号的一次抽样。",
        options: ["|g|", "g²", "±g"],
    },
    scale: Label {
        name: "刻度", hint: "数如何变成颜色。图像会随之大变。", options: ["线性", "√", "对数"]
    },
    panel: Label {
        name: "第二幅图",
        hint: "感受野下方画什么。",
        options: ["逐层", "增长", "覆盖", "边界", "物体", "反过来", "网络"],
    },
    sort: Label {
        name: "排序",
        hint: "各层按什么顺序列出。",
        options: ["顺序", "感受野", "参数", "乘加次数"],
    },
    first_row: Label { name: "首行", hint: "列表从第几行开始显示。", options: [] },
};
