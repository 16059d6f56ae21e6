//! The numbers agree with what is published and with the core's own attention.

use super::*;
use crate::core::ops::{Attention, Heads, Mask};
use crate::core::tensor::Random;
use crate::labs::LABS;
use crate::labs::attention::{compute, params, params::Params};
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Lab, Shared};
use crate::stage::link;
use ndarray::Ix4;

/// The state that a link's query describes.
pub fn run(query: &str) -> Ran<AttentionLab> {
    run_with(query, &Data::new())
}

fn run_with(query: &str, data: &Data) -> Ran<AttentionLab> {
    let link = link::read(&format!("#/attention?{query}"), LABS, data);
    assert!(link.problems.is_empty(), "{query}: {:?}", link.problems);
    let params = Params::read(&link.setup.values);
    let main = compute::compute(&params, link.setup.seed, data, None).unwrap();
    let output =
        crate::labs::attention::Output { main, study: Default::default(), timing: Default::default() };
    Ran { params, seed: link.setup.seed, output, beside: None }
}

fn fact(query: &str, name: &str) -> f64 {
    facts(&run(query)).into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
}

fn four(t: &Shared) -> Heads {
    t.to_owned().into_dimensionality::<Ix4>().unwrap()
}

fn apart(a: &Shared, b: &Heads) -> f32 {
    assert_eq!(a.shape(), b.shape());
    a.iter().zip(b.iter()).fold(0.0, |m, (x, y)| m.max((x - y).abs()))
}

/// The steps of the lab give what the core's attention gives, whatever is set.
#[test]
fn the_steps_are_attention() {
    for query in [
        "",
        "is_causal=1",
        "num_kv_heads=2&window=2",
        "cross=1&d_v=3&scale=0.3&temperature=2",
        "score=cosine&num_heads=2",
        "text=a b c d e f g h i j k l m n o p q r s t u v w x y z&d_model=64&num_heads=8&mask=block",
        "padding_mask=4&mask=own&allowed=0,0;1,1",
    ] {
        let run = run(query);
        let (p, o) = (&run.params, &run.output.main);
        let score = match p.score {
            params::ScoreKind::Cosine => crate::core::ops::Score::Cosine,
            _ => crate::core::ops::Score::Dot,
        };
        let attention = Attention {
            score,
            scale: p.scale_factor(o.sizes.dk),
            temperature: f64::from(p.temperature),
            ..Attention::default()
        };
        let allowed = o.mask.to_owned().mapv(|v| v > 0.0);
        let core = attention
            .forward_plain(&four(&o.q), &four(&o.k), &four(&o.v), &[Mask::Allowed(&allowed)])
            .unwrap();
        assert!(apart(&o.weights, &core.weights) < 2e-6, "{query}");
        assert!(apart(&o.heads, &core.output) < 1e-5, "{query}");
        for (core, ours) in core.scores.iter().zip(o.scores.iter()) {
            let near = (core - ours).abs() < 2e-5 * core.abs().max(1.0);
            assert!(*core == f32::NEG_INFINITY || near, "{query}: {core}, not {ours}");
        }
    }
}

/// Split and concatenated heads are separate matrices.
#[test]
fn a_head_is_its_own_matrix() {
    let run = run("heads=seeded");
    let o = &run.output.main;
    let (s, x) = (&o.sizes, &o.x);
    for (h, i, c) in [(0, 0, 0), (2, 3, 1), (3, 8, 3)] {
        let product: f32 = (0..s.d).map(|k| x[[0, i, k]] * o.w[0][[h * s.dk + c, k]]).sum();
        assert!((product - o.q[[0, h, i, c]]).abs() < 1e-5);
        assert_eq!(o.concat[[0, i, h * s.dv + c]], o.heads[[0, h, i, c]]);
    }
}

/// The player follows one number through the cut: it is the same before and after, and made apart.
#[test]
fn cutting_moves_no_number() {
    for query in ["", "heads=seeded&num_heads=8&d_model=64", "num_kv_heads=2&d_v=3&padding_mask=2"] {
        let run = run(&format!("{query}&panel=split"));
        assert!(fact(&format!("{query}&panel=split"), "split_difference") < 1e-5, "{query}");
        let tensors = AttentionLab::tensors(&run);
        let number = |step: usize| {
            let focus = AttentionLab::step_focus(&run, step).unwrap();
            let (_, tensor) = tensors.iter().find(|(name, _)| *name == focus.tensor).unwrap();
            tensor[&focus.index[..]]
        };
        assert_eq!(AttentionLab::steps(&run), 5);
        assert_eq!(number(1), number(2), "{query}");
        assert!((number(2) - number(3)).abs() < 1e-5, "{query}");
        assert_eq!(number(4), number(5), "{query}");
    }
}

