//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

mod counts;
mod pictures;
mod published;

use super::Convolution;
use super::inputs::Input;
use super::params::{Panel, Params};
use super::text::Text;
use crate::core::tensor::Random;
use crate::stage::challenge::{Answer, Challenge};
use crate::stage::decimal::decimal;
use crate::stage::lab::{Data, Lab, Ran};
use crate::stage::link::query_of;
use crate::stage::text::Lang;

/// What a kind of question is made from.
struct Asking<'a> {
    run: &'a Ran<Convolution>,
    lang: Lang,
    t: &'static Text,
    /// How often all kinds have come round: the numbers of a question change with it.
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

/// Every kind, in the order in which they come.
const KINDS: [Kind; 7] = [
    counts::size_after,
    pictures::which_kernel,
    counts::corner_reads,
    pictures::value_after,
    counts::even_shift,
    counts::macs_after,
    published::published,
];

/// The kind that fits what the learner looks at.
fn first(params: &Params) -> usize {
    let even = |k: usize, d: usize| (d * (k - 1)) % 2 == 1;
    match params {
        p if p.input == Input::Published => 6,
        p if p.input == Input::Impulse || even(p.kernel_size.0, p.dilation.0) => 4,
        p if matches!(p.panel, Panel::Usage | Panel::Border | Panel::Modes) => 2,
        p if !p.is_grid() => 1,
        _ => 0,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<Convolution>, round: u64, lang: Lang) -> Option<Challenge> {
    let ask = |kind: Kind, turn: usize, round: u64| {
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        kind(&mut Asking { run, lang, t: Text::of(lang), turn, random })
    };
    // Kinds that can't be asked of this state are left out of its circle.
    let mut circle = KINDS;
    circle.rotate_left(first(&run.params));
    let circle: Vec<Kind> = circle.into_iter().filter(|kind| ask(*kind, 0, 0).is_some()).collect();
    let n = circle.len().max(1) as u64;
    let (place, turn) = ((round % n) as usize, (round / n) as usize);
    (0..circle.len()).find_map(|skip| ask(circle[(place + skip) % circle.len()], turn, round))
}

impl Asking<'_> {
    /// The options: the right one and up to three wrong ones that say something else. `None` when fewer than two
    /// wrong ones are left.
    fn options(
        &mut self,
        right: (String, String),
        wrong: Vec<(String, String)>,
        sorted: bool,
    ) -> Option<Vec<Answer>> {
        let mut list = vec![Answer { text: right.0, right: true, because: right.1 }];
        for (text, because) in wrong {
            if list.len() < 4 && list.iter().all(|a| a.text != text) {
                list.push(Answer { text, right: false, because });
            }
        }
        if list.len() < 3 {
            return None;
        }
        if sorted {
            let value = |a: &Answer| -> f64 {
                let digits: String = a.text.chars().filter(|c| !"\u{202f} ".contains(*c)).collect();
                digits.replace('−', "-").split('×').next().and_then(decimal).unwrap_or(0.0)
            };
            list.sort_unstable_by(|a, b| value(a).total_cmp(&value(b)).then(a.text.cmp(&b.text)));
        } else {
            // Shuffled, each order alike.
            for i in (1..list.len()).rev() {
                let j = self.random.below(i + 1);
                list.swap(i, j);
            }
        }
        Some(list)
    }

    /// The query of a link to a state.
    fn query(&self, params: &Params) -> String {
        query_of::<Convolution>(params, self.run.seed)
    }

    /// The state with one change and what follows from it.
    fn changed(&self, change: impl FnOnce(&mut Params)) -> Params {
        let before = &self.run.params;
        let mut after = before.clone();
        change(&mut after);
        Convolution::settle(before, &mut after, &Data::new());
        after
    }
}

/// A size as an option says it.
fn sized(size: (usize, usize)) -> String {
    format!("{} × {}", size.0, size.1)
}

#[cfg(test)]
mod tests {
    use super::super::explain::tests::run;
    use super::*;

    const STATES: [&str; 9] = [
        "",
        "stride=2&padding=1",
        "input=published&weight=2,0,1;1,0,0;0,1,1&padding=1&stride=2",
        "input=impulse&kernel=box&kernel_size=4&padding=same",
        "panel=usage&padding=2&padding_mode=reflect",
        "input=shapes&size=64&kernel=gaussian&kernel_size=15&padding=same_tf",
        "size=1&kernel=identity&kernel_size=1",
        "activation=relu&bias=3&flip=1&size=5,9&dilation=2",
        "kernel=random&kernel_size=2,5&padding=full",
    ];

    #[test]
    fn every_question_has_one_right_answer_and_a_word_for_each() {
        for state in STATES {
            let run = run(state);
            for round in 0..14 {
                for lang in Lang::ALL {
                    let asked = challenge(&run, round, lang).unwrap();
                    let what = format!("{state} {round} {asked:?}");
                    assert_eq!(asked.options.iter().filter(|a| a.right).count(), 1, "{what}");
                    assert!((3..=4).contains(&asked.options.len()), "{what}");
                    let mut texts: Vec<&str> = asked.options.iter().map(|a| a.text.as_str()).collect();
                    texts.sort_unstable();
                    texts.dedup();
                    assert_eq!(texts.len(), asked.options.len(), "{what}");
                    for answer in &asked.options {
                        assert!(!answer.because.is_empty() && !answer.because.contains('{'), "{what}");
                    }
                    assert!(!asked.ask.contains('{'), "{what}");
                    if let Some(query) = &asked.show {
                        super::super::explain::tests::run(query);
                    }
                }
            }
        }
    }

    #[test]
    fn rounds_bring_every_kind_and_repeat_themselves() {
        let run = run("");
        let asks: Vec<String> = (0..7).map(|round| challenge(&run, round, Lang::En).unwrap().ask).collect();
        let mut distinct = asks.clone();
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() >= 6, "{asks:?}");
        for round in [0, 3, 9] {
            let again = || format!("{:?}", challenge(&run, round, Lang::Zh).unwrap().options);
            assert_eq!(again(), again());
        }
    }

    #[test]
    fn the_first_question_fits_the_state() {
        let ask = |state: &str| challenge(&run(state), 0, Lang::En).unwrap().ask;
        assert!(ask("input=published").contains("published"));
        assert!(ask("input=impulse").contains("single 1"));
        assert!(ask("panel=usage&padding=1").contains("corner"));
        assert!(ask("input=shapes").contains("Which kernel"));
        assert!(ask("").contains("output"));
    }
}
