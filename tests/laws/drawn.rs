//! Law 4: what is drawn is what was computed. Every cell, plane, legend and written number traces to a tensor, a fact,
//! a parameter, or a place in a tensor.

use crate::{look, runs, some_cell, told};
use receptive::core::tensor::Random;
use receptive::stage::colormap::Scale;
use receptive::stage::control::Kind;
use receptive::stage::lab::{AnyLab, Experiment, Figure, Focus, Look, Shared};
use receptive::stage::link::Setup;
use receptive::stage::scene::grid::{extent, value_at};
use receptive::stage::scene::{Anchor, Mark};
use receptive::stage::text::{Lang, bytes, count, number, percent};
use std::collections::HashSet;

/// Settings tried of each lab.
const TRIED: usize = 500;

type Tensors = Vec<(&'static str, Shared)>;

fn tensor<'a>(tensors: &'a Tensors, name: &str, what: &str) -> &'a Shared {
    let found = tensors.iter().find(|(other, _)| *other == name);
    &found.unwrap_or_else(|| panic!("{what}: {name} is drawn but is no tensor")).1
}

/// Every drawn figure of random settings, pointed at random cells.
fn figures(seed: u64, mut see: impl FnMut(&Drawn, &Figure)) {
    for (at, (lab, setup, run)) in runs(seed, TRIED).into_iter().enumerate() {
        let mut random = Random::new(seed + at as u64);
        let tensors = run.tensors();
        let focus = (at % 3 > 0).then(|| some_cell(&tensors, &mut random));
        let (width, font) = [(330.0, 12.0), (760.0, 12.0), (1000.0, 20.0)][at % 3];
        let step = if at % 4 == 1 { random.below(run.steps() + 1) } else { 0 };
        let look = Look { focus: focus.as_ref(), step, ..look(Lang::ALL[at / 3 % 2], width, font) };
        let what = told(lab, &setup);
        let drawn = Drawn { lab, setup: &setup, run: &*run, tensors, look: &look, what };
        for figure in run.draw(&look) {
            see(&drawn, &figure);
        }
    }
}

struct Drawn<'a> {
    lab: &'a dyn AnyLab,
    setup: &'a Setup,
    run: &'a dyn Experiment,
    tensors: Tensors,
    look: &'a Look<'a>,
    what: String,
}

#[test]
fn cells_and_planes_are_their_tensors() {
    let (mut cells, mut planes) = (0, 0);
    figures(10, |drawn, figure| {
        for mark in &figure.scene.marks {
            let what = format!("{} {}: {mark:?}", drawn.what, figure.id);
            match mark {
                Mark::Cell { value, origin, text, scale, .. } => {
                    cells += 1;
                    let source = tensor(&drawn.tensors, origin.tensor, &drawn.what).get(&origin.index[..]);
                    assert_eq!(source.map(|v| v.to_bits()), Some(value.to_bits()), "{what}");
                    // What is left of a sum that cancels is written as the 0 it stands for.
                    let nothing = scale.is_none_or(|s| value.abs() <= 1e-6 * s.ends().1.abs());
                    assert!(text.is_empty() || writes(text, *value) || nothing && text == "0", "{what}");
                }
                Mark::Plane { tensor: shown, name, rows, cols, .. } => {
                    planes += 1;
                    let source = tensor(&drawn.tensors, name, &drawn.what);
                    assert!(source == shown, "{} {}: plane {name}", drawn.what, figure.id);
                    let (h, w) = extent(source);
                    assert!(rows.0 < rows.1 && rows.1 <= h && cols.0 < cols.1 && cols.1 <= w, "{what}");
                }
                _ => {}
            }
        }
    });
    assert!(cells > 10_000 && planes > 50, "{cells} cells, {planes} planes");
}

/// Whether a text is this number, with whatever decimals.
fn writes(text: &str, value: f32) -> bool {
    (0..=4).any(|decimals| {
        let full = number(f64::from(value), decimals);
        text == full || (value.abs() < 1.0 && text == full.replacen("0.", ".", 1))
    })
}

