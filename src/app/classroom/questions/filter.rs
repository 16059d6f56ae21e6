//! Which rows are shown, in which order, and the column that decides it.

use super::{Desk, ready};
use crate::app::live::{live, part};
use crate::labs::SIGNS;
use crate::labs::curriculum::{self, Chapter, ROWS, Row};
use crate::stage::text::fill;
use leptos::prelude::*;

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What is asked most comes first.
    #[default]
    Asked,
    /// What is easiest comes first.
    Easy,
    /// As in the course.
    Course,
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that the question has to hold.
    pub search: String,
    /// The chapter.
    pub chapter: Option<Chapter>,
    /// Whether a lab answers it.
    pub ready: Option<bool>,
    /// Only rows that are often answered wrong.
    pub traps: bool,
    /// The difficulty.
    pub difficulty: Option<u8>,
    /// How often it is asked.
    pub frequency: Option<u8>,
    /// The lab: its place on the list.
    pub lab: Option<usize>,
    /// The order.
    pub order: Order,
}

impl Filter {
    fn fits(&self, row: &Row) -> bool {
        let text = format!("{} {} {}", row.id, row.title[0], row.title[1]).to_lowercase();
        self.search.to_lowercase().split_whitespace().all(|word| text.contains(word))
            && self.chapter.is_none_or(|chapter| chapter == row.chapter)
            && self.ready.is_none_or(|wanted| wanted == ready(row))
            && (!self.traps || row.trap)
            && self.difficulty.is_none_or(|d| d == row.difficulty)
            && self.frequency.is_none_or(|f| f == row.frequency)
            && self.lab.is_none_or(|lab| curriculum::lab_of(row.id) == Some(lab))
    }

    /// The rows that fit, in order.
    pub fn rows(&self) -> Vec<&'static Row> {
        let mut rows: Vec<_> = ROWS.iter().filter(|row| self.fits(row)).collect();
        match self.order {
            Order::Asked => rows.sort_by_key(|row| (std::cmp::Reverse(row.frequency), row.difficulty)),
            Order::Easy => rows.sort_by_key(|row| (row.difficulty, std::cmp::Reverse(row.frequency))),
            Order::Course => {}
        }
        rows
    }
}

/// Buttons of which one is pressed.
fn choice(label: AnyView, buttons: Vec<AnyView>) -> AnyView {
    view! { <h2>{label}</h2><div class="picks">{buttons}</div> }.into_any()
}

fn pick(
    desk: Desk,
    word: impl Fn() -> String + Send + 'static,
    count: usize,
    on: impl Fn(&Filter) -> bool + Send + Sync + 'static,
    press: impl Fn(&mut Filter) + Send + 'static,
) -> AnyView {
    let pressed = live(move || desk.filter.with(&on).to_string());
    view! {
        <button type="button" class="pick" aria-pressed=pressed on:click=move |_| desk.filter.update(&press)>
            <span>{word}</span><b>{count}</b>
        </button>
    }
    .into_any()
}

