//! A published network: its layers in a list, the fields over the picture, both ResNets, and all networks' fields.

use super::main_figure::input_scale;
use super::{fitted, frame, head, sized, stacked};
use crate::core::nets::networks::{LayerRecord, NETWORKS, Op};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::published::{LINES, Published};
use crate::labs::receptive_field::text::Text;
use crate::labs::receptive_field::words::labels;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Anchor, Ink, Mark, Origin, Rect, Scene, Stroke, text_width};
use crate::stage::text::{Lang, fill, number};

/// The colour of the end of a resolution.
fn ink(at: usize) -> Ink {
    Ink::Tap { index: [5, 2, 7, 4, 1, 3, 0][at % 7], of: 9 }
}

/// The name of a network as the control writes it.
pub fn name(key: &str, lang: Lang) -> &'static str {
    let at = NETWORKS.iter().position(|network| network.key == key).map_or(0, |at| at + 1);
    labels(lang).network.options.get(at).copied().unwrap_or_default()
}

/// The layer whose line is pointed at.
fn pointed(look: &Look, layers: usize) -> Option<usize> {
    let focus = look.focus.filter(|focus| focus.tensor == "network")?;
    focus.index.first().copied().filter(|at| *at < layers)
}

/// The name of a layer, as code: smaller where it must be, and without its beginning before it gets too small to read.
fn layer_name(scene: &mut Scene, at: (f64, f64), name: &str, (size, least): (f64, f64), ink: Ink, room: f64) {
    // Letters of code are all as wide as 0.62 of their height.
    let letters = |size: f64| (room / (0.62 * size)).max(1.0);
    let size = (room / (0.62 * name.len().max(1) as f64)).clamp(least.min(size), size);
    let most = (letters(size) + 1e-9) as usize;
    let cut = name.chars().count().saturating_sub(most);
    let text = match cut {
        0 => name.to_string(),
        // The sign takes the place of a letter.
        _ => {
            let end: String = name.chars().skip(cut + 1).collect();
            // A part of the name is whole, or left out.
            let whole = end.split_once(['.', '_']).map_or(end.as_str(), |(_, rest)| rest);
            format!("…{whole}")
        }
    };
    let (bold, mono, anchor) = (false, true, Anchor::Start);
    scene.push(Mark::Text { at, text, size, ink, bold, mono, anchor });
}

/// The smallest size of text that a reader has chosen this one for.
fn least(look: &Look) -> f64 {
    look.font * 0.75
}

/// A text in as many lines as it needs, from the baseline `y` on; gives the last baseline.
fn lined(scene: &mut Scene, (x, y): (f64, f64), text: &str, (size, ink): (f64, Ink), room: f64) -> f64 {
    let (mut y, mut line) = (y, String::new());
    // Chinese has no spaces: it breaks behind any sign.
    let words = text.split_inclusive(|c: char| c == ' ' || c as u32 >= 0x2e80);
    for word in words {
        if !line.is_empty() && text_width(&format!("{line}{}", word.trim_end()), size) > room {
            fitted(scene, (x, y), line.trim_end(), size, ink, room);
            y += size * 1.35;
            line.clear();
        }
        line.push_str(word);
    }
    fitted(scene, (x, y), line.trim_end(), size, ink, room);
    y
}

fn number_at(scene: &mut Scene, (x, y): (f64, f64), text: String, size: f64, ink: Ink, bold: bool) {
    scene.push(Mark::Text { at: (x, y), text, size, ink, bold, mono: false, anchor: Anchor::End });
}

/// A cell that can be pointed at; what it says is written over it.
fn cell(scene: &mut Scene, tensor: &Shared, name: &'static str, (row, column): (usize, usize), rect: Rect) {
    scene.push(Mark::Cell {
        rect,
        value: value_at(tensor, row, column),
        origin: Origin { tensor: name, index: vec![row, column] },
        scale: None,
        text: String::new(),
        size: 1.0,
        strong: false,
        stroke: None,
        hidden: false,
    });
}

