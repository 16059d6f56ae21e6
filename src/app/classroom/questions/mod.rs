//! `#/questions`: every row of the curriculum, those that a lab answers with their experiment.

mod card;
mod filter;
mod interview;
mod labs;
mod list;
pub mod marks;
mod words;

use super::Room;
use crate::app::live::part;
use crate::app::state::here;
use crate::labs::curriculum::{self, Row};
use crate::stage::link;
use filter::Filter;
use leptos::prelude::*;
use marks::Marks;
pub use words::Words;

/// Everything the parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The classroom.
    pub room: Room,
    /// What is shown of the list.
    pub filter: RwSignal<Filter>,
    /// The row that is open, by its id.
    pub open: RwSignal<Option<&'static str>>,
    /// Whether it was opened to see the answer rather than to guess it.
    pub revealed: RwSignal<bool>,
    /// How the learner judged their own answers.
    pub marks: RwSignal<Marks>,
}

impl Desk {
    /// The words in the present language.
    pub fn words(&self) -> &'static Words {
        Words::of(self.room.page.lang.get())
    }

    /// Opens a row, or closes it when it is open; the address names it.
    pub fn toggle(&self, id: &'static str) {
        let next = (self.open.get_untracked() != Some(id)).then_some(id);
        self.revealed.set(false);
        self.open.set(next);
        let address = next.map_or_else(|| "#/questions".into(), |id| format!("#/questions?id={id}"));
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
    }
}

/// The id that an address names, if there is such a row.
fn named(hash: &str) -> Option<&'static str> {
    let (_, pairs) = link::split(hash);
    let id = pairs.into_iter().find(|(key, _)| key == "id")?.1;
    curriculum::row(&id).map(|row| row.id)
}

/// Whether a lab answers a row.
pub fn ready(row: &Row) -> bool {
    curriculum::lab_of(row.id).is_some()
}

/// The page.
pub fn page(room: Room) -> AnyView {
    Words::bring_english();
    Words::bring_chinese();
    let desk = Desk {
        room,
        filter: RwSignal::new(Filter::default()),
        open: RwSignal::new(named(&here())),
        revealed: RwSignal::new(false),
        marks: RwSignal::new(Marks::kept()),
    };
    // A link to another row while the page is open.
    let listener = window_event_listener(leptos::ev::hashchange, move |_| {
        if let Some(id) = named(&here()) {
            desk.revealed.set(false);
            desk.open.set(Some(id));
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <main class="questions-page">
            {part(move || labs::strip(desk))}
            <div class="desk">
                <aside class="desk-side" aria-label=move || desk.words().filters>{filter::column(desk)}</aside>
                <section class="desk-list">{list::column(desk)}</section>
                <aside class="desk-side" aria-label=move || desk.words().interview>{interview::column(desk)}</aside>
            </div>
        </main>
    }
    .into_any()
}
