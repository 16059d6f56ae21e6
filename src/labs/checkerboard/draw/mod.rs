//! The lab's figures as scenes.

mod cells;
mod cures;
mod learn;
mod main_figure;
mod matrix;
mod pictures;
mod spectrum;
mod table;

use super::Checkerboard;
use super::compute::Output;
use super::params::{Panel, Params};
use super::text::Text;
use crate::core::analysis::Span;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Focus, Look, Ran, Shared};
use crate::stage::scene::grid::extent;
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke, text_width};
use crate::stage::text::{fill, number};

/// Names of the counts in one dimension, a layer after the other.
pub const LINES: [&str; 3] = ["line", "line_second", "line_third"];

/// What is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// A cell of the input.
    Input(usize, usize),
    /// A cell of the output.
    Output(usize, usize),
    /// A tap.
    Tap(usize, usize),
}

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<Checkerboard>, look: &Look) -> Vec<Figure> {
    let panel = match run.params.panel {
        Panel::Table => table::figure(run, look),
        Panel::Cures => cures::figure(run, look),
        Panel::Spectrum => spectrum::figure(run, look),
        Panel::Learn => learn::figure(run, look),
        Panel::Matrix => matrix::figure(run, look),
    };
    vec![main_figure::figure(run, look), Figure { id: "panel", ..panel }]
}

/// What is pointed at: the focus, or the step of the player, or at rest the middle input.
pub fn pointed(p: &Params, o: &Output, look: &Look) -> Pointed {
    if let Some(found) = look.focus.and_then(|focus| resolve(p, o, focus)) {
        return found;
    }
    let (h, w) = p.size;
    match look.step.checked_sub(1) {
        Some(at) if at < h * w => Pointed::Input(at / w, at % w),
        _ if p.back() => {
            let (h, w) = o.size();
            Pointed::Output(h / 2, w / 2)
        }
        _ => Pointed::Input(h / 2, w / 2),
    }
}

fn resolve(p: &Params, o: &Output, focus: &Focus) -> Option<Pointed> {
    let [.., r, c] = focus.index[..] else { return None };
    let within = |(h, w): (usize, usize), r: usize, c: usize| r < h && c < w;
    let output = |r: usize, c: usize| within(o.size(), r, c).then_some(Pointed::Output(r, c));
    match focus.tensor.strip_prefix("beside_").unwrap_or(focus.tensor) {
        "input" if within(p.size, r, c) => Some(Pointed::Input(r, c)),
        "output" | "overlap" | "pool_gradient" => output(r, c),
        "full" | "stamped" => output(r.checked_sub(p.p())?, c.checked_sub(p.p())?),
        "weight" | "stamp" if within(extent(&o.weight), r, c) => Some(Pointed::Tap(r, c)),
        _ => None,
    }
}

/// Colours for numbers that range over a span: one map when none is negative.
pub fn scale(span: Span) -> Scale {
    if span.low < 0.0 {
        Scale::Signed { limit: span.largest() }
    } else {
        Scale::Magnitude { max: span.largest() }
    }
}

/// Colours for a picture: grey when no number is negative.
pub fn photo(span: Span) -> Scale {
    if span.low < 0.0 {
        Scale::Signed { limit: span.largest() }
    } else {
        Scale::Gray { low: 0.0, high: span.largest() }
    }
}

/// `8 × 8`.
pub fn sized(look: &Look, (h, w): (usize, usize)) -> String {
    fill(Text::of(look.lang).size, &[("h", h.to_string()), ("w", w.to_string())])
}

/// A percentage to one decimal; what rounds to nothing is nothing.
pub fn tenths(value: f32) -> String {
    number((f64::from(value) * 10.0).round() / 10.0, 1)
}

/// A dashed outline.
pub fn dashes(ink: Ink, width: f64) -> Stroke {
    Stroke { ink, width, dashed: true }
}

/// A text no wider than its room: it grows smaller, down to nothing sensible only where nothing would fit.
pub fn short(scene: &mut Scene, at: (f64, f64), text: &str, size: f64, room: f64, ink: Ink, anchor: Anchor) {
    let size = size.min(room / text_width(text, 1.0).max(0.1)).max(1.0);
    scene.push(Mark::Text { at, text: text.into(), size, ink, bold: false, mono: false, anchor });
}

/// A paragraph in lines no wider than the room, from `y` on; gives the lower end.
pub fn paragraph(scene: &mut Scene, (x, y): (f64, f64), text: &str, size: f64, room: f64, ink: Ink) -> f64 {
    let mut lines: Vec<String> = vec![String::new()];
    let mut word = String::new();
    let mut words = Vec::new();
    for letter in text.chars() {
        word.push(letter);
        if letter == ' ' || letter as u32 >= 0x2e80 && !"，。：；、）”".contains(letter) {
            words.push(std::mem::take(&mut word));
        }
    }
    words.push(word);
    // Punctuation goes with the letter before it.
    for word in words {
        let Some(line) = lines.last_mut() else { continue };
        let leads = word.starts_with(|c| "，。：；、）”".contains(c));
        if !line.is_empty() && !leads && text_width(line, size) + text_width(word.trim_end(), size) > room {
            lines.push(word);
        } else {
            line.push_str(&word);
        }
    }
    let mut bottom = y;
    for (at, line) in lines.iter().map(|l| l.trim_end()).filter(|l| !l.is_empty()).enumerate() {
        let fits = size.min(room / text_width(line, 1.0).max(0.1));
        let base = y + size * (1.0 + 1.4 * at as f64);
        scene.text((x, base), line, fits, ink);
        bottom = base + size * 0.45;
    }
    scene.reach(bottom);
    bottom
}

/// A tensor as a picture under a title, `room` wide; gives the lower end.
pub struct Tile<'a> {
    /// The tensor.
    pub tensor: &'a Shared,
    /// Its name.
    pub name: &'static str,
    /// Its colours.
    pub scale: Scale,
    /// Upper left corner.
    pub at: (f64, f64),
    /// Its longer side.
    pub side: f64,
}

impl Tile<'_> {
    /// Draws it with a hairline around; gives its rectangle.
    pub fn draw(&self, scene: &mut Scene, rows: (usize, usize), cols: (usize, usize)) -> Rect {
        let (h, w) = ((rows.1 - rows.0).max(1) as f64, (cols.1 - cols.0).max(1) as f64);
        let zoom = self.side / h.max(w);
        let rect = Rect::new(self.at.0, self.at.1, w * zoom, h * zoom);
        scene.push(Mark::Plane {
            rect,
            tensor: self.tensor.clone(),
            name: self.name,
            rows,
            cols,
            scale: self.scale,
        });
        scene.rect(rect, 0.0, (Ink::None, 0.0), Some(Stroke { ink: Ink::Line, width: 1.0, dashed: false }));
        scene.reach(rect.bottom());
        rect
    }

    /// Draws all of it.
    pub fn whole(&self, scene: &mut Scene) -> Rect {
        let (h, w) = extent(self.tensor);
        self.draw(scene, (0, h), (0, w))
    }
}
