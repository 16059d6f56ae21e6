//! The lab's numbers against the core's operators, against each other, and against published ones.

use super::compute::{self, images, sum};
use super::params::{Noise, Params, Pool};
use super::study::{Study, noise, object, shift};
use super::{Pooling, challenges, draw, explain};
use crate::core::ops::{Divisor, PaddingMode, Pool2d};
use crate::core::tensor::{Images, Map, Random};
use crate::labs::LABS;
use crate::stage::control::{Controls, Values};
use crate::stage::lab::{Act, Data, Focus, Lab, Look, Ran, Shared};
use crate::stage::link;
use crate::stage::scene::Mark;
use crate::stage::text::{Lang, Sentence};

/// The state that a link's query describes.
fn run(query: &str) -> Ran<Pooling> {
    run_with(query, &Data::new())
}

fn run_with(query: &str, data: &Data) -> Ran<Pooling> {
    let link = link::read(&format!("#/pooling?{query}"), LABS, data);
    assert!(link.problems.is_empty(), "{query}: {:?}", link.problems);
    let params = Params::read(&link.setup.values);
    let output = compute::compute(&params, link.setup.seed, data, None).unwrap();
    Ran { params, seed: link.setup.seed, output, beside: None }
}

fn fact(query: &str, name: &str) -> f64 {
    explain::facts(&run(query)).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
}

fn look(lang: Lang, width: f64, font: f64) -> Look<'static> {
    Look { lang, width, font, stroke: 1.0, focus: None, step: 0 }
}

fn four(tensor: &Shared) -> Images {
    tensor.clone().into_owned().into_dimensionality().unwrap()
}

fn random_runs(n: usize, seed: u64) -> Vec<Ran<Pooling>> {
    let mut random = Random::new(seed);
    let mut list = Vec::new();
    while list.len() < n {
        let mut values = Values::defaults(Params::CONTROLS);
        for (index, control) in Params::CONTROLS.iter().enumerate() {
            if random.below(2) == 0 {
                continue;
            }
            let value = control.random(&mut |n| random.below(n));
            let before = Params::read(&values);
            let mut after = Params::read(&values.with(index, value));
            Pooling::settle(&before, &mut after, &Data::new());
            values = after.write();
        }
        let (params, seed) = (Params::read(&values), list.len() as u64);
        if Pooling::check(&params, &Data::new()).is_ok() && params.size.0 * params.size.1 <= 5_000 {
            let output = compute::compute(&params, seed, &Data::new(), None).unwrap();
            list.push(Ran { params, seed, output, beside: None });
        }
    }
    list
}

/// What the learner sees first: ties, an overlap, and nothing lost.
#[test]
fn the_default_teaches_ties_and_overlaps() {
    for (name, expected) in [
        ("windows_tied", 4.0),
        ("cells_reached", 8.0),
        ("cells_shared", 1.0),
        ("grad_sum_in", 9.0),
        ("grad_sum_out", 9.0),
        ("grad_sum_split", 9.0),
        ("grad_sum_all", 14.0),
        ("largest_on_a_cell", 2.0),
        ("grad_lost", 0.0),
        ("parameters", 0.0),
        ("operations", 72.0),
    ] {
        assert!((fact("", name) - expected).abs() < 1e-6, "{name}: {}", fact("", name));
    }
}

