//! The rotary figure: one query and one key, their pairs as arrows, and their score wherever both are moved.

use super::compute::{shared, sinusoidal, word};
use super::content::Content;
use super::params::{Input, Layout, Params};
use crate::core::tensor::Map;
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;

/// Shifts of both positions that stand in the table below the arrows, beside the learner's own.
pub const SHIFTS: [usize; 4] = [0, 10, 100, 1000];

/// Places of a ruler along which query and key are set.
pub const PLACES: usize = 12;
/// Shifts of both that can be set by a click.
const CLICKED: [usize; PLACES] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000];
/// The last position of the controls.
const LAST: usize = 512;

/// What the rotary figure shows.
pub struct Rotary {
    /// The tokens whose query and key these are.
    pub tokens: (usize, usize),
    /// The query as it came, before it is turned.
    pub q: Vec<f64>,
    /// The key.
    pub k: Vec<f64>,
    /// Radians from one position to the next, by pair.
    pub speed: Vec<f64>,
    /// What cosine and sine are multiplied with.
    pub grown: f64,
    /// Degrees a position, `[1, pairs]`.
    pub degrees: Shared,
    /// The angle from key to query after both were turned, −180 to 180 degrees, `[1, pairs]`.
    pub gaps: Shared,
    /// After how many positions each pair has turned once, without and with scaling, `[2, pairs]`.
    pub turns: Shared,
    /// Position of the query, of the key, rotary score, sinusoidal score: `[shifts, 4]`.
    pub shifted: Shared,
    /// Positions around the query, around the key, and shifts of both: `[3, places]`. A click sets them.
    pub ruler: Shared,
    /// How far the rotary and the sinusoidal score move over these shifts, in 64 bits.
    pub moves: [f64; 2],
    /// The rotary score at the positions of the controls, in 64 bits.
    pub score: f64,
    /// The same without the offset.
    pub unmoved: f64,
}

/// Which numbers make pair `i` of `pairs`.
pub fn pair(layout: Layout, i: usize, pairs: usize) -> (usize, usize) {
    match layout {
        Layout::Half => (i, i + pairs),
        Layout::Interleaved => (2 * i, 2 * i + 1),
    }
}

/// The scaled dot product of a query and a key, each turned by its own position, in 64 bits.
///
/// Errors: those of the frequencies.
pub fn turned_score(p: &Params, q: &[f64], k: &[f64], at: (usize, usize)) -> Result<f64, Refusal> {
    let found = p.rope().frequencies(at.0.max(at.1) + 1)?;
    let pairs = found.inv_freq.len();
    let turn = |x: &[f64], position: usize, i: usize| {
        let (a, b) = pair(p.layout, i, pairs);
        let (sin, cos) = (position as f64 * found.inv_freq[i]).sin_cos();
        (x[a] * cos - x[b] * sin, x[a] * sin + x[b] * cos)
    };
    let sum: f64 = (0..pairs)
        .map(|i| {
            let ((a, b), (c, d)) = (turn(q, at.0, i), turn(k, at.1, i));
            a * c + b * d
        })
        .sum();
    Ok(sum * found.attention_scaling.powi(2) / (q.len() as f64).sqrt())
}

/// What the drawn head gets of a code through its weights, `W code`.
pub fn through(p: &Params, weight: &Map, code: &[f64]) -> Vec<f64> {
    let rows = p.shown() * p.width()..(p.shown() + 1) * p.width();
    rows.map(|r| weight.row(r).iter().zip(code).map(|(w, x)| f64::from(*w) * x).sum()).collect()
}

/// The scaled dot product when a code is added to both tokens instead: `q + W_Q code`, `k + W_K code`.
pub fn added_score(p: &Params, content: &Content, codes: [&[f64]; 2], q: &[f64], k: &[f64]) -> f64 {
    let added = [through(p, &content.w_q, codes[0]), through(p, &content.w_k, codes[1])];
    let both = q.iter().zip(&added[0]).zip(k.iter().zip(&added[1]));
    both.map(|((q, a), (k, b))| (q + a) * (k + b)).sum::<f64>() / (p.width() as f64).sqrt()
}

