//! The numbers are those of the formulas and of published networks.

use super::compute::{Output, compute};
use super::params::{Params, check, settle, splits};
use crate::stage::control::{Controls, Values};
use crate::stage::lab::Data;
use crate::stage::text::{Lang, Sentence};

fn state(query: &[(&str, &str)]) -> Params {
    let mut values = Values::defaults(Params::CONTROLS);
    for (key, text) in query {
        let at = Params::CONTROLS.iter().position(|c| c.key == *key).unwrap();
        values = values.with(at, Params::CONTROLS[at].parse(text).unwrap());
    }
    Params::read(&values)
}

fn run(query: &[(&str, &str)]) -> Output {
    compute(&state(query), 0, &Data::new(), None).unwrap()
}

#[test]
fn partial_maps_and_bias_add_up_to_the_output() {
    for query in [
        vec![],
        vec![("in_channels", "6"), ("out_channels", "6"), ("groups", "3"), ("stride", "2")],
        vec![("in_channels", "4"), ("groups", "4"), ("weights", "random"), ("kernel_size", "5,2")],
    ] {
        let o = run(&query);
        let q = state(&query).shown();
        let (h, w) = o.size();
        for (r, c) in (0..h).flat_map(|r| (0..w).map(move |c| (r, c))) {
            let sum: f32 = (0..o.partial.shape()[1]).map(|i| o.partial[[0, i, r, c]]).sum();
            let difference = (sum + o.bias[[0, q]] - o.output[[0, q, r, c]]).abs();
            assert!(difference < 1e-5, "{query:?} {r} {c}: {difference}");
        }
    }
}

#[test]
fn counts_are_those_of_the_formulas() {
    // 3 → 64 channels, 3×3: 1728 weights and 64 biases, as VGG's first layer.
    assert_eq!(run(&[("out_channels", "64")]).costs[[0, 0, 0, 0]], 1792.0);
    let o = run(&[("in_channels", "8"), ("out_channels", "16"), ("groups", "8"), ("bias", "0")]);
    assert_eq!(o.weight.shape(), [16, 1, 3, 3]);
    assert_eq!(o.costs[[0, 0, 0, 0]], 144.0);
    // Depthwise, then 1×1, against standard: 1/c_out + 1/k².
    let ratio = o.costs[[0, 0, 4, 0]] / o.costs[[0, 0, 1, 0]];
    assert!((ratio - (1.0 / 16.0 + 1.0 / 9.0)).abs() < 1e-6, "{ratio}");
}

#[test]
fn three_mixed_channels_come_back_and_one_does_not() {
    let there = run(&[("weights", "false_colour"), ("out_channels", "3"), ("output", "0")]).mixing;
    assert!(there.rank == 3 && there.error.0 < 1e-5, "{:?}", there.error);
    let grey = run(&[("weights", "grey"), ("out_channels", "1"), ("output", "0")]).mixing;
    assert!(grey.rank == 1 && grey.error.1 > 0.02, "{:?}", grey.error);
    // No other matrix does better on this picture, as its squared error tells.
    let input = run(&[]).input;
    let squared = |back: &[f32]| {
        let pixels = grey.mixed.iter();
        let of = |(at, mixed): (usize, &f32)| {
            (0..3).map(|c| (input[[0, c, at / 48, at % 48]] - back[c] * mixed).powi(2)).sum::<f32>()
        };
        pixels.enumerate().map(of).sum::<f32>()
    };
    let best: Vec<f32> = grey.back.iter().copied().collect();
    for c in 0..3 {
        for step in [-0.02, 0.02] {
            let mut other = best.clone();
            other[c] += step;
            assert!(squared(&other) > squared(&best), "{c} {step}");
        }
    }
}

#[test]
fn groups_walk_on_to_what_divides_or_say_why_not() {
    let six = state(&[("in_channels", "6"), ("out_channels", "6")]);
    let mut after = Params { groups: 4, ..six.clone() };
    settle(&six, &mut after, &Data::new());
    assert_eq!((after.groups, splits(6, 6)), (6, vec![1, 2, 3, 6]));
    let refused = check(&state(&[("groups", "3")]), &Data::new()).unwrap_err().say(Lang::En);
    assert!(refused.contains("4 % 3 = 1"), "{refused}");
}

#[test]
fn a_photo_comes_as_three_channels_in_its_proportions() {
    use super::Channels;
    use crate::stage::lab::{Lab, Shared};
    let (mut params, mut data) = (state(&[("in_channels", "4"), ("groups", "4")]), Data::new());
    let photo = |h: usize, w: usize| {
        Shared::from_shape_fn(vec![1, 3, h, w], |at| [0.2, 0.5, 0.75][at[1]] + 0.05 * (at[3] % 2) as f32)
    };
    Channels::load("photo", photo(200, 400), &mut params, &mut data).unwrap();
    assert_eq!((params.c_in(), params.g(), params.size), (3, 1, (40, 80)));
    let o = compute(&params, 0, &data, None).unwrap();
    for (k, level) in [0.2, 0.5, 0.75].into_iter().enumerate() {
        // Stripes one cell wide are averaged away by area.
        assert!((o.input[[0, k, 7, 30]] - level - 0.025).abs() < 0.02, "{k}");
    }
    for wrong in [photo(513, 4), photo(8, 8).mapv(|v| v * 2.0).into_shared(), Shared::zeros(vec![1, 1, 4, 4])]
    {
        assert!(Channels::load("photo", wrong, &mut params, &mut data).is_err());
    }
    assert!(check(&state(&[("input", "photo")]), &Data::new()).is_err(), "a photo never travels in a link");
}

#[test]
fn own_data_is_taken_with_its_shape_or_refused() {
    use super::Channels;
    use crate::stage::lab::{Lab, Shared};
    let (mut params, mut data) = (state(&[]), Data::new());
    let mut load = |name: &str, shape: &[usize], params: &mut Params| {
        Channels::load(name, Shared::from_elem(shape, 0.5), params, &mut data)
    };
    assert!(load("bias", &[4], &mut params).is_err(), "a bias goes with own weights");
    load("weight", &[8, 3, 5, 3], &mut params).unwrap();
    assert_eq!((params.c_out(), params.c_in(), params.kernel_size), (8, 3, (5, 3)));
    load("bias", &[8], &mut params).unwrap();
    assert!(load("bias", &[7], &mut params).is_err());
    load("input", &[1, 3, 9, 11], &mut params).unwrap();
    assert_eq!((params.c_in(), params.size), (3, (9, 11)));
    for wrong in [&[1, 17, 4, 4][..], &[97, 4], &[2, 3, 4, 4], &[0, 3], &[3]] {
        assert!(load("input", wrong, &mut params).is_err(), "{wrong:?}");
    }
    let o = compute(&params, 0, &data, None).unwrap();
    // In the middle 5·3·3 taps of 0.5 read 0.5, and 0.5 is the bias.
    assert_eq!(o.output[[0, 0, 4, 5]], 45.0 * 0.25 + 0.5);
}
