//! Multi-head, grouped and multi-query attention: who shares keys and values, and what that saves.

use super::parts::{cut, placed};
use super::pointed;
use crate::labs::attention::AttentionLab;
use crate::labs::attention::explain::{REFERENCE, kinds_of, reference_gib};
use crate::labs::attention::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, stroke, text_width};
use crate::stage::text::{bytes, count, fill, number};

/// Draws it.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let f = look.font;
    let mut scene = Scene::new(look.width);
    let chosen = pointed(run, look).head;
    // Query heads above, key and value heads below, joined as they are shared.
    let label = (look.width * 0.24).min(f * 9.0);
    let step = ((look.width - label) / s.heads as f64).min(58.0);
    let side = (step * 0.62).min(30.0);
    let middle = |h: f64| label + (h + 0.5) * step;
    let group = s.heads as f64 / s.kv as f64;
    let (top, low) = (f * 0.8, f * 0.8 + side + 46.0);
    for h in 0..s.heads {
        let g = h * s.kv / s.heads;
        let to = middle((g as f64 + 0.5) * group - 0.5);
        let ink = if h == chosen { Ink::Ink } else { Ink::Ink3 };
        let width = if h == chosen { 2.2 } else { 1.2 } * look.stroke;
        scene.push(Mark::Line {
            points: vec![(middle(h as f64), top + side), (to, low)],
            stroke: stroke(ink, width),
        });
        let rect = Rect::new(middle(h as f64) - side / 2.0, top, side, side);
        scene.rect(rect, 5.0, (Ink::Panel, 1.0), Some(stroke(ink, width)));
    }
    for g in 0..s.kv {
        let x = middle((g as f64 + 0.5) * group - 0.5);
        let rect = Rect::new(x - side / 2.0, low, side, side);
        scene.rect(rect, 5.0, (Ink::Line2, 1.0), Some(stroke(Ink::Ink2, 1.2 * look.stroke)));
    }
    let size = f * 0.9;
    for (y, text) in [
        (top, fill(t.query_heads, &[("n", s.heads.to_string())])),
        (low, fill(t.kv_heads, &[("n", s.kv.to_string())])),
    ] {
        let small = size.min((label - 6.0) / text_width(&text, 1.0)).max(size * 0.55);
        placed(
            &mut scene,
            (0.0, y + side * 0.65),
            cut(&text, small, label - 4.0),
            small,
            Ink::Ink2,
            false,
            Anchor::Start,
        );
    }
    // The three kinds at these sizes.
    let mut y = low + side + f * 2.2;
    let columns = [0.0, 0.30, 0.50, 0.72].map(|share| share * look.width.min(760.0));
    let write = |scene: &mut Scene, y: f64, row: [String; 4], ink: Ink, bold: bool| {
        for (at, text) in row.into_iter().enumerate() {
            let end = columns.get(at + 1).copied().unwrap_or(look.width.min(760.0));
            let room = end - columns[at] - 8.0;
            let small =
                size.min(room / text_width(&text, 1.0) / if bold { 1.05 } else { 1.0 }).max(size * 0.55);
            placed(scene, (columns[at], y), cut(&text, small, room + 4.0), small, ink, bold, Anchor::Start);
        }
    };
    let header = [t.kind, t.parameters, t.cache_per_token, t.reference_cache].map(String::from);
    write(&mut scene, y, header, Ink::Ink2, false);
    y += f * 0.6;
    scene.push(Mark::Line {
        points: vec![(0.0, y), (look.width.min(760.0), y)],
        stroke: stroke(Ink::Line, look.stroke),
    });
    y += f * 1.5;
    let names = [t.multi_head, t.grouped, t.multi_query];
    for (at, (kv, parameters, cache)) in kinds_of(s).into_iter().enumerate() {
        let (_, _, of) = REFERENCE[at];
        let gib = reference_gib(of);
        let cached = if gib < 0.1 {
            format!("{} MiB", number(gib * 1024.0, 0))
        } else {
            format!("{} GiB", number(gib, 2))
        };
        let row = [fill(names[at], &[("n", kv.to_string())]), count(parameters), bytes(cache), cached];
        write(&mut scene, y, row, Ink::Ink, kv == s.kv);
        y += f * 1.7;
    }
    scene.reach(y);
    super::mask::write_lines(&mut scene, t.reference_is, look);
    let values = [("heads", s.heads.to_string()), ("kv", s.kv.to_string())];
    Figure {
        id: "kinds",
        title: t.kinds_title.into(),
        caption: fill(t.kinds_caption, &values),
        summary: fill(t.kinds_summary, &values),
        scene,
    }
}
