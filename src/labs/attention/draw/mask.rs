//! Who may look at whom, and where a token's gradient comes from.

use super::parts::{Map, above, cut, has_blank, margins, placed, remarks, weight_scale, write_labels};
use super::{Pointed, pointed};
use crate::labs::attention::compute::{Output, largest};
use crate::labs::attention::params::SoftmaxKind;
use crate::labs::attention::text::Text;
use crate::labs::attention::{AttentionLab, MAPS};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::legend;
use crate::stage::scene::{Anchor, Ink, Scene, text_width};
use crate::stage::text::fill;

/// A map with its heading and its tokens, in a picture of its own.
fn sheet(
    o: &Output,
    (tensor, name): (&Shared, &'static str),
    title: &str,
    scale: Scale,
    hide: bool,
    at: Pointed,
    look: &Look,
) -> Scene {
    let room = look.width;
    let mut scene = Scene::new(room);
    let (n, m) = (o.sizes.n, o.sizes.m);
    scene.heading((2.0, look.font * 1.1), title, "", look.font, room - 4.0);
    let (left, _) = margins(o, look, room);
    let c = ((room - left - 3.0) / m as f64).min(400.0 / n as f64).min(look.font * 3.4);
    let top = look.font * 1.8 + above(&o.labels.1, look, c);
    let mark = Some((at.i, at.j));
    write_labels(&mut scene, (&o.labels.0, &o.labels.1), (left, top), c, mark, look);
    let cells = n * m <= 1800 && c >= 6.0;
    let map = Map {
        tensor,
        name,
        head: 0,
        mask: hide.then_some(&o.mask),
        scale,
        at: (left, top),
        cell: c,
        cells,
        mark,
    };
    if map.draw(&mut scene, look) {
        let below = scene.height + look.font * 0.8;
        let bar = 110.0f64.min(room * 0.5);
        legend(&mut scene, (2.0, below), bar, scale, look.font * 0.85);
        if has_blank(&scene) {
            remarks(&mut scene, (bar + 14.0, below), &[Text::of(look.lang).blank], look);
        }
    }
    scene
}

/// Two pictures beside each other, or below each other on a phone.
fn beside(look: &Look, make: impl Fn(usize, &Look) -> Scene) -> Scene {
    let mut scene = Scene::new(look.width);
    let wide = look.width >= 560.0;
    let gap = 26.0;
    let room = if wide { (look.width - gap) / 2.0 } else { look.width };
    for part in 0..2 {
        let drawn = make(part, &Look { width: room, ..look.clone() });
        let (x, y) = if wide {
            (part as f64 * (room + gap), 0.0)
        } else {
            (0.0, scene.height + part as f64 * look.font)
        };
        scene.place(drawn, x, y);
    }
    scene
}

/// The mask, and the weights it leaves.
pub fn figure(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let at = pointed(run, look);
    let mut scene = beside(look, |part, look| match part {
        0 => sheet(o, (&o.mask, "mask"), t.mask_grid, Scale::Magnitude { max: 1.0 }, false, at, look),
        _ => {
            let title = fill(t.map_of, &[("h", (at.head + 1).to_string())]);
            sheet(o, (&o.maps[at.head], MAPS[at.head]), &title, weight_scale(o, at.head), true, at, look)
        }
    });
    let hidden = o.mask.iter().filter(|v| **v == 0.0).count();
    if !o.empty_rows.is_empty() {
        let template = match run.params.softmax {
            SoftmaxKind::MaskAfter => t.empty_rows_after,
            SoftmaxKind::Hardmax => t.empty_rows_hard,
            _ => t.empty_rows,
        };
        let text = fill(template, &[("n", o.empty_rows.len().to_string())]);
        write_lines(&mut scene, &text, look);
    }
    let values = [("hidden", hidden.to_string()), ("all", (o.sizes.n * o.sizes.m).to_string())];
    Figure {
        id: "mask",
        title: t.mask_title.into(),
        caption: fill(t.mask_caption, &values),
        summary: fill(t.mask_summary, &values),
        scene,
    }
}

/// The gradient of each output with respect to each token, beside the mask.
pub fn gradient(run: &Ran<AttentionLab>, look: &Look) -> Figure {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let at = pointed(run, look);
    let mut scene;
    if let Some(found) = &o.gradient {
        scene = beside(look, |part, look| match part {
            0 => sheet(
                o,
                (found, "gradient"),
                t.gradient_grid,
                Scale::Magnitude { max: largest(found) },
                false,
                at,
                look,
            ),
            _ => sheet(o, (&o.mask, "mask"), t.mask_grid, Scale::Magnitude { max: 1.0 }, false, at, look),
        });
    } else {
        scene = Scene::new(look.width);
        write_lines(&mut scene, t.gradient_none, look);
    }
    Figure {
        id: "gradient",
        title: t.gradient_title.into(),
        caption: t.gradient_caption.into(),
        summary: t.gradient_summary.into(),
        scene,
    }
}

/// A sentence below what is there, in as many lines as it needs.
pub fn write_lines(scene: &mut Scene, text: &str, look: &Look) {
    let (size, room) = (look.font, scene.width - 6.0);
    let mut lines = vec![String::new()];
    // Latin words stay whole, Chinese breaks anywhere but before a mark.
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        let breaks = c as u32 >= 0x2e80 && !"，。：；、）”".contains(c);
        match words.last_mut() {
            Some(word) if !breaks && !word.ends_with(' ') => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    for word in words {
        let full = lines
            .last()
            .is_some_and(|l| !l.is_empty() && text_width(l, size) + text_width(word.trim_end(), size) > room);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&word);
        }
    }
    let mut y = scene.height + size * 1.8;
    for line in lines {
        placed(
            scene,
            (2.0, y),
            cut(line.trim_end(), size, room + 4.0),
            size,
            Ink::Ink2,
            false,
            Anchor::Start,
        );
        y += size * 1.45;
    }
    scene.reach(y);
}
