//! What the learner can set, and what follows from it.

use super::tokens::{self, Tokens};

pub use super::sizes::{Sizes, sizes, sizes_or};
pub use super::unfit::Unfit;
use crate::core::ops::{self, Attention};
use crate::stage::control::{Form, Kind};
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::value::Matrix;
use crate::{choice, controls};

/// Most tokens of a sequence; what comes after is not used, and that is said.
pub const MOST_TOKENS: usize = 128;
/// Most heads.
pub const MOST_HEADS: usize = 16;
/// Largest `d_model`.
pub const MOST_WIDTH: usize = 256;
/// Most characters of a text.
const MOST_LETTERS: usize = 200_000;
/// Most tanh of one additive attention: more do not fit into a frame.
pub const MOST_TANH: usize = 150_000;
/// Largest factor of the scores.
pub const LARGEST_SCALE: f64 = 1e6;

/// Headings of the controls, in order.
pub enum Group {
    /// What is read.
    Text,
    /// How many heads, and what they look for.
    Heads,
    /// How scores are made.
    Score,
    /// Who may look at whom.
    Mask,
    /// From scores to weights.
    Softmax,
    /// What is drawn.
    View,
}

choice! {
    /// What becomes a token.
    Split {
        /// Words.
        Word = "word",
        /// Characters as they are seen.
        Char = "char",
        /// UTF-8 bytes.
        Byte = "byte",
    }
}

choice! {
    /// What a token's vector says.
    Embedding {
        /// Numbers from the word and the seed.
        Seeded = "seeded",
        /// A small table of meanings, made by hand.
        Meanings = "meanings",
    }
}

choice! {
    /// Where the matrices come from: what the heads look for.
    Preset {
        /// A kind for each head, one after the other.
        Mixed = "mixed",
        /// Noise, as before training.
        Seeded = "seeded",
        /// The first head looks at the token before.
        Previous = "previous",
        /// The first head looks at the first token.
        First = "first",
        /// The first head looks at the same word.
        Same = "same",
        /// The first head looks at the token after.
        Next = "next",
        /// The first head looks at all alike.
        Uniform = "uniform",
        /// The first head looks behind the last time this word came.
        Induction = "induction",
    }
}

choice! {
    /// How a query is compared with a key.
    ScoreKind {
        /// q · k.
        Dot = "dot",
        /// vᵀ tanh(a + b).
        Additive = "additive",
        /// q · k / |q| |k|.
        Cosine = "cosine",
    }
}

choice! {
    /// A further mask.
    MaskKind {
        /// None.
        None = "none",
        /// The first tokens are seen by all, the rest is causal.
        Prefix = "prefix",
        /// Only within blocks.
        Block = "block",
        /// Some tokens see all and are seen by all, the others see their neighbours.
        Global = "global",
        /// Painted by hand.
        Own = "own",
    }
}

choice! {
    /// From scores to weights.
    SoftmaxKind {
        /// As everywhere.
        Softmax = "softmax",
        /// All for the largest.
        Hardmax = "hardmax",
        /// The mask zeroes weights instead of hiding scores.
        MaskAfter = "mask_after",
        /// One softmax less another.
        Signed = "signed",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// Every matrix from x to output.
        Path = "path",
        /// Heads cut from one product, and put side by side again.
        Split = "split",
        /// Lines between tokens.
        Lines = "lines",
        /// Entropy, distance and share of each head.
        Heads = "heads",
        /// Why the scores are divided.
        Scale = "scale",
        /// The gradient from each token.
        Gradient = "gradient",
        /// Who may look at whom.
        Mask = "mask",
        /// Parameters, cache and work of multi-head, grouped and multi-query attention.
        Kinds = "kinds",
        /// Work against length.
        Cost = "cost",
    }
}

