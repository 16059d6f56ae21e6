//! The lab's numbers against published facts, and against each other.

use super::compute::{Extra, compute, counts, ends, four};
use super::layer::Layer;
use super::params::{MAX_KERNEL, MAX_STRIDE, Params};
use super::{Checkerboard, explain, learn, questions};
use crate::core::ops::ConvTranspose2d;
use crate::core::tensor::Random;
use crate::labs::LABS;
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Given, Lab, Look, Ran};
use crate::stage::link;
use crate::stage::scene::grid::{extent, value_at};
use crate::stage::text::{Lang, Sentence};
use crate::stage::work::Finds;

fn run_with(query: &str, finds: &Finds) -> Ran<Checkerboard> {
    let link = link::read(&format!("#/checkerboard?{query}"), LABS, &Data::new());
    assert!(link.problems.is_empty(), "{query}: {:?}", link.problems);
    let params = Params::read(&link.setup.values);
    let seed = link.setup.seed;
    let given = Given { data: &Data::new(), finds, before: None };
    let output = compute(&params, seed, given).unwrap();
    Ran { params, seed, output, beside: None }
}

fn run(query: &str) -> Ran<Checkerboard> {
    run_with(query, &Finds::default())
}

/// A state with all its work done.
fn finished(query: &str) -> Ran<Checkerboard> {
    let before = run(query);
    let mut finds = Finds::default();
    finds.finish(Checkerboard::works(&before.params, before.seed, &Data::new()));
    run_with(query, &finds)
}

fn fact(run: &Ran<Checkerboard>, name: &str) -> f64 {
    explain::facts(run).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
}

/// Odena, Dumoulin and Olah (2016), and the table computed for this project: k3 s2 has ratio 2 along an axis and 4 in
/// two dimensions, k5 s2 1.5 and 2.25; even exactly when the stride divides the kernel.
#[test]
fn overlap_ratios_are_the_published_ones() {
    for (query, line, plane) in [
        ("", 2.0, 4.0),
        ("kernel_size=5", 1.5, 2.25),
        ("kernel_size=4", 1.0, 1.0),
        ("kernel_size=7", 4.0 / 3.0, 16.0 / 9.0),
    ] {
        let run = run(query);
        assert!((fact(&run, "overlap_ratio_1d") - line).abs() < 1e-6, "{query}");
        assert!((fact(&run, "overlap_ratio") - plane).abs() < 1e-6, "{query}");
        // The map on the page has the same ratio inside.
        let [(r0, r1), (c0, c1)] = run.output.patch;
        let inside: Vec<f32> = (r0..r1)
            .flat_map(|r| (c0..c1).map(move |c| (r, c)))
            .map(|(r, c)| value_at(&run.output.overlap, r, c))
            .collect();
        let (most, fewest) = inside.iter().fold((0.0f32, f32::MAX), |(a, b), v| (a.max(*v), b.min(*v)));
        assert!((f64::from(most / fewest) - plane).abs() < 1e-6, "{query}: {most} {fewest}");
    }
    for k in 1..=MAX_KERNEL {
        for s in 1..=MAX_STRIDE {
            let (most, fewest) = ends(k, s, 1).unwrap();
            assert_eq!(most == fewest, k.is_multiple_of(s), "k{k} s{s}");
            assert_eq!(fewest == 0.0, k < s, "k{k} s{s}");
            for depth in 2..=3 {
                let (most, fewest) = ends(k, s, depth).unwrap();
                assert_eq!(most == fewest, k.is_multiple_of(s), "k{k} s{s} depth {depth}");
            }
        }
    }
}

/// k3 s2 twice: 1, 3, 2, 3 repeating.
#[test]
fn two_layers_repeat_as_published() {
    let lines = counts(12, 3, 2, 2).unwrap();
    let line: Vec<f32> = lines[1].iter().copied().collect();
    let from = (20..24).find(|i| line[*i] == 1.0).unwrap();
    assert_eq!(line[from..from + 8], [1.0, 3.0, 2.0, 3.0, 1.0, 3.0, 2.0, 3.0]);
}

