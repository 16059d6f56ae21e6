//! The backward pass: the gradient that arrives, and the cells it lands on.

use super::forward::{around, ring, side_by_side, window_rect};
use super::sheet::{Placed, Sheet, beside, rows, scale_of};
use super::{State, pointed, states};
use crate::labs::pooling::Pooling;
use crate::labs::pooling::compute::sum;
use crate::labs::pooling::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{CellLook, READABLE, legend, outline};
use crate::stage::scene::{Ink, Mark, Rect, Scene, Stroke, stroke};
use crate::stage::text::{fill, number};

/// More arrows than this are only drawn for the pointed output.
const MOST_ARROWS: usize = 64;

/// Draws it, for both states if there are two.
pub fn figure(run: &Ran<Pooling>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let states = states(run);
    let o = &run.output;
    let mut tensors: Vec<&Shared> =
        states.iter().flat_map(|s| [&s.output.grad_output, &s.output.grad_input]).collect();
    let others = o.ties.as_ref().filter(|_| states.len() == 1 && run.params.is_grid());
    tensors.extend(others.iter().flat_map(|t| [&t.split, &t.all]));
    let limit = scale_of(&tensors, true).ends().1;
    let scale = Scale::Signed { limit };
    side_by_side(&mut scene, &states, look, |state, look| backward(state, scale, look));
    if let Some(ties) = others {
        let remark = |t: &Shared| fill(Text::of(look.lang).sum_is, &[("sum", number(sum(t), 2))]);
        let others = [("grad_split", &ties.split, t.rule_split), ("grad_all", &ties.all, t.rule_all)];
        let sheets: Vec<Sheet> = others
            .iter()
            .map(|(name, tensor, title)| Sheet {
                remark: remark(tensor),
                ..Sheet::new(tensor, name, scale, title)
            })
            .collect();
        let columns = if look.width >= 520.0 { 2 } else { 1 };
        rows(&mut scene, &sheets, columns, look, 260.0);
    }
    // Zeros alone have one colour, and nothing to explain.
    if limit > 0.0 && tensors.iter().any(|t| t.iter().any(|v| *v != 0.0)) {
        let y = scene.height + look.font * 0.7;
        legend(&mut scene, (3.0, y), 120.0_f64.min(look.width - 20.0), scale, look.font * 0.85);
    }
    let sums = [("a", number(sum(&o.grad_output), 2)), ("b", number(sum(&o.grad_input), 2))];
    let caption = match o.lost() {
        None => t.sums_lp,
        Some(lost) if lost != 0.0 => t.sums_lost,
        Some(_) => t.sums_kept,
    };
    let caption = fill(caption, &[("lost", number(o.lost().unwrap_or(0.0), 2))]);
    let (r, c) = pointed(o, look);
    let values = [sums.clone(), [("r", r.to_string()), ("c", c.to_string())]].concat();
    Figure {
        id: "backward",
        title: t.backward_title.into(),
        caption: fill(&format!("{caption}{}{}", look.lang.pick(" ", ""), t.backward_hint), &sums),
        summary: fill(t.backward_summary, &values),
        scene,
    }
}

fn backward(state: &State, scale: Scale, look: &Look) -> Scene {
    let t = Text::of(look.lang);
    let (o, grid) = (state.output, state.params.is_grid());
    let here = pointed(o, look);
    let arriving = Sheet::new(&o.grad_output, state.names.grad_output, scale, t.grad_output);
    let arriving = Sheet { plane: !grid, ..arriving };
    let landing = Sheet::new(&o.grad_input, state.names.grad_input, scale, t.grad_input);
    let landing = Sheet { around: around(state), plane: !grid, ..landing };
    let wide = look.width >= 440.0;
    let gap = if wide { 110.0 } else { 0.0 };
    let tall = if grid { 340.0 } else { 380.0 };
    let (left, right, out_cell, in_cell) = if wide && grid {
        let (cell, rooms) = beside(&[arriving.whole(), landing.whole()], gap, look, tall);
        (rooms[0], rooms[1], cell, cell)
    } else {
        let room = if wide { (look.width - gap) / 2.0 } else { look.width };
        let cell = |sheet: &Sheet| {
            let (h, w) = sheet.whole();
            if grid { sheet.cell(look, room, tall) } else { ((room - 6.0) / w as f64).min(tall / h as f64) }
        };
        let (out, landing) = (cell(&arriving), cell(&landing));
        (room, room, if grid { out.min(landing.max(READABLE)) } else { out }, landing)
    };
    let winner = o.winner(here.0, here.1);
    let width = state.params.size.1;
    let (drawn_out, place_out) = arriving.draw(look, left, out_cell, |r, c| CellLook {
        stroke: ((r, c) == here).then(|| stroke(Ink::Accent, 2.4 * look.stroke)),
        strong: (r, c) == here,
        ..CellLook::default()
    });
    let (drawn_in, place_in) = landing.draw(look, right, in_cell, |r, c| {
        let at = r * width + c;
        let chooses = state.params.pool.chooses();
        let tied = o.ties.as_ref().is_some_and(|t| t.winners[at] > 0);
        let ink = match o.serves[at] {
            0 if tied => Some((Ink::Warn, 1.8, true)),
            n if n > 1 && chooses => Some((Ink::Ink, 2.8, false)),
            1 if chooses => Some((Ink::Ink, 1.4, false)),
            _ => None,
        };
        CellLook {
            stroke: ink.map(|(ink, width, dashed)| Stroke { ink, width: width * look.stroke, dashed }),
            strong: winner == Some((r, c)),
            ..CellLook::default()
        }
    });
    let mut scene = Scene::new(look.width);
    let (dx, dy) = if wide { (left + gap, 0.0) } else { (0.0, drawn_out.height + look.font) };
    let place_in = place_in.moved(dx, dy);
    ring(&mut scene, state, &place_in, look);
    let window = window_rect(state, &place_in, here);
    if winner.is_none() && wide {
        let from = place_out.cell_rect(here);
        scene.push(Mark::Band { from, to: window, fill: (Ink::Accent, 0.15), down: false });
    }
    scene.place(drawn_out, 0.0, 0.0);
    scene.place(drawn_in, dx, dy);
    outline(&mut scene, window.grown(1.0), Ink::Accent, 1.6 * look.stroke);
    arrows(&mut scene, state, here, (&place_out, &place_in), look, wide);
    scene
}