choice! {
    /// Where queries, keys and values come from.
    Source {
        /// From the text.
        Text = "text",
        /// What was loaded takes the place of what is computed.
        Own = "own",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// Loaded tensors or the text.
        input: Source = Kind::Choice(Source::KEYS), "text", Group::Text;
        /// The sentence.
        text: String = Kind::Text { max: MOST_LETTERS, form: Form::Lines },
            "the cat chased the dog because it was hungry", Group::Text;
        /// What becomes a token.
        tokens: Split = Kind::Choice(Split::KEYS), "word", Group::Text;
        /// What a token's vector says.
        embedding: Embedding = Kind::Choice(Embedding::KEYS), "meanings", Group::Text;
        /// Keys and values from a second text.
        cross: bool = Kind::Flag, "0", Group::Text;
        /// The second text.
        context: String = Kind::Text { max: MOST_LETTERS, form: Form::Lines }, "猫 追 狗 因为 它 饿", Group::Text;
        /// Heads of the queries.
        num_heads: i64 = Kind::Whole { min: 1, max: 16 }, "4", Group::Heads;
        /// Width of a token's vector.
        d_model: i64 = Kind::Whole { min: 1, max: 256 }, "16", Group::Heads;
        /// Heads of keys and values; 0 is as many as the queries have.
        num_kv_heads: i64 = Kind::Whole { min: 0, max: 16 }, "0", Group::Heads;
        /// Width of a value; 0 is that of a key.
        d_v: i64 = Kind::Whole { min: 0, max: 64 }, "0", Group::Heads;
        /// What the heads look for.
        heads: Preset = Kind::Choice(Preset::KEYS), "mixed", Group::Heads;
        /// Heads whose answer is replaced by zeros.
        heads_off: String = Kind::Text { max: 60, form: Form::Line }, "", Group::Heads;
        /// How a query is compared with a key.
        score: ScoreKind = Kind::Choice(ScoreKind::KEYS), "dot", Group::Score;
        /// `sqrt`, `none` or a number.
        scale: String = Kind::Text { max: 16, form: Form::Line }, "sqrt", Group::Score;
        /// One matrix for queries and keys.
        tie_qk: bool = Kind::Flag, "0", Group::Score;
        /// No look at later tokens.
        is_causal: bool = Kind::Flag, "0", Group::Mask;
        /// Padding behind the keys' text.
        padding_mask: i64 = Kind::Whole { min: 0, max: 32 }, "0", Group::Mask;
        /// How far a query looks; 0 is everywhere.
        window: i64 = Kind::Whole { min: 0, max: 64 }, "0", Group::Mask;
        /// A further mask.
        mask: MaskKind = Kind::Choice(MaskKind::KEYS), "none", Group::Mask;
        /// Its size: tokens of the prefix, of a block, or global ones.
        mask_size: i64 = Kind::Whole { min: 1, max: 64 }, "3", Group::Mask;
        /// The painted mask: 0 hides; what lies outside is seen.
        allowed: Matrix = Kind::Matrix { max: 32 }, "1", Group::Mask;
        /// From scores to weights.
        softmax: SoftmaxKind = Kind::Choice(SoftmaxKind::KEYS), "softmax", Group::Softmax;
        /// Divides the scores before the softmax.
        temperature: f32 = Kind::Real { min: 0.05, max: 8.0, step: 0.05 }, "1", Group::Softmax;
        /// Which head is drawn large.
        head: i64 = Kind::Whole { min: 1, max: 16 }, "2", Group::View;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "path", Group::View;
    }
}

