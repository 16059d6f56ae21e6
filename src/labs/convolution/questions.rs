//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    lang.pick(&EN, &ZH)
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
        ask: "Sobel x has negative taps on the left and positive ones on the right. Which edges of the picture does it bring out?",
        options: &[
            "Upright edges, where brightness changes from left to right",
            "Level edges, where brightness changes from top to bottom",
            "All edges alike",
        ],
        answer: "{parameters} weights, used at every place, turn the picture into a map of upright edges, from {output_min} to {output_max}: the sign tells dark-to-bright from bright-to-dark, and flat areas give 0. A CNN stacks such maps, and learns the weights instead of being given them.",
        mistake: "",
    },
    Question {
        id: "C2",
        short: "The definition",
        look: "Point at an output cell and read the sum: each cell of the window times the tap of its colour. Turn on flip: the same window, but the taps are read from the last to the first.",
        link: C2,
        ask: "The kernel is 3×3. How is one output cell made?",
        options: &[
            "As a sum of 9 products of a cell and a tap",
            "As the mean of 9 cells",
            "As the largest of 9 products",
        ],
        answer: "Each output is a sum of {inputs_per_output} products, a cell of the window times the tap at the same place, plus the bias. Mathematics calls this cross-correlation; its convolution reads the taps from the last to the first, which is what flip does. Over the whole output that makes {macs} multiply-adds.",
        mistake: "",
    },
    Question {
        id: "C3",
        short: "Signal processing or CNN?",
        look: "A Gaussian is designed by hand; a CNN learns its numbers. Switch flip on and off: for this symmetric kernel nothing changes, for Sobel x the sign does. Frameworks never flip and still say convolution.",
        link: C3,
        ask: "This Gaussian is applied flipped, as signal processing does. What changes when you switch flip off, as CNNs do?",
        options: &[
            "Nothing: this kernel is the same after a half turn",
            "The picture moves by one pixel",
            "Bright and dark change places",
        ],
        answer: "Nothing, because a Gaussian is symmetric; an asymmetric kernel such as Emboss would give another picture. The deeper difference is where the numbers come from: somebody designed these {parameters} taps so that they add up to {kernel_sum}, while a CNN learns its taps and so learns them flipped or not.",
        mistake: "",
    },
    Question {
        id: "C4",
        short: "Local connections",
        look: "Point at an output: nine inputs light up, and its row of the matrix is empty everywhere else. Point at an input cell instead: only the outputs near it are touched.",
        link: C4,
        ask: "The input has 8×8 cells, the kernel 3×3. How many input cells does an output in the middle depend on?",
        options: &["9", "64", "3"],
        answer: "An output reads at most {inputs_per_output} cells, all of them neighbours. In the matrix of the layer only {density%} of the entries can differ from zero; a dense layer would fill all of them.",
        mistake: "",
    },
    Question {
        id: "C5",
        short: "Where are weights shared?",
        look: "Every colour in the matrix is one weight, and it comes back along a diagonal. Type a new number into one cell of the kernel: a whole diagonal changes with it, because there is only one copy.",
        link: C5,
        ask: "The matrix joins every input to every output. How many different weights fill its coloured entries?",
        options: &["9, one for each tap", "One for each coloured entry", "49, one for each output"],
        answer: "{parameters}: every window uses the same kernel, so each tap returns along a diagonal, once for each output. Training sums the gradients of all these places into one number for the tap.",
        mistake: "",
    },
    Question {
        id: "C7",
        short: "Output size",
        look: "Read the formula with these numbers: 3.5 is rounded down, and the last padded row and column are never read. Change size, kernel_size and padding, and predict the floor each time.",
        link: C7,
        ask: "8 cells, padding 1 on both sides, kernel 3, stride 2. How many outputs fit in a row?",
        options: &["4", "5", "3"],
        answer: "The window takes its first place and then ({padded_width} − {window_width}) / stride more, rounded down: {output_width} in all. Of the {padded_width} padded cells, {unread_columns} is left over at the end, where no whole window fits.",
        mistake: "Rounding up, or looking for a ceil_mode. Pooling layers have one, Conv2d has none: a convolution in PyTorch always rounds down, and the rest is never read.",
    },
    Question {
        id: "C8",
        short: "Stride",
        look: "Raise stride and follow size, multiply-adds and the map of reads. As soon as the stride is longer than the window, some input cells are read 0 times: no training can make the layer see them.",
        link: C8,
        ask: "A 2×2 window walks over 8×8 cells with stride 3. Does it read every cell?",
        options: &[
            "No: it jumps over rows and columns",
            "Yes: every cell is read once",
            "No: only the last row and column are left out",
        ],
        answer: "{unread_inputs} cells are read {usage_min} times, because the step is longer than the window. A larger stride makes the output smaller, {output_height} × {output_width} here, and cheaper, {macs} multiply-adds; the number of weights stays {parameters}.",
        mistake: "",
    },
    Question {
        id: "C9",
        short: "Why pad?",
        look: "Padding keeps the output as large as the input. The map tells how often each cell is read: 4 times in the corner, 9 times in the middle. Open the border panel to see how much of an output is made of zeros.",
        link: C9,
        ask: "With a 3×3 kernel and padding 1, how often is a corner cell read, how often one in the middle?",
        options: &["4 and 9 times", "9 and 9 times", "1 and 9 times"],
        answer: "Padding 1 keeps the size at {output_height} × {output_width} and lets the kernel stand on the border. A cell is still read between {usage_min} and {usage_max} times, and up to {padding_share_max%} of a window is padding.",
        mistake: "That padding makes every pixel count the same. It helps the border: without it a corner would be read once. But they don't become equal, and what the border sees in addition is zeros that nobody measured.",
    },
    Question {
        id: "C10",
        short: "Padding modes",
        look: "Compare the corner under five modes; then set padding to same, to SAME and to full. With SAME, change the stride and read how many cells each side gets.",
        link: C10,
        ask: "Mode reflect: which cell is copied to the place just outside the left edge?",
        options: &[
            "The second one of the row",
            "The first one of the row",
            "The last one of the row",
            "None: a zero stands there",
        ],
        answer: "Reflect mirrors at the edge cell without repeating it; replicate repeats it, circular goes on at the other end, zeros and constant put in a number. Here {pad_left} cells on each side make {output_height} × {output_width} outputs, and up to {padding_share_max%} of a window comes from them.",
        mistake: "Taking SAME for a fixed symmetric padding. TensorFlow's SAME depends on the stride and puts the odd cell at the end; PyTorch's same refuses strides above 1; valid means no padding, and full means kernel − 1 on each side.",
    },
    Question {
        id: "C11",
        short: "Why odd kernels?",
        look: "A single one went in; its answer is 4 × 4 and lies half a cell up and to the left, measured below the facts. Set kernel_size to 3 or 5: there is a middle cell again and the shift is 0.",
        link: C11,
        ask: "A single one is blurred with a 4×4 box, output as large as the input. Where does the answer lie?",
        options: &[
            "Half a cell up and to the left of the one",
            "Exactly on the one",
            "A whole cell down and to the right",
        ],
        answer: "It is shifted by {shift_rows} rows and {shift_columns} columns, up and to the left: four cells have no middle cell, so the padding must be uneven, {pad_top} above and {pad_bottom} below. An odd kernel has a middle, pads alike on both sides and moves nothing.",
        mistake: "",
    },
    Question {
        id: "C15",
        short: "Correlation or convolution?",
        look: "Both outputs and their difference stand side by side with the same colours. Choose Gaussian blur: the difference is 0 everywhere, since a half turn leaves that kernel as it is.",
        link: C15,
        ask: "Both operations use the same kernel. For which one would their outputs be equal?",
        options: &["Gaussian blur", "Emboss", "Sobel x"],
        answer: "Cross-correlation reads the taps in order, convolution from the last to the first. With Emboss the two outputs differ by up to {flip_difference}; with a kernel that a half turn leaves as it is, such as a Gaussian, they agree everywhere.",
        mistake: "",
    },
    Question {
        id: "C20",
        short: "Sparse interaction",
        look: "Raise the size of the input and follow the density: one output still reads 9 cells, so 9 of 100 becomes 9 of 400. A dense layer would stay at 100 %.",
        link: C20,
        ask: "You double both sides of the input, from 10×10 to 20×20. What becomes of the share of the input that one output reads?",
        options: &["It falls to a quarter", "It stays the same", "It falls to a half"],
        answer: "One output reads {inputs_per_output} cells however large the input is: {density%} of it here, a quarter of that at 20×20. Few connections mean few weights, {parameters}, so there is less to fit by chance; but what is far apart can only meet in later layers.",
        mistake: "",
    },
    Question {
        id: "C23",
        short: "Is it linear?",
        look: "The last map is f(a + b) − f(a) − f(b). With ReLU it is not zero; set activation to none and it vanishes. Then raise the bias: it comes back, the same everywhere, because bias makes the layer affine.",
        link: C23,
        ask: "With ReLU behind it, is the output for a + b the sum of the outputs for a and for b?",
        options: &[
            "No, where ReLU cuts one of them off",
            "Yes, a convolution is linear",
            "Only at the border",
        ],
        answer: "f(a + b) − f(a) − f(b) reaches {linearity_defect} here. Without an activation it is 0 everywhere: then any number of convolutions in a row is one larger convolution. The activation makes depth worth having.",
        mistake: "",
    },
];

