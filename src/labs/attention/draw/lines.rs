//! Lines between tokens: who asks on the left, who is looked at on the right, as thick as the weight.

use super::parts::{cut, placed, weight_scale};
use super::{cell, pointed};
use crate::labs::attention::AttentionLab;
use crate::labs::attention::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Anchor, Ink, Mark, Scene};
use crate::stage::text::{fill, number};

/// Weights below this are not drawn.
const LEAST: f32 = 0.03;

/// Draws it.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let at = pointed(run, look);
    let s = &o.sizes;
    let mut scene = Scene::new(look.width);
    let longest = s.n.max(s.m);
    let step = (560.0 / longest as f64).clamp(6.0, look.font * 2.0);
    let size = (step * 0.78).clamp(look.font * 0.55, look.font);
    let width = look.width.min(720.0);
    let label = (width * 0.26).min(look.font * 11.0);
    let (left, right) = (label, width - label);
    let top = look.font * 2.2;
    let small = look.font * 0.9;
    placed(
        &mut scene,
        (left - 8.0, small),
        cut(t.asks, small, left - 8.0),
        small,
        Ink::Ink2,
        false,
        Anchor::End,
    );
    placed(
        &mut scene,
        (right + 8.0, small),
        cut(t.looked_at, small, label - 10.0),
        small,
        Ink::Ink2,
        false,
        Anchor::Start,
    );
    let place = |i: usize| top + (i as f64 + 0.5) * step;
    let scale = weight_scale(o, at.head);
    let each = (size * 1.15 / step).ceil().max(1.0) as usize;
    // The pointed query's lines lie on top of the others.
    let order = (0..s.n).filter(|i| *i != at.i).chain([at.i]);
    for i in order {
        let here = i == at.i;
        for j in 0..s.m {
            let w = cell(&o.weights, at.head, i, j);
            if w.abs() < LEAST {
                continue;
            }
            let half = f64::from(w.abs()).min(1.0) * step * 0.42;
            let (a, b) = (place(i), place(j));
            scene.push(Mark::Area {
                points: vec![(left, a - half), (right, b - half), (right, b + half), (left, a + half)],
                fill: (
                    Ink::Value { scale, value: if w < 0.0 { w.min(-0.4) } else { w.max(0.4) } },
                    if here { 0.95 } else { 0.22 },
                ),
            });
        }
    }
    let side = |scene: &mut Scene, labels: &[String], x: f64, anchor: Anchor, chosen: usize, room: f64| {
        for (i, text) in labels.iter().enumerate() {
            let here = i == chosen;
            let near = each > 1 && i.abs_diff(chosen) < each && !here;
            if (i % each == 0 || here) && !near {
                let ink = if here { Ink::Ink } else { Ink::Ink2 };
                placed(scene, (x, place(i) + size * 0.35), cut(text, size, room), size, ink, here, anchor);
            }
        }
    };
    side(&mut scene, &o.labels.0, left - 8.0, Anchor::End, at.i, left - 10.0);
    side(&mut scene, &o.labels.1, right + 8.0, Anchor::Start, at.j, label - 10.0);
    scene.reach(top + longest as f64 * step + 6.0);
    let name = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let values = [
        ("h", (at.head + 1).to_string()),
        ("query", name(&o.labels.0, at.i)),
        ("key", name(&o.labels.1, at.j)),
        ("weight", number(f64::from(cell(&o.weights, at.head, at.i, at.j)), 3)),
    ];
    Figure {
        id: "lines",
        title: t.lines_title.into(),
        caption: fill(t.lines_caption, &values),
        summary: fill(t.lines_summary, &values),
        scene,
    }
}
