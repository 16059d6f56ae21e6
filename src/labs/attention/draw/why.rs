//! Where one weight comes from: query and key, their product, the row of the softmax, and what the weights mix.

use super::parts::{Row, cut, placed, signed, single, weight_scale};
use super::{Pointed, cell};
use crate::labs::attention::AttentionLab;
use crate::labs::attention::params::{ScoreKind, SoftmaxKind};
use crate::labs::attention::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, stroke, text_width};
use crate::stage::text::{fill, number};

/// More keys than this are not listed; those with the largest weights are.
const LISTED: usize = 10;

/// Draws it.
pub fn draw(run: &Ran<AttentionLab>, at: Pointed, look: &Look) -> Scene {
    let (p, o, t) = (&run.params, &run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let (f, width) = (look.font, look.width);
    let mut scene = Scene::new(width);
    let name = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let (query, key) = (name(&o.labels.0, at.i), name(&o.labels.1, at.j));
    let title =
        fill(t.looks_at, &[("h", (at.head + 1).to_string()), ("query", query.clone()), ("key", key.clone())]);
    let size = (f * 1.05).min((width - 4.0) / text_width(&title, 1.0) / 1.04).max(f * 0.8);
    placed(
        &mut scene,
        (0.0, f * 1.1),
        cut(&title, size * 1.04, width - 4.0),
        size,
        Ink::Ink,
        true,
        Anchor::Start,
    );

    // Query above key, element above element.
    let group = at.head * s.kv / s.heads;
    let left = (f * 5.6).min(width * 0.26);
    let room = width - left - 2.0;
    let mut y = f * 2.0;
    let high = (f * 2.0).max(20.0);
    let wide = room.min(s.dk as f64 * f * 3.6);
    for (label, word, tensor, name, of) in
        [("q", &query, &o.q, "q", (at.head, at.i)), ("k", &key, &o.k, "k", (group, at.j))]
    {
        let text = cut(&format!("{label} {word}"), f * 0.95, left - 6.0);
        placed(&mut scene, (0.0, y + high * 0.66), text, f * 0.95, Ink::Ink2, false, Anchor::Start);
        let rect = Rect::new(left, y, wide, high);
        Row { tensor, name, of, rect, scale: signed(tensor), strong: false }.draw(&mut scene, look);
        y += high + 3.0;
    }
    y += f * 0.7;

    // Product, factor, score, weight.
    let seen = value_at(&o.mask, at.i, at.j) > 0.0;
    let small = f * 0.85;
    let step = (width / 4.0).min(f * 8.0);
    let box_w = (step * 0.62).min(f * 4.4);
    let product = match p.score {
        ScoreKind::Dot => "q · k",
        ScoreKind::Cosine => "cos(q, k)",
        ScoreKind::Additive => "vᵀ tanh",
    };
    let factor = format!("× {}", number(o.scale, 3));
    let last = match p.softmax {
        SoftmaxKind::Hardmax => t.step_hardmax,
        _ if !seen => t.step_masked,
        SoftmaxKind::Signed => t.step_signed,
        _ => t.step_softmax,
    };
    let weights = weight_scale(o, at.head);
    let chain = [
        (product, &o.raw, "raw", signed(&o.raw), factor.as_str()),
        (t.score, &o.scores, "scores", signed(&o.scores), last),
        (t.weight, &o.weights, "weights", weights, ""),
    ];
    for (at_step, (label, tensor, name, scale, then)) in chain.into_iter().enumerate() {
        let x = at_step as f64 * (step + box_w * 0.3);
        if x + box_w > width {
            break;
        }
        placed(&mut scene, (x, y + small), cut(label, small, step), small, Ink::Ink2, false, Anchor::Start);
        let rect = Rect::new(x, y + small * 1.5, box_w, high);
        let hollow = name == "weights" && !seen;
        single(&mut scene, tensor, name, [0, at.head, at.i, at.j], rect, (!hollow).then_some(scale));
        let gap = step + box_w * 0.3 - box_w;
        if !then.is_empty() && x + step + box_w * 0.3 + box_w <= width {
            let size = small.min((gap - 6.0) / text_width(then, 1.0)).max(small * 0.5);
            let middle = (x + box_w + gap / 2.0, y + small * 1.5 + high * 0.62);
            placed(&mut scene, middle, cut(then, size, gap), size, Ink::Ink2, false, Anchor::Middle);
        }
    }
    y += small * 1.5 + high + f * 1.1;
    mixture(&mut scene, run, at, y, look);
    scene
}

/// The row of weights, and the values they mix.
fn mixture(scene: &mut Scene, run: &Ran<AttentionLab>, at: Pointed, top: f64, look: &Look) {
    let (o, t) = (&run.output.main, Text::of(look.lang));
    let s = &o.sizes;
    let (f, width) = (look.font, look.width);
    let weight = |j: usize| cell(&o.weights, at.head, at.i, j);
    let mut keys: Vec<usize> = (0..s.m).collect();
    if s.m > LISTED {
        keys.sort_by(|a, b| weight(*b).abs().total_cmp(&weight(*a).abs()).then(a.cmp(b)));
        keys.truncate(LISTED);
        if !keys.contains(&at.j) {
            keys.pop();
            keys.push(at.j);
        }
        keys.sort_unstable();
    }
    let small = f * 0.85;
    let high = (f * 1.6).max(18.0);
    let label = (f * 5.0).min(width * 0.2);
    let number_w = (f * 2.9).max(26.0).min(width * 0.13);
    let bar = (width * 0.16).min(90.0);
    let (score_x, bar_x) = (label, label + number_w + 5.0);
    let weight_x = bar_x + bar + 4.0;
    let value_x = weight_x + number_w + 8.0;
    let value_w = (width - value_x - 2.0).max(8.0).min(s.dv as f64 * f * 3.4);
    let heads = [
        (score_x, t.score, number_w + bar * 0.3),
        (weight_x - bar * 0.6, t.weight, number_w + bar * 0.6),
        (value_x, t.value, value_w),
    ];
    for (x, text, room) in heads {
        let size = small.min(room / text_width(text, 1.0)).max(small * 0.6);
        placed(
            scene,
            (x, top + small),
            cut(text, size, room.max(20.0)),
            size,
            Ink::Ink2,
            false,
            Anchor::Start,
        );
    }
    let mut y = top + small * 1.6;
    let group = at.head * s.kv / s.heads;
    let scale = weight_scale(o, at.head);
    let (score_scale, value_scale) = (signed(&o.scores), signed(&o.v));
    for j in &keys {
        let (j, seen) = (*j, value_at(&o.mask, at.i, *j) > 0.0);
        let here = j == at.j;
        let text = o.labels.1.get(j).map_or(String::new(), |l| cut(l, f * 0.92, label - 6.0));
        let ink = if seen { Ink::Ink } else { Ink::Ink3 };
        placed(scene, (2.0, y + high * 0.68), text, f * 0.92, ink, here, Anchor::Start);
        let index = [0, at.head, at.i, j];
        let rect = |x: f64| Rect::new(x, y + 1.0, number_w, high - 2.0);
        single(scene, &o.scores, "scores", index, rect(score_x), seen.then_some(score_scale));
        let w = weight(j);
        let long = (f64::from(w.abs()) * bar).max(if w == 0.0 { 0.0 } else { 0.8 });
        let shade = if matches!(scale, Scale::Signed { .. }) { w } else { w.max(0.3 * scale.ends().1) };
        let fill_ink = Ink::Value { scale, value: shade };
        scene.rect(Rect::new(bar_x, y + high * 0.24, bar, high * 0.52), 2.0, (Ink::Line2, 0.7), None);
        scene.rect(Rect::new(bar_x, y + high * 0.24, long, high * 0.52), 2.0, (fill_ink, 1.0), None);
        single(scene, &o.weights, "weights", index, rect(weight_x), seen.then_some(scale));
        let rect = Rect::new(value_x, y, value_w, high);
        Row { tensor: &o.v, name: "v", of: (group, j), rect, scale: value_scale, strong: false }
            .draw(scene, look);
        if here {
            let ring = Rect::new(0.5, y - 0.5, width - 1.5, high + 1.0);
            scene.rect(ring, 5.0, (Ink::None, 0.0), Some(stroke(Ink::Ink, 1.4 * look.stroke)));
        }
        y += high + 1.0;
    }
    y += 3.0;
    scene.push(Mark::Line {
        points: vec![(0.0, y), (width - 1.0, y)],
        stroke: stroke(Ink::Ink3, look.stroke),
    });
    y += 4.0;
    let text = if s.m > LISTED {
        fill(t.sum_more, &[("n", (s.m - keys.len()).to_string())])
    } else {
        t.sum_of.into()
    };
    let size = (f * 0.92).min((value_x - 8.0) / text_width(&text, 1.0)).max(f * 0.62);
    placed(
        scene,
        (2.0, y + high * 0.68),
        cut(&text, size, value_x - 8.0),
        size,
        Ink::Ink2,
        false,
        Anchor::Start,
    );
    let rect = Rect::new(value_x, y, value_w, high + 2.0);
    Row { tensor: &o.heads, name: "heads", of: (at.head, at.i), rect, scale: signed(&o.heads), strong: true }
        .draw(scene, look);
    scene.reach(y + high + 6.0);
}
