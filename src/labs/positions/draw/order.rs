//! The order test: rearrange the tokens. Do the outputs change, or only move?

use super::main_figure::sentence;
use super::{code_name, word};
use crate::labs::positions::Positions;
use crate::labs::positions::compute::Extra;
use crate::labs::positions::params::Code;
use crate::labs::positions::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Ink, Mark, Rect, Scene, stroke, text_width};
use crate::stage::text::{fill, number};

/// A change this small is rounding.
pub const ROUNDING: f64 = 2e-5;

/// Draws it.
pub fn figure(run: &Ran<Positions>, look: &Look) -> Option<Figure> {
    let Extra::Order { from, change } = &run.output.extra else { return None };
    let (t, p) = (Text::of(look.lang), &run.params);
    let mut scene = Scene::new(look.width);
    let font = look.font;
    let shown = from.len().min(16);
    let line = |scene: &mut Scene, top: f64, of: &dyn Fn(usize) -> usize, label: &str| {
        scene.text((0.0, top + font), label, font * 0.95, Ink::Ink2);
        let (mut x, mut y) = (0.0, top + font * 1.6);
        for (at, place) in from.iter().enumerate().take(shown) {
            let token = of(at);
            let said = word(p, token, look.lang);
            let wide = text_width(&said, font) + 10.0;
            if x + wide > look.width {
                (x, y) = (0.0, y + font * 2.1);
            }
            let moved = *place != at;
            let frame = Rect::new(x, y, wide, font * 1.7);
            let ink = if moved { Ink::Ink } else { Ink::Line };
            scene.rect(
                frame,
                4.0,
                (Ink::None, 0.0),
                Some(stroke(ink, if moved { 1.6 } else { 1.0 } * look.stroke)),
            );
            scene.text_middle((frame.center().0, y + font * 1.2), said, font, Ink::Ink);
            x += wide + 5.0;
        }
        if from.len() > shown && x + font < look.width {
            scene.text((x, y + font * 1.2), "…", font, Ink::Ink2);
        }
        scene.reach(y + font * 2.1);
        y + font * 2.1
    };
    let top = line(&mut scene, 0.0, &|at| at, t.order_before);
    let mut top = line(&mut scene, top + font * 0.3, &|at| from[at], t.order_after) + font * 0.8;

    let most = change.iter().flatten().copied().fold(0.0, f64::max);
    let names = Code::ALL.iter().map(|c| text_width(code_name(*c, look.lang), font)).fold(0.0, f64::max);
    // The chosen code's line is bold, and so wider.
    let value_room = 1.13 * (text_width(t.order_moves, font) + text_width("0.0e−0 ", font)) + 14.0;
    let narrow = look.width < names + value_room + 140.0;
    let label = if narrow { 0.0 } else { names + 12.0 };
    let bar_room = if narrow { look.width } else { look.width - label - value_room };
    for (code, value) in Code::ALL.iter().zip(change) {
        let said = match value {
            Some(v) if *v <= ROUNDING => format!("{} {}", number(*v, 4), t.order_moves),
            Some(v) => format!("{} {}", number(*v, 3), t.order_changes),
            None => t.no_rows.to_string(),
        };
        let name = code_name(*code, look.lang);
        let bold = *code == p.code;
        let text = |at, text: String, anchor| Mark::Text {
            at,
            text,
            size: font,
            ink: Ink::Ink,
            bold,
            mono: false,
            anchor,
        };
        use crate::stage::scene::Anchor;
        scene.push(text((0.0, top + font), name.to_string(), Anchor::Start));
        let size = |s: &str| text_width(s, font);
        if narrow && size(name) + size(&said) + 10.0 > look.width {
            top += font * 1.4;
        }
        scene.push(text((look.width, top + font), said, Anchor::End));
        let y = if narrow { top + font * 1.45 } else { top + font * 0.3 };
        let bar = Rect::new(label, y, bar_room, font * 0.75);
        scene.rect(bar, 4.0, (Ink::Line2, 1.0), None);
        if let Some(value) = value {
            let share = if most > 0.0 { value / most } else { 0.0 };
            let filled = Rect::new(label, y, (bar_room * share).max(2.0), font * 0.75);
            scene.rect(filled, 4.0, (Ink::Ink2, 1.0), None);
        }
        top += font * if narrow { 2.6 } else { 1.75 };
        scene.reach(top);
    }
    let note = if p.is_causal { t.order_causal } else { t.order_note };
    sentence(&mut scene, (0.0, top + font * 0.3), note, (font * 0.95, look.width), Ink::Ink2);
    let list: Vec<String> = Code::ALL
        .iter()
        .zip(change)
        .filter_map(|(code, v)| Some(format!("{} {}", code_name(*code, look.lang), number((*v)?, 3))))
        .collect();
    let summary = fill(t.order_summary, &[("list", list.join(look.lang.pick(", ", "，")))]);
    Some(Figure { id: "panel", title: t.order_title.into(), caption: t.order_caption.into(), summary, scene })
}
