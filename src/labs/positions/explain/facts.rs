//! The numbers of the insight column, by stable name.

use super::learns;
use crate::labs::positions::Positions;
use crate::labs::positions::compute::Extra;
use crate::labs::positions::params::Code;
use crate::labs::positions::reach::TIMES;
use crate::stage::lab::Ran;

const ROWS: [&str; 6] = [
    "same_word_none",
    "same_word_sinusoidal",
    "same_word_learned",
    "same_word_rope",
    "same_word_alibi",
    "same_word_t5",
];
const ORDER: [&str; 6] =
    ["order_none", "order_sinusoidal", "order_learned", "order_rope", "order_alibi", "order_t5"];

/// All of them.
pub fn facts(run: &Ran<Positions>) -> Vec<(&'static str, f64)> {
    let (p, o) = (&run.params, &run.output);
    let whole = |n: usize| n as f64;
    let mut list = vec![
        ("parameters", whole(learns(p, p.code))),
        ("head_width", whole(p.width())),
        ("first_position", whole(p.first())),
        ("last_position", whole(p.first() + p.n() - 1)),
        ("last_learned_position", whole(p.trained() - 1)),
        ("farthest", whole(p.trained() * TIMES)),
        ("blank_below", 0.005),
        ("rope_score", o.rotary.score),
        ("rope_score_unmoved", o.rotary.unmoved),
        ("rope_score_moved_by", (o.rotary.score - o.rotary.unmoved).abs()),
        ("shifts_move_rope", o.rotary.moves[0]),
        ("shifts_move_sinusoidal", o.rotary.moves[1]),
        ("rope_attention_scaling", o.rotary.grown),
        ("steepest_penalty", -16.0 * o.slopes.iter().fold(0.0, |m, v| f64::from(v.abs()).max(m))),
        ("distance", (p.q_position as f64 - p.k_position as f64).abs()),
        ("q_at", p.q_position as f64 + p.offset as f64),
        ("k_at", p.k_position as f64 + p.offset as f64),
    ];
    for (at, _) in Code::ALL.iter().enumerate() {
        if let Some(gap) = o.maps.get(at).and_then(Option::as_ref).and_then(|m| m.same_word) {
            list.push((ROWS[at], gap));
        }
    }
    if let Some(second) = &run.beside
        && let Some(gap) = second.output.apart(second.params.code)
    {
        list.push(("beside_same_word", gap));
    }
    if let Extra::Order { change, .. } = &o.extra {
        list.extend(change.iter().enumerate().filter_map(|(at, v)| Some((ORDER[at], (*v)?))));
    }
    list
}