/// A whole number of a control, which is never negative.
fn size(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

impl Params {
    /// Heads of the queries.
    pub fn num_heads(&self) -> usize {
        size(self.num_heads).clamp(1, MOST_HEADS)
    }
    /// Heads of keys and values.
    pub fn kv_heads(&self) -> usize {
        if self.num_kv_heads == 0 { self.num_heads() } else { size(self.num_kv_heads) }
    }
    /// Width of a token's vector.
    pub fn d_model(&self) -> usize {
        size(self.d_model).max(1)
    }
    /// Width of queries and keys in a head.
    pub fn d_k(&self) -> usize {
        (self.d_model() / self.num_heads()).max(1)
    }
    /// Width of a value.
    pub fn d_v(&self) -> usize {
        if self.d_v == 0 { self.d_k() } else { size(self.d_v) }
    }
    /// The head that is drawn large, from zero.
    pub fn head(&self) -> usize {
        size(self.head).clamp(1, self.num_heads()) - 1
    }
    /// Which heads are switched off: the numbers in the text, from one; everything else in it is passed over.
    pub fn off(&self) -> Vec<bool> {
        let mut off = vec![false; self.num_heads()];
        for word in self.heads_off.split(|c: char| !c.is_ascii_digit()).filter(|w| w.len() < 4) {
            if let Some(place) = word.parse::<usize>().ok().and_then(|n| off.get_mut(n.wrapping_sub(1))) {
                *place = true;
            }
        }
        off
    }
    /// The factor of the products of vectors of this width; `None` when the text says none.
    pub fn scale_factor(&self, width: usize) -> Option<f64> {
        match self.scale.trim() {
            "sqrt" | "" => match self.score {
                ScoreKind::Dot => Some(1.0 / (width.max(1) as f64).sqrt()),
                _ => Some(1.0),
            },
            "none" => Some(1.0),
            text => {
                let value = crate::stage::decimal::decimal(&text.replace('−', "-"))?;
                (value.abs() <= LARGEST_SCALE).then_some(value)
            }
        }
    }
    /// Tokens of padding.
    pub fn padding(&self) -> usize {
        size(self.padding_mask)
    }
    /// How far a query looks.
    pub fn reach(&self) -> ops::Window {
        match size(self.window) {
            0 => ops::Window::default(),
            n => ops::Window { left: Some(n), right: Some(n) },
        }
    }
    /// The causal rule and the window, as the core knows them.
    pub fn rules(&self) -> Attention {
        Attention { is_causal: self.is_causal, window: self.reach(), ..Attention::default() }
    }
    /// The tokens of the queries and of the keys, padding included.
    pub fn sequences(&self) -> (Tokens, Tokens) {
        let first = tokens::split(&self.text, self.tokens, MOST_TOKENS);
        let other =
            if self.cross { tokens::split(&self.context, self.tokens, MOST_TOKENS) } else { first.clone() };
        let padded = other.padded(size(self.padding_mask), MOST_TOKENS);
        (if self.cross { first } else { padded.clone() }, padded)
    }
}

/// Tensors that can be loaded.
pub const LOADABLE: [&str; 8] = ["x", "q", "k", "v", "w_q", "w_k", "w_v", "w_o"];

/// Whether these parameters can be computed.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    let s = sizes(params, data)?;
    if params.scale_factor(s.dk).is_none() {
        return Err(Refusal::lab(Unfit::Scale(params.scale.clone())));
    }
    if params.score == ScoreKind::Additive {
        if params.softmax == SoftmaxKind::Signed {
            return Err(Refusal::lab(Unfit::SignedAdditive));
        }
        let tanh = s.heads * s.n * s.m * s.dk;
        if tanh > MOST_TANH {
            return Err(Refusal::lab(Unfit::Additive(tanh)));
        }
    }
    if params.softmax == SoftmaxKind::Signed && s.dk < 2 {
        return Err(Refusal::lab(Unfit::Halves));
    }
    Ok(())
}

/// After one change, the values that follow from it: widths that split into heads, heads that share keys evenly.
pub fn settle(before: &Params, after: &mut Params, _data: &Data) {
    if after.num_heads != before.num_heads {
        let h = after.num_heads.max(1);
        let most = 256 / h * h;
        let nearest = (after.d_model + h / 2) / h * h;
        after.d_model = nearest.clamp(h, most);
    } else if after.d_model != before.d_model {
        let h = after.num_heads.max(1);
        let whole = after.d_model / h * h;
        let up = after.d_model > before.d_model && whole != after.d_model;
        after.d_model = if up { whole + h } else { whole }.clamp(h, 256 / h * h);
    }
    if after.num_kv_heads > 0 {
        let divides = |n: &i64| after.num_heads % n == 0;
        let up = after.num_kv_heads > before.num_kv_heads && after.num_heads == before.num_heads;
        let found = if up {
            (after.num_kv_heads..=after.num_heads).find(divides)
        } else {
            (1..=after.num_kv_heads.min(after.num_heads)).rev().find(divides)
        };
        after.num_kv_heads = found.unwrap_or(after.num_heads);
    }
    after.head = after.head.min(after.num_heads);
}

/// A painted mask with one cell turned over; it grows as far as that cell, with ones.
pub fn painted(mask: &Matrix, row: usize, col: usize) -> Matrix {
    let (rows, cols) = mask.shape();
    let seen = |r: usize, c: usize| r >= rows || c >= cols || mask.at(r, c) != 0.0;
    Matrix::from_fn(rows.max(row + 1), cols.max(col + 1), |r, c| {
        f32::from(seen(r, c) != ((r, c) == (row, col)))
    })
}
