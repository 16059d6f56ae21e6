//! The other second figures: noise, shift, small object, order, channels.

use super::backward;
use super::sheet::{Sheet, fit, rows, scale_of, sized};
use crate::labs::pooling::Pooling;
use crate::labs::pooling::study::{Study, channels, noise, object, order, shift};
use crate::labs::pooling::text::Text;
use crate::labs::pooling::words::labels;
use crate::stage::chart::{LineChart, Series, lines};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::legend;
use crate::stage::scene::{Ink, Mark, Rect, Scene, Stroke};
use crate::stage::text::{count, fill, number, percent};

/// Draws the one that is chosen.
pub fn figure(run: &Ran<Pooling>, look: &Look) -> Figure {
    match &run.output.study {
        Study::Backward => backward::figure(run, look),
        Study::Noise(s) => noises(run, s, look),
        Study::Shift(s) => shifts(s, look),
        Study::SmallObject(s) => peaks(s, look),
        Study::Order(s) => orders(run, s, look),
        Study::Channels(s) => all_channels(run, s, look),
    }
}

fn noises(run: &Ran<Pooling>, s: &noise::Noises, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let pools = labels(look.lang).pool.options;
    let scale = match scale_of(&[&s.clean], false) {
        Scale::Magnitude { .. } => scale_of(&[&s.clean, &s.noisy], false),
        other => other,
    };
    let name = |i: usize| pools.get(noise::POOLS[i].0 as usize).copied().unwrap_or_default();
    let plane = |tensor, name, title| Sheet { plane: true, ..Sheet::new(tensor, name, scale, title) };
    let mut sheets = vec![plane(&s.clean, "clean", t.clean), plane(&s.noisy, "noisy", t.noisy)];
    for (i, tensor) in s.pooled.iter().enumerate() {
        sheets.push(plane(tensor, noise::POOLS[i].1, name(i)));
    }
    let columns = if look.width >= 560.0 { 3 } else { 2 };
    let gap = 22.0;
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let worst = s.errors.iter().fold(0.0f64, |m, e| m.max(*e));
    for (band, chunk) in sheets.chunks(columns).enumerate() {
        let top = if scene.height > 0.0 { scene.height + look.font * 0.6 } else { 0.0 };
        for (i, sheet) in chunk.iter().enumerate() {
            let (h, w) = sheet.whole();
            let cell = ((room - 6.0) / w as f64).min(250.0 / h as f64);
            let (mut drawn, place) = sheet.draw(look, room, cell, |_, _| Default::default());
            if let Some(error) = (band * columns + i).checked_sub(1).and_then(|at| s.errors.get(at)) {
                let wide = (w as f64 * place.cell).max(60.0).min(room - 6.0);
                let y = drawn.height + look.font * 1.1;
                let text = fill(t.rmse_is, &[("e", percent(*error))]);
                fit(&mut drawn, (3.0, y), &text, look.font, wide, Ink::Ink2);
                let y = y + look.font * 0.45;
                drawn.rect(Rect::new(3.0, y, wide, 5.0), 2.0, (Ink::Line2, 1.0), None);
                let share = if worst > 0.0 { error / worst } else { 0.0 };
                drawn.rect(Rect::new(3.0, y, (wide * share).max(1.5), 5.0), 2.0, (Ink::Ink2, 1.0), None);
                drawn.reach(y + 8.0);
            }
            scene.place(drawn, i as f64 * (room + gap), top);
        }
    }
    let y = scene.height + look.font * 0.7;
    legend(&mut scene, (3.0, y), 120.0_f64.min(look.width - 20.0), scale, look.font * 0.85);
    let mut caption = t.noise_caption.to_string();
    if s.instead {
        caption = format!("{caption}{}{}", look.lang.pick(" ", ""), t.noise_instead);
    }
    let kind = labels(look.lang).noise.options[run.params.noise as usize];
    let best = (1..s.errors.len()).min_by(|a, b| s.errors[*a].total_cmp(&s.errors[*b])).unwrap_or(1);
    let values = [
        ("noise", kind.to_string()),
        ("max", percent(s.errors.get(1).copied().unwrap_or(0.0))),
        ("best", name(best - 1).to_string()),
        ("error", percent(s.errors[best])),
    ];
    Figure { id: "", title: t.noise_title.into(), caption, summary: fill(t.noise_summary, &values), scene }
}

