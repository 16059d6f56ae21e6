//! The main figure: every head's map, one of them large with its tokens, and beside it where one weight comes from.

use super::parts::{MANY, Map, above, cut, has_blank, margins, placed, remarks, weight_scale, write_labels};
use super::{Pointed, cell, pointed, why};
use crate::labs::attention::compute::Output;
use crate::labs::attention::params::Params;
use crate::labs::attention::text::Text;
use crate::labs::attention::weights::Kind;
use crate::labs::attention::{AttentionLab, BESIDE_MAPS, MAPS};
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::legend;
use crate::stage::scene::{Anchor, Ink, Rect, Scene, stroke, text_width};
use crate::stage::text::{Lang, fill, number};

/// More cells than this in one picture become planes.
const MOST_CELLS: usize = 1800;

/// What a head looks for, in words.
pub fn kind_name(kind: Kind, t: &Text) -> &'static str {
    match kind {
        Kind::Previous => t.kind_previous,
        Kind::Same => t.kind_same,
        Kind::First => t.kind_first,
        Kind::Seeded => t.kind_seeded,
        Kind::Next => t.kind_next,
        Kind::Induction => t.kind_induction,
        Kind::Uniform => t.kind_uniform,
        Kind::Shared => t.kind_shared,
    }
}

/// Draws it.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let at = pointed(run, look);
    let o = &run.output.main;
    let mut scene = Scene::new(look.width);
    match &run.beside {
        None => one(&mut scene, run, at, look),
        Some(second) => {
            let columns = if look.width >= 700.0 { 2 } else { 1 };
            let gap = 26.0;
            let width = (look.width - gap * (columns - 1) as f64) / columns as f64;
            let states = [
                (&run.params, o, &MAPS, &second.values.0),
                (&second.params, &second.output.main, &BESIDE_MAPS, &second.values.1),
            ];
            let mut y = 0.0;
            for (nth, (params, o, names, value)) in states.into_iter().enumerate() {
                let mut part = Scene::new(width);
                let title = format!("{} = {}", second.key, beginning(value));
                let size = (look.font * 1.1).min((width - 8.0) / text_width(&title, 1.0));
                part.text((2.0, look.font), title, size, Ink::Accent);
                let look = Look { width, ..look.clone() };
                let head = params.head().min(o.sizes.heads - 1);
                let mark = Pointed { head, i: at.i.min(o.sizes.n - 1), j: at.j.min(o.sizes.m - 1) };
                let mut top = look.font * 1.9;
                top = strip(&mut part, o, names, head, top, &look);
                large(&mut part, o, names, mark, (0.0, top), width, &look);
                let x = if columns == 2 { nth as f64 * (width + gap) } else { 0.0 };
                scene.place(part, x, if columns == 2 { 0.0 } else { y });
                y = scene.height + 18.0;
            }
        }
    }
    Figure {
        id: "main",
        title: t.main_title.into(),
        caption: caption(&run.params, o, t),
        summary: summary(run, at, look),
        scene,
    }
}

/// A value as a link writes it; of a long one the first words or numbers.
fn beginning(value: &str) -> String {
    let shown = match value.char_indices().nth(24) {
        None => value.into(),
        Some((end, _)) => {
            format!("{}…", value[..end].rsplit_once([',', ';', ' ']).map_or("", |(whole, _)| whole))
        }
    };
    if shown.is_empty() { "–".into() } else { super::super::tokens::label(&shown) }
}

fn caption(p: &Params, o: &Output, t: &Text) -> String {
    if o.whole.0 > o.sizes.n && p.input == crate::labs::attention::params::Source::Text {
        let values = [("all", o.whole.0.to_string()), ("n", o.sizes.n.to_string())];
        return fill(t.caption_cut, &values);
    }
    t.main_caption.into()
}

/// One state: the strip of heads, the large map, and what is behind one of its weights.
fn one(scene: &mut Scene, run: &Ran<AttentionLab>, at: Pointed, look: &Look) {
    let o = &run.output.main;
    let top = strip(scene, o, &MAPS, at.head, 0.0, look);
    let wide = look.width >= 620.0;
    let gap = 28.0;
    let room = if wide { ((look.width - gap) * 0.5).min(520.0) } else { look.width };
    large(scene, o, &MAPS, at, (0.0, top), room, look);
    let (x, y) = if wide { (room + gap, top) } else { (0.0, scene.height + look.font * 1.2) };
    let part = why::draw(run, at, &Look { width: look.width - x, ..look.clone() });
    scene.at_once = if wide { None } else { Some(y - look.font * 0.6) };
    scene.place(part, x, y);
}

