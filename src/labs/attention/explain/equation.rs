//! The sum behind the pointed number, written out: a product of query and key, a mixture of values, or an output.

use crate::labs::attention::AttentionLab;
use crate::labs::attention::draw::{cell, of_map, pointed};
use crate::labs::attention::params::{ScoreKind, SoftmaxKind};
use crate::labs::attention::text::Text;
use crate::stage::insight::Piece;
use crate::stage::lab::{Look, Ran};
use crate::stage::text::{fill, number};

/// More products than this are summed up rather than written out.
const MOST: usize = 16;

fn written(value: f64) -> String {
    number(value, 3)
}

fn bracketed(value: f32) -> String {
    let text = written(f64::from(value));
    if text.starts_with('−') { format!("({text})") } else { text }
}

/// Products as pieces, the first ones written out.
fn products(list: &mut Vec<Piece>, pairs: &[(f32, f32)], t: &Text) {
    for (at, (a, b)) in pairs.iter().take(MOST).enumerate() {
        if at > 0 {
            list.push(Piece::Plain("+".into()));
        }
        let text = format!("{}·{}", bracketed(*a), bracketed(*b));
        list.push(Piece::Tap { index: at, of: pairs.len().min(MOST), text, padding: false });
    }
    if pairs.len() > MOST {
        let rest: f64 = pairs.iter().skip(MOST).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        list.push(Piece::Plain(fill(
            t.more_products,
            &[("n", (pairs.len() - MOST).to_string()), ("sum", written(rest))],
        )));
    }
}

