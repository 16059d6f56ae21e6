//! The lab's figures as scenes.

mod charts;
mod kinds;
mod lines;
mod main_figure;
mod mask;
mod parts;
mod path;
mod split;
mod why;

use super::compute::Output;
use super::params::Panel;
use super::{AttentionLab, BESIDE_MAPS, MAPS};
use crate::stage::lab::{Figure, Focus, Look, Ran, Shared};

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<AttentionLab>, look: &Look) -> Vec<Figure> {
    let panel = match run.params.panel {
        Panel::Path => path::figure(run, look),
        Panel::Split => split::figure(run, look),
        Panel::Lines => lines::figure(run, look),
        Panel::Heads => charts::heads(run, look),
        Panel::Scale => charts::scale(run, look),
        Panel::Cost => charts::cost(run, look),
        Panel::Gradient => mask::gradient(run, look),
        Panel::Mask => mask::figure(run, look),
        Panel::Kinds => kinds::figure(run, look),
    };
    vec![main_figure::figure(run, look), Figure { id: "panel", ..panel }]
}

/// The weight that is explained: a head, a query, a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// The head.
    pub head: usize,
    /// The query.
    pub i: usize,
    /// The key.
    pub j: usize,
}

/// Head and cell of a map that is pointed at, when it is one and has that cell.
pub fn of_map(o: &Output, focus: &Focus) -> Option<(usize, (usize, usize))> {
    let s = &o.sizes;
    let place = |names: &[&str]| names.iter().position(|name| *name == focus.tensor);
    let (head, i, j) = match (focus.tensor, &focus.index[..]) {
        ("weights" | "scores" | "scores_2" | "raw" | "beside_weights" | "beside_scores", [0, h, i, j]) => {
            (*h, *i, *j)
        }
        ("mask" | "gradient" | "beside_mask", [0, 0, i, j]) => (0, *i, *j),
        (_, [0, 0, i, j]) => (place(&MAPS).or(place(&BESIDE_MAPS))?, *i, *j),
        _ => return None,
    };
    (head < s.heads && i < s.n && j < s.m).then_some((head, (i, j)))
}

/// A number of a map.
pub fn cell(tensor: &Shared, h: usize, i: usize, j: usize) -> f32 {
    tensor.get([0, h, i, j].as_slice()).copied().unwrap_or(0.0)
}

/// The key to which a query gives most.
pub fn strongest(o: &Output, head: usize, i: usize) -> usize {
    let weight = |j: usize| cell(&o.weights, head, i, j).abs();
    (0..o.sizes.m).fold(0, |best, j| if weight(j) > weight(best) { j } else { best })
}

/// The weight that is explained in this state: what is pointed at, or the step of the player, or the word "it", or the
/// middle.
pub fn pointed(run: &Ran<AttentionLab>, look: &Look) -> Pointed {
    let o = &run.output.main;
    let s = &o.sizes;
    let head = run.params.head().min(s.heads - 1);
    let most = |head, i| Pointed { head, i, j: strongest(o, head, i) };
    let group = (s.heads / s.kv.max(1)).max(1);
    if let Some(focus) = look.focus {
        if let Some((found, (i, j))) = of_map(o, focus) {
            let of_all = matches!(focus.tensor, "mask" | "gradient" | "beside_mask");
            return Pointed { head: if of_all { head } else { found }, i, j };
        }
        match (focus.tensor, &focus.index[..]) {
            ("q" | "heads", [0, h, i, _]) if *h < s.heads && *i < s.n => return most(*h, *i),
            ("k" | "v", [0, g, j, _]) if *g < s.kv && *j < s.m => {
                let head = if head / group == *g { head } else { g * group };
                return Pointed { head, i: resting(o), j: *j };
            }
            ("q_cut" | "q_apart" | "heads_cut", [0, r, _]) if *r < s.heads * s.n => {
                return most(r / s.n, r % s.n);
            }
            ("q_wide", [0, i, c]) if *i < s.n && c / s.dk < s.heads => return most(c / s.dk, *i),
            ("concat", [0, i, c]) if *i < s.n && c / s.dv < s.heads => return most(c / s.dv, *i),
            ("x" | "output" | "moved" | "beside_output", [0, i, _]) if *i < s.n => {
                return most(head, *i);
            }
            _ => {}
        }
    }
    match look.step.checked_sub(1) {
        Some(i) if i < s.n && run.params.panel != Panel::Split => most(head, i),
        _ => {
            // At rest the most telling weight: to another word than itself, where there is one.
            let i = resting(o);
            let other = |j: &usize| o.labels.0.get(i) != o.labels.1.get(*j);
            let weight = |j: &usize| cell(&o.weights, head, i, *j).abs();
            let j = (0..o.sizes.m).rev().filter(other).max_by(|a, b| weight(a).total_cmp(&weight(b)));
            Pointed { head, i, j: j.unwrap_or_else(|| strongest(o, head, i)) }
        }
    }
}

/// The query that is explained when nothing is pointed at.
pub fn resting(o: &Output) -> usize {
    let it = o.labels.0.iter().position(|label| label == "it" || label == "它");
    it.unwrap_or((o.sizes.n - 1) / 2)
}

/// What a head looks for, in words.
pub use main_figure::kind_name as main_name;
/// The player's walk through splitting and joining.
pub use split::{STAGES, stage_focus};
