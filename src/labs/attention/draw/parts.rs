//! Pieces that several figures are made of: maps with their tokens, rows of numbers, matrices with a title.

use crate::labs::attention::compute::{Output, largest};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Look, Shared};
use crate::stage::scene::grid::{READABLE, extent, fitted, index_of, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};

/// A text that keeps to a width: shortened with `…` when it is longer.
pub fn cut(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.into();
    }
    let mut short = String::new();
    for c in text.chars() {
        if text_width(&short, size) + text_width(&c.to_string(), size) + size * 0.56 > room {
            break;
        }
        short.push(c);
    }
    // Nothing of a word says nothing.
    if short.is_empty() { String::new() } else { short + "…" }
}

/// A text at its right end or its middle.
pub fn placed(
    scene: &mut Scene,
    at: (f64, f64),
    text: String,
    size: f64,
    ink: Ink,
    bold: bool,
    anchor: Anchor,
) {
    if !text.is_empty() {
        scene.push(Mark::Text { at, text, size, ink, bold, mono: false, anchor });
    }
}

/// More pairs than this are coloured up to the largest weight of their map rather than up to 1, or nothing would be seen.
pub const MANY: usize = 600;

/// The colours of a head's weights: signed ones may be below zero.
pub fn weight_scale(o: &Output, head: usize) -> Scale {
    let most = match o.maps.get(head) {
        Some(map) if o.sizes.n * o.sizes.m > MANY => largest(map),
        _ => 1.0,
    };
    if o.scores_2.is_some() { Scale::Signed { limit: most } } else { Scale::Magnitude { max: most } }
}

/// The colours of a tensor with numbers of both signs.
pub fn signed(tensor: &Shared) -> Scale {
    Scale::Signed { limit: largest(tensor) }
}

/// A map of queries against keys.
pub struct Map<'a> {
    /// `[1, 1, n, m]`, or a tensor of which one head is drawn.
    pub tensor: &'a Shared,
    /// Its name.
    pub name: &'static str,
    /// Which head of the tensor.
    pub head: usize,
    /// 1 where a query may look.
    pub mask: Option<&'a Shared>,
    /// Its colours.
    pub scale: Scale,
    /// Upper left corner.
    pub at: (f64, f64),
    /// Edge of a cell.
    pub cell: f64,
    /// Whether there may be cells; otherwise a plane, which can only show the first head of a tensor.
    pub cells: bool,
    /// The cell pointed at.
    pub mark: Option<(usize, usize)>,
}

