//! Sums of the gradient's columns, the Gaussian that fits them, and the one of the theory.

use super::{below, fitted, names};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::explain::{expected_sigma, sigma_theory};
use crate::labs::receptive_field::text::Text;
use crate::stage::chart::{LineChart, Series, lines};
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::{Ink, Rect, Scene};
use crate::stage::text::{fill, number};

/// Most points of a curve.
const POINTS: i64 = 120;

/// Draws it, with a heading.
pub fn scene(run: &Ran<ReceptiveField>, look: &Look) -> Scene {
    let t = Text::of(look.lang);
    let o = &run.output;
    let mut scene = Scene::new(look.width);
    scene.heading((1.0, look.font * 1.1), t.profile, t.profile_remark, look.font * 1.08, look.width - 2.0);
    let Some(stats) = &o.stats else {
        fitted(&mut scene, (1.0, look.font * 2.6), t.no_profile, look.font, Ink::Ink2, look.width - 2.0);
        scene.reach(look.font * 3.2);
        return scene;
    };
    let n = i64::try_from(stats.columns.len()).unwrap_or(i64::MAX);
    let (first, last) = (o.support.left.clamp(0, n - 1), o.support.right.clamp(0, n - 1));
    let (first, last) = ((first - 1).max(0), (last + 1).min(n - 1));
    let at = |columns: &[f64], c: i64| {
        usize::try_from(c).ok().and_then(|c| columns.get(c)).copied().unwrap_or(0.0)
    };
    let measured = |columns: &[f64]| (first..=last).map(|c| (c as f64, at(columns, c))).collect::<Vec<_>>();
    let bell = |height: f64, centre: f64, sigma: f64| {
        (0..=POINTS)
            .map(|i| {
                let x = first as f64 + (last - first) as f64 * i as f64 / POINTS as f64;
                (x, height * (-0.5 * ((x - centre) / sigma).powi(2)).exp())
            })
            .collect::<Vec<_>>()
    };
    let name = |template: &str, sigma: f64| fill(template, &[("sigma", number(sigma, 3))]);
    let mut series = vec![Series {
        points: measured(&stats.columns),
        ink: Ink::Ink,
        name: name(t.measured_sigma, stats.sigma.1),
        dashed: false,
    }];
    if let Some(second) = run.beside.as_ref().and_then(|s| s.output.stats.as_ref()) {
        series.push(Series {
            points: measured(&second.columns),
            ink: Ink::Tap { index: 5, of: 9 },
            name: name(t.beside_sigma, second.sigma.1),
            dashed: false,
        });
    } else {
        if let Some(fit) = stats.fits[1].filter(|fit| fit.sigma > 0.0 && fit.sigma < 1e4) {
            series.push(Series {
                points: bell(fit.height, fit.centre, fit.sigma),
                ink: Ink::Tap { index: 5, of: 9 },
                name: name(t.fitted_sigma, fit.sigma),
                dashed: false,
            });
        }
        let sigma = expected_sigma(run);
        if sigma > 0.3 {
            let height = 1.0 / (sigma * (2.0 * std::f64::consts::PI).sqrt());
            series.push(Series {
                points: bell(height, o.scene.centre().1, sigma),
                ink: Ink::Tap { index: 0, of: 9 },
                name: name(
                    if sigma > sigma_theory(run) * 1.01 { t.theory_root } else { t.theory_sigma },
                    sigma,
                ),
                dashed: true,
            });
        }
    }
    let named = series.iter_mut().map(|s| (s.ink, s.dashed, std::mem::take(&mut s.name))).collect();
    let y = names(&mut scene, named, look.font * 2.9, look);
    let rect = Rect::new(0.0, y - look.font * 1.2, look.width, 165.0 + look.font * 2.0);
    let chart = LineChart {
        rect,
        series: &series,
        x_label: t.column,
        mark: None,
        font: look.font,
        stroke: look.stroke,
    };
    lines(&mut scene, &chart);
    below(&mut scene, look);
    scene
}
