//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Pooling", "池化";
        title: "Forward one number wins, backward it takes all", "前向传播：一个数胜出；反向传播：它独得全部梯度";
        lede: "A window keeps one number and forgets the rest. Follow the gradient home: which cells ever hear from the loss?",
              "窗口只留下一个数，其余都丢掉。沿反向传播往回走：哪些格子能收到梯度？";
        main_title: "Forward", "前向";
        input: "input", "输入";
        output: "output", "输出";
        indices: "taken from cell", "取自第几格";
        forward_caption: "Framed cells win a window; a dashed frame ties with a winner but comes later.",
                         "带框的格子在某个窗口中胜出；虚线框的格子与胜者一样大，但排在后面。";
        forward_caption_all: "Every cell of a window has its share in the output.", "窗口里的每个格子都对输出有一份贡献。";
        picture_caption: "Point at either picture: the frames show the window and its output.", "指向任一幅图：方框标出窗口及其输出。";
        lens: "the cells of this window", "这个窗口的格子";
        ring_never: "The dashed ring is padding: it stands for minus infinity (plus infinity for min), so it never wins.",
                    "虚线外圈是填充，相当于负无穷（取最小值时为正无穷），永远不会胜出。";
        ring_zeros: "The dashed ring is padding: zeros that take part.", "虚线外圈是填充：参与计算的零。";
        hangs: "Orange dashes: windows hang over the end here, and nothing is read.", "橙色虚线：窗口在此超出末端，那里什么也不读。";
        summary: "Input of {h} by {w} cells, output of {oh} by {ow}. Output at row {r}, column {c} is {value}.",
                 "输入 {h}×{w} 格，输出 {oh}×{ow} 格。第 {r} 行第 {c} 列的输出为 {value}。";

        backward_title: "Backward", "反向";
        grad_output: "gradient that arrives", "到达的梯度";
        grad_input: "where it lands", "落在哪里";
        rule_split: "If ties were split equally", "若并列最大者平分";
        rule_all: "If every tied cell got it all", "若并列最大者各得全部";
        sum_is: "sum {sum}", "合计 {sum}";
        sums_kept: "Sum in {a} = sum out {b}.", "到达合计 {a} = 传回合计 {b}。";
        sums_lost: "Sum in {a}, sum out {b}: {lost} fell on padding and is gone.", "到达合计 {a}，传回合计 {b}：{lost} 落在填充上，丢失了。";
        sums_lp: "Sum in {a}, sum out {b}: a power scales each part, so the sums may differ.", "到达合计 {a}，传回合计 {b}：幂会缩放每一份，两者可以不同。";
        backward_hint: "Click an output to take its gradient away or give it 1; type a number into the arriving gradient.",
                       "点击一个输出，拿走它的梯度或给它 1；也可以在到达的梯度中直接输入数。";
        backward_summary: "Gradient of {a} in all arrives at the output and {b} lands on the input. The pointed output is row {r}, column {c}.",
                          "到达输出的梯度合计 {a}，落在输入上的合计 {b}。所指的输出在第 {r} 行第 {c} 列。";

        noise_title: "Noise", "噪声";
        clean: "clean", "原图";
        noisy: "with noise", "加噪";
        rmse_is: "RMSE {e}", "均方根误差 {e}";
        noise_caption: "Error: each pool of the noisy picture against the same pool of the clean one, as a share of the picture's range.",
                       "误差：同一种池化作用于加噪图与原图，结果之差占图像取值范围的比例。";
        noise_instead: "The input is too small for noise, so shaded shapes take its place.", "输入太小，看不出噪声，所以改用明暗形体。";
        noise_summary: "Noise: {noise}. The error of max is {max}; the smallest is that of {best}, {error}.",
                       "噪声：{noise}。最大池化的误差为 {max}；误差最小的是{best}，{error}。";

        shift_title: "Shift", "平移";
        shift_x: "shift in cells", "平移格数";
        moved_map: "the moved map", "平移后的图";
        three_before: "three pools, before", "三次池化，平移前";
        three_after: "three pools, after", "三次池化，平移后";
        net_none: "no pool", "不池化";
        net_max: "max 2×2", "最大 2×2";
        net_avg: "average 2×2", "平均 2×2";
        net_conv: "strided convolution", "带步幅的卷积";
        net_three: "three max pools", "三次最大池化";
        net_back: "three, moved back by whole cells", "三次，再按整格移回";
        lies_on: "The line of “{a}” lies wholly on that of “{b}”.", "“{a}”与“{b}”两条线完全重合。";
        shift_caption: "Share of active cells that differ, 64 × 64 with joined edges. At {d} cells three pools change {three}; moved back by whole cells of {stride}, {back}.",
                       "非零格子中改变的比例，64 × 64，边缘相接。平移 {d} 格时三次池化改变 {three}；按整格（每格 {stride}）移回后为 {back}。";
        shift_summary: "At a shift of {d} cells {none} of the active cells change without a pool, {max} after one max pool and {three} after three; moved back, {back}. Exact again at multiples of {stride}.",
                       "平移 {d} 格时，不池化改变 {none}，一次最大池化 {max}，三次 {three}；移回后 {back}。每逢 {stride} 的倍数完全复原。";

        object_title: "Small object", "小物体";
        object_x: "side of the object", "物体边长（格）";
        way_max: "max 2×2", "最大 2×2";
        way_avg: "average 2×2", "平均 2×2";
        way_skip: "skip every other cell", "隔格取样";
        way_max_overlap: "max 3×3, stride 2", "最大 3×3，步幅 2";
        way_avg_overlap: "average 3×3, stride 2", "平均 3×3，步幅 2";
        way_dilated: "dilated blur, no stride", "膨胀模糊，不下采样";
        object_caption: "Peak response behind {layers} layers, mean over all places on the grid. A square of {n} keeps {max} under max, {avg} under average.",
                        "{layers} 层之后的峰值响应，对物体在网格上的所有位置取平均。边长 {n} 的方块在最大池化下保留 {max}，平均池化下 {avg}。";
        object_summary: "A bright square of side {n} behind {layers} layers: max keeps {max}, average {avg}, skipping {skip}, a dilated blur {dilated}.",
                        "边长 {n} 的亮方块经过 {layers} 层：最大 {max}，平均 {avg}，隔格取样 {skip}，膨胀模糊 {dilated}。";

        order_title: "Order", "顺序";
        order_map: "convolution and ReLU", "卷积加 ReLU";
        conv_first: "convolution, then pool", "先卷积后池化";
        pool_first: "pool, then convolution", "先池化后卷积";
        order_difference: "difference", "差";
        order_caption: "The same 3 × 3 convolution and ReLU costs {a} MACs before the pool and {b} behind it, {ratio} times less; but it sees another picture.",
                       "同一个 3 × 3 卷积加 ReLU，放在池化前要 {a} 次乘加，放在池化后只要 {b} 次，降到 1/{ratio}；但它看到的是另一幅图。";
        order_summary: "Convolution before the pool costs {a} MACs, behind it {b}. The last map shows where the two results differ.",
                       "卷积在池化前需 {a} 次乘加，在池化后需 {b} 次。最后一幅图显示两种结果的差。";

        channels_title: "Channels and heads", "通道与分类头";
        map_right: "edges across", "横向边缘";
        map_down: "edges down", "纵向边缘";
        map_laplacian: "all edges", "各向边缘";
        map_blur: "blur", "模糊";
        map_pooled: "pooled", "池化后";
        gap: "global average pooling: one number a channel", "全局平均池化：每通道一个数";
        channels_caption: "{channels} channels in, {channels} out. A dense head for {classes} classes on the pooled maps needs {flat} inputs and {dense} parameters; on the means {gap}, whatever the size.",
                          "进 {channels} 个通道，出 {channels} 个通道。在池化后的图上接 {classes} 类的全连接头需要 {flat} 个输入、{dense} 个参数；接在均值上只要 {gap} 个，与尺寸无关。";
        channels_summary: "Four feature maps, each pooled alone to {size}, and the mean of each. Dense head {dense} parameters, head on the means {gap}.",
                          "四幅特征图各自池化为 {size}，并给出各自的均值。全连接头 {dense} 个参数，均值头 {gap} 个。";

        // Insight.
        answer_choose: "{n} of {all} input cells hear of the loss; {silent} get nothing, and {shared} serve more than one window.",
                       "{all} 个输入格子中有 {n} 个收到梯度；{silent} 个什么也得不到，{shared} 个从不止一个窗口收到梯度。";
        answer_none: "All that arrives is 0, so no cell gets a gradient. {n} of {all} input cells could get one.",
                     "到达的梯度全为 0，因此没有格子得到梯度。{all} 个输入格子中有 {n} 个本可以得到。";
        answer_some: "{got} of {all} input cells get a gradient other than 0. It could land on {n}; {silent} are out of its reach.",
                     "{all} 个输入格子中有 {got} 个得到不为 0 的梯度。能够得到的有 {n} 个，另外 {silent} 个够不着。";
        answer_spread: "Every cell that a window reads gets a share: {n} of {all} input cells hear of the loss.",
                       "窗口读到的每个格子都分到一份：{all} 个输入格子中有 {n} 个收到梯度。";
        answer_noise: "One {noise} cell is enough for an extreme to change: {hit} of the windows hold a spoiled cell. Error of max {max}, average {avg}, median {median}.",
                      "只要一个{noise}噪声格子就足以改变极值：{hit} 的窗口里有被破坏的格子。误差：最大 {max}，平均 {avg}，中位数 {median}。";
        answer_shift: "Moved by {d}: {none} of the active cells change without a pool, {max} with one max pool, {three} with three.",
                      "平移 {d} 格：不池化时 {none} 的非零格子改变，一次最大池化 {max}，三次 {three}。";
        answer_object: "Behind {layers} layers a square of {n} cells keeps a peak of {max} under max and {avg} under average.",
                       "{layers} 层之后，边长 {n} 的方块在最大池化下峰值为 {max}，平均池化下为 {avg}。";
        answer_order: "Pooling first costs {ratio} times less, and the results differ by up to {apart}.",
                      "先池化，计算量只有 1/{ratio}，但结果最多相差 {apart}。";
        answer_channels: "Pooling keeps all {channels} channels and adds no parameter; the head on the means needs {gap} instead of {dense}.",
                         "池化保留全部 {channels} 个通道，不增加任何参数；接在均值上的头只需 {gap} 个参数，而不是 {dense} 个。";
        output_size: "Output size", "输出尺寸";
        output_height: "Output height", "输出高度";
        output_width: "Output width", "输出宽度";
        rows: "rows", "行方向";
        columns: "columns", "列方向";
        global_size: "one number for each channel", "每个通道一个数";
        gradient: "Gradient here", "此处的梯度";
        gradient_table: "Gradient", "梯度";
        slope_one: "1 for i = [{r}, {c}], 0 elsewhere", "i = [{r}, {c}] 时为 1，其余为 0";
        slope_none: "0 for every i", "对所有 i 均为 0";
        sum_in: "Sum that arrives", "到达的合计";
        sum_out: "Sum that lands", "传回的合计";
        hearing: "Cells it can land on", "梯度能落到的格子";
        got: "Cells that get some of it", "得到非零梯度的格子";
        hearing_of: "of {all}", "共 {all}";
        shared_cells: "Cells serving several windows", "为多个窗口所用的格子";
        tied: "Windows with a tie", "有并列最大的窗口";
        largest_grad: "Largest sum on one cell", "单个格子的最大合计";
        cost: "Cost of this layer", "这一层的开销";
        parameters: "Parameters", "参数";
        nothing_learned: "nothing is learned", "没有可学习的量";
        operations: "Operations", "运算次数";
        cells_less_one: "taps inside, less one a window", "窗口内的格子数减一，逐窗相加";
        kept: "Values kept", "保留的数值";
        unread: "Rows and columns never read", "从未读取的行与列";
        hanging: "Windows over the end", "超出末端的窗口";
        read_less: "+ {n} more", "+ 其余 {n} 个";

        note_ties: "Ties: PyTorch's CPU and CUDA max pools keep the first cell in scan order. The gradient of amax splits it equally; a comparison with the maximum would give it to all and make {more} out of {sum}.",
                   "并列最大：PyTorch 在 CPU 和 CUDA 上的最大池化都只取扫描顺序中的第一个。amax 的梯度会平分；若用“等于最大值”来判断，则各得全部，{sum} 会变成 {more}。";
        note_silent: "{n} cells get nothing this time: however they change a little, the loss stays.", "这次有 {n} 个格子什么也得不到：它们稍有改变，损失也不变。";
        note_overlap: "Windows overlap, so gradients add up: the largest sum on one cell is {n}.", "窗口重叠，梯度相加：单个格子的最大合计为 {n}。";
        note_lost: "Padding swallows {n} of the gradient: the zeros took part in the mean, and nobody learns from them.", "填充吞掉了 {n} 的梯度：零参与了平均，分给它们的梯度却没有用处。";
        note_even: "For an even kernel no symmetric padding keeps the size at stride 1: 2·padding would have to be odd.", "窗口为偶数时，步幅 1 下没有对称填充能保持尺寸：2·padding 需要是奇数。";
        note_unread: "The last {rows} rows and {cols} columns are read by no window. ceil_mode would let a window hang over.", "最后 {rows} 行、{cols} 列没有窗口读取。ceil_mode 会让窗口超出末端。";
        note_salt: "Max keeps salt: one brightest cell decides its window. With {n} cells a window, the chance that one is hit is {chance}; counted here: {hit}.",
                   "最大池化会保留椒盐中的“盐”：一个最亮的格子就决定了整个窗口。每窗 {n} 格，至少一格被击中的概率为 {chance}；这里实际数得 {hit}。";
        note_pepper: "Pepper is dark: max ignores it unless the whole window is hit, and min keeps it.", "“椒”是暗点：除非整个窗口都被击中，最大池化不受影响；最小池化则会保留它。";
        note_gaussian: "Every cell is off by a little: the mean averages it out, max picks what is off upwards. On the whole max is {max} too bright, the average is off by {avg}.",
                       "每个格子都偏一点：平均会抵消，最大值则总挑偏高的。总的来说最大池化偏亮 {max}，平均池化偏 {avg}。";
        note_phase: "Three 2 × 2 pools do not ignore a shift of 8: one output cell is 8 input cells, so the map moves by exactly one cell there. Between the multiples it is not a moved copy at all.",
                    "三次 2 × 2 池化并不会忽略 8 格平移：一个输出格等于 8 个输入格，此时图正好移动一格；在倍数之间，它根本不是平移后的副本。";
        note_small: "Average thins a small object out; max keeps its peak but not its place: it is known to one of {places} cells.", "平均会冲淡小物体；最大值保住峰值，却丢了位置：只知道在 {places} 格之一。";
        note_remedy: "Remedies: pool less, overlap the windows, or read further with dilation and keep the resolution.", "对策：少池化、让窗口重叠，或用膨胀卷积扩大视野而保持分辨率。";
        note_order: "Pooling usually stands behind convolution and ReLU: a pool first would throw away the fine edges before anybody has looked for them.",
                    "池化通常放在卷积与 ReLU 之后：若先池化，细小的边缘还没来得及检测就丢掉了。";
        note_norm: "lp lies between: norm_type 1 is the sum, a large one comes near max. It divides by nothing, unlike a mean.", "lp 介于两者之间：norm_type 为 1 是求和，很大时接近最大值。它不像平均那样做除法。";
        note_pad_avg: "count_include_pad counts the zeros of the padding, so means at the border are too small; switch it off to divide by the real cells.", "count_include_pad 会把填充的零算进去，边缘的均值因此偏小；关掉它就只除以真实的格子数。";
        note_gap: "Attention pooling learns weights for its mean; plain pooling learns nothing.", "注意力池化会学习平均的权重；普通池化什么也不学。";

        // Challenges.
        ask_size: "What size has the output with stride {stride}?", "步幅为 {stride} 时，输出有多大？";
        because_size: "⌊({n} − {k}) / {s}⌋ + 1 along the rows: {right}.", "行方向 ⌊({n} − {k}) / {s}⌋ + 1：{right}。";
        wrong_ceil: "That rounds up. Without ceil_mode a window that would hang over is left out.", "这是向上取整。没有 ceil_mode 时，会超出末端的窗口被舍去。";
        wrong_divide: "That only divides the input by the stride and forgets that a window needs room.", "这只是用输入除以步幅，忘了窗口本身也占位置。";
        wrong_now: "That is the size now; the stride changes how many windows there are.", "这是现在的尺寸；步幅会改变窗口的个数。";
        wrong_one: "One off: count the first window too, and only whole steps after it.", "差了 1：要算上第一个窗口，之后只算完整的步。";
        ask_hear: "Average instead of max, a gradient of 1 everywhere: how many input cells get some of it?", "把最大换成平均，各处梯度都为 1：有多少个输入格子分到梯度？";
        because_hear: "Every cell that some window reads: {right}. Max reaches {max}.", "凡被某个窗口读到的格子：{right} 个。最大池化只到达 {max} 个。";
        wrong_windows: "That is one cell a window, as if the average chose one.", "那是每窗一个格子，好像平均也只选一个。";
        wrong_max: "That is what max reaches now; average spreads.", "那是现在最大池化到达的数目；平均会分散。";
        wrong_reads: "That counts cells once for each window that reads them.", "那是按窗口重复计数。";
        wrong_all: "Close: is every cell read by a window?", "再想想：每个格子都被窗口读到吗？";
        ask_sum: "Max pooling, ones arrive at all {n} outputs. What do the gradients on the input add up to?", "最大池化，{n} 个输出各到达 1。输入上的梯度合计多少？";
        because_sum: "Each 1 goes to one cell whole, and sums on cells that win twice: {right} in, {right} out.", "每个 1 都完整地传给一个格子，胜出两次的格子把梯度相加：到达 {right}，传回 {right}。";
        wrong_tie_all: "That gives every tied cell the whole gradient; max pooling keeps the first only.", "那是让并列最大的格子都得到全部梯度；最大池化只取第一个。";
        wrong_cells: "That counts the cells; some of them get more than 1.", "那是格子数；有些格子得到的不止 1。";
        wrong_read_all: "That lets every cell a window reads take part, as a sum would.", "那是让窗口读到的每个格子都参与，像求和那样。";
        ask_channels: "A layer of {c} channels is max-pooled 2 × 2 with stride 2. How many channels come out, and how many parameters has the pool?",
                      "{c} 个通道做 2 × 2、步幅 2 的最大池化。出来多少个通道？池化有多少参数？";
        option_channels: "{c} channels, {p} parameters", "{c} 个通道，{p} 个参数";
        because_channels: "Each channel is pooled alone, and nothing is learned.", "每个通道各自池化，没有可学习的量。";
        wrong_halved: "Height and width are halved; channels are not.", "减半的是高和宽，不是通道数。";
        wrong_weights: "A 2 × 2 convolution would have weights; a pool compares, it doesn't weigh.", "2 × 2 卷积才有权重；池化只比较，不加权。";
        wrong_mixed: "Pooling never mixes channels.", "池化从不混合通道。";
        ask_salt: "Salt: {p} of the cells turn white. Which pool of {k} × {k} windows is hurt most?", "撒盐：{p} 的格子变成白色。{k} × {k} 的哪种池化受影响最大？";
        because_salt: "One white cell decides a window of max. Measured on the shaded shapes: RMSE {e}.", "一个白格就决定最大池化的窗口。在明暗形体上实测：均方根误差 {e}。";
        wrong_salt: "It is less hurt: RMSE {e}. It asks more than one cell.", "它受的影响较小：均方根误差 {e}。它不只看一个格子。";
        wrong_min: "Min looks at the darkest cell: salt must fill the window first. RMSE {e}.", "最小池化只看最暗的格子：盐要占满窗口才行。均方根误差 {e}。";
        ask_shift: "Three 2 × 2 max pools, and the input moves by {d} cells. What happens to the output?", "三次 2 × 2 最大池化，输入平移 {d} 格。输出会怎样？";
        option_same: "It stays the same.", "保持不变。";
        option_cells: "It moves by exactly {n} of its cells.", "正好移动它自己的 {n} 格。";
        option_between: "Some cells change, but it is no moved copy.", "部分格子改变，但不是平移的副本。";
        option_copy: "It moves by {d} of its cells.", "移动它自己的 {d} 格。";
        because_whole: "The total stride is 8, so a shift of {d} is a whole number of output cells.", "总步幅是 8，平移 {d} 正好是整数个输出格。";
        because_between: "{d} is no multiple of the total stride 8: objects cross cell borders one by one.", "{d} 不是总步幅 8 的倍数：物体逐个越过格子边界。";
        wrong_invariant: "Pooling is tolerant of small shifts, not blind to shifts.", "池化只是容忍小平移，并非看不见平移。";
        wrong_whole: "Only multiples of 8 move it by whole cells.", "只有 8 的倍数才会移动整格。";
        wrong_between: "Here the shift is a whole number of output cells, so it is a moved copy.", "这里平移正好是整数个输出格，所以就是平移的副本。";
        wrong_unscaled: "Each output cell stands for 8 input cells.", "每个输出格对应 8 个输入格。";
        ask_value: "What does this window give under average, if it gives {max} under max?", "这个窗口的最大值是 {max}，它的平均值是多少？";
        because_value: "{sum} / {n} = {right}.", "{sum} / {n} = {right}。";
        wrong_median: "That is the median: the middle one in order.", "那是中位数：排序后中间的那个。";
        wrong_middle: "That is the middle between the least and the greatest.", "那是最小与最大的中点。";
        wrong_sum: "That is the sum; divide by the number of cells.", "那是总和；还要除以格子数。";
    }
}
