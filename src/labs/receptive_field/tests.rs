//! The lab's numbers against published facts, and against the gradient itself.

use super::jobs::{equal, equal_gradient, width_95};
use super::measure::stats;
use super::params::Params;
use super::stack::{self, Stack};
use super::*;
use crate::core::analysis::nonzero_box;
use crate::core::nets::Net;
use crate::core::ops::PaddingMode;
use crate::core::tensor::Random;
use crate::labs::LABS;
use crate::stage::control::Controls;
use crate::stage::link;
use crate::stage::work::Finds;

/// The state that a link's query describes, with everything in the background done.
pub fn run(query: &str) -> Ran<ReceptiveField> {
    let link = link::read(&format!("#/receptive-field?{query}"), LABS, &Data::new());
    assert!(link.problems.is_empty(), "{query}: {:?}", link.problems);
    let (params, seed) = (Params::read(&link.setup.values), link.setup.seed);
    let mut finds = Finds::default();
    finds.finish(ReceptiveField::works(&params, seed, &Data::new()));
    let given = Given { data: &Data::new(), finds: &finds, before: None };
    let output = compute::compute(&params, seed, given).unwrap_or_else(|e| panic!("{query}: {e:?}"));
    Ran { params, seed, output, beside: None }
}

fn fact(query: &str, name: &str) -> f64 {
    explain::facts(&run(query)).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
}

fn refused(query: &str) -> String {
    let link = link::read(&format!("#/receptive-field?{query}"), LABS, &Data::new());
    let params = Params::read(&link.setup.values);
    format!("{:?}", params::check(&params, &Data::new()).unwrap_err())
}

fn plain(text: &str) -> Stack {
    Stack { layers: stack::parse(text).unwrap(), skips: vec![] }
}

fn threes(n: usize) -> String {
    vec!["c3"; n].join(",")
}

#[test]
fn the_field_is_that_of_the_recurrence() {
    let sizes = |text: &str| {
        let maps = plain(text).maps((300, 300)).unwrap();
        maps.iter().skip(1).map(|m| m.reach[1].size()).collect::<Vec<_>>()
    };
    assert_eq!(sizes("c3,c3s2,c3s2"), [3.0, 5.0, 9.0]);
    // The convolutions and poolings of VGG-16 (Araujo, Norris, Sim, Distill 2019): 212.
    let vgg = "c3,c3,m2,c3,c3,m2,c3,c3,c3,m2,c3,c3,c3,m2,c3,c3,c3,m2";
    assert_eq!(sizes(vgg).last(), Some(&212.0));
    // AlexNet up to its last pooling: 195.
    assert_eq!(sizes("c11s4p2,m3s2,c5,m3s2,c3,c3,c3,m3s2").last(), Some(&195.0));
    assert_eq!(fact("layers=c3,c3s2,c3s2&size=32", "measured_width"), 9.0);
}

