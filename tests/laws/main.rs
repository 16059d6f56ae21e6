//! The laws every lab keeps, tried on all of `LABS`: whatever can be set draws or explains, whatever a link says is
//! read or reported, and every number on the screen is one that was computed.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)]

mod drawn;
mod languages;
mod links;
mod pointing;
mod questions;
mod settings;
mod snippets;

use receptive::core::tensor::Random;
use receptive::labs::LABS;
use receptive::stage::control::{Kind, Values};
use receptive::stage::lab::{AnyLab, Data, Experiment, Focus, Look, Shared};
use receptive::stage::link::Setup;
use receptive::stage::refusal::Refusal;
use receptive::stage::scene::{Mark, Rect, Scene};
use receptive::stage::text::{Lang, Sentence};
use receptive::stage::value::Value;
use receptive::stage::work::Finds;
use std::sync::Arc;

/// Pairs above this are kept to a few settings, so that thousands stay fast.
const SMALL: usize = 64;

/// A random value of the control at `index`; a small one unless `large`.
fn value(lab: &dyn AnyLab, index: usize, random: &mut Random, large: bool) -> Value {
    let control = lab.controls()[index];
    let value = control.random(&mut |n| random.below(n));
    match (value, control.kind) {
        (Value::Pair(h, w), Kind::Pair { min, max }) if max > SMALL && !large => {
            Value::Pair(min + (h - min) % SMALL, min + (w - min) % SMALL)
        }
        (value, _) => value,
    }
}

/// Random values as a learner sets them: one control after the other, each followed by what it changes.
fn settled(lab: &dyn AnyLab, random: &mut Random, large: bool) -> Values {
    let mut values = Values::defaults(lab.controls());
    for (index, control) in lab.controls().iter().enumerate() {
        let size = matches!(control.kind, Kind::Pair { max, .. } if max > SMALL);
        if size || random.below(2) == 0 {
            let value = value(lab, index, random, large);
            values = lab.set(&values, index, value, &Data::new());
        }
    }
    values
}

/// Random values that know nothing of each other.
fn unsettled(lab: &dyn AnyLab, random: &mut Random) -> Values {
    Values((0..lab.controls().len()).map(|index| value(lab, index, random, false)).collect())
}

/// A control at a second value.
fn second(lab: &dyn AnyLab, random: &mut Random) -> (usize, Value) {
    let index = random.below(lab.controls().len());
    (index, value(lab, index, random, false))
}

/// Computes a setup that its lab must then accept or refuse with a sentence.
fn run(lab: &dyn AnyLab, setup: &Setup) -> Result<Arc<dyn Experiment>, Refusal> {
    run_with(lab, setup, &Finds::default())
}

/// The same, with what was found in the background.
fn run_with(lab: &dyn AnyLab, setup: &Setup, finds: &Finds) -> Result<Arc<dyn Experiment>, Refusal> {
    lab.run(&setup.values, setup.compare.as_ref(), setup.seed, (&Data::new(), finds), None)
}

/// So many of `count` settings are tried of a lab: of those that compute much for each setting fewer, so that all of it
/// stays a matter of minutes.
fn share(lab: &dyn AnyLab, count: usize) -> usize {
    if lab.slug() == "convolution" { count } else { count / 4 }
}

/// `count` settled settings of each lab that can be computed, the first one its default. What the first ones leave for
/// the background is done.
fn runs(seed: u64, count: usize) -> Vec<(&'static dyn AnyLab, Setup, Arc<dyn Experiment>)> {
    let mut list = Vec::new();
    for lab in LABS {
        let mut random = Random::new(seed);
        let start = list.len();
        let count = share(*lab, count);
        while list.len() < start + count {
            let mut setup = Setup::defaults(lab.controls());
            if list.len() > start {
                setup.values = settled(*lab, &mut random, false);
                setup.seed = random.next_u64() % 1000;
                setup.compare = (random.below(5) == 0).then(|| second(*lab, &mut random));
            }
            let mut finds = Finds::default();
            if list.len() < start + 3 {
                let beside = setup.compare.as_ref();
                finds.finish(lab.works(&setup.values, beside, setup.seed, &Data::new()));
            }
            if let Ok(run) = run_with(*lab, &setup, &finds) {
                list.push((*lab, setup, run));
            }
        }
    }
    list
}

/// A setting as a link writes it, for the message of a law that fails.
fn told(lab: &dyn AnyLab, setup: &Setup) -> String {
    let pair = |(at, value): (usize, &Value)| {
        let control = lab.controls()[at];
        let text: String = control.write(value).chars().take(80).collect();
        (text != control.default).then(|| format!("{}={text}", control.key))
    };
    let pairs: Vec<String> = setup.values.0.iter().enumerate().filter_map(pair).collect();
    let compare = setup.compare.as_ref().map(|(at, v)| {
        let control = lab.controls()[*at];
        format!(" compare={}:{}", control.key, control.write(v))
    });
    format!("{}?{} seed={}{}", lab.slug(), pairs.join("&"), setup.seed, compare.unwrap_or_default())
}

/// A cell of one of these tensors.
fn some_cell(tensors: &[(&'static str, Shared)], random: &mut Random) -> Focus {
    let (name, tensor) = &tensors[random.below(tensors.len())];
    Focus { tensor: name, index: tensor.shape().iter().map(|n| random.below(*n)).collect() }
}

/// A look at a figure.
fn look(lang: Lang, width: f64, font: f64) -> Look<'static> {
    Look { lang, width, font, stroke: 1.0, focus: None, step: 0 }
}

/// A refusal says something in both languages, and not the same.
fn explains(reason: &Refusal, what: &str) {
    let (en, zh) = (reason.say(Lang::En), reason.say(Lang::Zh));
    assert!(en.trim().len() > 8 && zh.chars().any(is_han), "{en} / {zh} in {what}");
    assert!(en != zh, "{en} in {what}");
    assert!(en.chars().count() < 900 && zh.chars().count() < 900, "{en} / {zh} in {what}");
    assert!(!gap(&en) && !gap(&zh), "{en} / {zh} in {what}");
}

/// A Chinese letter.
fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Whether a `{name}` was left unfilled.
fn gap(text: &str) -> bool {
    text.split('{').skip(1).any(|part| {
        let name = part.split('}').next().unwrap_or_default();
        !name.is_empty()
            && name.len() < part.len()
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

/// Whether a text holds a number that isn't one.
fn not_a_number(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '∞');
    words.into_iter().any(|w| w == "NaN" || w == "inf" || w.contains('∞'))
}

/// Every rectangle of a mark.
fn rects(mark: &Mark) -> Vec<Rect> {
    match mark {
        Mark::Box { rect, .. }
        | Mark::Cell { rect, .. }
        | Mark::Plane { rect, .. }
        | Mark::Legend { rect, .. } => {
            vec![*rect]
        }
        Mark::Band { from, to, .. } => vec![*from, *to],
        Mark::Line { .. } | Mark::Area { .. } | Mark::Text { .. } => Vec::new(),
    }
}

/// Every text of a picture.
fn texts(scene: &Scene) -> Vec<&str> {
    let text = |mark| match mark {
        &Mark::Text { ref text, .. } | &Mark::Cell { ref text, .. } => Some(text.as_str()),
        _ => None,
    };
    scene.marks.iter().filter_map(text).collect()
}
