//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    lang.pick(&EN, &ZH)
}

const C17: &str = "output=1";
const C22: &str = "out_channels=64&output=0";
const C26: &str = "input=digits&size=6&weights=random&out_channels=2&output=0";
const C27: &str = "in_channels=6&out_channels=6";
const C30: &str = "weights=false_colour&out_channels=3&kernel_size=1&padding=0&panel=mixing";
const C31: &str = "weights=grey&out_channels=1&output=0&kernel_size=1&padding=0&panel=mixing";
const C32: &str = "out_channels=64&panel=parameters";
const C33: &str = "panel=parameters&compare=bias:0";
const C34: &str = "panel=parameters&compare=stride:2";
const C37: &str = "in_channels=6&out_channels=12&groups=3&panel=groups";
const C38: &str = "in_channels=8&out_channels=8&groups=8&bias=0&panel=parameters";

const EN: [Question; 11] = [
    Question {
        id: "C17",
        short: "Many channels in and out",
        look: "Point at the output: three partial maps, one a channel, are added, then the bias once. Choose another output channel: other slices, the same three inputs.",
        link: C17,
        ask: "Three channels come in. How is one output channel made of them?",
        options: &[
            "Three maps, one a channel, are added, then one bias",
            "Three maps are averaged",
            "Only the channel that fits best is kept",
        ],
        answer: "Each number weighs {inputs_per_output} inputs: {slices_per_kernel} slices make {slices_per_kernel} partial maps, which are added, and the bias comes once. The equation under the figure is this sum at the cell you point at.",
        mistake: "",
    },
    Question {
        id: "C22",
        short: "3 in, 64 out: how many kernels?",
        look: "Count the cards: 64 kernels, each of three slices, 192 slices in all. With groups a kernel gets fewer slices, and groups must divide both channel counts: try 2 here and read why not.",
        link: C22,
        ask: "3 channels in, 64 out, 3 × 3. How many kernels does the layer have?",
        options: &["64 kernels", "192 kernels", "3 kernels"],
        answer: "{kernels} kernels, one an output channel, each {slices_per_kernel} slices deep: {slices} slices and {weights} weights.",
        mistake: "192 counts the slices. A slice alone is no kernel: its map is only one term of the sum that makes an output channel. And 3 counts the channels that come in, which set how deep a kernel is.",
    },
    Question {
        id: "C26",
        short: "Parts of a kernel",
        look: "The weight has four axes: which output, which input it reads, row, column. Point at the numbers of a slice and find them in the shape beside.",
        link: C26,
        ask: "A weight has shape [2, 3, 3, 3]. What is the second number?",
        options: &[
            "The input channels that a kernel reads",
            "How many kernels there are",
            "The height of a kernel",
        ],
        answer: "There are {kernels} kernels; each reads {slices_per_kernel} channels through slices of 3 rows and 3 columns, {inputs_per_output} weights a kernel and {weights} in all.",
        mistake: "",
    },
    Question {
        id: "C27",
        short: "Kernel depth and channels",
        look: "Raise the channels in: every kernel grows a slice. Raise the channels out: there are more kernels, none of them deeper.",
        link: C27,
        ask: "From 3 to 6 channels in, and from 4 to 6 out. What does each of the two change?",
        options: &[
            "In: the depth of the kernels; out: their number",
            "In: their number; out: their depth",
            "Both change the number alone",
        ],
        answer: "Now there are {kernels} kernels, each {slices_per_kernel} slices deep. Channels in set the depth, channels out the number; the weights, {weights}, follow from both.",
        mistake: "",
    },
    Question {
        id: "C30",
        short: "What is a 1 × 1 convolution for?",
        look: "It weighs the channels of one pixel and sees no neighbour: the same small matrix at every pixel, a dense layer over channels. Compare the columns of planes before and behind it.",
        link: C30,
        ask: "A 1 × 1 kernel sees no neighbour. What is it good for?",
        options: &["It mixes the channels of each pixel", "It blurs a little", "It makes the map smaller"],
        answer: "One matrix of {pointwise_parameters} weights is applied at every pixel: a dense layer over the channels. Width and height stay at {output_width} and {output_height}; the number of channels may change.",
        mistake: "",
    },
    Question {
        id: "C31",
        short: "Changing channel count with 1 × 1",
        look: "Three channels become one grey one; read rank and error of the way back. Then choose false colour with three outputs: now the way back is exact.",
        link: C31,
        ask: "Three channels go through a 1 × 1 layer into one grey one. Can another 1 × 1 layer bring the colours back?",
        options: &["No", "Yes, with the inverse matrix", "Yes, if it has a bias"],
        answer: "The matrix has rank {mixing_rank} for three channels: the best way back is off by {mixing_mean_error%} of the range on average. With three outputs that differ enough nothing is lost.",
        mistake: "",
    },
    Question {
        id: "C32",
        short: "Count a layer's parameters",
        look: "Read the formula with its numbers: 64 kernels of 3 · 3 · 3 weights, and 64 biases, 1792 in all, as in VGG's first layer. Change one factor at a time.",
        link: C32,
        ask: "3 channels in, 64 out, 3 × 3, with bias. How many parameters?",
        options: &["1792", "1728", "640"],
        answer: "{weights} weights and {biases} biases are {parameters} parameters, as in VGG's first layer: out_channels times in_channels / groups times the kernel's cells, and one bias an output channel.",
        mistake: "",
    },
    Question {
        id: "C33",
        short: "Does bias count?",
        look: "The two states differ by the bias alone: one number an output channel, few beside the weights. Before a batch norm it would be taken away again.",
        link: C33,
        ask: "A layer of 3 to 4 channels, 3 × 3. How many parameters does its bias add?",
        options: &["4", "1", "12"],
        answer: "{biases}: one an output channel, {parameters} parameters instead of {beside_parameters}. A batch norm behind it would take any bias away again.",
        mistake: "",
    },
    Question {
        id: "C34",
        short: "Do padding and stride change parameters?",
        look: "The second state has stride 2: its map is smaller and costs fewer multiply-adds, its parameters are the same. Move the padding too: parameters stay.",
        link: C34,
        ask: "Stride goes from 1 to 2. What happens to the parameters?",
        options: &["They stay", "They drop to a quarter", "They grow"],
        answer: "{parameters} parameters before and {beside_parameters} after: all places share the same weights. The multiply-adds fall from {macs} to {beside_macs}.",
        mistake: "",
    },
    Question {
        id: "C37",
        short: "Grouped convolution's kernels",
        look: "The grid shows who reads whom: with 3 groups each kernel reads 2 of 6 channels, so its shape is [2, 3, 3] and there are still 12. Move groups to 6: only single channels are left.",
        link: C37,
        ask: "6 channels in, 12 out, 3 × 3, groups = 3. What shape has each kernel?",
        options: &["[2, 3, 3]", "[6, 3, 3]", "[4, 3, 3]"],
        answer: "Each of the {kernels} kernels reads {slices_per_kernel} channels, the ones of its own group: {weights} weights instead of {standard_parameters}.",
        mistake: "",
    },
    Question {
        id: "C38",
        short: "Depthwise against standard",
        look: "Compare the bars: depthwise alone has one slice a channel; with a 1 × 1 layer behind it, the count is 1/8 + 1/9 of the standard one, 1 over the outputs plus 1 over the taps.",
        link: C38,
        ask: "8 channels, 3 × 3, no bias: standard has 576 weights. How many has depthwise?",
        options: &["72", "64", "576"],
        answer: "{parameters}: one slice a channel instead of {standard_parameters} weights. With a 1 × 1 layer behind it, {separable_parameters}, which is {separable_ratio%} of standard: 1/8 + 1/9.",
        mistake: "",
    },
];

