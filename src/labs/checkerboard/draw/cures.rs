//! Up-samplers side by side: the picture grown back by each, its error, and what it costs.

use super::{Tile, paragraph, short, tenths};
use crate::labs::checkerboard::Checkerboard;
use crate::labs::checkerboard::compute::{Extra, span};
use crate::labs::checkerboard::cures::{Cure, Kind, NAMES, SIDE};
use crate::labs::checkerboard::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::legend;
use crate::stage::scene::{Anchor, Ink, Rect, Scene, text_width};
use crate::stage::text::{fill, number};

/// The name of a way.
pub fn name(kind: Kind, t: &Text) -> &'static str {
    match kind {
        Kind::Original => t.original,
        Kind::Uniform => t.cure_uniform,
        Kind::Random => t.cure_random,
        Kind::Bilinear => t.cure_bilinear,
        Kind::Learned => t.cure_learned,
        Kind::ResizeConv => t.cure_resize,
        Kind::Shuffle => t.cure_shuffle,
        Kind::ShuffleIcnr => t.cure_icnr,
        Kind::Bicubic => t.cure_bicubic,
    }
}

/// The titles of all ways: one size that the longest word fits, and as many lines as the longest title takes.
struct Titles {
    size: f64,
    lines: usize,
    wide: f64,
}

impl Titles {
    fn of(list: &[Cure], size: f64, wide: f64, t: &Text) -> Titles {
        let names = || list.iter().map(|cure| name(cure.kind, t));
        let longest = names().flat_map(words).fold(0.1f64, |m, word| m.max(text_width(word.trim_end(), 1.0)));
        let one = Titles { size: size.min(wide / longest), lines: 1, wide };
        let lines = names().map(|name| one.broken(name).len()).max().unwrap_or(1);
        Titles { lines, ..one }
    }

    /// A title in lines.
    fn broken(&self, name: &str) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in words(name) {
            match lines.last_mut() {
                Some(line)
                    if text_width(&format!("{line}{}", word.trim_end()), self.size) <= self.wide * 1.001 =>
                {
                    line.push_str(word);
                }
                _ => lines.push(word.into()),
            }
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// How much more room they take than one line.
    fn extra(&self) -> f64 {
        (self.lines.max(1) - 1) as f64 * self.size * 1.2
    }
}

/// The words of a title, each with what parts it from the next.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split_inclusive([' ', '，'])
}

/// Draws it.
pub fn figure(run: &Ran<Checkerboard>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let none = Vec::new();
    let list = if let Extra::Cures(list) = &run.output.extra { list } else { &none };
    let columns = if look.width < 480.0 { 3 } else { 5 };
    let gap = if look.width < 480.0 { 9.0 } else { 14.0 };
    let wide = (look.width - gap * (columns - 1) as f64 - 4.0) / columns as f64;
    let size = look.font * 0.92;
    let limit = list.iter().fold(0.0f32, |m, c| m.max(span(&c.error).largest()));
    let error_scale = Scale::Signed { limit };
    let most = list.iter().skip(1).fold(0.0f32, |m, c| m.max(c.numbers[0]));
    let titles = Titles::of(list, size * 1.08, wide, t);
    let mut bottom = 0.0;
    for (row, part) in list.chunks(columns).enumerate() {
        let top = if row == 0 { 0.0 } else { bottom + look.font };
        for (column, cure) in part.iter().enumerate() {
            let x = 2.0 + column as f64 * (wide + gap);
            let below = one(&mut scene, cure, (x, top), (&titles, size), error_scale, most, t);
            bottom = f64::max(bottom, below);
        }
    }
    let y = bottom + look.font * 0.8;
    if !list.is_empty() {
        let bar = (look.font * 13.0).min(look.width - 8.0);
        legend(&mut scene, (4.0, y), bar, error_scale, look.font * 0.85);
    }
    let y = y + look.font * 2.2;
    paragraph(&mut scene, (2.0, y), t.cures_note, size, look.width - 4.0, Ink::Ink3);
    let worst = list.iter().skip(1).max_by(|a, b| a.numbers[0].total_cmp(&b.numbers[0]));
    let values = [
        ("n", list.len().saturating_sub(1).to_string()),
        ("name", worst.map_or("", |c| name(c.kind, t)).to_string()),
        ("strength", worst.map_or_else(String::new, |c| tenths(c.numbers[0]))),
        ("s", run.params.s().to_string()),
        ("side", SIDE.to_string()),
    ];
    Figure {
        id: "cures",
        title: t.cures_title.into(),
        caption: fill(t.cures_caption, &values),
        summary: fill(t.cures_summary, &values),
        scene,
    }
}

