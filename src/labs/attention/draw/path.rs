//! The whole path: every matrix from the tokens' vectors to the output, for one head and then for all.

use super::parts::{cut, hatch, placed, signed, weight_scale};
use super::{Pointed, pointed};
use crate::labs::attention::AttentionLab;
use crate::labs::attention::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{READABLE, fitted, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::fill;
use std::ops::Range;

/// Of long sequences and wide vectors so many rows and columns are drawn.
const MOST: (usize, usize) = (14, 24);

/// A matrix of the path.
struct Piece<'a> {
    /// What stands before it: `·`, `=`, `→`.
    join: &'static str,
    title: String,
    tensor: &'a Shared,
    name: &'static str,
    /// Rows and columns that are drawn.
    rows: Range<usize>,
    cols: Range<usize>,
    /// The index of a drawn row and column.
    index: Box<dyn Fn(usize, usize) -> Vec<usize> + 'a>,
    scale: Scale,
    /// The row outlined, and the one dashed.
    marks: (Option<usize>, Option<usize>),
    /// Whether a cell of the map is hidden by the mask.
    hides: bool,
}

/// Up to `most` of `n` around `at`.
fn around(at: usize, n: usize, most: usize) -> Range<usize> {
    let from = at.saturating_sub(most / 2).min(n.saturating_sub(most));
    from..(from + most).min(n)
}

/// Draws it.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let o = &run.output.main;
    let at = pointed(run, look);
    let pieces = pieces(run, at, t);
    // The largest cells with which everything stays on one screen.
    let limit = if look.width < 560.0 { 1500.0 } else { 640.0 };
    let sizes = [25.0, 22.0, 16.0, 13.0, 11.0, 9.0, 7.5, 6.0];
    let fits = |c: &f64| {
        let (scene, wide) = lay(&pieces, *c, None, look);
        scene.height <= limit && wide
    };
    let c = sizes.into_iter().find(fits).unwrap_or(5.0);
    let (mut scene, _) = lay(&pieces, c, Some(run), look);
    let size = look.font * 0.88;
    let below = scene.height + size * 1.6;
    let label = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let text = fill(t.path_marks, &[("query", label(&o.labels.0, at.i)), ("key", label(&o.labels.1, at.j))]);
    let fitted_size = size.min((look.width - 4.0) / text_width(&text, 1.0)).max(size * 0.6);
    placed(
        &mut scene,
        (2.0, below),
        cut(&text, fitted_size, look.width - 4.0),
        fitted_size,
        Ink::Ink2,
        false,
        Anchor::Start,
    );
    scene.reach(below + size * 0.6);
    let values = [
        ("h", (at.head + 1).to_string()),
        ("heads", o.sizes.heads.to_string()),
        ("d", o.sizes.d.to_string()),
        ("dk", o.sizes.dk.to_string()),
    ];
    Figure {
        id: "path",
        title: t.path_title.into(),
        caption: fill(t.path_caption, &values),
        summary: fill(t.path_summary, &values),
        scene,
    }
}