/// `sum(output * g)` of a pool that is linear, or linear around this input, is `sum(input * grad_input)`; a power is
/// homogeneous of degree one, so that Euler's relation says the same of it.
#[test]
fn forward_and_backward_are_adjoint_on_the_page_s_tensors() {
    for run in random_runs(120, 3) {
        let o = &run.output;
        let dot =
            |a: &Shared, b: &Shared| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        let (out, back) = (dot(&o.output, &o.grad_output), dot(&o.input, &o.grad_input));
        let size = o.output.iter().zip(&o.grad_output).map(|(a, b)| f64::from((a * b).abs())).sum::<f64>();
        assert!((out - back).abs() <= 1e-4 * size.max(1.0), "{:?}: {out} and {back}", run.params);
        if matches!(run.params.pool, Pool::Max | Pool::Min | Pool::GlobalAvg | Pool::GlobalMax) {
            assert_eq!(o.lost(), Some(0.0), "{:?}", run.params);
        }
        if let Some(ties) = &o.ties {
            let size = o.grad_output.iter().map(|v| f64::from(v.abs())).sum::<f64>();
            assert!((sum(&ties.split) - sum(&o.grad_output)).abs() <= 1e-5 * size.max(1.0));
        }
    }
}

#[test]
fn padding_swallows_its_share_of_an_average() {
    // Of the nine ones, each corner window has 4 of 9 cells in the input and each edge window 6 of 9.
    let query = "pool=avg&size=3&stride=1&padding=1";
    let kept = 4.0 * 4.0 / 9.0 + 4.0 * 6.0 / 9.0 + 1.0;
    assert!((fact(query, "grad_sum_out") - kept).abs() < 1e-5);
    assert!((fact(query, "grad_lost") - (9.0 - kept)).abs() < 1e-5);
    let without = format!("{query}&count_include_pad=0");
    assert_eq!(fact(&without, "grad_lost"), 0.0);
    // A median of mostly zeros of the padding: the corner chooses one of them, and its gradient is gone.
    assert!(fact("pool=median&size=3&stride=1&padding=1", "grad_lost") > 0.0);
}

#[test]
fn outputs_are_the_core_s() {
    let run = run("size=9&kernel_size=3&stride=2&padding=1&ceil_mode=1");
    let x = four(&run.output.input);
    let pool = Pool2d { stride: [2, 2], pads: [(1, 1); 2], ceil_mode: true, ..Pool2d::new([3, 3]) };
    let max = pool.windows([9, 9]).unwrap().max(&x).unwrap();
    assert_eq!(four(&run.output.output), max.values);
    assert_eq!(four(&run.output.indices), max.indices.mapv(|i| i as f32));
    // Unread, hanging and size: 6 cells, kernel 3, stride 2 give 2 windows, or 3 with ceil_mode (PyTorch).
    assert_eq!((fact("size=6", "output_height"), fact("size=6&ceil_mode=1", "output_height")), (2.0, 3.0));
    assert_eq!((fact("size=6", "unread_rows"), fact("size=6&ceil_mode=1", "hanging_windows")), (1.0, 5.0));
    // Even windows with padding 1 make 9 of 8 at stride 1, and 5 at stride 2.
    assert_eq!(fact("size=8&kernel_size=2&stride=1&padding=1", "output_height"), 9.0);
    assert_eq!(fact("size=8&kernel_size=2&stride=2&padding=1", "output_height"), 5.0);
}

