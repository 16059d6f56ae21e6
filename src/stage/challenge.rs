//! Predict first: a question whose right answer is computed, with a kind word for each wrong one.

use super::scene::Scene;

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