/// The overlap map, whatever its way there, is the output of ones with all taps 1.
#[test]
fn overlap_is_the_answer_to_ones() {
    for query in [
        "input=flat",
        "input=flat&kernel_size=5&stride=3&padding=2&output_padding=1&size=4,6",
        "input=flat&depth=3&size=3",
        "direction=gradient&size=11&padding=1",
        "direction=gradient&size=20&depth=2",
    ] {
        let run = run(query);
        assert_eq!(run.output.output, run.output.overlap, "{query}");
    }
}

/// ⟨conv(x), y⟩ = ⟨x, conv_T(y)⟩ on the tensors of the page, and one matrix is the transpose of the other.
#[test]
fn the_two_operators_are_adjoint() {
    for query in [
        "panel=matrix",
        "panel=matrix&init=normal&kernel_size=5&stride=3&padding=2&output_padding=2&size=6,4&input=digits",
        "panel=matrix&init=bilinear&kernel_size=4&padding=1",
        "panel=matrix&input=shapes&size=40&init=normal",
        "panel=matrix&padding=7&kernel_size=8&stride=1&size=15",
    ] {
        let run = run(query);
        let Extra::Matrix(m) = &run.output.extra else { panic!("{query}") };
        let (left, right) = m.products;
        assert!(right > 0.0 && (left - right).abs() < 1e-5 * right, "{query}: {left} {right}");
        let (outputs, inputs) = extent(&m.up);
        assert_eq!(extent(&m.down), (inputs, outputs));
        for r in 0..outputs {
            for c in 0..inputs {
                assert_eq!(value_at(&m.up, r, c), value_at(&m.down, c, r), "{query} {r} {c}");
            }
        }
    }
}

/// The number from the spectrum and the number from the means of the places are one.
#[test]
fn strength_is_the_energy_in_the_rings() {
    for query in [
        "",
        "kernel_size=5&stride=3&input=shapes&size=40&init=normal",
        "depth=2&size=7",
        "direction=gradient&size=19",
    ] {
        let run = run(query);
        let strength = run.output.strength().unwrap();
        let (carriers, level) = run.output.carriers;
        assert!((carriers / level - strength).abs() < 1e-5, "{query}: {strength} {}", carriers / level);
    }
    assert!(fact(&run(""), "artifact_strength") > 0.2);
    assert!(fact(&run("input=flat&kernel_size=4"), "artifact_strength") < 1e-6);
    assert!(fact(&run("input=flat&kernel_size=4&init=normal"), "artifact_strength") > 0.01);
    // A tent is even whatever the counts.
    assert!(fact(&run("input=flat&init=bilinear&size=7"), "artifact_strength") < 1e-6);
    for query in
        ["upsampler=nearest", "upsampler=pixel_shuffle&init=icnr", "upsampler=resize_conv&init=normal"]
    {
        assert!(fact(&run(&format!("{query}&input=flat&size=9")), "artifact_strength") < 1e-6, "{query}");
    }
    assert!(fact(&run("upsampler=pixel_shuffle&init=normal&input=flat&size=9"), "artifact_strength") > 0.005);
}

/// Stamp after stamp: the last state is the whole, and each stamp adds the kernel times its cell.
#[test]
fn stamps_add_up_to_the_output() {
    let run = run("init=normal&padding=1&output_padding=1&size=4,5&input=digits");
    let (full, steps) = (run.output.full.unwrap(), run.output.stamped.unwrap());
    assert_eq!(steps.shape(), [20, 1, 9, 11]);
    for (a, b) in steps.index_axis(ndarray::Axis(0), 19).iter().zip(full.iter()) {
        assert!((a - b).abs() < 1e-4);
    }
    let (h, w) = extent(&run.output.output);
    assert_eq!((h, w), (8, 10));
    for r in 0..h {
        for c in 0..w {
            let whole = value_at(&full, r + 1, c + 1);
            assert!(r + 1 >= 9 || c + 1 >= 11 || (value_at(&run.output.output, r, c) - whole).abs() < 1e-4);
        }
    }
}

