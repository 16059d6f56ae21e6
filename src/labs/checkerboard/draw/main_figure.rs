//! The main figure: input, kernel, output and overlap in cells when they are small, else as pictures with a detail.

use super::{Pointed, dashes, pointed, scale, sized};
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::compute::Output;
use crate::labs::checkerboard::params::Params;
use crate::labs::checkerboard::text::Text;
use crate::labs::checkerboard::words::labels;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{CellLook, Grid, extent, legend};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, stroke, text_width};
use crate::stage::text::{fill, number, percent};

/// Names of the tensors of a state.
pub(super) struct Names {
    pub input: &'static str,
    pub weight: &'static str,
    pub stamp: &'static str,
    pub output: &'static str,
    pub overlap: &'static str,
    pub full: &'static str,
    pub stamped: &'static str,
    pub pool_gradient: &'static str,
}

const FIRST: Names = Names {
    input: "input",
    weight: "weight",
    stamp: "stamp",
    output: "output",
    overlap: "overlap",
    full: "full",
    stamped: "stamped",
    pool_gradient: "pool_gradient",
};
const SECOND: Names = Names {
    input: "beside_input",
    weight: "beside_weight",
    stamp: "beside_stamp",
    output: "beside_output",
    overlap: "beside_overlap",
    full: "beside_full",
    stamped: "beside_stamped",
    pool_gradient: "beside_pool_gradient",
};

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let states = std::iter::once((&run.params, &run.output, &FIRST))
        .chain(run.beside.as_ref().map(|s| (&s.params, &s.output, &SECOND)));
    for (at, (params, output, names)) in states.enumerate() {
        let mut y = if at > 0 { scene.height + look.font * 1.6 } else { 0.0 };
        if let Some(second) = &run.beside {
            let value = if at == 0 { &second.values.0 } else { &second.values.1 };
            let text = format!("{} = {value}", second.key);
            let size = (look.font * 1.15).min((look.width - 8.0) / text_width(&text, 1.0));
            scene.text((2.0, y + look.font), text, size, Ink::Accent);
            y += look.font * 1.8;
        }
        let drawn = State { params, output, names, look, t };
        let drawn = if params.is_grid() { drawn.cells() } else { drawn.pictures() };
        scene.place(drawn, 0.0, y);
    }
    let (p, o) = (&run.params, &run.output);
    let (title, caption) =
        if p.back() { (t.back_title, t.back_caption) } else { (t.main_title, t.main_caption) };
    Figure { id: "main", title: title.into(), caption: caption.into(), summary: summary(p, o, t), scene }
}

fn summary(p: &Params, o: &Output, t: &Text) -> String {
    let (h, w) = o.size();
    let strength = o.strength().map_or_else(|| t.not_measured.to_string(), percent);
    let values = [
        ("h", p.size.0.to_string()),
        ("w", p.size.1.to_string()),
        ("oh", h.to_string()),
        ("ow", w.to_string()),
        ("low", number(f64::from(o.spans[3].low), 0)),
        ("high", number(f64::from(o.spans[3].high), 0)),
        ("strength", strength),
    ];
    fill(if p.back() { t.back_summary } else { t.main_summary }, &values)
}

/// One state, ready to be drawn.
pub(super) struct State<'a> {
    pub params: &'a Params,
    pub output: &'a Output,
    pub names: &'a Names,
    pub look: &'a Look<'a>,
    pub t: &'a Text,
}

/// Where the large maps stand.
struct Room {
    cell: f64,
    first: (f64, f64),
    second: (f64, f64),
    /// Width each has.
    wide: f64,
}

