//! Numbers, formulas and sentences that belong to a state of the lab.

use super::draw::{channel_name, hue_index, pointed};
use super::params::{Panel, Params, Weights, listed, splits};
use super::text::Text;
use super::{Channels, snippets};
use crate::stage::insight::{Fact, Insight, Note, Piece};
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, frac, num, op, row, strong};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{count, fill, number};

/// Partial maps written out in the sum.
const MOST_TERMS: usize = 8;

/// What a layer costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Weights and biases.
    pub parameters: f64,
    /// Multiply-adds.
    pub macs: f64,
}

/// This layer; then without bias, at its output size: standard, depthwise, 1 × 1, depthwise and then 1 × 1.
pub fn costs(params: &Params, (oh, ow): (usize, usize)) -> [Cost; 5] {
    let (o, per, kh, kw) = params.weight_shape();
    let (c, taps, places) = (params.c_in(), kh * kw, oh * ow);
    let bias = if params.bias { o } else { 0 };
    let cost = |weights: usize, bias: usize| Cost {
        parameters: (weights + bias) as f64,
        macs: (weights * places) as f64,
    };
    [
        cost(o * per * taps, bias),
        cost(o * c * taps, 0),
        cost(c * taps, 0),
        cost(o * c, 0),
        cost(c * taps + o * c, 0),
    ]
}

/// Names of the weights at the group counts that divide: there are never more than six.
const AT_SPLIT: [&str; 6] = [
    "weights_at_split_1",
    "weights_at_split_2",
    "weights_at_split_3",
    "weights_at_split_4",
    "weights_at_split_5",
    "weights_at_split_6",
];

/// The numbers by their stable names.
pub fn facts(run: &Ran<Channels>) -> Vec<(&'static str, f64)> {
    let (p, o) = (&run.params, &run.output);
    let size = o.size();
    let (outs, per, kh, kw) = p.weight_shape();
    let n = |v: usize| v as f64;
    let [own, dense, depthwise, point, separable] = costs(p, size);
    let mut list = vec![
        ("output_height", n(size.0)),
        ("output_width", n(size.1)),
        ("parameters", own.parameters),
        ("macs", own.macs),
        ("weights", n(outs * per * kh * kw)),
        ("biases", if p.bias { n(outs) } else { 0.0 }),
        ("kernels", n(outs)),
        ("slices", n(outs * per)),
        ("slices_per_kernel", n(per)),
        ("inputs_per_output", n(per * kh * kw)),
        ("pairs", n(outs * p.c_in())),
        ("standard_parameters", dense.parameters),
        ("standard_macs", dense.macs),
        ("depthwise_parameters", depthwise.parameters),
        ("depthwise_macs", depthwise.macs),
        ("pointwise_parameters", point.parameters),
        ("pointwise_macs", point.macs),
        ("separable_parameters", separable.parameters),
        ("separable_macs", separable.macs),
        ("separable_ratio", separable.parameters / dense.parameters.max(1.0)),
        ("mixing_rank", n(o.mixing.rank)),
        ("mixing_largest_error", o.mixing.error.0),
        ("mixing_mean_error", o.mixing.error.1),
        ("bytes", 4.0 * own.parameters),
    ];
    let ways = splits(p.c_in(), outs);
    list.extend(AT_SPLIT.into_iter().zip(&ways).map(|(name, g)| (name, n(outs * p.c_in() / g * kh * kw))));
    if let Some(second) = &run.beside {
        let size = second.output.size();
        let own = costs(&second.params, size)[0];
        let (outs, per, kh, kw) = second.params.weight_shape();
        list.extend([
            ("beside_output_height", n(size.0)),
            ("beside_output_width", n(size.1)),
            ("beside_parameters", own.parameters),
            ("beside_macs", own.macs),
            ("beside_inputs_per_output", n(outs * per * kh * kw)),
        ]);
    }
    list
}

/// What stands beside the figures.
pub fn insight(run: &Ran<Channels>, look: &Look) -> Insight {
    let t = Text::of(look.lang);
    let p = &run.params;
    let (o, per, kh, kw) = p.weight_shape();
    let values = [
        ("c", p.c_in().to_string()),
        ("o", o.to_string()),
        ("per", per.to_string()),
        ("reads", count((per * kh * kw) as f64)),
    ];
    Insight {
        equation: equation(run, look),
        answer: fill(t.answer, &values),
        formulas: formulas(run, look),
        notes: notes(run, look),
        tables: tables(run, look),
        snippets: snippets::list(run, look.lang),
    }
}

/// The pointed output as the sum of its partial maps and the bias.
fn equation(run: &Ran<Channels>, look: &Look) -> Vec<Piece> {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let (r, c) = pointed(p, o, look);
    let (q, first) = (p.shown(), p.first_read(p.shown()));
    let mut pieces = vec![Piece::Plain(format!("output[{q}, {r}, {c}] = "))];
    for i in 0..p.per().min(MOST_TERMS) {
        if i > 0 {
            pieces.push(Piece::Plain(" + ".into()));
        }
        let value = o.partial.get([0, i, r, c].as_slice()).copied().unwrap_or(0.0);
        let text = format!("{} {}", channel_name(p, first + i), number(f64::from(value), 3));
        pieces.push(Piece::Tap { index: hue_index(first + i), of: 9, text, padding: false });
    }
    if p.per() > MOST_TERMS {
        let more = fill(t.more, &[("n", (p.per() - MOST_TERMS).to_string())]);
        pieces.push(Piece::Plain(format!(" + {more}")));
    }
    if p.bias {
        let bias = o.bias.iter().nth(q).copied().unwrap_or(0.0);
        let bias = fill(t.bias_word, &[("b", number(f64::from(bias), 3))]);
        pieces.push(Piece::Plain(format!(" + {bias}")));
    }
    pieces.push(Piece::Plain(" = ".into()));
    pieces.push(Piece::Strong(number(f64::from(value_at(&o.shown, r, c)), 3)));
    pieces
}