impl Map<'_> {
    /// Draws it; whether anything was coloured, so that a legend belongs to it.
    pub fn draw(&self, scene: &mut Scene, look: &Look) -> bool {
        let (n, m) = extent(self.tensor);
        let c = self.cell;
        let mut coloured = !self.cells;
        if self.cells {
            let gap = if c >= 12.0 { 1.0 } else { 0.4f64.min(c * 0.1) };
            let numbers = c >= READABLE;
            let value = |i: usize, j: usize| value_at_head(self.tensor, self.head, i, j);
            let hidden = |i: usize, j: usize| self.mask.is_some_and(|mask| value_at(mask, i, j) == 0.0);
            // What would be written in powers of ten is nearly nothing, and is left blank.
            let tiny = |v: f32| v != 0.0 && v.abs() < 0.005 && self.scale.ends().1 <= 1.0;
            let written = |i, j| match value(i, j) {
                v if numbers && !tiny(v) => fitted(v, c, 2),
                _ => (String::new(), 0.0),
            };
            let places = || (0..n).flat_map(|i| (0..m).map(move |j| (i, j)));
            let size = places()
                .filter(|(i, j)| numbers && !hidden(*i, *j))
                .map(|(i, j)| written(i, j))
                .filter(|w| !w.0.is_empty())
                .fold(f64::INFINITY, |least, w| least.min(w.1));
            for (i, j) in places() {
                let (seen, here) = (!hidden(i, j), self.mark == Some((i, j)));
                coloured |= seen;
                let text = if seen { written(i, j).0 } else { String::new() };
                let mut index = index_of(self.tensor.ndim(), i, j);
                if let [_, h, _, _] = &mut index[..] {
                    *h = self.head;
                }
                scene.push(Mark::Cell {
                    rect: Rect::new(self.at.0 + j as f64 * c, self.at.1 + i as f64 * c, c, c).grown(-gap),
                    value: value(i, j),
                    origin: Origin { tensor: self.name, index },
                    scale: seen.then_some(self.scale),
                    size: if text.is_empty() { 0.0 } else { size },
                    text,
                    strong: here,
                    stroke: None,
                    hidden: false,
                });
                if !seen {
                    hatch(scene, Rect::new(self.at.0 + j as f64 * c, self.at.1 + i as f64 * c, c, c), look);
                }
            }
        } else {
            scene.push(Mark::Plane {
                rect: Rect::new(self.at.0, self.at.1, m as f64 * c, n as f64 * c),
                tensor: self.tensor.clone(),
                name: self.name,
                rows: (0, n),
                cols: (0, m),
                scale: self.scale,
            });
        }
        let (x, y) = self.at;
        if let Some((i, j)) = self.mark {
            let row = Rect::new(x, y + i as f64 * c, m as f64 * c, c);
            let dashes = Stroke { ink: Ink::Ink2, width: look.stroke, dashed: true };
            scene.rect(row.grown(1.0), 3.0, (Ink::None, 0.0), Some(dashes));
            let here = Rect::new(x + j as f64 * c, y + i as f64 * c, c, c);
            let ring = if c < 6.0 { here.grown(2.0) } else { here.grown(0.5) };
            for (ink, width) in [(Ink::Panel, 4.0), (Ink::Ink, 2.0)] {
                scene.rect(
                    ring,
                    4.0f64.min(c * 0.2 + 1.0),
                    (Ink::None, 0.0),
                    Some(stroke(ink, width * look.stroke)),
                );
            }
        }
        scene.reach(y + n as f64 * c);
        coloured
    }
}

/// Whether among cells with numbers some stay blank because they are nearly nothing.
pub fn has_blank(scene: &Scene) -> bool {
    let of = |wanted: &dyn Fn(&str, f32) -> bool| {
        scene.marks.iter().any(|mark| match mark {
            Mark::Cell { text, value, scale: Some(_), hidden: false, .. } => wanted(text, *value),
            _ => false,
        })
    };
    of(&|text, _| !text.is_empty()) && of(&|text, value| text.is_empty() && value.abs() < 0.005)
}

/// Short remarks beside a legend, each on a line of its own when they don't fit on one.
pub fn remarks(scene: &mut Scene, (x, y): (f64, f64), said: &[&str], look: &Look) {
    let size = look.font * 0.85;
    let (mut at, mut base) = (x, y + size * 0.7);
    for text in said {
        let wide = text_width(text, size);
        if at > x && at + wide > scene.width - 4.0 {
            (at, base) = (x, base + size * 1.3);
        }
        let shown = cut(text, size, scene.width - at - 2.0);
        scene.text((at, base), shown, size, Ink::Ink2);
        at += wide * 1.06 + size;
    }
    scene.reach(base + size * 0.9);
}

/// Marks a cell that the mask hides.
pub fn hatch(scene: &mut Scene, rect: Rect, look: &Look) {
    let r = rect.grown(-rect.w * 0.2);
    let lines: &[(f64, f64, f64, f64)] = if rect.w >= 14.0 {
        &[(0.0, 0.5, 0.5, 0.0), (0.0, 1.0, 1.0, 0.0), (0.5, 1.0, 1.0, 0.5)]
    } else {
        &[(0.0, 1.0, 1.0, 0.0)]
    };
    for (x0, y0, x1, y1) in lines {
        let points = vec![(r.x + x0 * r.w, r.y + y0 * r.h), (r.x + x1 * r.w, r.y + y1 * r.h)];
        scene.push(Mark::Line { points, stroke: stroke(Ink::Pad, 0.9 * look.stroke) });
    }
}

