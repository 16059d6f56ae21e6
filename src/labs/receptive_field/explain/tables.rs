//! Tables of facts.

use super::{by, channels, sigma_theory, slope};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::compute::Extra;
use crate::labs::receptive_field::draw::series_names;
use crate::labs::receptive_field::jobs::DEPTHS;
use crate::labs::receptive_field::measure::{RATIOS, SHARES};
use crate::labs::receptive_field::params::cost;
use crate::labs::receptive_field::stack::Reach;
use crate::labs::receptive_field::text::Text;
use crate::stage::insight::Fact;
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{count, fill, number, percent};

/// All of them.
pub fn tables(run: &Ran<ReceptiveField>, look: &Look) -> Vec<(String, Vec<Fact>)> {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let fact = |name: &'static str, label: &str, detail: &str, value: String| Fact {
        name,
        label: label.into(),
        detail: detail.into(),
        value,
    };
    let last = o.scene.maps.last().copied().unwrap_or(o.all[0]);
    let two = |v: (f64, f64)| {
        if v.0 == v.1 { number(v.0, 2) } else { format!("{}, {}", number(v.0, 2), number(v.1, 2)) }
    };
    let axes = |f: fn(&Reach) -> f64| two((f(&last.reach[0]), f(&last.reach[1])));
    let mut first = vec![fact("receptive_field", t.field_fact, t.by_recurrence, by(o.support.size()))];
    if let Some(s) = &o.stats {
        let [top, bottom, left, right] = s.extent;
        let measured = format!("{} × {}", bottom - top + 1, right - left + 1);
        first.push(fact("measured_width", t.field_fact, t.by_gradient, measured));
    }
    first.extend([
        fact("effective_stride", t.effective_stride, "", axes(|r| r.jump)),
        fact("effective_padding", t.effective_padding, "", axes(|r| r.padding())),
        fact("first_centre", t.first_centre, "", axes(|r| r.centre())),
        fact("sigma_theory", t.sigma_theory, t.equal_weights, number(sigma_theory(run), 3)),
    ]);
    if let Some(s) = &o.stats {
        first.push(fact("sigma", t.sigma_measured, t.columns_word, number(s.sigma.1, 3)));
        if let Some(fit) = s.fits[1] {
            first.push(fact("sigma_fit", t.sigma_fit, "", number(fit.sigma.min(1e6), 3)));
        }
        first.push(fact("size_4_55", t.size_4_55, "", number(s.size_4_55, 1)));
    }
    let mut list = vec![(t.theory_table.into(), first)];
    if let Some(second) = &run.beside {
        let o = &second.output;
        let (parameters, macs, _) = cost(&o.scene.stack, &o.scene.maps, channels(&second.params));
        let mut rows = vec![fact("beside_field_width", t.field_fact, t.by_recurrence, by(o.support.size()))];
        if let Some(s) = &o.stats {
            let square = fill(t.in_square, &[("side", s.held[2].side.to_string())]);
            rows.push(fact("beside_sigma", t.sigma_measured, t.columns_word, number(s.sigma.1, 3)));
            rows.push(fact("beside_square_95", &percent(SHARES[2]), "", square));
        }
        rows.push(fact("beside_parameters", t.parameters, "", count(parameters)));
        rows.push(fact("beside_macs", t.macs, "", count(macs)));
        list.push((t.beside_table.into(), rows));
    }
    if let Some(s) = &o.stats {
        let (h, w) = o.support.size();
        let names = ["cells_50", "cells_90", "cells_95", "cells_99"];
        let mut rows: Vec<Fact> = SHARES
            .iter()
            .zip(names)
            .zip(&s.held)
            .map(|((share, name), held)| {
                let value = percent(held.cells as f64 / (h * w).max(1) as f64);
                let detail = fill(t.in_square, &[("side", held.side.to_string())]);
                fact(name, &percent(*share), &detail, value)
            })
            .collect();
        for ((ratio, share), name) in
            s.ratios.iter().zip(RATIOS).zip(["area_20", "area_30", "area_50", "area_99"])
        {
            if let Some(ratio) = ratio {
                let label = fill(t.area_ratio, &[("share", percent(share))]);
                rows.push(fact(name, &label, t.area_ratio_of, percent(ratio.ratio)));
            }
        }
        list.push((t.shares_table.into(), rows));
    }
    if let Extra::Growth(Some(found)) = &o.extra {
        let names = [
            "slope_uniform",
            "slope_random",
            "slope_relu",
            "slope_tanh",
            "slope_sigmoid",
            "slope_dropout",
            "slope_skip",
        ];
        let rows = series_names(t).into_iter().zip(names).enumerate().filter_map(|(at, (label, name))| {
            let points: Vec<(f64, f64)> = DEPTHS
                .iter()
                .enumerate()
                .map(|(i, d)| (*d as f64, f64::from(value_at(found, at, i))))
                .collect();
            Some(fact(name, label, "", number(slope(&points)?, 2)))
        });
        let rows: Vec<Fact> = rows.collect();
        if !rows.is_empty() {
            list.push((t.slopes_table.into(), rows));
        }
    }
    let (parameters, macs, _) = cost(&o.scene.stack, &o.scene.maps, channels(p));
    let channels = fill(t.channels_of, &[("channels", p.channels.to_string())]);
    list.push((
        t.cost_table.into(),
        vec![
            fact("parameters", t.parameters, &channels, count(parameters)),
            fact("macs", t.macs, "", count(macs)),
        ],
    ));
    list
}
