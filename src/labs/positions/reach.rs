//! Score against distance, to eight times the trained length.

use super::content::Content;
use super::params::{Code, Params};
use super::rotary::{added_score, turned_score, vectors, wave};
use crate::core::ops::{AlibiOrder, alibi_slopes};
use crate::core::tensor::Map;
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;

/// How many times the trained length is looked at.
pub const TIMES: usize = 8;
/// Points of a curve, at most.
const POINTS: usize = 512;

/// One code's scores of a query `distance` positions after its key.
pub struct Curve {
    /// The distances.
    pub distances: Vec<usize>,
    /// `[1, distances]`
    pub scores: Shared,
}

/// The curves, in the order of [`Code::ALL`]. The learned one ends where its table does; `None` when the offset is
/// already beyond it.
pub fn curves(p: &Params, content: &Content) -> Result<Vec<Option<Curve>>, Refusal> {
    let (q, k) = vectors(p, content);
    let scale = 1.0 / (p.width() as f64).sqrt();
    let plain: f64 = q.iter().zip(&k).map(|(a, b)| a * b).sum::<f64>() * scale;
    let slope = alibi_slopes(p.heads(), AlibiOrder::Bloom)?.get(p.shown()).map_or(0.0, |m| f64::from(*m));
    let farthest = TIMES * p.trained();
    let step = farthest.div_ceil(POINTS).max(1);
    let mut distances: Vec<usize> = (0..=farthest).step_by(step).collect();
    if distances.last() != Some(&farthest) {
        distances.push(farthest);
    }
    let first = p.first();
    let start = wave(p, first);
    let row =
        |position: usize| content.table.row(position).iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
    let mut list = Vec::new();
    for code in Code::ALL {
        let mut at = distances.clone();
        if *code == Code::Learned {
            at = (0..p.trained().saturating_sub(first)).step_by(step).collect();
            if at.is_empty() {
                list.push(None);
                continue;
            }
        }
        let mut scores = Vec::with_capacity(at.len());
        for distance in &at {
            let d = i64::try_from(*distance).unwrap_or(i64::MAX);
            scores.push(match code {
                Code::None => plain,
                Code::Sinusoidal => added_score(p, content, [&wave(p, first + distance), &start], &q, &k),
                Code::Learned => added_score(p, content, [&row(first + distance), &row(first)], &q, &k),
                Code::Rope => turned_score(p, &q, &k, (first + distance, first))?,
                Code::Alibi => plain - slope * *distance as f64,
                Code::T5 => plain + f64::from(content.t5[[p.buckets().bucket(-d), p.shown()]]),
            });
        }
        let scores = super::compute::shared(Map::from_shape_fn((1, scores.len()), |(_, i)| scores[i] as f32));
        list.push(Some(Curve { distances: at, scores }));
    }
    Ok(list)
}
