//! The layer as its matrix: a row for each output, a column for each input cell, one colour for each tap.

use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::Read;
use crate::labs::convolution::draw::{Pointed, explained, pointed};
use crate::labs::convolution::explain::joints;
use crate::labs::convolution::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::outline;
use crate::stage::scene::{Ink, Mark, Rect, Scene, stroke};
use crate::stage::text::{count, fill, percent};
use std::collections::BTreeMap;
use std::ops::Range;

/// More rows or columns than these are not drawn at once.
const MOST_ROWS: usize = 64;
const MOST_COLUMNS: usize = 128;
/// The narrowest column.
const NARROWEST: f64 = 4.4;

/// A block of rows and columns of a plane.
type Block = (Range<usize>, Range<usize>);

/// One entry of the matrix that may differ from zero.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    /// The tap it holds; `None` when several taps read the same cell, through padding that copies it.
    tap: Option<usize>,
    /// Its value: the tap's weight, or the sum of several.
    value: f32,
}

/// The entries of an output's row, by input cell.
fn entries(reads: &[Read]) -> BTreeMap<(usize, usize), Entry> {
    let mut row: BTreeMap<(usize, usize), Entry> = BTreeMap::new();
    for read in reads {
        let Some(cell) = read.source else { continue };
        row.entry(cell)
            .and_modify(|e| *e = Entry { tap: None, value: e.value + read.weight })
            .or_insert(Entry { tap: Some(read.tap), value: read.weight });
    }
    row
}

/// `length` cells of `n` around `at`.
fn around(at: usize, length: usize, n: usize) -> Range<usize> {
    let length = length.min(n);
    let from = at.saturating_sub(length / 2).min(n - length);
    from..from + length
}

/// A block of at most `most` cells: the wanted sides, the longer one shortened first.
fn block(at: (usize, usize), wanted: (usize, usize), n: (usize, usize), most: usize) -> Block {
    let (mut h, mut w) = (wanted.0.min(n.0), wanted.1.min(n.1));
    while h * w > most.max(1) {
        if h > w { h -= 1 } else { w -= 1 }
    }
    (around(at.0, h, n.0), around(at.1, w, n.1))
}

fn cells(block: &Block) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (rows, cols) = block.clone();
    rows.flat_map(move |r| cols.clone().map(move |c| (r, c)))
}

