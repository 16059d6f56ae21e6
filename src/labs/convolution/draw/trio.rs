//! Input, kernel and output side by side, each as cells with numbers: the whole of a small layer, or what lies
//! under the pointer of a large one.

use super::{Pointed, kernel_name, pointed, sized};
use crate::labs::convolution::compute::Output;
use crate::labs::convolution::params::Params;
use crate::labs::convolution::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Look, Shared};
use crate::stage::scene::grid::{CellLook, Grid, extent, legend, outline};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::fill;
use ndarray::{Axis, Slice};
use std::ops::Range;

/// The colour limits of a drawing, shared by everything that stands side by side.
#[derive(Clone, Copy, Debug)]
pub struct Scales {
    /// Input and padding.
    pub input: Scale,
    /// Kernel.
    pub weight: Scale,
    /// Output.
    pub output: Scale,
}

/// The rows and columns that are drawn, of the padded input and of the output.
#[derive(Clone, Debug)]
pub struct Part {
    /// Of the padded input.
    pub input: (Range<usize>, Range<usize>),
    /// Of the output.
    pub output: (Range<usize>, Range<usize>),
}

impl Part {
    /// Everything.
    pub fn whole(output: &Output) -> Part {
        let (ph, pw) = extent(&output.padded);
        let (oh, ow) = output.size();
        Part { input: (0..ph, 0..pw), output: (0..oh, 0..ow) }
    }

    /// What lies around one output: its window with a margin, and its neighbours.
    pub fn around(params: &Params, output: &Output, (row, col): (usize, usize), most: usize) -> Part {
        let (ph, pw) = extent(&output.padded);
        let (oh, ow) = output.size();
        let span = |at: usize, stride: usize, dilation: usize, k: usize, n: usize| {
            let (start, reach) = (at * stride, dilation * (k - 1) + 1);
            let length = (reach + 4).max(9).min(most).min(n);
            let from = (start + reach / 2).saturating_sub(length / 2).min(n - length);
            from..from + length
        };
        let near = |at: usize, n: usize| {
            let from = at.saturating_sub(2).min(n.saturating_sub(5));
            from..(from + 5).min(n)
        };
        let (s, d, k) = (output.conv.stride, output.conv.dilation, params.kernel_size);
        Part {
            input: (span(row, s.0, d.0, k.0, ph), span(col, s.1, d.1, k.1, pw)),
            output: (near(row, oh), near(col, ow)),
        }
    }
}

/// Names of the tensors of a state.
#[derive(Clone, Copy)]
pub struct Names {
    input: &'static str,
    padded: &'static str,
    weight: &'static str,
    output: &'static str,
}

/// The first state's tensors.
pub const FIRST: Names = Names { input: "input", padded: "padded", weight: "weight", output: "output" };
/// The tensors of the state beside it.
pub const SECOND: Names = Names {
    input: "beside_input",
    padded: "beside_padded",
    weight: "beside_weight",
    output: "beside_output",
};

/// One state of the layer, ready to be drawn.
pub struct Trio<'a> {
    /// Parameters.
    pub params: &'a Params,
    /// What was computed.
    pub output: &'a Output,
    /// Tensor names.
    pub names: Names,
    /// Colours.
    pub scales: Scales,
    /// What is shown of it.
    pub part: Part,
    /// Outputs from this one on are not reached yet.
    pub hidden_from: usize,
    /// The largest a cell may be, so that two states that stand together share one size.
    pub largest: f64,
}

struct Layout {
    input: (f64, f64),
    kernel: (f64, f64),
    output: (f64, f64),
    cell: f64,
    stacked: bool,
}

