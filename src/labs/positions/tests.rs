//! The lab's numbers agree with the papers, with hand-made attention, and with each other.

use super::compute::{Extra, Output};
use super::params::{Code, Input, Params, settle};
use super::{Positions, SCORES, WEIGHTS};
use crate::labs::LABS;
use crate::stage::control::{Controls, Values};
use crate::stage::lab::{Act, Data, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::link;
use crate::stage::scene::grid::value_at;
use crate::stage::text::{Lang, Sentence, number};
use crate::stage::work::Finds;
use ndarray::{ArrayD, IxDyn};

fn with(query: &str, data: &Data) -> Ran<Positions> {
    let read = link::read(&format!("#/positions?{query}"), LABS, data);
    assert!(read.problems.is_empty(), "{query}: {:?}", read.problems);
    let params = Params::read(&read.setup.values);
    let given = Given { data, finds: &Finds::default(), before: None };
    let output = Positions::compute(&params, read.setup.seed, given).unwrap();
    Ran { params, seed: read.setup.seed, output, beside: None }
}

fn run(query: &str) -> Ran<Positions> {
    with(query, &Data::new())
}

fn look() -> Look<'static> {
    Look { lang: Lang::En, width: 760.0, font: 12.0, stroke: 1.0, focus: None, step: 0 }
}

fn weights(o: &Output, code: Code) -> &Shared {
    &o.maps[code as usize].as_ref().unwrap().weights
}

/// Press, Smith and Lewis, 2021: for 8 heads 1/2, 1/4 … 1/256.
#[test]
fn eight_slopes_are_those_of_the_paper() {
    let run = run("code=alibi&panel=slopes");
    let expected: Vec<f32> = (1..=8).map(|i| 0.5f32.powi(i)).collect();
    assert_eq!(run.output.slopes.iter().copied().collect::<Vec<_>>(), expected);
    let figure = Positions::draw(&run, &look()).pop().unwrap();
    assert!(
        figure.summary.contains("1/2, 1/4, 1/8") && figure.summary.contains("1/256"),
        "{}",
        figure.summary
    );
    // The bias is the slope times the distance, and nothing else.
    let none = value_at(&run.output.maps[0].as_ref().unwrap().scores, 6, 1);
    let alibi = value_at(&run.output.maps[Code::Alibi as usize].as_ref().unwrap().scores, 6, 1);
    assert!((none - alibi - 5.0 * 0.125).abs() < 1e-5, "{none} {alibi}");
}

/// Raffel and others, 2019, with 32 buckets to 128: where the causal buckets 16 to 31 begin.
#[test]
fn causal_buckets_begin_where_the_published_ones_do() {
    let run = run("code=t5&panel=buckets&bidirectional=0");
    let Extra::Buckets { starts, causal, .. } = &run.output.extra else { panic!() };
    let starts: Vec<usize> = starts.iter().map(|v| *v as usize).collect();
    assert_eq!(starts[..16], (0..16).collect::<Vec<_>>());
    assert_eq!(starts[16..], [16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113]);
    assert_eq!(value_at(causal, 0, 135), 31.0);
}

/// Vaswani and others, 2017: sine and cosine of position / base^(2i/d).
#[test]
fn the_sinusoidal_code_is_that_of_the_paper() {
    let run = run("d_model=4&num_heads=1&head=0&tokens=3&panel=table");
    let row: Vec<f32> = (0..4).map(|c| value_at(&run.output.code, 2, c)).collect();
    assert_eq!(row, [2f32.sin(), 2f32.cos(), 0.02f32.sin(), 0.02f32.cos()]);
    let Extra::Table { wavelength: Some(wave), dot, .. } = &run.output.extra else { panic!() };
    assert!((value_at(wave, 0, 3) - 628.3185).abs() < 1e-3);
    assert!((value_at(dot, 0, 0) - 2.0).abs() < 1e-6, "every pair adds sin² + cos² = 1");
}