/// A state that takes over from the one before it is the state computed alone.
#[test]
fn what_is_kept_is_what_would_be_computed() {
    let before = run("num_heads=4");
    for query in [
        "head=3",
        "panel=split",
        "panel=gradient",
        "temperature=2",
        "is_causal=1",
        "mask=own&allowed=0,1;1,0",
        "heads_off=2",
        "softmax=signed",
        "scale=none",
        "score=cosine",
        "tie_qk=1",
        "padding_mask=2",
        "text=one two",
    ] {
        let alone = run(query);
        let main = compute::compute(&alone.params, alone.seed, &Data::new(), Some(&before)).unwrap();
        let output =
            crate::labs::attention::Output { main, study: Default::default(), timing: Default::default() };
        let after = Ran { params: alone.params.clone(), seed: alone.seed, output, beside: None };
        assert_eq!(AttentionLab::tensors(&after), AttentionLab::tensors(&alone), "{query}");
        assert_eq!(facts(&after), facts(&alone), "{query}");
    }
}

#[test]
fn caches_of_the_large_model_are_the_published_ones() {
    assert_eq!((reference_gib(32), reference_gib(8), reference_gib(1) * 1024.0), (2.0, 0.5, 64.0));
}

#[test]
fn masks_padding_and_ties_do_what_is_said() {
    assert_eq!(fact("padding_mask=3", "padding_difference"), 0.0);
    assert!(fact("padding_mask=3&softmax=mask_after", "padding_difference") > 1e-3);
    assert!(fact("tie_qk=1&head=4", "asymmetry") < 1e-5);
    assert!(fact("head=4", "asymmetry") > 0.1);
    assert!(fact("panel=gradient", "future_gradient") > 0.1);
    assert_eq!(fact("panel=gradient&is_causal=1", "future_gradient"), 0.0);
    assert_eq!(fact("is_causal=1", "hidden_pairs"), 36.0);
    assert_eq!(fact("mask=own&allowed=0,0,0,0,0,0,0,0,0", "empty_rows"), 1.0);
    for heads in [1, 2, 4, 8, 16] {
        assert_eq!(fact(&format!("num_heads={heads}"), "parameters"), 1024.0);
    }
}

/// Known heads look where they are said to look.
#[test]
fn known_heads_look_where_they_should() {
    let run = run("num_heads=8&d_model=64&embedding=seeded&text=one two three one two three one two");
    let o = &run.output.main;
    let best = |h: usize, i: usize| crate::labs::attention::draw::strongest(o, h, i);
    assert!((1..8).all(|i| best(0, i) == i - 1), "previous");
    assert!((0..8).all(|i| o.labels.0[best(1, i)] == o.labels.0[i]), "same");
    assert!((0..8).all(|i| best(2, i) == 0), "first");
    assert!((0..7).all(|i| best(4, i) == i + 1), "next");
    // Induction: behind an earlier place of the same word stands what came after it.
    assert!((3..8).all(|i| best(5, i) % 3 == (i + 1) % 3), "induction");
    assert!((0..8).all(|i| (cell(&o.weights, 6, i, 3) - 0.125).abs() < 1e-6), "uniform");
}

#[test]
fn translations_find_each_other() {
    let run = run("cross=1&heads=same&num_heads=2&text=cat chased dog&context=狗 追 猫");
    let o = &run.output.main;
    let best: Vec<usize> = (0..3).map(|i| crate::labs::attention::draw::strongest(o, 0, i)).collect();
    assert_eq!(best, [2, 1, 0]);
}

/// Any q, k, v that are loaded give softmax(q kᵀ / √d) v of those; sizes follow.
#[test]
fn loaded_tensors_are_attended() {
    let mut random = Random::new(5);
    let mut make = |shape: &[usize]| {
        ndarray::ArrayD::from_shape_simple_fn(ndarray::IxDyn(shape), || random.normal()).into_shared()
    };
    for (q, k, v) in [
        ([1, 2, 5, 8], [1, 2, 7, 8], [1, 2, 7, 3]),
        ([1, 8, 128, 32], [1, 8, 128, 32], [1, 8, 128, 32]),
        ([1, 6, 3, 4], [1, 2, 4, 4], [1, 2, 4, 4]),
        ([1, 1, 1, 1], [1, 1, 2, 1], [1, 1, 2, 1]),
    ] {
        let (q, k, v) = (make(&q), make(&k), make(&v));
        let mut params = Params::read(&crate::stage::control::Values::defaults(Params::CONTROLS));
        let mut data = Data::new();
        for (name, tensor) in [("q", &q), ("k", &k), ("v", &v)] {
            AttentionLab::load(name, tensor.clone(), &mut params, &mut data).unwrap();
            assert!(params::check(&params, &data).is_ok(), "after {name}");
        }
        let o = compute::compute(&params, 0, &data, None).unwrap();
        assert!(o.q == q && o.k == k && o.v == v);
        let core = Attention::default().forward_plain(&four(&q), &four(&k), &four(&v), &[]).unwrap();
        assert!(apart(&o.weights, &core.weights) < 2e-6 && apart(&o.heads, &core.output) < 1e-5);
    }
    let mut params = Params::read(&crate::stage::control::Values::defaults(Params::CONTROLS));
    let mut data = Data::new();
    assert!(
        AttentionLab::load("q", make(&[1, 2, 500, 8]), &mut params, &mut data).is_err() && data.is_empty()
    );
}

