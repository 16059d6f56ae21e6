//! Everything the lab draws: one set of queries and keys under six codes.

use super::content::{Attended, Content};
use super::params::{BUCKETS, Code, Input, MapOf, Panel, Params, Permute};
use super::reach::{self, Curve};
use super::rotary::{self, Rotary};
use crate::core::ops::{AlibiOrder, Heads, Sinusoidal, SinusoidalLayout, alibi_slopes};
use crate::core::tensor::{Map, Random};
use crate::labs::positions::Positions;
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;
use ndarray::s;
use std::sync::Arc;

/// Which word each token of the sentence is: “the dog bit the man and the man bit the dog .”
const SENTENCE: [usize; 12] = [0, 1, 2, 0, 3, 4, 0, 3, 2, 0, 1, 5];

/// The number of the word at a token, the same number for the same word.
pub fn word(input: Input, token: usize) -> usize {
    match input {
        Input::Same => 3,
        _ => SENTENCE[token % SENTENCE.len()],
    }
}

/// A code's map for the head that is drawn: `[1, 1, tokens, tokens]`.
#[derive(Clone)]
pub struct OneMap {
    /// Before mask and softmax.
    pub scores: Shared,
    /// After it.
    pub weights: Shared,
    /// The largest difference between the weights of any two queries that are the first word.
    pub same_word: Option<f64>,
    /// What the head answers: `[1, 1, tokens, width]`.
    output: Heads,
}

/// What the third figure needs beyond the maps.
pub enum Extra {
    /// Nothing.
    None,
    /// The largest change of an output after its token was moved, for each code, and where each token went.
    Order {
        /// Token `t` of the rearranged text is token `from[t]` of the text.
        from: Vec<usize>,
        /// By code.
        change: [Option<f64>; 6],
    },
    /// The added code.
    Table {
        /// `[d_model, positions]`: the picture.
        picture: Shared,
        /// `[1, positions]`: the dot product of the first code with each other.
        dot: Shared,
        /// `[1, d_model]`: after how many positions a column repeats; of sines and cosines only.
        wavelength: Option<Shared>,
    },
    /// T5: distances at which buckets begin, `[1, buckets]`, behind and ahead.
    Buckets {
        /// The bias of each bucket for the head that is drawn, `[1, 32]`.
        bias: Shared,
        /// The least distance of each bucket of the direction in use, `[1, 32]`.
        starts: Shared,
        /// The bucket of each distance back, 0 to 135, if only what lies behind counts: `[1, 136]`.
        causal: Shared,
        /// The bucket of key − query from −68 to 68, both directions: `[1, 137]`.
        both: Shared,
    },
    /// Scores against distance.
    Reach(Vec<Option<Curve>>),
}

/// What was computed.
pub struct Output {
    /// Content queries, without any code: `[1, heads, tokens, width]`.
    pub q: Shared,
    /// Content keys.
    pub k: Shared,
    /// Values, which no code touches.
    pub v: Shared,
    /// Weights of the queries, `[d_model, d_model]`.
    pub w_q: Shared,
    /// Weights of the keys.
    pub w_k: Shared,
    /// The learned table, `[max_position_embeddings, d_model]`.
    pub table: Shared,
    /// T5's table, `[32, heads]`.
    pub t5_table: Shared,
    /// ALiBi's slopes, `[1, heads]`.
    pub slopes: Shared,
    /// One over them.
    pub slope_inverses: Shared,
    /// What the code brings: added numbers `[tokens, d_model]`, angles `[tokens, pairs]`, or biases
    /// `[1, heads, tokens, tokens]`.
    pub code: Shared,
    /// Scores of the chosen code before mask and softmax, `[1, heads, tokens, tokens]`.
    pub scores: Shared,
    /// Weights of the chosen code.
    pub weights: Shared,
    /// The weighted sums, `[1, heads, tokens, width]`.
    pub output: Shared,
    /// The drawn head under each code, in the order of [`Code::ALL`]; `None` beyond the learned table.
    pub maps: Vec<Option<OneMap>>,
    /// The largest absolute score of all maps.
    pub limit: f32,
    /// The rotary figure.
    pub rotary: Rotary,
    /// What the third figure needs.
    pub extra: Extra,
    /// Queries, keys and values as the operators take them, also for the next state.
    pub content: Arc<Content>,
}

/// Makes a tensor cheap to hand around.
pub fn shared<D: ndarray::Dimension>(array: ndarray::Array<f32, D>) -> Shared {
    array.into_dyn().into_shared()
}

