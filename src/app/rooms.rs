//! The labs, each loaded when it is first opened: its program, its texts by language, its questions.
// The macro's imports and exports, and the functions it makes of what is written here.
#![allow(unsafe_code, missing_docs)]

use super::parts::Missing;
use crate::labs::{self, SIGNS};
use crate::stage::challenge::Challenge;
use crate::stage::lab::{AnyLab, Data, Entry, Experiment, Lab, Question};
use crate::stage::link::{self, Link};
use crate::stage::text::Lang;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::OnceLock;
use wasm_split_helpers::wasm_split;

/// The labs that have come, in the order of the list.
static THERE: [OnceLock<&'static dyn AnyLab>; SIGNS.len()] = [const { OnceLock::new() }; SIGNS.len()];

static ASKERS: [OnceLock<Asker>; SIGNS.len()] = [const { OnceLock::new() }; SIGNS.len()];

/// What a lab asks.
#[derive(Clone, Copy)]
pub struct Asker {
    /// Makes a question of an experiment.
    pub challenge: fn(&dyn Experiment, u64, Lang) -> Option<Challenge>,
    /// The curriculum rows it answers.
    pub questions: fn(Lang) -> &'static [Question],
}

/// Declares the parts of each lab, in the order of the list.
macro_rules! rooms {
    ($($index:literal $lab:ty: $program:ident, $english:ident, $chinese:ident, $questions:ident;)+) => {
        $(
            #[wasm_split($program, fallible)]
            fn $program() -> Result<&'static dyn AnyLab, Missing> {
                Ok(&Entry::<$lab>(PhantomData))
            }
            #[wasm_split($english, fallible)]
            fn $english() -> Result<(), Missing> {
                <$lab as Lab>::bring_english();
                Ok(())
            }
            #[wasm_split($chinese, fallible)]
            fn $chinese() -> Result<(), Missing> {
                <$lab as Lab>::bring_chinese();
                Ok(())
            }
            #[wasm_split($questions, fallible)]
            fn $questions() -> Result<Asker, Missing> {
                Ok(Asker { challenge: labs::challenge_of::<$lab>, questions: <$lab as Lab>::questions })
            }
        )+

        async fn program(lab: usize) -> Result<&'static dyn AnyLab, Missing> {
            match lab {
                $($index => $program().await,)+
                _ => Err(Missing),
            }
        }

        async fn texts(lab: usize, lang: Lang) -> Result<(), Missing> {
            match (lab, lang) {
                $(($index, Lang::En) => $english().await,
                ($index, Lang::Zh) => $chinese().await,)+
                _ => Err(Missing),
            }
        }

        async fn asker_of(lab: usize) -> Result<Asker, Missing> {
            match lab {
                $($index => $questions().await,)+
                _ => Err(Missing),
            }
        }
    };
}

rooms! {
    0 labs::convolution::Convolution: convolution, convolution_english, convolution_chinese, convolution_questions;
    1 labs::channels::Channels: channels, channels_english, channels_chinese, channels_questions;
    2 labs::pooling::Pooling: pooling, pooling_english, pooling_chinese, pooling_questions;
    3 labs::receptive_field::ReceptiveField: receptive_field, receptive_field_english, receptive_field_chinese, receptive_field_questions;
    4 labs::checkerboard::Checkerboard: checkerboard, checkerboard_english, checkerboard_chinese, checkerboard_questions;
    5 labs::attention::AttentionLab: attention, attention_english, attention_chinese, attention_questions;
    6 labs::positions::Positions: positions, positions_english, positions_chinese, positions_questions;
}

/// A lab, if it has come.
pub fn get(lab: usize) -> Option<&'static dyn AnyLab> {
    THERE.get(lab).and_then(OnceLock::get).copied()
}

/// Brings a lab and its texts in a language.
pub async fn bring(lab: usize, lang: Lang) -> Result<&'static dyn AnyLab, Missing> {
    texts(lab, lang).await?;
    bring_program(lab).await
}

async fn bring_program(lab: usize) -> Result<&'static dyn AnyLab, Missing> {
    let any = program(lab).await?;
    if let Some(place) = THERE.get(lab) {
        let _ = place.set(any);
    }
    Ok(any)
}

/// Brings a lab.
pub type Bring = fn(usize) -> Pin<Box<dyn Future<Output = Result<&'static dyn AnyLab, Missing>>>>;

/// Brings a lab without words, for the worker. Handed over rather than called from a part: every function of a part is
/// linked wherever this library is, also where nothing loads parts.
pub const BRING_PROGRAM: Bring = |lab| Box::pin(bring_program(lab));

/// Brings the questions of a lab.
pub async fn bring_questions(lab: usize) -> Result<(), Missing> {
    let asker = asker_of(lab).await?;
    if let Some(place) = ASKERS.get(lab) {
        let _ = place.set(asker);
    }
    Ok(())
}

/// What asks the questions of a lab, if it has come.
pub fn asker(lab: usize) -> Option<Asker> {
    ASKERS.get(lab).and_then(OnceLock::get).copied()
}

/// The place on the list of the lab that an address names; the first where it names none.
pub fn of(hash: &str) -> usize {
    let (slug, _) = link::split(hash);
    SIGNS.iter().position(|sign| sign.slug == slug).unwrap_or(0)
}

/// Reads a whole address, when its lab has come; otherwise what it says of the page.
pub fn read(hash: &str, data: &Data) -> Link {
    let lab = of(hash);
    link::read_for(get(lab), lab, hash, data)
}
