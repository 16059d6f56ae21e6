//! The Fourier spectrum of the output, with the frequencies of the pattern ringed, and the means of its places.

use super::{Tile, paragraph, photo, scale};
use crate::core::analysis::Span;
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{Grid, extent, legend};
use crate::stage::scene::{Ink, Mark, Rect, Scene, stroke};
use crate::stage::text::{fill, number, percent};

/// More frequencies than this are not ringed one by one.
const MOST_RINGS: usize = 80;

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut scene = Scene::new(look.width);
    let narrow = look.width < 560.0;
    let head = look.font * 2.1;
    let gap = 26.0;
    let (side, last) = if narrow {
        (look.width - 4.0, look.width - 4.0)
    } else {
        let side = ((look.width - 2.0 * gap) * 0.37).min(330.0);
        (side, look.width - 2.0 * (side + gap) - 4.0)
    };
    let heading = |scene: &mut Scene, (x, y): (f64, f64), title: &str, remark: &str, room: f64| {
        scene.heading((x, y - look.font * 0.7), title, remark, look.font * 1.08, room);
    };
    let [rows, cols] = o.patch;
    let colours = if p.is_grid() { scale(o.spans[2]) } else { photo(o.spans[2]) };
    heading(&mut scene, (2.0, head), t.measured_part, "", side);
    let tile = Tile { tensor: &o.output, name: "output", scale: colours, at: (2.0, head), side };
    let patch = tile.draw(&mut scene, rows, cols);
    let bar = (look.font * 10.0).min(side - 4.0);
    legend(&mut scene, (4.0, patch.bottom() + look.font * 0.7), bar, colours, look.font * 0.85);
    let at = if narrow { (2.0, scene.height + head + look.font * 0.3) } else { (2.0 + side + gap, head) };
    heading(&mut scene, at, t.spectrum_name, t.spectrum_remark, side);
    let level = Scale::Magnitude { max: 1.0 };
    let tile = Tile { tensor: &o.spectrum_level, name: "spectrum_level", scale: level, at, side };
    let drawn = tile.whole(&mut scene);
    rings(run, look, &mut scene, drawn);
    legend(&mut scene, (drawn.x + 2.0, drawn.bottom() + look.font * 0.7), bar, level, look.font * 0.85);
    let at =
        if narrow { (2.0, scene.height + head + look.font * 0.3) } else { (2.0 + 2.0 * (side + gap), head) };
    let mut y = at.1;
    if let Some(found) = o.pattern.as_ref().filter(|f| f.phases.nrows() <= 9) {
        heading(&mut scene, at, t.phases, "", last);
        let phases = found.phases.clone().into_dyn().into_shared();
        let (n, _) = extent(&phases);
        let cell = (last / n as f64).min(look.font * 4.0).min(190.0 / n as f64);
        let flat: Vec<f32> = phases.iter().copied().collect();
        let colours = scale(Span::of(&flat));
        let grid = Grid { tensor: &phases, name: "phases", at, cell, scale: colours, decimals: 2 };
        grid.draw_plain(&mut scene);
        y = grid.rect().bottom() + look.font * 0.4;
        legend(&mut scene, (at.0 + 2.0, y + look.font * 0.3), bar.min(last - 4.0), colours, look.font * 0.85);
        y += look.font * 2.4;
    }
    let small = look.font * 0.92;
    let period = p.period().to_string();
    let text = if o.pattern.is_none() {
        t.no_period.to_string()
    } else if p.period() == 1 {
        t.period_one.to_string()
    } else {
        fill(t.phases_note, &[("period", period.clone())])
    };
    paragraph(&mut scene, (at.0, y), &text, small, last, Ink::Ink2);
    let y = scene.height + look.font * 0.4;
    paragraph(&mut scene, (2.0, y), t.spectrum_note, small, look.width - 4.0, Ink::Ink3);
    let strength = o.strength().map_or_else(|| t.not_measured.to_string(), percent);
    let values = [("period", period), ("strength", strength), ("h", number((rows.1 - rows.0) as f64, 0))];
    Figure {
        id: "spectrum",
        title: t.spectrum_title.into(),
        caption: fill(t.spectrum_caption, &values),
        summary: fill(t.spectrum_summary, &values),
        scene,
    }
}

/// Rings around the frequencies that are multiples of one cycle a period.
fn rings(run: &Ran<Checkerboard>, look: &Look, scene: &mut Scene, area: Rect) {
    let (period, o) = (run.params.period(), &run.output);
    let (h, w) = extent(&o.spectrum_level);
    if period < 2 || o.pattern.is_none() || period * period > MOST_RINGS {
        return;
    }
    let radius = (area.w / w as f64 * 0.9).clamp(4.5, 9.0).min(area.w / period as f64 * 0.4);
    for u in 0..period {
        for v in 0..period {
            if (u, v) == (0, 0) {
                continue;
            }
            // Zero frequency lies at half the size, rounded down; what is before it is negative.
            let place = |m: usize, n: usize| ((m * n / period + n / 2) % n) as f64 + 0.5;
            let (x, y) = (area.x + place(v, w) * area.w / w as f64, area.y + place(u, h) * area.h / h as f64);
            let (x, y) = (
                x.clamp(area.x + radius, area.right() - radius),
                y.clamp(area.y + radius, area.bottom() - radius),
            );
            let ring = |r: f64| {
                (0..=24)
                    .map(|i| f64::from(i) / 24.0 * std::f64::consts::TAU)
                    .map(|a| (x + r * a.cos(), y + r * a.sin()))
                    .collect::<Vec<_>>()
            };
            for (ink, width) in [(Ink::Panel, 3.6), (Ink::Accent, 1.8)] {
                scene.push(Mark::Line { points: ring(radius), stroke: stroke(ink, width * look.stroke) });
            }
        }
    }
}
