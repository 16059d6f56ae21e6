//! Two kernels fitted to grow the picture back: loss, pictures before and after, taps.

use super::{Tile, paragraph, short, tenths};
use crate::core::analysis::Span;
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::compute::{Extra, span};
use crate::labs::checkerboard::learn::{Fit, Fits, NAMES, STEPS};
use crate::labs::checkerboard::text::Text;
use crate::stage::chart::{LineChart, Series, lines};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{Grid, extent};
use crate::stage::scene::{Anchor, Ink, Rect, Scene};
use crate::stage::text::{fill, percent};

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let mut summary = String::new();
    let mut caption = String::new();
    if let Extra::Learn(fits) = &run.output.extra {
        caption = if fits.share >= 1.0 {
            fill(t.learn_caption, &[("n", STEPS.to_string())])
        } else {
            fill(t.learn_working, &[("share", percent(f64::from(fits.share)))])
        };
        loss(fits, look, &mut scene, t);
        let narrow = look.width < 560.0;
        let gap = 28.0;
        let room = if narrow { look.width - 4.0 } else { (look.width - gap) / 2.0 - 2.0 };
        let top = scene.height + look.font * 1.2;
        for (at, fit) in fits.list.iter().enumerate() {
            let (x, y) = match (narrow, at) {
                (_, 0) => (2.0, top),
                (false, _) => (2.0 + room + gap, top),
                (true, _) => (2.0, scene.height + look.font),
            };
            one(fit, at, look, &mut scene, (x, y), room);
            summary += &said(fit, t);
            summary += look.lang.pick(" ", "");
        }
        let y = scene.height + look.font * 0.5;
        paragraph(&mut scene, (2.0, y), t.learn_note, look.font * 0.92, look.width - 4.0, Ink::Ink3);
    }
    Figure {
        id: "learn",
        title: t.learn_title.into(),
        caption,
        summary: format!("{}{}{summary}", t.learn_summary, look.lang.pick(" ", "")),
        scene,
    }
}

/// One sentence about a fit.
fn said(fit: &Fit, t: &Text) -> String {
    let (before, now) = fit.strength;
    let k = ("k", fit.kernel_size.to_string());
    let from = ("from", tenths(before));
    match now {
        Some(now) => fill(t.fit_says, &[k, from, ("to", tenths(now))]),
        None => fill(t.fit_begins, &[k, from]),
    }
}

fn loss(fits: &Fits, look: &Look, scene: &mut Scene, t: &Text) {
    let inks = [Ink::Accent, Ink::Ink2];
    let series: Vec<Series> = fits
        .list
        .iter()
        .zip(inks)
        .filter_map(|(fit, ink)| {
            let loss = fit.loss.as_ref()?;
            let points =
                loss.iter().enumerate().map(|(i, v)| (i as f64, 100.0 * f64::from(*v).sqrt())).collect();
            let name = fill(t.kernel_n, &[("k", fit.kernel_size.to_string())]);
            Some(Series { points, ink, name, dashed: ink == Ink::Ink2 })
        })
        .collect();
    if series.is_empty() {
        paragraph(scene, (2.0, 0.0), t.learn_waits, look.font, look.width - 4.0, Ink::Ink2);
        return;
    }
    let rect = Rect::new(0.0, 0.0, look.width, 190.0);
    let chart = LineChart {
        rect,
        series: &series,
        x_label: t.step_axis,
        mark: None,
        font: look.font,
        stroke: look.stroke,
    };
    lines(scene, &chart);
}

fn one(fit: &Fit, at: usize, look: &Look, scene: &mut Scene, (x, y): (f64, f64), room: f64) {
    let t = Text::of(look.lang);
    let size = look.font * 0.92;
    let [_, taps_name, start_name, fitted_name] = NAMES[at];
    let title = fill(t.kernel_n, &[("k", fit.kernel_size.to_string())]);
    scene.heading((x, y + look.font), &title, "", look.font * 1.08, room);
    let gap = 10.0;
    let side = (room - 2.0 * gap) / 3.0;
    let top = y + look.font * 3.0;
    let picture = |range: Span| {
        let high = if range.high <= 1.0 { 1.0 } else { range.largest() };
        Scale::Gray { low: 0.0, high }
    };
    let mut tile = |tensor: &Shared, name, place: usize, title: &str, strength: f32| {
        let x = x + place as f64 * (side + gap);
        short(scene, (x, top - size * 0.5), title, size, side, Ink::Ink2, Anchor::Start);
        let tile = Tile { tensor, name, scale: picture(span(tensor)), at: (x, top), side };
        let drawn = tile.whole(scene);
        let text = format!("{} {} %", t.artifact, tenths(strength));
        short(scene, (x, drawn.bottom() + size * 1.4), &text, size, side, Ink::Ink, Anchor::Start);
        scene.reach(drawn.bottom() + size * 2.0);
    };
    tile(&fit.start, start_name, 0, t.before, fit.strength.0);
    if let (Some(fitted), Some(now)) = (&fit.fitted, fit.strength.1) {
        tile(fitted, fitted_name, 1, t.after, now);
    }
    if let Some(taps) = &fit.taps {
        let x = x + 2.0 * (side + gap);
        short(scene, (x, top - size * 0.5), t.taps, size, side, Ink::Ink2, Anchor::Start);
        let (_, w) = extent(taps);
        let scale = super::scale(span(taps));
        let grid =
            Grid { tensor: taps, name: taps_name, at: (x, top), cell: side / w as f64, scale, decimals: 2 };
        grid.draw_plain(scene);
    }
}