/// Salt of 5 % on a smooth picture (a ramp from 0.3 to 0.7), windows side by side: 2×2 gives RMSE 0.220 under max, 0.061
/// under mean, 0.031 under the median that averages the two middle numbers; 3×3 gives 0.309, 0.045, 0.0007. Gaussian
/// noise of 0.05 gives max 0.0605 and a bias of 1.03 σ. Measured by another program on a picture of this kind.
#[test]
fn noise_gives_the_published_errors() {
    let n = 360;
    let ramp = images(Map::from_shape_fn((n, n), |(r, c)| 0.3 + 0.4 * (r + c) as f32 / (2 * n - 2) as f32));
    let measured = |k: usize, noise: Noise| {
        let (noisy, hit) = noise::spoil(&ramp, noise, 0.05, (0.0, 1.0), 1);
        let pool = Pool2d::new([k, k]);
        let windows = pool.windows([n, n]).unwrap();
        let median = |x: &Images| {
            let low = pool.median(x, PaddingMode::Constant(0.0)).unwrap().values;
            let high = pool.median(&x.mapv(|v| -v), PaddingMode::Constant(0.0)).unwrap().values;
            (low - high) / 2.0
        };
        let max = |x: &Images| windows.max_values(x).unwrap();
        let mean = |x: &Images| windows.average(x, Divisor::default()).unwrap();
        let both = |f: &dyn Fn(&Images) -> Images| (f(&noisy), f(&ramp));
        let error = |f: &dyn Fn(&Images) -> Images| {
            let (a, b) = both(f);
            noise::rmse(&a, &b, 1.0)
        };
        let (a, b) = both(&max);
        let bias = f64::from((&a - &b).mean().unwrap());
        (error(&max), error(&mean), error(&median), bias, f64::from(max(&hit).mean().unwrap()))
    };
    let near = |got: f64, wanted: f64, share: f64| {
        assert!((got - wanted).abs() <= share * wanted, "{got}, not {wanted}");
    };
    let (max, mean, median, _, hit) = measured(2, Noise::Salt);
    near(max, 0.220, 0.04);
    near(mean, 0.061, 0.04);
    near(median, 0.031, 0.12);
    near(hit, 0.1855, 0.04);
    let (max, mean, median, _, hit) = measured(3, Noise::Salt);
    near(max, 0.309, 0.04);
    near(mean, 0.0454, 0.05);
    assert!(median < 0.01);
    near(hit, 0.3698, 0.04);
    let (max, mean, median, bias, _) = measured(2, Noise::Gaussian);
    near(max, 0.0605, 0.04);
    near(mean, 0.0249, 0.04);
    near(median, 0.0272, 0.04);
    near(bias, 1.03 * 0.05, 0.05);
}

#[test]
fn max_keeps_salt_and_the_median_does_not() {
    let error = |query: &str, name: &str| fact(&format!("panel=noise&kernel_size=2&{query}"), name);
    assert!(error("", "rmse_max") > 3.0 * error("", "rmse_avg"));
    assert!(error("", "rmse_avg") > 2.0 * error("", "rmse_median"));
    assert!(error("noise=pepper", "rmse_max") < 0.1 * error("noise=pepper", "rmse_min"));
    assert!((error("", "chance_hit") - 0.18549375).abs() < 1e-6);
    assert_eq!(error("strength=0", "rmse_max"), 0.0);
}

/// A lone pixel stays in its cell of 8 for a shift s with probability (8 − s)/8; a cell of a random map keeps its
/// maximum with probability (8 − s)/(8 + s); at 8 the map moves by exactly one cell.
#[test]
fn three_pools_move_in_steps_of_eight() {
    for s in [1usize, 2, 4, 7, 8] {
        let stays = (0..8)
            .filter(|column| {
                let mut x = Images::zeros((1, 1, 64, 64));
                x[[0, 0, 20, 16 + column]] = 1.0;
                let pooled = |x: &Images| shift::max_pools(x, 3).unwrap();
                pooled(&x) == pooled(&shift::roll(&x, 0, s))
            })
            .count();
        assert_eq!(stays, 8 - s);
        let mut random = Random::new(11);
        let x = Images::from_shape_simple_fn((1, 1, 512, 512), || random.uniform());
        let (a, b) = (shift::max_pools(&x, 3).unwrap(), shift::max_pools(&shift::roll(&x, 0, s), 3).unwrap());
        let same = a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64;
        let expected = (8.0 - s as f64) / (8.0 + s as f64);
        assert!((same - expected).abs() < 0.02, "{s}: {same}, not {expected}");
    }
    for axis in ["right", "down", "diagonal"] {
        for moved in ["points", "noise", "input"] {
            let run = run(&format!("panel=shift&shift_axis={axis}&moved={moved}&shift=8"));
            let Study::Shift(s) = &run.output.study else { panic!("no shift") };
            for d in [0, 8, 16] {
                assert_eq!(s.at(5, d), 0.0, "{axis} {moved} {d}");
            }
            assert_eq!((s.at(0, 0), s.at(4, 0)), (0.0, 0.0));
        }
    }
    // Lone points: one cell moves all of them without a pool, about half of them out of a cell of two.
    assert_eq!(fact("panel=shift&shift=1", "changed_none"), 1.0);
    assert!(fact("panel=shift&shift=1", "changed_three") < 0.35);
    assert_eq!(fact("panel=shift&shift=8", "changed_three_back"), 0.0);
}

