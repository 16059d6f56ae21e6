//! The added code as a picture: a column for each position, a row for each number.

use super::main_figure::sentence;
use super::plot::{Line, Plot, gutter};
use super::pointed_code;
use crate::labs::positions::Positions;
use crate::labs::positions::compute::Extra;
use crate::labs::positions::params::Code;
use crate::labs::positions::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{extent, legend, value_at};
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let Extra::Table { picture, dot, wavelength } = &run.output.extra else { return None };
    let (t, p) = (Text::of(look.lang), &run.params);
    let mut scene = Scene::new(look.width);
    let font = look.font;
    let (rows, cols) = extent(picture);
    let learned = p.code == Code::Learned;
    // Only a table has an end; waves go on.
    let (left, right) = (font * 2.6, if wavelength.is_some() { font * 5.4 } else { 4.0 });
    let wide = (look.width - left - right).max(60.0);
    let high = (rows as f64 * 6.0).clamp(150.0, 300.0);
    let top = font * 1.7;
    let rect = Rect::new(left, top, wide, high);
    let text = |at, text: String, anchor, ink| Mark::Text {
        at,
        // The two headings share the width.
        size: (font * 0.92).min(look.width * 0.52 / text_width(&text, 1.0)),
        text,
        ink,
        bold: false,
        mono: false,
        anchor,
    };
    scene.push(text((0.0, font), t.column.into(), Anchor::Start, Ink::Ink2));
    let largest = picture.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let scale = Scale::Signed { limit: if learned { largest } else { 1.0 } };
    scene.push(Mark::Plane {
        rect,
        tensor: picture.clone(),
        name: "picture",
        rows: (0, rows),
        cols: (0, cols),
        scale,
    });
    let row_high = high / rows as f64;
    let every = ((font * 1.25 / row_high).ceil() as usize).next_multiple_of(2).max(2);
    for row in (0..rows).step_by(every) {
        let y = rect.y + (row as f64 + 0.5) * row_high + font * 0.33;
        scene.push(text((left - 6.0, y), row.to_string(), Anchor::End, Ink::Ink2));
        if let Some(wavelength) = wavelength {
            let value = f64::from(value_at(wavelength, 0, row));
            let written = number(value, if value < 100.0 { 1 } else { 0 });
            scene.push(text((rect.right() + 6.0, y), written, Anchor::Start, Ink::Ink));
        }
    }
    if wavelength.is_some() {
        scene.push(text((look.width, font), t.wavelength.into(), Anchor::End, Ink::Ink2));
    }
    let first = if learned { 0 } else { p.first() };
    let col_wide = wide / cols as f64;
    let step = (cols / 6).max(1);
    for col in (0..cols).step_by(step) {
        let said = (first + col).to_string();
        let half = text_width(&said, font) / 2.0;
        let x = (rect.x + (col as f64 + 0.5) * col_wide).clamp(half, look.width - half);
        scene.push(text((x, rect.bottom() + font * 1.2), said, Anchor::Middle, Ink::Ink2));
    }
    let under = (0.0, rect.bottom() + font * 1.6);
    sentence(&mut scene, under, t.position_axis, (font * 0.92, look.width), Ink::Ink2);
    // The tokens that are in the text now.
    let start = if learned { p.first() } else { 0 };
    let used = Rect::new(
        rect.x + start as f64 * col_wide,
        rect.y,
        p.n().min(cols - start.min(cols)) as f64 * col_wide,
        high,
    );
    let dashes = Stroke { ink: Ink::Ink2, width: 1.3 * look.stroke, dashed: true };
    scene.rect(used.grown(0.5), 2.0, (Ink::None, 0.0), Some(dashes));
    let point = pointed_code(run, look).map(|(row, column)| {
        let token = look.focus.is_some_and(|f| f.tensor == "code");
        (if token { row + start } else { row }, column)
    });
    if let Some((col, row)) = point.filter(|(c, r)| *c < cols && *r < rows) {
        let cell =
            Rect::new(rect.x + col as f64 * col_wide, rect.y + row as f64 * row_high, col_wide, row_high);
        scene.rect(cell.grown(2.0), 2.0, (Ink::None, 0.0), Some(stroke(Ink::Ink, 2.0 * look.stroke)));
        if let Some(wavelength) = wavelength {
            // One wave of the pointed row, measured along the positions.
            let long = f64::from(value_at(wavelength, 0, row)) * col_wide;
            let x = cell.center().0;
            if x + long <= rect.right() {
                let y = rect.bottom() + font * 1.5;
                for points in [
                    vec![(x, y), (x + long, y)],
                    vec![(x, y - 4.0), (x, y + 4.0)],
                    vec![(x + long, y - 4.0), (x + long, y + 4.0)],
                ] {
                    scene.push(Mark::Line { points, stroke: stroke(Ink::Ink, 1.6 * look.stroke) });
                }
            }
        }
    }
    let below = scene.height + font * 0.3;
    legend(&mut scene, (0.0, below), 130.0_f64.min(look.width * 0.5), scale, font * 0.85);
    let caption = if learned {
        fill(t.learned_caption, &[("end", (cols - 1).to_string())])
    } else {
        t.table_caption.to_string()
    };
    if learned {
        let below = scene.height + font * 0.2;
        sentence(&mut scene, (0.0, below), t.learned_end, (font * 0.95, look.width), Ink::Ink2);
    }
    // The dot product of the first code with the others.
    let top = scene.height + font * 1.2;
    scene.heading((0.0, top + font), t.dot_title, t.dot_remark, font, look.width);
    let values: Vec<f64> = dot.iter().map(|v| f64::from(*v)).collect();
    let (low, high) = values.iter().fold((0.0f64, 0.0f64), |(a, b), v| (a.min(*v), b.max(*v)));
    let line = Line {
        points: values.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect(),
        ink: Ink::Ink,
        width: 1.8,
        dashed: false,
    };
    let last = cols.saturating_sub(1);
    let ticks: Vec<(f64, String)> =
        [0, last / 4, last / 2, last].iter().map(|d| (*d as f64, d.to_string())).collect();
    let ends = (number(high, 2), number(low, 2));
    let left = gutter(&ends, font * 0.92);
    let plot = Plot {
        rect: Rect::new(left, top + font * 1.7, look.width - left - font * 0.4, 120.0),
        x: (0.0, last as f64),
        y: (low, high),
        lines: &[line],
        ticks: &ticks,
        ends,
        ends_at: (high, low),
        mark: None,
        font: font * 0.92,
    };
    let bottom = plot.draw(&mut scene, look);
    scene.text((left, bottom + font), t.distance_axis, font * 0.92, Ink::Ink2);
    scene.reach(bottom + font * 1.4);
    let summary = fill(
        if learned { t.learned_summary } else { t.table_summary },
        &[
            ("d", rows.to_string()),
            ("n", cols.to_string()),
            ("dot", number(values.first().copied().unwrap_or(0.0), 2)),
        ],
    );
    let title = if learned { t.learned_title } else { t.table_title };
    Some(Figure { id: "panel", title: title.into(), caption, summary, scene })
}