#[test]
fn without_a_code_same_words_have_same_rows_and_order_is_invisible() {
    for query in ["", "tokens=30&seed=9", "d_model=16&num_heads=2&head=1&permute=shuffle", "permute=reverse"]
    {
        let run = run(query);
        let o = &run.output;
        assert!(o.apart(Code::None).unwrap() < 1e-6, "{query}");
        let Extra::Order { change, .. } = &o.extra else { panic!() };
        assert!(change[0].unwrap() < 1e-5, "{query}: {change:?}");
        for code in [Code::Sinusoidal, Code::Learned, Code::Rope, Code::Alibi, Code::T5] {
            assert!(o.apart(code).unwrap() > 1e-3, "{query} {code:?}");
            // Distances don't change when a text is read backwards: ALiBi on both sides alike can't see it.
            let blind = code == Code::Alibi && query.contains("reverse");
            let change = change[code as usize].unwrap();
            assert!(if blind { change < 1e-5 } else { change > 1e-3 }, "{query} {code:?}: {change:?}");
        }
    }
    // A causal mask gives order without a code.
    let Extra::Order { change, .. } = run("is_causal=1").output.extra else { panic!() };
    assert!(change[0].unwrap() > 1e-3, "{change:?}");
}

#[test]
fn the_rotary_score_stays_to_the_last_digit_under_any_shift() {
    for query in
        ["", "layout=interleaved", "base=10", "scaling=linear", "scaling=yarn&factor=8", "scaling=llama3"]
    {
        let here = run(&format!("code=rope&panel=rotary&{query}"));
        for offset in [1, 32, 1000, 10_000] {
            let there = run(&format!("code=rope&panel=rotary&{query}&offset={offset}"));
            let (a, b) = (&here.output.rotary, &there.output.rotary);
            assert!((a.score - b.score).abs() < 1e-10, "{query} {offset}");
            assert_eq!(number(a.score, 9), number(b.score, 9), "{query} {offset}");
            assert_eq!(b.unmoved, a.score);
            let maps = [&here, &there].map(|r| weights(&r.output, Code::Rope).clone());
            let apart = maps[0].iter().zip(&maps[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 2e-3, "{query} {offset}: the maps, in 32 bits, {apart}");
        }
        // Every row of the table says the same of the rotary score, and not of the sinusoidal one.
        let rows = &here.output.rotary.shifted;
        assert!((1..4).all(|r| value_at(rows, r, 2) == value_at(rows, 0, 2)), "{rows:?}");
        assert!((1..4).any(|r| (value_at(rows, r, 3) - value_at(rows, 0, 3)).abs() > 0.01));
    }
    // Dynamic scaling follows the length of the text.
    let moved = run("code=rope&panel=rotary&scaling=dynamic&offset=1000").output.rotary;
    assert!((moved.score - moved.unmoved).abs() > 1e-4);
}

/// The score drawn by hand is the score of the map: same tokens, same positions.
#[test]
fn the_arrows_and_the_map_tell_the_same_score() {
    for query in ["", "layout=interleaved&base=100", "scaling=yarn"] {
        let run = run(&format!("code=rope&panel=rotary&{query}"));
        let (i, j) = run.output.rotary.tokens;
        assert_eq!((i, j), (7, 4), "the positions of the controls are those of the tokens");
        let map = value_at(&run.output.maps[Code::Rope as usize].as_ref().unwrap().scores, i, j);
        assert!((f64::from(map) - run.output.rotary.score).abs() < 1e-5, "{query}");
    }
}

#[test]
fn the_learned_table_ends_and_says_so() {
    let last = run("code=learned&offset=24");
    assert_eq!(last.output.code.shape(), [8, 64]);
    let code = value_at(&last.output.code, 7, 5);
    assert_eq!(code, value_at(&last.output.table, 31, 5));
    let mut params = last.params.clone();
    params.offset = 25;
    let refused = Positions::check(&params, &Data::new()).unwrap_err();
    assert!(refused.say(Lang::En).contains("position 32 was never trained"), "{refused:?}");
    // Beside the others its map is simply absent, and nothing stands in for it.
    let beyond = run("code=rope&offset=25");
    assert!(beyond.output.maps[Code::Learned as usize].is_none());
    assert!(Positions::tensors(&beyond).iter().all(|(name, _)| *name != WEIGHTS[2] && *name != SCORES[2]));
    let Extra::Reach(curves) = &run("panel=extrapolation").output.extra else { panic!() };
    assert_eq!(curves[2].as_ref().map(|c| c.distances.last().copied()), Some(Some(31)));
    assert_eq!(curves[3].as_ref().map(|c| c.distances.last().copied()), Some(Some(256)));
}

#[test]
fn loaded_queries_and_keys_are_used_as_they_are() {
    let mut data = Data::new();
    let mut params = Params::read(&Values::defaults(Params::CONTROLS));
    let tensor =
        |list: [f32; 4]| ArrayD::from_shape_vec(IxDyn(&[1, 1, 2, 2]), list.to_vec()).unwrap().into_shared();
    Positions::load("q", tensor([2.0, 0.0, 0.0, 1.0]), &mut params, &mut data).unwrap();
    Positions::load("k", tensor([1.0, 0.0, 0.0, 3.0]), &mut params, &mut data).unwrap();
    Positions::load("v", tensor([1.0, 0.0, 0.0, 1.0]), &mut params, &mut data).unwrap();
    assert_eq!((params.tokens, params.num_heads, params.d_model, params.head), (2, 1, 2, 0));
    params.code = Code::None;
    let given = Given { data: &data, finds: &Finds::default(), before: None };
    let o = Positions::compute(&params, 0, given).unwrap();
    let root = 2f32.sqrt();
    assert_eq!(
        o.scores.iter().map(|v| (v * root * 10.0).round()).collect::<Vec<_>>(),
        [20.0, 0.0, 0.0, 30.0]
    );
    let first = 1.0 / (1.0 + (-2.0 / root).exp());
    assert!((value_at(&o.output, 0, 0) - first).abs() < 1e-6);
    // One of another shape takes the others' place.
    let wide = ArrayD::zeros(IxDyn(&[1, 2, 3, 4])).into_shared();
    Positions::load("k", wide, &mut params, &mut data).unwrap();
    assert!(data.len() == 1 && params.tokens == 3 && params.input == Input::Own);
    params.tokens = 4;
    assert!(Positions::check(&params, &data).unwrap_err().say(Lang::En).contains("set tokens"));
    for shape in [vec![3, 2], vec![1, 2, 3, 5], vec![1, 17, 4, 2], vec![1, 1, 1, 2], vec![1, 1, 129, 2]] {
        let odd = ArrayD::zeros(IxDyn(&shape)).into_shared();
        assert!(Positions::load("q", odd, &mut params, &mut data).is_err(), "{shape:?}");
    }
}

#[test]
fn sizes_follow_each_other() {
    let defaults = || Params::read(&Values::defaults(Params::CONTROLS));
    let set = |change: fn(&mut Params)| {
        let before = defaults();
        let mut after = before.clone();
        change(&mut after);
        settle(&before, &mut after, &Data::new());
        assert!(Positions::check(&after, &Data::new()).is_ok());
        after
    };
    assert_eq!(set(|p| p.d_model = 65).d_model, 80);
    assert_eq!(set(|p| p.d_model = 63).d_model, 48);
    let three = set(|p| p.num_heads = 3);
    assert_eq!((three.d_model, three.head), (66, 2));
    assert_eq!(set(|p| p.num_heads = 1).head, 0);
    assert_eq!(set(|p| p.num_heads = 16).d_model, 64);
}

/// Milliseconds of computing and drawing, to be read: `cargo test … measured -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn measured() {
    let large = "tokens=128&d_model=128&num_heads=16&max_position_embeddings=512&code=rope&is_causal=1";
    let wide = "tokens=128&d_model=128&num_heads=1&max_position_embeddings=512&code=sinusoidal&input=same";
    let mut queries = vec![String::new()];
    for panel in ["order", "table", "rotary", "slopes", "buckets", "extrapolation"] {
        queries.extend([large, wide].map(|q| format!("{q}&panel={panel}")));
    }
    for query in queries {
        let mut best = [f64::INFINITY; 2];
        for _ in 0..5 {
            let start = std::time::Instant::now();
            let run = run(&query);
            let computed = start.elapsed().as_secs_f64() * 1e3;
            std::hint::black_box(Positions::draw(&run, &look()));
            let drawn = start.elapsed().as_secs_f64() * 1e3 - computed;
            best = [best[0].min(computed), best[1].min(drawn)];
        }
        println!("{:.2} ms computed, {:.2} ms drawn: {query}", best[0], best[1]);
    }
}

