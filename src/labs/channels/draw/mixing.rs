//! Channels mixed at every pixel by one matrix, and the best way back.

use super::{channel_name, fit, hue, scale_of};
use crate::labs::channels::Channels;
use crate::labs::channels::compute::{channel, largest};
use crate::labs::channels::names::{self, at};
use crate::labs::channels::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{Grid, extent};
use crate::stage::scene::{Ink, Scene, stroke};
use crate::stage::text::{fill, number};

/// Channels of each picture that are drawn.
const MOST: usize = 4;

/// A column of planes.
struct Column<'a> {
    title: &'a str,
    /// All channels at once and their name, where three of them are a picture.
    together: Option<(&'a Shared, &'static str)>,
    planes: Vec<(Shared, &'static str)>,
    scale: Scale,
    inputs: bool,
}

/// Draws it.
pub fn figure(run: &Ran<Channels>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o, f) = (&run.params, &run.output, look.font);
    let m = &o.mixing;
    let (c, outs) = (p.c_in(), p.c_out());
    let take = |tensor: &Shared, list: &'static [&'static str], n: usize| {
        (0..n.min(MOST)).map(|i| (channel(tensor, i), at(list, i))).collect::<Vec<_>>()
    };
    let scale = |tensor: &Shared| scale_of(&[tensor]);
    // What rounding leaves outside of 0 to 1 is drawn as its end.
    let back_scale = match scale(&o.input) {
        grey @ Scale::Gray { .. } => grey,
        _ => scale(&m.restored),
    };
    let is_picture = |scale: Scale| matches!(scale, Scale::Gray { .. });
    let coloured = c == 3 && is_picture(scale(&o.input));
    let together = |tensor, name, fits: bool| (coloured && fits).then_some((tensor, name));
    let columns = [
        Column {
            title: t.input,
            together: together(&o.input, "input", true),
            planes: take(&o.input, names::INPUT, c),
            scale: scale(&o.input),
            inputs: true,
        },
        Column {
            title: t.mixed,
            together: together(&m.mixed, "mixed", outs >= 3 && is_picture(scale(&m.mixed))),
            planes: take(&m.mixed, names::MIXED, outs),
            scale: scale(&m.mixed),
            inputs: false,
        },
        Column {
            title: t.restored,
            together: together(&m.restored, "restored", true),
            planes: take(&m.restored, names::RESTORED, c),
            scale: back_scale,
            inputs: true,
        },
    ];
    let wide = look.width >= 560.0;
    let left = f * 1.7;
    let gap = f * 1.3;
    let parts = if wide { 5.0 } else { 3.0 };
    let side = ((look.width - left - 8.0 - gap * (parts - 1.0)) / parts).min(150.0);
    let first = usize::from(coloured);
    let rows = c.max(outs).min(MOST) + first;
    let (h, w) = extent(&o.input);
    let tall = (side * h as f64 / w.max(1) as f64).min(side);
    let row = (tall + 8.0).min(480.0 / rows as f64).max(40.0);
    let plane = row - 8.0;
    let head = f * 1.7;
    let place = |part: usize| match (wide, part) {
        (true, _) | (_, 0..3) => (left + part as f64 * (side + gap), 0.0),
        _ => (left + (part - 3) as f64 * (side + gap), head + rows as f64 * row + f),
    };
    let mut scene = Scene::new(look.width);
    for (part, column) in columns.iter().enumerate().map(|(i, c)| (i * 2, c)) {
        let (x, y) = place(part);
        fit(&mut scene, (x, y + f), column.title, f, side, Ink::Ink);
        if let Some((tensor, name)) = column.together {
            let (h, w) = extent(tensor);
            let unit = (plane / h.max(1) as f64).min(side / w.max(1) as f64);
            let grid =
                Grid { tensor, name, at: (x, y + head), cell: unit, scale: Scale::Colour, decimals: 2 };
            grid.draw_plane(&mut scene, w as f64 * unit, h as f64 * unit);
        }
        for (i, (tensor, name)) in column.planes.iter().enumerate() {
            let (h, w) = extent(tensor);
            let unit = (plane / h.max(1) as f64).min(side / w.max(1) as f64);
            let at = (x, y + head + (i + first) as f64 * row);
            let grid = Grid { tensor, name, at, cell: unit, scale: column.scale, decimals: 2 };
            grid.draw_plane(&mut scene, w as f64 * unit, h as f64 * unit);
            let ink = if column.inputs { hue(i) } else { Ink::Ink3 };
            let tint = if column.inputs && matches!(column.scale, Scale::Gray { .. }) { 0.24 } else { 0.0 };
            scene.rect(grid.rect(), 1.0, (ink, tint), Some(stroke(ink, 1.5 * look.stroke)));
            if part == 0 {
                let size = f.min((left - 5.0) / 1.8);
                scene.text((1.0, at.1 + plane / 2.0 + size * 0.3), channel_name(p, i), size, ink);
            }
        }
    }
    for (part, tensor, name, title) in
        [(1, &m.matrix, "mixing_matrix", t.matrix), (3, &m.back, "back_matrix", t.back_matrix)]
    {
        let (x, y) = place(part);
        fit(&mut scene, (x, y + f), title, f, side, Ink::Ink);
        let (h, w) = extent(tensor);
        let tall = rows as f64 * row;
        let unit = (side / w as f64).min(tall / h as f64).min(f * 4.0);
        let scale = Scale::Signed { limit: largest(tensor) };
        // It stands in the middle between the planes it joins.
        let at = (x + (side - unit * w as f64) / 2.0, y + head + ((tall - unit * h as f64) / 2.0).max(0.0));
        let grid = Grid { tensor, name, at, cell: unit, scale, decimals: 2 };
        if unit >= 6.0 {
            grid.draw_plain(&mut scene);
        } else {
            grid.draw_plane(&mut scene, unit * w as f64, unit * h as f64);
        }
    }
    scene.reach(place(4).1 + head + rows as f64 * row + 4.0);
    let values = [
        ("c", c.to_string()),
        ("o", outs.to_string()),
        ("rank", m.rank.to_string()),
        ("most", number(m.error.0, 3)),
        ("mean", number(m.error.1, 3)),
    ];
    let mut caption = fill(t.mixing_caption, &values);
    if coloured {
        caption += look.lang.pick(" ", "");
        caption += t.mixing_together;
    }
    if c.max(outs) > MOST {
        caption += look.lang.pick(" ", "");
        caption += &fill(t.mixing_first, &[("n", MOST.to_string())]);
    }
    Figure {
        id: "panel",
        title: t.mixing_title.into(),
        caption,
        summary: fill(t.mixing_summary, &values),
        scene,
    }
}