/// The core's own arithmetic and the gradient agree with the lab's over random stacks.
#[test]
fn the_gradient_touches_the_field_and_nothing_else() {
    let mut random = Random::new(4);
    let (mut tried, mut dense) = (0, 0);
    while tried < 200 {
        let text = (0..1 + random.below(5))
            .map(|_| match random.below(4) {
                0 => format!("a{}s{}", 1 + random.below(3), 1 + random.below(2)),
                kind => format!(
                    "{}{}x{}s{}d{}",
                    ['c', 'w', 'c'][kind - 1],
                    1 + random.below(4),
                    1 + random.below(4),
                    1 + random.below(2),
                    1 + random.below(3)
                ),
            })
            .collect::<Vec<_>>()
            .join(",");
        let mut one = plain(&text);
        let size = (70 + random.below(9), 71);
        if random.below(2) == 0 && one.layers.len() > 1 {
            one.skips = vec![(random.below(one.layers.len() - 1), one.layers.len() - 1)];
        }
        let Ok(maps) = one.maps(size) else { continue };
        tried += 1;
        let net: Net = equal(&one, PaddingMode::Constant(0.0));
        let last = maps.last().unwrap();
        let core = *net.receptive_fields(size).unwrap().last().unwrap();
        assert_eq!(core.size, (last.reach[0].size(), last.reach[1].size()), "{text} {:?}", one.skips);
        assert_eq!(core.jump, (last.reach[0].jump, last.reach[1].jump), "{text}");
        assert_eq!(core.first_centre, (last.reach[0].centre(), last.reach[1].centre()), "{text}");
        assert_eq!(core.padding, (last.reach[0].padding(), last.reach[1].padding()), "{text}");
        let unit = (random.below(last.size.0), random.below(last.size.1));
        let map = equal_gradient(&net, size, unit).unwrap();
        let touched = one.touched_map(&maps, unit);
        for (at, (cell, on)) in map.iter().zip(&touched).enumerate() {
            assert_eq!(*cell != 0.0, *on == 1, "{text} {:?} {unit:?} {at}", one.skips);
        }
        // The box around what is touched is the field on the picture: first and last tap are never left out.
        let support = net.support(size, unit).unwrap();
        if support.on_padding(size) == [0; 4] {
            dense += 1;
            let found = nonzero_box(&map).unwrap().map(|n| n as i64);
            assert_eq!(found, [support.top, support.bottom, support.left, support.right], "{text}");
            if one.skips.is_empty() {
                let mean = [0, 1].map(|axis| one.spread(axis, [unit.0, unit.1][axis] as f64, 1.0));
                let measured = crate::core::analysis::profile(&map);
                assert!((measured.centre.0 - mean[0].0).abs() < 1e-3, "{text}");
                assert!((measured.sigma.0 - mean[0].1.sqrt()).abs() < 1e-3, "{text}");
                assert!((measured.sigma.1 - mean[1].1.sqrt()).abs() < 1e-3, "{text}");
            }
        }
        // The way back is the same relation read from the other side.
        let pixel = (random.below(size.0), random.below(size.1));
        let reached = one.reached_maps(&maps, pixel);
        assert_eq!(
            reached.last().unwrap()[unit.0 * last.size.1 + unit.1],
            touched[pixel.0 * size.1 + pixel.1],
            "{text} {pixel:?}"
        );
    }
    assert!(dense > 40, "{dense}");
}

/// σ = √(n (k² − 1) / 12) to three decimals (Luo et al., 2016), and the ratio of the 4.55 % rule.
#[test]
fn uniform_weights_give_the_published_numbers() {
    for (n, ratio) in [(5, 0.755), (10, 0.557), (20, 0.394), (40, 0.281), (80, 0.200)] {
        let size = 2 * n + 11;
        let query = format!("layers={}&size={size}&object=9", threes(n));
        let sigma = (n as f64 * 8.0 / 12.0).sqrt();
        assert!((fact(&query, "sigma") - sigma).abs() < 5e-4, "{n}");
        assert!((fact(&query, "sigma_theory") - sigma).abs() < 1e-9, "{n}");
        assert!((fact(&query, "ratio_4_55") - ratio).abs() < 5e-4, "{n}");
    }
    for k in [2usize, 5, 7] {
        let text = vec![format!("c{k}"); 6].join(",");
        let (field, _) = width_95(&plain(&text)).unwrap();
        assert_eq!(field, (6 * (k - 1) + 1) as f64);
        let expected = (6.0 * (k * k - 1) as f64 / 12.0).sqrt();
        assert!((plain(&text).spread(1, 0.0, 1.0).1.sqrt() - expected).abs() < 1e-9);
    }
}

