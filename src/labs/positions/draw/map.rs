//! One attention map with its words.

use super::main_figure::sentence;
use super::word;
use crate::labs::positions::params::{MapOf, Params};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Look, Shared};
use crate::stage::scene::grid::{Grid, fitted, index_of, legend, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, text_width};

/// A map to be drawn.
pub struct Map<'a> {
    /// Its parameters.
    pub params: &'a Params,
    /// `[1, 1, tokens, tokens]`
    pub tensor: &'a Shared,
    /// The tensor's name.
    pub name: &'static str,
    /// Its colours.
    pub scale: Scale,
    /// The cell pointed at.
    pub point: Option<(usize, usize)>,
    /// Rows that are framed when nothing is pointed at.
    pub rows: &'a [usize],
    /// Size of the words.
    pub font: f64,
    /// Width of lines, as a factor.
    pub stroke: f64,
}

/// The colours of maps: weights to 1, scores to the largest of all.
pub fn scale(map: MapOf, limit: f32) -> Scale {
    if map == MapOf::Weights { Scale::Magnitude { max: 1.0 } } else { Scale::Signed { limit } }
}

/// The legend below maps, and what a cell without a number means where some have one.
pub fn legend_of(scene: &mut Scene, top: f64, scale: Scale, blank: &str, look: &Look) {
    let of = |wanted: &dyn Fn(&str, f32) -> bool| {
        scene.marks.iter().any(|mark| match mark {
            Mark::Cell { text, value, hidden: false, .. } => wanted(text, *value),
            _ => false,
        })
    };
    let blanks = of(&|text, _| !text.is_empty()) && of(&|text, value| text.is_empty() && value.abs() < 0.005);
    let (size, bar) = (look.font * 0.85, 130.0_f64.min(look.width * 0.5));
    legend(scene, (0.0, top), bar, scale, size);
    if blanks {
        sentence(scene, (bar + 14.0, top - size * 0.3), blank, (size, look.width - bar - 16.0), Ink::Ink2);
    }
}

impl Map<'_> {
    /// Draws it at a corner, as wide as `room` and no higher than `tallest`; gives its lower edge.
    pub fn draw(&self, scene: &mut Scene, at: (f64, f64), (room, tallest): (f64, f64), look: &Look) -> f64 {
        let n = self.params.n();
        let names: Vec<String> = (0..n).map(|t| word(self.params, t, look.lang)).collect();
        let widest = names.iter().map(|w| text_width(w, self.font)).fold(0.0, f64::max);
        let widest = widest * 1.16;
        let labelled = (room - widest - 8.0) / n as f64 >= self.font * 0.95;
        let left = if labelled { widest + 8.0 } else { 1.0 };
        // A frame around a row stays on the picture.
        let cell = ((room - left - 2.0) / n as f64).min((tallest - self.font * 1.6) / n as f64);
        let grid = Grid {
            tensor: self.tensor,
            name: self.name,
            at: (at.0 + left, at.1),
            cell,
            scale: self.scale,
            decimals: 2,
        };
        let side = cell * n as f64;
        if cell >= 9.0 {
            self.cells(scene, &grid);
        } else {
            grid.draw_plane(scene, side, side);
            if self.params.is_causal {
                let (x, y) = grid.at;
                let points = vec![(x + cell, y), (x + side, y), (x + side, y + side - cell)];
                scene.push(Mark::Area { points, fill: (Ink::Panel, 0.9) });
            }
        }
        let dashes = Stroke { ink: Ink::Ink2, width: 1.3 * self.stroke, dashed: true };
        let frame = |r: usize| Rect::new(grid.at.0, at.1 + r as f64 * cell, side, cell);
        // Where every row is the same word, frames would mark nothing.
        let framed = if self.rows.len() < n { self.rows } else { &[] };
        match self.point {
            Some((i, j)) => {
                scene.rect(frame(i).grown(1.0), 3.0, (Ink::None, 0.0), Some(dashes));
                let line = Stroke { ink: Ink::Ink, width: 2.0 * self.stroke, dashed: false };
                scene.rect(grid.cell_rect(i, j).grown(0.5), 3.0, (Ink::None, 0.0), Some(line));
            }
            None => {
                for r in framed {
                    scene.rect(frame(*r).grown(1.0), 3.0, (Ink::None, 0.0), Some(dashes));
                }
            }
        }
        let mut bottom = at.1 + side;
        if labelled {
            let below = cell >= widest + 2.0;
            let marked = |t: usize| self.point.map_or(framed.contains(&t), |(i, _)| i == t);
            for (t, name) in names.iter().enumerate() {
                let bold = marked(t);
                let ink = if bold { Ink::Ink } else { Ink::Ink2 };
                let y = at.1 + (t as f64 + 0.5) * cell + self.font * 0.35;
                let text = |at, anchor, bold| Mark::Text {
                    at,
                    text: name.clone(),
                    size: self.font,
                    ink,
                    bold,
                    mono: false,
                    anchor,
                };
                scene.push(text((grid.at.0 - 5.0, y), Anchor::End, bold));
                if below {
                    let x = grid.at.0 + (t as f64 + 0.5) * cell;
                    let strong = self.point.is_some_and(|(_, j)| j == t);
                    scene.push(text((x, at.1 + side + self.font * 1.15), Anchor::Middle, strong));
                }
            }
            if below {
                bottom += self.font * 1.5;
            }
        }
        scene.reach(bottom);
        bottom
    }

    /// The cells, with numbers where they say something: in a row of weights what rounds to 0.00 stays blank, so that the
    /// others can be read.
    fn cells(&self, scene: &mut Scene, grid: &Grid) {
        let n = self.params.n();
        let ndim = self.tensor.ndim();
        let hidden = |r: usize, c: usize| self.params.is_causal && c > r;
        let written = |r: usize, c: usize| match value_at(self.tensor, r, c) {
            value if hidden(r, c) || value.abs() < 0.005 => (String::new(), f64::INFINITY),
            value => fitted(value, grid.cell, 2),
        };
        let texts: Vec<(String, f64)> = (0..n * n).map(|at| written(at / n, at % n)).collect();
        let sizes = texts.iter().filter(|(text, _)| !text.is_empty()).map(|(_, size)| *size);
        let size = sizes.fold(f64::INFINITY, f64::min);
        for (at, (text, _)) in texts.into_iter().enumerate() {
            let (r, c) = (at / n, at % n);
            scene.push(Mark::Cell {
                rect: grid.cell_rect(r, c).grown(if grid.cell >= 12.0 { -1.0 } else { -0.4 }),
                value: value_at(self.tensor, r, c),
                origin: Origin { tensor: self.name, index: index_of(ndim, r, c) },
                scale: Some(self.scale),
                size: if text.is_empty() { 0.0 } else { size },
                text,
                strong: self.point == Some((r, c)),
                stroke: None,
                hidden: hidden(r, c),
            });
        }
    }
}
