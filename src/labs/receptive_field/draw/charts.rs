//! Size against depth: the laws of growth, and the depth that covers an object.

use super::{below, fitted, names, working};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::compute::Extra;
use crate::labs::receptive_field::explain::{covering, slope};
use crate::labs::receptive_field::jobs::{DEPTHS, growing};
use crate::labs::receptive_field::text::Text;
use crate::stage::chart::{LineChart, Series, lines, log_lines};
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{fill, number};

/// The names of the growth's series, in order.
pub fn series_names(t: &Text) -> [&'static str; 7] {
    [t.grow_uniform, t.grow_random, t.grow_relu, t.grow_tanh, t.grow_sigmoid, t.grow_dropout, t.grow_skip]
}

/// Size against depth on logarithmic axes.
pub fn growth(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let layer = growing(&run.output.scene.stack);
    let (k, d) = (layer.kernel_size.0, layer.dilation.0);
    let found = match &run.output.extra {
        Extra::Growth(found) => found.as_ref(),
        _ => None,
    };
    let paper = |n: usize| (n * d * (k - 1) + 1) as f64;
    let mut series = vec![Series {
        points: DEPTHS.iter().map(|n| (*n as f64, paper(*n))).collect(),
        ink: Ink::Ink,
        name: String::new(),
        dashed: true,
    }];
    let mut named = vec![(Ink::Ink, true, t.grow_paper.to_string())];
    if let Some(found) = found {
        for (at, name) in series_names(t).into_iter().enumerate() {
            let points: Vec<(f64, f64)> = DEPTHS
                .iter()
                .enumerate()
                .map(|(i, n)| (*n as f64, f64::from(value_at(found, at, i))))
                .collect();
            let ink = Ink::Tap { index: [0, 5, 2, 7, 4, 1, 3][at.min(6)], of: 9 };
            let slope = slope(&points).map_or(String::new(), |s| format!(" {}", number(s, 2)));
            named.push((ink, false, format!("{name}{slope}")));
            series.push(Series { points, ink, name: String::new(), dashed: false });
        }
    }
    let font = look.font;
    let y = names(&mut scene, named, font * 1.2, look);
    let rect = Rect::new(0.0, y + font * 0.2, look.width, 300.0 + font * 2.0);
    let x_label = t.growth_x;
    log_lines(
        &mut scene,
        &LineChart { rect, series: &series, x_label, mark: None, font, stroke: look.stroke },
    );
    fitted(&mut scene, (2.0, y + font * 1.5), t.growth_y, font * 0.9, Ink::Ink2, look.width - 4.0);
    below(&mut scene, look);
    let values = [("word", layer.spaced())];
    Figure {
        id: "growth",
        title: t.growth_title.into(),
        caption: working(run, look).unwrap_or_else(|| fill(t.growth_caption, &values)),
        summary: fill(if found.is_some() { t.growth_summary } else { t.growth_summary_none }, &values),
        scene,
    }
}

/// Field and 95 % square of each prefix, and the object.
pub fn object(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let found = match &run.output.extra {
        Extra::Object(found) => found.as_ref(),
        _ => None,
    };
    let object = run.params.object as f64;
    let count = found.map_or(0, |found| found.shape()[0]);
    let column = |at: usize| -> Vec<(f64, f64)> {
        let Some(found) = found else { return Vec::new() };
        (0..count).map(|i| ((i + 1) as f64, f64::from(value_at(found, i, at)))).collect()
    };
    let last = count.max(2) as f64;
    let series = [
        Series { points: column(0), ink: Ink::Ink3, name: String::new(), dashed: false },
        Series { points: column(1), ink: Ink::Tap { index: 6, of: 9 }, name: String::new(), dashed: false },
        Series {
            points: vec![(1.0, object), (last, object)],
            ink: Ink::Tap { index: 0, of: 9 },
            name: String::new(),
            dashed: true,
        },
    ];
    let named = [t.object_field, t.object_held, t.object_line];
    let named = series.iter().zip(named).map(|(s, name)| (s.ink, s.dashed, name.to_string())).collect();
    let y = names(&mut scene, named, look.font * 1.2, look);
    let own = run.output.scene.stack.layers.len();
    let mark = (count > own).then_some(own as f64);
    let rect = Rect::new(0.0, y - look.font * 1.2, look.width, 270.0 + look.font * 2.0);
    let chart =
        LineChart { rect, series: &series, x_label: t.depth, mark, font: look.font, stroke: look.stroke };
    lines(&mut scene, &chart);
    below(&mut scene, look);
    let caption = match working(run, look) {
        Some(text) => text,
        None if count > own => fill(t.object_caption_more, &[("layers", own.to_string())]),
        None => t.object_caption.into(),
    };
    let depth = |at: usize| covering(run, at).map_or(t.no_depth.to_string(), |n| n.to_string());
    let values = [("object", run.params.object.to_string()), ("field", depth(0)), ("held", depth(1))];
    let summary = if found.is_some() { fill(t.object_summary, &values) } else { t.not_yet.into() };
    Figure { id: "object", title: t.object_title.into(), caption, summary, scene }
}
