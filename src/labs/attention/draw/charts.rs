//! Heads in numbers, the study of the scale, and the work against the length.

use super::main_figure::kind_name;
use super::mask::write_lines;
use super::parts::{cut, placed, single};
use super::{cell, pointed};
use crate::labs::attention::AttentionLab;
use crate::labs::attention::explain::work;
use crate::labs::attention::text::Text;
use crate::stage::chart::{LineChart, Series, lines, log_lines};
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Anchor, Ink, Rect, Scene, text_width};
use crate::stage::text::{fill, number, percent};

/// Entropy, distance and share of each head; a click switches a head off.
pub fn heads(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let mut scene = Scene::new(look.width);
    let f = look.font;
    let chosen = pointed(run, look).head;
    let high = (f * 2.1).max(23.0);
    let label = (look.width * 0.3).min(f * 13.0);
    let column = ((look.width - label) / 3.0).min(240.0);
    let box_w = (f * 3.4).min(column * 0.42);
    let bar = column - box_w - 14.0;
    let values: Vec<f32> = o.measures.iter().copied().collect();
    let most = |at: usize| values.iter().skip(at).step_by(3).fold(0.0f32, |m, v| m.max(*v));
    let size = f * 0.9;
    for (at, title) in [t.entropy_bits, t.distance_tokens, t.share_of].into_iter().enumerate() {
        let x = label + at as f64 * column;
        let size = size.min((column - 6.0) / text_width(title, 1.0)).max(size * 0.6);
        placed(
            &mut scene,
            (x, f * 1.1),
            cut(title, size, column - 4.0),
            size,
            Ink::Ink2,
            false,
            Anchor::Start,
        );
    }
    let mut y = f * 1.9;
    // Every column has its own scale, so that bars compare heads.
    for h in 0..o.sizes.heads {
        let off = o.off.get(h) == Some(&true);
        let kind = if off { t.switched_off } else { o.kinds.get(h).map_or("", |k| kind_name(*k, t)) };
        let text = fill(t.head_kind, &[("h", (h + 1).to_string()), ("kind", kind.into())]);
        let small = size.min((label - 8.0) / text_width(&text, 1.0)).max(size * 0.7);
        let ink = if off { Ink::Warn } else { Ink::Ink };
        placed(
            &mut scene,
            (0.0, y + high * 0.66),
            cut(&text, small, label - 6.0),
            small,
            ink,
            h == chosen,
            Anchor::Start,
        );
        for at in 0..3 {
            let x = label + at as f64 * column;
            let value = cell(&o.measures, 0, h, at);
            let rect = Rect::new(x, y + 1.5, box_w, high - 3.0);
            single(&mut scene, &o.measures, "measures", [0, 0, h, at], rect, None);
            let long = if most(at) > 0.0 { bar * f64::from(value / most(at)) } else { 0.0 };
            let place = Rect::new(x + box_w + 5.0, y + high * 0.3, bar.max(0.0), high * 0.4);
            scene.rect(place, 2.0, (Ink::Line2, 0.8), None);
            scene.rect(Rect { w: long.max(0.0), ..place }, 2.0, (Ink::Ink2, 1.0), None);
        }
        y += high + 2.0;
    }
    scene.reach(y + 4.0);
    let values =
        [("h", (chosen + 1).to_string()), ("bits", number(f64::from(cell(&o.measures, 0, chosen, 0)), 2))];
    Figure {
        id: "heads",
        title: t.heads_title.into(),
        caption: t.heads_caption.into(),
        summary: fill(t.heads_summary, &values),
        scene,
    }
}

fn series(points: Vec<(f64, f64)>, ink: Ink, name: &str, dashed: bool) -> Series {
    Series { points, ink, name: name.into(), dashed }
}

