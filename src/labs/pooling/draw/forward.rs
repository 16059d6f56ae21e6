//! The forward pass: the input with the window on it, and the output.

use super::sheet::{Placed, Sheet, beside, scale_of};
use super::{State, pointed, states};
use crate::core::ops::Span;
use crate::labs::pooling::Pooling;
use crate::labs::pooling::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{CellLook, Grid, READABLE, legend, outline};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};
use ndarray::{Axis, Slice};

/// Draws it, for both states if there are two.
pub fn figure(run: &Ran<Pooling>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let states = states(run);
    let inputs: Vec<_> = states.iter().flat_map(|s| [&s.output.input, &s.output.output]).collect();
    let scale = scale_of(&inputs, run.params.is_grid());
    side_by_side(&mut scene, &states, look, |state, look| forward(state, scale, look, states.len()));
    let bar = 120.0_f64.min(look.width - 20.0);
    let y = scene.height + look.font * 0.7;
    legend(&mut scene, (3.0, y), bar, scale, look.font * 0.85);
    let o = &run.output;
    let (r, c) = pointed(o, look);
    let hangs = if o.walk.hanging() > 0 { t.hangs } else { "" };
    let ring = match o.walk.pool.pads {
        [(0, _), (0, _)] => "",
        _ if run.params.pool.has("dilation") && run.params.pool != super::super::params::Pool::Median => {
            t.ring_never
        }
        _ => t.ring_zeros,
    };
    let marks = match run.params.pool.chooses() {
        _ if !run.params.is_grid() => t.picture_caption,
        true => t.forward_caption,
        false => t.forward_caption_all,
    };
    let caption: Vec<&str> = [marks, ring, hangs].into_iter().filter(|s| !s.is_empty()).collect();
    let (oh, ow) = o.size();
    let value = crate::stage::scene::grid::value_at(&o.output, r, c);
    Figure {
        id: "main",
        title: t.main_title.into(),
        caption: caption.join(look.lang.pick(" ", "")),
        summary: fill(
            t.summary,
            &[
                ("h", run.params.size.0.to_string()),
                ("w", run.params.size.1.to_string()),
                ("oh", oh.to_string()),
                ("ow", ow.to_string()),
                ("r", r.to_string()),
                ("c", c.to_string()),
                ("value", number(f64::from(value), 3)),
            ],
        ),
        scene,
    }
}

/// Draws every state under the value of the control that differs: beside each other where there is room.
pub fn side_by_side(scene: &mut Scene, states: &[State], look: &Look, draw: impl Fn(&State, &Look) -> Scene) {
    let columns = if states.len() > 1 && look.width >= 900.0 { 2 } else { 1 };
    let between = 28.0;
    let width = (look.width - between * (columns - 1) as f64) / columns as f64;
    let part = Look { width, ..look.clone() };
    for (at, state) in states.iter().enumerate() {
        let mut titled = Scene::new(width);
        let mut top = 0.0;
        if let Some((key, value)) = state.title {
            let text = format!("{key} = {value}");
            let size = (look.font * 1.15).min((width - 8.0) / text_width(&text, 1.0));
            titled.text((3.0, look.font), text, size, Ink::Accent);
            top = look.font * 1.5;
        }
        titled.place(draw(state, &part), 0.0, top);
        let below = if columns == 1 && at > 0 { scene.height + look.font } else { 0.0 };
        scene.place(titled, (at % columns) as f64 * (width + between), below);
    }
}

/// Cells around the input that windows cover: `[top, bottom, left, right]`.
pub fn around(state: &State) -> [usize; 4] {
    let walk = &state.output.walk;
    let axis = |a: usize| {
        let (before, after) = walk.pool.pads[a];
        let input = walk.windows.input()[a] as isize;
        let last = walk.windows.output()[a] - 1;
        let end = walk.windows.span(a, last).and_then(|s| s.positions().last()).unwrap_or(0) + 1 - input;
        (before, after.max(usize::try_from(end).unwrap_or(0)))
    };
    let ((top, bottom), (left, right)) = (axis(0), axis(1));
    [top, bottom, left, right]
}

/// The rectangle of the window of an output on the input.
pub fn window_rect(state: &State, placed: &Placed, (r, c): (usize, usize)) -> Rect {
    let Some([rows, cols]) = state.output.walk.windows.window([r, c]) else { return Rect::default() };
    let long = |s: &Span| (s.taps().saturating_sub(1) * s.dilation + 1) as f64;
    placed.rect(rows.start as f64, cols.start as f64, long(&rows), long(&cols))
}

