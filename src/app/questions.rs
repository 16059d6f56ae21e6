//! The curriculum rows the lab answers, each a link that sets it up.

use super::live::{live, part};
use super::rooms;
use super::state::Page;
use crate::stage::link;
use leptos::prelude::*;

/// The rows of a lab, and what to look for in the one that was chosen.
pub fn list(page: Page, lab: usize) -> AnyView {
    let open = RwSignal::new(None::<&'static str>);
    let list = move || rooms::asker(lab).map_or(&[][..], |asker| (asker.questions)(page.lang.get()));
    let go = move |id: &'static str, query: &'static str| {
        let (_, pairs) = link::split(&format!("#/{}?{query}", page.lab_untracked().slug()));
        if let Err(refusal) = page.open(lab, &pairs, false) {
            page.report(&[refusal]);
        }
        open.set(Some(id));
    };
    view! {
        <div class="chips">
            {part(move || list().iter().map(|q| view! {
                <button type="button" class="chip-button" aria-pressed=live(move || (open.get() == Some(q.id)).to_string()) data-question=q.id on:click=move |_| go(q.id, q.link)>
                    <b>{q.id}</b>" "{q.short}
                </button>
            }).collect_view().into_any())}
        </div>
        {part(move || (open.get().and_then(|id| list().iter().find(|q| q.id == id)).map(|q| view! {
            <div class="look" role="status"><h3>{q.id}" "{q.short}</h3><p>{q.look}</p></div>
        })).into_any())}
    }
    .into_any()
}
