//! The bank: a card for each output channel, with its slices and its map.

use super::{fit, hue};
use crate::labs::channels::Channels;
use crate::labs::channels::compute::{channel, kernel, largest};
use crate::labs::channels::names::{self, at};
use crate::labs::channels::params::Weights;
use crate::labs::channels::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::Grid;
use crate::stage::scene::{Ink, Mark, Rect, Scene, stroke};
use crate::stage::text::{count, fill, number};

/// Draws it.
pub fn figure(run: &Ran<Channels>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o, f) = (&run.params, &run.output, look.font);
    let (outs, per, kh, kw) = p.weight_shape();
    let gap = 10.0;
    let wish = if outs > 16 { 92.0 } else { 124.0 };
    let fits = ((look.width + gap) / (wish + gap)).floor().max(2.0);
    let columns = fits.min((outs as f64).max(3.0)) as usize;
    let wide = ((look.width - 4.0 - gap * (columns - 1) as f64) / columns as f64).min(190.0);
    let inner = wide - 14.0;
    let named = p.weights == Weights::Edges && (kh, kw) != (1, 1) && per.is_multiple_of(3);
    let names_of = [t.detector_0, t.detector_1, t.detector_2, t.detector_3, t.detector_4, t.detector_5];
    let mut scene = Scene::new(look.width);
    let (rows, cols) = o.size();
    let slice = (inner / per.max(1) as f64).min(34.0);
    let strip = slice * kh as f64 / kh.max(kw) as f64;
    let map = (inner * rows as f64 / cols.max(1) as f64).min(inner);
    let map_wide = (inner * cols as f64 / rows.max(1) as f64).min(inner);
    let lines = if named { 2.0 } else { 1.0 };
    let high = f * 1.7 + strip + 8.0 + map + f * 1.35 * lines + 8.0;
    for q in 0..outs {
        let (x, y) = (2.0 + (q % columns) as f64 * (wide + gap), 2.0 + (q / columns) as f64 * (high + gap));
        let chosen = q == p.shown();
        let edge =
            if chosen { stroke(Ink::Accent, 2.2 * look.stroke) } else { stroke(Ink::Line, look.stroke) };
        scene.rect(Rect::new(x, y, wide, high), 7.0, (Ink::Panel, 1.0), Some(edge));
        let left = x + 7.0;
        fit(
            &mut scene,
            (left, y + f * 1.25),
            &q.to_string(),
            f,
            inner,
            if chosen { Ink::Ink } else { Ink::Ink2 },
        );
        let top = y + f * 1.7;
        let slices = kernel(&o.weight, q);
        let scale = Scale::Signed { limit: largest(&slices) };
        let wide_slice = slice * kw as f64 / kh.max(kw) as f64;
        let grid = Grid {
            tensor: &slices,
            name: at(names::KERNEL, q),
            at: (left, top),
            cell: 1.0,
            scale,
            decimals: 2,
        };
        grid.draw_plane(&mut scene, wide_slice * per as f64, strip);
        for i in 0..per {
            let rect = Rect::new(left + i as f64 * wide_slice, top, wide_slice, strip);
            let ink = hue(p.first_read(q) + i);
            scene.rect(
                rect.grown(-(strip.min(wide_slice) / 2.0).min(0.5)),
                1.0,
                (Ink::None, 0.0),
                Some(stroke(ink, 1.4 * look.stroke)),
            );
        }
        let tensor = channel(&o.output, q);
        let scale = Scale::Signed { limit: largest(&tensor) };
        let top = top + strip + 6.0;
        let at_map = (left + (inner - map_wide) / 2.0, top);
        let grid =
            Grid { tensor: &tensor, name: at(names::OUTPUT, q), at: at_map, cell: 1.0, scale, decimals: 2 };
        grid.draw_plane(&mut scene, map_wide, map);
        let mut line = top + map + f * 1.2;
        if named {
            fit(&mut scene, (left, line), names_of[q % 6], f * 0.92, inner, Ink::Ink2);
            line += f * 1.3;
        }
        let bias = o.bias.iter().nth(q).copied().unwrap_or(0.0);
        let text = fill(t.bias_is, &[("b", number(f64::from(bias), 2))]);
        fit(&mut scene, (left, line), &text, f * 0.88, inner, Ink::Ink3);
        scene.reach(y + high + 2.0);
    }
    let size = f.min(16.0) * 0.8;
    let y = scene.height + f * 0.6;
    let shown = Scale::Signed { limit: largest(&channel(&o.output, p.shown())) };
    scene.push(Mark::Legend { rect: Rect::new(3.0, y, 120.0, size * 0.7), scale: shown, size });
    scene.reach(y + size * 2.2);
    let values = [
        ("o", outs.to_string()),
        ("per", per.to_string()),
        ("kh", kh.to_string()),
        ("kw", kw.to_string()),
        ("slices", count((outs * per) as f64)),
        ("weights", count((outs * per * kh * kw) as f64)),
    ];
    Figure {
        id: "panel",
        title: t.bank_title.into(),
        caption: fill(t.bank_caption, &values),
        summary: fill(t.bank_summary, &values),
        scene,
    }
}
