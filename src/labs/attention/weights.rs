//! Vectors of tokens and matrices of heads: seeded, or built by hand so that a head does something known.
//!
//! A token's vector has four parts:
//!
//! ```text
//! word      what it is: points on circles from its letters and the seed, or its row of the table of meanings
//! before    the word part of the token before, as a previous-token head one layer below would have written it
//! position  sine and cosine of some waves
//! one       a constant
//! ```
//!
//! A hand-made head picks one part with its key matrix and asks for it with its query matrix.

use super::meanings;
use super::params::{Embedding, Params, Preset, Split};
use super::text::Text;
use super::tokens::{PAD, Tokens};
use crate::core::ops::Sinusoidal;
use crate::core::tensor::{Error, Map};
use crate::stage::text::Lang;
use ndarray::Array3;

/// Where the parts of a token's vector stand.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    word: usize,
    before: usize,
    position: usize,
    one: usize,
}

impl Parts {
    /// Those of a vector of this width.
    pub fn of(d: usize) -> Parts {
        let one = usize::from(d >= 4);
        let position = (d / 4) & !1;
        let rest = d - one - position;
        Parts { word: rest.div_ceil(2), before: rest / 2, position, one }
    }
    fn before_at(self) -> usize {
        self.word
    }
    fn position_at(self) -> usize {
        self.word + self.before
    }
    fn one_at(self) -> usize {
        self.word + self.before + self.position
    }
}

/// What a column of a token's vector holds.
pub fn column(params: &Params, c: usize, lang: Lang) -> String {
    let (parts, t) = (Parts::of(params.d_model()), Text::of(lang));
    let meaning = |at: usize| match params.embedding {
        Embedding::Meanings if params.tokens == Split::Word => {
            meanings::COLUMNS.get(at).map_or(String::new(), |names| lang.pick(names.0, names.1).into())
        }
        _ => String::new(),
    };
    match c {
        _ if c < parts.word => format!("{} {}", t.part_word, meaning(c)),
        _ if c < parts.position_at() => format!("{} {}", t.part_before, meaning(c - parts.word)),
        _ if c < parts.one_at() => t.part_position.into(),
        _ => t.part_one.into(),
    }
}

/// What a head looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The token before.
    Previous,
    /// The same word.
    Same,
    /// The first token.
    First,
    /// Nothing in particular: noise.
    Seeded,
    /// The token after.
    Next,
    /// What came behind the same word last time.
    Induction,
    /// All alike.
    Uniform,
    /// Its group's keys were made for another kind.
    Shared,
}

/// The kinds of the heads.
pub fn kinds(params: &Params) -> Vec<Kind> {
    let heads = params.num_heads();
    let wanted = |head: usize| {
        use Kind::*;
        let first = |kind| if head == 0 { kind } else { Seeded };
        match params.heads {
            Preset::Mixed => match (heads, head) {
                // One head of four is noise; with more heads more kinds come before it.
                (1, 0) => Same,
                (_, 0) => Previous,
                (_, 1) => Same,
                (_, 2) => First,
                (5.., 4) => Next,
                (6.., 5) => Induction,
                (7.., 6) => Uniform,
                _ => Seeded,
            },
            Preset::Seeded => Seeded,
            Preset::Previous => first(Previous),
            Preset::First => first(First),
            Preset::Same => first(Same),
            Preset::Next => first(Next),
            Preset::Uniform => first(Uniform),
            Preset::Induction => first(Induction),
        }
    };
    let group = (heads / params.kv_heads().max(1)).max(1);
    (0..heads)
        .map(|head| {
            let (own, leader) = (wanted(head), wanted(head / group * group));
            let alike = own == leader
                || own == Kind::Uniform
                || key_part(own).is_some_and(|p| key_part(leader) == Some(p));
            if alike || own == Kind::Seeded { own } else { Kind::Shared }
        })
        .collect()
}

/// The part that a kind's keys hold: 0 word, 1 before, 2 position.
fn key_part(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Same => Some(0),
        Kind::Induction => Some(1),
        Kind::Previous | Kind::Next | Kind::First => Some(2),
        Kind::Seeded | Kind::Uniform | Kind::Shared => None,
    }
}

/// A number of `[0, 1)` that belongs to `index` in a list of this name: splitmix64 of seed, name and index.
fn uniform(seed: u64, name: u64, index: u64) -> f32 {
    let mut z = seed
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add(name.wrapping_mul(0xaf25_1af3_b0f0_25b5))
        .wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 40) as f32 / (1u64 << 24) as f32
}

/// Evenly spread numbers with this standard deviation.
fn noise(seed: u64, name: u64, (rows, cols): (usize, usize), deviation: f32) -> Map {
    let wide = deviation * 12f32.sqrt();
    let mut index = 0;
    Map::from_shape_simple_fn((rows, cols), || {
        index += 1;
        wide * (uniform(seed, name, index) - 0.5)
    })
}