/// The equation's weights times the input are the output, for every up-sampler.
#[test]
fn every_output_is_the_sum_that_is_written() {
    for up in super::params::Upsampler::KEYS {
        for depth in [1, 2] {
            let run = run(&format!("upsampler={up}&depth={depth}&init=normal&size=4,3&input=digits"));
            let o = &run.output;
            let (layer, weight) = (o.layer, four(&o.weight).unwrap());
            let (h, w) = o.size();
            for (r, c) in [(0, 0), (h / 2, w / 2), (h - 1, w - 1)] {
                let mut grad = crate::core::tensor::Images::zeros((1, 1, h, w));
                grad[[0, 0, r, c]] = 1.0;
                for size in o.sizes.iter().take(depth).rev() {
                    grad = layer.back(*size, &weight, &grad).unwrap();
                }
                let sum: f32 = grad.iter().zip(o.input.iter()).map(|(a, b)| a * b).sum();
                let expected = value_at(&o.output, r, c);
                assert!(
                    (sum - expected).abs() < 1e-3 * expected.abs().max(1.0),
                    "{up} {depth}: {sum} {expected}"
                );
            }
        }
    }
}

#[test]
fn impossible_sizes_are_refused_with_the_reason() {
    for (query, word) in [
        ("output_padding=2", "output_padding"),
        ("kernel_size=1&padding=7&size=2", "padding"),
        ("depth=3&stride=4&size=64", "depth"),
        ("direction=gradient&size=2", "kernel"),
    ] {
        let link = link::read(&format!("#/checkerboard?{query}"), LABS, &Data::new());
        let params = Params::read(&link.setup.values);
        let Err(reason) = Checkerboard::check(&params, &Data::new()) else { continue };
        assert!(reason.say(Lang::En).to_lowercase().contains(word), "{query}: {reason:?}");
        let found = super::params::check(&params, &Data::new());
        assert!(found.is_err());
    }
    let with = |op, s| Params { output_padding: op, stride: s, ..run("").params };
    assert!(Checkerboard::check(&with(2, 2), &Data::new()).is_err());
    assert!(Checkerboard::check(&with(1, 2), &Data::new()).is_ok());
    // Moving the stride takes the output padding with it.
    let mut after = with(2, 2);
    Checkerboard::settle(&with(2, 3), &mut after, &Data::new());
    assert_eq!(after.output_padding, 1);
}

/// Fitted taps lose the pattern with the uneven kernel, too, and come out near the tent.
#[test]
fn learning_takes_the_pattern_away() {
    let run = finished("panel=learn");
    let Extra::Learn(fits) = &run.output.extra else { panic!() };
    assert_eq!(learn::kernels(&run.params), [3, 4]);
    assert_eq!(fits.share, 1.0);
    for fit in &fits.list {
        let (before, after) = (fit.strength.0, fit.strength.1.unwrap());
        let loss = fit.loss.as_ref().unwrap();
        let (first, last) = (loss[[0, 0]], loss[[0, loss.len() - 1]]);
        println!(
            "k{}: artifact {before} → {after} %, loss {first} → {last}, taps {:?}",
            fit.kernel_size, fit.taps
        );
        assert!(after < 1.5, "k{}: {after}", fit.kernel_size);
        assert!(last < first, "k{}", fit.kernel_size);
    }
    assert!(fits.list[0].strength.0 > 20.0);
    let taps = fits.list[0].taps.clone().unwrap();
    assert!((taps[[0, 0, 1, 1]] - 1.0).abs() < 0.25, "{taps}");
}

#[test]
fn cures_stand_side_by_side() {
    let run = finished("panel=cures");
    let Extra::Cures(list) = &run.output.extra else { panic!() };
    assert_eq!(list.len(), 9);
    for cure in list {
        println!("{:?} {:?}", cure.kind, cure.numbers);
    }
    let of = |kind| list.iter().find(|c| c.kind == kind).unwrap().numbers;
    use super::cures::Kind;
    assert!(of(Kind::Uniform)[0] > 20.0 && of(Kind::Bilinear)[0] < 2.0 && of(Kind::Learned)[0] < 2.0);
    assert!(of(Kind::ShuffleIcnr)[0] < of(Kind::Shuffle)[0]);
    assert!(of(Kind::Learned)[1] < of(Kind::Uniform)[1]);
    assert_eq!(of(Kind::ResizeConv)[3], 4.0 * of(Kind::Uniform)[3]);
}

