//! What stands beside and below a figure: the pointed number explained, formulas, facts, sentences, code.

use super::math::Math;

/// Everything the insight column and the equation line show.
#[derive(Clone, Debug, Default)]
pub struct Insight {
    /// The sum that made the pointed cell, in pieces.
    pub equation: Vec<Piece>,
    /// One sentence that says what is seen now.
    pub answer: String,
    /// Titled formulas with these numbers in them.
    pub formulas: Vec<(String, Vec<Math>)>,
    /// Sentences that matter in this state.
    pub notes: Vec<Note>,
    /// Titled lists of facts.
    pub tables: Vec<(String, Vec<Fact>)>,
    /// Code that gives the same numbers.
    pub snippets: Vec<Snippet>,
}

/// A piece of an equation.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Plain text.
    Plain(String),
    /// A product, framed in its tap's colour.
    Tap {
        /// The tap, in row-major order.
        index: usize,
        /// How many taps there are.
        of: usize,
        /// `7·(−1)`.
        text: String,
        /// Whether it reads padding.
        padding: bool,
    },
    /// The result.
    Strong(String),
}

/// A sentence worth reading in this state.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Whether it warns of something easily missed.
    pub warns: bool,
    /// The sentence.
    pub text: String,
}

/// A line of a list of facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Stable name, as the page API gives it.
    pub name: &'static str,
    /// Label.
    pub label: String,
    /// How it comes about: `3·3, no bias`.
    pub detail: String,
    /// Its value, as shown.
    pub value: String,
}

/// A piece of code that gives the numbers shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Snippet {
    /// Stable key: `pytorch`, `jax`, `keras`, `numpy`.
    pub key: &'static str,
    /// Name on the tab.
    pub name: &'static str,
    /// The code.
    pub code: String,
}
