//! The list of keys, opened by `?`.

use super::sheet::Sheet;
use super::{Room, present};
use crate::app::keys::table;
use crate::app::live::part;
use leptos::prelude::*;

/// Every key of the page and of presenting.
pub fn dialog(room: Room) -> AnyView {
    let rows = |list: Vec<(&'static str, &'static str)>| {
        let rows = list
            .into_iter()
            .map(|(keys, does)| view! { <div><dt><kbd>{keys}</kbd></dt><dd>{does}</dd></div> });
        view! { <dl class="keys">{rows.collect_view()}</dl> }.into_any()
    };
    let body = view! {
        {part(move || rows(table(room.page).to_vec()))}
        <h3>{move || room.words().present}</h3>
        {part(move || rows(present::table(room).to_vec()))}
    };
    view! { <Sheet room=room name="keys-help" title=Box::new(move || room.page.words().keyboard_help.into()) body=body.into_any()/> }
        .into_any()
}