const ZH: [Question; 11] = [
    Question {
        id: "C17",
        short: "多通道输入与输出",
        look: "指向输出：三张部分和图（每个通道一张）相加，再加一次偏置。换一个输出通道：核片不同，输入还是那三个。",
        link: C17,
        ask: "三个通道进来，一个输出通道怎样由它们得到？",
        options: &["每个通道一张图，三张相加，再加一个偏置", "三张图取平均", "只保留最匹配的通道"],
        answer: "每个数加权 {inputs_per_output} 个输入：{slices_per_kernel} 片得到 {slices_per_kernel} 张部分和图，相加后再加一次偏置。图下的算式就是你所指格子的这个和。",
        mistake: "",
    },
    Question {
        id: "C22",
        short: "3 进 64 出：多少个核？",
        look: "数卡片：64 个核，每个三片，共 192 片。分组时每个核的片数减少，而且组数必须同时整除两个通道数：在这里试试 2，看为什么不行。",
        link: C22,
        ask: "3 个通道进，64 个出，3 × 3。这一层有多少个卷积核？",
        options: &["64 个", "192 个", "3 个"],
        answer: "{kernels} 个核，每个输出通道一个，每个深 {slices_per_kernel} 片：共 {slices} 片，{weights} 个权重。",
        mistake: "192 数的是片。单独一片不是核：它的图只是一个输出通道之和中的一项。3 数的是输入通道，它决定核有多深。",
    },
    Question {
        id: "C26",
        short: "卷积核的各部分",
        look: "权重有四个轴：哪个输出、读哪个输入、行、列。指向某一片里的数，在旁边的形状里找到它的位置。",
        link: C26,
        ask: "权重的形状是 [2, 3, 3, 3]。第二个数是什么？",
        options: &["一个核所读的输入通道数", "核的个数", "核的高"],
        answer: "有 {kernels} 个核；每个读 {slices_per_kernel} 个通道，每片 3 行 3 列，每核 {inputs_per_output} 个权重，共 {weights} 个。",
        mistake: "",
    },
    Question {
        id: "C27",
        short: "核的深度与通道",
        look: "增加输入通道：每个核多一片。增加输出通道：核变多，但不会变深。",
        link: C27,
        ask: "输入从 3 个通道变 6 个，输出从 4 个变 6 个。各改变什么？",
        options: &["输入：核的深度；输出：核的个数", "输入：核的个数；输出：核的深度", "两者都只改变个数"],
        answer: "现在有 {kernels} 个核，每个深 {slices_per_kernel} 片。输入通道决定深度，输出通道决定个数；权重数 {weights} 由两者得出。",
        mistake: "",
    },
    Question {
        id: "C30",
        short: "1 × 1 卷积有什么用？",
        look: "它给一个像素的各通道加权，看不到邻居：每个像素乘同一个小矩阵，相当于作用于通道的全连接层。比较它前后的几列图。",
        link: C30,
        ask: "1 × 1 卷积核看不到邻居，那它有什么用？",
        options: &["混合每个像素的各个通道", "稍微模糊一点", "把图变小"],
        answer: "每个像素都乘同一个有 {pointwise_parameters} 个权重的矩阵：作用于通道的全连接层。宽和高仍为 {output_width} 和 {output_height}，通道数可以改变。",
        mistake: "",
    },
    Question {
        id: "C31",
        short: "用 1 × 1 改变通道数",
        look: "三个通道变成一个灰度通道；看还原的秩与误差。再选“假彩色”、三个输出：这时可以精确还原。",
        link: C31,
        ask: "三个通道经 1 × 1 层变成一个灰度通道。再用一个 1 × 1 层能还原颜色吗？",
        options: &["不能", "能，用逆矩阵", "能，只要有偏置"],
        answer: "三个通道而矩阵的秩是 {mixing_rank}：最好的还原平均也差取值范围的 {mixing_mean_error%}。若有三个足够不同的输出，就什么也不丢。",
        mistake: "",
    },
    Question {
        id: "C32",
        short: "数一层的参数",
        look: "读代入数字的公式：64 个核，每个 3 · 3 · 3 个权重，加 64 个偏置，共 1792 个，正是 VGG 的第一层。每次只改一个因子。",
        link: C32,
        ask: "3 个通道进，64 个出，3 × 3，带偏置。有多少个参数？",
        options: &["1792", "1728", "640"],
        answer: "{weights} 个权重加 {biases} 个偏置，共 {parameters} 个参数，与 VGG 的第一层相同：输出通道数乘以（输入通道数除以组数），乘以核的高和宽，每个输出通道再加一个偏置。",
        mistake: "",
    },
    Question {
        id: "C33",
        short: "偏置算参数吗？",
        look: "两个状态只差偏置：每个输出通道一个数，与权重相比很少。若后面接批归一化，它会被减掉。",
        link: C33,
        ask: "3 到 4 个通道，3 × 3 的一层。偏置带来多少个参数？",
        options: &["4", "1", "12"],
        answer: "{biases} 个：每个输出通道一个，参数为 {parameters}，而不是 {beside_parameters}。后面若接批归一化，偏置又会被减掉。",
        mistake: "",
    },
    Question {
        id: "C34",
        short: "填充和步幅会改变参数吗？",
        look: "第二个状态的步幅是 2：图更小，乘加更少，参数却一样。再改填充：参数不变。",
        link: C34,
        ask: "步幅从 1 变为 2，参数会怎样？",
        options: &["不变", "减到四分之一", "变多"],
        answer: "之前 {parameters} 个参数，之后 {beside_parameters} 个：所有位置共用同样的权重。乘加次数则从 {macs} 降到 {beside_macs}。",
        mistake: "",
    },
    Question {
        id: "C37",
        short: "分组卷积的核",
        look: "网格说明谁读谁：分 3 组时每个核读 6 个通道中的 2 个，形状为 [2, 3, 3]，仍有 12 个核。把组数移到 6：每个核只剩一个通道。",
        link: C37,
        ask: "6 个通道进，12 个出，3 × 3，groups = 3。每个核的形状是什么？",
        options: &["[2, 3, 3]", "[6, 3, 3]", "[4, 3, 3]"],
        answer: "{kernels} 个核各读自己组里的 {slices_per_kernel} 个通道：{weights} 个权重，而不是 {standard_parameters} 个。",
        mistake: "",
    },
    Question {
        id: "C38",
        short: "逐通道与标准卷积",
        look: "比较条形：逐通道卷积每个通道只有一片；后面再接 1 × 1 层，总数是标准卷积的 1/8 + 1/9，即输出通道数的倒数，加上每片权重数的倒数。",
        link: C38,
        ask: "8 个通道，3 × 3，无偏置：标准卷积有 576 个权重。逐通道卷积有多少？",
        options: &["72", "64", "576"],
        answer: "{parameters} 个：每个通道一片，而标准卷积要 {standard_parameters} 个权重。后面再接 1 × 1 层，共 {separable_parameters} 个，是标准的 {separable_ratio%}：1/8 + 1/9。",
        mistake: "",
    },
];
