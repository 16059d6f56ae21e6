//! A guided tour of each lab: a stop is done when the learner has done the thing, not when they have read it.

mod stops;

pub use stops::TOURS;

use crate::stage::lab::{AnyLab, Experiment, Focus};
use crate::stage::link::Setup;

/// What the learner has to do at a stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// Move a control, wherever to.
    Moved(&'static str),
    /// Bring a control to a value, as links write it.
    Is(&'static str, &'static str),
    /// Point at a cell of a tensor.
    Points(&'static str),
    /// Step through the figure.
    Steps,
    /// Set a second value beside the first.
    Compares,
    /// Bring a number of the lab between two others.
    Reaches(&'static str, f64, f64),
}

/// A stop: what to do and why, and when it is done.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// In English and in Chinese.
    pub say: [&'static str; 2],
    /// When it is done.
    pub until: Until,
    /// A link's query that does it: for who is stuck, and for the tests.
    pub way: &'static str,
}

/// The tour of a lab. It begins at the lab's default.
#[derive(Clone, Copy, Debug)]
pub struct Tour {
    /// The lab's name in links.
    pub lab: &'static str,
    /// Its stops.
    pub stops: &'static [Stop],
}

/// What a stop looks at.
pub struct Seen<'a> {
    /// The lab.
    pub lab: &'a dyn AnyLab,
    /// The state when the stop began.
    pub before: &'a Setup,
    /// The state now.
    pub now: &'a Setup,
    /// What is pointed at.
    pub focus: Option<&'a Focus>,
    /// What was computed.
    pub run: &'a dyn Experiment,
}

impl Until {
    /// Whether it has been done.
    pub fn done(self, seen: &Seen) -> bool {
        let value = |setup: &Setup, key: &str| {
            let at = seen.lab.controls().iter().position(|c| c.key == key)?;
            Some(seen.lab.controls().get(at)?.write(setup.values.0.get(at)?))
        };
        match self {
            Until::Moved(key) => value(seen.before, key) != value(seen.now, key),
            Until::Is(key, wanted) => value(seen.now, key).as_deref() == Some(wanted),
            Until::Points(tensor) => seen.focus.is_some_and(|focus| focus.tensor == tensor),
            Until::Steps => seen.now.step > 1 && seen.now.step != seen.before.step,
            Until::Compares => seen.now.compare.is_some(),
            Until::Reaches(fact, low, high) => {
                seen.run.facts().iter().any(|(name, v)| *name == fact && (low..=high).contains(v))
            }
        }
    }
}

/// The tour of a lab.
pub fn tour(lab: &str) -> Option<&'static Tour> {
    TOURS.iter().find(|tour| tour.lab == lab)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{LABS, SIGNS};
    use crate::stage::lab::Data;
    use crate::stage::link;
    use crate::stage::work::Finds;

    fn at(lab: usize, query: &str) -> (Setup, std::sync::Arc<dyn Experiment>) {
        let any = LABS[lab];
        let read = link::read(&format!("#/{}?{query}", any.slug()), LABS, &Data::new());
        assert!(read.problems.is_empty(), "{query}: {:?}", read.problems);
        let (values, beside) = (&read.setup.values, read.setup.compare.as_ref());
        let mut finds = Finds::default();
        finds.finish(any.works(values, beside, read.setup.seed, &Data::new()));
        let run = any.run(values, beside, read.setup.seed, (&Data::new(), &finds), None).unwrap();
        (read.setup, run)
    }

    #[test]
    fn every_lab_has_a_tour_whose_stops_can_be_done_and_are_not_done_before() {
        for (lab, sign) in SIGNS.iter().enumerate() {
            let tour = tour(sign.slug).unwrap_or_else(|| panic!("{} has no tour", sign.slug));
            assert!(tour.stops.len() >= 4, "{}", sign.slug);
            let (mut before, mut run) = at(lab, "");
            for stop in tour.stops {
                let any = LABS[lab];
                let look = |now: &Setup, run: &dyn Experiment, focus: Option<&Focus>| {
                    stop.until.done(&Seen { lab: any, before: &before, now, focus, run })
                };
                assert!(!look(&before, run.as_ref(), None), "{}: done before: {:?}", sign.slug, stop.until);
                if let Until::Points(tensor) = stop.until {
                    let found = run.tensors().into_iter().find(|(name, _)| *name == tensor);
                    let (tensor, t) = found.unwrap_or_else(|| panic!("{}: no {tensor}", sign.slug));
                    let focus = Focus { tensor, index: vec![0; t.ndim()] };
                    assert!(look(&before, run.as_ref(), Some(&focus)));
                    continue;
                }
                let (after, ran) = at(lab, stop.way);
                assert!(look(&after, ran.as_ref(), None), "{}: {:?} by {}", sign.slug, stop.until, stop.way);
                (before, run) = (after, ran);
            }
        }
    }

    #[test]
    fn stops_say_something_in_both_languages() {
        for stop in TOURS.iter().flat_map(|tour| tour.stops) {
            let [en, zh] = stop.say;
            assert!(en.len() > 40 && en.ends_with(['.', '?']), "{en}");
            assert!(zh.chars().count() > 12 && zh.ends_with(['。', '？']) && !zh.contains("  "), "{zh}");
        }
    }
}
