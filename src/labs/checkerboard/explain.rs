//! Numbers, formulas and sentences that belong to a state of the lab.

use super::compute::{Extra, Output, four};
use super::draw::{Pointed, pointed};
use super::params::{Init, Params, Upsampler};
use super::text::Text;
use super::{Checkerboard, snippets};
use crate::stage::insight::{Fact, Insight, Note, Piece};
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, id, num, op, row, strong};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{bytes, count, fill, number, percent};

/// Products written out in an equation.
const MOST: usize = 16;
/// Inputs up to this many cells have their equations looked up through the gradient.
const SMALL: usize = 24 * 24;

/// What stands beside the figures.
pub fn insight(run: &Ran<Checkerboard>, look: &Look) -> Insight {
    let t = Text::of(look.lang);
    Insight {
        equation: equation(run, look, t),
        answer: answer(&run.params, &run.output, t),
        formulas: formulas(&run.params, &run.output, t),
        notes: notes(run, t),
        tables: vec![(t.cost_title.into(), table(&run.params, &run.output, t))],
        snippets: snippets::list(run, look.lang),
    }
}

/// The numbers of the insight column, by their stable names.
pub fn facts(run: &Ran<Checkerboard>) -> Vec<(&'static str, f64)> {
    let (p, o) = (&run.params, &run.output);
    let (h, w) = o.size();
    let mut list = vec![
        ("output_height", h as f64),
        ("output_width", w as f64),
        ("parameters", o.layer.parameters() as f64),
        ("macs", macs(p, o)),
        ("bytes", memory(o)),
        ("period", p.period() as f64),
        ("overlap_most", f64::from(o.ends.0)),
        ("overlap_fewest", f64::from(o.ends.1)),
        ("carriers", o.carriers.0),
        ("level", o.carriers.1),
    ];
    if let Some(ratio) = o.ratio() {
        list.extend([("overlap_ratio", ratio), ("overlap_ratio_1d", ratio.sqrt())]);
    }
    if let Some(strength) = o.strength() {
        list.push(("artifact_strength", strength));
    }
    match &o.extra {
        Extra::Learn(fits) => {
            list.push(("learned_share", f64::from(fits.share)));
            let names = [
                ("strength_before", "strength_after", "kernel_first"),
                ("strength_before_second", "strength_after_second", "kernel_second"),
            ];
            for (fit, (before, after, kernel)) in fits.list.iter().zip(names) {
                list.push((kernel, fit.kernel_size as f64));
                list.push((before, f64::from(fit.strength.0)));
                list.extend(fit.strength.1.map(|now| (after, f64::from(now))));
            }
            list.push(("learn_steps", super::learn::STEPS as f64));
        }
        Extra::Matrix(m) => {
            list.extend([("adjoint_conv", m.products.0), ("adjoint_transposed", m.products.1)]);
        }
        Extra::Cures(list_of) => {
            list.extend(
                list_of
                    .iter()
                    .skip(1)
                    .map(|c| f64::from(c.numbers[0]))
                    .max_by(f64::total_cmp)
                    .map(|v| ("strongest", v)),
            );
        }
        Extra::None => {}
    }
    list
}

/// Multiply-adds of all layers.
fn macs(p: &Params, o: &Output) -> f64 {
    let sizes: Vec<_> = if p.back() { o.sizes[1..].to_vec() } else { o.sizes[..p.layers()].to_vec() };
    sizes.into_iter().map(|size| o.layer.macs(size)).sum()
}

fn memory(o: &Output) -> f64 {
    4.0 * (o.input.len() + o.output.len() + if o.layer.parameters() > 0 { o.weight.len() } else { 0 }) as f64
}

fn answer(p: &Params, o: &Output, t: &Text) -> String {
    let (most, fewest) = o.ends;
    let all = |n: f32| number(f64::from(n).powi(2), 0);
    let (high, low) = if p.stamps() {
        (all(most), all(fewest))
    } else {
        (number(f64::from(o.spans[3].high), 0), String::new())
    };
    let values = [("k", p.k().to_string()), ("s", p.s().to_string()), ("most", high), ("fewest", low)];
    let quiet = o.strength().is_some_and(|s| s < 0.01) && p.init != Init::Uniform;
    let text = match p.upsampler {
        _ if p.back() => t.says_back,
        Upsampler::Transposed if fewest == 0.0 => t.says_holes,
        Upsampler::Transposed if most == fewest => t.says_even,
        Upsampler::Transposed if quiet => t.says_balanced,
        Upsampler::Transposed => t.says_uneven,
        Upsampler::PixelShuffle => t.says_shuffle,
        _ => t.says_resize,
    };
    fill(text, &values)
}