/// The peak of a square is the square of the peak of a line: tried on whole maps.
#[test]
fn one_dimension_is_enough_for_a_square() {
    for (way, n, (r, c), layers) in
        [(0, 2, (17, 20), 3), (1, 3, (16, 19), 3), (1, 5, (18, 18), 2), (2, 1, (16, 17), 1)]
    {
        let mut x = Images::from_shape_fn((1, 1, 64, 64), |(_, _, i, j)| {
            f32::from((r..r + n).contains(&i) && (c..c + n).contains(&j))
        });
        for _ in 0..layers {
            let (_, _, h, w) = x.dim();
            let pool =
                if way == 2 { Pool2d { stride: [2, 2], ..Pool2d::new([1, 1]) } } else { Pool2d::new([2, 2]) };
            let windows = pool.windows([h, w]).unwrap();
            x = if way == 1 {
                windows.average(&x, Divisor::default()).unwrap()
            } else {
                windows.max_values(&x).unwrap()
            };
        }
        let whole = x.iter().fold(0.0f32, |m, v| m.max(*v));
        let lines = object::peak(way, n, r, layers).unwrap() * object::peak(way, n, c, layers).unwrap();
        assert!((whole - lines).abs() < 1e-6, "{way} {n}: {whole}, not {lines}");
    }
    // A 2-cell object behind three layers: max keeps 1, skipping meets it once in sixteen places.
    let at = |name| fact("panel=small_object&object_size=2&layers=3", name);
    assert_eq!((at("peak_max"), at("peak_skip")), (1.0, 1.0 / 16.0));
    assert!((at("peak_avg") - 0.05).abs() < 0.01, "{}", at("peak_avg"));
}

#[test]
fn order_and_heads_cost_what_they_cost() {
    let at = |name| fact("panel=order&size=8&kernel_size=2", name);
    assert_eq!((at("macs_conv_first"), at("macs_pool_first"), at("macs_ratio")), (576.0, 144.0, 4.0));
    let at = |query: &str, name| fact(&format!("panel=channels&kernel_size=2&{query}"), name);
    assert_eq!((at("size=8", "dense_head_parameters"), at("size=8", "gap_head_parameters")), (650.0, 50.0));
    assert_eq!(
        (at("size=16", "dense_head_parameters"), at("size=16", "gap_head_parameters")),
        (2570.0, 50.0)
    );
    assert_eq!((at("", "channels_in"), at("", "channels_out"), at("", "parameters")), (4.0, 4.0, 0.0));
}

#[test]
fn a_click_takes_a_gradient_away_or_gives_one() {
    let before = run("");
    let focus = Focus { tensor: "output", index: vec![0, 0, 0, 2] };
    let Some(Act::Load(name, changed)) = Pooling::click(&before, &focus) else { panic!("no act") };
    assert_eq!((name, changed[[0, 0, 0, 2].as_ref()], sum(&changed)), ("grad_output", 0.0, 8.0));
    let (mut params, mut data) = (before.params.clone(), Data::new());
    Pooling::load(name, changed.clone(), &mut params, &mut data).unwrap();
    let output = compute::compute(&params, 0, &data, None).unwrap();
    assert_eq!(output.grad_output, changed);
    assert_eq!(sum(&output.grad_input), 8.0);
    // Another size keeps what fits; another shape is refused with the shape it should have.
    let wider = run_with("grad=own&size=9", &data);
    assert_eq!((sum(&wider.output.grad_output), wider.output.size()), (8.0, (4, 4)));
    let wrong = Images::zeros((1, 1, 2, 2)).into_dyn().into_shared();
    let refused = Pooling::load("grad_output", wrong, &mut params, &mut data).unwrap_err();
    assert!(refused.say(Lang::En).contains("[1, 1, 3, 3]"));
    assert!(Pooling::click(&run("panel=noise"), &focus).is_none());
}