#[test]
fn questions_tell_what_is_shown() {
    assert!(fact(&run(questions::C52), "artifact_strength") > 0.3);
    assert_eq!(fact(&run(questions::C52), "overlap_ratio"), 4.0);
    assert!(fact(&run(&format!("{}&kernel_size=4", questions::C52)), "artifact_strength") < 1e-6);
    assert!(fact(&run(&format!("{}&kernel_size=4&init=normal", questions::C52)), "artifact_strength") > 0.01);
    assert!(run(questions::C44).output.output.len() > 1);
}

#[test]
fn every_question_of_the_challenge_has_one_right_answer() {
    let mut random = Random::new(3);
    for state in [
        "",
        "kernel_size=4",
        "stride=3&kernel_size=7",
        "direction=gradient&size=15",
        "stride=1",
        "kernel_size=1",
    ] {
        let run = run(state);
        let mut asks = Vec::new();
        for round in 0..24 {
            let lang = Lang::ALL[random.below(2)];
            let asked = super::challenges::challenge(&run, round, lang).unwrap();
            assert_eq!(asked.options.iter().filter(|o| o.right).count(), 1, "{state} {round}");
            assert!(asked.options.len() >= 3, "{state} {round} {asked:?}");
            asks.push(asked.ask);
            self::run(&asked.show.unwrap());
        }
        asks.sort();
        asks.dedup();
        assert!(asks.len() >= 6, "{state}: {asks:?}");
    }
}

/// How long the parts take; run with `--release` for the numbers that count.
#[test]
#[ignore = "measures time"]
fn timings() {
    for query in [
        "",
        "input=shapes&size=256",
        "input=shapes&size=256&panel=spectrum",
        "input=shapes&size=256&stride=4&kernel_size=8",
        "input=shapes&size=128&depth=3",
        "input=shapes&size=256&panel=cures",
        "input=shapes&size=256&panel=learn",
        "input=shapes&size=256&panel=matrix",
        "input=shapes&size=256&direction=gradient&kernel_size=8&stride=1&depth=3",
        "input=shapes&size=256&upsampler=pixel_shuffle&stride=4&kernel_size=8",
        "input=shapes&size=256&upsampler=resize_conv&stride=4&kernel_size=8",
        "input=shapes&size=256&upsampler=bicubic&stride=4",
    ] {
        let first = run(query);
        let (mut best, mut drawn) = (f64::MAX, f64::MAX);
        for _ in 0..5 {
            let start = std::time::Instant::now();
            let given = Given { data: &Data::new(), finds: &Finds::default(), before: None };
            let output = compute(&first.params, first.seed, given).unwrap();
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
            let run = Ran { params: first.params.clone(), seed: first.seed, output, beside: None };
            let look = Look { lang: Lang::En, width: 760.0, font: 12.0, stroke: 1.0, focus: None, step: 0 };
            let start = std::time::Instant::now();
            let figures = super::draw::figures(&run, &look);
            let said = explain::insight(&run, &look);
            drawn = drawn.min(start.elapsed().as_secs_f64() * 1e3);
            assert!(!figures.is_empty() && !said.answer.is_empty());
        }
        println!("{best:6.2} + {drawn:5.2} ms  {query}");
    }
    let start = std::time::Instant::now();
    finished("panel=learn");
    println!("{:6.1} ms  learning", start.elapsed().as_secs_f64() * 1e3);
    let _ = ConvTranspose2d::default();
}