/// Numbers with a dot between.
fn product(factors: &[usize]) -> Vec<Math> {
    let mut list = Vec::new();
    for (i, factor) in factors.iter().enumerate() {
        if i > 0 {
            list.push(op("·"));
        }
        list.push(num(factor));
    }
    list
}

fn formulas(run: &Ran<Channels>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let t = Text::of(look.lang);
    let (p, size) = (&run.params, run.output.size());
    let (o, per, kh, kw) = p.weight_shape();
    let name = |text: &str| Math::Text(text.into());
    let shape = vec![
        row([name("out_channels"), op("×"), frac(name("in_channels"), name("groups"))]),
        // A row of its own: the column is narrow.
        row([op("×"), name("kernel_size[0]"), op("×"), name("kernel_size[1]")]),
        row([
            num(o),
            op("×"),
            frac(num(p.c_in()), num(p.g())),
            op("×"),
            num(kh),
            op("×"),
            num(kw),
            op("="),
            strong(Math::Text(format!("[{o}, {per}, {kh}, {kw}]"))),
        ]),
    ];
    let [own, dense, _, _, separable] = costs(p, size);
    let mut parameters = product(&[o, per, kh, kw]);
    if p.bias {
        parameters.extend([op("+"), num(o)]);
    }
    parameters.extend([op("="), strong(num(count(own.parameters)))]);
    let mut macs = product(&[o, per, kh, kw, size.0, size.1]);
    macs.extend([op("="), strong(num(count(own.macs)))]);
    let mut list = vec![
        (t.shape.into(), shape),
        (t.count_formula.into(), vec![row(parameters)]),
        (t.macs_formula.into(), vec![row(macs)]),
    ];
    if p.panel == Panel::Parameters || p.panel == Panel::Groups {
        let ratio = row([
            frac(num(count(separable.parameters)), num(count(dense.parameters))),
            op("="),
            frac(num(1), num(o)),
            op("+"),
            frac(num(1), row(product(&[kh, kw]))),
            op("="),
            strong(num(number(separable.parameters / dense.parameters.max(1.0), 4))),
        ]);
        list.push((t.ratio_formula.into(), vec![ratio]));
    }
    list
}

fn notes(run: &Ran<Channels>, look: &Look) -> Vec<Note> {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let (outs, per, kh, kw) = p.weight_shape();
    let (c, n) = (p.c_in(), |v: usize| v.to_string());
    let mut list = Vec::new();
    let mut say =
        |warns, text: &str, values: &[(&str, String)]| list.push(Note { warns, text: fill(text, values) });
    match p.panel {
        Panel::Bank if per > 1 => {
            say(true, t.note_filters, &[("o", n(outs)), ("wrong", n(outs * per)), ("per", n(per))]);
        }
        Panel::Mixing => {
            if o.mixing.rank < c {
                say(true, t.note_lost, &[("c", n(c)), ("rank", n(o.mixing.rank))]);
            }
            say(false, t.note_point, &[]);
        }
        Panel::Parameters => {
            say(true, t.note_stride, &[]);
            say(false, t.note_bias, &[]);
        }
        _ => {}
    }
    if per == 1 && c > 1 {
        say(false, t.note_depthwise, &[]);
    }
    if p.panel == Panel::Groups || p.g() > 1 {
        let works = listed(&splits(c, outs));
        say(true, t.note_groups, &[("c", n(c)), ("o", n(outs)), ("works", works)]);
    }
    if (kh, kw) == (1, 1) && p.panel != Panel::Mixing {
        say(false, t.note_point, &[]);
    }
    if p.input == super::params::Input::Own && p.weights != Weights::Own {
        say(false, t.note_grey, &[]);
    }
    list
}

fn tables(run: &Ran<Channels>, look: &Look) -> Vec<(String, Vec<Fact>)> {
    let t = Text::of(look.lang);
    let p = &run.params;
    let (o, per, kh, kw) = p.weight_shape();
    let facts = facts(run);
    let fact = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, v)| *v);
    let line = |name, label: &str, detail: String| Fact {
        name,
        label: label.into(),
        detail,
        value: count(fact(name)),
    };
    let size = run.output.size();
    let mut counts = vec![
        line("kernels", t.kernels, t.kernels_detail.into()),
        line("slices", t.slices, format!("{o}·{per}")),
        line("inputs_per_output", t.reads, format!("{per}·{kh}·{kw}")),
        line("weights", t.weights, format!("{o}·{per}·{kh}·{kw}")),
        line("biases", t.biases, String::new()),
        line("parameters", t.parameters, String::new()),
        line("macs", t.macs, format!("{}·{}·{}", count(fact("weights")), size.0, size.1)),
    ];
    counts.push(Fact {
        name: "output_height",
        label: t.output_size.into(),
        detail: String::new(),
        value: format!("{o} × {} × {}", size.0, size.1),
    });
    let c = p.c_in();
    let instead = vec![
        line("standard_parameters", t.dense, format!("{o}·{c}·{kh}·{kw}")),
        line("depthwise_parameters", t.depthwise, format!("{c}·{kh}·{kw}")),
        line("pointwise_parameters", t.pointwise, format!("{o}·{c}")),
        line("separable_parameters", t.separable, format!("{c}·{kh}·{kw} + {o}·{c}")),
    ];
    let mut list = vec![(t.counts.into(), counts)];
    if p.panel == Panel::Parameters || p.panel == Panel::Groups {
        list.push((t.instead.into(), instead));
    }
    list
}
