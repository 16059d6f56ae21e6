//! Law 1: every setting draws or explains. No panic, and no number on the screen that isn't one.

use crate::{
    explains, gap, look, not_a_number, rects, second, settled, share, some_cell, texts, told, unsettled,
};
use receptive::core::tensor::Random;
use receptive::labs::LABS;
use receptive::stage::insight::{Insight, Piece};
use receptive::stage::lab::{AnyLab, Data, Experiment, Look};
use receptive::stage::link::Setup;
use receptive::stage::scene::{Mark, Scene};
use receptive::stage::text::Lang;
use receptive::stage::work::Finds;

/// Settings tried of each lab.
const TRIED: usize = 3000;
/// One in so many may be large.
const LARGE: usize = 60;
/// The looks a setting is drawn at.
const LOOKS: [(f64, f64); 3] = [(330.0, 12.0), (760.0, 12.0), (760.0, 20.0)];

#[test]
fn every_setting_draws_or_explains() {
    for lab in LABS {
        let mut random = Random::new(1);
        let mut drawn = 0;
        let tried = share(*lab, TRIED);
        for at in 0..tried {
            let mut setup = Setup::defaults(lab.controls());
            setup.values = settled(*lab, &mut random, at % LARGE == 1);
            setup.seed = random.next_u64() % (1 << 53);
            setup.compare = (at % 5 == 0).then(|| second(*lab, &mut random));
            drawn += usize::from(draws_or_explains(*lab, &setup, &mut random, at));
        }
        assert!(drawn * 4 > tried, "{}: only {drawn} of {tried} settings could be drawn", lab.slug());
    }
}

/// Values that no learner can set, because they don't belong together, are not drawn, but stop nothing either.
#[test]
fn values_that_contradict_each_other_do_no_harm() {
    for lab in LABS {
        let mut random = Random::new(4);
        let (mut refused, data) = (0, Data::new());
        for _ in 0..share(*lab, 1000) {
            let values = unsettled(*lab, &mut random);
            let setup = Setup { values, ..Setup::defaults(lab.controls()) };
            let what = told(*lab, &setup);
            let mut reasons = vec![lab.check(&setup.values, &data).err(), crate::run(*lab, &setup).err()];
            let (index, value) = second(*lab, &mut random);
            reasons.push(lab.check(&lab.set(&setup.values, index, value, &data), &data).err());
            for reason in reasons.into_iter().flatten() {
                refused += 1;
                explains(&reason, &what);
            }
        }
        assert!(refused > 0, "{}: nothing was refused", lab.slug());
    }
}

/// What a state takes over from the one before it is what it would compute itself.
#[test]
fn nothing_stale_is_kept() {
    for (at, (lab, mut setup, first)) in crate::runs(5, 400).into_iter().enumerate() {
        let mut random = Random::new(at as u64);
        let (index, value) = second(lab, &mut random);
        setup.values = lab.set(&setup.values, index, value, &Data::new());
        setup.seed += (at % 7 == 0) as u64;
        let again = |before| {
            lab.run(
                &setup.values,
                setup.compare.as_ref(),
                setup.seed,
                (&Data::new(), &Finds::default()),
                before,
            )
        };
        let (kept, anew) = (again(Some(&*first)), again(None));
        let what = told(lab, &setup);
        match (kept, anew) {
            (Ok(kept), Ok(anew)) => {
                assert_eq!(kept.tensors(), anew.tensors(), "{what}");
                assert_eq!(kept.facts(), anew.facts(), "{what}");
            }
            (kept, anew) => assert!(kept.is_err() && anew.is_err(), "{what}"),
        }
    }
}

/// Computes a setting and looks at everything it shows; whether it could be computed.
pub fn draws_or_explains(lab: &dyn AnyLab, setup: &Setup, random: &mut Random, at: usize) -> bool {
    let (what, data) = (told(lab, setup), Data::new());
    let mut allowed = lab.check(&setup.values, &data);
    if let (Ok(()), Some((index, value))) = (&allowed, &setup.compare) {
        allowed = lab.check(&lab.set(&setup.values, *index, value.clone(), &data), &data);
    }
    match (allowed, crate::run(lab, setup)) {
        (Err(reason), Err(same)) => {
            explains(&reason, &what);
            explains(&same, &what);
            false
        }
        (Ok(()), Ok(run)) => {
            shows_numbers(&*run, random, at, &what);
            true
        }
        (allowed, run) => panic!("{what}: check says {allowed:?}, run {:?}", run.err()),
    }
}

