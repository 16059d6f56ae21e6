//! Work that takes longer than a frame, seen from the page. Who does it, and what is shown of it, is loaded when there is
//! some ([`super::work`]).

use super::parts::{self, Maker};
use super::state::Page;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Has what a state leaves for the background done: brings who does it when there is some for the first time. Gives the
/// place of what is shown of it.
pub fn follow(page: Page) -> RwSignal<Option<Maker>> {
    let progress = RwSignal::new(None::<Maker>);
    let owner = Owner::current();
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        page.computed.track();
        if begun.get_value() || open(page).is_empty() {
            return;
        }
        begun.set_value(true);
        page.awaited.update_value(|n| *n += 1);
        let owner = owner.clone();
        spawn_local(async move {
            match (parts::report(page, parts::work().await), owner) {
                (Some(work), Some(owner)) => progress.set(Some(owner.with(|| work(page)))),
                _ => begun.set_value(false),
            }
            page.awaited.update_value(|n| *n -= 1);
        });
    });
    progress
}

/// The keys of the works of the present state that are not done.
pub fn open(page: Page) -> Vec<String> {
    let setup = page.setup.get_untracked();
    let works = page.data.with_untracked(|data| {
        page.lab_untracked().works(&setup.values, setup.compare.as_ref(), setup.seed, data)
    });
    page.finds
        .with_untracked(|finds| works.into_iter().map(|w| w.key).filter(|key| !finds.complete(key)).collect())
}