/// Draws it.
pub fn figure(run: &Ran<Convolution>, look: &Look) -> Figure {
    let (p, o) = (&run.params, &run.output);
    let t = Text::of(look.lang);
    let (row, col) = explained(p, o, look);
    let (size, out) = (p.size, o.size());
    let (inputs, outputs) = (size.0 * size.1, out.0 * out.1);
    let columns = MOST_COLUMNS.min((look.width / NARROWEST) as usize);
    let middle = |at: usize, stride: usize, taps: usize, dilation: usize, before: usize, n: usize| {
        (at * stride + dilation * (taps - 1) / 2).saturating_sub(before).min(n - 1)
    };
    let whole = inputs <= columns && outputs <= MOST_ROWS;
    let (shown_in, shown_out) = if whole {
        ((0..size.0, 0..size.1), (0..out.0, 0..out.1))
    } else {
        let (s, k, d, pads) = (o.conv.stride, p.kernel_size, o.conv.dilation, o.conv.pads);
        let centre =
            (middle(row, s.0, k.0, d.0, pads.top, size.0), middle(col, s.1, k.1, d.1, pads.left, size.1));
        let wanted = (d.0 * (k.0 - 1) + 9, d.1 * (k.1 - 1) + 9);
        // A small layer keeps whole rows, a large one shows what lies around the window.
        let wanted = if size.1 <= columns / 3 { (size.0, size.1) } else { wanted };
        (block(centre, wanted, size, columns), block((row, col), (6, 6), out, 36))
    };
    let mut scene = Scene::new(look.width);
    let small = look.font * 0.92;
    let axes = super::wrapped(t.matrix_axes, small, look.width - 4.0);
    let top = small * 1.4 * axes.len() as f64 + look.font * 0.4;
    for (at, line) in axes.into_iter().enumerate() {
        scene.text((2.0, small * (1.0 + 1.4 * at as f64)), line, small, Ink::Ink3);
    }
    let (n_in, n_out) = (cells(&shown_in).count(), cells(&shown_out).count());
    let wide = ((look.width - 8.0) / n_in.max(1) as f64).min(look.font * 3.0);
    // Narrow columns keep rows that can be told apart.
    let tall = wide.max(9.0).min(430.0 / n_out.max(1) as f64).max(3.4);
    let area = Rect::new(4.0, top, wide * n_in as f64, tall * n_out as f64);
    let mut index = BTreeMap::new();
    cells(&shown_in).enumerate().for_each(|(i, c)| _ = index.insert(c, i));
    let point = pointed(p, o, look);
    let gap = if tall > 6.0 { 0.7 } else { 0.35 };
    for (at, _) in cells(&shown_out).enumerate() {
        let strip = Rect::new(area.x, area.y + at as f64 * tall, area.w, tall).grown(-gap);
        scene.rect(Rect { x: area.x, w: area.w, ..strip }, 1.0, (Ink::Line2, 1.0), None);
    }
    // A rule between one row of the input and the next shows why the diagonals come in steps.
    let rules = shown_in.1.len();
    for at in (rules..n_in).step_by(rules.max(1)) {
        let x = area.x + at as f64 * wide;
        scene.push(Mark::Line {
            points: vec![(x, area.y), (x, area.bottom())],
            stroke: stroke(Ink::Line, 0.8),
        });
    }
    let lit_column = match point {
        Pointed::Padded(r, c) => source(run, r, c).and_then(|cell| index.get(&cell).copied()),
        _ => None,
    };
    if let Some(at) = lit_column {
        let rect = Rect::new(area.x + at as f64 * wide, area.y, wide, area.h);
        scene.rect(rect, 1.0, (Ink::Accent, 0.16), None);
    }
    let of = p.kernel_size.0 * p.kernel_size.1;
    let mut frame = None;
    for (at, (r, c)) in cells(&shown_out).enumerate() {
        let y = area.y + at as f64 * tall;
        let here = (r, c) == (row, col);
        if here {
            frame = Some(Rect::new(area.x, y, area.w, tall));
        }
        for (cell, entry) in entries(&o.reads(p, r, c)) {
            let Some(i) = index.get(&cell) else { continue };
            let lit = match point {
                Pointed::Output(..) => here,
                Pointed::Padded(..) => lit_column == Some(*i),
                Pointed::Tap(a, b) => entry.tap == Some(a * p.kernel_size.1 + b),
            };
            let strength = match (entry.value == 0.0, lit) {
                (true, true) => 0.45,
                (true, false) => 0.2,
                (false, true) => 1.0,
                (false, false) => 0.58,
            };
            let ink = entry.tap.map_or(Ink::Ink2, |index| Ink::Tap { index, of });
            let rect = Rect::new(area.x + *i as f64 * wide, y, wide, tall).grown(-gap);
            scene.rect(rect, (wide * 0.15).min(2.5), (ink, strength), None);
        }
    }
    if let Some(rect) = frame {
        outline(&mut scene, rect.grown(1.6), Ink::Ink, 1.6 * look.stroke);
    }
    scene.reach(area.bottom() + 2.0);
    let mut y = area.bottom() + small * 1.6;
    let mut say = |scene: &mut Scene, text: String| {
        for line in super::wrapped(&text, small, look.width - 4.0) {
            scene.text((2.0, y), line, small, Ink::Ink3);
            scene.reach(y + small * 0.5);
            y += small * 1.45;
        }
    };
    if !whole {
        say(&mut scene, part_sentence(t, &shown_in, &shown_out));
    }
    let all = joints(p, o);
    let density = percent(all.entries as f64 / all.all.max(1) as f64);
    let values = [
        ("outputs", count(outputs as f64)),
        ("inputs", count(inputs as f64)),
        ("density", density),
        ("r", row.to_string()),
        ("c", col.to_string()),
        ("seen", entries(&o.reads(p, row, col)).len().to_string()),
    ];
    Figure {
        id: "matrix",
        title: t.matrix_title.into(),
        caption: fill(t.matrix_caption, &values),
        summary: fill(t.matrix_summary, &values),
        scene,
    }
}

