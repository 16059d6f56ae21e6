//! From a point to the tensor cell drawn there, and from a cell to its place.

use super::{Mark, Rect, Scene};
use crate::stage::lab::Focus;

/// The cell at a point, the front one first.
pub fn at(scene: &Scene, x: f64, y: f64) -> Option<Focus> {
    scene.marks.iter().rev().find_map(|mark| match mark {
        Mark::Cell { rect, origin, .. } if rect.grown(1.0).holds(x, y) => {
            Some(Focus { tensor: origin.tensor, index: origin.index.clone() })
        }
        Mark::Plane { rect, tensor, name, rows, cols, .. } if rect.holds(x, y) => {
            let part = |from: f64, size: f64, at: f64, (a, b): (usize, usize)| {
                a + (((at - from) / size * (b - a) as f64) as usize).min(b.saturating_sub(a + 1))
            };
            let mut index = vec![0; tensor.ndim()];
            let last = index.len().checked_sub(2)?;
            index[last] = part(rect.y, rect.h, y, *rows);
            index[last + 1] = part(rect.x, rect.w, x, *cols);
            Some(Focus { tensor: name, index })
        }
        _ => None,
    })
}

/// Where a cell is drawn, if it is.
pub fn place(scene: &Scene, focus: &Focus) -> Option<Rect> {
    scene.marks.iter().find_map(|mark| match mark {
        Mark::Cell { rect, origin, .. } if origin.tensor == focus.tensor && origin.index == focus.index => {
            Some(*rect)
        }
        Mark::Plane { rect, name, rows, cols, .. } if *name == focus.tensor => {
            let n = focus.index.len();
            let (r, c) = (*focus.index.get(n.checked_sub(2)?)?, *focus.index.get(n - 1)?);
            if r < rows.0 || r >= rows.1 || c < cols.0 || c >= cols.1 {
                return None;
            }
            let (h, w) = (rect.h / (rows.1 - rows.0) as f64, rect.w / (cols.1 - cols.0) as f64);
            Some(Rect::new(rect.x + (c - cols.0) as f64 * w, rect.y + (r - rows.0) as f64 * h, w, h))
        }
        _ => None,
    })
}

/// The tensors that can be pointed at in a picture, in the order in which they stand on it.
pub fn tensors(scene: &Scene) -> Vec<&'static str> {
    let mut names = Vec::new();
    for mark in &scene.marks {
        let name = match mark {
            Mark::Cell { origin, .. } => origin.tensor,
            Mark::Plane { name, .. } => name,
            _ => continue,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