/// The column.
pub fn column(desk: Desk) -> AnyView {
    let words = move || desk.words();
    let lang = desk.room.page.lang;
    let of = |fits: &dyn Fn(&Row) -> bool| ROWS.iter().filter(|row| fits(row)).count();
    let mut chapters = vec![pick(
        desk,
        move || words().all.into(),
        ROWS.len(),
        |f| f.chapter.is_none(),
        |f| f.chapter = None,
    )];
    for chapter in Chapter::ALL {
        let name = move || {
            let [en, zh] = chapter.name();
            lang.get().pick(en, zh).to_string()
        };
        let count = of(&|row| row.chapter == chapter);
        chapters.push(pick(
            desk,
            name,
            count,
            move |f| f.chapter == Some(chapter),
            move |f| f.chapter = Some(chapter),
        ));
    }
    let able = of(&ready);
    let experiments = vec![
        pick(desk, move || words().all.into(), ROWS.len(), |f| f.ready.is_none(), |f| f.ready = None),
        pick(desk, move || words().ready.into(), able, |f| f.ready == Some(true), |f| f.ready = Some(true)),
        pick(
            desk,
            move || words().not_yet.into(),
            ROWS.len() - able,
            |f| f.ready == Some(false),
            |f| f.ready = Some(false),
        ),
    ];
    let mut labs = vec![pick(desk, move || words().all.into(), able, |f| f.lab.is_none(), |f| f.lab = None)];
    for (at, sign) in SIGNS.iter().enumerate() {
        let name = move || lang.get().pick(sign.name[0], sign.name[1]).to_string();
        let count = of(&|row| curriculum::lab_of(row.id) == Some(at));
        labs.push(pick(desk, name, count, move |f| f.lab == Some(at), move |f| f.lab = Some(at)));
    }
    let stars = move |id: &'static str, set: fn(&mut Filter, Option<u8>), get: fn(&Filter) -> Option<u8>| {
        let changed = move |ev| desk.filter.update(|f| set(f, event_target_value(&ev).parse().ok()));
        view! {
            <select id=id on:change=changed>
                <option value="" selected=live(move || desk.filter.with(|f| get(f).is_none()))>{move || words().any}</option>
                {(1..=5u8).map(|n| view! { <option value=n selected=live(move || desk.filter.with(|f| get(f) == Some(n)))>{n}</option> }).collect_view()}
            </select>
        }
        .into_any()
    };
    view! {
        <input type="search" class="search" aria-label=move || words().search placeholder=move || words().search
            prop:value=desk.filter.with_untracked(|f| f.search.clone()) on:input=move |ev| desk.filter.update(|f| f.search = event_target_value(&ev))/>
        {choice(view! { {move || words().chapter} }.into_any(), chapters)}
        {choice(view! { {move || words().experiment} }.into_any(), experiments)}
        <label class="check"><input type="checkbox" prop:checked=live(move || desk.filter.with(|f| f.traps))
            on:change=move |ev| desk.filter.update(|f| f.traps = event_target_checked(&ev))/>{move || words().only_traps}</label>
        <div class="two">
            <label for="difficulty">{move || words().difficulty}</label>{stars("difficulty", |f, n| f.difficulty = n, |f| f.difficulty)}
            <label for="frequency">{move || words().asked}</label>{stars("frequency", |f, n| f.frequency = n, |f| f.frequency)}
        </div>
        {choice(view! { {move || words().lab} }.into_any(), labs)}
    }
    .into_any()
}

/// The buttons that order the list, and how many rows it has.
pub fn head(desk: Desk) -> AnyView {
    let words = move || desk.words();
    let able = ROWS.iter().filter(|row| ready(row)).count();
    let counts = move || {
        let parts = [("ready", able), ("open", ROWS.len() - able)];
        fill(words().counts, &parts.map(|(name, n)| (name, n.to_string())))
    };
    let orders = [Order::Asked, Order::Easy, Order::Course].map(|order| {
        let word = move || match order {
            Order::Asked => words().order_asked,
            Order::Easy => words().order_easy,
            Order::Course => words().order_course,
        };
        view! {
            <label class:on=live(move || desk.filter.with(|f| f.order == order))>
                <input type="radio" name="order" prop:checked=live(move || desk.filter.with(|f| f.order == order)) on:change=move |_| desk.filter.update(|f| f.order = order)/>
                <span>{word}</span>
            </label>
        }
    });
    let shown = Memo::new(move |_| desk.filter.with(|f| f.rows().len()));
    view! {
        <div class="desk-head">
            <div>
                <h2 class="big">{move || fill(words().heading, &[("n", ROWS.len().to_string())])}</h2>
                <p>{counts}{part(move || (shown.get() < ROWS.len()).then(|| view! { " "<b role="status">{fill(words().shown, &[("n", shown.get().to_string())])}</b> }).into_any())}</p>
            </div>
            <div class="seg" role="radiogroup" aria-label=move || words().order>{orders}</div>
        </div>
    }
    .into_any()
}
