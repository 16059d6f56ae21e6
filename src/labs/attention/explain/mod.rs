//! Numbers, formulas and sentences that belong to a state of the lab.

mod equation;
mod notes;

use super::compute::Output;
use super::draw::{cell, pointed};
use super::params::{MOST_HEADS, Panel, Sizes, SoftmaxKind, Source};
use super::text::Text;
use super::{AttentionLab, snippets};
use crate::stage::insight::{Fact, Insight};
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, frac, id, num, op, row, strong, sub};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{bytes, count, fill, number, percent};

/// What stands beside the figures.
pub fn insight(run: &Ran<AttentionLab>, look: &Look) -> Insight {
    Insight {
        equation: equation::pieces(run, look),
        answer: answer(run, look),
        formulas: formulas(run, look),
        notes: notes::notes(run, look),
        tables: tables(run, look),
        snippets: snippets::list(run, look.lang),
    }
}

/// Layers, heads' width, and key and value heads of the large model whose cache is told.
pub const REFERENCE: [(usize, usize, usize); 3] = [(32, 128, 32), (32, 128, 8), (32, 128, 1)];
/// Its tokens.
const REFERENCE_TOKENS: usize = 4096;

/// The cache of the large model in GiB, with so many key and value heads: two tensors, two bytes a number.
pub fn reference_gib(kv: usize) -> f64 {
    let (layers, width, _) = REFERENCE[0];
    (2 * 2 * layers * kv * width * REFERENCE_TOKENS) as f64 / f64::from(1u32 << 30)
}

/// Numbers in the four matrices.
fn parameters(s: &Sizes, kv: usize) -> f64 {
    (s.d * (s.heads * s.dk + kv * s.dk + kv * s.dv + s.heads * s.dv)) as f64
}

/// Bytes a token adds to the cache of a layer in half precision.
fn cache(s: &Sizes, kv: usize) -> f64 {
    (2 * kv * (s.dk + s.dv)) as f64
}

/// Key and value heads, parameters and cache of a token, for multi-head, grouped and multi-query attention.
pub fn kinds_of(s: &Sizes) -> [(usize, f64, f64); 3] {
    let half = (1..=s.heads / 2).rev().find(|n| s.heads.is_multiple_of(*n)).unwrap_or(1);
    let grouped = if s.kv > 1 && s.kv < s.heads { s.kv } else { half };
    [s.heads, grouped, 1].map(|kv| (kv, parameters(s, kv), cache(s, kv)))
}

/// Multiply-adds that grow with the tokens, and with their pairs.
pub fn work(s: &Sizes) -> (f64, f64) {
    (parameters(s, s.kv), (s.heads * (s.dk + s.dv)) as f64)
}

fn macs(s: &Sizes) -> f64 {
    let queries = s.n * s.d * s.heads * (s.dk + s.dv);
    let keys = s.m * s.d * s.kv * (s.dk + s.dv);
    (queries + keys + s.n * s.m * s.heads * (s.dk + s.dv)) as f64
}

/// The variance of the products of one head.
fn variance(o: &Output, head: usize) -> f64 {
    let (n, m) = (o.sizes.n, o.sizes.m);
    let all =
        || (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).map(|(i, j)| f64::from(cell(&o.raw, head, i, j)));
    let mean = all().sum::<f64>() / (n * m) as f64;
    all().map(|v| (v - mean).powi(2)).sum::<f64>() / (n * m) as f64
}

/// The sum of a row of weights.
fn row_sum(o: &Output, head: usize, i: usize) -> f64 {
    (0..o.sizes.m).map(|j| f64::from(cell(&o.weights, head, i, j))).sum()
}

/// The largest gradient that an output gets from a later token.
fn future(o: &Output) -> Option<f64> {
    let g = o.gradient.as_ref()?;
    let later = (0..o.sizes.n).flat_map(|i| (i + 1..o.sizes.m).map(move |j| (i, j)));
    Some(later.fold(0.0, |most, (i, j)| f64::max(most, f64::from(value_at(g, i, j)))))
}

