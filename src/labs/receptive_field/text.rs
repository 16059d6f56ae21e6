//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Receptive field", "感受野";
        title: "What a unit may see, and what it does see", "一个单元能看到什么，实际看到什么";
        lede: "On paper a unit sees a square. Its gradient says how much each pixel in it counts. Click a pixel to ask another unit.",
              "理论上，一个单元看到一个方块；它的梯度说明其中每个像素有多大分量。点击像素可换一个单元。";
        main_title: "Field on paper and effective field", "理论感受野与有效感受野";
        input: "input", "输入";
        noise: "input: noise, first draw", "输入：噪声，第一次抽样";
        input_remark: "{h} × {w}, unit {row}, {column}", "{h} × {w}，单元 {row}, {column}";
        effective: "effective field", "有效感受野";
        on_paper: "on paper {size}", "理论 {size}";
        held_in: "95 % in {side} × {side}", "95 % 在 {side} × {side} 内";
        legend_linear: "per pixel", "每个像素";
        legend_sqrt: "root of the share of the largest", "与最大值之比的平方根";
        legend_log: "6 powers of ten below the largest", "最大值以下 6 个数量级";
        nothing_arrives: "no gradient arrives here", "没有梯度到达这里";
        not_yet: "not computed yet", "尚未算出";
        working: "working: {share} done", "计算中：已完成 {share}";
        summary: "Input of {h} by {w} pixels. The unit at row {row}, column {column} sees {size} pixels on paper.",
                 "输入为 {h}×{w} 像素。第 {row} 行第 {column} 列的单元在理论上看到 {size} 像素。";
        summary_measured: "95 % of its gradient lie in a square of {side} pixels; its columns spread with σ {sigma}.",
                          "它的梯度有 95 % 落在边长 {side} 像素的方块中；各列之和的 σ 为 {sigma}。";
        profile: "profile", "剖面";
        profile_remark: "sums of the columns, as a share of all; σ in pixels", "各列之和占总量的比例；σ 以像素计";
        no_profile: "There is no gradient to sum up.", "没有可以求和的梯度。";
        measured_sigma: "measured {sigma}", "实测 {sigma}";
        beside_sigma: "beside {sigma}", "对比 {sigma}";
        fitted_sigma: "fit {sigma}", "拟合 {sigma}";
        theory_sigma: "theory {sigma}", "理论 {sigma}";
        theory_root: "√2 · theory {sigma}", "√2 · 理论 {sigma}";
        column: "column of the input", "输入的列";

        // Second figures.
        field: "field", "感受野";
        jump: "jump", "累积步幅";
        pad: "pad", "填充";
        centre: "centre", "中心";
        sigma: "σ", "σ";
        map: "map", "图宽";
        strip: "field, and in it two σ to each side", "感受野，以及其中左右各两个 σ";
        layers_title: "Layer by layer", "逐层";
        kind_c: "c convolution", "c 卷积";
        kind_m: "m max pooling", "m 最大池化";
        kind_a: "a average pooling", "a 平均池化";
        kind_w: "w depthwise convolution", "w 逐通道卷积";
        along_columns: "Numbers along a row of the picture;", "数字沿图像的行方向；";
        layers_summary: "{layers} layers; a unit of the last one sees {size} pixels on paper.", "共 {layers} 层；最后一层的单元理论上看到 {size} 像素。";
        growth_x: "layers, logarithmic", "层数（对数轴）";
        growth_y: "size in pixels, logarithmic", "大小（像素，对数轴）";
        growth_title: "Laws of growth", "增长规律";
        growth_caption: "size above 4.55 % of the centre, of stacks of {word}, both axes logarithmic; slope from 8 layers on", "高于中心 4.55 % 的大小，由 {word} 堆叠，两轴均为对数；斜率从 8 层起算";
        growth_summary: "Size of the effective field against depth on logarithmic axes, for stacks of {word} with different weights, activations, dropout and skips, beside the field on paper.",
                        "对数坐标下有效感受野大小随深度的变化：由 {word} 堆叠，权重、激活函数、dropout、跳跃连接各不相同，并画出理论感受野。";
        growth_summary_none: "Size of the field on paper against depth for stacks of {word}; the measured sizes are still being computed.",
                             "由 {word} 堆叠时理论感受野随深度的变化；实测大小仍在计算。";
        grow_paper: "on paper", "理论";
        grow_uniform: "uniform", "均匀";
        grow_random: "normal", "正态";
        grow_relu: "ReLU", "ReLU";
        grow_tanh: "tanh", "tanh";
        grow_sigmoid: "sigmoid", "sigmoid";
        grow_dropout: "dropout", "dropout";
        grow_skip: "skips", "跳跃连接";
        depth: "layers", "层数";
        coverage_title: "Cells that are touched", "被触及的格子";
        coverage_caption: "{on} of {all} pixels of the field, {share}", "感受野中 {all} 个像素里的 {on} 个，{share}";
        coverage_summary: "Some way from the unit leads to {on} of the {all} pixels of its field on the picture, {share}; along a row to {row} of them.",
                          "感受野在图像上的 {all} 个像素中，有 {on} 个（{share}）有路径通到该单元；沿一行则为 {row} 个。";
        touched_cells: "touched", "触及";
        comb: "one line of the field", "感受野的一条线";
        along_row: "along a row: {on} of {all}", "沿一行：{all} 个中的 {on} 个";
        along_column: "along a column: {on} of {all}", "沿一列：{all} 个中的 {on} 个";
        border_title: "The corner unit under four paddings", "四种填充下的角落单元";
        border_caption: "gradient of the first unit, equal weights; what is missing fell on padding", "第一个单元的梯度，权重相等；缺少的部分落在填充上";
        border_summary: "With zeros, {share} of what the corner unit could see lies on the picture; the rest fell on padding.",
                        "零填充时，角落单元所能看到的只有 {share} 落在图像上，其余落在填充上。";
        mode_zeros: "zeros", "零";
        mode_reflect: "reflect", "反射";
        mode_replicate: "replicate", "复制边缘";
        mode_circular: "circular", "循环";
        mode_too_wide: "The padding is too wide for this map.", "对这张图来说填充太宽。";
        on_picture: "{share} on the picture", "{share} 落在图像上";
        object_title: "Which depth covers the object?", "多深才能覆盖物体？";
        object_caption: "with equal weights", "权重相等";
        object_caption_more: "with equal weights; after layer {layers} the last convolution is repeated", "权重相等；第 {layers} 层之后重复最后一个卷积";
        object_field: "field", "感受野";
        object_held: "95 % square", "95 % 方块";
        object_line: "object", "物体";
        object_summary: "The object is {object} pixels wide. The field on paper covers it at depth {field}, the square with 95 % of the gradient at depth {held}.",
                        "物体宽 {object} 像素。理论感受野在第 {field} 层覆盖它，包含 95 % 梯度的方块在第 {held} 层覆盖它。";
        no_depth: "none", "无";
        back_title: "The way back: units that a pixel reaches", "反过来：一个像素影响哪些单元";
        pixel: "pixel", "像素";
        pixel_remark: "row {row}, column {column}", "第 {row} 行，第 {column} 列";
        units: "units of the last map", "最后一张图的单元";
        back_caption: "{h} × {w} of {mh} × {mw} units", "{mh} × {mw} 个单元中的 {h} × {w} 个";
        back_summary: "The pixel at row {row}, column {column} reaches {h} by {w} units of the last map, which has {mh} by {mw}.",
                      "第 {row} 行第 {column} 列的像素影响最后一张图的 {h}×{w} 个单元，该图共 {mh}×{mw} 个。";

        // Published networks.
        net_title: "What a network sees", "网络看到什么";
        net_ends: "middle unit behind the last layer of each resolution", "每种分辨率最后一层的正中单元";
        net_all: "all", "全部";
        net_covers: "Behind the last map a unit's field, {size}, is wider than the picture of {side}", "最后一张图的单元感受野为 {size}，比边长 {side} 的图像还大";
        net_inside: "Behind the last map a unit's field is {size} of a picture of {side}", "最后一张图的单元感受野为 {size}，图像边长 {side}";
        net_summary: "{name}: the fields of the middle units behind each resolution as boxes over a picture of {side} pixels; the last is {size} pixels.",
                     "{name}：在边长 {side} 像素的图像上，用方框画出各分辨率末层正中单元的感受野；最后一个为 {size} 像素。";
        net_list_title: "{name}, layer by layer", "{name}，逐层";
        net_list_caption: "lines {first} to {last} of {all}", "第 {first} 至 {last} 行，共 {all} 行";
        net_list_apart: "lines {first} to {last} of {all}; * branches look at different places: the number is that of the first unit", "第 {first} 至 {last} 行，共 {all} 行；* 表示各分支没有对齐，所写为第一个单元的感受野";
        net_list_summary: "{all} layers of {name}; a unit of the last map sees {size} pixels and the next one {jump} pixels further.",
                          "{name} 共 {all} 层；最后一张图的单元看到 {size} 像素，相邻单元相距 {jump} 像素。";
        net_layer: "layer", "层";
        net_out: "map", "图";
        net_parameters: "10³ params", "参数 10³";
        net_macs: "10⁶ MACs", "乘加 10⁶";
        net_sum: "Network", "整个网络";
        op_conv: "conv", "卷积";
        op_depthwise: "depthwise", "逐通道";
        op_linear: "linear", "线性";
        op_norm: "norm", "归一化";
        op_max: "max pool", "最大池化";
        op_average: "mean pool", "平均池化";
        op_adaptive: "global pool", "全局池化";
        op_sum: "sum", "相加";
        op_concat: "concat", "拼接";
        net_twins_title: "The same network, two fields", "同一个网络，两种感受野";
        net_twins_caption: "field behind each group of blocks: {torch} in torchvision, {slim} in TF-Slim", "每组残差块之后的感受野：torchvision 为 {torch}，TF-Slim 为 {slim}";
        net_twins_summary: "torchvision strides in the first block of a group, TF-Slim in the last block of the group before. The first 3×3 behind a stride then steps twice as far. In the end a unit sees {torch} pixels there and {slim} here.",
                           "torchvision 把步幅放在一组的第一个块里，TF-Slim 放在前一组的最后一个块里，于是其后第一个 3×3 的累积步幅大一倍。最后前者看到 {torch} 像素，后者 {slim}。";
        net_group: "behind group {at}", "第 {at} 组之后";
        net_all_title: "All networks", "所有网络";
        net_all_caption: "field of a unit of the last map, in pixels; click a bar", "最后一张图的单元感受野，以像素计；可点击";
        net_all_summary: "The receptive field on paper of each network as a bar. Fields far wider than the picture count mostly padding.", "每个网络的理论感受野，以条形表示。远大于图像的感受野多半落在填充上。";
        net_answer: "A unit of the last map of {name} sees {size} pixels on paper; its neighbour's field lies {jump} pixels further.", "{name} 最后一张图的单元理论上看到 {size} 像素，相邻单元的感受野相距 {jump} 像素。";
        net_source: "Source: {source}. Graph and names of {implementation}.", "来源：{source}。结构与层名取自 {implementation}。";
        net_means: "Fields are unions over branches and shortcuts; squeeze-and-excitation, which sees the whole map, is left out. What counts within such a field is far less.",
                   "感受野取各分支与捷径的并集，未计入看到整张图的通道注意力（SE）。其中真正起作用的部分小得多。";
        net_not_aligned: "Branches with strides don't align here: the number is the union for the first unit, and other units' fields may lie elsewhere.", "这里带步幅的分支没有对齐：所写为第一个单元的并集，其他单元的感受野可能在别处。";
        net_aligned: "All branches that meet look at the same places: kernels are odd and padded by half.", "相遇的各分支看的地方都一致：卷积核为奇数，各填充一半。";
        net_twins_why: "427 or 483? torchvision puts the stride into the first block of a group, TF-Slim into the last block of the group before. So the first 3×3 of three groups steps 8, 16, 32 pixels instead of 4, 8, 16, and two such steps reach 8 + 16 + 32 = 56 pixels further: {torch} becomes {slim}.",
                       "427 还是 483？torchvision 把步幅放在一组的第一个块里，TF-Slim 放在前一组的最后一个块里。于是三个组的第一个 3×3，相邻权重相隔 8、16、32 像素，而不是 4、8、16；每个 3×3 有两个间隔，共多出 8 + 16 + 32 = 56 像素：{torch} 变成 {slim}。";
        net_input: "Input", "输入";
        net_layers: "Layers listed", "所列层数";
        dropout_means: "Dropout leaves the expected field as it is: every kept number is divided by {keep}, and over many draws only noise is added.", "dropout 不改变期望的感受野：留下的数都除以 {keep}；多次抽样平均后只多出噪声。";

        // Insight.
        of_all: "({share} of all)", "（占总量 {share}）";
        answer: "On paper the unit sees {size} pixels, but 95 % of its gradient lie in {side} × {side} of them.",
                "理论上该单元看到 {size} 像素，但 95 % 的梯度落在其中 {side} × {side} 之内。";
        answer_nothing: "On paper the unit sees {size} pixels, but no gradient arrives at any of them.", "理论上该单元看到 {size} 像素，但没有梯度到达其中任何一个。";
        answer_waiting: "On paper the unit sees {size} pixels. Its gradient is being computed.", "理论上该单元看到 {size} 像素，梯度正在计算。";
        answer_covered: "Every one of the {all} pixels of the field is touched by some way from the unit.", "感受野的 {all} 个像素都有路径通到该单元。";
        answer_gaps: "Only {on} of the {all} pixels of the field are touched, {share}: what lies between them can't change the unit.",
                     "感受野的 {all} 个像素中只有 {on} 个被触及，即 {share}；夹在其间的像素无法影响该单元。";
        answer_object: "For an object of {object} pixels the field on paper is wide enough at depth {field}, the effective one at depth {held}.",
                       "对宽 {object} 像素的物体，理论感受野在深度 {field} 时够宽，有效感受野在深度 {held} 时才够。";
        answer_growth: "On paper a field grows with the depth; what counts in it grows with about its root, whatever the weights and the activation.",
                       "理论感受野与深度成正比；真正起作用的部分大约只随深度的平方根增长，与权重和激活函数无关。";
        answer_border: "With zeros around, only {share} of what the corner unit can see is picture.", "四周用零填充时，角落单元所能看到的只有 {share} 是图像。";
        answer_back: "The pixel at row {row}, column {column} changes {h} × {w} units of the last map.", "第 {row} 行第 {column} 列的像素会改变最后一张图的 {h} × {w} 个单元。";
        recurrence: "The recurrence at layer {layer}", "第 {layer} 层的递推";
        recurrence_letters: "r field, j jump and c first centre before the layer; its own stride counts for later ones", "r、j、c 为该层之前的感受野、累积步幅与首个中心；该层自己的步幅只影响其后各层";
        recurrence_skip: "a skip ends here: field and centre are those of both ways together", "跳跃连接在此结束：感受野与中心取两条路径的并集";
        sigma_formula: "Spread on paper", "理论宽度";
        sigma_because: "the variances of the layers add up", "各层的方差相加";
        layers_word: "layers", "各层";
        theory_table: "Theory against measurement", "理论与实测";
        field_fact: "Field", "感受野";
        by_recurrence: "recurrence", "递推";
        by_gradient: "extent of the gradient", "梯度的范围";
        effective_stride: "Effective stride", "累积步幅";
        effective_padding: "Effective padding", "累积填充";
        first_centre: "First centre", "首个中心";
        sigma_theory: "σ, theory", "σ，理论";
        equal_weights: "equal weights, no border", "权重相等，无边界";
        sigma_measured: "σ, measured", "σ，实测";
        columns_word: "columns", "各列";
        sigma_fit: "σ of the Gaussian fit", "高斯拟合的 σ";
        size_4_55: "Size above 4.55 % of the centre", "高于中心 4.55 % 的大小";
        beside_table: "The second state", "第二个状态";
        shares_table: "How little of the field holds the gradient", "多小的部分就装下了梯度";
        in_square: "square of {side}", "方块边长 {side}";
        area_ratio: "Area ratio, t = {share}", "面积比，t = {share}";
        area_ratio_of: "of the picture", "占整幅图";
        slopes_table: "Slopes from 8 layers on", "8 层起的斜率";
        cost_table: "Cost of these layers", "这些层的开销";
        channels_of: "channels: {channels}, no bias", "通道数 {channels}，无偏置";
        parameters: "Parameters", "参数";
        macs: "Multiply-adds", "乘加次数";
        means_abs: "|g| says how strongly a pixel counts. With equal weights it is the number of ways that lead there.",
                   "|g| 表示一个像素的分量有多大。权重相等时，它就是通往那里的路径数。";
        means_abs_random: "Shown is the mean of |g| over the draws. It is about √2 wider than the theory, which holds for the mean of g². Papers often don't say which they show.",
                          "图中是各次抽样 |g| 的平均。它的宽度约为理论值的 √2 倍；理论说的是 g² 的平均。论文常常不说画的是哪一个。";
        means_squared: "g² makes strong pixels stronger: the field looks √2 narrower than by |g|.", "g² 让强者更强：感受野看起来只有 |g| 的 1/√2 宽。";
        means_squared_random: "The mean of g² over random weights spreads as the theory says: each draw differs, the mean doesn't.",
                              "随机权重下 g² 的平均与理论的宽度一致：每次抽样各不相同，平均却相同。";
        means_signed: "One draw with its sign: where it is positive, a brighter pixel raises the unit. Averaged over draws it would vanish.",
                      "一次抽样，带符号：为正处，像素变亮会让单元变大。若对多次抽样求平均，它会消失。";
        means_sqrt: "The root makes weak pixels visible; the field looks wider than it counts.", "平方根让弱像素可见；看上去比实际分量更宽。";
        means_log: "The logarithm shows everything that is not zero alike: it shows the field on paper, hardly the effective one.",
                   "对数让所有非零处都看得见：它显示的更像理论感受野，而不是有效感受野。";
        on_padding: "{share} of the field lie on padding: there is nothing to see there.", "感受野的 {share} 落在填充上：那里什么也没有。";
        gaps: "Only {share} of the field are touched: the layers leave gaps (see “Coverage”).", "感受野只有 {share} 被触及：各层之间留下了空隙（见“覆盖”）。";
        not_aligned: "Branch and shortcut don't align: they look at places {apart} pixels apart.", "分支与捷径没有对齐：两者看的地方相差 {apart} 像素。";
        stride_later: "Usual mistake: a stride widens the field of later layers, never of its own. k3s1, k3s2, k3s2 gives 3, 5, 9, not 3, 7, 15.",
                      "常见错误：步幅只放大其后各层的感受野，不影响自己这一层。k3s1、k3s2、k3s2 得 3、5、9，而不是 3、7、15。";
        saturates: "This activation flattens: the gradient shrinks with every layer, its shape hardly changes.", "这种激活函数会饱和：梯度逐层变小，形状却几乎不变。";
        norm_is: "Normalisation is BatchNorm2d in eval mode whose statistics are those of this input; a channel that doesn't vary is only shifted.", "归一化相当于 eval 模式的 BatchNorm2d，统计量取自这幅输入；不变化的通道只做平移。";

        // Code.
        code_skipped: "these move no gradient; squeeze-and-excitation, which sees everything, is left out", "这些层不会移动梯度；squeeze-and-excitation 能看到整张图，故略去";
        code_average: "a maximum would pass the gradient to one cell alone", "最大值只会把梯度传给一个格子";
        code_strip: "a strip: wide enough that nothing is cut, low to save memory", "一条横带：足够宽，不会被截断；矮一些以节省内存";
        code_windows: "kernel_size and stride on the longest way, 1 x 1 with stride 1 left out", "最长路径上的 kernel_size 与 stride，略去步幅为 1 的 1 x 1";
        code_own_stack: "of the layer list, not of the network", "对应层列表，而不是这个网络";
        code_normal: "the lab's random numbers", "本实验的随机数";
        code_norm: "eval mode, statistics of this input", "eval 模式，统计量取自这幅输入";
        code_dropout: "nn.Dropout in train mode, with the lab's random numbers", "训练模式的 dropout，用本实验的随机数";
        code_own: "export the input first", "请先导出 input";
        code_ball: "the ball on the screen", "屏幕上的球";

        // Predict first.
        ask_recurrence: "Three convolutions: {words}. How wide is the field of the last unit?", "三个卷积：{words}。最后一个单元的感受野有多宽？";
        right_recurrence: "Each layer adds (k − 1) · d times the product of the strides before it: {steps}.", "每层加上 (k − 1) · d 乘以它之前各步幅之积：{steps}。";
        wrong_own_stride: "This lets a stride widen its own layer. A stride only spreads the units that later layers read.", "这把步幅算到了自己这一层。步幅只拉开后面各层所读的单元。";
        wrong_no_stride: "This forgets the strides: after a stride of 2, neighbours lie 2 pixels apart.", "这忘了步幅：步幅为 2 之后，相邻单元在输入上相距 2 个像素。";
        wrong_product: "Fields don't multiply, they grow by a sum.", "感受野不是相乘，而是逐层相加。";
        wrong_close: "Close: count the first pixel once, then add what each layer adds.", "接近了：第一个像素只算一次，再逐层相加。";
        ask_stack: "How many 3×3 layers of stride 1 see as far as one {k}×{k} layer?", "多少个步幅为 1 的 3×3 层才与一个 {k}×{k} 层看得一样远？";
        right_stack: "Each adds 2, and the first pixel is 1: 1 + 2·{n} = {k}.", "每层加 2，首个像素算 1：1 + 2·{n} = {k}。";
        wrong_stack: "{n} layers see {r} pixels.", "{n} 层看到 {r} 像素。";
        ask_coverage: "Three 3×3 layers with dilations {dilations}. How many pixels of one row of the field are touched?", "三个 3×3 层，膨胀率为 {dilations}。感受野的一行中有多少像素被触及？";
        right_coverage: "The field is {all} wide, and {on} of its pixels can be reached by adding up one step of each layer.", "感受野宽 {all}，把各层各走一步相加，能到达其中 {on} 个像素。";
        wrong_all: "That is the field's width. Ways through these layers meet each other and leave gaps.", "那是感受野的宽度。这些层的路径彼此重合，会留下空隙。";
        wrong_few: "That counts the steps of one layer too few.", "少算了一层的步数。";
        wrong_ways: "That is the number of ways: 3 · 3 · 3. Several lead to the same pixel.", "那是路径数 3 · 3 · 3；有些路径通向同一个像素。";
        ask_deeper: "The stack of {n} layers of 3×3 grows to {m} layers. The field on paper becomes {times} times as wide. And σ of the effective field?", "3×3 的层数由 {n} 增到 {m}，理论感受野变为约 {times} 倍。有效感受野的 σ 呢？";
        right_deeper: "Variances add up, so σ grows with the root of the depth: √({m} / {n}) = 2.", "方差相加，所以 σ 随深度的平方根增长：√({m} / {n}) = 2。";
        opt_times: "{times} times", "{times} 倍";
        wrong_linear: "That is how the field on paper grows. Most ways end near the middle.", "那是理论感受野的增长。大多数路径终点都靠近中间。";
        wrong_same: "It does grow: each layer adds its variance.", "它确实会增长：每一层都加上自己的方差。";
        wrong_square: "It grows slower than the depth, not faster.", "它比深度增长得慢，而不是更快。";
        ask_params: "One {k}×{k} layer or {n} layers of 3×3, each with the same number of channels in and out: what do the 3×3 layers take of its weights?", "一个 {k}×{k} 层，或 {n} 个 3×3 层，通道数都相同：后者的权重是前者的多少？";
        right_params: "{n} · 9 = {few} against {k}² = {many} taps for each pair of channels.", "每对通道 {n} · 9 = {few} 个权重，对 {k}² = {many} 个。";
        wrong_params: "Count the taps: {n} · 9 = {few} against {many}.", "数一数：{n} · 9 = {few}，对 {many}。";
        ask_skip: "A skip is laid around half of the layers of a stack. What happens to the effective field?", "给其中一半的层加上跳跃连接，有效感受野会怎样？";
        skip_smaller: "It becomes narrower", "变窄";
        skip_wider: "It becomes wider", "变宽";
        skip_same: "It stays as it is", "不变";
        right_skip: "Half of the mass takes the short way and does not spread: σ falls from {before} to {after}, the field on paper stays.", "一半的梯度走捷径，不再扩散：σ 由 {before} 降到 {after}，理论感受野不变。";
        wrong_skip_wider: "The shortcut adds no reach of its own: it leads straight back.", "捷径自身不扩大视野：它直接通回原处。";
        wrong_skip_same: "On paper, yes. But the ways through the shortcut end in the middle.", "理论上是。但经过捷径的路径都落在中间。";
        ask_share: "This stack sees {size} pixels on paper. How large is the square that holds 95 % of the gradient with equal weights?", "这些层叠起来，理论上看到 {size} 像素。权重相等时，装下 95 % 梯度的方块有多大？";
        right_share: "Most ways end near the middle: 95 % of the gradient lie in {side} × {side}.", "大多数路径落在中间附近：95 % 的梯度在 {side} × {side} 之内。";
        wrong_share_more: "The rim is reached by few ways: it counts for almost nothing.", "到边缘的路径很少：那里几乎没有分量。";
        wrong_share_less: "So narrow it is only for a larger share of the middle: look at the profile.", "没有这么窄：看看剖面。";
    }
}
