//! The cells of the main figure: input, kernel, and output with what is cut away and added.

use super::main_figure::State;
use super::{Pointed, dashes, scale};
use crate::stage::colormap::Scale;
use crate::stage::scene::grid::{CellLook, Grid, extent, outline, value_at};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, stroke};
use ndarray::{Array2, Axis};

impl State<'_> {
    /// The tap through which an input cell reaches what is pointed at.
    fn tap_of(&self, point: Pointed, i: usize, j: usize) -> Option<usize> {
        let Pointed::Output(r, c) = point else { return None };
        self.output.full.as_ref()?;
        let (p, k) = (self.params, self.params.k());
        let a = (r + p.p()).checked_sub(i * p.s()).filter(|a| *a < k)?;
        let b = (c + p.p()).checked_sub(j * p.s()).filter(|b| *b < k)?;
        Some(a * k + b)
    }

    pub(super) fn input_cells(&self, scene: &mut Scene, grid: &Grid, point: Pointed) {
        let (look, of) = (self.look, self.params.k() * self.params.k());
        let w = self.params.size.1;
        grid.draw(
            scene,
            |r, c| {
                let here = point == Pointed::Input(r, c);
                let tap = self.tap_of(point, r, c);
                let line = tap.map(|index| stroke(Ink::Tap { index, of }, 2.4 * look.stroke));
                let later = look.step > 0 && self.output.stamped.is_some() && r * w + c >= look.step;
                let quiet = later.then(|| dashes(Ink::Pad, look.stroke));
                CellLook {
                    stroke: line.or(here.then(|| stroke(Ink::Accent, 2.6 * look.stroke))).or(quiet),
                    strong: here || tap.is_some(),
                    hollow: later,
                    hidden: false,
                }
            },
            |r, c| Origin { tensor: self.names.input, index: vec![0, 0, r, c] },
        );
    }

    pub(super) fn kernel_cells(&self, scene: &mut Scene, grid: &Grid, point: Pointed) {
        let (h, w) = extent(grid.tensor);
        grid.draw(
            scene,
            |r, c| {
                let lit = point == Pointed::Tap(r, c);
                // Only taps have hues: a stamp of another up-sampler is no list of taps.
                let tap = Ink::Tap { index: r * w + c, of: h * w };
                let ink = if self.params.stamps() { tap } else { Ink::Line };
                let width = if lit { 3.4 } else { 2.0 } * self.look.stroke;
                CellLook {
                    stroke: Some(stroke(ink, width.min(grid.cell / 6.0))),
                    strong: lit,
                    ..CellLook::default()
                }
            },
            |r, c| Origin { tensor: grid.name, index: vec![0, 0, r, c] },
        );
    }

    /// The output with what is cut away and added around it; gives its colours.
    pub(super) fn output_cells(
        &self,
        scene: &mut Scene,
        at: (f64, f64),
        cell: f64,
        canvas: (usize, usize),
        pad: usize,
        point: Pointed,
    ) -> Scale {
        let (p, o, look, names) = (self.params, self.output, self.look, self.names);
        let colours = scale(o.spans[4]);
        let (h, w) = o.size();
        let kept = |r: usize, c: usize| (pad..pad + h).contains(&r) && (pad..pad + w).contains(&c);
        let step = o.stamped.as_ref().filter(|t| look.step > 0 && look.step <= t.shape()[0]);
        let partial = step.map(|t| t.index_axis(Axis(0), look.step - 1).to_owned().into_shared());
        let full = o.full.as_ref().map_or((0, 0), extent);
        let source = |r: usize, c: usize| -> (&'static str, Vec<usize>, f32) {
            match &partial {
                Some(now) if r < full.0 && c < full.1 => {
                    (names.stamped, vec![look.step - 1, 0, r, c], value_at(now, r, c))
                }
                _ if kept(r, c) => {
                    (names.output, vec![0, 0, r - pad, c - pad], value_at(&o.output, r - pad, c - pad))
                }
                _ => {
                    let value = o.full.as_ref().map_or(0.0, |full| value_at(full, r, c));
                    (names.full, vec![0, 0, r, c], value)
                }
            }
        };
        let values = Array2::from_shape_fn(canvas, |(r, c)| {
            let outside = !kept(r, c) && (r >= full.0 || c >= full.1);
            if outside { 0.0 } else { source(r, c).2 }
        });
        let values = values.insert_axis(Axis(0)).insert_axis(Axis(0)).into_dyn().into_shared();
        let reached = |r: usize, c: usize| -> bool {
            // A cell is reached by the first stamp that covers it.
            let (k, s, width) = (p.k(), p.s(), p.size.1);
            let first = |at: usize| (at + 1).saturating_sub(k).div_ceil(s);
            let (i, j) = (first(r), first(c));
            i * s <= r && j * s <= c && i * width + j < look.step
        };
        let stamp = match point {
            Pointed::Input(i, j) if o.full.is_some() => Some((i * p.s(), j * p.s())),
            _ => None,
        };
        let tap = |r: usize, c: usize| -> Option<usize> {
            let (i, j) = stamp?;
            let (a, b) = (r.checked_sub(i)?, c.checked_sub(j)?);
            (a < p.k() && b < p.k()).then_some(a * p.k() + b)
        };
        let grid = self.grid(&values, names.output, at, cell, colours);
        let tapped = |r: usize, c: usize| match point {
            Pointed::Tap(a, b) if o.full.is_some() => {
                let on = |at: usize, tap: usize, n: usize| {
                    at.checked_sub(tap).is_some_and(|v| v.is_multiple_of(p.s()) && v / p.s() < n)
                };
                (on(r, a, p.size.0) && on(c, b, p.size.1)).then_some(a * p.k() + b)
            }
            _ => tap(r, c),
        };
        let of = p.k() * p.k();
        // Only cells that belong to a tensor are drawn: a corner may lie outside of both.
        let mut drawn = Scene::new(scene.width);
        grid.draw(
            &mut drawn,
            |r, c| {
                let here = kept(r, c) && point == Pointed::Output(r - pad, c - pad);
                let tap = tapped(r, c).map(|index| stroke(Ink::Tap { index, of }, 2.2 * look.stroke));
                let hidden = partial.is_some() && !reached(r, c);
                let edge = if !kept(r, c) {
                    Some(dashes(Ink::Pad, look.stroke))
                } else if o.full.is_some() && (r + pad >= full.0 || c + pad >= full.1) {
                    Some(dashes(Ink::Accent, 1.4 * look.stroke))
                } else {
                    hidden.then(|| stroke(Ink::Line, look.stroke))
                };
                CellLook {
                    stroke: if here { Some(stroke(Ink::Ink, 2.4 * look.stroke)) } else { tap.or(edge) },
                    strong: here || tap.is_some(),
                    hidden,
                    hollow: !kept(r, c),
                }
            },
            |r, c| {
                let (tensor, index, _) = source(r, c);
                Origin { tensor, index }
            },
        );
        drawn.marks.retain(|mark| match mark {
            Mark::Cell { origin, .. } if origin.tensor == names.full => {
                let [.., r, c] = origin.index[..] else { return true };
                r < full.0 && c < full.1
            }
            _ => true,
        });
        scene.place(drawn, 0.0, 0.0);
        if pad > 0 && o.full.is_some() {
            let rect = Rect::new(
                at.0 + pad as f64 * cell,
                at.1 + pad as f64 * cell,
                w as f64 * cell,
                h as f64 * cell,
            );
            scene.rect(rect, 3.0, (Ink::None, 0.0), Some(stroke(Ink::Accent, 1.8 * look.stroke)));
        }
        if let Some((i, j)) = stamp {
            let side = p.k() as f64 * cell;
            let rect = Rect::new(at.0 + j as f64 * cell, at.1 + i as f64 * cell, side, side);
            outline(scene, rect.grown(1.5), Ink::Ink, 2.0 * look.stroke);
        }
        colours
    }
}