/// `11 × 11`, or one number where both are alike.
fn pair(a: f64, b: f64) -> String {
    if a == b { number(a, 0) } else { format!("{} × {}", number(a, 0), number(b, 0)) }
}

/// The field of the middle unit at each resolution, over the picture.
pub fn picture(n: &Published, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let side = n.network.input;
    let own = name(n.network.key, look.lang);
    let gap = 26.0;
    let room = if stacked(look) { look.width } else { (look.width * 0.58).min(560.0) };
    let size = sized((side, side));
    scene.heading((1.0, head(look) - look.font * 0.8), own, &size, look.font * 1.05, room - 2.0);
    let pointed = pointed(look, n.summary.layers.len());
    let mut shown: Vec<(usize, Ink)> = n.ends.iter().enumerate().map(|(i, at)| (*at, ink(i))).collect();
    if let Some(at) = pointed {
        shown.push((at, Ink::Accent));
    }
    // The plane around the picture: half of it on each side at most, less where no field reaches so far.
    let region = |layer: &LayerRecord| {
        let middle = (layer.output_size.0 / 2, layer.output_size.1 / 2);
        layer.support(middle, (side, side))
    };
    let n_side = side as f64;
    let reach = |at: usize| {
        let region = region(&n.summary.layers[at]);
        let far =
            [-region.top, -region.left, region.bottom - side as i64 + 1, region.right - side as i64 + 1];
        far.into_iter().max().unwrap_or(0) as f64
    };
    let margin = n.ends.iter().fold(0.0f64, |m, at| m.max(reach(*at))).min(n_side / 2.0).ceil();
    let scale = (room - 2.0) / (n_side + 2.0 * margin);
    let ground = Rect::new(1.0, head(look), room - 2.0, room - 2.0);
    if margin > 0.0 {
        let dashes = Stroke { ink: Ink::Pad, width: look.stroke, dashed: true };
        scene.rect(ground, 0.0, (Ink::Pad, 0.18), Some(dashes));
    }
    let rect =
        Rect::new(ground.x + margin * scale, ground.y + margin * scale, n_side * scale, n_side * scale);
    scene.push(Mark::Plane {
        rect,
        tensor: n.picture.clone(),
        name: "picture",
        rows: (0, side),
        cols: (0, side),
        scale: input_scale(&n.picture),
    });
    let inside = |v: f64, low: f64, high: f64| v.clamp(low, high);
    for (at, ink) in shown.iter().rev() {
        let r = region(&n.summary.layers[*at]);
        let place = |v: i64, from: f64, low: f64, high: f64| inside(from + v as f64 * scale, low, high);
        let (left, right) = (
            place(r.left, rect.x, ground.x, ground.right()),
            place(r.right + 1, rect.x, ground.x, ground.right()),
        );
        let (top, bottom) = (
            place(r.top, rect.y, ground.y, ground.bottom()),
            place(r.bottom + 1, rect.y, ground.y, ground.bottom()),
        );
        let cut = reach(*at) > margin;
        let outline = Rect::new(left, top, (right - left).max(1.0), (bottom - top).max(1.0));
        frame(&mut scene, outline.grown(-1.0), *ink, 2.0 * look.stroke, cut);
    }
    scene.reach(ground.bottom() + 2.0);
    // What the outlines are.
    let (x, mut y) = if stacked(look) {
        (1.0, scene.height + look.font * 1.4)
    } else {
        (room + gap, head(look) + look.font)
    };
    let wide = look.width - x - 2.0;
    y = lined(&mut scene, (x, y), t.net_ends, (look.font * 0.92, Ink::Ink3), wide);
    y += look.font * 1.7;
    for (at, ink) in shown {
        let layer = &n.summary.layers[at];
        let swatch = Rect::new(x, y - look.font * 0.8, look.font * 0.9, look.font * 0.9);
        scene.rect(
            swatch,
            2.0,
            (Ink::None, 0.0),
            Some(Stroke { ink, width: 2.4 * look.stroke, dashed: false }),
        );
        let field = layer.field.map_or(t.net_all.to_string(), |f| pair(f.size.0, f.size.1));
        let number = text_width(&field, look.font);
        let from = x + look.font * 1.6;
        layer_name(
            &mut scene,
            (from, y),
            &layer.name,
            (look.font * 0.92, least(look)),
            Ink::Ink,
            wide - look.font * 2.6 - number,
        );
        number_at(&mut scene, (x + wide, y), field, look.font, Ink::Ink, true);
        y += look.font * 1.65;
    }
    let last = n.summary.field;
    let whole = pair(last.size.0, last.size.1);
    scene.reach(y);
    let covers = last.size.0 >= n_side && last.size.1 >= n_side;
    let values = [("name", own.to_string()), ("size", whole), ("side", side.to_string())];
    Figure {
        id: "main",
        title: t.net_title.into(),
        caption: fill(if covers { t.net_covers } else { t.net_inside }, &values),
        summary: fill(t.net_summary, &values),
        scene,
    }
}