/// One sinusoidal code, in 64 bits.
pub fn wave(p: &Params, position: usize) -> Vec<f64> {
    let code = sinusoidal(p);
    (0..p.d()).map(|c| code.at(position as f64, c)).collect()
}

/// The query's token is the last, the key's the nearest earlier one with the same word, or the first token.
fn tokens(p: &Params) -> (usize, usize) {
    let last = p.n() - 1;
    let same = |t: &usize| p.input != Input::Own && word(p.input, *t) == word(p.input, last);
    (last, (0..last).rev().find(same).unwrap_or(0))
}

/// The drawn head's query and key of the rotary figure.
pub fn vectors(p: &Params, content: &Content) -> (Vec<f64>, Vec<f64>) {
    let (i, j) = tokens(p);
    let of = |x: &crate::core::ops::Heads, t: usize| {
        (0..p.width()).map(|c| f64::from(x[[0, p.shown(), t, c]])).collect::<Vec<f64>>()
    };
    (of(&content.q, i), of(&content.k, j))
}

/// Where the rulers of query and key begin: at the same place while both are on it.
fn starts(q: usize, k: usize) -> [usize; 2] {
    let start = |at: usize| (at.saturating_sub(1) / 6 * 6).min(LAST + 1 - PLACES);
    let both = start(q.min(k));
    if q.max(k) < both + PLACES - 1 { [both; 2] } else { [start(q), start(k)] }
}

/// Computes it.
pub fn rotary(p: &Params, content: &Content) -> Result<Rotary, Refusal> {
    let (q, k) = vectors(p, content);
    let place = |n: i64| usize::try_from(n).unwrap_or(0);
    let (qp, kp) = (place(p.q_position), place(p.k_position));
    let (qa, ka) = (qp + p.first(), kp + p.first());
    let found = p.rope().frequencies(qa.max(ka) + 1)?;
    let plain = crate::core::ops::Rope { scaling: Default::default(), ..p.rope() }.frequencies(1)?.inv_freq;
    let speed = found.inv_freq;
    let pairs = speed.len();
    let angle = |x: &[f64], position: usize, i: usize| {
        let (a, b) = pair(p.layout, i, pairs);
        x[b].atan2(x[a]) + position as f64 * speed[i]
    };
    let gap = |i: usize| {
        let degrees = (angle(&q, qa, i) - angle(&k, ka, i)).to_degrees();
        ((degrees + 180.0).rem_euclid(360.0) - 180.0) as f32
    };
    let row = |f: &dyn Fn(usize) -> f32| shared(Map::from_shape_fn((1, pairs), |(_, i)| f(i)));
    let mut shifts = SHIFTS.to_vec();
    if !shifts.contains(&p.first()) {
        shifts.push(p.first());
        shifts.sort_unstable();
    }
    let mut rows = Vec::new();
    for shift in &shifts {
        let at = (qp + shift, kp + shift);
        let added = added_score(p, content, [&wave(p, at.0), &wave(p, at.1)], &q, &k);
        rows.push([at.0 as f64, at.1 as f64, turned_score(p, &q, &k, at)?, added]);
    }
    let tau = std::f64::consts::TAU;
    let spread = |c: usize| {
        let ends = |(a, b): (f64, f64), r: &[f64; 4]| (a.min(r[c]), b.max(r[c]));
        let (low, high) = rows.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        (high - low).max(0.0)
    };
    let begin = starts(qp, kp);
    Ok(Rotary {
        tokens: tokens(p),
        degrees: row(&|i| speed[i].to_degrees() as f32),
        gaps: row(&gap),
        turns: shared(Map::from_shape_fn((2, pairs), |(r, i)| {
            (tau / if r == 0 { plain[i] } else { speed[i] }) as f32
        })),
        shifted: shared(Map::from_shape_fn((rows.len(), 4), |(r, c)| rows[r][c] as f32)),
        ruler: shared(Map::from_shape_fn((3, PLACES), |(r, c)| match begin.get(r) {
            Some(begin) => (begin + c + p.first()) as f32,
            None => CLICKED[c] as f32,
        })),
        moves: [spread(2), spread(3)],
        score: turned_score(p, &q, &k, (qa, ka))?,
        unmoved: turned_score(p, &q, &k, (qp, kp))?,
        grown: found.attention_scaling,
        speed,
        q,
        k,
    })
}
