//! Numbers, formulas and sentences that belong to a state of the lab.

mod facts;
mod formulas;
mod network;
mod tables;

use super::ReceptiveField;
use super::compute::{Extra, Output};
use super::jobs::random;
use super::params::{Activation, Measure, Panel, Params, Scaling};
use super::snippets;
use super::text::Text;
use crate::stage::insight::{Insight, Note, Piece};
use crate::stage::lab::{Look, Ran, Shared};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{fill, number, percent};
pub use facts::facts;

/// σ along the columns on paper, of ways that choose among all taps alike.
pub fn sigma_theory(run: &Ran<ReceptiveField>) -> f64 {
    run.output.sigmas.last().map_or(0.0, |s| s.1)
}

/// σ that the chosen measure should have: the mean square of random weights follows the theory, and its root, to which
/// their mean size is proportional, is √2 wider.
pub fn expected_sigma(run: &Ran<ReceptiveField>) -> f64 {
    let root = random(&run.params) && run.params.measure != Measure::Squared;
    sigma_theory(run) * if root { std::f64::consts::SQRT_2 } else { 1.0 }
}

/// The slope of a line through the logarithms of points from depth 8 on; `None` with fewer than three.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> =
        points.iter().filter(|p| p.0 >= 8.0 && p.1 > 0.0).map(|p| (p.0.ln(), p.1.ln())).collect();
    if logs.len() < 3 {
        return None;
    }
    let n = logs.len() as f64;
    let (mx, my) = logs.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (xy, xx) =
        logs.iter().fold((0.0, 0.0), |(a, b), p| (a + (p.0 - mx) * (p.1 - my), b + (p.0 - mx) * (p.0 - mx)));
    Some(xy / xx)
}

/// The smallest depth whose field (0) or 95 % square (1) is as wide as the object.
pub fn covering(run: &Ran<ReceptiveField>, column: usize) -> Option<usize> {
    let Extra::Object(Some(found)) = &run.output.extra else { return None };
    let object = run.params.object as f32;
    (0..found.shape()[0]).find(|i| value_at(found, *i, column) >= object).map(|i| i + 1)
}

/// Channels of the layers, which count even where one is computed for all.
fn channels(p: &Params) -> usize {
    usize::try_from(p.channels).unwrap_or(1)
}

/// The sum of a map.
pub fn mass(map: &Shared) -> f64 {
    map.iter().map(|v| f64::from(*v)).sum()
}

/// The share of an axis of the field that some way reaches.
pub fn comb_share(o: &Output, axis: usize) -> f64 {
    let comb = &o.combs[axis];
    comb.iter().filter(|on| **on).count() as f64 / comb.len().max(1) as f64
}

/// The share of the field that lies on padding.
fn padding_share(run: &Ran<ReceptiveField>) -> f64 {
    let (h, w) = run.output.support.size();
    let inside = run.output.support.on_input(run.params.size).map_or((0, 0), |part| part.size());
    1.0 - (inside.0 * inside.1) as f64 / ((h * w).max(1)) as f64
}

/// What stands beside the figures.
pub fn insight(run: &Ran<ReceptiveField>, look: &Look) -> Insight {
    let snippets = snippets::list(run, look.lang);
    if let Some(n) = &run.output.published {
        return network::insight(run, n, snippets, look);
    }
    Insight {
        equation: equation(run, look),
        answer: answer(run, look),
        formulas: formulas::formulas(run, look),
        notes: notes(run, look),
        tables: tables::tables(run, look),
        snippets,
    }
}

fn by((h, w): (i64, i64)) -> String {
    format!("{h} × {w}")
}

/// The pointed pixel: its gradient, and what share of all that is.
fn equation(run: &Ran<ReceptiveField>, look: &Look) -> Vec<Piece> {
    let t = Text::of(look.lang);
    let o = &run.output;
    let unit = o.scene.unit;
    let pixel = look.focus.filter(|f| matches!(f.tensor, "input" | "gradient" | "shown" | "coverage"));
    let (row, column) = match pixel.map(|f| &f.index[..]) {
        Some(&[.., r, c]) if r < run.params.size.0 && c < run.params.size.1 => (r, c),
        _ => {
            let centre = o.scene.centre();
            let near = |c: f64, n: usize| c.clamp(0.0, n.saturating_sub(1) as f64) as usize;
            (near(centre.0, run.params.size.0), near(centre.1, run.params.size.1))
        }
    };
    let Some(stats) = &o.stats else { return vec![Piece::Plain(t.not_yet.into())] };
    let value = f64::from(value_at(&o.gradient, row, column));
    let name = match run.params.measure {
        Measure::Abs => "|∂y/∂x|",
        Measure::Squared => "(∂y/∂x)²",
        Measure::Signed => "∂y/∂x",
    };
    let mut list = vec![
        Piece::Plain(format!("y[{}, {}], x[{row}, {column}]: {name} =", unit.0, unit.1)),
        Piece::Strong(number(value, 6)),
    ];
    list.push(Piece::Plain(fill(t.of_all, &[("share", percent(value.abs() / stats.total))])));
    list
}

