//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(&["Input", "Pool", "Walk", "Below the figure"], &["输入", "池化", "滑动", "下方的图"])
}

/// Headings of the long lists, with how many options each has.
pub fn option_groups(key: &str, lang: Lang) -> &'static [(&'static str, usize)] {
    match key {
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

#[rustfmt::skip]
static EN: Labels = Labels {
    input: label(
        "Picture",
        "What is pooled. Small inputs show their numbers; large ones become a picture.",
        ["Blob", "Step", "Ramp", "Random digits", "Published example", "Impulse", "Checkerboard", "Noise", "Zone plate", "Text", "Shaded shapes", "My own"],
    ),
    size: label("Size", "Height and width of the input in cells.", []),
    pool: label("Kind", "How a window becomes one number.", ["Max", "Average", "Min", "Median", "Power (lp)", "Global average", "Global max"]),
    norm_type: label("Order of the norm", "1 adds the cells up; the larger, the nearer to max.", []),
    kernel_size: label("Window", "Height and width of a window.", []),
    stride: label("Stride", "Cells from one window to the next. PyTorch uses kernel_size when none is given.", []),
    padding: label("Padding", "Cells added on each side, at most half the window.", []),
    dilation: label("Dilation", "Distance between the cells a window reads.", []),
    ceil_mode: label("Windows may hang over", "Rounds the output size up, so that no cell is left out.", []),
    count_include_pad: label("Count the padding", "Whether an average divides by the padding's zeros too.", []),
    panel: label("Show", "What the second figure shows.", ["Backward", "Noise", "Shift", "Small object", "Order", "Channels"]),
    grad: label("Gradient that arrives", "Of the loss with respect to each output.", ["Ones", "One cell", "Random", "My own"]),
    noise: label("Noise", "What spoils the picture.", ["Salt", "Pepper", "Gaussian"]),
    strength: label("Strength", "Share of cells hit; for Gaussian noise the deviation as a share of the range.", []),
    moved: label("What moves", "The map that is moved.", ["Points", "Random", "The input"]),
    shift_axis: label("Direction", "Which way it moves.", ["Right", "Down", "Diagonal"]),
    shift: label("Shift", "Cells it moves by.", []),
    object_size: label("Object", "Side of the bright square in cells.", []),
    layers: label("Layers", "Down-sampling layers in a row.", []),
    filter: label("Filter", "The kernel of the convolution.", ["Sobel x", "Laplacian", "Gaussian blur"]),
};

#[rustfmt::skip]
static ZH: Labels = Labels {
    input: label(
        "图像",
        "被池化的输入。小的显示数字，大的变成图像。",
        ["圆斑", "阶跃", "斜坡", "随机数字", "论文插图示例", "脉冲", "棋盘格", "噪声", "波带片", "文字", "明暗形体", "我的"],
    ),
    size: label("尺寸", "输入的高和宽（格）。", []),
    pool: label("种类", "窗口怎样变成一个数。", ["最大", "平均", "最小", "中位数", "幂（lp）", "全局平均", "全局最大"]),
    norm_type: label("范数的阶", "1 是求和；越大越接近最大值。", []),
    kernel_size: label("窗口", "窗口的高和宽。", []),
    stride: label("步幅", "相邻窗口的间隔。PyTorch 在未给出时取 kernel_size。", []),
    padding: label("填充", "每侧添加的格数，最多为窗口的一半。", []),
    dilation: label("膨胀率", "窗口所读格子之间的距离。", []),
    ceil_mode: label("窗口可超出末端", "输出尺寸向上取整，不漏掉任何格子。", []),
    count_include_pad: label("计入填充", "平均时是否把填充的零也算进除数。", []),
    panel: label("显示", "下方的图显示什么。", ["反向", "噪声", "平移", "小物体", "顺序", "通道"]),
    grad: label("到达的梯度", "损失对每个输出的梯度。", ["全为 1", "单格", "随机", "我的"]),
    noise: label("噪声", "图像怎样被破坏。", ["盐", "椒", "高斯"]),
    strength: label("强度", "被击中的格子比例；高斯噪声则为标准差占取值范围的比例。", []),
    moved: label("移动什么", "被平移的图。", ["点", "随机", "输入"]),
    shift_axis: label("方向", "朝哪个方向移动。", ["向右", "向下", "斜向"]),
    shift: label("平移", "移动的格数。", []),
    object_size: label("物体", "亮方块的边长（格）。", []),
    layers: label("层数", "连续下采样的层数。", []),
    filter: label("滤波器", "卷积所用的核。", ["Sobel x", "拉普拉斯", "高斯模糊"]),
};