fn shows_numbers(run: &dyn Experiment, random: &mut Random, at: usize, what: &str) {
    let tensors = run.tensors();
    for (at, (name, tensor)) in tensors.iter().enumerate() {
        assert!(tensor.iter().all(|v| v.is_finite()), "{what}: {name} is not finite");
        assert!(tensors[..at].iter().all(|(other, _)| other != name), "{what}: two tensors {name}");
    }
    for (name, value) in run.facts() {
        assert!(value.is_finite(), "{what}: {name} is {value}");
    }
    let steps = run.steps();
    assert!(run.step_focus(0).is_none() && run.step_focus(steps + 1).is_none(), "{what}: a step outside");
    for step in [1, 1 + random.below(steps.max(1)), steps] {
        if (1..=steps).contains(&step) {
            let focus = run.step_focus(step).unwrap_or_else(|| panic!("{what}: step {step} of {steps}"));
            let (_, tensor) = tensors.iter().find(|(name, _)| *name == focus.tensor).unwrap();
            assert!(tensor.get(&focus.index[..]).is_some(), "{what}: step {step} points at {focus:?}");
        }
    }
    let mut focus = some_cell(&tensors, random);
    if at % 16 == 3 {
        // What was pointed at before the shapes changed.
        focus.index.iter_mut().for_each(|i| *i = *i * 7 + random.below(100));
    }
    let (width, font) = LOOKS[at % LOOKS.len()];
    let lang = Lang::ALL[at / 3 % 2];
    let step = if at.is_multiple_of(2) { 0 } else { random.below(steps + 3) };
    let pointed = Look { focus: Some(&focus), step, ..look(lang, width, font) };
    for look in [look(lang, width, font), pointed] {
        for figure in run.draw(&look) {
            let what = format!("{what} {} {look:?}", figure.id);
            let said = [&figure.title, &figure.caption, &figure.summary];
            assert!(said.iter().all(|t| !not_a_number(t) && !gap(t)), "{what}: {said:?}");
            assert!(!figure.title.is_empty() && !figure.summary.is_empty(), "{what}: no title or summary");
            finite(&figure.scene, &what);
        }
        let insight = run.insight(&look);
        for text in said(&insight) {
            assert!(!not_a_number(&text) && !gap(&text), "{what}: {text}");
        }
    }
    let round = (at % 16) as u64;
    if let Some(asked) = receptive::labs::challenge(run, round, lang) {
        let right = asked.options.iter().filter(|o| o.right).count();
        assert!(right == 1 && asked.options.len() > 1, "{what}: {right} right answers in round {round}");
        for text in asked.options.iter().flat_map(|o| [&o.text, &o.because]).chain([&asked.ask]) {
            assert!(!text.is_empty() && !not_a_number(text) && !gap(text), "{what} round {round}: {text:?}");
        }
        if let Some((scene, says)) = &asked.picture {
            assert!(!says.is_empty(), "{what} round {round}");
            finite(scene, &format!("{what} round {round}"));
        }
    }
}

/// Everything the insight column says, but the code.
pub fn said(insight: &Insight) -> Vec<String> {
    let mut list = vec![insight.answer.clone()];
    list.extend(insight.equation.iter().map(|piece| match piece {
        Piece::Plain(text) | Piece::Strong(text) | Piece::Tap { text, .. } => text.clone(),
    }));
    for (title, formulas) in &insight.formulas {
        list.push(title.clone());
        list.extend(formulas.iter().map(|m| m.text()));
    }
    list.extend(insight.notes.iter().map(|n| n.text.clone()));
    for (title, facts) in &insight.tables {
        list.push(title.clone());
        list.extend(facts.iter().flat_map(|f| [f.label.clone(), f.detail.clone(), f.value.clone()]));
    }
    list
}

fn finite(scene: &Scene, what: &str) {
    assert!(
        scene.width.is_finite() && scene.height.is_finite() && scene.height > 0.0,
        "{what}: {}",
        scene.height
    );
    for mark in &scene.marks {
        let all = |numbers: &[f64]| numbers.iter().all(|v| v.is_finite());
        let placed = rects(mark).iter().all(|r| all(&[r.x, r.y, r.w, r.h]) && r.w >= 0.0 && r.h >= 0.0);
        let own = match mark {
            Mark::Cell { value, size, scale, .. } => {
                let ends = scale.map_or((0.0, 0.0), |s| s.ends());
                all(&[f64::from(*value), *size, f64::from(ends.0), f64::from(ends.1)])
            }
            Mark::Line { points, stroke } => {
                points.iter().all(|p| all(&[p.0, p.1])) && stroke.width.is_finite()
            }
            Mark::Area { points, .. } => points.iter().all(|p| all(&[p.0, p.1])),
            Mark::Text { at, size, .. } => all(&[at.0, at.1, *size]) && *size > 0.0,
            Mark::Legend { scale, size, .. } => {
                all(&[f64::from(scale.ends().0), f64::from(scale.ends().1), *size])
            }
            Mark::Plane { tensor, .. } => tensor.iter().all(|v| v.is_finite()),
            Mark::Box { radius, .. } => radius.is_finite(),
            Mark::Band { .. } => true,
        };
        assert!(placed && own, "{what}: {mark:?}");
    }
    for text in texts(scene) {
        assert!(!not_a_number(text) && !gap(text), "{what}: {text}");
    }
}
