//! Questions on pooling.

use super::{Chapter, Row};

const fn p(id: &'static str, stars: (u8, u8), lab: &'static str, title: [&'static str; 2]) -> Row {
    Row::new(Chapter::Pooling, id, stars, lab, title)
}

#[rustfmt::skip]
pub(super) const ROWS: [Row; 15] = [
    p("P1", (1, 5), "pooling", ["What is pooling for?", "池化有什么用？"]),
    p("P2", (1, 4), "pooling", ["Which problems of a CNN does pooling solve?", "池化解决了 CNN 的哪些问题？"]),
    p("P3", (2, 5), "shift", ["Why does pooling make a network tolerate small shifts?", "池化为什么能让网络容忍小的平移？"]).trap(),
    p("P4", (1, 4), "pooling", ["Does pooling change the number of channels?", "池化会改变通道数吗？"]),
    p("P5", (1, 5), "pooling", ["Does pooling have parameters to learn?", "池化有需要学习的参数吗？"]),
    p("P6", (2, 4), "features", ["Does pooling fight over-fitting?", "池化能减轻过拟合吗？"]),
    p("P7", (2, 5), "pooling", ["Max or average pooling: when do you take which?", "最大池化与平均池化，何时用哪个？"]).trap(),
    p("P8", (3, 5), "pooling", ["What does global average pooling do, and what does it replace?", "全局平均池化做什么，又替代了什么？"]),
    p("P9", (1, 4), "pooling", ["Which settings does a pooling layer have?", "池化层有哪些设置？"]),
    p("P10", (2, 4), "pooling", ["How large is the output of a pooling layer?", "池化层的输出尺寸怎么算？"]).trap(),
    p("P11", (2, 4), "pooling", ["Why does pooling come after the convolution?", "池化为什么放在卷积之后？"]),
    p("P12", (3, 3), "downsampling", ["Is pooling the same as down-sampling, and which other ways are there?", "池化就是下采样吗？还有哪些方法？"]),
    p("P13", (3, 4), "pooling", ["Where does the gradient go in max pooling?", "最大池化的梯度传到哪里？"]),
    p("P14", (3, 4), "downsampling", ["What does pooling do to small objects?", "池化对小物体有什么影响？"]),
    p("P15", (4, 3), "architectures", ["Where is pooling going in newer networks?", "在较新的网络里，池化走向何方？"]),
];