/// Size above 4.55 % of the centre of `n` layers of k × k equal weights, from a run of PyTorch; σ is the formula's.
#[test]
fn uniform_stacks_have_the_sizes_that_pytorch_gives() {
    let table = [
        (3, 1, 3.0),
        (3, 2, 5.0),
        (3, 3, 6.708204),
        (3, 5, 8.306624),
        (3, 7, 9.848858),
        (3, 10, 11.7047),
        (3, 15, 13.892444),
        (3, 20, 16.155494),
        (3, 30, 19.621417),
        (3, 40, 22.737634),
        (3, 60, 27.87472),
        (3, 80, 32.264532),
        (5, 1, 5.0),
        (5, 2, 8.774964),
        (5, 3, 11.357817),
        (5, 5, 13.892444),
        (5, 7, 16.881943),
        (5, 10, 19.824228),
        (5, 15, 24.351591),
        (5, 20, 28.017851),
        (5, 30, 34.307434),
        (5, 40, 39.560081),
        (7, 1, 7.0),
        (7, 2, 12.529964),
        (7, 3, 15.779734),
        (7, 5, 20.124612),
        (7, 7, 23.515952),
        (7, 10, 28.017851),
        (7, 15, 34.539832),
        (7, 20, 39.560081),
        (7, 30, 48.4252),
    ];
    for (k, n, size) in table {
        let sigma = (n as f64 * (k * k - 1) as f64 / 12.0).sqrt();
        let field = n * (k - 1) + 1;
        let layers = vec![format!("c{k}"); n].join(",");
        let query = format!("layers={layers}&size={}&object=1", field + 2);
        assert!((fact(&query, "sigma") - sigma).abs() < 5e-4, "{k} {n}: {}", fact(&query, "sigma"));
        assert!((fact(&query, "size_4_55") - size).abs() < 1e-3, "{k} {n}: {}", fact(&query, "size_4_55"));
        assert_eq!(fact(&query, "receptive_field"), field as f64);
    }
}

/// Size above 4.55 % of the centre, and σ, of the mean absolute gradient of random 3 × 3 layers: 40 draws of PyTorch.
#[test]
fn random_stacks_have_about_the_sizes_that_pytorch_gives() {
    let table = [
        ("none", 5, 10.583, 2.3195),
        ("none", 10, 15.6205, 3.5034),
        ("none", 20, 22.5389, 5.0607),
        ("relu", 5, 10.4403, 2.2976),
        ("relu", 10, 15.6205, 3.4911),
        ("tanh", 5, 10.4881, 2.3195),
        ("tanh", 10, 15.7162, 3.4986),
        ("sigmoid", 5, 10.6771, 2.3286),
        ("sigmoid", 10, 15.5885, 3.484),
    ];
    for (activation, n, size, sigma) in table {
        let weights = if activation == "relu" { "he" } else { "normal" };
        let query = format!(
            "layers={}&size={}&object=1&weights={weights}&activation={activation}&channels=8&draws=40",
            threes(n),
            2 * n + 3
        );
        for (name, expected) in [("size_4_55", size), ("sigma", sigma)] {
            let ratio = fact(&query, name) / expected;
            assert!((ratio - 1.0).abs() < 0.05, "{activation} {n} {name}: {ratio}");
        }
    }
}

/// With random weights the mean of g² spreads as the theory says, the mean of |g| about √2 wider.
#[test]
fn random_weights_follow_the_theory_in_the_square() {
    let query = format!("layers={}&size=32&weights=normal&channels=8&draws=40&object=9", threes(10));
    let theory = (10.0f64 * 8.0 / 12.0).sqrt();
    assert!((fact(&format!("{query}&measure=squared"), "sigma") / theory - 1.0).abs() < 0.04);
    let abs = fact(&query, "sigma") / theory;
    assert!((abs - 2f64.sqrt()).abs() < 0.1, "{abs}");
    assert_eq!(fact(&query, "draws_done"), 40.0);
}

#[test]
fn dilated_layers_leave_gaps() {
    for (text, on, all) in [("c3d2,c3d2,c3d2", 7, 13), ("c3d1,c3d2,c3d3", 13, 13), ("c3d2,c3d4,c3d8", 15, 29)]
    {
        let comb = plain(text).touched(1);
        assert_eq!((comb.iter().filter(|on| **on).count(), comb.len()), (on, all), "{text}");
        let query = format!("layers={text}&size=40");
        assert_eq!(fact(&query, "measured_cells"), (on * on) as f64, "{text}");
        assert_eq!(fact(&query, "touched"), (on * on) as f64, "{text}");
    }
}

