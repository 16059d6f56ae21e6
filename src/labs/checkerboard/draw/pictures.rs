//! The main figure of large maps: pictures, and a detail in cells.

use super::main_figure::State;
use super::{Pointed, Tile, photo, pointed, sized};
use crate::labs::checkerboard::compute::MOST_CELLS;
use crate::stage::colormap::Scale;
use crate::stage::lab::Shared;
use crate::stage::scene::grid::{CellLook, outline};
use crate::stage::scene::{Ink, Origin, Rect, Scene, stroke};
use ndarray::Axis;

impl State<'_> {
    /// Pictures, and below them a detail in cells of what lies under the pointer.
    pub(super) fn pictures(&self) -> Scene {
        let (look, o, p, t) = (self.look, self.output, self.params, self.t);
        let mut scene = Scene::new(look.width);
        let (head, narrow) = (self.head(), look.width < 520.0);
        let gap = 26.0;
        let half = (look.width - gap) / 2.0;
        let (oh, ow) = o.size();
        let colours = photo(o.spans[2]);
        let in_colours = photo(o.spans[0]);
        // The small picture keeps to its size beside the large one.
        let side = if narrow { look.width - 4.0 } else { (look.width * 0.62 - gap).min(470.0) };
        let small =
            if narrow { (look.width * 0.5).min(side) } else { (look.width - side - gap - 4.0).min(side) };
        self.heading(
            &mut scene,
            (2.0, head),
            t.input,
            &sized(look, p.size),
            if narrow { look.width } else { small },
        );
        let tile = Tile {
            tensor: &o.input,
            name: self.names.input,
            scale: in_colours,
            at: (2.0, head),
            side: small,
        };
        let drawn = tile.whole(&mut scene);
        self.legend(&mut scene, drawn, in_colours);
        let at = if narrow { (2.0, scene.height + head) } else { (2.0 + small + gap, head) };
        let title = if p.back() { t.conv_gradient } else { t.output };
        self.heading(&mut scene, at, title, &sized(look, (oh, ow)), side);
        let output = Tile { tensor: &o.output, name: self.names.output, scale: colours, at, side };
        let large = output.whole(&mut scene);
        self.legend(&mut scene, large, colours);
        let (r, c) = match pointed(p, o, look) {
            Pointed::Output(r, c) => (r, c),
            Pointed::Input(i, j) => {
                let along =
                    |i: usize, n: usize, out: usize| ((2 * i + 1) * out / (2 * n.max(1))).min(out - 1);
                (along(i, p.size.0, oh), along(j, p.size.1, ow))
            }
            Pointed::Tap(..) => (oh / 2, ow / 2),
        };
        // The detail.
        let most = if narrow { 12 } else { 14 };
        let part = |at: usize, n: usize| {
            let length = most.min(n).min(MOST_CELLS);
            let from = at.saturating_sub(length / 2).min(n - length);
            (from, from + length)
        };
        let (rows, cols) = (part(r, oh), part(c, ow));
        let zoom = large.w / ow as f64;
        let frame = Rect::new(
            at.0 + cols.0 as f64 * zoom,
            at.1 + rows.0 as f64 * zoom,
            (cols.1 - cols.0) as f64 * zoom,
            (rows.1 - rows.0) as f64 * zoom,
        );
        for (ink, width) in [(Ink::Panel, 4.5), (Ink::Accent, 2.0)] {
            outline(&mut scene, frame.grown(1.0), ink, width * look.stroke);
        }
        scene.at_once = Some(scene.height + 2.0);
        let top = scene.height + head + look.font * 0.4;
        let room = if narrow { look.width - 4.0 } else { half };
        let detail =
            |scene: &mut Scene, tensor: &Shared, name: &'static str, at: (f64, f64), title: &str, colours| {
                self.heading(scene, at, title, t.detail, room);
                let cell = (room / (cols.1 - cols.0) as f64).min(look.font * 3.0);
                let crop = tensor
                    .clone()
                    .slice_axis_move(Axis(2), ndarray::Slice::from(rows.0..rows.1))
                    .slice_axis_move(Axis(3), ndarray::Slice::from(cols.0..cols.1))
                    .as_standard_layout()
                    .into_owned()
                    .into_shared();
                let grid = self.grid(&crop, name, at, cell, colours);
                let here = |i: usize, j: usize| (i + rows.0, j + cols.0) == (r, c) && look.focus.is_some();
                grid.draw(
                    scene,
                    |i, j| CellLook {
                        stroke: here(i, j).then(|| stroke(Ink::Ink, 2.4 * look.stroke)),
                        strong: here(i, j),
                        ..CellLook::default()
                    },
                    |i, j| Origin { tensor: name, index: vec![0, 0, i + rows.0, j + cols.0] },
                );
                self.legend(scene, grid.rect(), colours);
            };
        detail(
            &mut scene,
            &o.output,
            self.names.output,
            (2.0, top),
            if p.back() { t.conv_gradient } else { t.output },
            colours,
        );
        let maps = o.pool_gradient.iter().map(|tensor| (tensor, self.names.pool_gradient, t.pool_gradient));
        let counts = (&o.overlap, self.names.overlap, t.overlap);
        for (at, (tensor, name, title)) in maps.chain([counts]).enumerate() {
            let span = crate::labs::checkerboard::compute::span(tensor);
            let place = match (narrow, at) {
                (false, 0) => (2.0 + half + gap, top),
                _ => (2.0, scene.height + head),
            };
            detail(&mut scene, tensor, name, place, title, Scale::Magnitude { max: span.largest() });
        }
        scene
    }
}
