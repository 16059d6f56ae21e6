//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    lang.pick(&EN, &ZH)
}

/// The link of C44.
pub const C44: &str = "panel=cures&input=shapes&size=48&kernel_size=4";
/// The link of C52.
pub const C52: &str = "panel=spectrum&input=flat&size=9";

const EN: [Question; 2] = [
    Question {
        id: "C44",
        short: "Transposed or interpolation?",
        look: "One picture, made smaller and grown back eight ways. Compare artifact, error, parameters and cost: interpolation has nothing to learn and no pattern, a transposed convolution has taps to learn, and learned ones come to add up alike in every place. It does not undo a convolution: it only has the shape of the way back.",
        link: C44,
        ask: "All eight ways double the picture. Which one is a fixed rule, with nothing to learn?",
        options: &["Bicubic interpolation", "The transposed convolution", "The pixel shuffle"],
        answer: "Interpolation computes new pixels by a fixed rule and leaves no pattern, but learns nothing either. The transposed convolution here has {parameters} taps and {macs} multiply-adds and can learn sharper pictures; its taps must then add up alike in every place of the stride, or a pattern is left. The strongest pattern among these results is {strongest} %.",
        mistake: "",
    },
    Question {
        id: "C52",
        short: "What is the checkerboard?",
        look: "A flat input comes out with a pattern, because kernel 3 at stride 2 stamps some cells four times and others once. In the spectrum it stands in the rings and nowhere else. Set kernel_size to 4: 2 divides 4, the counts are even and the rings are empty. Then choose random taps: they come back.",
        link: C52,
        ask: "Flat input, 3×3 kernel with equal taps, stride 2. How much brighter is the brightest cell than the darkest, away from the border?",
        options: &["4 times", "2 times", "Not at all"],
        answer: "{overlap_ratio} times: along each axis some cells are stamped {overlap_most} times and others {overlap_fewest}, and both axes multiply. The pattern's strength is {artifact_strength%}, and all of it stands in the rings of the spectrum, at period {period}. A kernel size that the stride divides makes the counts even.",
        mistake: "",
    },
];

const ZH: [Question; 2] = [
    Question {
        id: "C44",
        short: "转置卷积还是插值？",
        look: "同一幅图缩小后，用八种方法放大。比较伪影、误差、参数和开销：插值没有可学的权重，也没有图案；转置卷积有权重可学，学得的权重在各位置的和趋于相等。它并不能撤销卷积，只是把形状还原回去。",
        link: C44,
        ask: "八种方法都把图的边长放大一倍。其中哪一种是固定的规则，没有可学的权重？",
        options: &["双三次插值", "转置卷积", "像素重排"],
        answer: "插值按固定的规则算出新像素，不留图案，也学不到东西。这里的转置卷积有 {parameters} 个权重、{macs} 次乘加，能学出更清晰的图；但权重在步幅的每个位置上的和必须相等，否则会留下图案。这些结果中最强的图案是 {strongest} %。",
        mistake: "",
    },
    Question {
        id: "C52",
        short: "什么是棋盘效应？",
        look: "平坦的输入出来却有图案，因为核 3、步幅 2 时有的格子被盖四次，有的只有一次。频谱中它只出现在圆圈处。把 kernel_size 设为 4：2 整除 4，次数均匀，圆圈变空。再换成随机权重：图案又回来了。",
        link: C52,
        ask: "平坦的输入，3×3 核的权重全相等，步幅 2。不看边缘，最亮的格子是最暗的几倍？",
        options: &["4 倍", "2 倍", "一样亮"],
        answer: "{overlap_ratio} 倍：沿每个轴，有的格子被盖 {overlap_most} 次，有的只有 {overlap_fewest} 次，两个轴再相乘。图案的强度为 {artifact_strength%}，全部落在频谱的圆圈里，周期为 {period}。核的边长能被步幅整除时，次数就均匀了。",
        mistake: "",
    },
];