/// The numbers of the insight column.
pub fn facts(run: &Ran<AttentionLab>) -> Vec<(&'static str, f64)> {
    let o = &run.output.main;
    let s = &o.sizes;
    let head = run.params.head().min(s.heads - 1);
    let measure = |at: usize| f64::from(cell(&o.measures, 0, head, at));
    let hidden = o.mask.iter().filter(|v| **v == 0.0).count();
    let kinds = kinds_of(s);
    let (per_token, per_pair) = work(s);
    let mut list = vec![
        ("queries", s.n as f64),
        ("keys", s.m as f64),
        ("tokens_of_text", o.whole.0 as f64),
        ("heads", s.heads as f64),
        ("kv_heads", s.kv as f64),
        ("d_k", s.dk as f64),
        ("d_v", s.dv as f64),
        ("scale", o.scale),
        ("parameters", parameters(s, s.kv)),
        ("macs", macs(s)),
        ("bytes", cache(s, s.kv) * s.m as f64),
        ("cache_per_token", cache(s, s.kv)),
        ("entropy", measure(0)),
        ("entropy_even", (s.m as f64).log2()),
        ("distance", measure(1)),
        ("share", measure(2)),
        ("score_variance", variance(o, head)),
        ("hidden_pairs", hidden as f64),
        ("pairs", (s.n * s.m) as f64),
        ("empty_rows", o.empty_rows.len() as f64),
        ("crossing", (per_token / per_pair).round()),
        ("parameters_multi_head", kinds[0].1),
        ("parameters_grouped", kinds[1].1),
        ("parameters_multi_query", kinds[2].1),
        ("cache_multi_head", kinds[0].2),
        ("cache_grouped", kinds[1].2),
        ("cache_multi_query", kinds[2].2),
        ("reference_layers", REFERENCE[0].0 as f64),
        ("reference_width", REFERENCE[0].1 as f64),
        ("reference_grouped", REFERENCE[1].2 as f64),
        ("reference_tokens", REFERENCE_TOKENS as f64),
        ("reference_multi_head_gib", reference_gib(32)),
        ("reference_grouped_gib", reference_gib(8)),
        ("reference_multi_query_mib", reference_gib(1) * 1024.0),
        ("study_share", f64::from(run.output.study.share)),
        ("timing_share", f64::from(run.output.timing.share)),
        ("gradient_most_tokens", 24.0),
        ("gradient_most_width", 32.0),
        ("most_heads", MOST_HEADS as f64),
        ("blank_below", 0.005),
    ];
    let optional = [
        ("padding_difference", o.padding_difference),
        ("asymmetry", o.asymmetry),
        ("future_gradient", future(o)),
        ("split_difference", o.split.as_ref().and_then(|s| s.difference)),
        ("doubling_short", run.output.timing.doublings().map(|d| d.0)),
        ("doubling_long", run.output.timing.doublings().map(|d| d.1)),
        ("output_moved", o.moved.as_ref().map(|t| f64::from(super::compute::largest(t)))),
    ];
    list.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    list
}

/// What is seen now, in one or two sentences.
fn answer(run: &Ran<AttentionLab>, look: &Look) -> String {
    let (p, o, t) = (&run.params, &run.output.main, Text::of(look.lang));
    let at = pointed(run, look);
    let joint = look.lang.pick(" ", "");
    if run.params.panel == Panel::Scale
        && let Some(r) = run.output.study.rows().last()
    {
        let n = |v: f64| number(v, 2);
        return fill(t.answer_study, &[("d", n(r[0])), ("without", n(r[1])), ("with", n(r[4]))]);
    }
    let name = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let weight = f64::from(cell(&o.weights, at.head, at.i, at.j));
    let total: f64 = (0..o.sizes.m).map(|j| f64::from(cell(&o.weights, at.head, at.i, j)).abs()).sum();
    let bits: f64 = (0..o.sizes.m)
        .map(|j| f64::from(cell(&o.weights, at.head, at.i, j)).abs() / total.max(1e-30))
        .filter(|p| *p > 0.0)
        .map(|p| -p * p.log2())
        .sum();
    let values = [
        ("h", (at.head + 1).to_string()),
        ("query", name(&o.labels.0, at.i)),
        ("key", name(&o.labels.1, at.j)),
        ("share", percent(weight)),
        ("bits", number(bits.max(0.0), 2)),
        ("most", number((o.sizes.m as f64).log2(), 2)),
    ];
    let seen = value_at(&o.mask, at.i, at.j) > 0.0;
    let template = match p.softmax {
        _ if seen => t.answer,
        SoftmaxKind::MaskAfter => t.answer_masked_after,
        SoftmaxKind::Hardmax => t.answer_masked_hard,
        _ if o.empty_rows.contains(&at.i) => t.answer_empty,
        _ => t.answer_masked,
    };
    let mut text = fill(template, &values);
    if let Some(moved) = &o.moved {
        let off: Vec<String> =
            o.off.iter().enumerate().filter(|(_, off)| **off).map(|(h, _)| (h + 1).to_string()).collect();
        let moved = number(f64::from(super::compute::largest(moved)), 3);
        text += joint;
        text += &fill(t.answer_off, &[("moved", moved), ("list", off.join(", "))]);
    }
    if let Some(future) = future(o) {
        text += joint;
        text += &fill(t.answer_future, &[("future", number(future, 3))]);
    }
    text
}

