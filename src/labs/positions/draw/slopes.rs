//! ALiBi's slopes and T5's buckets.

use super::main_figure::sentence;
use super::plot::{Line, Plot, gutter};
use crate::labs::positions::Positions;
use crate::labs::positions::compute::Extra;
use crate::labs::positions::params::BUCKETS;
use crate::labs::positions::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{extent, legend, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};

/// A slope as people write it: `1/8`, or its digits.
pub fn slope(run: &Ran<Positions>, head: usize) -> String {
    let inverse = f64::from(value_at(&run.output.slope_inverses, 0, head));
    if (inverse - inverse.round()).abs() < 1e-6 * inverse {
        format!("1/{}", number(inverse.round(), 0))
    } else {
        number(f64::from(value_at(&run.output.slopes, 0, head)), 4)
    }
}

/// The penalty of each head against the distance.
pub fn slopes(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let (t, p) = (Text::of(look.lang), &run.params);
    let mut scene = Scene::new(look.width);
    let (font, heads) = (look.font, p.heads());
    const FAR: usize = 16;
    let of = |h: usize| f64::from(value_at(&run.output.slopes, 0, h));
    let steepest = (0..heads).map(of).fold(0.0, f64::max);
    let names: Vec<String> = (0..heads)
        .map(|h| fill(t.head_slope, &[("head", h.to_string()), ("slope", slope(run, h))]))
        .collect();
    let widest = names.iter().map(|n| text_width(n, font)).fold(0.0, f64::max);
    let right = (widest + 30.0).min(look.width * 0.55);
    let lines: Vec<Line> = (0..heads)
        .map(|h| {
            let shown = h == p.shown();
            let points = vec![(0.0, 0.0), (FAR as f64, -of(h) * FAR as f64)];
            Line {
                points,
                ink: if shown { Ink::Ink } else { Ink::Ink3 },
                width: if shown { 2.6 } else { 1.2 },
                dashed: false,
            }
        })
        .collect();
    let high = (heads as f64 * font * 1.35 + font).max(220.0);
    let ticks: Vec<(f64, String)> = [0, 4, 8, 12, FAR].iter().map(|d| (*d as f64, d.to_string())).collect();
    let low = -steepest * FAR as f64;
    let ends = ("0".to_string(), number(low, 2));
    let left = gutter(&ends, font * 0.92);
    let plot = Plot {
        rect: Rect::new(left, 2.0, look.width - right - left, high),
        x: (0.0, FAR as f64),
        y: (low, 0.0),
        lines: &lines,
        ticks: &ticks,
        ends,
        ends_at: (0.0, low),
        mark: None,
        font: font * 0.92,
    };
    let bottom = plot.draw(&mut scene, look);
    // Names at the ends of the lines, pushed apart.
    let mut order: Vec<usize> = (0..heads).collect();
    order.sort_by(|a, b| of(*a).total_cmp(&of(*b)));
    let mut last = f64::NEG_INFINITY;
    for (at, h) in order.iter().enumerate() {
        let end = plot.place((FAR as f64, -of(*h) * FAR as f64));
        let below = (heads - 1 - at) as f64 * font * 1.3;
        let y = (end.1 + font * 0.35).max(last + font * 1.3).min(high - below).max(font);
        last = y;
        let shown = *h == p.shown();
        let ink = if shown { Ink::Ink } else { Ink::Ink2 };
        let points = vec![end, (end.0 + 14.0, y - font * 0.35)];
        scene.push(Mark::Line {
            points,
            stroke: stroke(if shown { Ink::Ink } else { Ink::Line }, look.stroke),
        });
        let size = font.min((right - 22.0) / text_width(&names[*h], 1.0));
        let (bold, mono, anchor) = (shown, false, Anchor::Start);
        scene.push(Mark::Text {
            at: (end.0 + 18.0, y),
            text: names[*h].clone(),
            size,
            ink,
            bold,
            mono,
            anchor,
        });
    }
    scene.text((left, bottom + font), t.distance_axis, font * 0.92, Ink::Ink2);
    scene.reach(bottom + font * 1.5);
    let below = scene.height + font * 0.4;
    let note = if heads.is_power_of_two() { t.slopes_note } else { t.slopes_odd };
    sentence(&mut scene, (0.0, below), note, (font * 0.95, look.width), Ink::Ink2);
    let list: Vec<String> = (0..heads).map(|h| slope(run, h)).collect();
    let values = [("heads", heads.to_string()), ("list", list.join(look.lang.pick(", ", "，")))];
    Some(Figure {
        id: "panel",
        title: t.slopes_title.into(),
        caption: t.slopes_caption.into(),
        summary: fill(t.slopes_summary, &values),
        scene,
    })
}

