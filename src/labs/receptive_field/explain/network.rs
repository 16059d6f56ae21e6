//! Numbers and sentences of a published network.

use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::draw::network_name;
use crate::labs::receptive_field::published::Published;
use crate::labs::receptive_field::text::Text;
use crate::stage::insight::{Fact, Insight, Note, Piece, Snippet};
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{num, op, row, strong};
use crate::stage::text::{count, fill, number};

/// Every number, by its stable name.
pub fn facts(run: &Ran<ReceptiveField>, n: &Published) -> Vec<(&'static str, f64)> {
    let (s, field) = (&n.summary, n.summary.field);
    let mut list = vec![
        ("receptive_field", field.size.0.max(field.size.1)),
        ("receptive_field_height", field.size.0),
        ("receptive_field_width", field.size.1),
        ("effective_stride", field.jump.1),
        ("effective_padding", field.padding.1),
        ("first_centre", field.first_centre.1),
        ("parameters", s.parameters as f64),
        ("auxiliary_parameters", s.auxiliary_parameters as f64),
        ("macs", s.macs as f64),
        ("kilo_parameters", s.parameters as f64 / 1e3),
        ("mega_macs", s.macs as f64 / 1e6),
        ("layers", s.layers.len() as f64),
        ("input_size", n.network.input as f64),
        ("aligned", f64::from(u8::from(s.aligned))),
    ];
    if let Some(second) = run.beside.as_ref().and_then(|second| second.output.published.as_ref()) {
        list.extend([
            ("beside_field_width", second.summary.field.size.1),
            ("beside_parameters", second.summary.parameters as f64),
            ("beside_macs", second.summary.macs as f64),
        ]);
    }
    list
}

/// The receptive field and its reasons, beside the figures.
pub fn insight(run: &Ran<ReceptiveField>, n: &Published, snippets: Vec<Snippet>, look: &Look) -> Insight {
    let t = Text::of(look.lang);
    let field = n.summary.field;
    let values = [
        ("name", network_name(n.network.key, look.lang).to_string()),
        ("size", number(field.size.0.max(field.size.1), 0)),
        ("jump", number(field.jump.1, 0)),
        ("source", n.network.source.to_string()),
        ("implementation", n.network.implementation.to_string()),
    ];
    let note = |warns: bool, text: String| Note { warns, text };
    let mut notes = vec![note(false, fill(t.net_source, &values)), note(false, t.net_means.into())];
    if n.summary.layers.iter().any(|layer| !layer.aligned) {
        notes.push(note(true, t.net_not_aligned.into()));
    } else if n.summary.layers.iter().any(|layer| layer.branch) {
        notes.push(note(false, t.net_aligned.into()));
    }
    let mut formulas = Vec::new();
    if let Some((_, fields)) = &n.twin {
        let last = fields.shape().get(1).map_or(0, |n| n.saturating_sub(1));
        let of = |row: usize| f64::from(crate::stage::scene::grid::value_at(fields, row, last));
        let (torch, slim) = if of(0) < of(1) { (of(0), of(1)) } else { (of(1), of(0)) };
        let values = [("torch", number(torch, 0)), ("slim", number(slim, 0))];
        notes.insert(0, note(false, fill(t.net_twins_why, &values)));
        let sum = row([num(number(torch, 0)), op("+"), num(8), op("+"), num(16), op("+"), num(32), op("=")]);
        formulas.push((t.net_twins_title.into(), vec![row([sum, strong(num(number(slim, 0)))])]));
    }
    Insight {
        equation: vec![
            Piece::Plain(format!("{}: r =", n.network.name)),
            Piece::Strong(number(field.size.0.max(field.size.1), 0)),
        ],
        answer: fill(t.net_answer, &values),
        formulas,
        notes,
        tables: tables(run, n, look),
        snippets,
    }
}

fn tables(run: &Ran<ReceptiveField>, n: &Published, look: &Look) -> Vec<(String, Vec<Fact>)> {
    let t = Text::of(look.lang);
    let fact = |name: &'static str, label: &str, value: String| Fact {
        name,
        label: label.into(),
        detail: String::new(),
        value,
    };
    let (s, field) = (&n.summary, n.summary.field);
    let two = |a: f64, b: f64| format!("{} × {}", number(a, 0), number(b, 0));
    let mut list: Vec<(String, Vec<Fact>)> = vec![(
        network_name(n.network.key, look.lang).into(),
        vec![
            fact("receptive_field", t.field_fact, two(field.size.0, field.size.1)),
            fact("effective_stride", t.effective_stride, number(field.jump.1, 0)),
            fact("effective_padding", t.effective_padding, number(field.padding.1, 0)),
            fact("parameters", t.parameters, count(s.parameters as f64)),
            fact("macs", t.macs, count(s.macs as f64)),
            fact("input_size", t.net_input, two(n.network.input as f64, n.network.input as f64)),
            fact("layers", t.net_layers, s.layers.len().to_string()),
        ],
    )];
    if let Some(second) = run.beside.as_ref().and_then(|second| second.output.published.as_ref()) {
        let (s, field) = (&second.summary, second.summary.field);
        list.push((
            network_name(second.network.key, look.lang).into(),
            vec![
                fact("beside_field_width", t.field_fact, two(field.size.0, field.size.1)),
                fact("beside_parameters", t.parameters, count(s.parameters as f64)),
                fact("beside_macs", t.macs, count(s.macs as f64)),
            ],
        ));
    }
    list
}
