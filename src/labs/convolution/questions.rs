//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

const C1: &str = "input=shapes&kernel=sobel_x";
const C2: &str = "size=6&input=digits&kernel=emboss";
const C3: &str = "input=text&size=256&kernel=gaussian&kernel_size=7&flip=1";
const C4: &str = "kernel=box&padding=1";
const C5: &str = "kernel=emboss&size=7&padding=1";
const C7: &str = "stride=2&padding=1";
const C8: &str = "stride=3&kernel=box&kernel_size=2&panel=usage";
const C9: &str = "padding=1&kernel=box&panel=usage";
const C10: &str = "padding=2&padding_mode=reflect&panel=modes";
const C11: &str = "input=impulse&kernel=box&kernel_size=4&padding=same&panel=profile";
const C15: &str = "kernel=emboss&padding=1&panel=flip";
const C20: &str = "size=10&kernel=box";
const C23: &str = "activation=relu&padding=1&panel=linearity";

const EN: [Question; 13] = [
    Question {
        id: "C1",
        short: "What does convolution do?",
        look: "Switch the kernel preset and watch one picture become its edges, its blur or its stripes. Then point at an output pixel: the lens shows the small window it was made from, and nothing outside that window counts.",
        link: C1,
    },
    Question {
        id: "C2",
        short: "The definition",
        look: "Point at an output cell and read the sum: each cell of the window times the tap of its colour. Turn on flip: the same window, but the taps are read from the last to the first.",
        link: C2,
    },
    Question {
        id: "C3",
        short: "Signal processing or CNN?",
        look: "A Gaussian is designed by hand; a CNN learns its numbers. Switch flip on and off: for this symmetric kernel nothing changes, for Sobel x the sign does. Frameworks never flip and still say convolution.",
        link: C3,
    },
    Question {
        id: "C4",
        short: "Local connections",
        look: "Point at an output: nine inputs light up, and its row of the matrix is empty everywhere else. Point at an input cell instead: only the outputs near it are touched.",
        link: C4,
    },
    Question {
        id: "C5",
        short: "Where are weights shared?",
        look: "Every colour in the matrix is one weight, and it comes back along a diagonal. Type a new number into one cell of the kernel: a whole diagonal changes with it, because there is only one copy.",
        link: C5,
    },
    Question {
        id: "C7",
        short: "Output size",
        look: "Read the formula with these numbers: 3.5 is rounded down, and the last padded row and column are never read. Expecting a ceil_mode here is the usual mistake: pooling has one, Conv2d has none.",
        link: C7,
    },
    Question {
        id: "C8",
        short: "Stride",
        look: "Raise stride and follow size, multiply-adds and the map of reads. As soon as the stride is longer than the window, some input cells are read 0 times: no training can make the layer see them.",
        link: C8,
    },
    Question {
        id: "C9",
        short: "Why pad?",
        look: "Padding keeps the output as large as the input. The usual answer adds that it makes every pixel count the same, and that is wrong: the corner is read 4 times, the middle 9 times. Open the border panel to see how much of an output is made of zeros.",
        link: C9,
    },
    Question {
        id: "C10",
        short: "Padding modes",
        look: "Compare the corner under five modes; then set padding to same, to SAME and to full. Taking SAME for symmetric is the usual mistake: TensorFlow's depends on the stride and may add one cell more on one side, and PyTorch's same refuses strides.",
        link: C10,
    },
    Question {
        id: "C11",
        short: "Why odd kernels?",
        look: "A single one went in; its answer is 4 × 4 and lies half a cell up and to the left, measured below the facts. Set kernel_size to 3 or 5: there is a middle cell again and the shift is 0.",
        link: C11,
    },
    Question {
        id: "C15",
        short: "Correlation or convolution?",
        look: "Both outputs and their difference stand side by side with the same colours. Choose Gaussian blur: the difference is 0 everywhere, since a half turn leaves that kernel as it is.",
        link: C15,
    },
    Question {
        id: "C20",
        short: "Sparse interaction",
        look: "Raise the size of the input and follow the density: one output still reads 9 cells, so 9 of 100 becomes 9 of 400. A dense layer would stay at 100 %.",
        link: C20,
    },
    Question {
        id: "C23",
        short: "Is it linear?",
        look: "The last map is f(a + b) − f(a) − f(b). With ReLU it is not zero; set activation to none and it vanishes. Then raise the bias: it comes back, the same everywhere, because bias makes the layer affine.",
        link: C23,
    },
];

