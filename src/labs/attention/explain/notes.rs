//! Remarks that matter in one state and not in another, at most three at a time.

use super::{of_text, row_sum};
use crate::labs::attention::AttentionLab;
use crate::labs::attention::compute::TAKEN;
use crate::labs::attention::params::{Panel, Preset, ScoreKind, SoftmaxKind};
use crate::labs::attention::text::Text;
use crate::labs::attention::tokens::MASK;
use crate::stage::insight::Note;
use crate::stage::lab::{Look, Ran};
use crate::stage::text::{fill, number};

/// Most remarks shown at a time.
const MOST: usize = 3;

/// The remarks that matter most in this state, the most urgent first.
pub fn notes(run: &Ran<AttentionLab>, look: &Look) -> Vec<Note> {
    let (p, o, t) = (&run.params, &run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let head = p.head().min(s.heads - 1);
    let mut list: Vec<Note> = Vec::new();
    let mut add = |when: bool, warns: bool, text: &str, values: &[(&str, String)]| {
        if when {
            list.push(Note { warns, text: fill(text, values) });
        }
    };
    let text = |n: usize| n.to_string();
    let whole = o.whole.0.max(if p.cross { o.whole.1 } else { 0 });
    add(
        of_text(run) && whole > s.n.max(s.m),
        true,
        t.note_cut,
        &[("n", text(s.n.max(s.m))), ("all", text(whole))],
    );
    add(!o.own.is_empty(), false, t.note_own, &[("list", o.own.join(", "))]);
    let empty = if o.empty_rows.len() == 1 { t.note_empty_one } else { t.note_empty };
    add(!o.empty_rows.is_empty(), true, empty, &[("n", text(o.empty_rows.len()))]);
    let least = (0..s.n).map(|i| row_sum(o, head, i)).fold(f64::INFINITY, f64::min);
    let hides = o.mask.iter().any(|v| *v == 0.0);
    let after = p.softmax == SoftmaxKind::MaskAfter;
    add(after && hides, true, t.note_mask_after, &[("least", number(least, 3))]);
    add(p.softmax == SoftmaxKind::Hardmax, true, t.note_hardmax, &[]);
    add(p.softmax == SoftmaxKind::Signed, false, t.note_signed, &[("taken", number(f64::from(TAKEN), 1))]);
    if let Some(apart) = o.padding_difference {
        let values = [("apart", number(apart, 4))];
        add(true, after, if after { t.note_padding_after } else { t.note_padding }, &values);
    }
    add(p.scale.trim() == "none" && p.score == ScoreKind::Dot, true, t.note_unscaled, &[]);
    add(p.tie_qk && p.score != ScoreKind::Additive, false, t.note_tied, &[]);
    let tanh = s.heads * s.n * s.m * s.dk;
    add(p.score == ScoreKind::Additive, false, t.note_additive, &[("n", text(tanh))]);
    let masked_word = p.text.contains(MASK) && p.tokens == crate::labs::attention::params::Split::Word;
    add(masked_word, false, t.note_mask_token, &[]);
    add(p.cross, false, t.note_cross, &[("n", text(s.n)), ("m", text(s.m))]);
    add(s.kv < s.heads, false, t.note_shared, &[("group", text(s.heads / s.kv))]);
    let wide = [("dv", text(s.dv)), ("dk", text(s.dk)), ("wide", text(s.heads * s.dv))];
    add(s.dv != s.dk, false, t.note_dv, &wide);
    add(p.temperature != 1.0, false, t.note_temperature, &[("t", number(f64::from(p.temperature), 2))]);
    add(p.panel == Panel::Gradient && !p.is_causal && !p.cross, true, t.note_causal_leak, &[]);
    let split = [("d", text(s.d)), ("h", text(s.heads)), ("dk", text(s.dk))];
    add(s.heads > 1 && matches!(p.panel, Panel::Path | Panel::Split), false, t.note_split, &split);
    add(p.heads != Preset::Seeded && of_text(run), false, t.note_hand, &[]);
    list.truncate(MOST);
    list
}
