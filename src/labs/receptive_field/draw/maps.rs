//! Maps below the main figure: cells that are touched, the corner unit under each padding, units that a pixel reaches.

use super::main_figure::{field_size, input_scale};
use super::{fitted, frame, head, sized, stacked, working};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::compute::Extra;
use crate::labs::receptive_field::explain::{comb_share, mass};
use crate::labs::receptive_field::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{extent, legend};
use crate::stage::scene::{Ink, Mark, Rect, Scene, Stroke};
use crate::stage::text::{fill, percent};

/// A part of a tensor as a plane with a heading.
struct Sheet<'a> {
    tensor: &'a Shared,
    name: &'static str,
    scale: Scale,
    title: &'a str,
    remark: &'a str,
    rows: (usize, usize),
    cols: (usize, usize),
}

impl Sheet<'_> {
    /// Draws it into a room; gives the place of the plane and the edge of a cell.
    fn draw(&self, scene: &mut Scene, at: (f64, f64), room: f64, look: &Look) -> (Rect, f64) {
        scene.heading(
            (at.0 + 1.0, at.1 + head(look) - look.font * 0.8),
            self.title,
            self.remark,
            look.font * 1.05,
            room - 2.0,
        );
        let (tall, wide) = (self.rows.1 - self.rows.0, self.cols.1 - self.cols.0);
        let cell = ((room - 2.0) / tall.max(wide).max(1) as f64).min(40.0);
        let rect = Rect::new(at.0 + 1.0, at.1 + head(look), wide as f64 * cell, tall as f64 * cell);
        scene.push(Mark::Plane {
            rect,
            tensor: self.tensor.clone(),
            name: self.name,
            rows: self.rows,
            cols: self.cols,
            scale: self.scale,
        });
        let edge = Stroke { ink: Ink::Line, width: look.stroke, dashed: false };
        scene.rect(rect, 0.0, (Ink::None, 0.0), Some(edge));
        scene.reach(rect.bottom());
        (rect, cell)
    }
}

/// The part of an axis that the field covers on the picture; the nearest cell when it covers none.
fn part(first: i64, last: i64, n: usize) -> (usize, usize) {
    let end = i64::try_from(n).unwrap_or(i64::MAX) - 1;
    let (a, b) = (first.clamp(0, end.max(0)), last.clamp(0, end.max(0)));
    (usize::try_from(a).unwrap_or(0), usize::try_from(b).unwrap_or(0) + 1)
}

/// Which cells of the field some way reaches.
pub fn coverage(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut scene = Scene::new(look.width);
    let room = if stacked(look) { look.width } else { (look.width * 0.5 - 15.0).min(420.0) };
    let mut below = 0.0;
    if let Extra::Coverage(map) = &o.extra {
        let s = &o.support;
        let sheet = Sheet {
            tensor: map,
            name: "coverage",
            scale: Scale::Magnitude { max: 1.0 },
            title: t.touched_cells,
            remark: &field_size(o),
            rows: part(s.top, s.bottom, p.size.0),
            cols: part(s.left, s.right, p.size.1),
        };
        sheet.draw(&mut scene, (0.0, 0.0), room, look);
        below = scene.height + look.font * 0.6;
    }
    // One row of the field, as a comb: the taps that some way reaches, padding included.
    let (x, y) = if stacked(look) { (0.0, below) } else { (room + 30.0, 0.0) };
    let wide = look.width - x - 2.0;
    scene.heading((x, y + head(look) - look.font * 0.8), t.comb, "", look.font * 1.05, wide);
    let mut top = y + head(look);
    for (axis, name) in [(1, t.along_row), (0, t.along_column)] {
        let comb = &o.combs[axis];
        let on = comb.iter().filter(|on| **on).count();
        let values = [("on", on.to_string()), ("all", comb.len().to_string())];
        fitted(&mut scene, (x, top + look.font), &fill(name, &values), look.font, Ink::Ink2, wide);
        let step = (wide / comb.len() as f64).min(22.0);
        let high = 16.0;
        top += look.font * 1.5;
        // Neighbours that are alike are one box, so that a wide field stays a few marks.
        let mut start = 0;
        for i in 1..=comb.len() {
            if i < comb.len() && comb[i] == comb[start] && (step < 4.0 || !comb[start]) {
                continue;
            }
            if comb[start] {
                let w = (i - start) as f64 * step;
                let rect = Rect::new(
                    x + start as f64 * step,
                    top,
                    (w - if step > 4.0 { 1.0 } else { 0.0 }).max(0.6),
                    high,
                );
                scene.rect(
                    rect,
                    if step > 6.0 { 2.0 } else { 0.0 },
                    (Ink::Tap { index: 6, of: 9 }, 0.85),
                    None,
                );
            }
            start = i;
        }
        let line = Rect::new(x, top, comb.len() as f64 * step, high);
        scene.rect(line, 0.0, (Ink::None, 0.0), Some(Stroke { ink: Ink::Line, width: 1.0, dashed: false }));
        top += high + look.font * 0.7;
        scene.reach(top);
    }
    let (on, all) = o.covered;
    let share = percent(on as f64 / all.max(1) as f64);
    let values = [
        ("on", on.to_string()),
        ("all", all.to_string()),
        ("share", share),
        ("row", percent(comb_share(o, 1))),
    ];
    Figure {
        id: "coverage",
        title: t.coverage_title.into(),
        caption: fill(t.coverage_caption, &values),
        summary: fill(t.coverage_summary, &values),
        scene,
    }
}