/// A cell of one head of a tensor.
fn value_at_head(tensor: &Shared, head: usize, i: usize, j: usize) -> f32 {
    let (n, m) = extent(tensor);
    let at = (head * n + i) * m + j;
    match tensor.as_slice() {
        Some(flat) => flat.get(at).copied().unwrap_or(0.0),
        None => tensor.iter().nth(at).copied().unwrap_or(0.0),
    }
}

/// The room that tokens need beside a map: to the left of it and above it.
pub fn margins(o: &Output, look: &Look, room: f64) -> (f64, f64) {
    let size = look.font * 0.9;
    // Some fonts are wider than measured.
    let wide = 1.06 * o.labels.0.iter().fold(0.0f64, |w, l| w.max(text_width(l, size)));
    (wide.min(room * 0.24).min(look.font * 8.0).max(look.font) + 8.0, look.font * 1.5)
}

/// How many lines the tokens above a map take: neighbours stand on different lines when they are too long.
fn levels(labels: &[String], size: f64, cell: f64) -> usize {
    let wide = labels.iter().fold(0.0f64, |w, l| w.max(text_width(l, size)));
    ((wide + 4.0) / cell.max(1.0)).ceil().clamp(1.0, 3.0) as usize
}

/// The height of the tokens above a map.
pub fn above(labels: &[String], look: &Look, cell: f64) -> f64 {
    let size = look.font * 0.9;
    levels(labels, size, cell) as f64 * size * 1.2 + 6.0
}

/// Writes the tokens to the left of a map and above it, as far as there is room.
pub fn write_labels(
    scene: &mut Scene,
    (rows, cols): (&[String], &[String]),
    (x, y): (f64, f64),
    cell: f64,
    mark: Option<(usize, usize)>,
    look: &Look,
) {
    let size = look.font * 0.9;
    // One label to so many rows.
    let each = (size * 1.15 / cell).ceil().max(1.0) as usize;
    for (i, label) in rows.iter().enumerate() {
        let here = mark.is_some_and(|m| m.0 == i);
        let near = mark.is_some_and(|m| m.0.abs_diff(i) < each && m.0 != i);
        if (!i.is_multiple_of(each) && !here) || (near && each > 1) {
            continue;
        }
        let at = (x - 6.0, y + (i as f64 + 0.5) * cell + size * 0.35);
        let ink = if here { Ink::Ink } else { Ink::Ink2 };
        placed(scene, at, cut(label, size, x - 8.0), size, ink, here, Anchor::End);
    }
    let lines = levels(cols, size, cell);
    let each = (size * 1.6 / cell / lines as f64).ceil().max(1.0) as usize;
    for (j, label) in cols.iter().enumerate() {
        let here = mark.is_some_and(|m| m.1 == j);
        let near = mark.is_some_and(|m| m.1.abs_diff(j) < each && m.1 != j);
        if (!j.is_multiple_of(each) && !here) || (near && each > 1) {
            continue;
        }
        let middle = x + (j as f64 + 0.5) * cell;
        let step = lines as f64 * cell * each as f64;
        let room = (step - 3.0).min(2.0 * (scene.width - middle)).min(2.0 * middle);
        let line = if each > 1 { (j / each) % lines } else { j % lines };
        let base = y - 6.0 - line as f64 * size * 1.2;
        let ink = if here { Ink::Ink } else { Ink::Ink2 };
        if line > 0 && each == 1 {
            let hair = stroke(Ink::Line, look.stroke);
            scene.push(Mark::Line { points: vec![(middle, base + 2.0), (middle, y - 1.0)], stroke: hair });
        }
        // At the picture's edge a token ends there, as far as its neighbour on the line leaves it room.
        let (wide, edge) = (1.1 * text_width(label, size), scene.width - 1.0);
        if wide > room && each == 1 && middle + wide / 2.0 > edge {
            let before = j.checked_sub(lines).and_then(|b| cols.get(b)).map_or(0.0, |b| text_width(b, size));
            let free = edge - (middle - step + before.min(step - 3.0) * 0.55 + 4.0);
            let size = size * (free / wide).clamp(0.75, 1.0);
            let text = if wide * 0.75 <= free { label.clone() } else { cut(label, size, free) };
            placed(scene, (edge, base), text, size, ink, here, Anchor::End);
            continue;
        }
        placed(scene, (middle, base), cut(label, size, room), size, ink, here, Anchor::Middle);
    }
}

