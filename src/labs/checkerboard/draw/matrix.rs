//! The transposed convolution as a matrix, and the convolution that leads back as another: one is the other's transpose.

use super::paragraph;
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::compute::{Extra, span};
use crate::labs::checkerboard::text::Text;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{CellLook, Grid, extent, legend, value_at};
use crate::stage::scene::{Ink, Origin, Scene, stroke};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let mut values = Vec::new();
    if let Extra::Matrix(m) = &run.output.extra {
        let (outputs, inputs) = extent(&m.up);
        values = vec![
            ("outputs", outputs.to_string()),
            ("inputs", inputs.to_string()),
            ("left", number(m.products.0, 2)),
            ("right", number(m.products.1, 2)),
        ];
        let head = look.font * 2.2;
        let narrow = look.width < 480.0;
        let gap = 40.0;
        let cell = if narrow {
            ((look.width - 4.0) / outputs.max(inputs) as f64).min(look.font * 2.3)
        } else {
            ((look.width - gap - 4.0) / (outputs + inputs.max(8)) as f64).min(look.font * 2.3)
        };
        let left = if narrow { look.width - 4.0 } else { (inputs.max(8)) as f64 * cell + gap - 8.0 };
        let heading = |scene: &mut Scene, (x, y): (f64, f64), title: &str, room: f64| {
            scene.heading((x, y - look.font * 0.7), title, "", look.font * 1.08, room);
        };
        heading(&mut scene, (2.0, head), t.matrix_up, left);
        one(run, &m.up, "matrix", (2.0, head), cell, look, &mut scene);
        let bottom = scene.height;
        let at = if narrow { (2.0, bottom + head) } else { (2.0 + inputs.max(8) as f64 * cell + gap, head) };
        heading(&mut scene, at, t.matrix_down, look.width - at.0);
        one(run, &m.down, "matrix_transposed", at, cell, look, &mut scene);
        let y = scene.height.min(at.1 + inputs as f64 * cell) + look.font * 0.8;
        let bar = (look.font * 9.0).min(look.width - at.0 - 4.0);
        legend(&mut scene, (at.0 + 2.0, y), bar, super::scale(span(&m.up)), look.font * 0.85);
        let small = look.font * 0.95;
        let room = look.width - at.0 - 4.0;
        let y = paragraph(&mut scene, (at.0, y + look.font * 2.4), t.matrix_note, small, room, Ink::Ink2);
        let text = fill(t.matrix_products, &values);
        paragraph(&mut scene, (at.0, y + small * 0.6), &text, small, room, Ink::Ink);
    }
    Figure {
        id: "matrix",
        title: t.matrix_title.into(),
        caption: fill(t.matrix_caption, &values),
        summary: fill(t.matrix_summary, &values),
        scene,
    }
}

/// One of the two, every entry in the hue of its tap.
fn one(
    run: &Ran<Checkerboard>,
    tensor: &Shared,
    name: &'static str,
    at: (f64, f64),
    cell: f64,
    look: &Look,
    scene: &mut Scene,
) {
    let (p, k) = (&run.params, run.params.k());
    let grid = Grid { tensor, name, at, cell, scale: super::scale(span(tensor)), decimals: 2 };
    let up = name == "matrix";
    grid.draw(
        scene,
        |r, c| {
            let (output, input) = if up { (r, c) } else { (c, r) };
            let tap = (output + p.p()).checked_sub(input * p.s()).filter(|tap| *tap < k);
            let line = tap.map(|tap| {
                let ink = Ink::Tap { index: k / 2 * k + tap, of: k * k };
                stroke(ink, (2.0 * look.stroke).min(cell / 6.0))
            });
            let empty = tap.is_none() && value_at(tensor, r, c) == 0.0;
            CellLook {
                stroke: line.or(Some(stroke(Ink::Line2, look.stroke))),
                strong: tap.is_some(),
                hidden: empty,
                hollow: false,
            }
        },
        |r, c| Origin { tensor: name, index: vec![0, 0, r, c] },
    );
}
