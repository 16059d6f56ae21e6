//! The lab's figures as scenes.

mod charts;
mod layers;
mod main_figure;
mod maps;
mod network;
mod profile;

use super::ReceptiveField;
use super::params::Panel;
use super::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Ink, Mark, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, percent};
pub use charts::series_names;
pub use network::name as network_name;

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<ReceptiveField>, look: &Look) -> Vec<Figure> {
    if let Some(shown) = &run.output.published {
        let list = network::list(run, shown, look);
        let mut figures = vec![network::picture(shown, look), Figure { id: "panel", ..list }];
        figures.extend(network::twins(shown, look));
        figures.push(network::overview(run, look));
        return figures;
    }
    let panel = match run.params.panel {
        Panel::Layers => layers::figure(run, look),
        Panel::Growth => charts::growth(run, look),
        Panel::Coverage => maps::coverage(run, look),
        Panel::Border => maps::border(run, look),
        Panel::Object => charts::object(run, look),
        Panel::Back => maps::back(run, look),
        Panel::Network => network::overview(run, look),
    };
    vec![main_figure::figure(run, look), Figure { id: "panel", ..panel }]
}

/// Height of a heading above a picture.
fn head(look: &Look) -> f64 {
    look.font * 2.0
}

/// Below this width parts stand under each other.
fn stacked(look: &Look) -> bool {
    look.width < 520.0
}

/// A text no wider than its room, written smaller where it must be.
fn fitted(scene: &mut Scene, at: (f64, f64), text: &str, size: f64, ink: Ink, room: f64) {
    let size = size.min(room / text_width(text, 1.0).max(1e-9));
    scene.text(at, text, size, ink);
}

/// A short text on a small ground of its own, so that it reads on any picture; its middle at `x`, kept between the
/// edges.
fn tag(scene: &mut Scene, (x, y): (f64, f64), text: &str, size: f64, (left, right): (f64, f64)) {
    let size = size.min((right - left - 8.0) / text_width(text, 1.0).max(1e-9));
    let wide = text_width(text, size) + 8.0;
    let x = x.clamp(left + wide / 2.0, (right - wide / 2.0).max(left + wide / 2.0));
    let ground = Rect::new(x - wide / 2.0, y - size, wide, size * 1.35);
    scene.rect(ground, 4.0, (Ink::Panel, 0.88), None);
    scene.text_middle((x, y), text, size, Ink::Ink);
}

/// An outline that shows on light and on dark.
fn frame(scene: &mut Scene, rect: Rect, ink: Ink, width: f64, dashed: bool) {
    let mut outer = stroke(Ink::Panel, width + 2.0);
    scene.rect(rect, 0.0, (Ink::None, 0.0), Some(outer));
    (outer.ink, outer.width, outer.dashed) = (ink, width, dashed);
    scene.rect(rect, 0.0, (Ink::None, 0.0), Some(outer));
}

/// A line that shows on light and on dark.
fn haloed(scene: &mut Scene, points: Vec<(f64, f64)>, ink: Ink, width: f64) {
    scene.push(Mark::Line { points: points.clone(), stroke: stroke(Ink::Panel, width + 1.8) });
    scene.push(Mark::Line { points, stroke: stroke(ink, width) });
}

/// The names of lines with a piece of each, in as many rows as they need from the baseline `y` on; gives the last
/// baseline.
fn names(scene: &mut Scene, named: Vec<(Ink, bool, String)>, y: f64, look: &Look) -> f64 {
    let font = look.font;
    let (mut x, mut y) = (4.0, y);
    for (ink, dashed, name) in named {
        let size = font.min((look.width - 34.0) / text_width(&name, 1.0));
        let wide = 24.0 + text_width(&name, size) + 16.0;
        if x + wide > look.width + 12.0 && x > 4.0 {
            (x, y) = (4.0, y + font * 1.5);
        }
        let stroke = Stroke { ink, width: 2.4 * look.stroke, dashed };
        scene.push(Mark::Line { points: vec![(x, y - font * 0.3), (x + 18.0, y - font * 0.3)], stroke });
        scene.text((x + 24.0, y), name, size, Ink::Ink2);
        x += wide;
    }
    y
}

/// Room for what hangs below the baseline of the title of a chart's axis.
fn below(scene: &mut Scene, look: &Look) {
    let bottom = scene.height;
    scene.reach(bottom + look.font * 0.45);
}

/// Whether something is still computed, and how far that is.
fn working(run: &Ran<ReceptiveField>, look: &Look) -> Option<String> {
    let share = run.output.working.filter(|share| *share < 1.0)?;
    Some(fill(Text::of(look.lang).working, &[("share", percent(f64::from(share)))]))
}

/// `38 × 20`.
fn sized((h, w): (usize, usize)) -> String {
    format!("{h} × {w}")
}