const ZH: [Question; 13] = [
    Question {
        id: "C1",
        short: "卷积做了什么？",
        look: "切换卷积核，看同一幅图变成边缘、模糊或条纹。再指向一个输出像素：放大镜里是得出它的小窗口，窗口之外的一概不算。",
        link: C1,
    },
    Question {
        id: "C2",
        short: "卷积的定义",
        look: "指向一个输出格，读它的算式：窗口里的每一格乘以同色的权重再相加。打开翻转：窗口没变，权重却从最后一个读到第一个。",
        link: C2,
    },
    Question {
        id: "C3",
        short: "信号处理与 CNN",
        look: "高斯核由人设计，CNN 的核靠学习得来。开关翻转：这个对称核没有变化，换成 Sobel x 就会变号。各框架从不翻转，却仍叫它卷积。",
        link: C3,
    },
    Question {
        id: "C4",
        short: "局部连接",
        look: "指向一个输出：九个输入亮起，矩阵中它那一行的其余位置都是空的。再指向一个输入：只有附近的输出受它影响。",
        link: C4,
    },
    Question {
        id: "C5",
        short: "权重在哪里共享？",
        look: "矩阵中每种颜色是一个权重，沿对角线反复出现。在卷积核的一格里键入新数：整条对角线随之改变，因为它只有一份。",
        link: C5,
    },
    Question {
        id: "C7",
        short: "输出尺寸",
        look: "看代入数字的公式：3.5 向下取整，最后一行和一列填充从未被读。常见的错误是以为这里有 ceil_mode：池化有，Conv2d 没有。",
        link: C7,
    },
    Question {
        id: "C8",
        short: "步幅",
        look: "增大步幅，观察尺寸、乘加次数和读取次数图。步幅一旦大于窗口，就有输入格被读 0 次：再怎么训练，这一层也看不到它们。",
        link: C8,
    },
    Question {
        id: "C9",
        short: "为什么要填充？",
        look: "填充让输出与输入一样大。常见的回答还会说“填充让每个像素同等重要”，这是错的：角上只被读 4 次，中间 9 次。打开“边界”图，看一个输出有多少来自零。",
        link: C9,
    },
    Question {
        id: "C10",
        short: "填充方式",
        look: "比较五种方式下的同一个角，再把 padding 依次设为 same、SAME、full。常见的错误是以为 SAME 总是对称：TensorFlow 的 SAME 取决于步幅，可能一侧多补一格；PyTorch 的 same 不允许步幅大于 1。",
        link: C10,
    },
    Question {
        id: "C11",
        short: "为什么用奇数核？",
        look: "输入只有一个 1，响应却是 4 × 4，并向左上偏了半格，偏移量列在数据里。把 kernel_size 设为 3 或 5：又有了中心格，偏移为 0。",
        link: C11,
    },
    Question {
        id: "C15",
        short: "互相关还是卷积？",
        look: "两种输出和它们的差并排，颜色范围一致。换成高斯模糊：差处处为 0，因为这个核旋转 180° 后不变。",
        link: C15,
    },
    Question {
        id: "C20",
        short: "稀疏交互",
        look: "增大输入，观察连接密度：一个输出仍只读 9 格，于是从 100 分之 9 变成 400 分之 9。全连接层则始终是 100 %。",
        link: C20,
    },
    Question {
        id: "C23",
        short: "它是线性的吗？",
        look: "最后一幅是 f(a + b) − f(a) − f(b)。有 ReLU 时不为零；把激活设为“无”，它就消失。再增大偏置：它又出现了，而且处处相同，因为偏置让这一层变成仿射的。",
        link: C23,
    },
];

#[cfg(test)]
mod tests {
    use super::super::explain::{facts, tests::run};
    use super::*;

    fn fact(link: &str, name: &str) -> f64 {
        facts(&run(link)).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
    }

    #[test]
    fn both_languages_ask_the_same_and_every_link_works() {
        let ids = "C1 C2 C3 C4 C5 C7 C8 C9 C10 C11 C15 C20 C23";
        for lang in Lang::ALL {
            assert_eq!(list(lang).iter().map(|q| q.id).collect::<Vec<_>>().join(" "), ids);
        }
        for (en, zh) in EN.iter().zip(&ZH) {
            assert_eq!(en.link, zh.link);
            // `run` refuses a link with a problem, and computing refuses what can't be.
            assert!(run(en.link).output.output.len() > 1);
            assert!(en.short.len() <= 32 && zh.short.chars().count() <= 14, "{}", en.short);
            assert!(!en.look.is_ascii() || en.look.len() > 80);
        }
    }

    /// The numbers the texts name are those the links show.
    #[test]
    fn the_texts_tell_what_is_shown() {
        assert_eq!((fact(C7, "output_height"), fact(C7, "unread_rows")), (4.0, 1.0));
        assert!(fact(C8, "usage_min") == 0.0);
        assert_eq!((fact(C9, "usage_min"), fact(C9, "usage_max")), (4.0, 9.0));
        assert_eq!((fact(C11, "shift_rows"), fact(C11, "shift_columns")), (-0.5, -0.5));
        assert!(fact(C15, "flip_difference") > 0.0);
        assert_eq!(fact(&format!("{C15}&kernel=gaussian"), "flip_difference"), 0.0);
        assert_eq!(fact(C20, "density"), 0.09);
        assert_eq!(fact("size=20&kernel=box", "density"), 9.0 / 400.0);
        assert!(fact(C23, "linearity_defect") > 0.0);
        assert_eq!(fact("padding=1&panel=linearity", "linearity_defect"), 0.0);
        assert_eq!(fact("padding=1&panel=linearity&bias=2", "linearity_defect"), 2.0);
    }
}
