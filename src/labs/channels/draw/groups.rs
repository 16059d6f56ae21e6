//! Who reads whom: a grid of outputs by inputs, and the weights at every group count that divides.

use super::{channel_name, fit, hue};
use crate::labs::channels::Channels;
use crate::labs::channels::params::splits;
use crate::labs::channels::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{CellLook, Grid};
use crate::stage::scene::{Ink, Origin, Rect, Scene, stroke};
use crate::stage::text::{count, fill};

/// Draws it.
pub fn figure(run: &Ran<Channels>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o, f) = (&run.params, &run.output, look.font);
    let (c, outs, per) = (p.c_in(), p.c_out(), p.per());
    let wide = look.width >= 560.0;
    let left = f * 1.9;
    let room = if wide { look.width * 0.5 } else { look.width } - left - 8.0;
    let cell = (room / c as f64).min(480.0 / outs as f64).min(f * 3.0).max(5.0);
    let head = f * 1.6;
    let mut scene = Scene::new(look.width);
    for i in 0..c {
        let name = channel_name(p, i);
        if cell >= f * 1.2 {
            let size = (f * 0.9).min(cell / (name.chars().count() as f64 * 0.6));
            scene.text_middle((left + (i as f64 + 0.5) * cell, head - f * 0.45), name, size, hue(i));
        }
    }
    let from = |q: usize| p.first_read(q)..p.first_read(q) + per;
    for q in 0..outs {
        let y = head + q as f64 * cell;
        if cell >= f || q % 8 == 0 {
            fit(&mut scene, (2.0, y + cell * 0.5 + f * 0.3), &q.to_string(), f * 0.85, left - 5.0, Ink::Ink3);
        }
        for i in from(q) {
            let share = if q == p.shown() { 0.6 } else { 0.3 };
            let rect = Rect::new(left + i as f64 * cell, y, cell, cell).grown(-0.06 * cell);
            scene.rect(rect, 2.0, (hue(i), share), None);
        }
    }
    let grid = Grid {
        tensor: &o.reads,
        name: "reads",
        at: (left, head),
        cell,
        scale: Scale::Magnitude { max: 1.0 },
        decimals: 0,
    };
    grid.draw(
        &mut scene,
        |r, _| CellLook {
            hollow: true,
            strong: r == p.shown(),
            stroke: Some(stroke(if r == p.shown() { Ink::Accent } else { Ink::Line2 }, look.stroke)),
            hidden: false,
        },
        |r, c| Origin { tensor: "reads", index: vec![0, 0, r, c] },
    );
    let mut y = if wide { head } else { scene.height + f * 2.0 };
    let x = if wide { look.width * 0.5 + 24.0 } else { 3.0 };
    let room = look.width - x - 6.0;
    fit(&mut scene, (x, y), t.groups_table, f, room, Ink::Ink2);
    y += f * 0.8;
    let most = outs * c;
    let taps = p.kernel_size.0 * p.kernel_size.1;
    for g in splits(c, outs) {
        let now = g == p.g();
        let ink = if now { Ink::Accent } else { Ink::Ink3 };
        let bar = (room * (most / g) as f64 / most.max(1) as f64).max(2.0);
        scene.rect(Rect::new(x, y, bar, f * 0.6), 2.0, (ink, if now { 1.0 } else { 0.6 }), None);
        let weights = most / g * taps;
        let text = fill(t.groups_row, &[("g", g.to_string()), ("n", count(weights as f64))]);
        fit(&mut scene, (x, y + f * 1.75), &text, f, room, if now { Ink::Ink } else { Ink::Ink2 });
        y += f * 2.7;
    }
    scene.reach(y + 4.0);
    let values = [
        ("g", p.g().to_string()),
        ("pairs", count((outs * per) as f64)),
        ("all", count(most as f64)),
        ("o", outs.to_string()),
        ("c", c.to_string()),
        ("per", per.to_string()),
    ];
    let mut caption = fill(t.groups_caption, &values);
    if per == 1 && c > 1 {
        caption += look.lang.pick(" ", "");
        caption += t.groups_depthwise;
    }
    Figure {
        id: "panel",
        title: t.groups_title.into(),
        caption,
        summary: fill(t.groups_summary, &values),
        scene,
    }
}
