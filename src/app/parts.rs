//! Parts of the program that a visit loads when it first needs them, so that the first one costs little. `cargo xtask
//! build` cuts each out into a file beside the program, with everything that only it uses; `www/boot.js` loads it.
// The macro's imports and exports, and the functions it makes of what is written here.
#![allow(unsafe_code, missing_docs)]

use super::classroom::{self, Wish};
use super::live::part;
use super::rooms;
use super::state::Page;
use super::text::Words;
use super::widgets::text;
use super::{compare, photo_source, predict, questions, tables, work};
use crate::stage::lab::AnyLab;
use crate::stage::late;
use crate::stage::text::{Lang, Sentence};
use leptos::prelude::*;
use std::pin::Pin;
use std::sync::OnceLock;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// A part could not be loaded.
pub struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Missing
    }
}

impl Sentence for Missing {
    fn say(&self, lang: Lang) -> String {
        lang.pick(
            "This part of the page could not be loaded. Check the connection and try again.",
            "这一部分未能加载。请检查网络连接，然后重试。",
        )
        .into()
    }
}

/// Says that a part is missing, if it is.
pub fn report<T>(page: Page, part: Result<T, Missing>) -> Option<T> {
    match part {
        Ok(part) => Some(part),
        Err(missing) => {
            page.say(missing.say(page.lang.get_untracked()), true);
            None
        }
    }
}

/// Makes what a part shows; what the number says is agreed between the part and its place. One type for all: each type
/// of signal is code that every visit loads.
pub type Maker = fn(Page, usize) -> AnyView;

/// Work that waits for the browser.
pub type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Loads what the last drawing asked for, and has it drawn again.
pub fn bring_wanted(page: Page) {
    for name in late::wanted() {
        page.awaited.update_value(|n| *n += 1);
        spawn_local(async move {
            let came = report(page, load(name).await).is_some();
            page.awaited.update_value(|n| *n -= 1);
            if came {
                page.parts.update(|n| *n += 1);
            }
        });
    }
}

/// Loads a part that was wanted by name.
pub async fn load(name: &str) -> Result<(), Missing> {
    match name {
        "convolution_panels" => convolution_panels().await,
        _ => Err(Missing),
    }
}

/// Loads a language.
pub async fn language(lang: Lang) -> Result<(), Missing> {
    match lang {
        Lang::En => english().await,
        Lang::Zh => chinese().await,
    }
}

/// The English texts.
#[wasm_split(english, fallible)]
fn english() -> Result<(), Missing> {
    Words::bring_english();
    Ok(())
}

/// The Chinese texts.
#[wasm_split(chinese, fallible)]
fn chinese() -> Result<(), Missing> {
    Words::bring_chinese();
    Ok(())
}

/// The panels of the convolution lab.
#[wasm_split(convolution_panels, fallible)]
fn convolution_panels() -> Result<(), Missing> {
    crate::labs::convolution::bring_panels();
    Ok(())
}

/// The card of questions.
#[wasm_split(predict, fallible)]
pub fn predict() -> Result<Maker, Missing> {
    Ok(predict::card)
}

/// The list of a lab's questions.
#[wasm_split(question_list, fallible)]
pub fn questions() -> Result<Maker, Missing> {
    Ok(questions::list)
}

/// A figure's numbers as tables.
#[wasm_split(tables, fallible)]
pub fn tables() -> Result<Maker, Missing> {
    Ok(tables::view)
}

/// Something on its way.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, Missing>>>>;

/// A view on its way.
pub type Coming = Later<Maker>;

/// What puts the classroom on the page, and what tells it a wish.
pub type Classroom = (Maker, fn(Wish));

/// What brings parts, for who is in a part too. Handed over by the page at its start rather than called: every function
/// of a part is linked wherever this library is, also where nothing loads parts.
#[derive(Clone, Copy)]
pub struct Loaders {
    /// A lab, its texts and the page's.
    pub lab: fn(usize, Lang) -> Later<&'static dyn AnyLab>,
    /// The questions of a lab.
    pub questions: fn(usize) -> Later<()>,
    /// The classroom.
    pub classroom: fn() -> Later<Classroom>,
}

static LOADERS: OnceLock<Loaders> = OnceLock::new();

/// Hands the loaders over.
pub fn hand_over() {
    let _ = LOADERS.set(Loaders {
        lab: |lab, lang| {
            Box::pin(async move {
                language(lang).await?;
                rooms::bring(lab, lang).await
            })
        },
        questions: |lab| Box::pin(rooms::bring_questions(lab)),
        classroom: || Box::pin(classroom()),
    });
}

/// The loaders, on a page.
pub fn loaders() -> Result<Loaders, Missing> {
    LOADERS.get().copied().ok_or(Missing)
}

/// Brings what something holds that the learner opens.
pub type Bring = fn(usize) -> Coming;

/// Something that opens: what it holds is loaded then, and is there only while it is open.
pub fn disclosure(page: Page, class: &'static str, summary: AnyView, bring: Bring, which: usize) -> AnyView {
    let held = RwSignal::new(None::<Maker>);
    let toggled = move |ev: web_sys::Event| {
        let details = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        if !details.is_some_and(|d| d.has_attribute("open")) {
            held.set(None);
            return;
        }
        spawn_local(async move {
            let came = report(page, bring(which).await);
            let _ = held.try_set(came);
        });
    };
    view! {
        <details class=class on:toggle=toggled>
            <summary>{summary}</summary>
            {part(move || held.get().map(|view| view(page, which)).into_any())}
        </details>
    }
    .into_any()
}

/// What a teacher uses: what puts its room on the page, and what tells it a wish.
#[wasm_split(classroom, fallible)]
pub fn classroom() -> Result<Classroom, Missing> {
    Ok((classroom::room, classroom::wish))
}

/// Reads a picture file into the lab.
#[wasm_split(picture, fallible)]
pub fn open_file(page: Page, file: web_sys::File) -> Result<Work, Missing> {
    Ok(Box::pin(photo_source::open_file(page, file)))
}

/// Brings the camera's frames into the lab.
#[wasm_split(picture, fallible)]
pub fn camera(page: Page, camera: photo_source::Camera) -> Result<Work, Missing> {
    Ok(Box::pin(photo_source::start(page, camera)))
}

/// Who does work in the background.
#[wasm_split(work, fallible)]
pub fn work() -> Result<fn(Page) -> Maker, Missing> {
    Ok(work::follow)
}

/// The same, in the worker.
#[wasm_split(work, fallible)]
pub fn serve(scope: web_sys::DedicatedWorkerGlobalScope, bring: rooms::Bring) -> Result<(), Missing> {
    work::serve(scope, bring);
    Ok(())
}

/// The widget of texts.
#[wasm_split(text_field, fallible)]
pub fn text_field() -> Result<Maker, Missing> {
    Ok(text::field)
}

/// What a comparison begins with.
#[wasm_split(compare, fallible)]
pub fn compare() -> Result<fn(Page, Option<usize>), Missing> {
    Ok(compare::choose)
}
