//! The main figure: each channel that the shown output reads, its window, its slice of the kernel, its partial map; the
//! maps are added, with the bias, to the output.

use super::{State, channel_name, curve, fit, hue, pointed, scale_of, sized, states};
use crate::labs::channels::Channels;
use crate::labs::channels::compute::{channel, kernel, largest};
use crate::labs::channels::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{CellLook, Grid, extent, legend, outline, value_at};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};
use ndarray::s;

/// Colours that hold for both states.
#[derive(Clone, Copy)]
struct Scales {
    input: Scale,
    kernel: Scale,
    maps: Scale,
}

/// Draws it, for both states if there are two.
pub fn figure(run: &Ran<Channels>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let states = states(run);
    let over = |pick: &dyn Fn(&State) -> f32| states.iter().fold(0.0f32, |m, s| m.max(pick(s)));
    let inputs: Vec<&Shared> = states.iter().map(|s| &s.output.input).collect();
    let scales = Scales {
        input: scale_of(&inputs),
        kernel: Scale::Signed { limit: over(&|s| largest(&kernel(&s.output.weight, s.params.shown()))) },
        maps: Scale::Signed { limit: over(&|s| largest(&s.output.partial).max(largest(&s.output.shown))) },
    };
    let columns = if states.len() > 1 && look.width >= 1000.0 { 2 } else { 1 };
    let between = 30.0;
    let width = (look.width - between * (columns - 1) as f64) / columns as f64;
    let part = Look { width, ..look.clone() };
    let mut scene = Scene::new(look.width);
    for (at, state) in states.iter().enumerate() {
        let mut titled = Scene::new(width);
        let mut top = 0.0;
        if let Some((key, value)) = state.title {
            fit(
                &mut titled,
                (3.0, look.font),
                &format!("{key} = {value}"),
                look.font * 1.15,
                width - 8.0,
                Ink::Accent,
            );
            top = look.font * 1.6;
        }
        titled.place(layer(state, scales, &part), 0.0, top);
        let below = if columns == 1 && at > 0 { scene.height + look.font } else { 0.0 };
        scene.place(titled, (at % columns) as f64 * (width + between), below);
    }
    let (p, o) = (&run.params, &run.output);
    let (r, c) = pointed(p, o, look);
    let (oh, ow) = o.size();
    let first = p.first_read(p.shown());
    let value = number(f64::from(value_at(&o.shown, r, c)), 3);
    let n = |v: usize| v.to_string();
    let values = [
        ("q", n(p.shown())),
        ("n", n(p.per())),
        ("all", n(p.c_in())),
        ("a", n(first)),
        ("b", n(first + p.per().saturating_sub(1))),
        ("h", n(p.size.0)),
        ("w", n(p.size.1)),
        ("oh", n(oh)),
        ("ow", n(ow)),
        ("r", n(r)),
        ("c", n(c)),
        ("value", value),
    ];
    Figure {
        id: "main",
        title: t.main_title.into(),
        caption: fill(t.main_caption, &values),
        summary: fill(t.summary, &values),
        scene,
    }
}

/// A tensor `[1, 1, h, w]` in a square of this side, with room around it for what is padding.
struct Plane<'a> {
    tensor: &'a Shared,
    /// Its name as a plane, and the tensor and channel that its cells are of.
    names: (&'static str, &'static str, usize),
    scale: Scale,
    /// Cells around it: top, bottom, left, right.
    around: [usize; 4],
    cells: bool,
}

/// Where it lies: the corner of its first cell and the edge of a cell.
#[derive(Clone, Copy)]
struct Lies {
    at: (f64, f64),
    unit: f64,
    /// What is drawn of it.
    rect: Rect,
}

impl Lies {
    /// A stretch of cells, which may begin before the first.
    fn cells(&self, r: f64, c: f64, h: f64, w: f64) -> Rect {
        let least = |v: f64| (v * self.unit).max(4.0);
        Rect::new(self.at.0 + c * self.unit, self.at.1 + r * self.unit, least(w), least(h))
    }
}

