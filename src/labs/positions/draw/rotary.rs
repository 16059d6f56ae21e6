//! Pairs of numbers as arrows that turn with the position.

use super::main_figure::sentence;
use super::word;
use crate::labs::positions::Positions;
use crate::labs::positions::params::Scaling;
use crate::labs::positions::rotary::{PLACES, pair};
use crate::labs::positions::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};

type Point = (f64, f64);

fn arrow(scene: &mut Scene, from: Point, to: Point, look: Stroke) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let long = (dx * dx + dy * dy).sqrt();
    scene.push(Mark::Line { points: vec![from, to], stroke: look });
    if long > 4.0 {
        let (ux, uy) = (dx / long, dy / long);
        let head = (long * 0.4).min(9.0);
        let side = |turn: f64| (to.0 - head * (ux + turn * uy * 0.45), to.1 - head * (uy - turn * ux * 0.45));
        scene.push(Mark::Area { points: vec![to, side(1.0), side(-1.0)], fill: (look.ink, 1.0) });
    }
}

/// Draws it.
pub fn figure(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let mut scene = Scene::new(look.width);
    let font = look.font;
    let pairs = r.speed.len();
    let place = |n: i64| usize::try_from(n).unwrap_or(0) + p.first();
    let (qp, kp) = (place(p.q_position), place(p.k_position));
    let words = (word(p, r.tokens.0, look.lang), word(p, r.tokens.1, look.lang));

    // Which arrow is which, with the positions.
    let mut x = 0.0;
    let mut y = font;
    for (name, said, position, ink, dashed) in
        [("q", &words.0, qp, Ink::Ink, false), ("k", &words.1, kp, Ink::Ink2, true)]
    {
        let values =
            [("which", name.to_string()), ("word", said.clone()), ("position", position.to_string())];
        let text = fill(t.at_position, &values);
        let wide = 34.0 + text_width(&text, font) + 18.0;
        if x > 0.0 && x + wide > look.width {
            (x, y) = (0.0, y + font * 1.6);
        }
        let line = Stroke { ink, width: if dashed { 1.8 } else { 2.6 } * look.stroke, dashed };
        arrow(&mut scene, (x, y - font * 0.35), (x + 28.0, y - font * 0.35), line);
        scene.text((x + 34.0, y), text, font, Ink::Ink);
        x += wide;
    }
    y = rulers(run, look, &mut scene, y + font * 0.9);
    // Circles: all pairs when few, else evenly chosen ones.
    let size = |i: usize, v: &[f64]| {
        let (a, b) = pair(p.layout, i, pairs);
        (v[a] * v[a] + v[b] * v[b]).sqrt()
    };
    let longest = (0..pairs).map(|i| size(i, &r.q).max(size(i, &r.k))).fold(1e-30, f64::max);
    let least = text_width(t.degrees_step, font * 0.9).max(104.0);
    let fit = ((look.width / least) as usize).clamp(1, 6);
    let columns = fit.min(pairs);
    let count = if columns < 3 { (2 * columns).min(pairs) } else { columns };
    let chosen: Vec<usize> =
        (0..count).map(|c| if count > 1 { c * (pairs - 1) / (count - 1) } else { 0 }).collect();
    let room = look.width / columns as f64;
    let radius = (room / 2.0 - 8.0).min(66.0);
    let mut top = y + font * 1.2;
    for (at, &i) in chosen.iter().enumerate() {
        let column = at % columns;
        if at > 0 && column == 0 {
            top = scene.height + font * 0.8;
        }
        let center = (room * (column as f64 + 0.5), top + font * 1.5 + radius);
        let (a, b) = pair(p.layout, i, pairs);
        let values = [("a", a.to_string()), ("b", b.to_string())];
        let name = fill(t.pair_name, &values);
        let fits = (font * 0.95).min((room - 6.0) / text_width(&name, 1.0));
        scene.text_middle((center.0, top + font), name, fits, Ink::Ink);
        let circle = |from: f64, to: f64, r: f64| -> Vec<Point> {
            (0..=48)
                .map(|s| {
                    let angle = from + (to - from) * s as f64 / 48.0;
                    (center.0 + r * angle.cos(), center.1 - r * angle.sin())
                })
                .collect()
        };
        let round = std::f64::consts::TAU;
        scene.push(Mark::Area { points: circle(0.0, round, radius), fill: (Ink::Line2, 0.6) });
        scene.push(Mark::Line { points: circle(0.0, round, radius), stroke: stroke(Ink::Line, look.stroke) });
        let angle = |v: &[f64], position: usize| v[b].atan2(v[a]) + position as f64 * r.speed[i];
        // Ticks: where the query stood at earlier positions.
        for back in 1..=7usize {
            if let Some(earlier) = qp.checked_sub(back) {
                let angle = angle(&r.q, earlier);
                let dot = |r: f64| (center.0 + r * angle.cos(), center.1 - r * angle.sin());
                let points = vec![dot(radius * 0.88), dot(radius * 0.98)];
                scene.push(Mark::Line { points, stroke: stroke(Ink::Ink3, 1.6 * look.stroke) });
            }
        }
        let gap = f64::from(value_at(&r.gaps, 0, i)).to_radians();
        let from = angle(&r.k, kp);
        scene.push(Mark::Line {
            points: circle(from, from + gap, radius * 0.3),
            stroke: stroke(Ink::Ink, 1.4 * look.stroke),
        });
        for (v, position, ink, width, dashed) in
            [(&r.k, kp, Ink::Ink2, 1.8, true), (&r.q, qp, Ink::Ink, 2.6, false)]
        {
            let (angle, long) = (angle(v, position), radius * 0.96 * size(i, v) / longest);
            let tip = (center.0 + long * angle.cos(), center.1 - long * angle.sin());
            arrow(&mut scene, center, tip, Stroke { ink, width: width * look.stroke, dashed });
        }
        let degrees = f64::from(value_at(&r.degrees, 0, i));
        let decimals = if degrees < 1.0 { 4 } else { 1 };
        let lines = [
            fill(t.degrees_step, &[("angle", number(degrees, decimals))]),
            fill(t.degrees_gap, &[("angle", number(f64::from(value_at(&r.gaps, 0, i)), 1))]),
        ];
        for (at, line) in lines.iter().enumerate() {
            let size = (font * 0.92).min((room - 4.0) / text_width(line, 1.0));
            let y = center.1 + radius + font * (1.3 + 1.35 * at as f64);
            scene.text_middle((center.0, y), line.clone(), size, if at == 0 { Ink::Ink2 } else { Ink::Ink });
        }
        scene.reach(center.1 + radius + font * 3.2);
    }
    shifts(run, look, &mut scene);
    beyond(run, look, &mut scene);
    let values = [
        ("q", qp.to_string()),
        ("k", kp.to_string()),
        ("score", number(r.score, 4)),
        ("distance", (qp as f64 - kp as f64).abs().to_string()),
    ];
    Some(Figure {
        id: "panel",
        title: t.rotary_title.into(),
        caption: t.rotary_caption.into(),
        summary: fill(t.rotary_summary, &values),
        scene,
    })
}