/// A colour limit is the largest number of a tensor (or of 0, 1), and a legend is that of something drawn.
#[test]
fn colours_have_limits_that_are_there() {
    figures(11, |drawn, figure| {
        let mut scales: Vec<Scale> = Vec::new();
        for mark in &figure.scene.marks {
            match mark {
                Mark::Cell { scale: Some(scale), .. } | Mark::Plane { scale, .. }
                    if !scales.contains(scale) =>
                {
                    scales.push(*scale)
                }
                _ => {}
            }
        }
        for mark in &figure.scene.marks {
            if let Mark::Legend { scale, .. } = mark {
                // A tensor of which no cell is filled, such as an output not yet reached, keeps its legend.
                let same = scales.iter().any(|s| s.ends() == scale.ends());
                assert!(same, "{} {}: legend of {scale:?}, drawn {scales:?}", drawn.what, figure.id);
            }
        }
        let largest = |t: &Shared| t.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        for scale in scales {
            let (low, high) = scale.ends();
            for end in [low.abs(), high.abs()] {
                let known = end == 0.0 || end == 1.0 || drawn.tensors.iter().any(|(_, t)| largest(t) == end);
                assert!(known, "{} {}: {scale:?} is of no tensor", drawn.what, figure.id);
            }
        }
    });
}

/// Every number in a caption, a summary or a text of a figure is a fact, a parameter, a size or an index of a tensor,
/// one of its elements (rounded as it is written), or part of a name. Texts in the font of numbers are the ticks of
/// charts; those must grow evenly with their place.
#[test]
fn written_numbers_were_computed() {
    let mut seen = 0;
    figures(12, |drawn, figure| {
        let known = Known::of(drawn);
        let mut texts = vec![figure.caption.as_str(), &figure.summary, &figure.title];
        for mark in &figure.scene.marks {
            if let Mark::Text { text, mono: false, .. } = mark {
                texts.push(text);
            }
        }
        for text in texts {
            for token in tokens(text) {
                seen += 1;
                assert!(
                    known.holds(&token, drawn),
                    "{} {}: where is {token:?} from? {text}",
                    drawn.what,
                    figure.id
                );
            }
        }
        ticks(drawn, figure);
    });
    assert!(seen > 5000, "{seen}");
}

/// Numbers that may be written as they are.
struct Known {
    written: HashSet<String>,
    /// Whole numbers up to the longest axis may be indices, and up to `inputs_per_output` a count of what is read.
    longest: usize,
}

impl Known {
    fn of(drawn: &Drawn) -> Known {
        let mut written = HashSet::new();
        // The half turn of "turned by 180°".
        written.insert("180".to_string());
        let mut longest = 0;
        for (name, v) in drawn.run.facts() {
            longest = if name == "inputs_per_output" { v as usize } else { longest };
            written.extend((0..=4).map(|d| number(v, d)));
            written.extend([count(v), bytes(v), percent(v)].iter().flat_map(|t| tokens(t)));
        }
        for (_, t) in &drawn.tensors {
            written.insert(count(t.len() as f64));
            longest = t.shape().iter().fold(longest, |m, n| m.max(*n));
            let touched = t.iter().filter(|v| **v > 0.0).count();
            written.extend(tokens(&percent(touched as f64 / t.len().max(1) as f64)));
            let most = t.iter().fold(0.0f32, |m, v| m.max(*v));
            written.extend(tokens(&percent(f64::from(most))));
        }
        let second = drawn.setup.compare.iter().map(|(at, v)| (*at, v));
        for (at, value) in drawn.setup.values.0.iter().enumerate().chain(second) {
            let control = drawn.lab.controls()[at];
            if !matches!(control.kind, Kind::Choice(_)) {
                let text = control.write(value);
                written.extend(tokens(&text));
                // A text may be taken byte by byte.
                if matches!(control.kind, Kind::Text { .. }) {
                    written.extend(text.bytes().map(|byte| byte.to_string()));
                }
            }
        }
        for label in drawn.lab.labels(drawn.look.lang) {
            written.extend(label.options.iter().flat_map(|o| tokens(o)));
        }
        Known { written, longest }
    }

    fn holds(&self, token: &str, drawn: &Drawn) -> bool {
        if self.written.contains(token) {
            return true;
        }
        let Ok(value) = token.replace('−', "-").parse::<f64>() else { return false };
        if value == value.trunc() && value >= 0.0 && value <= self.longest as f64 {
            return true;
        }
        // Writing a number takes long: only those that may be it are written.
        let places = token.split_once('.').map_or(0, |(_, digits)| digits.len());
        let far = if token.contains('e') { 0.1 * value.abs() } else { 0.6 * 0.1f64.powi(places as i32) };
        let near = |v: f32| (f64::from(v.abs()) - value.abs()).abs() <= far + 1e-6 * value.abs();
        let is = |v: &f32| near(*v) && (writes(token, *v) || writes(token, v.abs()));
        drawn.tensors.iter().any(|(_, t)| t.iter().any(is))
    }
}

