//! The guided tour: one stop at a time, done when the learner has done it.

use super::Room;
use crate::app::live::{live, part};
use crate::labs::tours::{Seen, Stop, Tour, tour};
use crate::stage::link::{self, Setup};
use crate::stage::text::fill;
use leptos::prelude::*;

/// Where a learner is on a tour.
#[derive(Clone, Copy)]
pub struct Walk {
    /// The tour.
    pub tour: &'static Tour,
    at: usize,
}

/// Begins the tour of the present lab, at the lab's default.
pub fn begin(room: Room) {
    let page = room.page;
    room.lesson.set(None);
    page.reset();
    room.walk.set(tour(page.lab_untracked().slug()).map(|tour| Walk { tour, at: 0 }));
}

/// What stands below the lab while there is a tour.
pub fn bar(room: Room) -> AnyView {
    let page = room.page;
    // The state in which a stop began.
    let begun = StoredValue::new(None::<(usize, Setup)>);
    let done = Memo::new(move |before: Option<&(usize, bool)>| {
        let Some(walk) = room.walk.get() else { return (0, false) };
        let now = page.setup.get();
        if begun.with_value(|b| b.as_ref().is_none_or(|(at, _)| *at != walk.at)) {
            begun.set_value(Some((walk.at, now.clone())));
        }
        let focus = page.focus.get();
        let (Some(run), Some(stop)) = (page.good.get(), walk.tour.stops.get(walk.at)) else {
            return (walk.at, false);
        };
        let seen = |start: &Setup| {
            stop.until.done(&Seen {
                lab: page.lab(),
                before: start,
                now: &now,
                focus: focus.as_ref(),
                run: run.as_ref(),
            })
        };
        // What was done once stays done, also when the pointer leaves.
        let was = before.is_some_and(|(at, done)| *at == walk.at && *done);
        (walk.at, was || begun.with_value(|b| b.as_ref().is_some_and(|(_, start)| seen(start))))
    });
    // Another lab ends the tour.
    Effect::new(move |_| {
        let slug = page.lab().slug();
        if room.walk.with_untracked(|w| w.is_some_and(|w| w.tour.lab != slug)) {
            room.walk.set(None);
        }
    });
    let walking = Memo::new(move |_| room.walk.with(|w| w.map(|w| w.at)));
    part(move || match walking.get() {
        Some(at) => stop_view(room, at, Signal::derive(move || done.get().1)),
        None => {
            begun.set_value(None);
            ().into_any()
        }
    })
    .into_any()
}

fn stop_view(room: Room, at: usize, done: Signal<bool>) -> AnyView {
    let page = room.page;
    let Some(walk) = room.walk.get_untracked() else { return ().into_any() };
    let (stop, all): (Option<&Stop>, usize) = (walk.tour.stops.get(at), walk.tour.stops.len());
    let Some(stop) = stop else {
        return view! {
            <aside class="lesson-bar" aria-label=move || room.words().tour>
                <p class="lesson-text" role="status"><b>{move || room.words().tour_end}</b></p>
                <button type="button" class="primary" on:click=move |_| room.walk.set(None)>{move || page.words().close}</button>
            </aside>
        }
        .into_any();
    };
    let told = move || fill(room.words().lesson_at, &[("n", (at + 1).to_string()), ("all", all.to_string())]);
    let say = move || page.lang.get().pick(stop.say[0], stop.say[1]);
    let go = move |to: usize| room.walk.set(Some(Walk { at: to, ..walk }));
    let show = move |_| {
        let (_, pairs) = link::split(&format!("#/{}?{}", walk.tour.lab, stop.way));
        if let Err(refusal) = page.open(page.lab.get_untracked(), &pairs, false) {
            page.report(&[refusal]);
        }
    };
    view! {
        <aside class="lesson-bar" class:done=live(move || done.get()) aria-label=move || room.words().tour>
            <div class="lesson-text">
                <b>{move || room.words().tour}</b>" "<small>{told}</small>
                <p>{say}</p>
                <p role="status" class="tour-done">{live(move || if done.get() { room.words().tour_done } else { "" })}</p>
            </div>
            <div class="row">
                <button type="button" disabled=at == 0 on:click=move |_| go(at.saturating_sub(1))>"◀ "{move || room.words().lesson_back}</button>
                {(!stop.way.is_empty()).then(|| view! { <button type="button" class="quiet" on:click=show>{move || room.words().tour_show}</button> })}
                <button type="button" class:primary=live(move || done.get()) on:click=move |_| go(at + 1)>
                    {live(move || if done.get() { room.words().lesson_next } else { room.words().tour_skip })}" ▶"
                </button>
                <button type="button" class="icon quiet" aria-label=move || room.words().tour_leave on:click=move |_| room.walk.set(None)>"✕"</button>
            </div>
        </aside>
    }
    .into_any()
}
