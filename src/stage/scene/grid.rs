//! A tensor's two last axes as cells with numbers, or as a plane when the cells would be too small to read.

use super::{Ink, Mark, Origin, Rect, Scene, Stroke, text_width};
use crate::stage::colormap::Scale;
use crate::stage::lab::Shared;
use crate::stage::text::number;

/// The smallest cell that shows its number, in CSS pixels, at normal text size.
pub const READABLE: f64 = 21.0;

/// Where and how a tensor is drawn.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    /// The tensor, `[…, h, w]`; its first image is drawn.
    pub tensor: &'a Shared,
    /// Its name.
    pub name: &'static str,
    /// Upper left corner.
    pub at: (f64, f64),
    /// Edge of a cell.
    pub cell: f64,
    /// Its colours.
    pub scale: Scale,
    /// Most decimals of a number.
    pub decimals: usize,
}

/// How one cell differs from the others.
#[derive(Clone, Copy, Debug, Default)]
pub struct CellLook {
    /// Outline.
    pub stroke: Option<Stroke>,
    /// Heavier number.
    pub strong: bool,
    /// Not reached yet.
    pub hidden: bool,
    /// No fill.
    pub hollow: bool,
}

/// Height and width of a tensor's last two axes; a vector is one row, a scalar one cell.
pub fn extent(tensor: &Shared) -> (usize, usize) {
    match tensor.shape() {
        [] => (1, 1),
        [w] => (1, *w),
        [.., h, w] => (*h, *w),
    }
}

/// The value at a row and column of a tensor's first image.
pub fn value_at(tensor: &Shared, row: usize, col: usize) -> f32 {
    let (h, w) = extent(tensor);
    if row >= h || col >= w {
        return f32::NAN;
    }
    match tensor.as_slice() {
        Some(flat) => flat.get(row * w + col).copied().unwrap_or(f32::NAN),
        None => tensor.iter().nth(row * w + col).copied().unwrap_or(f32::NAN),
    }
}

/// The index of a row and column in a tensor with this many axes.
pub fn index_of(ndim: usize, row: usize, col: usize) -> Vec<usize> {
    let mut index = vec![0; ndim.max(2)];
    let n = index.len();
    (index[n - 2], index[n - 1]) = (row, col);
    index
}

impl Grid<'_> {
    /// The whole grid's rectangle.
    pub fn rect(&self) -> Rect {
        let (h, w) = extent(self.tensor);
        Rect::new(self.at.0, self.at.1, w as f64 * self.cell, h as f64 * self.cell)
    }

    /// The rectangle of a cell.
    pub fn cell_rect(&self, row: usize, col: usize) -> Rect {
        Rect::new(
            self.at.0 + col as f64 * self.cell,
            self.at.1 + row as f64 * self.cell,
            self.cell,
            self.cell,
        )
    }

    /// Draws every cell; `look` says how each differs. `place` moves a cell's origin, for grids that show a
    /// part of another tensor: it gives the tensor's name and index for a row and column.
    pub fn draw(
        &self,
        scene: &mut Scene,
        look: impl Fn(usize, usize) -> CellLook,
        origin: impl Fn(usize, usize) -> Origin,
    ) {
        let (h, w) = extent(self.tensor);
        let gap = if self.cell >= 12.0 { 1.0 } else { 0.4 };
        let written = |row, col| {
            let value = value_at(self.tensor, row, col);
            // What is left of a sum that cancels is the order of its rounding, not a number to read.
            let rounding = value.abs() <= 1e-6 * self.scale.ends().1.abs();
            fitted(if rounding { 0.0 } else { value }, self.cell, self.decimals)
        };
        // One size for all: a larger 0 between smaller 0.67 would look like more.
        let mut texts: Vec<(String, f64)> = (0..h * w).map(|at| written(at / w, at % w)).collect();
        let sizes = texts.iter().filter(|(text, _)| !text.is_empty()).map(|(_, size)| *size);
        let size = sizes.fold(f64::INFINITY, f64::min);
        for row in 0..h {
            for col in 0..w {
                let value = value_at(self.tensor, row, col);
                let style = look(row, col);
                let text = std::mem::take(&mut texts[row * w + col].0);
                let size = if text.is_empty() { 0.0 } else { size };
                scene.push(Mark::Cell {
                    rect: self.cell_rect(row, col).grown(-gap),
                    value,
                    origin: origin(row, col),
                    scale: (!style.hollow).then_some(self.scale),
                    text,
                    size,
                    strong: style.strong,
                    stroke: style.stroke,
                    hidden: style.hidden,
                });
            }
        }
        scene.reach(self.rect().bottom());
    }

    /// Draws every cell alike.
    pub fn draw_plain(&self, scene: &mut Scene) {
        let ndim = self.tensor.ndim();
        self.draw(
            scene,
            |_, _| CellLook::default(),
            |r, c| Origin { tensor: self.name, index: index_of(ndim, r, c) },
        );
    }

    /// Draws a plane in a rectangle of this size instead of cells.
    pub fn draw_plane(&self, scene: &mut Scene, w: f64, h: f64) {
        let (rows, cols) = extent(self.tensor);
        let rect = Rect::new(self.at.0, self.at.1, w, h);
        scene.push(Mark::Plane {
            rect,
            tensor: self.tensor.clone(),
            name: self.name,
            rows: (0, rows),
            cols: (0, cols),
            scale: self.scale,
        });
        scene.reach(rect.bottom());
    }
}

/// The number as it fits a cell, with fewer decimals rather than smaller than readable; empty when it can't fit.
pub fn fitted(value: f32, cell: f64, decimals: usize) -> (String, f64) {
    if cell < READABLE {
        return (String::new(), 0.0);
    }
    // Numbers of neighbours stay apart.
    let room = (cell - 4.0).min(cell * 0.82);
    let largest = (cell * 0.42).min(cell / 2.0);
    for places in (0..=decimals).rev() {
        let text = number(value as f64, places);
        let size = (room / text_width(&text, 1.0) * 0.94).min(largest);
        if size >= 8.0_f64.min(largest) {
            return (text, size);
        }
    }
    // A number between −1 and 1 would round to nothing: it loses its first zero instead, as −.05.
    let text = match number(value as f64, decimals) {
        text if value.abs() < 1.0 && value != 0.0 => text.replacen("0.", ".", 1),
        _ => number(value as f64, 0),
    };
    let size = room / text_width(&text, 1.0) * 0.94;
    if size >= 6.5 { (text, size) } else { (String::new(), 0.0) }
}

/// A legend bar under or beside a figure: the colours of a scale with its ends.
pub fn legend(scene: &mut Scene, at: (f64, f64), width: f64, scale: Scale, size: f64) {
    scene.push(Mark::Legend { rect: Rect::new(at.0, at.1, width, size * 0.7), scale, size });
    scene.reach(at.1 + size * 2.1);
}

/// An outline around some cells.
pub fn outline(scene: &mut Scene, rect: Rect, ink: Ink, width: f64) {
    scene.rect(rect, 5.0, (Ink::None, 0.0), Some(Stroke { ink, width, dashed: false }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_shrink_then_lose_decimals_then_go() {
        assert_eq!(fitted(3.0, 30.0, 2).0, "3");
        assert_eq!(fitted(0.123, 40.0, 2).0, "0.12");
        assert_eq!(fitted(0.123, 24.0, 2).0, "0.12");
        assert_eq!(fitted(-123.456, 26.0, 2).0, "−123");
        assert_eq!(fitted(-0.05, 22.0, 2).0, "−.05");
        assert_eq!(fitted(3.0, 12.0, 2).0, "");
    }
}