/// Right-to-left text, emoji, very long and empty texts.
#[test]
fn any_text_is_taken() {
    for text in ["שלום עולם", "👩‍🔬 👍🏽 🇨🇳", "مرحبا بالعالم", "a\u{301}\u{202e}b", "%25"]
    {
        for tokens in ["word", "char", "byte"] {
            let run = run(&format!("text={text}&tokens={tokens}"));
            assert!(run.output.main.sizes.n > 0);
        }
    }
    let long = "word ".repeat(10_000);
    let run = run(&format!("text={long}"));
    assert_eq!((run.output.main.sizes.n, run.output.main.whole.0), (128, 10_000));
    assert_eq!(run.params.text.trim(), long.trim());
    let link = link::read("#/attention?text=", LABS, &Data::new());
    let params = Params::read(&link.setup.values);
    assert!(params::check(&params, &Data::new()).is_err());
}

/// Milliseconds of 8 heads and 128 tokens: `cargo test --release … speed -- --ignored --nocapture`.
#[test]
#[ignore = "measures time"]
fn speed() {
    for query in [
        "",
        "num_heads=8&d_model=256&tokens=char&panel=lines",
        "num_heads=8&d_model=256&tokens=char&panel=path",
        "num_heads=16&d_model=256&tokens=char&panel=mask&score=cosine&padding_mask=9",
    ] {
        let text = "the cat chased the dog because it was hungry. ".repeat(4);
        let query = if query.is_empty() { String::new() } else { format!("{query}&text={text}") };
        let first = run(&query);
        let data = Data::new();
        let clock = std::time::Instant::now();
        let mut last = first;
        for turn in 0..10 {
            let params = Params { temperature: 1.0 + turn as f32 / 10.0, ..last.params.clone() };
            let main = compute::compute(&params, 0, &data, Some(&last)).unwrap();
            let output = crate::labs::attention::Output {
                main,
                study: Default::default(),
                timing: Default::default(),
            };
            last = Ran { params, seed: 0, output, beside: None };
        }
        let slider = clock.elapsed().as_secs_f64() * 100.0;
        let clock = std::time::Instant::now();
        let fresh = compute::compute(&last.params, 0, &data, None).unwrap();
        let fresh = (fresh.sizes.n, clock.elapsed().as_secs_f64() * 1000.0);
        let clock = std::time::Instant::now();
        let look = Look {
            lang: crate::stage::text::Lang::En,
            width: 760.0,
            font: 12.0,
            stroke: 1.0,
            focus: None,
            step: 0,
        };
        let marks = AttentionLab::draw(&last, &look).iter().map(|f| f.scene.marks.len()).sum::<usize>();
        let draw = clock.elapsed().as_secs_f64() * 1000.0;
        let clock = std::time::Instant::now();
        let _ = insight(&last, &look);
        let said = clock.elapsed().as_secs_f64() * 1000.0;
        println!(
            "{query:.60}: slider {slider:.2} ms, fresh {fresh:?}, draw {draw:.2} ({marks} marks), insight {said:.2}"
        );
    }
}

/// A click chooses a head, switches one off, paints the mask.
#[test]
fn clicks_do_what_is_said() {
    use crate::stage::lab::{Act, Focus};
    let click = |query: &str, tensor: &'static str, index: Vec<usize>| {
        AttentionLab::click(&run(query), &Focus { tensor, index })
    };
    let set = |key: &'static str, value: &str| Some(Act::Set(vec![(key, value.into())]));
    assert_eq!(click("", "weights_3", vec![0, 0, 4, 4]), set("head", "3"));
    assert_eq!(click("", "weights_2", vec![0, 0, 4, 4]), None);
    assert_eq!(click("", "measures", vec![0, 0, 1, 0]), set("heads_off", "2"));
    assert_eq!(click("heads_off=2,3", "measures", vec![0, 0, 1, 0]), set("heads_off", "3"));
    assert_eq!(click("mask=own", "mask", vec![0, 0, 1, 0]), set("allowed", "1;0"));
    assert!(fact("heads_off=2", "output_moved") > 0.1);
}

/// The numbers that questions name are those their links show.
#[test]
fn questions_tell_what_is_shown() {
    let link = |id: &str| {
        let list = crate::labs::attention::questions::list(crate::stage::text::Lang::En);
        list.iter().find(|q| q.id == id).unwrap().link
    };
    assert!(fact(link("T2"), "asymmetry") < 1e-5);
    assert_eq!((fact(link("T5"), "padding_difference"), fact(link("T40"), "padding_difference")), (0.0, 0.0));
    assert!(fact(link("T16"), "future_gradient") > 0.1);
    assert_eq!((fact(link("T52"), "d_v"), fact(link("T52"), "d_k")), (7.0, 4.0));
    assert!(run(link("T38")).output.main.weights.iter().any(|w| *w < -0.01));
}
