//! Every layer's field: its numbers, and a strip as wide as the field, in which the middle part holds most.

use super::sized;
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::stack::What;
use crate::labs::receptive_field::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke, text_width};
use crate::stage::text::{fill, number};

/// More lines than this are shown as the first and the last ones.
const MOST_LINES: usize = 40;

/// Draws it.
pub fn figure(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let o = &run.output;
    let depth = o.scene.stack.layers.len();
    let mut scene = Scene::new(look.width);
    // Columns as ends of right-aligned numbers, in letters; the layer's word stands to the left.
    let heads = [t.field, t.jump, t.pad, t.centre, t.sigma, t.map];
    let ends = [14.0 + 6.5, 14.0 + 12.0, 14.0 + 18.0, 14.0 + 24.5, 14.0 + 31.0, 14.0 + 36.5];
    let letters = ends[5] + 1.0;
    let font = look.font.min(look.width / (letters * 0.56));
    let letter = font * 0.56;
    let line = font * 1.75;
    let strips = letters * letter + 26.0;
    let wide = look.width - strips - 4.0;
    let right = |scene: &mut Scene, x: f64, y: f64, text: String, ink: Ink, bold: bool| {
        scene.push(Mark::Text { at: (x, y), text, size: font, ink, bold, mono: false, anchor: Anchor::End });
    };
    let small = font * 0.88;
    for (head, end) in heads.iter().zip(ends) {
        let size = small.min(6.0 * letter / text_width(head, 1.0));
        let at = (end * letter, font * 1.2);
        let (text, anchor) = (head.to_string(), Anchor::End);
        scene.push(Mark::Text { at, text, size, ink: Ink::Ink3, bold: false, mono: false, anchor });
    }
    if wide > 120.0 {
        let size = small.min(wide / text_width(t.strip, 1.0));
        scene.text((strips, font * 1.2), t.strip, size, Ink::Ink3);
    }
    let layers: Vec<usize> = (1..=o.whole.layers.len()).collect();
    let half = MOST_LINES / 2;
    let shown: Vec<Option<usize>> = if layers.len() > MOST_LINES {
        let last = layers.len() - half;
        layers[..half]
            .iter()
            .copied()
            .map(Some)
            .chain([None])
            .chain(layers[last..].iter().copied().map(Some))
            .collect()
    } else {
        layers.iter().copied().map(Some).collect()
    };
    let widest = o.all.iter().map(|map| map.reach[1].size()).fold(1.0, f64::max);
    let mut y = font * 1.8;
    let mut middles = vec![0.0; layers.len() + 1];
    for entry in shown {
        let Some(at) = entry else {
            scene.text((letter, y + font), "…", font, Ink::Ink3);
            y += line;
            continue;
        };
        let (layer, map) = (&o.whole.layers[at - 1], &o.all[at]);
        middles[at] = y + line / 2.0;
        if at == depth {
            let row = Rect::new(0.0, y, letters * letter + 8.0, line);
            scene.rect(row, 4.0, (Ink::Accent, 0.14), None);
        }
        let ink = if at <= depth { Ink::Ink } else { Ink::Ink3 };
        let base = y + line * 0.68;
        right(&mut scene, 2.6 * letter, base, at.to_string(), Ink::Ink3, false);
        let word = layer.spaced();
        let size = font.min(10.2 * letter / text_width(&word, 1.0));
        scene.text((3.6 * letter, base), word, size, ink);
        let reach = map.reach[1];
        let of = |column: usize| o.theory.get([1, at, column]).copied().map_or(0.0, f64::from);
        right(&mut scene, ends[0] * letter, base, number(of(4), 0), ink, at == depth);
        let sigma = (at <= depth).then(|| of(8));
        let rest = [Some(of(5)), Some(of(6)), Some(of(7)), sigma, Some(of(9))];
        for (value, end) in rest.into_iter().zip(&ends[1..]) {
            if let Some(value) = value {
                right(&mut scene, end * letter, base, number(value, 2), ink, false);
            }
        }
        if wide > 120.0 {
            strip(&mut scene, (strips, y, wide, line), reach.size() / widest, at <= depth, look);
            if let Some(sigma) = sigma {
                // Two deviations to each side, never more than the field.
                let part = (4.0 * sigma).min(reach.size()) / widest;
                let w = (part * wide).max(1.0);
                let rect = Rect::new(strips + (wide - w) / 2.0, y + 2.0, w, line - 4.0);
                scene.rect(rect, 2.0, (Ink::Tap { index: 6, of: 9 }, 0.75), None);
            }
        }
        y += line;
    }
    // Spans as brackets at the left edge.
    for (first, last) in &o.whole.skips {
        let (a, b) = (middles[first + 1], middles[last + 1]);
        if a > 0.0 && b > 0.0 {
            let x = 1.0;
            let (a, b) = if b > a { (a, b) } else { (a - 4.0, a + 4.0) };
            let points = vec![(x + 3.0, a), (x, a), (x, b), (x + 3.0, b)];
            scene.push(Mark::Line {
                points,
                stroke: Stroke { ink: Ink::Ink2, width: 1.4 * look.stroke, dashed: false },
            });
        }
    }
    scene.reach(y + 4.0);
    let square = o.all.iter().all(|map| map.reach[0] == map.reach[1]);
    let kinds = [What::Conv, What::Max, What::Average, What::Depthwise];
    let words = [t.kind_c, t.kind_m, t.kind_a, t.kind_w];
    let there = kinds.iter().zip(words).filter(|(kind, _)| o.whole.layers.iter().any(|l| l.what == **kind));
    let mut caption = there.map(|(_, word)| word).collect::<Vec<_>>().join(look.lang.pick(", ", "，"));
    if !square {
        caption = format!("{}{}{caption}", t.along_columns, look.lang.pick(" ", ""));
    }
    let last = o.all.last();
    let size = last.map_or((1, 1), |map| (map.reach[0].size() as usize, map.reach[1].size() as usize));
    Figure {
        id: "layers",
        title: t.layers_title.into(),
        caption,
        summary: fill(t.layers_summary, &[("layers", layers.len().to_string()), ("size", sized(size))]),
        scene,
    }
}

/// The field of a layer as a part of the widest one.
fn strip(scene: &mut Scene, (x, y, wide, line): (f64, f64, f64, f64), share: f64, on: bool, look: &Look) {
    let w = (share * wide).max(2.0);
    let rect = Rect::new(x + (wide - w) / 2.0, y + 2.0, w, line - 4.0);
    let edge = Stroke { ink: Ink::Ink3, width: look.stroke, dashed: !on };
    scene.rect(rect, 2.0, (Ink::Line2, 1.0), Some(edge));
}