fn kind(t: &Text, layer: &LayerRecord) -> String {
    let (h, w) = layer.kernel_size;
    let word = match layer.op {
        Op::Conv if layer.groups > 1 => t.op_depthwise,
        Op::Conv => t.op_conv,
        Op::Linear => return t.op_linear.into(),
        Op::Norm => return t.op_norm.into(),
        Op::MaxPool => t.op_max,
        Op::AveragePool => t.op_average,
        Op::AdaptivePool => return t.op_adaptive.into(),
        Op::Sum => return t.op_sum.into(),
        Op::Concat => return t.op_concat.into(),
    };
    let stride = if layer.stride > 1 { format!("/{}", layer.stride) } else { String::new() };
    format!("{word} {h}×{w}{stride}")
}

/// The layers, one a line.
pub fn list(run: &Ran<ReceptiveField>, n: &Published, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let layers = &n.summary.layers;
    let asked = usize::try_from(run.params.first_row).unwrap_or(1).max(1) - 1;
    let first = asked.min(layers.len().saturating_sub(LINES));
    let lines = &n.order[first.min(n.order.len())..(first + LINES).min(n.order.len())];
    // A number's width in letters, from the right; on a phone only what matters most.
    let all = [
        (t.net_out, 6.5),
        (t.field, 8.5),
        (t.jump, 7.5),
        (t.pad, 6.0),
        (t.net_parameters, 10.5),
        (t.net_macs, 9.0),
    ];
    // As many columns as there is room for in letters that can be read.
    let room = [(42.0, &[0, 1, 2, 3, 4, 5][..]), (30.0, &[1, 2, 5]), (22.0, &[1])];
    let mut kinds = room.into_iter().skip(usize::from(stacked(look)));
    let fits = |letters: f64| look.width / letters >= least(look);
    let (letters, shown) = kinds.find(|(n, _)| fits(*n)).unwrap_or((22.0, &[1]));
    let font = look.font.min(look.width / letters);
    let letter = font * 0.56;
    let line = font * 1.7;
    let mut ends = [0.0; 6];
    let mut x = look.width - 4.0;
    for at in shown.iter().rev() {
        ends[*at] = x;
        x -= all[*at].1 * letter;
    }
    let middle = x * 0.58;
    for at in shown {
        let (word, wide) = all[*at];
        let size = (font * 0.88).min((wide - 0.6) * letter / text_width(word, 1.0));
        number_at(&mut scene, (ends[*at], font * 1.2), word.into(), size, Ink::Ink3, false);
    }
    fitted(&mut scene, (4.0, font * 1.2), t.net_layer, font * 0.88, Ink::Ink3, middle - 8.0);
    let most = layers.iter().map(|l| l.macs).max().unwrap_or(0).max(1) as f64;
    let pointed = pointed(look, layers.len());
    let mut y = font * 1.8;
    for at in lines.iter().copied() {
        let layer = &layers[at];
        let base = y + line * 0.68;
        if pointed == Some(at) {
            scene.rect(Rect::new(0.0, y, look.width, line), 4.0, (Ink::Accent, 0.14), None);
        } else if let Some(end) = n.ends.iter().position(|end| *end == at) {
            scene.rect(Rect::new(0.0, y + 2.0, 3.0, line - 4.0), 1.0, (ink(end), 1.0), None);
        }
        // How much of the work is done here, as a soft bar.
        let share = layer.macs as f64 / most;
        let wide = all[5].1 * letter;
        if share > 0.004 && shown.contains(&5) {
            let bar = Rect::new(ends[5] - wide * 0.92 * share, y + 2.0, wide * 0.92 * share, line - 4.0);
            scene.rect(bar, 2.0, (Ink::Tap { index: 6, of: 9 }, 0.25), None);
        }
        let tone = if layer.branch || layer.auxiliary { Ink::Ink2 } else { Ink::Ink };
        let indent = if layer.branch { 6.0 + letter * 1.2 } else { 6.0 };
        layer_name(
            &mut scene,
            (indent, base),
            &layer.name,
            (font * 0.92, least(look)),
            tone,
            middle - indent - 6.0,
        );
        fitted(&mut scene, (middle, base), &kind(t, layer), font, Ink::Ink2, x - middle - 4.0);
        let of = |column: usize| f64::from(value_at(&n.table, at, column));
        let field = match layer.field {
            None => t.net_all.to_string(),
            Some(_) if layer.aligned => pair(of(6), of(7)),
            Some(_) => format!("{}*", pair(of(6), of(7))),
        };
        let seen = layer.field.is_some();
        let dash = |text: String, on: bool| if on { text } else { String::from("–") };
        let texts = [
            pair(of(3), of(4)),
            field,
            dash(number(of(8), 0), seen),
            dash(number(of(9), 0), seen),
            dash(number(of(10), 1), of(10) > 0.0),
            dash(number(of(11), 1), of(11) > 0.0),
        ];
        let columns = [3, 6, 8, 9, 10, 11];
        for i in shown {
            let wide = all[*i].1 * letter;
            let rect = Rect::new(ends[*i] - wide + 2.0, y + 1.0, wide - 2.0, line - 2.0);
            cell(&mut scene, &n.table, "network", (at, columns[*i]), rect);
            let text = &texts[*i];
            let size = font.min((wide - 4.0) / text_width(text, 1.0).max(1e-9));
            number_at(&mut scene, (ends[*i], base), text.clone(), size, tone, *i == 1);
        }
        y += line;
    }
    scene.rect(Rect::new(0.0, y + 2.0, look.width, 1.0), 0.0, (Ink::Line, 1.0), None);
    let base = y + line * 0.8 + 2.0;
    fitted(&mut scene, (6.0, base), t.net_sum, font, Ink::Ink, middle - 12.0);
    let sums = [
        (1, pair(n.summary.field.size.0, n.summary.field.size.1)),
        (4, number(n.summary.parameters as f64 / 1e3, 1)),
        (5, number(n.summary.macs as f64 / 1e6, 1)),
    ];
    for (at, text) in sums.into_iter().filter(|(at, _)| shown.contains(at)) {
        let size = font.min((all[at].1 - 0.4) * letter / text_width(&text, 1.0));
        number_at(&mut scene, (ends[at], base), text, size, Ink::Ink, true);
    }
    scene.reach(base + font);
    let last = (first + lines.len()).to_string();
    let values = [
        ("name", name(n.network.key, look.lang).to_string()),
        ("first", (first + 1).to_string()),
        ("last", last),
        ("all", layers.len().to_string()),
        ("size", pair(n.summary.field.size.0, n.summary.field.size.1)),
        ("jump", number(n.summary.field.jump.0, 0)),
    ];
    let aligned = layers.iter().all(|layer| layer.aligned);
    Figure {
        id: "network",
        title: fill(t.net_list_title, &values),
        caption: fill(if aligned { t.net_list_caption } else { t.net_list_apart }, &values),
        summary: fill(t.net_list_summary, &values),
        scene,
    }
}