/// Variance, entropy and gradient of scores with and without the division.
pub fn scale(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let study = &run.output.study;
    let rows = study.rows();
    let mut scene = Scene::new(look.width);
    let f = look.font;
    let columns = if look.width >= f * 55.0 { 3 } else { 1 };
    let gap = 18.0;
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let tall = 210.0;
    let at = |pick: usize, log: bool| -> Vec<(f64, f64)> {
        rows.iter().map(|r| (r[0].log2(), if log { r[pick].max(1e-9).log2() } else { r[pick] })).collect()
    };
    let theory: Vec<(f64, f64)> = rows.iter().map(|r| (r[0].log2(), r[0].log2())).collect();
    let charts = [
        (t.study_variance, at(1, true), at(4, true), Some(theory)),
        (t.study_entropy, at(2, false), at(5, false), None),
        (t.study_gradient, at(3, false), at(6, false), None),
    ];
    let mark = (run.output.main.sizes.dk as f64).log2();
    for (place, (title, without, with, theory)) in charts.into_iter().enumerate() {
        let (x, y) = if columns == 3 {
            (place as f64 * (room + gap), 0.0)
        } else {
            (0.0, place as f64 * (tall + f * 2.6))
        };
        scene.heading((x, y + f * 1.1), title, "", f, room - 2.0);
        let mut list =
            vec![series(without, Ink::Ink, t.undivided, false), series(with, Ink::Accent, t.divided, false)];
        list.extend(theory.map(|points| series(points, Ink::Ink3, t.theory, true)));
        let rect = Rect::new(x, y + f * 1.7, room, tall);
        let chart = LineChart {
            rect,
            series: &list,
            x_label: "log₂ d_k",
            mark: (mark <= 9.0 && rows.len() > 1).then_some(mark),
            font: f * 0.92,
            stroke: look.stroke,
        };
        lines(&mut scene, &chart);
    }
    let caption = if rows.len() < super::super::study::WIDTHS {
        fill(t.study_working, &[("share", percent(f64::from(study.share)))])
    } else {
        t.study_caption.into()
    };
    if rows.len() < 2 {
        scene.text((0.0, f * 4.0), cut(&caption, f, look.width - 4.0), f, Ink::Ink2);
    }
    scene.reach((scene.height + f * 0.4).max(f * 6.0));
    Figure { id: "scale", title: t.study_title.into(), caption, summary: t.study_summary.into(), scene }
}

/// Multiply-adds against the number of tokens; and the time that a head takes, measured, beside what they predict.
pub fn cost(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let f = look.font;
    let mut scene = Scene::new(look.width);
    let wide = look.width >= f * 55.0;
    let gap = 26.0;
    let room = if wide { (look.width - gap) / 2.0 } else { look.width };
    let tall = 270.0;
    let (per_token, per_pair) = work(s);
    let crossing = per_token / per_pair;
    let most = (crossing * 2.2).max(s.n as f64 * 1.2);
    let points = |f: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
        (0..=40).map(|k| most * f64::from(k) / 40.0).map(|n| (n, f(n) / 1e6)).collect()
    };
    let list = [
        series(points(&|n| n * per_token), Ink::Ink2, t.cost_projections, true),
        series(points(&|n| n * n * per_pair), Ink::Accent, t.cost_pairs, false),
    ];
    scene.heading((0.0, f * 1.1), t.cost_axis, "", f, room - 2.0);
    let rect = Rect::new(0.0, f * 1.7, room, tall);
    let chart = LineChart {
        rect,
        series: &list,
        x_label: t.tokens,
        mark: Some(s.n as f64),
        font: f * 0.92,
        stroke: look.stroke,
    };
    lines(&mut scene, &chart);
    // The clock's own chart.
    let timing = &run.output.timing;
    let rows = timing.rows();
    let (x, y) = if wide { (room + gap, 0.0) } else { (0.0, scene.height + f) };
    scene.heading((x, y + f * 1.1), t.timing_axis, "", f, room - 2.0);
    let of = |at: usize| rows.iter().map(|r| (r[0], r[at])).collect::<Vec<_>>();
    if rows.len() > 1 {
        let list = [
            series(of(3), Ink::Ink2, t.timing_predicted, true),
            series(of(2), Ink::Accent, t.timing_measured, false),
        ];
        let rect = Rect::new(x, y + f * 1.7, room - f * 1.2, tall);
        let chart = LineChart {
            rect,
            series: &list,
            x_label: t.tokens,
            mark: None,
            font: f * 0.92,
            stroke: look.stroke,
        };
        log_lines(&mut scene, &chart);
    }
    let working = fill(t.study_working, &[("share", percent(f64::from(timing.share)))]);
    let said = match timing.doublings() {
        Some((short, long)) => {
            let longest = rows.last().map_or(0.0, |r| r[2]);
            let values = [
                ("short", number(short, 1)),
                ("long", number(long, 1)),
                ("time", number(longest, if longest < 10.0 { 2 } else { 0 })),
                ("n", number(rows.last().map_or(0.0, |r| r[0]), 0)),
            ];
            let done = fill(t.timing_says, &values);
            if timing.share < 1.0 { format!("{done}{}{working}", look.lang.pick(" ", "")) } else { done }
        }
        None if timing.share >= 1.0 => t.timing_no_clock.into(),
        None => working,
    };
    if rows.len() < 2 {
        let place = Rect::new(x, y + f * 1.7, room, tall);
        scene.text((x, place.y + f * 2.0), cut(&said, f, room - 4.0), f, Ink::Ink2);
        scene.reach(place.bottom());
    } else {
        write_lines(&mut scene, &said, look);
    }
    let values = [("crossing", number(crossing.round(), 0)), ("n", s.n.to_string())];
    Figure {
        id: "cost",
        title: t.cost_title.into(),
        caption: fill(t.cost_caption, &values),
        summary: fill(t.cost_summary, &values),
        scene,
    }
}