fn pieces<'a>(run: &'a Ran<AttentionLab>, at: Pointed, t: &Text) -> Vec<Piece<'a>> {
    let o = &run.output.main;
    let s = &o.sizes;
    let (h, g) = (at.head, at.head * s.kv / s.heads);
    let (queries, keys) = (around(at.i, s.n, MOST.0), around(at.j, s.m, MOST.0));
    let cols = |n: usize| 0..n.min(MOST.1);
    let four = |h: usize| {
        Box::new(move |r: usize, c: usize| vec![0, h, r, c]) as Box<dyn Fn(usize, usize) -> Vec<usize>>
    };
    let three =
        || Box::new(move |r: usize, c: usize| vec![0, r, c]) as Box<dyn Fn(usize, usize) -> Vec<usize>>;
    // A matrix [out, in] is drawn as it is multiplied with: in × out.
    let turned = |from: usize| {
        Box::new(move |r: usize, c: usize| vec![from + c, r]) as Box<dyn Fn(usize, usize) -> Vec<usize>>
    };
    let (row, other) = (Some(at.i), Some(at.j));
    let mut list = Vec::new();
    let x_rows = if o.x.shape()[1] == s.n {
        (queries.clone(), (row, if run.params.cross { None } else { other }))
    } else {
        (0..o.x.shape()[1].min(MOST.0), (None, None))
    };
    let piece = |join,
                 title: String,
                 tensor: &'a Shared,
                 name,
                 rows: Range<usize>,
                 width: Range<usize>,
                 index,
                 scale,
                 marks| Piece {
        join,
        title,
        tensor,
        name,
        rows,
        cols: width,
        index,
        scale,
        marks,
        hides: false,
    };
    list.push(piece("", "x".into(), &o.x, "x", x_rows.0, cols(s.d), three(), signed(&o.x), x_rows.1));
    if let Some(context) = &o.context {
        let rows = if context.shape()[1] == s.m { keys.clone() } else { 0..context.shape()[1].min(MOST.0) };
        list.push(piece(
            "",
            t.second_text.into(),
            context,
            "context",
            rows,
            cols(s.d),
            three(),
            signed(context),
            (None, other),
        ));
    }
    let w = |at: usize, title: &str, name, from, width| {
        piece(
            "·",
            title.into(),
            &o.w[at],
            name,
            cols(s.d),
            cols(width),
            turned(from),
            signed(&o.w[at]),
            (None, None),
        )
    };
    let tied = if run.params.tie_qk { "W_K = W_Q" } else { "W_K" };
    list.push(w(0, "W_Q", "w_q", h * s.dk, s.dk));
    list.push(piece(
        "=",
        "q".into(),
        &o.q,
        "q",
        queries.clone(),
        cols(s.dk),
        four(h),
        signed(&o.q),
        (row, None),
    ));
    list.push(w(1, tied, "w_k", g * s.dk, s.dk));
    list.push(piece(
        "=",
        "k".into(),
        &o.k,
        "k",
        keys.clone(),
        cols(s.dk),
        four(g),
        signed(&o.k),
        (None, other),
    ));
    list.push(w(2, "W_V", "w_v", g * s.dv, s.dv));
    list.push(piece(
        "=",
        "v".into(),
        &o.v,
        "v",
        keys.clone(),
        cols(s.dv),
        four(g),
        signed(&o.v),
        (None, other),
    ));
    list.push(piece(
        "→",
        "q · kᵀ".into(),
        &o.raw,
        "raw",
        queries.clone(),
        keys.clone(),
        four(h),
        signed(&o.raw),
        (row, None),
    ));
    list.push(piece(
        "→",
        t.scaled.into(),
        &o.scores,
        "scores",
        queries.clone(),
        keys.clone(),
        four(h),
        signed(&o.scores),
        (row, None),
    ));
    let mask = piece(
        "+",
        t.mask.into(),
        &o.mask,
        "mask",
        queries.clone(),
        keys.clone(),
        four(0),
        Scale::Magnitude { max: 1.0 },
        (row, None),
    );
    list.push(mask);
    let mut weights = piece(
        "→",
        t.weights.into(),
        &o.weights,
        "weights",
        queries.clone(),
        keys,
        four(h),
        weight_scale(o, h),
        (row, None),
    );
    weights.hides = true;
    list.push(weights);
    list.push(piece(
        "· v =",
        t.head_answer.into(),
        &o.heads,
        "heads",
        queries.clone(),
        cols(s.dv),
        four(h),
        signed(&o.heads),
        (row, None),
    ));
    list.push(piece(
        "→",
        t.concat.into(),
        &o.concat,
        "concat",
        queries.clone(),
        cols(s.heads * s.dv),
        three(),
        signed(&o.concat),
        (row, None),
    ));
    let turned_o = Box::new(move |r: usize, c: usize| vec![c, r]);
    list.push(piece(
        "·",
        "W_O".into(),
        &o.w[3],
        "w_o",
        cols(s.heads * s.dv),
        cols(s.d),
        turned_o,
        signed(&o.w[3]),
        (None, None),
    ));
    list.push(piece(
        "=",
        t.output.into(),
        &o.output,
        "output",
        queries,
        cols(s.d),
        three(),
        signed(&o.output),
        (row, None),
    ));
    list
}