fn forward(state: &State, scale: Scale, look: &Look, states: usize) -> Scene {
    let t = Text::of(look.lang);
    let o = state.output;
    let (input, output) = (
        Sheet::new(&o.input, state.names.input, scale, t.input),
        Sheet::new(&o.output, state.names.output, scale, t.output),
    );
    let input = Sheet { around: around(state), plane: !state.params.is_grid(), ..input };
    let output = Sheet { plane: !state.params.is_grid(), ..output };
    let wide = look.width >= 440.0;
    let tall = if states > 1 { 280.0 } else { 360.0 };
    let gap = if wide { 64.0 } else { 0.0 };
    let at_here = pointed(o, look);
    let grid = state.params.is_grid();
    let narrow = [input.whole(), output.whole(), output.whole()];
    let third = wide && grid && states == 1 && state.params.pool.chooses();
    let (left, right, cell, out_cell) = if wide && grid {
        let (cell, rooms) = beside(&narrow[..if third { 3 } else { 2 }], gap + 34.0, look, tall);
        (rooms[0], rooms[1], cell, cell)
    } else {
        let room = if wide { (look.width - gap) / 2.0 } else { look.width };
        let cell = picture_cell(&input, look, room, if grid { tall } else { 400.0 }, grid);
        // The output's cells are no larger than the input's where both show numbers.
        let own = picture_cell(&output, look, room, if grid { tall } else { 400.0 }, grid);
        (room, room, cell, if grid { own.min(cell.max(READABLE)) } else { own })
    };
    let winner = o.winner(at_here.0, at_here.1);
    let window: Vec<(usize, usize)> = o.walk.cells(at_here.0, at_here.1);
    let width = state.params.size.1;
    let chooses = state.params.pool.chooses();
    let tied = |r: usize, c: usize| o.ties.as_ref().is_some_and(|t| t.winners[r * width + c] > 0);
    let (drawn_in, place_in) = input.draw(look, left, cell, |r, c| CellLook {
        stroke: match o.serves[r * width + c] {
            0 if chooses && tied(r, c) => {
                Some(Stroke { ink: Ink::Warn, width: 1.8 * look.stroke, dashed: true })
            }
            n if n > 0 && chooses => {
                Some(stroke(Ink::Ink, if winner == Some((r, c)) { 2.8 } else { 1.5 } * look.stroke))
            }
            _ => None,
        },
        strong: winner == Some((r, c)) || winner.is_none() && window.contains(&(r, c)),
        ..CellLook::default()
    });
    let hidden_from = if look.step > 0 && grid { look.step } else { usize::MAX };
    let ow = o.size().1;
    let (drawn_out, place_out) = output.draw(look, right, out_cell, |r, c| CellLook {
        stroke: ((r, c) == at_here).then(|| stroke(Ink::Accent, 2.4 * look.stroke)),
        strong: (r, c) == at_here,
        hidden: r * ow + c >= hidden_from,
        ..CellLook::default()
    });
    let mut scene = Scene::new(look.width);
    let (dx, dy) = if wide { (left + gap, 0.0) } else { (0.0, drawn_in.height + look.font) };
    let place_out = place_out.moved(dx, dy);
    let window = window_rect(state, &place_in, at_here);
    let target = place_out.cell_rect(at_here);
    ring(&mut scene, state, &place_in, look);
    if wide {
        scene.push(Mark::Band { from: window, to: target, fill: (Ink::Accent, 0.13), down: false });
    }
    scene.place(drawn_in, 0.0, 0.0);
    scene.place(drawn_out, dx, dy);
    if third && out_cell >= READABLE {
        let sheet = Sheet { remark: String::new(), ..Sheet::new(&o.indices, "indices", scale, t.indices) };
        let (drawn, _) = sheet.draw(look, right, out_cell, |r, c| CellLook {
            stroke: Some(if (r, c) == at_here {
                stroke(Ink::Accent, 2.0 * look.stroke)
            } else {
                stroke(Ink::Line, look.stroke)
            }),
            strong: (r, c) == at_here,
            hollow: true,
            hidden: r * ow + c >= hidden_from,
        });
        scene.place(drawn, dx + right + 34.0, dy);
    }
    let least = |r: Rect| Rect { w: r.w.max(3.0), h: r.h.max(3.0), ..r };
    if !grid {
        outline(&mut scene, least(target).grown(1.5), Ink::Panel, 4.5 * look.stroke);
        outline(&mut scene, least(window).grown(1.5), Ink::Panel, 4.5 * look.stroke);
        outline(&mut scene, least(target).grown(1.5), Ink::Accent, 2.0 * look.stroke);
    }
    outline(&mut scene, least(window).grown(1.5), Ink::Accent, 2.4 * look.stroke);
    if !grid && states == 1 {
        lens(&mut scene, state, scale, at_here, look);
    }
    scene
}

