//! Every number of a state, by its stable name.

use super::{channels, comb_share, covering, expected_sigma, mass, padding_share, sigma_theory, slope};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::compute::Extra;
use crate::labs::receptive_field::jobs::{DEPTHS, SERIES};
use crate::labs::receptive_field::measure::{DECADES, SHARES};
use crate::labs::receptive_field::params::cost;
use crate::stage::lab::Ran;
use crate::stage::scene::grid::value_at;

/// Every number, by its stable name.
pub fn facts(run: &Ran<ReceptiveField>) -> Vec<(&'static str, f64)> {
    let (p, o) = (&run.params, &run.output);
    if let Some(n) = &o.published {
        return super::network::facts(run, n);
    }
    let (tall, wide) = o.support.size();
    let last = o.scene.maps.last().copied().unwrap_or(o.all[0]);
    let (parameters, macs, _) = cost(&o.scene.stack, &o.scene.maps, channels(p));
    let on = |axis: usize| o.combs[axis].iter().filter(|on| **on).count() as f64;
    let n = |n: usize| n as f64;
    let mut list = vec![
        ("receptive_field", tall.max(wide) as f64),
        ("receptive_field_height", tall as f64),
        ("receptive_field_width", wide as f64),
        ("effective_stride", last.reach[1].jump),
        ("effective_stride_height", last.reach[0].jump),
        ("effective_padding", last.reach[1].padding()),
        ("effective_padding_height", last.reach[0].padding()),
        ("first_centre", last.reach[1].centre()),
        ("first_centre_height", last.reach[0].centre()),
        ("output_height", n(last.size.0)),
        ("output_width", n(last.size.1)),
        ("layers", n(o.whole.layers.len())),
        ("depth", n(o.scene.stack.layers.len())),
        ("unit_row", n(o.scene.unit.0)),
        ("unit_column", n(o.scene.unit.1)),
        ("centre_row", o.scene.centre().0),
        ("centre_column", o.scene.centre().1),
        ("support_top", o.support.top as f64),
        ("support_bottom", o.support.bottom as f64),
        ("support_left", o.support.left as f64),
        ("support_right", o.support.right as f64),
        ("padding_share", padding_share(run)),
        ("parameters", parameters),
        ("macs", macs),
        ("sigma_theory", sigma_theory(run)),
        ("sigma_theory_height", o.sigmas.last().map_or(0.0, |s| s.0)),
        ("sigma_expected", expected_sigma(run)),
        ("touched_height", on(0)),
        ("touched_width", on(1)),
        ("touched", n(o.covered.0)),
        ("coverage", n(o.covered.0) / n(o.covered.1.max(1))),
        ("coverage_width", comb_share(o, 1)),
        ("field_on_input", n(o.covered.1)),
        ("draws_done", o.sums.as_ref().map_or(0.0, |s| n(s.done))),
        ("working", f64::from(u8::from(o.working.is_some_and(|share| share < 1.0)))),
        ("work_share", f64::from(o.working.unwrap_or(1.0))),
        ("decades", DECADES),
        ("centre_share", 0.0455),
        ("slope_from", 8.0),
        ("held_low", SHARES[0]),
        ("held_high", SHARES[2]),
        ("object", p.object as f64),
    ];
    let apart = o.scene.maps.iter().fold(0.0f64, |m, map| m.max(map.apart.0).max(map.apart.1));
    list.push(("apart", apart));
    if let Some(s) = &o.stats {
        list.extend([
            ("sigma", s.sigma.1),
            ("sigma_height", s.sigma.0),
            ("mass", s.total),
            ("measured_height", n(s.extent[1] - s.extent[0] + 1)),
            ("measured_width", n(s.extent[3] - s.extent[2] + 1)),
            ("measured_cells", n(s.touched)),
            ("size_4_55", s.size_4_55),
            ("ratio_4_55", s.size_4_55 / tall.max(wide).max(1) as f64),
        ]);
        if let Some(fit) = s.fits[1] {
            list.push(("sigma_fit", fit.sigma.min(1e6)));
        }
        let names = [
            ["cells_50", "share_50", "square_50"],
            ["cells_90", "share_90", "square_90"],
            ["cells_95", "share_95", "square_95"],
            ["cells_99", "share_99", "square_99"],
        ];
        for (held, [cells, share, square]) in s.held.iter().zip(names) {
            list.push((cells, n(held.cells)));
            list.push((share, n(held.cells) / (tall * wide).max(1) as f64));
            list.push((square, n(held.side)));
        }
        for (ratio, name) in s.ratios.iter().zip(["area_20", "area_30", "area_50", "area_99"]) {
            list.extend(ratio.map(|ratio| (name, ratio.ratio)));
        }
    }
    if let Some(s) = run.beside.as_ref().and_then(|second| second.output.stats.as_ref()) {
        list.push(("beside_sigma", s.sigma.1));
    }
    if let Some(second) = &run.beside {
        let (o, p) = (&second.output, &second.params);
        let (h, w) = o.support.size();
        let (parameters, macs, _) = cost(&o.scene.stack, &o.scene.maps, channels(p));
        list.extend([
            ("beside_field_height", h as f64),
            ("beside_field_width", w as f64),
            ("beside_parameters", parameters),
            ("beside_macs", macs),
        ]);
        list.extend(o.stats.as_ref().map(|s| ("beside_square_95", n(s.held[2].side))));
    }
    match &o.extra {
        Extra::Growth(Some(found)) => {
            let names = [
                "slope_uniform",
                "slope_random",
                "slope_relu",
                "slope_tanh",
                "slope_sigmoid",
                "slope_dropout",
                "slope_skip",
            ];
            for (at, name) in names.into_iter().enumerate().take(SERIES) {
                let points: Vec<(f64, f64)> = DEPTHS
                    .iter()
                    .enumerate()
                    .map(|(i, d)| (n(*d), f64::from(value_at(found, at, i))))
                    .collect();
                list.extend(slope(&points).map(|s| (name, s)));
            }
        }
        Extra::Border(maps, _) => {
            let names = ["mass_zeros", "mass_reflect", "mass_replicate", "mass_circular"];
            for ((_, map), name) in maps.iter().zip(names) {
                list.extend(map.as_ref().map(|map| (name, mass(map))));
            }
        }
        Extra::Object(Some(_)) => {
            list.extend(covering(run, 0).map(|d| ("covering_depth_field", n(d))));
            list.extend(covering(run, 1).map(|d| ("covering_depth", n(d))));
        }
        Extra::Back(_, cell, counts) => {
            list.extend([("pixel_row", n(cell.0)), ("pixel_column", n(cell.1))]);
            if let Some((h, w)) = counts.last() {
                list.extend([("reached_height", n(*h)), ("reached_width", n(*w))]);
            }
        }
        _ => {}
    }
    list
}
