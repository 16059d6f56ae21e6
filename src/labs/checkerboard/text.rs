//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Checkerboard", "棋盘效应";
        title: "Every input cell stamps its kernel", "每个输入格盖下一枚卷积核";
        lede: "Where stamps overlap, values add up. Repair the pattern: change one control until every cell is stamped equally often.",
              "印章重叠处，数值相加。请修好这个图案：只改一个控件，让每格被盖的次数相同。";
        size: "{h} × {w}", "{h} × {w}";
        input: "input", "输入";
        kernel: "kernel", "卷积核";
        stamp: "stamp of one cell", "一格盖下的印章";
        output: "output", "输出";
        overlap: "overlap", "重叠次数";
        overlap_remark: "products a cell", "每格的乘积数";
        detail: "detail", "局部";
        conv_gradient: "strided convolution", "带步幅的卷积";
        pool_gradient: "max pooling", "最大池化";
        cut_away: "Outside the frame: what padding={n} cuts from each side.", "框外：padding={n} 从每侧裁去的格子。";
        added: "Dashed inside it: what output_padding={n} keeps or adds at the end.", "框内虚线：output_padding={n} 在末端保留或添加的行与列。";
        not_measured: "not measured", "未测量";
        main_title: "Stamps and what they add up to", "印章与它们的和";
        main_caption: "point at a cell, or press Play to stamp one by one", "指向任意格子，或按播放逐个盖章";
        main_summary: "An input of {h} by {w} cells grows to {oh} by {ow}. Between {low} and {high} products meet in an output cell. Artifact strength: {strength}.",
                      "{h}×{w} 的输入变成 {oh}×{ow}。每个输出格汇集 {low} 到 {high} 个乘积。伪影强度：{strength}。";
        back_title: "The gradient that comes back to the input", "回到输入上的梯度";
        back_caption: "every output pulls with gradient 1", "每个输出的梯度都是 1";
        back_summary: "The gradient of strided layers on an input of {h} by {w} cells, shown on {oh} by {ow}. Between {low} and {high} windows read a cell. Artifact strength: {strength}.",
                      "带步幅的层在 {h}×{w} 输入上的梯度，画在 {oh}×{ow} 格上。每格被 {low} 到 {high} 个窗口读取。伪影强度：{strength}。";

        table_title: "Which kernel and stride are even?", "哪些核与步幅的重叠是均匀的？";
        table_caption: "choose a cell to set both", "点击格子可同时设定两者";
        table_summary: "A table of overlap ratios for kernel sizes and strides; kernel {k} with stride {s} is lit: {ratio}.",
                       "各种卷积核大小与步幅的重叠比；当前核 {k}、步幅 {s}：{ratio}。";
        ratio_title: "Overlap ratio in 2-D", "二维重叠比";
        ratio_remark: "most ÷ fewest", "最多 ÷ 最少";
        ratio_rule: "Even exactly when the stride divides the kernel. Holes: the stride is longer than the kernel.",
                    "步幅整除卷积核大小时才均匀。空缺：步幅大于卷积核。";
        stride: "stride", "步幅";
        holes: "holes", "空缺";
        line_title: "In one dimension", "一维的情形";
        line_remark: "six stamps", "六枚印章";
        layer_n: "after layer {n}", "第 {n} 层之后";
        line_even: "Every inner cell gets {most}.", "每个内部格子都得 {most}。";
        line_uneven: "Inner cells get from {fewest} to {most}.", "内部格子得 {fewest} 到 {most} 不等。";

        cures_title: "Made smaller, then grown back", "先缩小，再放大";
        cures_caption: "the same picture, {n} ways; every kernel scaled to keep the brightness", "同一幅图，{n} 种方法；各卷积核都调整到亮度不变";
        cures_summary: "A picture of {side} pixels a side, made smaller by {s} and grown back in {n} ways, each with its error, artifact strength, parameters and multiply-adds. The strongest pattern: {name}, {strength} %.",
                       "边长 {side} 像素的图缩小到 1/{s} 后，用 {n} 种方法放大，列出各自的误差、伪影强度、参数与乘加次数。伪影最强的是{name}：{strength} %。";
        cures_note: "Blue: too dark. Vermilion: too bright. Artifact: swing of the pattern against mean brightness. Error: root mean square, of the range from black to white. Cost: thousands of multiply-adds. Each bar is the artifact above it, the strongest one full.",
                    "蓝：偏暗；朱红：偏亮。伪影：图案起伏与平均亮度之比。误差：均方根，以黑白范围为单位。开销：千次乘加。横条：上方的伪影值，最强者占满。";
        error_is: "Below each: output − original.", "每幅下方：输出 − 原图。";
        original: "original", "原图";
        cure_uniform: "transposed, alike", "转置，等值";
        cure_random: "transposed, random", "转置，随机";
        cure_bilinear: "transposed, bilinear", "转置，双线性";
        cure_learned: "transposed, learned", "转置，学得";
        cure_resize: "nearest + conv", "最近邻 + 卷积";
        cure_shuffle: "pixel shuffle", "像素重排";
        cure_icnr: "shuffle, ICNR", "重排，ICNR";
        cure_bicubic: "bicubic", "双三次";
        artifact: "artifact", "伪影";
        rms_error: "error", "误差";
        parameters_short: "params", "参数";
        macs_short: "cost", "开销";

        spectrum_title: "The pattern in the spectrum", "频谱中的图案";
        spectrum_caption: "rings: multiples of one cycle in {period} cells", "圆圈：每 {period} 格一个周期的各倍频";
        spectrum_summary: "The Fourier magnitude of the interior of the output, {h} rows of it, zero frequency in the middle. A pattern that repeats every {period} cells lives in the ringed frequencies. Artifact strength: {strength}.",
                          "输出内部 {h} 行的傅里叶幅度，零频在中间。每 {period} 格重复的图案只占圆圈处的频率。伪影强度：{strength}。";
        spectrum_name: "spectrum", "频谱";
        spectrum_remark: "log scale", "对数刻度";
        spectrum_note: "Magnitude against the sum of all values, logarithmic: zero on the legend stands for one thousandth or less, one for all of the sum. Zero frequency lies in the middle.",
                       "幅度除以所有数值之和，取对数：图例上的零表示千分之一或更小，一表示等于总和。零频在正中。";
        measured_part: "measured part", "测量的部分";
        phases: "mean by place", "各位置的平均";
        phases_note: "Cells that stand at the same place of every {period} by {period} block, averaged. Their spread over the mean is the artifact strength.",
                     "把每个 {period}×{period} 小块中同一位置的格子取平均。它们的离散程度除以均值，就是伪影强度。";
        no_period: "The interior holds no whole period: make the input larger.", "内部放不下一个完整周期：请增大输入。";
        period_one: "Stride 1 repeats nothing, so there is no pattern to ring.", "步幅为 1 没有重复，也就没有图案可圈。";

        learn_title: "Learn it away", "让它学着消失";
        learn_caption: "{n} steps of Adam on the mean squared error", "用 Adam 最小化均方误差，共 {n} 步";
        learn_working: "working: {share}", "计算中：{share}";
        learn_waits: "The descent has not begun yet.", "梯度下降尚未开始。";
        learn_summary: "Two transposed convolutions of one channel learn to grow a small picture back: their loss over the steps, the picture before and after, and their taps.",
                       "两个单通道转置卷积学习把小图放大：误差随步数的曲线，前后的图像，以及权重。";
        learn_note: "Both kernels lose the pattern, because evenness of the sums is learned: the taps of every place in the stride come to add up alike. An even kernel starts even only when its taps are.",
                    "两种核都能去掉图案，因为“均匀”可以学到：步幅内各位置的权重之和变得相等。整除只保证次数均匀，权重随机时仍不均匀。";
        fit_says: "Kernel {k}: artifact {from} % before, {to} % after.", "核 {k}：伪影之前 {from} %，之后 {to} %。";
        fit_begins: "Kernel {k}: artifact {from} % before.", "核 {k}：伪影之前 {from} %。";
        kernel_n: "kernel {k}", "核 {k}";
        step_axis: "step; root mean square error in %", "步；均方根误差（%）";
        before: "before", "之前";
        after: "after", "之后";
        taps: "taps", "权重";

        matrix_title: "Two views, one matrix", "两种看法，一个矩阵";
        matrix_caption: "the middle row of the kernel, {inputs} inputs, {outputs} outputs", "卷积核的中间一行，{inputs} 个输入，{outputs} 个输出";
        matrix_summary: "Left, the transposed convolution as a matrix of {outputs} rows and {inputs} columns. Right, the convolution with the same stride and padding as a matrix of {inputs} rows and {outputs} columns: its transpose. On the page's own tensors the two inner products are {left} and {right}.",
                        "左：转置卷积的矩阵，{outputs} 行 {inputs} 列。右：步幅与填充相同的卷积的矩阵，{inputs} 行 {outputs} 列，恰是左边的转置。用页面上的张量算，两个内积为 {left} 与 {right}。";
        matrix_up: "transposed convolution", "转置卷积";
        matrix_down: "convolution", "卷积";
        matrix_note: "Each was computed from its own operator. A column on the left, one stamp, is a row on the right, one window. So the gradient of a strided convolution is a transposed one, and shows the same pattern.",
                     "两者各由自己的算子算出。左边的一列是一枚印章，正是右边的一行，即一个窗口。所以带步幅卷积的梯度就是转置卷积，也带有同样的图案。";
        matrix_products: "⟨conv(y), x⟩ = {left} and ⟨y, convᵀ(x)⟩ = {right}, with x the input and y the layer's answer to it.",
                         "⟨conv(y), x⟩ = {left}，⟨y, convᵀ(x)⟩ = {right}；x 是输入，y 是这一层对它的输出。";

        // Insight.
        says_even: "Even: {s} divides {k}, so every inner cell sums {most} products. Equal counts don't make equal values when the taps are random.",
                   "均匀：{s} 整除 {k}，每个内部格子都是 {most} 个乘积之和。但权重随机时，次数相等并不保证数值相等。";
        says_uneven: "Uneven: {s} does not divide {k}. Some inner cells sum {most} products, others only {fewest}.",
                     "不均匀：{s} 不整除 {k}。有的内部格子是 {most} 个乘积之和，有的只有 {fewest} 个。";
        says_balanced: "The counts are uneven, {most} to {fewest}, and yet the pattern is gone: these taps add up alike in every place.",
                       "次数并不均匀（{most} 比 {fewest}），图案却消失了：这组权重在每个位置上的和都相等。";
        says_holes: "Holes: the kernel is shorter than the stride, so some cells are never stamped.", "有空缺：卷积核比步幅短，有些格子从未被盖到。";
        says_resize: "Nothing is stamped: every output sums the same number of products, {most}, so the layer itself makes no pattern of counts.",
                     "没有盖章：每个输出都是同样多的乘积（{most} 个）之和，层本身不会造成次数上的图案。";
        says_shuffle: "Every output sums {most} products, but each place of a block has a kernel of its own: if those differ, the pattern is there from the start.",
                      "每个输出都是 {most} 个乘积之和，但小块中每个位置各有一个核：核不同，图案从一开始就在。";
        says_back: "Backwards the same happens: a cell that {most} windows read gets {most} shares of the gradient, another {fewest}.",
                   "反向也一样：被 {most} 个窗口读取的格子得到 {most} 份梯度，有的只得 {fewest} 份。";
        strength_title: "Artifact strength", "伪影强度";
        strength_letters: "F: Fourier transform of the measured part y; rings: the frequencies of the pattern",
                          "F：测量部分 y 的傅里叶变换；圈：图案所在的频率";
        ring: "ring", "圈";
        overlap_title: "Overlap ratio", "重叠比";
        size_title: "Output size", "输出尺寸";
        size_letters: "n input, s stride, p padding, k kernel_size, last output_padding", "n 输入，s 步幅，p 填充，k 卷积核大小，最后一项 output_padding";
        grown_letters: "each layer multiplies by the stride", "每层乘以步幅";
        nearest_even: "The nearest even kernels for stride {s}: {list}.", "步幅 {s} 时最近的均匀核大小：{list}。";
        or_join: " or ", " 或 ";
        note_random: "Random taps put a pattern back even where counts are even: {strength} here. It can be trained away, but training has to do it.",
                     "即使次数均匀，随机权重也会带回图案：这里是 {strength}。训练可以消除它，但得靠训练。";
        note_icnr_uneven: "ICNR makes all taps of a block equal, which helps only when the stride divides the kernel.", "ICNR 让一块内的权重相等，只有步幅整除卷积核时才有用。";
        note_depth: "Each layer multiplies the unevenness of the one before: the pattern repeats every {period} cells.", "每一层都会放大前一层的不均匀：图案每 {period} 格重复一次。";
        note_back: "Don't take such a pattern in a saliency map for something the network saw: windows overlap unevenly whatever the picture.",
                   "不要把显著图里的这种图案当作网络看到的东西：不管什么图片，窗口的重叠都不均匀。";
        note_resize: "The usual mistake: “transposed convolution is needed to learn up-sampling”. Here the resize is fixed, and the convolution after it learns.",
                     "常见的误解：“要学习上采样就必须用转置卷积”。这里放大是固定的，后面的卷积照样可以学习。";
        note_not_inverse: "Deconvolution is a misnomer: a transposed convolution has the shape of the way back, not its values. It does not undo a convolution.",
                          "“反卷积”名不副实：转置卷积只还原形状，不还原数值，并不能撤销卷积。";
        cost_title: "This layer", "这一层";
        parameters: "Parameters", "参数";
        multiply_adds: "Multiply-adds", "乘加次数";
        memory: "Memory", "内存";
        memory_of: "input, weight, output as float32", "输入、权重、输出，float32";
        strength_of: "swing against mean", "起伏与均值之比";
        ratio_1d: "Overlap ratio, 1-D", "一维重叠比";
        ratio_2d: "Overlap ratio, 2-D", "二维重叠比";
        squared: "squared", "平方";
        period_name: "Period", "周期";
        period_of: "stride to the power of depth", "步幅的层数次方";
        more: "+ {n} more", "+ 其余 {n} 项";
        windows: "read by {n} windows", "被 {n} 个窗口读取";

        // Predict first.
        ask_even: "Stride {s}. Which kernel_size is even?", "步幅 {s}。哪个 kernel_size 使重叠均匀？";
        even_because: "{s} divides {k}: every place of the stride gets {n} taps.", "{s} 整除 {k}：步幅内每个位置都得到 {n} 个权重。";
        thought_uneven: "{s} does not divide {k}: some places get {most} taps, others {fewest}.", "{s} 不整除 {k}：有的位置得 {most} 个权重，有的得 {fewest} 个。";
        ask_ratio: "Kernel {k}, stride {s}. What is most ÷ fewest in 2-D?", "核 {k}、步幅 {s}。二维的“最多 ÷ 最少”是多少？";
        ratio_because: "Along one axis cells get {most} or {fewest}; rows and columns multiply, so the ratio is squared.", "一个方向上各得 {most} 或 {fewest}；行与列相乘，所以要平方。";
        thought_1d: "That is the ratio along one axis. Rows and columns multiply.", "那是一个方向上的比。行与列要相乘。";
        thought_k_over_s: "That is kernel over stride, the mean count, not most over fewest.", "那是核除以步幅，即平均次数，不是最多除以最少。";
        thought_ratio_off: "Count the taps that fall on each place of the stride, along one axis, then square.", "先数一个方向上落在步幅内各位置的权重，再平方。";
        ask_size: "Input {n}, kernel {k}, stride {s}, padding {p}. How large is the output?", "输入 {n}，核 {k}，步幅 {s}，填充 {p}。输出多大？";
        size_because: "The last stamp begins at ({n} − 1)·{s} and is {k} long; padding cuts {p} from each side.", "最后一枚印章从 ({n} − 1)·{s} 开始，长 {k}；padding 从每侧裁去 {p}。";
        thought_times: "Input times stride leaves out how far the last stamp reaches.", "输入乘步幅，漏算了最后一枚印章伸出的部分。";
        thought_padding_adds: "That adds the padding. In a transposed convolution padding cuts.", "那是把填充加上了。转置卷积里 padding 是裁去。";
        thought_padding_once: "That cuts one side only.", "那只裁了一侧。";
        thought_conv: "That is the size of a convolution: it shrinks. This one grows.", "那是普通卷积的尺寸，会缩小；这里是放大。";
        ask_most: "Kernel {k}, stride {s}, two dimensions. How many stamps meet in the busiest cell?", "核 {k}、步幅 {s}，二维。盖得最多的格子上有多少枚印章？";
        most_because: "⌈{k} ÷ {s}⌉ = {most} along each axis, and {most}·{most} together.", "每个方向 ⌈{k} ÷ {s}⌉ = {most}，合起来 {most}·{most}。";
        thought_most_1d: "That is along one axis. The other axis has as many.", "那是一个方向上的。另一个方向也有同样多。";
        thought_all_taps: "All taps meet in one cell only at stride 1.", "只有步幅为 1 时，所有权重才会落到同一格。";
        thought_fewest: "That is the least busy cell.", "那是被盖得最少的格子。";
        ask_random: "Kernel 4, stride 2, random taps: counts are even. What of the pattern on a flat picture?", "核 4、步幅 2、随机权重：次数均匀。平坦的图上还有图案吗？";
        gone: "It is gone.", "没有了。";
        still: "It is still there.", "还在。";
        edges_only: "It is left at the edge only.", "只剩边缘处有。";
        random_because: "Artifact strength {strength}: each place sums as many taps, but other ones.", "伪影强度 {strength}：各位置的权重一样多，但数值不同。";
        thought_gone: "That holds when all taps are alike. Random taps add up to another number in each place: {strength}.", "权重全相等时才如此。随机权重在各位置的和不同：{strength}。";
        thought_edges: "The edge differs too, but the interior alone has {strength}.", "边缘确实不同，但光是内部就有 {strength}。";
        ask_stack: "Kernel 3, stride 2, twice. Which counts repeat along one axis?", "核 3、步幅 2，叠两层。一个方向上重复的次数是？";
        stack_because: "The second layer stamps 1, 2, 1, 2, … again: sums of neighbours and single ones alternate.", "第二层把 1、2、1、2……再盖一遍：单个与相邻之和交替出现。";
        thought_one_layer: "That is one layer. The second one adds neighbours up.", "那是一层的结果。第二层还会把邻格相加。";
        thought_square: "That squares the counts; a second layer adds neighbours instead.", "那是把次数平方；第二层是把邻格相加。";
        thought_flatten: "Stacking does not even it out: what was uneven goes into the next sum.", "叠加不会变均匀：不均匀会进入下一次求和。";
        ask_cost: "Same kernel {k}, stride {s}: nearest + convolution takes how many times the multiply-adds of a transposed convolution?", "同样的核 {k}、步幅 {s}：“最近邻 + 卷积”的乘加次数是转置卷积的几倍？";
        cost_because: "The convolution runs on the large picture: {s}·{s} times as many cells.", "卷积在大图上进行：格子数是原来的 {s}·{s} 倍。";
        thought_same: "Same taps, but they visit the large picture, not the small one.", "权重一样多，但要走遍大图而不是小图。";
        thought_one_axis: "The picture grows along both axes.", "图在两个方向上都变大。";
        thought_less: "It is the other way round: the convolution after the resize does more.", "正好相反：放大之后的卷积做得更多。";
        thought_kernel: "The kernel is the same in both, so it cancels.", "两者的核相同，可以约去。";
        ask_back: "A convolution with kernel {k} and stride {s}, all taps 1, every output with gradient 1. What is the largest gradient inside?", "核 {k}、步幅 {s} 的卷积，权重全为 1，每个输出的梯度为 1。内部最大的梯度是多少？";
        back_because: "The gradient stamps as a transposed convolution does: {most} windows along each axis read the busiest cell.", "梯度像转置卷积一样盖章：被读得最多的格子在每个方向上有 {most} 个窗口。";
    }
}