#[test]
fn what_can_t_be_computed_says_why() {
    let refused = |query: &str| {
        let link = link::read(&format!("#/pooling?{query}"), LABS, &Data::new());
        let refused = Pooling::check(&Params::read(&link.setup.values), &Data::new());
        refused.unwrap_err().say(Lang::En)
    };
    assert!(refused("size=1&kernel_size=2&padding=1&dilation=2").contains("padding alone"));
    assert!(refused("size=512&kernel_size=15&stride=1").contains("larger stride"));
    assert!(refused("padding=2").contains("padding"));
    assert!(refused("size=2&kernel_size=5").contains("kernel"));
}

/// Whatever can be set is explained in whole sentences with finite numbers, asks, and draws on its picture.
#[test]
fn every_setting_explains_itself() {
    for (at, run) in random_runs(200, 11).into_iter().enumerate() {
        let what = format!("{:?}", run.params);
        assert!(explain::facts(&run).iter().all(|(_, v)| v.is_finite()), "{what}");
        let lang = Lang::ALL[at % 2];
        let (width, font) = [(330.0, 12.0), (760.0, 12.0), (1000.0, 17.0), (330.0, 20.0)][at % 4];
        let look = look(lang, width, font);
        let insight = explain::insight(&run, &look);
        let said = format!(
            "{:?} {} {:?} {:?} {:?}",
            insight.equation, insight.answer, insight.notes, insight.tables, insight.formulas
        );
        assert!(!insight.answer.is_empty() && insight.formulas.len() == 2, "{what}");
        let asked = challenges::challenge(&run, at as u64, lang).unwrap();
        assert_eq!(asked.options.iter().filter(|a| a.right).count(), 1, "{what}");
        let mut text = said + &format!("{asked:?}");
        for figure in draw::figures(&run, &look) {
            text += &format!("{} {} {}", figure.title, figure.caption, figure.summary);
            assert!(figure.scene.height > 20.0 && figure.scene.height < 3000.0, "{what}");
            for mark in &figure.scene.marks {
                let rect = match mark {
                    Mark::Box { rect, .. } | Mark::Cell { rect, .. } | Mark::Plane { rect, .. } => rect,
                    _ => continue,
                };
                let inside = rect.x >= -6.0
                    && rect.right() <= width + 6.0
                    && rect.bottom() <= figure.scene.height + 6.0;
                assert!(inside, "{what} {width} {}: {rect:?} of {}", figure.id, figure.scene.height);
            }
        }
        for hole in ["NaN", "∞", "{n}", "{h", "{s", "{w", "{m", "{d"] {
            assert!(!text.contains(hole), "{what}: {hole} in {text}");
        }
    }
}

#[test]
fn rounds_bring_every_kind_of_question() {
    for query in
        ["", "pool=avg&padding=1", "pool=global_max", "panel=noise&input=shapes&size=64", "panel=shift"]
    {
        let run = run(query);
        let mut asks: Vec<String> =
            (0..7).map(|round| challenges::challenge(&run, round, Lang::En).unwrap().ask).collect();
        asks.sort();
        asks.dedup();
        assert!(asks.len() >= 6 || run.params.pool.is_global() && asks.len() >= 5, "{query}: {asks:?}");
        for round in 0..14 {
            let asked = challenges::challenge(&run, round, Lang::Zh).unwrap();
            assert!((3..=4).contains(&asked.options.len()));
            if let Some(show) = asked.show {
                super::tests::run(&show);
            }
        }
    }
}

