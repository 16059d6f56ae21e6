//! Score against distance, to eight times the trained length, one small plot a code.

use super::code_name;
use super::main_figure::sentence;
use super::plot::{Line, Plot, gutter};
use crate::labs::positions::Positions;
use crate::labs::positions::compute::Extra;
use crate::labs::positions::params::Code;
use crate::labs::positions::reach::TIMES;
use crate::labs::positions::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let Extra::Reach(curves) = &run.output.extra else { return None };
    let (t, p) = (Text::of(look.lang), &run.params);
    let mut scene = Scene::new(look.width);
    let font = look.font;
    let columns = if look.width < 520.0 { 1 } else { 3 };
    let gap = 20.0;
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let (trained, far) = (p.trained(), p.trained() * TIMES);
    let ticks =
        [(0.0, "0".to_string()), (trained as f64, trained.to_string()), (far as f64, far.to_string())];
    let (mut top, mut bottom) = (0.0, 0.0f64);
    for (at, (code, curve)) in Code::ALL.iter().zip(curves).enumerate() {
        if at > 0 && at % columns == 0 {
            top = bottom + font * 0.8;
        }
        let x = (at % columns) as f64 * (room + gap);
        let values: Vec<f64> = curve.iter().flat_map(|c| c.scores.iter().map(|v| f64::from(*v))).collect();
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        scene.heading((x, top + font), code_name(*code, look.lang), "", font, room);
        let points = curve
            .iter()
            .flat_map(|c| c.distances.iter().map(|d| *d as f64).zip(values.iter().copied()))
            .collect();
        let line = Line { points, ink: Ink::Ink, width: 1.8, dashed: false };
        let (y, ends) = match low.is_finite() {
            // A line that hardly moves is drawn level, not blown up.
            true if high - low < 1e-3 => ((low - 1.0, high + 1.0), (number(high, 2), String::new())),
            true => {
                ((low - (high - low) * 0.16, high + (high - low) * 0.16), (number(high, 2), number(low, 2)))
            }
            false => ((0.0, 1.0), Default::default()),
        };
        let left = gutter(&ends, font * 0.9);
        // Frame and last number stay on the picture, whatever the font's width.
        let rect = Rect::new(x + left, top + font * 1.6, room - left - font * 0.4, 120.0);
        let plot = Plot {
            rect,
            x: (0.0, far as f64),
            y,
            lines: &[line],
            ticks: &ticks,
            ends,
            ends_at: if low.is_finite() { (high, low) } else { (1.0, 0.0) },
            mark: Some(trained as f64),
            font: font * 0.9,
        };
        // What no training has seen is shaded.
        let seen = plot.place((trained as f64, 0.0)).0;
        let unseen = Rect::new(seen, rect.y, rect.right() - seen, rect.h);
        scene.rect(unseen, 0.0, (Ink::Line2, 0.7), None);
        bottom = bottom.max(plot.draw(&mut scene, look));
        if *code == Code::Learned {
            let at = (seen + 6.0, rect.y + rect.h * 0.3);
            sentence(&mut scene, at, t.reach_end, (font * 0.9, rect.right() - seen - 10.0), Ink::Ink2);
            scene.reach(rect.bottom());
        }
    }
    let note = fill(t.reach_note, &[("length", trained.to_string())]);
    sentence(&mut scene, (0.0, bottom + font * 0.5), &note, (font * 0.95, look.width), Ink::Ink2);
    let values = [("length", trained.to_string()), ("far", far.to_string())];
    Some(Figure {
        id: "panel",
        title: t.reach_title.into(),
        caption: fill(t.reach_caption, &values),
        summary: fill(t.reach_summary, &values),
        scene,
    })
}