#[test]
fn growth_is_near_the_square_root() {
    let query = "layers=c3&size=16&panel=growth";
    // Published for untrained nets: 0.53 to 0.55.
    assert!((fact(query, "slope_uniform") - 0.5).abs() < 0.06, "{}", fact(query, "slope_uniform"));
    for name in ["slope_random", "slope_relu", "slope_tanh", "slope_sigmoid", "slope_dropout"] {
        let slope = fact(query, name);
        assert!((0.45..0.63).contains(&slope), "{name} {slope}");
    }
}

#[test]
fn skips_narrow_and_the_corner_loses() {
    let base = format!("layers={}&size=32&object=9", threes(8));
    let skip = format!("{base}&skip=2-3,4-5,6-7");
    assert!(fact(&skip, "sigma") < 0.8 * fact(&base, "sigma"));
    assert_eq!(fact(&skip, "receptive_field"), fact(&base, "receptive_field"));
    assert!((fact(&skip, "sigma") - fact(&skip, "sigma_theory")).abs() < 1e-3);
    let border = format!("{base}&panel=border");
    assert!(fact(&border, "mass_zeros") < 0.5);
    for name in ["mass_reflect", "mass_replicate", "mass_circular"] {
        assert!((fact(&border, name) - 1.0).abs() < 1e-4, "{name}");
    }
}

#[test]
fn an_object_is_covered_on_paper_first() {
    let query = format!("layers={}&size=64&object=15&panel=object", threes(4));
    let (paper, held) = (fact(&query, "covering_depth_field"), fact(&query, "covering_depth"));
    assert_eq!(paper, 7.0);
    assert!(held > paper && held < 30.0, "{held}");
}

/// Totals of torchvision 0.29.2; TF-Slim's 483 and 315: the table beside Araujo, Norris and Sim (Distill, 2019).
#[test]
fn networks_give_the_published_numbers() {
    for (key, field, stride, padding, parameters, macs) in [
        ("alexnet", 195.0, 32.0, 66.0, 61_100_840.0, 714_188_480.0),
        ("vgg16", 212.0, 32.0, 90.0, 138_357_544.0, 15_470_264_320.0),
        ("resnet50", 427.0, 32.0, 213.0, 25_557_032.0, 4_089_184_256.0),
        ("resnet152", 1451.0, 32.0, 725.0, 60_192_808.0, 11_513_626_624.0),
        ("densenet121", 2071.0, 32.0, 1021.0, 7_978_856.0, 2_834_161_664.0),
    ] {
        let query = format!("network={key}&panel=network");
        let facts = explain::facts(&run(&query));
        let of = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| *v);
        let got = ["receptive_field", "effective_stride", "effective_padding", "parameters", "macs"].map(of);
        assert_eq!(got, [field, stride, padding, parameters, macs], "{key}");
    }
    assert_eq!(fact("network=resnet50_tf&panel=network", "receptive_field"), 483.0);
    assert_eq!(fact("network=mobilenet_v1&panel=network", "receptive_field"), 315.0);
}

