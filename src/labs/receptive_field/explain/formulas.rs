//! The recurrence and the spread, with these numbers.

use super::sigma_theory;
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::text::Text;
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, frac, id, num, op, row, strong};
use crate::stage::text::{fill, number};

/// The recurrence at the unit's layer, and σ.
pub fn formulas(run: &Ran<ReceptiveField>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let t = Text::of(look.lang);
    let o = &run.output;
    let at = o.scene.stack.layers.len();
    let (Some(layer), Some(before), Some(after)) =
        (o.scene.stack.layers.last(), o.scene.maps.get(at.saturating_sub(1)), o.scene.maps.last())
    else {
        return Vec::new();
    };
    let [k, s, p, d] = layer.along(1);
    let (b, a) = (before.reach[1], after.reach[1]);
    let n = |v: f64| num(number(v, 2));
    let fenced = |pieces: Vec<Math>| Math::Fenced(Box::new(row(pieces)));
    let mut lines = vec![
        row([id("r"), op("+"), fenced(vec![id("k"), op("−"), num(1)]), op("·"), id("d"), op("·"), id("j")]),
        row([
            op("="),
            n(b.size()),
            op("+"),
            fenced(vec![num(k), op("−"), num(1)]),
            op("·"),
            num(d),
            op("·"),
            n(b.jump),
            op("="),
            strong(n(b.size() + (k - 1) as f64 * d as f64 * b.jump)),
        ]),
        row([id("j"), op("·"), id("s"), op("="), n(b.jump), op("·"), num(s), op("="), strong(n(a.jump))]),
        row([
            id("c"),
            op("+"),
            fenced(vec![
                frac(row([fenced(vec![id("k"), op("−"), num(1)]), op("·"), id("d")]), num(2)),
                op("−"),
                id("p"),
            ]),
            op("·"),
            id("j"),
        ]),
        row([
            op("="),
            n(b.centre()),
            op("+"),
            fenced(vec![n((k - 1) as f64 * d as f64 / 2.0), op("−"), num(p)]),
            op("·"),
            n(b.jump),
            op("="),
            strong(n(b.centre() + ((k - 1) as f64 * d as f64 / 2.0 - p as f64) * b.jump)),
        ]),
        Math::Text(t.recurrence_letters.into()),
    ];
    if o.scene.stack.skip_to(at - 1).is_some() {
        lines.push(Math::Text(t.recurrence_skip.into()));
    }
    let mut list = vec![(fill(t.recurrence, &[("layer", at.to_string())]), lines)];
    let sigma = strong(n3(sigma_theory(run)));
    let first = o.scene.stack.layers[0];
    let alike = o.scene.stack.skips.is_empty()
        && o.scene
            .stack
            .layers
            .iter()
            .all(|l| l.kernel_size == first.kernel_size && l.stride == (1, 1) && l.dilation == (1, 1));
    let line = if alike {
        row([
            id("σ"),
            op("="),
            Math::Text("√".into()),
            fenced(vec![frac(
                row([
                    num(at),
                    op("·"),
                    fenced(vec![num(first.kernel_size.1), Math::Text("²".into()), op("−"), num(1)]),
                ]),
                num(12),
            )]),
            op("="),
            sigma,
        ])
    } else {
        row([
            id("σ"),
            op("="),
            Math::Text("√".into()),
            fenced(vec![
                Math::Sum(Box::new(Math::Text(t.layers_word.into())), Box::new(Math::Text(String::new()))),
                frac(
                    row([
                        id("j"),
                        Math::Text("²".into()),
                        id("d"),
                        Math::Text("²".into()),
                        fenced(vec![id("k"), Math::Text("²".into()), op("−"), num(1)]),
                    ]),
                    num(12),
                ),
            ]),
            op("="),
            sigma,
        ])
    };
    list.push((t.sigma_formula.into(), vec![line, Math::Text(t.sigma_because.into())]));
    list
}

fn n3(v: f64) -> Math {
    num(number(v, 3))
}