/// The corner unit under each padding mode.
pub fn border(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let p = &run.params;
    let mut scene = Scene::new(look.width);
    let Extra::Border(maps, begun) = &run.output.extra else { return Figure::empty(look) };
    let columns = if stacked(look) { 2 } else { 4 };
    let gap = 16.0;
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let names = [t.mode_zeros, t.mode_reflect, t.mode_replicate, t.mode_circular];
    // As much of the picture as the field of the first unit reaches, or all where padding wraps around.
    let last = run.output.scene.maps.last();
    let reach = last.map_or(1.0, |map| map.reach[0].last.max(map.reach[1].last)).max(3.0);
    let side = (reach as usize + 2).min(p.size.0.max(p.size.1));
    let largest = maps.iter().filter_map(|(_, map)| map.as_ref()).flat_map(|map| map.iter());
    let scale = Scale::Magnitude { max: largest.fold(0.0f32, |m, v| m.max(*v)) };
    for (at, ((name, map), title)) in maps.iter().zip(names).enumerate() {
        let place = ((at % columns) as f64 * (room + gap), (at / columns) as f64 * (room + look.font * 4.6));
        match map {
            Some(map) => {
                let (h, w) = extent(map);
                // The ring needs the whole picture: what it reads lies on the other side.
                let (rows, cols) =
                    if *name == "border_circular" { (h, w) } else { (side.min(h), side.min(w)) };
                let sheet =
                    Sheet { tensor: map, name, scale, title, remark: "", rows: (0, rows), cols: (0, cols) };
                let (rect, _) = sheet.draw(&mut scene, place, room, look);
                let values = [("share", percent(mass(map)))];
                let at = (place.0 + 1.0, rect.bottom() + look.font * 1.3);
                fitted(&mut scene, at, &fill(t.on_picture, &values), look.font * 0.92, Ink::Ink2, room - 2.0);
                scene.reach(at.1 + look.font * 0.5);
            }
            None => {
                scene.heading(
                    (place.0 + 1.0, place.1 + head(look) - look.font * 0.8),
                    title,
                    "",
                    look.font * 1.05,
                    room - 2.0,
                );
                let text = if *begun && working(run, look).is_none() { t.mode_too_wide } else { t.not_yet };
                fitted(
                    &mut scene,
                    (place.0 + 1.0, place.1 + head(look) + look.font),
                    text,
                    look.font,
                    Ink::Ink2,
                    room - 2.0,
                );
                scene.reach(place.1 + head(look) + look.font * 2.0);
            }
        }
    }
    if maps.iter().any(|(_, map)| map.is_some()) {
        let y = scene.height + look.font * 0.5;
        legend(&mut scene, (1.0, y), 140.0_f64.min(look.width - 4.0), scale, look.font * 0.85);
    }
    let kept = maps.first().and_then(|(_, map)| map.as_ref()).map(mass);
    let summary = match kept {
        Some(kept) => fill(t.border_summary, &[("share", percent(kept))]),
        None => t.not_yet.into(),
    };
    Figure {
        id: "border",
        title: t.border_title.into(),
        caption: working(run, look).unwrap_or_else(|| t.border_caption.into()),
        summary,
        scene,
    }
}

/// The units that the pixel in the middle of the field reaches.
pub fn back(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let Extra::Back(map, cell, counts) = &o.extra else { return Figure::empty(look) };
    let mut scene = Scene::new(look.width);
    let gap = 30.0;
    let room = if stacked(look) { look.width } else { ((look.width - gap) / 2.0).min(400.0) };
    let values = [("row", cell.0.to_string()), ("column", cell.1.to_string())];
    let sheet = Sheet {
        tensor: &o.input,
        name: "input",
        scale: input_scale(&o.input),
        title: t.pixel,
        remark: &fill(t.pixel_remark, &values),
        rows: (0, p.size.0),
        cols: (0, p.size.1),
    };
    let (rect, edge) = sheet.draw(&mut scene, (0.0, 0.0), room, look);
    let pixel = Rect::new(rect.x + cell.1 as f64 * edge, rect.y + cell.0 as f64 * edge, edge, edge);
    frame(&mut scene, pixel.grown(3.0), Ink::Accent, 2.0 * look.stroke, false);
    let (h, w) = extent(map);
    let place = if stacked(look) { (0.0, scene.height + look.font * 0.5) } else { (room + gap, 0.0) };
    let last = counts.last().copied().unwrap_or((0, 0));
    let size = sized((h, w));
    let sheet = Sheet {
        tensor: map,
        name: "reached",
        scale: Scale::Magnitude { max: 1.0 },
        title: t.units,
        remark: &size,
        rows: (0, h),
        cols: (0, w),
    };
    sheet.draw(&mut scene, place, room, look);
    let values = [
        ("row", cell.0.to_string()),
        ("column", cell.1.to_string()),
        ("h", last.0.to_string()),
        ("w", last.1.to_string()),
        ("mh", h.to_string()),
        ("mw", w.to_string()),
    ];
    Figure {
        id: "back",
        title: t.back_title.into(),
        caption: fill(t.back_caption, &values),
        summary: fill(t.back_summary, &values),
        scene,
    }
}