fn formulas(p: &Params, o: &Output, t: &Text) -> Vec<(String, Vec<Math>)> {
    let mut list = Vec::new();
    let three = |v: f64| num(number(v, 3));
    if let Some(strength) = o.strength() {
        let names = row([
            id("A"),
            op("="),
            op("√"),
            Math::Sum(Math::Text(t.ring.into()).into(), num("").into()),
            op("|F|²"),
            op("÷"),
            id("Σ|y|"),
        ]);
        let numbers = row([
            op("="),
            three(o.carriers.0),
            op("÷"),
            three(o.carriers.1),
            op("="),
            strong(three(strength)),
        ]);
        list.push((t.strength_title.into(), vec![names, numbers, Math::Text(t.strength_letters.into())]));
    }
    let (most, fewest) = o.ends;
    if p.stamps() && fewest > 0.0 {
        let square = |m: Math| Math::Sup(Math::Fenced(m.into()).into(), num(2).into());
        let (most, fewest) = (number(f64::from(most), 0), number(f64::from(fewest), 0));
        let mut pieces = Vec::new();
        if p.layers() == 1 {
            let fraction = || row([num(p.k()), op("/"), num(p.s())]);
            pieces.extend([
                square(row([op("⌈"), fraction(), op("⌉ ÷"), Math::Floor(fraction().into())])),
                op("="),
            ]);
        }
        pieces.extend([square(row([num(most), op("÷"), num(fewest)])), op("=")]);
        pieces.push(strong(num(number(o.ratio().unwrap_or(0.0), 3))));
        list.push((t.overlap_title.into(), vec![row(pieces)]));
    }
    if !p.back() {
        let (out, n) = (o.size().0, p.size.0);
        let lines = if p.upsampler == Upsampler::Transposed && p.layers() == 1 {
            let fenced = |a: Math| Math::Fenced(row([a, op("−"), num(1)]).into());
            let line = |n: Math, s: Math, p: Math, k: Math, last: Math| {
                vec![fenced(n), op("·"), s, op("−"), num(2), op("·"), p, op("+"), k, op("+"), last]
            };
            let names = row(line(id("n"), id("s"), id("p"), id("k"), id("output_padding")));
            let mut numbers = vec![op("=")];
            numbers.extend(line(num(n), num(p.s()), num(p.p()), num(p.k()), num(p.op())));
            vec![names, row(numbers), row([op("="), strong(num(out))]), Math::Text(t.size_letters.into())]
        } else {
            let mut sizes = vec![num(n)];
            for (h, _) in o.sizes.iter().skip(1) {
                sizes.extend([op("→"), num(h)]);
            }
            let last = sizes.pop().map(strong);
            sizes.extend(last);
            let mut lines = vec![row(sizes)];
            if p.upsampler != Upsampler::Transposed {
                lines.push(Math::Text(t.grown_letters.into()));
            }
            lines
        };
        list.push((t.size_title.into(), lines));
    }
    list
}

fn notes(run: &Ran<Checkerboard>, t: &Text) -> Vec<Note> {
    let (p, o) = (&run.params, &run.output);
    let (most, fewest) = o.ends;
    let mut list = Vec::new();
    let mut add = |warns, text: String| list.push(Note { warns, text });
    let strength = o.strength().unwrap_or(0.0);
    if p.stamps() && most != fewest {
        let (k, s) = (p.k(), p.s());
        let (below, above) = (k / s * s, k.div_ceil(s) * s);
        let even: Vec<String> = [below, above].iter().filter(|n| **n > 0).map(|n| n.to_string()).collect();
        let values = [("s", s.to_string()), ("list", even.join(t.or_join))];
        add(true, fill(t.nearest_even, &values));
    }
    if p.init == Init::Icnr && p.upsampler == Upsampler::Transposed && !p.back() && most != fewest {
        add(true, t.note_icnr_uneven.into());
    }
    if p.init == Init::Normal && most == fewest && strength > 0.01 {
        add(true, fill(t.note_random, &[("strength", percent(strength))]));
    }
    if p.layers() > 1 && most != fewest {
        add(false, fill(t.note_depth, &[("period", p.period().to_string())]));
    }
    if p.back() {
        add(true, t.note_back.into());
    } else if p.upsampler == Upsampler::ResizeConv {
        add(false, t.note_resize.into());
    } else if p.upsampler == Upsampler::Transposed {
        add(false, t.note_not_inverse.into());
    }
    list.truncate(3);
    list
}

