//! The picture as data. Colours are roles, never values; every number says which tensor cell it is, so that
//! screen, PNG, SVG, print, snapshot tests, hit tests and the reader's table all tell the same.

pub mod grid;
pub mod hit;
#[cfg(not(target_arch = "wasm32"))]
pub mod png;
pub mod svg;
pub mod table;

use super::colormap::Scale;
use super::lab::Shared;

/// A rectangle in CSS pixels, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// A rectangle.
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Rect {
        Rect { x, y, w, h }
    }
    /// Whether a point is inside.
    pub fn holds(&self, x: f64, y: f64) -> bool {
        x >= self.x && y >= self.y && x < self.x + self.w && y < self.y + self.h
    }
    /// Grown on every side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }
    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }
    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
    /// The middle.
    pub fn center(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }
}

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ink {
    /// Nothing.
    None,
    /// Text.
    Ink,
    /// Secondary text.
    Ink2,
    /// Least text.
    Ink3,
    /// Hairlines.
    Line,
    /// Fainter hairlines.
    Line2,
    /// Page.
    Paper,
    /// Card.
    Panel,
    /// What can be moved.
    Accent,
    /// A warning.
    Warn,
    /// Padding.
    Pad,
    /// Focus.
    Focus,
    /// Kernel tap `index` of `of`.
    Tap {
        /// The tap, in row-major order.
        index: usize,
        /// How many there are.
        of: usize,
    },
    /// A value on a scale.
    Value {
        /// The scale.
        scale: Scale,
        /// The value.
        value: f32,
    },
}

/// A line's look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub ink: Ink,
    /// Its width in CSS pixels.
    pub width: f64,
    /// Dashed.
    pub dashed: bool,
}

/// A solid line.
pub fn stroke(ink: Ink, width: f64) -> Stroke {
    Stroke { ink, width, dashed: false }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The point is its left end.
    Start,
    /// The point is its middle.
    Middle,
    /// The point is its right end.
    End,
}

/// The tensor cell a number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The tensor's name.
    pub tensor: &'static str,
    /// Its index.
    pub index: Vec<usize>,
}

/// One mark of a picture.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A rectangle.
    Box {
        /// Where.
        rect: Rect,
        /// Corner radius.
        radius: f64,
        /// Fill and its opacity.
        fill: (Ink, f32),
        /// Outline.
        stroke: Option<Stroke>,
    },
    /// One number of a tensor.
    Cell {
        /// Where.
        rect: Rect,
        /// The number.
        value: f32,
        /// Which cell of which tensor it is.
        origin: Origin,
        /// Its colour; `None` leaves the cell hollow, as padding is.
        scale: Option<Scale>,
        /// The number as written, empty when the cell is too small.
        text: String,
        /// Size of the number.
        size: f64,
        /// Heavier, because it is pointed at.
        strong: bool,
        /// Outline.
        stroke: Option<Stroke>,
        /// Not reached yet: outline only, number hidden.
        hidden: bool,
    },
    /// Many numbers of a tensor as a picture: rows `rows.0..rows.1`, columns `cols.0..cols.1` of its last two axes.
    Plane {
        /// Where.
        rect: Rect,
        /// The tensor, `[…, h, w]`, of which the first image is drawn.
        tensor: Shared,
        /// Its name.
        name: &'static str,
        /// Rows shown.
        rows: (usize, usize),
        /// Columns shown.
        cols: (usize, usize),
        /// Its colours.
        scale: Scale,
    },
    /// A line through points.
    Line {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Its look.
        stroke: Stroke,
    },
    /// A filled shape.
    Area {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Fill and its opacity.
        fill: (Ink, f32),
    },
    /// A soft band from the right edge of one rectangle to the left edge of another.
    Band {
        /// From here.
        from: Rect,
        /// To here.
        to: Rect,
        /// Fill and its opacity.
        fill: (Ink, f32),
        /// Runs downwards instead, from the lower edge to the upper edge.
        down: bool,
    },
    /// A text.
    Text {
        /// Where its baseline starts, is centred, or ends.
        at: (f64, f64),
        /// The text.
        text: String,
        /// Its size.
        size: f64,
        /// Its colour.
        ink: Ink,
        /// Heavy.
        bold: bool,
        /// In the font of numbers.
        mono: bool,
        /// Which end is at the point.
        anchor: Anchor,
    },
    /// The colour bar of a scale with its ends written.
    Legend {
        /// The bar.
        rect: Rect,
        /// The scale.
        scale: Scale,
        /// Size of the numbers.
        size: f64,
    },
}