impl Plane<'_> {
    fn draw(
        &self,
        scene: &mut Scene,
        (x, y): (f64, f64),
        side: f64,
        style: impl Fn(usize, usize) -> CellLook,
    ) -> Lies {
        let (h, w) = extent(self.tensor);
        let [top, bottom, left, right] = self.around;
        let (rows, cols) = (h + top + bottom, w + left + right);
        let unit = side / rows.max(cols).max(1) as f64;
        let corner = (x + (side - cols as f64 * unit) / 2.0, y + (side - rows as f64 * unit) / 2.0);
        let at = (corner.0 + left as f64 * unit, corner.1 + top as f64 * unit);
        let grid =
            Grid { tensor: self.tensor, name: self.names.0, at, cell: unit, scale: self.scale, decimals: 2 };
        if self.cells && unit >= 6.0 {
            let (_, name, lead) = self.names;
            grid.draw(scene, style, |r, c| Origin { tensor: name, index: vec![0, lead, r, c] });
        } else {
            grid.draw_plane(scene, w as f64 * unit, h as f64 * unit);
        }
        let rect = Rect::new(at.0, at.1, w as f64 * unit, h as f64 * unit);
        Lies { at, unit, rect }
    }
}

/// Places and sizes of a layer's columns.
struct Layout {
    wide: bool,
    side: f64,
    gap: f64,
    out: f64,
    left: f64,
    /// Room between the partial maps and the sum, for their numbers.
    last: f64,
    head: f64,
    row: f64,
}

impl Layout {
    fn of(state: &State, look: &Look) -> Layout {
        let f = look.font;
        let per = state.params.per().max(1) as f64;
        let wide = look.width >= 520.0;
        let left = f * 1.7;
        let last = if wide { f * 2.6 } else { f * 0.8 };
        let room = look.width - left - 8.0 - last;
        let tallest = if state.title.is_some() { 400.0 } else { 520.0 };
        let high = (tallest / per).clamp(34.0, if state.params.is_grid() { 190.0 } else { 140.0 });
        let least = if wide { (room * 0.05).max(f * 1.2) } else { f * 0.9 };
        let out = if wide { (room * 0.3).clamp(120.0, 270.0) } else { (room - f).min(230.0) };
        let side = if wide { (room - out - 3.0 * least) / 3.0 } else { (room - 3.0 * least) / 3.0 }
            .min(high)
            .max(20.0);
        let beside = if wide { out } else { 0.0 };
        let gap = ((room - beside - 3.0 * side) / 3.0).clamp(least, 110.0);
        Layout { wide, side, gap, out, left, last, head: f * 2.9, row: side + f * 0.9 }
    }
    fn column(&self, at: usize) -> f64 {
        self.left + at as f64 * (self.side + self.gap)
    }
}