/// Places that a click moves the query, the key, or both to. Gives where they end.
fn rulers(run: &Ran<Positions>, look: &Look, scene: &mut Scene, top: f64) -> f64 {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let font = look.font;
    let mut y = sentence(scene, (0.0, top), t.ruler_hint, (font * 0.95, look.width), Ink::Ink2) + font * 0.3;
    let names = [t.shift_q, t.shift_k, t.ruler_shift];
    let here = [p.q_position + p.offset, p.k_position + p.offset, p.offset];
    let beside = look.width >= font * 40.0;
    let size = font * 0.95;
    let label =
        if beside { names.iter().fold(0.0f64, |w, n| w.max(text_width(n, size))) + 10.0 } else { 0.0 };
    let wide = ((look.width - label) / PLACES as f64).min(56.0);
    let high = (font * 1.9).max(24.0);
    for (row, name) in names.into_iter().enumerate() {
        let at = (0.0, if beside { y + high * 0.66 } else { y + font });
        scene.text(at, name, size, Ink::Ink2);
        if !beside {
            y += font * 1.4;
        }
        for c in 0..PLACES {
            let value = value_at(&r.ruler, row, c);
            let chosen = value as i64 == here[row];
            let text = number(f64::from(value), 0);
            let rect = Rect::new(label + c as f64 * wide, y, wide, high).grown(-1.2);
            let line = Stroke {
                ink: if chosen { Ink::Ink } else { Ink::Line },
                width: if chosen { 2.4 } else { 1.0 } * look.stroke,
                dashed: chosen && row == 1,
            };
            scene.push(Mark::Cell {
                rect,
                value,
                origin: Origin { tensor: "ruler", index: vec![row, c] },
                scale: None,
                size: font.min((wide - 6.0) / text_width(&text, 1.0)),
                text,
                strong: chosen,
                stroke: Some(line),
                hidden: false,
            });
        }
        y += high + 2.0;
    }
    scene.reach(y);
    y
}

