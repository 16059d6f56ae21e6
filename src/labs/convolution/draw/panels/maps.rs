//! Maps: usage, border, flip and linearity, each with its numbers in cells or as a plane.

use super::Sheet;
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::Extra;
use crate::labs::convolution::draw::{Pointed, pointed, sized};
use crate::labs::convolution::explain::{largest, times};
use crate::labs::convolution::text::Text;
use crate::stage::chart::{LineChart, Series, lines};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{extent, legend, value_at};
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{fill, number, percent};

/// How many windows read each input cell.
pub fn usage(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (o, pads) = (&run.output, run.output.conv.pads);
    let mark = match pointed(&run.params, o, look) {
        Pointed::Padded(r, c) => r.checked_sub(pads.top).zip(c.checked_sub(pads.left)),
        _ => None,
    };
    let most = o.spans.usage.high.max(1.0);
    let sheet = Sheet {
        tensor: &o.usage,
        name: "usage",
        scale: Scale::Magnitude { max: most },
        title: t.usage_grid,
        remark: sized(look, run.params.size),
        mark: mark.filter(|(r, c)| *r < run.params.size.0 && *c < run.params.size.1),
    };
    let least = o.spans.usage.low;
    let values = [("low", times(t, least as usize)), ("high", times(t, most as usize))];
    Figure {
        id: "usage",
        title: t.usage_title.into(),
        caption: t.usage_caption.into(),
        summary: fill(t.usage_summary, &values),
        scene: with_cuts(&sheet, look),
    }
}

/// What share of each output comes from padding.
pub fn border(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let o = &run.output;
    let mark = match pointed(&run.params, o, look) {
        Pointed::Output(r, c) => Some((r, c)),
        _ => None,
    };
    let sheet = Sheet {
        tensor: &o.padding_share,
        name: "padding_share",
        scale: Scale::Magnitude { max: 1.0 },
        title: t.border_grid,
        remark: sized(look, o.size()),
        mark,
    };
    let touched = o.padding_share.iter().filter(|v| **v > 0.0).count();
    let share = percent(touched as f64 / o.padding_share.len().max(1) as f64);
    let values = [("share", share), ("high", percent(largest(&o.padding_share)))];
    Figure {
        id: "border",
        title: t.border_title.into(),
        caption: fill(t.border_caption, &values),
        summary: fill(t.border_summary, &values),
        scene: with_cuts(&sheet, look),
    }
}

/// The map, its legend, and beside it the same numbers along its first and its middle row.
fn with_cuts(sheet: &Sheet, look: &Look) -> Scene {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let stacked = look.width < 520.0;
    let gap = 26.0;
    let room = if stacked { look.width } else { (look.width - gap) * 0.5 };
    let drawn = sheet.draw(look, room, 330.0);
    let bottom = drawn.height;
    scene.place(drawn, 0.0, 0.0);
    let bar = 140.0_f64.min(room - 4.0);
    legend(&mut scene, (2.0, bottom + look.font * 0.6), bar, sheet.scale, look.font * 0.85);
    let (h, w) = extent(sheet.tensor);
    let cut = |row: usize, ink: Ink, dashed: bool| Series {
        points: (0..w).map(|c| (c as f64, f64::from(value_at(sheet.tensor, row, c)))).collect(),
        ink,
        name: fill(t.row_n, &[("n", row.to_string())]),
        dashed,
    };
    let mut series = vec![cut((h - 1) / 2, Ink::Accent, false)];
    if h > 2 {
        series.push(cut(0, Ink::Ink2, true));
    }
    // The chart takes all the room that the map leaves.
    let taken = (sheet.cell(look, room, 330.0) * w as f64 + 4.0).max(bar);
    let (x, y) = if stacked { (0.0, scene.height + look.font * 0.6) } else { (taken + gap, 0.0) };
    let high = if stacked { 190.0 } else { bottom.clamp(190.0, 350.0) };
    let rect = Rect::new(x, y, if stacked { room } else { look.width - x }, high);
    let chart = LineChart {
        rect,
        series: &series,
        x_label: t.column,
        mark: None,
        font: look.font,
        stroke: look.stroke,
    };
    lines(&mut scene, &chart);
    scene
}

/// Correlation, convolution and their difference.
pub fn flip(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let mut apart = 0.0;
    if let Extra::Flip { correlation, convolution, difference } = &run.output.extra {
        apart = largest(difference);
        let three = [
            (correlation, "correlation", t.correlation),
            (convolution, "convolution", t.convolution),
            (difference, "difference", t.flip_of),
        ];
        scene = side_by_side(run, &three, look);
    }
    let caption = if apart == 0.0 { t.flip_zero } else { t.flip_caption };
    let values = [("apart", number(apart, 3))];
    Figure {
        id: "flip",
        title: t.flip_title.into(),
        caption: fill(caption, &values),
        summary: fill(t.flip_summary, &values),
        scene,
    }
}

/// f(a), f(b) and f(a + b) − f(a) − f(b).
pub fn linearity(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let mut apart = 0.0;
    if let Extra::Linearity { of_input, of_other, defect, .. } = &run.output.extra {
        apart = largest(defect);
        let three =
            [(of_input, "of_input", t.of_a), (of_other, "of_other", t.of_b), (defect, "defect", t.defect_of)];
        scene = side_by_side(run, &three, look);
    }
    let values = [("apart", number(apart, 3))];
    Figure {
        id: "linearity",
        title: t.linearity_title.into(),
        caption: fill(t.linearity_caption, &values),
        summary: fill(t.linearity_summary, &values),
        scene,
    }
}

/// Three maps in one row under one pair of colour limits; on a phone below each other.
fn side_by_side(run: &Ran<Convolution>, maps: &[(&Shared, &'static str, &str); 3], look: &Look) -> Scene {
    let limit = maps.iter().fold(0.0f32, |m, (tensor, ..)| m.max(largest(tensor) as f32));
    let scale = Scale::Signed { limit };
    let mark = match pointed(&run.params, &run.output, look) {
        Pointed::Output(r, c) => Some((r, c)),
        _ => None,
    };
    let mut scene = Scene::new(look.width);
    let stacked = look.width < 520.0;
    let gap = 24.0;
    let room = if stacked { look.width } else { (look.width - 2.0 * gap) / 3.0 };
    for (at, (tensor, name, title)) in maps.iter().enumerate() {
        let sheet = Sheet { tensor, name, scale, title, remark: String::new(), mark };
        let drawn = sheet.draw(look, room, if stacked { 310.0 } else { 360.0 });
        let (x, y) = if stacked { (0.0, scene.height) } else { (at as f64 * (room + gap), 0.0) };
        scene.place(drawn, x, y);
        scene.height += if stacked { look.font * 0.6 } else { 0.0 };
    }
    let bar = 160.0_f64.min(look.width - 4.0);
    let below = scene.height + look.font * 0.8;
    legend(&mut scene, (2.0, below), bar, scale, look.font * 0.85);
    scene
}
