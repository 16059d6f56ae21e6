//! What this layer costs, and what others would in its place.

use super::fit;
use crate::labs::channels::Channels;
use crate::labs::channels::explain::costs;
use crate::labs::channels::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{count, fill};

/// Draws it.
pub fn figure(run: &Ran<Channels>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let f = look.font;
    let rows = costs(&run.params, run.output.size());
    let most = rows.iter().fold(1.0f64, |m, r| m.max(r.parameters));
    let titles = [t.this_layer, t.dense, t.depthwise, t.pointwise, t.separable];
    let mut scene = Scene::new(look.width);
    let room = look.width - 8.0;
    for (at, (cost, title)) in rows.iter().zip(titles).enumerate() {
        let y = at as f64 * f * 3.6;
        let ink = if at == 0 { Ink::Accent } else { Ink::Ink3 };
        fit(&mut scene, (3.0, y + f * 1.1), title, f, room * 0.42, Ink::Ink);
        let text = fill(t.cost_of, &[("p", count(cost.parameters)), ("m", count(cost.macs))]);
        fit(&mut scene, (3.0 + room * 0.45, y + f * 1.1), &text, f * 0.95, room * 0.54, Ink::Ink2);
        let bar = (room * cost.parameters / most).max(2.0);
        scene.rect(Rect::new(3.0, y + f * 1.6, room, f * 0.75), 3.0, (Ink::Line2, 0.6), None);
        scene.rect(Rect::new(3.0, y + f * 1.6, bar, f * 0.75), 3.0, (ink, 0.9), None);
        scene.reach(y + f * 3.0);
    }
    let keys = ["own", "dense", "depthwise", "point", "separable"];
    let values: Vec<_> = keys.iter().zip(&rows).map(|(key, cost)| (*key, count(cost.parameters))).collect();
    Figure {
        id: "panel",
        title: t.parameters_title.into(),
        caption: t.parameters_caption.into(),
        summary: fill(t.parameters_summary, &values),
        scene,
    }
}