/// A number for a word's letters: FNV-1a.
fn spelled(word: &str) -> u64 {
    word.to_lowercase()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// The word part: points on circles, or the row of the table of meanings; a word the table doesn't know is a shorter
/// vector of its own.
fn word_part(word: &str, width: usize, how: Embedding, seed: u64) -> Vec<f32> {
    let size = match how {
        Embedding::Seeded => 1.0,
        Embedding::Meanings => match meanings::row(word) {
            Some(row) => return (0..width).map(|c| row.get(c).copied().unwrap_or(0.0)).collect(),
            None => 0.4,
        },
    };
    let name = spelled(word);
    (0..width)
        .map(|c| {
            let turn = std::f32::consts::TAU * uniform(seed, name, (c / 2) as u64);
            size * if c % 2 == 0 { turn.cos() } else { turn.sin() }
        })
        .collect()
}

/// The vectors of a sequence, `[1, tokens, d_model]`.
pub fn embed(tokens: &Tokens, params: &Params, seed: u64) -> Result<Array3<f32>, Error> {
    let (d, n) = (params.d_model(), tokens.list.len());
    let parts = Parts::of(d);
    // Each wave is four times as long as the one before it.
    let waves =
        Sinusoidal { base: 4f64.powi((parts.position / 2) as i32), ..Sinusoidal::new(parts.position) };
    let places = if parts.position > 0 { waves.table(0.0, n)? } else { Map::zeros((n, 0)) };
    let mut x = Array3::zeros((1, n, d));
    let mut before: Option<Vec<f32>> = None;
    for (i, token) in tokens.list.iter().enumerate() {
        // Letters and bytes have no meaning to look up.
        let how = if token.text == PAD || params.tokens != Split::Word {
            Embedding::Seeded
        } else {
            params.embedding
        };
        let word = word_part(&token.text, parts.word, how, seed);
        for (c, v) in word.iter().enumerate() {
            x[[0, i, c]] = *v;
        }
        for (c, v) in before.iter().flatten().take(parts.before).enumerate() {
            x[[0, i, parts.before_at() + c]] = *v;
        }
        for c in 0..parts.position {
            x[[0, i, parts.position_at() + c]] = places[[i, c]];
        }
        if parts.one > 0 {
            x[[0, i, parts.one_at()]] = 1.0;
        }
        before = Some(word);
    }
    Ok(x)
}

/// The four matrices, `[out, in]` as in `torch.nn.Linear`.
#[derive(Clone)]
pub struct Matrices {
    /// `[num_heads * d_k, d_model]`
    pub q: Map,
    /// `[num_kv_heads * d_k, d_model]`
    pub k: Map,
    /// `[num_kv_heads * d_v, d_model]`
    pub v: Map,
    /// `[d_model, num_heads * d_v]`
    pub o: Map,
}

/// The score, after the division by √d_k, of what a word head or one wave of a position head looks for.
const MATCH: f32 = 6.0;

/// Builds the matrices of these parameters.
pub fn matrices(params: &Params, dv: usize, seed: u64) -> Matrices {
    let (heads, kv, d, dk) = (params.num_heads(), params.kv_heads(), params.d_model(), params.d_k());
    let kinds = kinds(params);
    let narrow = |n: usize| (n.max(1) as f32).sqrt();
    let mut q = noise(seed, 1, (heads * dk, d), 3f32.sqrt() / narrow(d));
    let mut k = noise(seed, 2, (kv * dk, d), 3f32.sqrt() / narrow(d));
    let v = noise(seed, 3, (kv * dv, d), 2f32.sqrt() / narrow(d));
    let o = noise(seed, 4, (d, heads * dv), 1.0 / narrow(heads * dv));
    let group = (heads / kv.max(1)).max(1);
    for (head, kind) in kinds.iter().enumerate() {
        let mut rows = q.slice_mut(ndarray::s![head * dk..(head + 1) * dk, ..]);
        build(&mut rows, *kind, d, dk, true);
        if head % group == 0 {
            let at = head / group;
            let mut rows = k.slice_mut(ndarray::s![at * dk..(at + 1) * dk, ..]);
            build(&mut rows, *kind, d, dk, false);
        }
    }
    if params.tie_qk {
        // One matrix for both; heads that share keys take the queries of the first among them.
        for at in 0..kv {
            let from = at * group * dk;
            let own = q.slice(ndarray::s![from..from + dk, ..]).to_owned();
            k.slice_mut(ndarray::s![at * dk..(at + 1) * dk, ..]).assign(&own);
        }
    }
    Matrices { q, k, v, o }
}

/// Writes the rows of one hand-made head: of its queries, or of its keys.
fn build(rows: &mut ndarray::ArrayViewMut2<f32>, kind: Kind, d: usize, dk: usize, query: bool) {
    let parts = Parts::of(d);
    if matches!(kind, Kind::Seeded | Kind::Shared) || (kind == Kind::Uniform && !query) {
        return;
    }
    rows.fill(0.0);
    // a² / √d_k is the score of a match, shared by the pairs of a word.
    let size = |matches: usize| (MATCH / matches.max(1) as f32 * (dk as f32).sqrt()).sqrt();
    match kind {
        Kind::Same => {
            let width = dk.min(parts.word);
            (0..width).for_each(|c| rows[[c, c]] = size(width.div_ceil(2)));
        }
        Kind::Induction => {
            let width = dk.min(parts.before);
            let from = if query { 0 } else { parts.before_at() };
            (0..width).for_each(|c| rows[[c, from + c]] = size(width.div_ceil(2)));
        }
        Kind::Previous | Kind::Next | Kind::First => {
            let waves = parts.position / 2;
            for wave in 0..waves.min(dk / 2) {
                let (at, a) = (parts.position_at() + 2 * wave, size(1));
                let turn = 4f32.powi(-(wave as i32));
                // sin(w(p ∓ 1)) and cos(w(p ∓ 1)) from sin(wp) and cos(wp); the first place is sin 0 and cos 0.
                let turn = match (query, kind) {
                    (true, Kind::Previous) => -turn,
                    (true, Kind::Next) => turn,
                    (true, _) => {
                        rows[[2 * wave + 1, parts.one_at()]] = a;
                        continue;
                    }
                    _ => 0.0,
                };
                rows[[2 * wave, at]] = a * turn.cos();
                rows[[2 * wave, at + 1]] = a * turn.sin();
                rows[[2 * wave + 1, at]] = -a * turn.sin();
                rows[[2 * wave + 1, at + 1]] = a * turn.cos();
            }
        }
        Kind::Seeded | Kind::Uniform | Kind::Shared => {}
    }
}