/// Whole numbers as a tensor `[1, n]`.
pub fn whole_row(range: std::ops::RangeInclusive<i64>) -> Shared {
    let list: Vec<f32> = range.map(|n| n as f32).collect();
    shared(Map::from_shape_fn((1, list.len()), |(_, i)| list[i]))
}

/// The sinusoidal code of these parameters.
pub fn sinusoidal(p: &Params) -> Sinusoidal {
    Sinusoidal { dim: p.d(), base: p.base(), layout: SinusoidalLayout::Interleaved }
}

/// All tokens that are the first word; none when it stands only once.
pub fn same_words(p: &Params) -> Vec<usize> {
    if p.input == Input::Own {
        return Vec::new();
    }
    let list: Vec<usize> = (0..p.n()).filter(|t| word(p.input, *t) == word(p.input, 0)).collect();
    if list.len() > 1 { list } else { Vec::new() }
}

/// The largest difference between any two of these rows: that of the extremes of a column.
fn farthest(weights: &Heads, rows: &[usize]) -> Option<f64> {
    let of = |column: usize| {
        let ends = rows.iter().map(|r| weights[[0, 0, *r, column]]);
        let (low, high) =
            ends.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        f64::from(high - low)
    };
    (!rows.is_empty()).then(|| (0..weights.dim().3).map(of).fold(0.0, f64::max))
}

/// The content of an earlier state, when it would be made the same again: most controls leave it alone.
fn kept(p: &Params, seed: u64, before: Option<&Ran<Positions>>) -> Option<Arc<Content>> {
    let before = before.filter(|b| b.seed == seed && p.input != Input::Own)?;
    let same = |q: &Params| (q.input, q.tokens, q.d_model, q.num_heads, q.max_position_embeddings);
    (same(&before.params) == same(p)).then(|| before.output.content.clone())
}

/// Computes everything the parameters ask for; what `before` holds and is still true is not computed again.
pub fn compute(
    p: &Params,
    seed: u64,
    data: &Data,
    before: Option<&Ran<Positions>>,
) -> Result<Output, Refusal> {
    super::params::check(p, data)?;
    let content = match kept(p, seed, before) {
        Some(content) => content,
        None => Arc::new(Content::new(p, seed, data)?),
    };
    let shown = content.head(p, p.shown());
    let again = before.filter(|b| Arc::ptr_eq(&b.output.content, &content) && same_maps(&b.params, p));
    if let Some(Ran { output: o, .. }) = again {
        return Ok(Output {
            rotary: rotary::rotary(p, &content)?,
            extra: extra(p, seed, (&content, &shown), &o.maps)?,
            maps: o.maps.clone(),
            q: o.q.clone(),
            k: o.k.clone(),
            v: o.v.clone(),
            w_q: o.w_q.clone(),
            w_k: o.w_k.clone(),
            table: o.table.clone(),
            t5_table: o.t5_table.clone(),
            slopes: o.slopes.clone(),
            slope_inverses: o.slope_inverses.clone(),
            code: o.code.clone(),
            scores: o.scores.clone(),
            weights: o.weights.clone(),
            output: o.output.clone(),
            limit: o.limit,
            content,
        });
    }
    let mut maps = Vec::with_capacity(Code::ALL.len());
    for code in Code::ALL {
        let Some(coded) = shown.coded(p, *code)? else {
            maps.push(None);
            continue;
        };
        let one = coded.attend(&shown.v, p.is_causal)?;
        let same_word = farthest(&one.weights, &same_words(p));
        let Attended { scores, weights, output } = one;
        maps.push(Some(OneMap { scores: shared(scores), weights: shared(weights), same_word, output }));
    }
    // `check` has refused what has no map.
    let (attended, code) = match content.coded(p, p.code)? {
        Some(coded) => (coded.attend(&content.v, p.is_causal)?, coded.what),
        None => return Err(Refusal::lab(super::params::Unfit::NoHead { heads: p.heads() })),
    };
    let largest = |t: &Shared| t.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let limit = maps.iter().flatten().map(|m| largest(&m.scores)).fold(0.0, f32::max);
    let slopes = alibi_slopes(p.heads(), AlibiOrder::Bloom)?;
    let row = |list: Vec<f32>| shared(Map::from_shape_fn((1, list.len()), |(_, i)| list[i]));
    let rotary = rotary::rotary(p, &content)?;
    let extra = extra(p, seed, (&content, &shown), &maps)?;
    Ok(Output {
        slope_inverses: row(slopes.iter().map(|m| 1.0 / m).collect()),
        slopes: row(slopes),
        q: shared(content.q.clone()),
        k: shared(content.k.clone()),
        v: shared(content.v.clone()),
        w_q: shared(content.w_q.clone()),
        w_k: shared(content.w_k.clone()),
        table: shared(content.table.clone()),
        t5_table: shared(content.t5.clone()),
        code,
        scores: shared(attended.scores),
        weights: shared(attended.weights),
        output: shared(attended.output),
        maps,
        limit,
        rotary,
        extra,
        content,
    })
}