/// The numbers of a text, as they are written.
fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let (mut list, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let inside = at > 0 && (letters[at - 1].is_ascii_alphabetic() || letters[at - 1] == '_');
        if !letters[at].is_ascii_digit() || inside {
            at += 1;
            continue;
        }
        let signed =
            at > 0 && matches!(letters[at - 1], '−' | '-') && (at < 2 || !letters[at - 2].is_ascii_digit());
        let spaced = signed && at > 1 && letters[at - 2] == ' ' && letters.get(at).is_none();
        let mut token = if signed && !spaced { String::from("−") } else { String::new() };
        while at < letters.len() {
            let next = letters.get(at + 1).is_some_and(|c| c.is_ascii_digit());
            let after = letters.get(at + 2).is_some_and(|c| c.is_ascii_digit());
            match letters[at] {
                c if c.is_ascii_digit() => token.push(c),
                c @ ('.' | '\u{202f}') if next => token.push(c),
                'e' if next || (matches!(letters.get(at + 1), Some('−')) && after) => {
                    token.push('e');
                    if !next {
                        at += 1;
                        token.push('−');
                    }
                }
                _ => break,
            }
            at += 1;
        }
        list.push(token);
    }
    list
}

/// The numbers at a chart's axes are finite and lie as far apart as they say.
fn ticks(drawn: &Drawn, figure: &Figure) {
    let number = |text: &str| text.replace('−', "-").parse::<f64>().ok();
    let axis = |of: Anchor, along: fn(&(f64, f64)) -> f64, across: fn(&(f64, f64)) -> f64| {
        let mut groups: Vec<(f64, Vec<(f64, f64)>)> = Vec::new();
        for mark in &figure.scene.marks {
            let Mark::Text { at, text, mono: true, anchor, .. } = mark else { continue };
            let Some(value) = number(text).filter(|_| *anchor == of) else { continue };
            match groups.iter_mut().find(|(line, _)| (line - across(at)).abs() < 1.0) {
                Some((_, list)) => list.push((along(at), value)),
                None => groups.push((across(at), vec![(along(at), value)])),
            }
        }
        groups
    };
    let down = axis(Anchor::End, |p| p.1, |p| p.0);
    let right = axis(Anchor::Middle, |p| p.0, |p| p.1);
    let mut bottoms: Vec<f64> = right.iter().map(|(y, _)| *y).collect();
    bottoms.sort_by(f64::total_cmp);
    for (_, mut list) in right {
        list.sort_by(|a, b| a.0.total_cmp(&b.0));
        even(&list, &format!("{} {}: ticks {list:?}", drawn.what, figure.id));
    }
    for (_, mut list) in down {
        // Charts that stand below each other: each one's ticks end above those along its bottom.
        list.sort_by(|a, b| a.0.total_cmp(&b.0));
        let chart = |y: f64| bottoms.iter().filter(|bottom| **bottom < y).count();
        for chart in list.chunk_by(|a, b| chart(a.0) == chart(b.0)) {
            even(chart, &format!("{} {}: ticks {chart:?}", drawn.what, figure.id));
        }
    }
}

/// Numbers lie as far apart as they say, or as their logarithms do.
fn even(list: &[(f64, f64)], what: &str) {
    let (Some(first), Some(last)) = (list.first(), list.last()) else { return };
    assert!(list.iter().all(|(_, value)| value.is_finite()), "{what}");
    // Places are whole pixels, and three decimals are written.
    let along = |scale: fn(f64) -> f64, error: f64| {
        let (a, b) = (scale(first.1), scale(last.1));
        list.iter().find(|(at, value)| {
            let share = (at - first.0) / (last.0 - first.0);
            let slack = 2.5 * (b - a).abs() / (last.0 - first.0).abs() + error;
            list.len() >= 3 && (a + share * (b - a) - scale(*value)).abs() > slack
        })
    };
    if list.iter().all(|(_, value)| *value > 0.0) && along(f64::ln, 1e-3).is_none() {
        return;
    }
    assert_eq!(along(|v| v, 1.1e-3), None, "{what}");
}

/// A cell knows where it is: what `value_at` reads for the app is what the tensor holds.
#[test]
fn rows_and_columns_are_the_last_axes() {
    for (lab, setup, run) in runs(13, 50) {
        for (name, t) in run.tensors() {
            let (h, w) = extent(&t);
            let Focus { index, .. } = Focus { tensor: name, index: vec![0; t.ndim()] };
            let mut index = index;
            let n = index.len();
            (index[n - 2], index[n - 1]) = (h - 1, w - 1);
            assert_eq!(value_at(&t, h - 1, w - 1), t[&index[..]], "{} {name}", told(lab, &setup));
        }
    }
}
