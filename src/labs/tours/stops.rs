//! The stops of every tour.

use super::{Stop, Tour, Until};

const fn stop(until: Until, way: &'static str, en: &'static str, zh: &'static str) -> Stop {
    Stop { say: [en, zh], until, way }
}

/// The tours, in the order of the labs.
pub const TOURS: &[Tour] = &[
    Tour {
        lab: "convolution",
        stops: &[
            stop(
                Until::Points("output"),
                "",
                "Point at a cell of the output. The window that made it lights up in the input, and below stands the sum with its numbers.",
                "指向输出的一个格子。产生它的窗口会在输入上亮起，下方写出带数字的求和式。",
            ),
            stop(
                Until::Steps,
                "step=3",
                "Press Play, or step on a few times: the same weights visit every place in turn.",
                "按“播放”，或前进几步：同一组权重依次走过每个位置。",
            ),
            stop(
                Until::Is("stride", "2"),
                "stride=2",
                "Set stride to 2. Count the columns of the output, then read the formula beside it.",
                "把 stride 设为 2。数一数输出的列数，再看旁边的公式。",
            ),
            stop(
                Until::Is("padding", "1"),
                "stride=2&padding=1",
                "Set padding to 1. Which cells does no window read now? They are marked.",
                "把 padding 设为 1。现在哪些格子没有窗口读到？它们已被标出。",
            ),
            stop(
                Until::Moved("kernel"),
                "stride=2&padding=1&kernel=gaussian",
                "Choose another kernel and watch what stays: the size of the output does not depend on the weights.",
                "换一个卷积核，看看什么没变：输出尺寸与权重无关。",
            ),
            stop(
                Until::Compares,
                "stride=2&padding=1&kernel=gaussian&compare=stride:1",
                "Set a second value beside the first: choose a control under Compare. Both are drawn in the same colours.",
                "再放一个取值在旁边：在“对比”下选一个控件。两者用同一套颜色画出。",
            ),
        ],
    },
    Tour {
        lab: "channels",
        stops: &[
            stop(
                Until::Moved("output"),
                "output=1",
                "Look at another output channel: other slices read the same channels. Their maps are added, then the bias.",
                "换一个输出通道看：另一组核片读同样的通道，各图相加，再加偏置。",
            ),
            stop(
                Until::Reaches("slices_per_kernel", 6.0, 6.0),
                "in_channels=6",
                "Raise in_channels to 6: every kernel gets deeper, and there are no more of them.",
                "把 in_channels 增到 6：每个核变深，个数不变。",
            ),
            stop(
                Until::Is("panel", "groups"),
                "in_channels=6&out_channels=6&panel=groups",
                "Open Groups: the grid shows which input each output reads.",
                "打开“分组”：网格显示每个输出读哪些输入。",
            ),
            stop(
                Until::Reaches("slices_per_kernel", 1.0, 1.0),
                "in_channels=6&out_channels=6&groups=6&panel=groups",
                "Set out_channels to 6 too, then move groups until each kernel has one slice left: depthwise.",
                "把 out_channels 也设为 6，再移动 groups，直到每个核只剩一片：逐通道卷积。",
            ),
            stop(
                Until::Is("panel", "mixing"),
                "weights=grey&panel=mixing",
                "Open 1 × 1 mixing and choose the grey weights: what does the best way back still miss?",
                "打开“1 × 1 混合”并选择灰度权重：最好的还原还差多少？",
            ),
        ],
    },
    Tour {
        lab: "pooling",
        stops: &[
            stop(
                Until::Points("output"),
                "",
                "Point at an output cell: its window shows which input was the largest. Only its value comes through.",
                "指向一个输出格子：窗口会显示哪个输入最大，只有它的值能通过。",
            ),
            stop(
                Until::Is("pool", "avg"),
                "pool=avg",
                "Switch pool to average. Now every cell of the window has a share, and the gradient spreads.",
                "把 pool 换成平均。现在窗口里每个格子都有贡献，梯度也随之分散到各格。",
            ),
            stop(
                Until::Is("ceil_mode", "1"),
                "pool=avg&ceil_mode=1&size=8",
                "Set size to 8 and switch ceil_mode on: a last window hangs over the end of the input.",
                "把 size 设为 8 并打开 ceil_mode：最后一个窗口会超出输入的末端。",
            ),
            stop(
                Until::Is("panel", "noise"),
                "panel=noise",
                "Open the panel Noise. Which pool keeps salt, and which ignores pepper?",
                "打开“噪声”面板。哪种池化留下“盐”，哪种不理会“椒”？",
            ),
            stop(
                Until::Is("panel", "shift"),
                "panel=shift",
                "Open Shift and move the shift: the map is a moved copy only at multiples of the total stride.",
                "打开“平移”并改变平移量：只有平移总步幅的整数倍时，特征图才是原来那幅移动后的样子。",
            ),
        ],
    },
    Tour {
        lab: "receptive-field",
        stops: &[
            stop(
                Until::Points("gradient"),
                "",
                "Point at the gradient map. The dashed box is what the unit can see; the stain is what it does see.",
                "指向梯度图。虚线框是单元能看到的范围，晕开的颜色是它实际看到的。",
            ),
            stop(
                Until::Moved("layers"),
                "layers=c3,c3,c3,c3",
                "Change the layers: remove some, or add one. The box follows the recurrence that is written out.",
                "改一改层：删掉几层，或加一层。方框随写出的递推式变化。",
            ),
            stop(
                Until::Is("weights", "normal"),
                "layers=c3,c3,c3,c3&weights=normal",
                "Switch weights to normal: the field is the mean over many draws, and it becomes a bell.",
                "把 weights 换成“正态”：感受野是多次抽样的平均，形状变成钟形。",
            ),
            stop(
                Until::Is("activation", "relu"),
                "layers=c3,c3,c3,c3&weights=normal&activation=relu",
                "Add ReLU. Which part of the theoretical field still gets most of the gradient?",
                "加上 ReLU。理论感受野中哪一部分仍得到大部分梯度？",
            ),
            stop(
                Until::Is("panel", "growth"),
                "layers=c3,c3,c3,c3&panel=growth",
                "Open the panel Growth: the theoretical field grows with the depth, the effective one only with its root.",
                "打开“增长”面板：理论感受野随深度增长，有效感受野只随其平方根增长。",
            ),
        ],
    },
    Tour {
        lab: "checkerboard",
        stops: &[
            stop(
                Until::Points("output"),
                "",
                "Point at the output: some cells are written by one stamp, others by several. That is the pattern.",
                "指向输出：有的格子只被盖印一次，有的被盖印多次。这就是棋盘效应。",
            ),
            stop(
                Until::Steps,
                "step=3",
                "Step through: every input cell stamps its whole kernel onto the output.",
                "逐步播放：每个输入格子都把整个卷积核盖印到输出上。",
            ),
            stop(
                Until::Reaches("overlap_ratio", 1.0, 1.0),
                "kernel_size=4",
                "Repair it: find a kernel_size for which every inner cell is written equally often.",
                "修好它：找一个 kernel_size，使内部每个格子被写入的次数相同。",
            ),
            stop(
                Until::Is("panel", "spectrum"),
                "kernel_size=3&panel=spectrum",
                "Go back to kernel_size 3 and open Spectrum: the artifact sits at marked frequencies.",
                "回到 kernel_size 3 并打开“频谱”：伪影位于标出的频率上。",
            ),
            stop(
                Until::Is("direction", "gradient"),
                "kernel_size=3&panel=spectrum&direction=gradient",
                "Switch direction to gradient: a strided convolution leaves the same pattern on the way back.",
                "把 direction 换成“梯度”：带步幅的卷积在反向时留下同样的图案。",
            ),
        ],
    },
    Tour {
        lab: "attention",
        stops: &[
            stop(
                Until::Points("weights"),
                "",
                "Point at a weight: you see the dot product behind it, element by element, and its row after softmax.",
                "指向一个权重：你会看到它背后逐元素的点积，以及 softmax 之后的这一行。",
            ),
            stop(
                Until::Moved("head"),
                "head=3",
                "Look at another head. Each has its own queries and keys, and so its own map.",
                "看看另一个头。每个头有自己的查询和键，因此有自己的图。",
            ),
            stop(
                Until::Is("is_causal", "1"),
                "head=3&is_causal=1",
                "Switch is_causal on: the future gets exactly zero, and each row still sums to one.",
                "打开 is_causal：未来的位置权重恰好为 0，而每一行的和仍为 1。",
            ),
            stop(
                Until::Is("scale", "none"),
                "head=3&scale=none&d_model=64",
                "Set d_model to 64 and scale to none: the rows become sharp. Read their entropy before and after.",
                "把 d_model 设为 64，scale 设为 none：各行变得尖锐。比较前后的熵。",
            ),
            stop(
                Until::Moved("text"),
                "text=the cat sat",
                "Write a text of your own. Everything is computed anew from your words.",
                "写一段你自己的文字。所有数都会根据你的文字重新算出。",
            ),
        ],
    },
    Tour {
        lab: "positions",
        stops: &[
            stop(
                Until::Is("code", "none"),
                "code=none",
                "Switch the code off. Then read the order test: the outputs only change places.",
                "关掉位置编码，再看顺序测试：输出只是换了位置。",
            ),
            stop(
                Until::Is("code", "rope"),
                "code=rope",
                "Choose rope: queries and keys are turned before they meet.",
                "选择“旋转 RoPE”：查询和键先按各自的位置旋转，再做点积。",
            ),
            stop(
                Until::Is("panel", "rotary"),
                "code=rope&panel=rotary",
                "Open the panel Rotary: each pair is an arrow that turns with its position.",
                "打开“旋转箭头”面板：每一对数是一支随位置转动的箭头。",
            ),
            stop(
                Until::Moved("offset"),
                "code=rope&panel=rotary&offset=100",
                "Move the offset: both positions shift, and the score stays, to the last digit shown.",
                "改变 offset：两个位置一起平移，分数不变，显示的每一位都相同。",
            ),
            stop(
                Until::Is("panel", "extrapolation"),
                "code=alibi&panel=extrapolation",
                "Open Extrapolation: what does each code give beyond the length it was made for?",
                "打开“外推”：超出设计长度后，各种编码给出什么？",
            ),
        ],
    },
];
