//! Heads as a reshape: one wide product cut into heads, the same from separate matrices, and the answers side by side
//! again, one stage at a time.

use super::Pointed;
use super::parts::{cut, placed, signed};
use super::pointed;
use crate::labs::attention::AttentionLab;
use crate::labs::attention::compute::Output;
use crate::labs::attention::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Focus, Look, Ran, Shared};
use crate::stage::scene::grid::{READABLE, fitted};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};

/// Stages of the figure, and steps of its player.
pub const STAGES: usize = 5;
/// So many rows, heads and numbers of a head are drawn.
const MOST: (usize, usize, usize) = (5, 8, 8);

/// The number that a step of the player points at: the same one in every stage.
pub fn stage_focus(o: &Output, head: usize, stage: usize) -> Focus {
    let (s, i) = (&o.sizes, super::resting(o));
    let apart = o.split.as_ref().is_some_and(|split| split.apart.is_some());
    let (wide, stacked) = (|width: usize| vec![0, i, head * width], vec![0, head * s.n + i, 0]);
    match stage {
        0 => Focus { tensor: "q_wide", index: wide(s.dk) },
        2 if apart => Focus { tensor: "q_apart", index: stacked },
        1 | 2 => Focus { tensor: "q_cut", index: stacked },
        3 => Focus { tensor: "heads_cut", index: stacked },
        _ => Focus { tensor: "concat", index: wide(s.dv) },
    }
}

/// One stage: a tensor of heads, or one in which they stand side by side.
struct Stage<'a> {
    title: &'static str,
    shape: String,
    tensor: Option<&'a Shared>,
    name: &'static str,
    wide: bool,
    /// Numbers of a head.
    width: usize,
}

/// Draws it.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let at = pointed(run, look);
    let column = match look.focus.map(|f| (f.tensor, &f.index[..])) {
        Some(("q_cut" | "q_apart" | "heads_cut", [_, _, c])) => *c,
        Some(("q_wide", [_, _, c])) => c % s.dk,
        Some(("concat", [_, _, c])) => c % s.dv,
        _ => 0,
    };
    let split = o.split.as_ref();
    let cube = |width: usize| format!("({}, {}, {width})", s.heads, s.n);
    let flat = |width: usize| format!("({}, {} · {width})", s.n, s.heads);
    let stages = [
        Stage {
            title: t.split_wide,
            shape: flat(s.dk),
            tensor: split.map(|s| &s.wide),
            name: "q_wide",
            wide: true,
            width: s.dk,
        },
        Stage {
            title: t.split_cut,
            shape: cube(s.dk),
            tensor: split.map(|s| &s.cut),
            name: "q_cut",
            wide: false,
            width: s.dk,
        },
        Stage {
            title: t.split_apart,
            shape: cube(s.dk),
            tensor: split.and_then(|s| s.apart.as_ref()),
            name: "q_apart",
            wide: false,
            width: s.dk,
        },
        Stage {
            title: t.split_answers,
            shape: cube(s.dv),
            tensor: split.map(|s| &s.answers),
            name: "heads_cut",
            wide: false,
            width: s.dv,
        },
        Stage {
            title: t.split_joined,
            shape: flat(s.dv),
            tensor: Some(&o.concat),
            name: "concat",
            wide: true,
            width: s.dv,
        },
    ];
    let mut scene = Scene::new(look.width);
    for (nth, stage) in stages.iter().enumerate() {
        let reached = look.step == 0 || nth < look.step;
        let y = if nth == 0 { 0.0 } else { scene.height + look.font * 1.3 };
        draw(&mut scene, y, stage, (nth, reached, look.step == nth + 1), (o, at, column), look);
    }
    let mut said = match split.and_then(|s| s.difference) {
        Some(difference) => fill(t.split_equal, &[("apart", number(difference, 4))]),
        None => t.split_loaded.into(),
    };
    if s.n > MOST.0 || s.heads > MOST.1 || s.dk.max(s.dv) > MOST.2 {
        said += look.lang.pick(" ", "");
        said += t.split_part;
    }
    super::mask::write_lines(&mut scene, &said, look);
    let values = [("d", (s.heads * s.dk).to_string()), ("h", s.heads.to_string()), ("dk", s.dk.to_string())];
    Figure {
        id: "split",
        title: t.split_title.into(),
        caption: fill(t.split_caption, &values),
        summary: fill(t.split_summary, &values),
        scene,
    }
}

