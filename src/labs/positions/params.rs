//! What the learner can set, and what follows from it.

use crate::core::ops::{Llama3, Rope, RopeLayout, RopeScaling, T5Buckets, Yarn};
use crate::stage::control::Kind;
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::text::{Lang, Sentence, fill, number};
use crate::stage::value::LARGEST;
use crate::{choice, controls};

/// Most tokens.
pub const MAX_TOKENS: usize = 128;
/// Most numbers of a token.
pub const MAX_WIDTH: usize = 128;
/// Most heads.
pub const MAX_HEADS: usize = 16;
/// T5's buckets and its longest distance, as published.
pub const BUCKETS: usize = 32;

/// Headings of the controls, in order.
pub enum Group {
    /// Which code.
    Code,
    /// Where the tokens stand.
    Place,
    /// What attends.
    Model,
    /// What is drawn.
    Show,
}

choice! {
    /// Which position code.
    Code {
        /// No code at all.
        None = "none",
        /// Sines and cosines, added to the tokens.
        Sinusoidal = "sinusoidal",
        /// A table row for each position, added to the tokens.
        Learned = "learned",
        /// Queries and keys turned by their position.
        Rope = "rope",
        /// A penalty on the score for each step of distance.
        Alibi = "alibi",
        /// A number for each bucket of distances, added to the score.
        T5 = "t5",
    }
}

choice! {
    /// Which numbers of a head make a pair.
    Layout {
        /// `i` and `i + width / 2`.
        Half = "half",
        /// `2 i` and `2 i + 1`.
        Interleaved = "interleaved",
    }
}

choice! {
    /// How rotary frequencies are changed for longer texts.
    Scaling {
        /// Not at all.
        None = "none",
        /// All divided by the factor.
        Linear = "linear",
        /// The base grows with the text.
        Dynamic = "dynamic",
        /// Slow pairs are divided, fast ones stay.
        Yarn = "yarn",
        /// The same idea with other limits.
        Llama3 = "llama3",
    }
}

choice! {
    /// What the tokens are.
    Input {
        /// A sentence in which words return.
        Words = "words",
        /// One word, again and again: only the code is left.
        Same = "same",
        /// Loaded queries, keys or values.
        Own = "own",
    }
}

choice! {
    /// What the maps show.
    MapOf {
        /// After the softmax.
        Weights = "weights",
        /// Before it.
        Scores = "scores",
    }
}

choice! {
    /// How the order test rearranges the tokens.
    Permute {
        /// Two tokens change places.
        Swap = "swap",
        /// The last comes first.
        Reverse = "reverse",
        /// By the seed.
        Shuffle = "shuffle",
    }
}

choice! {
    /// What the third figure shows.
    Panel {
        /// The outputs after the tokens were rearranged.
        Order = "order",
        /// The added code as a picture, its wavelengths, its dot product.
        Table = "table",
        /// Pairs as arrows.
        Rotary = "rotary",
        /// ALiBi's slopes.
        Slopes = "slopes",
        /// T5's buckets.
        Buckets = "buckets",
        /// Scores far beyond the trained length.
        Extrapolation = "extrapolation",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// Which position code.
        code: Code = Kind::Choice(Code::KEYS), "sinusoidal", Group::Code;
        /// Base of waves and rotations.
        base: i64 = Kind::Whole { min: 2, max: 1_000_000 }, "10000", Group::Code;
        /// Which numbers make a pair.
        layout: Layout = Kind::Choice(Layout::KEYS), "half", Group::Code;
        /// How rotary frequencies are changed.
        scaling: Scaling = Kind::Choice(Scaling::KEYS), "none", Group::Code;
        /// By how much.
        factor: f32 = Kind::Real { min: 1.0, max: 32.0, step: 0.5 }, "4", Group::Code;
        /// Whether keys after the query have buckets of their own.
        bidirectional: bool = Kind::Flag, "1", Group::Code;
        /// Added to every position.
        offset: i64 = Kind::Whole { min: 0, max: 10000 }, "0", Group::Place;
        /// The trained length.
        max_position_embeddings: i64 = Kind::Whole { min: 8, max: 512 }, "32", Group::Place;
        /// Where the query of the rotary figure stands, before the offset.
        q_position: i64 = Kind::Whole { min: 0, max: 512 }, "7", Group::Place;
        /// Where its key stands.
        k_position: i64 = Kind::Whole { min: 0, max: 512 }, "4", Group::Place;
        /// What the tokens are.
        input: Input = Kind::Choice(Input::KEYS), "words", Group::Model;
        /// How many.
        tokens: i64 = Kind::Whole { min: 2, max: MAX_TOKENS as i64 }, "8", Group::Model;
        /// Heads.
        num_heads: i64 = Kind::Whole { min: 1, max: MAX_HEADS as i64 }, "8", Group::Model;
        /// Numbers of a token.
        d_model: i64 = Kind::Whole { min: 2, max: MAX_WIDTH as i64 }, "64", Group::Model;
        /// No query looks at a later key.
        is_causal: bool = Kind::Flag, "0", Group::Model;
        /// The head that is drawn.
        head: i64 = Kind::Whole { min: 0, max: MAX_HEADS as i64 - 1 }, "2", Group::Show;
        /// What the maps show.
        map: MapOf = Kind::Choice(MapOf::KEYS), "weights", Group::Show;
        /// How the order test rearranges.
        permute: Permute = Kind::Choice(Permute::KEYS), "swap", Group::Show;
        /// What the third figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "order", Group::Show;
    }
}