/// One row of a tensor `[1, heads, rows, width]` as cells beside each other.
pub struct Row<'a> {
    /// The tensor.
    pub tensor: &'a Shared,
    /// Its name.
    pub name: &'static str,
    /// Head and row.
    pub of: (usize, usize),
    /// Where the row stands.
    pub rect: Rect,
    /// Its colours.
    pub scale: Scale,
    /// Outlined.
    pub strong: bool,
}

impl Row<'_> {
    /// Draws it.
    pub fn draw(&self, scene: &mut Scene, look: &Look) {
        let (_, whole) = extent(self.tensor);
        // Cells stay wide enough to be pointed at; of a wide vector the first ones are drawn.
        let width = whole.min((self.rect.w / 5.0) as usize).max(1);
        let w = self.rect.w / width as f64;
        let gap = if w >= 8.0 { 1.0 } else { 0.2 };
        let side = w.min(self.rect.h * 1.5);
        let written: Vec<(f32, String, f64)> = (0..width)
            .map(|c| {
                let value = value_at_head(self.tensor, self.of.0, self.of.1, c);
                let (text, size) = fitted(value, side, 2);
                (value, text, size.min(self.rect.h * 0.62))
            })
            .collect();
        let size = written.iter().filter(|w| !w.1.is_empty()).fold(f64::INFINITY, |s, w| s.min(w.2));
        for (c, (value, text, _)) in written.into_iter().enumerate() {
            let rect = Rect::new(
                self.rect.x + c as f64 * w + gap,
                self.rect.y + 1.0,
                (w - 2.0 * gap).max(0.1),
                self.rect.h - 2.0,
            );
            scene.push(Mark::Cell {
                rect,
                value,
                origin: Origin { tensor: self.name, index: vec![0, self.of.0, self.of.1, c] },
                scale: Some(self.scale),
                size: if text.is_empty() { 0.0 } else { size },
                text,
                strong: self.strong,
                stroke: None,
                hidden: false,
            });
        }
        if width < whole {
            let size = self.rect.h * 0.6;
            let at = (self.rect.right() - 1.0, self.rect.bottom() - 2.0);
            placed(scene, at, "…".into(), size.min(look.font), Ink::Ink, true, Anchor::End);
        }
        if self.strong {
            scene.rect(self.rect, 4.0, (Ink::None, 0.0), Some(stroke(Ink::Ink, 1.4 * look.stroke)));
        }
        scene.reach(self.rect.bottom());
    }
}

/// One cell of a tensor `[1, heads, rows, width]`.
pub fn single(
    scene: &mut Scene,
    tensor: &Shared,
    name: &'static str,
    index: [usize; 4],
    rect: Rect,
    scale: Option<Scale>,
) {
    let value = tensor.get(index.as_slice()).copied().unwrap_or(0.0);
    let (mut text, size) = fitted(value, rect.w.min(rect.h * 1.9), 2);
    if name == "weights" && value.abs() < 0.005 && value != 0.0 {
        text.clear();
    }
    let hollow = scale.is_none().then(|| stroke(Ink::Line, 1.0));
    scene.push(Mark::Cell {
        rect,
        value,
        origin: Origin { tensor: name, index: index.to_vec() },
        scale,
        text,
        size: size.min(rect.h * 0.6),
        strong: false,
        stroke: hollow,
        hidden: false,
    });
    scene.reach(rect.bottom());
}
