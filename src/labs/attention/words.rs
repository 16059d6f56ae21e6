//! The words of the controls, one constant a language.

use super::params::Labels;
use crate::stage::control::Label;
use crate::stage::text::Lang;

/// Headings of the control groups.
pub fn groups(lang: Lang) -> &'static [&'static str] {
    lang.pick(
        &["Text", "Heads", "Score", "Mask", "Softmax", "View"],
        &["文字", "头", "注意力分数", "掩码", "Softmax 一步", "查看"],
    )
}

/// Ready-made beginnings.
pub fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
    const KINDS: &str =
        "num_heads=8&d_model=64&text=one two three one two three one two&embedding=seeded&head=6";
    const CAUSAL: &str = "is_causal=1&panel=gradient";
    const CROSS: &str = "cross=1&heads=same&num_heads=2&head=1";
    lang.pick(
        &[("Known heads", KINDS), ("Decoder", CAUSAL), ("Two languages", CROSS)],
        &[("已知的头", KINDS), ("解码器", CAUSAL), ("两种语言", CROSS)],
    )
}

/// Words of the controls.
pub fn labels(lang: Lang) -> &'static Labels {
    lang.pick(&EN, &ZH)
}

static EN: Labels = Labels {
    input: Label {
        name: "Source",
        hint: "Loaded tensors take the place of what the text gives; text leaves them aside.",
        options: ["Text", "My own"],
    },
    text: Label { name: "Text", hint: "Any language. The first 128 tokens are used.", options: [] },
    tokens: Label {
        name: "Tokens",
        hint: "What one token is.",
        options: ["Words", "Characters", "UTF-8 bytes"],
    },
    embedding: Label {
        name: "Vectors",
        hint: "Where a word's vector comes from: its letters and the seed, or a small table of meanings made by hand.",
        options: ["Seeded", "Meanings"],
    },
    cross: Label {
        name: "Cross-attention",
        hint: "On: keys and values come from a second text, as in a decoder that reads an encoder.",
        options: [],
    },
    context: Label { name: "Second text", hint: "What keys and values are made from.", options: [] },
    num_heads: Label { name: "Heads", hint: "Into how many pieces queries are cut.", options: [] },
    d_model: Label {
        name: "Width of a token",
        hint: "d_model: numbers of a token's vector. A head gets d_model / num_heads of them.",
        options: [],
    },
    num_kv_heads: Label {
        name: "Key and value heads",
        hint: "Fewer than query heads: they are shared. 0 is as many as there are query heads.",
        options: [],
    },
    d_v: Label { name: "Width of a value", hint: "Need not be that of a key. 0 is the same.", options: [] },
    heads: Label {
        name: "What heads look for",
        hint: "Known kinds built by hand, or noise as before training. A single kind goes to the first head.",
        options: [
            "One kind each",
            "Noise",
            "Previous token",
            "First token",
            "Same word",
            "Next token",
            "Uniform",
            "Induction",
        ],
    },
    heads_off: Label {
        name: "Switched-off heads",
        hint: "Numbers of heads whose answer is replaced by zeros, such as 1,3.",
        options: [],
    },
    score: Label {
        name: "Score",
        hint: "How a query is compared with a key.",
        options: ["Dot product", "Additive", "Cosine"],
    },
    scale: Label {
        name: "Scale",
        hint: "sqrt divides by √d_k, none leaves the products, a number multiplies them.",
        options: [],
    },
    tie_qk: Label { name: "W_K = W_Q", hint: "One matrix for queries and keys.", options: [] },
    is_causal: Label { name: "Causal", hint: "No token looks at a later one.", options: [] },
    padding_mask: Label {
        name: "Padding",
        hint: "So many [PAD] behind the text, hidden by the padding mask.",
        options: [],
    },
    window: Label {
        name: "Window",
        hint: "How many tokens a query looks to each side; 0 is everywhere.",
        options: [],
    },
    mask: Label {
        name: "Further mask",
        hint: "A pattern on top. Own: click cells of the map to paint.",
        options: ["None", "Prefix", "Blocks", "Global tokens", "Own"],
    },
    mask_size: Label {
        name: "Its size",
        hint: "Tokens of the prefix, of a block, or global ones.",
        options: [],
    },
    allowed: Label {
        name: "Painted mask",
        hint: "0 hides; outside of it everything is seen. A click on a cell of the mask figure, or of the large map, paints it.",
        options: [],
    },
    softmax: Label {
        name: "Weights by",
        hint: "How scores become weights.",
        options: ["Softmax", "Hardmax", "Mask after softmax", "Two softmaxes"],
    },
    temperature: Label {
        name: "Temperature",
        hint: "Divides the scores before the softmax: small is nearly a hard choice, large nearly even.",
        options: [],
    },
    head: Label { name: "Enlarged head", hint: "Click a head's map to choose it.", options: [] },
    panel: Label {
        name: "Second figure",
        hint: "What is drawn below.",
        options: ["Path", "Split", "Lines", "Heads", "Why √d", "Gradient", "Mask", "Sharing", "Cost"],
    },
};