/// The maps of all heads, each with its name; gives where it ends.
fn strip(scene: &mut Scene, o: &Output, names: &[&'static str], chosen: usize, top: f64, look: &Look) -> f64 {
    let t = Text::of(look.lang);
    let (heads, n, m) = (o.sizes.heads, o.sizes.n, o.sizes.m);
    if heads < 2 {
        return top;
    }
    let width = scene.width;
    let least = (look.font * 8.2).min(width / 2.0 - 6.0);
    let fits = (((width + 10.0) / (least + 10.0)).floor() as usize).clamp(1, 8).min(heads);
    let rows = heads.div_ceil(fits);
    let columns = heads.div_ceil(rows);
    let gap = 10.0;
    let room = (width - gap * (columns - 1) as f64) / columns as f64;
    let c = ((room - 12.0) / m as f64).min(150.0 / n.max(m) as f64).min(26.0);
    let (f, small) = (look.font, look.font * 0.86);
    let head_room = f * 1.35 + 2.0 * small * 1.3 + 8.0;
    let tall = head_room + n as f64 * c + 8.0;
    let cells = heads * n * m <= MOST_CELLS && c >= 3.0;
    for (h, name) in names.iter().copied().enumerate().take(heads) {
        let (x, y) = ((h % columns) as f64 * (room + gap), top + (h / columns) as f64 * (tall + 8.0));
        let on = h == chosen;
        let border = if on { stroke(Ink::Ink, 1.6 * look.stroke) } else { stroke(Ink::Line, look.stroke) };
        // The whole stroke stays on the picture, also where it is drawn thick.
        let inset = 0.8 * look.stroke + 0.7;
        scene.rect(Rect::new(x, y, room, tall).grown(-inset), 8.0, (Ink::None, 0.0), Some(border));
        let line = |scene: &mut Scene, dy: f64, text: String, size: f64, ink: Ink, bold: bool| {
            let size = ((room - 12.0) / text_width(&text, 1.0).max(0.1)).clamp(size * 0.72, size);
            placed(scene, (x + 6.0, y + dy), cut(&text, size, room - 11.0), size, ink, bold, Anchor::Start);
        };
        line(scene, f * 1.3, fill(t.head_n, &[("h", (h + 1).to_string())]), f, Ink::Ink, true);
        let off = o.off.get(h) == Some(&true);
        let kind = if off { t.switched_off } else { o.kinds.get(h).map_or("", |k| kind_name(*k, t)) };
        let own = o.own.iter().any(|n| matches!(*n, "q" | "k" | "w_q" | "w_k"));
        let kind = if own && !off { t.kind_loaded } else { kind };
        line(
            scene,
            f * 1.3 + small * 1.3,
            kind.into(),
            small,
            if off { Ink::Warn } else { Ink::Ink2 },
            false,
        );
        let bits = number(f64::from(cell(&o.measures, 0, h, 0)), 2);
        line(scene, f * 1.3 + small * 2.6, fill(t.bits_of, &[("bits", bits)]), small, Ink::Ink2, false);
        let left = x + ((room - m as f64 * c) / 2.0).max(2.0);
        let map = Map {
            tensor: &o.maps[h],
            name,
            head: 0,
            mask: Some(&o.mask),
            scale: weight_scale(o, h),
            at: (left, y + head_room),
            cell: c,
            cells,
            mark: None,
        };
        map.draw(scene, look);
        if off {
            let (w, tall) = (m as f64 * c, n as f64 * c);
            scene.rect(Rect::new(left, y + head_room, w, tall), 0.0, (Ink::Panel, 0.6), None);
        }
    }
    let bottom = top + rows as f64 * (tall + 8.0);
    scene.reach(bottom);
    bottom + look.font * 0.6
}

/// The chosen head's map with its tokens.
fn large(
    scene: &mut Scene,
    o: &Output,
    names: &[&'static str],
    at: Pointed,
    (x, y): (f64, f64),
    room: f64,
    look: &Look,
) {
    let t = Text::of(look.lang);
    let (n, m) = (o.sizes.n, o.sizes.m);
    let mut part = Scene::new(room);
    let title = fill(t.map_of, &[("h", (at.head + 1).to_string())]);
    let remark = if n * m > MANY { t.own_scale } else { t.rows_ask };
    part.heading((2.0, look.font * 1.1), &title, remark, look.font * 1.05, room - 4.0);
    let (left, _) = margins(o, look, room);
    let tallest = if look.width < 560.0 { 420.0 } else { 460.0 };
    let c = ((room - left - 3.0) / m as f64).min(tallest / n as f64).min(look.font * 4.0);
    let top = look.font * 1.9 + above(&o.labels.1, look, c);
    let mark = Some((at.i, at.j));
    write_labels(&mut part, (&o.labels.0, &o.labels.1), (left, top), c, mark, look);
    let map = Map {
        tensor: &o.maps[at.head],
        name: names[at.head],
        head: 0,
        mask: Some(&o.mask),
        scale: weight_scale(o, at.head),
        at: (left, top),
        cell: c,
        cells: n * m <= MOST_CELLS && c >= 6.0,
        mark,
    };
    let coloured = map.draw(&mut part, look);
    let below = top + n as f64 * c + look.font * 0.8;
    let bar = 110.0f64.min(room * 0.45);
    if coloured {
        legend(&mut part, (2.0, below), bar, weight_scale(o, at.head), look.font * 0.85);
    }
    let mut said = Vec::new();
    if map.cells && o.mask.iter().any(|v| *v == 0.0) {
        said.push(t.hatched);
    }
    if has_blank(&part) {
        said.push(t.blank);
    }
    if !said.is_empty() {
        let from = if coloured { bar + 14.0 } else { 2.0 };
        remarks(&mut part, (from, below), &said, look);
    }
    scene.place(part, x, y);
}

/// What a screen reader says.
fn summary(run: &Ran<AttentionLab>, at: Pointed, look: &Look) -> String {
    let t = Text::of(look.lang);
    let o = &run.output.main;
    let label = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let values = [
        ("heads", o.sizes.heads.to_string()),
        ("n", o.sizes.n.to_string()),
        ("m", o.sizes.m.to_string()),
        ("h", (at.head + 1).to_string()),
        ("query", label(&o.labels.0, at.i)),
        ("i", at.i.to_string()),
        ("key", label(&o.labels.1, at.j)),
        ("j", at.j.to_string()),
        ("weight", number(f64::from(cell(&o.weights, at.head, at.i, at.j)), 3)),
    ];
    let joint = if look.lang == Lang::En { " " } else { "" };
    fill(t.summary, &values) + joint + &fill(t.summary_at, &values)
}
