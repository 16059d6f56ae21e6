//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Channels", "通道";
        title: "Many channels in, one number out", "输入多个通道，输出一个数";
        lede: "A kernel has one slice for each channel it reads. Each slice makes a map, the maps are added, then the bias. Point at the output to see the sum.",
              "卷积核对它读的每个通道都有一片。每片得到一张图，各图相加，再加偏置。指向输出，看这个和。";
        main_title: "One output channel", "一个输出通道";
        input: "input", "输入";
        weight: "weight[{q}]", "权重[{q}]";
        partial: "partial maps", "部分和图";
        output: "output[{q}]", "输出[{q}]";
        added: "{n} maps added, bias {b}", "{n} 张图相加，偏置 {b}";
        added_none: "{n} maps added, no bias", "{n} 张图相加，无偏置";
        main_caption: "Output channel {q} reads {n} of {all} input channels: from {a} to {b}.", "输出通道 {q} 读 {all} 个输入通道中的 {n} 个：从 {a} 到 {b}。";
        summary: "{all} input channels of {h} by {w}; output channel {q} reads {n} of them through one kernel slice each, adds the {n} partial maps and its bias, and has {oh} by {ow} cells. At row {r}, column {c} it is {value}.",
                 "{all} 个 {h}×{w} 的输入通道；输出通道 {q} 读其中 {n} 个，每个通过一片卷积核，把 {n} 张部分和图与偏置相加，得到 {oh}×{ow} 格。第 {r} 行第 {c} 列为 {value}。";

        bank_title: "The bank: every kernel and its map", "卷积核组：每个核及其特征图";
        bank_caption: "{o} kernels of {per} × {kh} × {kw}: {slices} slices, {weights} weights. Click one to look at it above.",
                      "{o} 个 {per} × {kh} × {kw} 的核：{slices} 片，{weights} 个权重。点击一个，在上图查看。";
        bank_summary: "A card for each of {o} output channels: {per} kernel slices of {kh} by {kw} side by side, the map they make, and the bias.",
                      "{o} 个输出通道各一张卡片：并排的 {per} 片 {kh}×{kw} 核，它们得到的图，以及偏置。";
        bias_is: "bias {b}", "偏置 {b}";
        groups_title: "Who reads whom", "谁读谁";
        groups_caption: "groups = {g}: {pairs} of {all} pairs are connected. Rows are outputs, columns are inputs.", "groups = {g}：{all} 对中有 {pairs} 对相连。行是输出，列是输入。";
        groups_depthwise: "Depthwise: each input channel is read alone, only the diagonal is left.", "逐通道卷积：每个输入通道单独被读，只剩对角线。";
        groups_summary: "A grid of {o} outputs by {c} inputs; {pairs} pairs are connected, {per} inputs for each output.", "{o} 个输出乘 {c} 个输入的网格；相连 {pairs} 对，每个输出读 {per} 个输入。";
        groups_table: "the same layer at every group count that divides", "同一层，每一种能整除的组数";
        groups_row: "groups {g}: {n} weights", "groups {g}：{n} 个权重";
        mixing_title: "1 × 1 mixing: one matrix at every pixel", "1 × 1 混合：每个像素乘同一个矩阵";
        mixing_caption: "{c} → {o} → {c}. Rank {rank}: largest difference on the way back {most}, mean {mean}.", "{c} → {o} → {c}。秩 {rank}：还原后最大误差 {most}，平均 {mean}。";
        mixing_together: "Top row: the three channels together, as red, green and blue.", "最上一行：三个通道合在一起，按红、绿、蓝显示。";
        mixing_first: "The first {n} channels are drawn.", "只画前 {n} 个通道。";
        mixing_summary: "Each pixel's {c} channels times a matrix give {o}; the best matrix back is off by {most} at most and {mean} on average.",
                        "每个像素的 {c} 个通道乘一个矩阵得到 {o} 个；最好的还原矩阵最多差 {most}，平均差 {mean}。";
        mixed: "mixed", "混合后";
        matrix: "matrix", "矩阵";
        back_matrix: "way back", "还原矩阵";
        restored: "back", "还原";
        parameters_title: "What it costs, and what others would", "这一层与其他层的开销";
        parameters_caption: "Weights and biases of this layer; the others, without bias, in its place. A position in the output costs the weights once.",
                            "这一层的权重与偏置；其他层不带偏置，放在同一位置。输出的每个位置都要把权重用一遍。";
        parameters_summary: "This layer has {own} parameters; with groups of 1 {dense}, depthwise {depthwise}, 1 by 1 {point}, depthwise and then 1 by 1 {separable}.",
                            "这一层有 {own} 个参数；groups 为 1 时 {dense}，逐通道 {depthwise}，1×1 为 {point}，逐通道加 1×1 为 {separable}。";
        this_layer: "this layer", "这一层";
        dense: "standard, groups 1", "标准，groups 1";
        depthwise: "depthwise, one map an input", "逐通道，每个输入一张图";
        pointwise: "1 × 1", "1 × 1";
        separable: "depthwise, then 1 × 1", "逐通道，再 1 × 1";
        cost_of: "{p} parameters, {m} multiply-adds", "{p} 个参数，{m} 次乘加";

        answer: "{c} channels in, {o} out: {o} kernels, each {per} slices deep. Each number of the output weighs {reads} inputs.",
                "{c} 个通道进，{o} 个出：{o} 个核，每个深 {per} 片。输出的每个数加权 {reads} 个输入。";
        shape: "Weight shape", "权重的形状";
        sum: "Output here", "此处的输出";
        count_formula: "Parameters", "参数";
        macs_formula: "Multiply-adds", "乘加次数";
        ratio_formula: "Depthwise, then 1 × 1, against standard", "逐通道再 1 × 1，与标准之比";
        counts: "Counts", "计数";
        kernels: "Kernels", "卷积核";
        kernels_detail: "one an output channel", "每个输出通道一个";
        slices: "Slices", "片";
        weights: "Weights", "权重";
        biases: "Biases", "偏置";
        parameters: "Parameters", "参数";
        macs: "Multiply-adds", "乘加次数";
        reads: "Inputs behind one number", "一个数背后的输入";
        output_size: "Output size", "输出尺寸";
        instead: "In its place, parameters", "换成别的层，参数";
        note_filters: "{o} kernels, not {wrong}: a kernel spans all {per} channels it reads, and its slices are not kernels of their own.",
                      "是 {o} 个核，不是 {wrong} 个：一个核跨过它读的全部 {per} 个通道，单独一片不算一个核。";
        note_groups: "Groups must divide both channel counts: with {c} in and {o} out they can be {works}. PyTorch refuses others.",
                     "组数必须同时整除两个通道数：{c} 进 {o} 出时可以是 {works}。其他组数 PyTorch 会拒绝。";
        note_depthwise: "Depthwise: no output mixes two channels. A 1 × 1 layer behind it does the mixing.", "逐通道：没有输出会混合两个通道。混合由其后的 1 × 1 层完成。";
        note_stride: "Stride and padding move the size and the multiply-adds, never the parameters.", "步幅和填充改变尺寸和乘加次数，从不改变参数。";
        note_point: "A 1 × 1 kernel sees one pixel: it is a dense layer over channels, the same at every pixel.", "1 × 1 核只看一个像素：它是作用于通道的全连接层，每个像素都一样。";
        note_bias: "One bias an output channel, not one a kernel slice and not one a pixel. Before batch norm it is of no use.", "每个输出通道一个偏置，不是每片一个，也不是每个像素一个。后面接批归一化时它没有用处。";
        note_lost: "{c} channels through {rank}: what they differed in is lost, and no layer behind can bring it back.", "{c} 个通道经过秩为 {rank} 的矩阵：它们之间的差别丢失了，后面的层无法找回。";
        note_grey: "An array [1, c, h, w] of your own brings its channels; raise channels in beyond them and they repeat.", "你自己的 [1, c, h, w] 数组带来它的各个通道；输入通道多于它时会重复。";

        ask_kernels: "{c} channels in, {o} out, groups = 1. How many kernels has the layer?", "{c} 个通道进，{o} 个出，groups = 1。这一层有多少个卷积核？";
        because_kernels: "One an output channel: {o}. Each is {c} slices deep.", "每个输出通道一个：{o} 个。每个深 {c} 片。";
        wrong_slices: "Those are the slices. One kernel owns {c} of them and adds up their maps.", "那是片数。一个核拥有其中 {c} 片，并把它们的图相加。";
        wrong_inputs: "Those are the channels that come in; they decide how deep a kernel is.", "那是输入的通道数；它决定核有多深。";
        wrong_sum: "Channels multiply here, they don't add.", "这里通道数是相乘，不是相加。";
        ask_parameters: "{c} in, {o} out, kernel {kh} × {kw}, with bias. How many parameters?", "{c} 进，{o} 出，核 {kh} × {kw}，带偏置。有多少个参数？";
        because_parameters: "{o} · {c} · {kh} · {kw} + {o} = {n}.", "{o} · {c} · {kh} · {kw} + {o} = {n}。";
        wrong_no_bias: "That leaves out the biases, one an output channel.", "漏了偏置：每个输出通道一个。";
        wrong_depth: "That forgets that each kernel has a slice for every input channel.", "忘了每个核对每个输入通道都有一片。";
        wrong_bias_each: "That gives every slice a bias of its own; there is one an output channel.", "那样每片都有自己的偏置；其实每个输出通道只有一个。";
        ask_stride: "Stride goes from {a} to {b}, padding stays. What happens to the {n} parameters?", "步幅从 {a} 变为 {b}，填充不变。{n} 个参数会怎样？";
        stays: "They stay {n}", "仍是 {n} 个";
        fewer: "They drop to {n}", "减到 {n} 个";
        grows: "They grow to {n}", "增到 {n} 个";
        because_stride: "The same weights are used at fewer places: parameters stay, multiply-adds fall.", "同样的权重用在更少的位置：参数不变，乘加减少。";
        wrong_stride: "Multiply-adds change so; the weights are shared by all places.", "变的是乘加次数；权重由所有位置共用。";
        wrong_more: "Nothing is learned for single places, so no place can add weights.", "没有为单个位置学习的量，位置不会增加权重。";
        ask_depthwise: "{c} channels in, {c} out, {k} × {k}, no bias. Standard has {dense} weights. And depthwise?", "{c} 进 {c} 出，{k} × {k}，无偏置。标准卷积有 {dense} 个权重。逐通道卷积呢？";
        because_depthwise: "Each output reads one channel: {c} · 1 · {k} · {k} = {n}.", "每个输出只读一个通道：{c} · 1 · {k} · {k} = {n}。";
        wrong_same: "Groups cut the connections: each kernel is one slice deep.", "分组会切断连接：每个核只深一片。";
        wrong_one_kernel: "That is one slice; every channel has its own.", "那只是一片；每个通道都有自己的一片。";
        wrong_pair: "That is only the 1 × 1 layer, which mixes and does not look around.", "那只是 1 × 1 层：它混合通道，不看周围。";
        ask_groups: "{c} in, {o} out. Which number of groups does PyTorch refuse?", "{c} 进，{o} 出。PyTorch 会拒绝哪个组数？";
        because_groups: "{n} does not divide both {c} and {o}.", "{n} 不能同时整除 {c} 和 {o}。";
        wrong_groups: "{n} divides both: {a} inputs and {b} outputs a group.", "{n} 能整除两者：每组 {a} 个输入、{b} 个输出。";
        ask_back: "Three channels are mixed into {n} by a 1 × 1 layer. Can another 1 × 1 layer bring them back?", "三个通道经 1 × 1 层混合成 {n} 个。再用一个 1 × 1 层能还原吗？";
        back_yes: "Yes, up to rounding", "能，只差舍入";
        back_no: "No", "不能";
        back_average: "Only where all three are equal", "只在三者相等处";
        because_back: "Its rank is {rank}: the best way back is off by {mean} on average.", "它的秩是 {rank}：最好的还原平均也差 {mean}。";
        wrong_back: "Look at the rank of the matrix: {rank}, for three channels.", "看矩阵的秩：三个通道，秩为 {rank}。";
        wrong_back_equal: "That would hold for a grey picture under any weights that add up; look at the rank instead, {rank}.", "对权重和为一的灰度图才成立；应看秩：{rank}。";
        ask_sum: "The {n} partial maps are {terms} at one place, the bias is {b}. What is the output there?", "某处 {n} 张部分和图的值为 {terms}，偏置 {b}。那里的输出是多少？";
        because_sum: "All added, the bias once: {v}.", "全部相加，偏置加一次：{v}。";
        wrong_sum_bias: "That leaves out the bias.", "漏了偏置。";
        wrong_sum_mean: "That is a mean. A convolution adds and does not divide.", "那是平均。卷积只相加，不除。";
        wrong_sum_each: "That adds the bias once for every channel.", "那样每个通道都加了一次偏置。";

        more: "{n} more maps", "其余 {n} 张图";
        bias_word: "bias {b}", "偏置 {b}";
        detector_0: "upright edges", "竖直边缘";
        detector_1: "level edges", "水平边缘";
        detector_2: "red, not green", "红而非绿";
        detector_3: "yellow, not blue", "黄而非蓝";
        detector_4: "fine detail", "细节";
        detector_5: "dark places", "暗处";
        load_bias: "bias takes [c_out] numbers and goes with weights of your own: load weight first.", "bias 取 [c_out] 个数，并与你自己的权重配合：请先载入 weight。";
    }
}