#[test]
fn networks_are_the_cores_and_fill_the_layers_where_they_are_chains() {
    let keys: Vec<&str> = crate::core::nets::networks::NETWORKS.iter().map(|n| n.key).collect();
    assert_eq!(params::Network::KEYS[1..], keys);
    for (at, key) in params::Network::ALL.iter().enumerate() {
        let before = Params::defaults();
        let mut after = Params { network: *key, ..before.clone() };
        params::settle(&before, &mut after, &Data::new());
        assert!(params::check(&after, &Data::new()).is_ok(), "{}", key.key());
        assert_eq!(after.panel == params::Panel::Network, at > 0);
        let chain = ["alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "mobilenet_v1"].contains(&key.key());
        assert_eq!(after.layers != before.layers, chain, "{}", key.key());
    }
    let sorted = run("network=resnet152&panel=network&sort=macs&first_row=500");
    let n = sorted.output.published.as_ref().unwrap();
    assert!(n.order.windows(2).all(|w| n.summary.layers[w[0]].macs >= n.summary.layers[w[1]].macs));
    let twin = n.twin.as_ref().unwrap();
    assert_eq!(twin.1.iter().copied().collect::<Vec<f32>>()[3], 1451.0);
    assert_eq!(twin.1.iter().copied().collect::<Vec<f32>>()[7], 1507.0);
}

/// nn.Dropout in train mode keeps the expectation: with equal weights the mean over draws is the field without it.
#[test]
fn dropout_leaves_the_field_and_adds_noise() {
    let base = format!("layers={}&size=24&object=9", threes(6));
    let plain = run(&base);
    let gap = |draws: usize| {
        let dropped = run(&format!("{base}&dropout=0.3&draws={draws}"));
        let pairs = dropped.output.gradient.iter().zip(plain.output.gradient.iter());
        pairs.map(|(a, b)| f64::from(a - b).abs()).sum::<f64>()
    };
    let (few, many) = (gap(1), gap(100));
    assert!(many < 0.35 * few && few > 0.1, "{few} {many}");
    let sigma = fact(&format!("{base}&dropout=0.3&draws=100"), "sigma");
    assert!((sigma / fact(&base, "sigma") - 1.0).abs() < 0.05, "{sigma}");
}

#[test]
fn a_click_chooses_the_unit_below_it() {
    let run = run("layers=c3,c3s2,c3s2&size=32");
    let focus = |tensor, row, column| Focus { tensor, index: vec![0, 0, row, column] };
    let act = |tensor, row, column| ReceptiveField::click(&run, &focus(tensor, row, column));
    assert_eq!(act("input", 0, 31), Some(Act::Set(vec![("unit", "0,7".into())])));
    assert_eq!(act("gradient", 17, 12), Some(Act::Set(vec![("unit", "4,3".into())])));
    assert_eq!(act("theory", 0, 0), None);
}

#[test]
fn what_does_not_fit_is_said() {
    for (query, word) in [
        ("layers=", "no layers"),
        ("layers=c3,q", "character 4"),
        ("layers=c3,c3s", "number is missing"),
        ("layers=c9p0&size=4", "Layer 1"),
        ("layers=m2,m2,m2&size=5", "Layer 3"),
        ("layers=m3p2", "Layer 1"),
        ("skip=1-x", "1-x"),
        ("skip=3-12", "3-12"),
        ("skip=1-3,2-4", "share layer 2"),
        ("layers=c3,c3p0,c3&skip=1-3", "different sizes"),
        ("unit=99,0", "99,0"),
        ("unit=5-6", "no unit"),
        ("input=own", "picture"),
    ] {
        let said = refused(query);
        assert!(said.contains(word), "{query}: {said}");
    }
    let many = format!("layers={}", threes(500));
    assert!(refused(&many).contains("500 layers"), "{}", refused(&many));
    let heavy = format!("layers={}&weights=he&channels=32&size=256", threes(40));
    assert!(refused(&heavy).contains("fewer channels"));
    let wide = ["c3s16p1"; 8].join(",");
    assert!(refused(&format!("layers={wide}")).contains("wider than"));
}

#[test]
fn a_changed_stack_keeps_what_fits() {
    let read = |query: &str| {
        let link = link::read(&format!("#/receptive-field?{query}"), LABS, &Data::new());
        Params::read(&link.setup.values)
    };
    let before = read("skip=2-3,8-9&layer=9&unit=40,40");
    let mut after = before.clone();
    after.layers = "c3,c3,c3,m2,m2".into();
    params::settle(&before, &mut after, &Data::new());
    assert_eq!((after.skip.as_str(), after.layer, after.unit.as_str()), ("2-3", 5, ""));
    assert!(params::check(&after, &Data::new()).is_ok());
}

#[test]
fn every_state_is_measured_and_asked_about() {
    for query in [
        "",
        "activation=relu&weights=he&draws=2",
        "norm=1&weights=normal&activation=tanh&draws=2&skip=5-6",
        "layers=w31",
        "layers=c1&size=1",
        "unit=0,0&panel=back",
        "layers=c15d4p28&size=20",
        "layers=c3x5s2x1,m2x3,a3x1s1&size=31,40",
        "measure=signed&scale=log&weights=normal",
    ] {
        let run = run(query);
        for round in 0..14 {
            let asked = challenges::challenge(&run, round, Lang::ALL[round as usize % 2]).unwrap();
            assert_eq!(asked.options.iter().filter(|a| a.right).count(), 1, "{query} {asked:?}");
            assert!(asked.options.len() >= 3, "{query} {asked:?}");
        }
        if let Some(stats) = &run.output.stats {
            let again = stats_of(&run);
            assert_eq!(again, stats.held.map(|h| h.side));
        }
    }
}

fn stats_of(run: &Ran<ReceptiveField>) -> [usize; 4] {
    let map = run.output.gradient.clone().into_shape_with_order(run.params.size).unwrap();
    stats(&map.mapv(f32::abs).to_owned(), run.output.scene.centre()).unwrap().held.map(|h| h.side)
}

/// Milliseconds of computing and drawing some states, for whoever makes the lab faster:
/// `cargo test … receptive_field::tests::speed -- --ignored --nocapture`.
#[test]
#[ignore = "measures time"]
fn speed() {
    let deep = threes(50);
    let widest = threes(128);
    for query in [
        String::new(),
        "panel=coverage".into(),
        "panel=back&skip=5-6".into(),
        "unit=0,0&skip=5-6".into(),
        format!("layers={deep}&size=128"),
        format!("layers={widest}&size=256"),
        format!("layers={widest}&size=256&unit=0,0&skip=2-3&panel=coverage"),
        "layers=c63,c63,c63,c63&size=256&unit=0,0".into(),
        "network=resnet152&panel=network".into(),
        "network=densenet121&panel=network&sort=macs".into(),
        format!("layers={widest}&size=256&unit=0,0&skip=2-3&panel=back"),
        "weights=normal&channels=4&dropout=0.5".into(),
        "weights=normal&activation=tanh".into(),
        "weights=he&channels=16&activation=relu".into(),
        "weights=normal&channels=4&activation=tanh&norm=1&input=noise&measure=signed".into(),
    ] {
        let link = link::read(&format!("#/receptive-field?{query}"), LABS, &Data::new());
        let params = Params::read(&link.setup.values);
        let finds = Finds::default();
        let look = Look { lang: Lang::En, width: 760.0, font: 12.0, stroke: 1.0, focus: None, step: 0 };
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = std::time::Instant::now();
            let given = Given { data: &Data::new(), finds: &finds, before: None };
            let output = compute::compute(&params, 0, given).unwrap();
            let computed = start.elapsed();
            let run = Ran { params: params.clone(), seed: 0, output, beside: None };
            let figures = ReceptiveField::draw(&run, &look);
            let drawn = start.elapsed();
            let told = ReceptiveField::insight(&run, &look);
            times.push((drawn, computed, start.elapsed(), figures.len() + told.tables.len()));
        }
        times.sort();
        println!("{:>40.40} compute {:?} drawn {:?} told {:?}", query, times[2].1, times[2].0, times[2].2);
    }
}

/// Networks that torchvision has are asked there; of the others the recurrence over their windows is written out.
#[test]
fn code_of_a_network_is_that_network_s() {
    for network in crate::core::nets::networks::NETWORKS {
        let run = run(&format!("network={}&panel=network", network.key));
        let n = run.output.published.as_ref().unwrap();
        let code = network_code::code(n, Lang::En).unwrap_or_else(|| panic!("{}", network.key));
        let own = code.contains(&format!("torchvision.models.{}(", network.key));
        let slim = network.key.ends_with("_tf") || network.key == "mobilenet_v1";
        assert_eq!(own, !slim, "{}", network.key);
        let (_, output) =
            ReceptiveField::tensors(&run).into_iter().find(|(name, _)| *name == "output").unwrap();
        assert_eq!(output.iter().map(|v| f64::from(*v)).collect::<Vec<_>>(), [n.summary.field.size.1]);
        if let Ok(folder) = std::env::var("NETWORK_CODE") {
            let head = format!("# {} {}\n", network.key, n.summary.field.size.1);
            std::fs::write(format!("{folder}/{}.py", network.key), head + &code).unwrap();
        }
    }
}