/// Prints what a state costs; run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn time() {
    for query in [
        "",
        "input=shapes&size=256&kernel_size=2",
        "input=shapes&size=256&kernel_size=8&stride=8",
        "input=shapes&size=256&kernel_size=3&stride=1",
        "input=shapes&size=256&panel=noise&kernel_size=2",
        "input=shapes&size=256&panel=order&kernel_size=2",
        "input=shapes&size=256&panel=channels&kernel_size=2",
        "panel=shift",
        "panel=small_object",
        "panel=small_object&layers=4",
        "panel=noise",
        "input=shapes&size=512&stride=1",
        "input=shapes&size=512&stride=1&panel=channels",
        "input=shapes&size=256&pool=lp&stride=2",
        "input=shapes&size=256&pool=median&kernel_size=5&stride=2",
        "input=shapes&size=512&stride=3&panel=noise&kernel_size=3",
    ] {
        let link = link::read(&format!("#/pooling?{query}"), LABS, &Data::new());
        let params = Params::read(&link.setup.values);
        let first = compute::compute(&params, 0, &Data::new(), None).unwrap();
        let mut before = Ran { params: params.clone(), seed: 0, output: first, beside: None };
        let mut times: Vec<(f64, f64)> = (0..9)
            .map(|_| {
                let start = std::time::Instant::now();
                let output = compute::compute(&params, 0, &Data::new(), Some(&before)).unwrap();
                before = Ran { params: params.clone(), seed: 0, output, beside: None };
                let computed = start.elapsed().as_secs_f64() * 1e3;
                draw::figures(&before, &look(Lang::En, 760.0, 12.0));
                explain::insight(&before, &look(Lang::En, 760.0, 12.0));
                (computed, start.elapsed().as_secs_f64() * 1e3 - computed)
            })
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        println!("{:6.2} + {:5.2} ms  {query}", times[4].0, times[4].1);
    }
}

/// The convolution lab's output comes in as it is, with negative numbers, whatever pool and windows are set.
#[test]
fn a_feature_map_of_the_convolution_lab_is_taken() {
    let convolution = LABS.iter().find(|lab| lab.slug() == "convolution").unwrap();
    let pooling = LABS.iter().find(|lab| lab.slug() == "pooling").unwrap();
    let finds = crate::stage::work::Finds::default();
    for hash in [
        "#/convolution?kernel=sobel_x",
        "#/convolution?kernel=laplacian&size=4",
        "#/convolution?kernel=sobel_x&input=shapes&size=300",
    ] {
        let link = link::read(hash, LABS, &Data::new());
        let run = convolution.run(&link.setup.values, None, 1, (&Data::new(), &finds), None).unwrap();
        let map = run.tensors().into_iter().find(|(name, _)| *name == "output").unwrap().1;
        assert!(map.iter().any(|v| *v < 0.0), "{hash}");
        for query in [
            "",
            "pool=lp&norm_type=3",
            "size=64&kernel_size=11&padding=5&dilation=3",
            "pool=median&kernel_size=9&stride=4&size=64",
        ] {
            let before = link::read(&format!("#/pooling?{query}"), LABS, &Data::new());
            assert!(before.problems.is_empty(), "{query}: {:?}", before.problems);
            let mut data = Data::new();
            let values = pooling.load("input", map.clone(), &before.setup.values, &mut data).unwrap();
            let what = format!("{hash} then {query}");
            let run = pooling.run(&values, None, 1, (&data, &finds), None);
            let run = run.unwrap_or_else(|why| panic!("{what}: {}", why.say(Lang::En)));
            let input = run.tensors().into_iter().find(|(name, _)| *name == "input").unwrap().1;
            assert_eq!(input, map, "{what}");
        }
    }
}