fn layer(state: &State, scales: Scales, look: &Look) -> Scene {
    let t = Text::of(look.lang);
    let (p, o, f) = (state.params, state.output, look.font);
    let (q, per, first) = (p.shown(), p.per(), p.first_read(p.shown()));
    let at = pointed(p, o, look);
    let l = Layout::of(state, look);
    let mut scene = Scene::new(look.width);
    let pads = o.conv.pads;
    let around = [pads.top, pads.bottom, pads.left, pads.right];
    let ((kh, kw), (sh, sw)) = (p.kernel_size, p.stride);
    let grid = p.is_grid();
    let hidden_from = if look.step > 0 && grid { look.step } else { usize::MAX };
    let ow = o.size().1;
    let here = |r: usize, c: usize| (r, c) == at;
    let style = |r: usize, c: usize| CellLook {
        stroke: here(r, c).then(|| stroke(Ink::Accent, 2.2 * look.stroke)),
        strong: here(r, c),
        hidden: r * ow + c >= hidden_from,
        ..CellLook::default()
    };
    let q_name = [("q", q.to_string())];
    let heads = [
        (t.input.to_string(), sized(p.size)),
        (fill(t.weight, &q_name), format!("{per} × {kh} × {kw}")),
        (t.partial.to_string(), sized(o.size())),
    ];
    for (column, (title, remark)) in heads.iter().enumerate() {
        heading(&mut scene, (l.column(column), 0.0), title, remark, l.side + l.gap - 4.0, f);
    }
    let below = l.head + per as f64 * l.row;
    let out_at = if l.wide {
        (l.column(3) + l.last, (l.head + (below - l.head - l.out) / 2.0).max(l.head))
    } else {
        (l.left, below + f * 3.4)
    };
    let target = (
        if l.wide { out_at.0 - l.gap * 0.32 } else { l.column(2) + l.side + l.gap },
        if l.wide { out_at.1 + l.out / 2.0 } else { out_at.1 - f * 1.6 },
    );
    let hued = |i: usize| stroke(hue(first + i), 1.7 * look.stroke);
    // Behind everything: the ways of the channels.
    for i in 0..per {
        let mid = l.head + i as f64 * l.row + l.side / 2.0;
        let mut way = |from: f64, to: f64| {
            scene.push(Mark::Line { points: vec![(from, mid), (to, mid)], stroke: hued(i) });
        };
        way(l.column(0) + l.side, l.column(2));
        if !l.wide {
            // Not behind the map: cells leave gaps.
            way(l.column(2) + l.side, target.0);
        }
        if l.wide {
            scene.push(Mark::Line { points: curve((l.column(2) + l.side, mid), target), stroke: hued(i) });
        }
    }
    for i in 0..per {
        let y = l.head + i as f64 * l.row;
        let mid = y + l.side / 2.0;
        let name = channel_name(p, first + i);
        let size = (f * 1.05).min((l.left - 5.0) / text_width(&name, 1.0) / 1.05);
        scene.text((1.0, mid + size * 0.35), name, size, hue(first + i));
        let source = channel(&o.input, first + i);
        let plane = Plane {
            tensor: &source,
            names: (state.input_plane(first + i), state.name("input", "beside_input"), first + i),
            scale: scales.input,
            around,
            cells: grid,
        };
        let lies = plane.draw(&mut scene, (l.column(0), y), l.side, |_, _| CellLook::default());
        let tint = if grid { 0.0 } else { 0.24 };
        scene.rect(lies.rect, 1.0, (hue(first + i), tint), Some(hued(i)));
        if around != [0; 4] {
            let [top, bottom, left, right] = around.map(|n| n as f64);
            let all = lies.cells(-top, -left, p.size.0 as f64 + top + bottom, p.size.1 as f64 + left + right);
            scene.rect(
                all,
                2.0,
                (Ink::None, 0.0),
                Some(Stroke { ink: Ink::Pad, width: look.stroke, dashed: true }),
            );
        }
        let window = lies.cells(
            (at.0 * sh) as f64 - pads.top as f64,
            (at.1 * sw) as f64 - pads.left as f64,
            kh as f64,
            kw as f64,
        );
        let slice = kernel_slice(&o.weight, q, i);
        let kernel_side = l.side * 0.86;
        let inset = (l.side - kernel_side) / 2.0;
        let unit = kernel_side / kh.max(kw) as f64;
        let corner = (
            l.column(1) + inset + (kernel_side - kw as f64 * unit) / 2.0,
            y + inset + (kernel_side - kh as f64 * unit) / 2.0,
        );
        let cells = Grid {
            tensor: &slice,
            name: "weight",
            at: corner,
            cell: unit,
            scale: scales.kernel,
            decimals: 2,
        };
        let frame = cells.rect().grown(2.0);
        scene.push(Mark::Band { from: window, to: frame, fill: (hue(first + i), 0.16), down: false });
        scene.rect(frame, 4.0, (Ink::Panel, 1.0), Some(hued(i)));
        let weight = state.name("weight", "beside_weight");
        cells.draw(
            &mut scene,
            |_, _| CellLook::default(),
            |r, c| Origin { tensor: weight, index: vec![q, i, r, c] },
        );
        for (ink, width) in [(Ink::Panel, 4.0), (hue(first + i), 2.0)] {
            outline(&mut scene, window.grown(0.5), ink, width * look.stroke);
        }
        let map = channel(&o.partial, i);
        let plane = Plane {
            tensor: &map,
            names: (state.partial_plane(i), state.name("partial", "beside_partial"), i),
            scale: scales.maps,
            around: [0; 4],
            cells: grid,
        };
        let lies = plane.draw(&mut scene, (l.column(2), y), l.side, style);
        scene.rect(lies.rect, 1.0, (Ink::None, 0.0), Some(hued(i)));
        if !grid {
            cross(&mut scene, lies.cells(at.0 as f64, at.1 as f64, 1.0, 1.0), look);
        }
        if l.wide {
            let text = number(f64::from(value_at(&map, at.0, at.1)), 3);
            let size = f * 0.92;
            if text_width("−0.000", size) * 1.05 < l.gap * 0.68 + l.last - f * 0.72 {
                let (x, y) = (l.column(2) + l.side + 4.0, mid - size * 0.5);
                let behind = Rect::new(x - 1.0, y - size * 0.85, text_width(&text, size) + 2.0, size * 1.1);
                scene.rect(behind, 2.0, (Ink::Panel, 0.85), None);
                scene.text((x, y), text, size, hue(first + i));
            }
        }
    }
    // The sum.
    let bias = o.bias.iter().nth(q).copied().unwrap_or(0.0);
    let values = [("n", per.to_string()), ("b", number(f64::from(bias), 3))];
    let added = fill(if p.bias { t.added } else { t.added_none }, &values);
    if !l.wide {
        let top = l.head + l.side / 2.0;
        scene.push(Mark::Line {
            points: vec![
                (target.0, top),
                target,
                (out_at.0 + l.out.min(target.0 - out_at.0) / 2.0, target.1),
            ],
            stroke: stroke(Ink::Ink3, 1.5 * look.stroke),
        });
        scene.push(Mark::Line {
            points: vec![
                (out_at.0 + l.out.min(target.0 - out_at.0) / 2.0, target.1),
                (out_at.0 + l.out.min(target.0 - out_at.0) / 2.0, out_at.1),
            ],
            stroke: stroke(Ink::Ink3, 1.5 * look.stroke),
        });
    } else {
        scene.push(Mark::Line {
            points: vec![target, (out_at.0, target.1)],
            stroke: stroke(Ink::Ink3, 1.7 * look.stroke),
        });
    }
    let node = Rect::new(target.0, target.1, 0.0, 0.0).grown(f * 0.72);
    scene.rect(node, f * 0.72, (Ink::Panel, 1.0), Some(stroke(Ink::Ink2, 1.3 * look.stroke)));
    scene.text_middle((target.0, target.1 + f * 0.36), "Σ", f, Ink::Ink);
    let title = fill(t.output, &q_name);
    if l.wide {
        heading(
            &mut scene,
            (out_at.0, out_at.1 - l.head),
            &title,
            &sized(o.size()),
            look.width - out_at.0 - 4.0,
            f,
        );
    } else {
        fit(
            &mut scene,
            (l.left, out_at.1 - f * 2.6),
            &title,
            f * 1.05,
            target.0 - l.left - f * 1.5,
            Ink::Ink,
        );
    }
    let plane = Plane {
        tensor: &o.shown,
        names: (state.output_plane(), state.name("output", "beside_output"), q),
        scale: scales.maps,
        around: [0; 4],
        cells: grid,
    };
    let lies = plane.draw(&mut scene, out_at, l.out, style);
    scene.rect(lies.rect, 1.0, (Ink::None, 0.0), Some(stroke(Ink::Ink2, 1.2 * look.stroke)));
    if !grid {
        cross(&mut scene, lies.cells(at.0 as f64, at.1 as f64, 1.0, 1.0), look);
    }
    let y = out_at.1 + l.out + f * 1.3;
    fit(&mut scene, (out_at.0, y), &added, f, look.width - out_at.0 - 6.0, Ink::Ink2);
    let text = number(f64::from(value_at(&o.shown, at.0, at.1)), 3);
    fit(
        &mut scene,
        (out_at.0, y + f * 1.4),
        &format!("[{}, {}] = {text}", at.0, at.1),
        f,
        look.width - out_at.0 - 6.0,
        Ink::Ink,
    );
    scene.reach(below.max(y + f * 1.8));
    if !state.second {
        let y = scene.height + f * 0.4;
        let bars = [scales.input, scales.kernel, scales.maps];
        let bar = ((look.width - l.left - 40.0) / 3.0).min(120.0);
        for (column, scale) in bars.into_iter().enumerate() {
            let x = if l.wide { l.column(column) } else { l.left + column as f64 * (bar + 14.0) };
            legend(&mut scene, (x, y), bar.min(l.side.max(70.0)), scale, f.min(16.0) * 0.8);
        }
    }
    scene
}

/// A title with a quieter line under it.
fn heading(scene: &mut Scene, (x, y): (f64, f64), title: &str, remark: &str, room: f64, f: f64) {
    let size = (f * 1.05).min(room / text_width(title, 1.0) / 1.1);
    scene.heading((x, y + f), title, "", size, room);
    fit(scene, (x, y + f * 2.2), remark, f * 0.9, room, Ink::Ink3);
}

/// A frame that shows on every ground.
fn cross(scene: &mut Scene, rect: Rect, look: &Look) {
    for (ink, width) in [(Ink::Panel, 4.0), (Ink::Accent, 2.0)] {
        outline(scene, rect.grown(1.5), ink, width * look.stroke);
    }
}

/// A slice of a kernel as `[1, 1, kh, kw]`.
fn kernel_slice(weight: &Shared, q: usize, i: usize) -> Shared {
    let &[o, per, _, _] = weight.shape() else { return weight.clone() };
    if q >= o || i >= per {
        return weight.clone();
    }
    weight.slice(s![q..q + 1, i..i + 1, .., ..]).to_owned().into_dyn().into_shared()
}
