//! Sentences that matter in this state.

use crate::labs::positions::Positions;
use crate::labs::positions::params::{Code, Input, Panel, Scaling};
use crate::labs::positions::text::Text;
use crate::stage::insight::Note;
use crate::stage::lab::{Look, Ran};
use crate::stage::text::{fill, number};

/// All that apply, the most easily missed first.
pub fn notes(run: &Ran<Positions>, look: &Look) -> Vec<Note> {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let mut list = Vec::new();
    let mut add = |warns, text: String| list.push(Note { warns, text });
    if p.is_causal && p.code == Code::None {
        add(true, t.note_causal.into());
    }
    if p.is_causal && p.code == Code::T5 && p.bidirectional {
        add(true, t.note_t5_half.into());
    }
    if !p.in_table() {
        let last = (p.first() + p.n() - 1).to_string();
        add(true, fill(t.note_table, &[("end", (p.trained() - 1).to_string()), ("last", last)]));
    }
    if p.code == Code::Rope || p.panel == Panel::Rotary {
        let moved = (r.score - r.unmoved).abs();
        if p.offset > 0 && p.scaling != Scaling::Dynamic {
            let values = [("offset", p.offset.to_string()), ("moved", number(moved, 0))];
            add(false, fill(if moved == 0.0 { t.note_shift_exact } else { t.note_shift }, &values));
        }
        if p.scaling == Scaling::Dynamic {
            add(true, t.note_dynamic.into());
        }
        if p.scaling == Scaling::Yarn && r.grown > 1.0 {
            add(false, fill(t.note_yarn, &[("grown", number(r.grown, 3))]));
        }
        add(true, t.note_rope_where.into());
        add(false, t.note_layout.into());
    }
    match p.code {
        Code::Sinusoidal => {
            add(false, t.note_added.into());
            if p.offset > 0 {
                add(true, t.note_sinusoidal_shift.into());
            }
        }
        Code::Learned => add(true, t.note_learned.into()),
        Code::Alibi => add(false, t.note_alibi.into()),
        Code::T5 => add(false, t.note_t5.into()),
        Code::None | Code::Rope => {}
    }
    if p.input == Input::Same {
        add(false, t.note_same.into());
    }
    add(false, t.note_fixed.into());
    list
}