/// Colour and dashes of the lines of a chart.
fn line_look(at: usize) -> (Ink, bool) {
    match at {
        0 => (Ink::Ink2, false),
        5 => (Ink::Tap { index: 3, of: 5 }, true),
        _ => (Ink::Tap { index: at - 1, of: 5 }, at == 2),
    }
}

/// The mark of a line at one of its points, so that lines are told apart without their colours: none, disc, square,
/// triangle, diamond, and a triangle that stands on its tip.
fn marker(scene: &mut Scene, at: usize, (x, y): (f64, f64), r: f64) {
    let corners: Vec<(f64, f64)> = match at {
        0 => return,
        1 => {
            (0..12).map(|i| f64::from(i) / 12.0 * std::f64::consts::TAU).map(|a| (a.cos(), a.sin())).collect()
        }
        2 => vec![(-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)],
        3 => vec![(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
        4 => vec![(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)],
        _ => vec![(0.0, 1.25), (1.15, -0.85), (-1.15, -0.85)],
    };
    let points = corners.into_iter().map(|(dx, dy)| (x + dx * r, y + dy * r)).collect();
    scene.push(Mark::Area { points, fill: (line_look(at).0, 1.0) });
}

/// Which lines of a chart lie wholly on another, in words.
fn covered(tensor: &Shared, names: &[&str], look: &Look) -> String {
    let columns = tensor.shape().get(1).copied().unwrap_or(0);
    let value = |at: usize, d: usize| tensor.get(&[at, d][..]).copied().unwrap_or(0.0);
    let same = |a: usize, b: usize| (0..columns).all(|d| (value(a, d) - value(b, d)).abs() < 1e-6);
    let pairs = (1..names.len()).filter_map(|a| Some((a, (0..a).find(|b| same(a, *b))?)));
    pairs
        .map(|(a, b)| {
            let values = [("a", names[a].to_string()), ("b", names[b].to_string())];
            format!("{}{}", look.lang.pick(" ", ""), fill(Text::of(look.lang).lies_on, &values))
        })
        .collect()
}

/// A chart of the rows of a tensor, with the names of its lines below.
fn chart(
    scene: &mut Scene,
    (tensor, x0): (&Shared, f64),
    names: &[&str],
    x_label: &str,
    (mark, rules): (f64, &[f64]),
    (width, look): (f64, &Look),
) {
    let mut series: Vec<Series> = names
        .iter()
        .enumerate()
        .map(|(at, _)| {
            let (ink, dashed) = line_look(at);
            let columns = tensor.shape().get(1).copied().unwrap_or(0);
            let value = |d: usize| tensor.get(&[at, d][..]).map_or(0.0, |v| f64::from(*v));
            let points = (0..columns).map(|d| (d as f64 + x0, value(d))).collect();
            Series { points, ink, name: String::new(), dashed }
        })
        .collect();
    series.extend(rules.iter().map(|x| Series {
        points: vec![(*x, 0.0), (*x, 1.0)],
        ink: Ink::Line,
        name: String::new(),
        dashed: false,
    }));
    let rect = Rect::new(0.0, scene.height, width, 190.0 + look.font * 4.0);
    let one =
        LineChart { rect, series: &series, x_label, mark: Some(mark), font: look.font, stroke: look.stroke };
    lines(scene, &one);
    // The lines of the chart are its last marks, and the mark's own comes behind them.
    let drawn = scene.marks.len().saturating_sub(series.len() + 1);
    let paths: Vec<Vec<(f64, f64)>> = (scene.marks.iter().skip(drawn).take(names.len()))
        .map(|mark| if let Mark::Line { points, .. } = mark { points.clone() } else { Vec::new() })
        .collect();
    let size = 3.4 * look.stroke.max(1.0);
    for (at, path) in paths.iter().enumerate() {
        // Not all at the same places: a line that lies on another shows its marks between the other's.
        for (_, point) in path.iter().enumerate().filter(|(i, _)| (i + at) % 3 == 0) {
            marker(scene, at, *point, size);
        }
    }
    let columns = match width {
        w if w >= 640.0 => 3,
        w if w >= 420.0 => 2,
        _ => 1,
    };
    let room = (width - 8.0) / columns as f64;
    let top = scene.height + look.font;
    for (at, name) in names.iter().enumerate() {
        let (x, y) = (4.0 + (at % columns) as f64 * room, top + (at / columns) as f64 * look.font * 1.6);
        let (ink, dashed) = line_look(at);
        let stroke = Stroke { ink, width: 2.4 * look.stroke, dashed };
        let height = y - look.font * 0.3;
        scene.push(Mark::Line { points: vec![(x, height), (x + 22.0, height)], stroke });
        marker(scene, at, (x + 11.0, height), size);
        fit(scene, (x + 28.0, y), name, look.font, room - 34.0, Ink::Ink2);
        scene.reach(y + look.font * 0.5);
    }
}

fn shifts(s: &shift::Shifts, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let names = [t.net_none, t.net_max, t.net_avg, t.net_conv, t.net_three, t.net_back];
    chart(
        &mut scene,
        (&s.shares, 0.0),
        &names,
        t.shift_x,
        (s.shift as f64, &[8.0, 16.0]),
        (look.width, look),
    );
    let maps = scale_of(&[&s.map], true);
    let pooled = scale_of(&[&s.before, &s.after], true);
    let sheets = [
        Sheet { plane: true, ..Sheet::new(&s.moved, "shift_moved", maps, t.moved_map) },
        Sheet { plane: true, ..Sheet::new(&s.before, "three_before", pooled, t.three_before) },
        Sheet { plane: true, ..Sheet::new(&s.after, "three_after", pooled, t.three_after) },
    ];
    let columns = if look.width >= 520.0 { 3 } else { 1 };
    let top = scene.height + look.font * 0.4;
    let gap = 22.0;
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    for (at, sheet) in sheets.iter().enumerate() {
        let (h, w) = sheet.whole();
        let cell = ((room - 6.0) / w as f64).min(190.0 / h as f64);
        let (drawn, _) = sheet.draw(look, room, cell, |_, _| Default::default());
        let y = if columns == 1 { scene.height + look.font * 0.4 } else { top };
        scene.place(drawn, (at % columns) as f64 * (room + gap), y);
    }
    let y = scene.height + look.font * 0.7;
    legend(&mut scene, (3.0, y), 120.0_f64.min(look.width - 20.0), maps, look.font * 0.85);
    let values = [
        ("d", s.shift.to_string()),
        ("none", percent(s.at(0, s.shift))),
        ("max", percent(s.at(1, s.shift))),
        ("three", percent(s.at(4, s.shift))),
        ("back", percent(s.at(5, s.shift))),
        ("stride", shift::STRIDE.to_string()),
    ];
    Figure {
        id: "",
        title: t.shift_title.into(),
        caption: fill(t.shift_caption, &values) + &covered(&s.shares, &names, look),
        summary: fill(t.shift_summary, &values),
        scene,
    }
}

fn peaks(s: &object::Peaks, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let names = [t.way_max, t.way_avg, t.way_skip, t.way_max_overlap, t.way_avg_overlap, t.way_dilated];
    chart(&mut scene, (&s.peaks, 1.0), &names, t.object_x, (s.object as f64, &[]), (look.width, look));
    let share = |way| number(s.at(way, s.object), 3);
    let values = [
        ("n", s.object.to_string()),
        ("layers", s.layers.to_string()),
        ("max", share(0)),
        ("avg", share(1)),
        ("skip", share(2)),
        ("dilated", share(5)),
    ];
    Figure {
        id: "",
        title: t.object_title.into(),
        caption: fill(t.object_caption, &values) + &covered(&s.peaks, &names, look),
        summary: fill(t.object_summary, &values),
        scene,
    }
}

fn orders(run: &Ran<Pooling>, s: &order::Orders, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let grid = run.params.is_grid();
    let scale = scale_of(&[&s.map, &s.conv_first, &s.pool_first], true);
    let apart = Scale::Signed { limit: scale_of(&[&s.difference], true).ends().1 };
    let sheet = |tensor, name, scale, title| Sheet { plane: !grid, ..Sheet::new(tensor, name, scale, title) };
    let sheets = [
        sheet(&s.map, "feature_map", scale, t.order_map),
        sheet(&s.conv_first, "conv_first", scale, t.conv_first),
        sheet(&s.pool_first, "pool_first", scale, t.pool_first),
        sheet(&s.difference, "order_difference", apart, t.order_difference),
    ];
    rows(&mut scene, &sheets, if look.width >= 520.0 { 2 } else { 1 }, look, 240.0);
    let bar = 120.0_f64.min(look.width / 2.0 - 20.0);
    let y = scene.height + look.font * 0.7;
    legend(&mut scene, (3.0, y), bar, scale, look.font * 0.85);
    // Under the second column.
    legend(&mut scene, (look.width / 2.0 + 14.0, y), bar, apart, look.font * 0.85);
    let (a, b) = s.macs;
    let values = [("a", count(a)), ("b", count(b)), ("ratio", number(a / b.max(1.0), 2))];
    Figure {
        id: "",
        title: t.order_title.into(),
        caption: fill(t.order_caption, &values),
        summary: fill(t.order_summary, &values),
        scene,
    }
}

fn all_channels(run: &Ran<Pooling>, s: &channels::Channels, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let maps: Vec<&Shared> = s.maps.iter().chain(&s.pooled).chain([&s.gap]).collect();
    let scale = scale_of(&maps, true);
    let titles = [t.map_right, t.map_down, t.map_laplacian, t.map_blur];
    let plane = !run.params.is_grid();
    let columns = if look.width >= 640.0 { 4 } else { 2 };
    // Each map stands above what the pool makes of it.
    for at in (0..s.maps.len()).step_by(columns) {
        let band = at..(at + columns).min(s.maps.len());
        let maps: Vec<Sheet> = band
            .clone()
            .map(|i| Sheet { plane, ..Sheet::new(&s.maps[i], channels::MAPS[i].0, scale, titles[i]) })
            .collect();
        rows(&mut scene, &maps, columns, look, 190.0);
        let pooled: Vec<Sheet> = band
            .map(|i| Sheet { plane, ..Sheet::new(&s.pooled[i], channels::MAPS[i].1, scale, t.map_pooled) })
            .collect();
        rows(&mut scene, &pooled, columns, look, 130.0);
    }
    rows(&mut scene, &[Sheet::new(&s.gap, "gap", scale, t.gap)], 1, look, 60.0);
    let y = scene.height + look.font * 0.7;
    legend(&mut scene, (3.0, y), 120.0_f64.min(look.width - 20.0), scale, look.font * 0.85);
    let facts = s.facts();
    let fact = |name: &str| count(facts.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, v)| *v));
    let values = [
        ("channels", fact("channels_in")),
        ("classes", fact("classes")),
        ("flat", fact("flattened")),
        ("dense", fact("dense_head_parameters")),
        ("gap", fact("gap_head_parameters")),
        ("size", sized(run.output.size())),
    ];
    Figure {
        id: "",
        title: t.channels_title.into(),
        caption: fill(t.channels_caption, &values),
        summary: fill(t.channels_summary, &values),
        scene,
    }
}