/// A whole control's value as a size; controls hold no negative ones.
fn size(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

impl Params {
    /// Tokens.
    pub fn n(&self) -> usize {
        size(self.tokens)
    }
    /// Heads.
    pub fn heads(&self) -> usize {
        size(self.num_heads).max(1)
    }
    /// Numbers of a token.
    pub fn d(&self) -> usize {
        size(self.d_model)
    }
    /// Numbers of a head.
    pub fn width(&self) -> usize {
        self.d() / self.heads()
    }
    /// The head that is drawn.
    pub fn shown(&self) -> usize {
        size(self.head)
    }
    /// The trained length.
    pub fn trained(&self) -> usize {
        size(self.max_position_embeddings)
    }
    /// The first token's position.
    pub fn first(&self) -> usize {
        size(self.offset)
    }
    /// Base of waves and rotations.
    pub fn base(&self) -> f64 {
        self.base as f64
    }
    /// The rotary code.
    pub fn rope(&self) -> Rope {
        let (factor, trained) = (f64::from(self.factor), self.trained());
        Rope {
            rotary_dim: self.width(),
            base: self.base(),
            layout: match self.layout {
                Layout::Half => RopeLayout::Half,
                Layout::Interleaved => RopeLayout::Interleaved,
            },
            scaling: match self.scaling {
                Scaling::None => RopeScaling::Default,
                Scaling::Linear => RopeScaling::Linear { factor },
                Scaling::Dynamic => RopeScaling::Dynamic { factor, max_position_embeddings: trained },
                Scaling::Yarn => RopeScaling::Yarn(Yarn {
                    factor,
                    original_max_position_embeddings: trained,
                    ..Yarn::default()
                }),
                Scaling::Llama3 => RopeScaling::Llama3(Llama3 {
                    factor,
                    original_max_position_embeddings: trained,
                    ..Llama3::default()
                }),
            },
        }
    }
    /// T5's buckets.
    pub fn buckets(&self) -> T5Buckets {
        T5Buckets { bidirectional: self.bidirectional, ..T5Buckets::default() }
    }
    /// Whether the learned table has a row for every token.
    pub fn in_table(&self) -> bool {
        self.first() + self.n() <= self.trained()
    }
}

/// Why these parameters can't be computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A link names tensors that never left another machine.
    NoOwn,
    /// Heads of unequal or odd width.
    Heads {
        /// Numbers of a token.
        d_model: usize,
        /// Heads.
        heads: usize,
    },
    /// A head that isn't there.
    NoHead {
        /// How many there are.
        heads: usize,
    },
    /// Positions beyond the learned table.
    BeyondTable {
        /// The last position asked for.
        last: usize,
        /// Rows of the table.
        rows: usize,
    },
    /// A loaded tensor of another shape than the controls say.
    OwnShape {
        /// Which.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What the controls ask for.
        wanted: Vec<usize>,
    },
    /// A tensor this lab can't take.
    LoadShape {
        /// Its shape.
        shape: Vec<usize>,
    },
    /// Numbers that are not finite or too large.
    LoadNumbers,
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        let n = |v: &usize| v.to_string();
        match self {
            Unfit::NoOwn => lang
                .pick(
                    "There are no queries and keys of yours here yet, and a link never carries any: load q, k or v, or choose words.",
                    "这里还没有你自己的查询和键，链接也不会带来它们：请先载入 q、k 或 v，或者选择词语。",
                )
                .into(),
            Unfit::Heads { d_model, heads } => fill(
                lang.pick(
                    "d_model = {d} can't be split into {h} heads of an even width: rotary codes turn pairs. Make d_model a multiple of {m}.",
                    "d_model = {d} 无法分成 {h} 个宽度为偶数的头：旋转位置编码成对转动。请让 d_model 是 {m} 的倍数。",
                ),
                &[("d", n(d_model)), ("h", n(heads)), ("m", n(&(2 * heads)))],
            ),
            Unfit::NoHead { heads } => fill(
                lang.pick(
                    "There are {h} heads, counted from 0: choose a smaller head, or raise num_heads.",
                    "一共 {h} 个头，从 0 数起：请选更小的序号，或增大 num_heads。",
                ),
                &[("h", n(heads))],
            ),
            Unfit::BeyondTable { last, rows } => fill(
                lang.pick(
                    "The learned table has rows for positions 0 to {end}; position {last} was never trained, and nothing is invented for it. Lower offset or tokens, or raise max_position_embeddings.",
                    "学习得到的位置表只有 0 到 {end} 行；位置 {last} 从未训练过，这里不会凭空编造。请减小 offset 或 tokens，或增大 max_position_embeddings。",
                ),
                &[("end", n(&(rows - 1))), ("last", n(last))],
            ),
            Unfit::OwnShape { name, shape, wanted } => fill(
                lang.pick(
                    "Your {name} has shape {shape}, the controls ask for {wanted}: set tokens, num_heads and d_model back, or choose words.",
                    "你的 {name} 形状是 {shape}，而控件要求 {wanted}：请恢复 tokens、num_heads 和 d_model，或者选择词语。",
                ),
                &[("name", name.clone()), ("shape", format!("{shape:?}")), ("wanted", format!("{wanted:?}"))],
            ),
            Unfit::LoadShape { shape } => fill(
                lang.pick(
                    "The tensor has shape {shape}; q, k and v are [1, heads, tokens, width] with up to {h} heads, 2 to {n} tokens, an even width, and at most {d} numbers a token.",
                    "张量形状是 {shape}；q、k、v 应为 [1, 头数, 词元数, 宽度]：头数至多 {h}，词元 2 到 {n}，宽度为偶数，每个词元至多 {d} 个数。",
                ),
                &[
                    ("shape", format!("{shape:?}")),
                    ("h", n(&MAX_HEADS)),
                    ("n", n(&MAX_TOKENS)),
                    ("d", n(&MAX_WIDTH)),
                ],
            ),
            Unfit::LoadNumbers => fill(
                lang.pick(
                    "The tensor holds NaN, infinity or a number beyond ±{most}: replace or divide those first.",
                    "张量中有 NaN、无穷大或超出 ±{most} 的数：请先替换或缩小它们。",
                ),
                &[("most", number(f64::from(LARGEST), 0))],
            ),
        }
    }
}