fn table(p: &Params, o: &Output, t: &Text) -> Vec<Fact> {
    let (h, w) = o.size();
    let mut list = Vec::new();
    let mut add = |name, label: &str, detail: &str, value: String| {
        list.push(Fact { name, label: label.into(), detail: detail.into(), value });
    };
    if let Some(strength) = o.strength() {
        add("artifact_strength", t.strength_title, t.strength_of, percent(strength));
    }
    if let Some(ratio) = o.ratio() {
        add("overlap_ratio_1d", t.ratio_1d, "", number(ratio.sqrt(), 2));
        add("overlap_ratio", t.ratio_2d, t.squared, number(ratio, 2));
    }
    add("output_height", t.size_title, "", format!("{h} × {w}"));
    add("period", t.period_name, t.period_of, p.period().to_string());
    add("parameters", t.parameters, "", count(o.layer.parameters() as f64));
    add("macs", t.multiply_adds, "", count(macs(p, o)));
    add("bytes", t.memory, t.memory_of, bytes(memory(o)));
    list
}

/// A number in brackets when it is negative.
fn bracketed(value: f32) -> String {
    let text = number(f64::from(value), 3);
    if text.starts_with('−') { format!("({text})") } else { text }
}

/// The sum that made the pointed output: input cells times what the layer weighs them with, found as the gradient of
/// that output with respect to the input, so that it holds for every up-sampler and depth.
fn equation(run: &Ran<Checkerboard>, look: &Look, t: &Text) -> Vec<Piece> {
    let (p, o) = (&run.params, &run.output);
    let (oh, ow) = o.size();
    let (r, c) = match pointed(p, o, look) {
        Pointed::Output(r, c) => (r, c),
        Pointed::Input(i, j) => {
            let middle = |i: usize, out: usize| (i * p.s() + p.k() / 2).saturating_sub(p.p()).min(out - 1);
            (middle(i, oh), middle(j, ow))
        }
        Pointed::Tap(..) => (oh / 2, ow / 2),
    };
    let value = number(f64::from(value_at(&o.output, r, c)), 3);
    let mut list = vec![Piece::Plain(format!("output[{r}, {c}] ="))];
    if p.back() {
        let reads = number(f64::from(value_at(&o.overlap, r, c)), 0);
        list.push(Piece::Strong(value));
        list.push(Piece::Plain(fill(t.windows, &[("n", reads)])));
        return list;
    }
    if o.input.len() <= SMALL
        && let Some(weights) = weighs(p, o, (r, c))
    {
        let of = p.k() * p.k();
        let mut products = Vec::new();
        for ((i, j), weight) in weights.indexed_iter().filter(|(_, v)| **v != 0.0) {
            let tap = |at: usize, cell: usize| (at + p.p()).checked_sub(cell * p.s()).filter(|v| *v < p.k());
            let index = match (tap(r, i), tap(c, j)) {
                (Some(a), Some(b)) if p.layers() == 1 => a * p.k() + b,
                _ => products.len() % of,
            };
            let text = format!("{}·{}", bracketed(value_at(&o.input, i, j)), bracketed(*weight));
            products.push(Piece::Tap { index, of, text, padding: false });
        }
        let rest = products.len().saturating_sub(MOST);
        for (at, product) in products.into_iter().take(MOST).enumerate() {
            if at > 0 {
                list.push(Piece::Plain("+".into()));
            }
            list.push(product);
        }
        if rest > 0 {
            list.push(Piece::Plain(fill(t.more, &[("n", rest.to_string())])));
        }
        if list.len() > 1 {
            list.push(Piece::Plain("=".into()));
        }
    }
    list.push(Piece::Strong(value));
    list
}

/// What the layers weigh each input cell with for one output.
fn weighs(p: &Params, o: &Output, (r, c): (usize, usize)) -> Option<crate::core::tensor::Map> {
    let weight = four(&o.weight).ok()?;
    let (oh, ow) = o.size();
    let mut grad = crate::core::tensor::Images::zeros((1, 1, oh, ow));
    *grad.get_mut((0, 0, r, c))? = 1.0;
    for size in o.sizes.iter().take(p.layers()).rev() {
        grad = o.layer.back(*size, &weight, &grad).ok()?;
    }
    Some(grad.slice(ndarray::s![0, 0, .., ..]).to_owned())
}
