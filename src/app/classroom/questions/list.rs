//! The rows.

use super::{Desk, card, filter, ready};
use crate::app::live::{live, part};
use crate::labs::SIGNS;
use crate::labs::curriculum::{self, Row};
use crate::stage::text::fill;
use leptos::prelude::*;

/// The heading and every row that fits.
pub fn column(desk: Desk) -> AnyView {
    let rows =
        Memo::new(move |_| desk.filter.with(|f| f.rows().into_iter().map(|row| row.id).collect::<Vec<_>>()));
    let list = move || {
        let ids = rows.get();
        if ids.is_empty() {
            return view! { <p class="say">{desk.words().nothing}</p> }.into_any();
        }
        let rows = ids.into_iter().filter_map(curriculum::row).map(|row| line(desk, row));
        view! { <ol class="rows-list">{rows.collect_view()}</ol> }.into_any()
    };
    view! { {filter::head(desk)}{part(list)} }.into_any()
}

/// Filled and empty dots.
fn dots(n: u8) -> String {
    (0..5).map(|i| if i < n { '●' } else { '○' }).collect()
}

fn line(desk: Desk, row: &'static Row) -> AnyView {
    let lang = desk.room.page.lang;
    let title = move || lang.get().pick(row.title[0], row.title[1]);
    let open = Memo::new(move |_| desk.open.get() == Some(row.id));
    let stars = move || {
        let parts = [("d", row.difficulty), ("f", row.frequency)];
        fill(desk.words().stars, &parts.map(|(name, n)| (name, n.to_string())))
    };
    let place = move || {
        curriculum::lab_of(row.id).and_then(|lab| SIGNS.get(lab)).map_or_else(
            || desk.words().not_yet.to_string(),
            |sign| lang.get().pick(sign.name[0], sign.name[1]).to_string(),
        )
    };
    let mark = move || desk.marks.with(|m| m.of(row.id)).map_or("", super::marks::Mark::sign);
    view! {
        <li class="row-item" class:open=live(move || open.get()) class:later=!ready(row) id=format!("row-{}", row.id)>
            <button type="button" class="row-head" aria-expanded=live(move || open.get().to_string()) on:click=move |_| desk.toggle(row.id)>
                <code>{row.id}</code>
                <span class="row-title">{title}{row.trap.then(|| view! { " "<i class="trap">"! "{move || desk.words().trap}</i> })}</span>
                <span class="row-mark">{mark}</span>
                <span class="row-lab">{place}</span>
                <span class="row-stars" role="img" aria-label=stars title=stars>{dots(row.difficulty)}" "<b>{"▂▃▅▆▇".chars().take(usize::from(row.frequency)).collect::<String>()}</b></span>
            </button>
            {part(move || if open.get() { card::view(desk, row) } else { ().into_any() })}
        </li>
    }
    .into_any()
}