/// From each output that has a gradient to the cell it goes to.
fn arrows(
    scene: &mut Scene,
    state: &State,
    here: (usize, usize),
    (from, to): (&Placed, &Placed),
    look: &Look,
    wide: bool,
) {
    let o = state.output;
    let (oh, ow) = o.size();
    let few = oh * ow <= MOST_ARROWS && from.cell >= READABLE;
    let all = (0..oh).flat_map(|r| (0..ow).map(move |c| (r, c)));
    let mut list: Vec<(usize, usize)> = all.filter(|at| few && *at != here).collect();
    list.push(here);
    for at in list {
        let grad = crate::stage::scene::grid::value_at(&o.grad_output, at.0, at.1);
        let Some(winner) = o.winner(at.0, at.1) else { continue };
        if grad == 0.0 {
            continue;
        }
        let (ink, width) = if at == here { (Ink::Accent, 2.4) } else { (Ink::Pad, 1.0) };
        arrow(
            scene,
            leaving(from, at, (oh, ow), wide),
            to.cell_rect(winner),
            (ink, width * look.stroke),
            wide,
        );
    }
}

/// Where the arrow of an output leaves the grid: at the edge of its row, or of its column when the parts are stacked,
/// so that no number is crossed.
fn leaving(from: &Placed, (r, c): (usize, usize), (h, w): (usize, usize), wide: bool) -> Rect {
    let part = |i: usize, n: usize| (i as f64 + 0.5) / n as f64 * 0.8 + 0.1;
    match wide {
        true => {
            let edge = from.cell_rect((r, w - 1));
            Rect::new(edge.right(), edge.y + edge.h * part(c, w), 2.0, 0.0)
        }
        false => {
            let edge = from.cell_rect((h - 1, c));
            Rect::new(edge.x + edge.w * part(r, h), edge.bottom(), 0.0, 2.0)
        }
    }
}

/// A curve from a cell's right (or lower) edge to another's left (or upper) edge.
fn arrow(scene: &mut Scene, from: Rect, to: Rect, (ink, width): (Ink, f64), wide: bool) {
    let (a, b) = match wide {
        true => ((from.right() - 2.0, from.center().1), (to.x + 1.0, to.center().1)),
        false => ((from.center().0, from.bottom() - 2.0), (to.center().0, to.y + 1.0)),
    };
    let points: Vec<(f64, f64)> = (0..=16)
        .map(|i| {
            let s = f64::from(i) / 16.0;
            let eased = s * s * (3.0 - 2.0 * s);
            match wide {
                true => (a.0 + (b.0 - a.0) * s, a.1 + (b.1 - a.1) * eased),
                false => (a.0 + (b.0 - a.0) * eased, a.1 + (b.1 - a.1) * s),
            }
        })
        .collect();
    scene.push(Mark::Line { points, stroke: stroke(ink, width) });
    let (l, s) = (5.0 + width, 2.0 + width * 0.8);
    let head = match wide {
        true => vec![b, (b.0 - l, b.1 - s), (b.0 - l, b.1 + s)],
        false => vec![b, (b.0 - s, b.1 - l), (b.0 + s, b.1 - l)],
    };
    scene.push(Mark::Area { points: head, fill: (ink, 1.0) });
}
