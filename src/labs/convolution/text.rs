//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        title: "A window walks over the input", "一个窗口在输入上滑动";
        lede: "Every output cell is one weighted sum. Point at any cell to see which numbers made it, or press Play.",
              "每个输出格子都是一次加权求和。指向任意格子，看看它由哪些数得来；也可以按“播放”。";
        input: "input", "输入";
        kernel: "kernel", "卷积核";
        output: "output", "输出";
        padded_to: "{h} × {w}, padded to {ph} × {pw}", "{h} × {w}，填充后 {ph} × {pw}";
        size: "{h} × {w}", "{h} × {w}";
        flipped: "{name}, turned by 180°", "{name}，旋转 180°";
        enlarged: "{h} × {w}, drawn {k}× as large", "{h} × {w}，放大 {k} 倍绘制";
        magnified: "under the pointer", "指针所指处";
        never_read: "never read", "从未读取";
        main_title: "Sliding window", "滑动窗口";
        pin_hint: "Click pins a cell; Esc lets go.", "点击可固定格子，Esc 取消。";
        summary: "Input of {h} by {w} cells, kernel {kernel} of {kh} by {kw}, output of {oh} by {ow} cells with values from {low} to {high}.",
                 "输入 {h}×{w} 格，卷积核为 {kernel}，大小 {kh}×{kw}；输出 {oh}×{ow} 格，数值从 {low} 到 {high}。";
        summary_at: "Output at row {r}, column {c} is {value}.", "输出第 {r} 行第 {c} 列为 {value}。";

        // Insight: titles and labels.
        output_size: "Output size", "输出尺寸";
        output_height: "Output height", "输出高度";
        output_width: "Output width", "输出宽度";
        size_letters: "n input, p padding of both sides, d dilation, k kernel_size, s stride",
                      "n 输入，p 两侧填充之和，d 膨胀率，k 卷积核大小，s 步幅";
        pads_of: "Padding “{word}”, {axis}", "填充“{word}”，{axis}";
        each_axis: "each axis", "每个方向";
        rows: "rows", "行方向";
        columns: "columns", "列方向";
        correlation_here: "Cross-correlation, as computed here", "这里所算的：互相关";
        convolution_here: "Convolution, as computed here", "这里所算的：卷积（核已翻转）";
        more_products: "+ {n} more, together {sum}", "+ 其余 {n} 项，合计 {sum}";
        cost: "Cost of this layer", "这一层的开销";
        kernel_table: "Kernel", "卷积核";
        measured: "Measured here", "此处实测";
        parameters: "Parameters", "参数";
        no_bias: "{kh}·{kw}, no bias", "{kh}·{kw}，无偏置";
        with_bias: "{kh}·{kw} + 1 bias", "{kh}·{kw} + 1 个偏置";
        multiply_adds: "Multiply-adds", "乘加次数";
        memory: "Memory", "内存";
        memory_of: "input, weight, output as float32", "输入、权重、输出，float32";
        inputs_seen: "Inputs seen by one output", "一个输出所见的输入";
        of: "{n} of {total}", "{n} / {total}";
        density: "Density", "连接密度";
        density_of: "share of all input–output pairs", "占所有输入-输出对的比例";
        sum_of_weights: "Sum of weights", "权重之和";
        rank: "Rank", "秩";
        factors: "Column × row", "列 × 行";
        largest_difference: "Largest difference", "最大差值";
        flip_of: "convolution − correlation", "卷积 − 互相关";
        defect_of: "f(a + b) − f(a) − f(b)", "f(a + b) − f(a) − f(b)";
        shift_rows: "Shift, rows", "行偏移";
        shift_columns: "Shift, columns", "列偏移";
        shift_of: "answer to the impulse", "对脉冲的响应";

        // Insight: what a kernel does.
        does_box: "Every output is the plain mean of its window: detail fades, brightness stays.",
                  "每个输出都是窗口内的平均值：细节变淡，亮度不变。";
        does_gaussian: "Every output is a mean in which near cells count more: a soft blur.",
                       "每个输出都是加权平均，越靠近中心权重越大：柔和的模糊。";
        does_motion: "A mean along the falling diagonal: everything smears in that one direction.",
                     "沿主对角线取平均：画面只朝这一个方向拖影。";
        does_sharpen: "Adds to each cell what sets it apart from its neighbours: even ground stays, changes stand out.",
                      "把每格与邻居的差别再加回去：平坦处不变，变化处更突出。";
        does_unsharp: "Twice the input less its blur: what the blur would take away is added instead.",
                      "两倍输入减去它的模糊：模糊会抹掉的细节，反而被加强。";
        does_laplacian: "Compares each cell with the cells around it: 0 on even ground and on an even slope, strong at spots and edges.",
                        "把每格与四周比较：平坦处和均匀坡面为 0，斑点与边缘处响应强。";
        does_log: "Blurs and takes the Laplacian at once: answers to spots of about its own size.",
                  "模糊与拉普拉斯一步完成：对与自身大小相近的斑点响应最强。";
        does_sobel_x: "Measures change from left to right, smoothed from top to bottom; even ground gives 0.",
                      "测量从左到右的变化，并在上下方向平滑；平坦处为 0。";
        does_sobel_y: "Measures change from top to bottom, smoothed from left to right; even ground gives 0.",
                      "测量从上到下的变化，并在左右方向平滑；平坦处为 0。";
        does_prewitt_x: "Measures change from left to right, with a plain mean from top to bottom; even ground gives 0.",
                        "测量从左到右的变化，上下方向直接取平均；平坦处为 0。";
        does_diagonal: "Measures change along the falling diagonal; edges that run along it give little.",
                       "测量沿主对角线的变化；与它平行的边缘几乎没有响应。";
        does_emboss: "Makes a relief: one side of every edge grows brighter, the other darker.",
                     "做出浮雕：每条边缘一侧变亮，另一侧变暗。";
        does_gabor_0: "A short wave that answers to upright stripes about as wide as its own.",
                      "一小段波，对与自身宽度相近的竖条纹响应。";
        does_gabor_45: "A short wave that answers to slanting stripes about as wide as its own.",
                       "一小段波，对与自身宽度相近的斜条纹响应。";
        does_gabor_90: "A short wave that answers to level stripes about as wide as its own.",
                       "一小段波，对与自身宽度相近的横条纹响应。";
        does_identity: "Copies one cell of each window and changes nothing.", "把每个窗口中的一格原样输出，什么也不改变。";
        does_shift: "Copies the cell beside the middle: the picture moves by one cell.",
                    "原样输出中心旁边的那一格：画面移动一格。";
        does_impulse: "Copies a corner cell of each window: the picture moves towards that corner's opposite.",
                      "原样输出窗口一角的格子：画面向对角方向移动。";
        does_random: "Weights drawn at random, as before any training: an answer without a meaning yet.",
                     "随机权重，如同训练之前：有响应，但还没有含义。";
        does_own: "Your own weights, which add up to {sum}.", "你自己的权重，总和为 {sum}。";

        // Insight: what the walk does.
        walk_stride: "Stride {stride} keeps one window in {one_in}: {h} × {w} inputs become {oh} × {ow} outputs.",
                     "步幅 {stride}：每 {one_in} 个窗口只留 1 个，{h} × {w} 的输入变成 {oh} × {ow} 的输出。";
        walk_dilation: "Dilation {dilation} spreads {kh} × {kw} taps over {eh} × {ew} cells: a wider view for the same work.",
                       "膨胀率 {dilation} 把 {kh} × {kw} 个权重铺到 {eh} × {ew} 格上：视野变宽，计算量不变。";
        walk_same: "Padding makes room for one window a cell, so the output stays {h} × {w}.",
                   "填充让每格都有一个窗口，所以输出仍是 {h} × {w}。";
        walk_larger: "So much padding makes more windows than cells: {h} × {w} inputs become {oh} × {ow} outputs.",
                     "填充很多，窗口比格子还多：{h} × {w} 的输入变成 {oh} × {ow} 的输出。";
        walk_smaller: "The window of {eh} × {ew} fits only {oh} × {ow} times: every layer like this makes the picture smaller.",
                      "{eh} × {ew} 的窗口只放得下 {oh} × {ow} 次：每过一层，画面就小一圈。";
        usage_says: "The corner cell is read {corner}, the middle cell {middle}.",
                    "角上的格子被读 {corner}，中间的格子被读 {middle}。";
        border_none: "Without padding every output reads input cells only, and the output is smaller for it.",
                     "没有填充时，每个输出只读输入的格子，代价是输出变小。";
        border_says: "The corner output reads {corner} of its taps from padding, the middle one {middle}.",
                     "角上的输出有 {corner} 的读数来自填充，中间的输出有 {middle}。";
        modes_alike: "There is no padding now, so every mode gives the same: raise padding to see them part.",
                     "现在没有填充，各种方式结果相同：增大 padding 才能看出差别。";
        modes_differ: "The modes agree in the middle; where windows reach over the edge they differ by up to {apart}.",
                      "各种方式在中间完全一致；窗口越过边缘的地方，最多相差 {apart}。";
        modes_equal: "The modes fill the border differently, and yet this kernel's output is the same under all of them.",
                     "各种方式填入的数不同，但这个核的输出恰好都一样。";
        flip_alike: "This kernel is the same after a half turn, so correlation and convolution agree everywhere.",
                    "这个核旋转 180° 后不变，所以互相关与卷积处处相同。";
        flip_alike_here: "The kernel changes under a half turn, and yet both agree on this input: try another one.",
                         "核旋转 180° 后变了，但在这个输入上两者恰好相同：换一个输入试试。";
        flip_differs: "Correlation and convolution differ by up to {apart}, because a half turn changes this kernel.",
                      "互相关与卷积最多相差 {apart}，因为这个核旋转 180° 后不一样。";
        linear: "f(a + b) is f(a) + f(b) everywhere: this layer is linear.",
                "处处 f(a + b) = f(a) + f(b)：这一层是线性的。";
        linear_here: "The activation happens to change nothing on these inputs: f(a + b) is still f(a) + f(b).",
                     "在这些输入上激活函数恰好不起作用：仍有 f(a + b) = f(a) + f(b)。";
        not_linear: "f(a + b) differs from f(a) + f(b) by up to {apart}: {because} breaks the sum.",
                    "f(a + b) 与 f(a) + f(b) 最多相差 {apart}：{because}破坏了可加性。";
        the_activation: "{name}", "激活函数 {name} ";
        the_bias: "the bias", "偏置";
        the_padding_value: "the padding value", "填充值";

        // Insight: notes.
        once: "once", "1 次";
        many_times: "{n} times", "{n} 次";
        one_row: "1 row", "1 行";
        many_rows: "{n} rows", "{n} 行";
        one_column: "1 column", "1 列";
        many_columns: "{n} columns", "{n} 列";
        both: "{a} and {b}", "{a}和 {b}";
        unread: "The next step of {stride} would leave the padded input, so the walk ends and leaves {what} unread.",
                "再走一步（步幅 {stride}）就会越出填充后的输入，滑动到此为止，留下 {what}没有读。";
        unused_inputs: "{n} of {total} input cells ({share}) lie in no window: changing them changes nothing.",
                       "{total} 个输入格中有 {n} 个（{share}）不在任何窗口里：改变它们，输出不变。";
        no_ceil: "Conv2d in PyTorch always rounds down. ceil_mode exists for pooling only; to read the rest, pad more.",
                 "PyTorch 的 Conv2d 总是向下取整，只有池化才有 ceil_mode；想读到剩下的部分，就多填充一些。";
        same_uneven: "An even window can't be padded evenly: “same” puts {left} before and {right} after in a row, {top} and {bottom} in a column.",
                     "偶数窗口无法两侧均等填充：“same”在每行前补 {left}、后补 {right}，每列上补 {top}、下补 {bottom}。";
        same_tf_stride: "TensorFlow's SAME depends on the stride: with {stride} it adds {top}, {bottom}, {left}, {right} (top, bottom, left, right). PyTorch's “same” refuses strides.",
                        "TensorFlow 的 SAME 取决于步幅：步幅 {stride} 时上、下、左、右各补 {top}、{bottom}、{left}、{right}。PyTorch 的“same”不允许步幅大于 1。";
        same_tf_uneven: "SAME is not symmetric here: {top} above, {bottom} below, {left} before, {right} after.",
                        "这里的 SAME 不对称：上 {top}、下 {bottom}、左 {left}、右 {right}。";
        no_middle: "A window of {h} × {w} cells has no middle cell: its answer lies half a cell beside the input it is drawn for.",
                   "{h} × {w} 的窗口没有中心格：响应会比所对应的输入偏半格。";
        shift_measured: "Measured on the impulse: {rows} rows, {columns} columns.", "在脉冲上实测：行偏移 {rows}，列偏移 {columns}。";
        border_differs: "Padding does not make border and middle alike: some cells are read {low}, others {high}, and up to {share} of an output comes from padding.",
                        "填充并不能让边缘与中间一视同仁：有的格子被读 {low}，有的 {high}；一个输出最多有 {share} 来自填充。";
        copies_count: "Padding that copies input cells is counted for the cells it copies.",
                      "复制输入得到的填充，计入被复制的格子。";
        turn_nothing: "This kernel is the same after a half turn, so flip changes nothing.",
                      "这个核旋转 180° 后不变，所以翻转不改变任何结果。";
        turn_sign: "A half turn makes this kernel its own negative, so flip only changes the sign.",
                   "这个核旋转 180° 后恰好变号，所以翻转只改变符号。";
        turn_differs: "This kernel is asymmetric: a half turn gives another kernel, and another output.",
                      "这个核不对称：旋转 180° 就成了另一个核，输出也不同。";
        flip_is_on: "Flip is on. PyTorch's Conv2d does not turn the kernel; a trained layer would simply learn it turned.",
                    "翻转已打开。PyTorch 的 Conv2d 不翻转卷积核；网络训练时自会学到翻转后的权重。";
        bias_affine: "With a bias the layer is affine, not linear: f(a + b) − f(a) − f(b) = −bias = {value} everywhere.",
                     "有偏置的层是仿射的，不是线性的：处处 f(a + b) − f(a) − f(b) = −偏置 = {value}。";
        bias_too: "The bias alone would give {value} everywhere; the rest comes from the activation.",
                  "单是偏置就会处处带来 {value}，其余来自激活函数。";
        constant_affine: "A constant in the padding is counted once in f(a + b) but twice in f(a) + f(b): it breaks the sum at the border.",
                         "填充的常数在 f(a + b) 中算一次，在 f(a) + f(b) 中算了两次：边缘处不再可加。";
        relu_cuts: "ReLU sets {n} of {total} outputs to 0. Where it cuts, the layer is no longer linear.",
                   "ReLU 把 {total} 个输出中的 {n} 个置为 0。在被截断的地方，这一层不再是线性的。";
        bends: "{name} bends the line: the layer is no longer linear.", "{name} 是弯曲的：这一层不再是线性的。";
        one_cell: "A 1 × 1 kernel sees one cell and no neighbours: on one channel it only scales.",
                  "1 × 1 的核只看一格，不看邻居：在单通道上只是缩放。";
        all_zero: "Every weight is 0, so every output is the same: type a number into the kernel.",
                  "所有权重都是 0，输出处处相同：请在卷积核中填入数字。";
        sums_to_zero: "The weights add up to 0: ground of one brightness gives nothing, however bright.",
                      "权重之和为 0：亮度均匀的地方，无论多亮，响应都是 0。";
        sums_to_one: "The weights add up to 1: ground of one brightness keeps it.", "权重之和为 1：亮度均匀的地方保持原样。";
        separable: "Rank 1: a pass with the column and one with the row give the same with {two} multiply-adds per output instead of {one}.",
                   "秩为 1：先列后行两遍，结果相同，每个输出只需 {two} 次乘加，而不是 {one} 次。";
        not_separable: "Rank {rank}: no single column times row makes this kernel; it takes the sum of {rank} of them.",
                       "秩为 {rank}：一个列乘一个行得不到这个核，要 {rank} 个这样的乘积相加。";

        // Figures below the window.
        matrix_title: "The same layer as a matrix", "同一层写成矩阵";
        matrix_caption: "{outputs} × {inputs}, {density} of it can differ from zero; one colour per shared weight",
                        "{outputs} × {inputs}，其中 {density} 可以非零；同一权重用同一颜色";
        matrix_axes: "a row for each output ↓, a column for each input →", "每行一个输出 ↓，每列一个输入 →";
        matrix_part: "Part of it: inputs in rows {ir}, columns {ic}; outputs in rows {or}, columns {oc}.",
                     "只画出一部分：输入第 {ir} 行、第 {ic} 列；输出第 {or} 行、第 {oc} 列。";
        matrix_summary: "The layer as a matrix of {outputs} rows, one for each output, and {inputs} columns, one for each input cell. {density} of its entries can differ from zero. The framed row makes output {r}, {c} from {seen} inputs. The same few weights repeat along diagonals.",
                        "把这一层写成矩阵：{outputs} 行对应各个输出，{inputs} 列对应各个输入，其中 {density} 的元素可以非零。加框的一行由 {seen} 个输入得到输出（{r}, {c}）。同样几个权重沿对角线重复出现。";
        usage_title: "How often each input cell is read", "每个输入格被读的次数";
        usage_caption: "one count for each pair of window and tap", "每个窗口的每个权重各算一次";
        usage_grid: "reads", "读取次数";
        usage_summary: "A map of the input: each cell holds how often it is read, {low} at the least and {high} at the most. Beside it the same along the first and the middle row.",
                       "输入的分布图：每格是它被读的次数，最少 {low}，最多 {high}。旁边是首行与中间一行的曲线。";
        border_title: "How much of each output is padding", "每个输出有多少来自填充";
        border_caption: "share of taps that read padding; {share} of the outputs read some",
                        "读到填充的权重所占比例；{share} 的输出读到了填充";
        border_grid: "share from padding", "来自填充的比例";
        border_summary: "A map of the output: each cell holds the share of its taps that read padding, at most {high}. {share} of the outputs read some padding.",
                        "输出的分布图：每格是读到填充的权重所占比例，最高 {high}。{share} 的输出读到了填充。";
        row_n: "row {n}", "第 {n} 行";
        column: "column", "列";
        modes_title: "The upper left corner under each padding mode", "各种填充方式下的左上角";
        modes_caption: "first the padded input, dashed where it is padding, then the output", "先是填充后的输入（虚线为填充），再是输出";
        modes_caption_none: "no padding now: raise it to see the modes part", "现在没有填充：增大 padding 才能看出差别";
        modes_summary: "The upper left corner of the padded input and of the output under the five padding modes, with the same colours for all. {refused} of them can't be done with this input.",
                       "五种填充方式下，填充后输入与输出的左上角，颜色范围一致。其中 {refused} 种不适用于这个输入。";
        flip_title: "Correlation and convolution", "互相关与卷积";
        flip_caption: "same colour limits; the largest difference is {apart}", "颜色范围一致；最大差值为 {apart}";
        flip_zero: "the difference is 0 everywhere: a half turn doesn't change this kernel's answer", "差处处为 0：旋转 180° 不改变这个核的响应";
        flip_summary: "Three maps with the same colours: the output under correlation, under convolution, and the second less the first. The largest difference is {apart}.",
                      "三幅颜色一致的图：互相关的输出、卷积的输出，以及后者减前者。最大差值为 {apart}。";
        correlation: "correlation", "互相关";
        convolution: "convolution", "卷积";
        linearity_title: "Is the layer linear?", "这一层是线性的吗？";
        linearity_caption: "a is the input, b another one; the largest value of the last map is {apart}", "a 是输入，b 是另一个输入；最后一幅的最大值为 {apart}";
        of_a: "f(a)", "f(a)";
        of_b: "f(b)", "f(b)";
        linearity_summary: "Three maps with the same colours: the output of the input a, the output of another input b, and f(a + b) − f(a) − f(b). The last is zero for a linear layer; here it reaches {apart}.",
                           "三幅颜色一致的图：输入 a 的输出、另一输入 b 的输出，以及 f(a + b) − f(a) − f(b)。线性层的最后一幅为 0，这里最大为 {apart}。";
        profile_title: "Along one row", "沿一行看";
        profile_caption: "input row {above}, output row {row}", "输入第 {above} 行，输出第 {row} 行";
        input_row: "input, row {n}", "输入，第 {n} 行";
        output_row: "output, row {n}", "输出，第 {n} 行";
        profile_summary: "Two line charts over the same columns: the input along row {above}, and the output along row {row}, with values from {low} to {high}.",
                         "两幅共用横轴的折线图：输入的第 {above} 行，以及输出的第 {row} 行，数值从 {low} 到 {high}。";

        // Predict first.
        ask_size: "Set {key} to {value}. How large is the output?", "把 {key} 设为 {value}，输出有多大？";
        size_because: "The window spans {window} of {n} cells and has room for {steps} steps of {stride}; with its first place that makes {right} rows.",
                      "窗口跨 {window} 格，共 {n} 格，按步幅 {stride} 能走 {steps} 步；加上起始位置，共 {right} 行。";
        thought_ceil: "That rounds up. Conv2d rounds down: a window that would reach over the edge is not counted.",
                      "这是向上取整。Conv2d 向下取整：越出边缘的窗口不算。";
        thought_steps: "You counted the steps. The window also stands in its first place before any step: add 1.",
                       "你数的是步数。迈步之前窗口已经在起始位置：要加 1。";
        thought_no_padding: "That leaves out the padding: the window walks over the padded input.", "这漏掉了填充：窗口是在填充后的输入上滑动的。";
        thought_one_side: "That adds the padding on one side only: it is added before and after.", "这只在一侧加了填充：前后两侧都要加。";
        thought_no_window: "Size divided by stride is what SAME gives. Here the window must fit, so its own length counts too.",
                           "尺寸除以步幅是 SAME 的结果。这里窗口要放得下，还得算上它自己的长度。";
        thought_unchanged: "That is the size now. Watch what one more cell of stride, padding or dilation does to the number of places.",
                           "这是现在的尺寸。想想步幅、填充或膨胀率改变后，窗口还有几个位置。";
        thought_off_by_one: "Close. Count the places where the window can stand, the first one included.", "很接近。数一数窗口能放的位置，别忘了起始那一个。";
        thought_close: "Close. Go through it cell by cell.", "很接近。一格一格再算一遍。";
        ask_corner: "Input {h} × {w}, kernel {kh} × {kw}, padding {padding}, stride {stride}, dilation {dilation}. How many windows read the corner cell of the input?",
                    "输入 {h} × {w}，卷积核 {kh} × {kw}，填充 {padding}，步幅 {stride}，膨胀率 {dilation}。有多少个窗口读到输入的角格？";
        corner_because: "The corner is read {right}, the middle cell {middle}: only windows that reach over the corner read it.",
                        "角格被读 {right}，中间格被读 {middle}：只有盖住角的窗口才读到它。";
        thought_all_taps: "That would be once by every tap, as in the middle. At the corner most of those windows would have to start outside the padded input.",
                          "那是每个权重各读一次，中间才如此。在角上，这些窗口大多得从填充后的输入之外开始。";
        thought_once: "That is the corner without padding. Each ring of padding lets more windows reach it.", "没有填充时才是 1 次。每多一圈填充，就有更多窗口够得到它。";
        thought_edge: "That is a cell in the middle of the edge: it is held back on one side only, the corner on two.", "那是边缘中间的格子：它只在一侧受限，角上在两侧都受限。";
        thought_middle: "That is the middle cell. The corner has windows on one side of it only.", "那是中间的格子。角格只有一侧有窗口。";
        ask_macs: "The layer now takes {now} multiply-adds. Double the stride: how many are left?", "这一层现在要 {now} 次乘加。步幅加倍后还剩多少？";
        macs_because: "{from} outputs become {to}, each still with {taps} multiply-adds. Both axes shrink, and the floor decides the rest.",
                      "{from} 个输出变成 {to}，每个仍要 {taps} 次乘加。两个方向都缩小，余下的由向下取整决定。";
        thought_same_work: "The kernel stays the same, but there are fewer places to put it: fewer outputs, less work.", "卷积核没变，但能放的位置少了：输出变少，计算也变少。";
        thought_half: "The stride doubles along both axes, so about half in one and half in the other: near a quarter.", "两个方向的步幅都加倍：各剩约一半，合起来约四分之一。";
        thought_quarter: "A quarter is the rule of thumb. The exact number follows from the floor in the size formula.", "四分之一只是粗略估计，准确的数由尺寸公式里的向下取整决定。";
        thought_double: "A longer step visits fewer places, so there is less to compute, not more.", "步幅越大，经过的位置越少，计算变少而不是变多。";
        thought_less_taps: "That would need fewer taps as well. Stride leaves the kernel as it is.", "那样还得减少卷积核的权重，而步幅并不改变卷积核。";
        ask_shift: "A single 1 goes into a {k} × {k} box blur with padding “same”. Where does the answer lie?",
                   "把单个 1 送入 {k} × {k} 的均值模糊，填充为“same”。响应在哪里？";
        place_centre: "centred on it", "以它为中心";
        place_half_before: "half a cell up and to the left", "向左上偏半格";
        place_half_after: "half a cell down and to the right", "向右下偏半格";
        place_one_before: "one cell up and to the left", "向左上偏一格";
        even_because: "{k} cells have no middle, so “same” pads {before} before and {after} after, and the answer lies half a cell towards the start.",
                      "{k} 格没有中心，“same”前补 {before}、后补 {after}，响应就向起点偏半格。";
        odd_because: "{k} cells have a middle one, {before} are padded on each side, and the answer lies around the 1.",
                     "{k} 格有中心，两侧各补 {before}，响应以 1 为中心。";
        thought_centre: "A block of {k} × {k} cells has no middle cell that could lie on the 1.", "{k} × {k} 的方块没有能落在 1 上的中心格。";
        thought_other_side: "The right size, the other way: “same” puts the surplus cell after, so the answer moves towards the start.",
                            "大小对，方向反了：“same”把多出的一格补在后面，响应向起点移动。";
        thought_whole_cell: "Half of that: the middle of {k} cells lies between two cells.", "只有一半：{k} 格的中心在两格之间。";
        thought_odd_shift: "{k} is odd: there is a middle cell, and the padding is the same on both sides.", "{k} 是奇数：有中心格，两侧填充相等。";
        ask_kernel: "Which kernel did this?", "这是哪个卷积核的结果？";
        ask_kernel_picture: "An input on the left and its output on the right.", "左为输入，右为输出。";
        thought_kernel: "{name} would give {other} at row {r}, column {c}; here it is {here}.", "换成{name}，第 {r} 行第 {c} 列会是 {other}，这里却是 {here}。";
        ask_value: "Which value stands at output [{r}, {c}] under the kernel {name} (stride 1, no padding)?",
                   "输出 [{r}, {c}] 处的值是多少？卷积核为{name}，步幅 1，无填充。";
        ask_value_picture: "The window that output [{r}, {c}] reads, and the kernel.", "输出 [{r}, {c}] 所读的窗口，以及卷积核。";
        the_window: "window", "窗口";
        value_because: "{sum} = {right}", "{sum} = {right}";
        thought_flipped: "That is the sum with the kernel turned by 180°: true convolution. Without flip each cell meets the tap at its own place.",
                         "这是把核旋转 180° 后的结果，即真正的卷积。不翻转时，每格乘以同一位置的权重。";
        thought_neighbour: "That value belongs to the output next to it: check where the window begins.", "那是旁边一格的输出：检查窗口从哪里开始。";
        thought_no_centre: "The middle tap is missing from that sum.", "这个和漏了中心的权重。";
        thought_sign: "The size is right and the sign is not: look at which taps are negative.", "大小对，符号反了：看看哪些权重是负的。";
        thought_input: "That is the input in the middle of the window, before any weight.", "那是窗口中心的输入，还没有乘权重。";
        ask_published: "A published figure shows this layer with padding 1 and stride 2. What about its result?", "一幅已发表的插图画出这一层（填充 1，步幅 2）。它的结果如何？";
        ask_published_picture: "Input, kernel, and the result as printed.", "输入、卷积核，以及印出的结果。";
        printed: "printed", "印出的结果";
        claim_right: "It is right.", "它是对的。";
        claim_stride: "It shows the corner of the result for stride 1.", "它画的是步幅为 1 时结果的左上角。";
        claim_flip: "The kernel was flipped.", "卷积核被翻转了。";
        claim_padding: "The padding was forgotten.", "忘了填充。";
        thought_claim_right: "Compute one more cell: with stride 2 the result is {right}.", "再算一格：步幅为 2 时的结果是 {right}。";
        claim_stride_because: "Its nine numbers are the upper left corner for stride 1. With stride 2 the result is {right}.", "这九个数是步幅为 1 时结果的左上角；步幅为 2 时的结果是 {right}。";
        thought_claim_flip: "A flipped kernel gives other numbers still; the first printed cell fits the kernel as it is. The result is {right}.",
                            "翻转后又是另外一些数；印出的第一格与未翻转的核相符。正确结果是 {right}。";
        thought_claim_padding: "Without padding the result would be 2 × 2. With it, it is {right}.", "没有填充，结果只有 2 × 2；有填充时是 {right}。";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_fill_the_same_places() {
        let places = |text: &str| {
            let mut list: Vec<String> =
                text.split('{').skip(1).filter_map(|p| Some(p.split_once('}')?.0.to_string())).collect();
            list.sort();
            list.dedup();
            list
        };
        for (key, en, zh) in Text::ALL {
            assert_eq!(places(en), places(zh), "{key}");
            assert!(!en.is_empty() && !zh.is_empty(), "{key}");
        }
    }
}