impl Trio<'_> {
    /// How large a cell would be.
    pub fn cell(&self, look: &Look, tallest: f64) -> f64 {
        self.layout(look, tallest).cell
    }

    /// Draws it into a picture of the look's width.
    pub fn draw(&self, look: &Look, tallest: f64) -> Scene {
        let mut scene = Scene::new(look.width);
        let at = self.layout(look, tallest);
        let point = pointed(self.params, self.output, look);
        let t = Text::of(look.lang);
        let head = look.font * 1.08;
        let crop = |tensor: &Shared, part: &(Range<usize>, Range<usize>)| {
            let n = tensor.ndim();
            let rows = tensor.clone().slice_axis_move(Axis(n - 2), Slice::from(part.0.clone()));
            rows.slice_axis_move(Axis(n - 1), Slice::from(part.1.clone()))
                .as_standard_layout()
                .into_owned()
                .into_shared()
        };
        let (input, output) =
            (crop(&self.output.padded, &self.part.input), crop(&self.output.output, &self.part.output));
        let whole = extent(&input) == extent(&self.output.padded);
        let cell = at.cell;
        let grid = |tensor, name, at, scale| Grid { tensor, name, at, cell, scale, decimals: 2 };
        let input_grid = grid(&input, self.names.input, at.input, self.scales.input);
        let kernel_grid = grid(&self.output.weight, self.names.weight, at.kernel, self.scales.weight);
        let output_grid = grid(&output, self.names.output, at.output, self.scales.output);

        self.bands(&mut scene, &at, point, &input_grid, &kernel_grid, &output_grid);
        let above = |y: f64| y - look.font * 0.75;
        let size = self.params.size;
        let padded = extent(&self.output.padded);
        let remark = if padded == size {
            sized(look, size)
        } else {
            let values = [("h", size.0), ("w", size.1), ("ph", padded.0), ("pw", padded.1)];
            fill(t.padded_to, &values.map(|(k, v)| (k, v.to_string())))
        };
        let room = if at.stacked { look.width } else { at.kernel.0 - at.input.0 - 8.0 };
        scene.heading((at.input.0, above(at.input.1)), t.input, &remark, head, room);
        let name = kernel_name(self.params, look);
        let name = if self.params.flip { fill(t.flipped, &[("name", name.into())]) } else { name.into() };
        let alone = at.output.0 <= at.kernel.0;
        let room = if alone { look.width - at.kernel.0 } else { at.output.0 - at.kernel.0 - 8.0 };
        scene.heading((at.kernel.0, above(at.kernel.1)), t.kernel, &name, head, room);
        let remark = sized(look, self.output.size());
        scene.heading((at.output.0, above(at.output.1)), t.output, &remark, head, look.width - at.output.0);

        let line = |ink, width: f64| Some(stroke(ink, width * look.stroke));
        let (rows, cols) = (self.part.input.0.start, self.part.input.1.start);
        let pads = self.output.conv.pads;
        let is_input = |r: usize, c: usize| {
            (pads.top..pads.top + size.0).contains(&r) && (pads.left..pads.left + size.1).contains(&c)
        };
        input_grid.draw(
            &mut scene,
            |r, c| {
                let (r, c) = (r + rows, c + cols);
                let tap = self.tap_at(point, r, c);
                let inside = is_input(r, c);
                let dashes = Stroke { ink: Ink::Pad, width: look.stroke, dashed: true };
                CellLook {
                    stroke: tap
                        .map(|index| stroke(Ink::Tap { index, of: self.taps() }, 2.4 * look.stroke))
                        .or(if point == Pointed::Padded(r, c) { line(Ink::Ink, 2.4) } else { None })
                        .or((!inside).then_some(dashes)),
                    strong: tap.is_some(),
                    hollow: !inside,
                    hidden: false,
                }
            },
            |r, c| {
                let (r, c) = (r + rows, c + cols);
                if is_input(r, c) {
                    Origin { tensor: self.names.input, index: vec![0, 0, r - pads.top, c - pads.left] }
                } else {
                    Origin { tensor: self.names.padded, index: vec![0, 0, r, c] }
                }
            },
        );
        kernel_grid.draw(
            &mut scene,
            |r, c| {
                let index = r * self.params.kernel_size.1 + c;
                let lit = self.lit_taps(point).is_none_or(|taps| taps.contains(&index));
                CellLook {
                    stroke: line(if lit { Ink::Tap { index, of: self.taps() } } else { Ink::Line }, 2.4),
                    strong: lit,
                    ..CellLook::default()
                }
            },
            |r, c| Origin { tensor: self.names.weight, index: vec![0, 0, r, c] },
        );
        let (orow, ocol) = (self.part.output.0.start, self.part.output.1.start);
        let (_, ow) = self.output.size();
        output_grid.draw(
            &mut scene,
            |r, c| {
                let (r, c) = (r + orow, c + ocol);
                let hidden = r * ow + c >= self.hidden_from;
                let here = point == Pointed::Output(r, c);
                let fed = self
                    .feeds(point, r, c)
                    .map(|index| stroke(Ink::Tap { index, of: self.taps() }, 2.4 * look.stroke));
                let edge = if hidden { line(Ink::Line, 1.0) } else { None };
                CellLook {
                    stroke: if here { line(Ink::Ink, 2.4) } else { fed.or(edge) },
                    strong: here || fed.is_some(),
                    hidden,
                    hollow: false,
                }
            },
            |r, c| Origin { tensor: self.names.output, index: vec![0, 0, r + orow, c + ocol] },
        );
        if let Pointed::Output(r, c) = point
            && let Some(window) = self.window_rect(r, c, &input_grid)
        {
            outline(&mut scene, window.grown(2.5), Ink::Ink, 2.0 * look.stroke);
        }
        if whole {
            self.unread(&mut scene, look, &input_grid);
        }
        let bar = (4.0 * cell).clamp(look.font * 9.0, look.font * 13.0);
        let below = output_grid.rect().bottom() + look.font * 0.9;
        legend(
            &mut scene,
            (at.output.0 + 2.0, below),
            bar.min(look.width - at.output.0 - 4.0),
            self.scales.output,
            look.font * 0.85,
        );
        scene.height += look.font * 0.4;
        scene
    }

    fn taps(&self) -> usize {
        self.params.kernel_size.0 * self.params.kernel_size.1
    }

    fn layout(&self, look: &Look, tallest: f64) -> Layout {
        let (ih, iw) = (self.part.input.0.len() as f64, self.part.input.1.len() as f64);
        let (kh, kw) = (self.params.kernel_size.0 as f64, self.params.kernel_size.1 as f64);
        let (oh, ow) = (self.part.output.0.len() as f64, self.part.output.1.len() as f64);
        let head = look.font * 2.2;
        let largest = self.largest.min(look.font * 3.4);
        let gap = (look.width * 0.06).clamp(22.0, 64.0);
        let beside =
            ((look.width - 2.0 * gap - 6.0) / (iw + kw.max(3.0) + ow.max(3.0))).min(tallest / ih.max(oh));
        // Cells too small to read side by side are stacked instead, as long as that makes them larger.
        let alone = ((look.width - 6.0) / iw).min((look.width - gap - 6.0) / (kw + ow).max(1.0));
        let stacked = look.width < 560.0 || (beside < 18.0 && alone > beside * 1.3);
        if stacked {
            let alone = alone.min(largest);
            // The words "never read" stand between input and kernel.
            let never = if self.output.unread == (0, 0) { 0.6 } else { 1.8 };
            let second = head + ih * alone + head + look.font * never;
            // A wide kernel and output stand below each other as well, and so do titles that need the room.
            let title = text_width(Text::of(look.lang).output, look.font * 1.08) * 1.04;
            let apart = kw * alone + gap + 6.0 + (ow * alone).max(title) > look.width + 0.5;
            let output =
                if apart { (3.0, second + kh * alone + head) } else { (3.0 + kw * alone + gap, second) };
            return Layout { input: (3.0, head), kernel: (3.0, second), output, cell: alone, stacked };
        }
        let cell = beside.min(largest);
        // What room is left goes between the grids, so that the figure fills its width.
        let used = (iw + kw.max(3.0) + ow.max(3.0)) * cell;
        let gap = ((look.width - used - 6.0) / 2.0).clamp(gap, gap * 2.4);
        let left = ((look.width - used - 2.0 * gap) / 2.0).max(3.0);
        let middle = |rows: f64| head + ((ih * cell - rows * cell) / 2.0).max(0.0);
        let kernel = left + iw * cell + gap;
        Layout {
            input: (left, head + ((oh.max(kh) - ih) * cell / 2.0).max(0.0)),
            kernel: (kernel, middle(kh)),
            output: (kernel + kw.max(3.0) * cell + gap, middle(oh)),
            cell,
            stacked,
        }
    }

    /// The tap that reads this cell of the padded input, given what is pointed at.
    fn tap_at(&self, point: Pointed, r: usize, c: usize) -> Option<usize> {
        let (kh, kw) = self.params.kernel_size;
        let (s, d) = (self.output.conv.stride, self.output.conv.dilation);
        let (oh, ow) = self.output.size();
        let turned = |a: usize, b: usize| if self.params.flip { (kh - 1 - a, kw - 1 - b) } else { (a, b) };
        match point {
            Pointed::Output(i, j) => {
                let a = r.checked_sub(i * s.0).filter(|v| v % d.0 == 0 && v / d.0 < kh)? / d.0;
                let b = c.checked_sub(j * s.1).filter(|v| v % d.1 == 0 && v / d.1 < kw)? / d.1;
                let (a, b) = turned(a, b);
                Some(a * kw + b)
            }
            Pointed::Tap(a, b) => {
                let (ta, tb) = turned(a, b);
                let row = r.checked_sub(ta * d.0).is_some_and(|v| v % s.0 == 0 && v / s.0 < oh);
                let col = c.checked_sub(tb * d.1).is_some_and(|v| v % s.1 == 0 && v / s.1 < ow);
                (row && col).then_some(a * kw + b)
            }
            Pointed::Padded(..) => None,
        }
    }

    /// The tap through which what is pointed at feeds this output.
    fn feeds(&self, point: Pointed, i: usize, j: usize) -> Option<usize> {
        match point {
            Pointed::Padded(r, c) => self.tap_at(Pointed::Output(i, j), r, c),
            _ => None,
        }
    }

    /// The taps that take part in what is pointed at; `None` means all.
    fn lit_taps(&self, point: Pointed) -> Option<Vec<usize>> {
        match point {
            Pointed::Output(..) => None,
            Pointed::Tap(a, b) => Some(vec![a * self.params.kernel_size.1 + b]),
            Pointed::Padded(..) => {
                let (oh, ow) = self.output.size();
                let s = self.output.conv.stride;
                // Only windows near the cell can read it.
                let Pointed::Padded(r, c) = point else { return None };
                let near = |at: usize, stride: usize, n: usize| (at / stride + 1).min(n);
                let reach =
                    |at: usize, stride: usize, extent: usize| (at + 1).saturating_sub(extent) / stride;
                let (d, k) = (self.output.conv.dilation, self.params.kernel_size);
                let rows = reach(r, s.0, d.0 * (k.0 - 1) + 1)..near(r, s.0, oh);
                let cols = reach(c, s.1, d.1 * (k.1 - 1) + 1)..near(c, s.1, ow);
                Some(rows.flat_map(|i| cols.clone().filter_map(move |j| self.feeds(point, i, j))).collect())
            }
        }
    }

    /// The window of an output, as far as it is drawn.
    fn window_rect(&self, i: usize, j: usize, grid: &Grid) -> Option<Rect> {
        let (k, s, d) = (self.params.kernel_size, self.output.conv.stride, self.output.conv.dilation);
        let side = |start: usize, reach: usize, part: &Range<usize>| {
            let (from, to) = (start.max(part.start), (start + reach).min(part.end));
            (from < to).then(|| ((from - part.start) as f64, (to - from) as f64))
        };
        let (y, h) = side(i * s.0, d.0 * (k.0 - 1) + 1, &self.part.input.0)?;
        let (x, w) = side(j * s.1, d.1 * (k.1 - 1) + 1, &self.part.input.1)?;
        let c = grid.cell;
        Some(Rect::new(grid.at.0 + x * c, grid.at.1 + y * c, w * c, h * c))
    }

    fn bands(
        &self,
        scene: &mut Scene,
        at: &Layout,
        point: Pointed,
        input: &Grid,
        kernel: &Grid,
        output: &Grid,
    ) {
        let Pointed::Output(r, c) = point else { return };
        let (orow, ocol) = (&self.part.output.0, &self.part.output.1);
        let Some(window) = self.window_rect(r, c, input) else { return };
        if !orow.contains(&r) || !ocol.contains(&c) {
            return;
        }
        let fill = (Ink::Accent, 0.10);
        let cell = output.cell_rect(r - orow.start, c - ocol.start);
        let down = at.stacked;
        scene.push(Mark::Band { from: window, to: kernel.rect(), fill, down });
        let beside = output.at.1 < kernel.rect().bottom();
        scene.push(Mark::Band { from: kernel.rect(), to: cell, fill, down: down && !beside });
    }

    /// Rows and columns no window reaches, hatched and named.
    fn unread(&self, scene: &mut Scene, look: &Look, grid: &Grid) {
        let (rows, cols) = self.output.unread;
        let rect = grid.rect();
        let cell = grid.cell;
        let hatch = |scene: &mut Scene, area: Rect| {
            scene.rect(
                area,
                3.0,
                (Ink::Warn, 0.10),
                Some(Stroke { ink: Ink::Warn, width: 1.4 * look.stroke, dashed: true }),
            );
        };
        let never = Text::of(look.lang).never_read;
        if rows > 0 {
            let high = rows as f64 * cell;
            hatch(scene, Rect::new(rect.x, rect.bottom() - high, rect.w, high));
        }
        if cols > 0 {
            let wide = cols as f64 * cell;
            hatch(scene, Rect::new(rect.right() - wide, rect.y, wide, rect.h));
        }
        if rows + cols > 0 {
            let size = look.font * 0.9;
            let at = (rect.x, rect.bottom() + size * 1.4);
            scene.text(at, format!("⬚ {never}"), size, Ink::Warn);
            scene.reach(at.1 + size * 0.5);
        }
    }
}