static ZH: Labels = Labels {
    input: Label {
        name: "来源",
        hint: "载入的张量取代由文字算出的；选文字则不用它们。",
        options: ["文字", "我的张量"],
    },
    text: Label { name: "文字", hint: "任何语言均可，使用前 128 个词元。", options: [] },
    tokens: Label {
        name: "词元", hint: "一个词元是什么。", options: ["词", "字符", "UTF-8 字节"]
    },
    embedding: Label {
        name: "向量",
        hint: "词向量从哪里来：由字母和种子生成，或取自一张手工的含义表。",
        options: ["种子生成", "含义表"],
    },
    cross: Label {
        name: "交叉注意力", hint: "开：键和值来自第二段文字，如解码器读编码器。", options: []
    },
    context: Label { name: "第二段文字", hint: "键和值由它得来。", options: [] },
    num_heads: Label { name: "头数", hint: "查询被切成几份。", options: [] },
    d_model: Label {
        name: "词元宽度",
        hint: "d_model：词元向量有几个数。每个头分到 d_model / num_heads 个。",
        options: [],
    },
    num_kv_heads: Label {
        name: "键值头数", hint: "少于查询头时共用。0 表示与查询头一样多。", options: []
    },
    d_v: Label { name: "值的宽度", hint: "不必与键相同。0 表示相同。", options: [] },
    heads: Label {
        name: "头看什么",
        hint: "手工搭成的已知种类，或训练前的随机初始。选单一种类时给第一个头。",
        options: [
            "每个头一种",
            "随机初始",
            "前一个词元",
            "第一个词元",
            "相同的词",
            "后一个词元",
            "均匀",
            "归纳头",
        ],
    },
    heads_off: Label {
        name: "关闭的头", hint: "这些编号的头，输出换成零，例如 1,3。", options: []
    },
    score: Label {
        name: "注意力分数", hint: "查询与键如何比较。", options: ["点积", "加性", "余弦"]
    },
    scale: Label {
        name: "缩放", hint: "sqrt 除以 √d_k，none 不缩放，数字则相乘。", options: []
    },
    tie_qk: Label { name: "W_K = W_Q", hint: "查询和键共用一个矩阵。", options: [] },
    is_causal: Label { name: "因果", hint: "词元不看后面的词元。", options: [] },
    padding_mask: Label {
        name: "填充", hint: "文字后面补这么多个 [PAD]，由填充掩码屏蔽。", options: []
    },
    window: Label {
        name: "窗口", hint: "查询向两侧各看几个词元；0 表示不限。", options: []
    },
    mask: Label {
        name: "另加掩码",
        hint: "再叠加一种图案。自绘：点击图中的格子。",
        options: ["无", "前缀", "分块", "全局词元", "自绘"],
    },
    mask_size: Label { name: "大小", hint: "前缀、每块或全局词元的个数。", options: [] },
    allowed: Label {
        name: "自绘掩码",
        hint: "0 表示屏蔽；其外都可见。点击掩码图或大图中的格子即可涂改。",
        options: [],
    },
    softmax: Label {
        name: "权重算法",
        hint: "分数如何变成权重。",
        options: ["普通 softmax", "只取最大", "softmax 后屏蔽", "两个 softmax 之差"],
    },
    temperature: Label {
        name: "温度",
        hint: "softmax 之前除以它：小则近于硬选择，大则近于均匀。",
        options: [],
    },
    head: Label { name: "放大的头", hint: "点击某个头的图即可选它。", options: [] },
    panel: Label {
        name: "第二幅图",
        hint: "下方画什么。",
        options: ["路径", "切分", "连线", "各头", "为何 √d", "梯度", "掩码", "共享", "开销"],
    },
};