/// Places along the rulers, and rows of the table, are clicked to.
#[test]
fn a_click_on_a_ruler_moves_the_arrows() {
    let here = run("code=rope&panel=rotary&offset=10");
    let click = |index: [usize; 2], tensor| Positions::click(&here, &Focus { tensor, index: index.to_vec() });
    let sets = |key, value: &str| Some(Act::Set(vec![(key, value.to_string())]));
    assert_eq!(click([0, 9], "ruler"), sets("q_position", "9"));
    assert_eq!(click([1, 0], "ruler"), sets("k_position", "0"));
    assert_eq!(click([2, 11], "ruler"), sets("offset", "10000"));
    assert_eq!(click([0, 7], "ruler"), None, "it stands there already");
    assert_eq!(click([3, 2], "shifted"), sets("offset", "1000"));
    // Every place that a ruler offers can be set, and the one set is on it.
    for (q, k) in [(0, 0), (512, 512), (13, 4), (18, 400), (511, 6)] {
        let there = run(&format!("code=rope&panel=rotary&q_position={q}&k_position={k}"));
        let ruler = &there.output.rotary.ruler;
        for (row, at) in [(0, q), (1, k)] {
            let places: Vec<f32> = (0..12).map(|c| value_at(ruler, row, c)).collect();
            assert!(places.contains(&(at as f32)) && places.iter().all(|v| *v <= 512.0), "{places:?}");
        }
    }
    let moves = here.output.rotary.moves;
    assert!(moves[0] < 1e-10 && moves[1] > 0.01, "{moves:?}");
}