/// A picture.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
    /// What is on it, from back to front.
    pub marks: Vec<Mark>,
    /// Above this height stands what answers a moving slider; what is below may follow a moment later.
    pub at_once: Option<f64>,
}

impl Scene {
    /// An empty picture of a width; its height grows with what is put on it.
    pub fn new(width: f64) -> Scene {
        Scene { width, ..Scene::default() }
    }

    /// Adds a mark.
    pub fn push(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// Makes the picture at least this high.
    pub fn reach(&mut self, bottom: f64) {
        self.height = self.height.max(bottom);
    }

    /// Adds a text.
    pub fn text(&mut self, at: (f64, f64), text: impl Into<String>, size: f64, ink: Ink) {
        let (bold, mono, anchor) = (false, false, Anchor::Start);
        self.push(Mark::Text { at, text: text.into(), size, ink, bold, mono, anchor });
    }

    /// Adds a text centred on a point.
    pub fn text_middle(&mut self, at: (f64, f64), text: impl Into<String>, size: f64, ink: Ink) {
        let (bold, mono, anchor) = (false, false, Anchor::Middle);
        self.push(Mark::Text { at, text: text.into(), size, ink, bold, mono, anchor });
    }

    /// Adds a heading and, behind it, a quieter remark. Both keep to the width given: the title grows smaller, down
    /// to 0.6 of its size, and a remark without room is left out.
    pub fn heading(&mut self, at: (f64, f64), title: &str, remark: &str, size: f64, room: f64) {
        let (mono, anchor) = (false, Anchor::Start);
        let size = (room / (text_width(title, 1.0) * 1.04)).clamp(size * 0.6, size);
        self.push(Mark::Text { at, text: title.into(), size, ink: Ink::Ink, bold: true, mono, anchor });
        let shift = text_width(title, size) * 1.13 + size * 0.7;
        let remark_size = size * 0.92;
        if !remark.is_empty() && shift + text_width(remark, remark_size) <= room.max(shift + 1.0) + 0.5 {
            let text = remark.to_string();
            self.push(Mark::Text {
                at: (at.0 + shift, at.1),
                text,
                size: remark_size,
                ink: Ink::Ink3,
                bold: false,
                mono,
                anchor,
            });
        }
    }

    /// Adds a rectangle.
    pub fn rect(&mut self, rect: Rect, radius: f64, fill: (Ink, f32), stroke: Option<Stroke>) {
        self.push(Mark::Box { rect, radius, fill, stroke });
    }

    /// Adds everything of another picture, moved.
    pub fn place(&mut self, other: Scene, dx: f64, dy: f64) {
        self.reach(dy + other.height);
        self.at_once = self.at_once.or(other.at_once.map(|y| y + dy));
        self.marks.extend(other.marks.into_iter().map(|m| m.moved(dx, dy)));
    }
}

impl Mark {
    /// Its upper edge, where it has one of its own.
    pub fn top(&self) -> f64 {
        let least = |points: &[(f64, f64)]| points.iter().fold(f64::INFINITY, |y, p| y.min(p.1));
        match self {
            Mark::Box { rect, .. }
            | Mark::Cell { rect, .. }
            | Mark::Plane { rect, .. }
            | Mark::Legend { rect, .. } => rect.y,
            Mark::Line { points, .. } | Mark::Area { points, .. } => least(points),
            Mark::Band { from, to, .. } => from.y.min(to.y),
            Mark::Text { at, size, .. } => at.1 - size,
        }
    }

    fn moved(mut self, dx: f64, dy: f64) -> Mark {
        let shift = |r: &mut Rect| {
            r.x += dx;
            r.y += dy;
        };
        match &mut self {
            Mark::Box { rect, .. }
            | Mark::Cell { rect, .. }
            | Mark::Plane { rect, .. }
            | Mark::Legend { rect, .. } => {
                shift(rect);
            }
            Mark::Line { points, .. } | Mark::Area { points, .. } => {
                for p in points {
                    *p = (p.0 + dx, p.1 + dy);
                }
            }
            Mark::Band { from, to, .. } => {
                shift(from);
                shift(to);
            }
            Mark::Text { at, .. } => *at = (at.0 + dx, at.1 + dy),
        }
        self
    }
}

/// About how wide a text is: Latin letters 0.56 of the size, Chinese ones the whole. The picture doesn't know
/// fonts, so that it is the same everywhere; places that need more keep some room.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c as u32 >= 0x2e80 { 1.0 } else { 0.56 }).sum::<f64>() * size
}