/// The cells of the window with their numbers, below a picture.
fn lens(scene: &mut Scene, state: &State, scale: Scale, here: (usize, usize), look: &Look) {
    let o = state.output;
    let Some([rows, cols]) = o.walk.windows.window([here.0, here.1]) else { return };
    let ends = |s: &Span| (s.first, s.cells().last().map_or(s.first + 1, |last| last + 1));
    let ((r0, r1), (c0, c1)) = (ends(&rows), ends(&cols));
    let cell = ((look.width - 6.0) / (c1 - c0) as f64).min(look.font * 3.0).min(320.0 / (r1 - r0) as f64);
    if cell < READABLE || o.input.ndim() != 4 {
        return;
    }
    let cut = o
        .input
        .clone()
        .slice_axis_move(Axis(2), Slice::from(r0..r1))
        .slice_axis_move(Axis(3), Slice::from(c0..c1));
    let cut = cut.as_standard_layout().into_owned().into_shared();
    let top = scene.height + look.font * 1.5;
    scene.text((3.0, top), Text::of(look.lang).lens, look.font, Ink::Ink2);
    let read = |r: usize, c: usize| (r % rows.dilation, c % cols.dilation) == (0, 0);
    let winner = o.winner(here.0, here.1);
    let at = (3.0, top + look.font * 0.6);
    Grid { tensor: &cut, name: state.names.input, at, cell, scale, decimals: 2 }.draw(
        scene,
        |r, c| CellLook {
            stroke: (winner == Some((r + r0, c + c0))).then(|| stroke(Ink::Accent, 2.6 * look.stroke)),
            strong: winner == Some((r + r0, c + c0)),
            hollow: !read(r, c),
            ..CellLook::default()
        },
        |r, c| Origin { tensor: state.names.input, index: vec![0, 0, r + r0, c + c0] },
    );
    scene.reach(scene.height + 4.0);
}

/// A picture fills its room; cells keep to a readable size.
fn picture_cell(sheet: &Sheet, look: &Look, room: f64, tall: f64, grid: bool) -> f64 {
    if grid {
        return sheet.cell(look, room, tall);
    }
    let (h, w) = sheet.whole();
    ((room - 6.0) / w as f64).min(tall / h as f64)
}

/// The padding and what windows cover beyond it, as dashed cells.
pub fn ring(scene: &mut Scene, state: &State, placed: &Placed, look: &Look) {
    let [top, bottom, left, right] = around(state);
    let (h, w) = state.params.size;
    if placed.cell < READABLE {
        if top + bottom + left + right > 0 {
            let all = placed.rect(
                -(top as f64),
                -(left as f64),
                (h + top + bottom) as f64,
                (w + left + right) as f64,
            );
            scene.rect(
                all,
                2.0,
                (Ink::None, 0.0),
                Some(Stroke { ink: Ink::Pad, width: look.stroke, dashed: true }),
            );
        }
        return;
    }
    let [(pt, pb), (pl, pr)] = state.output.walk.pool.pads;
    let zero = !state.params.pool.has("dilation") || state.params.pool == super::super::params::Pool::Median;
    for r in 0..h + top + bottom {
        for c in 0..w + left + right {
            if (top..top + h).contains(&r) && (left..left + w).contains(&c) {
                continue;
            }
            let pad = r + pt >= top && c + pl >= left && r < top + h + pb && c < left + w + pr;
            let rect = placed.rect(r as f64 - top as f64, c as f64 - left as f64, 1.0, 1.0).grown(-1.5);
            let ink = if pad { Ink::Pad } else { Ink::Warn };
            scene.rect(rect, 3.0, (Ink::None, 0.0), Some(Stroke { ink, width: look.stroke, dashed: true }));
            if pad && zero {
                let size = (placed.cell * 0.36).min(look.font);
                scene.text_middle((rect.center().0, rect.center().1 + size * 0.36), "0", size, Ink::Ink3);
            }
        }
    }
}