/// The pieces.
pub fn pieces(run: &Ran<AttentionLab>, look: &Look) -> Vec<Piece> {
    let (p, o, t) = (&run.params, &run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let at = pointed(run, look);
    let plain = |text: String| Piece::Plain(text);
    if let Some(focus) = look.focus.filter(|f| of_map(o, f).is_none()) {
        match (focus.tensor, &focus.index[..]) {
            ("x", [0, i, c]) if *i < s.n && *c < s.d && o.own.is_empty() => {
                let what = crate::labs::attention::weights::column(p, *c, look.lang);
                let number = written(f64::from(value(&o.x, &[0, *i, *c])));
                return vec![plain(format!("x[{i}, {c}] = {} =", what.trim_end())), Piece::Strong(number)];
            }
            // An output is a sum over everything the heads say.
            ("output", [0, i, c]) if *i < s.n && *c < s.d => {
                let pairs: Vec<(f32, f32)> = (0..s.heads * s.dv)
                    .map(|k| (value(&o.concat, &[0, *i, k]), value(&o.w[3], &[*c, k])))
                    .collect();
                let mut list = vec![plain(format!("output[{i}, {c}] = Σ concat·W_O ="))];
                for h in 0..s.heads {
                    let part = &pairs[h * s.dv..(h + 1) * s.dv];
                    let sum: f64 = part.iter().map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                    if h > 0 {
                        list.push(plain("+".into()));
                    }
                    let head = fill(t.head_n, &[("h", (h + 1).to_string())]);
                    list.push(Piece::Tap {
                        index: h,
                        of: s.heads,
                        text: format!("{head}: {}", written(sum)),
                        padding: false,
                    });
                }
                list.push(plain("≈".into()));
                list.push(Piece::Strong(written(f64::from(value(&o.output, &[0, *i, *c])))));
                return list;
            }
            // Queries, keys and values are vectors times a matrix.
            ("q" | "q_wide" | "q_cut" | "q_apart" | "k" | "v", index) => {
                let name = &focus.tensor[..1];
                let (w, width) = match name {
                    "q" => (0, s.dk),
                    "k" => (1, s.dk),
                    _ => (2, s.dv),
                };
                let (row, i) = match *index {
                    [0, h, i, c] => (h * width + c, i),
                    [0, i, c] if focus.tensor == "q_wide" => (c, i),
                    [0, r, c] => (r / s.n * width + c, r % s.n),
                    _ => (0, usize::MAX),
                };
                let from = if w == 0 { &o.x } else { o.context.as_ref().unwrap_or(&o.x) };
                let made =
                    !o.own.contains(&name) && from.shape().get(1) == Some(&if w == 0 { s.n } else { s.m });
                if made && i < from.shape()[1] && row < o.w[w].shape()[0] {
                    let pairs: Vec<(f32, f32)> =
                        (0..s.d).map(|k| (value(from, &[0, i, k]), value(&o.w[w], &[row, k]))).collect();
                    let places = index.iter().skip(1).map(usize::to_string).collect::<Vec<_>>().join(", ");
                    let mut list = vec![plain(format!("{name}[{places}] = Σ x·W_{} =", name.to_uppercase()))];
                    products(&mut list, &pairs, t);
                    list.push(plain("≈".into()));
                    let tensor = match focus.tensor {
                        "k" => &o.k,
                        "v" => &o.v,
                        _ => &o.q,
                    };
                    let here = [0, row / width, i, row % width];
                    list.push(Piece::Strong(written(f64::from(value(tensor, &here)))));
                    return list;
                }
            }
            ("heads" | "heads_cut" | "concat", index) => {
                let place = match *index {
                    [0, h, i, c] => Some((h, i, c)),
                    [0, r, c] if focus.tensor == "heads_cut" => Some((r / s.n, r % s.n, c)),
                    [0, i, c] => Some((c / s.dv.max(1), i, c % s.dv.max(1))),
                    _ => None,
                };
                if let Some((h, i, c)) =
                    place.filter(|(h, i, c)| *h < s.heads && *i < s.n && *c < s.dv && !o.off[*h])
                {
                    let group = h * s.kv / s.heads;
                    let mut pairs: Vec<(f32, f32)> = (0..s.m)
                        .map(|j| (cell(&o.weights, h, i, j), value(&o.v, &[0, group, j, c])))
                        .collect();
                    if pairs.len() > MOST {
                        pairs.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
                    }
                    let mut list = vec![plain(format!("heads[{h}, {i}, {c}] = Σ w·v ="))];
                    products(&mut list, &pairs, t);
                    list.push(plain("≈".into()));
                    list.push(Piece::Strong(written(f64::from(value(&o.heads, &[0, h, i, c])))));
                    return list;
                }
            }
            _ => {}
        }
    }
    let group = at.head * s.kv / s.heads;
    let (raw, score) = (cell(&o.raw, at.head, at.i, at.j), cell(&o.scores, at.head, at.i, at.j));
    let mut list = Vec::new();
    if p.score == ScoreKind::Dot {
        let width = if p.softmax == SoftmaxKind::Signed { s.dk / 2 } else { s.dk };
        let pairs: Vec<(f32, f32)> = (0..width)
            .map(|c| (value(&o.q, &[0, at.head, at.i, c]), value(&o.k, &[0, group, at.j, c])))
            .collect();
        list.push(plain("q·k =".into()));
        products(&mut list, &pairs, t);
        list.push(plain("≈".into()));
    } else {
        list.push(plain(
            if p.score == ScoreKind::Cosine { "cos(q, k) =" } else { "vᵀ tanh(W₁q + W₂k) =" }.into(),
        ));
    }
    list.push(plain(format!("{};", written(f64::from(raw)))));
    if o.scale != 1.0 {
        list.push(plain(format!("× {} ≈ {};", written(o.scale), written(f64::from(score)))));
    }
    list.push(plain(format!("{} →", t.step_softmax)));
    list.push(Piece::Strong(written(f64::from(cell(&o.weights, at.head, at.i, at.j)))));
    list
}

fn value(tensor: &crate::stage::lab::Shared, index: &[usize]) -> f32 {
    tensor.get(index).copied().unwrap_or(0.0)
}