/// One way: picture, error, numbers; gives its lower end.
fn one(
    scene: &mut Scene,
    cure: &Cure,
    (x, top): (f64, f64),
    (titles, size): (&Titles, f64),
    error_scale: Scale,
    most: f32,
    t: &Text,
) -> f64 {
    let (picture, error) = NAMES[cure.kind as usize];
    let wide = titles.wide;
    let first = cure.kind == Kind::Original;
    for (at, line) in titles.broken(name(cure.kind, t)).iter().enumerate() {
        scene.text((x, top + size + at as f64 * titles.size * 1.2), line.trim_end(), titles.size, Ink::Ink);
    }
    let top = top + titles.extra();
    let layer = if first {
        String::new()
    } else if cure.kind == Kind::Bicubic {
        format!("s{}", cure.layer.stride)
    } else {
        format!("k{} s{}", cure.layer.kernel_size, cure.layer.stride)
    };
    short(scene, (x, top + size * 2.3), &layer, size, wide, Ink::Ink3, Anchor::Start);
    let range = span(&cure.output);
    let scale = if range.low >= 0.0 {
        Scale::Gray { low: 0.0, high: if range.high <= 1.0 { 1.0 } else { range.high } }
    } else {
        Scale::Gray { low: 0.0, high: 1.0 }
    };
    let tile = |tensor, name, scale, y| Tile { tensor, name, scale, at: (x, y), side: wide };
    let drawn = tile(&cure.output, picture, scale, top + size * 2.9).whole(scene);
    let under = drawn.bottom() + 6.0;
    let mut y = under + wide;
    if first {
        paragraph(scene, (x, under + 2.0), t.error_is, size.min(wide / 9.0), wide, Ink::Ink3);
    } else {
        let drawn = tile(&cure.error, error, error_scale, under).whole(scene);
        y = drawn.bottom();
    }
    let line = |scene: &mut Scene, y: &mut f64, name: &str, value: String| {
        *y += size * 1.5;
        let share = 0.56;
        short(scene, (x, *y), name, size, wide * share, Ink::Ink2, Anchor::Start);
        short(scene, (x + wide, *y), &value, size, wide * (1.0 - share) - 3.0, Ink::Ink, Anchor::End);
    };
    let [_, _, parameters, macs] = cure.numbers.map(f64::from);
    line(scene, &mut y, t.artifact, format!("{} %", tenths(cure.numbers[0])));
    if most > 0.0 {
        // Right below the number it shows.
        let bar = Rect::new(x, y + size * 0.45, wide, 4.0);
        scene.rect(bar, 2.0, (Ink::Line2, 1.0), None);
        let share = f64::from((cure.numbers[0] / most).clamp(0.0, 1.0));
        scene.rect(Rect { w: (wide * share).max(1.5), ..bar }, 2.0, (Ink::Ink2, 1.0), None);
        y += size * 0.45;
    }
    if !first {
        line(scene, &mut y, t.rms_error, format!("{} %", tenths(cure.numbers[1])));
        line(scene, &mut y, t.parameters_short, number(parameters, 0));
        line(scene, &mut y, t.macs_short, format!("{}k", number(macs, 1)));
    }
    let end = y + size * 0.6 + 6.0;
    scene.reach(end);
    end
}