fn part_sentence(t: &Text, shown_in: &Block, shown_out: &Block) -> String {
    let (a, b) = (shown_in.clone(), shown_out.clone());
    let span = |r: &Range<usize>| match r.len() {
        1 => r.start.to_string(),
        _ => format!("{}–{}", r.start, r.end.saturating_sub(1)),
    };
    fill(t.matrix_part, &[("ir", span(&a.0)), ("ic", span(&a.1)), ("or", span(&b.0)), ("oc", span(&b.1))])
}

/// The input cell whose value a padded cell holds.
fn source(run: &Ran<Convolution>, r: usize, c: usize) -> Option<(usize, usize)> {
    let (mode, pads, size) = (run.output.conv.mode, run.output.conv.pads, run.params.size);
    mode.source(r, pads.top, size.0).zip(mode.source(c, pads.left, size.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::convolution::explain::tests::{look, run};
    use crate::stage::lab::Focus;
    use crate::stage::scene::grid::value_at;

    /// The matrix times the input, plus what constants and bias add, is the output.
    #[test]
    fn the_matrix_is_the_layer() {
        for query in [
            "bias=1.5",
            "padding=2&padding_mode=reflect&stride=2",
            "padding=3&padding_mode=circular&flip=1&kernel=emboss",
            "padding=2&padding_mode=replicate&dilation=2&size=6,9",
            "padding=1&padding_mode=constant&padding_value=4",
        ] {
            let run = run(query);
            let (p, o) = (&run.params, &run.output);
            let (oh, ow) = o.size();
            for r in 0..oh {
                for c in 0..ow {
                    let reads = o.reads(p, r, c);
                    let constants: f32 =
                        reads.iter().filter(|x| x.source.is_none()).map(|x| x.value * x.weight).sum();
                    let product: f32 =
                        entries(&reads).iter().map(|((i, j), e)| e.value * value_at(&o.input, *i, *j)).sum();
                    let expected = value_at(&o.pre_activation, r, c);
                    assert!((product + constants + p.bias - expected).abs() < 1e-3, "{query} {r} {c}");
                }
            }
        }
    }

    #[test]
    fn taps_that_meet_are_summed() {
        let run = run("padding=1&padding_mode=replicate&kernel=box");
        let corner = entries(&run.output.reads(&run.params, 0, 0));
        assert_eq!(corner[&(0, 0)].tap, None);
        assert!((corner[&(0, 0)].value - 4.0 / 9.0).abs() < 1e-6);
        assert_eq!(corner[&(1, 1)].tap, Some(8));
    }

    #[test]
    fn the_default_is_drawn_whole_and_a_photo_in_part() {
        let boxes = |query: &str, look: &Look| {
            let figure = figure(&run(query), look);
            let taps = |m: &&Mark| matches!(m, Mark::Box { fill: (Ink::Tap { .. }, _), .. });
            (figure.scene.marks.iter().filter(taps).count(), figure)
        };
        let (entries, figure) = boxes("", &look());
        assert_eq!(entries, 36 * 9);
        assert!(
            figure.caption.contains("36 × 64") && figure.caption.contains("14.1 %"),
            "{}",
            figure.caption
        );
        let (entries, figure) = boxes("input=shapes", &look());
        assert!(entries > 100, "{entries}");
        let words = format!("{:?}", figure.scene.marks);
        assert!(words.contains("Part of it"), "part is named");
    }

    #[test]
    fn a_tap_and_an_input_cell_light_their_entries() {
        let run = run("");
        let lit = |tensor: &'static str, index: Vec<usize>| {
            let focus = Focus { tensor, index };
            let look = Look { focus: Some(&focus), ..look() };
            let lit = |m: &&Mark| matches!(m, Mark::Box { fill: (Ink::Tap { .. }, s), .. } if *s == 1.0 || *s == 0.45);
            figure(&run, &look).scene.marks.iter().filter(lit).count()
        };
        assert_eq!(lit("weight", vec![0, 0, 2, 2]), 36);
        assert_eq!(lit("input", vec![0, 0, 4, 4]), 9);
        assert_eq!(lit("input", vec![0, 0, 0, 0]), 1);
        assert_eq!(lit("output", vec![0, 0, 0, 0]), 9);
    }
}
