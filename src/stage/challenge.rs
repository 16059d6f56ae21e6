//! Predict first: a question whose right answer is computed, with a kind word for each wrong one.

use super::scene::Scene;
use crate::core::tensor::Random;

/// A question made from the live core.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The question.
    pub ask: String,
    /// A picture that belongs to it.
    pub picture: Option<(Scene, String)>,
    /// The options; exactly one is right.
    pub options: Vec<Answer>,
    /// The query of a link that shows the answer in the lab.
    pub show: Option<String>,
}

/// What an option says, and why.
pub type Said = (String, String);

impl Challenge {
    /// The question with the right option and up to three wrong ones that say something else, shuffled; `None` when
    /// fewer than two wrong ones are left. `show` is the query of a link that shows the answer.
    pub fn shuffled(
        ask: String,
        right: Said,
        wrong: Vec<Said>,
        show: String,
        random: &mut Random,
    ) -> Option<Challenge> {
        let mut options = vec![Answer { text: right.0, right: true, because: right.1 }];
        for (text, because) in wrong {
            if options.len() < 4 && options.iter().all(|a| a.text != text) {
                options.push(Answer { text, right: false, because });
            }
        }
        if options.len() < 3 {
            return None;
        }
        for i in (1..options.len()).rev() {
            options.swap(i, random.below(i + 1));
        }
        Some(Challenge { ask, picture: None, options, show: Some(show) })
    }
}

/// One option of a challenge.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// Whether it is right.
    pub right: bool,
    /// Why it is right, or what whoever chose it may have thought, and what to look at.
    pub because: String,
}
