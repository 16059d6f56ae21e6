//! Values along one row: of the input, and below it of the output, each output where its window's middle lies.

use crate::labs::convolution::Convolution;
use crate::labs::convolution::draw::explained;
use crate::labs::convolution::text::Text;
use crate::stage::chart::{LineChart, Series, lines};
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Convolution>, look: &Look) -> Figure {
    let (p, o) = (&run.params, &run.output);
    let t = Text::of(look.lang);
    let (row, col) = explained(p, o, look);
    let (s, d, k, pads) = (o.conv.stride, o.conv.dilation, p.kernel_size, o.conv.pads);
    let middle = |at: usize, stride: usize, taps: usize, dilation: usize, before: usize| {
        (at * stride) as f64 + (dilation * (taps - 1)) as f64 / 2.0 - before as f64
    };
    let above = middle(row, s.0, k.0, d.0, pads.top).floor().clamp(0.0, (p.size.0 - 1) as f64) as usize;
    let place = |c: usize| middle(c, s.1, k.1, d.1, pads.left);
    let input: Vec<(f64, f64)> =
        (0..p.size.1).map(|c| (c as f64, f64::from(value_at(&o.input, above, c)))).collect();
    let output: Vec<(f64, f64)> =
        (0..o.size().1).map(|c| (place(c), f64::from(value_at(&o.output, row, c)))).collect();
    // Both charts run over the same columns, so that what stands above each other belongs together.
    let ends =
        |points: &[(f64, f64)]| (points.first().map_or(0.0, |p| p.0), points.last().map_or(0.0, |p| p.0));
    let (a, b) = (ends(&input), ends(&output));
    let (from, to) = (a.0.min(b.0), a.1.max(b.1));
    let mut scene = Scene::new(look.width);
    let high = if look.width < 520.0 { 165.0 } else { 185.0 };
    for (points, ink, name, at) in [
        (input, Ink::Ink2, fill(t.input_row, &[("n", above.to_string())]), 0.0),
        (output.clone(), Ink::Accent, fill(t.output_row, &[("n", row.to_string())]), high + look.font * 0.8),
    ] {
        let level = points.first().map_or(0.0, |p| p.1);
        let span = Series {
            points: vec![(from, level), (to, level)],
            ink: Ink::None,
            name: String::new(),
            dashed: false,
        };
        let series = [Series { points, ink, name, dashed: false }, span];
        let rect = Rect::new(0.0, at, look.width, high);
        let mark = Some(place(col));
        lines(
            &mut scene,
            &LineChart {
                rect,
                series: &series,
                x_label: t.column,
                mark,
                font: look.font,
                stroke: look.stroke,
            },
        );
    }
    let (low, top) =
        output.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v.1), b.max(v.1)));
    let values = [
        ("above", above.to_string()),
        ("row", row.to_string()),
        ("low", number(low, 2)),
        ("high", number(top, 2)),
    ];
    Figure {
        id: "profile",
        title: t.profile_title.into(),
        caption: fill(t.profile_caption, &values),
        summary: fill(t.profile_summary, &values),
        scene,
    }
}