/// A state that takes over from the one before it is the state computed alone.
#[test]
fn what_is_kept_is_what_would_be_computed() {
    let before = run("code=t5&tokens=20");
    for query in ["permute=reverse", "panel=extrapolation", "map=scores&panel=rotary&q_position=9", "head=3"]
    {
        let alone = run(&format!("code=t5&tokens=20&{query}"));
        let given = Given { data: &Data::new(), finds: &Finds::default(), before: Some(&before) };
        let output = Positions::compute(&alone.params, alone.seed, given).unwrap();
        let after = Ran { params: alone.params.clone(), seed: alone.seed, output, beside: None };
        assert_eq!(Positions::tensors(&after), Positions::tensors(&alone), "{query}");
        assert_eq!(Positions::facts(&after), Positions::facts(&alone), "{query}");
    }
}

#[test]
fn any_whole_base_is_taken() {
    let waves = run("base=12345&panel=table");
    let Extra::Table { wavelength: Some(list), .. } = &waves.output.extra else { panic!() };
    let last = f64::from(value_at(list, 0, 63));
    let expected = std::f64::consts::TAU * 12345f64.powf(62.0 / 64.0);
    assert!((last / expected - 1.0).abs() < 1e-5, "{last}");
}

#[test]
fn a_click_on_a_map_chooses_its_code() {
    let run = run("");
    let focus = |tensor| Focus { tensor, index: vec![0, 0, 1, 1] };
    let act = Positions::click(&run, &focus("weights_rope"));
    assert_eq!(act, Some(Act::Set(vec![("code", "rope".into())])));
    assert_eq!(Positions::click(&run, &focus("weights_sinusoidal")), None);
    assert_eq!(Positions::click(&run, &focus("picture")), None);
}

#[test]
fn questions_come_in_seven_kinds_with_one_right_answer() {
    for query in [
        "",
        "input=same&tokens=2",
        "num_heads=16&d_model=128&max_position_embeddings=64",
        "panel=slopes&code=alibi",
    ] {
        let run = run(query);
        let mut asks = Vec::new();
        for round in 0..14 {
            for lang in Lang::ALL {
                let asked = Positions::challenge(&run, round, lang).unwrap();
                assert_eq!(asked.options.iter().filter(|a| a.right).count(), 1, "{query} {asked:?}");
                assert!((3..=4).contains(&asked.options.len()), "{query} {asked:?}");
                asks.push(asked.ask);
            }
        }
        asks.sort();
        asks.dedup();
        assert!(asks.len() >= 12, "{query}: {asks:?}");
    }
}
