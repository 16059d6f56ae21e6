//! The sentences of the lab, both languages side by side.

use crate::texts;

texts! {
    /// The sentences of figures and insight.
    Text {
        name: "Position codes", "位置编码";
        title: "Without a code, order is invisible", "没有位置编码，就看不见顺序";
        lede: "Six codes on the same queries and keys. Without one, the same word has the same row wherever it stands. Point at a cell to compare.",
              "同一组查询和键，六种编码。没有编码时，同一个词无论出现在哪里，对应的行都一样。指向格子来比较。";

        // What each code does, in a few words.
        does_none: "nothing is added", "什么也不加";
        does_sinusoidal: "waves added to each token", "给每个词元加上波";
        does_learned: "a table row added to each token", "给每个词元加上表中一行";
        does_rope: "q and k turned by position", "按位置旋转 q 和 k";
        does_alibi: "score − slope · distance", "分数 − 斜率·距离";
        does_t5: "score + bias of its bucket", "分数 + 所在桶的偏置";

        // The maps.
        pair_title: "Who looks at whom", "谁在看谁";
        pair_title_scores: "Scores before the softmax", "softmax 之前的分数";
        head_of: "head {head} of {heads}; row: who asks, column: who is asked", "头 {head}（共 {heads} 个）；行：查询，列：键";
        head_only: "head {head} of {heads}", "头 {head}（共 {heads} 个）";
        rows_equal: "All “{word}” have equal weights", "“{word}”的各行权重完全相同";
        rows_apart: "Weights of “{word}” differ by up to {gap}", "“{word}”的各行权重最多相差 {gap}";
        here: "“{q}” at {i} to “{k}” at {j}: {value}", "{i} 处的“{q}”看 {j} 处的“{k}”：{value}";
        blank: "blank: below 0.005", "空白：绝对值小于 0.005";
        masked: "masked", "被屏蔽";
        table_ends: "The table ends at position {end}: there is no row to add here.", "位置表到 {end} 为止：这里没有可加的行。";
        no_rows: "no row", "没有这一行";
        pair_summary: "Attention maps of {n} tokens, head {head}, without a position code and with this one: {code}.",
                      "{n} 个词元的注意力图，头 {head}，左边没有位置编码，右边用的是：{code}。";
        six_title: "All six on the same queries and keys", "同一组查询和键，六种编码";
        six_caption: "click a map to choose its code", "点击一张图可选用它的编码";
        six_summary: "Six attention maps, one for each position code, from the same queries and keys.", "六张注意力图，各用一种位置编码，查询和键相同。";
        six_summary_rows: "How far any two rows of “{word}” are apart at most: {list}.", "任意两个“{word}”的行之间最大的差距：{list}。";

        // The order test.
        order_title: "Order test", "顺序测试";
        order_caption: "move tokens: does an output change, or only move along?", "移动词元：输出是变了，还是只跟着移动？";
        order_before: "before", "之前";
        order_after: "after", "之后";
        order_moves: "only moves", "只是移动";
        order_changes: "changes", "变了";
        order_note: "The largest change of any output of this head, each compared with the output of the same token before. What is left without a code is rounding.",
                    "这个头所有输出中最大的变化，每个输出都与同一词元之前的输出比较。没有编码时剩下的只是舍入误差。";
        order_causal: "With the causal mask even “none” changes: what a token may see depends on where it stands. The mask alone gives some order.",
                      "有因果掩码时，连“无编码”也会变：一个词元能看见什么取决于它所在的位置。掩码本身就带来了一些顺序。";
        order_summary: "Largest change of an output after the tokens were rearranged: {list}.", "重排词元之后输出的最大变化：{list}。";

        // The added codes.
        table_title: "Sinusoidal code", "正弦编码";
        table_caption: "one position a column; each pair of rows is a sine and a cosine", "一列一个位置；每两行是一对正弦和余弦";
        table_summary: "{d} numbers for each of {n} positions: fast waves at the top, slow ones below. The dot product of the first code with itself is {dot} and falls, in waves, with the distance.",
                       "{n} 个位置，每个位置 {d} 个数：上面的波快，下面的波慢。第一个编码与自己的点积为 {dot}，随距离起伏着下降。";
        learned_title: "Learned table", "学习得到的位置表";
        learned_caption: "one row a position, drawn as a column; the last is {end}", "表中一行对应一个位置，画成一列；最后一个是 {end}";
        learned_end: "Here the table ends. A position beyond it was never trained, so there is nothing to add, and nothing is invented.",
                     "表到此为止。更远的位置从未训练过，没有可加的数，这里也不会凭空编造。";
        learned_summary: "{d} numbers for each of {n} positions, seeded here, set by training in a model. The dot product of the first row with itself is {dot}; with the others it follows no pattern.",
                         "{n} 个位置，每个位置 {d} 个数：这里由种子生成，模型中由训练得到。第一行与自己的点积为 {dot}，与其他行的点积没有规律。";
        column: "number of the code", "编码中数的编号";
        wavelength: "wavelength", "波长";
        position_axis: "position; dashed: tokens in the text now", "位置；虚线框：当前文本中的词元";
        dot_title: "Dot product with the first code", "与第一个编码的点积";
        dot_remark: "near places look alike", "相近的位置相似";
        distance_axis: "distance in tokens", "距离（词元数）";

        // The rotary figure.
        rotary_title: "Pairs turn with position", "数对随位置转动";
        rotary_caption: "move q_position or k_position, or shift both by offset", "移动 q_position 或 k_position，或用 offset 让两者一起移动";
        rotary_summary: "The query at position {q} and the key at position {k}, {distance} apart: their pairs as arrows, each turned by its own speed. Their score is {score}.",
                        "查询在位置 {q}，键在位置 {k}，相距 {distance}：各数对画成箭头，以各自的速度转动。分数为 {score}。";
        at_position: "{which} of “{word}” at {position}", "“{word}”的 {which}，在 {position}";
        pair_name: "numbers {a} and {b}", "编号 {a} 与 {b} 的数";
        degrees_step: "{angle}° a step", "每步 {angle}°";
        degrees_gap: "gap {angle}°", "夹角 {angle}°";
        ruler_hint: "Click a place to move query or key; the last row shifts both.", "点击位置可移动查询或键；最后一行让两者一起移动。";
        ruler_shift: "shift both by", "一起移动";
        shift_says: "Over these shifts the rotary score moves by {rope}, the sinusoidal one by {sinusoidal}. Click a row to go there.",
                    "在这些移动中，旋转位置编码的分数变化 {rope}，正弦编码变化 {sinusoidal}。点击一行可移到那里。";
        shift_title: "Shift both: does the score stay?", "两者一起移动：分数变吗？";
        shift_q: "q at", "q 在";
        shift_k: "k at", "k 在";
        shift_rope: "rotary", "旋转";
        shift_sinusoidal: "sinusoidal", "正弦";
        shift_note: "Both arrows of a pair turn by the same angle, so the gap stays, and with it the rotary score. Values stay as they are: only queries and keys are turned.",
                    "每一对的两个箭头转过同样的角度，夹角不变，旋转位置编码的分数也就不变。值不转动：转动的只有查询和键。";
        shift_dynamic: "Dynamic scaling chooses its base by the length of the text: beyond the trained length a shift changes every angle, and the score with them.",
                       "动态缩放按文本长度选底数：超过训练长度后，移动会改变所有角度，分数也随之改变。";
        turns_title: "Tokens for one full turn, by pair", "各数对转一整圈所需的词元数";
        turns_note: "Dashed upright: the trained length, {length}. A dashed bar never finishes a turn within it, so beyond it the pair shows angles that no training has seen.",
                    "竖虚线：训练长度 {length}。虚线条在其中转不完一圈，超过之后就会出现训练中从未见过的角度。";
        turns_scaled: "Small mark and grey number: before scaling.", "小竖线和灰色数字：缩放之前。";

        // Biases.
        slopes_title: "ALiBi: one slope a head", "ALiBi：每个头一个斜率";
        slopes_caption: "what is added to the score", "加到分数上的数";
        slopes_summary: "The slopes of {heads} heads: {list}. Steep heads look near, flat ones far.", "{heads} 个头的斜率：{list}。斜率大的头看近处，斜率小的头看远处。";
        slopes_note: "Each slope is the one before times the same factor, down to that of the last head. Nothing is learned.",
                     "每个斜率都是前一个乘以同一个比例，直到最后一个头。没有任何需要学习的量。";
        slopes_odd: "No power of two: the slopes of the next smaller power come first, then every second one of the next larger.",
                    "头数不是 2 的幂：先取较小的那个幂的斜率，再从较大的那个幂中每隔一个取一个。";
        head_slope: "head {head}: {slope}", "头 {head}：{slope}";
        buckets_title: "T5: distances share buckets", "T5：距离分桶";
        buckets_caption: "exact near by, ever wider far away", "近处精确，越远越宽";
        buckets_summary: "Buckets of distances when only what lies behind counts: near ones of one step, the last takes all from 113 on.",
                         "只看之前的词元时的距离桶：近处一步一桶，最后一桶收下 113 及以上的全部距离。";
        buckets_summary_both: "Buckets of distances in both directions: half of them for what lies behind, half for what lies ahead.",
                              "双向时的距离桶：一半给查询之前的键，一半给查询之后的键。";
        strip_causal: "Decoder: bidirectional off", "解码器：关闭 bidirectional";
        strip_causal_of: "how far back the key lies", "键比查询早多少";
        strip_both: "Encoder: bidirectional on", "编码器：打开 bidirectional";
        strip_both_of: "key position − query position", "键的位置 − 查询的位置";
        bias_title: "Bias of each bucket", "每个桶的偏置";
        bias_note: "Above: the bucket. In colour: what it adds to the score. Below: the nearest distance in it. Seeded here; training would set the biases.",
                   "上：桶号。颜色：加到分数上的数。下：桶中最近的距离。偏置在这里由种子生成，模型中由训练得到。";

        // Extrapolation.
        reach_title: "Beyond the trained length", "超出训练长度";
        reach_caption: "score against distance to {far}", "分数随距离变化，直到 {far}";
        reach_summary: "Scores of one query and key against their distance to {far}, eight times the trained length {length}. The learned code ends with its table.",
                       "同一对查询和键的分数随距离变化，直到 {far}，即训练长度 {length} 的八倍。学习得到的编码随表而终。";
        reach_end: "no row: nothing to draw", "没有这一行，画不出来";
        reach_note: "Shaded: beyond the trained length of {length}. The curves show what each code gives there; whether a model can use it only training can tell. T5 and ALiBi go on by rule, rotary and sinusoidal bring angles not seen before.",
                    "阴影：超出训练长度 {length}。曲线显示各编码在那里给出什么；模型能否利用，只有训练才知道。T5 和 ALiBi 按规则延续，旋转与正弦编码会带来训练中没见过的角度。";

        // Insight.
        from_to: "“{q}” at {i} → “{k}” at {j}:", "{i} 处“{q}” → {j} 处“{k}”：";
        bias: "bias", "偏置";
        without: "without a code", "没有编码时";
        score: "score", "分数";
        softmax: "after softmax", "softmax 之后";
        answer_own: "Your own queries and keys under this code: {code}. The code adds or turns; the rest is yours.", "你自己的查询和键，编码为：{code}。编码只做加法或转动，其余都是你的。";
        answer_none: "Every “{word}” has the same row: without a code attention cannot tell them apart.",
                     "每个“{word}”的行都完全相同：没有编码，注意力无法区分它们。";
        answer_causal: "Without a code the causal mask alone makes the rows of “{word}” differ by up to {gap}: a later one sees more.",
                       "没有编码时，仅靠因果掩码，各个“{word}”的行最多就相差 {gap}：靠后的看得更多。";
        answer_same: "Under this code, {code}, all rows of “{word}” come out equal: it tells no difference here.",
                     "在这种编码（{code}）下，各个“{word}”的行恰好相同：此处没有区别。";
        answer_code: "Without a code every “{word}” has the same row. With this one, {code}, their weights differ by up to {gap}.",
                     "没有编码时，每个“{word}”的行都完全相同；用上编码（{code}）后，权重最多相差 {gap}。";
        answer_both: "Mask and code together: the rows of “{word}” differ by up to {gap}. Code: {code}.",
                     "掩码与编码共同作用：各个“{word}”的行最多相差 {gap}。编码：{code}。";
        six_times: "“{q}” at {i} → “{k}” at {j}, six times", "{i} 处“{q}” → {j} 处“{k}”，六种编码";
        score_is: "score {score}", "分数 {score}";
        costs: "Where it enters, what it learns", "加在哪里，学习多少个数";
        into_nothing: "nowhere", "不加";
        into_x: "into the tokens", "加入词元";
        into_qk: "into q and k", "作用于 q 和 k";
        into_scores: "into the scores", "加入分数";
        ends: "Where it ends", "到哪里为止";
        last_position: "last position", "最后的位置";
        all_others: "All others", "其他编码";
        no_last: "none", "没有";
        formula_none: "The score: words alone", "分数：只看词";
        formula_wave: "This number of the code", "编码的这个数";
        formula_learned: "Looked up, not computed", "查表，不计算";
        formula_rows: "rows 0 to {last}", "第 0 行到第 {last} 行";
        formula_same: "Score at these positions, all digits", "这些位置上的分数，全部数字";
        formula_pair: "Numbers {a} and {b} of q, turned", "q 中编号 {a} 与 {b} 的数，旋转之后";
        formula_scaled: "Slowest pair, {pair}: tokens for a turn", "最慢的数对 {pair}：转一圈的词元数";
        formula_alibi: "Score less slope times distance", "分数减去斜率乘距离";
        formula_t5: "Bucket, then bias", "先找桶，再加偏置";

        // Notes.
        note_causal: "A causal mask is not a position code, but it breaks the symmetry: decoders without any code can learn some order from it.",
                     "因果掩码不是位置编码，却打破了对称：没有编码的解码器也能由此学到一些顺序。";
        note_t5_half: "With a causal mask half of these buckets are never used: decoders switch bidirectional off.",
                      "有因果掩码时，一半的桶永远用不上：解码器应关闭 bidirectional。";
        note_table: "The learned table ends at position {end}; this text reaches {last}. Its map stays empty: PyTorch would stop with an index error.",
                    "学习得到的位置表到 {end} 为止，而文本到了 {last}。它的图留空：PyTorch 会报索引错误。";
        note_shift: "Shifted by {offset}, the rotary score moved by {moved}, which is rounding in 64 bits.", "平移 {offset} 之后，旋转位置编码的分数变化为 {moved}，这只是 64 位的舍入误差。";
        note_shift_exact: "Shifted by {offset}, the rotary score is the same to the last bit: it moved by {moved}.", "平移 {offset} 之后，旋转位置编码的分数每一位都相同：变化为 {moved}。";
        note_dynamic: "Dynamic scaling takes the length of the text: keys cached before it grew were turned by other angles.",
                      "动态缩放取决于文本长度：文本变长之前缓存的键，是按别的角度转动的。";
        note_yarn: "YaRN also multiplies cosine and sine by {grown}, so all scores grow by its square.", "YaRN 还把余弦和正弦乘以 {grown}，所以分数都放大为它的平方倍。";
        note_rope_where: "Rotary codes are not added to the tokens: they turn queries and keys in every layer, and never the values.",
                         "旋转位置编码不是加到词元上的：它在每一层转动查询和键，从不转动值。";
        note_layout: "Both layouts are in use and differ only in which numbers form a pair; weights trained with one give nonsense with the other.",
                     "两种排列都有人用，区别只在哪些数组成一对；用一种训练出的权重，换成另一种，结果就毫无意义。";
        note_added: "Queries and keys get the code through their weights: W (x + code) = W x + W code. So word and place share the same numbers.",
                    "查询和键通过权重得到编码：W (x + 编码) = W x + W 编码。词与位置共用同一组数。";
        note_sinusoidal_shift: "Shift both and a sinusoidal score changes: only the plain dot product of two codes depends on distance alone, not the score after W.",
                               "一起移动时，正弦编码的分数会变：只有两个编码直接做点积才仅取决于距离，经过 W 之后的分数不是。";
        note_learned: "The table is seeded here. A model learns it, and rows of rare, late positions are learned least.",
                      "这里的位置表由种子生成。模型会学习它，而靠后、少见的位置学得最少。";
        note_alibi: "ALiBi was made for decoders: it looks back. Without the mask it stands here on both sides alike, so a text read backwards gives the same outputs: try Reverse in the order test.",
                    "ALiBi 为解码器而设计，只看之前的词元；没有掩码时，这里两侧同样处理，所以倒着读的文本输出相同：在顺序测试中选“倒序”试试。";
        note_t5: "T5 knows distance, not place: the same bias stands on every diagonal of the map, one for each bucket and head.",
                 "T5 只知道距离，不知道位置：同一条对角线上各处的偏置都相同，每个桶、每个头一个。";
        note_same: "All tokens are the same word, so every pattern you see comes from the code.", "所有词元都是同一个词，所以你看到的一切图案都来自编码。";
        note_fixed: "Held fixed: embeddings, W_Q and W_K, drawn by the seed with W_K near W_Q, so that the same words find each other. Learned table and T5 biases are drawn too.",
                    "保持不变：嵌入、W_Q 和 W_K，由种子生成，W_K 接近 W_Q，让相同的词互相找到。位置表和 T5 偏置也由种子生成。";

        // Predict first.
        ask_shift: "Move query and key {shift} places on, both. What does the rotary score do?", "把查询和键都往后移 {shift} 个位置。旋转位置编码的分数会怎样？";
        stays: "It stays", "不变";
        falls: "It falls", "下降";
        rises: "It rises", "上升";
        shift_right: "{before} before, {after} after: both arrows of each pair turn by the same angle. The sinusoidal score goes from {sin} to {sin2}.",
                     "之前 {before}，之后 {after}：每一对的两个箭头转过同样的角度。正弦编码的分数则从 {sin} 变为 {sin2}。";
        shift_falls: "That would be distance: but the distance is the same as before.", "那是距离变大的结果，可这里的距离没有变。";
        shift_rises: "Nothing grows with the position: turning keeps the length of an arrow.", "没有什么随位置变大：转动不改变箭头的长度。";
        ask_order: "Two tokens change places, and nobody is masked. Under which code do the outputs only move along?", "两个词元互换位置，没有掩码。在哪种编码下，输出只是跟着移动？";
        order_right: "Measured: {change}, which is rounding. A sum over keys does not know their order.", "实测：{change}，只是舍入误差。对键求和不知道它们的顺序。";
        order_wrong: "Measured: an output changes by {change}, because this code gives the tokens other places.", "实测：输出变化 {change}，因为这种编码给了词元不同的位置。";
        ask_slope: "ALiBi with {heads} heads: what is the slope of head {head}, counted from 0?", "ALiBi，{heads} 个头：头 {head}（从 0 数起）的斜率是多少？";
        slope_right: "The slopes are powers of one number, from the steepest to 1/256; this head has {right}.", "斜率是同一个数的各次幂，从最陡一直到 1/256；这个头是 {right}。";
        slope_before: "That is one head too early: head 0 already has a slope below one.", "早了一个头：头 0 的斜率就已经小于 1。";
        slope_after: "That is one head too late.", "晚了一个头。";
        slope_linear: "That would be evenly spaced; the slopes are a geometric series.", "那是等间隔；斜率其实是等比数列。";
        ask_bucket: "T5, decoder: a key lies {distance} tokens back. Which of the 32 buckets is that?", "T5 解码器：键在查询之前 {distance} 个词元处。属于 32 个桶中的哪一个？";
        bucket_right: "Near distances have a bucket each, farther ones share: this one is {right}.", "近处一步一桶，远处共用：这里是 {right}。";
        bucket_exact: "That would be one bucket a step all the way; from 16 on buckets grow wider.", "那是一直一步一桶；从 16 起桶会变宽。";
        bucket_linear: "That would be buckets of equal width; they widen with the logarithm of the distance.", "那是等宽的桶；桶宽其实随距离的对数增长。";
        bucket_both: "That is the encoder's bucket: it keeps half of them for keys ahead.", "那是编码器的桶：它留一半给查询之后的键。";
        bucket_near: "Close: look where each bucket begins.", "接近了：看看每个桶从哪里开始。";
        ask_table: "The learned table has {rows} rows. What is added to the token at position {rows}?", "学习得到的位置表有 {rows} 行。位置 {rows} 上的词元会加上什么？";
        table_error: "Nothing: there is no such row", "什么也加不上：没有这一行";
        table_zero: "Zeros", "零";
        table_last: "The last row again", "再用最后一行";
        table_wraps: "The first row: it wraps around", "回到第一行";
        table_right: "Rows are counted from 0, so the last is {last}. An embedding looked up beyond its end is an index error.", "行从 0 数起，最后一行是 {last}。查表越界就是索引错误。";
        table_zero_no: "Zeros would be a code too, one no position was trained with. PyTorch stops instead.", "零也是一种编码，而没有任何位置用它训练过。PyTorch 会直接报错。";
        table_last_no: "T5 does that with its last bucket; a table of positions has no such rule.", "T5 的最后一个桶是这样；位置表没有这条规则。";
        table_wraps_no: "Then two places would look the same. No library does that.", "那样两个位置就分不清了，没有哪个库这么做。";
        ask_wave: "d_model {d}, base {base}: after how many tokens does number {column} of the sinusoidal code repeat?", "d_model 为 {d}，底数 {base}：正弦编码中编号 {column} 的数隔多少个词元重复一次？";
        wave_right: "2π times the base to the power of {even}/{d} is {right}.", "2π 乘以底数的 {even}/{d} 次幂，等于 {right}。";
        wave_no_pi: "The factor 2π is missing: a sine repeats after 2π.", "漏了 2π：正弦每 2π 重复一次。";
        wave_own: "The exponent of a pair is that of its even number, {even}: sine and cosine share it.", "一对数共用偶数那个 {even} 作指数：正弦和余弦相同。";
        wave_half: "The exponent is {even}/{d}: the number of the column already counts both of a pair.", "指数是 {even}/{d}：列号已经把一对中的两个都数进去了。";
        wave_first: "That is the fastest pair, the first one.", "那是最快的一对，也就是第一对。";
        ask_learns: "How many numbers does the learned table train, with {rows} positions and d_model {d}?", "位置表有 {rows} 个位置，d_model 为 {d}：要训练多少个数？";
        learns_right: "{rows} · {d} = {right}. All other codes but T5's learn nothing at all.", "{rows}·{d} = {right}。除 T5 之外，其他编码都没有要学习的数。";
        learns_row: "That is one row; every position has its own.", "那只是一行；每个位置都有自己的一行。";
        learns_rows: "That is one number a position; every row is as wide as a token.", "那是每个位置一个数；每一行都和词元一样宽。";
        learns_heads: "The table is added before the heads are split, so it is not counted per head.", "位置表在分头之前加入，不按头计算。";
        learns_square: "That is a weight matrix; the table has a row for each position.", "那是一个权重矩阵；位置表每个位置一行。";
    }
}