impl State<'_> {
    /// Cells around the output that are cut off, and the whole that is stamped.
    pub(super) fn canvas(&self) -> (usize, (usize, usize)) {
        let (h, w) = self.output.size();
        match &self.output.full {
            Some(full) => {
                let (fh, fw) = extent(full);
                let pad = self.params.p();
                (pad, (fh.max(h + pad), fw.max(w + pad)))
            }
            None => (0, (h, w)),
        }
    }

    pub(super) fn head(&self) -> f64 {
        self.look.font * 2.1
    }

    pub(super) fn heading(
        &self,
        scene: &mut Scene,
        (x, y): (f64, f64),
        title: &str,
        remark: &str,
        room: f64,
    ) {
        scene.heading((x, y - self.look.font * 0.7), title, remark, self.look.font * 1.08, room);
    }

    /// What stands over the kernel.
    fn kernel_title(&self) -> (&'static str, &Shared, &'static str, String) {
        let (p, t) = (self.params, self.t);
        let taps = labels(self.look.lang).init.options[p.init as usize];
        if p.stamps() {
            (t.kernel, &self.output.weight, self.names.weight, taps.into())
        } else {
            (t.stamp, &self.output.stamp, self.names.stamp, sized(self.look, extent(&self.output.stamp)))
        }
    }

    fn cells(&self) -> Scene {
        let (look, o, p, t) = (self.look, self.output, self.params, self.t);
        let mut scene = Scene::new(look.width);
        let narrow = look.width < 560.0;
        let head = self.head();
        let (pad, canvas) = self.canvas();
        let gap = if narrow { 18.0 } else { 28.0 };
        let (title, kernel, kernel_name, remark) = self.kernel_title();
        let ((ih, iw), (kh, kw)) = (extent(&o.input), extent(kernel));
        // Input and kernel: a column beside the maps, or a row above them.
        let side = if narrow { (look.width - gap) / 2.0 } else { (look.width * 0.2).max(look.font * 10.0) };
        let largest = look.font * 2.3;
        let small = |h: usize, w: usize| (side / w as f64).min(largest).min(200.0 / h as f64);
        let (ci, ck) = (small(ih, iw), small(kh, kw).min(if narrow { largest } else { 110.0 / kh as f64 }));
        let input_at = (2.0, head);
        let kernel_at = if narrow { (side + gap, head) } else { (2.0, head * 2.0 + ih as f64 * ci + 6.0) };
        let second = o.pool_gradient.as_ref();
        let room = if narrow {
            let wide = look.width - 4.0;
            let cell = (wide / canvas.1 as f64).min(wide / canvas.0 as f64).min(look.font * 3.0);
            let top = head + (ih as f64 * ci).max(kh as f64 * ck) + head + 4.0;
            let below = top + canvas.0 as f64 * cell + look.font * 2.2 + head;
            Room { cell, first: (2.0, top), second: (2.0, below), wide }
        } else {
            let wide = (look.width - side - 2.0 * gap - 4.0) / 2.0;
            let cell = (wide / canvas.1 as f64).min(420.0 / canvas.0 as f64).min(look.font * 3.0);
            let first = side + gap;
            Room { cell, first: (first, head), second: (first + wide + gap, head), wide }
        };

        let point = pointed(p, o, look);
        let input_grid = self.grid(&o.input, self.names.input, input_at, ci, scale(o.spans[0]));
        let first =
            Rect::new(room.first.0, room.first.1, canvas.1 as f64 * room.cell, canvas.0 as f64 * room.cell);
        let stamp_at = |i: usize, j: usize, x: f64, y: f64| {
            let (s, k) = (p.s() as f64 * room.cell, p.k() as f64 * room.cell);
            Rect::new(x + j as f64 * s, y + i as f64 * s, k, k)
        };
        if let (Some(_), Pointed::Input(i, j), false) = (&o.full, point, narrow) {
            let to = stamp_at(i, j, first.x, first.y);
            let from = input_grid.cell_rect(i, j);
            scene.push(Mark::Band { from, to, fill: (Ink::Accent, 0.10), down: false });
        }
        let left = if narrow { side } else { side + gap - 8.0 };
        self.heading(&mut scene, input_at, t.input, &sized(look, p.size), left);
        self.heading(&mut scene, kernel_at, title, &remark, left);
        self.input_cells(&mut scene, &input_grid, point);
        self.kernel_cells(
            &mut scene,
            &self.grid(kernel, kernel_name, kernel_at, ck, scale(o.spans[1])),
            point,
        );

        let title = if p.back() { t.conv_gradient } else { t.output };
        self.heading(&mut scene, room.first, title, &sized(look, o.size()), room.wide);
        let shown = self.output_cells(&mut scene, room.first, room.cell, canvas, pad, point);
        self.legend(&mut scene, first, shown);
        if p.back()
            && let Some(second) = second
        {
            let at = Rect { x: room.second.0, y: room.second.1, ..first };
            self.map(&mut scene, at, room.cell, (second, self.names.pool_gradient), pad, point);
            self.heading(&mut scene, room.second, t.pool_gradient, "", room.wide);
        }
        // Forward the counts stand beside the output; in the gradient's direction below it, cell under cell.
        let counts = if p.back() { (room.first.0, scene.height + head) } else { room.second };
        self.heading(&mut scene, counts, t.overlap, t.overlap_remark, room.wide);
        let under = Rect { x: counts.0, y: counts.1, ..first };
        self.map(&mut scene, under, room.cell, (&o.overlap, self.names.overlap), pad, point);
        if let (Some(_), Pointed::Input(i, j)) = (&o.full, point) {
            // The stamp, and the ones beside and below it, to see where they meet.
            for (di, dj) in [(0, 1), (1, 0), (0, 0)] {
                if i + di < p.size.0 && j + dj < p.size.1 {
                    let rect = stamp_at(i + di, j + dj, counts.0, counts.1);
                    let other = di + dj > 0;
                    let line = if other {
                        dashes(Ink::Ink, 1.2 * look.stroke)
                    } else {
                        stroke(Ink::Ink, 2.0 * look.stroke)
                    };
                    let rect = rect.grown(if other { 0.0 } else { 1.0 });
                    scene.rect(rect, 5.0, (Ink::None, 0.0), Some(line));
                }
            }
        }
        self.edges_named(&mut scene, pad);
        scene
    }

    /// A map of numbers that are not negative in cells, with its colours below.
    fn map(
        &self,
        scene: &mut Scene,
        area: Rect,
        cell: f64,
        (tensor, name): (&Shared, &'static str),
        pad: usize,
        point: Pointed,
    ) {
        let span = crate::labs::checkerboard::compute::span(tensor);
        let colours = Scale::Magnitude { max: span.largest() };
        let at = (area.x + pad as f64 * cell, area.y + pad as f64 * cell);
        let here = |r, c| point == Pointed::Output(r, c);
        self.grid(tensor, name, at, cell, colours).draw(
            scene,
            |r, c| CellLook {
                stroke: here(r, c).then(|| stroke(Ink::Ink, 2.4 * self.look.stroke)),
                strong: here(r, c),
                ..CellLook::default()
            },
            |r, c| Origin { tensor: name, index: vec![0, 0, r, c] },
        );
        self.legend(scene, area, colours);
    }

    pub(super) fn legend(&self, scene: &mut Scene, under: Rect, colours: Scale) {
        let size = self.look.font * 0.85;
        let bar = (self.look.font * 9.0).min(self.look.width - under.x - 4.0).max(20.0);
        legend(scene, (under.x, under.bottom() + self.look.font * 0.7), bar, colours, size);
    }

    /// What the dashed cells are, in words.
    fn edges_named(&self, scene: &mut Scene, pad: usize) {
        let (p, t) = (self.params, self.t);
        if self.output.full.is_none() || pad + p.op() == 0 {
            return;
        }
        let mut text = String::new();
        if pad > 0 {
            text += &fill(t.cut_away, &[("n", pad.to_string())]);
        }
        if p.op() > 0 {
            text += if pad > 0 { self.look.lang.pick(" ", "") } else { "" };
            text += &fill(t.added, &[("n", p.op().to_string())]);
        }
        let size = self.look.font * 0.92;
        let y = scene.height + self.look.font * 0.3;
        super::paragraph(scene, (2.0, y), &text, size, self.look.width - 4.0, Ink::Ink3);
    }

    pub(super) fn grid<'b>(
        &self,
        tensor: &'b Shared,
        name: &'static str,
        at: (f64, f64),
        cell: f64,
        scale: Scale,
    ) -> Grid<'b> {
        Grid { tensor, name, at, cell, scale, decimals: 2 }
    }
}
