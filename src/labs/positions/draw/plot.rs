//! A small plot: a frame, lines, and the ends of both axes.

use crate::stage::lab::Look;
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke, stroke, text_width};

/// One line: its points, its colour, its width, dashed or not.
pub struct Line {
    /// In the units of the axes.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub ink: Ink,
    /// Its width.
    pub width: f64,
    /// Dashed.
    pub dashed: bool,
}

/// Room for the ends of the vertical axis, left of the frame.
pub fn gutter(ends: &(String, String), font: f64) -> f64 {
    text_width(&ends.0, font).max(text_width(&ends.1, font)) * 1.08 + 8.0
}

/// What a plot shows.
pub struct Plot<'a> {
    /// Where the frame stands; numbers of the vertical axis stand left of it, those of the other below.
    pub rect: Rect,
    /// From left to right.
    pub x: (f64, f64),
    /// From bottom to top.
    pub y: (f64, f64),
    /// The lines.
    pub lines: &'a [Line],
    /// Places along the bottom, with what is written there.
    pub ticks: &'a [(f64, String)],
    /// What is written at the frame's left side, above and below.
    pub ends: (String, String),
    /// The values that these two stand for, in the units of the axis.
    pub ends_at: (f64, f64),
    /// A dashed upright, if any.
    pub mark: Option<f64>,
    /// Size of its text.
    pub font: f64,
}

impl Plot<'_> {
    /// The place of a point.
    pub fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share =
            |v: f64, (a, b): (f64, f64)| if b > a { ((v - a) / (b - a)).clamp(0.0, 1.0) } else { 0.5 };
        (self.rect.x + share(x, self.x) * self.rect.w, self.rect.bottom() - share(y, self.y) * self.rect.h)
    }

    /// Draws it; gives its lower edge.
    pub fn draw(&self, scene: &mut Scene, look: &Look) -> f64 {
        let rect = self.rect;
        scene.rect(rect, 3.0, (Ink::None, 0.0), Some(stroke(Ink::Line, look.stroke)));
        if self.y.0 < 0.0 && self.y.1 > 0.0 {
            let points = vec![self.place((self.x.0, 0.0)), self.place((self.x.1, 0.0))];
            scene.push(Mark::Line { points, stroke: stroke(Ink::Line2, look.stroke) });
        }
        if let Some(at) = self.mark {
            let points = vec![self.place((at, self.y.0)), self.place((at, self.y.1))];
            let dashes = Stroke { ink: Ink::Ink3, width: 1.2 * look.stroke, dashed: true };
            scene.push(Mark::Line { points, stroke: dashes });
        }
        for line in self.lines {
            let points = line.points.iter().map(|p| self.place(*p)).collect();
            let stroke = Stroke { ink: line.ink, width: line.width * look.stroke, dashed: line.dashed };
            scene.push(Mark::Line { points, stroke });
        }
        let text = |at, text: &str, anchor| Mark::Text {
            at,
            text: text.to_string(),
            size: self.font,
            ink: Ink::Ink2,
            bold: false,
            mono: false,
            anchor,
        };
        let size = self.font;
        // Beside its value, but within the frame's height.
        for (said, value) in [(&self.ends.0, self.ends_at.0), (&self.ends.1, self.ends_at.1)] {
            let y = self.place((self.x.0, value)).1 + size * 0.35;
            let y = y.clamp(rect.y + size * 0.85, rect.bottom() - size * 0.1);
            scene.push(text((rect.x - 5.0, y), said, Anchor::End));
        }
        let mut free = f64::NEG_INFINITY;
        for (at, said) in self.ticks {
            let half = text_width(said, size) / 2.0;
            let x = self.place((*at, 0.0)).0.clamp(rect.x + half, (rect.right() - half).max(rect.x + half));
            if x - half > free + 4.0 {
                scene.push(text((x, rect.bottom() + size * 1.2), said, Anchor::Middle));
                free = x + half;
            }
        }
        let bottom = rect.bottom() + size * 1.7;
        scene.reach(bottom);
        bottom
    }
}