/// A bar with a name before and a number behind.
struct Bar {
    name: &'static str,
    value: f64,
    ink: Ink,
    share: f32,
    text: String,
    origin: (&'static str, usize, usize),
}

/// The field behind each group of blocks in both forms of a ResNet.
pub fn twins(n: &Published, look: &Look) -> Option<Figure> {
    let t = Text::of(look.lang);
    let (other, fields) = n.twin.as_ref()?;
    let mut scene = Scene::new(look.width);
    let stages = fields.shape().get(1).copied().unwrap_or(0);
    let mut y = look.font * 0.3;
    for stage in 0..stages {
        let words = fill(t.net_group, &[("at", (stage + 1).to_string())]);
        fitted(&mut scene, (2.0, y + look.font), &words, look.font * 0.92, Ink::Ink3, look.width - 4.0);
        let list = [n.network, other].map(|network| {
            let row = usize::from(network.key != n.network.key);
            let value = f64::from(value_at(fields, row, stage));
            Bar {
                name: name(network.key, look.lang),
                value,
                ink: Ink::Tap { index: if row == 0 { 6 } else { 2 }, of: 9 },
                share: 0.75,
                text: number(value, 0),
                origin: ("variants", row, stage),
            }
        });
        let whole = f64::from(value_at(fields, 0, stages - 1).max(value_at(fields, 1, stages - 1)));
        y = bars(&mut scene, fields, list.into(), y + look.font * 1.3, whole, look);
    }
    let last = |row: usize| number(f64::from(value_at(fields, row, stages - 1)), 0);
    let tf = usize::from(!n.network.key.ends_with("_tf"));
    let values = [("torch", last(1 - tf)), ("slim", last(tf))];
    Some(Figure {
        id: "variants",
        title: t.net_twins_title.into(),
        caption: fill(t.net_twins_caption, &values),
        summary: fill(t.net_twins_summary, &values),
        scene,
    })
}

/// Bars from `y` on, on a scale whose end is given; gives where they end.
fn bars(scene: &mut Scene, tensor: &Shared, list: Vec<Bar>, y: f64, whole: f64, look: &Look) -> f64 {
    let font = look.font;
    let names =
        list.iter().fold(0.0f64, |m, bar| m.max(text_width(bar.name, font))).min(look.width * 0.4) + 8.0;
    let behind = text_width("0000", font) + 10.0;
    let room = (look.width - names - behind).max(20.0);
    let line = font * 1.5;
    let mut y = y;
    for bar in list {
        let base = y + line * 0.7;
        let wide = (room * bar.value / whole.max(1.0)).max(1.0);
        let rect = Rect::new(names, y + 2.0, wide, line - 4.0);
        cell(
            scene,
            tensor,
            bar.origin.0,
            (bar.origin.1, bar.origin.2),
            Rect::new(names, y + 1.0, room, line - 2.0),
        );
        scene.rect(rect, 2.0, (bar.ink, bar.share), None);
        let ink = if bar.share > 0.6 { Ink::Ink } else { Ink::Ink2 };
        fitted(scene, (2.0, base), bar.name, font, ink, names - 10.0);
        fitted(scene, (rect.right() + 6.0, base), &bar.text, font, ink, behind - 8.0);
        y += line;
    }
    scene.reach(y + 4.0);
    y
}

/// The fields of all networks.
pub fn overview(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let Some(fields) = &run.output.overview else { return Figure::empty(look) };
    let mut scene = Scene::new(look.width);
    let chosen = run.params.network.key();
    let beside = run.beside.as_ref().map(|second| second.params.network.key());
    let list: Vec<Bar> = NETWORKS
        .iter()
        .enumerate()
        .map(|(at, network)| {
            let value = f64::from(value_at(fields, at, 0));
            let on = network.key == chosen || Some(network.key) == beside;
            Bar {
                name: name(network.key, look.lang),
                value,
                ink: Ink::Tap { index: 6, of: 9 },
                share: if on { 0.9 } else { 0.4 },
                text: number(value, 0),
                origin: ("networks", at, 0),
            }
        })
        .collect();
    let most = list.iter().fold(1.0f64, |m, bar| m.max(bar.value));
    bars(&mut scene, fields, list, look.font * 0.3, most, look);
    Figure {
        id: "networks",
        title: t.net_all_title.into(),
        caption: t.net_all_caption.into(),
        summary: t.net_all_summary.into(),
        scene,
    }
}
