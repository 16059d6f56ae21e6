//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::Label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(&["Code", "Places", "Attention", "Shown"], &["编码", "位置", "注意力", "显示"])
}

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

static EN: Labels = Labels {
    code: Label {
        name: "Code",
        hint: "What tells attention where a token stands.",
        options: ["None", "Sinusoidal", "Learned", "Rotary", "ALiBi", "T5 bias"],
    },
    base: Label {
        name: "Base",
        hint: "How far apart the speeds of waves and rotations lie: 10000 in both papers, 500000 in Llama 3.",
        options: [],
    },
    layout: Label {
        name: "Pairs",
        hint: "Which two numbers of a head turn together: halves as in Llama, neighbours as in the paper.",
        options: ["Halves", "Neighbours"],
    },
    scaling: Label {
        name: "Scaling",
        hint: "How rotary speeds are changed for texts longer than the trained length.",
        options: ["None", "Linear", "Dynamic NTK", "YaRN", "Llama 3"],
    },
    factor: Label { name: "Factor", hint: "How many times longer the text may become.", options: [] },
    bidirectional: Label {
        name: "Both directions",
        hint: "T5: encoders keep half of the buckets for keys ahead of the query, decoders need none for them.",
        options: [],
    },
    offset: Label {
        name: "Shift all",
        hint: "Added to every position: the text stands so far into a longer one.",
        options: [],
    },
    max_position_embeddings: Label {
        name: "Trained length",
        hint: "Rows of the learned table, and where scaling and extrapolation begin.",
        options: [],
    },
    q_position: Label { name: "Query stands at", hint: "Turn the solid arrows step by step.", options: [] },
    k_position: Label { name: "Key stands at", hint: "Turn the dashed arrows step by step.", options: [] },
    input: Label {
        name: "Tokens are",
        hint: "A sentence in which words return, one word repeated, or queries and keys you load.",
        options: ["A sentence", "One word", "My own"],
    },
    tokens: Label { name: "Tokens", hint: "How many; a long text repeats the sentence.", options: [] },
    d_model: Label { name: "Width", hint: "Numbers of a token, shared out among the heads.", options: [] },
    num_heads: Label { name: "Heads", hint: "Each compares its own share of the numbers.", options: [] },
    is_causal: Label { name: "Causal mask", hint: "No token looks at a later one.", options: [] },
    head: Label { name: "Head", hint: "The head that is drawn, counted from 0.", options: [] },
    map: Label {
        name: "Maps show",
        hint: "Scores before the softmax, or the weights after it.",
        options: ["Weights", "Scores"],
    },
    permute: Label {
        name: "Rearrange",
        hint: "How the order test moves the tokens.",
        options: ["Swap two", "Reverse", "Shuffle"],
    },
    panel: Label {
        name: "Figure",
        hint: "What the last figure shows.",
        options: ["Order test", "Added code", "Rotary arrows", "ALiBi slopes", "T5 buckets", "Extrapolation"],
    },
};

static ZH: Labels = Labels {
    code: Label {
        name: "编码",
        hint: "用什么让注意力知道词元的位置。",
        options: ["无", "正弦", "学习", "旋转 RoPE", "ALiBi", "T5 偏置"],
    },
    base: Label {
        name: "底数",
        hint: "波与旋转的快慢相差多远：两篇论文都用 10000，Llama 3 用 500000。",
        options: [],
    },
    layout: Label {
        name: "配对",
        hint: "一个头中哪两个数一起转：Llama 用前后两半，论文用相邻。",
        options: ["前后两半", "相邻"],
    },
    scaling: Label {
        name: "缩放",
        hint: "文本超过训练长度时，怎样改变旋转速度。",
        options: ["无", "线性", "动态 NTK", "YaRN", "Llama 3"],
    },
    factor: Label { name: "倍数", hint: "文本可以变长多少倍。", options: [] },
    bidirectional: Label {
        name: "双向",
        hint: "T5：编码器留一半的桶给查询之后的键，解码器不需要。",
        options: [],
    },
    offset: Label {
        name: "整体平移", hint: "加到每个位置上：这段文本处在更长文本的这个地方。", options: []
    },
    max_position_embeddings: Label {
        name: "训练长度",
        hint: "位置表的行数，也是缩放与外推开始的地方。",
        options: [],
    },
    q_position: Label { name: "查询的位置", hint: "一步步转动实线箭头。", options: [] },
    k_position: Label { name: "键的位置", hint: "一步步转动虚线箭头。", options: [] },
    input: Label {
        name: "词元",
        hint: "一个有重复词语的句子、同一个词，或你载入的查询和键。",
        options: ["句子", "同一个词", "我的"],
    },
    tokens: Label { name: "词元数", hint: "多少个词元；更长时句子会重复。", options: [] },
    d_model: Label { name: "宽度", hint: "每个词元有多少个数，由各头分担。", options: [] },
    num_heads: Label { name: "头数", hint: "每个头比较自己那一份数。", options: [] },
    is_causal: Label { name: "因果掩码", hint: "任何词元都不看后面的词元。", options: [] },
    head: Label { name: "头", hint: "画出哪个头，从 0 数起。", options: [] },
    map: Label {
        name: "图中显示", hint: "softmax 之前的分数，或之后的权重。", options: ["权重", "分数"]
    },
    permute: Label {
        name: "重排", hint: "顺序测试怎样移动词元。", options: ["互换两个", "倒序", "打乱"]
    },
    panel: Label {
        name: "图",
        hint: "最后一张图显示什么。",
        options: ["顺序测试", "加上的编码", "旋转箭头", "ALiBi 斜率", "T5 分桶", "外推"],
    },
};