/// A kernel of the learner's own is loaded, typed into, and keeps its middle when the kernel grows.
#[test]
fn own_taps_are_loaded_and_typed() {
    let lab = LABS.iter().find(|lab| lab.slug() == "checkerboard").unwrap();
    let before = link::read("#/checkerboard?upsampler=nearest", LABS, &Data::new()).setup;
    let own = ndarray::arr2(&[[1.0f32, -2.0], [0.5, 4.0]]).into_dyn().into_shared();
    let mut data = Data::new();
    let values = lab.load("weight", own.clone(), &before.values, &mut data).unwrap();
    let run = |values: &crate::stage::control::Values, data: &Data| {
        lab.run(values, None, 1, (data, &Finds::default()), None).unwrap()
    };
    let tensor = |run: &dyn crate::stage::lab::Experiment, name: &str| {
        run.tensors().into_iter().find(|(n, _)| *n == name).unwrap().1
    };
    let first = run(&values, &data);
    let weight = tensor(&*first, "weight");
    assert_eq!(
        (weight.shape(), weight.iter().copied().collect::<Vec<_>>()),
        (&[1, 1, 2, 2][..], vec![1.0, -2.0, 0.5, 4.0])
    );
    // Stamps side by side: the first block is the first number times the kernel.
    let (x, y) = (tensor(&*first, "input"), tensor(&*first, "output"));
    assert_eq!(y[[0, 0, 0, 1]], x[[0, 0, 0, 0]] * -2.0);
    let typed =
        first.edit(&crate::stage::lab::Focus { tensor: "weight", index: vec![0, 0, 0, 1] }, 7.0).unwrap();
    assert_eq!(typed.0, "weight");
    let values = lab.load("weight", typed.1, &values, &mut data).unwrap();
    assert_eq!(tensor(&*run(&values, &data), "weight")[[0, 0, 0, 1]], 7.0);
    for wrong in [vec![2, 3], vec![9, 9], vec![2, 1, 2, 2]] {
        let tensor = crate::core::tensor::Tensor::ones(wrong).into_shared();
        assert!(lab.load("weight", tensor, &values, &mut data).is_err());
    }
    let huge = crate::core::tensor::Tensor::from_elem(vec![2, 2], 1e6).into_shared();
    assert!(lab.load("weight", huge, &values, &mut data).is_err());
}

/// The quick ways to counts and gradients give what the core's own operators give.
#[test]
fn counts_and_gradients_are_the_core_s() {
    for (k, s, pad, depth, size) in
        [(3, 2, 0, 1, 11), (4, 2, 1, 1, 12), (5, 3, 2, 2, 40), (2, 3, 0, 1, 13), (3, 2, 1, 3, 33)]
    {
        let query = format!(
            "direction=gradient&kernel_size={k}&stride={s}&padding={pad}&depth={depth}&size={size}&init=normal"
        );
        let found = run(&query);
        let (conv, weight) = (Layer::of(&found.params).conv(), four(&found.output.weight).unwrap());
        let back = |taps: &crate::core::tensor::Images| {
            let last = found.output.sizes.last().unwrap();
            let mut grad = crate::core::tensor::Images::ones((1, 1, last.0, last.1));
            for size in found.output.sizes.iter().rev().skip(1) {
                let x = crate::core::tensor::Images::zeros((1, 1, size.0, size.1));
                grad = conv.backward(&x, taps, &grad).unwrap().input;
            }
            grad
        };
        let near = |a: &crate::stage::lab::Shared, b: crate::core::tensor::Images| {
            assert_eq!(a.shape(), b.shape());
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-4 * b.abs().max(1.0)), "{query}");
        };
        near(&found.output.output, back(&weight));
        near(&found.output.overlap, back(&weight.mapv(|_| 1.0)));
    }
    for (k, s, pad, added) in [(3, 2, 0, 0), (4, 2, 1, 0), (3, 2, 1, 1), (2, 4, 0, 3)] {
        let found = run(&format!("kernel_size={k}&stride={s}&padding={pad}&output_padding={added}"));
        let counts = Layer::of(&found.params).transposed().overlap((5, 5), (k, k)).unwrap();
        assert_eq!(four(&found.output.overlap).unwrap(), super::compute::images(counts));
    }
}