const ZH: [Question; 13] = [
    Question {
        id: "C1",
        short: "卷积做了什么？",
        look: "切换卷积核，看同一幅图变成边缘、模糊或条纹。再指向一个输出像素：放大镜里是得出它的小窗口，窗口之外的一概不算。",
        link: C1,
        ask: "Sobel x 的左列为负、右列为正。它会突出图中的哪些边缘？",
        options: &["竖直边缘，即亮度左右变化处", "水平边缘，即亮度上下变化处", "所有边缘都一样"],
        answer: "同一组 {parameters} 个权重用遍全图，得到一张竖直边缘图，取值从 {output_min} 到 {output_max}：正负号区分由暗到亮与由亮到暗，平坦处为 0。CNN 叠加许多这样的图，而且权重是学习得来的，无须人工设计。",
        mistake: "",
    },
    Question {
        id: "C2",
        short: "卷积的定义",
        look: "指向一个输出格，读它的算式：窗口里的每一格乘以同色的权重再相加。打开翻转：窗口没变，权重却从最后一个读到第一个。",
        link: C2,
        ask: "卷积核是 3×3。一个输出格是怎么得来的？",
        options: &["9 个乘积之和，每个是一格乘以一个权重", "9 格的平均值", "9 个乘积中的最大值"],
        answer: "每个输出是 {inputs_per_output} 个乘积之和，即窗口里的每一格乘以同一位置的权重，再加偏置。数学上这叫互相关；数学的卷积从最后一个权重读到第一个，也就是打开“翻转”。算完整个输出要 {macs} 次乘加。",
        mistake: "",
    },
    Question {
        id: "C3",
        short: "信号处理与 CNN",
        look: "高斯核由人设计，CNN 的核靠学习得来。开关翻转：这个对称核没有变化，换成 Sobel x 就会变号。各框架从不翻转，却仍叫它卷积。",
        link: C3,
        ask: "这个高斯核按信号处理的习惯翻转后使用。像 CNN 那样关掉翻转，会有什么变化？",
        options: &["没有变化：这个核旋转 180° 后不变", "图像移动一个像素", "明暗颠倒"],
        answer: "没有变化，因为高斯核是对称的；换成浮雕这样的不对称核，画面就会不同。更深的区别在于数从哪里来：这 {parameters} 个权重由人设计，加起来是 {kernel_sum}；CNN 的权重靠学习，翻不翻转都能学到。",
        mistake: "",
    },
    Question {
        id: "C4",
        short: "局部连接",
        look: "指向一个输出：九个输入亮起，矩阵中它那一行的其余位置都是空的。再指向一个输入：只有附近的输出受它影响。",
        link: C4,
        ask: "输入 8×8，卷积核 3×3。中间的一个输出取决于几个输入格？",
        options: &["9", "64", "3"],
        answer: "一个输出至多读 {inputs_per_output} 格，而且都是相邻的。这一层的矩阵里只有 {density%} 的元素可能不为零，而全连接层会把它填满。",
        mistake: "",
    },
    Question {
        id: "C5",
        short: "权重在哪里共享？",
        look: "矩阵中每种颜色是一个权重，沿对角线反复出现。在卷积核的一格里键入新数：整条对角线随之改变，因为它只有一份。",
        link: C5,
        ask: "矩阵把每个输入与每个输出相连。其中有颜色的元素用到多少个不同的权重？",
        options: &["9 个，卷积核的每个位置一个", "有多少个带颜色的元素就有多少个", "49 个，每个输出一个"],
        answer: "{parameters} 个：每个窗口用的都是同一个核，所以每个权重沿对角线反复出现，每个输出用它一次。训练时，所有这些位置的梯度加在一起，归到同一个权重上。",
        mistake: "",
    },
    Question {
        id: "C7",
        short: "输出尺寸",
        look: "看代入数字的公式：3.5 向下取整，最后一行和一列填充从未被读。再改 size、kernel_size 和 padding，每次先自己算取整。",
        link: C7,
        ask: "一行 8 格，两侧各填充 1，卷积核大小 3，步幅 2。一行能有几个输出？",
        options: &["4", "5", "3"],
        answer: "窗口先占第一个位置，再走 ({padded_width} − {window_width}) / 步幅 步，向下取整，一共 {output_width} 个。填充后一行有 {padded_width} 格，末尾剩下 {unread_columns} 格，放不下一个完整的窗口。",
        mistake: "向上取整，或以为这里有 ceil_mode。池化层有，Conv2d 没有：PyTorch 的卷积总是向下取整，剩下的格子从不被读。",
    },
    Question {
        id: "C8",
        short: "步幅",
        look: "增大步幅，观察尺寸、乘加次数和读取次数图。步幅一旦大于窗口，就有输入格被读 0 次：再怎么训练，这一层也看不到它们。",
        link: C8,
        ask: "2×2 的窗口以步幅 3 走过 8×8 格。每一格都会被读到吗？",
        options: &["不会：有些行和列被跳过", "会：每格恰好读一次", "不会：但只漏掉最后一行和一列"],
        answer: "有 {unread_inputs} 格被读 {usage_min} 次，因为步幅比窗口大。步幅越大，输出越小（这里是 {output_height} × {output_width}），开销也越小（{macs} 次乘加），而权重仍是 {parameters} 个。",
        mistake: "",
    },
    Question {
        id: "C9",
        short: "为什么要填充？",
        look: "填充让输出与输入一样大。图中是每格被读的次数：角上 4 次，中间 9 次。打开“边界”图，看一个输出有多少来自零。",
        link: C9,
        ask: "3×3 的核，填充 1。角上的格子被读几次，中间的几次？",
        options: &["4 次和 9 次", "9 次和 9 次", "1 次和 9 次"],
        answer: "填充 1 让输出保持 {output_height} × {output_width}，核也能站到边上。但一个格子被读的次数仍从 {usage_min} 到 {usage_max} 不等，一个窗口最多有 {padding_share_max%} 是填充。",
        mistake: "“填充让每个像素同等重要。”它确实照顾了边缘：不填充时角上只被读一次。但各格并没有因此变得同等，边缘多看到的只是没有人测量过的零。",
    },
    Question {
        id: "C10",
        short: "填充方式",
        look: "比较五种方式下的同一个角，再把 padding 依次设为 same、SAME、full。选 SAME 时改变步幅，看每一侧各补了几格。",
        link: C10,
        ask: "reflect 方式下，左边缘外紧挨着的一格复制自哪一格？",
        options: &["这一行的第二格", "这一行的第一格", "这一行的最后一格", "不复制，放的是零"],
        answer: "reflect 以边缘格为镜，不重复边缘格本身；replicate 重复边缘格，circular 从另一端接着取，zeros 和 constant 则放一个数。这里每侧 {pad_left} 格，输出 {output_height} × {output_width}，一个窗口最多有 {padding_share_max%} 来自填充。",
        mistake: "把 SAME 当成固定的对称填充。TensorFlow 的 SAME 取决于步幅，多出的一格放在末尾；PyTorch 的 same 不允许步幅大于 1；valid 是不填充，full 是每侧填充“卷积核大小减 1”。",
    },
    Question {
        id: "C11",
        short: "为什么用奇数核？",
        look: "输入只有一个 1，响应却是 4 × 4，并向左上偏了半格，偏移量列在数据里。把 kernel_size 设为 3 或 5：又有了中心格，偏移为 0。",
        link: C11,
        ask: "用 4×4 的均值核模糊单独的一个 1，输出与输入一样大。响应落在哪里？",
        options: &["在那个 1 的左上方，偏半格", "正好在那个 1 上", "在右下方，偏一整格"],
        answer: "它移动了 {shift_rows} 行、{shift_columns} 列，也就是向左上：四格没有中心格，填充只能不对称，上面 {pad_top}，下面 {pad_bottom}。奇数核有中心格，两侧填充相同，不会移动。",
        mistake: "",
    },
    Question {
        id: "C15",
        short: "互相关还是卷积？",
        look: "两种输出和它们的差并排，颜色范围一致。换成高斯模糊：差处处为 0，因为这个核旋转 180° 后不变。",
        link: C15,
        ask: "两种运算用同一个核。换成哪个核，两者的输出会相同？",
        options: &["高斯模糊", "浮雕", "Sobel x"],
        answer: "互相关按顺序读权重，卷积从最后一个读到第一个。用浮雕核时两种输出最多相差 {flip_difference}；像高斯核这样旋转 180° 不变的核，两者处处相同。",
        mistake: "",
    },
    Question {
        id: "C20",
        short: "稀疏交互",
        look: "增大输入，观察连接密度：一个输出仍只读 9 格，于是从 100 分之 9 变成 400 分之 9。全连接层则始终是 100 %。",
        link: C20,
        ask: "把输入的两条边都加倍，从 10×10 变成 20×20。一个输出所读的部分占输入的比例会怎样？",
        options: &["降到四分之一", "不变", "降到一半"],
        answer: "无论输入多大，一个输出只读 {inputs_per_output} 格：这里占 {density%}，到 20×20 时只剩四分之一。连接少，权重就少（{parameters} 个），偶然拟合的余地也小；但相距远的内容要到后面的层才能相遇。",
        mistake: "",
    },
    Question {
        id: "C23",
        short: "它是线性的吗？",
        look: "最后一幅是 f(a + b) − f(a) − f(b)。有 ReLU 时不为零；把激活设为“无”，它就消失。再增大偏置：它又出现了，而且处处相同，因为偏置让这一层变成仿射的。",
        link: C23,
        ask: "后面接 ReLU。输入 a + b 的输出，等于 a 的输出加 b 的输出吗？",
        options: &["不等，在 ReLU 截断了其中一个的地方", "相等，卷积是线性的", "只在边缘处相等"],
        answer: "f(a + b) − f(a) − f(b) 在这里达到 {linearity_defect}。没有激活函数时它处处为 0：那样无论叠多少层，都只等于一个更大的卷积。有了激活函数，加深才有意义。",
        mistake: "",
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