/// The tensors that can be loaded.
pub const LOADED: [&str; 3] = ["q", "k", "v"];

/// Whether these parameters can be computed.
pub fn check(p: &Params, data: &Data) -> Result<(), Refusal> {
    let (d, heads) = (p.d(), p.heads());
    if d == 0 || d % (2 * heads) != 0 {
        return Err(Refusal::lab(Unfit::Heads { d_model: d, heads }));
    }
    if p.shown() >= heads {
        return Err(Refusal::lab(Unfit::NoHead { heads }));
    }
    if p.code == Code::Learned && !p.in_table() {
        let (last, rows) = (p.first() + p.n() - 1, p.trained());
        return Err(Refusal::lab(Unfit::BeyondTable { last, rows }));
    }
    if p.input == Input::Own {
        let wanted = vec![1, heads, p.n(), p.width()];
        let mut any = false;
        for name in LOADED {
            let Some(own) = data.get(name) else { continue };
            any = true;
            if own.shape() != wanted {
                let (name, shape) = (name.to_string(), own.shape().to_vec());
                return Err(Refusal::lab(Unfit::OwnShape { name, shape, wanted }));
            }
        }
        if !any {
            return Err(Refusal::lab(Unfit::NoOwn));
        }
    }
    Ok(())
}

/// After one change, the values that follow from it.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    let step = 2 * after.num_heads.max(1);
    if after.d_model % step != 0 {
        // Up when the learner goes up, down when down; a new number of heads takes the nearest width.
        let up = after.num_heads != before.num_heads || after.d_model > before.d_model;
        let places = after.d_model / step + i64::from(up);
        let most = MAX_WIDTH as i64 / step;
        after.d_model = places.clamp(1, most.max(1)) * step;
    }
    after.head = after.head.min(after.num_heads - 1).max(0);
    if after.input != before.input
        && after.input == Input::Own
        && let Some(own) = LOADED.iter().find_map(|name| data.get(*name))
    {
        adopt(after, own.shape());
    }
    // The third figure is that of the code, unless it compares all of them.
    let own = |code| match code {
        Code::None => Panel::Order,
        Code::Sinusoidal | Code::Learned => Panel::Table,
        Code::Rope => Panel::Rotary,
        Code::Alibi => Panel::Slopes,
        Code::T5 => Panel::Buckets,
    };
    if after.code != before.code && !matches!(after.panel, Panel::Order | Panel::Extrapolation) {
        after.panel = own(after.code);
    }
}

/// The sizes of a loaded tensor `[1, heads, tokens, width]`.
pub fn adopt(p: &mut Params, shape: &[usize]) {
    if let [_, heads, tokens, width] = shape[..] {
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        (p.num_heads, p.tokens, p.d_model) = (whole(heads), whole(tokens), whole(heads * width));
        p.head = p.head.min(p.num_heads - 1);
    }
}