/// Lays the pieces in lines, empty without a run; whether each fits the width.
fn lay(pieces: &[Piece], c: f64, run: Option<&Ran<AttentionLab>>, look: &Look) -> (Scene, bool) {
    let mut scene = Scene::new(look.width);
    let f = look.font * 0.9;
    let head = f * 2.5;
    let (mut x, mut y, mut line) = (0.0, 0.0, 0.0f64);
    let mut fits = true;
    for piece in pieces {
        let join = if piece.join.is_empty() { 0.0 } else { text_width(piece.join, f) + 10.0 };
        let shape = format!("{} × {}", piece.rows.len(), piece.cols.len());
        let wide = (piece.cols.len() as f64 * c)
            .max(text_width(&piece.title, f) * 1.05)
            .max(text_width(&shape, f * 0.85));
        fits &= join + wide + 4.0 <= look.width;
        if x > 0.0 && x + join + wide > look.width - 2.0 {
            (x, y, line) = (0.0, y + line + f * 1.1, 0.0);
        }
        let tall = piece.rows.len() as f64 * c;
        if !piece.join.is_empty() {
            placed(
                &mut scene,
                (x + join / 2.0 - 1.0, y + head + f * 1.4),
                piece.join.into(),
                f,
                Ink::Ink2,
                false,
                Anchor::Middle,
            );
        }
        let at = (x + join + 2.0, y + head);
        let room = look.width - at.0;
        let size = f.min(room / text_width(&piece.title, 1.05)).max(f * 0.5);
        placed(
            &mut scene,
            (at.0, y + f * 1.05),
            cut(&piece.title, size * 1.05, room),
            size,
            Ink::Ink,
            true,
            Anchor::Start,
        );
        let small = (f * 0.85).min(room / text_width(&shape, 1.0)).max(f * 0.4);
        placed(&mut scene, (at.0, y + f * 2.05), shape, small, Ink::Ink3, false, Anchor::Start);
        if let Some(run) = run {
            matrix(&mut scene, piece, at, c, run, look);
        }
        x += join + wide + 8.0;
        line = line.max(head + tall);
    }
    scene.reach(y + line);
    (scene, fits)
}

fn matrix(scene: &mut Scene, piece: &Piece, at: (f64, f64), c: f64, run: &Ran<AttentionLab>, look: &Look) {
    let gap = if c >= 12.0 { 0.9 } else { 0.35 };
    let mask = &run.output.main.mask;
    let mut texts = Vec::new();
    for r in piece.rows.clone() {
        for col in piece.cols.clone() {
            let index = (piece.index)(r, col);
            let value = piece.tensor.get(index.as_slice()).copied().unwrap_or(0.0);
            let (text, size) = if c >= READABLE { fitted(value, c, 2) } else { (String::new(), 0.0) };
            texts.push((r, col, index, value, text, size));
        }
    }
    let size = texts.iter().filter(|t| !t.4.is_empty()).fold(f64::INFINITY, |s, t| s.min(t.5));
    let (rows, cols) = (piece.rows.start, piece.cols.start);
    for (r, col, index, value, text, _) in texts {
        let hidden = piece.hides && value_at(mask, r, col) == 0.0;
        let (y, x) = (at.1 + (r - rows) as f64 * c, at.0 + (col - cols) as f64 * c);
        let text = if hidden { String::new() } else { text };
        scene.push(Mark::Cell {
            rect: Rect::new(x, y, c, c).grown(-gap),
            value,
            origin: Origin { tensor: piece.name, index },
            scale: (!hidden).then_some(piece.scale),
            size: if text.is_empty() { 0.0 } else { size },
            text,
            strong: false,
            stroke: None,
            hidden: false,
        });
        if hidden {
            hatch(scene, Rect::new(x, y, c, c), look);
        }
    }
    let width = piece.cols.len() as f64 * c;
    for (row, dashed) in [(piece.marks.1, true), (piece.marks.0, false)] {
        let Some(row) = row.filter(|r| piece.rows.contains(r)) else { continue };
        let rect = Rect::new(at.0, at.1 + (row - rows) as f64 * c, width, c).grown(0.8);
        let line = if dashed {
            Stroke { ink: Ink::Ink2, width: 1.3 * look.stroke, dashed: true }
        } else {
            stroke(Ink::Ink, 1.5 * look.stroke)
        };
        scene.rect(rect, 2.0, (Ink::None, 0.0), Some(line));
    }
    scene.reach(at.1 + piece.rows.len() as f64 * c);
}