/// Which distances share a bucket, and what each adds.
pub fn buckets(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let Extra::Buckets { bias, starts, causal, both } = &run.output.extra else { return None };
    let (t, p) = (Text::of(look.lang), &run.params);
    let mut scene = Scene::new(look.width);
    let font = look.font;
    let first = |tensor: &Shared, from: i64, title: &str, remark: &str, scene: &mut Scene, on: bool| {
        let top = scene.height + if scene.height > 0.0 { font * 0.9 } else { 0.0 };
        scene.heading((0.0, top + font), title, remark, font, look.width);
        strip(tensor, from, (top + font * 1.5, on), look, scene);
    };
    first(causal, 0, t.strip_causal, t.strip_causal_of, &mut scene, !p.bidirectional);
    first(both, -68, t.strip_both, t.strip_both_of, &mut scene, p.bidirectional);

    // What the shown head adds in each bucket, and where each bucket begins.
    let top = scene.height + font * 1.0;
    let remark = fill(t.head_only, &[("head", p.shown().to_string()), ("heads", p.heads().to_string())]);
    scene.heading((0.0, top + font), t.bias_title, &remark, font, look.width);
    let per_row = if look.width >= 32.0 * 27.0 {
        32
    } else if look.width >= 16.0 * 27.0 {
        16
    } else {
        8
    };
    let wide = look.width / per_row as f64;
    let scale = Scale::Signed { limit: bias.iter().fold(0.0, |m, v| m.max(v.abs())) };
    let size = (font * 0.9).min((wide - 4.0) / text_width("−0.00", 1.0));
    let mut y = top + font * 1.6;
    for row in 0..BUCKETS / per_row {
        for c in 0..per_row {
            let b = row * per_row + c;
            let x = c as f64 * wide;
            // In both directions no distance ever falls into the first bucket ahead.
            let used = !(p.bidirectional && b == BUCKETS / 2);
            let value = value_at(bias, 0, b);
            scene.text_middle((x + wide / 2.0, y + size), b.to_string(), size, Ink::Ink2);
            let rect = Rect::new(x, y + size * 1.4, wide, font * 1.9).grown(-0.8);
            scene.push(Mark::Cell {
                rect,
                value,
                origin: Origin { tensor: "bucket_bias", index: vec![0, b] },
                scale: Some(scale),
                text: number(f64::from(value), 2),
                size,
                strong: false,
                stroke: None,
                hidden: !used,
            });
            let start = if used { number(f64::from(value_at(starts, 0, b)), 0) } else { "–".into() };
            scene.text_middle((x + wide / 2.0, y + size * 2.4 + font * 1.9), start, size, Ink::Ink);
        }
        y += size * 2.8 + font * 2.4;
        scene.reach(y);
    }
    legend(&mut scene, (0.0, y), 130.0_f64.min(look.width * 0.5), scale, font * 0.85);
    let below = scene.height + font * 0.2;
    sentence(&mut scene, (0.0, below), t.bias_note, (font * 0.95, look.width), Ink::Ink2);
    let summary = if p.bidirectional { t.buckets_summary_both } else { t.buckets_summary };
    Some(Figure {
        id: "panel",
        title: t.buckets_title.into(),
        caption: t.buckets_caption.into(),
        summary: summary.into(),
        scene,
    })
}

/// Distances from left to right, a box for each bucket.
fn strip(tensor: &Shared, from: i64, (top, on): (f64, bool), look: &Look, scene: &mut Scene) {
    let (_, n) = extent(tensor);
    let font = look.font * 0.9;
    let wide = look.width / n as f64;
    let of = |at: usize| value_at(tensor, 0, at);
    let mut start = 0;
    let mut nth = 0;
    let mut ends = Vec::new();
    for at in 1..=n {
        if at < n && of(at) == of(start) {
            continue;
        }
        let rect = Rect::new(start as f64 * wide, top, (at - start) as f64 * wide, font * 2.2);
        let opacity = if nth % 2 == 0 { 0.24 } else { 0.10 };
        scene.rect(rect.grown(-0.4), 2.0, (Ink::Ink, opacity), None);
        let said = number(f64::from(of(start)), 0);
        if text_width(&said, font) + 3.0 <= rect.w {
            scene.text_middle((rect.center().0, top + font * 1.45), said, font, Ink::Ink);
        }
        ends.push(start);
        (start, nth) = (at, nth + 1);
    }
    if on {
        let line = Stroke { ink: Ink::Accent, width: 1.8 * look.stroke, dashed: false };
        scene.rect(
            Rect::new(0.0, top, look.width, font * 2.2).grown(-0.5),
            3.0,
            (Ink::None, 0.0),
            Some(line),
        );
    }
    // Where buckets begin, as far as the numbers fit.
    let mut free = f64::NEG_INFINITY;
    for at in ends {
        let said = number(from as f64 + at as f64, 0);
        let half = text_width(&said, font) / 2.0;
        let x = ((at as f64 + 0.5) * wide).clamp(half, look.width - half);
        if x - half > free + 5.0 {
            scene.text_middle((x, top + font * 3.4), said, font, Ink::Ink2);
            free = x + half;
        }
    }
    scene.reach(top + font * 3.9);
}