/// Whether the maps of two states with the same content are the same: what differs is only drawn elsewhere.
fn same_maps(p: &Params, q: &Params) -> bool {
    let unlike = Params {
        panel: q.panel,
        map: q.map,
        permute: q.permute,
        q_position: q.q_position,
        k_position: q.k_position,
        ..p.clone()
    };
    unlike == *q
}

/// What the third figure needs, from the content of all heads and of the one that is drawn.
fn extra(
    p: &Params,
    seed: u64,
    (content, shown): (&Content, &Content),
    maps: &[Option<OneMap>],
) -> Result<Extra, Refusal> {
    let row = |list: Vec<f32>| shared(Map::from_shape_fn((1, list.len()), |(_, i)| list[i]));
    Ok(match p.panel {
        Panel::Order => {
            let from = rearranged(p, seed);
            let mut change = [None; 6];
            let moved = shown.rearranged(&from);
            for (at, code) in Code::ALL.iter().enumerate() {
                let before = maps.get(at).and_then(Option::as_ref).map(|m| &m.output);
                change[at] = order_change(before, moved.answer(p, *code)?.as_ref(), &from);
            }
            Extra::Order { from, change }
        }
        Panel::Table => {
            let learned = p.code == Code::Learned;
            let rows = if learned {
                content.table.clone()
            } else {
                sinusoidal(p).table(p.first() as f64, p.n().max(64))?
            };
            let dot = rows.outer_iter().map(|code| code.dot(&rows.row(0))).collect();
            let wavelength =
                (!learned).then(|| row((0..p.d()).map(|c| sinusoidal(p).wavelength(c) as f32).collect()));
            Extra::Table {
                picture: shared(rows.reversed_axes().as_standard_layout().into_owned()),
                dot: row(dot),
                wavelength,
            }
        }
        Panel::Buckets => {
            let buckets = p.buckets();
            let start = |bucket: usize| {
                (0..=128).find(|d| buckets.bucket(-d) == bucket || buckets.bucket(*d) == bucket)
            };
            let of = |bidirectional: bool, distance: i64| {
                crate::core::ops::T5Buckets { bidirectional, ..buckets }.bucket(distance) as f32
            };
            Extra::Buckets {
                bias: row(content.t5.column(p.shown()).to_vec()),
                starts: row((0..BUCKETS).map(|b| start(b).unwrap_or(0) as f32).collect()),
                causal: row((0..136).map(|d| of(false, -d)).collect()),
                both: row((-68..=68).map(|d| of(true, d)).collect()),
            }
        }
        Panel::Extrapolation => Extra::Reach(reach::curves(p, content)?),
        Panel::Rotary | Panel::Slopes => Extra::None,
    })
}

/// Where each token of the rearranged text comes from.
fn rearranged(p: &Params, seed: u64) -> Vec<usize> {
    let n = p.n();
    let mut from: Vec<usize> = (0..n).collect();
    match p.permute {
        Permute::Swap if n > 4 => from.swap(1, 4),
        Permute::Swap => from.swap(0, n - 1),
        Permute::Reverse => from.reverse(),
        Permute::Shuffle => {
            let mut random = Random::new(seed.wrapping_add(77));
            for i in (1..n).rev() {
                from.swap(i, random.below(i + 1));
            }
        }
    }
    from
}

/// The largest change of an output of the drawn head, each compared with the output of the same token before.
pub fn order_change(before: Option<&Heads>, after: Option<&Heads>, from: &[usize]) -> Option<f64> {
    let (before, after) = (before?, after?);
    let change = from.iter().enumerate().map(|(t, place)| {
        let (a, b) = (after.slice(s![0, 0, t, ..]), before.slice(s![0, 0, *place, ..]));
        a.iter().zip(b).fold(0.0, |most: f64, (x, y)| most.max(f64::from((x - y).abs())))
    });
    Some(change.fold(0.0, f64::max))
}

impl Output {
    /// The map that is drawn of a code.
    pub fn shown(&self, p: &Params, code: Code) -> Option<&Shared> {
        let one = self.maps.get(code as usize)?.as_ref()?;
        Some(if p.map == MapOf::Weights { &one.weights } else { &one.scores })
    }

    /// How far the rows of the first word are apart at most under a code.
    pub fn apart(&self, code: Code) -> Option<f64> {
        self.maps.get(code as usize)?.as_ref()?.same_word
    }
}
