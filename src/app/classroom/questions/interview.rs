//! Interview mode: a question out of the blue, an answer aloud, the lab's answer, the learner's own verdict. Below it
//! what was marked so far, and lessons.

use super::marks::Mark;
use super::{Desk, ready};
use crate::app::classroom::{Wish, lesson, save};
use crate::app::live::{live, part};
use crate::labs::curriculum::{Chapter, ROWS, Row};
use crate::labs::lessons::LESSONS;
use crate::stage::lesson::{Lesson, Step};
use crate::stage::text::fill;
use leptos::prelude::*;

/// The column.
pub fn column(desk: Desk) -> AnyView {
    view! { {asked(desk)}{map(desk)}{lessons(desk)} }.into_any()
}

/// A row that a lab answers, the ones not marked yet first. `Math.random` decides: no number drawn depends on it.
fn draw(desk: Desk, but: Option<&'static str>) -> Option<&'static Row> {
    let marks = desk.marks.get_untracked();
    let able = || ROWS.iter().filter(|row| ready(row) && Some(row.id) != but);
    let mut pool: Vec<_> = able().filter(|row| marks.of(row.id).is_none()).collect();
    if pool.is_empty() {
        pool = able().filter(|row| marks.of(row.id) != Some(Mark::Good)).collect();
    }
    if pool.is_empty() {
        pool = able().collect();
    }
    let at = (js_sys::Math::random() * pool.len() as f64) as usize;
    pool.get(at).copied()
}

fn asked(desk: Desk) -> AnyView {
    let words = move || desk.words();
    let row = RwSignal::new(None::<&'static Row>);
    let revealed = RwSignal::new(false);
    let next = move |_| {
        revealed.set(false);
        row.set(draw(desk, row.get_untracked().map(|row| row.id)));
    };
    let reveal = move |_| {
        if let Some(row) = row.get_untracked() {
            desk.filter.set(super::filter::Filter::default());
            if desk.open.get_untracked() != Some(row.id) {
                desk.toggle(row.id);
            }
            desk.revealed.set(true);
            revealed.set(true);
            request_animation_frame(move || {
                if let Some(item) = document().get_element_by_id(&format!("row-{}", row.id)) {
                    item.scroll_into_view();
                }
            });
        }
    };
    let mark = move |mark: Mark| {
        if let Some(row) = row.get_untracked() {
            desk.marks.update(|marks| marks.set(row.id, mark));
        }
        next(());
    };
    let verdict = move || {
        let buttons = Mark::ALL.map(|m| {
            let word = move || match m {
                Mark::Good => words().mark_good,
                Mark::Half => words().mark_half,
                Mark::Bad => words().mark_bad,
            };
            view! { <button type="button" on:click=move |_| mark(m)>{m.sign()}" "{word}</button> }
        });
        view! { <p>{move || words().how}</p><div class="row">{buttons}</div> }.into_any()
    };
    let question = move || match row.get() {
        None => view! {
            <p class="say">{words().interview_say}</p>
            <button type="button" class="primary" on:click=move |_| next(())>{words().begin}</button>
        }
        .into_any(),
        Some(row) => view! {
            <p><code>{row.id}</code></p>
            <p class="ask" role="status">{desk.room.page.lang.get().pick(row.title[0], row.title[1])}</p>
            <p class="say">{words().interview_say}</p>
            <div class="row">
                <button type="button" class="primary" on:click=reveal>{words().reveal}</button>
                <button type="button" on:click=move |_| next(())>{words().another}</button>
            </div>
            {part(move || if revealed.get() { verdict() } else { ().into_any() })}
        }
        .into_any(),
    };
    view! { <h2>{move || words().interview}</h2><div class="interview">{part(question)}</div> }.into_any()
}

fn map(desk: Desk) -> AnyView {
    let words = move || desk.words();
    let able = ROWS.iter().filter(|row| ready(row)).count();
    let told = move || {
        let n = desk.marks.with(|m| m.0.len());
        fill(words().map, &[("n", n.to_string()), ("all", able.to_string())])
    };
    let sums = move || {
        let count = |mark| desk.marks.with(|m| m.count(mark)).to_string();
        fill(
            words().map_say,
            &[("good", count(Mark::Good)), ("half", count(Mark::Half)), ("bad", count(Mark::Bad))],
        )
    };
    let square = move |row: &'static Row| {
        let sign = move || desk.marks.with(|m| m.of(row.id)).map_or("", Mark::sign);
        view! { <i class:ready=ready(row) class:marked=live(move || !sign().is_empty()) title=row.id>{sign}</i> }
    };
    let chapters = Chapter::ALL.map(|chapter| {
        let squares = ROWS.iter().filter(move |row| row.chapter == chapter).map(square);
        view! { <div class="squares">{squares.collect_view()}</div> }
    });
    let export = move |_| {
        let text = format!("id,mark\n{}", desk.marks.with_untracked(super::marks::Marks::write));
        save::save_bytes("receptive-marks.csv", "text/csv;charset=utf-8", text.as_bytes());
    };
    let none = Memo::new(move |_| desk.marks.with(|m| m.0.is_empty()));
    view! {
        <h2>{told}</h2>
        <div aria-hidden="true">{chapters}</div>
        <p class="say">{sums}</p>
        <div class="row">
            <button type="button" disabled=live(move || none.get()) on:click=export>{move || words().export}</button>
            <button type="button" disabled=live(move || none.get()) on:click=move |_| desk.marks.update(|m| m.clear())>{move || words().clear}</button>
        </div>
    }
    .into_any()
}

fn lessons(desk: Desk) -> AnyView {
    let words = move || desk.words();
    let (room, page) = (desk.room, desk.room.page);
    let list = LESSONS.iter().map(|data| {
        let title = move || page.lang.get().pick(data.title[0], data.title[1]);
        let play = move |_| {
            let lang = page.lang.get_untracked();
            let step = |s: &crate::labs::lessons::Step| Step { link: s.link.into(), note: lang.pick(s.note[0], s.note[1]).into() };
            let made = Lesson { title: lang.pick(data.title[0], data.title[1]).into(), steps: data.steps.iter().map(step).collect() };
            lesson::play(room, made);
        };
        let count = move || fill(words().steps, &[("n", data.steps.len().to_string())]);
        view! { <li><button type="button" class="lesson-pick" on:click=play><b>{title}</b><small>{count}" ›"</small></button></li> }
    });
    view! {
        <h2>{move || words().lessons}</h2>
        <ul class="lesson-list">{list.collect_view()}</ul>
        <div class="row"><button type="button" on:click=move |_| page.wish(Wish::Lesson)>{move || words().make}</button></div>
        <h2>{move || words().take}</h2>
        <p class="say">{move || words().take_say}</p>
        <div class="row"><a class="button" href="receptive.html" download="receptive.html">"receptive.html"</a></div>
    }
    .into_any()
}
