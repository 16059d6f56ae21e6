//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Attention", "注意力";
        title: "Every head looks somewhere else", "每个头看向不同的地方";
        lede: "A row asks, a column is looked at. Point at any weight to see the products that made it; click a head to enlarge it.",
              "行在提问，列被查看。指向任意权重，看它由哪些乘积得来；点击一个头可放大它。";
        main_title: "Who looks at whom", "谁在看谁";
        main_caption: "row: who asks, column: who is looked at", "行：提问者，列：被看者";
        caption_cut: "the first {n} of {all} tokens", "共 {all} 个词元，取前 {n} 个";
        kind_previous: "previous token", "前一个词元";
        kind_same: "same word", "相同的词";
        kind_first: "first token", "第一个词元";
        kind_seeded: "seeded noise", "随机初始";
        kind_next: "next token", "后一个词元";
        kind_induction: "induction", "归纳头";
        kind_uniform: "uniform", "均匀";
        kind_shared: "shares keys", "共用键";
        kind_loaded: "loaded", "已载入";
        switched_off: "switched off", "已关闭";
        head_n: "head {h}", "头 {h}";
        head_kind: "{h} {kind}", "{h} {kind}";
        bits_of: "{bits} bits", "{bits} 比特";
        map_of: "weights of head {h}", "头 {h} 的权重";
        rows_ask: "rows ask", "行提问";
        own_scale: "colours up to each map's largest", "颜色以各图最大值为上限";
        hatched: "hatched: masked", "斜线：被屏蔽";
        blank: "blank: below 0.005", "空白：小于 0.005";
        summary: "{heads} heads over {n} queries and {m} keys.", "{heads} 个头，{n} 个查询，{m} 个键。";
        summary_at: "In head {h}, {query} at place {i} gives {weight} of its weight to {key} at place {j}.",
                    "在头 {h} 中，位置 {i} 的“{query}”把 {weight} 的权重给了位置 {j} 的“{key}”。";
        looks_at: "head {h}: {query} looks at {key}", "头 {h}：{query} 看 {key}";
        score: "score", "分数";
        weight: "weight", "权重";
        value: "value v", "值 v";
        step_softmax: "softmax", "softmax";
        step_masked: "masked", "被屏蔽";
        step_hardmax: "largest", "取最大";
        step_signed: "two softmaxes", "两个 softmax 之差";
        sum_of: "Σ weight · v", "Σ 权重 · v";
        sum_more: "Σ weight · v, and {n} more", "Σ 权重 · v，另有 {n} 个";

        path_title: "The whole path", "完整的路径";
        path_caption: "head {h} of {heads}, then all side by side", "头 {h}（共 {heads} 个），然后各头并排";
        path_summary: "Every matrix from x, {d} wide, over q and k of width {dk}, scores, mask and weights of head {h} to the {heads} answers side by side and the output.",
                      "画出每个矩阵：从宽 {d} 的 x，经宽 {dk} 的 q 与 k、头 {h} 的分数、掩码和权重，到 {heads} 个头的并排结果与输出。";
        path_marks: "solid: row of {query}; dashed: row of {key}", "实线：{query} 所在行；虚线：{key} 所在行";
        second_text: "second text", "第二段文字";
        scaled: "scaled", "缩放后";
        mask: "mask", "掩码";
        weights: "weights", "权重";
        head_answer: "head's answer", "该头的输出";
        concat: "heads side by side", "各头并排";
        output: "output", "输出";

        asks: "asks", "提问";
        looked_at: "is looked at", "被看";
        lines_title: "Lines between tokens", "词元之间的连线";
        lines_caption: "head {h}: as thick as the weight", "头 {h}：越粗权重越大";
        lines_summary: "Lines of head {h}; {query} gives {weight} to {key}.", "头 {h} 的连线；“{query}”给“{key}”{weight}。";
        entropy_bits: "entropy, bits", "熵，比特";
        distance_tokens: "distance, tokens", "距离，词元";
        share_of: "share of the output", "在输出中的份额";
        heads_title: "Heads in numbers", "用数字看各个头";
        heads_caption: "click a number to switch its head off or on", "点击数字可关闭或打开该头";
        heads_summary: "For each head entropy, distance and share; head {h} has {bits} bits.", "每个头的熵、距离和份额；头 {h} 为 {bits} 比特。";
        study_title: "Why divide by √d_k", "为什么除以 √d_k";
        study_caption: "new q and k of unit variance for each width", "每种宽度都重新取单位方差的 q 和 k";
        study_working: "working: {share}", "计算中：{share}";
        study_summary: "Without the division the variance of a score grows as its width, the softmax becomes a choice and its gradient vanishes; with it all three stay.",
                       "不除时，分数的方差随宽度增长，softmax 变成硬选择，梯度消失；除以 √d_k 之后，三者都保持平稳。";
        study_variance: "variance of a score, log₂", "分数的方差，log₂";
        study_entropy: "entropy of a row, bits", "一行的熵，比特";
        study_gradient: "length of the softmax's gradient", "softmax 梯度的长度";
        undivided: "q · k", "q · k";
        divided: "q · k / √d_k", "q · k / √d_k";
        theory: "theory", "理论";
        cost_title: "Work against length", "计算量与长度";
        cost_caption: "pairs overtake the projections at {crossing} tokens", "到 {crossing} 个词元时，成对计算超过投影";
        cost_summary: "Projections grow as the length, pairs as its square; both are equal at {crossing} tokens, and there are {n} now.",
                      "投影随长度增长，成对计算随长度的平方增长；两者在 {crossing} 个词元处相等，现在有 {n} 个。";
        cost_axis: "million multiply-adds", "百万次乘加";
        cost_projections: "four projections", "四个投影";
        cost_pairs: "q · k and weights · v", "q · k 与 权重 · v";
        timing_axis: "milliseconds of one head", "一个头所用的毫秒数";
        timing_predicted: "predicted", "预测";
        timing_measured: "measured here", "本机实测";
        timing_says: "In the chart of milliseconds both axes are logarithmic. {n} tokens take {time} ms here. Multiply-adds predict 4 times the time for twice the tokens; measured: {short} times at the shortest texts, {long} times at the longest. A factor below 4 means that the fixed cost of starting, the same at any length, still outweighs the work on pairs.",
                     "毫秒图的两个轴都是对数的。{n} 个词元在本机用 {time} 毫秒。按乘加次数预测，长度加倍，时间变为 4 倍；实测：最短处 {short} 倍，最长处 {long} 倍。倍数小于 4，说明与长度无关的启动开销仍超过成对计算。";
        timing_no_clock: "There is no clock here, so nothing is measured.", "这里没有可用的时钟，无法实测。";
        split_title: "Heads are one product, cut", "多头就是一次乘法，切开";
        split_caption: "{d} numbers as {h} heads of {dk}; step through", "{d} 个数切成 {h} 个头，每头 {dk} 个；可逐步查看";
        split_summary: "One product gives {d} numbers for each token. A view cuts them into {h} heads of {dk}; separate matrices give the same; the answers are put side by side again.",
                       "一次乘法给每个词元 {d} 个数，变形后切成 {h} 个头，每头 {dk} 个；分开的矩阵给出同样的数；最后各头的输出再并排。";
        split_wide: "x · W_Q, one product", "x · W_Q，一次乘法";
        split_cut: "view and transpose: a matrix for each head", "变形再转置：每个头一个矩阵";
        split_apart: "the same from a W_Q of each head", "每个头各用自己的 W_Q，结果相同";
        split_answers: "what each head answers", "每个头的输出";
        split_joined: "transpose back and reshape: side by side", "转置回来再变形：各头并排";
        split_equal: "Ringed: one number on its way. Between 2 and 3 the largest difference is {apart}: cutting moves no number and computes none.",
                     "圈出的是同一路径上的数。2 与 3 的最大差为 {apart}：切分既不移动任何数，也不做任何运算。";
        split_loaded: "Ringed: one number on its way. These queries were loaded, so there is no matrix to make them apart with.",
                      "圈出的是同一路径上的数。这里的查询是载入的，没有可以分开相乘的矩阵。";
        split_part: "Of long texts and wide heads a part is drawn.", "文字较长或头较宽时只画出一部分。";
        tokens: "tokens", "词元数";
        mask_title: "Who may look at whom", "谁可以看谁";
        mask_caption: "{hidden} of {all} pairs are hidden", "{all} 对中有 {hidden} 对被屏蔽";
        mask_summary: "{hidden} of {all} pairs are hidden. A 1 lets a query look, a 0 hides.", "{all} 对中有 {hidden} 对被屏蔽。1 表示可以看，0 表示屏蔽。";
        mask_grid: "mask: 1 may look", "掩码：1 表示可看";
        empty_rows_after: "Queries that may look at nobody: {n}. Here the softmax runs over all keys first, so it is defined; zeroing afterwards leaves such a row with weights of 0 and an answer of 0.",
                          "谁也不能看的查询：{n} 个。这里先对所有键做 softmax，所以有定义；之后再置零，这样的行权重全为 0，输出为 0。";
        empty_rows_hard: "Queries that may look at nobody: {n}. Among no scores none is the largest; the lab gives them weights of 0 and an answer of 0.",
                         "谁也不能看的查询：{n} 个。没有分数，也就没有最大者；本实验令其权重为 0、输出为 0。";
        empty_rows: "Queries that may look at nobody: {n}. The softmax of nothing is not defined; the lab gives them weights of 0 and an answer of 0, as PyTorch's fused attention does, where a plain softmax gives no number at all.",
                    "谁也不能看的查询：{n} 个。对空集做 softmax 没有定义；本实验令其权重为 0、输出为 0，PyTorch 的融合注意力也是如此，而普通的 softmax 连一个数都给不出。";
        gradient_title: "Where the gradient comes from", "梯度来自哪里";
        gradient_caption: "row: an output, column: the token it depends on", "行：一个输出，列：它所依赖的词元";
        gradient_summary: "The length of the gradient of each output with respect to each token. Without a causal mask there is gradient right of the diagonal: from the future.",
                          "每个输出对每个词元的梯度长度。没有因果掩码时，对角线右侧也有梯度：它来自未来。";
        gradient_grid: "length of ∂ output / ∂ x", "∂ output / ∂ x 的长度";
        gradient_none: "The gradient is drawn for up to 24 tokens, d_model up to 32, a text rather than loaded tensors, dot or cosine scores, and the plain softmax. Shorten the text, or set those back.",
                       "梯度图适用于不超过 24 个词元、d_model 不超过 32、来自文字而非载入的张量、点积或余弦分数、普通 softmax 的情形。请缩短文字或改回这些设置。";
        kinds_title: "Who shares keys and values", "谁共用键和值";
        kinds_caption: "query heads: {heads}, key and value heads: {kv}", "查询头：{heads}，键值头：{kv}";
        kinds_summary: "{heads} query heads share {kv} key and value heads. Fewer of them make the cache smaller and leave the work on pairs as it is.",
                       "{heads} 个查询头共用 {kv} 个键值头。键值头越少，缓存越小，成对计算量不变。";
        query_heads: "q heads: {n}", "查询头：{n}";
        kv_heads: "k, v heads: {n}", "键值头：{n}";
        kind: "kind", "种类";
        parameters: "parameters", "参数量";
        cache_per_token: "cache a token", "每词元缓存";
        reference_cache: "large model", "大模型";
        multi_head: "multi-head ({n})", "多头（{n}）";
        grouped: "grouped ({n})", "分组（{n}）";
        multi_query: "multi-query ({n})", "多查询（{n}）";
        reference_is: "The large model: 32 layers, 32 heads of width 128, 4096 tokens, half precision, with 32, 8 and 1 key and value heads.",
                      "大模型：32 层，32 个宽 128 的头，4096 个词元，半精度，键值头分别为 32、8 和 1 个。";

        // Insight.
        answer: "In head {h}, “{query}” gives {share} of its weight to “{key}”. Its row spreads over {bits} bits; an even spread would be {most}.",
                "在头 {h} 中，“{query}”把 {share} 的权重给了“{key}”。这一行的熵为 {bits} 比特，均匀时为 {most}。";
        answer_masked: "“{query}” may not look at “{key}”: the mask sets that score to minus infinity before the softmax, and the weight is exactly 0.",
                       "“{query}”不能看“{key}”：掩码在 softmax 之前把这个分数设为负无穷，权重恰好为 0。";
        answer_masked_after: "“{query}” may not look at “{key}”: the softmax counts that score like all others, and the weight is set to 0 only after it. What it had taken is missing from the row.",
                             "“{query}”不能看“{key}”：softmax 照样算入这个分数，之后才把权重置为 0，它分走的份额就从这一行里消失了。";
        answer_masked_hard: "“{query}” may not look at “{key}”: the mask sets that score to minus infinity before the largest is chosen, and the weight is exactly 0.",
                            "“{query}”不能看“{key}”：掩码在取最大之前把这个分数设为负无穷，权重恰好为 0。";
        answer_empty: "“{query}” may look at nobody: the mask sets all its scores to minus infinity. Their softmax is not defined, so the lab sets the weights to 0.",
                      "“{query}”谁也不能看：掩码把它的分数全设为负无穷，softmax 没有定义，本实验令权重为 0。";
        answer_off: "With these heads off the output moves by up to {moved}: {list}.", "关闭这些头（{list}）后，输出最多改变 {moved}。";
        answer_study: "At d_k = {d} the variance of q · k is {without}, and {with} after dividing by √d_k.",
                      "d_k = {d} 时，q · k 的方差为 {without}，除以 √d_k 后为 {with}。";
        answer_future: "The largest gradient from a later token is {future}.", "来自后面词元的最大梯度为 {future}。";
        formula: "The formula", "公式";
        formula_where: "{n} queries and {m} keys of width {dk}, values of width {dv}", "{n} 个查询、{m} 个键（宽 {dk}），值的宽度为 {dv}";
        this_weight: "This weight", "这个权重";
        row_sums: "the row's weights add up to {sum}", "这一行的权重之和为 {sum}";
        more_products: "+ {n} more, together {sum}", "+ 其余 {n} 项，合计 {sum}";
        shapes: "Shapes and cost", "形状与开销";
        this_head: "This head", "这个头";
        entropy: "Entropy of its rows", "各行的熵";
        distance: "Distance it looks", "看多远";
        variance: "Variance of its scores before the factor", "缩放前分数的方差";
        asymmetry: "Score against its mirror, greatest difference", "分数与其镜像的最大差";
        macs: "Multiply-adds", "乘加次数";
        cache: "Cache of a layer, half precision", "一层的缓存，半精度";
        of_bits: "{most} if even", "均匀时 {most}";
        tokens_away: "{n} tokens", "{n} 个词元";
        padding_moves: "Padding moves the other outputs by", "填充使其他输出改变";
        four_matrices: "four matrices, no bias", "四个矩阵，无偏置";
        note_cut: "Only the first {n} of {all} tokens are used; the whole text stays in its field.", "只用了 {all} 个词元中的前 {n} 个，全文仍保留在输入框里。";
        note_own: "Loaded and used: {list}. The rest is computed from the text. Set input back to text to leave them.", "已载入并使用：{list}，其余由文字算出。把 input 改回 text 即可不用它们。";
        note_hand: "Heads with a name are built by hand to do one thing; noise is what a head is before training. Real heads are found between the two.",
                   "有名字的头由人搭成，只做一件事；“随机初始”是训练之前的样子。真实的头介于两者之间。";
        note_tied: "With W_Q = W_K the scores are symmetric: if a looks at b, b looks at a as much. Two matrices let looking have a direction.",
                   "当 W_Q = W_K 时分数对称：a 看 b 有多少，b 看 a 就有多少。两个矩阵才让“看”有方向。";
        note_unscaled: "Without the division the scores have a variance of about d_k: the wider the head, the harder its choice and the smaller its gradient. It is not about keeping numbers from overflowing.",
                       "不除以 √d_k 时，分数的方差约为 d_k：头越宽，选择越硬，梯度越小。这并不是为了防止数值溢出。";
        note_temperature: "Temperature {t} divides all scores: below 1 the largest wins more, above 1 the row evens out.", "温度 {t} 除以所有分数：小于 1 时最大者更占优，大于 1 时趋于均匀。";
        note_hardmax: "Hardmax gives everything to the largest score. Its gradient with respect to the scores is 0 everywhere, so nothing could learn where to look.",
                      "hardmax 把一切都给最大的分数。它对分数的梯度处处为 0，因而学不会该看哪里。";
        note_mask_after: "Zeroing after the softmax leaves rows that no longer add up to 1 (here down to {least}): hidden tokens have already taken their share. Masks belong before it.",
                         "在 softmax 之后置零，会使行和不再为 1（这里最小为 {least}）：被屏蔽的词元已经分走了份额。掩码应放在之前。";
        note_signed: "Weights are one softmax less {taken} times another, so some are below zero: a head can subtract what both see.",
                     "权重是一个 softmax 减去 {taken} 倍的另一个，因此有的小于零：头可以减去两者共同看到的东西。";
        note_causal_leak: "Every token sees later ones. That suits an encoder; a decoder that learns to predict the next token would simply read it.",
                          "每个词元都能看到后面的词元。编码器正该如此；要预测下一个词元的解码器却会直接读到答案。";
        note_padding: "The padding's keys are hidden, so the real tokens' outputs are those of the unpadded text: they differ by {apart}. The padding's own rows are computed and thrown away.",
                      "填充的键被屏蔽，所以真实词元的输出与未填充时相同：相差 {apart}。填充自己的各行照样计算，然后丢弃。";
        note_padding_after: "Masking after the softmax lets padding change the real tokens: their outputs differ by {apart} from the unpadded text.",
                            "在 softmax 之后才屏蔽，填充就会影响真实词元：输出与未填充时相差 {apart}。";
        note_empty_one: "One row is masked completely. It gets weights of 0 and an answer of 0.", "有一行被完全屏蔽，权重为 0，输出也为 0。";
        note_empty: "{n} rows are masked completely. They get weights of 0 and an answer of 0.", "有 {n} 行被完全屏蔽，权重为 0，输出也为 0。";
        note_mask_token: "[MASK] is a token like any other: everybody may look at it, only the word is gone from it. An attention mask leaves the words and hides who may look.",
                         "[MASK] 与别的词元一样：谁都可以看它，只是词没有了。注意力掩码则保留词，而规定谁能看谁。";
        note_cross: "Queries come from the first text, keys and values from the second: {n} rows, {m} columns. Only d_k must agree.", "查询来自第一段文字，键和值来自第二段：{n} 行，{m} 列。只有 d_k 必须一致。";
        note_shared: "{group} query heads share each pair of key and value heads: the cache shrinks by that factor, the pairs' work does not.", "每 {group} 个查询头共用一对键值头：缓存只有原来的 1/{group}，成对计算量不变。";
        note_dv: "Values are {dv} wide and keys {dk}: nothing asks them to be equal. W_O takes {wide} numbers.", "值宽 {dv}，键宽 {dk}：两者不必相等。W_O 接收 {wide} 个数。";
        note_additive: "The additive score vᵀ tanh(W₁ q + W₂ k) needs a tanh for each unit of each pair, {n} here; the dot product is one matrix product. Both grow as n² d.",
                       "加性分数 vᵀ tanh(W₁ q + W₂ k) 要对每一对的每个单元算 tanh，这里共 {n} 次；点积只是一次矩阵乘法。两者都按 n² d 增长。";
        note_split: "Splitting {d} numbers into {h} heads is a reshape: the same rows of one large W_Q would be {h} separate matrices of {dk} rows. Parameters and work stay when h changes.",
                    "把 {d} 个数分成 {h} 个头只是变形：一个大的 W_Q 的各行，就是 {h} 个各有 {dk} 行的独立矩阵。改变头数，参数量和计算量不变。";

        part_word: "word", "词";
        part_before: "word before", "前一个词";
        part_position: "place", "位置";
        part_one: "constant", "常数";

        // Questions asked of the learner.
        ask_entropy: "You set temperature to {t}. What does the entropy of head {h} do?", "把温度设为 {t}，头 {h} 的熵会怎样？";
        rises: "It rises", "升高";
        falls: "It falls", "降低";
        stays: "It stays", "不变";
        because_entropy: "From {before} to {after} bits: dividing the scores moves them together or apart before the softmax.", "从 {before} 变为 {after} 比特：softmax 之前，分数被拉近或拉开。";
        thought_entropy: "Look at the row's weights: dividing by more than 1 brings scores together, by less drives them apart.", "看这一行的权重：除以大于 1 的数使分数彼此靠近，除以小于 1 的数则把它们拉开。";
        ask_scale: "You take the division by √d_k away (scale = none). What does the entropy of head {h} do?", "去掉除以 √d_k（scale = none），头 {h} 的熵会怎样？";
        ask_parameters: "d_model stays {d}, and you take {h} heads instead of {now}. How many parameters are there then?", "d_model 仍为 {d}，头数由 {now} 改为 {h}。参数量是多少？";
        because_parameters: "{n}: the four matrices are as large as before, only cut into other pieces.", "{n}：四个矩阵大小不变，只是切法不同。";
        thought_more_heads: "Each head is narrower in the same measure as there are more of them.", "头多了多少倍，每个头就窄多少倍。";
        thought_fewer: "Nothing is left out when heads are cut smaller.", "头切得更小，并没有丢掉什么。";
        thought_three: "That forgets one of the four matrices.", "这漏掉了四个矩阵中的一个。";
        ask_pairs: "The text becomes twice as long: {n} tokens instead of {now}. The weights of one head are then how many numbers?", "文字长了一倍：由 {now} 个词元变为 {n} 个。一个头的权重有多少个数？";
        because_pairs: "{right}: every token looks at every token, so twice the length is four times the pairs.", "{right}：每个词元看每个词元，长度加倍，成对的数目变为四倍。";
        thought_double: "Rows and columns both double.", "行数和列数都加倍。";
        thought_width: "The width of a token doesn't enter: a weight belongs to a pair.", "与词元的宽度无关：权重属于一对词元。";
        ask_hidden: "You switch is_causal on. How many of the {all} pairs are then hidden?", "打开 is_causal，{all} 对中有多少被屏蔽？";
        because_hidden: "{right}: those right of the diagonal. A token still sees itself.", "{right}：对角线右侧的那些。词元仍能看到自己。";
        thought_diagonal: "The diagonal stays: a token may look at itself.", "对角线保留：词元可以看自己。";
        thought_half: "Half would count the diagonal half.", "“一半”等于把对角线也算了一半。";
        thought_seen: "Those are the pairs that are left.", "那是剩下的那些对。";
        ask_looks: "Head {h}: at whom does “{query}” look most?", "头 {h}：“{query}”最关注谁？";
        because_looks: "It gives {weight} to “{key}”. The head: {kind}.", "它把 {weight} 给了“{key}”。这个头：{kind}。";
        thought_looks: "That one gets {weight} only.", "那个只得到 {weight}。";
        ask_cache: "A model has 32 layers, 32 heads of width 128, half precision, 4096 tokens: its cache is 2 GiB. With 8 key and value heads it is …",
                   "某模型有 32 层、32 个宽 128 的头、半精度、4096 个词元：缓存为 2 GiB。若键值头为 8 个，缓存是……";
        because_cache: "0.5 GiB: the cache holds keys and values alone, and a quarter of the heads is left.", "0.5 GiB：缓存只存键和值，而头只剩四分之一。";
        thought_cache_same: "Queries are not kept: the cache belongs to keys and values, and those shrank.", "查询不缓存：缓存只有键和值，而它们变少了。";
        thought_cache_root: "Heads count one to one: a quarter of them is a quarter of the bytes.", "字节数与头数成正比：四分之一的头就是四分之一的字节。";
        thought_cache_one: "That is a single shared head, multi-query attention.", "那是只有一个共享头的多查询注意力。";
        ask_symmetric: "You set W_K = W_Q (tie_qk). What becomes of the scores of head {h} before the mask?", "令 W_K = W_Q（tie_qk），头 {h} 掩码前的分数会怎样？";
        symmetric: "They become symmetric", "变得对称";
        diagonal: "Only the diagonal stays", "只剩对角线";
        unchanged: "They stay as they are", "保持不变";
        because_symmetric: "x W Wᵀ xᵀ is its own transpose: score (a, b) equals score (b, a).", "x W Wᵀ xᵀ 等于自身的转置：分数 (a, b) 等于分数 (b, a)。";
        thought_self: "A token compared with itself scores high, but others share directions with it as well.", "词元与自己比较，分数固然高，但别的词元也与它有共同的方向。";
        thought_unchanged: "Look at the matrix W_K in the path: it is another one now.", "看路径中的 W_K：它已经换了。";
    }
}
