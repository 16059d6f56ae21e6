//! Overlap ratio for every kernel size and stride, and the counts of six stamps in one dimension.

use super::{LINES, short};
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::compute::{LINE_STAMPS, span};
use crate::labs::checkerboard::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{CellLook, Grid, extent, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, stroke, text_width};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let narrow = look.width < 560.0;
    let left = if narrow { look.width - 4.0 } else { look.width * 0.54 };
    ratios(run, look, &mut scene, left);
    let (x, y) = if narrow { (2.0, scene.height + look.font * 1.2) } else { (left + 32.0, 0.0) };
    line(run, look, &mut scene, (x, y), look.width - x - 2.0);
    let o = &run.output;
    let (p, values) = (&run.params, ends(run, t));
    let summary = fill(
        t.table_summary,
        &[
            ("k", p.k().to_string()),
            ("s", p.s().to_string()),
            ("ratio", o.ratio().map_or_else(|| t.holes.to_string(), |r| number(r, 2))),
        ],
    );
    Figure {
        id: "table",
        title: t.table_title.into(),
        caption: t.table_caption.into(),
        summary: format!("{summary}{}{values}", look.lang.pick(" ", "")),
        scene,
    }
}

/// One sentence about most and fewest.
pub fn ends(run: &Ran<Checkerboard>, t: &Text) -> String {
    let (most, fewest) = run.output.ends;
    let values = [("most", number(f64::from(most), 0)), ("fewest", number(f64::from(fewest), 0))];
    fill(if most == fewest { t.line_even } else { t.line_uneven }, &values)
}

fn ratios(run: &Ran<Checkerboard>, look: &Look, scene: &mut Scene, width: f64) {
    let t = Text::of(look.lang);
    let (p, table) = (&run.params, &run.output.ratio);
    let (rows, cols) = extent(table);
    let label = |s: usize| format!("{} {s}", t.stride);
    let names = text_width(&label(4), look.font * 0.92) + 10.0;
    let cell = ((width - names) / cols as f64).min(look.font * 4.2);
    let head = look.font * 2.9;
    scene.heading((2.0, look.font), t.ratio_title, t.ratio_remark, look.font * 1.08, width);
    let grid = Grid {
        tensor: table,
        name: "ratio",
        at: (names, head),
        cell,
        scale: Scale::Magnitude { max: span(table).largest() },
        decimals: 2,
    };
    let here = |r: usize, c: usize| (r + 1, c + 1) == (p.s(), p.k());
    let hole = |r: usize, c: usize| value_at(table, r, c) == 0.0;
    grid.draw(
        scene,
        |r, c| CellLook {
            stroke: if here(r, c) {
                Some(stroke(Ink::Accent, 3.0 * look.stroke))
            } else {
                Some(stroke(Ink::Line, look.stroke))
            },
            strong: here(r, c) || value_at(table, r, c) == 1.0,
            hidden: hole(r, c),
            hollow: false,
        },
        |r, c| Origin { tensor: "ratio", index: vec![0, 0, r, c] },
    );
    let small = look.font * 0.92;
    for c in 0..cols {
        let ink = if c + 1 == p.k() { Ink::Ink } else { Ink::Ink3 };
        let at = (names + (c as f64 + 0.5) * cell, head - small * 0.5);
        scene.text_middle(at, (c + 1).to_string(), small, ink);
    }
    scene.text((2.0, head - small * 0.5), "k", small, Ink::Ink3);
    for r in 0..rows {
        let ink = if r + 1 == p.s() { Ink::Ink } else { Ink::Ink3 };
        scene.text((2.0, head + (r as f64 + 0.5) * cell + small * 0.36), label(r + 1), small, ink);
        for c in (0..cols).filter(|c| hole(r, *c)) {
            let (x, y) = grid.cell_rect(r, c).center();
            let size = small.min((cell - 6.0) / text_width(t.holes, 1.0));
            let (text, size) = if size >= 7.5 { (t.holes, size) } else { ("–", small) };
            scene.text_middle((x, y + size * 0.36), text, size, Ink::Ink3);
        }
    }
    let y = grid.rect().bottom() + look.font * 0.3;
    super::paragraph(scene, (2.0, y), t.ratio_rule, small, width, Ink::Ink2);
}

/// Six stamps below each other, and how often they meet; for a stack the counts after each layer.
fn line(run: &Ran<Checkerboard>, look: &Look, scene: &mut Scene, (x, top): (f64, f64), width: f64) {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let (k, s) = (p.k(), p.s());
    scene.heading((x, top + look.font), t.line_title, t.line_remark, look.font * 1.08, width);
    let Some(first) = o.lines.first() else { return };
    let (_, length) = extent(first);
    let unit = width / length as f64;
    let mut y = top + look.font * 2.2;
    let high = 11.0;
    for stamp in 0..LINE_STAMPS {
        for tap in 0..k {
            let at = x + (stamp * s + tap) as f64 * unit;
            let rect = Rect::new(at + 0.5, y, (unit - 1.0).max(0.6), high - 3.0);
            // Each tap the hue that it has in the kernel's middle row.
            scene.rect(rect, 2.0, (Ink::Tap { index: k / 2 * k + tap, of: k * k }, 0.85), None);
        }
        y += high;
    }
    for (at, counts) in o.lines.iter().enumerate() {
        let (_, n) = extent(counts);
        let (unit, most) = (width / n as f64, span(counts).largest());
        let tall = if o.lines.len() > 1 { 42.0 } else { 62.0 };
        y += look.font * 0.6;
        if o.lines.len() > 1 {
            let text = fill(t.layer_n, &[("n", (at + 1).to_string())]);
            scene.text((x, y + look.font * 0.9), text, look.font * 0.92, Ink::Ink3);
            y += look.font * 1.2;
        }
        let scale = Scale::Magnitude { max: most };
        let size = (look.font * 0.9).min(unit * 1.3);
        for place in 0..n {
            let value = value_at(counts, 0, place);
            let bar = if most > 0.0 { f64::from(value / most) * tall } else { 0.0 };
            let at = x + place as f64 * unit;
            let rect = Rect::new(at + unit * 0.04, y + tall - bar, unit * 0.92, bar.max(0.8));
            scene.rect(rect, (unit * 0.1).min(2.0), (Ink::Value { scale, value }, 1.0), None);
            let text = number(f64::from(value), 0);
            let size = size.min((unit - 1.0) / text_width(&text, 1.0));
            if size >= 7.0 {
                scene.text_middle((at + unit / 2.0, y + tall + size * 1.15), text, size, Ink::Ink2);
            }
        }
        y += tall + look.font * 1.6;
    }
    // The bars are a tensor, too: the last layer's stands in the table of the figure.
    debug_assert!(o.lines.len() <= LINES.len());
    let text = ends(run, t);
    scene.reach(y);
    if text_width(&text, look.font * 0.92) <= width {
        short(scene, (x, y + look.font), &text, look.font * 0.92, width, Ink::Ink2, Anchor::Start);
        scene.reach(y + look.font * 1.5);
    } else {
        super::paragraph(scene, (x, y), &text, look.font * 0.92, width, Ink::Ink2);
    }
    scene.push(Mark::Line {
        points: vec![(x, y - look.font * 1.6), (x + width, y - look.font * 1.6)],
        stroke: stroke(Ink::Line, look.stroke),
    });
}