/// What is seen now, in one or two sentences.
fn answer(run: &Ran<ReceptiveField>, look: &Look) -> String {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let size = by(o.support.size());
    let (on, all) = o.covered;
    match (p.panel, &o.extra) {
        (Panel::Coverage, _) => {
            let values = [
                ("on", on.to_string()),
                ("all", all.to_string()),
                ("share", percent(on as f64 / all.max(1) as f64)),
            ];
            return fill(if on == all { t.answer_covered } else { t.answer_gaps }, &values);
        }
        (Panel::Object, Extra::Object(Some(_))) => {
            let values = [
                ("object", p.object.to_string()),
                ("field", covering(run, 0).map_or(t.no_depth.to_string(), |n| n.to_string())),
                ("held", covering(run, 1).map_or(t.no_depth.to_string(), |n| n.to_string())),
            ];
            return fill(t.answer_object, &values);
        }
        (Panel::Growth, Extra::Growth(Some(_))) => return t.answer_growth.into(),
        (Panel::Border, Extra::Border(maps, _)) => {
            if let Some(map) = maps.first().and_then(|(_, map)| map.as_ref()) {
                return fill(t.answer_border, &[("share", percent(mass(map)))]);
            }
        }
        (Panel::Back, Extra::Back(_, cell, counts)) => {
            let last = counts.last().copied().unwrap_or((0, 0));
            let values = [
                ("row", cell.0.to_string()),
                ("column", cell.1.to_string()),
                ("h", last.0.to_string()),
                ("w", last.1.to_string()),
            ];
            return fill(t.answer_back, &values);
        }
        _ => {}
    }
    match &o.stats {
        Some(stats) => {
            let side = stats.held[2].side.to_string();
            fill(t.answer, &[("size", size), ("side", side)])
        }
        None if o.sums.is_some() => fill(t.answer_nothing, &[("size", size)]),
        None => fill(t.answer_waiting, &[("size", size)]),
    }
}

fn notes(run: &Ran<ReceptiveField>, look: &Look) -> Vec<Note> {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut list = Vec::new();
    let mut say = |warns: bool, text: String| list.push(Note { warns, text });
    if let Some(share) = o.working.filter(|share| *share < 1.0) {
        say(false, fill(t.working, &[("share", percent(f64::from(share)))]));
    }
    say(
        false,
        match p.measure {
            Measure::Abs if random(p) => t.means_abs_random,
            Measure::Abs => t.means_abs,
            Measure::Squared if random(p) => t.means_squared_random,
            Measure::Squared => t.means_squared,
            Measure::Signed => t.means_signed,
        }
        .into(),
    );
    match p.scale {
        Scaling::Linear => {}
        Scaling::Sqrt => say(false, t.means_sqrt.into()),
        Scaling::Log => say(false, t.means_log.into()),
    }
    if padding_share(run) > 0.0 {
        say(false, fill(t.on_padding, &[("share", percent(padding_share(run)))]));
    }
    let (on, all) = o.covered;
    if on < all && p.panel != Panel::Coverage {
        say(true, fill(t.gaps, &[("share", percent(on as f64 / all.max(1) as f64))]));
    }
    let apart = o.scene.maps.iter().fold(0.0f64, |m, map| m.max(map.apart.0).max(map.apart.1));
    if apart > 0.0 {
        say(true, fill(t.not_aligned, &[("apart", number(apart, 2))]));
    }
    if o.scene.stack.layers.iter().any(|l| l.stride != (1, 1)) {
        say(false, t.stride_later.into());
    }
    if p.activation == Activation::Sigmoid || p.activation == Activation::Tanh {
        say(false, t.saturates.into());
    }
    if p.dropout > 0.0 {
        say(false, fill(t.dropout_means, &[("keep", number(1.0 - f64::from(p.dropout), 2))]));
    }
    if p.norm {
        say(false, t.norm_is.into());
    }
    list
}
