//! The labs, one folder each, listed once. Menu, routes, laws and tests follow from the list.

pub mod attention;
pub mod channels;
pub mod checkerboard;
pub mod convolution;
pub mod curriculum;
pub mod lessons;
pub mod pooling;
pub mod positions;
pub mod receptive_field;
pub mod tours;

use crate::stage::challenge::Challenge;
use crate::stage::lab::{AnyLab, Entry, Experiment, Lab, Question, Ran};
use crate::stage::text::Lang;
use std::marker::PhantomData;

/// What the menu says of a lab before its program has come.
#[derive(Clone, Copy, Debug)]
pub struct Sign {
    /// The lab's name in links.
    pub slug: &'static str,
    /// Its short name in English and in Chinese.
    pub name: [&'static str; 2],
}

macro_rules! labs {
    ($($lab:ty: $slug:literal, $en:literal, $zh:literal;)+) => {
        /// Every lab, in the order of the menu.
        pub const LABS: &[&dyn AnyLab] = &[$(&Entry::<$lab>(PhantomData)),+];

        /// The signs over their doors, in the same order.
        pub const SIGNS: &[Sign] = &[$(Sign { slug: $slug, name: [$en, $zh] }),+];

        /// The curriculum rows that each lab answers, in the same order.
        pub const QUESTIONS: &[fn(Lang) -> &'static [Question]] = &[$(<$lab as Lab>::questions),+];

        /// A question made from the live core; `round` counts up. Not a method of the experiment, so that a page can
        /// load the questions when the learner first asks for one.
        pub fn challenge(experiment: &dyn Experiment, round: u64, lang: Lang) -> Option<Challenge> {
            $(if experiment.as_any().is::<Ran<$lab>>() {
                return challenge_of::<$lab>(experiment, round, lang);
            })+
            None
        }
    };
}

/// The same, when it is known which lab the experiment is of.
pub fn challenge_of<L: Lab>(experiment: &dyn Experiment, round: u64, lang: Lang) -> Option<Challenge> {
    experiment.as_any().downcast_ref::<Ran<L>>().and_then(|run| L::challenge(run, round, lang))
}

// A new lab also gets its parts in `app::rooms`.
labs! {
    convolution::Convolution: "convolution", "Sliding window", "滑动窗口";
    channels::Channels: "channels", "Channels", "通道";
    pooling::Pooling: "pooling", "Pooling", "池化";
    receptive_field::ReceptiveField: "receptive-field", "Receptive field", "感受野";
    checkerboard::Checkerboard: "checkerboard", "Checkerboard", "棋盘效应";
    attention::AttentionLab: "attention", "Attention", "注意力";
    positions::Positions: "positions", "Position codes", "位置编码";
}