fn formulas(run: &Ran<AttentionLab>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let (p, o, t) = (&run.params, &run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let at = pointed(run, look);
    let n = |v: f64| num(number(v, 3));
    let up = |base: Math, over: Math| Math::Sup(base.into(), over.into());
    let q_k = row([id("Q"), up(id("K"), id("T"))]);
    let inside = match (p.scale.trim(), p.score) {
        ("sqrt" | "", super::params::ScoreKind::Dot) => frac(q_k, row([op("√"), sub(id("d"), id("k"))])),
        ("none", _) => q_k,
        _ => row([n(o.scale), op("·"), q_k]),
    };
    let whole = row([Math::Text("softmax".into()), Math::Fenced(inside.into()), id("V")]);
    let values =
        [("n", s.n), ("m", s.m), ("dk", s.dk), ("dv", s.dv)].map(|(name, value)| (name, value.to_string()));
    let mut list = vec![(t.formula.to_string(), vec![whole, Math::Text(fill(t.formula_where, &values))])];
    let seen = value_at(&o.mask, at.i, at.j) > 0.0;
    let mut lines = Vec::new();
    let scores: Vec<f64> = (0..s.m)
        .filter(|j| value_at(&o.mask, at.i, *j) > 0.0 || p.softmax == SoftmaxKind::MaskAfter)
        .map(|j| f64::from(cell(&o.scores, at.head, at.i, j)) / f64::from(p.temperature))
        .collect();
    let weight = f64::from(cell(&o.weights, at.head, at.i, at.j));
    if seen && matches!(p.softmax, SoftmaxKind::Softmax | SoftmaxKind::MaskAfter) {
        let score = f64::from(cell(&o.scores, at.head, at.i, at.j)) / f64::from(p.temperature);
        // Large scores are written less the largest of the row, as they are computed.
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let less = if most.abs() > 30.0 { most } else { 0.0 };
        let sum: f64 = scores.iter().map(|v| (v - less).exp()).sum();
        let raised = if less == 0.0 { n(score) } else { row([n(score), op("−"), n(less)]) };
        let powers = frac(up(id("e"), raised), n(sum));
        lines.push(row([
            powers,
            op("="),
            frac(n((score - less).exp()), n(sum)),
            op("="),
            strong(num(number(weight, 4))),
        ]));
    } else {
        lines.push(row([
            sub(id("w"), row([num(at.i), op(","), num(at.j)])),
            op("="),
            strong(num(number(weight, 4))),
        ]));
    }
    lines.push(Math::Text(fill(t.row_sums, &[("sum", number(row_sum(o, at.head, at.i), 4))])));
    list.push((t.this_weight.into(), lines));
    list
}

/// A label as a sentence begins; the name of a matrix, one letter, stays.
fn sentence_case(label: &str) -> String {
    let mut letters = label.chars();
    match letters.next() {
        Some(first) if !letters.as_str().is_empty() => first.to_uppercase().chain(letters).collect(),
        _ => label.into(),
    }
}

fn tables(run: &Ran<AttentionLab>, look: &Look) -> Vec<(String, Vec<Fact>)> {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let head = run.params.head().min(s.heads - 1);
    let fact = |name: &'static str, label: &str, detail: String, value: String| Fact {
        name,
        label: sentence_case(label),
        detail,
        value,
    };
    let shape = |t: &crate::stage::lab::Shared| {
        t.shape().iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
    };
    let measure = |at: usize| f64::from(cell(&o.measures, 0, head, at));
    let even = fill(t.of_bits, &[("most", number((s.m as f64).log2(), 2))]);
    let mut own = vec![
        fact("entropy", t.entropy, even, number(measure(0), 2)),
        fact("distance", t.distance, String::new(), fill(t.tokens_away, &[("n", number(measure(1), 1))])),
        fact("share", t.share_of, String::new(), percent(measure(2))),
        fact("score_variance", t.variance, String::new(), number(variance(o, head), 3)),
    ];
    if let Some(apart) = o.asymmetry {
        own.push(fact("asymmetry", t.asymmetry, String::new(), number(apart, 3)));
    }
    let mut cost = vec![
        fact("q", "q", String::new(), shape(&o.q)),
        fact("k", "k", String::new(), shape(&o.k)),
        fact("v", "v", String::new(), shape(&o.v)),
        fact("weights", t.weights, String::new(), shape(&o.weights)),
        fact("output", t.output, String::new(), shape(&o.output)),
        fact("parameters", t.parameters, t.four_matrices.into(), count(parameters(s, s.kv))),
        fact("macs", t.macs, String::new(), count(macs(s))),
        fact("bytes", t.cache, String::new(), bytes(cache(s, s.kv) * s.m as f64)),
    ];
    if let Some(apart) = o.padding_difference {
        cost.push(fact("padding_difference", t.padding_moves, String::new(), number(apart, 4)));
    }
    vec![(t.this_head.into(), own), (t.shapes.into(), cost)]
}

/// Whether the text alone is used.
fn of_text(run: &Ran<AttentionLab>) -> bool {
    run.params.input == Source::Text
}

#[cfg(test)]
pub(crate) mod tests;