/// The same query and key, moved together: the table of both scores.
fn shifts(run: &Ran<Positions>, look: &Look, scene: &mut Scene) {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let font = look.font;
    let mut top = scene.height + font * 0.9;
    scene.heading((0.0, top + font), t.shift_title, "", font, look.width);
    top += font * 1.6;
    let names = [t.shift_q, t.shift_k, t.shift_rope, t.shift_sinusoidal];
    let wide = (look.width / 4.0).min(130.0);
    let size = names.iter().map(|n| (wide - 8.0) / text_width(n, 1.0)).fold(font * 0.95, f64::min);
    for (c, name) in names.iter().enumerate() {
        scene.text_middle(((c as f64 + 0.5) * wide, top + font), *name, size, Ink::Ink2);
    }
    top += font * 1.5;
    let rows = r.shifted.shape().first().copied().unwrap_or(0);
    let high = font * 1.7;
    let current = p.q_position + p.offset;
    for row in 0..rows {
        for c in 0..4 {
            let value = value_at(&r.shifted, row, c);
            let here = f64::from(value_at(&r.shifted, row, 0)) == current as f64;
            let rect = Rect::new(c as f64 * wide, top, wide, high).grown(-1.0);
            let text = number(f64::from(value), 4);
            scene.push(Mark::Cell {
                rect,
                value,
                origin: Origin { tensor: "shifted", index: vec![row, c] },
                scale: None,
                size: font.min((wide - 8.0) / text_width(&text, 1.0)),
                text,
                strong: here,
                stroke: Some(stroke(if here { Ink::Ink } else { Ink::Line }, look.stroke)),
                hidden: false,
            });
        }
        top += high;
        scene.reach(top);
    }
    let values = [("rope", number(r.moves[0], 4)), ("sinusoidal", number(r.moves[1], 4))];
    let says = fill(t.shift_says, &values);
    top = sentence(scene, (0.0, top + font * 0.2), &says, (font * 0.95, look.width), Ink::Ink);
    let dynamic = p.scaling == Scaling::Dynamic;
    let note = if dynamic { t.shift_dynamic } else { t.shift_note };
    sentence(scene, (0.0, top + font * 0.2), note, (font * 0.95, look.width), Ink::Ink2);
}

/// After how many positions each pair has turned once, against the trained length.
fn beyond(run: &Ran<Positions>, look: &Look, scene: &mut Scene) {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let font = look.font;
    let pairs = r.speed.len();
    let mut top = scene.height + font * 0.9;
    scene.heading((0.0, top + font), t.turns_title, "", font, look.width);
    top += font * 1.8;
    let scaled = p.scaling != Scaling::None;
    let of = |row: usize, i: usize| f64::from(value_at(&r.turns, row, i));
    let (mut low, mut high) = (p.trained() as f64, p.trained() as f64);
    for i in 0..pairs {
        for row in [0, 1] {
            (low, high) = (low.min(of(row, i)), high.max(of(row, i)));
        }
    }
    let (low, high) = (low.ln() - 0.2, high.ln() + 0.2);
    let value_room = text_width("62832", font) + 6.0;
    let label = text_width("63", font) + 8.0;
    let bar = (look.width - label - value_room * if scaled { 2.0 } else { 1.0 }).max(40.0);
    let x = |v: f64| label + bar * ((v.ln() - low) / (high - low)).clamp(0.0, 1.0);
    let shown: Vec<usize> =
        if pairs <= 12 { (0..pairs).collect() } else { (0..12).map(|c| c * (pairs - 1) / 11).collect() };
    let start = top;
    for i in shown {
        let y = top + font * 0.75;
        let text = |at, text: String, anchor, ink| Mark::Text {
            at,
            text,
            size: font * 0.92,
            ink,
            bold: false,
            mono: false,
            anchor,
        };
        scene.push(text((label - 6.0, y + font * 0.33), i.to_string(), Anchor::End, Ink::Ink2));
        let never = of(usize::from(scaled), i) > p.trained() as f64;
        let dashes = |dashed| Stroke {
            ink: if dashed { Ink::Ink3 } else { Ink::Ink },
            width: 2.4 * look.stroke,
            dashed,
        };
        scene.push(Mark::Line { points: vec![(label, y), (x(of(1, i)), y)], stroke: dashes(never) });
        let mut end = look.width;
        for row in if scaled { vec![1, 0] } else { vec![0] } {
            let value = of(row, i);
            let written = number(value, if value < 100.0 { 1 } else { 0 });
            let ink = if row == 1 || !scaled { Ink::Ink } else { Ink::Ink3 };
            scene.push(text((end, y + font * 0.33), written, Anchor::End, ink));
            end -= value_room;
        }
        if scaled {
            let place = x(of(0, i));
            scene.push(Mark::Line {
                points: vec![(place, y - 4.0), (place, y + 4.0)],
                stroke: stroke(Ink::Ink3, 1.4 * look.stroke),
            });
        }
        top += font * 1.4;
    }
    let at = x(p.trained() as f64);
    let line = Stroke { ink: Ink::Ink2, width: 1.3 * look.stroke, dashed: true };
    scene.push(Mark::Line { points: vec![(at, start), (at, top)], stroke: line });
    scene.reach(top);
    let note = fill(t.turns_note, &[("length", p.trained().to_string())]);
    let note = if scaled { format!("{note}{}{}", look.lang.pick(" ", ""), t.turns_scaled) } else { note };
    sentence(scene, (0.0, top + font * 0.2), &note, (font * 0.95, look.width), Ink::Ink2);
}