/// The cells of a stage, head after head; those of a stage not yet reached are empty.
fn draw(
    scene: &mut Scene,
    top: f64,
    stage: &Stage,
    (nth, reached, now): (usize, bool, bool),
    (o, at, column): (&Output, Pointed, usize),
    look: &Look,
) {
    let s = &o.sizes;
    let f = look.font;
    let number = (nth + 1).to_string();
    let title = format!("{number}. {}", stage.title);
    let ink = if now { Ink::Accent } else { Ink::Ink };
    let shape_w = text_width(&stage.shape, f * 0.9) + 10.0;
    let size = f.min((look.width - shape_w) / text_width(&title, 1.06)).max(f * 0.72);
    let short = cut(&title, size * 1.06, look.width - shape_w);
    let (x, y) = (text_width(&short, size * 1.06) + 8.0, top + f * 1.1);
    placed(scene, (0.0, y), short, size, ink, true, Anchor::Start);
    placed(scene, (x, y), stage.shape.clone(), f * 0.9, Ink::Ink3, false, Anchor::Start);
    let Some(tensor) = stage.tensor else { return };
    // As many heads as fit, each with as many of its numbers.
    let heads = s.heads.min(if look.width < 480.0 { 4 } else { MOST.1 });
    let first = (at.head + 1).saturating_sub(heads).min(s.heads - heads);
    let width = stage.width.min(MOST.2.min(32 / heads).max(1));
    let from = (column + 1).saturating_sub(width).min(stage.width - width);
    let (left_out, between) = (width < stage.width, if stage.wide { 3.0 } else { f });
    let rows = s.n.min(MOST.0);
    let row_from = at.i.saturating_sub(rows / 2).min(s.n - rows);
    let names = f * 0.9;
    let label = o.labels.0[row_from..row_from + rows].iter().fold(0.0f64, |w, l| w.max(text_width(l, names)));
    // Some fonts are wider than measured.
    let label = (label * 1.06).min(look.width * 0.2).min(f * 7.0) + 9.0;
    let dots = if left_out { f * 1.1 } else { 0.0 };
    let room = look.width - label - 2.0 - heads as f64 * (between + dots);
    let c = (room / (heads * width) as f64).min(f * 2.5);
    let high = c.min(f * 1.9);
    let head_y = top + f * 1.7;
    let cells_y = head_y + f * 1.4;
    let scale: Scale = signed(tensor);
    let index = |h: usize, i: usize, k: usize| match stage.wide {
        true => vec![0, i, h * stage.width + k],
        false => vec![0, h * s.n + i, k],
    };
    let value = |index: &[usize]| tensor.get(index).copied().unwrap_or(0.0);
    let places =
        || (0..heads).flat_map(move |h| (0..rows).flat_map(move |r| (0..width).map(move |k| (h, r, k))));
    let number_size = places()
        .map(|(h, r, k)| fitted(value(&index(first + h, row_from + r, from + k)), c.min(high * 1.3), 2))
        .filter(|w| !w.0.is_empty())
        .fold(f64::INFINITY, |s, w| s.min(w.1));
    let block = width as f64 * c + dots + between;
    for (h, r, k) in places() {
        let (head, i, k_at) = (first + h, row_from + r, from + k);
        let index = index(head, i, k_at);
        let v = value(&index);
        let text = match reached && c >= READABLE {
            true => fitted(v, c.min(high * 1.3), 2).0,
            false => String::new(),
        };
        let rect = Rect::new(label + h as f64 * block + k as f64 * c, cells_y + r as f64 * high, c, high);
        scene.push(Mark::Cell {
            rect: rect.grown(if c >= 12.0 { -0.9 } else { -0.4 }),
            value: v,
            origin: Origin { tensor: stage.name, index },
            scale: reached.then_some(scale),
            size: if text.is_empty() { 0.0 } else { number_size },
            text,
            strong: false,
            stroke: (!reached).then(|| stroke(Ink::Line2, look.stroke)),
            hidden: false,
        });
        if reached && (head, i, k_at) == (at.head, at.i, column) {
            for (ink, wide) in [(Ink::Panel, 4.0), (Ink::Ink, 2.0)] {
                scene.rect(rect.grown(0.5), 4.0, (Ink::None, 0.0), Some(stroke(ink, wide * look.stroke)));
            }
        }
    }
    let t = Text::of(look.lang);
    for h in 0..heads {
        let x = label + h as f64 * block;
        let mut name = fill(t.head_n, &[("h", (first + h + 1).to_string())]);
        let wide = width as f64 * c;
        if text_width(&name, names * 0.8) > wide {
            name = (first + h + 1).to_string();
        }
        let size = names.min(wide / text_width(&name, 1.0)).max(names * 0.5);
        let chosen = first + h == at.head;
        let ink = if chosen { Ink::Ink } else { Ink::Ink2 };
        placed(scene, (x + wide / 2.0, head_y + f * 0.95), name, size, ink, chosen, Anchor::Middle);
        if left_out {
            let middle = (x + wide + dots / 2.0, cells_y + rows as f64 * high / 2.0);
            placed(scene, middle, "…".into(), f, Ink::Ink2, false, Anchor::Middle);
        }
        // Side by side in one matrix a dashed line stands where it is cut; apart each head has a frame of its own.
        let tall = rows as f64 * high;
        if !stage.wide {
            let frame = Rect::new(x, cells_y, wide + dots, tall).grown(2.0);
            scene.rect(frame, 4.0, (Ink::None, 0.0), Some(stroke(Ink::Ink3, look.stroke)));
        } else if h > 0 {
            let x = x - between / 2.0;
            let dashes = Stroke { ink: Ink::Ink2, width: look.stroke, dashed: true };
            scene.push(Mark::Line {
                points: vec![(x, cells_y - 2.0), (x, cells_y + tall + 2.0)],
                stroke: dashes,
            });
        }
    }
    if stage.wide {
        let wide = heads as f64 * block - between;
        let frame = Rect::new(label, cells_y, wide, rows as f64 * high).grown(2.0);
        scene.rect(frame, 4.0, (Ink::None, 0.0), Some(stroke(Ink::Ink3, look.stroke)));
    }
    for r in 0..rows {
        let text = o.labels.0.get(row_from + r).map_or(String::new(), |l| cut(l, names, label - 8.0));
        let ink = if row_from + r == at.i { Ink::Ink } else { Ink::Ink2 };
        let y = cells_y + (r as f64 + 0.5) * high + names * 0.35;
        let size = names.min(high * 0.95);
        placed(scene, (label - 6.0, y), text, size, ink, row_from + r == at.i, Anchor::End);
    }
    scene.reach(cells_y + rows as f64 * high + 3.0);
}
