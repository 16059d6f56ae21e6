//! The drawn numbers as tables.

use super::live::live;
use super::state::Page;
use crate::stage::html;
use crate::stage::scene::table;
use leptos::prelude::*;

/// The tables of the figure at a place of the list.
pub fn view(page: Page, at: usize) -> AnyView {
    let tables = move || {
        let figures = page.figures.get_value();
        let figure = figures.and_then(|figures| figures.list.with(|list| list.0.get(at).cloned()));
        figure.map_or_else(String::new, |figure| html::tables(&table::tables(&figure.scene)))
    };
    view! {
        <div class="table-room" tabindex="0" role="region" aria-label=live(move || page.words().table) inner_html=tables></div>
    }
    .into_any()
}
