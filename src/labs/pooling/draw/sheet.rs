//! A tensor with its heading, as cells with numbers where there is room, as a plane where there is none.

use crate::labs::pooling::compute::span;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Look, Shared};
use crate::stage::scene::grid::{CellLook, Grid, READABLE, extent, index_of};
use crate::stage::scene::{Ink, Origin, Rect, Scene, text_width};

/// What is drawn.
pub struct Sheet<'a> {
    /// The tensor.
    pub tensor: &'a Shared,
    /// Its name.
    pub name: &'static str,
    /// Its colours.
    pub scale: Scale,
    /// What it is.
    pub title: &'a str,
    /// Its size, or a word more.
    pub remark: String,
    /// Cells before and behind it that are not its own, on each axis: `[top, bottom, left, right]`.
    pub around: [usize; 4],
    /// Colours only, however large the cells are.
    pub plane: bool,
}

/// Where its cells lie.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Upper left corner of cell 0, 0.
    pub at: (f64, f64),
    /// Edge of a cell.
    pub cell: f64,
}

impl Placed {
    /// The rectangle of `h` × `w` cells from row `r`, column `c`, which may lie outside.
    pub fn rect(&self, r: f64, c: f64, h: f64, w: f64) -> Rect {
        Rect::new(self.at.0 + c * self.cell, self.at.1 + r * self.cell, w * self.cell, h * self.cell)
    }
    /// The rectangle of one cell.
    pub fn cell_rect(&self, (r, c): (usize, usize)) -> Rect {
        self.rect(r as f64, c as f64, 1.0, 1.0)
    }
    /// Moved with its picture.
    pub fn moved(self, dx: f64, dy: f64) -> Placed {
        Placed { at: (self.at.0 + dx, self.at.1 + dy), ..self }
    }
}

impl<'a> Sheet<'a> {
    /// A tensor with nothing around it.
    pub fn new(tensor: &'a Shared, name: &'static str, scale: Scale, title: &'a str) -> Sheet<'a> {
        let (h, w) = extent(tensor);
        Sheet { tensor, name, scale, title, remark: sized((h, w)), around: [0; 4], plane: false }
    }

    /// Rows and columns with what is around.
    pub fn whole(&self) -> (usize, usize) {
        let (h, w) = extent(self.tensor);
        let [top, bottom, left, right] = self.around;
        (h + top + bottom, w + left + right)
    }

    /// The edge of a cell in this room.
    pub fn cell(&self, look: &Look, room: f64, tall: f64) -> f64 {
        let (h, w) = self.whole();
        ((room - 6.0) / w as f64).min(tall / h as f64).min((look.font * 3.2).max(38.0))
    }

    /// Height of a heading.
    pub fn head(look: &Look) -> f64 {
        look.font * 2.0
    }

    /// Draws it into a picture of this width with cells of this size.
    pub fn draw(
        &self,
        look: &Look,
        room: f64,
        cell: f64,
        style: impl Fn(usize, usize) -> CellLook,
    ) -> (Scene, Placed) {
        let mut scene = Scene::new(room);
        let head = Sheet::head(look);
        let size = (look.font * 1.08).min((room - 4.0) / text_width(self.title, 1.0) / 1.05);
        scene.heading((3.0, head - look.font * 0.75), self.title, &self.remark, size, room - 4.0);
        let placed =
            Placed { at: (3.0 + self.around[2] as f64 * cell, head + self.around[0] as f64 * cell), cell };
        let (h, w) = extent(self.tensor);
        let grid = Grid {
            tensor: self.tensor,
            name: self.name,
            at: placed.at,
            cell,
            scale: self.scale,
            decimals: 2,
        };
        if self.plane || cell < READABLE {
            grid.draw_plane(&mut scene, w as f64 * cell, h as f64 * cell);
        } else {
            let ndim = self.tensor.ndim();
            grid.draw(&mut scene, style, |r, c| Origin { tensor: self.name, index: index_of(ndim, r, c) });
        }
        scene.reach(head + self.whole().0 as f64 * cell + 2.0);
        (scene, placed)
    }
}

/// Sheets in rows of `columns`, all of one cell size within a row; where each lies.
pub fn rows(scene: &mut Scene, sheets: &[Sheet], columns: usize, look: &Look, tall: f64) -> Vec<Placed> {
    let gap = 22.0;
    let columns = columns.max(1);
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let mut placed = Vec::new();
    for band in sheets.chunks(columns) {
        let top = if scene.height > 0.0 { scene.height + look.font * 0.5 } else { 0.0 };
        for (at, sheet) in band.iter().enumerate() {
            let (drawn, place) =
                sheet.draw(look, room, sheet.cell(look, room, tall), |_, _| CellLook::default());
            let x = at as f64 * (room + gap);
            scene.place(drawn, x, top);
            placed.push(place.moved(x, top));
        }
    }
    placed
}

/// One scale for tensors that stand beside each other: grey for pictures, one map from nothing where no number is
/// negative, signed otherwise.
pub fn scale_of(tensors: &[&Shared], grid: bool) -> Scale {
    let spans = || tensors.iter().map(|t| span(t));
    let low = spans().fold(f32::INFINITY, |m, s| m.min(s.low));
    let limit = spans().fold(0.0f32, |m, s| m.max(s.largest()));
    match low >= 0.0 {
        true if !grid && limit <= 1.0 => Scale::Gray { low: 0.0, high: 1.0 },
        true => Scale::Magnitude { max: limit },
        false => Scale::Signed { limit },
    }
}

/// One cell size for tensors of these widths and heights beside each other, and the room each gets: at least that of
/// a heading.
pub fn beside(wholes: &[(usize, usize)], gaps: f64, look: &Look, tall: f64) -> (f64, Vec<f64>) {
    let least = look.font * 8.0;
    let high = wholes.iter().map(|(h, _)| *h).max().unwrap_or(1);
    let mut cell = (tall / high as f64).min((look.font * 4.0).max(46.0));
    let rooms =
        |cell: f64| wholes.iter().map(|(_, w)| (*w as f64 * cell + 6.0).max(least)).collect::<Vec<f64>>();
    while rooms(cell).iter().sum::<f64>() + gaps > look.width && cell > 2.0 {
        cell *= 0.97;
    }
    (cell, rooms(cell))
}

/// `8 × 8`.
pub fn sized((h, w): (usize, usize)) -> String {
    format!("{h} × {w}")
}

/// A text no wider than the room.
pub fn fit(scene: &mut Scene, at: (f64, f64), text: &str, size: f64, room: f64, ink: Ink) {
    let size = size.min(room / text_width(text, 1.0).max(1e-3) / 1.03);
    scene.text(at, text, size, ink);
}
